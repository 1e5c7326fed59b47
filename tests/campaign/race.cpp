// Many clients at once on one SQLite store: no slot above its capacity, no coupon over its cap, each idempotency key acts once,
// what was acknowledged is there. The oracle is SQL on the file, and a ledger that the clients keep.
//
//   race [--seconds 4] [--clients 64] [--seed 1]     one run
//   race --mutants                                   plants each bug and shows that it is seen
#include "campaign/mutants.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/api/api.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <unistd.h>

using namespace orkestr;
using campaign::Mutant;

namespace {

struct Options {
  double seconds = 4;
  int clients = 64;
  std::uint64_t seed = 1;
  int cap = 100; ///< of the coupon
};

/// What one run found wrong, and how much it did.
struct Report {
  std::vector<std::string> faults;
  std::map<std::string, long> counts;
  std::mutex mutex;
  void fault(std::string text) {
    const std::lock_guard guard(mutex);
    if (faults.size() < 5) faults.push_back(std::move(text));
  }
  void count(const std::string& name, long n = 1) {
    const std::lock_guard guard(mutex);
    counts[name] += n;
  }
};

/// Runs a query on the file, behind everybody's back. @returns the rows as numbers
std::vector<std::vector<std::int64_t>> sql(const std::filesystem::path& file, const std::string& text) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
  std::vector<std::vector<std::int64_t>> rows;
  const auto take = [](void* to, int n, char** values, char**) {
    auto& row = static_cast<decltype(rows)*>(to)->emplace_back();
    for (int i = 0; i < n; ++i) row.push_back(values[i] == nullptr ? -1 : std::atoll(values[i]));
    return 0;
  };
  char* error = nullptr;
  if (sqlite3_exec(db, text.c_str(), take, &rows, &error) != SQLITE_OK) std::fprintf(stderr, "%s\n", error), std::abort();
  sqlite3_close(db);
  return rows;
}

constexpr int slots_per_day = 12;
const Instant day = *Instant::parse("2026-05-04T00:00:00Z"); // a Monday

class World {
 public:
  World(const std::filesystem::path& folder, Mutant mutant, const Options& options)
      : file(folder / "race.db"),
        sqlite(storage::SqliteStore::open({file}).value()),
        store(*sqlite, mutant),
        clock(*Instant::parse("2026-05-01T12:00:00Z")),
        random(options.seed),
        platform(store, clock, random),
        api(platform, unlimited()) {
    for (const char* name : {"atlas", "borealis"}) {
      Tenant draft;
      draft.name = draft.subdomain = name;
      tenants.push_back(platform.create_tenant(draft).value().id);
      for (int capacity : {1, 2, 5}) offerings.push_back(offering(tenants.back(), capacity));
      keys.push_back(key(tenants.back()));
    }
    coupon = platform
                 .write(tenants[0],
                        [&](WriteContext& cx) {
                          Coupon draft;
                          draft.code = "RUSH";
                          draft.amount = 10;
                          draft.max_redemptions = options.cap;
                          json::Reader reader;
                          return create_coupon(cx, draft, reader);
                        })
                 .value()
                 .id;
  }

  std::filesystem::path file;
  std::unique_ptr<storage::SqliteStore> sqlite;
  campaign::MutantStore store;
  ManualClock clock;
  SeededRandom random;
  Platform platform;
  api::Api api;
  std::vector<TenantId> tenants;
  std::vector<OfferingId> offerings; ///< capacities 1, 2, 5 of the first tenant, then of the second
  std::vector<std::string> keys;
  CouponId coupon;

 private:
  static api::ApiOptions unlimited() {
    api::ApiOptions options;
    options.rate_limit = options.visitor_limit = 0;
    return options;
  }
  /// Every day 08:00–20:00 UTC, an hour each, one every half hour: neighbours overlap.
  OfferingId offering(TenantId tenant, int capacity) {
    return platform
        .write(tenant,
               [&](WriteContext& cx) -> Result<OfferingId> {
                 Offering draft;
                 draft.title = "Room for " + std::to_string(capacity);
                 draft.product_type_key = "space";
                 draft.status = OfferingStatus::published;
                 draft.base_price_cents = 1000;
                 json::Reader reader;
                 ORKESTR_TRY(const auto made, create_offering(cx, draft, reader));
                 for (int weekday = 0; weekday < 7; ++weekday) {
                   AvailabilityRule rule;
                   rule.offering_id = made.id;
                   rule.day_of_week = weekday;
                   rule.start_time = {8 * 60};
                   rule.end_time = {20 * 60};
                   rule.step_minutes = 30;
                   rule.capacity = capacity;
                   ORKESTR_CHECK(create_rule(cx, rule, reader));
                 }
                 // What a risk score says is not what races here.
                 cx.tx.risk().put_policy(tenant, {{}, 101, 101});
                 return made.id;
               })
        .value();
  }
  std::string key(TenantId tenant) {
    IssuedApiKey prepared;
    const auto token = make_token(random);
    prepared.key.prefix = token.prefix;
    prepared.key.secret_hash = bcrypt_hash(token.secret, random, 4);
    prepared.token = token.text();
    ApiKey draft;
    draft.name = "race";
    return platform.write(tenant, [&](WriteContext& cx) { return create_api_key(cx, draft, prepared); }).value().token;
  }
};

BookRequest request_at(OfferingId offering, Instant start, int guest) {
  BookRequest request;
  request.offering_id = offering;
  request.interval = {start, start + std::chrono::hours{1}};
  request.customer_name = "Guest";
  request.customer_email = "guest" + std::to_string(guest) + "@example.com";
  return request;
}

/// Holds, books, approves, moves, cancels and lets holds lapse, on a few slots, until time is up.
void storm(World& w, const Options& options, Report& report) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.seconds);
  std::mutex mutex;
  std::set<BookingId> alive; // the ledger: acknowledged, and not acknowledged as ended
  std::vector<std::jthread> threads;
  for (int client = 0; client < options.clients; ++client)
    threads.emplace_back([&, client] {
      SeededRandom dice(options.seed * 1000 + static_cast<std::uint64_t>(client));
      const auto below = [&](std::uint64_t n) { return dice.next() % n; };
      const TenantId tenant = w.tenants[0];
      std::vector<BookingId> own;
      const auto start = [&] { return day + std::chrono::minutes{8 * 60 + 30 * static_cast<int>(below(2 * slots_per_day - 1))}; };
      while (std::chrono::steady_clock::now() < until) {
        const auto& offering = w.offerings[below(3)];
        const auto action = below(10);
        if (own.empty() || action < 4) {
          auto request = request_at(offering, start(), client);
          if (below(3) == 0) request.coupon_code = "RUSH";
          if (action < 2) {
            const auto held = w.platform.hold(tenant, {offering, request.interval, 1, "client " + std::to_string(client)});
            if (!held || below(3) == 0) continue; // left to lapse
            request.hold_id = held->id;
          }
          const auto made = request.coupon_code ? w.platform.check_out(tenant, request) : w.platform.book(tenant, request);
          report.count(made ? "booked" : "refused");
          if (!made) continue;
          own.push_back(made->id);
          const std::lock_guard guard(mutex);
          alive.insert(made->id);
        } else if (action < 6) {
          (void)w.platform.approve(tenant, own[below(own.size())]);
        } else if (action < 8) {
          const Instant to = start();
          if (w.platform.reschedule(tenant, own[below(own.size())], {{}, {to, to + std::chrono::hours{1}}, Audience::customer}))
            report.count("moved");
        } else {
          const auto at = below(own.size());
          const auto ended = w.platform.cancel(tenant, own[at]);
          if (ended) report.count("cancelled");
          if (!ended) report.fault("an own booking can't be cancelled: " + ended.error().detail);
          const std::lock_guard guard(mutex);
          alive.erase(own[at]);
          own.erase(own.begin() + static_cast<std::ptrdiff_t>(at));
        }
        if (below(50) == 0) {
          w.clock.advance(std::chrono::minutes{1});
          (void)w.platform.run_due(w.clock.now());
        }
      }
    });
  threads.clear();
  const auto rows = sql(w.file, "SELECT count(*) FROM bookings WHERE status IN ('PENDING', 'CONFIRMED')");
  if (rows[0][0] != static_cast<std::int64_t>(alive.size()))
    report.fault("acknowledged and alive " + std::to_string(alive.size()) + ", rows " + std::to_string(rows[0][0]));
}

/// The sweep line, in SQL: at each start, the units of live items and holds that cover it.
void check_capacity(World& w, Report& report) {
  for (std::size_t i = 0; i < w.offerings.size(); ++i) {
    const std::string id = w.offerings[i].str(), now = std::to_string(w.clock.now().ms);
    const std::string live =
        "SELECT i.starts_at AS s, i.ends_at AS e, i.quantity AS q FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id"
        " AND b.id = i.booking_id WHERE i.offering_id = '" +
        id +
        "' AND b.status IN ('PENDING', 'CONFIRMED')"
        " UNION ALL SELECT starts_at, ends_at, quantity FROM holds WHERE offering_id = '" +
        id + "' AND expires_at > " + now;
    const auto peak = sql(w.file, "WITH live AS (" + live +
                                      ") SELECT coalesce(max(units), 0) FROM (SELECT (SELECT sum(o.q) FROM live o"
                                      " WHERE o.s <= l.s AND l.s < o.e) AS units FROM live l)")[0][0];
    const int capacity = std::array{1, 2, 5}[i % 3];
    auto& most = report.counts["peak on capacity " + std::to_string(capacity)];
    most = std::max(most, static_cast<long>(peak));
    if (peak > capacity) report.fault("capacity " + std::to_string(capacity) + ", taken " + std::to_string(peak));
  }
}

/// After the storm every unit that is free can be had, one by one, and not one more; those of holds that lapsed too, unswept.
void check_no_false_full(World& w, Report& report) {
  w.clock.advance(hold_time);
  for (std::size_t i = 0; i < 3; ++i) {
    const int capacity = std::array{1, 2, 5}[i];
    for (int hour = 8; hour < 20; ++hour) {
      const Instant start = day + std::chrono::hours{hour};
      const auto taken =
          sql(w.file, "WITH live AS (SELECT i.starts_at AS s, i.ends_at AS e, i.quantity AS q FROM booking_items i JOIN bookings b ON"
                      " b.tenant_id = i.tenant_id AND b.id = i.booking_id WHERE i.offering_id = '" +
                          w.offerings[i].str() + "' AND b.status IN ('PENDING', 'CONFIRMED') AND i.ends_at > " + std::to_string(start.ms) +
                          " AND i.starts_at < " + std::to_string(start.ms + 3'600'000) +
                          ") SELECT coalesce(max((SELECT sum(o.q) FROM live o WHERE o.s <= max(l.s, " + std::to_string(start.ms) +
                          ") AND max(l.s, " + std::to_string(start.ms) + ") < o.e)), 0) FROM live l")[0][0];
      for (auto left = capacity - taken; left >= 0; --left) {
        const bool made = w.platform.book(w.tenants[0], request_at(w.offerings[i], start, 999)).has_value();
        if (made != (left > 0)) report.fault(std::string{made ? "booked what is full" : "full, but free"} + " at " + to_string(start));
        report.count("filled", made);
        if (!made) break;
      }
    }
  }
}

void check_coupon(World& w, const Options& options, Report& report) {
  const auto rows =
      sql(w.file, "SELECT redeemed_count, (SELECT count(*) FROM coupon_redemptions), (SELECT count(*) FROM bookings WHERE"
                  " coupon_code = 'RUSH' AND (status IN ('PENDING', 'CONFIRMED') OR confirmed_at IS NOT NULL)) FROM coupons")[0];
  report.count("redemptions that count", rows[0]);
  if (rows[0] > options.cap || rows[1] != rows[0] || rows[2] != rows[0])
    report.fault("cap " + std::to_string(options.cap) + ", counted " + std::to_string(rows[0]) + ", redemptions " +
                 std::to_string(rows[1]) + ", bookings " + std::to_string(rows[2]));
}

void check_events(World& w, Report& report) {
  const auto rows = sql(w.file, "SELECT (SELECT count(*) FROM bookings), (SELECT count(*) FROM events WHERE type = 'booking.created'),"
                                " (SELECT count(*) FROM bookings WHERE status = 'CANCELLED'), (SELECT count(*) FROM events WHERE type ="
                                " 'booking.cancelled'), (SELECT count(*) FROM bookings WHERE confirmed_at IS NOT NULL),"
                                " (SELECT count(*) FROM events WHERE type = 'booking.confirmed')")[0];
  for (std::size_t i = 0; i < rows.size(); i += 2)
    if (rows[i] != rows[i + 1]) report.fault("rows " + std::to_string(rows[i]) + ", events " + std::to_string(rows[i + 1]));
}

/// Each key is sent five times at once, by two tenants, and once with another body.
void idempotency(World& w, const Options& options, Report& report) {
  const int keys = static_cast<int>(options.seconds * 60);
  const auto send = [&](std::size_t tenant, const std::string& key, const std::string& notes) {
    const Instant start = day + std::chrono::days{1 + std::atoi(key.c_str()) % 200} + std::chrono::hours{8 + std::atoi(key.c_str()) / 200};
    const std::string body = R"({"offeringId":")" + w.offerings[tenant * 3 + 2].str() + R"(","startsAt":")" + to_string(start) +
                             R"(","endsAt":")" + to_string(start + std::chrono::hours{1}) +
                             R"(","customer":{"name":"Ada","email":"ada@example.com"},"notes":")" + notes + "\"}";
    const std::string bearer = "Bearer " + w.keys[tenant];
    const api::HeaderView headers[] = {{"Authorization", bearer}, {"Content-Type", "application/json"}, {"Idempotency-Key", key}};
    return w.api.handle({api::Method::post, "/v1/api/bookings", headers, body, "127.0.0.1"});
  };
  for (int k = 0; k < keys; ++k) {
    const std::string key = std::to_string(k);
    std::mutex mutex;
    std::set<std::string> answers[2];
    {
      std::vector<std::jthread> threads;
      for (int n = 0; n < 10; ++n)
        threads.emplace_back([&, n] {
          const auto tenant = static_cast<std::size_t>(n % 2);
          const auto answer = send(tenant, key, "first");
          const std::lock_guard guard(mutex);
          if (answer.status == 201) answers[tenant].insert(answer.body);
          if (answer.status != 201) report.fault("a send was answered " + std::to_string(answer.status) + " " + answer.body);
        });
    }
    for (const auto& bodies : answers)
      if (bodies.size() != 1) report.fault("one key, " + std::to_string(bodies.size()) + " answers");
    if (!answers[0].empty() && !answers[1].empty() && *answers[0].begin() == *answers[1].begin()) report.fault("another tenant's answer");
    if (send(0, key, "second").status != 422) report.fault("another body was not refused");
  }
  const auto made = sql(w.file, "SELECT count(*) FROM bookings WHERE notes = 'first'")[0][0];
  report.count("keys that acted once", keys * 2);
  if (made != keys * 2) report.fault(std::to_string(keys * 2) + " keys made " + std::to_string(made) + " bookings");
}

Report& run(const std::filesystem::path& folder, Mutant mutant, const Options& options, Report& report) {
  World w(folder, mutant, options);
  storm(w, options, report);
  check_capacity(w, report);
  check_coupon(w, options, report);
  check_events(w, report);
  check_no_false_full(w, report);
  check_capacity(w, report);
  idempotency(w, options, report);
  return report;
}

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("orkestr-race-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

int run_mutants(Options options) {
  options.seconds = 1;
  options.cap = 20; // soon used up
  int caught = 0, planted = 0;
  for (int m = 1; m < static_cast<int>(std::size(campaign::mutant_names)); ++m) {
    Report report;
    {
      const Folder folder;
      run(folder.path, static_cast<Mutant>(m), options, report);
    }
    ++planted;
    caught += !report.faults.empty();
    std::printf("%-22s %s\n", std::string{campaign::mutant_names[m]}.c_str(),
                report.faults.empty() ? "NOT CAUGHT" : ("caught: " + report.faults[0]).substr(0, 110).c_str());
  }
  std::printf("%d of %d caught\n", caught, planted);
  return caught == planted ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  bool mutants = false;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0 && i + 1 < argc; };
    if (std::strcmp(argv[i], "--mutants") == 0)
      mutants = true;
    else if (is("--seconds"))
      options.seconds = std::atof(argv[++i]);
    else if (is("--clients"))
      options.clients = std::atoi(argv[++i]);
    else if (is("--seed"))
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    else
      return std::fprintf(stderr, "race [--seconds 4] [--clients 64] [--seed 1] [--mutants]\n"), 2;
  }
  if (mutants) return run_mutants(options);
  Report report;
  {
    const Folder folder;
    run(folder.path, Mutant::none, options, report);
  }
  std::printf("seed %llu, %d clients, %.0f s\n", static_cast<unsigned long long>(options.seed), options.clients, options.seconds);
  for (const auto& [name, n] : report.counts) std::printf("| %s | %ld |\n", name.c_str(), n);
  for (const auto& fault : report.faults) std::printf("FAULT: %s\n", fault.c_str());
  std::printf("faults: %zu\n", report.faults.size());
  return report.faults.empty() ? 0 : 1;
}
