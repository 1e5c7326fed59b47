#include "adapters/sqlite/owner_lock.hpp"

#include "orkestr/storage/repositories.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace orkestr::inline v1::storage::sqlite {

OwnerLock::OwnerLock(const std::filesystem::path& file) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(file, failed);
  const std::string name = (failed ? file : real).string() + ".lock";
  fd_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) throw StoreFailure{fail(Code::store_unavailable, "can't create " + name)};
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  throw StoreFailure{fail(Code::store_locked, name + " is held by another process. A SQLite file has one owner; to serve from several "
                                                     "processes, use PostgreSQL.")};
}

OwnerLock::~OwnerLock() { ::close(fd_); }

} // namespace orkestr::inline v1::storage::sqlite
