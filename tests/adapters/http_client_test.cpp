// The client against servers that answer well, badly, slowly or not at all.
#include "adapters/client_world.hpp"

#include <algorithm>
#include <set>

using namespace orkestr;
using namespace orkestr::test;

namespace {

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\nhi";

HttpRequest post(const Server& server, std::chrono::milliseconds timeout = 15s) {
  HttpRequest request;
  request.url = server.url("/hook?a=1");
  request.headers = {{"Content-Type", "application/json"}};
  request.body = R"({"a":1})";
  request.timeout = timeout;
  return request;
}

/// What comes of one answer, given as bytes, after which the server closes.
HttpResult answered_with(const std::string& bytes, std::size_t max_body = 8192, const std::string& method = "POST") {
  const Server server([&](Peer& peer) {
    if (peer.read_request()) peer.write(bytes);
  });
  const auto client = client_with(loopback());
  auto request = post(server);
  request.max_body = max_body;
  request.method = method;
  return ask(*client, std::move(request));
}

} // namespace

TEST_CASE("a request goes out as it should, and its answer comes back") {
  std::promise<std::string> seen;
  const Server server([&](Peer& peer) {
    seen.set_value(*peer.read_request());
    peer.write(ok);
    peer.linger();
  });
  const auto client = client_with(loopback());
  const auto result = ask(*client, post(server));
  CHECK(result.failure == HttpFailure::none);
  CHECK(result.response.status == 200);
  CHECK(result.response.body == "hi");
  CHECK_FALSE(result.response.truncated);
  CHECK(result.response.headers == HttpHeaders{{"Content-Length", "2"}, {"X-Kind", "test"}});
  CHECK(result.address == "127.0.0.1");
  CHECK_FALSE(result.reused);
  CHECK(result.connected > 0us);
  CHECK(result.answered >= result.connected);
  CHECK(result.resolved == 0us);
  CHECK(seen.get_future().get() == "POST /hook?a=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                                       "\r\nContent-Type: application/json\r\nUser-Agent: orkestr\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("every status is an answer") {
  for (const int status : {200, 201, 301, 302, 307, 308, 400, 410, 429, 500, 503, 599})
    CHECK(answered_with("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n").response.status == status);
  CHECK(answered_with("HTTP/1.1 204 No Content\r\n\r\n").response.status == 204);
  const auto interim = answered_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + std::string{ok});
  CHECK(interim.response.status == 200);
  CHECK(interim.response.headers.size() == 2);
  const auto head = answered_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 8192, "HEAD");
  CHECK(head.failure == HttpFailure::none);
  CHECK(head.response.body.empty());
}

TEST_CASE("redirects are not followed") {
  const Server canary(always(ok));
  const Server server(always("HTTP/1.1 302 Found\r\nLocation: " + canary.url() + "\r\nContent-Length: 0\r\n\r\n"));
  const auto client = client_with(loopback());
  const auto result = ask(*client, post(server));
  CHECK(result.response.status == 302);
  CHECK(server.connections() == 1);
  CHECK(canary.connections() == 0);
  CHECK(ask(*client, canary.url()).response.status == 200); // it would have answered
}

TEST_CASE("answers of every framing") {
  const auto chunked =
      answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n");
  CHECK(chunked.failure == HttpFailure::none);
  CHECK(chunked.response.body == "abcde");
  CHECK(chunked.response.headers.size() == 1);
  const auto until_close = answered_with("HTTP/1.0 200 OK\r\n\r\nall of it");
  CHECK(until_close.failure == HttpFailure::none);
  CHECK(until_close.response.body == "all of it");
}

TEST_CASE("of a body no more is kept than was asked for") {
  const auto body_of = [](std::size_t size) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b');
  };
  for (const std::size_t size : {0u, 1u, 99u, 100u}) {
    const auto whole = answered_with(body_of(size), 100);
    CHECK(whole.response.body == std::string(size, 'b'));
    CHECK_FALSE(whole.response.truncated);
  }
  for (const std::size_t size : {101u, 5'000u, 100'000u}) {
    const auto cut = answered_with(body_of(size), 100);
    CHECK(cut.failure == HttpFailure::none);
    CHECK(cut.response.body == std::string(100, 'b'));
    CHECK(cut.response.truncated);
  }
  const auto large = answered_with(body_of(3'000'000), 4'000'000);
  CHECK(large.response.body.size() == 3'000'000);
  CHECK(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 0).response.truncated);
}

TEST_CASE("a body without an end is left as soon as enough has come") {
  std::atomic<bool> left{false};
  const Server server([&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
    const std::string block(64 * 1024, 'x');
    while (peer.write(block)) {
    }
    left = true;
  });
  const auto client = client_with(loopback());
  const Stopwatch watch;
  const auto result = ask(*client, post(server));
  CHECK(result.failure == HttpFailure::none);
  CHECK(result.response.truncated);
  CHECK(result.response.body.size() == 8192);
  CHECK(watch.elapsed() < 5s);
  CHECK(eventually([&] { return left.load(); }));
}

TEST_CASE("answers that are none") {
  struct Row {
    std::string bytes;
    HttpFailure failure;
    int status;
  };
  const std::string header = "HTTP/1.1 200 OK\r\n";
  const Row table[] = {
      {"", HttpFailure::reset, 0},
      {"HTTP/1.1 200", HttpFailure::reset, 0},
      {header + "Content-Le", HttpFailure::reset, 0},
      {header + "Content-Length: 10\r\n\r\nabc", HttpFailure::reset, 200},
      {header + "Transfer-Encoding: chunked\r\n\r\n3\r\nab", HttpFailure::reset, 200},
      {header + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", HttpFailure::reset, 200},
      {"HTTP/1.1 100 Continue\r\n\r\n", HttpFailure::reset, 0},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", HttpFailure::malformed, 0},
      {"HTTP/2 200 OK\r\n\r\n", HttpFailure::malformed, 0},
      {"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", HttpFailure::malformed, 0},
      {"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", HttpFailure::malformed, 0},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", HttpFailure::malformed, 0},
      {header + "Content-Length: -1\r\n\r\n", HttpFailure::malformed, 0},
      {header + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", HttpFailure::malformed, 0},
      {header + "X: a\x01"
                "b\r\n\r\n",
       HttpFailure::malformed, 0},
      {header + std::string("X: a\0b\r\n\r\n", 10), HttpFailure::malformed, 0},
      {header + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", HttpFailure::malformed, 200},
      {header + "X: " + std::string(33 * 1024, 'h') + "\r\nContent-Length: 0\r\n\r\n", HttpFailure::malformed, 0},
      {std::string(100'000, '\r'), HttpFailure::malformed, 0},
      {header + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(100'000, 'e') + "\r\n", HttpFailure::malformed, 200},
  };
  for (const auto& row : table) {
    CAPTURE(row.bytes.substr(0, 80));
    const auto result = answered_with(row.bytes);
    CHECK(result.failure == row.failure);
    CHECK(result.response.status == row.status);
    CHECK_FALSE(result.detail.empty());
  }
  std::string interims;
  for (int i = 0; i < 20; ++i) interims += "HTTP/1.1 102 Processing\r\n\r\n";
  CHECK(answered_with(interims + ok).failure == HttpFailure::malformed);
  CHECK(answered_with("HTTP/1.1 200 OK\r\nX: " + std::string(31 * 1024, 'h') + "\r\nContent-Length: 0\r\n\r\n").failure ==
        HttpFailure::none);
}

TEST_CASE("a server that resets the connection") {
  const Server server([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  const auto client = client_with(loopback());
  const auto result = ask(*client, post(server));
  CHECK(result.failure == HttpFailure::reset);
  CHECK(server.connections() == 1); // a new connection that fails is no reason to send again
}

TEST_CASE("deadlines: an answer that does not come, drips, or has no end of headers") {
  const auto client = client_with(loopback());
  const auto timed = [&](const Server& server, int status) {
    const Stopwatch watch;
    const auto result = ask(*client, post(server, 300ms));
    CHECK(result.failure == HttpFailure::timeout);
    CHECK(result.response.status == status);
    CHECK(result.detail == "it took too long: waiting for the answer");
    CHECK(watch.elapsed() >= 300ms);
    CHECK(watch.elapsed() < 3s);
  };
  timed(Server([](Peer& peer) { peer.linger(); }), 0);
  const auto dripping = [](std::string head, std::string drop) {
    return [=](Peer& peer) {
      peer.read_request();
      peer.write(head);
      while (peer.write(drop)) std::this_thread::sleep_for(10ms);
    };
  };
  timed(Server(dripping("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x")), 200);
  timed(Server(dripping("HTTP/1.1 200 OK\r\n", "X: y\r\n")), 0);
  timed(Server(dripping("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n")), 200);
}

TEST_CASE("deadlines: a connection that does not come about") {
  const FullPort port;
  const auto client = client_with(loopback());
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port.port()) + "/";
  request.connect_timeout = 200ms;
  const Stopwatch watch;
  const auto result = ask(*client, request);
  CHECK(result.failure == HttpFailure::timeout);
  CHECK(result.detail == "it took too long: connecting");
  CHECK(watch.elapsed() >= 200ms);
  CHECK(watch.elapsed() < 3s);
}

TEST_CASE("nobody listens") {
  std::uint16_t port = 0;
  {
    const Server gone(always(ok));
    port = gone.port();
  }
  const auto client = client_with(loopback());
  CHECK(ask(*client, "http://127.0.0.1:" + std::to_string(port) + "/").failure == HttpFailure::connect);
}

TEST_CASE("connections are used again") {
  const Server server(always(ok));
  const auto client = client_with(loopback());
  for (int i = 0; i < 5; ++i) {
    const auto result = ask(*client, post(server));
    CHECK(result.response.status == 200);
    CHECK(result.reused == (i > 0));
    CHECK(result.address == "127.0.0.1");
    CHECK((result.connected == 0us) == (i > 0));
  }
  CHECK(server.connections() == 1);

  // Not by another host name, and not by what may be sent only once.
  CHECK_FALSE(ask(*client, server.url("/", "localhost")).reused);
  auto once = post(server);
  once.repeatable = false;
  CHECK_FALSE(ask(*client, once).reused);
  CHECK(server.connections() == 3);
}

TEST_CASE("connections are not used again when their end is not beyond doubt") {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more"}) {
    CAPTURE(answer);
    const Server server(always(answer));
    const auto client = client_with(loopback());
    for (int i = 0; i < 2; ++i) {
      const auto result = ask(*client, post(server));
      CHECK(result.response.body == "hi");
      CHECK_FALSE(result.reused);
    }
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("connections that were idle for long or are old are not used again") {
  auto options = loopback();
  options.keep_alive_idle = 400ms;
  const Server server(always(ok));
  {
    const auto client = client_with(options);
    CHECK_FALSE(ask(*client, post(server)).reused);
    CHECK(ask(*client, post(server)).reused);
    std::this_thread::sleep_for(1200ms);
    CHECK_FALSE(ask(*client, post(server)).reused);
  }
  options = loopback();
  options.keep_alive_age = 100ms;
  const auto client = client_with(options);
  ask(*client, post(server));
  std::this_thread::sleep_for(150ms);
  ask(*client, post(server)); // on the old one or on a new one, as the clock has it
  const int before = server.connections();
  std::this_thread::sleep_for(1500ms);
  CHECK_FALSE(ask(*client, post(server)).reused);
  CHECK(server.connections() == before + 1);
}

TEST_CASE("a connection that the server has closed is noticed while it is idle") {
  std::atomic<int> closed{0};
  const Server server([&](Peer& peer) {
    peer.read_request();
    peer.write(ok); // says nothing of closing
    ++closed;
  });
  const auto client = client_with(loopback());
  for (int i = 0; i < 3; ++i) {
    CHECK(ask(*client, post(server)).failure == HttpFailure::none);
    CHECK(eventually([&] { return closed == i + 1; }));
    std::this_thread::sleep_for(50ms);
  }
  CHECK(server.connections() == 3);
}

TEST_CASE("what a used connection loses before any answer is sent once more, on a new one") {
  std::atomic<int> requests{0};
  const Server server([&](Peer& peer) {
    while (peer.read_request()) {
      const int number = ++requests;
      if (number == 2) return; // just when the second is there
      if (number == 4) {
        peer.write("HTTP/1.1 200 OK\r\nConte");
        return;
      }
      peer.write(ok);
    }
  });
  const auto client = client_with(loopback());
  CHECK(ask(*client, post(server)).failure == HttpFailure::none);
  const auto again = ask(*client, post(server));
  CHECK(again.failure == HttpFailure::none);
  CHECK_FALSE(again.reused);
  CHECK(again.connected > 0us);
  CHECK(requests == 3);
  CHECK(server.connections() == 2);
  // The fourth is answered in part, so it is not.
  CHECK(ask(*client, post(server)).failure == HttpFailure::reset);
  CHECK(requests == 4);
}

TEST_CASE("five hundred at once, on no more connections than are allowed") {
  const Server server([](Peer& peer) {
    while (const auto request = peer.read_request()) {
      const auto body = request->substr(request->find("\r\n\r\n") + 4);
      if (!peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)) return;
    }
  });
  const auto client = client_with(loopback());
  std::vector<std::future<HttpResult>> results;
  for (int i = 0; i < 500; ++i) {
    auto request = post(server, 60s);
    request.body = "number " + std::to_string(i);
    results.push_back(send(*client, std::move(request)));
  }
  for (int i = 0; i < 500; ++i) {
    const auto result = wait_for(std::move(results[static_cast<std::size_t>(i)]));
    CHECK(result.failure == HttpFailure::none);
    CHECK(result.response.body == "number " + std::to_string(i));
  }
  CHECK(server.connections() <= 8);
}

TEST_CASE("a host that hangs delays no other") {
  auto options = loopback();
  options.max_connections_per_host = 4;
  const Server hanging([](Peer&peer) { peer.linger(); }), good(always(ok));
  const auto client = client_with(options);
  std::vector<std::future<HttpResult>> hung;
  for (int i = 0; i < 50; ++i) hung.push_back(send(*client, post(hanging, 3s)));
  const Stopwatch watch;
  for (int i = 0; i < 20; ++i) CHECK(ask(*client, post(good)).failure == HttpFailure::none);
  CHECK(watch.elapsed() < 2500ms);
  std::multiset<HttpFailure> failures;
  for (auto& result : hung) failures.insert(wait_for(std::move(result)).failure);
  CHECK(failures.count(HttpFailure::timeout) + failures.count(HttpFailure::busy) == 50);
  CHECK(failures.count(HttpFailure::timeout) >= 4);
  CHECK(failures.count(HttpFailure::busy) > 0);
}

TEST_CASE("at the limit of all connections, hosts take turns") {
  auto options = loopback();
  options.max_connections = 2;
  options.max_connections_per_host = 2;
  std::atomic<int> answered{0};
  const auto slowly = [&](Peer& peer) {
    while (peer.read_request()) {
      std::this_thread::sleep_for(5ms);
      ++answered;
      if (!peer.write(ok)) return;
    }
  };
  const Server many(slowly), one(slowly), other(always(ok));
  const auto client = client_with(options);
  std::vector<std::future<HttpResult>> results;
  for (int i = 0; i < 60; ++i) results.push_back(send(*client, post(many)));
  CHECK(ask(*client, post(one)).failure == HttpFailure::none);
  CHECK(answered < 30);
  for (auto& result : results) CHECK(wait_for(std::move(result)).failure == HttpFailure::none);
  // An idle connection gives way to another host.
  CHECK(ask(*client, post(other)).failure == HttpFailure::none);
  CHECK(ask(*client, post(one)).failure == HttpFailure::none);
}

TEST_CASE("beyond the longest queue, requests fail at once") {
  auto options = loopback();
  options.max_connections_per_host = 1;
  options.max_waiting = 2;
  const Server hanging([](Peer& peer) { peer.linger(); });
  const auto client = client_with(options);
  std::vector<std::future<HttpResult>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(send(*client, post(hanging, 2s)));
  const Stopwatch watch;
  CHECK(ask(*client, post(hanging, 10s)).failure == HttpFailure::busy);
  CHECK(watch.elapsed() < 1500ms);
  CHECK(wait_for(std::move(waiting[0])).failure == HttpFailure::timeout);
}

TEST_CASE("stopping ends all that is under way, once") {
  const Server hanging([](Peer& peer) { peer.linger(); });
  std::vector<std::future<HttpResult>> results;
  {
    const auto client = client_with(loopback());
    for (int i = 0; i < 50; ++i) results.push_back(send(*client, post(hanging)));
    REQUIRE(eventually([&] { return hanging.connections() == 8; }));
    client->stop();
    CHECK(ask(*client, post(hanging)).failure == HttpFailure::stopped);
    for (int i = 0; i < 50; ++i) results.push_back(send(*client, post(hanging)));
  }
  for (auto& result : results) {
    REQUIRE(result.wait_for(0s) == std::future_status::ready); // the destructor has waited for them
    CHECK(result.get().failure == HttpFailure::stopped);
  }
  CHECK(hanging.connections() == 8);
}

TEST_CASE("a client destroyed without a word ends what is under way, and done may send") {
  const Server hanging([](Peer& peer) { peer.linger(); });
  std::promise<HttpFailure> second;
  {
    const auto client = client_with(loopback());
    client->send(post(hanging),
                 [&](HttpResult) { client->send(post(hanging), [&](HttpResult result) { second.set_value(result.failure); }); });
    REQUIRE(eventually([&] { return hanging.connections() == 1; }));
  }
  CHECK(second.get_future().get() == HttpFailure::stopped);
}

TEST_CASE("done is not called within send, and on one thread of the client's") {
  const auto client = client_with(loopback());
  std::promise<std::thread::id> first, second;
  bool inside = false;
  HttpRequest bad;
  bad.url = "nonsense";
  client->send(bad, [&](HttpResult) {
    inside = true;
    client->send(bad, [&](HttpResult) {
      CHECK_FALSE(inside);
      second.set_value(std::this_thread::get_id());
    });
    inside = false;
    first.set_value(std::this_thread::get_id());
  });
  const auto id = first.get_future().get();
  CHECK(id != std::this_thread::get_id());
  CHECK(id == second.get_future().get());
}

TEST_CASE("no text of a caller's ends a line or frames a message") {
  const Server server(always(ok));
  const auto client = client_with(loopback());
  const auto outcome = [&](auto change) {
    auto request = post(server);
    change(request);
    return ask(*client, std::move(request)).failure;
  };
  const auto header = [&](std::string name, std::string value) {
    return outcome([&](HttpRequest& request) { request.headers = {{name, value}}; });
  };
  for (const std::string value : {"a\r\nX: b", "a\nb", "a\rb", "\x7f", "\x1b"}) CHECK(header("X", value) == HttpFailure::bad_request);
  CHECK(header("X", std::string("a\0b", 3)) == HttpFailure::bad_request);
  for (const std::string name : {"", "X:", "X Y", "X\r\nY", "\xc3\xa9", "Host", "HOST", "content-length", "Transfer-Encoding", "Connection",
                                 "Expect", "Upgrade", "TE", "Trailer", "Keep-Alive", "Proxy-Connection"})
    CHECK_MESSAGE(header(name, "1") == HttpFailure::bad_request, name);
  for (const std::string method : {"", "GET /", "G\r\nT", "CONNECT"})
    CHECK(outcome([&](HttpRequest& request) { request.method = method; }) == HttpFailure::bad_request);
  for (const std::string path : {"/a\r\nX: y", "/a b", "/a\nb", "/a#b"})
    CHECK(outcome([&](HttpRequest& request) { request.url = server.url(path); }) == HttpFailure::bad_url);
  CHECK(server.connections() == 0);
  CHECK(header("X-Text", "caf\xc3\xa9\t; q=1") == HttpFailure::none);
  CHECK(outcome([&](HttpRequest& request) { request.method = "PURGE"; }) == HttpFailure::none);
}

TEST_CASE("a large request goes out whole, and an answer before its end is taken") {
  const std::string body(20'000'000, 'u');
  std::atomic<std::size_t> got{0};
  const Server patient([&](Peer& peer) {
    while (const auto request = peer.read_request()) {
      got = request->size() - (request->find("\r\n\r\n") + 4);
      peer.write(ok);
    }
  });
  const Server hasty([](Peer& peer) {
    peer.write("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.linger();
  });
  const auto client = client_with(loopback());
  auto request = post(patient);
  request.body = body;
  CHECK(ask(*client, request).response.status == 200);
  CHECK(got == body.size());
  request.url = hasty.url();
  const auto early = ask(*client, request);
  CHECK(early.failure == HttpFailure::none);
  CHECK(early.response.status == 413);
}

TEST_CASE("what can't be set up is said") {
  auto options = loopback();
  options.ca_file = "/nowhere/ca.pem";
  CHECK_FALSE(make_http_client(options));
  options = loopback();
  options.dns.servers = "nonsense";
  CHECK_FALSE(make_http_client(options));
  CHECK_FALSE(make_dns_resolver({"nonsense"}));
}
