#include <orkestr/engine/availability.hpp>

#include <iostream>

int main() {
  using namespace orkestr;
  AvailabilityRule friday_night;
  friday_night.day_of_week = 5;
  friday_night.start_time = *LocalTime::parse("22:00");
  friday_night.end_time = *LocalTime::parse("01:00"); // the next day
  friday_night.capacity = 2;

  const Zone zone = Zone::find("America/New_York").value();
  const Schedule schedule{.zone = zone, .rules = {&friday_night, 1}, .exceptions = {}};
  const Interval week{*Instant::parse("2026-05-11T00:00:00Z"), *Instant::parse("2026-05-18T00:00:00Z")};
  const Occupancy taken{{*Instant::parse("2026-05-16T03:00:00Z"), *Instant::parse("2026-05-16T04:00:00Z")}, 1};

  const auto slots = expand(schedule, week, {&taken, 1}, Audience::provider, week.start);
  for (const auto& slot : slots.value())
    std::cout << to_string(slot.interval.start) << "  " << slot.remaining << " of " << slot.capacity << " left\n";
}
