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
};

} // namespace

std::unique_ptr<AdminRepository> make_admins(Connection& connection) { return std::make_unique<Admins>(connection); }

} // namespace orkestr::inline v1::storage::sql
