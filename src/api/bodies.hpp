// Bodies of requests about bookings, for the routes of keys and of visitors alike, and about webhooks.
#pragma once

#include "api/context.hpp"

namespace orkestr::inline v1::api {

enum class PaymentMethod { later, online };

struct PaymentChoice {
  PaymentMethod method = PaymentMethod::later;
};

struct CustomerDraft {
  std::string name, email;
  std::optional<std::string> phone, locale, country;
};

/// POST …/quotes: a slot, or a hold in place of it.
struct QuoteDraft {
  std::optional<OfferingId> offering_id;
  std::optional<Instant> starts_at, ends_at;
  int quantity = 1;
  std::optional<HoldId> hold_id;
  std::optional<std::string> coupon_code, customer_email;
};

/// POST …/holds.
struct HoldDraft {
  OfferingId offering_id;
  Instant starts_at, ends_at;
  int quantity = 1;
};

/// POST /v1/public/{tenant}/bookings.
struct BookingDraft {
  std::optional<OfferingId> offering_id;
  std::optional<Instant> starts_at, ends_at;
  int quantity = 1;
  std::optional<HoldId> hold_id;
  CustomerDraft customer;
  std::optional<std::string> coupon_code;
  std::optional<Amount> expected_total_cents;
  PaymentChoice payment;
  std::optional<std::string> device_id;
  std::string notes;
};

/// What a caller with a key knows about the customer's machine and card.
struct ClientDraft {
  std::optional<std::string> ip_address, ip_country, card_fingerprint, card_country;
};

/// POST /v1/api/bookings.
struct KeyBookingDraft : BookingDraft {
  ClientDraft client;
  std::string source = "api";
};

/// PATCH of a booking by a visitor.
struct BookingMove {
  std::optional<BookingItemId> item_id;
  std::optional<Instant> starts_at, ends_at;
};
/// PATCH /v1/api/bookings/{id}.
struct BookingPatch : BookingMove {
  std::optional<std::string> notes;
};

struct BookingCancel {
  std::optional<std::string> reason;
};

struct PaymentDraft {
  Amount amount_cents = 0;
  std::string provider = "manual";
};
struct RefundDraft {
  Amount amount_cents = 0;
};

/// POST …/rotate and …/promote.
struct RotationDraft {
  bool revoke_old = false;
};
/// POST …/replay.
struct ReplayDraft {
  std::optional<Instant> from, to;
  std::optional<DeliveryStatus> status = DeliveryStatus::dead;
  std::optional<EventType> event;
};

/// A body that may only be empty.
struct NoFields {};

/// Reads the call's body, or takes `T{}` where it has none. @errors `invalid_fields`
template <class T> [[nodiscard]] Result<T> body_of(const Call& call, json::Use use = json::Use::create) {
  T body;
  json::Reader reader;
  if (call.body) json::read_body(reader, *call.body, body, use);
  ORKESTR_CHECK(reader.result());
  return body;
}

[[nodiscard]] Result<QuoteRequest> quote_request(const QuoteDraft& draft);
[[nodiscard]] Result<BookRequest> book_request(const BookingDraft& draft);
/// The answer of a quote: the slot and the price.
[[nodiscard]] std::string quote_json(const QuoteView& view);
/// Reads and checks a PATCH: the move, if there is one. @errors `invalid_fields`
[[nodiscard]] Result<std::optional<RescheduleRequest>> move_of(const Call& call, const BookingMove& body, Audience audience);
/// The booking after a move, with what it changed.
[[nodiscard]] Reply moved_reply(std::string body, Amount difference);
/// `?dryRun=true|false`. @errors `invalid_parameter`
[[nodiscard]] Result<bool> dry_run(const Call& call);

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct EnumNames<api::PaymentMethod> { static constexpr std::array<std::string_view, 2> names{"LATER", "ONLINE"}; };
[[nodiscard]] bool is_email_text(std::string_view text);
[[nodiscard]] bool is_country_letters(std::string_view text);

inline constexpr Limits quantity_limits{1, 100'000}, code_limits{1, 64},
    email_limits{3, 254, is_email_text, "Use an address such as ada@example.com."},
    country_limits{2, 2, is_country_letters, "Use two letters, as of ISO 3166-1."}, total_limits{0, 9'000'000'000'000'000};

template <> struct Schema<api::PaymentChoice> {
  static constexpr auto fields = std::make_tuple(field("method", &api::PaymentChoice::method, create | required));
};
template <> struct Schema<api::CustomerDraft> {
  using T = api::CustomerDraft;
  static constexpr auto fields =
      std::make_tuple(field("name", &T::name, create | required, {1, 200}), field("email", &T::email, create | required, email_limits),
                      field("phone", &T::phone, create, {1, 40}), field("locale", &T::locale, create, {2, 35}),
                      field("country", &T::country, create, country_limits));
};
template <> struct Schema<api::QuoteDraft> {
  using T = api::QuoteDraft;
  static constexpr auto fields = std::make_tuple(
      field("offeringId", &T::offering_id, create), field("startsAt", &T::starts_at, create), field("endsAt", &T::ends_at, create),
      field("quantity", &T::quantity, create, quantity_limits), field("holdId", &T::hold_id, create),
      field("couponCode", &T::coupon_code, create, code_limits), field("customerEmail", &T::customer_email, create, email_limits));
};
template <> struct Schema<api::HoldDraft> {
  using T = api::HoldDraft;
  static constexpr auto fields =
      std::make_tuple(field("offeringId", &T::offering_id, create | required), field("startsAt", &T::starts_at, create | required),
                      field("endsAt", &T::ends_at, create | required), field("quantity", &T::quantity, create, quantity_limits));
};
template <class T> constexpr auto booking_draft_fields() {
  using B = api::BookingDraft;
  return std::make_tuple(field_of<T>("offeringId", &B::offering_id, create), field_of<T>("startsAt", &B::starts_at, create),
                         field_of<T>("endsAt", &B::ends_at, create), field_of<T>("quantity", &B::quantity, create, quantity_limits),
                         field_of<T>("holdId", &B::hold_id, create), field_of<T>("customer", &B::customer, create | required),
                         field_of<T>("couponCode", &B::coupon_code, create, code_limits),
                         field_of<T>("expectedTotalCents", &B::expected_total_cents, create, total_limits),
                         field_of<T>("payment", &B::payment, create), field_of<T>("deviceId", &B::device_id, create, {1, 200}),
                         field_of<T>("notes", &B::notes, create, {0, 5000}));
}
template <> struct Schema<api::BookingDraft> { static constexpr auto fields = booking_draft_fields<api::BookingDraft>(); };
template <> struct Schema<api::ClientDraft> {
  using T = api::ClientDraft;
  static constexpr auto fields = std::make_tuple(
      field("ipAddress", &T::ip_address, create, {2, 45}), field("ipCountry", &T::ip_country, create, country_limits),
      field("cardFingerprint", &T::card_fingerprint, create, {1, 200}), field("cardCountry", &T::card_country, create, country_limits));
};
template <> struct Schema<api::KeyBookingDraft> {
  using T = api::KeyBookingDraft;
  static constexpr auto fields = std::tuple_cat(
      booking_draft_fields<T>(), std::make_tuple(field("client", &T::client, create), field("source", &T::source, create, {1, 60})));
};
template <class T> constexpr auto booking_move_fields() {
  using B = api::BookingMove;
  return std::make_tuple(field_of<T>("itemId", &B::item_id, patch), field_of<T>("startsAt", &B::starts_at, patch),
                         field_of<T>("endsAt", &B::ends_at, patch));
}
template <> struct Schema<api::BookingMove> { static constexpr auto fields = booking_move_fields<api::BookingMove>(); };
template <> struct Schema<api::BookingPatch> {
  static constexpr auto fields = std::tuple_cat(booking_move_fields<api::BookingPatch>(),
                                                std::make_tuple(field("notes", &api::BookingPatch::notes, patch, {0, 5000})));
};
template <> struct Schema<api::BookingCancel> {
  static constexpr auto fields = std::make_tuple(field("reason", &api::BookingCancel::reason, create, {0, 1000}));
};
template <> struct Schema<api::PaymentDraft> {
  using T = api::PaymentDraft;
  static constexpr auto fields = std::make_tuple(field("amountCents", &T::amount_cents, create | required, {1, total_limits.max}),
                                                 field("provider", &T::provider, create, {1, 60}));
};
template <> struct Schema<api::RefundDraft> {
  static constexpr auto fields =
      std::make_tuple(field("amountCents", &api::RefundDraft::amount_cents, create | required, {1, total_limits.max}));
};
template <> struct Schema<api::RotationDraft> {
  static constexpr auto fields = std::make_tuple(field("revokeOld", &api::RotationDraft::revoke_old, create));
};
template <> struct Schema<api::ReplayDraft> {
  using T = api::ReplayDraft;
  static constexpr auto fields = std::make_tuple(field("from", &T::from, create), field("to", &T::to, create),
                                                 field("status", &T::status, create), field("event", &T::event, create));
};
template <> struct Schema<api::NoFields> { static constexpr auto fields = std::make_tuple(); };
} // namespace orkestr::inline v1::json
