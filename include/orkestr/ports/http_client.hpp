// Outgoing HTTP as a port: webhooks, payment providers, pictures. The production one is orkestr/adapters/http_client.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orkestr::inline v1 {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  /// Besides those of the connection (Host, Content-Length, Connection…), which the client writes and nobody else.
  HttpHeaders headers = {};
  std::string body = {};
  std::chrono::milliseconds connect_timeout{5'000}; ///< to look the name up, connect and secure the connection
  std::chrono::milliseconds timeout{15'000};        ///< for everything, from send() to the end of the answer
  std::size_t max_body = 8'192;                     ///< bytes of the answer's body that are kept
  /// Whether it may reach the server twice. Otherwise it is not sent on a connection that was used before, of which the
  /// client can't know whether the server is just closing it.
  bool repeatable = true;
  /// Told of each piece of the answer's body as it comes, on the client's thread; false ends the answer there, as `max_body` does. What was
  /// told is also kept. It must not block, throw, or destroy the client. The pieces of a failed answer were told all the same.
  std::function<bool(std::string_view)> on_body = {};
  std::chrono::milliseconds idle_timeout{0}; ///< once it is sent, for as long as nothing comes; 0: no limit but `timeout`
};

struct HttpResponse {
  int status = 0;           ///< any of 200–599; a redirect is an answer like another
  HttpHeaders headers = {}; ///< as they came: any bytes but control characters
  std::string body = {};
  bool truncated = false; ///< the body was longer than `max_body`, or `on_body` wanted no more of it
};

enum class HttpFailure {
  none,            ///< there is an answer, whatever its status
  bad_url,         ///< not one that is called (check_target)
  bad_request,     ///< a method or a header that can't be sent
  refused_address, ///< the host is or has an address that is not public
  unresolved,      ///< the name has no address, or nobody says so
  connect,         ///< no address took the connection
  tls,             ///< no secure connection: its certificate, its name, its version
  timeout,
  reset,     ///< the connection ended before the answer did
  malformed, ///< the answer is no HTTP, or its headers are too large
  busy,      ///< no connection came free in time; nothing was sent
  stopped,   ///< the client was stopped
};

/// `refused_address` and so on, for logs.
[[nodiscard]] std::string_view to_string(HttpFailure failure) noexcept;

struct HttpResult {
  HttpFailure failure = HttpFailure::none;
  std::string detail = {};    ///< what went wrong, for a person
  HttpResponse response = {}; ///< with a failure, what of it had come: its status is 0 if nothing had
  std::string address = {};   ///< that it was sent to, once there is a connection
  bool reused = false;        ///< on a connection that was open already
  /// Since send(); 0 for what was not reached, or not needed because a connection was open.
  std::chrono::microseconds resolved{0}, connected{0}, secured{0}, answered{0};
};

/// @thread_safety implementations are safe to call from any thread
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Sends a request and returns at once. `done` is called exactly once, on a thread of the client's and never within
  /// send(), also when the client is stopped. It may call send(); it must not block for long, throw, or destroy the client.
  virtual void send(HttpRequest request, std::function<void(HttpResult)> done) = 0;

  /// Ends what is under way, and all that is sent from now on, as `stopped`. Does not wait.
  virtual void stop() = 0;
};

} // namespace orkestr::inline v1
