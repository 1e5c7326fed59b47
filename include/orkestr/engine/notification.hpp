// What the bell in the portal, and that of customers, shows: the events of the outbox, told to people.
#pragma once

#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/event.hpp"

namespace orkestr::inline v1 {

enum class NotificationKind {
  booking_confirmed,
  booking_cancelled,
  booking_rescheduled,
  dispute_opened,
  dispute_message,
  review_left,
  coupon_redeemed,
  tenant_approved,
  generic
};

struct Notification {
  NotificationId id;
  std::optional<CustomerId> customer_id; ///< whose it is; without one, the provider's
  NotificationKind kind = NotificationKind::generic;
  std::string title;
  std::string link;    ///< path of the page that it is about
  std::string subject; ///< id of what it is about
  Instant created_at;
  std::optional<Instant> read_at;
};

/// Who is told what of an event. Ids and times are left to the caller.
/// @param data  of the event, as JSON
/// @thread_safety pure
[[nodiscard]] std::vector<Notification> notifications_of(EventType type, std::string_view subject, std::string_view data);

/// A text as a bell shows it: what is too long for a line, 200 characters, ends with an ellipsis.
[[nodiscard]] std::string shortened(std::string text);

namespace json {
template <> struct EnumNames<NotificationKind> {
  static constexpr std::array<std::string_view, 9> names{"BOOKING_CONFIRMED", "BOOKING_CANCELLED", "BOOKING_RESCHEDULED",
                                                         "DISPUTE_OPENED",    "DISPUTE_MESSAGE",   "REVIEW_LEFT",
                                                         "COUPON_REDEEMED",   "TENANT_APPROVED",   "GENERIC"};
};
template <> struct Schema<Notification> {
  using T = Notification;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("kind", &T::kind, out), field("title", &T::title, out), field("link", &T::link, out),
                      field("subject", &T::subject, out), field("createdAt", &T::created_at, out), field("readAt", &T::read_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
