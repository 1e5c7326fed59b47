// An HttpClient that sends nothing: requests wait in a list until the test says what becomes of them.
#pragma once

#include "orkestr/ports/http_client.hpp"

#include <deque>
#include <mutex>

namespace orkestr::test {

struct Sent {
  HttpRequest request;
  std::function<void(HttpResult)> done;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : request.headers)
      if (key == name) return value;
    return {};
  }
  void answer(int status, std::string body = {}, HttpHeaders headers = {}) {
    HttpResult result;
    result.response = {status, std::move(headers), std::move(body), false};
    result.address = "192.0.2.1";
    result.answered = std::chrono::microseconds{1500};
    done(std::move(result));
  }
  void fail(HttpFailure failure, std::string detail = "no luck") {
    HttpResult result;
    result.failure = failure;
    result.detail = std::move(detail);
    done(std::move(result));
  }
};

class ScriptedClient final : public HttpClient {
 public:
  void send(HttpRequest request, std::function<void(HttpResult)> done) override {
    const std::lock_guard guard(mutex_);
    waiting_.push_back({std::move(request), std::move(done)});
    ++sent_;
  }
  void stop() override {}

  /// Takes the oldest that waits. @pre there is one
  Sent take() {
    const std::lock_guard guard(mutex_);
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }
  /// Takes the oldest that waits for an answer of this URL.
  std::optional<Sent> take_for(std::string_view url) {
    const std::lock_guard guard(mutex_);
    for (auto next = waiting_.begin(); next != waiting_.end(); ++next)
      if (next->request.url == url) {
        auto found = std::move(*next);
        waiting_.erase(next);
        return found;
      }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard guard(mutex_);
    return waiting_.size();
  }
  [[nodiscard]] std::size_t waiting_for(std::string_view url) const {
    const std::lock_guard guard(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count(waiting_, url, [](const Sent& sent) -> std::string_view { return sent.request.url; }));
  }
  [[nodiscard]] std::size_t sent() const {
    const std::lock_guard guard(mutex_);
    return sent_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Sent> waiting_;
  std::size_t sent_ = 0;
};

} // namespace orkestr::test
