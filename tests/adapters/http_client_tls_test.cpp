// TLS: whose certificates are taken, for which names, and what the server is told.
#include "adapters/certificates.hpp"
#include "adapters/client_world.hpp"
#include "adapters/dns_server.hpp"

#include <csignal>
#include <filesystem>

using namespace orkestr;
using namespace orkestr::test;

namespace {

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// An authority that the client trusts, and a name server that sends every name here.
struct World {
  World() {
    std::signal(SIGPIPE, SIG_IGN); // of this file's servers
    authority.save(ca_file);
  }
  ~World() { std::filesystem::remove(ca_file); }

  [[nodiscard]] HttpClientOptions options() const {
    auto options = loopback();
    options.ca_file = ca_file;
    options.dns.servers = names.address();
    return options;
  }
  /// What comes of a request to a server with that certificate.
  [[nodiscard]] HttpResult answered(const Certificate& certificate, const std::string& host, bool trusting = true) const {
    const auto context = server_context(certificate);
    const Server server(always(ok), context.get());
    auto used = options();
    if (!trusting) used.ca_file.clear();
    return ask(*client_with(used), server.url("/", host));
  }

  std::string ca_file = (std::filesystem::temp_directory_path() / ("orkestr-ca-" + std::to_string(::getpid()) + ".pem")).string();
  Certificate authority = make_certificate("", nullptr);
  DnsServer names{all_names({"127.0.0.1"})};
};

} // namespace

TEST_CASE("a certificate for the name, by an authority that is trusted") {
  const World world;
  const auto good = make_certificate("DNS:hook.example", &world.authority);
  const auto context = server_context(good);
  std::promise<std::pair<std::string, std::string>> seen;
  const Server server(
      [&](Peer& peer) {
        const auto request = peer.read_request();
        seen.set_value({peer.server_name, *request});
        peer.write(ok);
        while (peer.read_request()) peer.write(ok);
      },
      context.get());
  const auto client = client_with(world.options());
  const auto result = ask(*client, server.url("/path", "Hook.Example."));
  CHECK(result.failure == HttpFailure::none);
  CHECK(result.response.body == "hi");
  CHECK(result.address == "127.0.0.1");
  CHECK(result.resolved > 0us);
  CHECK(result.connected >= result.resolved);
  CHECK(result.secured > result.connected);
  CHECK(result.answered >= result.secured);
  const auto [server_name, request] = seen.get_future().get();
  CHECK(server_name == "hook.example");
  CHECK(request.starts_with("POST /path HTTP/1.1\r\nHost: hook.example:" + std::to_string(server.port()) + "\r\n"));

  for (int i = 0; i < 3; ++i) CHECK(ask(*client, server.url("/", "hook.example")).reused);
  CHECK(server.connections() == 1);
  CHECK(world.names.asked("hook.example", type_a) == 1);
  CHECK(world.names.asked("hook.example", type_aaaa) == 1);
}

TEST_CASE("certificates that will do, and that will not") {
  const World world;
  const auto signed_for = [&](const std::string& names, long valid = 3600) { return make_certificate(names, &world.authority, valid); };
  CHECK(world.answered(signed_for("DNS:*.hooks.example"), "a.hooks.example").failure == HttpFailure::none);
  CHECK(world.answered(signed_for("DNS:other.example,DNS:hook.example"), "hook.example").failure == HttpFailure::none);
  CHECK(world.answered(signed_for("IP:127.0.0.1"), "127.0.0.1").failure == HttpFailure::none);
  CHECK(world.answered(signed_for("DNS:localhost"), "localhost").failure == HttpFailure::none);

  struct Row {
    Certificate certificate;
    std::string_view host, detail;
  };
  const Row bad[] = {
      {signed_for("DNS:other.example"), "hook.example", "hostname mismatch"},
      {signed_for("DNS:hook.example"), "hook.example.evil.example", "hostname mismatch"},
      {signed_for("DNS:*.example"), "hook.example", "hostname mismatch"}, // wider than a registry's
      {signed_for("DNS:*.hooks.example"), "a.b.hooks.example", "hostname mismatch"},
      {signed_for("DNS:h*.hooks.example"), "hook.hooks.example", "hostname mismatch"},
      {signed_for("DNS:127.0.0.1"), "127.0.0.1", "IP address mismatch"},
      {signed_for("DNS:hook.example"), "127.0.0.1", "IP address mismatch"},
      {signed_for("IP:127.0.0.1"), "hook.example", "hostname mismatch"},
      {signed_for("DNS:hook.example", -60), "hook.example", "certificate has expired"},
      {make_certificate("DNS:hook.example", nullptr), "hook.example", "self-signed certificate"},
  };
  for (const auto& row : bad) {
    CAPTURE(row.host);
    CAPTURE(row.detail);
    const auto result = world.answered(row.certificate, std::string{row.host});
    CHECK(result.failure == HttpFailure::tls);
    CHECK_MESSAGE(result.detail.find(row.detail) != std::string::npos, result.detail);
    CHECK(result.response.status == 0);
  }
  const auto other = make_certificate("", nullptr);
  CHECK(world.answered(make_certificate("DNS:hook.example", &other), "hook.example").failure == HttpFailure::tls);
  // The system's authorities do not know ours.
  CHECK(world.answered(signed_for("DNS:hook.example"), "hook.example", false).failure == HttpFailure::tls);
}

TEST_CASE("nothing of the request is sent before the certificate has been judged") {
  const World world;
  const auto context = server_context(make_certificate("DNS:other.example", &world.authority));
  std::atomic<int> requests{0};
  const Server server(
      [&](Peer& peer) {
        if (peer.read_request()) ++requests;
      },
      context.get());
  CHECK(ask(*client_with(world.options()), server.url("/", "hook.example")).failure == HttpFailure::tls);
  CHECK(server.connections() == 1);
  CHECK(requests == 0);
}

TEST_CASE("old protocols, no TLS at all, and an end in the middle") {
  const World world;
  const auto certificate = make_certificate("DNS:hook.example", &world.authority);
  const auto old = server_context(certificate);
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  const Server too_old(always(ok), old.get());
  const auto newer = server_context(certificate);
  SSL_CTX_set_max_proto_version(newer.get(), TLS1_2_VERSION);
  const Server old_enough(always(ok), newer.get());
  const Server plain([](Peer& peer) { peer.write(ok); });
  const Server silent([](Peer& peer) { peer.linger(); });
  const Server closing([](Peer&) {});
  const auto client = client_with(world.options());
  const auto url = [](const Server& server) { return "https://hook.example:" + std::to_string(server.port()) + "/"; };
  CHECK(ask(*client, url(too_old)).failure == HttpFailure::tls);
  CHECK(ask(*client, url(old_enough)).failure == HttpFailure::none);
  CHECK(ask(*client, url(plain)).failure == HttpFailure::tls);
  CHECK(ask(*client, url(closing)).failure == HttpFailure::tls);
  HttpRequest request;
  request.url = url(silent);
  request.connect_timeout = 200ms;
  const auto slow = ask(*client, request);
  CHECK(slow.failure == HttpFailure::timeout);
  CHECK(slow.detail == "it took too long: securing the connection");
}

TEST_CASE("large bodies both ways") {
  const World world;
  const auto context = server_context(make_certificate("DNS:hook.example", &world.authority));
  const std::string body(3'000'000, 'u');
  std::atomic<std::size_t> got{0};
  const Server server(
      [&](Peer& peer) {
        while (const auto request = peer.read_request()) {
          got = request->size() - (request->find("\r\n\r\n") + 4);
          peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        }
      },
      context.get());
  const auto client = client_with(world.options());
  HttpRequest request;
  request.url = server.url("/", "hook.example");
  request.body = body;
  request.max_body = body.size();
  for (int i = 0; i < 2; ++i) {
    const auto result = ask(*client, request);
    CHECK(result.failure == HttpFailure::none);
    CHECK(result.response.body == body);
    CHECK(got == body.size());
    CHECK(result.reused == (i > 0));
  }
  request.max_body = 100;
  CHECK(ask(*client, request).response.truncated);
}
