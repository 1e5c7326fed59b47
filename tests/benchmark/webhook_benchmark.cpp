// What the dispatcher does in a second beside a bare loop of Beast's calls, and what one endpoint that hangs does to 200 that don't.
//   benchmark_webhooks throughput [deliveries, default 20000] [turns, default 5]
//   benchmark_webhooks fairness [seconds a turn, default 10] [turns, default 5]
// On SQLite in a folder of its own, with every commit on the disk.
#include "loopback_peer.hpp"
#include "storage/temp_dir.hpp"

#include "orkestr/adapters/http_client.hpp"
#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/platform/webhook_worker.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <mutex>

using namespace orkestr;
using namespace orkestr::benchmark;
using Steady = orkestr::benchmark::Clock;
using namespace std::chrono_literals;

namespace {

/// A platform on a new file, and a client that may call this machine.
struct Shop {
  Shop() {
    storage::SqliteOptions options;
    options.file = dir.path() / "orkestr.db";
    store = std::move(*storage::SqliteStore::open(options));
    platform = std::make_unique<Platform>(*store, clock, random,
                                          PlatformOptions{SecretBox::parse(SecretBox::make_key(random)).value(), {.allow_loopback = true}});
    HttpClientOptions http;
    http.policy.allow_loopback = true;
    http.max_connections_per_host = 512;
    http.max_connections = 512;
    client = std::move(*make_http_client(http));
  }
  TenantId tenant(int n) {
    Tenant draft;
    draft.subdomain = "t" + std::to_string(n);
    return platform->create_tenant(draft).value().id;
  }
  void subscribe(TenantId tenant, const std::string& url) {
    (void)platform
        ->write(tenant,
                [&](WriteContext& cx) {
                  Webhook draft;
                  draft.url = url;
                  draft.events = {"*"};
                  json::Reader reader;
                  return create_webhook(cx, draft, platform->webhook_rules(), reader);
                })
        .value();
  }
  void emit(TenantId tenant, int first, int count) {
    static const std::string filler(300, 'x');
    (void)platform->write(tenant, [&](WriteContext& cx) -> Result<int> {
      for (int n = first; n < first + count; ++n)
        cx.emit(EventType::offering_published, "off_" + std::to_string(n),
                "{\"n\":" + std::to_string(n) + ",\"filler\":\"" + filler + "\"}");
      return 0;
    });
  }

  storage_contract::TempDir dir;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<storage::SqliteStore> store;
  std::unique_ptr<Platform> platform;
  std::unique_ptr<HttpClient> client;
};

/// CPU of this process, all threads, in seconds.
double cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

void throughput(int deliveries, int turns) {
  constexpr int endpoints = 8;
  std::atomic<int> received{0};
  std::string sample;
  const Server server([&](std::string_view request) {
    if (received == 0) sample = request.substr(request.find("\r\n\r\n") + 4);
    ++received;
    return true;
  });
  std::vector<double> ours, one, theirs, our_cpu, their_cpu;
  for (int turn = 0; turn < turns; ++turn) {
    Shop shop;
    const auto tenant = shop.tenant(0);
    for (int i = 0; i < endpoints; ++i)
      shop.subscribe(tenant, "http://127.0.0.1:" + std::to_string(server.port()) + "/" + std::to_string(i));
    for (int n = 0; n < deliveries / endpoints; n += 100) shop.emit(tenant, n, std::min(100, deliveries / endpoints - n));
    received = 0;
    auto used = cpu();
    const auto start = Steady::now();
    WebhookWorker worker(*shop.platform, *shop.client, {.sole = true});
    while (worker.stats().succeeded < static_cast<std::uint64_t>(deliveries / endpoints * endpoints)) std::this_thread::sleep_for(1ms);
    ours.push_back(rate(worker.stats().succeeded, start));
    our_cpu.push_back((cpu() - used) * 1e6 / deliveries);
    one.push_back(bare(server.port(), sample, 1, 1));
    used = cpu();
    theirs.push_back(bare(server.port(), sample, 2, 64));
    their_cpu.push_back((cpu() - used) * 1e6 / (theirs.back() * 2));
  }
  std::printf("%d deliveries of %zu bytes to %d endpoints, 8 under way at each, on SQLite; medians of %d turns\n", deliveries,
              sample.size(), endpoints, turns);
  std::printf("| | a second | CPU of each, with the receiver's |\n|---|---|---|\n");
  std::printf("| bare Beast loop, one after the other | %.0f | |\n", median(one));
  std::printf("| bare Beast loop, 64 in flight | %.0f | %.1f us |\n", median(theirs), median(their_cpu));
  std::printf("| dispatcher: found, signed, sent, written down | %.0f | %.1f us |\n", median(ours), median(our_cpu));
  std::printf("| ratios | %.2f and %.2f | %.2f |\n", median(ours) / median(one), median(ours) / median(theirs),
              median(our_cpu) / median(their_cpu));
}

/// The 99th percentile of the time from before an event's commit to its receipt, at 200 endpoints, in milliseconds.
double p99(double seconds, bool hanging) {
  constexpr int endpoints = 200, a_second = 400;
  const int events = static_cast<int>(seconds * a_second);
  std::vector<std::atomic<std::int64_t>> sent(static_cast<std::size_t>(events)), took(static_cast<std::size_t>(events));
  const auto now = [] { return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch()).count(); };
  const Server server([&](std::string_view request) {
    if (request.starts_with("POST /hang")) return false;
    const auto at = request.find("\"n\":");
    const auto n = static_cast<std::size_t>(std::atoi(request.data() + at + 4));
    if (took[n] == 0) took[n] = now() - sent[n];
    return true;
  });
  Shop shop;
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  std::vector<TenantId> tenants;
  for (int i = 0; i < endpoints; ++i) {
    tenants.push_back(shop.tenant(i));
    shop.subscribe(tenants.back(), base + "/" + std::to_string(i));
  }
  const auto slow = shop.tenant(endpoints);
  if (hanging) shop.subscribe(slow, base + "/hang");
  WebhookWorker worker(*shop.platform, *shop.client, {.sole = true});
  shop.emit(slow, 1'000'000, 2000); // a queue, where there is somebody to queue for
  auto next = Steady::now();
  for (int n = 0; n < events; ++n) {
    std::this_thread::sleep_until(next);
    next += std::chrono::microseconds{1'000'000 / a_second};
    sent[static_cast<std::size_t>(n)] = now();
    shop.emit(tenants[static_cast<std::size_t>(n % endpoints)], n, 1);
    if (hanging && n % 20 == 0) shop.emit(slow, 2'000'000 + n, 1);
  }
  std::this_thread::sleep_for(500ms);
  std::vector<double> all;
  for (const auto& t : took) all.push_back(t == 0 ? 1e9 : static_cast<double>(t) / 1000);
  std::ranges::sort(all);
  shop.client->stop();
  return all[static_cast<std::size_t>(std::ceil(static_cast<double>(all.size()) * 0.99)) - 1];
}

void fairness(double seconds, int turns) {
  std::vector<double> without, with;
  for (int turn = 0; turn < turns; ++turn) {
    without.push_back(p99(seconds, false));
    with.push_back(p99(seconds, true));
  }
  std::printf("200 endpoints, 400 events a second, commit to receipt, p99 of %g s, medians of %d turns\n", seconds, turns);
  std::printf("| all work | %.2f ms |\n| one more that hangs, with 2,000 deliveries queued | %.2f ms |\n| ratio | %.2f |\n",
              median(without), median(with), median(with) / median(without));
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const double size = argc > 2 ? std::atof(argv[2]) : 0;
  const int turns = argc > 3 ? std::atoi(argv[3]) : 5;
  if (what == "throughput")
    throughput(size > 0 ? static_cast<int>(size) : 20'000, turns);
  else if (what == "fairness")
    fairness(size > 0 ? size : 10, turns);
  else
    return std::fprintf(stderr, "benchmark_webhooks throughput|fairness [size] [turns]\n"), 2;
}
