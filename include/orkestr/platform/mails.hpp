// Sends the mails that are queued. A host calls MailDesk::step() whenever there may be something to send (MailWorker does, on a thread).
//
// Any number of desks may share a store: a mail that one sends is left alone by the others for a while. One that dies between sending a
// mail and writing that down is why a mail can come twice, once in a long while.
#pragma once

#include "orkestr/platform/platform.hpp"
#include "orkestr/platform/work_loop.hpp"
#include "orkestr/ports/mailer.hpp"

namespace orkestr::inline v1 {

/// @thread_safety step() on one thread at a time; stats() from any
class MailDesk {
 public:
  /// @pre the platform has a mailer
  /// @param on_trouble  hears of mails that were not taken, on the thread of step(); it may be empty
  explicit MailDesk(Platform& platform, std::function<void(const Error&)> on_trouble = {})
      : platform_(platform), on_trouble_(std::move(on_trouble)) {}

  /// Sends one mail that is due, if there is one, and waits for the answer.
  /// @returns whether there was one: there may be more
  /// @errors of the store: what was not written down is tried again
  [[nodiscard]] Result<bool> step(Instant now);

  struct Stats {
    std::uint64_t sent = 0, retried = 0, dead = 0;
  };
  [[nodiscard]] Stats stats() const { return {sent_, retried_, dead_}; }

 private:
  Platform& platform_;
  const std::function<void(const Error&)> on_trouble_;
  std::atomic<std::uint64_t> sent_{0}, retried_{0}, dead_{0};
};

/// A thread that does so from its making to its end, on what Platform::on_mails tells, which it sets, and every second.
class MailWorker {
 public:
  /// `on_trouble` hears of mails and steps that failed, on the worker's thread; it may be empty.
  explicit MailWorker(Platform& platform, std::function<void(const Error&)> on_trouble = {});
  /// Waits for the mail under way.
  ~MailWorker();
  MailWorker(const MailWorker&) = delete;
  MailWorker& operator=(const MailWorker&) = delete;

  /// Something may be due.
  void poke() { loop_.poke(); }
  [[nodiscard]] MailDesk::Stats stats() const { return desk_.stats(); }

 private:
  Platform& platform_;
  MailDesk desk_;
  WorkLoop loop_;
};

} // namespace orkestr::inline v1
