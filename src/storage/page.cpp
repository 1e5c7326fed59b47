#include "orkestr/storage/trust_repositories.hpp"

#include <charconv>

namespace orkestr::inline v1::storage {

std::optional<std::pair<Amount, std::string_view>> price_place(std::string_view before) {
  const auto bar = before.find('|');
  Amount price = 0;
  if (bar == std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(before.data(), before.data() + bar, price);
  if (error != std::errc{} || end != before.data() + bar) return std::nullopt;
  return std::pair{price, before.substr(bar + 1)};
}

std::string price_place(const Offering& offering) { return std::to_string(offering.base_price_cents) + "|" + offering.id.str(); }
std::string ranking_place(const RankedTenant& row) { return std::to_string(row.place) + "|" + row.tenant.id.str(); }

} // namespace orkestr::inline v1::storage
