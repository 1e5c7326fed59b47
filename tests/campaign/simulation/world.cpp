// Opening, crashing and reopening what is simulated; see world.hpp.
#include "campaign/simulation/world.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/storage/memory_store.hpp"

#include <stdexcept>

namespace orkestr::campaign {

World::World(Backing backing, std::uint64_t seed, Mutant mutant, std::filesystem::path directory)
    : random(seed), store(nullptr), backing_(backing), directory_(std::move(directory)), file_(directory_ / "store-0.db") {
  store.replace(open());
  start();
  shop = set_up(*platform_);
  store.control() = {};
  store.control().mutant = mutant;
  store.control().other_tenant = shop.other;
}

void World::start() {
  platform_ = std::make_unique<Platform>(store, clock, random);
  api::ApiOptions options;
  options.rate_limit = options.visitor_limit = 0;
  api_ = std::make_unique<api::Api>(*platform_, std::move(options));
}

std::unique_ptr<storage::Store> World::open() const {
  if (backing_ == Backing::memory) return std::make_unique<storage::MemoryStore>();
  storage::SqliteOptions options{file_};
  options.full_sync = false; // what is simulated is the death of the process, not a power cut
  options.readers = 1;
  auto opened = storage::SqliteStore::open(options);
  if (!opened) throw std::runtime_error("opening " + file_.string() + ": " + opened.error().detail);
  return std::move(*opened);
}

void World::copy_files(const std::filesystem::path& to) const {
  const auto copy = [&](const char* suffix) {
    const auto from = file_.string() + suffix;
    std::filesystem::remove(to.string() + suffix);
    if (std::filesystem::exists(from)) std::filesystem::copy_file(from, to.string() + suffix);
  };
  copy(""), copy("-wal");
}

void World::keep_files() {
  if (backing_ == Backing::sqlite && store.control().is(Mutant::crash_loses_last_write)) copy_files(directory_ / "kept.db");
}

void World::crash(bool hard) {
  api_.reset();
  platform_.reset();
  if (backing_ == Backing::sqlite) {
    const auto old = file_;
    if (hard) {
      const auto next = directory_ / ("store-" + std::to_string(++generation_) + ".db");
      if (store.control().is(Mutant::crash_loses_last_write)) file_ = directory_ / "kept.db";
      copy_files(next);
      file_ = next;
    }
    store.replace(nullptr);
    if (hard)
      for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(old.string() + suffix);
    store.replace(open());
  }
  start();
}

} // namespace orkestr::campaign
