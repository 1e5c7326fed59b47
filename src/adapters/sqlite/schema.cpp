#include "adapters/sqlite/schema.hpp"

#include "storage/sql/migrations.hpp"

#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage::sqlite {

std::size_t schema_version(Connection& db) {
  const auto newest = static_cast<std::int64_t>(sql::migrations().size());
  const std::int64_t version = db.pragma("PRAGMA user_version");
  if (version < 0 || version > newest)
    throw StoreFailure{fail(Code::schema_too_new, "The store has schema version " + std::to_string(version) +
                                                      ", this program knows up to " + std::to_string(newest) + ". Use a newer Orkestr.")};
  return static_cast<std::size_t>(version);
}

void migrate(Connection& db, std::size_t version) {
  for (auto n = schema_version(db); n < version; ++n) {
    const std::string step =
        "BEGIN IMMEDIATE;" + std::string{sql::migrations()[n]} + ";PRAGMA user_version = " + std::to_string(n + 1) + ";COMMIT";
    db.run(step.c_str());
  }
}

void migrate(Connection& db) { migrate(db, sql::migrations().size()); }

} // namespace orkestr::inline v1::storage::sqlite
