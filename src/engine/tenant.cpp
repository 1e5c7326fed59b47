#include "orkestr/engine/tenant.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

bool is_subdomain(std::string_view text) noexcept {
  static constexpr std::string_view reserved[] = {"admin",       "api",      "app",    "docs",   "mail",
                                                  "marketplace", "provider", "static", "status", "www"};
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  if (std::ranges::find(reserved, text) != std::end(reserved)) return false;
  return std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

} // namespace orkestr::inline v1
