// What the routes of calendars answer.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {
namespace api {

/// A calendar that was made: its address is shown this once.
struct MadeCalendar {
  std::string url;
};
struct CalendarState {
  std::optional<std::string> url; ///< never told again
  std::optional<Instant> created_at;
};

} // namespace api

namespace json {
template <> struct Schema<api::MadeCalendar> {
  static constexpr auto fields = std::make_tuple(field("url", &api::MadeCalendar::url, out));
};
template <> struct Schema<api::CalendarState> {
  using T = api::CalendarState;
  static constexpr auto fields = std::make_tuple(field("url", &T::url, out), field("createdAt", &T::created_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
