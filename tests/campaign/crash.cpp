// kill -9 while a platform works on SQLite, two in three times at a named point: what was acknowledged is there, and what is
// there is whole.
//
//   crash [--kills 60] [--seed 1]
//   crash --mutants
#include "campaign/mutants.hpp"
#include "support/room.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/platform/platform.hpp"

#include <sqlite3.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace orkestr;
using campaign::Mutant;

namespace {

/// Where the process dies. `any` is wherever a timer of some milliseconds finds it.
enum class Point { any, before_begin, after_begin, before_commit, after_commit, after_reply };
constexpr std::string_view point_names[] = {"any", "before BEGIN", "after BEGIN", "before COMMIT", "after COMMIT", "after the reply"};

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  std::abort();
}

/// Kills the process at a point of its n-th write. Also plants the bug of this campaign's own: a reply before the commit.
class CrashStore final : public storage::Store {
 public:
  CrashStore(storage::Store& store, Point point, int after, std::function<void()> reply_early)
      : store_(store), point_(point), left_(after), reply_early_(std::move(reply_early)) {}

  /// To be called when a client has been told.
  void replied() {
    if (point_ == Point::after_reply && armed_) die();
  }

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override { return run_read_of(store_, f); }
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override {
    armed_ = --left_ <= 0;
    const auto at = [&](Point point) {
      if (armed_ && point_ == point) die();
    };
    at(Point::before_begin);
    auto done = run_write_of(store_, [&](storage::WriteTransaction& tx) {
      at(Point::after_begin);
      const bool keep = f(tx);
      if (keep && reply_early_) reply_early_();
      at(Point::before_commit);
      return keep;
    });
    at(Point::after_commit);
    return done;
  }

  storage::Store& store_;
  Point point_;
  int left_;
  bool armed_ = false;
  std::function<void()> reply_early_;
};

const Instant monday = *Instant::parse("2026-05-04T08:00:00Z");

struct Handles {
  TenantId tenant;
  OfferingId offering;
};

Handles set_up(const std::filesystem::path& file) {
  const auto store = storage::SqliteStore::open({file}).value();
  const ManualClock clock(monday - std::chrono::days{3});
  SeededRandom random(1);
  Platform platform(*store, clock, random);
  Tenant draft;
  draft.name = draft.subdomain = "atlas";
  const auto tenant = platform.create_tenant(draft).value().id;
  return platform
      .write(tenant,
             [&](WriteContext& cx) -> Result<Handles> {
               json::Reader reader;
               ORKESTR_TRY(const auto made, support::open_daily(cx, support::room(), support::all_day(3)));
               Coupon coupon;
               coupon.code = "HALF";
               coupon.amount = 50;
               ORKESTR_CHECK(create_coupon(cx, coupon, reader));
               return Handles{cx.tenant, made.id};
             })
      .value();
}

/// Books, approves, moves and cancels until it dies, and tells each outcome down the pipe once the call has returned:
/// `b<id>` booked, `c<id>` cancelled.
[[noreturn]] void work(const std::filesystem::path& file, const Handles& h, Point point, std::uint64_t seed, Mutant mutant, bool early,
                       int pipe) {
  auto sqlite = storage::SqliteStore::open({file});
  if (!sqlite) std::_Exit(3);
  SeededRandom dice(seed);
  std::string told;
  const auto tell = [&](char what, BookingId id) {
    const std::string line = what + id.str() + "\n";
    if (::write(pipe, line.data(), line.size()) < 0) std::_Exit(4);
  };
  BookingId early_id;
  CrashStore crashing(**sqlite, point, 2 + static_cast<int>(dice.next() % 25), [&]() -> void {
    if (early && !early_id.empty()) tell('b', early_id);
  });
  campaign::MutantStore store(crashing, mutant);
  const ManualClock clock(monday - std::chrono::days{2});
  SeededRandom random(seed * 77);
  Platform platform(store, clock, random);
  std::thread timer;
  if (point == Point::any)
    timer = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::microseconds{500 + dice.next() % 12'000});
      die();
    });
  std::vector<BookingId> own;
  for (int i = 0; i < 5000; ++i) {
    const Instant start = monday + std::chrono::hours{random.next() % 2000};
    BookRequest request;
    request.offering_id = h.offering;
    request.interval = {start, start + std::chrono::hours{1}};
    request.customer_name = "Guest";
    request.customer_email = "guest" + std::to_string(random.next() % 9) + "@example.com";
    if (i % 3 == 0) request.coupon_code = "HALF";
    const auto made = platform.write(h.tenant, [&](WriteContext& cx) -> Result<Booking> {
      early_id = {};
      auto booking = book(cx, request);
      if (booking) early_id = booking->id;
      return booking;
    });
    early_id = {};
    if (made) {
      own.push_back(made->id);
      if (!early) tell('b', made->id);
      crashing.replied();
    }
    if (own.empty()) continue;
    const auto id = own[random.next() % own.size()];
    switch (random.next() % 4) {
    case 0: (void)platform.approve(h.tenant, id); break;
    case 1:
      (void)platform.reschedule(h.tenant, id, {{}, {start + std::chrono::hours{1}, start + std::chrono::hours{2}}, Audience::provider});
      break;
    case 2:
      if (platform.cancel(h.tenant, id)) tell('c', id);
      break;
    default: break;
    }
    crashing.replied();
  }
  die();
}

std::map<std::string, std::string> query(const std::filesystem::path& file, const char* sql) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  std::map<std::string, std::string> rows;
  const auto take = [](void* to, int n, char** values, char**) {
    (*static_cast<std::map<std::string, std::string>*>(to))[values[0] ? values[0] : ""] = n > 1 && values[1] ? values[1] : "";
    return 0;
  };
  if (sqlite3_exec(db, sql, take, &rows, nullptr) != SQLITE_OK) std::fprintf(stderr, "%s\n", sqlite3_errmsg(db)), std::abort();
  sqlite3_close(db);
  return rows;
}

struct Ledger {
  std::set<std::string> booked, cancelled;
  long acknowledged = 0;
};

/// What is missing or torn; empty when all is well.
std::string check(const std::filesystem::path& file, const Ledger& ledger) {
  const auto status = query(file, "SELECT id, status FROM bookings");
  for (const auto& id : ledger.booked)
    if (!status.contains(id)) return "an acknowledged booking is lost";
  for (const auto& id : ledger.cancelled)
    if (status.at(id) != "CANCELLED") return "an acknowledged cancellation is lost";
  const auto differ = [&](const char* a, const char* b) { return query(file, a) != query(file, b); };
  if (differ("SELECT holder, starts_at FROM occupancy",
             "SELECT i.id, i.starts_at FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND"
             " b.id = i.booking_id WHERE b.status IN ('PENDING', 'CONFIRMED')"))
    return "claims are not what bookings say";
  if (differ("SELECT subject FROM events WHERE type = 'booking.created'", "SELECT id FROM bookings")) return "a booking without its event";
  if (differ("SELECT subject FROM events WHERE type = 'booking.cancelled'", "SELECT id FROM bookings WHERE status = 'CANCELLED'"))
    return "a cancellation without its event";
  if (differ("SELECT redeemed_count FROM coupons", "SELECT count(*) FROM coupon_redemptions")) return "a redemption is not counted";
  if (differ("SELECT booking_id FROM coupon_redemptions",
             "SELECT id FROM bookings WHERE coupon_code IS NOT NULL AND (status IN ('PENDING', 'CONFIRMED') OR confirmed_at IS NOT NULL)"))
    return "a redemption that was not given back";
  if (query(file, "PRAGMA integrity_check").count("ok") != 1) return "the file is corrupt";
  return {};
}

struct Outcome {
  std::string fault;
  int kills = 0;
  long acknowledged = 0;
  std::map<std::string_view, int> by_point;
};

Outcome run(int kills, std::uint64_t seed, Mutant mutant, bool early) {
  const auto folder = std::filesystem::temp_directory_path() / ("orkestr-crash-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / "crash.db";
  const auto handles = set_up(file);
  Outcome outcome;
  Ledger ledger;
  for (int n = 0; n < kills && outcome.fault.empty(); ++n) {
    const auto point = n % 3 == 0 ? Point::any : static_cast<Point>(1 + (n / 3 * 2 + n % 3 - 1) % 5);
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      work(file, handles, point, seed + static_cast<std::uint64_t>(n), mutant, early, ends[1]);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) outcome.fault = "the child did not die but exited with " + std::to_string(WEXITSTATUS(status));
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      (text[at] == 'b' ? ledger.booked : ledger.cancelled).insert(text.substr(at + 1, end - at - 1));
      ++ledger.acknowledged;
    }
    ++outcome.kills;
    ++outcome.by_point[point_names[static_cast<int>(point)]];
    if (outcome.fault.empty()) outcome.fault = check(file, ledger);
  }
  outcome.acknowledged = ledger.acknowledged;
  std::filesystem::remove_all(folder);
  return outcome;
}

int run_mutants() {
  struct Planted {
    std::string_view name;
    Mutant mutant;
    bool early;
  };
  static constexpr Planted planted[] = {{"replies before the commit", Mutant::none, true},
                                        {"forgets_claims", Mutant::forgets_claims, false},
                                        {"keeps_claims", Mutant::keeps_claims, false},
                                        {"keeps_redemptions", Mutant::keeps_redemptions, false},
                                        {"loses_events", Mutant::loses_events, false}};
  std::size_t caught = 0;
  for (const auto& [name, mutant, early] : planted) {
    const auto outcome = run(60, 1, mutant, early);
    caught += !outcome.fault.empty();
    std::printf("%-28s %s\n", std::string{name}.c_str(), outcome.fault.empty() ? "NOT CAUGHT" : ("caught: " + outcome.fault).c_str());
  }
  std::printf("%zu of %zu caught\n", caught, std::size(planted));
  return caught == std::size(planted) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  int kills = 60;
  std::uint64_t seed = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mutants") == 0) return run_mutants();
    if (std::strcmp(argv[i], "--kills") == 0 && i + 1 < argc)
      kills = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else
      return std::fprintf(stderr, "crash [--kills 60] [--seed 1] [--mutants]\n"), 2;
  }
  const auto outcome = run(kills, seed, Mutant::none, false);
  for (const auto& [point, n] : outcome.by_point) std::printf("| killed %s | %d |\n", std::string{point}.c_str(), n);
  std::printf("kills %d, acknowledged %ld, %s\n", outcome.kills, outcome.acknowledged,
              outcome.fault.empty() ? "lost 0" : ("FAULT: " + outcome.fault).c_str());
  return outcome.fault.empty() ? 0 : 1;
}
