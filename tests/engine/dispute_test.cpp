#include "orkestr/engine/dispute.hpp"
#include "orkestr/engine/notification.hpp"

#include "engine/fixtures.hpp"

#include <fstream>
#include <sstream>

using namespace fixtures;

namespace {

const Instant now = at("2026-05-12T12:00:00Z");

Booking booked(BookingStatus status = BookingStatus::completed) {
  Booking booking;
  booking.id = BookingId::from_body("00000000000000000000000001");
  booking.customer_id = CustomerId::from_body("00000000000000000000000002");
  booking.status = status;
  booking.currency = Currency::parse("EUR").value();
  for (const auto& [from, to] :
       {std::pair{"2026-05-10T09:00:00Z", "2026-05-10T10:00:00Z"}, {"2026-05-09T09:00:00Z", "2026-05-09T10:00:00Z"}}) {
    BookingItem item;
    item.offering_title = "Kayak tour";
    item.starts_at = at(from), item.ends_at = at(to);
    booking.items.push_back(item);
  }
  return booking;
}

Payment payment(PaymentStatus status, Amount amount, Amount refunded) {
  Payment made;
  made.status = status, made.amount_cents = amount, made.refunded_cents = refunded;
  return made;
}

Dispute opened(DisputeParty by = DisputeParty::customer) {
  Dispute dispute;
  dispute.id = DisputeId::from_body("00000000000000000000000003");
  dispute.category = DisputeCategory::not_provided;
  dispute.reason = "Nobody came.";
  dispute.evidence_urls = {{"https://example.com/photo.jpg"}};
  fill_dispute(dispute, booked(), by, "cus_00000000000000000000000002", now);
  return dispute;
}

/// Faults of a body as `pointer:code`, in order.
template <class T> std::string faults(std::string_view body, json::Use mode = json::create) {
  json::Reader reader;
  T target;
  json::read_body(reader, json::parse(body).value(), target, mode);
  std::string text;
  for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  return text;
}

} // namespace

TEST_CASE("the whole matrix of a dispute's states, actions, parties and openers") {
  using enum DisputeStatus;
  using enum DisputeParty;
  // For each action, who may: c customer, p provider, a admin, o whoever opened it.
  struct Row {
    DisputeAction action;
    DisputeStatus to;
    std::string_view from_open, from_escalated;
  };
  static constexpr Row rows[] = {{DisputeAction::message, open, "cpa", "cpa"}, // and stays what it is
                                 {DisputeAction::escalate, escalated, "cp", ""},
                                 {DisputeAction::withdraw, withdrawn, "o", "o"},
                                 {DisputeAction::refund, resolved, "pa", "pa"},
                                 {DisputeAction::keep_payment, resolved, "a", "a"}};
  static_assert(std::size(rows) == json::EnumNames<DisputeAction>::names.size());
  for (const auto& row : rows)
    for (const auto by : {customer, provider, admin})
      for (const auto opener : {customer, provider}) {
        const auto may = [&](std::string_view who) {
          return who.find("cpa"[static_cast<std::size_t>(by)]) != std::string_view::npos || (who == "o" && by == opener);
        };
        const bool ever = may(row.from_open) || may(row.from_escalated);
        for (const auto from : {open, escalated, resolved, withdrawn}) {
          CAPTURE(json::name_of(row.action));
          CAPTURE(json::name_of(by));
          CAPTURE(json::name_of(opener));
          CAPTURE(json::name_of(from));
          const bool now_may = from == open ? may(row.from_open) : from == escalated && may(row.from_escalated);
          const auto to = next_status(from, row.action, by, opener);
          CHECK(outcome(to) == (now_may ? "ok" : ever ? "invalid_transition" : "forbidden"));
          if (now_may)
            CHECK(*to == (row.action == DisputeAction::message ? from : row.to));
          else if (ever)
            CHECK(to.error().detail.find(json::name_of(from)) != std::string::npos);
          else
            CHECK_FALSE(to.error().detail.empty());
          // What is done is what the table says, or nothing.
          Dispute dispute;
          dispute.status = from, dispute.opened_by = opener;
          CHECK(outcome(act(dispute, row.action, by, now)) == outcome(to));
          CHECK(dispute.status == (now_may ? *to : from));
          CHECK(dispute.closed_at.has_value() == (now_may && (*to == resolved || *to == withdrawn)));
          CHECK(dispute.escalated_at.has_value() == (now_may && row.action == DisputeAction::escalate));
          CHECK((dispute.updated_at == now) == now_may);
        }
      }
}

TEST_CASE("the document shows the table of disputes as it is") {
  std::ifstream file(ORKESTR_DOCS "/trust.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str().find("<!-- disputes begin -->\n" + dispute_transitions_markdown() + "<!-- disputes end -->") != std::string::npos);
}

TEST_CASE("which bookings can be disputed, and until when") {
  const auto refused = [](const Booking& booking, std::vector<DisputeStatus> earlier, Instant when) {
    return outcome(check_disputable(booking, earlier, when));
  };
  for (const auto status : {BookingStatus::confirmed, BookingStatus::completed}) CHECK(refused(booked(status), {}, now) == "ok");
  Booking cancelled = booked(BookingStatus::cancelled); // before anything came of it
  CHECK(refused(cancelled, {}, now) == "invalid_transition");
  cancelled.payments = {payment(PaymentStatus::failed, 100, 0)};
  CHECK(refused(cancelled, {}, now) == "invalid_transition");
  cancelled.payments = {payment(PaymentStatus::succeeded, 100, 0)};
  CHECK(refused(cancelled, {}, now) == "ok");
  cancelled.payments.clear(), cancelled.confirmed_at = now;
  CHECK(refused(cancelled, {}, now) == "ok");
  for (const auto status : {BookingStatus::pending, BookingStatus::refunded}) {
    CHECK(refused(booked(status), {}, now) == "invalid_transition");
    CHECK(check_disputable(booked(status), {}, now).error().detail.find(json::name_of(status)) != std::string::npos);
  }
  const Instant last = at("2026-07-09T10:00:00Z"); // 60 days after the item that ends last, which is not the last in the list
  CHECK(refused(booked(), {}, last) == "ok");
  CHECK(refused(booked(), {}, last + milliseconds{1}) == "invalid_transition");
  CHECK(refused(booked(), {}, at("2026-01-01T00:00:00Z")) == "ok"); // long before it begins
  using enum DisputeStatus;
  CHECK(refused(booked(), {withdrawn, withdrawn}, now) == "ok");
  for (const auto status : {open, escalated, resolved}) CHECK(refused(booked(), {withdrawn, status}, now) == "already_exists");
}

TEST_CASE("a decision returns what is left, or less, or nothing") {
  Booking booking = booked();
  booking.payments = {payment(PaymentStatus::succeeded, 10'000, 0), payment(PaymentStatus::partially_refunded, 5000, 2000),
                      payment(PaymentStatus::failed, 7000, 0), payment(PaymentStatus::pending, 9000, 0)};
  CHECK(refundable_cents(booking) == 13'000);
  CHECK(refundable_cents(booked()) == 0);
  using enum DisputeResolution;
  const auto check = [](const DisputeDecision& decision, Amount left) {
    json::Reader reader;
    validate(decision, left, reader);
    return reader.ok() ? "ok" : reader.faults[0].pointer + ":" + std::string{reader.faults[0].code};
  };
  CHECK(check({refund, "n", {}}, 13'000) == "ok");
  CHECK(check({refund, "n", 13'000}, 13'000) == "ok");
  CHECK(check({refund, "n", 13'001}, 13'000) == "/refundCents:too_large");
  CHECK(check({refund, "n", {}}, 0) == "ok"); // everything went back in another way
  CHECK(check({refund, "n", 1}, 0) == "/refundCents:too_large");
  CHECK(check({keep_payment, "n", {}}, 13'000) == "ok");
  CHECK(check({keep_payment, "n", 1}, 13'000) == "/refundCents:conflict");

  const auto resolved = [](const DisputeDecision& decision, DisputeParty by) {
    Dispute dispute = opened();
    REQUIRE(resolve(dispute, decision, 13'000, by, now + milliseconds{7}));
    CHECK(dispute.status == DisputeStatus::resolved);
    CHECK(dispute.resolution == decision.resolution);
    CHECK(dispute.note == decision.note);
    CHECK(dispute.resolved_by == by);
    CHECK(dispute.closed_at == now + milliseconds{7});
    CHECK(outcome(resolve(dispute, decision, 13'000, by, now)) == "invalid_transition");
    return dispute.refund_cents;
  };
  CHECK(resolved({refund, "All of it.", {}}, DisputeParty::admin) == 13'000);
  CHECK(resolved({refund, "Half.", 6500}, DisputeParty::admin) == 6500);
  CHECK(resolved({refund, "Sorry.", {}}, DisputeParty::provider) == 13'000);
  CHECK(resolved({keep_payment, "They came.", {}}, DisputeParty::admin) == std::nullopt);
  for (const auto& [by, resolution] : {std::pair{DisputeParty::customer, refund}, {DisputeParty::provider, keep_payment}}) {
    Dispute dispute = opened();
    CHECK(outcome(resolve(dispute, {resolution, "No.", {}}, 13'000, by, now)) == "forbidden");
    CHECK(dispute.status == DisputeStatus::open);
    CHECK_FALSE(dispute.resolution.has_value());
  }
}

TEST_CASE("what the bodies of disputes may say") {
  CHECK(faults<Dispute>(R"({"reason":"Nobody came."})").empty());
  CHECK(faults<Dispute>(R"({"category":"NO_SHOW","reason":"a\nb","evidenceUrls":["https://example.com/a?b=c"]})").empty());
  CHECK(faults<Dispute>("{}") == "/reason:required");
  CHECK(faults<Dispute>(R"({"category":"RUDE","reason":" ","evidenceUrls":"x"})") ==
        "/category:unknown_value /reason:invalid_format /evidenceUrls:wrong_type");
  CHECK(
      faults<Dispute>(
          R"({"reason":"x","evidenceUrls":["http://example.com/","https://example.com/","https://10.0.0.1/","javascript:alert",7,"https://u:p@example.com/","https://localhost/"]
})") == "/evidenceUrls/0:url_invalid /evidenceUrls/2:address_not_public /evidenceUrls/3:url_invalid /evidenceUrls/4:wrong_type "
        "/evidenceUrls/5:url_invalid /evidenceUrls/6:address_not_public");
  const auto urls = [](int count, std::size_t size) {
    std::string body = R"({"text":"x","evidenceUrls":[)";
    for (int i = 0; i < count; ++i) body.append(i == 0 ? "\"" : ",\"").append("https://example.com/" + std::string(size - 20, 'p') + "\"");
    return body + "]}";
  };
  CHECK(faults<DisputeMessage>(urls(10, 2048)).empty());
  CHECK(faults<DisputeMessage>(urls(11, 30)) == "/evidenceUrls:too_many_items");
  CHECK(faults<DisputeMessage>(urls(1, 2049)) == "/evidenceUrls/0:url_invalid");
  CHECK(faults<DisputeMessage>("{}") == "/text:required");
  CHECK(faults<DisputeMessage>(R"({"text":")" + std::string(4000, 'x') + "\"}").empty());
  CHECK(faults<DisputeMessage>(R"({"text":")" + std::string(4001, 'x') + "\"}") == "/text:too_long");
  CHECK(faults<Dispute>(R"({"reason":")" + std::string(2001, 'x') + "\"}") == "/reason:too_long");
  CHECK(faults<DisputeMessage>(R"({"text":"x","authorRole":"ADMIN"})") == "/authorRole:read_only_field");
  CHECK(faults<DisputeDecision>(R"({"resolution":"KEEP_PAYMENT","note":"They came."})").empty());
  CHECK(faults<DisputeDecision>(R"({"resolution":"REFUND","note":"Sorry.","refundCents":1})").empty());
  CHECK(faults<DisputeDecision>(R"({"resolution":"SPLIT","refundCents":0})") ==
        "/resolution:unknown_value /note:required /refundCents:too_small");
}

TEST_CASE("a dispute with its thread, as JSON") {
  DisputeThread thread{opened(), {}};
  DisputeMessage message;
  message.id = DisputeMessageId::from_body("00000000000000000000000004");
  message.dispute_id = thread.id;
  message.author_role = DisputeParty::provider;
  message.author_id = "key_1";
  message.text = "We were there.";
  message.created_at = now;
  thread.messages = {message};
  CHECK(
      json::to_json(thread) ==
      R"({"id":"dsp_00000000000000000000000003","bookingId":"bkg_00000000000000000000000001","customerId":"cus_00000000000000000000000002",)"
      R"("offeringTitle":"Kayak tour","category":"NOT_PROVIDED","reason":"Nobody came.","evidenceUrls":["https://example.com/photo.jpg"],)"
      R"("openedBy":"CUSTOMER","openedById":"cus_00000000000000000000000002","status":"OPEN","resolution":null,"note":null,)"
      R"("refundCents":null,"currency":"EUR","resolvedBy":null,"createdAt":"2026-05-12T12:00:00Z","updatedAt":"2026-05-12T12:00:00Z",)"
      R"("escalatedAt":null,"closedAt":null,"messages":[{"id":"msg_00000000000000000000000004","authorRole":"PROVIDER","authorId":"key_1",)"
      R"("text":"We were there.","evidenceUrls":[],"createdAt":"2026-05-12T12:00:00Z"}]})");
}

TEST_CASE("the events of a dispute have what the reference names, and what the bell tells") {
  const std::string common =
      R"("bookingId":"bkg_00000000000000000000000001","customerId":"cus_00000000000000000000000002","offeringTitle":"Kayak tour",)";
  Dispute dispute = opened();
  CHECK(dispute_opened_data(dispute) ==
        R"({"disputeId":"dsp_00000000000000000000000003",)" + common +
            R"("status":"OPEN","category":"NOT_PROVIDED","reason":"Nobody came.","openedBy":"CUSTOMER",)"
            R"("openedById":"cus_00000000000000000000000002","evidenceUrls":["https://example.com/photo.jpg"]})");
  const auto told = [&](EventType type, const std::string& data) {
    std::string all;
    for (const auto& n : notifications_of(type, dispute.id.view(), data))
      all += (n.customer_id ? "customer: " : "provider: ") + n.title + "\n";
    return all;
  };
  CHECK(told(EventType::dispute_opened, dispute_opened_data(dispute)) == "provider: Dispute opened: Nobody came.\n");
  CHECK(told(EventType::dispute_opened, dispute_opened_data(opened(DisputeParty::provider))) ==
        "customer: A dispute was opened about your booking: Nobody came.\n");

  DisputeMessage message;
  message.id = DisputeMessageId::from_body("00000000000000000000000004");
  message.author_role = DisputeParty::admin;
  message.author_id = "usr_1";
  message.text = "What happened?";
  const auto data = dispute_message_data(dispute, message);
  CHECK(data.ends_with(
      R"("messageId":"msg_00000000000000000000000004","authorRole":"ADMIN","authorId":"usr_1","text":"What happened?","evidenceUrls":[]})"));
  CHECK(told(EventType::dispute_message, data) ==
        "provider: New message in a dispute: Nobody came.\ncustomer: New message in your dispute: Nobody came.\n");
  message.author_role = DisputeParty::customer;
  CHECK(told(EventType::dispute_message, dispute_message_data(dispute, message)) == "provider: New message in a dispute: Nobody came.\n");

  Dispute kept = dispute;
  REQUIRE(resolve(dispute, {DisputeResolution::refund, "Sorry.", 700}, 1000, DisputeParty::admin, now));
  CHECK(dispute_resolved_data(dispute).ends_with(
      R"("resolution":"REFUND","note":"Sorry.","refundCents":700,"currency":"EUR","resolvedBy":"ADMIN"})"));
  CHECK(told(EventType::dispute_resolved, dispute_resolved_data(dispute)) ==
        "provider: Dispute resolved: REFUND\ncustomer: Your dispute is resolved: REFUND\n");
  REQUIRE(act(kept, DisputeAction::withdraw, DisputeParty::customer, now));
  CHECK(dispute_resolved_data(kept).ends_with(
      R"("resolution":"WITHDRAWN","note":null,"refundCents":null,"currency":"EUR","resolvedBy":null})"));
}
