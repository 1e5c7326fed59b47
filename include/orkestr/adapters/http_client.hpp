// Outgoing HTTP/1.1 and DNS that can be pointed at anything a tenant names, without leading inside (engine/network_guard.hpp).
#pragma once

#include "orkestr/ports/dns_resolver.hpp"
#include "orkestr/ports/http_client.hpp"

#include <memory>

namespace orkestr::inline v1 {

struct DnsOptions {
  /// "192.0.2.53,[2001:db8::53]:5353" in place of those of /etc/resolv.conf, which is looked at again every minute.
  std::string servers = {};
  std::chrono::milliseconds timeout{2'000}; ///< for the first try of a server; the second one has twice that
};

struct HttpClientOptions {
  NetworkPolicy policy = {};
  DnsOptions dns = {};
  std::string ca_file = {}; ///< certificates (PEM) to trust in place of the system's
  std::string user_agent = "orkestr";
  std::chrono::milliseconds keep_alive_idle{30'000}; ///< a connection unused for so long is closed
  std::chrono::milliseconds keep_alive_age{120'000}; ///< and one so old is not used again, so that a change in DNS is seen
  std::size_t max_connections_per_host = 8;          ///< what is sent beyond waits its turn, within its own timeout
  std::size_t max_connections = 256;
  std::size_t max_waiting = 10'000; ///< beyond it, requests fail as `busy` at once
};

/// A client with one thread, which no slow name, host or answer holds up.
///
/// A request's URL is judged by check_target(), its name is looked up once (by DNS alone: neither /etc/hosts nor search
/// domains), all answers are judged by check_answers(), and the connection goes to one of these very addresses: the next
/// is tried when one fails, or beside it when it takes 250 ms. Redirects are answers like others. TLS is 1.2 or newer; the
/// certificate must be of a known authority and for the host. Proxies are not used, and of an answer no more is read than
/// is kept: 32 KiB of headers, `max_body` bytes of body.
///
/// Connections are kept and used again for the same scheme, host and port. A server may close one just when a request is
/// sent on it: then it is sent once more, on a new connection, provided that no byte of an answer came. The server
/// may have seen the first, so a request that is not `repeatable` is sent on new connections only.
///
/// Deadlines are looked at every 50 ms. The destructor stops, waits until every `done` has been called, and must not run
/// within one.
/// @errors `internal`, when `ca_file` can't be read or `dns.servers` is none
[[nodiscard]] Result<std::unique_ptr<HttpClient>> make_http_client(HttpClientOptions options = {});

/// A resolver with one thread. It asks as the client above does: DNS alone, the name as it stands.
/// @errors `internal`, when `servers` is none
[[nodiscard]] Result<std::unique_ptr<DnsResolver>> make_dns_resolver(DnsOptions options = {});

} // namespace orkestr::inline v1
