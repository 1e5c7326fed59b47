// Calendars that others subscribe to: an address that nobody can guess leads to the bookings of whoever made it.
#pragma once

#include "orkestr/platform/platform.hpp"

namespace orkestr::inline v1 {

/// What stands in the address: 48 characters. Only its hash is kept.
[[nodiscard]] std::string make_calendar_token(Random& random);

/// Gives the owner this token; the one before is dead at once.
void put_calendar_token(WriteContext& cx, const CalendarOwner& owner, std::string_view token);
/// Ends the owner's token: when they want it, and when they are deactivated, revoked or gone. @returns whether there was one
bool erase_calendar_tokens(WriteContext& cx, const CalendarOwner& owner);

/// What a token leads to: a business's bookings, or a customer's own.
/// @param base_domain  names the events in the world, so it must not change
/// @errors `not_found`: it is nobody's, was reset, or its owner may not see bookings any more; `tenant_suspended`, `tenant_closed`
[[nodiscard]] Result<Calendar> read_calendar(const storage::ReadTransaction& tx, std::string_view token, std::string_view storefront,
                                             std::string_view base_domain, Instant now);

/// The address of a token. @param storefront  see tenant_origin()
[[nodiscard]] std::string calendar_url(std::string_view storefront, const Tenant& tenant, std::string_view token);

} // namespace orkestr::inline v1
