#include "api/context.hpp"

#include "base/sha256.hpp"

#include "orkestr/engine/coupon.hpp"

namespace orkestr::inline v1::api {

std::string etag_of(std::string_view body) { return "\"" + hex(sha256(body), 12) + "\""; }

bool is_from_here(const Request& request) {
  const auto origin = request.header("Origin"), host = request.header("Host");
  if (origin.empty()) return request.header("Sec-Fetch-Site") == "same-origin";
  const auto at = origin.find("://");
  return !host.empty() && at != std::string_view::npos && origin.substr(at + 3) == host;
}

namespace {

std::string_view cookie_name(const Request& request, SessionCookie kind) {
  static constexpr std::string_view names[2][2] = {{"orkestr", "orkestr_admin"}, {"__Host-orkestr", "__Host-orkestr_admin"}};
  return names[request.secure() ? 1 : 0][static_cast<std::size_t>(kind)];
}

} // namespace

std::string_view session_cookie(const Request& request, SessionCookie kind) { return request.cookie(cookie_name(request, kind)); }

std::string make_session_cookie(const Request& request, SessionCookie kind, std::string_view token, milliseconds life) {
  std::string cookie{cookie_name(request, kind)};
  cookie.append("=")
      .append(token)
      .append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=")
      .append(std::to_string(token.empty() ? 0 : life.count() / 1000));
  if (request.secure()) cookie += "; Secure";
  return cookie;
}

Result<void> check_match(const Request& request, std::string_view current_body) {
  std::string_view wanted = request.header("If-Match");
  if (wanted.empty() || wanted == "*") return {};
  const std::string tag = etag_of(current_body);
  while (!wanted.empty()) {
    const auto comma = wanted.find(',');
    if (trim(wanted.substr(0, comma)) == tag) return {};
    wanted = comma == std::string_view::npos ? std::string_view{} : wanted.substr(comma + 1);
  }
  return fail(Code::precondition_failed,
              "The resource is not what If-Match names any more. Read it again and repeat the change on what you find.");
}

} // namespace orkestr::inline v1::api
