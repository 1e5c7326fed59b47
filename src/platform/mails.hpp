// Queueing mails, in the transaction of what they tell about.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1::mails {

/// Owes a mail. @pre cx.mail
void queue(WriteContext& cx, std::string_view to, const MailText& mail);

/// Tells the customer, where mail can be sent and the booking was made by themselves (it has a manage token).
/// @param token  of a booking that has just been made: later mails can't repeat it, and lead to the list of bookings
void tell_customer(WriteContext& cx, BookingMail kind, const Booking& booking, std::string_view token = {});

} // namespace orkestr::inline v1::mails
