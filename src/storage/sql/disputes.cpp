#include "storage/sql/repository.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Dispute> {
  using T = Dispute;
  static constexpr std::string_view table = "disputes";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("booking_id", &T::booking_id), column("customer_id", &T::customer_id),
                      column("offering_title", &T::offering_title), column("category", &T::category), column("reason", &T::reason),
                      column("evidence_urls", &T::evidence_urls), column("opened_by", &T::opened_by),
                      column("opened_by_id", &T::opened_by_id), column("status", &T::status), column("resolution", &T::resolution),
                      column("note", &T::note), column("refund_cents", &T::refund_cents), column("currency", &T::currency),
                      column("resolved_by", &T::resolved_by), column("created_at", &T::created_at), column("updated_at", &T::updated_at),
                      column("escalated_at", &T::escalated_at), column("closed_at", &T::closed_at));
};

template <> struct Row<DisputeMessage> {
  using T = DisputeMessage;
  static constexpr std::string_view table = "dispute_messages";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("dispute_id", &T::dispute_id), column("author_role", &T::author_role),
                      column("author_id", &T::author_id), column("text", &T::text), column("evidence_urls", &T::evidence_urls),
                      column("created_at", &T::created_at));
};

namespace {

class Disputes final : public DisputeRepository, Base {
 public:
  using Base::Base;
  std::optional<Dispute> find(TenantId tenant, DisputeId id) const override {
    static const std::string sql = select<Dispute>("AND id = $2");
    return query_one<Dispute>(db_, sql, tenant, id);
  }
  std::vector<Dispute> of_booking(TenantId tenant, BookingId booking) const override {
    static const std::string sql = select<Dispute>("AND booking_id = $2 ORDER BY id");
    return query<Dispute>(db_, sql, tenant, booking);
  }
  std::vector<Dispute> list(TenantId tenant, const DisputeFilter& filter, const Page& page) const override {
    int next = 2;
    const std::string conditions = conditions_of(filter, next);
    const Use use(db_, select<Dispute>("AND " + conditions + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
    bind(*use, 1, tenant);
    bind_conditions(use, 2, filter, page);
    std::vector<Dispute> rows;
    while (use->step()) rows.push_back(read_row<Dispute>(*use));
    return rows;
  }
  std::vector<TenantDispute> all(const DisputeFilter& filter, const Page& page) const override {
    int next = 1;
    const std::string conditions = conditions_of(filter, next);
    const Use use(db_,
                  "SELECT tenant_id, " + column_list<Dispute>() + " FROM disputes WHERE " + conditions + " ORDER BY id DESC LIMIT $" +
                      std::to_string(next),
                  every_tenant);
    bind_conditions(use, 1, filter, page);
    std::vector<TenantDispute> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      row.dispute = read_row<Dispute>(*use, 1);
    }
    return rows;
  }
  std::vector<DisputeMessage> messages(TenantId tenant, DisputeId dispute) const override {
    static const std::string sql = select<DisputeMessage>("AND dispute_id = $2 ORDER BY id");
    return query<DisputeMessage>(db_, sql, tenant, dispute);
  }
  std::size_t count_messages(TenantId tenant, DisputeId dispute) const override {
    const Use use(db_, "SELECT count(*) FROM dispute_messages WHERE tenant_id = $1 AND dispute_id = $2");
    bind(*use, 1, tenant);
    bind(*use, 2, dispute);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  void insert(TenantId tenant, const Dispute& dispute) override { insert_row(db_, tenant, dispute); }
  void update(TenantId tenant, const Dispute& dispute) override { update_row(db_, tenant, dispute); }
  void insert(TenantId tenant, const DisputeMessage& message) override { insert_row(db_, tenant, message); }

 private:
  static std::string conditions_of(const DisputeFilter& filter, int& next) {
    std::string sql = "id < $" + std::to_string(next++);
    if (filter.status) sql += " AND status = $" + std::to_string(next++);
    if (filter.booking_id) sql += " AND booking_id = $" + std::to_string(next++);
    return sql;
  }
  static void bind_conditions(const Use& use, int p, const DisputeFilter& filter, const Page& page) {
    bind(*use, p++, before(page));
    if (filter.status) bind(*use, p++, *filter.status);
    if (filter.booking_id) bind(*use, p++, *filter.booking_id);
    bind(*use, p, page.limit);
  }
};

} // namespace

std::unique_ptr<DisputeRepository> make_disputes(Connection& connection) { return std::make_unique<Disputes>(connection); }

} // namespace orkestr::inline v1::storage::sql
