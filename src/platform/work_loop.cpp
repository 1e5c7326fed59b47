#include "orkestr/platform/work_loop.hpp"

namespace orkestr::inline v1 {

using namespace std::chrono_literals;

WorkLoop::WorkLoop(std::function<Result<bool>()> step, std::function<void(const Error&)> on_trouble)
    : step_(std::move(step)), on_trouble_(std::move(on_trouble)) {
  thread_ = std::thread([this] { run(); });
}

WorkLoop::~WorkLoop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void WorkLoop::poke() {
  const std::lock_guard guard(mutex_);
  poked_ = true;
  wake_.notify_one();
}

void WorkLoop::run() {
  std::unique_lock guard(mutex_);
  while (!stopping_) {
    poked_ = false;
    guard.unlock();
    const auto done = step_();
    if (!done && on_trouble_) on_trouble_(done.error());
    guard.lock();
    if (done && *done) continue;
    // What failed is not tried again at once, whoever pokes.
    wake_.wait_for(guard, 1s, [&] { return stopping_ || (poked_ && done); });
  }
}

} // namespace orkestr::inline v1
