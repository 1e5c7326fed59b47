#include "orkestr/platform/payments.hpp"

#include "base/text.hpp"
#include "platform/bookings.hpp"
#include "platform/claims.hpp"

#include "orkestr/base/zone.hpp"
#include "orkestr/engine/dispute.hpp"

#include <algorithm>
#include <chrono>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

bool is_over(const Booking& booking) { return booking.status == BookingStatus::cancelled || booking.status == BookingStatus::refunded; }
bool is_open(const Payment& payment) { return payment.status == PaymentStatus::pending; }
/// Only bookings that have one have subscriptions.
bool has_gateway_payment(const Booking& booking) {
  return std::ranges::any_of(booking.payments, [](const Payment& payment) { return payment.gateway_id.has_value(); });
}

/// Events are lost and delayed; what is open is looked at now and then.
milliseconds patience(int checks) { return std::min<milliseconds>(2min * (1 << std::min(checks, 6)), 1h); }

/// When to ask next, unless somebody wants to know sooner than when the question was put.
template <class Row> void ask_next(Row& row, std::optional<Instant> asked, std::optional<Instant> next) {
  if (asked && row.check_at != asked) return;
  if (!asked && row.check_at && next) next = std::min(*row.check_at, *next); // who looks of their own accord puts nothing off
  row.check_at = next;
  row.checks = next ? row.checks + (asked ? 1 : 0) : 0;
}

void ask_now(WriteContext& cx, Payment& payment) {
  payment.check_at = cx.now;
  payment.checks = 0;
  cx.payment_due = true;
  cx.tx.bookings().update_payment(cx.tenant, payment);
}

/// Of the payments, as part of its booking.
Payment& part_of(Booking& booking, PaymentId id) { return *std::ranges::find(booking.payments, id, &Payment::id); }

struct Found {
  Booking booking;
  Payment* payment;
};
Result<Found> find(WriteContext& cx, PaymentId id) {
  const auto row = cx.tx.payments().find(cx.tenant, id);
  if (!row) return fail(Code::not_found, "There is no such payment.");
  ORKESTR_TRY(auto booking, bookings::find(cx, row->booking_id));
  Found found{std::move(booking), nullptr};
  found.payment = &part_of(found.booking, id);
  return found;
}

void take_back(Payment& payment, Amount part) {
  payment.refunded_cents += part;
  payment.status = payment.refunded_cents == 0                      ? PaymentStatus::succeeded
                   : payment.refunded_cents == payment.amount_cents ? PaymentStatus::refunded
                                                                    : PaymentStatus::partially_refunded;
}

Refund new_refund(WriteContext& cx, const Payment& payment, Amount part, RefundReason reason) {
  Refund refund;
  refund.id = cx.make_id<RefundId>();
  refund.booking_id = payment.booking_id;
  refund.payment_id = payment.id;
  refund.reason = reason;
  refund.amount_cents = part;
  refund.currency = payment.currency;
  refund.created_at = refund.updated_at = cx.now;
  return refund;
}

/// Gives part of one payment back.
void refund_part(WriteContext& cx, Payment& payment, Amount part, RefundReason reason) {
  if (part <= 0) return;
  if (reason == RefundReason::overpayment) payment.excess_cents += part;
  Refund refund = new_refund(cx, payment, part, reason);
  if (payment.gateway_id) {
    payment.refunding_cents += part;
    refund.check_at = cx.now;
    cx.payment_due = true;
  } else {
    take_back(payment, part);
    refund.status = RefundStatus::succeeded;
  }
  cx.tx.payments().insert(cx.tenant, refund);
  cx.tx.bookings().update_payment(cx.tenant, payment);
  cx.audit("refund.create", refund.id);
}

/// Gives an amount back, of the newest payments first.
void refund_newest(WriteContext& cx, Booking& booking, Amount amount, RefundReason reason, bool by_gateway_only) {
  for (auto payment = booking.payments.rbegin(); payment != booking.payments.rend(); ++payment) {
    if (by_gateway_only && !payment->gateway_id) continue;
    const Amount part = std::min(amount, payment->refundable_cents());
    refund_part(cx, *payment, part, reason);
    amount -= part;
  }
}

/// Gives back what of a payment is beyond the booking's total.
void return_excess(WriteContext& cx, const Booking& booking, Payment& payment, Amount most) {
  const Amount part = std::min({booking.excess_cents(), payment.refundable_cents(), most});
  refund_part(cx, payment, part, RefundReason::overpayment);
}

/// What is held of payments for its total, beyond it.
Amount beyond_total(const Booking& booking) {
  Amount held = 0;
  for (const auto& payment : booking.payments) held += payment.purpose == PaymentPurpose::booking ? payment.refundable_cents() : 0;
  return std::max<Amount>(held - booking.total_cents, 0);
}

/// Gives back what is beyond the booking's total, of the newest payments first; what the provider gave back before counts too.
/// @returns how much
Amount return_excess(WriteContext& cx, Booking& booking, Amount most, bool by_gateway_only) {
  const Amount before = std::min(most, beyond_total(booking));
  Amount left = before;
  for (auto payment = booking.payments.rbegin(); payment != booking.payments.rend(); ++payment) {
    if ((by_gateway_only && !payment->gateway_id) || payment->purpose != PaymentPurpose::booking) continue;
    const Amount held = payment->refundable_cents();
    return_excess(cx, booking, *payment, left);
    left -= held - payment->refundable_cents();
  }
  return before - left;
}

/// REFUNDED, once everything that was paid has come back. @pre the booking is stored afterwards
void note_returned(WriteContext& cx, Booking& booking) {
  const auto after = next_status(booking.status, BookingAction::refund);
  if (!booking.all_returned() || booking.owed_cents() > 0 || !after) return;
  if (occupies(booking.status)) bookings::free_slots(cx, booking);
  money::end_subscription(cx, booking);
  booking.status = *after;
  booking.refund_percent = 100;
  booking.refund_cents = booking.total_cents;
  cx.audit("booking.refund", booking.id);
  cx.emit(EventType::booking_refunded, booking.id.view(), booking_event_data(booking));
}

void tell(WriteContext& cx, const Booking& booking, std::string title, std::optional<CustomerId> customer = {}) {
  cx.notify({{},
             customer,
             NotificationKind::generic,
             std::move(title),
             (customer ? "/bookings/" : "/provider/bookings/") + booking.id.str(),
             booking.id.str(),
             {},
             {}});
}

std::string title_of(const Booking& booking) { return booking.items.empty() ? booking.id.str() : booking.items.front().offering_title; }

// ---- subscriptions -----------------------------------------------------------------------------------------------

/// When it is charged next: never past the end of its booking.
void plan_renewal(Subscription& subscription, const Booking& booking) {
  subscription.next_renewal_at.reset();
  if (subscription.paid_until < booking.last_end()) subscription.next_renewal_at = subscription.paid_until;
}

/// A first payment that can be charged again begins a subscription.
void begin_subscription(WriteContext& cx, const Booking& booking, const Payment& payment, const SavedMethod& saved) {
  if (cx.tx.payments().subscription(cx.tenant, booking.id)) return;
  const auto offering = cx.tx.offerings().find_even_deleted(cx.tenant, booking.items.front().offering_id);
  if (!offering || offering->pricing_model != PricingModel::subscription) return;
  Subscription subscription;
  subscription.booking_id = booking.id;
  subscription.billing_interval = offering->billing_interval.value_or(BillingInterval::month);
  subscription.amount_cents = booking.total_cents;
  subscription.currency = booking.currency;
  subscription.provider = payment.provider;
  subscription.saved_customer = saved.customer;
  subscription.saved_method = saved.method;
  subscription.time_zone = offering->time_zone;
  subscription.started_at = cx.now;
  subscription.paid_until = period_end(subscription, 1);
  plan_renewal(subscription, booking);
  cx.tx.payments().put(cx.tenant, subscription);
  cx.audit("subscription.begin", booking.id);
}

/// A renewal has been paid for: the period it is for begins, or, when there is none to pay for, the money goes back.
void renew(WriteContext& cx, Booking& booking, Payment& payment, const std::optional<SavedMethod>& saved) {
  auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
  // One that was under way when its booking was completed is for a period that had begun.
  const bool ended = subscription && subscription->status == SubscriptionStatus::ended;
  const bool due = subscription && (subscription->payment_id == payment.id ||
                                    (subscription->status == SubscriptionStatus::past_due && booking.status == BookingStatus::confirmed));
  if (!due) return refund_part(cx, payment, payment.amount_cents, RefundReason::late_payment);
  ++subscription->periods;
  subscription->paid_until = period_end(*subscription, subscription->periods);
  subscription->failures = 0;
  subscription->payment_id.reset();
  if (!ended) {
    subscription->status = SubscriptionStatus::active;
    plan_renewal(*subscription, booking);
  }
  if (saved) {
    subscription->provider = payment.provider;
    subscription->saved_customer = saved->customer;
    subscription->saved_method = saved->method;
  }
  cx.tx.payments().put(cx.tenant, *subscription);
  for (auto& other : booking.payments)
    if (is_open(other) && other.purpose == PaymentPurpose::renewal) ask_now(cx, other); // to be called off
  cx.audit("subscription.renew", booking.id);
}

/// A charge without the customer has failed, for good: nobody else has the means to pay it. @returns the booking as it is afterwards
Result<Booking> fail_renewal(WriteContext& cx, Booking booking, Payment& payment) {
  payment.status = PaymentStatus::failed;
  payment.check_at.reset();
  cx.tx.bookings().update_payment(cx.tenant, payment);
  auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
  if (!subscription || subscription->payment_id != payment.id) return booking;
  subscription->payment_id.reset();
  if (subscription->status == SubscriptionStatus::ended) {
    cx.tx.payments().put(cx.tenant, *subscription);
    return booking;
  }
  const auto attempt = static_cast<std::size_t>(subscription->failures++);
  cx.audit("subscription.fail", booking.id, payment.failure_code.value_or(""));
  const std::string what = "The renewal of " + title_of(booking) + " could not be charged";
  if (attempt < renewal_retries.size()) {
    subscription->status = SubscriptionStatus::past_due;
    subscription->next_renewal_at = cx.now + renewal_retries[attempt];
    cx.tx.payments().put(cx.tenant, *subscription);
    const std::string next = " and is tried again on " + to_string(*subscription->next_renewal_at).substr(0, 10);
    tell(cx, booking, what + next);
    tell(cx, booking, what + next + ". You can pay by another method until then.", booking.customer_id);
    return booking;
  }
  cx.tx.payments().put(cx.tenant, *subscription);
  tell(cx, booking, what + "; the booking has been cancelled.");
  tell(cx, booking, what + "; the booking has been cancelled.", booking.customer_id);
  if (!next_status(booking.status, BookingAction::cancel)) return booking;
  return bookings::end(cx, std::move(booking), BookingAction::cancel, 0, "renewal_failed");
}

/// Money has come.
void take_money(WriteContext& cx, Booking& booking, Payment& payment, const GatewayPayment& shown) {
  payment.status = PaymentStatus::succeeded;
  payment.amount_cents = shown.received;
  payment.failure_code.reset();
  payment.failure_message.reset();
  cx.tx.bookings().update_payment(cx.tenant, payment);
  cx.audit("payment.succeed", payment.id);
  if (shown.card && !shown.card->fingerprint.empty())
    cx.tx.risk().insert(cx.tenant, {cx.make_id<AttemptId>(), storage::AttemptKind::booking, {}, {}, {}, shown.card->fingerprint, cx.now});
  if (is_over(booking)) {
    refund_part(cx, payment, payment.amount_cents, RefundReason::late_payment);
  } else if (payment.purpose == PaymentPurpose::renewal) {
    renew(cx, booking, payment, shown.saved);
  } else {
    return_excess(cx, booking, payment, payment.amount_cents);
    if (booking.owed_cents() == 0) booking.payment_due_at.reset();
    if (shown.saved && payment.excess_cents < payment.amount_cents) begin_subscription(cx, booking, payment, *shown.saved);
  }
}

/// It has not come about, or not lasted.
void undo(WriteContext& cx, Refund& refund, const Booking& booking, Payment& payment, const std::optional<GatewayFailure>& failure) {
  if (refund.status == RefundStatus::succeeded)
    take_back(payment, -refund.amount_cents);
  else
    payment.refunding_cents -= refund.amount_cents;
  refund.status = RefundStatus::failed;
  if (refund.reason == RefundReason::overpayment) payment.excess_cents -= refund.amount_cents; // it is still here
  if (failure) {
    refund.failure_code = failure->code;
    refund.failure_message = failure->message;
  }
  cx.audit("refund.fail", refund.id, refund.failure_code.value_or(""));
  tell(cx, booking, "A refund for " + title_of(booking) + " failed: " + refund.failure_code.value_or("no reason given"));
}

/// Money that went back without us, such as by the gateway's dashboard. @returns whether there is any that was not known
bool note_refunds_elsewhere(WriteContext& cx, Booking& booking, Payment& payment, Amount refunded) {
  auto refunds = cx.tx.payments().refunds_of(cx.tenant, booking.id);
  std::erase_if(refunds, [&](const Refund& each) { return each.payment_id != payment.id || each.status == RefundStatus::failed; });
  // One of those may have failed since: they alone are more than went back.
  Amount missing = -refunded;
  for (const auto& refund : refunds) missing += refund.reason == RefundReason::gateway ? refund.amount_cents : 0;
  for (auto refund = refunds.rbegin(); refund != refunds.rend(); ++refund) {
    if (refund->reason != RefundReason::gateway || refund->amount_cents > missing) continue;
    missing -= refund->amount_cents;
    undo(cx, *refund, booking, payment, {});
    refund->updated_at = cx.now;
    cx.tx.payments().update(cx.tenant, *refund);
  }
  for (const auto& refund : refunds) refunded -= refund.status == RefundStatus::failed ? 0 : refund.amount_cents;
  const Amount part = std::min(refunded, payment.refundable_cents());
  if (part <= 0) return false;
  take_back(payment, part);
  Refund refund = new_refund(cx, payment, part, RefundReason::gateway);
  refund.status = RefundStatus::succeeded;
  cx.tx.payments().insert(cx.tenant, refund);
  cx.audit("refund.note", refund.id);
  note_returned(cx, booking);
  return true;
}

struct FoundRefund {
  Refund refund;
  Booking booking;
  Payment* payment;
};
Result<FoundRefund> find(WriteContext& cx, RefundId id) {
  auto refund = cx.tx.payments().find_refund(cx.tenant, id);
  if (!refund) return fail(Code::not_found, "There is no such refund.");
  ORKESTR_TRY(auto booking, bookings::find(cx, refund->booking_id));
  FoundRefund found{std::move(*refund), std::move(booking), nullptr};
  found.payment = &part_of(found.booking, found.refund.payment_id);
  return found;
}

Result<Booking> store(WriteContext& cx, FoundRefund& found) {
  found.refund.updated_at = cx.now;
  cx.tx.payments().update(cx.tenant, found.refund);
  cx.tx.bookings().update_payment(cx.tenant, *found.payment);
  bookings::store(cx, found.booking);
  return std::move(found.booking);
}

} // namespace

void money::settle_end(WriteContext& cx, Booking& booking) {
  for (auto& payment : booking.payments)
    if (is_open(payment)) ask_now(cx, payment);
  // All of it, when all goes back, even what was paid beyond the total; else the policy's share of what was paid of it.
  const int percent = booking.refund_percent.value_or(0);
  Amount paid = 0, held = 0;
  for (const auto& payment : booking.payments) {
    held += payment.refundable_cents();
    if (payment.gateway_id && payment.purpose == PaymentPurpose::booking && payment.has_succeeded())
      paid += payment.amount_cents - payment.excess_cents;
  }
  const auto of_paid = multiply_divide(paid, percent, 100);
  const Amount share = percent == 100 ? held : std::min(booking.refund_cents.value_or(0), of_paid ? *of_paid : 0);
  refund_newest(cx, booking, share, RefundReason::cancellation, true);
  end_subscription(cx, booking);
}

void money::follow_move(WriteContext& cx, Booking& booking, bool repriced) {
  if (repriced) {
    for (auto& payment : booking.payments)
      if (is_open(payment)) ask_now(cx, payment);
    (void)return_excess(cx, booking, beyond_total(booking), true);
  }
  if (!has_gateway_payment(booking)) return;
  auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
  if (!subscription || subscription->status == SubscriptionStatus::ended) return;
  if (repriced) subscription->amount_cents = booking.total_cents;
  if (subscription->status == SubscriptionStatus::active && !subscription->payment_id) plan_renewal(*subscription, booking);
  cx.tx.payments().put(cx.tenant, *subscription);
}

void money::end_subscription(WriteContext& cx, const Booking& booking) {
  if (!has_gateway_payment(booking)) return;
  auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
  if (!subscription || subscription->status == SubscriptionStatus::ended) return;
  subscription->status = SubscriptionStatus::ended;
  subscription->ended_at = cx.now;
  subscription->next_renewal_at.reset();
  cx.tx.payments().put(cx.tenant, *subscription);
  cx.audit("subscription.end", booking.id);
}

Instant period_end(const Subscription& subscription, int periods) {
  const auto zone = Zone::find(subscription.time_zone);
  if (!zone) return subscription.started_at + std::chrono::days{30} * periods; // a zone that the system has lost
  ZoneClock clock(*zone);
  LocalDateTime local = clock.to_local(subscription.started_at);
  const auto within_second = subscription.started_at.ms % 1000;
  if (subscription.billing_interval == BillingInterval::week) {
    local.seconds += std::int64_t{7} * periods * 86'400;
  } else {
    const std::chrono::year_month_day first{std::chrono::sys_days{std::chrono::days{local.date().days}}};
    const int months = periods * (subscription.billing_interval == BillingInterval::year ? 12 : 1);
    auto then = first + std::chrono::months{months};
    if (!then.ok()) then = then.year() / then.month() / std::chrono::last;
    const auto days = std::chrono::sys_days{then}.time_since_epoch().count();
    local.seconds = std::int64_t{days} * 86'400 + local.second_of_day();
  }
  return clock.to_instant(local) + milliseconds{within_second};
}

bool is_payable(WriteContext& cx, const Booking& booking, const Payment& payment) {
  if (is_over(booking)) return false;
  if (payment.purpose == PaymentPurpose::renewal) {
    const auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
    if (!subscription || booking.status == BookingStatus::pending) return false;
    if (subscription->payment_id == payment.id) return true; // under way, for a period that has begun
    return booking.status == BookingStatus::confirmed && subscription->status == SubscriptionStatus::past_due &&
           payment.amount_cents == subscription->amount_cents;
  }
  if (cx.now - payment.created_at > keep_open) return false;
  return payment.amount_cents == booking.owed_cents() && std::ranges::none_of(booking.payments, [&](const Payment& other) {
           return is_open(other) && other.purpose == payment.purpose && payment.id < other.id;
         });
}

Result<PayablePayment> prepare_payment(WriteContext& cx, BookingId id, std::string_view provider) {
  ORKESTR_TRY(auto booking, bookings::find(cx, id));
  if (is_over(booking))
    return fail(Code::invalid_transition, "A booking that is " + std::string{json::name_of(booking.status)} + " can't be paid for.");
  Payment wanted;
  wanted.amount_cents = booking.owed_cents();
  if (wanted.amount_cents == 0) {
    const auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
    if (!subscription || subscription->status != SubscriptionStatus::past_due)
      return fail(Code::invalid_transition, "Nothing is left to be paid for this booking.");
    wanted.purpose = PaymentPurpose::renewal;
    wanted.amount_cents = subscription->amount_cents;
  }
  const auto offering = cx.tx.offerings().find_even_deleted(cx.tenant, booking.items.front().offering_id);
  PayablePayment payable{{},
                         title_of(booking) + ", " + booking.id.str(),
                         booking.customer.email,
                         offering && offering->pricing_model == PricingModel::subscription};
  const auto subscription = cx.tx.payments().subscription(cx.tenant, booking.id);
  const auto renewal_under_way = subscription ? subscription->payment_id : std::nullopt;
  for (const auto& payment : booking.payments) {
    const bool fits = is_open(payment) && payment.provider == provider && payment.purpose == wanted.purpose &&
                      payment.amount_cents == wanted.amount_cents && payment.id != renewal_under_way;
    if (!fits || !is_payable(cx, booking, payment)) continue;
    payable.payment = payment;
    return payable;
  }
  wanted.id = cx.make_id<PaymentId>();
  wanted.booking_id = booking.id;
  wanted.currency = booking.currency;
  wanted.provider = provider;
  wanted.created_at = cx.now;
  cx.tx.bookings().insert_payment(cx.tenant, wanted);
  for (auto& payment : booking.payments)
    if (is_open(payment) && payment.id != renewal_under_way) ask_now(cx, payment);
  bookings::store(cx, booking); // two that prepare at once conflict here
  cx.audit("payment.open", wanted.id);
  payable.payment = std::move(wanted);
  return payable;
}

Result<Booking> settle_payment(WriteContext& cx, PaymentId id, const GatewayPayment& shown, std::optional<Instant> asked) {
  ORKESTR_TRY(auto found, find(cx, id));
  auto& [booking, row] = found;
  Payment& payment = *row;
  if (!payment.gateway_id) payment.gateway_id = shown.id;
  const bool settled = payment.has_succeeded();
  if (settled || shown.state == GatewayState::succeeded) {
    ask_next(payment, asked, {});
    if (!settled) {
      take_money(cx, booking, payment, shown);
      cx.tx.bookings().update_payment(cx.tenant, payment);
      bookings::store(cx, booking);
      // It is confirmed first, so that what went back meanwhile can make it REFUNDED.
      if (shown.refunded < shown.received || booking.status != BookingStatus::pending) claims::confirm_if_settled(cx, booking);
    }
    const bool returned = note_refunds_elsewhere(cx, booking, payment, shown.refunded);
    cx.tx.bookings().update_payment(cx.tenant, payment);
    if (returned) bookings::store(cx, booking);
    return std::move(booking);
  }
  if (shown.failure) {
    payment.failure_code = shown.failure->code;
    payment.failure_message = shown.failure->message;
  }
  const auto subscription =
      payment.purpose == PaymentPurpose::renewal ? cx.tx.payments().subscription(cx.tenant, booking.id) : std::nullopt;
  const bool charged = subscription && subscription->payment_id == payment.id; // by us, without the customer
  if (shown.state == GatewayState::cancelled || (charged && shown.state != GatewayState::processing)) {
    const bool fresh = is_open(payment);
    payment.status = PaymentStatus::failed;
    ask_next(payment, asked, {});
    cx.tx.bookings().update_payment(cx.tenant, payment);
    if (fresh) cx.audit("payment.fail", payment.id, payment.failure_code.value_or(""));
    if (charged && !payment.failure_code) payment.failure_code = "authentication_required";
    return charged ? fail_renewal(cx, std::move(booking), payment) : std::move(booking);
  }
  // Still open: what is not wanted any more is called off at once.
  const bool call_off = !(is_open(payment) && is_payable(cx, booking, payment)) && shown.state != GatewayState::processing && !asked;
  ask_next(payment, asked, call_off ? cx.now : cx.now + patience(payment.checks));
  cx.payment_due |= call_off;
  cx.tx.bookings().update_payment(cx.tenant, payment);
  return std::move(booking);
}

Result<Booking> lose_payment(WriteContext& cx, PaymentId id) {
  ORKESTR_TRY(auto found, find(cx, id));
  auto& [booking, payment] = found;
  payment->check_at.reset();
  if (is_open(*payment)) {
    payment->status = PaymentStatus::failed;
    payment->failure_code = "not_found";
    cx.audit("payment.fail", id, "not_found");
    if (payment->purpose == PaymentPurpose::renewal) return fail_renewal(cx, std::move(booking), *payment);
  }
  cx.tx.bookings().update_payment(cx.tenant, *payment);
  return std::move(booking);
}

Result<Booking> start_refund(WriteContext& cx, BookingId id, Amount amount, RefundReason reason) {
  ORKESTR_TRY(auto booking, bookings::find(cx, id));
  const Amount left = refundable_cents(booking);
  // A refund that failed after all may be asked for again.
  if (booking.status != BookingStatus::refunded || left == 0) ORKESTR_CHECK(next_status(booking.status, BookingAction::refund));
  if (amount < 1 || amount > left) return bookings::at_most("What was paid and has not been refunded", left);
  if (!is_over(booking)) amount -= return_excess(cx, booking, amount, false);
  refund_newest(cx, booking, amount, reason, false);
  note_returned(cx, booking);
  bookings::store(cx, booking);
  return booking;
}

Result<Booking> settle_refund(WriteContext& cx, RefundId id, const GatewayRefund& shown, std::optional<Instant> asked) {
  ORKESTR_TRY(auto found, find(cx, id));
  auto& [refund, booking, payment] = found;
  if (!refund.gateway_id && !shown.id.empty()) refund.gateway_id = shown.id;
  const bool pending = refund.status == RefundStatus::pending;
  if (pending && shown.state == RefundState::pending) {
    ask_next(refund, asked, cx.now + patience(refund.checks));
  } else {
    ask_next(refund, asked, {});
    const bool failed = shown.state == RefundState::failed || shown.state == RefundState::cancelled;
    if (failed && refund.status != RefundStatus::failed) undo(cx, refund, booking, *payment, shown.failure);
    if (pending && shown.state == RefundState::succeeded) {
      refund.status = RefundStatus::succeeded;
      payment->refunding_cents -= refund.amount_cents;
      take_back(*payment, refund.amount_cents);
      cx.audit("refund.succeed", id);
      note_returned(cx, booking);
    }
  }
  return store(cx, found);
}

Result<Booking> fail_refund(WriteContext& cx, RefundId id, const GatewayFailure& failure) {
  ORKESTR_TRY(auto found, find(cx, id));
  found.refund.check_at.reset();
  if (found.refund.status == RefundStatus::pending) undo(cx, found.refund, found.booking, *found.payment, failure);
  return store(cx, found);
}

Result<Booking> retry_refund(WriteContext& cx, RefundId id, const GatewayPayment& shown) {
  ORKESTR_TRY(const auto before, find(cx, id));
  if (before.refund.status != RefundStatus::failed) return before.booking;
  ORKESTR_TRY(auto booking, settle_payment(cx, before.refund.payment_id, shown));
  Payment& payment = part_of(booking, before.refund.payment_id);
  // As much as before would be refused again.
  if (payment.refundable_cents() < before.refund.amount_cents) refund_part(cx, payment, payment.refundable_cents(), before.refund.reason);
  return booking;
}

namespace {

/// The host's own key that came back with an event.
std::string_view metadata_value(const GatewayEvent& event, std::string_view key) {
  const auto found = std::ranges::find(event.metadata, key, [](const auto& pair) { return std::string_view{pair.first}; });
  return found == event.metadata.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace

std::optional<storage::Due<PaymentId>> find_payment(const storage::ReadTransaction& tx, std::string_view provider,
                                                    const GatewayEvent& event) {
  if (event.payment_id.empty()) return std::nullopt;
  if (auto found = tx.payments().find_by_gateway_id(provider, event.payment_id)) return found;
  // It may tell of a charge whose answer we have not read.
  const auto tenant = TenantId::parse(metadata_value(event, "tenantId"));
  const auto id = PaymentId::parse(metadata_value(event, "paymentId"));
  if (!tenant || !id) return std::nullopt;
  const auto payment = tx.payments().find(*tenant, *id);
  if (!payment || payment->provider != provider || payment->gateway_id) return std::nullopt;
  return storage::Due<PaymentId>{*tenant, *id};
}

Result<bool> note_gateway_event(WriteContext& cx, PaymentId id, std::string_view provider, const GatewayEvent& event) {
  if (!cx.tx.payments().note_event(cx.tenant, provider, event.id, cx.now)) return false;
  ORKESTR_TRY(auto found, find(cx, id));
  auto& [booking, payment] = found;
  if (!payment->gateway_id) payment->gateway_id = event.payment_id;
  ask_now(cx, *payment);
  if (event.kind == GatewayEventKind::refund_updated)
    for (auto& refund : cx.tx.payments().refunds_of(cx.tenant, booking.id)) {
      // It may tell of one whose answer we have not read.
      if (!refund.gateway_id && refund.id.view() == metadata_value(event, "refundId")) refund.gateway_id = event.refund_id;
      if (refund.gateway_id != event.refund_id) continue;
      refund.check_at = cx.now;
      cx.tx.payments().update(cx.tenant, refund);
    }
  if (event.kind == GatewayEventKind::dispute_opened) {
    cx.audit("payment.dispute", id, event.dispute_id);
    tell(cx, booking, "The customer's bank has taken a payment back: " + title_of(booking));
  }
  return true;
}

Result<void> start_renewal(WriteContext& cx, BookingId id) {
  auto subscription = cx.tx.payments().subscription(cx.tenant, id);
  if (!subscription) return fail(Code::not_found, "There is no such subscription.");
  ORKESTR_TRY(auto booking, bookings::find(cx, id));
  if (subscription->status == SubscriptionStatus::ended || !occupies(booking.status) || booking.last_end() <= cx.now) {
    money::end_subscription(cx, booking);
    return {};
  }
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  if (booking.status == BookingStatus::pending || !tenant || tenant->status != TenantStatus::active) {
    // It waits for the provider, or its storefront is closed, so that nobody could cancel: later.
    subscription->next_renewal_at = cx.now + std::chrono::days{1};
    cx.tx.payments().put(cx.tenant, *subscription);
    return {};
  }
  Payment payment;
  payment.id = cx.make_id<PaymentId>();
  payment.booking_id = id;
  payment.amount_cents = subscription->amount_cents;
  payment.currency = subscription->currency;
  payment.provider = subscription->provider;
  payment.created_at = cx.now;
  payment.purpose = PaymentPurpose::renewal;
  payment.check_at = cx.now;
  cx.tx.bookings().insert_payment(cx.tenant, payment);
  subscription->payment_id = payment.id;
  subscription->next_renewal_at.reset();
  cx.tx.payments().put(cx.tenant, *subscription);
  bookings::store(cx, booking);
  cx.payment_due = true;
  return {};
}

} // namespace orkestr::inline v1
