#include "orkestr/engine/coupon.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

std::string_view trim(std::string_view text) {
  static constexpr std::string_view space = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string fold_code(std::string_view code) {
  std::string folded{trim(code)};
  for (char& c : folded)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return folded;
}

void validate(const Coupon& coupon, json::Reader& reader) {
  if (coupon.kind == CouponKind::percent) {
    if (coupon.amount > 100) reader.fault_at("amount", "too_large", "A PERCENT coupon takes off 1 to 100.");
    if (coupon.currency) reader.fault_at("currency", "conflict", "Only a FIXED coupon has a currency.");
  } else if (!coupon.currency) {
    reader.fault_at("currency", "required", "A FIXED coupon needs a currency.");
  }
  if (coupon.valid_from && coupon.valid_until && *coupon.valid_until < *coupon.valid_from)
    reader.fault_at("validUntil", "conflict", "validUntil must not be before validFrom.");
}

Result<Amount> discount(const Coupon& coupon, const CouponUse& use, Instant now) {
  if (coupon.deleted_at) return fail(Code::coupon_unknown, "There is no such coupon.");
  if (!coupon.active) return fail(Code::coupon_inactive, "The coupon is not active.");
  if (coupon.valid_from && now < *coupon.valid_from)
    return fail(Code::coupon_not_started, "The coupon is valid from " + to_string(*coupon.valid_from) + ".");
  if (coupon.valid_until && *coupon.valid_until < now)
    return fail(Code::coupon_expired, "The coupon expired at " + to_string(*coupon.valid_until) + ".");
  if (!coupon.offering_ids.empty() && std::ranges::find(coupon.offering_ids, use.offering_id) == coupon.offering_ids.end())
    return fail(Code::coupon_not_applicable, "The coupon is for other offerings.");
  if (coupon.currency && *coupon.currency != use.currency)
    return fail(Code::coupon_currency, "The coupon is worth " + std::string{coupon.currency->code()} + ", the price is in " +
                                           std::string{use.currency.code()} + ".");
  if (use.subtotal_cents < coupon.min_subtotal_cents)
    return fail(Code::coupon_below_minimum, "The subtotal must be at least " + std::to_string(coupon.min_subtotal_cents) + ".");
  if (coupon.max_redemptions && coupon.redeemed_count >= *coupon.max_redemptions)
    return fail(Code::coupon_exhausted, "The coupon has been used up.");
  if (coupon.max_per_customer && use.customer_redemptions >= *coupon.max_per_customer)
    return fail(Code::coupon_customer_limit, "This customer has used the coupon as often as allowed.");
  if (coupon.kind == CouponKind::fixed) return std::min(coupon.amount, use.subtotal_cents);
  return multiply_divide(use.subtotal_cents, coupon.amount, 100);
}

bool json::is_coupon_code(std::string_view text) {
  return !trim(text).empty() && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

} // namespace orkestr::inline v1
