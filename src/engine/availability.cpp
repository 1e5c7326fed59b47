#include "orkestr/engine/availability.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_day = 86'400'000;

Error range_error() {
  return fail(Code::range_too_long, "The range must start before it ends, span at most 366 days and hold at most 250,000 slots.");
}

/// Notes the slots of windows that start in the range, and makes them when their number is known.
class Cutter {
 public:
  explicit Cutter(Interval range) : range_(range) {}

  void cut(Interval window, int slot_minutes, int step_minutes, int capacity) {
    const std::int64_t length = slot_minutes * ms_per_minute, step = step_minutes * ms_per_minute;
    std::int64_t at = window.start.ms;
    if (at < range_.start.ms) at += (range_.start.ms - at + step - 1) / step * step;
    const std::int64_t last = std::min(window.end.ms - length, range_.end.ms - 1);
    if (at > last) return;
    const std::int64_t count = (last - at) / step + 1;
    total_ += static_cast<std::size_t>(count);
    if (!cuts_.empty() && at <= cuts_.back().last) rising_ = false;
    cuts_.push_back({at, last, step, length, capacity});
  }
  [[nodiscard]] bool overflow() const { return total_ > max_slots; }
  /// Whether every slot starts after the one before it, so that nothing is to be sorted or merged.
  [[nodiscard]] bool rising() const { return rising_; }

  [[nodiscard]] std::vector<Slot> slots() const {
    std::vector<Slot> slots(total_);
    Slot* next = slots.data();
    for (const auto& cut : cuts_)
      for (std::int64_t at = cut.first; at <= cut.last; at += cut.step) *next++ = {{{at}, {at + cut.length}}, cut.capacity, cut.capacity};
    return slots;
  }

 private:
  struct Cut {
    std::int64_t first, last, step, length;
    int capacity;
  };
  Interval range_;
  std::vector<Cut> cuts_;
  std::size_t total_ = 0;
  bool rising_ = true;
};

/// The rule whose slot length and capacity an OPEN exception borrows: the first that holds on its first day, else the first.
const AvailabilityRule* rule_for(const Schedule& schedule, LocalDate date) {
  for (const auto& rule : schedule.rules)
    if (rule.day_of_week == date.day_of_week() && (!rule.valid_from || *rule.valid_from <= date) &&
        (!rule.valid_until || date <= *rule.valid_until))
      return &rule;
  return schedule.rules.empty() ? nullptr : &schedule.rules.front();
}

Interval instants(ZoneClock& clock, LocalDateTime from, LocalDateTime to) {
  return {clock.to_instant(from, Ambiguous::earlier), clock.to_instant(to, Ambiguous::later)};
}

/// Calls `f(window, slot_minutes, step_minutes, capacity)` for each window of rules and OPEN exceptions that overlaps the range.
template <class F> void for_each_window(const Schedule& schedule, Interval range, ZoneClock& clock, F&& f) {
  // A window may begin on the day before the range and run into it; it begins no earlier and ends within 24 local hours.
  const LocalDate first = clock.to_local(range.start).date() + -2;
  const LocalDate last = clock.to_local(range.end).date() + 1;
  std::vector<const AvailabilityRule*> by_day[7];
  for (const auto& rule : schedule.rules) by_day[rule.day_of_week].push_back(&rule);
  if (!schedule.rules.empty())
    for (LocalDate date = first; date <= last; date = date + 1)
      for (const auto* rule : by_day[date.day_of_week()]) {
        if ((rule->valid_from && date < *rule->valid_from) || (rule->valid_until && *rule->valid_until < date)) continue;
        const LocalDate end_date = rule->end_time <= rule->start_time ? date + 1 : date;
        const Interval window = instants(clock, LocalDateTime::of(date, rule->start_time), LocalDateTime::of(end_date, rule->end_time));
        if (window.end <= range.start || range.end <= window.start) continue;
        f(window, rule->slot_minutes, rule->step_minutes.value_or(rule->slot_minutes), rule->capacity);
      }
  for (const auto& open : schedule.exceptions) {
    if (open.kind != ExceptionKind::open) continue;
    const Interval window = instants(clock, open.starts_at, open.ends_at);
    if (window.end <= range.start || range.end <= window.start) continue;
    const auto* rule = rule_for(schedule, open.starts_at.date());
    const int length = open.slot_minutes.value_or(rule ? rule->slot_minutes : 60);
    const int step = open.step_minutes.value_or(open.slot_minutes || !rule ? length : rule->step_minutes.value_or(length));
    f(window, length, step, open.capacity.value_or(rule ? rule->capacity : 1));
  }
}

/// Blocks as instants, sorted and merged.
std::vector<Interval> blocked(const Schedule& schedule, ZoneClock& clock) {
  std::vector<Interval> blocks;
  for (const auto& exception : schedule.exceptions) {
    if (exception.kind != ExceptionKind::block) continue;
    const Interval block = instants(clock, exception.starts_at, exception.ends_at);
    if (block.start < block.end) blocks.push_back(block);
  }
  std::ranges::sort(blocks);
  std::vector<Interval> merged;
  for (const auto& block : blocks) {
    if (!merged.empty() && block.start <= merged.back().end)
      merged.back().end = std::max(merged.back().end, block.end);
    else
      merged.push_back(block);
  }
  return merged;
}

bool overlaps_any(const std::vector<Interval>& blocks, Interval interval) {
  return std::ranges::any_of(blocks, [&](const Interval& block) { return block.overlaps(interval); });
}

void remove_blocked(std::vector<Slot>& slots, const std::vector<Interval>& blocks) {
  if (blocks.empty()) return;
  auto block = blocks.begin();
  std::erase_if(slots, [&](const Slot& slot) {
    while (block != blocks.end() && block->end <= slot.interval.start) ++block;
    return block != blocks.end() && block->start < slot.interval.end;
  });
}

/// Units taken over time as a step function: `level` holds from `at` until the next step.
struct Step {
  std::int64_t at;
  std::int64_t level;
};

/// Merges claims in the order of their starts with the same in the order of their ends. The first step was always there and
/// the last never comes, which spares searches their checks.
std::vector<Step> merge_steps(std::span<const Occupancy> by_start, std::span<const Occupancy> by_end) {
  std::vector<Step> steps(by_start.size() * 2 + 2);
  Step* last = steps.data(); // the one being made
  *last = {std::numeric_limits<std::int64_t>::min(), 0};
  std::int64_t level = 0;
  const auto note = [&](std::int64_t at) {
    if (last->at != at) (++last)->at = at;
    last->level = level;
  };
  const Occupancy *start = by_start.data(), *const no_start = start + by_start.size();
  for (const auto& claim : by_end) {
    // What ends at an instant makes room for what starts then, so both come to one step.
    const std::int64_t end = claim.interval.end.ms;
    for (; start != no_start && start->interval.start.ms <= end; ++start) {
      level += start->quantity;
      note(start->interval.start.ms);
    }
    level -= claim.quantity;
    note(end);
  }
  *++last = {std::numeric_limits<std::int64_t>::max(), 0};
  steps.resize(static_cast<std::size_t>(last + 1 - steps.data()));
  return steps;
}

std::vector<Step> steps(std::span<const Occupancy> taken) {
  // Claims mostly come by start, and mostly end in the same order; then there is nothing to sort.
  bool sorted = true;
  Interval before{{std::numeric_limits<std::int64_t>::min()}, {std::numeric_limits<std::int64_t>::min()}};
  for (const auto& [interval, quantity, held] : taken) {
    sorted &= before.start <= interval.start && before.end <= interval.end && interval.start < interval.end;
    before = interval;
  }
  if (sorted) return merge_steps(taken, taken);
  std::vector<Occupancy> by_start(taken.begin(), taken.end());
  std::erase_if(by_start, [](const Occupancy& claim) { return claim.interval.end <= claim.interval.start; });
  auto by_end = by_start;
  std::ranges::sort(by_start, {}, [](const Occupancy& claim) { return claim.interval.start; });
  std::ranges::sort(by_end, {}, [](const Occupancy& claim) { return claim.interval.end; });
  return merge_steps(by_start, by_end);
}

/// Fills `remaining`. Slots come sorted by start, so the first step that matters only moves forward.
void subtract(std::vector<Slot>& slots, const Schedule& schedule, std::span<const Occupancy> taken) {
  if (taken.empty()) return;
  const auto levels = steps(taken);
  const std::int64_t before = schedule.buffer_before_minutes * ms_per_minute, after = schedule.buffer_after_minutes * ms_per_minute;
  const Step* first = levels.data(); // the last step at or before the slot
  for (auto& slot : slots) {
    const std::int64_t from = slot.interval.start.ms - before, to = slot.interval.end.ms + after;
    while (first[1].at <= from) ++first;
    std::int64_t peak = 0;
    for (const Step* step = first; step->at < to; ++step) peak = std::max(peak, step->level);
    if (peak > 0) slot.remaining = static_cast<int>(std::max<std::int64_t>(0, slot.capacity - peak));
  }
}

/// Sorts, and keeps one of identical slots, with the larger capacity.
void merge_identical(std::vector<Slot>& slots) {
  if (!std::ranges::is_sorted(slots, {}, &Slot::interval)) std::ranges::sort(slots, {}, &Slot::interval);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (kept > 0 && slots[kept - 1].interval == slots[i].interval)
      slots[kept - 1].capacity = slots[kept - 1].remaining = std::max(slots[kept - 1].capacity, slots[i].capacity);
    else
      slots[kept++] = slots[i];
  }
  slots.resize(kept);
}

/// The last instant at which a customer may start: the end of the local day that is `max_advance_days` from now.
Instant advance_limit(const Schedule& schedule, ZoneClock& clock, Instant now) {
  const LocalDate last = clock.to_local(now).date() + schedule.max_advance_days;
  return clock.to_instant(LocalDateTime::of(last + 1, {0}));
}

/// All slots that start in the range, whole and identical ones merged; blocks and claims are not looked at.
Result<std::vector<Slot>> slots_of_windows(const Schedule& schedule, Interval range, ZoneClock& clock) {
  Cutter cutter(range);
  for_each_window(schedule, range, clock,
                  [&](Interval window, int length, int step, int capacity) { cutter.cut(window, length, step, capacity); });
  if (cutter.overflow()) return range_error();
  auto slots = cutter.slots();
  if (!cutter.rising()) merge_identical(slots);
  return slots;
}

Result<void> check_range(Interval range) {
  // Some hours more than the days allow, since a range of local dates may hold an autumn change.
  if (range.end <= range.start || range.length().count() > max_range_days * ms_per_day + 3 * 3'600'000) return range_error();
  return {};
}

Error unavailable(std::string why) { return fail(Code::slot_unavailable, std::move(why)); }

} // namespace

void validate(const AvailabilityRule& rule, json::Reader& reader) {
  if (rule.start_time.minutes == 1440)
    reader.fault_at("startTime", "invalid_format", "A window can't start at 24:00; use 00:00 of the next day.");
  if (rule.valid_from && rule.valid_until && *rule.valid_until < *rule.valid_from)
    reader.fault_at("validUntil", "conflict", "validUntil must not be before validFrom.");
}

void validate(const AvailabilityException& exception, json::Reader& reader) {
  if (exception.ends_at <= exception.starts_at)
    reader.fault_at("endsAt", "conflict", "endsAt must be after startsAt.");
  else if (exception.ends_at.seconds - exception.starts_at.seconds > 2LL * 366 * 86'400)
    reader.fault_at("endsAt", "conflict", "An exception may span at most two years.");
}

Result<std::vector<Slot>> expand(const Schedule& schedule, Interval range, std::span<const Occupancy> taken, Audience audience,
                                 Instant now) {
  ORKESTR_CHECK(check_range(range));
  ZoneClock clock(schedule.zone);
  if (audience == Audience::customer) {
    // Notice and window are bounds on starts: narrow the range first, so that nothing is made to be dropped.
    range.start = std::max(range.start, now + std::chrono::minutes{schedule.min_notice_minutes});
    range.end = std::min(range.end, advance_limit(schedule, clock, now));
    if (range.end <= range.start) return std::vector<Slot>{};
  }
  ORKESTR_TRY(auto slots, slots_of_windows(schedule, range, clock));
  remove_blocked(slots, blocked(schedule, clock));
  subtract(slots, schedule, taken);
  if (audience == Audience::customer) std::erase_if(slots, [](const Slot& slot) { return slot.remaining == 0; });
  return slots;
}

Interval occupancy_range(const Schedule& schedule, Interval range) {
  int longest = 60;
  for (const auto& rule : schedule.rules) longest = std::max(longest, rule.slot_minutes);
  for (const auto& exception : schedule.exceptions) longest = std::max(longest, exception.slot_minutes.value_or(0));
  return {range.start - std::chrono::minutes{schedule.buffer_before_minutes},
          range.end + std::chrono::minutes{longest + schedule.buffer_after_minutes}};
}

namespace {

/// Whether slots of `wanted` join end to end with enough units; `slots` are sorted by start.
/// Walks every chain: where slots overlap, several may leave from one instant.
Result<Units> check_chain(std::span<const Slot> slots, Interval wanted, int quantity) {
  struct Reached {
    Instant at;
    Units units; ///< where they are scarcest on the way here
  };
  std::vector<Reached> reached{{wanted.start, {std::numeric_limits<int>::max(), std::numeric_limits<int>::max()}}};
  bool on_grid = false, scarce = false;
  for (const auto& slot : slots) {
    const auto from = std::ranges::find(reached, slot.interval.start, &Reached::at);
    if (slot.interval.end > wanted.end || from == reached.end()) continue;
    if (slot.remaining < quantity) {
      scarce = true;
      continue;
    }
    on_grid = true;
    const Units units = slot.remaining < from->units.remaining ? Units{slot.capacity, slot.remaining} : from->units;
    if (slot.interval.end == wanted.end) return units;
    if (std::ranges::find(reached, slot.interval.end, &Reached::at) == reached.end()) reached.push_back({slot.interval.end, units});
  }
  if (scarce) return unavailable("Not enough units are left at that time.");
  return unavailable(on_grid ? "The time does not end where a slot ends." : "The offering has no slot at that time.");
}

/// Whole local days, each covered by open windows and without a block, with units left over the whole interval.
Result<Units> check_days(const Schedule& schedule, Interval wanted, int quantity, std::span<const Occupancy> taken) {
  ZoneClock clock(schedule.zone);
  const auto from = clock.to_local(wanted.start), to = clock.to_local(wanted.end);
  // A day begins at its first instant, which is not always midnight: clocks may skip that.
  if (clock.to_instant(LocalDateTime::of(from.date(), {0})) != wanted.start ||
      clock.to_instant(LocalDateTime::of(to.date(), {0})) != wanted.end)
    return unavailable("A stay runs from local midnight to local midnight, or joins slots.");
  if (overlaps_any(blocked(schedule, clock), wanted)) return unavailable("The offering is closed at that time.");
  // Windows that touch or overlap cover time together; the least capacity among them holds for the whole stay.
  struct Window {
    Interval interval;
    int capacity;
  };
  std::vector<Window> windows;
  for_each_window(schedule, wanted, clock, [&](Interval window, int, int, int capacity) { windows.push_back({window, capacity}); });
  std::ranges::sort(windows, {}, &Window::interval);
  Instant covered = wanted.start;
  int capacity = std::numeric_limits<int>::max();
  for (const auto& window : windows) {
    if (window.interval.end <= covered || window.interval.start > covered || covered >= wanted.end) continue;
    covered = window.interval.end;
    capacity = std::min(capacity, window.capacity);
  }
  if (covered < wanted.end) return unavailable("The offering is not open on all of these days.");
  std::vector<Slot> stay{{wanted, capacity, capacity}};
  subtract(stay, schedule, taken);
  if (stay[0].remaining < quantity) return unavailable("Not enough units are left on these days.");
  return Units{capacity, stay[0].remaining};
}

Schedule without_buffers(Schedule schedule) {
  schedule.buffer_before_minutes = schedule.buffer_after_minutes = 0;
  return schedule;
}

std::vector<Occupancy> without_holds(std::span<const Occupancy> taken) {
  std::vector<Occupancy> firm;
  std::ranges::copy_if(taken, std::back_inserter(firm), [](const Occupancy& claim) { return !claim.held; });
  return firm;
}

std::string detail_of(SlotReason reason, const Schedule& schedule) {
  switch (reason) {
  case SlotReason::offered: return "It can be booked.";
  case SlotReason::closed: return "No window is open at that time.";
  case SlotReason::blocked: return "An exception closes it at that time.";
  case SlotReason::buffer:
    return "It is free itself, but too close to a booking: " + std::to_string(schedule.buffer_before_minutes) + " minutes before and " +
           std::to_string(schedule.buffer_after_minutes) + " after are kept free.";
  case SlotReason::notice: return "It is past, or sooner than the notice of " + std::to_string(schedule.min_notice_minutes) + " minutes.";
  case SlotReason::window: return "It is further ahead than the " + std::to_string(schedule.max_advance_days) + " days that can be booked.";
  case SlotReason::capacity: return "Too few units are left: the others are booked.";
  case SlotReason::held: return "Too few units are left while others are held; a hold that lapses frees them.";
  case SlotReason::gap: break;
  }
  return "A window is open, but no slot starts at that time.";
}

} // namespace

Result<Units> check_bookable(const Schedule& schedule, Interval wanted, int quantity, bool whole_days, std::span<const Occupancy> taken,
                             Audience audience, Instant now) {
  if (audience == Audience::customer) {
    ZoneClock clock(schedule.zone);
    if (wanted.start < now + std::chrono::minutes{schedule.min_notice_minutes}) return unavailable("The time is too soon to be booked.");
    if (wanted.start >= advance_limit(schedule, clock, now)) return unavailable("The time is too far ahead to be booked.");
  }
  // Starts are already checked above, so the provider's view keeps later links of a chain from being cut off by the window.
  ORKESTR_TRY(const auto slots, expand(schedule, wanted, taken, Audience::provider, now));
  auto chained = check_chain(slots, wanted, quantity);
  if (chained || !whole_days) return chained;
  return check_days(schedule, wanted, quantity, taken);
}

Result<std::vector<ExplainedSlot>> explain(const Schedule& schedule, Interval range, int quantity, std::span<const Occupancy> taken,
                                           Instant now) {
  ORKESTR_CHECK(check_range(range));
  ZoneClock clock(schedule.zone);
  const auto blocks = blocked(schedule, clock);
  const Instant earliest = now + std::chrono::minutes{schedule.min_notice_minutes}, limit = advance_limit(schedule, clock, now);
  ORKESTR_TRY(auto slots, slots_of_windows(schedule, range, clock));
  // What would be left if only a part of what stands in the way did.
  auto unbuffered = slots, unheld = slots;
  subtract(slots, schedule, taken);
  subtract(unbuffered, without_buffers(schedule), taken);
  subtract(unheld, without_buffers(schedule), without_holds(taken));

  std::vector<ExplainedSlot> all;
  all.reserve(slots.size());
  auto block = blocks.begin();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    while (block != blocks.end() && block->end <= slot.interval.start) ++block;
    const auto reason = [&] {
      if (block != blocks.end() && block->start < slot.interval.end) return SlotReason::blocked;
      if (slot.interval.start < earliest) return SlotReason::notice;
      if (slot.interval.start >= limit) return SlotReason::window;
      if (slot.remaining >= quantity) return SlotReason::offered;
      if (unbuffered[i].remaining >= quantity) return SlotReason::buffer;
      return unheld[i].remaining >= quantity ? SlotReason::held : SlotReason::capacity;
    };
    all.push_back({slot, reason()});
  }
  return all;
}

Explanation explain_at(const Schedule& schedule, Instant at, int quantity, std::span<const Occupancy> taken, Instant now) {
  const Interval range{at, at + milliseconds{1}};
  Explanation answer;
  const auto found = explain(schedule, range, quantity, taken, now);
  if (found && !found->empty()) {
    // Several lengths may start at once; one that is offered speaks for all.
    const auto offered = std::ranges::find(*found, SlotReason::offered, &ExplainedSlot::reason);
    const auto& best = offered != found->end() ? *offered : found->front();
    answer.slot = best.slot;
    answer.reason = best.reason;
  } else {
    ZoneClock clock(schedule.zone);
    if (overlaps_any(blocked(schedule, clock), range))
      answer.reason = SlotReason::blocked;
    else
      for_each_window(schedule, range, clock, [&](Interval, int, int, int) { answer.reason = SlotReason::gap; });
  }
  answer.detail = detail_of(answer.reason, schedule);
  return answer;
}

Explanation explain_at(const Schedule& schedule, LocalDateTime at, int quantity, std::span<const Occupancy> taken, Instant now) {
  ZoneClock clock(schedule.zone);
  const Instant instant = clock.to_instant(at);
  if (clock.to_local(instant) != at) return {SlotReason::gap, "The clocks skip that time on that day.", {}};
  return explain_at(schedule, instant, quantity, taken, now);
}

} // namespace orkestr::inline v1
