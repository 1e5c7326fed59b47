// The pages of a tenant's storefront, rendered here so that they are whole without JavaScript. They stand on the public API alone,
// asked in-process: what a page shows is what GET /v1/public/{tenant}/… says.
#pragma once

#include "orkestr/api/api.hpp"
#include "orkestr/ports/clock.hpp"

#include <optional>
#include <string>

namespace orkestr::server {

/// @thread_safety safe
class Storefront {
 public:
  /// @param base_domain  whose subdomains are storefronts, such as `localhost`; both references must outlive it
  /// @param gateway  that takes payments, such as `test`; empty where nothing is paid online
  Storefront(api::Api& api, const Clock& clock, std::string base_domain, std::string gateway);

  /// Whether a request is for a page of a storefront, by its host and path.
  [[nodiscard]] bool is_page(const api::Request& request) const;
  /// @pre is_page()
  [[nodiscard]] api::Response handle(const api::Request& request);

 private:
  api::Api& api_;
  const Clock& clock_;
  const std::string base_domain_, gateway_;
};

} // namespace orkestr::server
