// What the assistant has cost a tenant. As in repositories.hpp.
#pragma once

#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

class AssistantRepository {
 public:
  virtual ~AssistantRepository() = default;
};

} // namespace orkestr::inline v1::storage
