// One process owns a SQLite file, as long as it holds the lock beside it.
#pragma once

#include <filesystem>

namespace orkestr::inline v1::storage::sqlite {

/// `<file>.lock`, beside the database; the kernel lets go of it when the process dies.
class OwnerLock {
 public:
  /// @param file the database. Two names of it, by a symbolic link, lead to one lock. Throws StoreFailure, `store_locked`.
  explicit OwnerLock(const std::filesystem::path& file);
  ~OwnerLock();
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;

 private:
  int fd_ = -1;
};

} // namespace orkestr::inline v1::storage::sqlite
