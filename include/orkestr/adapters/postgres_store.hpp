// The store on PostgreSQL: for several servers on one database, or one that has outgrown a file.
#pragma once

#include "orkestr/storage/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace orkestr::inline v1::storage {

struct PostgresOptions {
  /// A libpq connection string or URL: `postgresql://orkestr@db.internal/orkestr?sslmode=verify-full`. The role should be no
  /// superuser: row-level security, the second wall between tenants, does not hold one back.
  std::string connection;
  std::size_t connections = 16;                     ///< open at most; they are opened as they are needed
  std::size_t max_waiting = 256;                    ///< callers that may wait for one; above it `busy`
  std::chrono::milliseconds acquire_timeout{2'000}; ///< waiting longer is `busy`
  std::chrono::milliseconds statement_timeout{10'000};
  std::chrono::milliseconds retry_time{10'000}; ///< for how long a transaction is tried anew after conflicts or a lost server
  /// Told what the database said when a transaction was given up, for a log: answers carry no text of it. Called on any thread.
  std::function<void(std::string_view)> on_failure;
  bool migrate = true; ///< brings the schema up to date; otherwise an older one is refused
};

/// Transactions run under REPEATABLE READ. When two change one row, or the same capacity, the later one is run again on
/// what the earlier one left; so are deadlocks, and work that a lost connection cut off before its commit was sent.
///
/// Writes are sent ahead in libpq's pipeline and cost no round trip of their own; what the database says against one is
/// thrown by the next read or the commit.
/// @thread_safety safe
class PostgresStore final : public Store {
 public:
  /// Connects, and brings the schema up to date; servers that start at once take turns.
  /// @errors `schema_too_new`, `schema_too_old` when `migrate` is off, `store_unavailable`
  [[nodiscard]] static Result<std::unique_ptr<PostgresStore>> open(const PostgresOptions& options);
  ~PostgresStore() override;

  struct Stats {
    std::uint64_t commits = 0;   ///< of write transactions
    std::uint64_t conflicts = 0; ///< transactions run again
    std::uint64_t lost = 0;      ///< connections that broke
    std::uint64_t busy = 0;      ///< callers turned away
    std::size_t connections = 0; ///< open now
    std::size_t waiting = 0;     ///< callers that wait for one now
  };
  [[nodiscard]] Stats stats() const;

  /// Whether row-level security holds this role back. It does not hold superusers.
  [[nodiscard]] Result<bool> walled() const;

  /// Calls back, on a thread of the store's own, soon after any server on this database has appended events. Calls may be
  /// lost with a connection, so the receiver looks for itself from time to time as well. An empty function ends it; when
  /// this returns, the old one is not running any more.
  void on_events(std::function<void()> wake);

 private:
  struct Impl;
  explicit PostgresStore(std::unique_ptr<Impl> impl);
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override;

  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::storage
