#include "storage/memory/payments.hpp"
#include "storage/memory/trust.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Mails final : public MailRepository {
 public:
  explicit Mails(UndoLog& undo) : rows_(undo, "mails"), due_(undo, "mails"), by_age_(undo, "mails") {}

  std::optional<QueuedMail> find(TenantId tenant, MailId id) const override { return rows_.copy(tenant, id); }
  std::vector<Due<MailId>> due(Instant now, std::size_t limit) const override { return due_.due(now, limit); }
  void insert(TenantId tenant, const QueuedMail& mail) override {
    rows_.insert({tenant, mail.id}, mail);
    due_.move(tenant, mail.id, {}, mail.next_attempt_at);
    by_age_.insert({mail.created_at, tenant, mail.id}, {});
  }
  void update(TenantId tenant, const QueuedMail& mail) override {
    const auto old = find(tenant, mail.id);
    if (!old) return;
    rows_.put({tenant, mail.id}, mail);
    due_.move(tenant, mail.id, old->next_attempt_at, mail.next_attempt_at);
    by_age_.erase({old->created_at, tenant, mail.id});
    by_age_.put({mail.created_at, tenant, mail.id}, {});
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !by_age_.rows().empty(); ++erased) {
      const auto oldest = by_age_.rows().begin()->first;
      if (std::get<Instant>(oldest) >= limit_instant) break;
      const auto tenant = std::get<TenantId>(oldest);
      const auto id = std::get<MailId>(oldest);
      due_.move(tenant, id, rows_.find(tenant, id)->next_attempt_at, {});
      rows_.erase({tenant, id});
      by_age_.erase(oldest);
    }
    return erased;
  }

 private:
  Table<std::tuple<TenantId, MailId>, QueuedMail> rows_;
  DueTable<MailId> due_;
  Table<std::tuple<Instant, TenantId, MailId>, Nothing> by_age_;
};

class CustomerPasses final : public CustomerPassRepository {
 public:
  explicit CustomerPasses(UndoLog& undo)
      : rows_(undo, "customer_passes"), by_email_(undo, "customer_passes"), by_expiry_(undo, "customer_passes") {}

  std::optional<CustomerPass> find(TenantId tenant, PassKind kind, std::string_view token_hash) const override {
    const auto* row = rows_.find(tenant, token_hash);
    return row == nullptr || row->kind != kind ? std::nullopt : std::optional{*row};
  }
  std::size_t count_live(TenantId tenant, PassKind kind, std::string_view email, Instant now) const override {
    std::size_t count = 0;
    for (const auto& [key, nothing] : by_email_.range(tenant, email)) {
      const auto& row = *rows_.find(tenant, std::get<2>(key));
      count += row.kind == kind && row.live(now) ? 1 : 0;
    }
    return count;
  }
  void insert(TenantId tenant, const CustomerPass& pass) override {
    rows_.insert({tenant, pass.token_hash}, pass);
    by_email_.put({tenant, pass.email, pass.token_hash}, {});
    by_expiry_.put({pass.expires_at, tenant, pass.token_hash}, {});
  }
  bool erase(TenantId tenant, PassKind kind, std::string_view token_hash) override {
    const auto row = find(tenant, kind, token_hash);
    if (row) drop(tenant, *row);
    return row.has_value();
  }
  std::size_t erase_expired(Instant now, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !by_expiry_.rows().empty(); ++erased) {
      const auto next = by_expiry_.rows().begin()->first;
      if (now < std::get<Instant>(next)) break;
      drop(std::get<TenantId>(next), *rows_.copy(std::get<TenantId>(next), std::get<std::string>(next)));
    }
    return erased;
  }

 private:
  void drop(TenantId tenant, const CustomerPass& row) {
    by_email_.erase({tenant, row.email, row.token_hash});
    by_expiry_.erase({row.expires_at, tenant, row.token_hash});
    rows_.erase({tenant, row.token_hash});
  }

  Table<std::tuple<TenantId, std::string>, CustomerPass> rows_;
  Index<std::string, std::string> by_email_;
  Table<std::tuple<Instant, TenantId, std::string>, Nothing> by_expiry_;
};

} // namespace

std::unique_ptr<MailRepository> make_mails(UndoLog& undo) { return std::make_unique<Mails>(undo); }
std::unique_ptr<CustomerPassRepository> make_customer_passes(UndoLog& undo) { return std::make_unique<CustomerPasses>(undo); }

} // namespace orkestr::inline v1::storage::memory
