#include "support/room.hpp"
// Bookings a second through the library on PostgreSQL.
//   postgres_book CONNECTION CLIENTS SECONDS [OFFERINGS]     prints bookings/s, conflicts, µs of this process's CPU a booking
#include "support/room.hpp"

#include "orkestr/adapters/postgres_store.hpp"
#include "orkestr/platform/platform.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

using namespace orkestr;

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "postgres_book CONNECTION CLIENTS SECONDS [OFFERINGS]\n"), 2;
  const int clients = std::atoi(argv[2]), offerings = argc > 4 ? std::atoi(argv[4]) : 64;
  const std::chrono::duration<double> seconds{std::atof(argv[3])};
  storage::PostgresOptions options;
  options.connection = argv[1];
  options.connections = static_cast<std::size_t>(clients);
  const auto store = storage::PostgresStore::open(options).value();
  const ManualClock clock(*Instant::parse("2026-01-01T00:00:00Z"));
  SystemRandom random;
  Platform platform(*store, clock, random);
  Tenant draft;
  draft.name = "Benchmark";
  draft.subdomain = "bench" + std::to_string(SystemClock{}.now().ms);
  const auto tenant = platform.create_tenant(draft).value().id;
  std::vector<OfferingId> rooms;
  for (int i = 0; i < offerings; ++i)
    rooms.push_back(platform.write(tenant, [](WriteContext& cx) { return support::open_daily(cx, support::room(), support::all_day(100)); })
                        .value()
                        .id);
  std::atomic<int> made{0}, refused{0};
  const auto before = store->stats();
  const auto cpu = std::clock();
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < clients; ++t)
    threads.emplace_back([&] {
      while (std::chrono::steady_clock::now() - start < seconds) {
        const int n = made++;
        BookRequest request;
        request.offering_id = rooms[static_cast<std::size_t>(n) % rooms.size()];
        request.interval.start = *Instant::parse("2026-01-02T00:00:00Z") + std::chrono::hours{n / offerings % 4000};
        request.interval.end = request.interval.start + std::chrono::hours{1};
        request.customer_name = "Guest";
        request.customer_email = "guest" + std::to_string(n % 500) + "@example.com";
        if (const auto booking = platform.book(tenant, request); !booking && refused++ == 0)
          std::fprintf(stderr, "refused: %s\n", booking.error().detail.c_str());
      }
    });
  for (auto& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const int booked = made - refused;
  std::printf("%.0f %llu %.0f\n", booked / took, static_cast<unsigned long long>(store->stats().conflicts - before.conflicts),
              1e6 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / booked);
  if (refused > 0) std::fprintf(stderr, "refused: %d\n", refused.load());
}
