// Events: what happened, as subscribers will read it. Written to the outbox in the transaction that changed the state.
#pragma once

#include "orkestr/engine/booking.hpp"

namespace orkestr::inline v1 {

enum class EventType {
  booking_created,
  booking_confirmed,
  booking_cancelled,
  booking_rescheduled,
  booking_completed,
  booking_refunded,
  hold_expired,
  coupon_redeemed,
  offering_published,
  dispute_opened,
  dispute_message,
  dispute_resolved,
  review_created,
  tenant_kyb_verified,
  webhook_test ///< of one subscription alone, on request
};

struct Event {
  EventId id;
  EventType type = EventType::booking_created;
  std::string subject; ///< id of the booking, coupon or offering it is about; order is kept per subject
  std::string body;    ///< serialised once; signed and sent byte for byte
  Instant created_at;
};

/// The whole body: `{"id","event","type","timestamp","tenantId","data"}`. `data` is one complete JSON object.
[[nodiscard]] std::string event_body(EventId id, EventType type, Instant now, TenantId tenant, std::string_view data);

/// `data` of the booking events; `previous` only for `booking.rescheduled`.
[[nodiscard]] std::string booking_event_data(const Booking& booking, const BookingItem* changed = nullptr,
                                             std::optional<Interval> previous = {});

/// `data` of `hold.expired`.
[[nodiscard]] std::string hold_event_data(const Hold& hold);

namespace json {
template <> struct EnumNames<EventType> {
  static constexpr std::array<std::string_view, 15> names{
      "booking.created",  "booking.confirmed", "booking.cancelled", "booking.rescheduled", "booking.completed",
      "booking.refunded", "hold.expired",      "coupon.redeemed",   "offering.published",  "dispute.opened",
      "dispute.message",  "dispute.resolved",  "review.created",    "tenant.kyb_verified", "webhook.test"};
};
} // namespace json
} // namespace orkestr::inline v1
