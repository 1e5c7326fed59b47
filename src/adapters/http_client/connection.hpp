// One open connection: secures itself, sends a request, reads its answer, and then waits for the next. Included by
// http_client.cpp only.
#pragma once

#include "adapters/http_client/answer.hpp"
#include "adapters/http_client/net.hpp"
#include "adapters/http_client/tls.hpp"

#include <boost/beast/http/error.hpp>

#include <memory>
#include <optional>

namespace orkestr::inline v1::http_client {

/// @thread_safety its context's thread only
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// Who is told, always as the last thing that the connection does at a time.
  class Owner {
   public:
    virtual void on_secured(Connection& connection) = 0;
    /// @param reusable whether another request may follow; if not, the connection is closed already
    virtual void on_answer(Connection& connection, HttpResponse response, bool reusable) = 0;
    /// Closed, and why. The response is what had come of an answer, if one was waited for.
    virtual void on_lost(Connection& connection, HttpFailure failure, std::string detail, HttpResponse response) = 0;

   protected:
    ~Owner() = default;
  };

  Connection(Owner& owner, Socket socket) : owner_(owner), socket_(std::move(socket)) {}

  void secure(std::unique_ptr<TlsSession> session) {
    tls_ = std::move(session);
    secured_ = false;
    encrypted_.resize(first_buffer);
    (void)tls_->handshake(); // says what is to be sent first
    flush();
    read();
  }

  /// @param on_body  must outlive the answer
  void ask(std::string text, std::size_t max_body, bool head, AnswerParser::OnBody on_body) {
    asked_ = true;
    head_ = head;
    on_body_ = on_body;
    heard_at_ = Clock::now();
    max_body_ = max_body;
    heard_ = interim_ = 0;
    parser_.emplace(max_body, head, on_body);
    if (tls_)
      tls_->encrypt(text);
    else
      out_ = std::move(text);
    flush();
    read();
  }

  /// Waits for nothing but the other side's end, which is told.
  void idle() { read(); }

  [[nodiscard]] bool heard_nothing() const { return heard_ == 0; }
  /// When something came last, or was asked.
  [[nodiscard]] Clock::time_point heard_at() const { return heard_at_; }

  /// What has come of the answer that is waited for; its status is 0 while its headers are not complete.
  [[nodiscard]] HttpResponse take_partial() {
    if (!parser_ || !parser_->got_some() || !parser_->is_header_done() || !counts(parser_->response.status)) return {};
    return std::move(parser_->response);
  }

  /// Nobody is told.
  void close() {
    if (std::exchange(closed_, true)) return;
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  /// Others are interim answers, or no HTTP.
  static bool counts(int status) { return status >= 200 && status <= 599; }

  static constexpr std::size_t first_buffer = 8 * 1024;

  void flush() {
    if (writing_) return;
    for (;;) {
      if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
        if (!tls_ || !tls_->take(out_)) return;
      }
      error_code ec;
      const std::size_t n = socket_.write_some(asio::buffer(out_) + sent_, ec);
      if (ec == asio::error::would_block) break;
      if (ec) return stop_writing();
      sent_ += n;
    }
    writing_ = true;
    socket_.async_write_some(asio::buffer(out_) + sent_, [self = shared_from_this()](error_code ec, std::size_t n) {
      self->writing_ = false;
      if (self->closed_) return;
      if (ec) return self->stop_writing();
      self->sent_ += n;
      self->flush();
    });
  }

  /// What the server said before it stopped listening may still come, so it is for the reading side to end this.
  void stop_writing() {
    deaf_ = true;
    out_.clear();
    sent_ = 0;
  }

  void read() {
    if (reading_ || closed_) return;
    reading_ = true;
    if (!tls_) make_room();
    const auto room = tls_ ? asio::buffer(encrypted_) : asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
    socket_.async_read_some(room, [self = shared_from_this()](error_code ec, std::size_t n) { self->on_read(ec, n); });
  }

  void make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ < buffer_.size()) return;
    if (begin_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
                buffer_.begin());
      end_ -= std::exchange(begin_, 0);
    } else {
      buffer_.resize(std::max(first_buffer, buffer_.size() * 2));
    }
  }

  void on_read(error_code ec, std::size_t n) {
    reading_ = false;
    if (closed_) return;
    if (ec) return on_end(ec);
    heard_at_ = Clock::now();
    if (!tls_) {
      end_ += n;
      heard_ += n;
      return take();
    }
    tls_->feed(encrypted_.data(), n);
    if (!secured_) {
      const auto step = tls_->handshake();
      flush();
      if (step == TlsSession::Step::failed) return lose(HttpFailure::tls, tls_->error());
      if (step == TlsSession::Step::more) return read();
      secured_ = true;
      owner_.on_secured(*this); // which asks
      if (closed_) return;
    }
    for (;;) {
      make_room();
      const auto [what, size] = tls_->decrypt(buffer_.data() + end_, buffer_.size() - end_);
      end_ += size;
      heard_ += size;
      if (what == TlsSession::Read::some) {
        if (!parse()) return;
        continue;
      }
      flush(); // the protocol itself may have something to say
      if (what == TlsSession::Read::closed) return on_end(asio::error::eof);
      if (what == TlsSession::Read::failed) return lose(HttpFailure::tls, tls_->error());
      return read();
    }
  }

  void take() {
    if (parse()) read();
  }

  /// @returns whether there is more to read; otherwise the owner has been told
  bool parse() {
    namespace http = boost::beast::http;
    if (!asked_) {
      lose(HttpFailure::reset, "the server spoke unasked");
      return false;
    }
    if (heard_ > AnswerParser::max_header + 8 * (max_body_ + first_buffer)) return malformed("the answer is nearly all framing");
    while (!parser_->is_done() && begin_ < end_) {
      error_code ec;
      begin_ += parser_->put(asio::const_buffer(buffer_.data() + begin_, end_ - begin_), ec);
      if (ec == http::error::need_more) {
        if (end_ - begin_ > AnswerParser::max_header) return malformed("the headers are too large");
        break;
      }
      if (ec == http::error::header_limit) return malformed("the headers are too large");
      if (ec) return malformed("the answer is no HTTP: " + ec.message());
      if (const int status = parser_->response.status; parser_->is_header_done() && !counts(status) && status / 100 != 1)
        return malformed("the answer has no status that there is");
      if (parser_->is_done() && !counts(parser_->response.status)) {
        // An interim answer; the one that counts follows.
        if (parser_->response.status == 101 || ++interim_ > 8) return malformed("the server goes on to something else");
        parser_.emplace(max_body_, head_, on_body_);
      }
    }
    if (parser_->is_done())
      answered(parser_->delimited() && begin_ == end_ && !deaf_ && !writing_ && out_.empty());
    else if (parser_->response.truncated)
      answered(false); // what there is more of it is not wanted
    else
      return true;
    return false;
  }

  bool malformed(std::string detail) {
    lose(HttpFailure::malformed, std::move(detail));
    return false;
  }

  void on_end(error_code ec) {
    if (asked_ && ec == asio::error::eof && parser_->got_some() && parser_->is_header_done()) {
      error_code incomplete;
      parser_->put_eof(incomplete); // without a length, the end of the connection is the end of the answer
      if (!incomplete) return answered(false);
    }
    if (tls_ && !secured_) return lose(HttpFailure::tls, "the server ended the connection in the handshake");
    lose(HttpFailure::reset, ec == asio::error::eof ? "the server closed the connection" : ec.message());
  }

  void answered(bool reusable) {
    const auto self = shared_from_this();
    HttpResponse response = std::move(parser_->response);
    parser_.reset();
    asked_ = false;
    if (!reusable) close();
    owner_.on_answer(*this, std::move(response), reusable);
  }

  void lose(HttpFailure failure, std::string detail) {
    const auto self = shared_from_this();
    HttpResponse response = take_partial();
    parser_.reset();
    asked_ = false;
    close();
    owner_.on_lost(*this, failure, std::move(detail), std::move(response));
  }

  Owner& owner_;
  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  std::string out_; ///< of which `sent_` bytes are gone; stays where it is while a write is under way
  std::size_t sent_ = 0;
  std::vector<char> encrypted_, buffer_; ///< as it came; plain, of which [begin_, end_) is to be parsed
  std::size_t begin_ = 0, end_ = 0, heard_ = 0, max_body_ = 0;
  std::optional<AnswerParser> parser_;
  AnswerParser::OnBody on_body_ = nullptr;
  Clock::time_point heard_at_{};
  int interim_ = 0;
  bool head_ = false, asked_ = false, secured_ = true, reading_ = false, writing_ = false, deaf_ = false, closed_ = false;
};

} // namespace orkestr::inline v1::http_client
