#include "storage/memory/trust.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Members final : public MemberRepository {
 public:
  Members(UndoLog& undo, const TenantRepository& tenants)
      : tenants_(tenants),
        rows_(undo, "members"),
        by_email_(undo, "members"),
        passes_(undo, "member_passes"),
        sessions_(undo, "member_sessions"),
        by_token_(undo, "member_sessions") {}

  void lock(TenantId) override {} // there is one writer

  std::optional<Member> find(TenantId tenant, MemberId id) const override { return rows_.copy(tenant, id); }
  std::optional<Member> find_by_email(TenantId tenant, std::string_view email) const override {
    const auto* id = by_email_.find(tenant, email);
    return id == nullptr ? std::nullopt : find(tenant, *id);
  }
  std::vector<Member> list(TenantId tenant, const MemberFilter& filter, const Page& page) const override {
    std::vector<Member> list;
    for_each_newest(rows_, tenant, page, [&](const Member& row) {
      if ((filter.status && row.status != *filter.status) || (filter.role && row.role != *filter.role)) return false;
      list.push_back(row);
      return true;
    });
    return list;
  }
  void insert(TenantId tenant, const Member& member) override {
    by_email_.insert({tenant, member.email}, member.id);
    rows_.insert({tenant, member.id}, member);
  }
  void update(TenantId tenant, const Member& member) override {
    const auto old = find(tenant, member.id);
    if (!old) return;
    if (old->email != member.email) {
      by_email_.insert({tenant, member.email}, member.id);
      by_email_.erase({tenant, old->email});
    }
    rows_.put({tenant, member.id}, member);
  }
  void erase(TenantId tenant, MemberId id) override {
    const auto old = find(tenant, id);
    if (!old) return;
    by_email_.erase({tenant, old->email});
    rows_.erase({tenant, id});
  }

  std::optional<MemberPass> find_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) const override {
    const auto* row = passes_.find(tenant, token_hash);
    return row == nullptr || row->kind != kind ? std::nullopt : std::optional{*row};
  }
  std::vector<MemberPass> passes_of(TenantId tenant, MemberId member, MemberPassKind kind) const override {
    std::vector<MemberPass> list;
    for (const auto& [key, row] : passes_.range(tenant))
      if (row.member_id == member && row.kind == kind) list.push_back(row);
    std::ranges::sort(list, {}, [](const MemberPass& row) { return std::tuple{row.created_at.ms, std::string_view{row.token_hash}}; });
    return list;
  }
  void insert(TenantId tenant, const MemberPass& pass) override { passes_.insert({tenant, pass.token_hash}, pass); }
  bool erase_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) override {
    const auto row = find_pass(tenant, kind, token_hash);
    if (row) passes_.erase({tenant, row->token_hash});
    return row.has_value();
  }
  void erase_passes_of(TenantId tenant, MemberId member, std::optional<MemberPassKind> kind) override {
    for (const auto each : {MemberPassKind::invite, MemberPassKind::verify, MemberPassKind::reset})
      if (!kind || *kind == each)
        for (const auto& row : passes_of(tenant, member, each)) passes_.erase({tenant, row.token_hash});
  }

  std::optional<FoundMemberSession> find_session(TenantId tenant, std::string_view token_hash) const override {
    const auto* id = by_token_.find(tenant, token_hash);
    if (id == nullptr) return std::nullopt;
    auto session = sessions_.copy(tenant, *id);
    auto member = find(tenant, session->member_id);
    auto whose = tenants_.find(tenant);
    if (!member || !whose) return std::nullopt;
    return FoundMemberSession{std::move(*whose), std::move(*member), std::move(*session)};
  }
  std::vector<MemberSession> sessions_of(TenantId tenant, MemberId member) const override {
    std::vector<MemberSession> list;
    for (const auto& [key, row] : sessions_.range(tenant))
      if (row.member_id == member) list.push_back(row);
    std::ranges::reverse(list);
    return list;
  }
  void insert(TenantId tenant, const MemberSession& session) override {
    by_token_.insert({tenant, session.token_hash}, session.id);
    sessions_.insert({tenant, session.id}, session);
  }
  void note_seen(TenantId tenant, SessionId id, Instant at) override {
    auto session = sessions_.copy(tenant, id);
    if (!session) return;
    session->last_seen_at = at;
    sessions_.put({tenant, id}, *session);
    auto member = find(tenant, session->member_id);
    if (!member) return;
    member->last_seen_at = at;
    rows_.put({tenant, member->id}, *member);
  }
  bool erase_session(TenantId tenant, MemberId member, SessionId id) override {
    const auto row = sessions_.copy(tenant, id);
    if (!row || row->member_id != member) return false;
    drop(tenant, *row);
    return true;
  }
  void erase_sessions_of(TenantId tenant, MemberId member, std::optional<SessionId> but) override {
    for (const auto& row : sessions_of(tenant, member))
      if (row.id != but) drop(tenant, row);
  }

  std::size_t erase_expired(Instant now, std::size_t limit) override {
    return sweep(passes_, now, limit,
                 [&](TenantId tenant, const MemberPass& row) {
                   passes_.erase({tenant, row.token_hash});
                 }) +
           sweep(sessions_, now, limit, [&](TenantId tenant, const MemberSession& row) { drop(tenant, row); });
  }

 private:
  /// The oldest first, as databases do it.
  template <class Rows, class Drop> static std::size_t sweep(const Rows& table, Instant now, std::size_t limit, Drop drop) {
    std::vector<std::pair<TenantId, std::remove_cvref_t<decltype(table.rows().begin()->second)>>> expired;
    for (const auto& [key, row] : table.rows())
      if (row.expires_at <= now) expired.emplace_back(std::get<0>(key), row);
    std::ranges::stable_sort(expired, {}, [](const auto& each) { return each.second.expires_at.ms; });
    if (expired.size() > limit) expired.resize(limit);
    for (const auto& [tenant, row] : expired) drop(tenant, row);
    return expired.size();
  }
  void drop(TenantId tenant, const MemberSession& row) {
    by_token_.erase({tenant, row.token_hash});
    sessions_.erase({tenant, row.id});
  }

  const TenantRepository& tenants_;
  Table<std::tuple<TenantId, MemberId>, Member> rows_;
  Table<std::tuple<TenantId, std::string>, MemberId> by_email_;
  Table<std::tuple<TenantId, std::string>, MemberPass> passes_;
  Table<std::tuple<TenantId, SessionId>, MemberSession> sessions_;
  Table<std::tuple<TenantId, std::string>, SessionId> by_token_;
};

} // namespace

std::unique_ptr<MemberRepository> make_members(UndoLog& undo, const TenantRepository& tenants) {
  return std::make_unique<Members>(undo, tenants);
}

} // namespace orkestr::inline v1::storage::memory
