// The slots of a Sunday on which clocks change, to see that headers, library and time zones are there.
#include <orkestr/engine/availability.hpp>

#include <cstdio>

using namespace orkestr;

int main() {
  AvailabilityRule rule;
  rule.start_time = *LocalTime::parse("15:00");
  rule.end_time = *LocalTime::parse("16:00");
  const Schedule schedule{.zone = Zone::find("America/Chicago").value(), .rules = {&rule, 1}, .exceptions = {}};
  const Interval day{*Instant::parse("2025-03-09T00:00:00Z"), *Instant::parse("2025-03-10T00:00:00Z")};
  const auto slots = expand(schedule, day, {}, Audience::provider, day.start).value();
  std::printf("%s\n", to_string(slots.at(0).interval.start).c_str());
  return to_string(slots.at(0).interval.start) == "2025-03-09T20:00:00Z" ? 0 : 1;
}
