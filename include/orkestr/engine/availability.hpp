// Availability: weekly rules and dated exceptions, expanded into concrete slots with the units left in each.
// The one slot function of the project: listing, holding, booking and rescheduling all stand on expand().
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/base/zone.hpp"

#include <span>

namespace orkestr::inline v1 {

/// A weekly window. `end_time` ≤ `start_time` runs into the next day.
struct AvailabilityRule {
  RuleId id;
  OfferingId offering_id;
  int day_of_week = 0; ///< 0 = Sunday … 6
  LocalTime start_time, end_time;
  int slot_minutes = 60;
  std::optional<int> step_minutes; ///< between starts; nullopt: slot_minutes
  int capacity = 1;
  std::optional<LocalDate> valid_from, valid_until; ///< inclusive
};

enum class ExceptionKind { block, open };

/// BLOCK removes every slot it overlaps; OPEN adds a window.
struct AvailabilityException {
  ExceptionId id;
  OfferingId offering_id;
  ExceptionKind kind = ExceptionKind::block;
  LocalDateTime starts_at, ends_at;
  std::optional<int> slot_minutes, step_minutes, capacity;
  std::string note;
};

void validate(const AvailabilityRule& rule, json::Reader& reader);
void validate(const AvailabilityException& exception, json::Reader& reader);

/// Everything that decides when an offering can be booked. Borrows its rules and exceptions.
struct Schedule {
  Zone zone;
  std::span<const AvailabilityRule> rules;
  std::span<const AvailabilityException> exceptions;
  int buffer_before_minutes = 0, buffer_after_minutes = 0;
  int min_notice_minutes = 0, max_advance_days = 365;
};

struct Occupancy {
  Interval interval;
  int quantity = 1;
  bool held = false; ///< by a hold, which may yet lapse; only explain() asks
};

struct Units {
  int capacity = 0, remaining = 0;
};

struct Slot {
  Interval interval;
  int capacity = 0;
  int remaining = 0;
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// A customer sees slots with units left, after the notice and within the advance window; the provider sees all.
enum class Audience { customer, provider };

inline constexpr int max_range_days = 366;
inline constexpr std::size_t max_slots = 250'000;

/// Expands a weekly schedule into concrete slots.
///
/// Windows are taken in `schedule.zone` and cut into slots of elapsed time, so a day on which clocks change yields
/// fewer or more of them (contract §4). A slot belongs to the range in which it starts.
///
/// @param range   half-open, at most 366 days
/// @param taken   intervals that consume units, any order, may overlap; those outside the range are ignored
/// @returns slots by start time, then end
/// @errors  `range_too_long` when the range is empty, reversed, too long, or holds more than `max_slots` slots
/// @cost    O(days × rules + slots log slots + taken log taken)
/// @thread_safety pure
[[nodiscard]] Result<std::vector<Slot>> expand(const Schedule& schedule, Interval range, std::span<const Occupancy> taken,
                                               Audience audience, Instant now);

/// The span of time whose occupancy decides the slots of `range`: buffers and the longest slot reach beyond it.
[[nodiscard]] Interval occupancy_range(const Schedule& schedule, Interval range);

/// Whether `wanted` may be taken `quantity` times: it is a slot, or joins adjacent slots end to end, or (with
/// `whole_days`, the DAILY model) spans whole local days that windows cover.
/// @returns the units where they are scarcest on the way, before taking
/// @errors `slot_unavailable` with a detail that says why, `range_too_long`
/// @thread_safety pure
[[nodiscard]] Result<Units> check_bookable(const Schedule& schedule, Interval wanted, int quantity, bool whole_days,
                                           std::span<const Occupancy> taken, Audience audience, Instant now);

/// Why a start is or is not offered to a customer.
enum class SlotReason {
  offered,
  closed,   ///< no window is open
  blocked,  ///< a BLOCK overlaps the slot
  buffer,   ///< free itself, but what is booked beside it needs the buffer
  notice,   ///< past, or sooner than the notice
  window,   ///< further ahead than may be booked
  capacity, ///< booked
  held,     ///< would be free if holds lapsed
  gap       ///< open, but no slot starts then; or the clocks skip this time
};

struct ExplainedSlot {
  Slot slot;
  SlotReason reason = SlotReason::offered;
};

/// Every slot of the schedule in the range, blocked and full ones too, each with the first reason that holds of:
/// blocked, notice, window, then buffer, held or capacity for want of `quantity` units.
/// @errors as expand()  @thread_safety pure
[[nodiscard]] Result<std::vector<ExplainedSlot>> explain(const Schedule& schedule, Interval range, int quantity,
                                                         std::span<const Occupancy> taken, Instant now);

struct Explanation {
  SlotReason reason = SlotReason::closed;
  std::string detail;       ///< a sentence for people
  std::optional<Slot> slot; ///< the slot that starts then, if any
};

/// Why a customer may or may not start at this instant. @thread_safety pure
[[nodiscard]] Explanation explain_at(const Schedule& schedule, Instant at, int quantity, std::span<const Occupancy> taken, Instant now);
/// The same for a wall time of the schedule's zone, which the clocks may skip.
[[nodiscard]] Explanation explain_at(const Schedule& schedule, LocalDateTime at, int quantity, std::span<const Occupancy> taken,
                                     Instant now);

namespace json {
template <> struct EnumNames<SlotReason> {
  static constexpr std::array<std::string_view, 9> names{"offered", "closed",   "blocked", "buffer", "notice",
                                                         "window",  "capacity", "held",    "gap"};
};
template <> struct EnumNames<ExceptionKind> { static constexpr std::array<std::string_view, 2> names{"BLOCK", "OPEN"}; };
template <> struct Schema<AvailabilityRule> {
  static constexpr Limits minutes{1, 1440}, units{1, 100'000};
  static constexpr auto fields = std::make_tuple(
      field("id", &AvailabilityRule::id, out), field("offeringId", &AvailabilityRule::offering_id, out),
      field("dayOfWeek", &AvailabilityRule::day_of_week, required_writable, {0, 6}),
      field("startTime", &AvailabilityRule::start_time, required_writable),
      field("endTime", &AvailabilityRule::end_time, required_writable),
      field("slotMinutes", &AvailabilityRule::slot_minutes, required_writable, minutes),
      field("stepMinutes", &AvailabilityRule::step_minutes, writable, minutes),
      field("capacity", &AvailabilityRule::capacity, writable, units), field("validFrom", &AvailabilityRule::valid_from, writable),
      field("validUntil", &AvailabilityRule::valid_until, writable));
};
template <> struct Schema<AvailabilityException> {
  static constexpr Limits minutes{1, 1440}, units{1, 100'000};
  static constexpr auto fields =
      std::make_tuple(field("id", &AvailabilityException::id, out), field("offeringId", &AvailabilityException::offering_id, out),
                      field("kind", &AvailabilityException::kind, required_writable),
                      field("startsAt", &AvailabilityException::starts_at, required_writable),
                      field("endsAt", &AvailabilityException::ends_at, required_writable),
                      field("slotMinutes", &AvailabilityException::slot_minutes, writable, minutes),
                      field("stepMinutes", &AvailabilityException::step_minutes, writable, minutes),
                      field("capacity", &AvailabilityException::capacity, writable, units),
                      field("note", &AvailabilityException::note, writable, {0, 500}));
};
} // namespace json
} // namespace orkestr::inline v1
