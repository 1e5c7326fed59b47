// Steps as calls of the library; those that are requests are in requests.cpp.
#include "campaign/simulation/actions.hpp"

#include "campaign/simulation/requests.hpp"

#include <stdexcept>

namespace orkestr::campaign {
namespace {

template <class T> bool refused(const Result<T>& result, Outcome& outcome) {
  if (result) return false;
  outcome.refusal = result.error().code;
  return true;
}

void take(const Result<Booking>& result, Outcome& outcome) {
  if (refused(result, outcome)) return;
  outcome.booking_id = result->id;
  outcome.booking = text_of(*result);
}

BookRequest book_request(const Step& step, const Wanted& wanted, const std::optional<Amount>& total) {
  BookRequest request;
  if (wanted.hold)
    request.hold_id = wanted.hold;
  else
    request.interval = step.interval;
  request.quantity = step.quantity;
  request.customer_name = "Customer " + std::to_string(step.email);
  request.customer_email = emails[static_cast<std::size_t>(step.email)];
  if (step.coupon >= 0) request.coupon_code = std::string{code_of(step)};
  request.expected_total_cents = total;
  request.pay_online = step.pay_online;
  request.client.ip = std::string{peers[static_cast<std::size_t>(step.peer)]};
  request.audience = step.audience;
  return request;
}

void act_on_slot(World& world, const Step& step, const Ledger& ledger, const Rows& before, Outcome& outcome) {
  auto& platform = world.platform();
  const auto& shop = world.shop;
  const auto wanted = wanted_of(step, ledger, before, shop, world.clock.now());
  const auto offering = shop.offering_ids[static_cast<std::size_t>(step.offering)];
  if (!wanted) {
    outcome.skipped = true;
  } else if (step.kind == Kind::hold) {
    const auto held =
        platform.hold(shop.tenant, {offering, step.interval, step.quantity, std::string{peers[static_cast<std::size_t>(step.peer)]}});
    if (!refused(held, outcome)) outcome.hold_id = held->id;
  } else if (step.kind == Kind::quote) {
    QuoteRequest request{.offering_id = offering, .interval = step.interval, .quantity = step.quantity, .audience = step.audience};
    if (wanted->hold) request.hold_id = wanted->hold;
    if (step.coupon >= 0) request.coupon_code = std::string{code_of(step)};
    request.customer_email = emails[static_cast<std::size_t>(step.email)];
    const auto view = platform.quote(shop.tenant, request);
    if (!refused(view, outcome))
      outcome.price = Price{view->quote.subtotal_cents, view->quote.discount_cents, view->quote.tax_cents, view->quote.total_cents};
  } else {
    auto request = book_request(step, *wanted, expected_total(step, ledger, before, shop, world.clock.now()));
    if (!wanted->hold) request.offering_id = offering;
    take(step.kind == Kind::book ? platform.book(shop.tenant, request) : platform.check_out(shop.tenant, request), outcome);
  }
}

void act_on_booking(World& world, const Step& step, const Booking& booking, Outcome& outcome) {
  auto& platform = world.platform();
  const auto tenant = world.shop.tenant;
  switch (step.kind) {
  case Kind::approve: take(platform.approve(tenant, booking.id), outcome); break;
  case Kind::decline: take(platform.decline(tenant, booking.id, "no"), outcome); break;
  case Kind::cancel:
    if (const auto terms = cancellation_terms(booking, world.clock.now())) outcome.terms = *terms;
    take(platform.cancel(tenant, booking.id, "changed plans"), outcome);
    break;
  case Kind::reschedule: {
    const auto moved = platform.reschedule(tenant, booking.id, {{}, step.interval, step.audience});
    if (refused(moved, outcome)) break;
    outcome.difference = moved->price_difference_cents;
    take(moved->booking, outcome);
    break;
  }
  case Kind::pay: take(platform.record_payment(tenant, booking.id, {amount_of(step, booking), "manual", step.yes}), outcome); break;
  case Kind::refund: take(platform.start_refund(tenant, booking.id, amount_of(step, booking)), outcome); break;
  case Kind::review: take(platform.write(tenant, [&](WriteContext& cx) { return review_risk(cx, booking.id, step.yes); }), outcome); break;
  default: throw std::logic_error("no step on a booking");
  }
}

/// The other tenant tries everything on what is ours.
void act_as_stranger(World& world, const Step& step, const Ledger& ledger, const Rows& before, Outcome& outcome) {
  auto& platform = world.platform();
  const auto tenant = world.shop.other;
  const auto note = [&](const auto& result) {
    if (result)
      outcome.refusal.reset();
    else
      outcome.refusal = result.error().code;
    return !result && result.error().code == Code::not_found;
  };
  if (const auto* booking = ledger.booking(step, before)) {
    (void)(note(platform.approve(tenant, booking->id)) && note(platform.cancel(tenant, booking->id)) &&
           note(platform.decline(tenant, booking->id)) && note(platform.record_payment(tenant, booking->id, {1})) &&
           note(platform.start_refund(tenant, booking->id, 1)) &&
           note(platform.reschedule(tenant, booking->id, {{}, step.interval, Audience::provider})));
  } else if (const auto hold = ledger.hold(step)) {
    BookRequest request;
    request.hold_id = hold;
    request.customer_name = "Stranger";
    request.customer_email = emails[0];
    const auto booked = platform.book(tenant, request);
    if (!booked && booked.error().code == Code::hold_expired)
      (void)note(platform.release_hold(tenant, *hold));
    else
      (void)note(booked);
  } else {
    outcome.skipped = true;
  }
}

} // namespace

std::string_view code_of(const Step& step) {
  const auto i = static_cast<std::size_t>(step.coupon);
  return i < coupons.size() ? coupons[i].code : unknown_code;
}

const Booking* Ledger::booking(const Step& step, const Rows& rows) const {
  const auto found = bookings.find(step.from);
  return found == bookings.end() ? nullptr : rows.find(found->second);
}
std::optional<HoldId> Ledger::hold(const Step& step) const {
  const auto found = holds.find(step.from);
  return found == holds.end() ? std::nullopt : std::optional{found->second};
}
const Step* Ledger::repeated(const Step& step) const {
  const auto found = asked.find(step.from);
  return found == asked.end() ? nullptr : &found->second;
}

std::string Outcome::text() const {
  if (skipped) return "skipped";
  std::string text = refusal ? std::string{info(*refusal).name} : "done";
  if (booking_id) text += " " + booking_id->str();
  if (hold_id) text += " " + hold_id->str();
  if (booking) text += " " + *booking;
  if (price) text += " " + std::to_string(price->total);
  if (terms) text += " " + std::to_string(terms->refund_percent) + "% " + std::to_string(terms->refund_cents);
  if (difference) text += " difference " + std::to_string(*difference);
  if (due)
    text += " completed " + std::to_string(due->completed_bookings) + " unpaid " + std::to_string(due->unpaid_bookings) + " holds " +
            std::to_string(due->expired_holds) + " answers " + std::to_string(due->expired_idempotency_keys);
  if (status != 0) text += " " + std::to_string(status) + (replayed ? " replayed " : " ") + body;
  return text;
}

Amount amount_of(const Step& step, const Booking& booking) {
  if (step.amount) return *step.amount;
  const Amount open = step.kind == Kind::pay ? booking.total_cents - booking.paid_cents() : booking.paid_cents() - booking.refunded_cents();
  switch (step.share) {
  case Share::all: return open;
  case Share::half: return open > 1 ? open / 2 : open;
  case Share::one: return 1;
  case Share::too_much: return open + 1;
  case Share::nothing: break;
  }
  return 0;
}

std::optional<Wanted> wanted_of(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now) {
  Audience audience = step.audience;
  if (step.via == Via::key) audience = Audience::provider;
  if (step.via == Via::visitor || step.kind == Kind::hold) audience = Audience::customer;
  if (step.from < 0) return Wanted{step.offering, step.interval, step.quantity, audience, {}, false};
  const auto id = ledger.hold(step);
  if (!id) return {};
  const auto* hold = before.find(*id);
  if (hold == nullptr || hold->expires_at <= now) return Wanted{0, {}, 1, audience, id, true};
  return Wanted{shop.index_of(hold->offering_id), hold->interval(), hold->quantity, Audience::provider, id, false};
}

Outcome act(World& world, const Step& step, const Ledger& ledger, const Rows& before) {
  Outcome outcome;
  auto& platform = world.platform();
  const auto& shop = world.shop;
  switch (step.kind) {
  case Kind::again:
  case Kind::other_body: repeat_request(world, step, ledger, outcome); return outcome;
  case Kind::run_due: {
    const auto done = platform.run_due(world.clock.now());
    if (!refused(done, outcome)) outcome.due = *done;
    return outcome;
  }
  case Kind::reprice: {
    const auto changed = platform.write(shop.tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(shop.tenant, shop.offering_ids[static_cast<std::size_t>(step.offering)]);
      offering.base_price_cents = step.price;
      json::Reader reader;
      return update_offering(cx, offering, reader);
    });
    (void)refused(changed, outcome);
    return outcome;
  }
  case Kind::by_stranger: act_as_stranger(world, step, ledger, before, outcome); return outcome;
  case Kind::advance: world.clock.advance(step.by); return outcome;
  case Kind::jump_back: world.clock.advance(-step.by); return outcome;
  case Kind::crash: world.crash(step.yes); return outcome;
  default: break;
  }
  if (step.via != Via::library) {
    send_request(world, step, ledger, before, outcome);
  } else if (step.kind == Kind::release_hold) {
    const auto id = ledger.hold(step);
    if (id)
      (void)refused(platform.release_hold(shop.tenant, *id), outcome);
    else
      outcome.skipped = true;
  } else if (step.kind == Kind::hold || step.kind == Kind::quote || step.kind == Kind::book || step.kind == Kind::check_out) {
    act_on_slot(world, step, ledger, before, outcome);
  } else if (const auto* booking = ledger.booking(step, before)) {
    act_on_booking(world, step, *booking, outcome);
  } else {
    outcome.skipped = true;
  }
  return outcome;
}

} // namespace orkestr::campaign
