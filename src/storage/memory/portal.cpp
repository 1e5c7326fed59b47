#include "storage/memory/portal.hpp"

#include "storage/memory/payments.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Imports final : public ImportRepository {
 public:
  explicit Imports(UndoLog& undo) : rows_(undo, "imports"), due_(undo, "imports"), by_age_(undo, "imports"), parts_(undo, "import_parts") {}

  std::optional<Import> find(TenantId tenant, ImportId id) const override { return rows_.copy(tenant, id); }
  std::vector<Import> list(TenantId tenant, const Page& page) const override {
    std::vector<Import> list;
    for_each_newest(rows_, tenant, page, [&](const Import& row) {
      list.push_back(row);
      return true;
    });
    return list;
  }
  std::size_t count_unfinished(TenantId tenant) const override {
    std::size_t count = 0;
    for (const auto& [key, row] : rows_.range(tenant)) count += row.next_attempt_at ? 1 : 0;
    return count;
  }
  std::vector<Due<ImportId>> due(Instant now, std::size_t limit) const override { return due_.due(now, limit); }
  void insert(TenantId tenant, const Import& import) override {
    rows_.insert({tenant, import.id}, import);
    due_.move(tenant, import.id, {}, import.next_attempt_at);
    by_age_.move(tenant, import.id, {}, import.finished_at);
  }
  void update(TenantId tenant, const Import& import) override {
    const auto old = find(tenant, import.id);
    if (!old) return;
    rows_.put({tenant, import.id}, import);
    due_.move(tenant, import.id, old->next_attempt_at, import.next_attempt_at);
    by_age_.move(tenant, import.id, old->finished_at, import.finished_at);
  }

  void insert_part(TenantId tenant, ImportId id, int number, std::string_view bytes) override {
    parts_.insert({tenant, id, std::int64_t{number}}, std::string{bytes});
  }
  std::string file(TenantId tenant, ImportId id) const override {
    std::string all;
    for (const auto& [key, bytes] : parts_.range(tenant, id)) all += bytes;
    return all;
  }
  void erase_file(TenantId tenant, ImportId id) override {
    for (auto all = parts_.range(tenant, id); !all.empty(); all = parts_.range(tenant, id)) {
      const auto key = all.front().first;
      parts_.erase(key);
    }
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    const auto old = by_age_.due(Instant{limit_instant.ms - 1}, limit);
    for (const auto& [tenant, id] : old) {
      by_age_.move(tenant, id, rows_.find(tenant, id)->finished_at, {});
      rows_.erase({tenant, id});
    }
    return old.size();
  }

 private:
  Table<std::tuple<TenantId, ImportId>, Import> rows_;
  DueTable<ImportId> due_, by_age_;
  Table<std::tuple<TenantId, ImportId, std::int64_t>, std::string> parts_;
};

class Domains final : public DomainRepository {
 public:
  Domains(UndoLog& undo, const TenantRepository& tenants)
      : tenants_(tenants), rows_(undo, "domains"), verified_(undo, "domains"), due_(undo, "domains") {}

  std::optional<CustomDomain> find(TenantId tenant) const override { return rows_.copy(tenant); }
  std::optional<TenantId> holder(std::string_view domain) const override { return verified_.copy(domain); }
  std::vector<VerifiedDomain> verified() const override {
    std::vector<VerifiedDomain> rows;
    for (const auto& [key, id] : verified_.rows())
      if (const auto tenant = tenants_.find(id)) rows.push_back({std::get<0>(key), id, tenant->subdomain});
    return rows;
  }
  std::vector<TenantId> due(Instant now, std::size_t limit) const override {
    std::vector<TenantId> rows;
    for (const auto& [key, nothing] : due_.rows()) {
      if (rows.size() == limit || now < std::get<Instant>(key)) break;
      rows.push_back(std::get<TenantId>(key));
    }
    return rows;
  }
  void put(TenantId tenant, const CustomDomain& domain) override {
    erase(tenant);
    if (domain.status == DomainStatus::verified) verified_.insert({domain.domain}, tenant);
    due_.put({domain.next_check_at, tenant}, {});
    rows_.put({tenant}, domain);
  }
  void erase(TenantId tenant) override {
    const auto old = find(tenant);
    if (!old) return;
    if (old->status == DomainStatus::verified) verified_.erase({old->domain});
    due_.erase({old->next_check_at, tenant});
    rows_.erase({tenant});
  }

 private:
  const TenantRepository& tenants_;
  Table<std::tuple<TenantId>, CustomDomain> rows_;
  Table<std::tuple<std::string>, TenantId> verified_;
  Table<std::tuple<Instant, TenantId>, Nothing> due_;
};

class CalendarTokens final : public CalendarTokenRepository {
 public:
  explicit CalendarTokens(UndoLog& undo) : rows_(undo, "calendar_tokens"), by_owner_(undo, "calendar_tokens") {}

  std::optional<FoundCalendarToken> find(std::string_view token_hash) const override { return rows_.copy(token_hash); }
  std::optional<CalendarToken> find_of(TenantId tenant, const CalendarOwner& owner) const override {
    const auto* hash = by_owner_.find(tenant, kind_of(owner), owner.id);
    return hash == nullptr ? std::nullopt : std::optional{rows_.find(*hash)->token};
  }
  void put(TenantId tenant, const CalendarToken& token) override {
    erase(tenant, token.owner());
    rows_.insert({token.token_hash}, {tenant, token});
    by_owner_.put({tenant, kind_of(token.owner()), token.owner_id}, token.token_hash);
  }
  bool erase(TenantId tenant, const CalendarOwner& owner) override {
    const auto old = find_of(tenant, owner);
    if (!old) return false;
    rows_.erase({old->token_hash});
    by_owner_.erase({tenant, kind_of(owner), owner.id});
    return true;
  }

 private:
  static std::int64_t kind_of(const CalendarOwner& owner) { return static_cast<std::int64_t>(owner.kind); }

  Table<std::tuple<std::string>, FoundCalendarToken> rows_;
  Table<std::tuple<TenantId, std::int64_t, std::string>, std::string> by_owner_;
};

} // namespace

std::unique_ptr<ImportRepository> make_imports(UndoLog& undo) { return std::make_unique<Imports>(undo); }
std::unique_ptr<DomainRepository> make_domains(UndoLog& undo, const TenantRepository& tenants) {
  return std::make_unique<Domains>(undo, tenants);
}
std::unique_ptr<CalendarTokenRepository> make_calendar_tokens(UndoLog& undo) { return std::make_unique<CalendarTokens>(undo); }

} // namespace orkestr::inline v1::storage::memory
