// A thread that dispatches webhooks, for hosts that have no loop of their own for it.
#pragma once

#include "orkestr/platform/webhook_dispatcher.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace orkestr::inline v1 {

/// Works from its making to its end: on what Platform::on_events tells, which it sets, on poke(), and every second.
/// @thread_safety safe
class WebhookWorker {
 public:
  /// `on_trouble` hears of steps that failed, on the worker's thread; it may be empty.
  WebhookWorker(Platform& platform, HttpClient& client, DispatcherOptions options = {}, std::function<void(const Error&)> on_trouble = {},
                milliseconds grace = std::chrono::seconds{5});
  /// Sends nothing new, waits for what is under way as long as `grace` says, and lets go of its endpoints. What has not ended by then
  /// is sent again by others, under the same id.
  ~WebhookWorker();

  /// Something may be due: another process on the same store has said so.
  void poke();
  [[nodiscard]] WebhookDispatcher::Stats stats() const { return dispatcher_.stats(); }
  /// Whether no step has succeeded for a minute.
  [[nodiscard]] bool stands_still() const { return platform_.now() - Instant{last_step_.load()} > std::chrono::minutes{1}; }

 private:
  void run();
  bool step(bool look_around);

  Platform& platform_;
  const std::function<void(const Error&)> on_trouble_;
  const milliseconds grace_;
  std::atomic<std::int64_t> last_step_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, poked_ = true, came_ = false;
  bool failed_ = false; ///< the last step; of the thread alone
  WebhookDispatcher dispatcher_;
  std::thread thread_;
};

} // namespace orkestr::inline v1
