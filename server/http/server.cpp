// The only unit that includes Asio and Beast. What keeps it lean: one io_context a thread with a concrete executor, a
// first write without waiting, one coarse timer a thread in place of a timer an operation, and answers built as bytes.
#include "http/server.hpp"

#include "http/parser.hpp"
#include "http/workers.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include <atomic>
#include <charconv>
#include <cstring>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include <sys/socket.h>

namespace orkestr::server {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Clock = std::chrono::steady_clock;

std::string_view reason(int status) {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// Connections by peer, and in all.
class Census {
 public:
  bool enter(const std::string& peer, const HttpLimits& limits) {
    const std::lock_guard guard(mutex_);
    if (total_ >= limits.max_connections) return false;
    auto& count = by_peer_[peer];
    if (count >= limits.max_connections_per_peer) return false;
    ++count;
    ++total_;
    return true;
  }
  void leave(const std::string& peer) {
    const std::lock_guard guard(mutex_);
    --total_;
    if (auto found = by_peer_.find(peer); --found->second == 0) by_peer_.erase(found);
  }
  unsigned total() const {
    const std::lock_guard guard(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, unsigned> by_peer_;
  unsigned total_ = 0;
};

struct Counters {
  std::atomic<std::uint64_t> accepted{0}, requests{0}, refused{0}, timed_out{0};
};

struct Shared {
  Shared(Application& a, HttpOptions o) : application(a), options(std::move(o)), workers(options.worker_threads, options.max_queue) {}
  Application& application;
  const HttpOptions options;
  Workers workers;
  Census census;
  Counters counters;
  std::atomic<bool> stopping{false};
};

class Connection;

/// One thread's loop and the connections that live on it.
struct Loop {
  explicit Loop(Shared& s) : shared(s), tick(context) {}

  Shared& shared;
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::unordered_set<std::shared_ptr<Connection>> connections;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> tick;
  Clock::time_point now = Clock::now();
  std::string date; ///< the Date header's line
  std::thread thread;

  void refresh() {
    now = Clock::now();
    const std::time_t seconds = std::time(nullptr);
    std::tm utc;
    gmtime_r(&seconds, &utc);
    char text[64];
    date.assign(text, std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc));
  }
  void start_tick();
  void adopt(int fd, std::string peer);
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, Socket socket, std::string peer)
      : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)), limits_(loop.shared.options.limits) {}
  ~Connection() { loop_.shared.census.leave(peer_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() {
    until(limits_.idle_timeout);
    read();
  }

  /// Called by the tick. A request that is being worked on has no deadline of its own.
  void check_deadline(Clock::time_point now) {
    if (working_ || now < deadline_) return;
    loop_.shared.counters.timed_out.fetch_add(1, std::memory_order_relaxed);
    if (parser_ && !writing_ && !draining_ && received_ > 0) return refuse(408, "request_timeout", "The request took too long to arrive.");
    close();
  }

  /// For a graceful stop: between requests there is nothing to wait for.
  void stop_if_idle() {
    if (!working_ && !writing_ && received_ == 0) close();
  }
  void close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    loop_.connections.erase(shared_from_this());
  }

 private:
  static constexpr std::size_t first_buffer = 2048, largest_kept_buffer = 16 * 1024;

  void until(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }

  void read() {
    if (buffer_.size() < received_ + first_buffer / 2) buffer_.resize(std::max(first_buffer, received_ * 2));
    socket_.async_read_some(asio::buffer(buffer_.data() + received_, buffer_.size() - received_),
                            [self = shared_from_this()](error_code ec, std::size_t n) { self->on_read(ec, n); });
  }

  void on_read(error_code ec, std::size_t n) {
    if (closed_) return;
    if (ec) return close();
    if (draining_) return drain(n);
    if (received_ == 0) until(limits_.header_timeout);
    received_ += n;
    process();
  }

  /// Takes requests off the buffer, as many as are there, until one must be waited for.
  void process() {
    for (;;) {
      switch (parse()) {
      case Parsed::more: return received_ == 0 && loop_.shared.stopping ? close() : read();
      case Parsed::refused: return refuse(parser_->refusal.status, parser_->refusal.code, parser_->refusal.detail);
      case Parsed::request: break;
      }
      parser_->headers(headers_);
      request_ = {parser_->method, parser_->target(), headers_, parser_->body, peer_};
      loop_.shared.counters.requests.fetch_add(1, std::memory_order_relaxed);
      auto& application = loop_.shared.application;
      if (application.may_wait(request_)) return hand_over();
      if (!answer(safely([&] { return application.handle(request_); }))) return;
    }
  }

  enum class Parsed { more, refused, request };

  Parsed parse() {
    if (!parser_) parser_.emplace(limits_, buffer_, fields_);
    while (!parser_->is_done()) {
      if (parsed_ == received_) {
        // What the parser has taken of a body need not stay; the header must, since the request points into it.
        if (header_end_ > 0) received_ = parsed_ = header_end_;
        return Parsed::more;
      }
      error_code ec;
      const bool had_header = parser_->is_header_done();
      const std::size_t used = parser_->put(asio::const_buffer(buffer_.data() + parsed_, received_ - parsed_), ec);
      parsed_ += used;
      if (ec && ec != boost::beast::http::error::need_more) return refused(ec);
      if (!had_header && parser_->is_header_done()) {
        parser_->check_framing();
        header_end_ = std::string_view{buffer_}.substr(0, received_).find("\r\n\r\n") + 4;
        if (header_end_ > limits_.max_header_bytes) return refused(boost::beast::http::error::header_limit);
        if (!parser_->is_done()) {
          until(limits_.body_timeout);
          if (parser_->expects_continue && parser_->refusal.status == 0) say_continue();
        }
      }
      if (parser_->refusal.status != 0) return Parsed::refused;
      if (ec == boost::beast::http::error::need_more) {
        if (!parser_->is_header_done() && received_ > limits_.max_header_bytes) return refused(boost::beast::http::error::header_limit);
        if (parser_->is_header_done() && parsed_ == received_) received_ = parsed_ = header_end_;
        return Parsed::more;
      }
    }
    return Parsed::request;
  }

  Parsed refused(error_code ec) {
    namespace http = boost::beast::http;
    auto& refusal = parser_->refusal;
    if (refusal.status != 0) return Parsed::refused;
    if (ec == http::error::header_limit)
      refusal = {431, "headers_too_large", "The request line and headers are too large."};
    else if (ec == http::error::body_limit)
      refusal = {413, "body_too_large", "The body is too large."};
    else if (ec == http::error::bad_version)
      refusal = {505, "http_version", "Use HTTP/1.1."};
    else
      refusal = {400, "malformed_request", "This is not an HTTP request."};
    return Parsed::refused;
  }

  void say_continue() {
    error_code ignored;
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    socket_.write_some(asio::buffer(text), ignored);
  }

  template <class F> api::Response safely(F&& f) {
    try {
      return f();
    } catch (const std::exception&) {
      return loop_.shared.application.refuse(500, "internal", "Something went wrong here; the request id finds it in the log.");
    }
  }

  /// Runs the request on a worker; the buffer stays as it is until the answer comes back.
  void hand_over() {
    working_ = true;
    const bool taken = loop_.shared.workers.post([self = shared_from_this()]() mutable {
      auto& application = self->loop_.shared.application;
      auto response = self->safely([&] { return application.handle(self->request_); });
      auto& context = self->loop_.context;
      asio::post(context, [self = std::move(self), response = std::move(response)]() mutable { self->come_back(std::move(response)); });
    });
    if (taken) return;
    working_ = false;
    loop_.shared.counters.refused.fetch_add(1, std::memory_order_relaxed);
    if (answer(loop_.shared.application.refuse(503, "busy", "The server is busy; try again."))) process();
  }

  void come_back(api::Response response) {
    working_ = false;
    if (!closed_ && answer(std::move(response))) process();
  }

  /// Sends an answer. @returns whether the connection goes on with the next request right away
  bool answer(api::Response response) {
    keep_alive_ = parser_->keep_alive() && !loop_.shared.stopping;
    const bool head = request_.method == api::Method::head;
    compose(response, head);
    // The request is dealt with: what follows it in the buffer is the next one.
    parser_.reset();
    const std::size_t rest = received_ - parsed_;
    if (rest > 0) std::copy(buffer_.data() + parsed_, buffer_.data() + received_, buffer_.data());
    received_ = rest;
    parsed_ = header_end_ = 0;
    if (rest == 0 && buffer_.size() > largest_kept_buffer) buffer_ = {};
    return send();
  }

  void compose(const api::Response& response, bool head) {
    const bool bodiless = response.status == 204 || response.status == 304;
    out_.clear();
    out_.reserve(256 + response.headers.size() + response.body.size());
    out_ += "HTTP/1.1 ";
    append_number(out_, static_cast<std::size_t>(response.status));
    out_.append(1, ' ').append(reason(response.status)).append("\r\nServer: orkestr\r\n").append(loop_.date);
    if (!bodiless) {
      out_ += "Content-Length: ";
      append_number(out_, response.body.size());
      out_ += "\r\n";
    }
    if (!keep_alive_)
      out_ += "Connection: close\r\n";
    else if (parser_ && parser_->version < 11)
      out_ += "Connection: keep-alive\r\n";
    out_.append(response.headers).append("\r\n");
    if (!bodiless && !head) out_ += response.body;
  }

  bool send() {
    error_code ec;
    const std::size_t sent = socket_.write_some(asio::buffer(out_), ec);
    if (!ec && sent == out_.size()) return sent_all();
    if (ec && ec != asio::error::would_block) {
      close();
      return false;
    }
    writing_ = true;
    until(limits_.write_timeout);
    send_rest(ec ? 0 : sent);
    return false;
  }

  void send_rest(std::size_t from) {
    socket_.async_write_some(asio::buffer(out_.data() + from, out_.size() - from),
                             [self = shared_from_this(), from](error_code ec, std::size_t n) {
                               if (self->closed_) return;
                               if (ec) return self->close();
                               self->until(self->limits_.write_timeout); // it moves, so it lives
                               if (from + n < self->out_.size()) return self->send_rest(from + n);
                               self->writing_ = false;
                               if (self->sent_all()) self->process();
                             });
  }

  bool sent_all() {
    if (out_.capacity() > largest_kept_buffer) out_ = {};
    if (!keep_alive_) {
      start_drain();
      return false;
    }
    until(received_ > 0 ? limits_.header_timeout : limits_.idle_timeout);
    return true;
  }

  void refuse(int status, std::string_view code, std::string_view detail) {
    loop_.shared.counters.refused.fetch_add(1, std::memory_order_relaxed);
    const auto response = loop_.shared.application.refuse(status, code, detail);
    keep_alive_ = false;
    compose(response, false);
    if (send()) close();
  }

  /// Lets the client read the last answer before the connection goes: reads on a little, so that no reset destroys it.
  void start_drain() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    draining_ = true;
    received_ = parsed_ = header_end_ = 0;
    until(std::chrono::seconds{2});
    read();
  }
  void drain(std::size_t n) {
    drained_ += n;
    if (drained_ > 4 * 1024 * 1024) return close();
    read();
  }

  Loop& loop_;
  Socket socket_;
  const std::string peer_;
  const HttpLimits& limits_;
  std::string buffer_, out_;
  std::size_t received_ = 0, parsed_ = 0, header_end_ = 0, drained_ = 0;
  RequestParser::Fields fields_;
  std::optional<RequestParser> parser_;
  std::vector<api::HeaderView> headers_;
  api::Request request_;
  Clock::time_point deadline_;
  bool keep_alive_ = true, working_ = false, writing_ = false, draining_ = false, closed_ = false;
};

void Loop::start_tick() {
  refresh();
  tick.expires_after(std::chrono::milliseconds{250});
  tick.async_wait([this](error_code ec) {
    if (ec) return;
    std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    refresh();
    for (const auto& connection : all) {
      connection->check_deadline(now);
      if (shared.stopping) connection->stop_if_idle();
    }
    start_tick();
  });
}

void Loop::adopt(int fd, std::string peer) {
  error_code ec;
  Socket socket(context.get_executor());
  socket.assign(tcp::v4(), fd, ec); // the family matters to endpoints only, which are not asked for
  socket.non_blocking(true, ec);
  socket.set_option(tcp::no_delay(true), ec);
  auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(peer));
  connections.insert(connection);
  connection->start();
}

} // namespace

struct HttpServer::Impl {
  Impl(Application& application, HttpOptions o) : shared(application, std::move(o)) {
    const tcp::endpoint endpoint(asio::ip::make_address(shared.options.address), shared.options.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(4096);
    acceptor.non_blocking(true);
    port = acceptor.local_endpoint().port();
    for (unsigned i = 0; i < std::max(1u, shared.options.io_threads); ++i) loops.push_back(std::make_unique<Loop>(shared));
  }

  void wait_for_clients() {
    acceptor.async_wait(tcp::acceptor::wait_read, [this](error_code ec) {
      if (ec) return;
      accept_all();
    });
  }

  void accept_all() {
    for (;;) {
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      const int fd = ::accept4(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_for_clients();
        // Out of descriptors: let some close before asking again.
        retry.expires_after(std::chrono::milliseconds{100});
        retry.async_wait([this](error_code ec) {
          if (!ec) wait_for_clients();
        });
        return;
      }
      shared.counters.accepted.fetch_add(1, std::memory_order_relaxed);
      tcp::endpoint endpoint;
      endpoint.resize(size);
      std::memcpy(endpoint.data(), &address, size);
      std::string peer = endpoint.address().to_string();
      if (!shared.census.enter(peer, shared.options.limits)) {
        turn_away(fd);
        continue;
      }
      Loop& loop = *loops[next++ % loops.size()];
      asio::post(loop.context, [&loop, fd, peer = std::move(peer)]() mutable { loop.adopt(fd, std::move(peer)); });
    }
  }

  void turn_away(int fd) {
    const auto response = shared.application.refuse(503, "busy", "Too many connections; try again.");
    std::string text = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: " + std::to_string(response.body.size()) +
                       "\r\n" + response.headers + "\r\n" + response.body;
    [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(fd, SHUT_WR);
    ::close(fd);
    shared.counters.refused.fetch_add(1, std::memory_order_relaxed);
  }

  Shared shared;
  asio::io_context accept_context{1};
  tcp::acceptor acceptor{accept_context};
  asio::steady_timer retry{accept_context};
  std::vector<std::unique_ptr<Loop>> loops;
  std::thread accept_thread;
  std::uint16_t port = 0;
  std::size_t next = 0;
  bool started = false;
};

HttpServer::HttpServer(Application& application, HttpOptions options) : impl_(std::make_unique<Impl>(application, std::move(options))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds{0}); }

std::uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::start() {
  impl_->started = true;
  for (auto& loop : impl_->loops) {
    loop->start_tick();
    loop->thread = std::thread([&l = *loop] { l.context.run(); });
  }
  impl_->wait_for_clients();
  impl_->accept_thread = std::thread([this] { impl_->accept_context.run(); });
}

void HttpServer::stop(std::chrono::milliseconds grace) {
  if (!impl_->started) return;
  impl_->started = false;
  impl_->accept_context.stop();
  impl_->accept_thread.join();
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->shared.stopping = true;
  for (auto& loop : impl_->loops)
    asio::post(loop->context, [&l = *loop] {
      const std::vector<std::shared_ptr<Connection>> all(l.connections.begin(), l.connections.end());
      for (const auto& connection : all) connection->stop_if_idle();
    });
  const auto limit = Clock::now() + grace;
  while (impl_->shared.census.total() > 0 && Clock::now() < limit) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  for (auto& loop : impl_->loops)
    asio::post(loop->context, [&l = *loop] {
      const std::vector<std::shared_ptr<Connection>> all(l.connections.begin(), l.connections.end());
      for (const auto& connection : all) connection->close();
      l.tick.cancel();
    });
  impl_->shared.workers.join();
  for (auto& loop : impl_->loops) {
    loop->context.stop();
    loop->thread.join();
  }
}

HttpStats HttpServer::stats() const {
  const auto& counters = impl_->shared.counters;
  return {impl_->shared.census.total(), counters.accepted, counters.requests, counters.refused, counters.timed_out};
}

} // namespace orkestr::server
