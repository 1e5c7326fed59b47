// What routes of visitors share: the offering or the booking that their path names.
#pragma once

#include "api/context.hpp"

namespace orkestr::inline v1::api {

/// The offering by `{slug}`. @errors `not_found` unless it is PUBLISHED
[[nodiscard]] Result<Offering> published_offering(const storage::ReadTransaction& tx, const Call& call);
/// The booking by `{bookingId}` and the call's manage token. @errors `not_found`
[[nodiscard]] Result<Booking> load_managed(const storage::ReadTransaction& tx, const Call& call);
/// The same for what changes something, which its customer does.
[[nodiscard]] Result<Booking> managed(WriteContext& cx, const Call& call);

} // namespace orkestr::inline v1::api
