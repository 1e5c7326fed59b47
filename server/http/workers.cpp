#include "http/workers.hpp"

namespace orkestr::server {

bool Workers::post(std::function<void()> job) {
  const std::lock_guard guard(mutex_);
  if (stopping_ || queue_.size() >= max_queue_) return false;
  queue_.push_back(std::move(job));
  if (queue_.size() > idle_ && threads_.size() < max_threads_) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 512 * 1024);
    pthread_t thread;
    if (pthread_create(&thread, &attributes, &Workers::run, this) == 0) threads_.push_back(thread);
    pthread_attr_destroy(&attributes);
    if (threads_.empty()) {
      queue_.pop_back();
      return false;
    }
  }
  wake_.notify_one();
  return true;
}

void Workers::join() {
  std::vector<pthread_t> threads;
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

void* Workers::run(void* self) {
  auto& workers = *static_cast<Workers*>(self);
  std::unique_lock guard(workers.mutex_);
  for (;;) {
    ++workers.idle_;
    workers.wake_.wait(guard, [&] { return workers.stopping_ || !workers.queue_.empty(); });
    --workers.idle_;
    if (workers.queue_.empty()) return nullptr;
    auto job = std::move(workers.queue_.front());
    workers.queue_.pop_front();
    guard.unlock();
    job();
    job = nullptr;
    guard.lock();
  }
}

} // namespace orkestr::server
