// Why a start is or is not offered, and that explain() says the same as expand().
#include "engine/fixtures.hpp"
#include "engine/random_schedule.hpp"

#include <algorithm>

using namespace fixtures;

namespace {

/// Mondays 09:00–12:00 in New York, an hour each, one unit; 15 minutes are kept free after a booking.
struct Room {
  std::vector<AvailabilityRule> rules = {[] {
    AvailabilityRule rule;
    rule.day_of_week = 1;
    rule.start_time = time("09:00");
    rule.end_time = time("12:30");
    return rule;
  }()};
  std::vector<AvailabilityException> exceptions;
  std::vector<Occupancy> taken;
  int before = 0, after = 15, notice = 0, advance = 365;
  Instant now = at("2026-05-01T12:00:00Z");

  [[nodiscard]] Schedule schedule() const { return {zone("America/New_York"), rules, exceptions, before, after, notice, advance}; }
  [[nodiscard]] std::string why(std::string_view wall_time, int quantity = 1) const {
    const auto answer = explain_at(schedule(), wall(wall_time), quantity, taken, now);
    CHECK(!answer.detail.empty());
    CHECK((answer.reason == SlotReason::offered) == check_bookable_at(answer, quantity));
    return std::string{json::name_of(answer.reason)};
  }

 private:
  /// What is offered can be booked, and what is not can't.
  [[nodiscard]] bool check_bookable_at(const Explanation& answer, int quantity) const {
    return answer.slot && check_bookable(schedule(), answer.slot->interval, quantity, false, taken, Audience::customer, now).has_value();
  }
};

} // namespace

TEST_CASE("every reason, one after the other") {
  Room room;
  CHECK(room.why("2026-05-04T09:00") == "offered");
  CHECK(room.why("2026-05-05T09:00") == "closed");
  CHECK(room.why("2026-05-04T08:00") == "closed");
  CHECK(room.why("2026-05-04T12:30") == "closed"); // the end is not in the window
  CHECK(room.why("2026-05-04T09:30") == "gap");
  CHECK(room.why("2026-05-04T12:00") == "gap"); // no whole slot fits behind it
  CHECK(room.why("2026-05-04T09:00", 2) == "capacity");
  room.exceptions = {{{}, {}, ExceptionKind::block, wall("2026-05-04T11:30"), wall("2026-05-05T13:00"), {}, {}, {}, ""}};
  CHECK(room.why("2026-05-04T11:00") == "blocked");
  CHECK(room.why("2026-05-05T09:00") == "blocked"); // closed anyway, but the block is what a person set
  CHECK(room.why("2026-05-04T10:00") == "offered");
  room.taken = {{span("2026-05-04T14:00:00Z", "2026-05-04T15:00:00Z"), 1}};
  CHECK(room.why("2026-05-04T10:00") == "capacity");
  CHECK(room.why("2026-05-04T09:00") == "buffer");
  room.taken[0].held = true;
  CHECK(room.why("2026-05-04T10:00") == "held");
  CHECK(room.why("2026-05-04T09:00") == "buffer");
  room.notice = 3 * 24 * 60;
  CHECK(room.why("2026-05-04T09:00") == "buffer");
  room.notice = 4 * 24 * 60;
  CHECK(room.why("2026-05-04T09:00") == "notice");
  room.notice = 0;
  room.advance = 2;
  CHECK(room.why("2026-05-04T09:00") == "window");
  CHECK(room.why("2026-04-27T09:00") == "notice"); // past
}

TEST_CASE("a wall time that the clocks skip is a gap; one they repeat is its earlier instant") {
  Room room;
  room.rules[0].day_of_week = 0;
  room.rules[0].start_time = time("00:00");
  room.rules[0].end_time = time("06:00");
  room.now = at("2026-01-01T00:00:00Z");
  const auto skipped = explain_at(room.schedule(), wall("2026-03-08T02:30"), 1, {}, room.now);
  CHECK(skipped.reason == SlotReason::gap);
  CHECK(skipped.detail.find("skip") != std::string::npos);
  const auto repeated = explain_at(room.schedule(), wall("2026-11-01T01:00"), 1, {}, room.now);
  REQUIRE(repeated.slot);
  CHECK(to_string(repeated.slot->interval.start) == "2026-11-01T05:00:00Z");
  CHECK(repeated.reason == SlotReason::offered);
}

TEST_CASE("what is offered is what customers are shown, on random schedules") {
  const std::uint64_t seed = fixtures::seed() + 11;
  ScenarioMaker maker(seed, 3);
  std::size_t offered_slots = 0, others = 0;
  for (std::uint64_t i = 0; i < rounds(3000); ++i) {
    const Scenario s = maker.next();
    const int quantity = 1 + static_cast<int>(i % 3);
    const auto explained = explain(s.schedule(), s.range, quantity, s.taken, s.now);
    const auto shown = expand(s.schedule(), s.range, s.taken, Audience::customer, s.now);
    REQUIRE(explained.has_value());
    REQUIRE(shown.has_value());
    std::vector<Slot> offered, wanted;
    for (const auto& slot : *explained)
      if (slot.reason == SlotReason::offered) offered.push_back(slot.slot);
    std::ranges::copy_if(*shown, std::back_inserter(wanted), [&](const Slot& slot) { return slot.remaining >= quantity; });
    if (offered != wanted) FAIL("seed ", seed, ", scenario ", i, "\n", s.to_json());
    offered_slots += offered.size();
    others += explained->size() - offered.size();
  }
  CHECK(offered_slots > 1000);
  CHECK(others > 1000);
}
