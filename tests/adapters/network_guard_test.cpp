// No URL, name or answer leads the client inside: canaries on loopback count every connection. And names, for their own sake.
#include "adapters/client_world.hpp"
#include "adapters/dns_server.hpp"

#include <algorithm>

using namespace orkestr;
using namespace orkestr::test;

namespace {

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
/// Of a block that IANA has given to nobody, so it is public and leads nowhere.
constexpr const char* nowhere = "2d00::1";

HttpClientOptions asking(const DnsServer& names, bool strict = true, std::chrono::milliseconds timeout = 2s) {
  auto options = strict ? HttpClientOptions{} : loopback();
  options.dns.servers = names.address();
  options.dns.timeout = timeout;
  return options;
}

DnsServer::Script answering(const std::function<DnsReply(const DnsServer::Question&)>& script) {
  return [script](const DnsServer::Question& question) { return std::string{script(question)}; };
}

} // namespace

TEST_CASE("no spelling of an address reaches a canary") {
  const Server canary(always(ok));
  const DnsServer names(all_names({}));
  const auto client = client_with(asking(names));
  const std::string port = ":" + std::to_string(canary.port()) + "/";
  for (const std::string host : {"127.0.0.1",
                                 "127.1",
                                 "127.0.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "017700000001",
                                 "0177.0.0.1",
                                 "0x7f.0.0.1",
                                 "0x7f.1",
                                 "127.0.0.1.",
                                 "127.000.000.001",
                                 "0",
                                 "0.0.0.0",
                                 "00.0.0.0",
                                 "127.255.255.254",
                                 "[::1]",
                                 "[::]",
                                 "[0:0:0:0:0:0:0:1]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[::127.0.0.1]",
                                 "[::ffff:0:127.0.0.1]",
                                 "[64:ff9b::127.0.0.1]",
                                 "[64:ff9b::7f00:1]",
                                 "[64:ff9b:1::7f00:1]",
                                 "[2002:7f00:1::]",
                                 "[2001:0:7f00:1::]",
                                 "[::1%25lo]",
                                 "[::1%lo]",
                                 "localhost",
                                 "LOCALHOST",
                                 "localhost.",
                                 "a.localhost",
                                 "ip6-localhost",
                                 "localhost.localdomain",
                                 "user@127.0.0.1",
                                 "example.com@127.0.0.1",
                                 "127.0.0.1#",
                                 "%31%32%37.0.0.1",
                                 "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1",
                                 "127\xe3\x80\x82"
                                 "0.0.1",
                                 "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1"})
    for (const std::string scheme : {"https://", "http://"}) {
      CAPTURE(host);
      const auto result = ask(*client, scheme + host + port);
      CHECK((result.failure == HttpFailure::bad_url || result.failure == HttpFailure::refused_address ||
             result.failure == HttpFailure::unresolved));
      CHECK(result.response.status == 0);
    }
  CHECK(canary.connections() == 0);
  CHECK(ask(*client_with(loopback()), canary.url()).response.status == 200); // it would have answered
  CHECK(canary.connections() == 1);
}

TEST_CASE("no name reaches a canary, whatever it has for an address") {
  const Server canary(always(ok));
  for (const std::string address : {"127.0.0.1",
                                    "0.0.0.0",
                                    "10.0.0.1",
                                    "172.16.0.1",
                                    "192.168.0.1",
                                    "169.254.169.254",
                                    "100.64.0.1",
                                    "192.0.0.192",
                                    "198.18.0.1",
                                    "224.0.0.1",
                                    "255.255.255.255",
                                    "::1",
                                    "::",
                                    "::ffff:127.0.0.1",
                                    "::127.0.0.1",
                                    "64:ff9b::7f00:1",
                                    "64:ff9b:1::7f00:1",
                                    "2002:7f00:1::",
                                    "2001:0:7f00:1::",
                                    "fd00:ec2::254",
                                    "fe80::1",
                                    "fec0::1",
                                    "ff02::1",
                                    "100::1",
                                    "2001:db8::1",
                                    "3fff::1",
                                    "5f00::1"}) {
    CAPTURE(address);
    for (const auto& answers : {std::vector<std::string>{address}, {address, nowhere}, {nowhere, address}, {address, "8.8.8.8"}}) {
      const DnsServer names(all_names(answers));
      const auto result = ask(*client_with(asking(names)), "https://hook.example:" + std::to_string(canary.port()) + "/");
      CHECK(result.failure == HttpFailure::refused_address);
      CHECK(result.address.empty());
    }
  }
  CHECK(canary.connections() == 0);
}

TEST_CASE("an alias of a name inside is inside") {
  const DnsServer names(answering([](const DnsServer::Question& question) {
    DnsReply reply(question.query);
    reply.cname("hook.example", "a.example").cname("a.example", "inside.example");
    if (question.type == type_a) reply.address("inside.example", "10.0.0.1");
    return reply;
  }));
  CHECK(ask(*client_with(asking(names)), "https://hook.example/").failure == HttpFailure::refused_address);
}

TEST_CASE("a name that changes its mind is asked once") {
  const Server canary(always(ok));
  const DnsServer names(answering([](const DnsServer::Question& question) {
    DnsReply reply(question.query);
    if (question.times > 0) return question.type == type_a ? reply.address("hook.example", "127.0.0.1") : reply;
    return question.type == type_aaaa ? reply.address("hook.example", nowhere) : reply;
  }));
  const auto client = client_with(asking(names));
  HttpRequest request;
  request.url = "https://hook.example:" + std::to_string(canary.port()) + "/";
  request.connect_timeout = 600ms;
  const auto result = ask(*client, request);
  CHECK((result.failure == HttpFailure::connect || result.failure == HttpFailure::timeout));
  CHECK(names.asked("hook.example", type_a) == 1);
  CHECK(names.asked("hook.example", type_aaaa) == 1);
  CHECK(canary.connections() == 0);
  // Asked again, it has changed, and is refused.
  CHECK(ask(*client, request).failure == HttpFailure::refused_address);
  CHECK(canary.connections() == 0);
}

TEST_CASE("the connection goes to the address that was judged") {
  // Both may be called here, so that it is seen which one is.
  const auto close = [](Peer&) {};
  const Server right(close, nullptr, "127.0.0.2"), canary(close, nullptr, "127.0.0.1", right.port());
  const DnsServer names(answering([](const DnsServer::Question& question) {
    DnsReply reply(question.query);
    return question.type == type_a ? reply.address("hook.example", question.times == 0 ? "127.0.0.2" : "127.0.0.1") : reply;
  }));
  const auto client = client_with(asking(names, false));
  const auto result = ask(*client, "https://hook.example:" + std::to_string(right.port()) + "/");
  CHECK(result.failure == HttpFailure::tls); // which neither speaks
  CHECK(result.address == "127.0.0.2");
  CHECK(right.connections() == 1);
  CHECK(canary.connections() == 0);
  CHECK(names.asked("hook.example", type_a) == 1);
}

TEST_CASE("the next address is tried when one refuses, and beside one that is slow") {
  const Server right([](Peer&) {}, nullptr, "127.0.0.3");
  const auto tried = [&](const std::vector<std::string>& addresses) {
    const DnsServer names(all_names(addresses));
    return ask(*client_with(asking(names, false)), "https://hook.example:" + std::to_string(right.port()) + "/").address;
  };
  CHECK(tried({"127.0.0.2", "127.0.0.3"}) == "127.0.0.3");
  const FullPort slow("127.0.0.4", right.port());
  const Stopwatch watch;
  CHECK(tried({"127.0.0.4", "127.0.0.3"}) == "127.0.0.3");
  CHECK(watch.elapsed() >= 250ms);
  CHECK(watch.elapsed() < 3s);
}

TEST_CASE("a resolver that fails closes") {
  const auto outcome = [](DnsServer::Script script) {
    const DnsServer names(std::move(script));
    return ask(*client_with(asking(names, true, 100ms)), "https://hook.example/");
  };
  for (const int rcode : {1, 2, 3, 4, 5}) {
    CAPTURE(rcode);
    CHECK(outcome(answering([rcode](const auto& question) { return DnsReply(question.query, rcode); })).failure == HttpFailure::unresolved);
  }
  CHECK(outcome(all_names({})).failure == HttpFailure::unresolved);
  const Stopwatch watch;
  CHECK(outcome([](const auto&) { return std::string{}; }).failure == HttpFailure::unresolved);
  CHECK(watch.elapsed() >= 100ms);
  CHECK(watch.elapsed() < 4s);
  CHECK(outcome([](const auto&) { return std::string("garbage"); }).failure == HttpFailure::unresolved);
  // Half a message; a length that points beyond the end; a name that points at itself.
  CHECK(outcome([](const auto& question) {
          const std::string whole = DnsReply(question.query).address("hook.example", "8.8.8.8");
          return whole.substr(0, whole.size() - 8);
        }).failure == HttpFailure::unresolved);
  CHECK(outcome([](const auto& question) {
          std::string reply = DnsReply(question.query).record("hook.example", type_a, std::string(4, 'x'));
          reply[reply.size() - 5] = '\x7f';
          return reply;
        }).failure == HttpFailure::unresolved);
  CHECK(outcome([](const auto& question) {
          std::string reply = DnsReply(question.query);
          reply[7] = 1;
          return reply + "\xc0" + static_cast<char>(reply.size());
        }).failure == HttpFailure::unresolved);
  // An answer to a question that was not asked, and one with another's number.
  CHECK(outcome([](const auto& question) {
          std::string reply = DnsReply(question.query).address("hook.example", "8.8.8.8");
          reply[13] = 'x';
          return reply;
        }).failure == HttpFailure::unresolved);
  CHECK(outcome([](const auto& question) {
          std::string reply = DnsReply(question.query).address("hook.example", "8.8.8.8");
          reply[0] = static_cast<char>(reply[0] ^ 1);
          return reply;
        }).failure == HttpFailure::unresolved);
}

TEST_CASE("one family that fails does not hide what the other has") {
  const Server canary(always(ok));
  const DnsServer names([](const DnsServer::Question& question) {
    if (question.type == type_aaaa) return std::string{DnsReply(question.query, 2)};
    return std::string{DnsReply(question.query).address("hook.example", "127.0.0.1")};
  });
  CHECK(ask(*client_with(asking(names)), "https://hook.example:" + std::to_string(canary.port()) + "/").failure ==
        HttpFailure::refused_address);
  CHECK(canary.connections() == 0);
}

TEST_CASE("names are asked as they stand: no hosts file, no search domains") {
  const DnsServer names(all_names({"10.0.0.1"}));
  const auto client = client_with(asking(names));
  CHECK(ask(*client, "https://ip6-localhost.example/").failure == HttpFailure::refused_address);
  CHECK(names.asked("ip6-localhost.example", type_a) == 1);
  const DnsServer nothing(answering([](const auto& question) { return DnsReply(question.query, 3); }));
  const auto other = client_with(asking(nothing));
  CHECK(ask(*other, "https://hook.example/").failure == HttpFailure::unresolved);
  CHECK(nothing.asked("hook.example", type_a) == 1);
}

TEST_CASE("a slow name holds up no other") {
  const DnsServer names([](const DnsServer::Question& question) {
    if (question.name.starts_with("slow")) return std::string{};
    return std::string{DnsReply(question.query).address(question.name, "10.0.0.1")};
  });
  const auto client = client_with(asking(names));
  std::vector<std::future<HttpResult>> slow;
  for (int i = 0; i < 50; ++i) {
    HttpRequest request;
    request.url = "https://slow" + std::to_string(i) + ".example/";
    request.connect_timeout = 3s;
    slow.push_back(send(*client, request));
  }
  const Stopwatch watch;
  for (int i = 0; i < 20; ++i)
    CHECK(ask(*client, "https://quick" + std::to_string(i) + ".example/").failure == HttpFailure::refused_address);
  CHECK(watch.elapsed() < 2500ms);
  for (auto& result : slow) {
    const auto late = wait_for(std::move(result));
    CHECK(late.failure == HttpFailure::timeout);
    CHECK(late.detail == "it took too long: looking the name up");
  }
}

namespace {

template <class Answer, class Ask> Answer answer_of(Ask&& ask) {
  const auto promise = std::make_shared<std::promise<Answer>>();
  auto future = promise->get_future();
  ask([promise](Answer answer) { promise->set_value(std::move(answer)); });
  REQUIRE(future.wait_for(30s) == std::future_status::ready);
  return future.get();
}

} // namespace

TEST_CASE("the resolver gives all addresses, and the alias that a name is") {
  const DnsServer names([](const DnsServer::Question& question) {
    DnsReply reply(question.query);
    if (question.name == "both.example" && question.type == type_a)
      reply.address("both.example", "8.8.8.8").address("both.example", "10.0.0.1");
    if (question.name == "both.example" && question.type == type_aaaa) reply.address("both.example", "2600::1");
    if (question.name == "alias.example" && question.type == type_cname) reply.cname("alias.example", "Tenants.Orkestr.Example");
    if (question.name == "odd.example") reply.record("odd.example", type_cname, "\xc0\x40");
    if (question.name == "short.example") reply.record("short.example", type_cname, "");
    if (question.name == "missing.example") return std::string{DnsReply(question.query, 3)};
    if (question.name == "failing.example") return std::string{DnsReply(question.query, 2)};
    if (question.name == "silent.example") return std::string{};
    return std::string{reply};
  });
  auto made = make_dns_resolver({names.address(), 100ms});
  REQUIRE(made);
  DnsResolver& resolver = **made;
  const auto resolve = [&](const std::string& name) { return answer_of<DnsAddresses>([&](auto done) { resolver.resolve(name, done); }); };
  const auto cname = [&](const std::string& name) { return answer_of<DnsAlias>([&](auto done) { resolver.cname(name, done); }); };
  const auto both = resolve("both.example");
  CHECK(both.failure == DnsFailure::none);
  REQUIRE(both.addresses.size() == 3);
  std::vector<std::string> texts;
  for (const auto& address : both.addresses) texts.push_back(address.to_string());
  std::sort(texts.begin(), texts.begin() + 2);
  CHECK(texts == std::vector<std::string>{"10.0.0.1", "8.8.8.8", "2600::1"});
  CHECK(resolve("missing.example").failure == DnsFailure::not_found);
  CHECK(resolve("failing.example").failure == DnsFailure::failed);
  CHECK(resolve("silent.example").failure == DnsFailure::timeout);

  const auto alias = cname("alias.example");
  CHECK(alias.failure == DnsFailure::none);
  CHECK(alias.name == "tenants.orkestr.example");
  CHECK(cname("both.example").failure == DnsFailure::not_found);
  CHECK(cname("missing.example").failure == DnsFailure::not_found);
  CHECK(cname("failing.example").failure == DnsFailure::failed);
  CHECK(cname("odd.example").failure == DnsFailure::failed);
  CHECK(cname("short.example").failure == DnsFailure::failed);
  CHECK(cname("silent.example").failure == DnsFailure::timeout);
}

TEST_CASE("a resolver that is destroyed answers what is under way") {
  const DnsServer names([](const auto&) { return std::string{}; });
  std::atomic<int> stopped{0}, others{0};
  {
    auto resolver = make_dns_resolver({names.address(), 10s});
    REQUIRE(resolver);
    for (int i = 0; i < 20; ++i)
      (*resolver)->resolve("name" + std::to_string(i) + ".example", [&](DnsAddresses answer) {
        ++(answer.failure == DnsFailure::stopped ? stopped : others);
        (*resolver)->cname("again.example", [&](DnsAlias again) { ++(again.failure == DnsFailure::stopped ? stopped : others); });
      });
    REQUIRE(eventually([&] { return names.asked("name19.example", type_a) > 0; }));
  }
  CHECK(stopped == 40);
  CHECK(others == 0);
}
