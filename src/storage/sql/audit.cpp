#include "storage/sql/repository.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<AuditEntry> {
  using T = AuditEntry;
  static constexpr std::string_view table = "audit_log";
  static constexpr auto columns = std::make_tuple(column("id", &T::id), column("actor", &T::actor), column("actor_id", &T::actor_id),
                                                  column("request_id", &T::request_id), column("action", &T::action),
                                                  column("subject", &T::subject), column("detail", &T::detail), column("at", &T::at));
};

namespace {

class Audit final : public AuditRepository, Base {
 public:
  using Base::Base;
  void append(TenantId tenant, const AuditEntry& entry) override { insert_row(db_, tenant, entry); }
  std::vector<AuditEntry> list(TenantId tenant, const AuditFilter& filter, const Page& page) const override {
    std::string sql = "AND id < $2";
    int next = 3;
    const auto condition = [&](bool wanted, std::string_view head) {
      if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++));
    };
    condition(filter.actor.has_value(), "actor = ");
    condition(filter.actor_id.has_value(), "actor_id = ");
    condition(filter.action.has_value(), "action = ");
    condition(filter.subject.has_value(), "subject = ");
    condition(filter.from.has_value(), "at >= ");
    condition(filter.to.has_value(), "at < ");
    const Use use(db_, select<AuditEntry>(sql + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
    int p = 1;
    bind(*use, p++, tenant);
    bind(*use, p++, before(page));
    const auto argument = [&](const auto& value) {
      if (value) bind(*use, p++, *value);
    };
    argument(filter.actor);
    argument(filter.actor_id);
    argument(filter.action);
    argument(filter.subject);
    argument(filter.from);
    argument(filter.to);
    bind(*use, p, page.limit);
    std::vector<AuditEntry> rows;
    while (use->step()) rows.push_back(read_row<AuditEntry>(*use));
    return rows;
  }
};

} // namespace

std::unique_ptr<AuditRepository> make_audit(Connection& connection) { return std::make_unique<Audit>(connection); }

} // namespace orkestr::inline v1::storage::sql
