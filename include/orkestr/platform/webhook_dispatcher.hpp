// Sends what is owed to endpoints. A host calls step() whenever there may be something to do (WebhookWorker does, on a thread).
//
// Any number of dispatchers may share a store. Each endpoint belongs to one of them at a time, by a lease that it renews: so caps,
// order and the breaker hold over all of them, and no attempt is made twice unless a dispatcher dies, or sleeps past its lease,
// between sending and writing down what came of it. A delivery that was not written down is sent again, under the same id.
#pragma once

#include "orkestr/platform/platform.hpp"
#include "orkestr/ports/http_client.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace orkestr::inline v1 {

struct DispatcherOptions {
  std::string owner = {}; ///< a name that no other dispatcher has; made at random when empty
  /// No other dispatcher is on this store, so that what a dead one had can be had at once.
  bool sole = false;
  milliseconds lease{10'000};
  std::size_t per_endpoint = 8; ///< sent at a time to one endpoint that works
  std::size_t retries = 2;      ///< of these, what retries may take while there are first attempts
  std::size_t failing = 2;      ///< sent at a time to one whose last attempt failed, until its breaker opens
  std::size_t in_all = 512;     ///< sent at a time
  milliseconds connect_timeout{5'000}, timeout{15'000};
};

/// @thread_safety step() and finish() on one thread at a time; stats() on any
class WebhookDispatcher {
 public:
  /// `wake` is called when the outcome of an attempt is there for step() to write down, on a thread of the client's.
  WebhookDispatcher(Platform& platform, HttpClient& client, DispatcherOptions options, std::function<void()> wake);
  /// What is under way may still end, to no effect.
  ~WebhookDispatcher();
  WebhookDispatcher(const WebhookDispatcher&) = delete;
  WebhookDispatcher& operator=(const WebhookDispatcher&) = delete;

  /// Writes down what came of attempts, takes endpoints at which something is due, and sends. Does not wait for answers.
  /// @param look_around  whether to look for endpoints at which something is due; otherwise only those are served that had more
  /// @returns whether there is more to do at once
  /// @errors `store_unavailable`, `busy`: outcomes are kept, and written down by a later step
  [[nodiscard]] Result<bool> step(Instant now, bool look_around);

  /// Sends nothing new from now on; what is under way ends, and steps write it down.
  void quiesce();
  /// Writes down what has come, and lets go of all endpoints, for other dispatchers to take. What is under way is sent again.
  [[nodiscard]] Result<void> finish(Instant now);

  struct Stats {
    std::uint64_t succeeded = 0, retried = 0, dead = 0; ///< attempts, by what they made of the delivery
    std::uint64_t disabled = 0;                         ///< subscriptions
    std::uint64_t not_sent = 0;                         ///< for want of a connection: no attempt
    std::uint64_t unsealed = 0;                         ///< endpoints passed over since no key opens their secret
    std::size_t in_flight = 0, endpoints = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1
