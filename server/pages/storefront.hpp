// The pages of a tenant's storefront, rendered here so that they are whole without JavaScript. They stand on the public API alone,
// asked in-process: what a page shows is what GET /v1/public/{tenant}/… says.
#pragma once

#include "hosts.hpp"
#include "pages/page_cache.hpp"

#include "orkestr/api/api.hpp"

#include <optional>
#include <string>

namespace orkestr::server {

namespace pages {
struct Page;
}

/// `atlas` of `atlas.localhost:8080`; however it is written, and with the dot that ends a full name. Empty for other hosts.
[[nodiscard]] std::string tenant_label(std::string_view host, std::string_view base_domain);

/// @thread_safety safe
class Storefront {
 public:
  /// All references must outlive it.
  /// @param gateway  that takes payments, such as `test`; empty where nothing is paid online
  Storefront(api::Api& api, Platform& platform, const CustomHosts& hosts, std::string gateway);

  /// Whether a request is for a page of a storefront, by its host and path.
  [[nodiscard]] bool is_page(const api::Request& request) const;
  /// A page that was made within the last second, for somebody else, and is the same for everybody. Takes no time.
  /// @pre is_page()
  [[nodiscard]] std::optional<api::Response> handle_now(const api::Request& request);
  /// @pre is_page()
  [[nodiscard]] api::Response handle(const api::Request& request);

 private:
  /// The subdomain of the tenant whose storefront is at the request's host; empty where there is none.
  [[nodiscard]] std::string tenant_of(const api::Request& request) const;
  [[nodiscard]] api::Response make(const api::Request& request, pages::Page& page);

  api::Api& api_;
  Platform& platform_;
  const CustomHosts& hosts_;
  PageCache cache_;
  const std::string gateway_;
};

} // namespace orkestr::server
