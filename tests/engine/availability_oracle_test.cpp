// expand() and check_bookable() against a brute force that lays every minute out. The oracle asks the zone database only
// "what does the wall clock show at this UTC minute", and finds everything else by looking at all the minutes.
#include "engine/random_schedule.hpp"

#include <map>
#include <set>

using namespace fixtures;

namespace {

class MinuteOracle {
 public:
  explicit MinuteOracle(const Scenario& scenario) : s_(scenario) {
    // Wide enough for every window that can hold a slot of the range: none begins more than three days before it or
    // lasts longer than two days and an hour.
    first_ = floor_minute(s_.range.start.ms) - 4 * 1440;
    const std::int64_t last = floor_minute(s_.range.end.ms) + 4 * 1440;
    read_wall_clock(last);
    note_sightings();
    open_windows();
    mark_blocks();
    mark_claims();
    find_limits();
  }

  [[nodiscard]] std::vector<Slot> slots(Audience audience) const {
    std::vector<Slot> out;
    for (const auto& [key, capacity] : found_) { // std::map sorts by start, then end
      const auto [start, end] = key;
      bool blocked = false;
      for (std::size_t m = start; m < end; ++m) blocked |= blocked_[m] != 0;
      if (blocked) continue;
      int peak = 0;
      for (std::size_t m = start - static_cast<std::size_t>(s_.buffer_before); m < end + static_cast<std::size_t>(s_.buffer_after); ++m)
        peak = std::max(peak, taken_[m]);
      const Slot slot{{instant(start), instant(end)}, capacity, std::max(0, capacity - peak)};
      if (slot.interval.start < s_.range.start || slot.interval.start >= s_.range.end) continue;
      if (audience == Audience::customer && (slot.remaining == 0 || slot.interval.start < earliest_ || slot.interval.start >= limit_))
        continue;
      out.push_back(slot);
    }
    return out;
  }

  /// Whether slots of the provider's view with enough units reach from one end of `wanted` to the other.
  [[nodiscard]] bool bookable(Interval wanted, int quantity, Audience audience) const {
    if (audience == Audience::customer && (wanted.start < earliest_ || wanted.start >= limit_)) return false;
    const auto links = slots(Audience::provider);
    std::set<std::int64_t> reached{wanted.start.ms};
    for (bool grew = true; grew;) {
      grew = false;
      for (const auto& link : links)
        if (link.remaining >= quantity && reached.contains(link.interval.start.ms) && link.interval.end <= wanted.end)
          grew |= reached.insert(link.interval.end.ms).second;
    }
    return reached.contains(wanted.end.ms);
  }

 private:
  static std::int64_t floor_minute(std::int64_t ms) { return ms / 60'000; } // all test instants lie after 1970
  [[nodiscard]] Instant instant(std::size_t index) const { return {(first_ + static_cast<std::int64_t>(index)) * 60'000}; }

  void read_wall_clock(std::int64_t last) {
    const auto* zone = date::locate_zone(s_.zone_name);
    wall_.reserve(static_cast<std::size_t>(last - first_));
    std::int64_t offset = 0, known_until = first_;
    for (std::int64_t minute = first_; minute < last; ++minute) {
      if (minute >= known_until) {
        const auto now = zone->get_info(date::sys_seconds{std::chrono::seconds{minute * 60}});
        const std::int64_t end = now.end.time_since_epoch().count();
        REQUIRE(now.offset.count() % 60 == 0);
        offset = now.offset.count() / 60;
        known_until = end > last * 60 ? last : end / 60;
        REQUIRE((end > last * 60 || end % 60 == 0));
      }
      wall_.push_back(minute + offset);
    }
  }

  /// When each reading of the wall clock is seen for the first and the last time. A reading that is never seen stands for
  /// the first instant after the gap: the first sight of the next reading that is seen.
  void note_sightings() {
    const auto [low, high] = std::minmax_element(wall_.begin(), wall_.end());
    low_ = *low;
    const auto readings = static_cast<std::size_t>(*high - low_ + 1);
    constexpr auto never = static_cast<std::size_t>(-1);
    first_seen_.assign(readings, never);
    last_seen_.assign(readings, never);
    for (std::size_t m = 0; m < wall_.size(); ++m) {
      const auto reading = static_cast<std::size_t>(wall_[m] - low_);
      if (first_seen_[reading] == never) first_seen_[reading] = m;
      last_seen_[reading] = m;
    }
    for (std::size_t reading = readings - 1; reading-- > 0;)
      if (first_seen_[reading] == never) first_seen_[reading] = last_seen_[reading] = first_seen_[reading + 1];
  }
  [[nodiscard]] std::size_t start_of(std::int64_t reading) const { return first_seen_.at(static_cast<std::size_t>(reading - low_)); }
  [[nodiscard]] std::size_t end_of(std::int64_t reading) const { return last_seen_.at(static_cast<std::size_t>(reading - low_)); }

  [[nodiscard]] static bool holds_on(const AvailabilityRule& rule, std::int64_t day) {
    // 1970-01-01 was a Thursday.
    if ((day + 4) % 7 != rule.day_of_week) return false;
    return !(rule.valid_from && day < rule.valid_from->days) && !(rule.valid_until && day > rule.valid_until->days);
  }

  void open_windows() {
    const std::int64_t first_day = low_ / 1440 + 1, last_day = (low_ + static_cast<std::int64_t>(first_seen_.size())) / 1440 - 2;
    for (const auto& rule : s_.rules)
      for (std::int64_t day = first_day; day <= last_day; ++day) {
        if (!holds_on(rule, day)) continue;
        const std::int64_t from = day * 1440 + rule.start_time.minutes;
        std::int64_t to = day * 1440 + rule.end_time.minutes;
        if (to <= from) to += 1440;
        walk(start_of(from), end_of(to), rule.slot_minutes, rule.step_minutes ? *rule.step_minutes : rule.slot_minutes, rule.capacity);
      }
    for (const auto& open : s_.exceptions) {
      if (open.kind != ExceptionKind::open) continue;
      const std::int64_t from = open.starts_at.seconds / 60, to = open.ends_at.seconds / 60;
      const AvailabilityRule* lender = nullptr;
      for (auto rule = s_.rules.rbegin(); rule != s_.rules.rend(); ++rule)
        if (holds_on(*rule, from / 1440)) lender = &*rule;
      if (lender == nullptr && !s_.rules.empty()) lender = &s_.rules[0];
      int length = 60, step = 60, capacity = 1;
      if (lender != nullptr) {
        length = lender->slot_minutes;
        step = lender->step_minutes ? *lender->step_minutes : length;
        capacity = lender->capacity;
      }
      if (open.slot_minutes) length = step = *open.slot_minutes;
      if (open.step_minutes) step = *open.step_minutes;
      if (open.capacity) capacity = *open.capacity;
      walk(start_of(from), end_of(to), length, step, capacity);
    }
  }

  /// Walks a window minute by minute; a slot begins whenever another step has elapsed and a whole slot still fits.
  void walk(std::size_t start, std::size_t end, int length, int step, int capacity) {
    int since_last = step;
    for (std::size_t m = start; m < end; ++m, ++since_last) {
      if (since_last != step) continue;
      since_last = 0;
      const std::size_t slot_end = m + static_cast<std::size_t>(length);
      if (slot_end > end) return;
      int& known = found_[{m, slot_end}];
      known = std::max(known, capacity);
    }
  }

  void mark_blocks() {
    blocked_.assign(wall_.size(), 0);
    for (const auto& block : s_.exceptions)
      if (block.kind == ExceptionKind::block)
        for (std::size_t m = start_of(block.starts_at.seconds / 60); m < end_of(block.ends_at.seconds / 60); ++m) blocked_[m] = 1;
  }

  void mark_claims() {
    taken_.assign(wall_.size(), 0);
    for (const auto& claim : s_.taken)
      for (std::int64_t minute = claim.interval.start.ms / 60'000; minute < claim.interval.end.ms / 60'000; ++minute)
        if (minute >= first_ && minute - first_ < static_cast<std::int64_t>(taken_.size()))
          taken_[static_cast<std::size_t>(minute - first_)] += claim.quantity;
  }

  /// The advance window closes when the wall first shows a day after the last allowed one.
  void find_limits() {
    earliest_ = {s_.now.ms + std::int64_t{s_.notice} * 60'000};
    const std::int64_t now_seconds = s_.now.ms / 1000;
    const auto info = date::locate_zone(s_.zone_name)->get_info(date::sys_seconds{std::chrono::seconds{now_seconds}});
    const std::int64_t last_day = (now_seconds + info.offset.count()) / 86'400 + s_.advance_days;
    std::size_t m = 0;
    while (m < wall_.size() && wall_[m] / 1440 <= last_day) ++m;
    limit_ = instant(m);
  }

  const Scenario& s_;
  std::int64_t first_ = 0; ///< UTC minute of index 0
  std::vector<std::int64_t> wall_;
  std::int64_t low_ = 0;
  std::vector<std::size_t> first_seen_, last_seen_; ///< by wall reading − low_
  std::map<std::pair<std::size_t, std::size_t>, int> found_;
  std::vector<char> blocked_;
  std::vector<int> taken_;
  Instant earliest_, limit_;
};

std::string first_difference(const std::vector<Slot>& got, const std::vector<Slot>& expected) {
  std::size_t i = 0;
  while (i < got.size() && i < expected.size() && got[i] == expected[i]) ++i;
  const auto show = [i](const std::vector<Slot>& slots) {
    if (i >= slots.size()) return std::string{"none"};
    const auto& slot = slots[i];
    return to_string(slot.interval.start) + "/" + to_string(slot.interval.end) + " " + std::to_string(slot.remaining) + " of " +
           std::to_string(slot.capacity);
  };
  return "slot " + std::to_string(i) + ": expand() " + show(got) + ", oracle " + show(expected) + " (" + std::to_string(got.size()) +
         " and " + std::to_string(expected.size()) + " slots)";
}

} // namespace

TEST_CASE("expand() equals a minute-by-minute oracle") {
  const std::uint64_t seed = fixtures::seed(), count = rounds(12'000);
  ScenarioMaker maker(seed, 3);
  std::uint64_t slots = 0, scarce = 0, near = 0, nonempty = 0;
  std::set<std::string> zones;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Scenario s = maker.next();
    const MinuteOracle oracle(s);
    const auto expected = oracle.slots(s.audience);
    const auto got = expand(s.schedule(), s.range, s.taken, s.audience, s.now);
    REQUIRE(got.has_value());
    if (*got != expected) FAIL("seed ", seed, ", scenario ", i, ", ", first_difference(*got, expected), "\n", s.to_json());
    zones.insert(s.zone_name);
    slots += expected.size();
    near += s.near_transition;
    nonempty += !expected.empty();
    for (const auto& slot : expected) scarce += slot.remaining < slot.capacity;
  }
  // A generator that makes only easy questions proves nothing.
  CHECK(zones.size() >= 40);
  CHECK(near * 10 >= count * 4);
  CHECK(nonempty * 5 > count * 2);
  CHECK(scarce * 20 > slots);
  MESSAGE("seed ", seed, ": ", count, " schedules in ", zones.size(), " zones, ", near, " around a transition, ", slots, " slots");
}

TEST_CASE("what is listed can be booked, what is not is refused, as the oracle says") {
  const std::uint64_t seed = fixtures::seed() + 1, count = rounds(3'000);
  ScenarioMaker maker(seed, 2);
  Dice dice(seed);
  std::uint64_t accepted = 0, refused = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Scenario s = maker.next();
    const MinuteOracle oracle(s);
    const auto listed = expand(s.schedule(), s.range, s.taken, s.audience, s.now).value();
    const auto offered = [&](Interval wanted, int quantity) {
      return check_bookable(s.schedule(), wanted, quantity, false, s.taken, s.audience, s.now);
    };
    for (const auto& slot : listed) {
      if (slot.remaining == 0 || (listed.size() > 40 && !dice.chance(20))) continue;
      REQUIRE_MESSAGE(offered(slot.interval, slot.remaining), "seed ", seed, ", scenario ", i, "\n", s.to_json());
    }
    const auto grid = oracle.slots(Audience::provider);
    for (int n = 0; n < 12 && !grid.empty(); ++n) {
      // Mostly from the start of one slot to the end of another, so that chains are met; sometimes off the grid.
      const std::size_t first = static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(grid.size()) - 1));
      const std::size_t last = std::min(grid.size() - 1, first + static_cast<std::size_t>(dice.between(0, 3)));
      Interval wanted{grid[first].interval.start, grid[last].interval.end};
      if (dice.chance(15)) wanted.start.ms += dice.between(-10, 10) * 60'000;
      if (dice.chance(15)) wanted.end.ms += dice.between(-10, 10) * 60'000;
      if (dice.chance(5)) wanted.end.ms += 1;
      // The oracle knows only the slots that start in the range it was built for.
      if (wanted.end <= wanted.start || wanted.start < s.range.start || wanted.end > s.range.end) continue;
      const int quantity = dice.roll(1, 4);
      const bool expected = oracle.bookable(wanted, quantity, s.audience);
      const auto got = offered(wanted, quantity);
      if (got.has_value() != expected)
        FAIL("seed ", seed, ", scenario ", i, ": ", quantity, " x ", to_string(wanted.start), "/", to_string(wanted.end), " should be ",
             expected ? "accepted" : "refused", "\n", s.to_json());
      if (!got) REQUIRE(outcome(got) == "slot_unavailable");
      ++(expected ? accepted : refused);
    }
  }
  CHECK(accepted * 10 > refused);
  CHECK(refused * 10 > accepted);
  MESSAGE("seed ", seed, ": ", accepted, " accepted, ", refused, " refused");
}
