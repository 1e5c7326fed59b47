// A client to ask with, and the waiting that tests need.
#pragma once

#include "orkestr/adapters/http_client.hpp"

#include "adapters/servers.hpp"
#include "support/results.hpp"

#include <chrono>
#include <future>

namespace orkestr::test {

using namespace std::chrono_literals;

inline HttpClientOptions loopback() {
  HttpClientOptions options;
  options.policy.allow_loopback = true;
  return options;
}

inline std::unique_ptr<HttpClient> client_with(HttpClientOptions options) {
  auto client = make_http_client(std::move(options));
  REQUIRE(client);
  return std::move(*client);
}

inline std::future<HttpResult> send(HttpClient& client, HttpRequest request) {
  const auto promise = std::make_shared<std::promise<HttpResult>>(); // a second call of `done` would throw, and end the program
  client.send(std::move(request), [promise](HttpResult result) { promise->set_value(std::move(result)); });
  return promise->get_future();
}
inline HttpResult wait_for(std::future<HttpResult> future) {
  REQUIRE(future.wait_for(60s) == std::future_status::ready);
  return future.get();
}
inline HttpResult ask(HttpClient& client, HttpRequest request) { return wait_for(send(client, std::move(request))); }
inline HttpResult ask(HttpClient& client, std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.body = "{}";
  return ask(client, std::move(request));
}

/// Looks every 5 ms whether it has come to be.
template <class F> bool eventually(F&& f, std::chrono::milliseconds limit = 10s) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!f()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace orkestr::test
