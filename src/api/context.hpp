// What a handler of the API works with, and what it gives back.
#pragma once

#include "api/query.hpp"
#include "api/rate_limit.hpp"

#include "orkestr/api/api.hpp"
#include "orkestr/platform/key_verifier.hpp"

#include <algorithm>
#include <optional>

namespace orkestr::inline v1::api {

/// What stands for the placeholders of a route, in order.
using PathIds = std::array<std::string_view, 3>;

/// What stands before passwords.
struct Doors {
  KeyVerifier& verifier;
  RateLimiter& attempts;         ///< wrong passwords for an account from one address
  RateLimiter& account_attempts; ///< from all of them
  RateLimiter& sign_ups;         ///< by address
  SignUp sign_up;
};

/// One authenticated call. Borrowed by handlers.
struct Call {
  const Request& request;
  std::string_view request_id;
  Platform& platform;
  Instant now;
  std::string_view path;
  PathIds ids;
  Query query;
  std::optional<json::Value> body; ///< absent where the request had none
  Tenant tenant;                   ///< the caller's; of an admin's call, whom the path names
  ApiKey key;
  std::optional<Admin> admin;
  std::optional<IssuedApiKey> prepared_key;     ///< only where the route asks for one
  std::optional<PreparedKybFile> prepared_file; ///< likewise
  std::optional<CheckedImport> checked_import;  ///< of a dry run
  const TestCards& test_cards;
  Doors& doors;
  std::optional<Member> member = {}; ///< who is signed in, in place of a key
  std::optional<MemberSession> session = {};
  std::string admin_session = {};                   ///< the hash of an admin's, where one came in by a session
  std::string proven_hash = {}, password_hash = {}; ///< only where the route prepares them: what was proven, what is new

  /// The id of the key, member or admin; empty for visitors.
  [[nodiscard]] std::string_view caller() const { return admin ? admin->id.view() : member ? member->id.view() : key.id.view(); }

  /// The path's id; another kind of id, or none at all, is as unknown as one that is nobody's.
  template <class AnyId> [[nodiscard]] Result<AnyId> id(std::size_t index = 0) const {
    const auto parsed = AnyId::parse(ids[index]);
    if (!parsed) return fail(Code::not_found, "There is nothing here by that id.");
    return *parsed;
  }
};

/// A successful answer before it becomes a Response.
struct Reply {
  int status = 200;
  std::string body;
  std::string location;          ///< for 201
  bool tagged = true;            ///< whether the body is one resource, and so has an ETag
  std::string tag = {};          ///< the ETag where it is not that of the body
  std::string content_type = {}; ///< where the body is no JSON
  std::string disposition = {};  ///< Content-Disposition
  std::string cookie = {};       ///< Set-Cookie; only of what is not kept under an Idempotency-Key
  /// A refusal after which what was written stays: it is answered as a problem.
  std::optional<Error> refusal = {};
};

[[nodiscard]] inline Reply reply_refused(Error error) {
  Reply reply;
  reply.refusal = std::move(error);
  return reply;
}

template <class T> [[nodiscard]] Reply reply_with(const T& resource, int status = 200) {
  return {status, json::to_json(resource), {}, true};
}

/// An answer that is no resource, and has no ETag.
template <class T> [[nodiscard]] Reply reply_untagged(const T& answer) { return {200, json::to_json(answer), {}, false}; }

/// 201 with the address of what was made.
template <class T> [[nodiscard]] Reply reply_created(const Call& call, const T& resource) {
  return {201, json::to_json(resource), std::string{call.path} + "/" + std::string{resource.id.view()}, true};
}

/// A list answer. @param next  the place behind which the next page begins, where there is one
template <class T> [[nodiscard]] Reply reply_page(const std::vector<T>& rows, std::optional<std::string_view> next) {
  Reply reply;
  reply.tagged = false;
  json::Writer w(reply.body);
  w.begin_object();
  w.key("data");
  json::write(w, rows);
  w.key("hasMore");
  w.boolean(next.has_value());
  w.key("nextCursor");
  if (next)
    w.string(make_cursor(*next));
  else
    w.null();
  w.end_object();
  return reply;
}
/// `rows` holds one more than the limit when there are more. `place` is what the next page begins behind.
template <class T, class Place> [[nodiscard]] Reply reply_list(std::vector<T> rows, std::size_t limit, Place place) {
  if (rows.size() <= limit) return reply_page(rows, std::nullopt);
  rows.resize(limit);
  return reply_page(rows, place(rows.back()));
}
template <class T> [[nodiscard]] Reply reply_list(std::vector<T> rows, std::size_t limit) {
  return reply_list(std::move(rows), limit, [](const T& row) { return row.id.view(); });
}
/// A page of the rows of one parent, which come all and oldest first.
template <class T> [[nodiscard]] Reply reply_children(std::vector<T> rows, const storage::Page& page) {
  std::ranges::reverse(rows);
  if (!page.before.empty()) std::erase_if(rows, [&](const T& row) { return row.id.view() >= page.before; });
  if (rows.size() > page.limit + 1) rows.resize(page.limit + 1);
  return reply_list(std::move(rows), page.limit);
}

/// A page that asks for one row more than the client did, to know whether there are more.
[[nodiscard]] inline storage::Page and_one_more(storage::Page page) {
  ++page.limit;
  return page;
}

/// The credential of an `Authorization: Bearer …` header; empty without one.
[[nodiscard]] std::string_view bearer(const Request& request);

/// The strong entity tag of a body: contract §1 wants one on each single resource.
[[nodiscard]] std::string etag_of(std::string_view body);
/// Checks If-Match (RFC 9110, section 13.1.1) against the resource as it is. @errors `precondition_failed`
[[nodiscard]] Result<void> check_match(const Request& request, std::string_view current_body);

using ReadHandler = Result<Reply> (*)(const storage::ReadTransaction&, const Call&);
using WriteHandler = Result<Reply> (*)(WriteContext&, const Call&);
/// Within no transaction, for what asks others and waits for them. It can be called twice.
using ActHandler = Result<Reply> (*)(const Call&);
/// What takes long and needs no transaction, before the write.
using PrepareHandler = Result<void> (*)(Call&);

/// A read handler as a write handler, for a POST that may be kept under its Idempotency-Key.
template <ReadHandler read> Result<Reply> read_as_write(WriteContext& cx, const Call& call) { return read(cx.tx, call); }

struct Route {
  Method method;
  std::string_view path;
  std::string_view operation;
  Access access;
  std::span<const std::string_view> parameters = {};
  enum class Body { none, optional, required, raw } body = Body::none; ///< JSON, or `raw`: bytes of any type
  ReadHandler read = nullptr; ///< a POST that writes nothing has both: `write` is for those with an Idempotency-Key
  WriteHandler write = nullptr;
  ActHandler act = nullptr; ///< in place of both
  bool prepares_key = false;
  bool secret_answer = false; ///< a kept answer is sealed
  bool managed = false;       ///< needs a booking's manage token, or the session of its customer
  bool session = false;       ///< needs a customer's session
  PrepareHandler prepare = nullptr;
  std::size_t max_body_bytes = 0; ///< of a raw body
  std::optional<Role> role = {};  ///< the least of a member who may; see least_role()
  bool keys_only = false;         ///< not for members
  bool from_here = false;         ///< not for pages of other sites, whoever asks
};

/// The least role of a member who may call an operation; none where no member may. What is not said otherwise is for STAFF to read, and for
/// ADMINs to change.
[[nodiscard]] constexpr std::optional<Role> least_role(const Route& route) {
  if (route.keys_only || route.access == Access::open || route.access == Access::visitor || route.access == Access::platform)
    return std::nullopt;
  if (route.role) return route.role;
  if (route.access == Access::member) return Role::client;
  return route.access == Access::read || route.method == Method::get ? Role::staff : Role::admin;
}

/// Whether a request was sent by a page of the host that it is sent to. Browsers say so with whatever may change something.
[[nodiscard]] bool is_from_here(const Request& request);

/// SCIM has its own media type and its own form of errors (RFC 7644, sections 3.1 and 3.12).
[[nodiscard]] constexpr bool is_scim(std::string_view path) { return path.starts_with("/scim/"); }
void as_scim_error(Response& response);

/// A Set-Cookie value; an empty token takes the cookie away.
[[nodiscard]] std::string make_session_cookie(const Request& request, SessionCookie kind, std::string_view token, milliseconds life);

// One function per file of routes; together they are the route table.
[[nodiscard]] std::span<const Route> admin_routes();
[[nodiscard]] std::span<const Route> admin_session_routes();
[[nodiscard]] std::span<const Route> assistant_routes();
[[nodiscard]] std::span<const Route> auth_routes();
[[nodiscard]] std::span<const Route> audit_routes();
[[nodiscard]] std::span<const Route> kyb_routes();
[[nodiscard]] std::span<const Route> offering_routes();
[[nodiscard]] std::span<const Route> availability_routes();
[[nodiscard]] std::span<const Route> booking_routes();
[[nodiscard]] std::span<const Route> branding_routes();
[[nodiscard]] std::span<const Route> calendar_routes();
[[nodiscard]] std::span<const Route> coupon_routes();
[[nodiscard]] std::span<const Route> key_routes();
[[nodiscard]] std::span<const Route> member_routes();
[[nodiscard]] std::span<const Route> payment_routes();
[[nodiscard]] std::span<const Route> pricing_routes();
[[nodiscard]] std::span<const Route> customer_routes();
[[nodiscard]] std::span<const Route> dispute_routes();
[[nodiscard]] std::span<const Route> domain_routes();
[[nodiscard]] std::span<const Route> import_routes();
[[nodiscard]] std::span<const Route> public_routes();
[[nodiscard]] std::span<const Route> review_routes();
[[nodiscard]] std::span<const Route> score_routes();
[[nodiscard]] std::span<const Route> scim_routes();
[[nodiscard]] std::span<const Route> settings_routes();
[[nodiscard]] std::span<const Route> slot_routes();
[[nodiscard]] std::span<const Route> translation_routes();
[[nodiscard]] std::span<const Route> webhook_routes();

inline constexpr std::string_view list_parameters[] = {"limit", "cursor"};
inline constexpr std::string_view dry_run_parameter[] = {"dryRun"};

} // namespace orkestr::inline v1::api
