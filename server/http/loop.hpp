// One thread's loop: its connections, its clock and its date. What all loops share stands here too. Included by server.cpp only,
// since Asio is slow to compile.
#pragma once

#include "http/server.hpp"
#include "http/workers.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <ctime>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace orkestr::server::detail {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Clock = std::chrono::steady_clock;

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
  /// A connection too many is answered like any other, unless these are too many as well.
  bool turn_away() {
    const std::lock_guard guard(mutex_);
    if (turned_away_ >= 64) return false;
    ++turned_away_;
    return true;
  }
  void see_off() {
    const std::lock_guard guard(mutex_);
    --turned_away_;
  }
  unsigned total() const {
    const std::lock_guard guard(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, unsigned> by_peer_;
  unsigned total_ = 0, turned_away_ = 0;
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
  std::atomic<bool> abandoning{false}; ///< the grace is over: what waits for a worker is let go
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
  void adopt(int fd, std::string peer, bool welcome);
};

} // namespace orkestr::server::detail
