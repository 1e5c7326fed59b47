// What SQLite adds to the contract: the file. Its owner, its version, and that nothing acknowledged is lost.
#include "storage/samples.hpp"
#include "storage/sql/migrations.hpp"
#include "storage/temp_dir.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/ports/random.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <set>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The C library's own names, in front of it: SQLite's syncs are counted on their way to the kernel.
static std::atomic<int> syncs{0};
extern "C" int fsync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::SqliteOptions;
using storage::SqliteStore;
using storage::WriteTransaction;

std::unique_ptr<SqliteStore> open(const SqliteOptions& options) {
  auto store = SqliteStore::open(options);
  if (!store) throw std::runtime_error(store.error().detail);
  return std::move(*store);
}

std::optional<Code> refusal_to_open(const std::filesystem::path& file) {
  const auto store = SqliteStore::open({file});
  return store ? std::nullopt : std::optional{store.error().code};
}

/// Runs statements on the file behind the store's back. @returns the first value of the last row
std::int64_t run(const std::filesystem::path& file, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  std::int64_t value = -1;
  const auto take = [](void* target, int, char** columns, char**) {
    if (columns[0] != nullptr) *static_cast<std::int64_t*>(target) = std::strtoll(columns[0], nullptr, 10);
    return 0;
  };
  CHECK(sqlite3_exec(db, sql, take, &value, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return value;
}

TEST_CASE("reopening a SQLite file keeps everything") {
  const TempDir dir;
  const SqliteOptions options{dir.path() / "store.db"};
  const auto w = sample_world(1);
  const auto all = [&](storage::Store& store) { return read(store, [&](const ReadTransaction& tx) { return everything(tx, w); }); };
  std::string before;
  {
    const auto store = open(options);
    write(*store, [&](WriteTransaction& tx) {
      tx.tenants().insert(w.tenant);
      insert_all(tx, w.tenant.id, w);
    });
    before = all(*store);
  }
  for (int i = 0; i < 2; ++i) CHECK(difference(all(*open(options)), before) == "");
  const auto store = open(options);
  CHECK(refusal(*store, [&](WriteTransaction& tx) { tx.offerings().insert(w.tenant.id, w.offering); }) == Code::already_exists);
  // The longest claim is remembered as well, or the search would start behind it.
  CHECK(read(*store, [&](const ReadTransaction& tx) {
          const auto last = w.claim.interval.end;
          return tx.occupancy().in_range(w.tenant.id, w.offering.id.view(), {last - milliseconds{1}, last}, epoch).size();
        }) == 1);
}

TEST_CASE("a file of the first schema is brought up to date with all that it held") {
  const TempDir dir;
  const auto file = dir.path() / "old.db";
  const std::string t = mint<TenantId>().str();
  const auto offering = mint<OfferingId>();
  const auto item = mint<BookingItemId>();
  const auto booking = mint<BookingId>();
  run(file, std::string{storage::sql::migrations()[0]}.c_str());
  run(file,
      ("INSERT INTO occupancy VALUES ('" + t + "', '" + item.str() + "', '" + offering.str() + "', " + std::to_string(minute(10).ms) +
       ", " + std::to_string(minute(70).ms) + ", 3, 'PENDING');" + "INSERT INTO occupancy_locks VALUES ('" + t + "', '" + offering.str() +
       "', 5, 3600000);" +
       "INSERT INTO bookings (tenant_id, id, customer_id, status, subtotal_cents, discount_cents, tax_cents, total_cents, currency,"
       " notes, source, risk_score, risk_review_status, risk_reasons, price_lines, policy, created_at, updated_at, last_ends_at)"
       " VALUES ('" +
       t + "', '" + booking.str() + "', '" + mint<CustomerId>().str() +
       "', 'CONFIRMED', 5, 0, 0, 5, 'USD', '', 'api', 0, 'NONE', '[]',"
       " '[{\"label\":\"Old\",\"unitPriceCents\":5,\"quantity\":1,\"subtotalCents\":5,\"discountCents\":0,\"taxCents\":0,\"totalCents\":5}]',"
       " '{\"kind\":\"STRICT\",\"tiers\":[{\"hoursBefore\":168,\"refundPercent\":50}]}', 1, 1, " +
       std::to_string(minute(70).ms) +
       ");"
       "PRAGMA user_version = 1")
          .c_str());
  const auto store = open({file});
  const auto tenant = *TenantId::parse(t);
  read(*store, [&](const ReadTransaction& tx) {
    const auto claims = tx.occupancy().in_range(tenant, offering.view(), {minute(69), minute(100)}, minute(0));
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].holder == storage::Holder{item});
    CHECK(claims[0].offering_id == offering);
    CHECK(claims[0].quantity == 3);
    CHECK_FALSE(claims[0].expires_at);
    const auto old = tx.bookings().find(tenant, booking);
    REQUIRE(old);
    CHECK(old->price_lines[0].label == "Old");
    CHECK(old->policy.tiers[0].refund_percent == 50);
    CHECK_FALSE(old->auto_approve);
    CHECK(tx.bookings().due_for_completion(minute(70), 10).size() == 1);
  });
}

TEST_CASE("events of a file of any older schema stay in the feed by their ids, and new ones follow") {
  const auto steps = storage::sql::migrations();
  for (std::size_t version = 1; version < 5; ++version) {
    CAPTURE(version);
    const TempDir dir;
    const auto file = dir.path() / "old.db";
    const auto t = mint<TenantId>();
    for (std::size_t step = 0; step < version; ++step) run(file, std::string{steps[step]}.c_str());
    std::vector<EventId> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(mint<EventId>());
    for (const std::size_t i : {3, 1, 2})
      run(file, ("INSERT INTO events VALUES ('" + t.str() + "', '" + ids[i].str() + "', 'booking.created', 'subject', 'old', 1)").c_str());
    run(file, ("PRAGMA user_version = " + std::to_string(version)).c_str());
    const auto store = open({file});
    auto first = sample_event(1), second = sample_event(2);
    second.id = ids[0]; // below all of them
    for (const auto& event : {first, second}) write(*store, [&](WriteTransaction& tx) { tx.events().append(t, event); });
    read(*store, [&](const ReadTransaction& tx) {
      std::vector<EventId> feed;
      for (const auto& event : tx.events().list(t, "", 10, true)) feed.push_back(event.id);
      CHECK(feed == std::vector{ids[1], ids[2], ids[3], first.id, second.id});
      CHECK(text_of(tx.events().list(t, ids[3].view(), 10)) == text_of(std::vector{first, second}));
      CHECK(tx.webhooks().active(t).empty());
      CHECK(tx.notifications().list(t, {}, false, {}).empty());
      CHECK_FALSE(tx.deliveries().oldest_pending().has_value());
    });
    // What is owed of an old event waits before what is owed of a new one.
    const auto hook = mint<WebhookId>();
    auto old = first;
    old.id = ids[3];
    old.subject = first.subject;
    const auto of_old = live_delivery(hook, old, minute(1)), of_new = live_delivery(hook, first, minute(1));
    write(*store, [&](WriteTransaction& tx) {
      tx.deliveries().insert(t, of_new);
      tx.deliveries().insert(t, of_old);
    });
    CHECK(read(*store, [&](const ReadTransaction& tx) { return text_of(tx.deliveries().ahead_of(t, of_new)); }) == text_of(of_old));
  }
}

TEST_CASE("a SQLite file has one owner") {
  const TempDir dir;
  const auto file = dir.path() / "store.db";
  SUBCASE("in this process") {
    auto store = open({file});
    CHECK(refusal_to_open(file) == Code::store_locked);
    CHECK(refusal_to_open(dir.path() / "." / "store.db") == Code::store_locked);
    (void)add_tenant(*store); // the owner goes on
    store.reset();
    CHECK_FALSE(refusal_to_open(file).has_value());
  }
  SUBCASE("by another name") {
    std::filesystem::create_symlink(file, dir.path() / "alias.db");
    const auto store = open({file});
    CHECK(refusal_to_open(dir.path() / "alias.db") == Code::store_locked);
  }
  SUBCASE("in another process") {
    // The child is made before there are threads, and waits until this process owns the file.
    int go[2];
    REQUIRE(::pipe(go) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      char byte = 0;
      if (::read(go[0], &byte, 1) != 1) ::_exit(3);
      ::_exit(refusal_to_open(file) == Code::store_locked ? 0 : 1);
    }
    const auto store = open({file});
    CHECK(::write(go[1], "x", 1) == 1);
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    ::close(go[0]), ::close(go[1]);
    (void)add_tenant(*store);
  }
}

TEST_CASE("SQLite files that can't be opened") {
  const TempDir dir;
  const auto file = dir.path() / "store.db";
  SUBCASE("of a newer version") {
    TenantId tenant;
    {
      const auto store = open({file});
      tenant = add_tenant(*store);
    }
    const auto version = run(file, "PRAGMA user_version");
    CHECK(version >= 1);
    run(file, ("PRAGMA user_version = " + std::to_string(version + 1)).c_str());
    for (int i = 0; i < 2; ++i) CHECK(refusal_to_open(file) == Code::schema_too_new);
    CHECK(run(file, "PRAGMA user_version") == version + 1);
    run(file, ("PRAGMA user_version = " + std::to_string(version)).c_str());
    const auto store = open({file});
    CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.tenants().find(tenant).has_value(); }));
  }
  SUBCASE("that are no database") {
    const std::string text(10'000, 'x');
    std::ofstream(file) << text;
    for (int i = 0; i < 2; ++i) {
      const auto store = SqliteStore::open({file});
      REQUIRE_FALSE(store.has_value());
      CHECK(store.error().code == Code::store_unavailable);
      CHECK(store.error().detail.find("not a database") != std::string::npos);
    }
    std::string left;
    std::getline(std::ifstream(file) >> std::ws, left);
    CHECK(left == text); // as it was
  }
  SUBCASE("in no directory") { CHECK(refusal_to_open(dir.path() / "none" / "store.db") == Code::store_unavailable); }
  SUBCASE("that are a directory") {
    std::filesystem::create_directory(file);
    CHECK(refusal_to_open(file) == Code::store_unavailable);
  }
}

TEST_CASE("every SQLite commit is synced") {
  const TempDir dir;
  const auto file = dir.path() / "store.db";
  constexpr int writes = 20;
  const auto count = [&](bool full_sync) {
    SqliteOptions options{file};
    options.full_sync = full_sync;
    const auto store = open(options);
    (void)add_tenant(*store);
    CHECK(std::filesystem::exists(file.string() + "-wal"));
    const int before = syncs;
    for (int i = 0; i < writes; ++i) (void)add_tenant(*store); // one by one, so that each is a commit
    return syncs - before;
  };
  CHECK(count(true) >= writes);
  CHECK(count(false) < writes);
}

TEST_CASE("SQLite groups the writes of many threads") {
  const TempDir dir;
  constexpr int threads = 64, times = 50;
  const auto store = open({dir.path() / "store.db"});
  const auto tenant = add_tenant(*store);
  const auto start = store->stats();
  in_threads(threads, [&](int) {
    for (int i = 0; i < times; ++i) write(*store, [&](WriteTransaction& tx) { tx.events().append(tenant, sample_event(1)); });
  });
  const auto stats = store->stats();
  CHECK(stats.writes - start.writes == threads * times);
  CHECK(stats.commits - start.commits < threads * times / 4);
  CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.events().list(tenant, "", 100'000).size(); }) == threads * times);
}

TEST_CASE("SQLite refuses writes beyond the queue's length") {
  const TempDir dir;
  SqliteOptions options{dir.path() / "store.db"};
  options.max_batch = options.max_waiting = 1;
  const auto store = open(options);
  const auto tenant = add_tenant(*store);
  // One write is held up within its transaction; of three that come meanwhile one waits and two are busy.
  std::atomic<bool> held{false};
  std::atomic<int> busy{0}, others{0};
  in_threads(4, [&](int thread) {
    if (thread == 0) {
      write(*store, [&](WriteTransaction& tx) {
        held = true;
        for (int i = 0; i < 5000 && busy < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        tx.events().append(tenant, sample_event(1));
      });
      return;
    }
    while (!held) std::this_thread::yield();
    const auto code = refusal(*store, [&](WriteTransaction& tx) { tx.events().append(tenant, sample_event(1)); });
    if (code == Code::busy)
      ++busy;
    else if (code)
      ++others;
  });
  CHECK(busy == 2);
  CHECK(others == 0);
  CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.events().list(tenant, "", 100).size(); }) == 2);
}

// ---- kill -9 -----------------------------------------------------------------------------------------------------

/// A write of two rows that belong together.
struct Pair {
  Event event;
  Offering offering;
};

/// Writes from several threads until it is killed, and names each event down the pipe once its write has returned.
[[noreturn]] void write_until_killed(const SqliteOptions& options, TenantId tenant, std::uint64_t round, int pipe) {
  try {
    const auto store = open(options);
    SeededRandom random(round);
    IdMinter ids(random);
    const Instant now = epoch + std::chrono::hours{round};
    in_threads(4, [&](int) {
      for (;;) {
        Pair pair{sample_event(1), live_offering()};
        pair.event.id = ids.make<EventId>(now);
        pair.offering.slug = pair.event.subject = pair.event.id.str();
        pair.offering.id = ids.make<OfferingId>(now);
        write(*store, [&](WriteTransaction& tx) {
          tx.events().append(tenant, pair.event);
          tx.offerings().insert(tenant, pair.offering);
        });
        const std::string line = pair.event.id.str();
        if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
      }
    });
  } catch (...) {
  }
  ::_exit(2);
}

TEST_CASE("what SQLite acknowledged survives kill -9") {
  const TempDir dir;
  const SqliteOptions options{dir.path() / "store.db"};
  TenantId tenant;
  {
    const auto store = open(options);
    tenant = add_tenant(*store);
  }
  std::set<std::string> acknowledged;
  for (std::uint64_t round = 1; round <= 10; ++round) {
    CAPTURE(round);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(options, tenant, round, ends[1]);
    }
    ::close(ends[1]);
    // Ids are written whole: they are shorter than PIPE_BUF.
    std::string id(EventId::size, '\0');
    std::size_t count = 0;
    bool alive = true;
    while (::read(ends[0], id.data(), id.size()) == static_cast<ssize_t>(id.size())) {
      acknowledged.insert(id);
      if (++count < 40 + round * 7 || !alive) continue;
      alive = false;
      CHECK(::kill(child, SIGKILL) == 0);
    }
    ::close(ends[0]);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status)); // not by itself
    CHECK(count >= 40);
    auto store = open(options);
    read(*store, [&](const ReadTransaction& tx) {
      std::set<std::string> there;
      for (const auto& event : tx.events().list(tenant, "", 1'000'000)) there.insert(event.id.str());
      std::size_t lost = 0;
      for (const auto& one : acknowledged) lost += there.contains(one) ? 0 : 1;
      CHECK(lost == 0);
      // Whole writes only, also of those nobody was told about.
      const auto offerings = tx.offerings().list(tenant, {}, {1'000'000, {}});
      CHECK(offerings.size() == there.size());
      for (const auto& offering : offerings)
        if (!there.contains(offering.slug)) FAIL_CHECK("half a write was kept");
    });
    store.reset();
    CHECK(run(options.file, "PRAGMA quick_check; SELECT count(*) FROM events") >= static_cast<std::int64_t>(acknowledged.size()));
  }
}

} // namespace
} // namespace orkestr::storage_contract
