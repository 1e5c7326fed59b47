// What was translated for a tenant, by whom, and what is still to be. As in repositories.hpp.
#pragma once

#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

class TranslationRepository {
 public:
  virtual ~TranslationRepository() = default;
};

} // namespace orkestr::inline v1::storage
