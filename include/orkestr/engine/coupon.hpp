// Coupons: what a code is worth, and why it is refused.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/engine/prose.hpp"

namespace orkestr::inline v1 {

enum class CouponKind { percent, fixed };

struct Coupon {
  CouponId id;
  std::string code;                       ///< as written, trimmed
  std::string folded_code;                ///< what is compared: case-blind
  std::optional<std::string> description; ///< what it gives, in the tenant's language; customers read it at the checkout
  CouponKind kind = CouponKind::percent;
  std::int64_t amount = 0; ///< 1–100 for PERCENT, minor units for FIXED
  std::optional<Currency> currency;
  std::optional<Instant> valid_from, valid_until; ///< inclusive at both ends
  std::optional<std::int64_t> max_redemptions;
  std::int64_t redeemed_count = 0;
  std::optional<std::int64_t> max_per_customer;
  Amount min_subtotal_cents = 0;
  std::vector<OfferingId> offering_ids; ///< empty: every offering
  bool active = true;
  Instant created_at;
  std::optional<Instant> deleted_at; ///< not on the wire
};

/// Trims ASCII white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
/// The form in which codes compare: trimmed, ASCII letters in upper case.
[[nodiscard]] std::string fold_code(std::string_view code);

/// What single fields can't say: PERCENT within 1–100 and without currency, FIXED with one, window in order.
void validate(const Coupon& coupon, json::Reader& reader);

/// What a coupon is asked to pay for.
struct CouponUse {
  OfferingId offering_id;
  Amount subtotal_cents = 0;
  Currency currency;
  std::int64_t customer_redemptions = 0; ///< by this customer so far
};

/// The discount, never above the subtotal. @errors the `coupon_…` codes, the first that applies
/// @thread_safety pure
[[nodiscard]] Result<Amount> discount(const Coupon& coupon, const CouponUse& use, Instant now);

namespace json {
template <> struct EnumNames<CouponKind> { static constexpr std::array<std::string_view, 2> names{"PERCENT", "FIXED"}; };
[[nodiscard]] bool is_coupon_code(std::string_view text);
template <> struct Schema<Coupon> {
  static constexpr auto fields = std::make_tuple(
      field("id", &Coupon::id, out),
      field("code", &Coupon::code, required_writable, {1, 64, is_coupon_code, "Use printable characters, not white space alone."}),
      field("description", &Coupon::description, writable, {1, 200, is_line, line_hint}), field("kind", &Coupon::kind, required_writable),
      field("amount", &Coupon::amount, required_writable, {1, 1'000'000'000'000}), field("currency", &Coupon::currency, writable),
      field("validFrom", &Coupon::valid_from, writable), field("validUntil", &Coupon::valid_until, writable),
      field("maxRedemptions", &Coupon::max_redemptions, writable, {1, 1'000'000'000}), field("redeemedCount", &Coupon::redeemed_count, out),
      field("maxPerCustomer", &Coupon::max_per_customer, writable, {1, 1'000'000}),
      field("minSubtotalCents", &Coupon::min_subtotal_cents, writable, {0, 1'000'000'000'000}),
      field("offeringIds", &Coupon::offering_ids, writable, {0, 200}), field("active", &Coupon::active, writable),
      field("createdAt", &Coupon::created_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
