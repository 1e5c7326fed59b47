// One connection: reads requests, has them handled, sends the answers, and ends itself when a deadline or a limit is passed.
// Included by server.cpp only, since Asio and Beast are slow to compile.
#pragma once

#include "http/loop.hpp"
#include "http/parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

namespace orkestr::server::detail {

inline std::string_view reason(int status) {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

inline void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// The last address that a proxy's header names, or the connection's own. What stands before it is the client's say.
inline std::string_view told_address(const api::Request& request, std::string_view header, std::string_view otherwise) {
  std::string_view told;
  for (const auto& [name, value] : request.headers)
    if (name.size() == header.size() &&
        std::equal(name.begin(), name.end(), header.begin(), [](char a, char b) { return (a | 0x20) == (b | 0x20); }))
      told = value;
  if (const auto comma = told.rfind(','); comma != std::string_view::npos) told.remove_prefix(comma + 1);
  told.remove_prefix(std::min(told.find_first_not_of(' '), told.size()));
  return told.empty() || told.size() > 64 ? otherwise : told;
}

/// @thread_safety its loop's thread only
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, Socket socket, std::string peer, bool welcome)
      : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)), limits_(loop.shared.options.limits), welcome_(welcome) {}
  ~Connection() { welcome_ ? loop_.shared.census.leave(peer_) : loop_.shared.census.see_off(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() {
    if (!welcome_) return refuse(503, "busy", "Too many connections; try again.");
    until(limits_.idle_timeout);
    read();
  }

  /// Called by the tick. A request that is being worked on has no deadline of its own.
  void check_deadline(Clock::time_point now) {
    if (working_ || now < deadline_) return;
    loop_.shared.counters.timed_out.fetch_add(1, std::memory_order_relaxed);
    if (parser_ && !writing_ && !doomed_ && received_ > 0) return refuse(408, "request_timeout", "The request took too long to arrive.");
    error_code ignored; // a reset gives back at once what a reader that takes nothing left in the kernel
    if (writing_) socket_.set_option(tcp::socket::linger(true, 0), ignored);
    close();
  }

  /// For a graceful stop: between requests there is nothing to wait for.
  void stop_if_idle() {
    if (draining_)
      deadline_ = std::min(deadline_, Clock::now() + last_drain);
    else if (!working_ && !writing_ && received_ == 0)
      close();
  }
  void close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    loop_.connections.erase(shared_from_this());
  }

 private:
  static constexpr std::size_t first_buffer = 2048, largest_kept_buffer = 16 * 1024, largest_copied_body = 16 * 1024;
  static constexpr std::chrono::milliseconds last_drain{200};

  void until(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }

  /// One read at a time: the buffer must stay where it is while one is under way.
  void read() {
    if (reading_) return;
    const std::size_t wanted = wanted_bytes();
    if (buffer_.size() < received_ + wanted) buffer_.resize(std::max({first_buffer, received_ * 2, received_ + wanted}));
    reading_ = true;
    socket_.async_read_some(asio::buffer(buffer_.data() + received_, buffer_.size() - received_),
                            [self = shared_from_this()](error_code ec, std::size_t n) { self->on_read(ec, n); });
  }

  /// Bodies come in larger pieces than requests.
  [[nodiscard]] std::size_t wanted_bytes() const {
    if (draining_ || !parser_ || !parser_->is_header_done()) return first_buffer / 2;
    const std::uint64_t announced = parser_->announced, rest = announced > 0 ? announced - parser_->body.size() : largest_kept_buffer;
    return static_cast<std::size_t>(std::clamp<std::uint64_t>(rest, first_buffer / 2, 64 * 1024));
  }

  void on_read(error_code ec, std::size_t n) {
    reading_ = false;
    if (closed_) return;
    if (ec) return close();
    if (draining_) return drain(n);
    if (doomed_) return; // the refusal is still being sent; what else arrives is drained after it
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
      if (const auto& name = loop_.shared.options.client_address_header; !name.empty()) request_.peer = told_address(request_, name, peer_);
      loop_.shared.counters.requests.fetch_add(1, std::memory_order_relaxed);
      auto& application = loop_.shared.application;
      bool waits = false;
      auto response = safely([&] {
        auto now = application.handle_now(request_);
        waits = !now;
        return waits ? api::Response{} : std::move(*now);
      });
      if (waits) {
        if (hand_over()) return;
        response = refusal(503, "busy", "The server is busy; try again.");
      }
      if (!answer(std::move(response))) return;
    }
  }

  enum class Parsed { more, refused, request };

  Parsed parse() {
    if (!parser_) parser_.emplace(loop_.shared.application, limits_, buffer_, fields_);
    while (!parser_->is_done()) {
      if (parsed_ == received_) {
        forget_body();
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
          until(limits_.body_timeout * body_share());
          if (parser_->expects_continue && parser_->refusal.status == 0) say_continue();
        }
      }
      if (parser_->refusal.status != 0) return Parsed::refused;
      if (ec == boost::beast::http::error::need_more) {
        if (!parser_->is_header_done() && received_ > limits_.max_header_bytes) return refused(boost::beast::http::error::header_limit);
        // What is left of a body here is the line of a chunk or a trailer, for which Beast has no limit.
        if (parser_->is_header_done() && received_ - parsed_ > limits_.max_header_bytes)
          return refused(boost::beast::http::error::bad_chunk);
        forget_body();
        return Parsed::more;
      }
    }
    return Parsed::request;
  }

  /// A larger body may take as much longer, within reason: who sends slowly must send no faster than elsewhere.
  [[nodiscard]] int body_share() const {
    return static_cast<int>(std::clamp<std::size_t>(parser_->max_body_bytes / std::max<std::size_t>(limits_.max_body_bytes, 1), 1, 10));
  }

  /// What the parser has taken of a body need not stay; the header must, since the request points into it.
  void forget_body() {
    if (header_end_ == 0 || parsed_ == header_end_) return;
    std::copy(buffer_.data() + parsed_, buffer_.data() + received_, buffer_.data() + header_end_);
    received_ -= parsed_ - header_end_;
    parsed_ = header_end_;
  }

  Parsed refused(error_code ec) {
    namespace http = boost::beast::http;
    auto& refusal = parser_->refusal;
    if (refusal.status != 0) return Parsed::refused;
    if (ec == http::error::header_limit)
      refusal = {431, "headers_too_large", "The request line and headers are too large."};
    else if (ec == http::error::body_limit)
      refusal = {413, "body_too_large", "The body is too large."};
    else if (ec == http::error::bad_version && names_other_version({buffer_.data(), received_}))
      refusal = {505, "http_version", "Use HTTP/1.1."};
    else
      refusal = {400, "malformed_request", "This is not an HTTP request."};
    return Parsed::refused;
  }

  void say_continue() {
    error_code ec;
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    const std::size_t sent = socket_.write_some(asio::buffer(text), ec);
    // A client that reads nothing goes on unasked after a while. Half a line can't be taken back.
    if (!ec && sent < text.size()) close();
  }

  template <class F> api::Response safely(F&& f) {
    try {
      return f();
    } catch (...) { // an application's mistake must not end the server, whatever it threw
      return refusal(500, "internal", "Something went wrong here; the request id finds it in the log.");
    }
  }

  api::Response refusal(int status, std::string_view code, std::string_view detail) {
    loop_.shared.counters.refused.fetch_add(1, std::memory_order_relaxed);
    api::Response response;
    try {
      response = loop_.shared.application.refuse(status, code, detail);
    } catch (...) {
      response.status = status;
    }
    if (response.status == 503 && response.header("Retry-After").empty()) response.set("Retry-After", "1");
    return response;
  }

  /// Runs the request on a worker; the buffer stays as it is until the answer comes back.
  /// @returns false when all workers are busy and the queue is full
  [[nodiscard]] bool hand_over() {
    working_ = true;
    const bool taken = loop_.shared.workers.post([self = shared_from_this()]() mutable {
      auto& shared = self->loop_.shared;
      api::Response response;
      if (!shared.abandoning) response = self->safely([&] { return shared.application.handle(self->request_); });
      // Back in any case: a connection ends on its own loop.
      auto& context = self->loop_.context;
      asio::post(context, [self = std::move(self), response = std::move(response)]() mutable { self->come_back(std::move(response)); });
    });
    if (!taken) working_ = false;
    return taken;
  }

  void come_back(api::Response response) {
    working_ = false;
    if (!closed_ && answer(std::move(response))) process();
  }

  /// Sends an answer. @returns whether the connection goes on with the next request right away
  bool answer(api::Response response) {
    keep_alive_ = parser_->keep_alive() && !loop_.shared.stopping;
    compose(std::move(response), request_.method == api::Method::head);
    // The request is dealt with: what follows it in the buffer is the next one.
    parser_.reset();
    const std::size_t rest = received_ - parsed_;
    if (rest > 0) std::copy(buffer_.data() + parsed_, buffer_.data() + received_, buffer_.data());
    received_ = rest;
    parsed_ = header_end_ = 0;
    if (rest == 0 && buffer_.size() > largest_kept_buffer) buffer_ = {};
    return send();
  }

  void compose(api::Response response, bool head) {
    const bool bodiless = response.status == 204 || response.status == 304;
    const bool apart = response.body.size() > largest_copied_body;
    out_.clear();
    out_.reserve(256 + response.headers.size() + (apart ? 0 : response.body.size()));
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
    if (bodiless || head) return;
    if (apart)
      large_body_ = std::move(response.body);
    else
      out_ += response.body;
  }

  /// What is to be sent after the first `from` bytes of it.
  [[nodiscard]] std::array<asio::const_buffer, 2> unsent(std::size_t from) const {
    return {asio::buffer(out_) + from, asio::buffer(large_body_) + (from > out_.size() ? from - out_.size() : 0)};
  }

  bool send() {
    error_code ec;
    // Two buffers cost a sendmsg in place of a send, so only where there are two.
    const std::size_t sent = large_body_.empty() ? socket_.write_some(asio::buffer(out_), ec) : socket_.write_some(unsent(0), ec);
    if (!ec && sent == out_.size() + large_body_.size()) return sent_all();
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
    socket_.async_write_some(unsent(from), [self = shared_from_this(), from](error_code ec, std::size_t n) {
      if (self->closed_) return;
      if (ec) return self->close();
      self->until(self->limits_.write_timeout); // it moves, so it lives
      if (from + n < self->out_.size() + self->large_body_.size()) return self->send_rest(from + n);
      self->writing_ = false;
      if (self->sent_all()) self->process();
    });
  }

  bool sent_all() {
    if (out_.capacity() > largest_kept_buffer) out_ = {};
    if (!large_body_.empty()) large_body_ = {};
    if (!keep_alive_) {
      start_drain();
      return false;
    }
    until(received_ > 0 ? limits_.header_timeout : limits_.idle_timeout);
    return true;
  }

  /// Ends the connection with an answer. A read may be under way, when a deadline is the reason.
  void refuse(int status, std::string_view code, std::string_view detail) {
    doomed_ = true;
    keep_alive_ = false;
    compose(refusal(status, code, detail), parser_ && parser_->method == api::Method::head);
    if (send()) close();
  }

  /// Lets the client read the last answer before the connection goes: reads on a little, so that no reset destroys it.
  void start_drain() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    draining_ = doomed_ = true;
    received_ = parsed_ = header_end_ = 0;
    until(loop_.shared.stopping ? last_drain : std::chrono::milliseconds{2000});
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
  const bool welcome_;
  std::string buffer_, out_, large_body_;
  std::size_t received_ = 0, parsed_ = 0, header_end_ = 0, drained_ = 0;
  RequestParser::Fields fields_;
  std::optional<RequestParser> parser_;
  std::vector<api::HeaderView> headers_;
  api::Request request_;
  Clock::time_point deadline_;
  bool keep_alive_ = true, reading_ = false, working_ = false, writing_ = false, doomed_ = false, draining_ = false, closed_ = false;
};

} // namespace orkestr::server::detail
