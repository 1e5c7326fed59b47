// Where within its leeway a retry falls.
#pragma once

#include "orkestr/ports/random.hpp"

#include <cstdint>

namespace orkestr::inline v1 {

/// From [0, 1).
[[nodiscard]] inline double spread(Random& random) {
  std::uint8_t bytes[4];
  random.fill(bytes);
  std::uint32_t number = 0;
  for (auto byte : bytes) number = number << 8 | byte;
  return number / 4294967296.0;
}

} // namespace orkestr::inline v1
