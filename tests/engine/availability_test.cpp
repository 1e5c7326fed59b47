// What expand() and check_bookable() promise, one promise a test; the oracle tests cover what nobody thought of.
#include "engine/fixtures.hpp"

#include <algorithm>

using namespace fixtures;

namespace {

enum Day { sunday, monday, tuesday, wednesday, thursday, friday, saturday };

AvailabilityRule rule(int day, std::string_view from, std::string_view to, int slot_minutes = 60, int capacity = 1,
                      std::optional<int> step = {}) {
  AvailabilityRule rule;
  rule.day_of_week = day;
  rule.start_time = time(from);
  rule.end_time = time(to);
  rule.slot_minutes = slot_minutes;
  rule.capacity = capacity;
  rule.step_minutes = step;
  return rule;
}

std::vector<AvailabilityRule> daily(std::string_view from, std::string_view to, int slot_minutes = 60, int capacity = 1) {
  std::vector<AvailabilityRule> rules;
  for (int day = 0; day < 7; ++day) rules.push_back(rule(day, from, to, slot_minutes, capacity));
  return rules;
}

AvailabilityException exception(ExceptionKind kind, std::string_view from, std::string_view to) {
  AvailabilityException exception;
  exception.kind = kind;
  exception.starts_at = wall(from);
  exception.ends_at = wall(to);
  return exception;
}
AvailabilityException block(std::string_view from, std::string_view to) { return exception(ExceptionKind::block, from, to); }
AvailabilityException open(std::string_view from, std::string_view to, std::optional<int> slot = {}, std::optional<int> capacity = {},
                           std::optional<int> step = {}) {
  auto open = exception(ExceptionKind::open, from, to);
  open.slot_minutes = slot;
  open.capacity = capacity;
  open.step_minutes = step;
  return open;
}

constexpr Instant long_ago{0};

/// An offering with the parts that a test sets; asks from local midnight to local midnight.
struct Place {
  std::string_view zone_name = "UTC";
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions = {};
  std::vector<Occupancy> taken = {};
  int before = 0, after = 0, notice = 0, advance_days = 365;

  [[nodiscard]] Schedule schedule() const { return {fixtures::zone(zone_name), rules, exceptions, before, after, notice, advance_days}; }
  [[nodiscard]] Interval days(std::string_view from, std::string_view to) const {
    ZoneClock clock(fixtures::zone(zone_name));
    return {clock.to_instant(LocalDateTime::of(date(from), {0})), clock.to_instant(LocalDateTime::of(date(to), {0}))};
  }
  [[nodiscard]] std::vector<Slot> slots(std::string_view from, std::string_view to, Audience audience = Audience::provider,
                                        Instant now = long_ago) const {
    const auto found = expand(schedule(), days(from, to), taken, audience, now);
    REQUIRE(found);
    return *found;
  }
  /// Starts on the wall: `22:30 23:00`.
  [[nodiscard]] std::string on_the_wall(std::string_view from, std::string_view to, Audience audience = Audience::provider,
                                        Instant now = long_ago) const {
    ZoneClock clock(fixtures::zone(zone_name));
    std::string text;
    for (const auto& slot : slots(from, to, audience, now))
      text.append(text.empty() ? "" : " ").append(to_string(clock.to_local(slot.interval.start)).substr(11));
    return text;
  }
  /// Starts in UTC: `2025-03-09T20:00Z`.
  [[nodiscard]] std::string in_utc(std::string_view from, std::string_view to) const {
    std::string text;
    for (const auto& slot : slots(from, to))
      text.append(text.empty() ? "" : " ").append(to_string(slot.interval.start).substr(0, 16)).append("Z");
    return text;
  }
  /// `remaining/capacity` of each slot.
  [[nodiscard]] std::string units(std::string_view from, std::string_view to) const {
    std::string text;
    for (const auto& slot : slots(from, to))
      text.append(text.empty() ? "" : " ").append(std::to_string(slot.remaining)).append("/").append(std::to_string(slot.capacity));
    return text;
  }
  [[nodiscard]] std::string book(std::string_view from, std::string_view to, int quantity = 1, bool whole_days = false,
                                 Audience audience = Audience::provider, Instant now = long_ago) const {
    return outcome(check_bookable(schedule(), span(from, to), quantity, whole_days, taken, audience, now));
  }
};

Occupancy claim(std::string_view from, std::string_view to, int quantity = 1) { return {span(from, to), quantity}; }

} // namespace

// ---- The cases that users of booking systems met -----------------------------------------------------------------

TEST_CASE("case 1: afternoons in Chicago on the days the clocks change") {
  const std::string_view spring = "2025-03-09", autumn = "2025-11-02";
  CHECK(Place{"America/Chicago", {rule(sunday, "15:00", "16:00")}}.in_utc(spring, "2025-03-10") == "2025-03-09T20:00Z");
  CHECK(Place{"America/Chicago", {rule(sunday, "13:00", "17:00")}}.in_utc(autumn, "2025-11-03") ==
        "2025-11-02T19:00Z 2025-11-02T20:00Z 2025-11-02T21:00Z 2025-11-02T22:00Z");
}

TEST_CASE("case 2: windows over the change itself") {
  struct Row {
    std::string_view zone, from, to;
    int day, slot_minutes;
    std::string_view date, next, expected;
  };
  static constexpr Row table[] = {
      {"America/Chicago", "02:00", "03:00", sunday, 60, "2025-03-09", "2025-03-10", ""},
      {"America/Chicago", "01:00", "04:00", sunday, 60, "2025-03-09", "2025-03-10", "2025-03-09T07:00Z 2025-03-09T08:00Z"},
      {"America/Chicago", "00:00", "04:00", sunday, 60, "2025-11-02", "2025-11-03",
       "2025-11-02T05:00Z 2025-11-02T06:00Z 2025-11-02T07:00Z 2025-11-02T08:00Z 2025-11-02T09:00Z"},
      {"Africa/Cairo", "00:00", "02:00", friday, 60, "2024-04-26", "2024-04-27", "2024-04-25T22:00Z"},
      {"Australia/Lord_Howe", "01:00", "02:30", sunday, 30, "2025-04-06", "2025-04-07",
       "2025-04-05T14:00Z 2025-04-05T14:30Z 2025-04-05T15:00Z 2025-04-05T15:30Z"},
  };
  for (const auto& row : table) {
    CAPTURE(row.zone);
    CAPTURE(row.from);
    CAPTURE(row.date);
    CHECK(Place{row.zone, {rule(row.day, row.from, row.to, row.slot_minutes)}}.in_utc(row.date, row.next) == row.expected);
  }
}

TEST_CASE("case 3: a zone of half an hour, whoever looks") {
  const Place kolkata{"Asia/Kolkata", {rule(monday, "07:30", "12:00")}};
  CHECK(kolkata.on_the_wall("2026-05-11", "2026-05-12") == "07:30 08:30 09:30 10:30");
  // The range may be given from elsewhere; the slots are those of the offering's wall.
  const auto seen =
      expand(kolkata.schedule(), span("2026-05-11T00:00:00-07:00", "2026-05-12T00:00:00-07:00"), {}, Audience::provider, long_ago);
  CHECK(seen.value().empty()); // Monday 07:30 in Kolkata is Sunday evening in Los Angeles
  const auto day_before =
      expand(kolkata.schedule(), span("2026-05-10T00:00:00-07:00", "2026-05-11T00:00:00-07:00"), {}, Audience::provider, long_ago);
  CHECK(day_before.value().size() == 4);
}

TEST_CASE("case 4: a night that spills over") {
  Place club{"Europe/Madrid", {rule(friday, "22:30", "02:00", 60, 1, 30)}};
  CHECK(club.on_the_wall("2026-05-15", "2026-05-18") == "22:30 23:00 23:30 00:00 00:30 01:00");
  CHECK(club.on_the_wall("2026-05-16", "2026-05-17") == "00:00 00:30 01:00"); // from=Saturday
  CHECK(club.on_the_wall("2026-05-15", "2026-05-16") == "22:30 23:00 23:30");
  club.exceptions = {block("2026-05-16T00:00", "2026-05-17T00:00")};
  CHECK(club.on_the_wall("2026-05-15", "2026-05-18") == "22:30 23:00");
}

TEST_CASE("case 5: a block of Monday in Los Angeles") {
  Place place{"America/Los_Angeles", daily("09:00", "18:00")};
  const auto all = place.slots("2026-05-10", "2026-05-13");
  place.exceptions = {block("2026-05-11T00:00", "2026-05-12T00:00")};
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12").empty()); // with 17:00, which is Tuesday in UTC
  const auto left = place.slots("2026-05-10", "2026-05-13");
  CHECK(left.size() == all.size() - 9);
  for (const auto& slot : left) CHECK_FALSE(slot.interval.overlaps(place.days("2026-05-11", "2026-05-12")));
}

TEST_CASE("case 6: a day-wide advance limit ends with the local day") {
  const Place place{.zone_name = "America/New_York", .rules = daily("00:00", "24:00"), .advance_days = 1};
  const Instant now = at("2026-05-12T13:00:00-04:00");
  // Not at 13:00 tomorrow, and not at midnight in UTC.
  const auto slots = place.slots("2026-05-12", "2026-05-16", Audience::customer, now);
  REQUIRE(slots.size() == 11 + 24);
  CHECK(slots.back().interval.start == at("2026-05-13T23:00:00-04:00"));
  CHECK(place.book("2026-05-13T23:00:00-04:00", "2026-05-14T00:00:00-04:00", 1, false, Audience::customer, now) == "ok");
  CHECK(place.book("2026-05-14T00:00:00-04:00", "2026-05-14T01:00:00-04:00", 1, false, Audience::customer, now) == "slot_unavailable");
  // Days are counted on the wall: tomorrow has 25 hours here.
  const auto autumn = place.slots("2026-11-01", "2026-11-05", Audience::customer, at("2026-10-31T23:30:00-04:00"));
  REQUIRE(autumn.size() == 25);
  CHECK(autumn.back().interval.start == at("2026-11-01T23:00:00-05:00"));
}

// ---- Windows -----------------------------------------------------------------------------------------------------

TEST_CASE("00:00-04:00 in New York has 4 slots, 3 in spring, 5 in autumn") {
  const Place place{"America/New_York", daily("00:00", "04:00")};
  CHECK(place.slots("2026-05-12", "2026-05-13").size() == 4);
  CHECK(place.slots("2026-03-08", "2026-03-09").size() == 3);
  CHECK(place.slots("2026-11-01", "2026-11-02").size() == 5);
}

TEST_CASE("windows end at 24:00 and run into the next day") {
  CHECK(Place{"UTC", {rule(monday, "22:00", "24:00")}}.in_utc("2026-05-11", "2026-05-13") == "2026-05-11T22:00Z 2026-05-11T23:00Z");
  CHECK(Place{"UTC", {rule(monday, "22:00", "00:00")}}.in_utc("2026-05-11", "2026-05-13") == "2026-05-11T22:00Z 2026-05-11T23:00Z");
  CHECK(Place{"UTC", {rule(monday, "23:00", "01:00")}}.in_utc("2026-05-11", "2026-05-13") == "2026-05-11T23:00Z 2026-05-12T00:00Z");
  const Place around{"UTC", {rule(monday, "09:00", "09:00", 240)}}; // equal times: a whole day
  CHECK(around.on_the_wall("2026-05-11", "2026-05-13") == "09:00 13:00 17:00 21:00 01:00 05:00");
}

TEST_CASE("an ambiguous start is the earlier, an ambiguous end the later") {
  // In New York 01:00-02:00 happens twice on 2026-11-01, from 05:00Z to 07:00Z.
  CHECK(Place{"America/New_York", {rule(sunday, "01:00", "02:00")}}.in_utc("2026-11-01", "2026-11-02") ==
        "2026-11-01T05:00Z 2026-11-01T06:00Z");
  CHECK(Place{"America/New_York", {rule(sunday, "00:30", "01:30")}}.in_utc("2026-11-01", "2026-11-02") ==
        "2026-11-01T04:30Z 2026-11-01T05:30Z");
  CHECK(Place{"America/New_York", {rule(sunday, "01:30", "02:30")}}.in_utc("2026-11-01", "2026-11-02") ==
        "2026-11-01T05:30Z 2026-11-01T06:30Z");
}

TEST_CASE("a day that does not exist has no slots, and its night spills over") {
  // Apia went from Thursday 2011-12-29 to Saturday 2011-12-31.
  CHECK(Place{"Pacific/Apia", {rule(friday, "09:00", "17:00")}}.slots("2011-12-28", "2012-01-02").empty());
  CHECK(Place{"Pacific/Apia", {rule(friday, "22:00", "02:00")}}.on_the_wall("2011-12-28", "2012-01-02") == "00:00 01:00");
  CHECK(Place{"Pacific/Apia", {rule(thursday, "22:00", "02:00")}}.on_the_wall("2011-12-28", "2012-01-02") == "22:00 23:00");
}

TEST_CASE("validity is by the date on which a window begins, both ends included") {
  Place place{"UTC", daily("23:00", "01:00", 120)};
  for (auto& rule : place.rules) rule.valid_from = date("2026-05-12"), rule.valid_until = date("2026-05-13");
  CHECK(place.in_utc("2026-05-10", "2026-05-17") == "2026-05-12T23:00Z 2026-05-13T23:00Z");
  for (auto& rule : place.rules) rule.valid_from.reset();
  CHECK(place.in_utc("2026-05-10", "2026-05-17") == "2026-05-10T23:00Z 2026-05-11T23:00Z 2026-05-12T23:00Z 2026-05-13T23:00Z");
}

TEST_CASE("only whole slots, one every step") {
  CHECK(Place{"UTC", {rule(monday, "09:00", "11:30")}}.on_the_wall("2026-05-11", "2026-05-12") == "09:00 10:00");
  CHECK(Place{"UTC", {rule(monday, "09:00", "11:00", 60, 1, 20)}}.on_the_wall("2026-05-11", "2026-05-12") == "09:00 09:20 09:40 10:00");
  CHECK(Place{"UTC", {rule(monday, "09:00", "12:00", 30, 1, 75)}}.on_the_wall("2026-05-11", "2026-05-12") == "09:00 10:15 11:30");
  CHECK(Place{"UTC", {rule(monday, "09:00", "09:59")}}.slots("2026-05-11", "2026-05-12").empty());
}

TEST_CASE("a slot belongs to the range in which it starts, and its grid to its window") {
  const Place place{"UTC", {rule(monday, "09:00", "12:00", 45)}};
  const auto slots = [&](std::string_view from, std::string_view to) {
    std::string text;
    for (const auto& slot : expand(place.schedule(), span(from, to), {}, Audience::provider, long_ago).value())
      text.append(text.empty() ? "" : " ").append(to_string(slot.interval.start).substr(11, 5));
    return text;
  };
  CHECK(slots("2026-05-11T09:00:00Z", "2026-05-11T10:30:00Z") == "09:00 09:45");
  CHECK(slots("2026-05-11T09:00:00.001Z", "2026-05-11T10:30:00.001Z") == "09:45 10:30");
  CHECK(slots("2026-05-11T10:31:00Z", "2026-05-12T00:00:00Z") == "11:15");
  CHECK(slots("2026-05-11T11:16:00Z", "2026-05-12T00:00:00Z").empty());
}

// ---- Exceptions and merging --------------------------------------------------------------------------------------

TEST_CASE("identical slots merge with the larger capacity; others overlap and are sorted") {
  const Place same{"UTC",
                   {rule(monday, "09:00", "11:00", 60, 2), rule(monday, "09:00", "10:00", 60, 5), rule(monday, "10:00", "11:00", 60, 1)}};
  CHECK(same.on_the_wall("2026-05-11", "2026-05-12") == "09:00 10:00");
  CHECK(same.units("2026-05-11", "2026-05-12") == "5/5 2/2");
  const Place mixed{"UTC",
                    {rule(monday, "09:30", "11:30", 60, 3), rule(monday, "09:00", "11:00", 60, 1), rule(monday, "09:00", "09:30", 30, 2)}};
  CHECK(mixed.on_the_wall("2026-05-11", "2026-05-12") == "09:00 09:00 09:30 10:00 10:30");
  CHECK(mixed.units("2026-05-11", "2026-05-12") == "2/2 1/1 3/3 1/1 3/3"); // at one start the shorter first
}

TEST_CASE("BLOCK removes what it overlaps by any amount, and beats OPEN") {
  Place place{"UTC", {rule(monday, "09:00", "13:00")}};
  place.exceptions = {block("2026-05-11T10:00", "2026-05-11T11:00")}; // half-open: neighbours stay
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12") == "09:00 11:00 12:00");
  place.exceptions = {block("2026-05-11T10:59", "2026-05-11T11:01")};
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12") == "09:00 12:00");
  place.exceptions = {open("2026-05-11T08:00", "2026-05-11T20:00"), block("2026-05-11T09:30", "2026-05-11T18:30"),
                      open("2026-05-11T10:00", "2026-05-11T12:00")};
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12") == "08:00 19:00");
  // Blocks that overlap, contain one another and come in no order.
  place.exceptions = {block("2026-05-11T11:30", "2026-05-11T11:40"), block("2026-05-11T09:00", "2026-05-11T11:45"),
                      block("2026-05-11T09:10", "2026-05-11T09:20")};
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12") == "12:00");
}

TEST_CASE("a block whose ends fall into one gap removes nothing") {
  const Place place{"America/Chicago", {rule(sunday, "01:00", "04:00")}, {block("2025-03-09T02:10", "2025-03-09T02:50")}};
  CHECK(place.in_utc("2025-03-09", "2025-03-10") == "2025-03-09T07:00Z 2025-03-09T08:00Z");
}

TEST_CASE("OPEN adds windows and borrows what it does not say from the first matching rule") {
  auto past = rule(monday, "06:00", "07:00", 15, 9);
  past.valid_until = date("2026-05-10");
  const std::vector<AvailabilityRule> rules{rule(sunday, "09:00", "10:00", 30, 7), past, rule(monday, "09:00", "10:00", 60, 4, 20),
                                            rule(monday, "09:00", "10:00", 45, 8)};
  const auto opened = [&](AvailabilityException exception, std::vector<AvailabilityRule> lenders) {
    // Days without windows of the rules themselves: 2026-05-18 is a Monday, so it has to be shifted out of them.
    Place place{"UTC", std::move(lenders), {exception}};
    const auto slots = place.slots("2026-05-11", "2026-05-18");
    std::string text;
    for (const auto& slot : slots) {
      const auto start = to_string(slot.interval.start);
      if (start.substr(11, 2) < "14") continue;
      text.append(text.empty() ? "" : " ")
          .append(start.substr(11, 5))
          .append("+")
          .append(std::to_string(slot.interval.length().count() / 60'000));
      text.append("x").append(std::to_string(slot.capacity));
    }
    return text;
  };
  // Monday: the first rule of Mondays that is still valid. It lends its step with its slot length.
  CHECK(opened(open("2026-05-11T14:00", "2026-05-11T15:20"), rules) == "14:00+60x4 14:20+60x4");
  CHECK(opened(open("2026-05-11T14:00", "2026-05-11T15:20", 40), rules) ==
        "14:00+40x4 14:40+40x4"); // a length of its own, so no borrowed step
  CHECK(opened(open("2026-05-11T14:00", "2026-05-11T15:20", 40, 2, 30), rules) == "14:00+40x2 14:30+40x2");
  CHECK(opened(open("2026-05-11T14:00", "2026-05-11T15:20", {}, {}, 10), rules) == "14:00+60x4 14:10+60x4 14:20+60x4");
  // Tuesday has no rule: the first of all. No rules at all: one unit by the hour.
  CHECK(opened(open("2026-05-12T14:00", "2026-05-12T15:00"), rules) == "14:00+30x7 14:30+30x7");
  CHECK(opened(open("2026-05-12T14:00", "2026-05-12T16:00"), {}) == "14:00+60x1 15:00+60x1");
}

TEST_CASE("an OPEN of several days keeps its grid across a range that begins inside it") {
  const Place place{"UTC", {}, {open("2026-05-11T10:00", "2026-05-13T10:00", 300)}};
  CHECK(place.in_utc("2026-05-12", "2026-05-13") ==
        "2026-05-12T01:00Z 2026-05-12T06:00Z 2026-05-12T11:00Z 2026-05-12T16:00Z 2026-05-12T21:00Z");
}

// ---- Occupancy ---------------------------------------------------------------------------------------------------

TEST_CASE("remaining is capacity less the peak, never below 0; half-open intervals do not touch") {
  Place place{"UTC", {rule(monday, "09:00", "12:00", 60, 5)}};
  struct Row {
    std::vector<Occupancy> taken;
    std::string_view expected;
  };
  const auto c = [](std::string_view from, std::string_view to, int quantity) {
    return claim("2026-05-11T" + std::string{from} + ":00Z", "2026-05-11T" + std::string{to} + ":00Z", quantity);
  };
  const Row table[] = {
      {{}, "5/5 5/5 5/5"},
      {{c("10:00", "11:00", 2)}, "5/5 3/5 5/5"},
      {{c("09:59", "10:01", 1)}, "4/5 4/5 5/5"},
      {{c("10:00", "10:30", 2), c("10:30", "11:00", 3)}, "5/5 2/5 5/5"}, // one after the other: the peak, not the sum
      {{c("10:00", "10:31", 2), c("10:30", "11:00", 3)}, "5/5 0/5 5/5"},
      {{c("10:30", "11:00", 3), c("10:00", "10:30", 2)}, "5/5 2/5 5/5"}, // in any order
      {{c("09:00", "12:00", 4), c("09:00", "12:00", 4)}, "0/5 0/5 0/5"},
      {{c("08:00", "13:00", 1)}, "4/5 4/5 4/5"},
      {{c("10:30", "10:30", 9)}, "5/5 5/5 5/5"}, // empty
      {{c("08:00", "09:00", 5), c("12:00", "13:00", 5)}, "5/5 5/5 5/5"},
  };
  for (const auto& row : table) {
    place.taken = row.taken;
    CAPTURE(row.expected);
    CHECK(place.units("2026-05-11", "2026-05-12") == row.expected);
  }
}

TEST_CASE("buffers widen what a slot looks at, to the minute") {
  Place place{"UTC", {rule(monday, "09:00", "13:00")}};
  place.taken = {claim("2026-05-11T10:00:00Z", "2026-05-11T11:00:00Z")};
  CHECK(place.units("2026-05-11", "2026-05-12") == "1/1 0/1 1/1 1/1");
  place.before = 1;
  CHECK(place.units("2026-05-11", "2026-05-12") == "1/1 0/1 0/1 1/1");
  place.before = 0, place.after = 1;
  CHECK(place.units("2026-05-11", "2026-05-12") == "0/1 0/1 1/1 1/1");
  place.before = 60, place.after = 0; // reaches back to 11:00 exactly, where the claim has ended
  CHECK(place.units("2026-05-11", "2026-05-12") == "1/1 0/1 0/1 1/1");
  place.before = 61;
  CHECK(place.units("2026-05-11", "2026-05-12") == "1/1 0/1 0/1 0/1");
}

TEST_CASE("a claim from another grid hides the slots it touches") {
  // Such as a booking 10:15-10:30 of another offering on the same resource.
  Place place{"UTC", {rule(monday, "09:00", "12:00")}};
  place.taken = {claim("2026-05-11T10:15:00Z", "2026-05-11T10:30:00Z")};
  CHECK(place.on_the_wall("2026-05-11", "2026-05-12", Audience::customer, at("2026-05-11T00:00:00Z")) == "09:00 11:00");
}

TEST_CASE("occupancy_range covers every claim that can change a slot of the range") {
  Place place{"UTC", {rule(monday, "09:00", "17:00", 90)}, {open("2026-05-12T09:00", "2026-05-12T17:00", 240)}};
  place.before = 15, place.after = 20;
  CHECK(occupancy_range(place.schedule(), span("2026-05-11T00:00:00Z", "2026-05-12T00:00:00Z")) ==
        span("2026-05-10T23:45:00Z", "2026-05-12T04:20:00Z"));
}

// ---- Audience ----------------------------------------------------------------------------------------------------

TEST_CASE("customers see free slots after the notice, providers see all") {
  Place place{.zone_name = "UTC",
              .rules = {rule(monday, "09:00", "14:00")},
              .taken = {claim("2026-05-11T11:00:00Z", "2026-05-11T12:00:00Z")},
              .notice = 90};
  const std::string_view from = "2026-05-11", to = "2026-05-12";
  CHECK(place.on_the_wall(from, to, Audience::customer, at("2026-05-11T08:30:00Z")) == "10:00 12:00 13:00"); // exactly 90 minutes will do
  CHECK(place.on_the_wall(from, to, Audience::customer, at("2026-05-11T08:30:00.001Z")) == "12:00 13:00");
  CHECK(place.on_the_wall(from, to, Audience::provider, at("2026-05-11T08:30:00.001Z")) == "09:00 10:00 11:00 12:00 13:00");
  CHECK(place.on_the_wall(from, to, Audience::customer, at("2026-05-12T08:30:00Z")).empty());
  place.advance_days = 0; // today only
  CHECK(place.on_the_wall(from, to, Audience::customer, at("2026-05-10T12:00:00Z")).empty());
  CHECK(place.on_the_wall(from, to, Audience::provider, at("2026-05-10T12:00:00Z")) == "09:00 10:00 11:00 12:00 13:00");
}

// ---- Errors ------------------------------------------------------------------------------------------------------

TEST_CASE("ranges that are empty, reversed, too long or too full are refused") {
  const Place place{"America/New_York", daily("09:00", "10:00")};
  const auto ask = [&](const Place& of, Interval range) { return outcome(expand(of.schedule(), range, {}, Audience::provider, long_ago)); };
  CHECK(ask(place, span("2026-05-11T00:00:00Z", "2026-05-11T00:00:00Z")) == "range_too_long");
  CHECK(ask(place, span("2026-05-12T00:00:00Z", "2026-05-11T00:00:00Z")) == "range_too_long");
  CHECK(ask(place, place.days("2026-01-01", "2027-01-02")) == "ok");
  CHECK(ask(place, place.days("2026-01-01", "2027-01-03")) == "range_too_long");
  CHECK(ask(place, place.days("2025-10-31", "2026-11-01")) == "ok"); // 366 days, one of them of 25 hours
  Place dense{"UTC", daily("00:00", "24:00")};
  for (auto& rule : dense.rules) rule.step_minutes = 1;
  CHECK(ask(dense, dense.days("2026-01-01", "2026-07-01")) == "ok"); // 249,961 slots
  CHECK(ask(dense, dense.days("2026-01-01", "2026-07-02")) == "range_too_long");
}

TEST_CASE("a rule and an exception are checked as a whole") {
  const auto faults = [](const auto& value) {
    json::Reader reader;
    validate(value, reader);
    std::string text;
    for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
    return text;
  };
  auto rule = ::rule(monday, "09:00", "09:00");
  CHECK(faults(rule).empty());
  rule.start_time = time("24:00");
  rule.valid_from = date("2026-05-12");
  rule.valid_until = date("2026-05-11");
  CHECK(faults(rule) == "/startTime:invalid_format /validUntil:conflict");
  rule.valid_until = rule.valid_from;
  CHECK(faults(rule) == "/startTime:invalid_format");

  CHECK(faults(block("2026-05-11T09:00", "2026-05-11T09:01")).empty());
  CHECK(faults(block("2026-05-11T09:00", "2026-05-11T09:00")) == "/endsAt:conflict");
  CHECK(faults(block("2026-05-11T09:00", "2026-05-11T08:00")) == "/endsAt:conflict");
  CHECK(faults(block("2026-05-11T09:00", "2028-05-12T09:00")).empty());
  CHECK(faults(block("2026-05-11T09:00", "2028-05-12T09:01")) == "/endsAt:conflict");
}

// ---- check_bookable ----------------------------------------------------------------------------------------------

TEST_CASE("bookable: slots, chains of adjacent slots, nothing else") {
  const Place place{"UTC", {rule(monday, "09:00", "12:00", 60, 2), rule(monday, "13:00", "15:00", 60, 2)}};
  struct Row {
    std::string_view from, to, expected;
  };
  static constexpr Row table[] = {
      {"09:00", "10:00", "ok"},
      {"10:00", "12:00", "ok"},
      {"09:00", "12:00", "ok"},
      {"09:30", "10:30", "slot_unavailable"}, // off the grid
      {"09:00", "09:30", "slot_unavailable"}, // part of a slot
      {"09:00", "10:30", "slot_unavailable"}, // ends inside a slot
      {"11:00", "14:00", "slot_unavailable"}, // a gap between
      {"08:00", "10:00", "slot_unavailable"}, // begins before the window
      {"14:00", "16:00", "slot_unavailable"}, // ends after it
      {"10:00", "10:00", "range_too_long"},
      {"11:00", "10:00", "range_too_long"},
  };
  for (const auto& row : table) {
    const std::string from = "2026-05-11T" + std::string{row.from} + ":00Z", to = "2026-05-11T" + std::string{row.to} + ":00Z";
    CAPTURE(from);
    CAPTURE(to);
    CHECK(place.book(from, to) == row.expected);
  }
  CHECK(place.book("2026-05-11T09:00:00.001Z", "2026-05-11T10:00:00.001Z") == "slot_unavailable");
}

TEST_CASE("bookable: chains through overlapping slots take whichever link fits") {
  // From 09:00 a 60- and a 90-minute slot leave; only 60 + 30 and 90 + 60 land on other ends.
  const Place place{"UTC",
                    {rule(monday, "09:00", "10:00", 60), rule(monday, "09:00", "10:30", 90), rule(monday, "10:00", "10:30", 30),
                     rule(monday, "10:30", "11:30", 60)}};
  CHECK(place.book("2026-05-11T09:00:00Z", "2026-05-11T11:30:00Z") == "ok");
  Place full = place;
  full.taken = {claim("2026-05-11T10:00:00Z", "2026-05-11T10:10:00Z")};
  CHECK(full.book("2026-05-11T09:00:00Z", "2026-05-11T10:00:00Z") == "ok");
  CHECK(full.book("2026-05-11T09:00:00Z", "2026-05-11T11:30:00Z") == "slot_unavailable");
}

TEST_CASE("bookable: capacity, buffers and blocks as listed") {
  Place place{"UTC", {rule(monday, "09:00", "12:00", 60, 5)}, {block("2026-05-11T11:30", "2026-05-11T11:45")}};
  place.taken = {claim("2026-05-11T09:00:00Z", "2026-05-11T10:00:00Z", 3)};
  CHECK(place.book("2026-05-11T09:00:00Z", "2026-05-11T10:00:00Z", 2) == "ok");
  CHECK(place.book("2026-05-11T09:00:00Z", "2026-05-11T10:00:00Z", 3) == "slot_unavailable");
  CHECK(place.book("2026-05-11T10:00:00Z", "2026-05-11T11:00:00Z", 5) == "ok");
  CHECK(place.book("2026-05-11T10:00:00Z", "2026-05-11T11:00:00Z", 6) == "slot_unavailable");
  CHECK(place.book("2026-05-11T09:00:00Z", "2026-05-11T11:00:00Z", 3) == "slot_unavailable"); // the scarcest link decides
  CHECK(place.book("2026-05-11T11:00:00Z", "2026-05-11T12:00:00Z") == "slot_unavailable");
  place.before = 10;
  CHECK(place.book("2026-05-11T10:00:00Z", "2026-05-11T11:00:00Z", 3) == "slot_unavailable");
  const auto why = check_bookable(place.schedule(), span("2026-05-11T10:00:00Z", "2026-05-11T11:00:00Z"), 3, false, place.taken,
                                  Audience::provider, long_ago);
  REQUIRE_FALSE(why);
  CHECK(why.error().detail == "Not enough units are left at that time.");
}

TEST_CASE("bookable: notice and window bind customers only, at the start only") {
  const Place place{.zone_name = "UTC", .rules = daily("00:00", "24:00"), .notice = 60, .advance_days = 1};
  const Instant now = at("2026-05-11T12:00:00Z");
  struct Row {
    std::string_view from, to, customer;
  };
  static constexpr Row table[] = {
      {"2026-05-11T12:00:00Z", "2026-05-11T13:00:00Z", "slot_unavailable"},
      {"2026-05-11T13:00:00Z", "2026-05-11T14:00:00Z", "ok"}, // exactly the notice
      {"2026-05-12T23:00:00Z", "2026-05-13T00:00:00Z", "ok"},
      {"2026-05-12T23:00:00Z", "2026-05-13T02:00:00Z", "ok"}, // starts within, runs beyond
      {"2026-05-13T00:00:00Z", "2026-05-13T01:00:00Z", "slot_unavailable"},
  };
  for (const auto& row : table) {
    CAPTURE(row.from);
    CHECK(place.book(row.from, row.to, 1, false, Audience::customer, now) == row.customer);
    CHECK(place.book(row.from, row.to, 1, false, Audience::provider, now) == "ok");
  }
}

TEST_CASE("bookable: whole days only with whole_days, on covered days, without blocks, with units left") {
  // One slot a day of 22 hours: the days themselves are not joined by slots.
  Place place{"Europe/Madrid", daily("00:00", "24:00", 22 * 60, 2)};
  const std::string_view from = "2026-05-12T00:00:00+02:00", to = "2026-05-15T00:00:00+02:00";
  CHECK(place.book(from, to, 2, true) == "ok");
  CHECK(place.book(from, to, 2, false) == "slot_unavailable");
  CHECK(place.book(from, to, 3, true) == "slot_unavailable");
  CHECK(place.book("2026-05-12T01:00:00+02:00", to, 1, true) == "slot_unavailable");
  CHECK(place.book(from, "2026-05-14T23:00:00+02:00", 1, true) == "slot_unavailable");
  CHECK(place.book("2026-05-12T00:00:00Z", "2026-05-15T00:00:00Z", 1, true) == "slot_unavailable"); // midnight elsewhere

  place.taken = {claim("2026-05-14T23:00:00+02:00", "2026-05-15T01:00:00+02:00", 1)};
  CHECK(place.book(from, to, 2, true) == "slot_unavailable");
  CHECK(place.book(from, to, 1, true) == "ok");
  place.taken.clear();

  place.exceptions = {block("2026-05-14T12:00", "2026-05-14T12:01")};
  CHECK(place.book(from, to, 1, true) == "slot_unavailable");
  CHECK(place.book(from, "2026-05-14T00:00:00+02:00", 1, true) == "ok");
  place.exceptions = {block("2026-05-15T00:00", "2026-05-16T00:00"), block("2026-05-11T00:00", "2026-05-12T00:00")};
  CHECK(place.book(from, to, 1, true) == "ok"); // blocks that only touch

  place.exceptions.clear();
  std::erase_if(place.rules, [](const auto& rule) { return rule.day_of_week == wednesday; });
  CHECK(place.book(from, to, 1, true) == "slot_unavailable"); // 2026-05-13 is a Wednesday
  place.exceptions = {open("2026-05-13T00:00", "2026-05-14T00:00", {}, 1)};
  CHECK(place.book(from, to, 1, true) == "ok");
  CHECK(place.book(from, to, 2, true) == "slot_unavailable"); // the least capacity of the days
}

TEST_CASE("bookable: whole days across changes of the clock, and on days that begin at 01:00") {
  const auto stay = [](std::string_view zone, std::string_view from, std::string_view to) {
    const Place place{zone, daily("00:00", "24:00", 22 * 60)};
    const auto days = place.days(from, to);
    return outcome(check_bookable(place.schedule(), days, 1, true, {}, Audience::provider, long_ago));
  };
  CHECK(stay("America/New_York", "2026-03-07", "2026-03-09") == "ok");
  CHECK(stay("America/New_York", "2026-10-31", "2026-11-02") == "ok");
  // 2024-04-26 has no 00:00 in Cairo; the day is as whole as any other.
  CHECK(stay("Africa/Cairo", "2024-04-25", "2024-04-26") == "ok");
  CHECK(stay("Africa/Cairo", "2024-04-26", "2024-04-27") == "ok");
  CHECK(stay("America/Santiago", "2026-09-05", "2026-09-07") == "ok");
  CHECK(stay("America/Havana", "2026-10-31", "2026-11-02") == "ok"); // 00:00 happens twice on 2026-11-01
  // 01:00 on any other day is no midnight.
  const Place cairo{"Africa/Cairo", daily("00:00", "24:00", 22 * 60)};
  CHECK(cairo.book("2024-04-27T01:00:00+03:00", "2024-04-28T00:00:00+03:00", 1, true) == "slot_unavailable");
}
