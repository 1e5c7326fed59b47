// What the use cases about bookings and those about their money share.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1::bookings {

/// @errors `not_found`
[[nodiscard]] Result<Booking> find(const WriteContext& cx, BookingId id);
void free_slots(WriteContext& cx, const Booking& booking);
/// Writes the row, with the time.
void store(WriteContext& cx, Booking& booking);
/// Ends a booking that has not happened: slots go back, and a coupon too when it was never confirmed, and the policy's share of what a
/// gateway took.
[[nodiscard]] Result<Booking> end(WriteContext& cx, Booking booking, BookingAction action, int percent, std::optional<std::string> reason);
/// A fault at `amountCents`: it passes `most`.
[[nodiscard]] Error at_most(std::string_view what, Amount most);

} // namespace orkestr::inline v1::bookings

namespace orkestr::inline v1::money {

/// Calls off what is open, and gives back what the policy says of what a gateway took. @pre the booking has ended
void settle_end(WriteContext& cx, Booking& booking);
/// Its renewals follow the booking's new end. When it costs another amount now, they charge that; what is open for another amount is called
/// off; and what a gateway took beyond it goes back. @pre the booking is stored, and is stored again
void follow_move(WriteContext& cx, Booking& booking, bool repriced);
/// Its subscription, if it has one, is over.
void end_subscription(WriteContext& cx, const Booking& booking);

} // namespace orkestr::inline v1::money
