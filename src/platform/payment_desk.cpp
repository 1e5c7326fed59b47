#include "orkestr/platform/payment_desk.hpp"

#include "platform/gateway_call.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch = 32;
/// What is being asked after is left alone for so long by others. An answer may take longer: being asked twice does no harm.
constexpr milliseconds lease = 20s;

/// So long it may take until what was asked for is found at the gateway.
constexpr milliseconds until_found = 5min;

const Actor the_gateway{ActorKind::gateway, {}, {}};
const Actor the_worker{ActorKind::worker, {}, {}};

enum class Question { look, call_off, charge, find };

struct AskedPayment {
  TenantId tenant;
  Payment payment;
  Question question = Question::look;
  Subscription subscription; ///< of a charge
  std::string email;
  std::string description;
  std::optional<GatewayAnswer<GatewayPayment>> answer = {};
};
struct AskedRefund {
  TenantId tenant;
  Refund refund;
  std::string payment_id; ///< the gateway's
  std::optional<GatewayAnswer<GatewayRefund>> answer = {};
};

/// Whether the same question may be put again, and answered otherwise.
bool passes(const Error& error) {
  using enum Code;
  return error.code == payment_unavailable || error.code == rate_limited || error.code == idempotency_in_flight ||
         error.code == idempotency_mismatch || error.code == internal; // a mismatched key has acted: what it did is looked for later
}

milliseconds next_try(int checks) { return std::min<milliseconds>(10s * (1 << std::min(checks, 9)), 1h); }

/// Takes what is due, row by row; `take(cx, id)` says what to ask.
template <class AnyId, class Asked, class Take>
Result<std::vector<Asked>> claim(Platform& platform, Instant now,
                                 std::vector<storage::Due<AnyId>> (storage::PaymentRepository::*due)(Instant, std::size_t) const,
                                 Take take) {
  // Read first: mostly there is nothing, and looking is cheap.
  ORKESTR_TRY(const bool any, platform.store().read([&](const storage::ReadTransaction& tx) -> Result<bool> {
    return !(tx.payments().*due)(now, 1).empty();
  }));
  if (!any) return std::vector<Asked>{};
  return platform.store().write([&](storage::WriteTransaction& tx) -> Result<std::vector<Asked>> {
    std::vector<Asked> all;
    for (const auto& row : (tx.payments().*due)(now, batch)) {
      WriteContext cx = platform.context(tx, row.tenant, now, the_worker);
      if (auto asked = take(cx, row.id)) all.push_back(std::move(*asked));
    }
    return all;
  });
}

std::optional<AskedPayment> take_payment(WriteContext& cx, PaymentId id, std::string_view provider) {
  auto payment = cx.tx.payments().find(cx.tenant, id);
  if (!payment) return std::nullopt;
  const auto booking = cx.tx.bookings().find(cx.tenant, payment->booking_id);
  const auto put = [&](std::optional<Instant> check_at) {
    payment->check_at = check_at;
    cx.tx.bookings().update_payment(cx.tenant, *payment);
  };
  if (!booking || payment->provider != provider) { // of a gateway that this host does not have
    put(booking ? std::optional{cx.now + 1h} : std::nullopt);
    // After so long it is nobody's, and whoever waits for a renewal is to know.
    if (booking && payment->status == PaymentStatus::pending && cx.now - payment->created_at > (payment->gateway_id ? keep_open : key_time))
      (void)cx.tx.nested([&] { return lose_payment(cx, id); });
    return std::nullopt;
  }
  AskedPayment asked{cx.tenant,
                     *payment,
                     Question::look,
                     {},
                     booking->customer.email,
                     (booking->items.empty() ? "" : booking->items.front().offering_title + ", ") + booking->id.str()};
  const bool dead = payment->status == PaymentStatus::failed && payment->gateway_id; // opened after it had been given up
  if (dead || (payment->status == PaymentStatus::pending && !is_payable(cx, *booking, *payment))) {
    asked.question = payment->gateway_id ? Question::call_off : Question::find;
    if (!payment->gateway_id && payment->purpose == PaymentPurpose::booking) { // nobody was ever given the means to pay it
      payment->status = PaymentStatus::failed;
      put(std::nullopt);
      cx.audit("payment.fail", id, "not opened");
      return std::nullopt;
    }
    if (!payment->gateway_id && cx.now - payment->created_at < until_found) { // a charge that nobody answered may be there any moment
      put(payment->created_at + until_found);
      return std::nullopt;
    }
  } else if (!payment->gateway_id) {
    const auto subscription = cx.tx.payments().subscription(cx.tenant, booking->id);
    if (!subscription || subscription->payment_id != payment->id) { // to be opened by who pays
      put(std::nullopt);
      return std::nullopt;
    }
    // After a day the gateway may have forgotten the key: it is not charged again, but looked for.
    asked.question = cx.now - payment->created_at > key_time ? Question::find : Question::charge;
    asked.subscription = *subscription;
  }
  put(cx.now + lease);
  asked.payment = *payment;
  return asked;
}

std::optional<AskedRefund> take_refund(WriteContext& cx, RefundId id, std::string_view provider) {
  auto refund = cx.tx.payments().find_refund(cx.tenant, id);
  if (!refund) return std::nullopt;
  const auto payment = cx.tx.payments().find(cx.tenant, refund->payment_id);
  const bool ours = payment && payment->provider == provider && payment->gateway_id;
  const auto age = cx.now - refund->created_at, since = age % key_time;
  // A question that was put while the gateway still knew the key may be on its way yet.
  const bool too_soon = ours && !refund->gateway_id && age >= key_time && since < until_found;
  refund->check_at = cx.now + (too_soon ? until_found - since : ours ? lease : milliseconds{1h});
  cx.tx.payments().update(cx.tenant, *refund);
  if (!ours && !refund->gateway_id && age > key_time)
    (void)cx.tx.nested([&] {
      return fail_refund(cx, id, {"payment_unavailable", "No host asks the gateway that took the payment any more."});
    });
  if (!ours || too_soon) return std::nullopt;
  return AskedRefund{cx.tenant, *refund, *payment->gateway_id};
}

void put_question(PaymentGateway& gateway, AskedPayment& asked) {
  const Payment& payment = asked.payment;
  asked.answer.emplace([&](PaymentGateway::Done<GatewayPayment> done) {
    switch (asked.question) {
    case Question::look: return gateway.fetch(*payment.gateway_id, std::move(done));
    case Question::find: return gateway.find("paymentId", payment.id.str(), std::move(done));
    case Question::call_off: return gateway.cancel(*payment.gateway_id, std::move(done));
    case Question::charge:
      return gateway.charge_saved({.amount = payment.amount_cents,
                                   .currency = payment.currency,
                                   .idempotency_key = payment.id.str(),
                                   .description = asked.description,
                                   .metadata = metadata_of(asked.tenant, payment.booking_id, payment.id),
                                   .customer_email = asked.email,
                                   .saved = {asked.subscription.saved_customer, asked.subscription.saved_method}},
                                  std::move(done));
    }
  });
}

/// For how many lives of an idempotency key a refund has been asked for without an answer.
int key_lives(const AskedRefund& asked, Instant now) {
  return asked.refund.gateway_id ? 0 : static_cast<int>((now - asked.refund.created_at) / key_time);
}

void put_question(PaymentGateway& gateway, AskedRefund& asked, Instant now) {
  const Refund& refund = asked.refund;
  const int lives = key_lives(asked, now);
  asked.answer.emplace([&](PaymentGateway::Done<GatewayRefund> done) {
    if (refund.gateway_id) return gateway.fetch_refund(*refund.gateway_id, std::move(done));
    gateway.refund({.payment_id = asked.payment_id,
                    .amount = refund.amount_cents,
                    .currency = refund.currency,
                    .idempotency_key = refund.id.str() + (lives > 0 ? "." + std::to_string(lives) : ""),
                    .metadata = {{"refundId", refund.id.str()}, {"tenantId", asked.tenant.str()}}},
                   std::move(done));
  });
}

Result<void> note(Platform& platform, Instant now, const AskedPayment& asked, const Result<GatewayPayment>& shown) {
  if (!shown) platform.tell_gateway_trouble(shown.error());
  ORKESTR_CHECK(platform.write_at(
      asked.tenant, now,
      [&](WriteContext& cx) -> Result<bool> {
        const auto id = asked.payment.id;
        if (shown) {
          ORKESTR_CHECK(settle_payment(cx, id, *shown, asked.payment.check_at));
          return true;
        }
        auto payment = cx.tx.payments().find(cx.tenant, id);
        if (!payment || payment->check_at != asked.payment.check_at) return true; // somebody wants to know at once
        // A charge that is refused was not made; of others only an unknown one is lost.
        if (asked.question == Question::charge ? !passes(shown.error()) : shown.error().code == Code::not_found) {
          ORKESTR_CHECK(lose_payment(cx, id));
          return true;
        }
        payment->check_at = now + next_try(payment->checks++);
        cx.tx.bookings().update_payment(cx.tenant, *payment);
        return true;
      },
      the_gateway));
  return {};
}

/// @param payment  as it is when the gateway refused the refund for its state: some may have gone back without us
Result<void> note(Platform& platform, Instant now, const AskedRefund& asked, const Result<GatewayRefund>& shown,
                  const std::optional<GatewayPayment>& payment) {
  if (!shown) platform.tell_gateway_trouble(shown.error());
  ORKESTR_CHECK(platform.write_at(
      asked.tenant, now,
      [&](WriteContext& cx) -> Result<bool> {
        const auto id = asked.refund.id;
        if (shown) {
          ORKESTR_CHECK(settle_refund(cx, id, *shown, asked.refund.check_at));
          return true;
        }
        auto refund = cx.tx.payments().find_refund(cx.tenant, id);
        if (!refund || refund->check_at != asked.refund.check_at) return true;
        if (!passes(shown.error())) { // customers see why; not in the gateway's words
          ORKESTR_CHECK(fail_refund(cx, id, {std::string{info(shown.error().code).name}, "The payment gateway refuses this refund."}));
          if (payment) ORKESTR_CHECK(retry_refund(cx, id, *payment));
          return true;
        }
        refund->check_at = now + next_try(refund->checks++);
        cx.tx.payments().update(cx.tenant, *refund);
        return true;
      },
      the_gateway));
  return {};
}

} // namespace

Result<PaymentDesk::Done> PaymentDesk::step(Instant now, milliseconds patience) {
  PaymentGateway& gateway = *platform_.gateway();
  const auto until = std::chrono::steady_clock::now() + patience;
  using storage::PaymentRepository;
  Done done;

  ORKESTR_TRY(const auto renewals, (claim<BookingId, BookingId>(platform_, now, &PaymentRepository::renewals_due,
                                                                [&](WriteContext& cx, BookingId id) -> std::optional<BookingId> {
                                                                  const auto begun = cx.tx.nested([&] { return start_renewal(cx, id); });
                                                                  if (!begun) { // it must not stand in the way of others
                                                                    auto row = *cx.tx.payments().subscription(cx.tenant, id);
                                                                    row.next_renewal_at = cx.now + std::chrono::days{1};
                                                                    cx.tx.payments().put(cx.tenant, row);
                                                                  }
                                                                  return id;
                                                                })));
  ORKESTR_TRY(auto payments, (claim<PaymentId, AskedPayment>(platform_, now, &PaymentRepository::due, [&](WriteContext& cx, PaymentId id) {
                return take_payment(cx, id, gateway.name());
              })));
  ORKESTR_TRY(auto refunds,
              (claim<RefundId, AskedRefund>(platform_, now, &PaymentRepository::refunds_due,
                                            [&](WriteContext& cx, RefundId id) { return take_refund(cx, id, gateway.name()); })));
  for (auto& asked : payments) put_question(gateway, asked);
  for (auto& asked : refunds)
    if (key_lives(asked, now) == 0) put_question(gateway, asked, now);
  done.renewals = renewals.size();
  done.payments = payments.size();
  done.refunds = refunds.size();
  done.more = std::max({renewals.size(), payments.size(), refunds.size()}) == batch;

  // What one answer can't be taken down for is no reason to drop the others.
  std::optional<Error> trouble;
  const auto keep = [&](const Result<void>& noted) {
    if (!noted && !trouble) trouble = noted.error();
  };
  for (auto& asked : payments) {
    auto shown = asked.answer->by(until);
    if (!shown && asked.question == Question::call_off && shown.error().code == Code::invalid_transition) {
      asked.question = Question::look; // it has been paid, or is being
      put_question(gateway, asked);
      shown = asked.answer->by(until);
    }
    keep(note(platform_, now, asked, shown));
  }
  for (auto& asked : refunds) {
    if (!asked.answer) {
      // The gateway has forgotten the key under which it was asked for: it is looked for, and asked for again only if it is not there.
      const auto found = GatewayAnswer<GatewayRefund>([&](auto answer) {
                           gateway.find_refund(asked.payment_id, "refundId", asked.refund.id.str(), std::move(answer));
                         }).by(until);
      if (found || found.error().code != Code::not_found) {
        keep(note(platform_, now, asked, found, {}));
        continue;
      }
      put_question(gateway, asked, now);
    }
    const auto shown = asked.answer->by(until);
    std::optional<GatewayPayment> payment;
    if (!shown && shown.error().code == Code::invalid_transition) {
      auto looked = GatewayAnswer<GatewayPayment>([&](auto answer) { gateway.fetch(asked.payment_id, std::move(answer)); }).by(until);
      if (!looked) { // without it there is no telling how much is left: all of it later
        keep(note(platform_, now, asked, looked.error(), {}));
        continue;
      }
      payment = std::move(*looked);
    }
    keep(note(platform_, now, asked, shown, payment));
  }
  if (trouble) return *trouble;
  return done;
}

PaymentWorker::PaymentWorker(Platform& platform, std::function<void(const Error&)> on_trouble)
    : platform_(platform), desk_(platform), on_trouble_(std::move(on_trouble)) {
  platform_.on_payments([this] { poke(); });
  thread_ = std::thread([this] { run(); });
}

PaymentWorker::~PaymentWorker() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  platform_.on_payments({}); // which the thread itself calls
}

void PaymentWorker::poke() {
  const std::lock_guard guard(mutex_);
  poked_ = true;
  wake_.notify_one();
}

void PaymentWorker::run() {
  std::unique_lock guard(mutex_);
  while (!stopping_) {
    poked_ = false;
    guard.unlock();
    const auto done = desk_.step(platform_.now());
    if (!done && on_trouble_) on_trouble_(done.error());
    guard.lock();
    if (done && done->more) continue;
    wake_.wait_for(guard, 1s, [&] { return stopping_ || (poked_ && done); });
  }
}

} // namespace orkestr::inline v1
