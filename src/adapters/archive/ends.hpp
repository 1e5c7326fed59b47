// The two ends that rows go between: stores of either kind, and archives.
#pragma once

#include "adapters/archive/file.hpp"
#include "adapters/sqlite/connection.hpp"
#include "storage/sql/copy.hpp"

#include "orkestr/adapters/archive.hpp"

#include <memory>
#include <optional>

namespace orkestr::inline v1::storage::archive {

/// A store in one snapshot, read only. Everything here throws StoreFailure.
class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual sql::Connection& db() = 0;
  [[nodiscard]] virtual std::size_t schema() const = 0;
  /// "SQLite 3.40.1"
  [[nodiscard]] virtual std::string name() const = 0;
  /// Writes all of it into an empty file.
  virtual void copy_into(const std::filesystem::path& file) = 0;
  /// Damage, and what the schema lacks.
  virtual void inspect(CheckReport& report) = 0;
};

/// A store of the newest schema in one write transaction, which ends with commit() or leaves nothing.
class Target {
 public:
  virtual ~Target() = default;
  [[nodiscard]] virtual sql::Connection& db() = 0;
  /// Keeps others from making tenants until the end.
  virtual void lock_tenants() = 0;
  virtual void commit() = 0;
};

[[nodiscard]] std::unique_ptr<Source> open_source(const StoreAddress& store);
[[nodiscard]] std::unique_ptr<Target> open_target(const StoreAddress& store);
[[nodiscard]] std::unique_ptr<Source> open_postgres_source(const std::string& connection);
[[nodiscard]] std::unique_ptr<Target> open_postgres_target(const std::string& connection);

/// The schema of a version, and nothing in it.
class Blueprint {
 public:
  explicit Blueprint(std::size_t version);
  [[nodiscard]] const std::vector<sql::Table>& tables() const { return tables_; }
  /// Of the indexes that the schema names.
  [[nodiscard]] const std::vector<std::string>& indexes() const { return indexes_; }

 private:
  std::vector<sql::Table> tables_;
  std::vector<std::string> indexes_;
};

/// Adds what a SQLite file lacks of its schema.
void compare_schema(sql::Connection& sqlite, const Blueprint& blueprint, std::vector<std::string>& faults);
/// Adds what SQLite finds damaged.
void check_integrity(sql::Connection& sqlite, std::vector<std::string>& faults);

/// Makes an archive's database of some version and copies rows into it.
void write_rows(sql::Connection& from, std::size_t version, const std::optional<TenantId>& tenant, const std::filesystem::path& file);

/// An archive that is whole, with the newest schema: of an older one it is a copy, brought up to date.
class OpenArchive {
 public:
  explicit OpenArchive(const std::filesystem::path& file);
  [[nodiscard]] sql::Connection& db() { return *db_; }
  /// That of the file.
  [[nodiscard]] std::size_t schema() const { return schema_; }
  [[nodiscard]] Kind kind() const { return sealed_.kind; }
  [[nodiscard]] std::uintmax_t size() const { return sealed_.size; }

 private:
  const Sealed sealed_;
  std::optional<WorkFolder> folder_;
  std::optional<sqlite::Connection> db_;
  std::size_t schema_ = 0;
};

} // namespace orkestr::inline v1::storage::archive
