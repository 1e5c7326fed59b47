#include "api/context.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> me(const storage::ReadTransaction&, const Call& call) {
  Reply reply;
  json::Writer w(reply.body);
  w.begin_object();
  w.key("tenant");
  json::write(w, call.tenant);
  w.key("scopes");
  json::write(w, call.key.scopes);
  w.key("keyId");
  w.string(call.key.id.view());
  w.end_object();
  return reply;
}

Result<ApiKey> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<ApiKeyId>());
  auto key = tx.api_keys().find(call.tenant.id, id);
  if (!key || key->revoked_at) return fail(Code::not_found, "There is no such API key.");
  return std::move(*key);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  return reply_list(tx.api_keys().list(call.tenant.id, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto key, load(tx, call));
  return reply_with(key);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  ApiKey draft;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  if (draft.expires_at && *draft.expires_at <= cx.now) reader.fault_at("expiresAt", "too_small", "The expiry must lie in the future.");
  ORKESTR_CHECK(reader.result());
  if (call.member) draft.created_by = call.member->id;
  ORKESTR_TRY(const auto issued, create_api_key(cx, draft, *call.prepared_key));
  Reply reply = reply_created(call, issued.key);
  // The resource and, this once, its token.
  reply.body.pop_back();
  reply.body += ",\"token\":\"" + issued.token + "\"}";
  reply.tagged = false;
  return reply;
}

Result<Reply> revoke(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto key, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(key)));
  ORKESTR_CHECK(revoke_api_key(cx, key.id));
  return Reply{204, {}, {}, false};
}

} // namespace

std::span<const Route> key_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get, .path = "/v1/api/me", .operation = "getMe", .access = Access::read, .read = me, .keys_only = true},
      {.method = M::get,
       .path = "/v1/provider/api-keys",
       .operation = "listApiKeys",
       .access = Access::admin,
       .parameters = list_parameters,
       .read = list},
      {.method = M::post,
       .path = "/v1/provider/api-keys",
       .operation = "createApiKey",
       .access = Access::admin,
       .body = required,
       .write = create,
       .prepares_key = true,
       .secret_answer = true},
      {.method = M::get, .path = "/v1/provider/api-keys/{id}", .operation = "getApiKey", .access = Access::admin, .read = get},
      {.method = M::del, .path = "/v1/provider/api-keys/{id}", .operation = "revokeApiKey", .access = Access::admin, .write = revoke},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
