// A mail server of one connection after another, on loopback, that says what it is told to.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace orkestr::test {

class SmtpPeer {
 public:
  struct Received {
    std::string from, to, text;
  };

  SmtpPeer() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(fd_, 8);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~SmtpPeer() {
    stopping_ = true;
    ::shutdown(fd_, SHUT_RDWR);
    if (const int open = connection_; open >= 0) ::shutdown(open, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  SmtpPeer(const SmtpPeer&) = delete;
  SmtpPeer& operator=(const SmtpPeer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& user = {}) const { return "smtp://" + user + "127.0.0.1:" + std::to_string(port_); }
  /// What it answers to a command from now on, in place of consent: `RCPT`, `DATA`, `.` for the text, `EHLO`, `` for the greeting.
  void answer(const std::string& command, const std::string& line) {
    const std::lock_guard guard(mutex_);
    answers_[command] = line;
  }
  [[nodiscard]] std::vector<Received> received() {
    const std::lock_guard guard(mutex_);
    return received_;
  }
  [[nodiscard]] std::vector<std::string> commands() {
    const std::lock_guard guard(mutex_);
    return commands_;
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  std::string reply(const std::string& command, const std::string& otherwise) {
    const std::lock_guard guard(mutex_);
    const auto found = answers_.find(command);
    return (found == answers_.end() ? otherwise : found->second) + "\r\n";
  }

  void serve() {
    while (!stopping_) {
      const int fd = ::accept(fd_, nullptr, nullptr);
      if (fd < 0) return;
      connection_ = fd;
      ++connections_;
      talk(fd);
      connection_ = -1;
      ::close(fd);
    }
  }

  void talk(int fd) {
    std::string buffer;
    const auto send = [&](const std::string& text) { (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL); };
    const auto read_until = [&](const std::string& mark) -> std::string {
      char bytes[4096];
      std::size_t at = 0;
      while ((at = buffer.find(mark)) == std::string::npos) {
        const auto n = ::recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0) return {};
        buffer.append(bytes, static_cast<std::size_t>(n));
      }
      auto text = buffer.substr(0, at + mark.size());
      buffer.erase(0, at + mark.size());
      return text;
    };
    send(reply("", "220 peer ready"));
    Received mail;
    for (std::string line; !(line = read_until("\r\n")).empty();) {
      line.resize(line.size() - 2);
      {
        const std::lock_guard guard(mutex_);
        commands_.push_back(line);
      }
      const auto word = line.substr(0, 4);
      if (word == "EHLO") {
        send(reply("EHLO", "250-peer\r\n250 AUTH PLAIN"));
      } else if (word == "MAIL") {
        mail = {line, {}, {}};
        send(reply(word, "250 ok"));
      } else if (word == "RCPT") {
        mail.to = line;
        send(reply(word, "250 ok"));
      } else if (word == "DATA") {
        const auto go = reply(word, "354 go on");
        send(go);
        if (!go.starts_with("354")) continue;
        mail.text = read_until("\r\n.\r\n");
        const auto taken = reply(".", "250 taken");
        if (taken.starts_with("250")) {
          const std::lock_guard guard(mutex_);
          received_.push_back(mail);
        }
        send(taken);
      } else if (line == "AUTH PLAIN") {
        send(reply(word, "334 "));
      } else {
        send(word == "QUIT" ? "221 bye\r\n" : reply(word, "235 ok"));
      }
    }
  }

  int fd_, port_ = 0;
  std::atomic<int> connection_{-1}, connections_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::vector<Received> received_;
  std::vector<std::string> commands_;
  std::thread thread_;
};

} // namespace orkestr::test
