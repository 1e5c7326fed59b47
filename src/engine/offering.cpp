#include "orkestr/engine/offering.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

void validate(const Offering& offering, std::span<const ProductType> types, json::Reader& reader) {
  if (const auto* type = find_product_type(types, offering.product_type_key)) {
    const json::Reader::Step step(reader, "attributes");
    validate_attributes(offering.attributes, *type, reader);
  } else if (!offering.product_type_key.empty()) {
    std::string known;
    for (const auto& type : types) known.append(known.empty() ? "" : ", ").append(type.key);
    reader.fault_at("productTypeKey", "unknown_product_type", "Use one of: " + known + ".");
  }
  if (!Zone::find(offering.time_zone)) reader.fault_at("timeZone", "unknown_value", "Use an IANA time zone such as America/New_York.");
  const bool subscription = offering.pricing_model == PricingModel::subscription;
  if (subscription && !offering.billing_interval)
    reader.fault_at("billingInterval", "required", "A SUBSCRIPTION needs a billingInterval: WEEK, MONTH or YEAR.");
  if (!subscription && offering.billing_interval)
    reader.fault_at("billingInterval", "conflict", "Only a SUBSCRIPTION has a billingInterval.");
  if (offering.min_duration_minutes && offering.max_duration_minutes && *offering.max_duration_minutes < *offering.min_duration_minutes)
    reader.fault_at("maxDurationMinutes", "conflict", "maxDurationMinutes must not be below minDurationMinutes.");
  if (offering.min_price_cents && offering.base_price_cents < *offering.min_price_cents)
    reader.fault_at("minPriceCents", "conflict", "minPriceCents must not be above basePriceCents.");
  if (offering.max_price_cents && *offering.max_price_cents < offering.base_price_cents)
    reader.fault_at("maxPriceCents", "conflict", "maxPriceCents must not be below basePriceCents.");
}

std::string capacity_key(const Offering& offering) {
  // No id contains a colon, so a resource can't be taken for an offering.
  return offering.resource ? "resource:" + *offering.resource : offering.id.str();
}

Result<void> check_transition(OfferingStatus from, OfferingStatus to) {
  if (from == to || from != OfferingStatus::archived) return {};
  return fail(Code::invalid_transition, "An offering can't go from ARCHIVED to " + std::string{json::name_of(to)} + ".");
}

namespace json {

bool is_http_url(std::string_view text) {
  const std::string_view rest = text.starts_with("https://")  ? text.substr(8)
                                : text.starts_with("http://") ? text.substr(7)
                                                              : std::string_view{};
  return !rest.empty() && std::ranges::none_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

bool is_product_type_key(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && lower(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

} // namespace json
} // namespace orkestr::inline v1
