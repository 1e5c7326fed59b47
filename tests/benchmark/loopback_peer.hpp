// What deliveries are measured beside: a server on loopback that costs next to nothing, and a bare loop of Beast's own calls.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace orkestr::benchmark {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

/// Reads until a request is whole, by its Content-Length, and answers. Costs as little as a server can.
class Server {
 public:
  /// @param seen  shown each request that is whole; it is answered when this returns true. May be empty
  explicit Server(std::function<bool(std::string_view)> seen = {})
      : seen_(std::move(seen)), listener_(::socket(AF_INET, SOCK_STREAM, 0)), epoll_(::epoll_create1(0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&name), size) != 0 || ::listen(listener_, 1024) != 0) std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
    watch(listener_);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    stopping_ = true;
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void watch(int fd) const {
    epoll_event event{EPOLLIN, {}};
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void serve() {
    static constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";
    std::unordered_map<int, std::string> texts;
    epoll_event events[128];
    char buffer[16 * 1024];
    while (!stopping_) {
      const int count = ::epoll_wait(epoll_, events, 128, 100);
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == listener_) {
          const int taken = ::accept(listener_, nullptr, nullptr), on = 1;
          ::setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          watch(taken);
          continue;
        }
        const auto n = ::recv(fd, buffer, sizeof buffer, 0);
        auto& text = texts[fd];
        if (n <= 0) {
          texts.erase(fd);
          ::close(fd);
          continue;
        }
        text.append(buffer, static_cast<std::size_t>(n));
        const auto end = text.find("\r\n\r\n"), length = text.find("Content-Length: ");
        if (end == std::string::npos || length > end) continue;
        if (text.size() < end + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10)) continue;
        const bool answered = !seen_ || seen_(text);
        text.clear();
        if (!answered) continue;
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) continue;
      }
    }
  }

  const std::function<bool(std::string_view)> seen_;
  int listener_, epoll_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// Beast as its examples use it, less what they spend on timers and polymorphic executors.
class BareConnection {
 public:
  BareConnection(asio::io_context& context, std::uint16_t port, const std::string& body, const Clock::time_point& until,
                 std::uint64_t& count)
      : socket_(context), until_(until), count_(count) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
    request_.version(11);
    request_.method(http::verb::post);
    request_.target("/hook");
    request_.set(http::field::host, "127.0.0.1");
    request_.set(http::field::content_type, "application/json");
    request_.body() = body;
    request_.prepare_payload();
  }
  void ask() {
    http::async_write(socket_, request_, [this](boost::system::error_code ec, std::size_t) {
      if (ec) std::abort();
      response_ = {};
      http::async_read(socket_, buffer_, response_, [this](boost::system::error_code error, std::size_t) {
        if (error || response_.result_int() != 200) std::abort();
        ++count_;
        if (Clock::now() < until_) ask();
      });
    });
  }

 private:
  asio::basic_stream_socket<tcp, asio::io_context::executor_type> socket_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  const Clock::time_point& until_;
  std::uint64_t& count_;
};

inline double rate(std::uint64_t count, Clock::time_point start) {
  return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - start).count();
}

/// Requests a second of a bare loop over as many connections.
inline double bare(std::uint16_t port, const std::string& body, double seconds, int in_flight) {
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  Clock::time_point until;
  std::uint64_t count = 0;
  std::vector<std::unique_ptr<BareConnection>> all;
  for (int i = 0; i < in_flight; ++i) all.push_back(std::make_unique<BareConnection>(context, port, body, until, count));
  const auto start = Clock::now();
  until = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (auto& connection : all) connection->ask();
  context.run();
  return rate(count, start);
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

} // namespace orkestr::benchmark
