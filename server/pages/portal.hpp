// The provider portal and the admin console: one small document each, on every host, in which a program of ours shows all pages.
#pragma once

#include "orkestr/api/api.hpp"

#include <string>

namespace orkestr::server {

/// @thread_safety safe
class Portal {
 public:
  /// @param base_domain  whose subdomains are tenants' hosts; the reference must outlive it
  Portal(api::Api& api, std::string base_domain) : api_(api), base_domain_(std::move(base_domain)) {}

  /// Whether a request is for a page of either, by its path.
  [[nodiscard]] static bool is_page(const api::Request& request);
  /// Takes no time. @pre is_page()
  [[nodiscard]] api::Response handle(const api::Request& request) const;

 private:
  api::Api& api_;
  const std::string base_domain_;
};

} // namespace orkestr::server
