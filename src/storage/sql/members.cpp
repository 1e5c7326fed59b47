#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Member> {
  using T = Member;
  static constexpr std::string_view table = "members";
  static constexpr auto columns = std::make_tuple(
      column("id", &T::id), column("email", &T::email), column("name", &T::name), column("role", &T::role), column("status", &T::status),
      column("password_hash", &T::password_hash), column("email_verified", &T::email_verified), column("totp_enabled", &T::totp_enabled),
      column("totp_secret", &T::totp_secret), column("totp_last_step", &T::totp_last_step), column("recovery_codes", &T::recovery_codes),
      column("external_id", &T::external_id), column("invited_by", &T::invited_by), column("created_at", &T::created_at),
      column("last_seen_at", &T::last_seen_at), column("deactivated_at", &T::deactivated_at));
};

template <> struct Row<MemberPass> {
  using T = MemberPass;
  static constexpr std::string_view table = "member_passes";
  static constexpr auto columns =
      std::make_tuple(column("token_hash", &T::token_hash), column("kind", &T::kind), column("member_id", &T::member_id),
                      column("created_at", &T::created_at), column("expires_at", &T::expires_at));
};

template <> struct Row<MemberSession> {
  using T = MemberSession;
  static constexpr std::string_view table = "member_sessions";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("token_hash", &T::token_hash), column("member_id", &T::member_id),
                      column("user_agent", &T::user_agent), column("address", &T::address), column("created_at", &T::created_at),
                      column("last_seen_at", &T::last_seen_at), column("expires_at", &T::expires_at));
};

namespace {

class Members final : public MemberRepository, Base {
 public:
  using Base::Base;
  void lock(TenantId tenant) override {
    // A row that is written: of two at once, the second runs again and sees what the first did.
    run(db_, "UPDATE tenants SET status = status WHERE tenant_id = $1 AND id = $1", tenant);
  }

  std::optional<Member> find(TenantId tenant, MemberId id) const override {
    static const std::string sql = select<Member>("AND id = $2");
    return query_one<Member>(db_, sql, tenant, id);
  }
  std::optional<Member> find_by_email(TenantId tenant, std::string_view email) const override {
    static const std::string sql = select<Member>("AND email = $2");
    return query_one<Member>(db_, sql, tenant, email);
  }
  std::vector<Member> list(TenantId tenant, const MemberFilter& filter, const Page& page) const override {
    std::string sql = "AND id < $2";
    int next = 3;
    if (filter.status) sql.append(" AND status = $").append(std::to_string(next++));
    if (filter.role) sql.append(" AND role = $").append(std::to_string(next++));
    const Use use(db_, select<Member>(sql + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
    int p = 1;
    bind(*use, p++, tenant);
    bind(*use, p++, before(page));
    if (filter.status) bind(*use, p++, *filter.status);
    if (filter.role) bind(*use, p++, *filter.role);
    bind(*use, p, page.limit);
    std::vector<Member> rows;
    while (use->step()) rows.push_back(read_row<Member>(*use));
    return rows;
  }
  void insert(TenantId tenant, const Member& member) override { insert_row(db_, tenant, member); }
  void update(TenantId tenant, const Member& member) override { update_row(db_, tenant, member); }
  void erase(TenantId tenant, MemberId id) override { run(db_, "DELETE FROM members WHERE tenant_id = $1 AND id = $2", tenant, id); }

  std::optional<MemberPass> find_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) const override {
    static const std::string sql = select<MemberPass>("AND token_hash = $2 AND kind = $3");
    return query_one<MemberPass>(db_, sql, tenant, token_hash, kind);
  }
  std::vector<MemberPass> passes_of(TenantId tenant, MemberId member, MemberPassKind kind) const override {
    static const std::string sql = select<MemberPass>("AND member_id = $2 AND kind = $3 ORDER BY created_at, token_hash");
    return query<MemberPass>(db_, sql, tenant, member, kind);
  }
  void insert(TenantId tenant, const MemberPass& pass) override { insert_row(db_, tenant, pass); }
  bool erase_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) override {
    return execute(db_, "DELETE FROM member_passes WHERE tenant_id = $1 AND token_hash = $2 AND kind = $3", tenant, token_hash, kind) > 0;
  }
  void erase_passes_of(TenantId tenant, MemberId member, std::optional<MemberPassKind> kind) override {
    if (kind)
      run(db_, "DELETE FROM member_passes WHERE tenant_id = $1 AND member_id = $2 AND kind = $3", tenant, member, *kind);
    else
      run(db_, "DELETE FROM member_passes WHERE tenant_id = $1 AND member_id = $2", tenant, member);
  }

  std::optional<FoundMemberSession> find_session(TenantId tenant, std::string_view token_hash) const override {
    static const std::string sql = "SELECT " + column_list<Tenant>("t.") + ", " + column_list<Member>("m.") + ", " +
                                   column_list<MemberSession>("s.") +
                                   " FROM member_sessions s JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id"
                                   " JOIN tenants t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id"
                                   " WHERE s.tenant_id = $1 AND s.token_hash = $2";
    const Use use(db_, sql);
    bind(*use, 1, tenant);
    bind(*use, 2, token_hash);
    if (!use->step()) return std::nullopt;
    return FoundMemberSession{read_row<Tenant>(*use), read_row<Member>(*use, column_count<Tenant>),
                              read_row<MemberSession>(*use, column_count<Tenant> + column_count<Member>)};
  }
  std::vector<MemberSession> sessions_of(TenantId tenant, MemberId member) const override {
    static const std::string sql = select<MemberSession>("AND member_id = $2 ORDER BY id DESC");
    return query<MemberSession>(db_, sql, tenant, member);
  }
  void insert(TenantId tenant, const MemberSession& session) override { insert_row(db_, tenant, session); }
  void note_seen(TenantId tenant, SessionId session, Instant at) override {
    run(db_, "UPDATE member_sessions SET last_seen_at = $1 WHERE tenant_id = $2 AND id = $3", at, tenant, session);
    run(db_,
        "UPDATE members SET last_seen_at = $1 WHERE tenant_id = $2 AND id IN"
        " (SELECT member_id FROM member_sessions WHERE tenant_id = $2 AND id = $3)",
        at, tenant, session);
  }
  bool erase_session(TenantId tenant, MemberId member, SessionId session) override {
    return execute(db_, "DELETE FROM member_sessions WHERE tenant_id = $1 AND id = $2 AND member_id = $3", tenant, session, member) > 0;
  }
  void erase_sessions_of(TenantId tenant, MemberId member, std::optional<SessionId> but) override {
    run(db_, "DELETE FROM member_sessions WHERE tenant_id = $1 AND member_id = $2 AND id <> $3", tenant, member,
        but ? but->view() : std::string_view{});
  }

  std::size_t erase_expired(Instant now, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM member_passes WHERE (tenant_id, token_hash) IN (SELECT tenant_id, token_hash FROM member_passes"
                        " WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                        now, limit) +
           erase_oldest(db_,
                        "DELETE FROM member_sessions WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM member_sessions"
                        " WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                        now, limit);
  }
};

} // namespace

std::unique_ptr<MemberRepository> make_members(Connection& connection) { return std::make_unique<Members>(connection); }

} // namespace orkestr::inline v1::storage::sql
