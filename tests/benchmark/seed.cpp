#include "open.hpp"
#include "support/room.hpp"
// Fills a data folder for the benchmark: a tenant, a key, an offering open by the hour, 200 bookings over 90 days.
//   benchmark_seed DATA_DIR|postgresql://…     prints the token and the offering's id
#include "support/room.hpp"

#include "orkestr/platform/platform.hpp"

#include <cstdio>

using namespace orkestr;

int main(int, char** argv) {
  const auto store = benchmark::open(argv[1]);
  const ManualClock clock(*Instant::parse("2026-01-01T00:00:00Z"));
  SystemRandom random;
  Platform platform(*store, clock, random);
  Tenant draft;
  draft.name = "Benchmark";
  draft.subdomain = "benchmark";
  const auto tenant = platform.create_tenant(draft).value();
  ApiKey key;
  key.name = "benchmark";
  const auto issued = platform.create_api_key(tenant.id, key).value();
  const auto offering = platform
                            .write(tenant.id,
                                   [](WriteContext& cx) {
                                     auto room = support::room();
                                     room.time_zone = "America/New_York";
                                     auto daily = support::all_day(4);
                                     daily.start_time = {8 * 60};
                                     daily.end_time = {20 * 60};
                                     return support::open_daily(cx, room, daily);
                                   })
                            .value();
  const Interval range{*Instant::parse("2026-02-01T00:00:00Z"), *Instant::parse("2026-05-02T00:00:00Z")};
  const auto slots = platform.availability(tenant.id, offering.id, range, Audience::provider).value().slots;
  for (std::size_t i = 0; i < 200; ++i) {
    BookRequest request;
    request.offering_id = offering.id;
    request.interval = slots[i * slots.size() / 200].interval;
    request.customer_name = "Guest";
    request.customer_email = "guest" + std::to_string(i) + "@example.com";
    (void)platform.book(tenant.id, request).value();
  }
  std::printf("%s %s\n", issued.token.c_str(), offering.id.str().c_str());
}
