// The only unit that includes Asio and Beast. What keeps it lean: one io_context a thread with a concrete executor, a
// first write without waiting, one coarse timer a thread in place of a timer an operation, and answers built as bytes.
#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstring>
#include <system_error>

#include <sys/socket.h>

namespace orkestr::server {
namespace detail {

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

void Loop::adopt(int fd, std::string peer, bool welcome) {
  error_code ec;
  Socket socket(context.get_executor());
  socket.assign(tcp::v4(), fd, ec); // the family matters to endpoints only, which are not asked for
  socket.non_blocking(true, ec);
  socket.set_option(tcp::no_delay(true), ec);
  auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(peer), welcome);
  connections.insert(connection);
  connection->start();
}

namespace {

/// A caller over IPv4 has one name, also where the socket takes both families.
std::string textual(const sockaddr_storage& address, socklen_t size) {
  tcp::endpoint endpoint;
  endpoint.resize(size);
  std::memcpy(endpoint.data(), &address, size);
  const auto ip = endpoint.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6()).to_string();
  return ip.to_string();
}

} // namespace
} // namespace detail

using namespace detail;

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
      std::string peer = textual(address, size);
      const bool welcome = shared.census.enter(peer, shared.options.limits);
      if (!welcome && !shared.census.turn_away()) {
        shared.counters.refused.fetch_add(1, std::memory_order_relaxed);
        ::close(fd);
        continue;
      }
      Loop& loop = *loops[next++ % loops.size()];
      asio::post(loop.context, [&loop, fd, welcome, peer = std::move(peer)]() mutable { loop.adopt(fd, std::move(peer), welcome); });
    }
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

HttpServer::HttpServer(Application& application, HttpOptions options) {
  const std::string where = "can't listen on " + options.address + " port " + std::to_string(options.port);
  try {
    impl_ = std::make_unique<Impl>(application, std::move(options));
  } catch (const boost::system::system_error& error) { // which is no std::system_error
    throw std::system_error(error.code(), where);
  }
}

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
  impl_->shared.abandoning = true;
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
