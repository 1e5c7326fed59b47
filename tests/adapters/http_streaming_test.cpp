// Answers that come in pieces, to whoever wants to hear of each.
#include "adapters/client_world.hpp"

#include <mutex>

using namespace orkestr;
using namespace orkestr::test;

namespace {

/// What was told of an answer, and when to stop.
struct Told {
  std::mutex mutex;
  std::vector<std::string> pieces;
  std::size_t most = 1'000'000;

  [[nodiscard]] std::string text() {
    const std::lock_guard guard(mutex);
    std::string all;
    for (const auto& piece : pieces) all += piece;
    return all;
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard guard(mutex);
    return pieces.size();
  }
};

HttpRequest request_for(const Server& server, const std::shared_ptr<Told>& told) {
  HttpRequest request;
  request.url = server.url();
  request.on_body = [told](std::string_view piece) {
    const std::lock_guard guard(told->mutex);
    told->pieces.emplace_back(piece);
    return told->pieces.size() < told->most;
  };
  return request;
}

constexpr const char* chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

} // namespace

TEST_CASE("pieces of an answer are told as they come, before its end") {
  std::promise<void> heard;
  const Server server([&](Peer& peer) {
    (void)peer.read_request();
    peer.write(std::string{chunked} + "5\r\nhello\r\n");
    heard.get_future().wait();
    peer.write("6\r\n world\r\n0\r\n\r\n");
    peer.linger();
  });
  const auto told = std::make_shared<Told>();
  const auto client = client_with(loopback());
  auto answer = send(*client, request_for(server, told));
  REQUIRE(eventually([&] { return told->text() == "hello"; }));
  CHECK(answer.wait_for(0s) == std::future_status::timeout);
  heard.set_value();
  const auto result = wait_for(std::move(answer));
  CHECK(result.failure == HttpFailure::none);
  CHECK_FALSE(result.response.truncated);
  CHECK(told->text() == "hello world");
  CHECK(result.response.body == "hello world");
}

TEST_CASE("who wants no more of an answer has it at once, and the connection is not used again") {
  const Server server([&](Peer& peer) {
    (void)peer.read_request();
    peer.write(chunked);
    while (peer.write("1\r\nx\r\n")) std::this_thread::sleep_for(1ms);
  });
  const auto told = std::make_shared<Told>();
  told->most = 3;
  const auto client = client_with(loopback());
  const auto result = ask(*client, request_for(server, told));
  CHECK(result.failure == HttpFailure::none);
  CHECK(result.response.truncated);
  CHECK(told->count() == 3); // and never again
  CHECK(ask(*client, request_for(server, told)).reused == false);
  CHECK(server.connections() == 2);
}

TEST_CASE("no more is told than is kept") {
  const Server server(always("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'y')));
  const auto told = std::make_shared<Told>();
  auto request = request_for(server, told);
  request.max_body = 40;
  const auto client = client_with(loopback());
  const auto result = ask(*client, std::move(request));
  CHECK(result.response.truncated);
  CHECK(told->text() == std::string(40, 'y'));
}

TEST_CASE("a server that falls silent is left before the time is up, and one that speaks is not") {
  const Server silent([&](Peer& peer) {
    (void)peer.read_request();
    peer.write(std::string{chunked} + "1\r\na\r\n");
    peer.linger();
  });
  const Server slow([&](Peer& peer) {
    (void)peer.read_request();
    peer.write(chunked);
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(60ms);
      peer.write("1\r\nb\r\n");
    }
    peer.write("0\r\n\r\n");
    peer.linger();
  });
  const auto client = client_with(loopback());
  const auto told = std::make_shared<Told>(), told_slowly = std::make_shared<Told>();
  auto request = request_for(silent, told);
  request.idle_timeout = 300ms;
  const Stopwatch watch;
  const auto left = ask(*client, std::move(request));
  CHECK(left.failure == HttpFailure::timeout);
  CHECK(left.response.status == 200);
  CHECK(left.response.body == "a");
  CHECK(watch.elapsed() >= 300ms);
  CHECK(watch.elapsed() < 5s);
  auto patient = request_for(slow, told_slowly);
  patient.idle_timeout = 300ms; // less than the answer takes in all
  const auto result = ask(*client, std::move(patient));
  CHECK(result.failure == HttpFailure::none);
  CHECK(result.response.body == "bbbbbbbbbb");
}
