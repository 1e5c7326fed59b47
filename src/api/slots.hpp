// Ranges of time and lists of slots, for the routes of keys and of visitors alike.
#pragma once

#include "api/context.hpp"

namespace orkestr::inline v1::api {

/// `from` and `to`: dates (local midnight in the zone) or instants, at most 366 days apart.
/// @errors `missing_parameter`, `invalid_parameter`, `range_too_long`
[[nodiscard]] Result<Interval> range_of(const Query& query, Zone zone);

/// Appends `"startsAt":"…","endsAt":"…","capacity":…,"remaining":…`: a list of slots is the longest answer there is.
void append_slot_members(std::string& out, const Slot& slot);

/// The slots that a customer may book in the range, with wall times and prices; `explain` shows the others too, with why.
[[nodiscard]] Result<Reply> slots_reply(const storage::ReadTransaction& tx, const Call& call, const AvailabilityView& view);

} // namespace orkestr::inline v1::api
