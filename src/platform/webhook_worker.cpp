#include "orkestr/platform/webhook_worker.hpp"

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

/// However many events come, queues are looked over no more often than this; what is known to be due is sent meanwhile.
constexpr auto between_looks = 10ms;

} // namespace

WebhookWorker::WebhookWorker(Platform& platform, HttpClient& client, DispatcherOptions options,
                             std::function<void(const Error&)> on_trouble, milliseconds grace)
    : platform_(platform),
      on_trouble_(std::move(on_trouble)),
      grace_(grace),
      last_step_(platform.now().ms),
      dispatcher_(platform, client, std::move(options),
                  [this] {
                    const std::lock_guard guard(mutex_);
                    came_ = true;
                    wake_.notify_one();
                  }),
      thread_([this] { run(); }) {
  platform_.on_events([this] { poke(); });
}

WebhookWorker::~WebhookWorker() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (const auto finished = dispatcher_.finish(platform_.now()); !finished && on_trouble_) on_trouble_(finished.error());
  platform_.on_events({}); // which the thread itself calls
}

void WebhookWorker::poke() {
  const std::lock_guard guard(mutex_);
  poked_ = true;
  wake_.notify_one();
}

/// @returns whether there is more to do at once
bool WebhookWorker::step(bool look_around) {
  const auto done = dispatcher_.step(platform_.now(), look_around);
  failed_ = !done;
  if (done)
    last_step_ = platform_.now().ms;
  else if (on_trouble_)
    on_trouble_(done.error());
  return done && *done;
}

void WebhookWorker::run() {
  auto look_at = std::chrono::steady_clock::now();
  bool more = true;
  std::unique_lock guard(mutex_);
  while (!stopping_) {
    if (!more) {
      const auto woken = [&] { return stopping_ || came_ || poked_; };
      if (wake_.wait_for(guard, 1s, woken) && !came_ && !stopping_) // for the moment in which others may have something to add
        wake_.wait_until(guard, look_at, [&] { return stopping_ || came_; });
    }
    const auto now = std::chrono::steady_clock::now();
    const bool look = now >= look_at;
    if (look) {
      poked_ = false;
      look_at = now + between_looks;
    }
    came_ = false;
    guard.unlock();
    more = step(look);
    guard.lock();
    if (failed_) wake_.wait_for(guard, 500ms, [&] { return stopping_; });
  }
  dispatcher_.quiesce();
  const auto until = std::chrono::steady_clock::now() + grace_;
  while (dispatcher_.stats().in_flight > 0 && std::chrono::steady_clock::now() < until) {
    wake_.wait_until(guard, until, [&] { return came_; });
    came_ = false;
    guard.unlock();
    step(false);
    guard.lock();
  }
}

} // namespace orkestr::inline v1
