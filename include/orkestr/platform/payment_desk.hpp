// Asks payment gateways what there is to ask, and takes down what they say. A host calls step() whenever there may be something to do
// (PaymentWorker does, on a thread).
//
// Any number of desks may share a store: what one asks after is left alone by the others for a while. That all questions may be put twice
// is what a desk that dies relies on.
#pragma once

#include "orkestr/platform/platform.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace orkestr::inline v1 {

/// @thread_safety step() on one thread at a time
class PaymentDesk {
 public:
  /// @pre the platform has a gateway
  explicit PaymentDesk(Platform& platform) : platform_(platform) {}

  struct Done {
    std::size_t renewals = 0, payments = 0, refunds = 0; ///< begun; asked after, which some may not have answered
    bool more = false;                                   ///< there may be more to do at once
  };
  /// One round. Waits for the gateway's answers, no longer than `patience`.
  /// @errors of the store: what was not taken down is asked for again
  [[nodiscard]] Result<Done> step(Instant now, milliseconds patience = std::chrono::seconds{90});

 private:
  Platform& platform_;
};

/// A thread that does so from its making to its end, on what Platform::on_payments tells, which it sets, and every second.
class PaymentWorker {
 public:
  /// `on_trouble` hears of steps that failed, on the worker's thread; it may be empty.
  explicit PaymentWorker(Platform& platform, std::function<void(const Error&)> on_trouble = {});
  /// Waits for the round under way.
  ~PaymentWorker();
  PaymentWorker(const PaymentWorker&) = delete;
  PaymentWorker& operator=(const PaymentWorker&) = delete;

  /// Something may be due.
  void poke();

 private:
  void run();

  Platform& platform_;
  PaymentDesk desk_;
  const std::function<void(const Error&)> on_trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, poked_ = true;
  std::thread thread_;
};

} // namespace orkestr::inline v1
