// Models behind chat completions: what is sent, and what is made of answers that are good, cut up, broken, endless or none.
#include "adapters/client_world.hpp"

#include "adapters/openai/chat.hpp"

#include "orkestr/adapters/openai_model.hpp"

#include <mutex>

using namespace orkestr;
using namespace orkestr::test;

namespace {

constexpr const char* key = "sk-very-secret-0123456789";

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
std::string delta(const std::string& text) {
  std::string data = R"({"id":"c1","model":"small-1","choices":[{"index":0,"delta":{"content":)";
  json::Writer(data).string(text);
  return event(data + "},\"finish_reason\":null}]}");
}
std::string ending(const std::string& reason = "stop") {
  return event(R"({"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":")" + reason + "\"}]}") +
         event(R"({"id":"c1","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}})") + "data: [DONE]\n\n";
}
std::string http(const std::string& body, const std::string& status = "200 OK", const std::string& more = "") {
  return "HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct World {
  explicit World(const Server& server, bool stream = true, std::size_t max_bytes = 1 << 20) : client(client_with(loopback())) {
    auto made = make_openai_model(*client, {server.url("/v1/"), "small-1", key, stream, max_bytes});
    REQUIRE(made);
    model = std::move(*made);
  }
  ModelResult ask(ModelRequest request) {
    const auto promise = std::make_shared<std::promise<ModelResult>>();
    model->ask(std::move(request), [promise](ModelResult result) { promise->set_value(std::move(result)); });
    auto future = promise->get_future();
    REQUIRE(future.wait_for(60s) == std::future_status::ready);
    auto result = future.get();
    CHECK(result.detail.find(key) == std::string::npos);
    return result;
  }
  ModelResult ask() { return ask(question()); }
  static ModelRequest question() {
    ModelRequest request;
    request.messages = {{ModelRole::system, "Be brief."}, {ModelRole::user, "Hello \"you\""}};
    return request;
  }

  std::unique_ptr<HttpClient> client;
  std::unique_ptr<LanguageModel> model;
};

ModelResult answered(const std::string& bytes, bool stream = true, std::size_t max_bytes = 1 << 20) {
  const Server server([&](Peer& peer) {
    if (peer.read_request()) peer.write(bytes);
  });
  return World(server, stream, max_bytes).ask();
}

} // namespace

TEST_CASE("a conversation goes out as chat completions have it") {
  std::promise<std::string> seen;
  const Server server([&](Peer& peer) {
    seen.set_value(*peer.read_request());
    peer.write(http(delta("Hi") + ending()));
  });
  World world(server);
  auto request = World::question();
  request.messages.push_back({ModelRole::assistant, "", {{"call_1", "look", R"({"q":"x"})"}}, {}});
  request.messages.push_back({ModelRole::tool, "found", {}, "call_1"});
  request.tools = {{"look", "Looks.", R"({"type":"object"})"}};
  request.max_tokens = 77;
  CHECK(world.ask(std::move(request)).failure == ModelFailure::none);
  const auto sent = seen.get_future().get();
  CHECK(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(sent.find(std::string{"Authorization: Bearer "} + key + "\r\n") != std::string::npos);
  const auto body = json::parse(sent.substr(sent.find("\r\n\r\n") + 4));
  REQUIRE(body);
  CHECK(*body == *json::parse(R"({"model":"small-1","messages":[{"role":"system","content":"Be brief."},
    {"role":"user","content":"Hello \"you\""},
    {"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"q\":\"x\"}"}}]},
    {"role":"tool","content":"found","tool_call_id":"call_1"}],
    "tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object"}}}],
    "max_tokens":77,"temperature":0,"stream":true,"stream_options":{"include_usage":true}})"));
}

TEST_CASE("a streamed answer is put together, and told piece by piece") {
  const Server server(always(http(delta("Grüße, ") + ": keep-alive\n\n" + delta("世界") + ending())));
  World world(server);
  std::mutex mutex;
  std::vector<std::string> pieces;
  auto request = World::question();
  request.on_text = [&](std::string_view piece) {
    const std::lock_guard guard(mutex);
    pieces.emplace_back(piece);
  };
  const auto result = world.ask(std::move(request));
  CHECK(result.failure == ModelFailure::none);
  CHECK(result.answer.text == "Grüße, 世界");
  CHECK(result.answer.model == "small-1");
  CHECK(result.answer.finish == ModelFinish::stop);
  REQUIRE(result.answer.usage);
  CHECK(result.answer.usage->prompt_tokens == 12);
  CHECK(result.answer.usage->completion_tokens == 3);
  CHECK(pieces == std::vector<std::string>{"Grüße, ", "世界"});
}

TEST_CASE("where the bytes are cut makes no difference") {
  std::string all = "\xef\xbb\xbf: hello\r\n\r\nevent: message\r\nid: 7\r\n" + delta("Grüße, ") + "retry: 3\n" + delta("世界 \"quoted\"");
  for (std::size_t at; (at = all.find("\n\n")) != std::string::npos;) all.replace(at, 2, "\r\n\r\n");
  all += ending();
  for (std::size_t first = 0; first < all.size(); ++first) {
    openai::Answering answering(100, {});
    const std::string_view bytes = all;
    for (const auto piece : {bytes.substr(0, first), bytes.substr(first)})
      if (!piece.empty() && !answering.take(piece)) break;
    answering.end(all);
    CAPTURE(first);
    CHECK(answering.failure() == ModelFailure::none);
    REQUIRE(answering.answer().text == "Grüße, 世界 \"quoted\"");
  }
  openai::Answering bytewise(100, {});
  for (const char c : all)
    if (!bytewise.take({&c, 1})) break;
  CHECK(bytewise.failure() == ModelFailure::none);
  CHECK(bytewise.answer().text == "Grüße, 世界 \"quoted\"");
}

TEST_CASE("an event may have several lines of data, and end in any way that lines end") {
  openai::Answering answering(100, {});
  CHECK(answering.take(
      "data: {\"choices\":[{\"delta\":\rdata: {\"content\":\"x\"}}]}\r\rdata:{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\r\n\n"));
  answering.end("");
  CHECK(answering.failure() == ModelFailure::none); // though nobody said [DONE]
  CHECK(answering.answer().text == "x");
  CHECK(answering.answer().finish == ModelFinish::length);
}

TEST_CASE("calls of tools come in pieces, by their index") {
  const auto piece = [](const std::string& calls) { return event(R"({"choices":[{"index":0,"delta":{"tool_calls":[)" + calls + "]}}]}"); };
  const auto result = answered(http(piece(R"({"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}})") +
                                    piece(R"({"index":1,"id":"b","function":{"name":"free","arguments":"{\"on\":"}})") +
                                    piece(R"({"index":0,"function":{"arguments":"{\"q\":1}"}})") +
                                    piece(R"({"index":1,"function":{"arguments":"\"2026-01-01\"}"}})") + ending("tool_calls")));
  REQUIRE(result.failure == ModelFailure::none);
  CHECK(result.answer.finish == ModelFinish::tool_calls);
  REQUIRE(result.answer.tool_calls.size() == 2);
  CHECK(result.answer.tool_calls[0].id == "a");
  CHECK(result.answer.tool_calls[0].name == "look");
  CHECK(result.answer.tool_calls[0].arguments == R"({"q":1})");
  CHECK(result.answer.tool_calls[1].name == "free");
  CHECK(result.answer.tool_calls[1].arguments == R"({"on":"2026-01-01"})");
  const auto many = answered(http(piece(R"({"index":1000000,"id":"a","function":{"name":"look"}})") + ending("tool_calls")));
  CHECK(many.failure == ModelFailure::malformed);
}

TEST_CASE("an answer that comes whole is one too") {
  const std::string whole = R"({"model":"small-2","choices":[{"message":{"role":"assistant","content":"Hi there","tool_calls":
    [{"id":"z","type":"function","function":{"name":"look","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
    "usage":{"prompt_tokens":5,"completion_tokens":2}})";
  for (const bool stream : {true, false}) {
    const auto result = answered(http(whole), stream);
    REQUIRE(result.failure == ModelFailure::none);
    CHECK(result.answer.text == "Hi there");
    CHECK(result.answer.model == "small-2");
    CHECK(result.answer.tool_calls.size() == 1);
    CHECK(result.answer.usage->prompt_tokens == 5);
  }
}

TEST_CASE("what is no answer is a failure of its kind, and tells nobody the key") {
  const auto fails = [](const std::string& bytes, ModelFailure failure, const std::string& detail) {
    const auto result = answered(bytes);
    CAPTURE(bytes.substr(0, 200));
    CHECK(to_string(result.failure) == to_string(failure));
    CHECK(result.detail == detail);
    return result;
  };
  const std::string refused = R"({"error":{"message":"Incorrect API key provided: )" + std::string{key} +
                              R"(","type":"invalid_request_error","code":"invalid_api_key"}})";
  fails(http(refused, "401 Unauthorized"), ModelFailure::refused, "the model answered 401: invalid_api_key");
  fails(http("{}", "404 Not Found"), ModelFailure::refused, "the model answered 404");
  fails(http("<html>oops", "502 Bad Gateway"), ModelFailure::unavailable, "the model answered 502");
  const auto limited = fails(http(R"({"error":{"type":"rate_limit_error"}})", "429 Too Many Requests", "Retry-After: 17\r\n"),
                             ModelFailure::rate_limited, "the model answered 429: rate_limit_error");
  CHECK(limited.retry_after == 17s);
  CHECK_FALSE(answered(http("", "429 Too Many Requests", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n")).retry_after);
  // A word that only looks like one of the interface's.
  CHECK(answered(http(R"({"error":{"code":")" + std::string{key} + R"("}})", "401 Unauthorized")).detail == "the model answered 401");
  fails(http(event(refused)), ModelFailure::refused, "the answer is an error: invalid_api_key");
  fails(http(R"({"error":{"code":"server_error"}})"), ModelFailure::unavailable, "the answer is an error: server_error");
  fails(http("<html>Welcome</html>"), ModelFailure::malformed, "the answer is no JSON object");
  fails(http("[]"), ModelFailure::malformed, "the answer is no JSON object");
  fails(http("{}"), ModelFailure::malformed, "the answer has no message");
  fails(http(""), ModelFailure::malformed, "the answer is no JSON object");
  fails(http(delta("a") + event("{no json")), ModelFailure::malformed, "a piece of the answer is no JSON object");
  fails(http(delta("a") + event(R"({"choices":[7]})")), ModelFailure::malformed, "a piece of the answer has no choice");
  fails(http(delta("a")), ModelFailure::malformed, "the answer broke off");
  fails(http("data: [DONE]\n\n"), ModelFailure::malformed, "the answer ended before it began");
  fails(http(event("{\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}")), ModelFailure::malformed,
        "a piece of the answer is no JSON object");
  fails("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + delta("a"), ModelFailure::malformed, "the model could not be asked: reset");
  fails("SSH-2.0-nothing\r\n\r\n", ModelFailure::malformed, "the model could not be asked: malformed");
  fails("", ModelFailure::unavailable, "the model could not be asked: reset");
}

TEST_CASE("an answer without end is ended: by its words, its bytes, its time or its silence") {
  const auto endless = [](const std::string& piece) {
    return [piece](Peer& peer) {
      (void)peer.read_request();
      if (!peer.write("HTTP/1.1 200 OK\r\n\r\n")) return;
      while (peer.write(piece)) std::this_thread::sleep_for(1ms);
    };
  };
  {
    const Server server(endless(delta(std::string(100, 'a'))));
    auto request = World::question();
    request.max_tokens = 20;
    const auto result = World(server).ask(std::move(request));
    CHECK(result.failure == ModelFailure::none);
    CHECK(result.answer.finish == ModelFinish::length);
    CHECK(result.answer.text.size() == 400); // sixteen bytes a token, rounded up to a piece
  }
  {
    const Server server(endless(std::string(500, ':') + "\n"));
    const auto result = World(server, true, 20'000).ask();
    CHECK(result.failure == ModelFailure::malformed);
    CHECK(result.detail == "the answer is larger than it may be");
  }
  {
    const Server server(endless(": still here\n"));
    auto request = World::question();
    request.timeout = 400ms;
    const Stopwatch watch;
    CHECK(World(server).ask(std::move(request)).failure == ModelFailure::timeout);
    CHECK(watch.elapsed() < 5s);
  }
  {
    const Server server([](Peer& peer) {
      (void)peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n\r\n" + delta("a"));
      peer.linger();
    });
    auto request = World::question();
    request.idle_timeout = 200ms;
    const Stopwatch watch;
    CHECK(World(server).ask(std::move(request)).failure == ModelFailure::timeout);
    CHECK(watch.elapsed() < 5s);
  }
  {
    const Server server([](Peer& peer) { // says all it has to say, and keeps the connection
      (void)peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n\r\n" + delta("a") + ending());
      peer.linger();
    });
    const auto result = World(server).ask();
    CHECK(result.failure == ModelFailure::none);
    CHECK(result.answer.text == "a");
  }
}

TEST_CASE("a model on this machine is asked only where that is allowed") {
  const Server server(always(http(delta("Hi") + ending())));
  const auto client = client_with({});
  auto model = make_openai_model(*client, {server.url("/v1"), "small-1"});
  REQUIRE(model);
  std::promise<ModelResult> promise;
  (*model)->ask(World::question(), [&](ModelResult result) { promise.set_value(std::move(result)); });
  CHECK(promise.get_future().get().failure == ModelFailure::unavailable);
  CHECK(server.connections() == 0);
}

TEST_CASE("a model that could not be asked is not made") {
  const auto client = client_with({});
  for (const auto& options : {OpenAiOptions{"ftp://x", "m"}, OpenAiOptions{"https://x.example/v1?a=b", "m"},
                              OpenAiOptions{"https://x.example", ""}, OpenAiOptions{"https://x.example", "m", "two\nlines"}}) {
    const auto made = make_openai_model(*client, options);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Code::invalid_fields);
    CHECK(made.error().faults.size() == 1);
  }
}
