// A thread that does what is due, whenever it is told that something may be, and every second.
#pragma once

#include "orkestr/base/result.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace orkestr::inline v1 {

/// Works from its making to its end.
/// @thread_safety poke() from any thread
class WorkLoop {
 public:
  /// @param step        does some of what is due, on the loop's thread; says whether there may be more
  /// @param on_trouble  hears of steps that failed, on that thread; it may be empty
  explicit WorkLoop(std::function<Result<bool>()> step, std::function<void(const Error&)> on_trouble = {});
  /// Waits for the step under way.
  ~WorkLoop();
  WorkLoop(const WorkLoop&) = delete;
  WorkLoop& operator=(const WorkLoop&) = delete;

  /// Something may be due.
  void poke();

 private:
  void run();

  const std::function<Result<bool>()> step_;
  const std::function<void(const Error&)> on_trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, poked_ = true;
  std::thread thread_;
};

} // namespace orkestr::inline v1
