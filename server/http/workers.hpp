// Threads for requests that may wait: started one by one as they are needed, with small stacks and a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace orkestr::server {

/// @thread_safety safe
class Workers {
 public:
  Workers(unsigned max_threads, std::size_t max_queue) : max_threads_(max_threads), max_queue_(max_queue) {}
  ~Workers() { join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// @returns false when the queue is full
  [[nodiscard]] bool post(std::function<void()> job);
  /// Finishes what is queued, then ends the threads.
  void join();

 private:
  static void* run(void* self);

  const unsigned max_threads_;
  const std::size_t max_queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<pthread_t> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

} // namespace orkestr::server
