// Connects to the first of some addresses that takes it. Included by http_client.cpp only.
#pragma once

#include "orkestr/engine/network_guard.hpp"

#include "adapters/http_client/net.hpp"

#include <fcntl.h>

#include <cstring>
#include <functional>
#include <memory>
#include <vector>

namespace orkestr::inline v1::http_client {

/// Tries one address after the other, and beside one that is slow the next (RFC 8305, without its sorting).
/// @thread_safety its context's thread only
class Dial : public std::enable_shared_from_this<Dial> {
 public:
  /// `done` gets the socket, or the last failure.
  using Done = std::function<void(error_code, Socket, const IpAddress&)>;

  Dial(asio::io_context& context, std::vector<IpAddress> addresses, std::uint16_t port, Done done)
      : context_(context), addresses_(std::move(addresses)), port_(port), done_(std::move(done)) {
    if (addresses_.size() > most_tried) addresses_.resize(most_tried);
    // Families in turn, so that one that leads nowhere costs one try.
    std::vector<IpAddress> v4, v6;
    for (const auto& address : addresses_) (address.family == IpAddress::Family::v4 ? v4 : v6).push_back(address);
    addresses_.clear();
    for (std::size_t i = 0; i < std::max(v4.size(), v6.size()); ++i) {
      if (i < v4.size()) addresses_.push_back(v4[i]);
      if (i < v6.size()) addresses_.push_back(v6[i]);
    }
  }

  void start() { try_next(); }

  /// Called now and then.
  void look(Clock::time_point now) {
    if (done_ && tried_ < addresses_.size() && now >= next_at_) try_next();
  }

  /// Ends it; `done` is not called.
  void cancel() {
    done_ = nullptr;
    sockets_.clear();
  }

 private:
  static constexpr std::size_t most_tried = 8;
  static constexpr std::chrono::milliseconds patience{250};

  void try_next() {
    const IpAddress address = addresses_[tried_++];
    next_at_ = Clock::now() + patience;
    const tcp::endpoint endpoint(asio_address(address), port_);
    const auto socket = std::make_shared<Socket>(context_);
    error_code ec;
    socket->open(endpoint.protocol(), ec);
    if (ec) return failed(ec);
    ::fcntl(socket->native_handle(), F_SETFD, FD_CLOEXEC);
    socket->non_blocking(true, ec);
    socket->set_option(tcp::no_delay(true), ec);
    sockets_.push_back(socket);
    ++trying_;
    socket->async_connect(endpoint, [self = shared_from_this(), weak = std::weak_ptr(socket), address](error_code error) {
      if (!self->done_) return;
      --self->trying_;
      if (error) return self->failed(error);
      auto connected = std::move(*weak.lock()); // held by sockets_ for as long as there is a done_
      const auto done = std::exchange(self->done_, nullptr);
      self->sockets_.clear();
      done({}, std::move(connected), address);
    });
  }

  void failed(error_code ec) {
    if (tried_ < addresses_.size()) return try_next();
    if (trying_ > 0) return;
    const auto done = std::exchange(done_, nullptr);
    sockets_.clear();
    done(ec, Socket(context_), addresses_.back());
  }

  static asio::ip::address asio_address(const IpAddress& address) {
    if (address.family == IpAddress::Family::v4) {
      asio::ip::address_v4::bytes_type bytes;
      std::memcpy(bytes.data(), address.bytes.data(), bytes.size());
      return asio::ip::address_v4(bytes);
    }
    return asio::ip::address_v6(address.bytes);
  }

  asio::io_context& context_;
  std::vector<IpAddress> addresses_;
  const std::uint16_t port_;
  Done done_;
  std::vector<std::shared_ptr<Socket>> sockets_;
  std::size_t tried_ = 0, trying_ = 0;
  Clock::time_point next_at_{};
};

} // namespace orkestr::inline v1::http_client
