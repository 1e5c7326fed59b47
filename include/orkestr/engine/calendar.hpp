// Bookings as a calendar that others subscribe to: who may, what is in it, and how each booking stands there.
#pragma once

#include "orkestr/engine/booking.hpp"

#include <span>

namespace orkestr::inline v1 {

/// Whose calendar a token opens: all of a business's bookings for a key or a member, their own for a customer and for a member who is
/// a CLIENT.
enum class CalendarOwnerKind { member, customer, key };

struct CalendarOwner {
  CalendarOwnerKind kind = CalendarOwnerKind::key;
  std::string id;
};

struct CalendarToken {
  std::string token_hash; ///< SHA-256 in hex of what stands in the address
  CalendarOwnerKind owner_kind = CalendarOwnerKind::key;
  std::string owner_id;
  Instant created_at;

  [[nodiscard]] CalendarOwner owner() const { return {owner_kind, owner_id}; }
};

/// What a calendar reaches back and ahead.
inline constexpr milliseconds calendar_past = std::chrono::days{90}, calendar_future = std::chrono::days{400};
/// The most events; of more, the earliest are left out.
inline constexpr std::size_t most_calendar_events = 10'000;

/// A booked time, as a calendar needs it.
struct BookedTime {
  BookingId booking_id;
  BookingItemId item_id;
  BookingStatus status = BookingStatus::pending;
  bool took_place = false; ///< it was COMPLETED, whatever became of its money since
  int sequence = 0;
  Instant updated_at, starts_at, ends_at;
  std::string offering_title, customer_name;
  int quantity = 1;
};

/// How an event stands in a calendar (RFC 5545, §3.8.1.11).
enum class EventState { tentative, confirmed, cancelled };

struct CalendarEvent {
  std::string uid; ///< of the booking's item, the same for ever
  int sequence = 0;
  EventState state = EventState::confirmed;
  Instant changed_at, starts_at, ends_at;
  std::string summary, description, url;
};

/// What is written as one VCALENDAR.
struct Calendar {
  std::string name;
  std::vector<CalendarEvent> events;
};

/// The events of what is booked, by start.
/// @param host        what makes the ids unique in the world
/// @param with_names  whether who booked is named, as for the business
/// @param link        where a booking is looked at: its id is appended
/// @thread_safety pure
[[nodiscard]] std::vector<CalendarEvent> calendar_events(std::span<const BookedTime> booked, std::string_view host, bool with_names,
                                                         std::string_view link);

namespace json {
template <> struct EnumNames<CalendarOwnerKind> { static constexpr std::array<std::string_view, 3> names{"MEMBER", "CUSTOMER", "KEY"}; };
} // namespace json
} // namespace orkestr::inline v1
