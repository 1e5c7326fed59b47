// Where a request on a tenant's behalf may go (webhooks, logos): the URLs and addresses that a tenant can name are judged
// here, so that none of them reaches inside the network that the server stands in.
#pragma once

#include "orkestr/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

/// An IPv4 or IPv6 address, without zone or port.
struct IpAddress {
  enum class Family : std::uint8_t { v4, v6 };

  std::array<std::uint8_t, 16> bytes{}; ///< in network order; of IPv4 the first four, the rest zero
  Family family = Family::v4;

  /// Takes a dotted quad without leading zeros, or the text of RFC 4291; no zone (`%eth0`), brackets or white space.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text) noexcept;
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_loopback() const noexcept; ///< 127.0.0.0/8 or ::1

  bool operator==(const IpAddress&) const = default;
};

/// Whether an address is one that anybody on the Internet could reach, so that calling it gives nobody more than they have.
///
/// Refused is what the IANA special-purpose registries do not call globally reachable (RFC 6890 and its updates;
/// iana.org/assignments/iana-ipv4-special-registry and …-ipv6-special-registry), and besides:
/// - multicast (224.0.0.0/4, ff00::/8), 240.0.0.0/4 and broadcast;
/// - all of 192.0.0.0/24 and 2001::/23, of which the registries let a few protocol addresses through;
/// - every way to write an IPv4 address within IPv6: mapped, compatible, 6to4 (2002::/16 and its relays in 192.88.99.0/24),
///   Teredo, NAT64 (64:ff9b::/96, 64:ff9b:1::/48). A NAT64 under a prefix of one's own can't be told from its address;
/// - all of IPv6 outside 2000::/3, which is not handed out as global unicast: fc00::/7, fe80::/10, fec0::/10, 100::/64, 5f00::/16…
/// - 168.63.129.16, at which Azure answers every virtual machine. Other clouds' metadata lies in the ranges above
///   (169.254.169.254, fd00:ec2::254, 100.100.100.200, 192.0.0.192).
/// @thread_safety pure
[[nodiscard]] bool is_public(const IpAddress& address) noexcept;

/// What an installation allows beyond public addresses.
struct NetworkPolicy {
  /// Loopback addresses, and `http` to them. For development and tests only.
  bool allow_loopback = false;
};

/// A URL taken apart.
struct Target {
  std::string host; ///< lower case, no final dot, no brackets
  std::uint16_t port = 443;
  std::string path_and_query;       ///< starts with a slash
  bool tls = true;                  ///< false for `http`
  std::optional<IpAddress> address; ///< when the host is one

  /// As the Host header says it: IPv6 in brackets, the port unless it is the scheme's own.
  [[nodiscard]] std::string authority() const;
};

inline constexpr std::size_t max_url_size = 2048;

/// Judges a URL that a tenant has named, and takes it apart in the one way in which it is used.
///
/// It must be `https` (`http` to loopback where the policy allows it), without user, password or fragment, in ASCII:
/// names of other scripts are written in Punycode (`xn--…`) by whoever has them. A host that ends in a number is an IPv4
/// address to some resolvers (`2130706433`, `0177.0.0.1`, `0x7f.1`, `127.1`), so it must be a plain dotted quad. Addresses
/// must be public. Names of one label are looked up inside, so they are refused, and so is `localhost` with what ends in it.
/// @errors `url_invalid`, `address_not_public`
/// @thread_safety pure
[[nodiscard]] Result<Target> check_target(std::string_view url, NetworkPolicy policy = {});

/// Judges what a name resolved to. One answer that will not do spoils all: who controls a name with both kinds of address
/// would try until the other is taken. Connect to one of these very addresses; looking the name up again may give others.
/// @errors `address_not_public`, also when there is no answer
/// @thread_safety pure
[[nodiscard]] Result<void> check_answers(std::span<const IpAddress> answers, NetworkPolicy policy = {});

} // namespace orkestr::inline v1
