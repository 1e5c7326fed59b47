#include "api/context.hpp"

#include "orkestr/engine/coupon.hpp"

#include <openssl/sha.h>

namespace orkestr::inline v1::api {

std::string etag_of(std::string_view body) {
  static constexpr char digits[] = "0123456789abcdef";
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(), hash);
  std::string tag = "\"";
  for (int i = 0; i < 12; ++i) tag.append(1, digits[hash[i] >> 4]).append(1, digits[hash[i] & 15]);
  return tag + "\"";
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
