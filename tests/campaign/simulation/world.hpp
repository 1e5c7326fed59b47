// One platform on one store, with its own clock and randomness; two of them are given the same steps.
#pragma once

#include "campaign/simulation/faulty_store.hpp"
#include "campaign/simulation/findings.hpp"
#include "campaign/simulation/rows.hpp"

#include "orkestr/api/api.hpp"

#include <filesystem>

namespace orkestr::campaign {

enum class Backing { memory, sqlite };

class World {
 public:
  /// @param directory  where SQLite keeps its files; must be there and empty
  World(Backing backing, std::uint64_t seed, Mutant mutant, std::filesystem::path directory);

  [[nodiscard]] std::string_view name() const { return backing_ == Backing::memory ? "memory" : "SQLite"; }
  [[nodiscard]] Platform& platform() { return *platform_; }
  [[nodiscard]] api::Api& api() { return *api_; }

  /// The process dies, and another begins on what is on the disk. `hard`: the files are taken as they are, with the store
  /// still open, as after kill -9; else it is closed first. A store in memory stays, as if it were elsewhere.
  void crash(bool hard);
  /// Remembers the files, for a planted bug that brings them back.
  void keep_files();
  /// Counts the rows of a file's tables, so that there are none which no repository shows. Of a store in memory: nothing.
  void check_tables(const Rows& rows, Findings& findings) const;

  ManualClock clock{start_of_time};
  SeededRandom random;
  FaultyStore store;
  Shop shop;

 private:
  void start();
  [[nodiscard]] std::unique_ptr<storage::Store> open() const;
  void copy_files(const std::filesystem::path& to) const;

  Backing backing_;
  std::filesystem::path directory_;
  int generation_ = 0; ///< of the files
  std::filesystem::path file_;
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<api::Api> api_;
};

} // namespace orkestr::campaign
