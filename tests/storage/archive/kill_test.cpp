// kill -9 at every system call with which a backup, a restore or an import leaves the process: all of it is there, or nothing.
#include "storage/archive/support.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Of the calls that change something outside of this process, the one at which it dies; negative: never.
std::atomic<int> calls{0}, last_call{-1};
bool torn = false; ///< half of the last write is made

/// @returns how many bytes of `length` to write before dying, or `length` when the process lives on
std::size_t before_call(std::size_t length) {
  const int last = last_call;
  if (last < 0 || ++calls < last) return length;
  return torn && length > 1 ? length / 2 : 0;
}
[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  std::abort();
}
bool dies(std::size_t part, std::size_t length) { return last_call >= 0 && part != length; }

} // namespace

// The C library's own names, in front of it.
extern "C" ssize_t write(int fd, const void* data, size_t length) {
  const auto part = before_call(length);
  const auto done = ::syscall(SYS_write, fd, data, dies(part, length) ? part : length);
  if (dies(part, length)) die();
  return done;
}
extern "C" ssize_t pwrite64(int fd, const void* data, size_t length, off64_t at) {
  const auto part = before_call(length);
  const auto done = ::syscall(SYS_pwrite64, fd, data, dies(part, length) ? part : length, at);
  if (dies(part, length)) die();
  return done;
}
extern "C" ssize_t send(int fd, const void* data, size_t length, int flags) {
  const auto part = before_call(length);
  if (dies(part, length) && part == 0) die();
  const auto done = ::syscall(SYS_sendto, fd, data, dies(part, length) ? part : length, flags, nullptr, 0);
  if (dies(part, length)) die();
  return done;
}
extern "C" int fsync(int fd) {
  if (before_call(1) == 0) die();
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  if (before_call(1) == 0) die();
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int ftruncate64(int fd, off64_t length) noexcept {
  if (before_call(1) == 0) die();
  return static_cast<int>(::syscall(SYS_ftruncate, fd, length));
}
extern "C" int unlink(const char* name) noexcept {
  if (before_call(1) == 0) die();
  return static_cast<int>(::syscall(SYS_unlink, name));
}
extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  if (before_call(1) == 0) die();
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

namespace orkestr::archive_test {
namespace {

/// Runs `work` in a child that dies at call number `at`. @returns whether it was killed; the child's own failure is fatal
bool killed_at(int at, bool half, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    torn = half;
    calls = 0;
    last_call = at;
    ::_exit(work() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

struct Tally {
  int kills = 0, nothing = 0, all = 0;
};

/// Kills the work before every call, one after the other, until it lives to its end; and amid every fifth write. `verdict` says whether nothing or all of it is
/// there (anything else is a failure), and `renew` makes the place it works on what it was.
Tally kill_everywhere(const std::function<bool()>& work, const std::function<bool()>& all_is_there, const std::function<void()>& renew) {
  Tally tally;
  for (const bool half : {false, true})
    for (int at = 1;; at += half ? 5 : 1) {
      CAPTURE(at);
      CAPTURE(half);
      renew();
      const bool killed = killed_at(at, half, work);
      const bool all = all_is_there();
      if (!killed) {
        CHECK(all);
        break;
      }
      ++tally.kills;
      ++(all ? tally.all : tally.nothing);
    }
  return tally;
}

TEST_CASE("kill -9 in a backup leaves no file or a whole one, and the store as it was") {
  const TempDir dir;
  const auto store = sqlite(dir.path() / "store.db");
  const support::Database database(migrated().name());
  fill(store, {1, 2});
  const auto before = as_restored(dump(store));
  REQUIRE(storage::backup(store, dir.path() / "first.orkestr"));
  REQUIRE(storage::restore(dir.path() / "first.orkestr", postgres(database)));
  const auto file = dir.path() / "backup.orkestr", back = dir.path() / "back.db";
  for (const auto& from : {store, postgres(database)}) {
    const auto was = dump(from);
    const auto tally = kill_everywhere([&] { return storage::backup(from, file).has_value(); },
                                       [&] {
                                         if (!fs::exists(file)) return false;
                                         for (const auto* end : {"", "-wal", "-shm"}) fs::remove(back.string() + end);
                                         const auto restored = storage::restore(file, sqlite(back));
                                         CHECK(restored);
                                         CHECK(difference(dump(sqlite(back)), before) == "");
                                         return true;
                                       },
                                       [&] {
                                         std::vector<fs::path> leftovers{file};
                                         for (const auto& entry : fs::directory_iterator(dir.path()))
                                           if (entry.path().string().find(".partial-") != std::string::npos)
                                             leftovers.push_back(entry.path());
                                         for (const auto& leftover : leftovers) fs::remove(leftover);
                                       });
    CHECK(tally.nothing > 10);
    CHECK(difference(dump(from), was) == "");
    MESSAGE("backup of ", std::string{from.postgres.empty() ? "SQLite" : "PostgreSQL"}, ": ", tally.kills, " kills, ", tally.nothing,
            " left nothing, ", tally.all, " left all");
  }
}

TEST_CASE("kill -9 in a restore or an import leaves nothing or all") {
  const TempDir dir;
  const auto store = sqlite(dir.path() / "store.db"), target = sqlite(dir.path() / "target.db");
  const auto worlds = fill(store, {1, 2});
  const auto whole = dir.path() / "whole.orkestr", one = dir.path() / "one.orkestr";
  REQUIRE(storage::backup(store, whole));
  REQUIRE(storage::export_tenant(store, worlds[1].tenant.subdomain, one));
  const auto everything = as_restored(dump(store));

  // Into a store of one tenant the other is imported; an empty one is restored into.
  const auto half = sqlite(dir.path() / "half.db");
  {
    const auto first = dir.path() / "first.orkestr";
    REQUIRE(storage::export_tenant(store, worlds[0].tenant.subdomain, first));
    REQUIRE(storage::import_tenant(first, half));
  }
  const auto tenants = dump(half);
  const support::Database half_database(migrated().name());
  {
    const auto first = dir.path() / "half.orkestr";
    REQUIRE(storage::backup(half, first));
    REQUIRE(storage::restore(first, postgres(half_database)));
  }
  Dump none = everything;
  for (auto& [table, lines] : none) lines.clear();

  for (const bool adds : {false, true}) {
    const auto& before = adds ? tenants : none;
    const auto run = [&](const StoreAddress& to) {
      return (adds ? storage::import_tenant(one, to) : storage::restore(whole, to)).has_value();
    };
    const auto report = [&](const char* database, const Tally& tally) {
      CHECK(tally.nothing > 10);
      MESSAGE(std::string{adds ? "import into " : "restore into "}, std::string{database}, ": ", tally.kills, " kills, ", tally.nothing,
              " left nothing, ", tally.all, " left all");
    };
    const auto verdict = [&](const StoreAddress& to) {
      const auto now = dump(to);
      if (difference(now, everything).empty()) return true;
      CHECK(difference(now, before) == "");
      return false;
    };
    report("SQLite", kill_everywhere([&] { return run(target); },
                                     [&] {
                                       (void)open(target); // as the next owner finds it: even the schema may be half made
                                       return verdict(target);
                                     },
                                     [&] {
                                       for (const auto* end : {"", "-wal", "-shm", ".lock"}) fs::remove(target.sqlite.string() + end);
                                       if (adds) fs::copy_file(half.sqlite, target.sqlite);
                                     }));
    std::unique_ptr<support::Database> database;
    bool spent = true;
    report("PostgreSQL", kill_everywhere([&] { return run(postgres(*database)); },
                                         [&] {
                                           // The server notices in its own time that its client is gone.
                                           const support::Postgres db(database->conninfo());
                                           for (int i = 0; i < 1000; ++i) {
                                             if (db("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <>"
                                                    " pg_backend_pid() AND backend_type = 'client backend'")
                                                     .empty())
                                               break;
                                             ::usleep(2000);
                                           }
                                           return spent = verdict(postgres(*database));
                                         },
                                         [&] {
                                           if (spent)
                                             database =
                                                 std::make_unique<support::Database>(adds ? half_database.name() : migrated().name());
                                           spent = false;
                                         }));
  }
}

} // namespace
} // namespace orkestr::archive_test
