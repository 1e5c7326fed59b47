// What Atlas Studios offers, as a table.
#pragma once

#include <span>
#include <string_view>

namespace orkestr::server {

/// A weekly opening: days as digits, 0 = Sunday.
struct DemoOpening {
  std::string_view days, from, to;
  int slot_minutes, capacity;
};

struct DemoOffering {
  std::string_view json; ///< the body of POST /v1/api/offerings
  std::span<const DemoOpening> openings;
};

[[nodiscard]] std::span<const DemoOffering> demo_catalogue();
[[nodiscard]] std::span<const std::string_view> demo_coupons(); ///< bodies of POST /v1/api/coupons
[[nodiscard]] std::string_view demo_branding();                 ///< the branding as JSON; its badges are those of one offering
inline constexpr std::string_view demo_offering_on_sale = "daylight-photo-studio";
struct DemoCustomer {
  std::string_view name, email, phone;
};
[[nodiscard]] std::span<const DemoCustomer> demo_customers();
[[nodiscard]] std::span<const std::string_view> demo_locales();

} // namespace orkestr::server
