#include "orkestr/adapters/postgres_store.hpp"

#include "adapters/postgres/catalogue.hpp"
#include "adapters/postgres/connection.hpp"
#include "adapters/postgres/schema.hpp"
#include "storage/sql/repositories.hpp"

#include "orkestr/storage/hurry.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace orkestr::inline v1::storage {
namespace {

using namespace std::chrono_literals;
using postgres::Connection;
using postgres::Verdict;
using SteadyTime = std::chrono::steady_clock::time_point;

class PostgresRead final : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;
};

class PostgresWrite final : public WriteTransaction {
 public:
  PostgresWrite(Repositories repositories, Connection& db) : WriteTransaction(repositories), db_(db) {}

 private:
  void run_nested(FunctionRef<bool()> part) override {
    db_.make_explicit();
    db_.control("SAVEPOINT part");
    bool keep = false;
    try {
      keep = part();
    } catch (const StoreFailure&) {
      throw; // the transaction is lost as a whole
    } catch (...) {
      undo();
      throw;
    }
    if (keep)
      db_.control("RELEASE part");
    else
      undo();
  }
  void undo() {
    db_.control("ROLLBACK TO part");
    db_.control("RELEASE part");
  }

  Connection& db_;
};

/// A connection and the repositories on it.
struct Session {
  Session(const PostgresOptions& options, postgres::CatalogueCache& shared)
      : cache(shared), db(options.connection, options.statement_timeout), rows(db), repositories(db, cache, rows.all()) {}
  postgres::CatalogueCache& cache;
  Connection db;
  sql::SqlRepositories rows;
  postgres::CachedRepositories repositories;
};

class Pool {
 public:
  explicit Pool(const PostgresOptions& options) : options_(options) {}

  /// An idle connection, a new one, or the next that is given back. Throws StoreFailure: `busy` when too many wait or for too long.
  std::unique_ptr<Session> take() {
    {
      std::unique_lock guard(mutex_);
      const auto hurry = Hurry::until();
      const auto can_connect = [&] {
        return count_ < options_.connections && (!hurry || *hurry - std::chrono::steady_clock::now() >= enough_to_connect);
      };
      if (idle_.empty() && !can_connect()) {
        if (waiting_ >= options_.max_waiting) turn_away();
        const auto end = std::chrono::steady_clock::now() + options_.acquire_timeout;
        ++waiting_;
        const bool had =
            given_back_.wait_until(guard, hurry ? std::min(end, *hurry) : end, [&] { return !idle_.empty() || can_connect(); });
        --waiting_;
        if (!had) turn_away();
      }
      if (!idle_.empty()) {
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
      ++count_;
    }
    try {
      auto session = std::make_unique<Session>(options_, cache_);
      const std::lock_guard guard(mutex_);
      unreachable_since_.reset();
      return session;
    } catch (...) {
      drop();
      throw;
    }
  }

  /// Since when no connection could be made. Whoever comes later has the less time to wait for one: in a long outage callers
  /// are told at once, and do not queue for ten seconds each.
  std::optional<SteadyTime> unreachable_since() const {
    const std::lock_guard guard(mutex_);
    return unreachable_since_;
  }

  void give_back(std::unique_ptr<Session> session) {
    if (session->db.broken()) {
      // Where one connection broke, a server may have gone, and the idle ones with it; another may take its place whose
      // versions say something else.
      cache_.clear();
      std::vector<std::unique_ptr<Session>> suspects;
      {
        const std::lock_guard guard(mutex_);
        suspects.swap(idle_);
        count_ -= suspects.size() + 1;
        ++lost_;
      }
      given_back_.notify_all();
      return;
    }
    {
      const std::lock_guard guard(mutex_);
      idle_.push_back(std::move(session));
      unreachable_since_.reset();
    }
    given_back_.notify_one();
  }

  void fill(PostgresStore::Stats& stats) const {
    const std::lock_guard guard(mutex_);
    stats.busy = busy_;
    stats.lost = lost_;
    stats.connections = count_;
    stats.waiting = waiting_;
  }

 private:
  static constexpr std::chrono::milliseconds enough_to_connect{100};

  [[noreturn]] void turn_away() {
    busy_ += !Hurry::until(); // who is in a hurry asks again elsewhere
    throw StoreFailure{fail(Code::busy, "All connections to the database are in use; try again.")};
  }
  void drop() {
    {
      const std::lock_guard guard(mutex_);
      --count_;
      if (!unreachable_since_) unreachable_since_ = std::chrono::steady_clock::now();
    }
    given_back_.notify_one();
  }

  const PostgresOptions& options_;
  postgres::CatalogueCache cache_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t count_ = 0, waiting_ = 0;
  std::uint64_t busy_ = 0, lost_ = 0;
  std::optional<SteadyTime> unreachable_since_;
};

/// A connection for as long as a transaction needs it.
class Lease {
 public:
  explicit Lease(Pool& pool) : pool_(pool), session_(pool.take()) {}
  ~Lease() { pool_.give_back(std::move(session_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Session* operator->() const { return session_.get(); }

 private:
  Pool& pool_;
  std::unique_ptr<Session> session_;
};

/// Tells other servers that events were appended, and hears it from them: one connection, one thread. Told after the
/// commit, not within it: a NOTIFY in a writing transaction makes all commits of the database wait for each other.
class Herald {
 public:
  Herald(const PostgresOptions& options)
      : options_(options), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { run(); }) {}
  ~Herald() {
    stopping_ = true;
    poke();
    thread_.join();
    ::close(wake_fd_);
  }
  void tell() {
    if (!telling_.exchange(true)) poke();
  }
  void on_events(std::function<void()> wake) {
    const std::lock_guard guard(mutex_);
    wake_ = std::move(wake);
  }

 private:
  void poke() {
    const std::uint64_t one = 1;
    (void)!::write(wake_fd_, &one, sizeof one);
  }
  void run() {
    while (!stopping_) {
      try {
        Connection db(options_.connection, options_.statement_timeout);
        db.simple("SET synchronous_commit = off");
        db.simple("LISTEN orkestr_events");
        call(); // what came while nobody listened
        while (!stopping_) listen(db);
      } catch (const StoreFailure&) {
        pause(1000);
      }
    }
  }
  void listen(Connection& db) {
    pollfd descriptors[] = {{PQsocket(db.handle()), POLLIN, 0}, {wake_fd_, POLLIN, 0}};
    ::poll(descriptors, 2, 30'000);
    std::uint64_t count = 0;
    (void)!::read(wake_fd_, &count, sizeof count);
    // Only one of many commits tells: those that follow within a moment are told with the next.
    if (telling_.exchange(false)) {
      db.simple("NOTIFY orkestr_events");
      pause(10);
    } else if (descriptors[0].revents == 0) {
      db.simple("SELECT 1"); // is anybody there?
    }
    if (PQconsumeInput(db.handle()) != 1) throw StoreFailure{fail(Code::store_unavailable)};
    bool told = false;
    while (PGnotify* notice = PQnotifies(db.handle())) {
      told = true;
      PQfreemem(notice);
    }
    if (told) call();
  }
  void call() {
    const std::lock_guard guard(mutex_);
    if (wake_) wake_();
  }
  void pause(int milliseconds) {
    for (int i = 0; i < milliseconds && !stopping_; i += 10) std::this_thread::sleep_for(10ms);
  }

  const PostgresOptions& options_;
  const int wake_fd_;
  std::atomic<bool> stopping_{false}, telling_{false};
  std::mutex mutex_;
  std::function<void()> wake_;
  std::thread thread_;
};

/// How long to stay away after the n-th try: longer each time, and never two servers alike.
std::chrono::microseconds pause_after(int tries) {
  thread_local std::minstd_rand dice{std::random_device{}()};
  const int most = 500 << std::min(tries, 7);
  return std::chrono::microseconds{most / 2 + static_cast<int>(dice() % static_cast<unsigned>(most))};
}

} // namespace

struct PostgresStore::Impl {
  explicit Impl(const PostgresOptions& o) : options(o), pool(options), herald(options) {}

  /// Calls `attempt(Session&, bool once_more)` until it comes through, where trying again helps.
  template <class Attempt> Result<void> persist(Attempt attempt) {
    const auto start = std::chrono::steady_clock::now();
    const auto hurry = Hurry::until();
    const auto patience = hurry ? *hurry - start : std::chrono::steady_clock::duration::max();
    if (patience <= too_short.load(std::memory_order_relaxed) && start.time_since_epoch() < slow_until.load(std::memory_order_relaxed))
      return fail(Code::busy, "The database is slow.");
    const auto until = start + options.retry_time;
    std::optional<std::int64_t> queue; // what the last try lost a race for: the next one waits in line for it
    bool taken = false;
    for (int tries = 0;; ++tries) {
      std::optional<Error> error;
      Verdict verdict = Verdict::refused;
      try {
        Lease lease(pool);
        Connection& db = lease->db;
        bool locked = false;
        try {
          if (queue) {
            db.lock(*queue);
            locked = true;
          }
          attempt(*lease.operator->(), tries > 0);
          if (locked) db.unlock(*queue);
          return {};
        } catch (const StoreFailure& failure) {
          error = failure.error;
          verdict = db.verdict();
          const auto contended = db.contended();
          db.rollback();
          if (locked) db.unlock(*queue);
          if (verdict == Verdict::conflict && contended != 0) queue = contended;
        } catch (...) {
          db.rollback();
          if (locked) db.unlock(*queue);
          throw;
        }
      } catch (const StoreFailure& failure) { // no connection could be had
        error = failure.error;
        verdict = failure.error.code == Code::busy ? Verdict::busy : Verdict::lost;
      }
      const bool again = verdict == Verdict::conflict || verdict == Verdict::lost || (verdict == Verdict::taken && !taken);
      taken |= verdict == Verdict::taken;
      if (hurry && verdict != Verdict::refused) {
        // Those who can wait find out how it stands; for a moment, nobody with as little patience asks again.
        if (verdict == Verdict::lost || verdict == Verdict::busy) {
          too_short = patience;
          slow_until = std::chrono::steady_clock::now().time_since_epoch() + 1s;
        }
        return fail(Code::busy, "The database is slow.");
      }
      if (!again) return given_up(*error, verdict);
      const auto now = std::chrono::steady_clock::now();
      if (now > until) return given_up(*error, verdict);
      if (const auto since = pool.unreachable_since(); since && now > *since + options.retry_time) return given_up(*error, verdict);
      if (verdict != Verdict::lost) conflicts.fetch_add(1, std::memory_order_relaxed);
      if (verdict == Verdict::conflict && tries > 0) std::this_thread::sleep_for(pause_after(tries));
      if (verdict == Verdict::lost) std::this_thread::sleep_for(std::chrono::milliseconds{tries < 2 ? 1 : 100});
    }
  }

  /// What a caller may hear of a failure.
  [[nodiscard]] Error given_up(const Error& error, Verdict verdict) const {
    if (options.on_failure && error.code != Code::busy) options.on_failure(error.detail);
    if (verdict == Verdict::unknown)
      return fail(Code::store_unavailable, "The database was lost while it committed, so whether the write took effect is not known.");
    if (verdict == Verdict::taken) return fail(Code::already_exists, "A row with that key exists already.");
    if (error.code == Code::store_unavailable) return fail(Code::store_unavailable, "The database can't be reached or refused the work.");
    if (error.code == Code::busy) return fail(Code::busy, "The database is busy; try again.");
    return error;
  }

  const PostgresOptions options;
  Pool pool;
  std::atomic<std::uint64_t> commits{0}, conflicts{0};
  std::atomic<std::chrono::steady_clock::duration> slow_until{}, too_short{};
  Herald herald;
};

Result<std::unique_ptr<PostgresStore>> PostgresStore::open(const PostgresOptions& options) {
  try {
    {
      Connection connection(options.connection, options.statement_timeout);
      postgres::migrate(connection, options.migrate);
    }
    return std::unique_ptr<PostgresStore>(new PostgresStore(std::make_unique<Impl>(options)));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

PostgresStore::PostgresStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PostgresStore::~PostgresStore() = default;

PostgresStore::Stats PostgresStore::stats() const {
  Stats stats;
  stats.commits = impl_->commits.load();
  stats.conflicts = impl_->conflicts.load();
  impl_->pool.fill(stats);
  return stats;
}

Result<bool> PostgresStore::walled() const {
  try {
    Connection connection(impl_->options.connection, impl_->options.statement_timeout);
    return connection.simple("SELECT row_security_active('bookings')::text").value_or("") == "true";
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

void PostgresStore::on_events(std::function<void()> wake) { impl_->herald.on_events(std::move(wake)); }

Result<void> PostgresStore::run_read(FunctionRef<void(const ReadTransaction&)> f) {
  return impl_->persist([&](Session& session, bool once_more) {
    session.db.begin(Connection::Kind::read, once_more);
    f(PostgresRead(session.repositories.all()));
    session.db.end_read();
  });
}

Result<void> PostgresStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  auto& impl = *impl_;
  return impl.persist([&](Session& session, bool once_more) {
    session.db.begin(Connection::Kind::write, once_more);
    PostgresWrite tx(session.repositories.all(), session.db);
    if (!f(tx)) {
      session.db.settle();
      session.db.rollback();
      return;
    }
    session.db.commit();
    impl.commits.fetch_add(1, std::memory_order_relaxed);
    for (const auto& tenant : session.db.changed_catalogues()) session.cache.doubt(tenant);
    if (session.db.appended_events()) impl.herald.tell();
  });
}

} // namespace orkestr::inline v1::storage
