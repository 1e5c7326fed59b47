#include "orkestr/engine/event.hpp"

#include "engine/event_json.hpp"

namespace orkestr::inline v1 {

std::string event_body(EventId id, EventType type, Instant now, TenantId tenant, std::string_view data) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.key("id");
  w.string(id.view());
  w.key("event");
  json::write(w, type);
  w.key("type");
  json::write(w, type);
  w.key("timestamp");
  json::write(w, now);
  w.key("tenantId");
  w.string(tenant.view());
  w.key("data");
  w.raw(data);
  w.end_object();
  return body;
}

std::string booking_event_data(const Booking& booking, const BookingItem* changed, std::optional<Interval> previous) {
  const BookingItem& item = changed != nullptr ? *changed : booking.items.front();
  return event_json([&](const auto& put) {
    put("bookingId", booking.id);
    put("status", booking.status);
    put("customerId", booking.customer_id);
    put("itemId", item.id);
    put("offeringId", item.offering_id);
    put("offeringTitle", item.offering_title);
    put("startsAt", item.starts_at);
    put("endsAt", item.ends_at);
    put("quantity", static_cast<std::int64_t>(item.quantity));
    put("totalCents", booking.total_cents);
    put("currency", booking.currency);
    if (booking.status == BookingStatus::cancelled || booking.status == BookingStatus::refunded) {
      put("refundPercent", booking.refund_percent);
      put("refundCents", booking.refund_cents);
      put("reason", booking.cancel_reason);
    }
    if (previous) {
      put("previousStartsAt", previous->start);
      put("previousEndsAt", previous->end);
    }
  });
}

std::string hold_event_data(const Hold& hold) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.key("holdId");
  w.string(hold.id.view());
  json::for_each_field<Hold>([&](const auto& f) {
    if (f.name == "id" || f.name == "createdAt") return;
    w.key(f.name);
    json::write(w, hold.*(f.member));
  });
  w.end_object();
  return data;
}

} // namespace orkestr::inline v1
