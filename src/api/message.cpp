#include "orkestr/api/message.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace orkestr::inline v1::api {
namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  return true;
}

} // namespace

Method parse_method(std::string_view token) noexcept {
  if (token == "GET") return Method::get;
  if (token == "HEAD") return Method::head;
  if (token == "POST") return Method::post;
  if (token == "PUT") return Method::put;
  if (token == "PATCH") return Method::patch;
  if (token == "DELETE") return Method::del;
  if (token == "OPTIONS") return Method::options;
  return Method::other;
}

std::string_view Request::header(std::string_view name) const noexcept {
  for (const auto& header : headers)
    if (same_name(header.name, name)) return header.value;
  return {};
}

std::string_view Response::header(std::string_view name) const noexcept {
  std::string_view rest = headers;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name)) return line.substr(colon + 2);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  return {};
}

std::string_view Request::cookie(std::string_view name) const noexcept {
  std::string_view all = header("Cookie");
  while (!all.empty()) {
    auto part = all.substr(0, all.find(';'));
    all.remove_prefix(std::min(part.size() + 1, all.size()));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (part.size() > name.size() && part[name.size()] == '=' && part.starts_with(name)) return part.substr(name.size() + 1);
  }
  return {};
}

} // namespace orkestr::inline v1::api
