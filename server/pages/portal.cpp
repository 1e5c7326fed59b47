#include "pages/portal.hpp"

#include "pages/assets.hpp"
#include "pages/page.hpp"
#include "pages/storefront.hpp"

namespace orkestr::server {
namespace {

using namespace pages;

bool below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

} // namespace

bool Portal::is_page(const api::Request& request) {
  const auto path = request.target.substr(0, request.target.find('?'));
  if (path == "/provider/import/template.csv") return false; // a file that the API has
  return below(path, "/provider") || below(path, "/admin");
}

api::Response Portal::handle(const api::Request& request) const {
  api::Response response;
  if (request.method != api::Method::get && request.method != api::Method::head) {
    response = api_.refuse(Code::method_not_allowed, "This page can be read only.", request.header("X-Request-Id"));
    response.set("Allow", "GET, HEAD");
    return response;
  }
  const bool console = below(request.target.substr(0, request.target.find('?')), "/admin");
  const auto host = request.header("Host");
  const auto tenant = tenant_label(host, base_domain_);
  Data data{Data::type::object};
  put(data, "title", console ? "Orkestr console" : "Orkestr");
  put(data, "style", hashed_asset("portal.css"));
  put(data, "script", hashed_asset(console ? "admin.js" : "portal.js"));
  put(data, "tenant", tenant);
  put(data, "base", tenant.empty() ? host : host.substr(tenant.size() + 1));
  put(data, "session", !api::session_cookie(request, console ? api::SessionCookie::admin : api::SessionCookie::member).empty());
  response.set("Content-Type", "text/html; charset=utf-8");
  response.set("Cache-Control", "no-store");
  // Its own scripts and styles alone, and in no frame. The widget's preview is one; logos and photos come from anywhere.
  response.set(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; frame-src 'self'; "
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  response.set("X-Frame-Options", "DENY");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "same-origin"); // links in mails have tokens in them
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  if (request.secure()) response.set("Strict-Transport-Security", "max-age=31536000");
  response.set("X-Request-Id", api_.request_id(request));
  response.body = render("portal", data);
  return response;
}

} // namespace orkestr::server
