// c-ares on an io_context: many names at once, none of which waits for another. Included by http_client.cpp only.
#pragma once

#include "orkestr/adapters/http_client.hpp"

#include "adapters/http_client/net.hpp"
#include "base/text.hpp"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace orkestr::inline v1::http_client {

/// @thread_safety its context's thread only
class Resolver {
 public:
  Resolver(asio::io_context& context, DnsOptions options) : context_(context), options_(std::move(options)), timer_(context) {}
  ~Resolver() { shut(); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  [[nodiscard]] Result<void> open() {
    // Reads files and random bytes, so it takes part in no look-up's time; the library itself is set up once a process.
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    ares_options settings{};
    char dns_alone[] = "b";
    settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    settings.lookups = dns_alone;
    settings.timeout = static_cast<int>(options_.timeout.count());
    settings.tries = 2;
    settings.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<Resolver*>(self)->watch(fd, readable != 0, writable != 0);
    };
    settings.sock_state_cb_data = this;
    int status = library;
    if (status == ARES_SUCCESS)
      status = ares_init_options(&channel_, &settings,
                                 ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
                                     ARES_OPT_SOCK_STATE_CB);
    if (status == ARES_SUCCESS && !options_.servers.empty()) {
      status = ares_set_servers_ports_csv(channel_, options_.servers.c_str());
      if (status != ARES_SUCCESS) close();
    }
    if (status != ARES_SUCCESS) return fail(Code::internal, std::string{"can't set up DNS: "} + ares_strerror(status));
    opened_ = Clock::now();
    return {};
  }

  /// Every question is answered as `stopped`: those under way, and what comes.
  void shut() {
    shut_ = true;
    close();
  }

  void resolve(const std::string& host, std::function<void(DnsAddresses)> done) {
    if (!ready()) return done({shut_ ? DnsFailure::stopped : DnsFailure::failed, {}});
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // otherwise each address comes once for each type
    hints.ai_flags = ARES_AI_NOSORT; // which would open sockets to find out
    ares_getaddrinfo(
        channel_, host.c_str(), nullptr, &hints,
        [](void* argument, int status, int, ares_addrinfo* found) {
          const std::unique_ptr<Addresses> question(static_cast<Addresses*>(argument));
          question->done(status == ARES_SUCCESS ? addresses_of(found) : DnsAddresses{failure_of(status), {}});
          if (found != nullptr) ares_freeaddrinfo(found);
        },
        std::make_unique<Addresses>(ask(std::move(done))).release());
    wait();
  }

  void cname(const std::string& host, std::function<void(DnsAlias)> done) {
    if (!ready()) return done({shut_ ? DnsFailure::stopped : DnsFailure::failed, {}});
    ares_query(
        channel_, host.c_str(), ns_c_in, ns_t_cname,
        [](void* argument, int status, int, unsigned char* message, int size) {
          const std::unique_ptr<Alias> question(static_cast<Alias*>(argument));
          question->done(status == ARES_SUCCESS ? alias_of(message, size) : DnsAlias{failure_of(status), {}});
        },
        std::make_unique<Alias>(ask(std::move(done))).release());
    wait();
  }

 private:
  /// Counts itself for as long as it is under way.
  template <class Answer> struct Question {
    std::function<void(Answer)> done;
    std::shared_ptr<void> counted;
  };
  using Addresses = Question<DnsAddresses>;
  using Alias = Question<DnsAlias>;
  template <class Answer> Question<Answer> ask(std::function<void(Answer)> done) {
    ++asked_;
    return {std::move(done), std::shared_ptr<void>(nullptr, [this](void*) { --asked_; })};
  }

  /// The system's settings may have changed since they were read; between questions they can be read again.
  bool ready() {
    if (channel_ != nullptr && asked_ == 0 && options_.servers.empty() && Clock::now() - opened_ > std::chrono::minutes{1}) close();
    return channel_ != nullptr || (!shut_ && open().has_value());
  }
  void close() {
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
    timer_.cancel();
  }

  static DnsFailure failure_of(int status) {
    switch (status) {
    case ARES_ENODATA:
    case ARES_ENOTFOUND: return DnsFailure::not_found;
    case ARES_ETIMEOUT: return DnsFailure::timeout;
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED: return DnsFailure::stopped;
    default: return DnsFailure::failed;
    }
  }

  static DnsAddresses addresses_of(const ares_addrinfo* found) {
    DnsAddresses answer;
    for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
      IpAddress address;
      if (node->ai_family == AF_INET) {
        std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr, 4);
      } else if (node->ai_family == AF_INET6) {
        address.family = IpAddress::Family::v6;
        std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(node->ai_addr)->sin6_addr, 16);
      } else {
        continue;
      }
      answer.addresses.push_back(address);
    }
    std::ranges::stable_sort(answer.addresses, {}, &IpAddress::family);
    if (answer.addresses.empty()) answer.failure = DnsFailure::not_found;
    return answer;
  }

  /// c-ares has no parser for this record: the first CNAME among the answers is the one of the name asked for.
  static DnsAlias alias_of(const unsigned char* message, int size) {
    constexpr int header = 12, fixed = 10; // of the message; of a record after its name
    const auto number = [message](int at) { return message[at] << 8 | message[at + 1]; };
    if (size < header) return {DnsFailure::failed, {}};
    int at = header;
    std::string name;
    const auto read_name = [&] {
      char* text = nullptr;
      long length = 0;
      if (at >= size || ares_expand_name(message + at, message, size, &text, &length) != ARES_SUCCESS) return false;
      name = text;
      ares_free_string(text);
      at += static_cast<int>(length);
      return true;
    };
    for (int questions = number(4); questions > 0; --questions) {
      if (!read_name() || at + 4 > size) return {DnsFailure::failed, {}};
      at += 4;
    }
    for (int answers = number(6); answers > 0; --answers) {
      if (!read_name() || at + fixed > size) return {DnsFailure::failed, {}};
      const int type = number(at), length = number(at + 8);
      at += fixed;
      if (at + length > size) return {DnsFailure::failed, {}};
      const int next = at + length;
      if (type == ns_t_cname) {
        if (!read_name()) return {DnsFailure::failed, {}};
        name = ascii_lower(std::move(name));
        if (name.ends_with('.')) name.pop_back();
        return {DnsFailure::none, std::move(name)};
      }
      at = next;
    }
    return {DnsFailure::not_found, {}};
  }

  struct Watched {
    explicit Watched(asio::io_context& context, int fd) : descriptor(context, fd) {}
    ~Watched() { descriptor.release(); } // c-ares closes it
    Descriptor descriptor;
    bool read = false, write = false;      ///< wanted
    bool reading = false, writing = false; ///< waited for
  };

  /// c-ares tells for which of its sockets it wants to know what.
  void watch(int fd, bool read, bool write) {
    const auto found = watched_.find(fd);
    if (!read && !write) {
      if (found != watched_.end()) watched_.erase(found);
      return;
    }
    auto& watched = found != watched_.end() ? found->second : watched_[fd];
    if (!watched) watched = std::make_shared<Watched>(context_, fd);
    watched->read = read;
    watched->write = write;
    wait_for(watched, fd);
  }

  void wait_for(const std::shared_ptr<Watched>& watched, int fd) {
    if (watched->read && !std::exchange(watched->reading, true))
      watched->descriptor.async_wait(Descriptor::wait_read, [this, fd, weak = std::weak_ptr(watched)](error_code ec) {
        const auto locked = weak.lock();
        if (!locked) return; // c-ares is done with it, or gone
        locked->reading = false;
        if (!ec) process(locked, fd, fd, ARES_SOCKET_BAD);
      });
    if (watched->write && !std::exchange(watched->writing, true))
      watched->descriptor.async_wait(Descriptor::wait_write, [this, fd, weak = std::weak_ptr(watched)](error_code ec) {
        const auto locked = weak.lock();
        if (!locked) return;
        locked->writing = false;
        if (!ec) process(locked, fd, ARES_SOCKET_BAD, fd);
      });
  }

  void process(const std::shared_ptr<Watched>& watched, int fd, int readable, int writable) {
    if (channel_ == nullptr) return;
    ares_process_fd(channel_, readable, writable);
    // The socket may be closed by now, and its number be another's.
    if (const auto found = watched_.find(fd); found != watched_.end() && found->second == watched) wait_for(watched, fd);
    wait();
  }

  /// Sets the timer to when c-ares wants to try again or give up.
  void wait() {
    timeval left{};
    if (channel_ == nullptr || ares_timeout(channel_, nullptr, &left) == nullptr) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec + 1'000});
    timer_.async_wait([this](error_code ec) {
      if (ec || channel_ == nullptr) return;
      ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      wait();
    });
  }

  asio::io_context& context_;
  const DnsOptions options_;
  Timer timer_;
  ares_channel channel_ = nullptr;
  Clock::time_point opened_{};
  std::size_t asked_ = 0;
  bool shut_ = false;
  std::unordered_map<int, std::shared_ptr<Watched>> watched_;
};

} // namespace orkestr::inline v1::http_client
