#include "api/bodies.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace json {

bool is_email_text(std::string_view text) { return is_email(text); }
bool is_country_letters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

} // namespace json

namespace api {

namespace {

/// Checks that a draft names a slot or a hold, and not half of either. @errors `invalid_fields`
template <class Draft> Result<void> check_what(const Draft& draft) {
  json::Reader reader;
  if (draft.hold_id) {
    if (draft.offering_id || draft.starts_at || draft.ends_at)
      reader.fault_at("holdId", "conflict", "Give a hold, or offeringId, startsAt and endsAt.");
  } else {
    if (!draft.offering_id) reader.fault_at("offeringId", "required", "This field is required unless holdId is given.");
    if (!draft.starts_at) reader.fault_at("startsAt", "required", "This field is required unless holdId is given.");
    if (!draft.ends_at) reader.fault_at("endsAt", "required", "This field is required unless holdId is given.");
  }
  return reader.result();
}

/// A request for the slot or the hold that a draft names. @errors `invalid_fields` for half of either
template <class Request, class Draft> Result<Request> request_for(const Draft& draft) {
  ORKESTR_CHECK(check_what(draft));
  Request request;
  request.offering_id = draft.offering_id.value_or(OfferingId{});
  request.interval = {draft.starts_at.value_or(Instant{}), draft.ends_at.value_or(Instant{})};
  request.quantity = draft.quantity;
  request.hold_id = draft.hold_id;
  return request;
}

} // namespace

Result<QuoteRequest> quote_request(const QuoteDraft& draft) {
  ORKESTR_TRY(auto request, request_for<QuoteRequest>(draft));
  request.coupon_code = draft.coupon_code;
  request.customer_email = draft.customer_email;
  return request;
}

Result<BookRequest> book_request(const BookingDraft& draft) {
  ORKESTR_TRY(auto request, request_for<BookRequest>(draft));
  request.customer_name = draft.customer.name;
  request.customer_email = draft.customer.email;
  request.customer_phone = draft.customer.phone;
  request.customer_locale = draft.customer.locale;
  request.client.country = draft.customer.country;
  request.client.device = draft.device_id;
  request.coupon_code = draft.coupon_code;
  request.expected_total_cents = draft.expected_total_cents;
  request.pay_online = draft.payment.method == PaymentMethod::online;
  request.notes = draft.notes;
  return request;
}

std::string quote_json(const QuoteView& view) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.key("offeringId");
  w.string(view.offering.id.view());
  w.key("startsAt");
  json::write(w, view.interval.start);
  w.key("endsAt");
  json::write(w, view.interval.end);
  w.key("quantity");
  w.integer(view.quantity);
  w.key("couponCode");
  json::write(w, view.coupon ? std::optional{view.coupon->code} : std::nullopt);
  w.key("couponDescription");
  json::write(w, view.coupon ? view.coupon->description : std::nullopt);
  json::write_fields(w, view.quote);
  w.key("cancellationPolicy");
  json::write(w, view.offering.cancellation_policy);
  w.end_object();
  return body;
}

Result<std::optional<RescheduleRequest>> move_of(const Call& call, const BookingMove& body, Audience audience) {
  json::Reader reader;
  const auto* object = call.body->if_object();
  if (object->empty()) reader.fault("too_few_items", "Give startsAt and endsAt to reschedule, or notes.");
  for (const auto& member : *object)
    if (member.value().is_null())
      reader.fault_at({member.key().data(), member.key().size()}, "not_nullable", "This field can't be null; leave it out.");
  const bool moves = body.starts_at || body.ends_at;
  if (reader.ok() && moves && !body.starts_at) reader.fault_at("startsAt", "required", "startsAt and endsAt go together.");
  if (reader.ok() && moves && !body.ends_at) reader.fault_at("endsAt", "required", "startsAt and endsAt go together.");
  if (reader.ok() && body.item_id && !moves) reader.fault_at("startsAt", "required", "An item is moved by startsAt and endsAt.");
  ORKESTR_CHECK(reader.result());
  if (!moves) return std::optional<RescheduleRequest>{};
  return std::optional{RescheduleRequest{body.item_id, {*body.starts_at, *body.ends_at}, audience}};
}

Reply moved_reply(std::string body, Amount difference) {
  // Not part of the resource: the tag is that of what GET answers.
  Reply reply;
  reply.tag = etag_of(body);
  reply.body = std::move(body);
  reply.body.pop_back();
  reply.body += ",\"priceDifferenceCents\":" + std::to_string(difference) + "}";
  reply.tagged = false;
  return reply;
}

Result<bool> dry_run(const Call& call) {
  ORKESTR_TRY(const auto dry, call.query.boolean("dryRun"));
  return dry.value_or(false);
}

} // namespace api
} // namespace orkestr::inline v1
