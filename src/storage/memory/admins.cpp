#include "storage/memory/trust.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Admins final : public AdminRepository {
 public:
  explicit Admins(UndoLog& undo)
      : rows_(undo, "admins"), prefixes_(undo, "admins"), actions_(undo, "admin_actions"), sessions_(undo, "admin_sessions") {}

  std::optional<Admin> find(AdminId id) const override { return rows_.copy(id); }
  std::optional<Admin> find_by_prefix(std::string_view prefix) const override {
    const auto* id = prefixes_.find(prefix);
    return id == nullptr ? std::nullopt : find(*id);
  }
  std::vector<Admin> list(const Page& page) const override {
    return newest(rows_, page, [](const Admin&) { return true; });
  }
  void insert(const Admin& admin) override {
    rows_.insert({admin.id}, admin);
    prefixes_.insert({admin.prefix}, admin.id);
  }
  void update(const Admin& admin) override {
    const auto* old = rows_.find(admin.id);
    if (old == nullptr) return;
    if (old->prefix != admin.prefix) {
      prefixes_.insert({admin.prefix}, admin.id);
      prefixes_.erase({old->prefix});
    }
    rows_.put({admin.id}, admin);
  }

  void append(const AdminAction& action) override { actions_.insert({action.id}, action); }
  std::vector<AdminAction> actions(const AdminActionFilter& filter, const Page& page) const override {
    return newest(actions_, page, [&](const AdminAction& row) {
      return (!filter.admin || row.admin_id == filter.admin) && (!filter.tenant || row.tenant_id == filter.tenant) &&
             (!filter.action || row.action == *filter.action) && (!filter.from || *filter.from <= row.at) &&
             (!filter.to || row.at < *filter.to);
    });
  }

  std::optional<FoundAdminSession> find_session(std::string_view token_hash) const override {
    const auto* session = sessions_.find(token_hash);
    auto admin = session == nullptr ? std::nullopt : find(session->admin_id);
    if (!admin) return std::nullopt;
    return FoundAdminSession{std::move(*admin), *session};
  }
  void insert_session(const AdminSession& session) override { sessions_.insert({session.token_hash}, session); }
  void erase_session(std::string_view token_hash) override { sessions_.erase({std::string{token_hash}}); }
  std::size_t erase_expired_sessions(Instant now, std::size_t limit) override {
    std::vector<std::string> expired;
    for (const auto& [key, session] : sessions_.rows())
      if (expired.size() < limit && !session.live(now)) expired.push_back(session.token_hash);
    for (const auto& hash : expired) erase_session(hash);
    return expired.size();
  }

 private:
  template <class Id, class Row, class Wanted>
  static std::vector<Row> newest(const Table<std::tuple<Id>, Row>& table, const Page& page, Wanted wanted) {
    std::vector<Row> list;
    auto next = page.before.empty() ? table.rows().end() : table.from(std::string_view{page.before});
    while (list.size() < page.limit && next != table.rows().begin())
      if (const auto& row = (--next)->second; wanted(row)) list.push_back(row);
    return list;
  }

  Table<std::tuple<AdminId>, Admin> rows_;
  Table<std::tuple<std::string>, AdminId> prefixes_;
  Table<std::tuple<AuditId>, AdminAction> actions_;
  Table<std::tuple<std::string>, AdminSession> sessions_;
};

} // namespace

std::unique_ptr<AdminRepository> make_admins(UndoLog& undo) { return std::make_unique<Admins>(undo); }

} // namespace orkestr::inline v1::storage::memory
