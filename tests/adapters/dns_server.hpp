// A name server on loopback that says what a test wants, and counts what it is asked.
#pragma once

#include "orkestr/engine/network_guard.hpp"

#include "adapters/servers.hpp"

#include <map>

namespace orkestr::test {

enum RecordType : std::uint16_t { type_a = 1, type_cname = 5, type_aaaa = 28 };

/// An answer, as bytes.
class DnsReply {
 public:
  /// @param query the datagram that is answered
  explicit DnsReply(std::string_view query, int rcode = 0) : message_(query.substr(0, question_end(query))) {
    message_[2] = '\x81';
    message_[3] = static_cast<char>(0x80 | rcode);
    message_.replace(6, 6, 6, '\0');
  }
  DnsReply& address(const std::string& name, const std::string& text) {
    const auto ip = *IpAddress::parse(text);
    const bool v4 = ip.family == IpAddress::Family::v4;
    return record(name, v4 ? type_a : type_aaaa, {reinterpret_cast<const char*>(ip.bytes.data()), v4 ? 4u : 16u});
  }
  DnsReply& cname(const std::string& name, const std::string& other) { return record(name, type_cname, encode(other)); }
  DnsReply& record(const std::string& name, std::uint16_t type, const std::string& data) {
    message_ += encode(name);
    for (const unsigned number : {static_cast<unsigned>(type), 1u, 0u, 60u, static_cast<unsigned>(data.size())})
      message_.append({static_cast<char>(number >> 8), static_cast<char>(number)});
    message_ += data;
    ++message_[7];
    return *this;
  }
  operator std::string() const { return message_; }

 private:
  static std::size_t question_end(std::string_view query) { return query.find('\0', 12) + 5; }
  static std::string encode(const std::string& name) {
    std::string out;
    for (std::size_t from = 0; from < name.size();) {
      const auto label = name.substr(from, name.find('.', from) - from);
      out.append(1, static_cast<char>(label.size())).append(label);
      from += label.size() + 1;
    }
    return out + '\0';
  }
  std::string message_;
};

class DnsServer {
 public:
  struct Question {
    std::string name;
    std::uint16_t type;
    int times; ///< that this was asked before
    std::string_view query;
  };
  /// @returns the datagram to answer with; empty for none
  using Script = std::function<std::string(const Question&)>;

  explicit DnsServer(Script script) : script_(std::move(script)), fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) throw std::runtime_error("can't bind a name server");
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsServer() {
    ::shutdown(fd_, SHUT_RDWR); // wakes recvfrom with nothing
    stopping_ = true;
    sockaddr_in name{};
    socklen_t size = sizeof name;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
    const int other = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ::sendto(other, "", 0, 0, reinterpret_cast<sockaddr*>(&name), size);
    ::close(other);
    thread_.join();
    ::close(fd_);
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_of(fd_)); }
  [[nodiscard]] int asked(const std::string& name, std::uint16_t type) const {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find({name, type});
    return found == asked_.end() ? 0 : found->second;
  }

 private:
  void serve() {
    char buffer[512];
    sockaddr_in from{};
    for (;;) {
      socklen_t size = sizeof from;
      const auto n = ::recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (stopping_) return;
      if (n < 17) continue;
      const std::string_view query(buffer, static_cast<std::size_t>(n));
      Question question{{}, 0, 0, query};
      std::size_t at = 12;
      for (; query[at] != '\0'; at += 1 + static_cast<unsigned char>(query[at]))
        question.name.append(question.name.empty() ? "" : ".").append(query.substr(at + 1, static_cast<unsigned char>(query[at])));
      question.type =
          static_cast<std::uint16_t>(static_cast<unsigned char>(query[at + 1]) << 8 | static_cast<unsigned char>(query[at + 2]));
      {
        const std::lock_guard lock(mutex_);
        question.times = asked_[{question.name, question.type}]++;
      }
      const std::string reply = script_(question);
      if (!reply.empty()) ::sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  Script script_;
  int fd_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, int> asked_;
  std::thread thread_;
};

/// A script in which every name has these addresses.
inline DnsServer::Script all_names(std::vector<std::string> addresses) {
  return [addresses = std::move(addresses)](const DnsServer::Question& question) {
    DnsReply reply(question.query);
    for (const auto& address : addresses)
      if ((address.find(':') != std::string::npos) == (question.type == type_aaaa)) reply.address(question.name, address);
    return std::string{reply};
  };
}

} // namespace orkestr::test
