// The HTTP server among clients that misbehave, or behave in ways few do: what it costs is bounded, and the answer arrives.
#include "http/server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace orkestr;
using namespace std::chrono_literals;
using server::HttpOptions;
using server::HttpServer;
using Steady = std::chrono::steady_clock;

namespace {

/// Answers with what it saw; "/wait" holds a worker until the gate opens.
class Mirror final : public server::Application {
 public:
  std::atomic<int> waiting{0};

  void open_gate() {
    {
      const std::lock_guard guard(mutex_);
      open_ = true;
    }
    opened_.notify_all();
  }
  std::optional<api::Response> handle_now(const api::Request& request) override {
    if (request.target == "/may-wait-throws") throw std::runtime_error("planned");
    if (request.target.starts_with("/wait")) return std::nullopt;
    return handle(request);
  }
  api::Response handle(const api::Request& request) override {
    if (request.target == "/throws-an-int") throw 7;
    if (request.target.starts_with("/wait")) {
      ++waiting;
      std::unique_lock guard(mutex_);
      opened_.wait_for(guard, 5s, [&] { return open_; });
    }
    api::Response response;
    if (request.target == "/big") {
      response.body.assign(8 << 20, 'x');
    } else if (request.target == "/sum") {
      unsigned sum = 0;
      for (unsigned char c : request.body) sum = sum * 31 + c;
      response.body = std::to_string(request.body.size()) + ":" + std::to_string(sum);
    } else {
      response.body.append("[").append(request.target).append("|").append(request.header("host")).append("|").append(request.peer);
      response.body.append("|").append(request.body).append("]");
    }
    return response;
  }
  api::Response refuse(int status, std::string_view code, std::string_view) override {
    api::Response response;
    response.status = status;
    response.body.append("<").append(code).append(">");
    return response;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

class Peer {
 public:
  explicit Peer(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// @returns whether all of it was taken
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Reads until `mark` was seen `times` times, or the end, written as <EOF>, <RST> or (after two seconds) <TIMEOUT>.
  std::string until(std::string_view mark, int times = 1) {
    std::string text;
    std::size_t from = 0;
    char buffer[65536];
    for (;;) {
      for (auto at = text.find(mark, from); at != std::string::npos; at = text.find(mark, from)) {
        from = at + mark.size();
        if (--times == 0) return text;
      }
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, 2000) <= 0) return text + "<TIMEOUT>";
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n == 0) return text + "<EOF>";
      if (n < 0) return text + "<RST>";
      text.append(buffer, static_cast<std::size_t>(n));
    }
  }
  std::string to_end() { return until("<no such mark>"); }

  bool connected = false;

 private:
  int fd_;
};

HttpOptions short_limits() {
  HttpOptions options;
  options.limits.header_timeout = 300ms;
  options.limits.body_timeout = 600ms;
  options.limits.idle_timeout = 2s;
  options.limits.write_timeout = 300ms;
  options.limits.max_header_bytes = 4096;
  return options;
}

struct World {
  explicit World(const HttpOptions& options = short_limits()) : server(app, options) { server.start(); }
  ~World() {
    app.open_gate();
    server.stop(2s);
  }
  std::string once(std::string_view raw) {
    Peer peer(server.port());
    peer.send(raw);
    return peer.to_end();
  }
  Mirror app;
  HttpServer server;
};

std::string get(const std::string& target, const std::string& extra = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + extra + "\r\n";
}
const std::string closing = "Connection: close\r\n";
const std::string chunked = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string status(const std::string& answer) { return answer.size() < 12 ? answer : answer.substr(9, 3); }
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t open_descriptors() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++n;
  return n;
}

std::chrono::microseconds processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
         std::chrono::microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
}

} // namespace

TEST_CASE("a request cut at any byte is the same request") {
  World w;
  const std::string request = "POST /cut?a=b HTTP/1.1\r\nhOST: x\r\nContent-Length: 6\r\nX-A:  v \r\n\r\nabcdef";
  Peer peer(w.server.port());
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    CAPTURE(cut);
    peer.send(request.substr(0, cut));
    std::this_thread::sleep_for(500us);
    peer.send(request.substr(cut));
    REQUIRE(has(peer.until("]"), "[/cut?a=b|x|127.0.0.1|abcdef]"));
  }
}

TEST_CASE("a large body and what is pipelined behind it are told apart") {
  World w;
  std::string body(700'000, 'a');
  unsigned sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  for (unsigned char c : body) sum = sum * 31 + c;
  const auto expected = "700000:" + std::to_string(sum);
  Peer peer(w.server.port());
  const std::string plain = "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 700000\r\n\r\n" + body;
  std::string pieces = "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 7 % 9973 + 1) {
    char head[32];
    const auto part = std::string_view{body}.substr(at, size);
    std::snprintf(head, sizeof head, "%zx\r\n", part.size());
    pieces.append(head).append(part).append("\r\n");
  }
  pieces += "0\r\n\r\n";
  std::thread sender([&] { peer.send(plain + get("/one") + pieces + get("/two")); });
  const auto answers = peer.until("[/two|");
  sender.join();
  const auto first = answers.find(expected), one = answers.find("[/one|"), second = answers.rfind(expected);
  CHECK((first < one && one < second && second != std::string::npos));
}

TEST_CASE("HTTP/1.0 closes unless asked to stay, and is never told to continue") {
  World w;
  const auto plain = w.once("GET /a HTTP/1.0\r\n\r\n");
  CHECK(has(plain, "[/a|"));
  CHECK(plain.ends_with("<EOF>"));
  Peer peer(w.server.port());
  peer.send("GET /b HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
  CHECK(has(peer.until("]"), "Connection: keep-alive\r\n"));
  peer.send("POST /c HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  peer.send("x");
  CHECK(peer.to_end().starts_with("HTTP/1.1 200"));
}

TEST_CASE("an absolute target becomes a path, and its authority the host") {
  World w;
  const auto ask = [&](const std::string& target) { return w.once("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n"); };
  CHECK(has(ask("http://a.example/p?q=1"), "[/p?q=1|a.example|"));
  CHECK(has(ask("HTTP://a.example:80/p"), "[/p|a.example:80|"));
  CHECK(has(ask("http://a.example"), "[/|a.example|"));
  CHECK(has(ask("http://a.example?q=/1"), "[/?q=/1|a.example|"));
  for (const auto* target : {"http://", "http:///p", "http://?q", "ftp://a/p", "a.example:443", "*", "?q", "/a#b"}) {
    CAPTURE(std::string{target});
    CHECK(status(ask(target)) == "400");
  }
  CHECK(has(w.once("OPTIONS * HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n"), "[*|x|"));
}

TEST_CASE("a chunk's extension or a trailer without end is cut off, not stored") {
  World w;
  for (const auto& start : {chunked + "1;", chunked + "1;a=\"", chunked + "0;", chunked + "0\r\nX-T: "}) {
    CAPTURE(start);
    Peer peer(w.server.port());
    peer.send(start);
    const auto begin = Steady::now();
    const std::string block(64 * 1024, 'e');
    std::size_t sent = 0;
    while (sent < (64u << 20) && peer.send(block)) sent += block.size();
    // A closed window or a reset must come long before this much was taken; the deadline alone would be too late.
    CHECK(sent < (32u << 20));
    CHECK(Steady::now() - begin < 4s);
  }
  Peer polite(w.server.port());
  polite.send(chunked + "1;" + std::string(8000, 'e'));
  const auto answer = polite.to_end();
  CHECK((status(answer) == "400" || status(answer) == "431"));
  CHECK(answer.ends_with("<EOF>"));
}

TEST_CASE("whatever the application throws is a 500 for one request") {
  World w;
  for (const auto* target : {"/may-wait-throws", "/throws-an-int"}) {
    Peer peer(w.server.port());
    peer.send(get(target) + get("/after"));
    const auto answers = peer.until("[/after|");
    CHECK(status(answers) == "500");
    CHECK(has(answers, "[/after|"));
  }
}

TEST_CASE("a refusal reaches a client that is still sending") {
  World w;
  for (int i = 0; i < 10; ++i) {
    Peer peer(w.server.port());
    std::thread sender([&] { peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'b')); });
    const auto answer = peer.to_end();
    sender.join();
    CHECK(status(answer) == "413");
    CHECK(answer.ends_with("<body_too_large><EOF>"));
  }
}

TEST_CASE("a client too many reads its 503 even if it had sent its request") {
  auto options = short_limits();
  options.limits.max_connections_per_peer = 1;
  World w(options);
  Peer first(w.server.port());
  first.send(get("/"));
  CHECK(status(first.until("]")) == "200");
  for (int i = 0; i < 100; ++i) {
    const auto answer = w.once(get("/"));
    REQUIRE(status(answer) == "503");
    REQUIRE(answer.ends_with("><EOF>"));
  }
}

TEST_CASE("a body that drips does not outlive its deadline") {
  World w;
  Peer peer(w.server.port());
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  const auto begin = Steady::now();
  while (Steady::now() - begin < 1000ms && peer.send("x")) std::this_thread::sleep_for(20ms);
  CHECK(status(peer.to_end()) == "408");
  CHECK(Steady::now() - begin < 3500ms);
}

TEST_CASE("a reader that takes nothing is reset") {
  World w;
  Peer peer(w.server.port(), 4096);
  peer.send(get("/big") + get("/big"));
  while (w.server.stats().accepted == 0) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(100ms);
  CHECK(w.server.stats().open_connections == 1);
  for (int i = 0; i < 300 && w.server.stats().open_connections > 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(w.server.stats().open_connections == 0);
  CHECK(peer.to_end().ends_with("<RST>"));
}

TEST_CASE("a reader that is slow but reads gets all of 8 MiB") {
  World w;
  Peer peer(w.server.port(), 65536);
  peer.send(get("/big", closing));
  std::this_thread::sleep_for(150ms);
  const auto answer = peer.to_end();
  CHECK(answer.size() > (8u << 20));
  CHECK(answer.ends_with("x<EOF>"));
}

TEST_CASE("six hundred connections are served and their descriptors come back") {
  World w;
  CHECK(status(w.once(get("/", closing))) == "200");
  const auto before = open_descriptors();
  {
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < 600; ++i) peers.push_back(std::make_unique<Peer>(w.server.port()));
    for (auto& peer : peers) peer->send(get("/many"));
    for (auto& peer : peers) REQUIRE(status(peer->until("]")) == "200");
    CHECK(w.server.stats().open_connections == 600);
  }
  for (int i = 0; i < 200 && w.server.stats().open_connections > 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(open_descriptors() <= before + 1);
}

TEST_CASE("without descriptors the server waits, without spinning, and goes on when there are some") {
  World w;
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  rlimit tight = old;
  tight.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  std::vector<int> hoard;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) hoard.push_back(fd);
  ::close(hoard.back()); // for the client's end; none is left for the server's
  hoard.pop_back();
  Peer starved(w.server.port());
  const auto used = processor_time();
  std::this_thread::sleep_for(300ms);
  const auto spent = processor_time() - used;
  for (int fd : hoard) ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &old);
  CHECK(starved.connected);
  CHECK(spent < 100ms);
  starved.send(get("/late", closing));
  CHECK(has(starved.to_end(), "[/late|"));
}

TEST_CASE("many pipelined requests on a full queue are each refused, at the depth of one") {
  auto options = short_limits();
  options.worker_threads = 1;
  options.max_queue = 1;
  World w(options);
  Peer one(w.server.port()), two(w.server.port());
  one.send(get("/wait1"));
  while (w.app.waiting == 0) std::this_thread::sleep_for(1ms);
  two.send(get("/wait2"));
  std::this_thread::sleep_for(50ms);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += get("/wait");
  Peer flood(w.server.port());
  std::thread sender([&] { flood.send(many); });
  const auto answers = flood.until("<busy>", 5000);
  sender.join();
  CHECK(answers.ends_with("<busy>"));
  CHECK(has(answers, "Retry-After: 1\r\n"));
}

TEST_CASE("stopping waits no longer than its grace for clients that are slow") {
  auto options = short_limits();
  options.limits.header_timeout = 10s;
  options.limits.write_timeout = 10s;
  World w(options);
  Peer half(w.server.port()), stuck(w.server.port(), 4096);
  half.send("GET / HT");
  stuck.send(get("/big"));
  std::this_thread::sleep_for(50ms);
  const auto begin = Steady::now();
  w.server.stop(300ms);
  const auto took = Steady::now() - begin;
  CHECK(took >= 250ms);
  CHECK(took < 1500ms);
  w.server.stop(300ms); // a second time is nothing
}

TEST_CASE("a stop in the middle of load loses no request that was answered in part") {
  for (int round = 0; round < 5; ++round) {
    auto w = std::make_unique<World>();
    const auto port = w->server.port();
    std::atomic<int> torn{0}, whole{0};
    std::vector<std::thread> clients;
    for (int t = 0; t < 4; ++t)
      clients.emplace_back([&] {
        for (;;) {
          Peer peer(port);
          if (!peer.connected) return;
          for (int i = 0; i < 50; ++i) {
            if (!peer.send(get("/load"))) return;
            const auto answer = peer.until("]");
            if (has(answer, "HTTP/1.1") && !answer.ends_with("]")) ++torn;
            if (!answer.ends_with("]")) return;
            ++whole;
            if (has(answer, "Connection: close")) return;
          }
        }
      });
    std::this_thread::sleep_for(30ms);
    w->server.stop(2s);
    for (auto& client : clients) client.join();
    CHECK(torn == 0);
    CHECK(whole > 0);
  }
}

TEST_CASE("an address that can't be had is a std::system_error, and a server never started ends quietly") {
  Mirror app;
  HttpServer one(app, {});
  HttpOptions same;
  same.port = one.port();
  CHECK_THROWS_AS(HttpServer(app, same), std::system_error);
  HttpOptions nonsense;
  nonsense.address = "not an address";
  CHECK_THROWS_AS(HttpServer(app, nonsense), std::system_error);
}

TEST_CASE("a caller over IPv4 has an IPv4 address even where the server listens on both") {
  Mirror app;
  HttpOptions options;
  options.address = "::";
  HttpServer server(app, options);
  server.start();
  Peer peer(server.port());
  REQUIRE(peer.connected);
  peer.send(get("/", closing));
  CHECK(has(peer.to_end(), "[/|x|127.0.0.1|]"));
  server.stop(1s);
}
