// Random schedules for the tests that compare expand() with another implementation.
#pragma once

#include "engine/fixtures.hpp"

#include <date/tz.h>

#include <memory>

namespace fixtures {

/// Zones whose clocks do something unusual in 2010–2037, and some that do not: half hours, missing days and midnights,
/// changes at midnight, around Ramadan, of two hours, of the standard offset, and no changes at all.
inline constexpr const char* odd_zones[] = {"Australia/Lord_Howe",
                                            "Pacific/Apia",
                                            "Africa/Cairo",
                                            "Antarctica/Troll",
                                            "Africa/Casablanca",
                                            "America/St_Johns",
                                            "Pacific/Chatham",
                                            "Asia/Kathmandu",
                                            "Asia/Tehran",
                                            "Asia/Gaza",
                                            "America/Sao_Paulo",
                                            "America/Asuncion",
                                            "America/Havana",
                                            "Asia/Beirut",
                                            "Africa/El_Aaiun",
                                            "Asia/Hebron",
                                            "Asia/Amman",
                                            "Asia/Damascus",
                                            "America/Santiago",
                                            "Europe/Istanbul",
                                            "Europe/Moscow",
                                            "Asia/Pyongyang",
                                            "America/Caracas",
                                            "Pacific/Fakaofo",
                                            "Pacific/Norfolk",
                                            "Antarctica/Casey",
                                            "America/New_York",
                                            "America/Chicago",
                                            "America/Los_Angeles",
                                            "Europe/London",
                                            "Europe/Dublin",
                                            "Europe/Madrid",
                                            "Europe/Chisinau",
                                            "Asia/Kolkata",
                                            "Asia/Tokyo",
                                            "Australia/Sydney",
                                            "Australia/Adelaide",
                                            "Pacific/Auckland",
                                            "Pacific/Kiritimati",
                                            "Pacific/Fiji",
                                            "Pacific/Tongatapu",
                                            "America/Nuuk",
                                            "America/Scoresbysund",
                                            "America/Mexico_City",
                                            "America/Ciudad_Juarez",
                                            "America/Port-au-Prince",
                                            "America/Cancun",
                                            "America/Metlakatla",
                                            "Africa/Tripoli",
                                            "Africa/Windhoek",
                                            "Africa/Juba",
                                            "Asia/Jerusalem",
                                            "Asia/Ulaanbaatar",
                                            "Asia/Novosibirsk",
                                            "Europe/Volgograd",
                                            "Atlantic/Azores",
                                            "America/Grand_Turk",
                                            "America/Araguaina",
                                            "Pacific/Bougainville",
                                            "UTC"};

inline const std::int64_t first_second = std::int64_t{LocalDate::of(2010, 1, 1).days} * 86'400;
inline const std::int64_t last_second = std::int64_t{LocalDate::of(2037, 12, 1).days} * 86'400;

/// The zone's changes of offset in 2010–2037, in UTC seconds.
inline std::vector<std::int64_t> transitions(const date::time_zone& zone) {
  std::vector<std::int64_t> found;
  for (std::int64_t t = first_second;;) {
    t = zone.get_info(date::sys_seconds{std::chrono::seconds{t}}).end.time_since_epoch().count();
    if (t >= last_second) return found;
    found.push_back(t);
  }
}

/// One question to expand(), with all that its Schedule borrows.
struct Scenario {
  std::string zone_name;
  Zone zone;
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions;
  std::vector<Occupancy> taken;
  int buffer_before = 0, buffer_after = 0, notice = 0, advance_days = 365;
  Interval range;
  Audience audience = Audience::provider;
  Instant now;
  bool near_transition = false;

  [[nodiscard]] Schedule schedule() const { return {zone, rules, exceptions, buffer_before, buffer_after, notice, advance_days}; }

  /// One line of JSON: what the other implementation reads, and what a failure prints.
  [[nodiscard]] std::string to_json() const {
    std::string text;
    json::Writer w(text);
    const auto put = [&](std::string_view key, const auto& value) {
      w.key(key);
      json::write(w, value);
    };
    w.begin_object();
    put("zone", zone_name);
    put("from", range.start.ms);
    put("to", range.end.ms);
    put("now", now.ms);
    put("customer", audience == Audience::customer);
    put("bufferBefore", buffer_before);
    put("bufferAfter", buffer_after);
    put("notice", notice);
    put("advanceDays", advance_days);
    put("rules", rules);
    put("exceptions", exceptions);
    w.key("taken");
    w.begin_array();
    for (const auto& claim : taken) {
      w.begin_array();
      w.integer(claim.interval.start.ms);
      w.integer(claim.interval.end.ms);
      w.integer(claim.quantity);
      w.end_array();
    }
    w.end_array();
    w.end_object();
    return text;
  }
};

/// Slots as `startMs endMs capacity remaining`, for comparing and printing.
inline std::string slot_line(const std::vector<Slot>& slots) {
  std::string text;
  for (const auto& slot : slots)
    for (const std::int64_t number :
         {slot.interval.start.ms, slot.interval.end.ms, std::int64_t{slot.capacity}, std::int64_t{slot.remaining}})
      text.append(text.empty() ? "" : " ").append(std::to_string(number));
  return text;
}

class ScenarioMaker {
 public:
  ScenarioMaker(std::uint64_t seed, int max_range_days) : dice_(seed), max_range_minutes_(max_range_days * 1440) {
    for (const char* name : odd_zones) {
      const auto* impl = date::locate_zone(name);
      places_.push_back({name, fixtures::zone(name), impl, transitions(*impl)});
    }
  }

  Scenario next() {
    const Place& place = dice_.pick(places_);
    Scenario s;
    s.zone_name = place.name;
    s.zone = place.zone;
    s.near_transition = !place.transitions.empty() && dice_.chance(55);
    const std::int64_t anchor =
        s.near_transition ? dice_.pick(place.transitions) + dice_.between(-20, 20) * 3600 : dice_.between(first_second, last_second);
    std::int64_t minutes = dice_.chance(70) ? dice_.between(720, max_range_minutes_) : dice_.between(1, 2 * 1440);
    s.range.start = Instant::from_seconds((anchor / 60 - (s.near_transition ? dice_.between(0, minutes) : 0)) * 60);
    if (dice_.chance(40)) s.range.start.ms -= s.range.start.ms % (15 * 60'000);
    s.range.end = s.range.start + std::chrono::minutes{minutes};
    // Nothing says that a range or a clock reads whole minutes.
    if (dice_.chance(10)) s.range.start.ms += dice_.between(1, 59'999);
    if (dice_.chance(10)) s.range.end.ms += dice_.between(1, 59'999);

    // The wall clock where the range begins, roughly: only to aim dates at the range.
    local_ = {s.range.start.ms / 1000 +
              place.impl->get_info(date::sys_seconds{std::chrono::seconds{s.range.start.ms / 1000}}).offset.count()};
    const int days = static_cast<int>(minutes / 1440) + 1;
    for (int n = dice_.roll(0, 5); n > 0; --n) s.rules.push_back(rule(s, days));
    for (int n = dice_.chance(60) ? dice_.roll(1, 4) : 0; n > 0; --n) s.exceptions.push_back(exception(days));
    if (dice_.chance(50)) {
      s.buffer_before = dice_.roll(0, 3) * 15 + (dice_.chance(20) ? 7 : 0);
      s.buffer_after = dice_.roll(0, 3) * 15 + (dice_.chance(20) ? 3 : 0);
    }
    for (int n = dice_.chance(75) ? dice_.roll(1, 12) : 0; n > 0; --n) s.taken.push_back(claim(s.range, minutes));
    if (dice_.chance(50)) s.audience = Audience::customer;
    s.now = s.range.start + std::chrono::minutes{dice_.between(-3 * 1440, std::min<std::int64_t>(minutes, 1440))};
    if (dice_.chance(20)) s.now.ms += dice_.between(1, 59'999);
    s.notice = dice_.chance(50) ? dice_.roll(0, 3000) : 0;
    s.advance_days = dice_.chance(50) ? dice_.roll(0, 6) : 365;
    return s;
  }

 private:
  struct Place {
    std::string name;
    Zone zone;
    const date::time_zone* impl;
    std::vector<std::int64_t> transitions;
  };

  LocalTime time_of_day() {
    static constexpr int grids[] = {60, 60, 30, 30, 15, 5, 1};
    // Clocks change at night: look there more often.
    const int last = dice_.chance(50) ? 4 * 60 : 1439;
    const int grid = dice_.pick(grids);
    return {static_cast<std::int16_t>(dice_.roll(0, last) / grid * grid)};
  }
  int minutes() {
    static constexpr int lengths[] = {60, 60, 60, 30, 30, 45, 90, 120, 15, 20, 240, 480, 1440};
    return dice_.chance(85) ? dice_.pick(lengths) : dice_.roll(7, 400);
  }
  std::optional<int> step() {
    static constexpr int steps[] = {15, 30, 30, 60, 10, 20, 90, 300};
    if (!dice_.chance(35)) return std::nullopt;
    return dice_.chance(85) ? dice_.pick(steps) : dice_.roll(6, 200);
  }

  AvailabilityRule rule(const Scenario& s, int days) {
    AvailabilityRule rule;
    if (!s.rules.empty() && dice_.chance(30)) {
      rule = dice_.pick(s.rules); // a near copy yields identical slots, which merge
      rule.capacity = dice_.roll(1, 6);
      if (dice_.chance(30)) rule.end_time = time_of_day();
      if (dice_.chance(20)) rule.day_of_week = dice_.roll(0, 6);
      return rule;
    }
    rule.day_of_week = (local_.date() + dice_.roll(-1, days)).day_of_week();
    rule.start_time = time_of_day();
    rule.end_time = dice_.chance(15) ? LocalTime{1440} : dice_.chance(8) ? rule.start_time : time_of_day();
    if (dice_.chance(50) && rule.end_time < rule.start_time && rule.end_time.minutes > 0) std::swap(rule.start_time, rule.end_time);
    rule.slot_minutes = minutes();
    rule.step_minutes = step();
    rule.capacity = dice_.roll(1, 6);
    if (dice_.chance(20)) rule.valid_from = local_.date() + dice_.roll(-3, days);
    if (dice_.chance(20)) rule.valid_until = local_.date() + dice_.roll(-1, days + 2);
    return rule;
  }

  AvailabilityException exception(int days) {
    AvailabilityException exception;
    exception.kind = dice_.chance(50) ? ExceptionKind::block : ExceptionKind::open;
    const std::int64_t grid = dice_.chance(70) ? 30 : 1;
    const std::int64_t start = local_.seconds / 60 / 1440 * 1440 + dice_.between(-1440, (days + 1) * 1440) / grid * grid;
    const std::int64_t length = std::max(grid, dice_.between(1, dice_.chance(60) ? 400 : 2 * 1440) / grid * grid);
    exception.starts_at = {start * 60};
    exception.ends_at = {(start + length) * 60};
    if (exception.kind == ExceptionKind::open) {
      if (dice_.chance(60)) exception.slot_minutes = minutes();
      if (dice_.chance(30)) exception.step_minutes = step();
      if (dice_.chance(60)) exception.capacity = dice_.roll(1, 6);
    }
    return exception;
  }

  Occupancy claim(Interval range, std::int64_t minutes) {
    const std::int64_t grid = dice_.chance(60) ? 30 : 1;
    const std::int64_t start = range.start.ms / 60'000 / grid * grid + dice_.between(-300, minutes + 300) / grid * grid;
    const std::int64_t length = dice_.chance(5) ? 0 : dice_.between(1, dice_.chance(70) ? 180 : 1600);
    return {{Instant{start * 60'000}, Instant{(start + length) * 60'000}}, dice_.roll(1, 4)};
  }

  Dice dice_;
  std::int64_t max_range_minutes_;
  std::vector<Place> places_;
  LocalDateTime local_;
};

} // namespace fixtures
