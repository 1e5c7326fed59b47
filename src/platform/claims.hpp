// Taking units: the one way to claim them, and to ask whether they could be claimed.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1::claims {

/// Units of an offering over an interval, for the holder of `own` if it has some already.
struct Wanted {
  Interval interval;
  int quantity = 1;
  std::optional<storage::Holder> own; ///< whose present claim does not stand in the way
  Audience audience = Audience::customer;
};

/// Asks the engine what is left where it is scarcest.
/// @errors `slot_unavailable`, `duration_not_allowed`
[[nodiscard]] Result<Units> room(const storage::ReadTransaction& tx, TenantId tenant, const AvailabilityView& view, const Wanted& wanted,
                                 Instant now);

/// Locks what the offering takes units of, asks for room() and claims it. @returns the units as they were before
[[nodiscard]] Result<Units> take(WriteContext& cx, const AvailabilityView& view, const Wanted& wanted, const storage::Claim& claim);

/// The prices of an offering as things stand.
[[nodiscard]] std::vector<PricingRule> pricing_rules(const storage::ReadTransaction& tx, TenantId tenant, const Offering& offering);

/// The hold while it counts. @errors `hold_expired`
[[nodiscard]] Result<Hold> live_hold(const storage::ReadTransaction& tx, TenantId tenant, HoldId id, Instant now);

/// Takes back a hold's claim and row.
void drop_hold(WriteContext& cx, const Hold& hold);

/// Offerings that the audience may book. @errors `not_found`
[[nodiscard]] Result<AvailabilityView> bookable(const storage::ReadTransaction& tx, TenantId tenant, OfferingId id, Audience audience);

/// Confirms a PENDING booking that has nothing left to wait for.
/// @param told  whether its customer hears of it by this, or by what its maker says of the new booking
enum class Told { at_once, by_maker };
void confirm_if_settled(WriteContext& cx, Booking& booking, Told told = Told::at_once);

} // namespace orkestr::inline v1::claims
