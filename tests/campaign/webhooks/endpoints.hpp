// The endpoints of the webhook campaign, each with a way of its own to go wrong, and what they saw.
#pragma once

#include "adapters/servers.hpp"

#include "orkestr/engine/webhook_signature.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace orkestr::campaign {

enum class Manner {
  steady,
  slow,
  flaky,     ///< 500, 503 with Retry-After, 302
  hangs,     ///< beyond the client's timeout
  resets,    ///< before it reads, or before it answers
  crashes,   ///< just after its 200; it has noted what it got
  forgetful, ///< the same, and it has not
  comes_and_goes,
  broken, ///< 500 always
};
struct EndpointKind {
  std::string_view name;
  Manner manner;
  std::vector<std::string> events;
};
[[nodiscard]] const std::vector<EndpointKind>& endpoint_kinds();

/// One request as it was seen, in the order in which they were decided upon.
struct Receipt {
  int endpoint = 0;
  std::string delivery, event, subject;
  long sequence = 0;
  int attempt = 0;
  std::string send;      ///< which call of HttpClient::send() it comes from
  bool accepted = false; ///< it was answered 200, or was about to be
  bool noted = false;    ///< by the receiver, before it crashed
  bool of_failed = false, good_signature = false;
};

/// All endpoints, from its making to its end. @thread_safety safe
class Endpoints {
 public:
  explicit Endpoints(std::uint64_t seed);
  ~Endpoints();
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  [[nodiscard]] std::string url(std::size_t endpoint) const;
  /// What signs what is sent to it.
  void expect(std::size_t endpoint, const std::string& secret) {
    const std::lock_guard guard(mutex_);
    signers_[endpoint] = WebhookSigner::make(secret).value();
  }
  /// The one that comes and goes.
  void go(bool up);
  [[nodiscard]] std::vector<Receipt> receipts() const;

 private:
  struct Listener;
  void serve(std::size_t endpoint, int fd);
  bool answer(std::size_t endpoint, test::Peer& peer);
  Receipt read(std::size_t endpoint, const std::string& request) const;
  int dice(int sides);

  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::optional<WebhookSigner>> signers_;
  mutable std::mutex mutex_;
  std::vector<Receipt> receipts_;
  std::uint64_t random_;
  std::atomic<bool> ending_{false};
  std::atomic<int> serving_{0};
};

} // namespace orkestr::campaign
