// The HTTP server over real sockets: framing, limits, deadlines, shutdown. The client is plain POSIX.
#include "http/server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <unistd.h>

using namespace orkestr;
using namespace std::chrono_literals;
using server::HttpOptions;
using server::HttpServer;

namespace {

class Echo final : public server::Application {
 public:
  std::atomic<int> slow_running{0};

  std::optional<api::Response> handle_now(const api::Request& request) override {
    if (request.target.starts_with("/slow")) return std::nullopt;
    return handle(request);
  }
  api::Response handle(const api::Request& request) override {
    api::Response response;
    if (request.target == "/throw") throw std::runtime_error("planned");
    if (request.target == "/none") response.status = 204;
    if (request.target == "/peer") response.body = "peer=" + std::string{request.peer} + "|";
    if (request.target == "/big") response.body.assign(8 << 20, 'x');
    if (request.target.starts_with("/slow")) {
      ++slow_running;
      std::this_thread::sleep_for(300ms);
    }
    if (!response.body.empty() || response.status != 200) return response;
    response.body = std::string{request.target} + "|" + std::string{request.body} + "|" + std::to_string(request.headers.size()) + "|" +
                    std::string{request.header("x-trailer")} + std::string{request.header("X-Mark")};
    return response;
  }
  std::optional<std::size_t> max_body_bytes(api::Method method, std::string_view path) const override {
    return method == api::Method::post && path == "/large" ? std::optional<std::size_t>{5000} : std::nullopt;
  }
  api::Response refuse(int status, std::string_view code, std::string_view) override {
    api::Response response;
    response.status = status;
    response.body = code;
    if (status == 503) response.set("Retry-After", "1");
    return response;
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// Reads until `enough(text)`, the end, or a pause of two seconds; the end is written as <EOF>, a reset as <RST>.
  template <class F> std::string read_until(F&& enough) {
    std::string text;
    char buffer[65536];
    while (!enough(text)) {
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, 2000) <= 0) return text + "<TIMEOUT>";
      const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n == 0) return text + "<EOF>";
      if (n < 0) return text + "<RST>";
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }
  std::string until(const std::string& mark, std::size_t times = 1) {
    return read_until([&](const std::string& text) {
      std::size_t found = 0;
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) ++found;
      return found >= times;
    });
  }
  std::string to_end() {
    return read_until([](const std::string&) { return false; });
  }

  bool connected = false;

 private:
  int fd_;
};

HttpOptions short_limits() {
  HttpOptions options;
  options.limits.header_timeout = 300ms;
  options.limits.body_timeout = 300ms;
  options.limits.idle_timeout = 600ms;
  options.limits.write_timeout = 400ms;
  options.limits.max_header_bytes = 2000;
  options.limits.max_headers = 10;
  options.limits.max_target_bytes = 100;
  options.limits.max_body_bytes = 1000;
  return options;
}

struct World {
  explicit World(HttpOptions options = short_limits()) : server(app, options) { server.start(); }
  ~World() { server.stop(2s); }
  std::string once(const std::string& raw) {
    Client client(server.port());
    client.send(raw);
    return client.to_end();
  }
  Echo app;
  HttpServer server;
};

std::string status(const std::string& answer) { return answer.substr(9, 3); }
std::string get(const std::string& target, const std::string& extra = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + extra + "\r\n";
}
const std::string closing = "Connection: close\r\n";

std::size_t open_descriptors() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++n;
  return n;
}

} // namespace

TEST_CASE("pipelined requests are answered in order on one connection") {
  World w;
  Client client(w.server.port());
  std::string all;
  for (int i = 0; i < 20; ++i) all += get((i % 5 == 4 ? "/slow" : "/r") + std::to_string(i));
  client.send(all);
  const auto answers = client.until("|1|", 20);
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    at = answers.find((i % 5 == 4 ? "/slow" : "/r") + std::to_string(i) + "||", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("a proxy's header names the client by its last value, where the server is told to believe it") {
  const std::string asks = get("/peer", "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 7.7.7.7, 192.0.2.9\r\n" + closing);
  for (const bool believed : {false, true}) {
    auto options = short_limits();
    if (believed) options.client_address_header = "X-Forwarded-For";
    World w(options);
    CHECK(w.once(asks).find(believed ? "peer=192.0.2.9|" : "peer=127.0.0.1|") != std::string::npos);
  }
}

TEST_CASE("HEAD sends the length without the body, 204 neither") {
  World w;
  const auto head = w.once("HEAD /abc HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n");
  CHECK(status(head) == "200");
  CHECK(head.find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n<EOF>"));
  const auto none = w.once(get("/none", closing));
  CHECK(status(none) == "204");
  CHECK(none.find("Content-Length") == std::string::npos);
}

TEST_CASE("chunked bodies are put together, and a trailer never becomes a header") {
  World w;
  const std::string request = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + closing +
                              "\r\n3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Trailer: smuggled\r\n\r\n";
  const auto answer = w.once(request);
  CHECK(answer.find("/c|abcdefg|3|<EOF>") != std::string::npos);
  // However the bytes arrive.
  for (std::size_t cut = 1; cut < request.size(); cut += 3) {
    Client client(w.server.port());
    client.send(request.substr(0, cut));
    std::this_thread::sleep_for(1ms);
    client.send(request.substr(cut));
    CHECK(client.to_end().ends_with("/c|abcdefg|3|<EOF>"));
  }
}

TEST_CASE("a client that expects 100-continue is told to go on") {
  World w;
  Client client(w.server.port());
  client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + closing + "\r\n");
  CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK(client.to_end().find("/e|abc|") != std::string::npos);
}

TEST_CASE("every limit holds at its last value and answers at one more") {
  World w;
  const auto with_header_bytes = [&](std::size_t total) {
    const std::string empty = get("/", closing + "X-Pad: \r\n");
    return status(w.once(get("/", closing + "X-Pad: " + std::string(total - empty.size(), 'a') + "\r\n")));
  };
  CHECK(with_header_bytes(2000) == "200");
  CHECK(with_header_bytes(2001) == "431");
  const auto with_headers = [&](int n) {
    std::string extra = closing;
    for (int i = 2; i < n; ++i) extra += "X-" + std::to_string(i) + ": a\r\n";
    return status(w.once(get("/", extra)));
  };
  CHECK(with_headers(10) == "200");
  CHECK(with_headers(11) == "431");
  CHECK(status(w.once(get("/" + std::string(99, 'a'), closing))) == "200");
  CHECK(status(w.once(get("/" + std::string(100, 'a'), closing))) == "414");
  const auto with_body = [&](std::size_t n) {
    return status(
        w.once("POST / HTTP/1.1\r\nHost: x\r\n" + closing + "Content-Length: " + std::to_string(n) + "\r\n\r\n" + std::string(n, 'b')));
  };
  CHECK(with_body(1000) == "200");
  CHECK(with_body(1001) == "413");
  const auto with_chunks = [&](int extra) {
    return status(w.once("POST / HTTP/1.1\r\nHost: x\r\n" + closing + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'b') +
                         "\r\n" + (extra ? "1f5" : "1f4") + "\r\n" + std::string(500 + static_cast<std::size_t>(extra), 'b') +
                         "\r\n0\r\n\r\n"));
  };
  CHECK(with_chunks(0) == "200");
  CHECK(with_chunks(1) == "413");
}

TEST_CASE("a path may take larger bodies, which method and path decide before any of the body is read") {
  World w;
  const auto announced = [&](const std::string& line, std::size_t size) {
    return status(w.once(line + " HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nConnection: close\r\nContent-Length: " + std::to_string(size) +
                         "\r\n\r\n" + std::string(size, 'b')));
  };
  const auto chunked = [&](const std::string& line, std::size_t size) {
    std::string raw = line + " HTTP/1.1\r\nHost: x\r\nCookie: x=y\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t sent = 0; sent < size; ++sent) raw += "1\r\nb\r\n";
    return status(w.once(raw + "0\r\n\r\n"));
  };
  for (const auto& send : {std::function<std::string(const std::string&, std::size_t)>{announced}, {chunked}}) {
    for (const auto* line : {"POST /large", "POST /large?x=/small", "POST http://x/large", "POST HTTP://x/large?y"}) {
      CAPTURE(line);
      CHECK(send(line, 5000) == "200");
      CHECK(send(line, 5001) == "413");
    }
    for (const auto* line : {"PUT /large", "POST /large/", "POST /small?/large", "POST http://large/", "POST /small?x=://y/large",
                             "POST //large", "POST /%6carge", "POST http://x?/large"}) {
      CAPTURE(line);
      CHECK(send(line, 1000) == "200");
      CHECK(send(line, 1001) == "413");
    }
  }
  // Only callers who say who they are send so much.
  Client stranger(w.server.port());
  stranger.send("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n");
  CHECK(status(stranger.to_end()) == "401");
  // Not a byte of the body is needed to refuse it.
  Client client(w.server.port());
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  CHECK(status(client.to_end()) == "413");
  // The next request on the connection has the usual limit again.
  Client both(w.server.port());
  both.send("POST /large HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'b') +
            "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n");
  const auto answers = both.to_end();
  CHECK(status(answers) == "200");
  CHECK(answers.find("HTTP/1.1 413") != std::string::npos);
}

TEST_CASE("shapes by which requests are smuggled are refused, and the connection ends") {
  World w;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::pair<const char*, std::string> shapes[] = {
      {"both framings", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"gzip", post + "Transfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"},
      {"chunked, gzip", post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
      {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked in 1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"two lengths", post + "Content-Length: 0\r\nContent-Length: 1\r\n\r\n"},
      {"one length twice", post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"},
      {"list of lengths", post + "Content-Length: 0, 0\r\n\r\n"},
      {"signed length", post + "Content-Length: +1\r\n\r\na"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"space before colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
      {"folded line", "GET / HTTP/1.1\r\nHost: x\r\nX-Mark: a\r\n b\r\n\r\n"},
      {"NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-Mark: a" + std::string(1, '\0') + "b\r\n\r\n"},
      {"bare CR in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-Mark: a\rb\r\n\r\n"},
      {"bad chunk size", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"},
      {"negative chunk size", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"},
      {"huge chunk size", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"},
      {"chunk without its end", post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc0\r\n\r\n"},
      {"relative target", "GET livez HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"not HTTP", "\x16\x03\x01\x02\r\n\r\n"},
  };
  for (const auto& [name, raw] : shapes) {
    CAPTURE(std::string{name});
    const auto answer = w.once(raw + get("/smuggled"));
    CHECK((status(answer) == "400" || status(answer) == "413")); // a size beyond any limit is too large as well
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(answer.find("smuggled") == std::string::npos);
    CHECK(answer.ends_with("<EOF>"));
  }
  CHECK(status(w.once("GET / HTTP/2.0\r\nHost: x\r\n\r\n")) == "505");
  CHECK(w.once("GET http://other/abs HTTP/1.1\r\nHost: x\r\n" + closing + "\r\n").find("/abs||") != std::string::npos);
}

TEST_CASE("slow clients are dropped by their deadlines while others are served") {
  World w;
  Client slow_header(w.server.port()), slow_body(w.server.port()), slow_reader(w.server.port()), idle(w.server.port());
  slow_header.send("GET / HT");
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  std::string many;
  for (int i = 0; i < 3; ++i) many += get("/big");
  slow_reader.send(many); // and never reads
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    CHECK(status(w.once(get("/quick", closing))) == "200");
    std::this_thread::sleep_for(10ms);
  }
  CHECK(status(slow_header.to_end()) == "408");
  CHECK(status(slow_body.to_end()) == "408");
  CHECK(idle.to_end() == "<EOF>");
  CHECK(std::chrono::steady_clock::now() - start < 4s);
  for (int i = 0; i < 400 && w.server.stats().open_connections > 0; ++i) std::this_thread::sleep_for(10ms);
  CHECK(w.server.stats().open_connections == 0);
  CHECK(w.server.stats().timed_out >= 4);
}

TEST_CASE("an answer of 8 MiB arrives whole, an exception is a 500, and the server lives on") {
  World w;
  const auto big = w.once(get("/big", closing));
  CHECK(big.size() > (8u << 20));
  CHECK(status(w.once(get("/throw", closing))) == "500");
  CHECK(status(w.once(get("/", closing))) == "200");
}

TEST_CASE("connections are counted by peer and in all, and descriptors come back") {
  auto options = short_limits();
  options.limits.max_connections_per_peer = 300;
  World w(options);
  const auto before = open_descriptors();
  {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 300; ++i) {
      clients.push_back(std::make_unique<Client>(w.server.port()));
      clients.back()->send(get("/"));
      CHECK(status(clients.back()->until("|1|")) == "200");
    }
    CHECK(status(w.once(get("/"))) == "503");
  }
  std::this_thread::sleep_for(400ms);
  CHECK(open_descriptors() <= before + 2);
  CHECK(status(w.once(get("/", closing))) == "200");
}

TEST_CASE("a full queue of workers answers 503 with Retry-After") {
  auto options = short_limits();
  options.worker_threads = 1;
  options.max_queue = 1;
  World w(options);
  Client first(w.server.port());
  first.send(get("/slow1"));
  while (w.app.slow_running == 0) std::this_thread::sleep_for(1ms);
  Client second(w.server.port());
  second.send(get("/slow2"));
  std::this_thread::sleep_for(50ms);
  const auto refused = w.once(get("/slow3", closing));
  CHECK(status(refused) == "503");
  CHECK(refused.find("Retry-After: 1") != std::string::npos);
  CHECK(status(first.until("|1|")) == "200");
  CHECK(status(second.until("|1|")) == "200");
}

TEST_CASE("a graceful stop finishes what was taken and takes nothing new") {
  auto world = std::make_unique<World>();
  const auto port = world->server.port();
  Client busy(port), idle(port);
  busy.send(get("/slow"));
  while (world->app.slow_running == 0) std::this_thread::sleep_for(1ms);
  std::thread stopper([&] { world->server.stop(5s); });
  const auto answer = busy.to_end();
  CHECK(status(answer) == "200");
  CHECK(answer.find("Connection: close") != std::string::npos);
  CHECK(idle.to_end() == "<EOF>");
  stopper.join();
  CHECK_FALSE(Client(port).connected);
}

TEST_CASE("mixed load from eight threads gets every answer right") {
  World w;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      Client client(w.server.port());
      for (int i = 0; i < 200; ++i) {
        const std::string body = "b" + std::to_string(t) + "-" + std::to_string(i);
        const bool chunked = i % 3 == 0;
        client.send("POST /m" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n" +
                    (chunked ? "Transfer-Encoding: chunked\r\n\r\n" + std::string(1, "0123456789abcdef"[body.size()]) + "\r\n" + body +
                                   "\r\n0\r\n\r\n"
                             : "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
        if (client.until("|2|").find("/m" + std::to_string(i) + "|" + body + "|2|") == std::string::npos) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}
