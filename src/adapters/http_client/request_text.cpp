#include "adapters/http_client/request_text.hpp"

#include "base/text.hpp"

#include <algorithm>
namespace orkestr::inline v1::http_client {
namespace {

constexpr std::string_view connections_own[] = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect", "proxy-connection"};

/// RFC 9110's token.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || marks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f); });
}

} // namespace

Result<std::string> compose(const HttpRequest& request, const Target& target, std::string_view user_agent) {
  if (!is_token(request.method) || request.method == "CONNECT") return fail(Code::invalid_header, "The method is none.");
  std::string text;
  std::size_t size = 128 + target.path_and_query.size() + target.host.size() + user_agent.size() + request.body.size();
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  text.reserve(size);
  text.append(request.method).append(" ").append(target.path_and_query).append(" HTTP/1.1\r\nHost: ").append(target.authority());
  text += "\r\n";
  bool names_agent = false;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = ascii_lower(name);
    if (!is_token(name) || !is_value(value)) return fail(Code::invalid_header, "A header has characters that can't be sent.");
    if (std::ranges::find(connections_own, lower) != std::end(connections_own))
      return fail(Code::invalid_header, "The header " + name + " is the connection's own.");
    names_agent = names_agent || lower == "user-agent";
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (!names_agent && !user_agent.empty()) text.append("User-Agent: ").append(user_agent).append("\r\n");
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
    text.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  text.append("\r\n").append(request.body);
  return text;
}

} // namespace orkestr::inline v1::http_client
