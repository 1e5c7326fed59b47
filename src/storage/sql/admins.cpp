#include "storage/sql/repository.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Admin> {
  using T = Admin;
  static constexpr std::string_view table = "admins";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("email", &T::email), column("name", &T::name), column("prefix", &T::prefix),
                      column("secret_hash", &T::secret_hash), column("created_at", &T::created_at),
                      column("last_used_at", &T::last_used_at), column("revoked_at", &T::revoked_at));
};

template <> struct Row<AdminAction> {
  using T = AdminAction;
  static constexpr std::string_view table = "admin_actions";
  static constexpr auto columns = std::make_tuple(column("id", &T::id), column("admin_id", &T::admin_id), column("action", &T::action),
                                                  column("about_tenant", &T::tenant_id), column("subject", &T::subject),
                                                  column("detail", &T::detail), column("request_id", &T::request_id), column("at", &T::at));
};

template <> struct Row<AdminSession> {
  using T = AdminSession;
  static constexpr std::string_view table = "admin_sessions";
  static constexpr auto columns = std::make_tuple(column("token_hash", &T::token_hash), column("admin_id", &T::admin_id),
                                                  column("created_at", &T::created_at), column("expires_at", &T::expires_at));
};

namespace {

/// Rows of the platform's tables, which have no tenant.
template <class T> std::string select_all(std::string_view rest) {
  return "SELECT " + column_list<T>() + " FROM " + std::string{Row<T>::table} + " WHERE " + std::string{rest};
}
template <class T> void insert_platform_row(Connection& db, const T& row) {
  static const std::string sql = [] {
    std::string values;
    for (int i = 1; i <= column_count<T>; ++i) values += (i == 1 ? "$" : ", $") + std::to_string(i);
    return "INSERT INTO " + std::string{Row<T>::table} + " (" + column_list<T>() + ") VALUES (" + values + ")";
  }();
  const Use use(db, sql);
  Scratch scratch;
  bind_columns(*use, 1, row, scratch);
  use->run();
}

class Admins final : public AdminRepository, Base {
 public:
  using Base::Base;
  std::optional<Admin> find(AdminId id) const override {
    static const std::string sql = select_all<Admin>("id = $1");
    return query_one<Admin>(db_, sql, id);
  }
  std::optional<Admin> find_by_prefix(std::string_view prefix) const override {
    static const std::string sql = select_all<Admin>("prefix = $1");
    return query_one<Admin>(db_, sql, prefix);
  }
  std::vector<Admin> list(const Page& page) const override {
    static const std::string sql = select_all<Admin>("id < $1 ORDER BY id DESC LIMIT $2");
    return query<Admin>(db_, sql, before(page), page.limit);
  }
  void insert(const Admin& admin) override { insert_platform_row(db_, admin); }
  void update(const Admin& admin) override {
    run(db_,
        "UPDATE admins SET email = $1, name = $2, prefix = $3, secret_hash = $4, created_at = $5, last_used_at = $6, revoked_at = $7"
        " WHERE id = $8",
        admin.email, admin.name, admin.prefix, admin.secret_hash, admin.created_at, admin.last_used_at, admin.revoked_at, admin.id);
  }

  void append(const AdminAction& action) override { insert_platform_row(db_, action); }
  std::vector<AdminAction> actions(const AdminActionFilter& filter, const Page& page) const override {
    std::string sql = "id < $1";
    int next = 2;
    const auto condition = [&](bool wanted, std::string_view head) {
      if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++));
    };
    condition(filter.admin.has_value(), "admin_id = ");
    condition(filter.tenant.has_value(), "about_tenant = ");
    condition(filter.action.has_value(), "action = ");
    condition(filter.from.has_value(), "at >= ");
    condition(filter.to.has_value(), "at < ");
    const Use use(db_, select_all<AdminAction>(sql + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
    int p = 1;
    bind(*use, p++, before(page));
    const auto argument = [&](const auto& value) {
      if (value) bind(*use, p++, *value);
    };
    argument(filter.admin);
    argument(filter.tenant);
    argument(filter.action);
    argument(filter.from);
    argument(filter.to);
    bind(*use, p, page.limit);
    std::vector<AdminAction> rows;
    while (use->step()) rows.push_back(read_row<AdminAction>(*use));
    return rows;
  }

  std::optional<FoundAdminSession> find_session(std::string_view token_hash) const override {
    static const std::string sql = "SELECT " + column_list<Admin>("a.") + ", " + column_list<AdminSession>("s.") +
                                   " FROM admin_sessions s JOIN admins a ON a.id = s.admin_id WHERE s.token_hash = $1";
    const Use use(db_, sql);
    bind(*use, 1, token_hash);
    if (!use->step()) return std::nullopt;
    return FoundAdminSession{read_row<Admin>(*use), read_row<AdminSession>(*use, column_count<Admin>)};
  }
  void insert_session(const AdminSession& session) override { insert_platform_row(db_, session); }
  void erase_session(std::string_view token_hash) override { run(db_, "DELETE FROM admin_sessions WHERE token_hash = $1", token_hash); }
  std::size_t erase_expired_sessions(Instant now, std::size_t limit) override {
    return static_cast<std::size_t>(
        execute(db_,
                "DELETE FROM admin_sessions WHERE token_hash IN (SELECT token_hash FROM admin_sessions WHERE expires_at <= $1"
                " ORDER BY expires_at LIMIT $2)",
                now, limit));
  }
};

} // namespace

std::unique_ptr<AdminRepository> make_admins(Connection& connection) { return std::make_unique<Admins>(connection); }

} // namespace orkestr::inline v1::storage::sql
