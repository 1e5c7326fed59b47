// Prints a week as a calendar: what is free, what is full, what is closed. The engine alone, no store and no server.
//
//   cmake --build --preset dev --target example_slots && build/dev/examples/example_slots
#include <orkestr/engine/availability.hpp>

#include <cstdio>
#include <map>

using namespace orkestr;

namespace {

AvailabilityRule open_on(int day, const char* from, const char* to, int capacity) {
  AvailabilityRule rule;
  rule.day_of_week = day;
  rule.start_time = *LocalTime::parse(from);
  rule.end_time = *LocalTime::parse(to);
  rule.capacity = capacity;
  return rule;
}

Interval hours(const char* start, int n) {
  const Instant from = *Instant::parse(start);
  return {from, from + std::chrono::hours{n}};
}

const char* cell(SlotReason reason, int remaining) {
  static char text[8];
  if (reason == SlotReason::offered) return std::snprintf(text, sizeof text, "%d", remaining), text;
  return reason == SlotReason::capacity ? "full" : reason == SlotReason::held ? "held" : reason == SlotReason::blocked ? "#" : "late";
}

} // namespace

int main() {
  // A studio in New York with two desks; nights on Saturday, when the clocks change (2026-03-08).
  std::vector<AvailabilityRule> rules;
  for (int day = 1; day <= 5; ++day) rules.push_back(open_on(day, "09:00", "13:00", 2));
  rules.push_back(open_on(6, "22:00", "05:00", 1));

  AvailabilityException holiday;
  holiday.kind = ExceptionKind::block;
  holiday.starts_at = *LocalDateTime::parse("2026-03-04T00:00");
  holiday.ends_at = *LocalDateTime::parse("2026-03-04T11:00");

  const Zone zone = Zone::find("America/New_York").value();
  const Schedule schedule{.zone = zone, .rules = rules, .exceptions = {&holiday, 1}};

  const std::vector<Occupancy> taken{{hours("2026-03-02T15:00:00Z", 1), 2},        // both desks
                                     {hours("2026-03-03T14:00:00Z", 2), 1},        // one of them
                                     {hours("2026-03-05T16:00:00Z", 1), 2, true}}; // held, not yet booked
  const Instant now = *Instant::parse("2026-03-02T14:30:00Z");                     // Monday, 09:30 there
  const LocalDate monday = *LocalDate::parse("2026-03-02");
  ZoneClock clock(zone);
  const Interval week{clock.to_instant(LocalDateTime::of(monday, {})), clock.to_instant(LocalDateTime::of(monday + 7, {}))};

  std::map<int, std::map<int, std::string>> calendar; // hour, day, cell
  for (const auto& [slot, reason] : explain(schedule, week, 1, taken, now).value()) {
    const LocalDateTime wall = clock.to_local(slot.interval.start);
    calendar[wall.second_of_day() / 3600][wall.date().days - monday.days] = cell(reason, slot.remaining);
  }

  std::printf("      ");
  for (int day = 0; day < 7; ++day) std::printf("%-7s", to_string(monday + day).substr(5).c_str());
  std::printf("\n");
  for (auto& [hour, days] : calendar) {
    std::printf("%02d:00 ", hour);
    for (int day = 0; day < 7; ++day) std::printf("%-7s", days[day].empty() ? "." : days[day].c_str());
    std::printf("\n");
  }
  std::printf("\n2 units left, full, held, # blocked, late too late to book, . closed.\n");
  const auto why = explain_at(schedule, *LocalDateTime::parse("2026-03-08T02:00"), 1, taken, now);
  std::printf("Sunday at 02:00: %s: %s\n", std::string{json::name_of(why.reason)}.c_str(), why.detail.c_str());
}
