#include "orkestr/engine/network_guard.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace orkestr::inline v1 {

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
  terminated[text.copy(terminated, text.size())] = '\0';
  IpAddress address;
  if (::inet_pton(AF_INET, terminated, address.bytes.data()) == 1) return address;
  address.family = Family::v6;
  if (::inet_pton(AF_INET6, terminated, address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
}

bool IpAddress::is_loopback() const noexcept {
  if (family == Family::v4) return bytes[0] == 127;
  return bytes.back() == 1 && std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; });
}

namespace {

/// Addresses that begin with the first `size` bits of `first`. No range of either table is cut finer than 32 bits.
struct Range {
  std::uint32_t first;
  int size;
  [[nodiscard]] constexpr bool holds(std::uint32_t head) const { return ((head ^ first) >> (32 - size)) == 0; }
};

constexpr std::uint32_t quad(unsigned a, unsigned b, unsigned c = 0, unsigned d = 0) { return a << 24 | b << 16 | c << 8 | d; }

constexpr Range not_public_v4[] = {
    {quad(0, 0), 8},              // this network, unspecified
    {quad(10, 0), 8},             // private
    {quad(100, 64), 10},          // behind a carrier's NAT
    {quad(127, 0), 8},            // loopback
    {quad(168, 63, 129, 16), 32}, // Azure's own
    {quad(169, 254), 16},         // link-local
    {quad(172, 16), 12},          // private
    {quad(192, 0, 0), 24},        // protocol assignments
    {quad(192, 0, 2), 24},        // documentation
    {quad(192, 88, 99), 24},      // 6to4 relays
    {quad(192, 168), 16},         // private
    {quad(198, 18), 15},          // benchmarks
    {quad(198, 51, 100), 24},     // documentation
    {quad(203, 0, 113), 24},      // documentation
    {quad(224, 0), 4},            // multicast
    {quad(240, 0), 4},            // reserved, broadcast
};

constexpr Range global_unicast_v6{0x2000'0000, 3};
constexpr Range not_public_v6[] = {
    {0x2001'0000, 23}, // protocol assignments: Teredo, ORCHID, benchmarks
    {0x2001'0db8, 32}, // documentation
    {0x2002'0000, 16}, // 6to4
    {0x3fff'0000, 20}, // documentation
};

Error bad_url(std::string detail) { return fail(Code::url_invalid, std::move(detail)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }
bool is_alphanumeric(char c) { return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); }

bool allowed(const IpAddress& address, NetworkPolicy policy) {
  return is_public(address) || (policy.allow_loopback && address.is_loopback());
}

/// Whether some resolver takes the name for an IPv4 address: WHATWG's "ends in a number", which holds for all that
/// inet_aton() takes, and for more. No name of the Internet ends so.
bool ends_in_number(std::string_view host) {
  const auto last = host.substr(host.rfind('.') + 1); // npos + 1 is 0
  if (std::ranges::all_of(last, is_digit)) return true;
  return last.size() >= 2 && last[0] == '0' && last[1] == 'x' && std::ranges::all_of(last.substr(2), is_hex);
}

/// Labels of letters, digits, hyphens and underscores, which are in use although no host should be named so.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (std::size_t from = 0; from <= host.size();) {
    const auto label = host.substr(from, host.find('.', from) - from);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; })) return false;
    from += label.size() + 1;
  }
  return true;
}

bool is_localhost(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

/// pchar, "/" and "?" of RFC 3986, percent signs only before two hex digits.
bool is_path_and_query(std::string_view text) {
  constexpr std::string_view marks = "-._~!$&'()*+,;=:@/?";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
    } else if (!is_alphanumeric(text[i]) && marks.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

Result<void> read_host(std::string_view host, Target& target) {
  if (host.starts_with('[')) {
    const auto address = host.ends_with(']') ? IpAddress::parse(host.substr(1, host.size() - 2)) : std::nullopt;
    if (!address || address->family != IpAddress::Family::v6) return bad_url("Between brackets stands an IPv6 address without a zone.");
    target.address = address;
    target.host = address->to_string();
    return {};
  }
  target.host = ascii_lower(std::string{host});
  const bool rooted = target.host.ends_with('.');
  if (rooted) target.host.pop_back();
  if (!is_name(target.host)) return bad_url("The host is a name of ASCII letters, digits and hyphens, or an IP address.");
  if (!ends_in_number(target.host)) return {};
  if (!rooted) target.address = IpAddress::parse(target.host);
  if (!target.address) return bad_url("An IPv4 address is written as four decimal numbers without leading zeros.");
  return {};
}

Result<void> read_port(std::string_view text, Target& target) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target.port);
  if (error != std::errc{} || end != text.data() + text.size() || text[0] == '0') return bad_url("The port is a number from 1 to 65535.");
  return {};
}

} // namespace

bool is_public(const IpAddress& address) noexcept {
  const auto& b = address.bytes;
  const std::uint32_t head = quad(b[0], b[1], b[2], b[3]);
  const auto holds = [head](const Range& range) { return range.holds(head); };
  if (address.family == IpAddress::Family::v4) return std::ranges::none_of(not_public_v4, holds);
  return holds(global_unicast_v6) && std::ranges::none_of(not_public_v6, holds);
}

std::string Target::authority() const {
  std::string text = host;
  if (address && address->family == IpAddress::Family::v6) text.insert(0, 1, '[').append(1, ']');
  if (port != (tls ? 443 : 80)) text.append(1, ':').append(std::to_string(port));
  return text;
}

Result<Target> check_target(std::string_view url, NetworkPolicy policy) {
  if (url.size() > max_url_size) return bad_url("The URL is longer than " + std::to_string(max_url_size) + " characters.");
  if (!std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; }))
    return bad_url("The URL is ASCII without spaces: percent-encode the path, and write the host in Punycode.");
  Target target;
  const auto colon = url.find("://");
  const std::string scheme = ascii_lower(std::string{url.substr(0, colon == std::string_view::npos ? 0 : colon)});
  if (scheme == "http" && policy.allow_loopback) {
    target.tls = false;
    target.port = 80;
  } else if (scheme != "https") {
    return bad_url("The URL starts with https://.");
  }
  url.remove_prefix(colon + 3);
  if (url.find('#') != std::string_view::npos) return bad_url("The URL has a fragment, which no server would see.");

  const auto path_at = std::min(url.find_first_of("/?"), url.size());
  const auto authority = url.substr(0, path_at);
  if (authority.find('@') != std::string_view::npos) return bad_url("The URL has a user or a password in it.");
  // Colons within brackets belong to the address.
  const auto port_at = authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  ORKESTR_CHECK(read_host(authority.substr(0, port_at), target));
  if (port_at != std::string_view::npos) ORKESTR_CHECK(read_port(authority.substr(port_at + 1), target));

  target.path_and_query = url.substr(path_at);
  if (!is_path_and_query(target.path_and_query)) return bad_url("The path or the query has characters that need percent-encoding.");
  if (!target.path_and_query.starts_with('/')) target.path_and_query.insert(0, 1, '/');

  const bool local = target.address ? target.address->is_loopback() : is_localhost(target.host);
  if (target.address && !allowed(*target.address, policy)) return fail(Code::address_not_public, target.host + " is no public address.");
  if (!target.address && local && !policy.allow_loopback) return fail(Code::address_not_public, target.host + " names the server itself.");
  if (!target.tls && !local) return bad_url("Only loopback may be called by http; use https.");
  if (!target.address && !local && target.host.find('.') == std::string::npos)
    return bad_url("The host is a full name, such as hooks.example.com.");
  return target;
}

Result<void> check_answers(std::span<const IpAddress> answers, NetworkPolicy policy) {
  if (answers.empty()) return fail(Code::address_not_public, "The name has no address.");
  for (const auto& address : answers)
    if (!allowed(address, policy))
      return fail(Code::address_not_public, "The name has " + address.to_string() + ", which is no public address.");
  return {};
}

} // namespace orkestr::inline v1
