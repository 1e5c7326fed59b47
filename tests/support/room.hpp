// An offering to book, for tests, campaigns and benchmarks that are about something else.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::support {

[[nodiscard]] inline Offering room() {
  Offering offering;
  offering.title = "Room";
  offering.product_type_key = "space";
  offering.status = OfferingStatus::published;
  return offering;
}

/// From midnight to midnight, an hour each.
[[nodiscard]] inline AvailabilityRule all_day(int capacity) {
  AvailabilityRule rule;
  rule.end_time = {1440};
  rule.capacity = capacity;
  return rule;
}

/// Makes the offering, with that rule on every day of the week.
inline Result<Offering> open_daily(WriteContext& cx, const Offering& draft, AvailabilityRule rule) {
  json::Reader reader;
  ORKESTR_TRY(const auto made, create_offering(cx, draft, reader));
  rule.offering_id = made.id;
  for (rule.day_of_week = 0; rule.day_of_week < 7; ++rule.day_of_week) ORKESTR_CHECK(create_rule(cx, rule, reader));
  return made;
}

} // namespace orkestr::support
