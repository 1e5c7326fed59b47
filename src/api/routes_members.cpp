// The team: who is in, with which role, and who is invited.
#include "api/member_bodies.hpp"

#include "base/text.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Member> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<MemberId>());
  auto member = tx.members().find(call.tenant.id, id);
  if (!member) return fail(Code::not_found, "There is no such member.");
  return std::move(*member);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  storage::MemberFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<MemberStatus>("status"));
  ORKESTR_TRY(filter.role, call.query.enumeration<Role>("role"));
  ORKESTR_TRY(const auto page, call.query.page());
  return reply_list(tx.members().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto member, load(tx, call));
  return reply_with(member);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(auto member, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(member)));
  json::Reader reader;
  json::read_body(reader, *call.body, member, json::Use::patch);
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(const auto changed, update_member(cx, by, std::move(member)));
  return reply_with(changed);
}

template <auto use_case> Result<Reply> act(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(const auto member, load(cx.tx, call));
  ORKESTR_TRY(const auto changed, use_case(cx, by, member.id));
  return reply_with(changed);
}

Result<Reply> deactivate_by_email(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<MemberByEmail>(call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  const auto member = cx.tx.members().find_by_email(cx.tenant, ascii_lower(body.email));
  if (!member) return fail(Code::not_found, "No member has that address.");
  if (member->status == MemberStatus::deactivated) return reply_with(*member); // whoever off-boards may well say so twice
  ORKESTR_TRY(const auto changed, deactivate_member(cx, by, member->id));
  return reply_with(changed);
}

// ---- invitations

Invitation invitation_of(const storage::ReadTransaction& tx, TenantId tenant, const Member& member) {
  Invitation row{member.id, member.email, member.name, member.role, member.invited_by, member.created_at, {}, {}};
  for (const auto& pass : tx.members().passes_of(tenant, member.id, MemberPassKind::invite)) row.expires_at = pass.expires_at;
  return row;
}

/// The link itself is told only where no mail takes it there.
Reply invited(const WriteContext& cx, const Call& call, const Member& member, const std::string& token, int status) {
  auto row = invitation_of(cx.tx, cx.tenant, member);
  if (cx.mail == nullptr) row.url = call.platform.storefront_of(call.tenant.subdomain) + "/provider/join?token=" + token;
  return {status, json::to_json(row), status == 201 ? std::string{call.path} + "/" + member.id.str() : std::string{}, false};
}

Result<Reply> list_invitations(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<Invitation> rows;
  for (const auto& member : tx.members().list(call.tenant.id, {MemberStatus::invited, {}}, and_one_more(page)))
    rows.push_back(invitation_of(tx, call.tenant.id, member));
  return reply_list(std::move(rows), page.limit);
}

Result<Reply> invite(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<Invited>(call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  const auto token = make_member_token(member_pass_word, cx.tenant, call.platform.random());
  ORKESTR_TRY(const auto member, invite_member(cx, by, draft, token));
  return invited(cx, call, member, token, 201);
}

Result<Reply> resend(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(const auto id, call.id<MemberId>());
  const auto token = make_member_token(member_pass_word, cx.tenant, call.platform.random());
  ORKESTR_TRY(const auto member, invite_again(cx, by, id, token));
  return invited(cx, call, member, token, 200);
}

Result<Reply> withdraw(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(const auto id, call.id<MemberId>());
  ORKESTR_CHECK(revoke_invitation(cx, by, id));
  return Reply{204, {}, {}, false};
}

constexpr std::string_view filters[] = {"status", "role", "limit", "cursor"};

constexpr Route action(std::string_view path, std::string_view operation, WriteHandler write, Route::Body body = Route::Body::optional) {
  return {.method = Method::post, .path = path, .operation = operation, .access = Access::admin, .body = body, .write = write};
}

} // namespace

Result<MemberActor> member_actor(const storage::ReadTransaction& tx, const Call& call) {
  if (call.member) {
    const auto now = tx.members().find(call.tenant.id, call.member->id); // the role may have changed since the first look
    return MemberActor{now ? now->role : call.member->role, call.member->id};
  }
  if (!call.key.created_by) return MemberActor{};
  const auto maker = tx.members().find(call.tenant.id, *call.key.created_by);
  if (!maker || !maker->active()) return fail(Code::insufficient_role, "Whoever made this key is no member any more.");
  return MemberActor{maker->role, maker->id};
}

std::span<const Route> member_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  static constexpr Route routes[] = {
      {.method = M::get, .path = "/v1/provider/members", .operation = "listMembers", .access = admin, .parameters = filters, .read = list},
      action("/v1/provider/members/deactivate", "deactivateMemberByEmail", deactivate_by_email, required),
      {.method = M::get, .path = "/v1/provider/members/{id}", .operation = "getMember", .access = admin, .read = get},
      {.method = M::patch,
       .path = "/v1/provider/members/{id}",
       .operation = "updateMember",
       .access = admin,
       .body = required,
       .write = update},
      action("/v1/provider/members/{id}/deactivate", "deactivateMember", act<deactivate_member>),
      action("/v1/provider/members/{id}/reactivate", "reactivateMember", act<reactivate_member>),
      {.method = M::get,
       .path = "/v1/provider/invitations",
       .operation = "listInvitations",
       .access = admin,
       .parameters = list_parameters,
       .read = list_invitations},
      {.method = M::post,
       .path = "/v1/provider/invitations",
       .operation = "createInvitation",
       .access = admin,
       .body = required,
       .write = invite,
       .secret_answer = true},
      {.method = M::post,
       .path = "/v1/provider/invitations/{id}/resend",
       .operation = "resendInvitation",
       .access = admin,
       .body = optional,
       .write = resend,
       .secret_answer = true},
      {.method = M::del, .path = "/v1/provider/invitations/{id}", .operation = "revokeInvitation", .access = admin, .write = withdraw},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
