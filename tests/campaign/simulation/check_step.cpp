// What a step changed, against what it said and what it may change; see checks.hpp.
#include "campaign/simulation/checks.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace orkestr::campaign {
namespace {

std::string name_of(const std::optional<Code>& code) { return code ? std::string{info(*code).name} : "success"; }

bool store_failed(const Outcome& outcome) { return outcome.refusal == Code::store_unavailable; }

/// The step itself, or the one it repeats.
const Step& meant(const Seen& seen) {
  const auto* asked = seen.step.kind == Kind::again || seen.step.kind == Kind::other_body ? seen.ledger.repeated(seen.step) : nullptr;
  return asked == nullptr ? seen.step : *asked;
}

/// The names of rows that a step may change, but for new events.
class Allowed {
 public:
  explicit Allowed(const Seen& seen) : seen_(seen) {
    const auto& step = meant(seen);
    const auto& outcome = seen.outcome;
    if (step.kind == Kind::run_due) due(); // of many transactions, any may have failed
    if (outcome.skipped || store_failed(outcome)) return;
    if (outcome.status != 0 && outcome.refusal != Code::idempotency_mismatch && !outcome.replayed)
      names_.insert("answer " + outcome.request->kept_as());
    if (outcome.replayed || outcome.refusal) return;
    switch (step.kind) {
    case Kind::hold:
      if (outcome.hold_id) hold(outcome.hold_id->str());
      break;
    case Kind::release_hold: hold(seen.ledger.hold(step)->str()); break;
    case Kind::book:
    case Kind::check_out:
      if (outcome.booking_id) booking(*outcome.booking_id);
      if (const auto id = seen.ledger.hold(step)) hold(id->str());
      break;
    case Kind::reprice: names_.insert("offering " + seen.shop.offering_ids[static_cast<std::size_t>(step.offering)].str()); break;
    case Kind::run_due: break;
    default:
      if (const auto* target = seen.ledger.booking(step, seen.before)) booking(target->id);
    }
  }
  [[nodiscard]] bool contains(const std::string& name) const {
    // Events are only added, and which ones is checked by themselves; attempts are counted one by one.
    if (name.starts_with("event ")) return !seen_.before.texts.contains(name);
    return name.starts_with("attempts ") || names_.contains(name);
  }

 private:
  void hold(const std::string& id) { names_.insert("hold " + id), names_.insert("claim " + id); }
  void booking(BookingId id) {
    names_.insert("booking " + id.str());
    for (const auto* rows : {&seen_.before, &seen_.after}) {
      const auto* found = rows->find(id);
      if (found == nullptr) continue;
      for (const auto& item : found->items) names_.insert("claim " + item.id.str());
      if (found->coupon_id) {
        names_.insert("coupon " + found->coupon_id->str());
        names_.insert("redemption " + found->coupon_id->str() + " " + found->customer_id.str());
      }
      if (rows == &seen_.after && seen_.before.find(id) == nullptr) names_.insert("customer " + found->customer_id.str());
    }
  }
  void due() {
    for (const auto& row : seen_.before.holds)
      if (row.expires_at <= seen_.now) hold(row.id.str());
    for (const auto& row : seen_.before.bookings)
      if ((row.payment_due_at && *row.payment_due_at <= seen_.now) ||
          (row.status == BookingStatus::confirmed && row.items[0].ends_at <= seen_.now))
        booking(row.id);
    for (const auto& [key, record] : seen_.before.answers)
      if (record.created_at < seen_.now - std::chrono::hours{24}) names_.insert("answer " + key);
  }

  const Seen& seen_;
  std::set<std::string> names_;
};

int attempts(const Rows& rows, std::string_view kind, std::string value) {
  std::ranges::transform(value, value.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  const auto found = rows.texts.find("attempts " + std::string{kind} + " " + value);
  return found == rows.texts.end() ? 0 : std::stoi(found->second);
}

/// A checkout is an attempt, whatever comes of it, and its refused coupon another; nothing else is.
void check_attempts(const Seen& seen, Findings& findings) {
  const auto& step = meant(seen);
  if (step.kind == Kind::run_due) return;
  const bool tried = step.kind == Kind::check_out && !seen.outcome.skipped && !store_failed(seen.outcome) && !seen.outcome.replayed &&
                     seen.outcome.refusal != Code::idempotency_mismatch;
  const auto code = seen.outcome.refusal;
  const bool coupon = tried && code && *code >= Code::coupon_unknown && *code <= Code::coupon_customer_limit;
  const auto check = [&](std::string_view kind, std::string_view value, int more) {
    const int before = attempts(seen.before, kind, std::string{value}), after = attempts(seen.after, kind, std::string{value});
    findings.check(after == before + more, [&] {
      return "attempts " + std::string{kind} + " of " + std::string{value} + " went from " + std::to_string(before) + " to " +
             std::to_string(after);
    });
  };
  for (int i = 0; i < static_cast<int>(emails.size()); ++i) {
    check("BOOKING", emails[static_cast<std::size_t>(i)], tried && step.email == i);
    check("COUPON_REFUSED", emails[static_cast<std::size_t>(i)], coupon && step.email == i);
  }
  for (int i = 0; i < static_cast<int>(peers.size()); ++i) {
    check("BOOKING", peers[static_cast<std::size_t>(i)], tried && step.peer == i);
    check("COUPON_REFUSED", peers[static_cast<std::size_t>(i)], coupon && step.peer == i);
    check("HOLD_LAPSED", peers[static_cast<std::size_t>(i)], 0);
  }
}

void check_answer(const Seen& seen, Findings& findings) {
  const auto& [step, ledger, expected, outcome, before, after, changed, shop, now] = seen;
  if (outcome.skipped) return;
  const bool failed_by_fault = step.fault.kind != FaultKind::none && store_failed(outcome);
  const bool blocked = expected.may_be_blocked && !expected.refusal && outcome.refusal == Code::booking_blocked;
  if (!expected.replay && !failed_by_fault && !blocked)
    findings.check(outcome.refusal == expected.refusal,
                   [&] { return "the answer was " + name_of(outcome.refusal) + ", not " + name_of(expected.refusal); });
  if (outcome.status == 0 || failed_by_fault) return;
  if (expected.replay) {
    const auto& kept = ledger.answers.at(outcome.request->kept_as());
    findings.check(outcome.replayed && outcome.status == kept.status && outcome.body == kept.body,
                   "the request was answered otherwise when it was sent again");
  } else {
    findings.check(!outcome.replayed, "an answer was replayed that should not be kept");
    if (!outcome.request->key.empty() && outcome.refusal != Code::idempotency_mismatch && outcome.refusal != Code::invalid_fields) {
      const auto kept = after.answers.find(outcome.request->kept_as());
      findings.check(kept != after.answers.end() && kept->second.status == outcome.status && kept->second.created_at == now,
                     "the answer was not kept under its idempotency key");
    }
  }
}

/// What the client was told of a booking or hold is what is in the rows.
void check_told(const Seen& seen, Findings& findings) {
  const auto& [step, ledger, expected, outcome, before, after, changed, shop, now] = seen;
  if (outcome.refusal || outcome.skipped || outcome.replayed) return;
  if (outcome.hold_id) findings.check(after.find(*outcome.hold_id) != nullptr, "the hold that was acknowledged is not there");
  if (step.kind == Kind::release_hold) findings.check(after.find(*ledger.hold(step)) == nullptr, "the hold that was released is there");
  if (!outcome.booking_id) {
    if (outcome.price && expected.price)
      findings.check(
          outcome.price->subtotal == expected.price->subtotal && outcome.price->discount == expected.price->discount &&
              outcome.price->tax == expected.price->tax && outcome.price->total == expected.price->total,
          [&] { return "the quote is " + std::to_string(outcome.price->total) + ", not " + std::to_string(expected.price->total); });
    return;
  }
  const auto* row = after.find(*outcome.booking_id);
  findings.check(row != nullptr, "the booking that was acknowledged is not there");
  if (row == nullptr) return;
  if (outcome.booking) findings.check(text_of(*row) == *outcome.booking, "the booking is not as it was acknowledged");
  if (outcome.status != 0) {
    const auto body = boost::json::parse(outcome.body);
    const auto* inner = body.as_object().if_contains("booking");
    const auto& told = inner != nullptr ? inner->as_object() : body.as_object();
    findings.check(says(told.at("status"), json::name_of(row->status)) && told.at("totalCents") == row->total_cents &&
                       says(told.at("updatedAt"), to_string(row->updated_at)),
                   "the booking is not as the API acknowledged it");
  }
  if (expected.status)
    findings.check(row->status == *expected.status, [&] {
      return "the booking is " + std::string{json::name_of(row->status)} + ", not " + std::string{json::name_of(*expected.status)};
    });
  if (expected.price)
    findings.check(row->subtotal_cents == expected.price->subtotal && row->discount_cents == expected.price->discount &&
                       row->tax_cents == expected.price->tax && row->total_cents == expected.price->total,
                   [&] { return "the total is " + std::to_string(row->total_cents) + ", not " + std::to_string(expected.price->total); });
  const auto* old = before.find(row->id);
  if (outcome.difference && old != nullptr)
    findings.check(*outcome.difference == row->total_cents - old->total_cents, "the price difference is not new total minus old");
  if (outcome.terms)
    findings.check(row->refund_percent == outcome.terms->refund_percent && row->refund_cents == outcome.terms->refund_cents,
                   "cancelling gave something else than its terms said before");
  if (meant(seen).kind == Kind::cancel && old != nullptr)
    findings.check(row->refund_percent == refund_percent(*old, now), "the refund is not what the policy gives");
  if (old == nullptr) {
    const bool settled = row->auto_approve && row->total_cents == 0 && row->risk_review_status == RiskReview::none;
    findings.check(row->status == (settled ? BookingStatus::confirmed : BookingStatus::pending), "a new booking has the wrong state");
    const bool online = meant(seen).pay_online && row->total_cents > 0;
    findings.check(row->payment_due_at == (online ? std::optional{now + std::chrono::minutes{30}} : std::nullopt),
                   "a payment is not due when it should be");
  }
}

/// States only go where they may.
void check_transitions(const Seen& seen, Findings& findings) {
  using enum BookingStatus;
  for (const auto& old : seen.before.bookings) {
    const auto* row = seen.after.find(old.id);
    findings.check(row != nullptr, "a booking is gone");
    if (row == nullptr || row->status == old.status) continue;
    const auto to = row->status;
    const bool legal = old.status == pending     ? to == confirmed || to == cancelled
                       : old.status == confirmed ? to == completed || to == cancelled || to == refunded
                       : old.status == refunded  ? false
                                                 : to == refunded;
    findings.check(
        legal, [&] { return "a booking went from " + std::string{json::name_of(old.status)} + " to " + std::string{json::name_of(to)}; });
  }
}

void check_due(const Seen& seen, Findings& findings) {
  if (seen.step.kind != Kind::run_due || seen.outcome.refusal) return;
  std::size_t unpaid = 0, completed = 0, lapsed = 0;
  for (const auto& hold : seen.before.holds) lapsed += hold.expires_at <= seen.now;
  for (const auto& booking : seen.before.bookings) {
    unpaid += booking.payment_due_at && *booking.payment_due_at <= seen.now;
    completed += booking.status == BookingStatus::confirmed && booking.items[0].ends_at <= seen.now;
  }
  const auto& due = *seen.outcome.due;
  findings.check(due.expired_holds == lapsed && due.unpaid_bookings == unpaid && due.completed_bookings == completed,
                 "the worker did not do just what was due");
  for (const auto& hold : seen.after.holds) findings.check(seen.now < hold.expires_at, "a hold that lapsed was not swept");
  for (const auto& booking : seen.after.bookings) {
    findings.check(!booking.payment_due_at || seen.now < *booking.payment_due_at, "a booking without payment goes on");
    findings.check(booking.status != BookingStatus::confirmed || seen.now < booking.items[0].ends_at,
                   "a booking that ended is not completed");
  }
}

} // namespace

void check_step(const Seen& seen, Findings& findings) {
  check_answer(seen, findings);
  const Allowed allowed(seen);
  for (const auto& name : seen.changed)
    findings.check(allowed.contains(name), [&] {
      const auto text = [&](const Rows& rows) {
        const auto found = rows.texts.find(name);
        return found == rows.texts.end() ? std::string{"nothing"} : found->second;
      };
      return "this row changed: " + name + "\n    from " + text(seen.before) + "\n    to   " + text(seen.after);
    });
  check_attempts(seen, findings);
  check_told(seen, findings);
  check_transitions(seen, findings);
  check_due(seen, findings);
  check_events(seen, findings);
}

} // namespace orkestr::campaign
