// Servers on loopback that behave as a test says, well or badly: a thread for each connection, nothing of the client's code.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace orkestr::test {

/// A listening socket. @param port 0 for any
inline int listen_on(const std::string& address, std::uint16_t port, int backlog = 1024) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 || ::listen(fd, backlog) != 0)
    throw std::runtime_error("can't listen on " + address + ": " + std::strerror(errno));
  return fd;
}

inline std::uint16_t port_of(int fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

/// The server's end of one connection.
class Peer {
 public:
  Peer(int fd, int number, SSL_CTX* tls) : number(number), fd_(fd) {
    if (tls == nullptr) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), fd);
    secure_ = SSL_accept(ssl_.get()) == 1;
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) server_name = name;
  }

  const int number; ///< of the connection, from 0
  std::string server_name;

  [[nodiscard]] bool good() const { return !ssl_ || secure_; }

  /// The next request with its body; nullopt when there is none.
  std::optional<std::string> read_request() {
    for (;;) {
      if (const auto end = rest_.find("\r\n\r\n"); end != std::string::npos) {
        std::size_t body = 0;
        if (const auto at = rest_.find("Content-Length: "); at < end) body = std::stoul(rest_.substr(at + 16, 20));
        if (rest_.size() >= end + 4 + body) {
          std::string request = rest_.substr(0, end + 4 + body);
          rest_.erase(0, request.size());
          return request;
        }
      }
      char buffer[16 * 1024];
      const auto n = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof buffer) : static_cast<int>(::recv(fd_, buffer, sizeof buffer, 0));
      if (n <= 0) return std::nullopt;
      rest_.append(buffer, static_cast<std::size_t>(n));
    }
  }
  bool write(std::string_view text) {
    while (!text.empty()) {
      const auto n = ssl_ ? SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()))
                          : static_cast<int>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL));
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Waits until the other side closes.
  void linger() {
    char buffer[4096];
    while (::recv(fd_, buffer, sizeof buffer, 0) > 0) {
    }
  }
  /// Makes the end of the handler a reset in place of an orderly close.
  void reset() {
    const linger_t now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  using linger_t = struct linger;
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int fd_;
  std::unique_ptr<SSL, Free> ssl_;
  bool secure_ = false;
  std::string rest_;
};

class Server {
 public:
  using Handler = std::function<void(Peer&)>;

  explicit Server(Handler handler, SSL_CTX* tls = nullptr, const std::string& address = "127.0.0.1", std::uint16_t port = 0)
      : handler_(std::move(handler)), tls_(tls), listener_(listen_on(address, port)), acceptor_([this] { accept_all(); }) {}
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
  [[nodiscard]] std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
    return (tls_ != nullptr ? "https://" : "http://") + host + ":" + std::to_string(port()) + path;
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd, number = connections_++] {
        {
          Peer peer(fd, number, tls_);
          if (peer.good()) handler_(peer);
        }
        const std::lock_guard closing(mutex_);
        std::erase(open_, fd);
        ::close(fd);
      });
    }
  }

  Handler handler_;
  SSL_CTX* tls_;
  int listener_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Answers every request of a connection with that text.
inline Server::Handler always(std::string text) {
  return [text = std::move(text)](Peer& peer) {
    while (peer.read_request())
      if (!peer.write(text)) return;
  };
}

/// A port at which connections are neither taken nor refused: its queue is full.
class FullPort {
 public:
  explicit FullPort(const std::string& address = "127.0.0.1", std::uint16_t port = 0) : listener_(listen_on(address, port, 0)) {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &size);
    for (int& fd : fillers_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name);
    }
  }
  ~FullPort() {
    for (const int fd : fillers_) ::close(fd);
    ::close(listener_);
  }
  FullPort(const FullPort&) = delete;
  FullPort& operator=(const FullPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }

 private:
  int listener_;
  int fillers_[4];
};

} // namespace orkestr::test
