#include "orkestr/engine/notification.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// How an event is told to the provider and, where it is about a booking of theirs, to a customer. Texts go on with what it is about.
struct Telling {
  EventType type;
  NotificationKind kind;
  std::string_view provider, customer; ///< empty: not told
  std::string_view about;              ///< the member of the event's data that the text ends with
  std::string_view page;               ///< of the provider's; the subject is what follows
  std::string_view by = {};            ///< the member that says whose doing it was (CUSTOMER, PROVIDER…); they are not told of it
};
constexpr Telling tellings[] = {
    {EventType::booking_confirmed, NotificationKind::booking_confirmed,
     "Booking confirmed: ", "Your booking is confirmed: ", "offeringTitle", "/provider/bookings/"},
    {EventType::booking_cancelled, NotificationKind::booking_cancelled,
     "Booking cancelled: ", "Your booking is cancelled: ", "offeringTitle", "/provider/bookings/"},
    {EventType::booking_rescheduled, NotificationKind::booking_rescheduled,
     "Booking moved: ", "Your booking has a new time: ", "offeringTitle", "/provider/bookings/"},
    {EventType::booking_refunded, NotificationKind::generic, {}, "Your money is on its way back: ", "offeringTitle", "/provider/bookings/"},
    {EventType::coupon_redeemed, NotificationKind::coupon_redeemed, "Coupon redeemed: ", {}, "code", "/provider/bookings/"},
    {EventType::dispute_opened, NotificationKind::dispute_opened, "Dispute opened: ", "A dispute was opened about your booking: ", "reason",
     "/provider/disputes/", "openedBy"},
    {EventType::dispute_message, NotificationKind::dispute_message, "New message in a dispute: ", "New message in your dispute: ", "reason",
     "/provider/disputes/", "authorRole"},
    {EventType::dispute_resolved, NotificationKind::generic, "Dispute resolved: ", "Your dispute is resolved: ", "resolution",
     "/provider/disputes/"},
    {EventType::review_created, NotificationKind::review_left, "New review: ", {}, "offeringTitle", "/provider/reviews/"},
    {EventType::tenant_kyb_verified, NotificationKind::tenant_approved, "Your business is verified", {}, {}, "/provider/kyb"},
};

std::string text_in(const json::Object& data, std::string_view member) {
  const auto* value = data.if_contains({member.data(), member.size()});
  return value != nullptr && value->is_string() ? std::string{std::string_view{value->get_string()}} : std::string{};
}

} // namespace

std::string shortened(std::string text) {
  static constexpr int most_characters = 200;
  std::size_t size = 0;
  for (int i = 0; i < most_characters && size < text.size(); ++i)
    size += std::max<std::size_t>(utf8_size(std::string_view{text}.substr(size)), 1);
  if (size < text.size()) text.replace(size, std::string::npos, "\u2026");
  return text;
}

std::vector<Notification> notifications_of(EventType type, std::string_view subject, std::string_view data) {
  std::vector<Notification> all;
  const auto* telling = std::ranges::find(tellings, type, &Telling::type);
  if (telling == std::end(tellings)) return all;
  const auto parsed = json::parse(data);
  if (!parsed || !parsed->is_object()) return all;
  const auto& members = parsed->get_object();
  const std::string about = shortened(text_in(members, telling->about)), by = text_in(members, telling->by);
  const auto tell = [&](std::string_view text, std::optional<CustomerId> customer, std::string link) {
    if (text.empty()) return;
    all.push_back({{}, customer, telling->kind, std::string{text} + about, std::move(link), std::string{subject}, {}, {}});
  };
  std::string link{telling->page};
  if (link.ends_with('/')) link += subject;
  if (by != "PROVIDER") tell(telling->provider, {}, std::move(link));
  if (by == "CUSTOMER") return all;
  if (const auto customer = CustomerId::parse(text_in(members, "customerId"))) tell(telling->customer, customer, "/bookings");
  return all;
}

} // namespace orkestr::inline v1
