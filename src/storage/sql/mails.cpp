#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<QueuedMail> {
  using T = QueuedMail;
  static constexpr std::string_view table = "mails";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("recipient", &T::recipient), column("subject", &T::subject), column("body", &T::body),
                      column("state", &T::state), column("attempts", &T::attempts), column("next_attempt_at", &T::next_attempt_at),
                      column("last_error", &T::last_error), column("created_at", &T::created_at), column("sent_at", &T::sent_at));
};

template <> struct Row<CustomerPass> {
  using T = CustomerPass;
  static constexpr std::string_view table = "customer_passes";
  static constexpr auto columns =
      std::make_tuple(column("token_hash", &T::token_hash), column("kind", &T::kind), column("email", &T::email),
                      column("created_at", &T::created_at), column("expires_at", &T::expires_at));
};

namespace {

class Mails final : public MailRepository, Base {
 public:
  using Base::Base;
  std::optional<QueuedMail> find(TenantId tenant, MailId id) const override {
    static const std::string sql = select<QueuedMail>("AND id = $2");
    return query_one<QueuedMail>(db_, sql, tenant, id);
  }
  std::vector<Due<MailId>> due(Instant now, std::size_t limit) const override {
    return read_due<MailId>(
        db_, "SELECT tenant_id, id FROM mails WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, tenant_id, id LIMIT $2", now, limit);
  }
  void insert(TenantId tenant, const QueuedMail& mail) override { insert_row(db_, tenant, mail); }
  void update(TenantId tenant, const QueuedMail& mail) override { update_row(db_, tenant, mail); }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM mails WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM mails WHERE created_at < $1"
                        " ORDER BY created_at LIMIT $2",
                        limit_instant, limit);
  }
};

class CustomerPasses final : public CustomerPassRepository, Base {
 public:
  using Base::Base;
  std::optional<CustomerPass> find(TenantId tenant, PassKind kind, std::string_view token_hash) const override {
    static const std::string sql = select<CustomerPass>("AND token_hash = $2 AND kind = $3");
    return query_one<CustomerPass>(db_, sql, tenant, token_hash, kind);
  }
  std::size_t count_live(TenantId tenant, PassKind kind, std::string_view email, Instant now) const override {
    const Use use(db_, "SELECT count(*) FROM customer_passes WHERE tenant_id = $1 AND email = $2 AND kind = $3 AND expires_at > $4");
    bind(*use, 1, tenant);
    bind(*use, 2, email);
    bind(*use, 3, kind);
    bind(*use, 4, now);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  void insert(TenantId tenant, const CustomerPass& pass) override { insert_row(db_, tenant, pass); }
  bool erase(TenantId tenant, PassKind kind, std::string_view token_hash) override {
    return execute(db_, "DELETE FROM customer_passes WHERE tenant_id = $1 AND token_hash = $2 AND kind = $3", tenant, token_hash, kind) > 0;
  }
  std::size_t erase_expired(Instant now, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM customer_passes WHERE (tenant_id, token_hash) IN (SELECT tenant_id, token_hash FROM customer_passes"
                        " WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                        now, limit);
  }
};

} // namespace

std::unique_ptr<MailRepository> make_mails(Connection& connection) { return std::make_unique<Mails>(connection); }
std::unique_ptr<CustomerPassRepository> make_customer_passes(Connection& connection) {
  return std::make_unique<CustomerPasses>(connection);
}

} // namespace orkestr::inline v1::storage::sql
