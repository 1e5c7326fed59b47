// What the repositories over SQL share.
#pragma once

#include "storage/sql/rows.hpp"

namespace orkestr::inline v1::storage::sql {

class Base {
 public:
  explicit Base(Connection& connection) : db_(connection) {}

 protected:
  Connection& db_;
};

/// Ids below this one come next in a list; '~' sorts behind every id.
[[nodiscard]] inline std::string_view before(const Page& page) {
  return page.before.empty() ? std::string_view{"~"} : std::string_view{page.before};
}

inline constexpr Use::EveryTenant every_tenant;
inline constexpr std::string_view skip_locked = " FOR UPDATE SKIP LOCKED";

/// Reads rows of `tenant_id, id`.
template <class AnyId> std::vector<Due<AnyId>> read_due(Connection& db, std::string sql, Instant now, std::size_t limit) {
  if (db.claims_work()) sql += skip_locked;
  const Use use(db, sql, every_tenant);
  bind(*use, 1, now);
  bind(*use, 2, limit);
  std::vector<Due<AnyId>> due;
  while (use->step()) {
    auto& row = due.emplace_back();
    get(*use, 0, row.tenant);
    get(*use, 1, row.id);
  }
  return due;
}

/// Deletes what an open sub-select names, over all tenants.
inline std::size_t erase_oldest(Connection& db, std::string sql, Instant limit_instant, std::size_t limit) {
  if (db.claims_work()) sql += skip_locked;
  const Use use(db, sql + ")", every_tenant);
  bind(*use, 1, limit_instant);
  bind(*use, 2, limit);
  use->step();
  return static_cast<std::size_t>(use->changes());
}

} // namespace orkestr::inline v1::storage::sql
