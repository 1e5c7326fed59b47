// A front desk in a terminal, on one SQLite file: who comes today, what is free, walk-ins, arrivals, cash, cancellations. No server, no Qt.
//
//   example_qt_free_kiosk desk.db [NOW]   with NOW, such as 2026-05-16T14:20:00Z, the clock stands still there
#include "desk.hpp"

#include <orkestr/adapters/sqlite_store.hpp>

#include <iostream>
#include <unistd.h>

using namespace orkestr;

namespace {

/// Two rooms of New York, open from 09:00 to 18:00: what a desk begins with.
Result<Tenant> open_house(Platform& platform) {
  Tenant draft;
  draft.name = "The Desk";
  draft.subdomain = "desk";
  draft.time_zone = "America/New_York";
  ORKESTR_TRY(const Tenant tenant, platform.create_tenant(draft));
  return platform.write(tenant.id, [&](WriteContext& cx) -> Result<Tenant> {
    for (const auto& [title, cents] : {std::pair{"Quiet room", 3'000}, std::pair{"Piano room", 4'550}}) {
      Offering room;
      room.title = title;
      room.product_type_key = "space";
      room.time_zone = tenant.time_zone;
      room.base_price_cents = cents;
      room.cancellation_policy = {PolicyKind::custom, {{2, 100}}, 0}; // all of it until two hours before
      room.status = OfferingStatus::published;
      json::Reader reader;
      ORKESTR_TRY(const auto made, create_offering(cx, room, reader));
      for (int day = 0; day < 7; ++day) {
        AvailabilityRule rule;
        rule.offering_id = made.id;
        rule.day_of_week = day;
        rule.start_time = *LocalTime::parse("09:00");
        rule.end_time = *LocalTime::parse("18:00");
        ORKESTR_CHECK(create_rule(cx, rule, reader));
      }
    }
    return tenant;
  });
}

} // namespace

int main(int argc, char** argv) {
  const auto at = argc == 3 ? Instant::parse(argv[2]) : std::nullopt;
  if (argc < 2 || argc > 3 || (argc == 3 && !at)) return std::cerr << "example_qt_free_kiosk FILE [NOW]\n", 2;
  const SystemClock wall;
  const ManualClock still(at.value_or(Instant{}));
  const Clock& clock = at ? static_cast<const Clock&>(still) : wall;

  storage::SqliteOptions file;
  file.file = argv[1];
  const auto store = storage::SqliteStore::open(file);
  if (!store) return std::cerr << store.error().detail << '\n', 1; // another desk has the file, for one
  SystemRandom random;
  Platform platform(**store, clock, random);
  auto tenant = (*store)->read([&](const storage::ReadTransaction& tx) -> Result<Tenant> {
    if (auto found = tx.tenants().find_by_subdomain("desk")) return *found;
    return fail(Code::not_found, "The file is new.");
  });
  if (!tenant && tenant.error().code == Code::not_found) tenant = open_house(platform);
  if (!tenant) return std::cerr << tenant.error().detail << '\n', 1;
  if (const auto done = platform.run_due(platform.now()); !done) return std::cerr << done.error().detail << '\n', 1;
  kiosk::Desk(platform, *tenant, std::cin, std::cout, ::isatty(STDIN_FILENO) != 0).run();
}
