#include "orkestr/engine/booking.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

Instant Booking::first_start() const { return std::ranges::min(items, {}, &BookingItem::starts_at).starts_at; }
Instant Booking::last_end() const { return std::ranges::max(items, {}, &BookingItem::ends_at).ends_at; }

std::span<const Transition> booking_transitions() {
  using enum BookingStatus;
  using enum BookingAction;
  static constexpr Transition table[] = {
      {pending, approve, confirmed},      {pending, decline, cancelled},    {pending, cancel, cancelled},   {pending, reschedule, pending},
      {confirmed, reschedule, confirmed}, {confirmed, complete, completed}, {confirmed, cancel, cancelled}, {confirmed, refund, refunded},
      {completed, refund, refunded},      {cancelled, refund, refunded},
  };
  return table;
}

Result<BookingStatus> next_status(BookingStatus from, BookingAction action) {
  const Transition* other = nullptr;
  for (const auto& row : booking_transitions()) {
    if (row.action != action) continue;
    if (row.from == from) return row.to;
    if (other == nullptr) other = &row;
  }
  std::string detail = "A booking that is " + std::string{json::name_of(from)} + " can't be ";
  if (action == BookingAction::reschedule) return fail(Code::invalid_transition, detail + "rescheduled; it must be PENDING or CONFIRMED.");
  return fail(Code::invalid_transition, detail + "made " + std::string{json::name_of(other->to)} + ".");
}

} // namespace orkestr::inline v1
