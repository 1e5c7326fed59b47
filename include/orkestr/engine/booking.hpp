// Bookings: their parts, and the one table that says which state follows which.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/engine/cancellation.hpp"
#include "orkestr/engine/pricing.hpp"
#include "orkestr/engine/risk.hpp"

namespace orkestr::inline v1 {

enum class BookingStatus { pending, confirmed, completed, cancelled, refunded };
enum class RiskReview { none, pending, approved, rejected };
enum class PaymentStatus { pending, succeeded, failed, refunded, partially_refunded };
enum class PaymentPurpose { booking, renewal };
enum class RefundStatus { pending, succeeded, failed };
/// Why money goes back: by the policy, because it came for a booking that had ended or was paid for already, by the outcome of a
/// dispute, by the provider's hand, or at the gateway, without us.
enum class RefundReason { cancellation, late_payment, overpayment, dispute, provider, gateway };

/// `pay` is a payment that succeeded for a booking that may confirm itself, `expire` one that never came.
enum class BookingAction { approve, pay, decline, cancel, expire, complete, reschedule, refund };

struct Customer {
  CustomerId id;
  std::string name, email;
  std::optional<std::string> phone, locale;
  Instant created_at; ///< not on the wire
};

struct BookingItem {
  BookingItemId id;
  BookingId booking_id;
  OfferingId offering_id;
  std::string offering_title; ///< as it was when booked
  Instant starts_at, ends_at;
  int quantity = 1;
  Amount unit_price_cents = 0, subtotal_cents = 0;

  [[nodiscard]] Interval interval() const { return {starts_at, ends_at}; }
};

struct Payment {
  PaymentId id;
  BookingId booking_id;
  PaymentStatus status = PaymentStatus::pending;
  Amount amount_cents = 0, refunded_cents = 0;
  Currency currency;
  std::string provider;
  Instant created_at;
  PaymentPurpose purpose = PaymentPurpose::booking;
  Amount refunding_cents = 0;            ///< asked back of the gateway, which has not said yet
  std::optional<std::string> gateway_id; ///< the gateway's own; none where it was noted by hand, or has not been opened yet
  std::optional<std::string> failure_code, failure_message; ///< of the last attempt to pay
  std::optional<Instant> check_at;                          ///< when the gateway is to be asked next; not on the wire
  int checks = 0;                                           ///< how often in a row it gave no answer that settles; not on the wire
  Amount excess_cents = 0; ///< paid beyond what the booking cost, or came to cost, and given back for that; not on the wire

  [[nodiscard]] bool has_succeeded() const; ///< refunded since or not
  /// What can still be asked back.
  [[nodiscard]] Amount refundable_cents() const;
};

/// Money on its way back.
struct Refund {
  RefundId id;
  BookingId booking_id;
  PaymentId payment_id;
  RefundStatus status = RefundStatus::pending;
  RefundReason reason = RefundReason::cancellation;
  Amount amount_cents = 0;
  Currency currency;
  std::optional<std::string> gateway_id;
  std::optional<std::string> failure_code, failure_message;
  Instant created_at, updated_at;
  std::optional<Instant> check_at; ///< as of a payment
  int checks = 0;
};

enum class SubscriptionStatus { active, past_due, ended };

/// A booking that is paid for anew each interval, by the method that it was paid with at first.
struct Subscription {
  BookingId booking_id;
  SubscriptionStatus status = SubscriptionStatus::active;
  BillingInterval billing_interval = BillingInterval::month;
  Amount amount_cents = 0;
  Currency currency;
  std::string provider;
  std::string saved_customer, saved_method; ///< the gateway's own; not on the wire
  std::string time_zone = "UTC";            ///< of the offering, in which months and years are counted
  Instant started_at;                       ///< when it was first paid for
  int periods = 1;                          ///< paid for so far
  Instant paid_until;
  int failures = 0;                       ///< of renewals, in a row
  std::optional<PaymentId> payment_id;    ///< of the renewal under way
  std::optional<Instant> next_renewal_at; ///< none once it has ended
  std::optional<Instant> ended_at;
};

/// The row of a booking; customer, items and payments are rows of their own.
struct BookingRow {
  BookingId id;
  CustomerId customer_id;
  BookingStatus status = BookingStatus::pending;
  Amount subtotal_cents = 0, discount_cents = 0, tax_cents = 0, total_cents = 0;
  Currency currency;
  std::optional<CouponId> coupon_id;
  std::optional<std::string> coupon_code;
  std::optional<CouponKind> coupon_kind; ///< with the amount, a snapshot: what a new duration is discounted by
  std::optional<std::int64_t> coupon_amount;
  std::string notes, source = "api";
  int risk_score = 0;
  RiskReview risk_review_status = RiskReview::none;
  std::vector<RiskReason> risk_reasons;
  std::vector<PriceLine> price_lines;           ///< snapshot; later edits of the offering change nothing here
  CancellationPolicy policy;                    ///< snapshot
  bool auto_approve = false;                    ///< snapshot
  std::optional<Instant> payment_due_at;        ///< PENDING and to be paid for by then, or it ends
  std::optional<std::string> manage_token_hash; ///< SHA-256 in hex of what its customer may act with
  std::optional<int> refund_percent;
  std::optional<Amount> refund_cents;
  std::optional<std::string> cancel_reason;
  std::optional<BookingAction> ended_by; ///< of a CANCELLED booking: decline, cancel or expire
  Instant created_at, updated_at;
  std::optional<Instant> confirmed_at, cancelled_at, completed_at;
  int sequence = 0; ///< rises whenever the booking is stored; how calendars know the newer of two; not on the wire
};

struct Booking : BookingRow {
  Customer customer;
  std::vector<BookingItem> items; ///< by id, at least one
  std::vector<Payment> payments;

  [[nodiscard]] Instant first_start() const;
  [[nodiscard]] Instant last_end() const;
  [[nodiscard]] Amount owed_cents() const;     ///< of the total, renewals apart; never below 0
  [[nodiscard]] Amount excess_cents() const;   ///< paid beyond the total, renewals apart, and not given back for that yet
  [[nodiscard]] Amount paid_cents() const;     ///< by payments that succeeded, refunded since or not
  [[nodiscard]] Amount refunded_cents() const; ///< of those
  [[nodiscard]] bool all_returned() const;     ///< something was paid, and all of it has come back; overpayments apart
};

/// Units kept for a while for somebody who is filling in a form.
struct Hold {
  HoldId id;
  OfferingId offering_id;
  Instant starts_at, ends_at;
  int quantity = 1;
  std::string client; ///< who asked, such as a network address; not on the wire
  Instant created_at, expires_at;

  [[nodiscard]] Interval interval() const { return {starts_at, ends_at}; }
};
inline constexpr milliseconds hold_time = std::chrono::minutes{10};
inline constexpr milliseconds payment_time = std::chrono::minutes{30};

/// One row of the state machine.
struct Transition {
  BookingStatus from;
  BookingAction action;
  BookingStatus to;
  std::string_view by; ///< who or what does it, in words
};
[[nodiscard]] std::span<const Transition> booking_transitions();
/// The table as Markdown, for the docs.
[[nodiscard]] std::string booking_transitions_markdown();

/// The state after `action`. @errors `invalid_transition`, naming both states
[[nodiscard]] Result<BookingStatus> next_status(BookingStatus from, BookingAction action);

/// Whether a booking in this state takes up its slots.
[[nodiscard]] constexpr bool occupies(BookingStatus status) {
  return status == BookingStatus::pending || status == BookingStatus::confirmed;
}

namespace json {
template <> struct EnumNames<BookingStatus> {
  static constexpr std::array<std::string_view, 5> names{"PENDING", "CONFIRMED", "COMPLETED", "CANCELLED", "REFUNDED"};
};
template <> struct EnumNames<RiskReview> {
  static constexpr std::array<std::string_view, 4> names{"NONE", "PENDING", "APPROVED", "REJECTED"};
};
template <> struct EnumNames<PaymentStatus> {
  static constexpr std::array<std::string_view, 5> names{"PENDING", "SUCCEEDED", "FAILED", "REFUNDED", "PARTIALLY_REFUNDED"};
};
template <> struct EnumNames<PaymentPurpose> { static constexpr std::array<std::string_view, 2> names{"BOOKING", "RENEWAL"}; };
template <> struct EnumNames<RefundStatus> { static constexpr std::array<std::string_view, 3> names{"PENDING", "SUCCEEDED", "FAILED"}; };
template <> struct EnumNames<RefundReason> {
  static constexpr std::array<std::string_view, 6> names{"CANCELLATION", "LATE_PAYMENT", "OVERPAYMENT", "DISPUTE", "PROVIDER", "GATEWAY"};
};
template <> struct EnumNames<SubscriptionStatus> { static constexpr std::array<std::string_view, 3> names{"ACTIVE", "PAST_DUE", "ENDED"}; };
template <> struct EnumNames<BookingAction> {
  static constexpr std::array<std::string_view, 8> names{"approve", "pay",      "decline",    "cancel",
                                                         "expire",  "complete", "reschedule", "refund"};
};
template <> struct Schema<Customer> {
  static constexpr auto fields =
      std::make_tuple(field("id", &Customer::id, out), field("name", &Customer::name, out), field("email", &Customer::email, out),
                      field("phone", &Customer::phone, out), field("locale", &Customer::locale, out));
};
template <> struct Schema<BookingItem> {
  static constexpr auto fields = std::make_tuple(
      field("id", &BookingItem::id, out), field("offeringId", &BookingItem::offering_id, out),
      field("offeringTitle", &BookingItem::offering_title, out), field("startsAt", &BookingItem::starts_at, out),
      field("endsAt", &BookingItem::ends_at, out), field("quantity", &BookingItem::quantity, out),
      field("unitPriceCents", &BookingItem::unit_price_cents, out), field("subtotalCents", &BookingItem::subtotal_cents, out));
};
template <> struct Schema<Hold> {
  static constexpr auto fields =
      std::make_tuple(field("id", &Hold::id, out), field("offeringId", &Hold::offering_id, out), field("startsAt", &Hold::starts_at, out),
                      field("endsAt", &Hold::ends_at, out), field("quantity", &Hold::quantity, out),
                      field("createdAt", &Hold::created_at, out), field("expiresAt", &Hold::expires_at, out));
};
template <> struct Schema<Payment> {
  static constexpr auto fields = std::make_tuple(
      field("id", &Payment::id, out), field("status", &Payment::status, out), field("amountCents", &Payment::amount_cents, out),
      field("refundedCents", &Payment::refunded_cents, out), field("currency", &Payment::currency, out),
      field("provider", &Payment::provider, out), field("createdAt", &Payment::created_at, out), field("purpose", &Payment::purpose, out),
      field("refundingCents", &Payment::refunding_cents, out), field("failureCode", &Payment::failure_code, out),
      field("failureMessage", &Payment::failure_message, out));
};
template <> struct Schema<Refund> {
  using T = Refund;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("bookingId", &T::booking_id, out), field("paymentId", &T::payment_id, out),
      field("status", &T::status, out), field("reason", &T::reason, out), field("amountCents", &T::amount_cents, out),
      field("currency", &T::currency, out), field("failureCode", &T::failure_code, out), field("failureMessage", &T::failure_message, out),
      field("createdAt", &T::created_at, out), field("updatedAt", &T::updated_at, out));
};
template <> struct Schema<Subscription> {
  using T = Subscription;
  static constexpr auto fields = std::make_tuple(
      field("bookingId", &T::booking_id, out), field("status", &T::status, out), field("billingInterval", &T::billing_interval, out),
      field("amountCents", &T::amount_cents, out), field("currency", &T::currency, out), field("startedAt", &T::started_at, out),
      field("periods", &T::periods, out), field("paidUntil", &T::paid_until, out), field("failures", &T::failures, out),
      field("nextRenewalAt", &T::next_renewal_at, out), field("endedAt", &T::ended_at, out));
};
template <> struct Schema<Booking> {
  static constexpr auto fields = std::make_tuple(
      field_of<Booking>("id", &BookingRow::id, out), field_of<Booking>("status", &BookingRow::status, out),
      field("customer", &Booking::customer, out), field("items", &Booking::items, out),
      field_of<Booking>("subtotalCents", &BookingRow::subtotal_cents, out),
      field_of<Booking>("discountCents", &BookingRow::discount_cents, out), field_of<Booking>("taxCents", &BookingRow::tax_cents, out),
      field_of<Booking>("totalCents", &BookingRow::total_cents, out), field_of<Booking>("currency", &BookingRow::currency, out),
      field_of<Booking>("couponCode", &BookingRow::coupon_code, out), field_of<Booking>("notes", &BookingRow::notes, out),
      field_of<Booking>("source", &BookingRow::source, out), field_of<Booking>("riskScore", &BookingRow::risk_score, out),
      field_of<Booking>("riskReviewStatus", &BookingRow::risk_review_status, out),
      field_of<Booking>("riskReasons", &BookingRow::risk_reasons, out), field("payments", &Booking::payments, out),
      field_of<Booking>("priceLines", &BookingRow::price_lines, out), field_of<Booking>("cancellationPolicy", &BookingRow::policy, out),
      field_of<Booking>("paymentDueAt", &BookingRow::payment_due_at, out),
      field_of<Booking>("refundPercent", &BookingRow::refund_percent, out),
      field_of<Booking>("refundCents", &BookingRow::refund_cents, out), field_of<Booking>("createdAt", &BookingRow::created_at, out),
      field_of<Booking>("updatedAt", &BookingRow::updated_at, out), field_of<Booking>("confirmedAt", &BookingRow::confirmed_at, out),
      field_of<Booking>("cancelledAt", &BookingRow::cancelled_at, out), field_of<Booking>("cancelReason", &BookingRow::cancel_reason, out),
      field_of<Booking>("completedAt", &BookingRow::completed_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
