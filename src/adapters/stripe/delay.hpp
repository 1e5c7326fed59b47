// Runs things later, on one thread that starts with the first of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace orkestr::inline v1::stripe {

class Delay {
 public:
  using Task = std::function<void(bool stopped)>;

  Delay() = default;
  Delay(const Delay&) = delete;
  Delay& operator=(const Delay&) = delete;
  ~Delay() { stop(); }

  /// `task` is called once, with true when it was stopped before its time.
  void after(std::chrono::milliseconds wait, Task task) {
    {
      std::unique_lock lock(mutex_);
      if (!stopped_) {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
        tasks_.emplace(std::chrono::steady_clock::now() + wait, std::move(task));
        changed_.notify_one();
        return;
      }
    }
    task(true);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopped_ || !tasks_.empty()) {
      const auto next = tasks_.begin();
      if (next == tasks_.end()) {
        changed_.wait(lock);
      } else if (const auto due = next->first; !stopped_ && std::chrono::steady_clock::now() < due) {
        changed_.wait_until(lock, due);
      } else {
        const auto task = std::move(tasks_.extract(next).mapped());
        const bool stopped = stopped_;
        lock.unlock();
        task(stopped);
        lock.lock();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, Task> tasks_;
  std::thread thread_;
  bool stopped_ = false;
};

} // namespace orkestr::inline v1::stripe
