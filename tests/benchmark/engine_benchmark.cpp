// Figures of the library: slot expansion, the remembered key, signatures, durable bookings beside the disk's own rate.
//   benchmark_engine SCRATCH_DIR
#include "support/room.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/engine/webhook_signature.hpp"
#include "orkestr/platform/key_verifier.hpp"
#include "orkestr/platform/platform.hpp"

#include "base/sha256.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace orkestr;

namespace {

/// Nanoseconds a call, the median of five rounds of about `budget`.
template <class F> double nanoseconds(F&& f, std::chrono::milliseconds budget = std::chrono::milliseconds{200}) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> rounds;
  for (int round = 0; round < 5; ++round) {
    const auto start = Clock::now();
    std::size_t calls = 0;
    do {
      f();
      ++calls;
    } while (Clock::now() - start < budget);
    rounds.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() / static_cast<double>(calls));
  }
  std::ranges::sort(rounds);
  return rounds[2];
}

void expansion(int days, std::size_t bookings) {
  std::vector<AvailabilityRule> rules(7);
  for (int day = 0; day < 7; ++day) {
    auto& rule = rules[static_cast<std::size_t>(day)];
    rule.day_of_week = day;
    rule.start_time = {8 * 60};
    rule.end_time = {20 * 60};
    rule.capacity = 4;
  }
  const Schedule schedule{.zone = Zone::find("America/New_York").value(), .rules = rules, .exceptions = {}};
  const Instant from = *Instant::parse("2026-02-01T05:00:00Z");
  const Interval range{from, from + std::chrono::days{days}};
  std::vector<Occupancy> taken;
  for (std::size_t i = 0; i < bookings; ++i) {
    const Instant start = from + std::chrono::hours{static_cast<std::int64_t>(i) * days * 24 / static_cast<std::int64_t>(bookings)};
    taken.push_back({{start, start + std::chrono::hours{1}}, 1});
  }
  std::size_t slots = 0;
  const double cost = nanoseconds([&] { slots = expand(schedule, range, taken, Audience::customer, from).value().size(); });
  std::printf("| expansion, %d days, %zu bookings | %.1f µs | %.0f ns a slot (%zu slots) |\n", days, bookings, cost / 1000,
              cost / static_cast<double>(slots), slots);
}

void key_check() {
  SystemRandom random;
  const auto prepared = prepare_api_key(random);
  const auto token = ApiToken::parse(prepared.token).value();
  KeyVerifier verifier;
  const double proof = nanoseconds([&] { (void)bcrypt_verify(token.secret, prepared.key.secret_hash); });
  (void)verifier.prove(token, &prepared.key.secret_hash);
  const double known = nanoseconds([&] { (void)verifier.known(token, prepared.key.secret_hash); });
  std::printf("| bcrypt, cost 10 | %.1f ms | |\n| remembered key | %.0f ns | 1/%.0f of bcrypt (goal: 1/10,000) |\n", proof / 1e6, known,
              proof / known);
}

void signatures() {
  SystemRandom random;
  const auto signer = WebhookSigner::make(make_webhook_secret(random)).value();
  const auto other = WebhookSigner::make(make_webhook_secret(random)).value();
  const std::string body(1024, 'x');
  const WebhookDelivery delivery{
      .delivery_id = "dlv_01jv0c2m5r8k3w9q4t7x6y1z0a", .event = "booking.confirmed", .now = SystemClock{}.now(), .body = body};
  const std::string data = "{\"filler\":\"" + std::string(840, 'x') + "\"}"; // a body of 1 KiB, near enough
  std::array<WebhookHeaderView, 7> arrived;
  const auto headers = webhook_headers(delivery, signer);
  std::ranges::transform(headers, arrived.begin(), [](const auto& header) { return WebhookHeaderView{header.name, header.value}; });

  // In turn, so that a machine that speeds up or slows down does so for all of them.
  std::array<std::vector<double>, 7> rounds;
  const auto measure = [&](std::size_t row, auto&& f) { rounds[row].push_back(nanoseconds(f, std::chrono::milliseconds{20})); };
  for (int round = 0; round < 7; ++round) {
    measure(0, [&] { (void)sha256(body); });
    measure(1, [&] { (void)signer.body_signature(body); });
    measure(2, [&] { (void)signer.signature(delivery.delivery_id, 1614265330, body); });
    measure(3, [&] { (void)webhook_headers(delivery, signer, {&other, 1}); });
    measure(4, [&] { (void)verify_webhook(body, arrived, {&signer, 1}, delivery.now); });
    measure(5, [&] { (void)event_body({}, EventType::offering_published, delivery.now, {}, data); });
    measure(6, [&] { (void)signer.body_signature(event_body({}, EventType::offering_published, delivery.now, {}, data)); });
  }
  const auto median = [&](std::size_t row) {
    std::ranges::sort(rounds[row]);
    return rounds[row][3];
  };
  const double hash = median(0);
  std::printf("| SHA-256 of 1 KiB | %.0f ns | |\n", hash);
  const auto print = [&](std::size_t row, const char* what, const char* goal) {
    std::printf("| %s | %.0f ns | %.2f × SHA-256%s |\n", what, median(row), median(row) / hash, goal);
  };
  print(1, "sign 1 KiB, X-Orkestr-Signature", " (goal: 1.3)");
  print(2, "sign 1 KiB, an entry of webhook-signature", " (goal: 1.3)");
  print(3, "all headers of a delivery of 1 KiB, two secrets: 3 signatures", "");
  print(4, "verify 1 KiB", "");
  const double alone = median(5), both = median(6);
  std::printf(
      "| serialise an event of 1 KiB | %.0f ns | |\n| serialise and sign it | %.0f ns | %.2f × SHA-256 and serialising (goal: 1.3) |\n",
      alone, both, both / (alone + hash));
}

double sync_rate(const std::filesystem::path& folder) {
  const int fd = ::open((folder / "sync").c_str(), O_CREAT | O_WRONLY, 0600);
  const std::vector<char> page(4096, 'x');
  const double cost = nanoseconds([&] {
    [[maybe_unused]] const auto n = ::write(fd, page.data(), page.size());
    ::fdatasync(fd);
  });
  ::close(fd);
  return 1e9 / cost;
}

double bookings_per_second(const std::filesystem::path& folder, int writers) {
  storage::SqliteOptions options;
  options.file = folder / ("book" + std::to_string(writers) + ".db");
  const auto store = storage::SqliteStore::open(options).value();
  const ManualClock clock(*Instant::parse("2026-01-01T00:00:00Z"));
  SystemRandom random;
  Platform platform(*store, clock, random);
  Tenant draft;
  draft.name = draft.subdomain = "bench";
  const auto tenant = platform.create_tenant(draft).value().id;
  const auto offering =
      platform.write(tenant, [](WriteContext& cx) { return support::open_daily(cx, support::room(), support::all_day(100)); }).value().id;
  std::atomic<int> made{0};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < writers; ++t)
    threads.emplace_back([&] {
      while (std::chrono::steady_clock::now() - start < std::chrono::seconds{3}) {
        const int n = made++;
        BookRequest request;
        request.offering_id = offering;
        request.interval.start = *Instant::parse("2026-01-02T00:00:00Z") + std::chrono::hours{n % 4000};
        request.interval.end = request.interval.start + std::chrono::hours{1};
        request.customer_name = "Guest";
        request.customer_email = "guest" + std::to_string(n % 50) + "@example.com";
        if (!platform.book(tenant, request)) std::abort();
      }
    });
  for (auto& thread : threads) thread.join();
  return made / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int, char** argv) {
  const std::filesystem::path folder = argv[1];
  std::printf("| What | Cost | |\n|---|---|---|\n");
  expansion(90, 200);
  expansion(365, 5000);
  key_check();
  signatures();
  const double syncs = sync_rate(folder);
  const double one = bookings_per_second(folder, 1), many = bookings_per_second(folder, 64);
  std::printf(
      "| 4 KiB + fdatasync | %.0f/s | |\n| durable bookings, 1 writer | %.0f/s | %.2f × fdatasync |\n| durable bookings, 64 writers | %.0f/s | %.2f × fdatasync |\n",
      syncs, one, one / syncs, many, many / syncs);
}
