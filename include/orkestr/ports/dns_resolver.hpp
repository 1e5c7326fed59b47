// Names as a port: what addresses a host has, and what another name it is an alias of (to see that a tenant's domain points here).
#pragma once

#include "orkestr/engine/network_guard.hpp"

#include <functional>
#include <string>
#include <vector>

namespace orkestr::inline v1 {

enum class DnsFailure {
  none,
  not_found, ///< the name does not exist, or has no such record
  failed,    ///< a server refused, failed or talked nonsense
  timeout,
  stopped,
};

struct DnsAddresses {
  DnsFailure failure = DnsFailure::none;
  std::vector<IpAddress> addresses = {}; ///< IPv4 before IPv6; not judged (check_answers)
};

struct DnsAlias {
  DnsFailure failure = DnsFailure::none;
  std::string name = {}; ///< lower case, no final dot
};

/// @thread_safety implementations are safe to call from any thread
class DnsResolver {
 public:
  virtual ~DnsResolver() = default;

  /// Asks for the addresses of both families. `done` is called exactly once, on a thread of the resolver's, also when it is
  /// destroyed; it must not block, throw, or destroy the resolver.
  virtual void resolve(std::string host, std::function<void(DnsAddresses)> done) = 0;

  /// Asks for the CNAME record of that very name; what the other name points to is not followed. `done` as above.
  virtual void cname(std::string host, std::function<void(DnsAlias)> done) = 0;
};

} // namespace orkestr::inline v1
