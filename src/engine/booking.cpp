#include "orkestr/engine/booking.hpp"

#include <algorithm>
#include <numeric>

namespace orkestr::inline v1 {

Instant Booking::first_start() const { return std::ranges::min(items, {}, &BookingItem::starts_at).starts_at; }
Instant Booking::last_end() const { return std::ranges::max(items, {}, &BookingItem::ends_at).ends_at; }

bool Payment::has_succeeded() const { return status != PaymentStatus::pending && status != PaymentStatus::failed; }
Amount Payment::refundable_cents() const { return has_succeeded() ? amount_cents - refunded_cents - refunding_cents : 0; }

Amount Booking::paid_cents() const {
  Amount sum = 0;
  for (const auto& payment : payments) sum += payment.has_succeeded() ? payment.amount_cents : 0;
  return sum;
}
namespace {
/// What payments of it count for its total.
Amount counted_cents(const Booking& booking) {
  Amount sum = 0;
  for (const auto& payment : booking.payments)
    if (payment.has_succeeded() && payment.purpose == PaymentPurpose::booking) sum += payment.amount_cents - payment.excess_cents;
  return sum;
}
} // namespace
Amount Booking::owed_cents() const { return std::max<Amount>(total_cents - counted_cents(*this), 0); }
Amount Booking::excess_cents() const { return std::max<Amount>(counted_cents(*this) - total_cents, 0); }
bool Booking::all_returned() const {
  Amount paid = 0, returned = 0;
  for (const auto& payment : payments) {
    if (!payment.has_succeeded()) continue;
    paid += payment.amount_cents - payment.excess_cents;
    returned += std::max<Amount>(payment.refunded_cents - payment.excess_cents, 0);
  }
  return paid > 0 && returned >= paid;
}
Amount Booking::refunded_cents() const {
  return std::accumulate(payments.begin(), payments.end(), Amount{0},
                         [](Amount sum, const Payment& payment) { return sum + payment.refunded_cents; });
}

std::span<const Transition> booking_transitions() {
  using enum BookingStatus;
  using enum BookingAction;
  static constexpr Transition table[] = {
      {pending, approve, confirmed, "the provider"},
      {pending, pay, confirmed, "a payment that succeeds, or nothing to pay, where the offering approves by itself and the risk is low"},
      {pending, decline, cancelled, "the provider"},
      {pending, cancel, cancelled, "the provider or the customer"},
      {pending, expire, cancelled, "the worker, when payment was due and did not come"},
      {pending, reschedule, pending, "the provider, or the customer where the offering allows it"},
      {confirmed, reschedule, confirmed, "the provider, or the customer where the offering allows it"},
      {confirmed, complete, completed, "the worker, after the last item has ended"},
      {confirmed, cancel, cancelled, "the provider or the customer; the policy sets the refund"},
      {confirmed, refund, refunded, "the whole total has been refunded"},
      {completed, refund, refunded, "the whole total has been refunded"},
      {cancelled, refund, refunded, "the whole total has been refunded"},
  };
  return table;
}

std::string booking_transitions_markdown() {
  std::string text = "| from | action | to | by |\n|---|---|---|---|\n";
  for (const auto& row : booking_transitions())
    for (std::string_view part :
         {std::string_view{"| "}, json::name_of(row.from), std::string_view{" | "}, json::name_of(row.action), std::string_view{" | "},
          json::name_of(row.to), std::string_view{" | "}, row.by, std::string_view{" |\n"}})
      text += part;
  return text;
}

Result<BookingStatus> next_status(BookingStatus from, BookingAction action) {
  BookingStatus other = from; // where the action leads from elsewhere
  for (const auto& row : booking_transitions()) {
    if (row.action != action) continue;
    if (row.from == from) return row.to;
    other = row.to;
  }
  std::string detail = "A booking that is " + std::string{json::name_of(from)} + " can't be ";
  if (action == BookingAction::reschedule) return fail(Code::invalid_transition, detail + "rescheduled; it must be PENDING or CONFIRMED.");
  return fail(Code::invalid_transition, detail + "made " + std::string{json::name_of(other)} + ".");
}

} // namespace orkestr::inline v1
