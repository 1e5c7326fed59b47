#include "api/context.hpp"

#include "base/sha256.hpp"

#include "orkestr/engine/coupon.hpp"

namespace orkestr::inline v1::api {

std::string etag_of(std::string_view body) { return "\"" + hex(sha256(body), 12) + "\""; }

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
