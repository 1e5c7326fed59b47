#include "orkestr/engine/notification.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

namespace {

constexpr std::string_view customer = "cus_00000000000000000000000001";

std::string kind_of(const Notification& n) { return std::string{json::name_of(n.kind)}; }

/// A line for each who is told: who, what kind, the text, the link.
std::string told(EventType type, std::string_view data) {
  std::string all;
  for (const auto& n : notifications_of(type, "subject_1", data)) {
    CHECK(n.subject == "subject_1");
    CHECK(n.id == NotificationId{});
    CHECK(n.created_at == Instant{});
    CHECK_FALSE(n.read_at.has_value());
    all += (n.customer_id ? n.customer_id->str() : "provider") + " " + kind_of(n) + " " + n.title + " " + n.link + "\n";
  }
  return all;
}

} // namespace

TEST_CASE("who is told what of each event") {
  const std::string c{customer};
  const std::string data = R"({"customerId":")" + c +
                           R"(","offeringTitle":"Łódź \"tour\"","code":"TEN","reason":"late","resolution":"refund","openedBy":"CUSTOMER"})";
  const std::string bookings = " /provider/bookings/subject_1\n", disputes = " /provider/disputes/subject_1\n", own = " /bookings\n";
  const std::string tour = "Łódź \"tour\"";
  const auto expected = [&](EventType type) -> std::string {
    switch (type) {
    case EventType::booking_confirmed:
      return "provider BOOKING_CONFIRMED Booking confirmed: " + tour + bookings + c +
             " BOOKING_CONFIRMED Your booking is confirmed: " + tour + own;
    case EventType::booking_cancelled:
      return "provider BOOKING_CANCELLED Booking cancelled: " + tour + bookings + c +
             " BOOKING_CANCELLED Your booking is cancelled: " + tour + own;
    case EventType::booking_rescheduled:
      return "provider BOOKING_RESCHEDULED Booking moved: " + tour + bookings + c +
             " BOOKING_RESCHEDULED Your booking has a new time: " + tour + own;
    case EventType::booking_refunded: return c + " GENERIC Your money is on its way back: " + tour + own;
    case EventType::coupon_redeemed: return "provider COUPON_REDEEMED Coupon redeemed: TEN" + bookings;
    case EventType::dispute_opened: return "provider DISPUTE_OPENED Dispute opened: late" + disputes;
    case EventType::dispute_message:
      return "provider DISPUTE_MESSAGE New message in a dispute: late" + disputes + c +
             " DISPUTE_MESSAGE New message in your dispute: late" + own;
    case EventType::dispute_resolved:
      return "provider GENERIC Dispute resolved: refund" + disputes + c + " GENERIC Your dispute is resolved: refund" + own;
    case EventType::review_created: return "provider REVIEW_LEFT New review: " + tour + " /provider/reviews/subject_1\n";
    case EventType::tenant_kyb_verified: return "provider TENANT_APPROVED Your business is verified /provider/kyb\n";
    case EventType::booking_created:
    case EventType::booking_completed:
    case EventType::hold_expired:
    case EventType::offering_published:
    case EventType::webhook_test: return "";
    }
    return "an event that this test does not know";
  };
  for (std::size_t i = 0; i < json::EnumNames<EventType>::names.size(); ++i) {
    const auto type = static_cast<EventType>(i);
    CAPTURE(json::name_of(type));
    CHECK(told(type, data) == expected(type));
  }
}

TEST_CASE("nobody is told of what they did themselves") {
  const std::string c{customer};
  const auto data = [&](std::string_view member, std::string_view who) {
    return R"({"customerId":")" + c + R"(","reason":"late",")" + std::string{member} + R"(":")" + std::string{who} + R"("})";
  };
  const std::string provider = " /provider/disputes/subject_1\n", own = " /bookings\n";
  const std::string opened[] = {"provider DISPUTE_OPENED Dispute opened: late" + provider,
                                c + " DISPUTE_OPENED A dispute was opened about your booking: late" + own};
  CHECK(told(EventType::dispute_opened, data("openedBy", "CUSTOMER")) == opened[0]);
  CHECK(told(EventType::dispute_opened, data("openedBy", "PROVIDER")) == opened[1]);
  const std::string written[] = {"provider DISPUTE_MESSAGE New message in a dispute: late" + provider,
                                 c + " DISPUTE_MESSAGE New message in your dispute: late" + own};
  CHECK(told(EventType::dispute_message, data("authorRole", "CUSTOMER")) == written[0]);
  CHECK(told(EventType::dispute_message, data("authorRole", "PROVIDER")) == written[1]);
  CHECK(told(EventType::dispute_message, data("authorRole", "ADMIN")) == written[0] + written[1]);
}

TEST_CASE("a long text is cut where a character ends") {
  const auto reason = [](const std::string& text) {
    return notifications_of(EventType::dispute_opened, "s", R"({"reason":")" + text + "\"}").at(0).title;
  };
  std::string whole;
  for (int i = 0; i < 200; ++i) whole += "Ł";
  CHECK(reason(whole) == "Dispute opened: " + whole);
  CHECK(reason(whole + "x") == "Dispute opened: " + whole + "…");
}

TEST_CASE("events whose data lacks what is told") {
  const std::string provider = "provider BOOKING_CONFIRMED Booking confirmed: ";
  const std::string link = " /provider/bookings/subject_1\n";
  CHECK(told(EventType::booking_confirmed, R"({"offeringTitle":"Tour"})") == provider + "Tour" + link); // of no customer
  CHECK(told(EventType::booking_confirmed, R"({"offeringTitle":"Tour","customerId":"nobody"})") == provider + "Tour" + link);
  CHECK(told(EventType::booking_confirmed, R"({"offeringTitle":"Tour","customerId":7})") == provider + "Tour" + link);
  CHECK(told(EventType::booking_confirmed, R"({"offeringTitle":7})") == provider + link);
  CHECK(told(EventType::booking_confirmed, "{}") == provider + link);
  CHECK(told(EventType::booking_refunded, "{}") == "");
  for (const auto* data : {"", "[]", "null", "{", "\"text\""}) CHECK(told(EventType::booking_confirmed, data) == "");
}

TEST_CASE("the data of a booking's events tells what a notification shows") {
  Booking booking;
  booking.id = BookingId::parse("bkg_00000000000000000000000001").value();
  booking.customer_id = CustomerId::parse(customer).value();
  BookingItem item;
  item.offering_title = "Kayak & <b>more</b>";
  booking.items = {item};
  const auto told = notifications_of(EventType::booking_confirmed, booking.id.view(), booking_event_data(booking));
  REQUIRE(told.size() == 2);
  CHECK(told[0].title == "Booking confirmed: Kayak & <b>more</b>");
  CHECK(told[0].link == "/provider/bookings/" + booking.id.str());
  CHECK_FALSE(told[0].customer_id.has_value());
  CHECK(told[1].customer_id == booking.customer_id);
  CHECK(told[1].subject == booking.id.view());
}
