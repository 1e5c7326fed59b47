// Files of offerings on their way in: taken by a request, checked and written by a desk that the host runs.
//
// A file lies in the store until its import is finished, so that it outlives whoever works on it. All offerings are written in the
// transaction that says so: a desk that dies leaves nothing behind, and another one begins anew.
#pragma once

#include "orkestr/platform/platform.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace orkestr::inline v1 {

/// How many of a tenant's imports may be under way.
inline constexpr std::size_t most_open_imports = 3;

/// Takes a file in, to be worked on soon. @errors `resource_in_use` while many are under way
[[nodiscard]] Result<Import> create_import(WriteContext& cx, std::optional<std::string> file_name, std::string_view file);

/// What an import of these would come to; nothing is kept. Adds slugs that are taken to the faults.
[[nodiscard]] Import dry_run_import(const storage::ReadTransaction& tx, TenantId tenant, CheckedImport checked, ImportId id,
                                    std::optional<std::string> file_name, Instant now);

/// @thread_safety step() on one thread at a time
class ImportDesk {
 public:
  ImportDesk(Platform& platform, CsvReader reader) : platform_(platform), reader_(reader) {}

  /// Does one import that is due, if there is one, from its file to the offerings or the faults. It says on the way how far it is, and asks
  /// `going` whether to go on; what it was stopped in is begun anew by the next.
  /// @returns whether there was one: there may be more
  /// @errors of the store; what was not done is tried again
  [[nodiscard]] Result<bool> step(Instant now, FunctionRef<bool()> going);

 private:
  struct Taken {
    TenantId tenant;
    Import row;
    std::string file, time_zone;
  };
  [[nodiscard]] Result<std::optional<Taken>> take(Instant now);
  [[nodiscard]] Result<bool> say(Taken& taken, FunctionRef<void(Import&)> change);
  [[nodiscard]] Result<void> finish(Taken& taken, CheckedImport checked);

  Platform& platform_;
  const CsvReader reader_;
};

/// A thread that does so from its making to its end, on what Platform::on_imports tells, which it sets, and every second.
class ImportWorker {
 public:
  /// `on_trouble` hears of steps that failed, on the worker's thread; it may be empty.
  ImportWorker(Platform& platform, CsvReader reader, std::function<void(const Error&)> on_trouble = {});
  /// Gives up the import under way, unless it is being written: then it waits for that.
  ~ImportWorker();
  ImportWorker(const ImportWorker&) = delete;
  ImportWorker& operator=(const ImportWorker&) = delete;

 private:
  void run();

  Platform& platform_;
  const std::function<void(const Error&)> on_trouble_;
  ImportDesk desk_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool poked_ = true;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace orkestr::inline v1
