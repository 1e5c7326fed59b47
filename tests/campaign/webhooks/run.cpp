#include "campaign/webhooks/run.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/platform/platform.hpp"
#ifdef ORKESTR_WITH_POSTGRES
#include "orkestr/adapters/postgres_store.hpp"
#include "support/postgres.hpp"
#endif

#include <sqlite3.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <spawn.h>
#include <sys/wait.h>

namespace orkestr::campaign {
namespace {

using namespace std::chrono_literals;

constexpr int factor = 50;
/// Of the campaign's time: half a second, so that what a dead child had is taken over soon; and one that no stall of a machine
/// outlasts, where nobody dies.
constexpr std::int64_t short_lease = 25'000, long_lease = 1'500'000;

Rows ask_sqlite(const std::string& file, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  Rows rows;
  const auto take = [](void* to, int n, char** values, char**) {
    auto& row = static_cast<Rows*>(to)->emplace_back();
    for (int i = 0; i < n; ++i) row.emplace_back(values[i] != nullptr ? values[i] : "");
    return 0;
  };
  if (sqlite3_exec(db, sql.c_str(), take, &rows, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
  sqlite3_close(db);
  return rows;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        dice_(options.seed),
        endpoints_(options.seed),
        clock_(real_, Instant::parse("2026-05-04T08:00:00Z")->ms, factor) {
    static int runs = 0;
    folder_ = std::filesystem::temp_directory_path() / ("orkestr-webhooks-" + std::to_string(::getpid()) + "-" + std::to_string(++runs));
    std::filesystem::create_directories(folder_);
    ledger_file_ = (folder_ / "ledger").string();
    std::ofstream{ledger_file_};
    store_ = (folder_ / "webhooks.db").string();
#ifdef ORKESTR_WITH_POSTGRES
    if (options.postgres) store_ = database_.emplace().conninfo();
#endif
    plan_.real = real_;
    plan_.factor = factor;
    plan_.ledger = ledger_file_;
    plan_.store = store_;
    plan_.postgres = options.postgres;
    plan_.bug = static_cast<int>(options.bug);
    plan_.stuck_ms = options.stuck_ms;
    plan_.lease = options.kills > 0 ? short_lease : options.stall_every > 0 ? short_lease / 2 : long_lease;
    plan_.stall_every = options.stall_every;
  }
  ~Run() { std::filesystem::remove_all(folder_); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Outcome go() {
    const auto began = std::chrono::steady_clock::now();
    const Instant start = clock_.now();
    set_up();
    kill_children();
    const bool drained = finish();
    endpoints_.go(true);
    Outcome outcome;
    const auto query = [this](const std::string& sql) { return ask(sql); };
    outcome.findings = check(query, ledger_, endpoints_.receipts(), options_.kills > 0 || options_.stall_every > 0);
    if (!drained) ++outcome.findings.faults["it never came to an end"];
    if (outcome.findings.acknowledged < static_cast<std::size_t>(options_.events)) ++outcome.findings.faults["fewer events than asked for"];
    outcome.killed = killed_;
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto last = ask("SELECT max(at) FROM delivery_attempts");
    outcome.hours = static_cast<double>(std::atoll(last.at(0).at(0).c_str()) - start.ms) / 3'600'000;
    return outcome;
  }

 private:
  Rows ask(const std::string& sql) {
#ifdef ORKESTR_WITH_POSTGRES
    if (options_.postgres) {
      const support::Postgres connection(store_);
      connection("SET orkestr.tenant = '*'"); // the wall between tenants holds the oracle back as well
      return connection(sql);
    }
#endif
    return ask_sqlite(store_, sql);
  }

  std::unique_ptr<storage::Store> open() {
#ifdef ORKESTR_WITH_POSTGRES
    if (options_.postgres) return storage::PostgresStore::open({store_}).value();
#endif
    return storage::SqliteStore::open({.file = store_}).value();
  }

  void set_up() {
    const auto store = open();
    SystemRandom random;
    plan_.key = SecretBox::make_key(random);
    Platform platform(*store, clock_, random, {SecretBox::parse(plan_.key).value(), {true}});
    Tenant draft;
    draft.name = draft.subdomain = "atlas";
    const auto tenant = platform.create_tenant(draft).value().id;
    plan_.tenant = tenant.str();
    const auto made = platform.write(tenant, [&](WriteContext& cx) -> Result<int> {
      for (int i = 0; i < options_.subjects; ++i) {
        Coupon subject;
        subject.id = cx.make_id<CouponId>();
        subject.code = subject.folded_code = "S" + std::to_string(i);
        subject.created_at = cx.now;
        cx.tx.coupons().insert(tenant, subject);
        plan_.subjects += (i > 0 ? "," : "") + subject.id.str();
      }
      for (std::size_t i = 0; i < endpoint_kinds().size(); ++i) {
        Webhook webhook;
        webhook.url = endpoints_.url(i);
        webhook.events = endpoint_kinds()[i].events;
        json::Reader reader;
        ORKESTR_TRY(const auto issued, create_webhook(cx, webhook, platform.webhook_rules(), reader));
        ledger_.webhooks.push_back(issued.webhook.id.str());
        endpoints_.expect(i, issued.secret);
      }
      return 0;
    });
    if (!made) throw std::runtime_error(made.error().detail);
  }

  pid_t start_child(Plan plan) {
    plan.seed = static_cast<std::int64_t>(dice_.next() >> 1);
    plan.start = clock_.start();
    std::vector<std::string> words{"webhooks", "--child"};
    Plan::each(plan, [&](const char* name, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
        words.push_back(std::string{name} + "=" + value);
      else
        words.push_back(std::string{name} + "=" + std::to_string(value));
    });
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0) throw std::runtime_error("no child");
    return child;
  }

  /// What children have written since.
  void read_ledger() {
    std::ifstream in(ledger_file_);
    in.seekg(ledger_read_);
    for (std::string line; std::getline(in, line);) {
      ledger_read_ += static_cast<std::streamoff>(line.size()) + 1;
      if (line.starts_with("! "))
        ++killed_[std::atoi(line.c_str() + 2)];
      else if (const auto space = line.rfind(' '); line.starts_with("+ "))
        ledger_.acknowledged.emplace(line.substr(2, space - 2), std::atol(line.c_str() + space));
    }
  }

  Plan doomed(int number, int kills_left) {
    Plan plan = plan_;
    plan.workers = options_.postgres ? 1 : 2;
    plan.dies = 1;
    const int named = number / 3 * 2 + number % 3 - 1;
    const auto point = options_.point ? *options_.point : number % 3 == 0 ? Point::any : static_cast<Point>(1 + named % (point_count - 1));
    plan.point = static_cast<int>(point);
    plan.after = 1 + static_cast<int>(dice_.next() % (point >= Point::take_before_begin && point <= Point::take_after_commit ? 4 : 15));
    // Somebody sleeps past its lease in every tenth of them.
    if (number % 10 == 5) plan.stall_every = 7;
    plan.events = left() / (kills_left + 1);
    if (dead_left_ > 0) plan.dead_events = 1, --dead_left_;
    return plan;
  }
  [[nodiscard]] int left() const { return std::max(0, options_.events - static_cast<int>(ledger_.acknowledged.size())); }

  /// One of the endpoints is away for a while in every three seconds.
  void come_and_go() { endpoints_.go(FastClock::real_now() / 1'000'000 % 3'000 < 2'300); }

  void kill_children() {
    std::vector<pid_t> slots(options_.postgres ? 2 : 1, 0);
    int started = 0, ended = 0;
    while (ended < options_.kills) {
      for (auto& child : slots) {
        if (child == 0 && started < options_.kills) {
          child = start_child(doomed(started, options_.kills - started));
          ++started;
        }
        int status = 0;
        if (child == 0 || ::waitpid(child, &status, WNOHANG) == 0) continue;
        if (!WIFSIGNALED(status)) throw std::runtime_error("a child ended with " + std::to_string(WEXITSTATUS(status)));
        child = 0;
        ++ended;
        read_ledger();
        // Alone on its store, the next one starts when the leases of this one are over; otherwise the others have to wait for that.
        if (slots.size() == 1) clock_.skip(milliseconds{plan_.lease});
      }
      come_and_go();
      std::this_thread::sleep_for(1ms);
    }
  }

  bool finish() {
    Plan plan = plan_;
    plan.events = left();
    plan.dead_events = dead_left_;
    plan.drain = 1;
    const pid_t child = start_child(plan);
    const auto began = std::chrono::steady_clock::now();
    const auto until = began + 60s + options_.events * 20ms;
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      const auto now = std::chrono::steady_clock::now();
      if (now > until) ::kill(child, SIGKILL);
      now < began + 5s ? come_and_go() : endpoints_.go(true);
      std::this_thread::sleep_for(2ms);
    }
    read_ledger();
    return WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(Drained::all);
  }

  const Options options_;
  SeededRandom dice_;
  Endpoints endpoints_;
  const std::int64_t real_ = FastClock::real_now();
  FastClock clock_;
  Plan plan_;
  Ledger ledger_;
  std::map<int, int> killed_;
  std::filesystem::path folder_;
  std::string store_, ledger_file_;
  std::streamoff ledger_read_ = 0;
  int dead_left_ = options_.dead_events;
#ifdef ORKESTR_WITH_POSTGRES
  std::optional<support::Database> database_;
#endif
};

} // namespace

Outcome run(const Options& options) { return Run(options).go(); }

} // namespace orkestr::campaign
