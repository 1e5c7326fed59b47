#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"
#include "storage/sql/trust.hpp"

#include <limits>

namespace orkestr::inline v1::storage::sql {
namespace {

/// The score as columns. Its tenant is its id.
struct StoredScore : ScoreInputs {
  std::int64_t place = 0;
  Instant computed_at;
};

} // namespace

template <> struct Row<StoredScore> {
  using T = StoredScore;
  static constexpr std::string_view table = "tenant_scores";
  static constexpr auto columns = std::make_tuple(
      column("place", &T::place), column("rating_sum", &ScoreInputs::rating_sum), column("rating_count", &ScoreInputs::rating_count),
      column("pending_count", &ScoreInputs::pending_count), column("decided_within_24h", &ScoreInputs::decided_within_24h),
      column("decided", &ScoreInputs::decided), column("confirmed", &ScoreInputs::confirmed), column("computed_at", &T::computed_at));
};

namespace {

class Scores final : public ScoreRepository, Base {
 public:
  using Base::Base;
  std::optional<TenantScore> find(TenantId tenant) const override {
    static const std::string sql = select<StoredScore>("");
    const auto row = query_one<StoredScore>(db_, sql, tenant);
    if (!row) return std::nullopt;
    return TenantScore{*row, row->computed_at};
  }
  void put(TenantId tenant, const TenantScore& score) override {
    static const std::string sql = [] {
      std::string values, sets;
      int n = 2;
      for_each_column<StoredScore>([&](const auto& c) {
        values += ", $" + std::to_string(n++);
        sets += (sets.empty() ? "" : ", ") + std::string{c.name} + " = excluded." + std::string{c.name};
      });
      return "INSERT INTO tenant_scores (tenant_id, " + column_list<StoredScore>() + ") VALUES ($1" + values +
             ") ON CONFLICT (tenant_id) DO UPDATE SET " + sets;
    }();
    const StoredScore row{score.inputs, marketplace_place(score.inputs), score.computed_at};
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind_columns(*use, 2, row, scratch);
    use->run();
  }
  std::vector<TenantId> due(Instant before, std::size_t limit) const override {
    auto ids = ids_of("SELECT t.id FROM tenants t WHERE NOT EXISTS (SELECT 1 FROM tenant_scores s WHERE s.tenant_id = t.id)"
                      " ORDER BY t.id LIMIT $1",
                      limit);
    for (const auto& id : ids_of("SELECT tenant_id FROM tenant_scores WHERE computed_at < $1 ORDER BY computed_at, tenant_id LIMIT $2",
                                 before, limit - ids.size()))
      ids.push_back(id);
    return ids;
  }
  std::vector<RankedTenant> ranking(const Page& page) const override {
    static const std::string of_published =
        " FROM offerings o WHERE o.tenant_id = s.tenant_id AND o.status = 'PUBLISHED' AND o.deleted_at IS NULL";
    static const std::string sql = "SELECT s.place, (SELECT CAST(coalesce(sum(o.review_count), 0) AS BIGINT)" + of_published +
                                   "), (SELECT CAST(coalesce(sum(o.rating_sum), 0) AS BIGINT)" + of_published + "), " +
                                   column_list<Tenant>("t.") +
                                   " FROM tenant_scores s JOIN tenants t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id"
                                   " WHERE (s.place, s.tenant_id) > ($1, $2) AND t.status = 'ACTIVE' AND EXISTS (SELECT 1" +
                                   of_published + ") ORDER BY s.place, s.tenant_id LIMIT $3";
    const auto last = price_place(page.before);
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, last ? last->first : std::numeric_limits<std::int64_t>::min());
    bind(*use, 2, last ? last->second : std::string_view{});
    bind(*use, 3, page.limit);
    std::vector<RankedTenant> rows;
    while (use->step()) rows.push_back({read_row<Tenant>(*use, 3), {use->integer(1), use->integer(2)}, use->integer(0)});
    return rows;
  }

 private:
  template <class... Args> [[nodiscard]] std::vector<TenantId> ids_of(std::string_view sql, const Args&... args) const {
    const Use use(db_, sql, every_tenant);
    int p = 1;
    (bind(*use, p++, args), ...);
    std::vector<TenantId> ids;
    while (use->step()) get(*use, 0, ids.emplace_back());
    return ids;
  }
};

} // namespace

std::unique_ptr<ScoreRepository> make_scores(Connection& connection) { return std::make_unique<Scores>(connection); }

} // namespace orkestr::inline v1::storage::sql
