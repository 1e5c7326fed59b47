// The store on one SQLite file: durable (WAL, synchronous=FULL), one writing connection, readers in parallel.
#pragma once

#include "orkestr/storage/store.hpp"

#include <filesystem>
#include <memory>

namespace orkestr::inline v1::storage {

struct SqliteOptions {
  std::filesystem::path file;
  /// FULL makes every acknowledged write survive a power cut. NORMAL survives a crash of the process only; it exists
  /// for throw-away data.
  bool full_sync = true;
  std::size_t readers = 4;          ///< connections kept open for reading; more readers wait
  std::size_t max_batch = 256;      ///< writes grouped into one commit
  std::size_t max_waiting = 10'000; ///< writes that may queue; above it `busy`
};

/// Writers are grouped: while one commit reaches the disk, the writes that arrive meanwhile form the next one, so that
/// many of them cost one sync. Each keeps its own savepoint and fails alone.
///
/// One process owns the file, held by a lock beside it (`<file>.lock`): SQLite 3.7.0 to 3.51.2 can lose commits when one
/// connection checkpoints while another process writes, and with one writing and checkpointing connection it can't.
/// @thread_safety safe
class SqliteStore final : public Store {
 public:
  /// Opens or creates the file and brings its schema up to date.
  /// @errors `store_locked` when another process owns it, `schema_too_new`, `store_unavailable`
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(const SqliteOptions& options);
  ~SqliteStore() override;

  struct Stats {
    std::uint64_t commits = 0, writes = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override;

  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::storage
