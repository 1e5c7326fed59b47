// Measures what bookings outside the range cost a query: 31 days of availability from a SQLite store.
//   expansion_store fill FILE COUNT  makes a store with a booking a day in the range and COUNT outside, half before, half after
//   expansion_store query FILE       reports nanoseconds a query; the hash must not depend on COUNT
#include "workload.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/platform/platform.hpp"

#include <cstdlib>
#include <string_view>

using namespace orkestr;
using std::chrono::days, std::chrono::hours;

namespace {

const Interval range{*Instant::parse("2026-02-01T05:00:00Z"), *Instant::parse("2026-03-04T05:00:00Z")};

Result<Offering> make_offering(WriteContext& cx) {
  Offering draft;
  draft.title = "Room";
  draft.product_type_key = "space";
  draft.time_zone = workload::zone;
  draft.status = OfferingStatus::published;
  json::Reader reader;
  ORKESTR_TRY(const auto offering, create_offering(cx, draft, reader));
  for (int day = 0; day < 7; ++day) {
    AvailabilityRule rule;
    rule.offering_id = offering.id;
    rule.day_of_week = day;
    rule.start_time = {workload::opens * 60};
    rule.end_time = {workload::closes * 60};
    rule.capacity = workload::capacity;
    ORKESTR_CHECK(create_rule(cx, rule, reader));
  }
  return offering;
}

/// Straight into the occupancy, as booking would: only claims are read by the query.
Result<Offering> fill(WriteContext& cx, int outside) {
  ORKESTR_TRY(const auto offering, make_offering(cx));
  auto& occupancy = cx.tx.occupancy();
  const std::string key = capacity_key(offering);
  const auto claim = [&](Instant start) {
    occupancy.lock(cx.tenant, key, hours{1});
    occupancy.put(cx.tenant, key,
                  {cx.make_id<BookingItemId>(), offering.id, {start, start + hours{1}}, 1, storage::ClaimStatus::confirmed, {}});
  };
  for (int day = 0; day < 31; ++day) claim(range.start + days{day} + hours{10});
  for (int i = 0; i < outside / 2; ++i) {
    claim(range.start - hours{i + 2});
    claim(range.end + hours{i + 2});
  }
  return offering;
}

} // namespace

int main(int, char** argv) {
  storage::SqliteOptions options;
  options.file = argv[2];
  const auto store = storage::SqliteStore::open(options).value();
  const ManualClock clock(*Instant::parse("2026-01-01T00:00:00Z"));
  SystemRandom random;
  Platform platform(*store, clock, random);
  if (argv[1] == std::string_view{"fill"}) {
    Tenant draft;
    draft.name = "Benchmark";
    draft.subdomain = "benchmark";
    const auto tenant = platform.create_tenant(draft).value().id;
    (void)platform.write(tenant, [&](WriteContext& cx) { return fill(cx, std::atoi(argv[3])); }).value();
    return 0;
  }
  const auto [tenant, offering] = store
                                      ->read([](const storage::ReadTransaction& tx) -> Result<std::pair<TenantId, OfferingId>> {
                                        const auto id = tx.tenants().find_by_subdomain("benchmark").value().id;
                                        return std::pair{id, tx.offerings().find_by_slug(id, "room").value().id};
                                      })
                                      .value();
  const auto query = [&] { return platform.availability(tenant, offering, range, Audience::provider).value().slots; };
  const auto slots = query();
  workload::Hash hash;
  for (const auto& slot : slots) hash.line({slot.interval.start.ms, slot.interval.end.ms, slot.remaining});
  workload::report(slots.size(), workload::nanoseconds(query), hash.value());
}
