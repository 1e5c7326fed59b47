// The data of an event as JSON.
#pragma once

#include "orkestr/base/json.hpp"

#include <string>

namespace orkestr::inline v1 {

/// `{…}` with the members that `fill(put)` puts, in that order: `put(key, value)`.
template <class Fill> [[nodiscard]] std::string event_json(Fill&& fill) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  fill([&](std::string_view key, const auto& value) {
    w.key(key);
    json::write(w, value);
  });
  w.end_object();
  return data;
}

} // namespace orkestr::inline v1
