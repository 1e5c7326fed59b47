// Cancellation policies: which share of the total goes back, by the hours left to the first start, or because the
// customer changes their mind soon after booking.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

enum class PolicyKind { flexible, moderate, strict, custom };

struct RefundTier {
  int hours_before = 0;
  int refund_percent = 0;
  friend bool operator==(const RefundTier&, const RefundTier&) = default;
};

/// FLEXIBLE, MODERATE and STRICT have fixed tiers; CUSTOM lists its own.
struct CancellationPolicy {
  PolicyKind kind = PolicyKind::flexible;
  std::vector<RefundTier> tiers = {{24, 100}};
  int grace_minutes = 0; ///< after booking: everything goes back while the booking has not started

  [[nodiscard]] static CancellationPolicy of(PolicyKind kind);
};

/// What a cancellation gives back, and why.
struct RefundTerms {
  int percent = 0;
  bool grace = false;             ///< because it comes within the grace period
  std::optional<RefundTier> tier; ///< the tier that decided, when one did
};

/// Within the grace period (both ends included) and before the start: 100. Else the tier with the largest `hoursBefore`
/// ≤ the time left decides; no such tier means 0. Exactly 24 h belongs to the 24-hour tier.
/// @thread_safety pure
[[nodiscard]] RefundTerms refund_terms(const CancellationPolicy& policy, Instant booked, Instant first_start, Instant now);

namespace json {
template <> struct EnumNames<PolicyKind> {
  static constexpr std::array<std::string_view, 4> names{"FLEXIBLE", "MODERATE", "STRICT", "CUSTOM"};
};
template <> struct Schema<RefundTier> {
  static constexpr auto fields = std::make_tuple(field("hoursBefore", &RefundTier::hours_before, required_writable, {0, 8760}),
                                                 field("refundPercent", &RefundTier::refund_percent, required_writable, {0, 100}));
};
/// `{kind, tiers, graceMinutes}`. Tiers are read for CUSTOM only (where they are required); answers always list them.
inline constexpr Limits grace_limits{0, 10'080};
template <> struct Codec<CancellationPolicy> {
  static constexpr Kind kind = Kind::object;
  static void write(Writer& w, const CancellationPolicy& policy);
  static bool read(Reader& r, const Value& v, CancellationPolicy& target, const Limits&);
};
} // namespace json
} // namespace orkestr::inline v1
