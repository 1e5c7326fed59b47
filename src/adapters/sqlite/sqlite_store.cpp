#include "orkestr/adapters/sqlite_store.hpp"

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/owner_lock.hpp"
#include "adapters/sqlite/schema.hpp"
#include "storage/sql/repositories.hpp"
#include "storage/sql/savepoint.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace orkestr::inline v1::storage {
namespace {

using sqlite::Connection;
using sqlite::Mode;

class SqliteRead final : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;
};

class SqliteWrite final : public WriteTransaction {
 public:
  SqliteWrite(Repositories repositories, Connection& db) : WriteTransaction(repositories), db_(db) {}

 private:
  void run_nested(FunctionRef<bool()> part) override { sql::run_in_savepoint(db_, part); }

  Connection& db_;
};

/// A connection for reading. Its transaction stays open from one use to the next for as long as nothing was committed:
/// since all commits are this process's own, a counter tells, and most reads need neither BEGIN nor a file lock.
struct Reader {
  Reader(const std::filesystem::path& file, bool full_sync) : db(file, Mode::read, full_sync), repositories(db) {}

  /// Makes the transaction one that sees at least what was committed by `sequence`.
  void refresh(std::uint64_t sequence) {
    if (open && seen == sequence) return;
    release();
    const sql::Use begin(db, "BEGIN");
    begin->step();
    open = true;
    seen = sequence;
  }
  void release() {
    if (!open) return;
    open = false;
    const sql::Use commit(db, "COMMIT");
    commit->step();
  }

  Connection db;
  sql::SqlRepositories repositories;
  bool open = false;
  std::uint64_t seen = 0;
};

/// One caller's write, waiting for its commit.
struct Job {
  explicit Job(FunctionRef<bool(WriteTransaction&)> work) : f(work) {}
  FunctionRef<bool(WriteTransaction&)> f;
  bool ran = false, keep = false, done = false;
  std::optional<Error> error;
  std::exception_ptr exception;
};

} // namespace

struct SqliteStore::Impl {
  explicit Impl(const SqliteOptions& o) : options(o), lock(o.file), db(o.file, Mode::write, o.full_sync), repositories(db) {
    sqlite::migrate(db);
    // Commits report the size of the log; checkpoints are ours, since idle readers must let go of it first.
    sqlite3_wal_hook(
        db.handle(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<Impl*>(self)->wal_pages = pages;
          return SQLITE_OK;
        },
        this);
    for (std::size_t i = 0; i < options.readers; ++i) idle_readers.push_back(std::make_unique<Reader>(o.file, o.full_sync));
    writer = std::thread([this] { write_loop(); });
  }

  ~Impl() {
    {
      const std::lock_guard guard(mutex);
      stopping = true;
    }
    wake_writer.notify_all();
    writer.join();
  }

  void write_loop() {
    std::vector<Job*> batch;
    for (;;) {
      {
        std::unique_lock guard(mutex);
        for (auto* job : batch) job->done = true;
        if (!batch.empty()) jobs_done.notify_all();
        batch.clear();
        wake_writer.wait(guard, [&] { return stopping || !waiting.empty(); });
        if (waiting.empty()) return;
        const std::size_t count = std::min(waiting.size(), options.max_batch);
        batch.assign(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
        waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
        commits += 1;
        writes += count;
      }
      run_batch(batch);
      if (wal_pages >= checkpoint_pages) checkpoint();
    }
  }

  /// Copies the log into the database. It can start over only when nobody reads from it, so idle readers let go.
  void checkpoint() {
    {
      const std::lock_guard guard(readers_mutex);
      for (const auto& reader : idle_readers) reader->release();
    }
    int logged = 0, copied = 0;
    sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &logged, &copied);
    wal_pages = 0; // the next commit says how it stands
  }

  /// One transaction for the batch, one savepoint for each write in it.
  void run_batch(const std::vector<Job*>& batch) {
    try {
      db.run("BEGIN IMMEDIATE");
      for (auto* job : batch) run_job(*job);
      db.run("COMMIT");
      sequence.fetch_add(1, std::memory_order_release);
    } catch (const StoreFailure& failure) {
      if (sqlite3_get_autocommit(db.handle()) == 0) sqlite3_exec(db.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
      // Nothing of the batch was written; a write that wanted nothing kept has its own answer already.
      for (auto* job : batch)
        if (job->keep || !job->ran) job->error = fail(Code::store_unavailable, failure.error.detail);
    }
  }

  void run_job(Job& job) {
    db.run("SAVEPOINT job");
    try {
      SqliteWrite tx(repositories.all(), db);
      job.keep = job.f(tx);
      job.ran = true;
    } catch (const StoreFailure& failure) {
      job.error = failure.error;
      job.ran = true;
    } catch (...) {
      job.exception = std::current_exception();
      job.ran = true;
    }
    // A full disk may have rolled the whole transaction back already; then the batch fails as one.
    if (sqlite3_get_autocommit(db.handle()) != 0)
      throw StoreFailure{job.error.value_or(fail(Code::store_unavailable, "the transaction was lost"))};
    db.run(job.keep ? "RELEASE job" : "ROLLBACK TO job; RELEASE job");
  }

  static constexpr int checkpoint_pages = 1000;

  const SqliteOptions options;
  const sqlite::OwnerLock lock;
  Connection db; ///< the writer thread's alone, once it runs
  sql::SqlRepositories repositories;

  mutable std::mutex mutex;
  std::condition_variable wake_writer, jobs_done;
  std::deque<Job*> waiting;
  bool stopping = false;
  std::uint64_t commits = 0, writes = 0;
  std::thread writer;
  int wal_pages = 0;                      ///< the writer thread's alone
  std::atomic<std::uint64_t> sequence{0}; ///< of commits

  std::mutex readers_mutex;
  std::condition_variable reader_free;
  std::vector<std::unique_ptr<Reader>> idle_readers;
};

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const SqliteOptions& options) {
  // Counting memory takes a process-wide lock at every allocation. A host that has set SQLite up already keeps its choice.
  static const int memory_counting = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)memory_counting;
  try {
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Impl>(options)));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

SqliteStore::Stats SqliteStore::stats() const {
  const std::lock_guard guard(impl_->mutex);
  return {impl_->commits, impl_->writes};
}

Result<void> SqliteStore::run_read(FunctionRef<void(const ReadTransaction&)> f) {
  auto& impl = *impl_;
  std::unique_ptr<Reader> reader;
  {
    std::unique_lock guard(impl.readers_mutex);
    impl.reader_free.wait(guard, [&] { return !impl.idle_readers.empty(); });
    reader = std::move(impl.idle_readers.back());
    impl.idle_readers.pop_back();
  }
  struct Return {
    Impl& impl;
    std::unique_ptr<Reader>& reader;
    ~Return() {
      {
        const std::lock_guard guard(impl.readers_mutex);
        impl.idle_readers.push_back(std::move(reader));
      }
      impl.reader_free.notify_one();
    }
  } give_back{impl, reader};
  try {
    reader->refresh(impl.sequence.load(std::memory_order_acquire));
    f(SqliteRead(reader->repositories.all()));
    return {};
  } catch (const StoreFailure& failure) {
    // Whatever state a failure left the connection in, the next reader begins anew.
    reader->open = false;
    sqlite3_exec(reader->db.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    return failure.error;
  }
}

Result<void> SqliteStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  auto& impl = *impl_;
  Job job(f);
  {
    std::unique_lock guard(impl.mutex);
    if (impl.waiting.size() >= impl.options.max_waiting) return fail(Code::busy, "Too many writes are waiting; try again.");
    impl.waiting.push_back(&job);
    impl.wake_writer.notify_one();
    impl.jobs_done.wait(guard, [&] { return job.done; });
  }
  if (job.exception) std::rethrow_exception(job.exception);
  if (job.error) return std::move(*job.error);
  return {};
}

} // namespace orkestr::inline v1::storage
