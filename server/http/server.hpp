// A small HTTP/1.1 server around a function from Request to Response: sockets, framing, limits, deadlines, shutdown.
// No business rule lives here. Boost stays behind the implementation, since it is slow to compile.
#pragma once

#include "orkestr/api/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace orkestr::server {

/// Every limit there is; a client that passes one gets the answer named, or is closed.
struct HttpLimits {
  std::size_t max_header_bytes = 16 * 1024;         ///< request line and headers: 431
  std::size_t max_headers = 64;                     ///< 431
  std::size_t max_target_bytes = 8 * 1024;          ///< 414
  std::size_t max_body_bytes = 1024 * 1024;         ///< 413
  unsigned max_connections = 4096;                  ///< above it: 503 and closed
  unsigned max_connections_per_peer = 1024;         ///< likewise
  std::chrono::milliseconds header_timeout{10'000}; ///< from the first byte to the end of the header: 408
  std::chrono::milliseconds body_timeout{30'000};   ///< for the whole body: 408; longer where a larger one is taken
  std::chrono::milliseconds idle_timeout{75'000};   ///< between requests: closed
  std::chrono::milliseconds write_timeout{30'000};  ///< for a reader that takes nothing: closed
};

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: a free one
  unsigned io_threads = 2;
  unsigned worker_threads = 32; ///< started as they are needed
  std::size_t max_queue = 1024; ///< requests that may wait for a worker; above it 503
  /// Behind a proxy: the header whose last value is the client's address. Empty: the connection's own.
  std::string client_address_header = {};
  HttpLimits limits = {};
};

/// What the server needs of the application. Called from several threads at once.
class Application {
 public:
  virtual ~Application() = default;
  /// The answer, if it can be had without waiting (for a disk, a password hash, another machine). Without one, handle() is called
  /// on a worker thread.
  virtual std::optional<api::Response> handle_now(const api::Request& request) = 0;
  /// The answer; for HEAD with the body that GET would have, of which only the length is sent.
  virtual api::Response handle(const api::Request& request) = 0;
  /// Where a body may be of another size than `HttpLimits::max_body_bytes`, how large: for requests with credentials, of whatever
  /// worth; others are answered 401. Asked before anything of the body is read, on the threads of sockets.
  [[nodiscard]] virtual std::optional<std::size_t> max_body_bytes(api::Method /*method*/, std::string_view /*path*/) const {
    return std::nullopt;
  }
  /// The answer for a request that never became one, or could not be handled.
  virtual api::Response refuse(int status, std::string_view code, std::string_view detail) = 0;
};

struct HttpStats {
  std::uint64_t open_connections = 0, accepted = 0, requests = 0;
  std::uint64_t refused = 0;   ///< requests answered by Application::refuse
  std::uint64_t timed_out = 0; ///< connections closed by a deadline
};

/// @thread_safety start() and stop() from one thread; stats() and port() from any
class HttpServer {
 public:
  /// Binds. Throws std::system_error, with the address in its text, when it can't.
  HttpServer(Application& application, HttpOptions options);
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;
  void start();
  /// Stops accepting, closes idle connections, lets requests that were read be answered (with `Connection: close`),
  /// and after `grace` closes what is left. A handler that is running is waited for, since a thread can't be taken away.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] HttpStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::server
