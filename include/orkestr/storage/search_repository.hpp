// What a catalogue is searched by. As in repositories.hpp.
#pragma once

#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

class SearchRepository {
 public:
  virtual ~SearchRepository() = default;
};

} // namespace orkestr::inline v1::storage
