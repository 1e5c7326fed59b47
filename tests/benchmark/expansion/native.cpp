// Measures orkestr::expand() and the least that any correct answer must do: the same windows cut into memory that is
// already there, with the zone's periods at hand and the bookings, sorted beforehand, merged in one sweep.
//   expansion_native ours|bound                      reports nanoseconds a slot of the shared workload
//   expansion_native ours|bound CALLS DAYS BOOKINGS  calls that often, for a counter of instructions to watch; reports the slots
#include "workload.hpp"

#include "orkestr/engine/availability.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

using namespace orkestr;

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// A stretch of time with one offset from UTC; seconds.
struct Period {
  std::int64_t end, offset;
};

struct Input {
  LocalDate first, last; ///< dates, `last` is outside
  std::vector<AvailabilityRule> rules;
  Schedule schedule;
  Interval range;
  std::vector<Occupancy> taken; ///< sorted by start and by end, which is the same order

  Input(int days, std::size_t bookings) {
    first = LocalDate::of(workload::year, workload::month, workload::day);
    last = first + days;
    for (int day = 0; day < 7; ++day) {
      AvailabilityRule rule;
      rule.day_of_week = day;
      rule.start_time = {workload::opens * 60};
      rule.end_time = {workload::closes * 60};
      rule.capacity = workload::capacity;
      rules.push_back(rule);
    }
    schedule = {.zone = Zone::find(workload::zone).value(), .rules = rules, .exceptions = {}};
    ZoneClock clock(schedule.zone);
    range = {clock.to_instant(LocalDateTime::of(first, {0})), clock.to_instant(LocalDateTime::of(last, {0}))};
    for (std::size_t i = 0; i < bookings; ++i) {
      const Instant start = range.start + std::chrono::hours{i * static_cast<std::size_t>(days) * 24 / bookings};
      taken.push_back({{start, start + std::chrono::hours{1}}, 1});
    }
  }
  Input(const Input&) = delete;
};

class Bound {
 public:
  explicit Bound(const Input& input) : first_(input.first), last_(input.last), taken_(input.taken) {
    const auto* zone = date::locate_zone(workload::zone);
    for (auto at = input.range.start; at < input.range.end;) {
      const auto info = zone->get_info(date::sys_seconds{std::chrono::seconds{at.ms / 1000}});
      periods_.push_back({info.end.time_since_epoch().count(), info.offset.count()});
      at = Instant::from_seconds(periods_.back().end);
    }
    for (const auto& rule : input.rules) by_day_[rule.day_of_week] = rule;
    taken_.push_back({{{never}, {never}}, 0}); // saves the sweep its checks for the end
    slots_.resize(max_slots);
  }

  std::span<const Slot> operator()() {
    Slot* out = slots_.data();
    const Period* period = periods_.data();
    const auto to_ms = [&](std::int64_t local) {
      while (local - period->offset >= period->end) ++period;
      return (local - period->offset) * 1000;
    };
    const Occupancy *opening = taken_.data(), *closing = opening;
    int level = 0;
    for (LocalDate date = first_; date < last_; date = date + 1) {
      const auto& rule = by_day_[date.day_of_week()];
      const std::int64_t length = rule.slot_minutes * 60'000;
      std::int64_t at = to_ms(LocalDateTime::of(date, rule.start_time).seconds);
      const std::int64_t end = to_ms(LocalDateTime::of(date, rule.end_time).seconds);
      for (; at + length <= end; at += length) {
        int peak = level;
        // Whatever changes by the slot's start replaces the level; what changes within it can only raise the peak.
        for (;;) {
          const bool closes = closing->interval.end.ms <= opening->interval.start.ms;
          const std::int64_t change = closes ? closing->interval.end.ms : opening->interval.start.ms;
          if (change >= at + length) break;
          level += closes ? -closing++->quantity : opening++->quantity;
          peak = change <= at ? level : std::max(peak, level);
        }
        *out++ = {{{at}, {at + length}}, rule.capacity, std::max(0, rule.capacity - peak)};
      }
    }
    return {slots_.data(), out};
  }

 private:
  LocalDate first_, last_;
  std::vector<Period> periods_;
  AvailabilityRule by_day_[7];
  std::vector<Occupancy> taken_;
  std::vector<Slot> slots_;
};

/// Keeps the optimiser from dropping what nobody reads.
void keep(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

template <class F> void run(F&& call, std::size_t calls) {
  const auto slots = call();
  if (calls > 0) {
    for (std::size_t i = 0; i < calls; ++i) keep(call().data());
    std::printf("%zu\n", slots.size());
    return;
  }
  workload::Hash plain, remaining;
  for (const auto& slot : slots) {
    plain.line({slot.interval.start.ms, slot.interval.end.ms});
    remaining.line({slot.interval.start.ms, slot.interval.end.ms, slot.remaining});
  }
  const double ns = workload::nanoseconds([&] { keep(call().data()); });
  workload::report(slots.size(), ns / static_cast<double>(slots.size()), plain.value(), remaining.value());
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t calls = argc == 5 ? std::strtoul(argv[2], nullptr, 10) : 0;
  const Input input(calls ? std::atoi(argv[3]) : workload::days, calls ? std::strtoul(argv[4], nullptr, 10) : workload::bookings);
  if (argv[1] == std::string_view{"bound"})
    run(Bound(input), calls);
  else
    run([&] { return expand(input.schedule, input.range, input.taken, Audience::provider, input.range.start).value(); }, calls);
}
