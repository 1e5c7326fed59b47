#include "webhooks.hpp"

#include "orkestr/adapters/http_client.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

namespace orkestr::server {
namespace {

/// Makes the file with a new key in it. @returns whether it was made
bool make_key_file(const std::filesystem::path& file, Random& random) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const std::string text = SecretBox::make_key(random) + "\n";
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  return written;
}

} // namespace

Result<SecretBox> secret_box(const Config& config, const OpenStore& store, Random& random) {
  if (!config.secret_keys.empty()) return SecretBox::parse(config.secret_keys);
  const auto file = config.data / "secret-keys";
  std::error_code ignored;
  std::filesystem::create_directories(config.data, ignored);
  if (!std::filesystem::exists(file, ignored)) {
    if (!store.sole() && !config.demo) return SecretBox{};
    if (!make_key_file(file, random)) return fail(Code::store_unavailable, "can't write a key for secrets to " + file.string());
  }
  std::ifstream in(file);
  std::string keys{std::istreambuf_iterator<char>(in), {}};
  auto box = SecretBox::parse(keys);
  if (!in || !box || box->empty())
    return fail(Code::invalid_parameter,
                file.string() + " holds no key for secrets. Bring back the one that it held: webhooks can't be signed without.");
  return box;
}

Result<std::unique_ptr<Webhooks>> Webhooks::start(Platform& platform, OpenStore& store, const Config& config,
                                                  std::function<void(std::string_view)> on_trouble) {
  HttpClientOptions options;
  options.policy.allow_loopback = config.dev;
  options.ca_file = config.ca_file;
  options.dns.servers = config.dns_servers;
  options.user_agent = "Orkestr/" ORKESTR_VERSION " (webhooks)";
  // Many tenants may have endpoints at one host, such as that of a gateway; no one of them may take all of its connections.
  options.max_connections_per_host = 128;
  options.max_connections = 512;
  ORKESTR_TRY(auto client, make_http_client(std::move(options)));
  return std::unique_ptr<Webhooks>(new Webhooks(platform, store, std::move(client), std::move(on_trouble)));
}

Webhooks::Webhooks(Platform& platform, OpenStore& store, std::unique_ptr<HttpClient> client,
                   std::function<void(std::string_view)> on_trouble)
    : platform_(platform),
      store_(store),
      client_(std::move(client)),
      worker_(platform, *client_, {.sole = store.sole()},
              [on_trouble = std::move(on_trouble), said = Instant{}, &platform](const Error& error) mutable {
                const Instant now = platform.now();
                if (now - said < std::chrono::seconds{1}) return;
                said = now;
                on_trouble(error.detail);
              }) {
  store_.on_events([this] { worker_.poke(); });
}

Webhooks::~Webhooks() { store_.on_events({}); }

std::string Webhooks::metrics() const {
  const auto stats = worker_.stats();
  std::string text = "# HELP orkestr_webhook_attempts_total Attempts to deliver, by what became of them.\n"
                     "# TYPE orkestr_webhook_attempts_total counter\n";
  const auto attempts = [&](std::string_view outcome, std::uint64_t n) {
    text.append("orkestr_webhook_attempts_total{outcome=\"").append(outcome).append("\"} ").append(std::to_string(n)).append("\n");
  };
  attempts("succeeded", stats.succeeded);
  attempts("retried", stats.retried);
  attempts("dead", stats.dead);
  attempts("not_sent", stats.not_sent);
  add_metric(text, "orkestr_webhook_disabled_total", "counter", "Webhooks disabled since they were gone or kept failing.", stats.disabled);
  add_metric(text, "orkestr_webhook_unsealed_total", "counter", "Times that no key opened a webhook's secret.", stats.unsealed);
  add_metric(text, "orkestr_webhook_in_flight", "gauge", "Attempts under way.", stats.in_flight);
  struct Queue {
    std::optional<Instant> oldest;
    storage::WebhookRepository::Breakers breakers;
  };
  const Instant now = platform_.now();
  const auto queue = platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<Queue> {
    return Queue{tx.deliveries().oldest_pending(), tx.webhooks().breakers(now)};
  });
  if (!queue) return text;
  const auto age = queue->oldest ? std::max<std::int64_t>(0, (now - *queue->oldest).count() / 1000) : 0;
  add_metric(text, "orkestr_webhook_oldest_pending_seconds", "gauge", "Age of the oldest delivery that is neither made nor dead.",
             static_cast<std::uint64_t>(age));
  text += "# HELP orkestr_webhook_breakers Endpoints that are left alone, by the state of their breaker.\n"
          "# TYPE orkestr_webhook_breakers gauge\n";
  text += "orkestr_webhook_breakers{state=\"open\"} " + std::to_string(queue->breakers.open) + "\n";
  text += "orkestr_webhook_breakers{state=\"half_open\"} " + std::to_string(queue->breakers.half_open) + "\n";
  return text;
}

std::string Webhooks::trouble() const { return worker_.stands_still() ? "webhooks have stood still for a minute" : ""; }

} // namespace orkestr::server
