#include "orkestr/api/api.hpp"

#include "api/context.hpp"
#include "api/rate_limit.hpp"
#include "api/seal.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

#include "orkestr/platform/key_verifier.hpp"
#include "orkestr/storage/hurry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace orkestr::inline v1::api {
namespace {

std::span<const Route> open_routes() {
  static constexpr Route routes[] = {
      {.method = Method::get, .path = "/v1/openapi.json", .operation = "getOpenApi", .access = Access::open},
      {.method = Method::get, .path = "/livez", .operation = "getLivez", .access = Access::open},
      {.method = Method::get, .path = "/readyz", .operation = "getReadyz", .access = Access::open},
      {.method = Method::get, .path = "/metrics", .operation = "getMetrics", .access = Access::open},
  };
  return routes;
}

const std::vector<Route>& route_table() {
  static const std::vector<Route> table = [] {
    std::vector<Route> all;
    for (const auto part :
         {key_routes(),     offering_routes(), availability_routes(), slot_routes(),        pricing_routes(),       booking_routes(),
          coupon_routes(),  payment_routes(),  audit_routes(),        settings_routes(),    branding_routes(),      customer_routes(),
          webhook_routes(), kyb_routes(),      admin_routes(),        score_routes(),       public_routes(),        review_routes(),
          dispute_routes(), auth_routes(),     member_routes(),       scim_routes(),        admin_session_routes(), open_routes(),
          import_routes(),  domain_routes(),   calendar_routes(),     translation_routes(), assistant_routes()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return table;
}

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1); // the slash
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// Whether a path has the form of a route's; fills in what stands for its placeholders.
bool matches(std::string_view pattern, std::string_view path, PathIds& ids) {
  std::size_t n = 0;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take_segment(pattern), found = take_segment(path);
    if (wanted.starts_with('{')) {
      const auto behind = wanted.substr(wanted.find('}') + 1); // such as .ics
      if (found.size() <= behind.size() || !found.ends_with(behind) || n == ids.size()) return false;
      ids[n++] = found.substr(0, found.size() - behind.size());
    } else if (wanted != found) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

std::string_view method_name(Method method) {
  static constexpr std::string_view names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return names[static_cast<std::size_t>(method)];
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool equal_blind(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::ranges::equal(a, lower, {}, [](char c) { return ascii_lower(c); });
}

bool is_json_type(std::string_view content_type, std::string_view path) {
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  return equal_blind(type, "application/json") || (is_scim(path) && equal_blind(type, "application/scim+json"));
}

bool has_scope(const ApiKey& key, Access access) {
  const auto wanted = access == Access::read ? Scope::read : access == Access::write ? Scope::write : Scope::admin;
  return access == Access::open || std::ranges::find(key.scopes, wanted) != key.scopes.end();
}

Error too_many() { return fail(Code::rate_limited, "Too many requests came from this address; see RateLimit and Retry-After."); }
Error unauthenticated(Access access) {
  if (access == Access::member) return fail(Code::unauthenticated, "Sign in first.");
  if (access == Access::platform)
    return fail(Code::unauthenticated, "Send a live token of an admin as \"Authorization: Bearer oka_<prefix>.<secret>\".");
  return fail(Code::unauthenticated, "Send a live API key as \"Authorization: Bearer ork_<prefix>.<secret>\", or sign in.");
}

/// A tenant that is not ACTIVE is closed to its keys and its visitors.
Result<void> check_open(const Tenant& tenant, std::string_view what) {
  if (tenant.status == TenantStatus::pending) return fail(Code::tenant_pending, std::string{what} + " awaits approval by the platform.");
  if (tenant.status == TenantStatus::suspended)
    return fail(Code::tenant_suspended, std::string{what} + " is suspended; ask the platform's operator.");
  if (tenant.status == TenantStatus::closed) return fail(Code::tenant_closed, std::string{what} + " has closed for good.");
  return {};
}

/// Whether a member may call an operation. One that awaits approval has its portal meanwhile; one that is suspended only learns that.
Result<void> admit(const storage::FoundMemberSession& found, Instant now, const Route& route) {
  if (!found.session.live(now) || !found.member.active()) return unauthenticated(route.access);
  if (route.access != Access::member && found.tenant.status != TenantStatus::pending)
    ORKESTR_CHECK(check_open(found.tenant, "This business"));
  const auto least = least_role(route);
  if (!least || found.member.role < *least)
    return fail(Code::insufficient_role, least ? "This is for members with the role " + std::string{json::name_of(*least)} + " and above."
                                               : "This needs an API key.");
  return {};
}

Error cross_site() {
  return fail(Code::cross_site, "A page of another site sent this. Whoever is signed in acts on the pages of this host alone.");
}

std::string problem_body(const Error& error, std::string_view request_id) {
  const auto& code = info(error.code);
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.key("type");
  w.string("/docs/errors#" + std::string{code.name});
  w.key("title");
  w.string(code.title);
  w.key("status");
  w.integer(code.status);
  w.key("detail");
  w.string(error.detail.empty() ? code.title : std::string_view{error.detail});
  w.key("code");
  w.string(code.name);
  w.key("requestId");
  w.string(request_id);
  if (!error.faults.empty()) {
    w.key("errors");
    json::write(w, error.faults);
  }
  w.end_object();
  if (!error.members.empty()) body.insert(body.size() - 1, "," + error.members);
  return body;
}

} // namespace

std::string_view bearer(const Request& request) {
  const auto value = request.header("Authorization");
  if (value.size() < 8 || !equal_blind(value.substr(0, 7), "bearer ")) return {};
  return trim(value.substr(7));
}

struct Api::Impl {
  Impl(Platform& p, ApiOptions o)
      : platform(p),
        options(std::move(o)),
        requests(options.rate_limit, options.rate_window_seconds),
        visitors(options.visitor_limit, options.rate_window_seconds),
        failures(options.failed_auth_limit, options.failed_auth_limit * 3),
        sign_ins(options.sign_in_limit, 600),
        account_sign_ins(options.sign_in_limit * 5, 600),
        sign_ups(options.sign_up_limit, 3600),
        counts(route_table().size() * 6) {
    policy = "\"default\";q=" + std::to_string(options.rate_limit) + ";w=" + std::to_string(options.rate_window_seconds);
    visitor_policy = "\"visitor\";q=" + std::to_string(options.visitor_limit) + ";w=" + std::to_string(options.rate_window_seconds);
  }

  Platform& platform;
  const ApiOptions options;
  KeyVerifier verifier;
  RateLimiter requests, visitors, failures, sign_ins, account_sign_ins, sign_ups;
  Doors doors{verifier, sign_ins, account_sign_ins, sign_ups, options.sign_up};
  std::string policy, visitor_policy;
  const std::string openapi_tag = etag_of(options.openapi_json);
  std::function<std::string()> metrics_source, readiness_probe;
  std::vector<std::atomic<std::uint64_t>> counts; ///< by route and first digit of the status
  std::atomic<std::uint64_t> unrouted{0}, request_counter{0};
  std::uint64_t instance = instance_number();

  std::uint64_t instance_number() {
    std::uint8_t bytes[6];
    platform.random().fill(bytes);
    std::uint64_t number = 0;
    for (auto byte : bytes) number = number << 8 | byte;
    return number;
  }

  /// Unique, and cheap: a random number for the process, then a count.
  std::string new_request_id() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string id = "req_";
    for (int shift = 44; shift >= 0; shift -= 4) id += digits[instance >> shift & 15];
    const auto n = request_counter.fetch_add(1, std::memory_order_relaxed);
    for (int shift = 36; shift >= 0; shift -= 4) id += digits[n >> shift & 15];
    return id;
  }

  // ---- answers ---------------------------------------------------------------------------------------------------

  static Response problem(const Error& error, std::string_view request_id) {
    Response response;
    response.status = info(error.code).status;
    response.body = problem_body(error, request_id);
    response.set("Content-Type", "application/problem+json");
    if (response.status == 401) response.set("WWW-Authenticate", "Bearer realm=\"orkestr\"");
    if (response.status == 503) response.set("Retry-After", "1");
    return response;
  }

  /// What is added to every answer.
  static void finish(Response& response, std::string_view request_id) {
    response.set("X-Request-Id", request_id);
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
  }

  /// Adds an ETag, and answers 304 to a reader who has it already (RFC 9110, section 13.1.2).
  static void tag(Response& response, const Request& request, const std::string& etag) {
    response.set("ETag", etag);
    const bool reading = request.method == Method::get || request.method == Method::head;
    const auto known = request.header("If-None-Match");
    if (!reading || known.empty() || (known != "*" && known.find(etag) == std::string_view::npos)) return;
    response.status = 304;
    response.body.clear();
  }

  static Response from(const Request& request, const Reply& reply) {
    Response response;
    response.headers.reserve(512);
    response.status = reply.status;
    response.body = reply.body;
    if (!reply.location.empty()) response.set("Location", reply.location);
    if (reply.tagged)
      tag(response, request, etag_of(reply.body));
    else if (!reply.tag.empty())
      response.set("ETag", reply.tag);
    if (!response.body.empty())
      response.set("Content-Type",
                   reply.content_type.empty() ? std::string_view{"application/json"} : std::string_view{reply.content_type});
    if (!reply.cookie.empty()) response.set("Set-Cookie", reply.cookie);
    if (!reply.disposition.empty()) {
      response.set("Content-Disposition", reply.disposition);
      response.set("Content-Security-Policy", "default-src 'none'; sandbox"); // should a browser open it all the same
    }
    return response;
  }

  // ---- authentication --------------------------------------------------------------------------------------------

  /// Checks a row found by the token's prefix, whose secret is known to match.
  static Result<void> admit(const storage::FoundApiKey& found, Instant now, Access access) {
    if (!found.key.live(now)) return unauthenticated(access);
    ORKESTR_CHECK(check_open(found.tenant, "This tenant"));
    if (!has_scope(found.key, access)) {
      const std::string_view wanted = access == Access::read ? "read" : access == Access::write ? "write" : "admin";
      return fail(Code::insufficient_scope, "This needs a key with the scope " + std::string{wanted} + ".");
    }
    return {};
  }

  /// Proves a token that is not known yet, by bcrypt. What is decided is only whether the secret is the key's.
  Result<void> prove(const ApiToken& token, const std::string* hash, Access access, std::string_view peer, Instant now,
                     std::uint32_t& retry_after) {
    if (failures.exhausted(peer, now)) {
      retry_after = 3;
      return fail(Code::rate_limited, "Too many wrong credentials came from this address; wait a few seconds.");
    }
    switch (verifier.prove(token, hash)) {
    case KeyVerifier::Verdict::match: return {};
    case KeyVerifier::Verdict::busy: return fail(Code::busy, "Too many new credentials are being checked; try again.");
    case KeyVerifier::Verdict::mismatch: break;
    }
    (void)failures.take(peer, now);
    return unauthenticated(access);
  }

  // ---- one request -----------------------------------------------------------------------------------------------

  Response handle(const Request& request, std::string_view request_id) {
    const auto question = std::min(request.target.find('?'), request.target.size());
    const auto path = request.target.substr(0, question);
    const auto query = question < request.target.size() ? request.target.substr(question + 1) : std::string_view{};
    const auto& table = route_table();
    const Method method = request.method == Method::head ? Method::get : request.method;
    PathIds ids;
    std::string allow;
    bool open = false;
    std::string_view pattern; // the first that fits: paths of words stand before those with a place for an id
    if (!path.empty() && path.front() == '/') {
      for (std::size_t i = 0; i < table.size(); ++i) {
        if (!pattern.empty() && table[i].path != pattern) continue;
        if (!matches(table[i].path, path, ids)) continue;
        pattern = table[i].path;
        if (table[i].method == method) {
          Response response = table[i].access == Access::open ? open_answer(table[i], request, path, ids, query, request_id)
                                                              : run(table[i], request, path, ids, query, request_id);
          counts[i * 6 + static_cast<std::size_t>(response.status / 100)].fetch_add(1, std::memory_order_relaxed);
          return response;
        }
        open |= (table[i].access == Access::open || table[i].access == Access::visitor) && table[i].method == Method::get;
        allow.append(allow.empty() ? "" : ", ").append(method_name(table[i].method));
        if (table[i].method == Method::get) allow += ", HEAD";
      }
    }
    unrouted.fetch_add(1, std::memory_order_relaxed);
    if (allow.empty())
      return problem(fail(Code::not_found, "There is nothing at this path. The document of the API is at /v1/openapi.json."), request_id);
    if (open && request.method == Method::options) return preflight(allow);
    Response response = problem(fail(Code::method_not_allowed, "This path takes: " + allow + "."), request_id);
    response.set("Allow", allow);
    return response;
  }

  /// Cross-origin reading is for what anybody may read anyway.
  static Response preflight(const std::string& allow) {
    Response response;
    response.status = 204;
    response.set("Allow", allow);
    response.set("Access-Control-Allow-Origin", "*");
    response.set("Access-Control-Allow-Methods", "GET, HEAD");
    response.set("Access-Control-Max-Age", "86400");
    return response;
  }

  Response open_answer(const Route& route, const Request& request, std::string_view path, const PathIds& ids, std::string_view query,
                       std::string_view request_id) {
    if (route.act != nullptr) return run(route, request, path, ids, query, request_id);
    if (auto parsed = Query::parse(query, {}); !parsed) return problem(parsed.error(), request_id);
    Response response;
    response.set("Access-Control-Allow-Origin", "*");
    if (route.operation == "getOpenApi") {
      response.body = options.openapi_json;
      tag(response, request, openapi_tag);
      if (response.status != 304) response.set("Content-Type", "application/json");
    } else if (route.operation == "getMetrics") {
      response.body = metrics();
      response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    } else {
      const std::string trouble = route.operation == "getReadyz" ? readiness() : std::string{};
      response.status = trouble.empty() ? 200 : 503;
      response.body = trouble.empty() ? "ok\n" : trouble + "\n";
      response.set("Content-Type", "text/plain; charset=utf-8");
    }
    return response;
  }

  std::string readiness() {
    const storage::Hurry hurry(std::chrono::seconds{1}); // whoever asks wants to know how it stands now
    const auto read = platform.store().read([](const storage::ReadTransaction& tx) -> Result<bool> {
      (void)tx.tenants().find(TenantId{});
      return true;
    });
    if (!read) return "store: " + read.error().detail;
    return readiness_probe ? readiness_probe() : std::string{};
  }

  std::string metrics() const {
    std::string text =
        "# HELP orkestr_requests_total Requests answered, by operation and class of status.\n# TYPE orkestr_requests_total counter\n";
    const auto& table = route_table();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto n = counts[i].load(std::memory_order_relaxed);
      if (n == 0) continue;
      text += "orkestr_requests_total{operation=\"" + std::string{table[i / 6].operation} + "\",status=\"" + std::to_string(i % 6) +
              "xx\"} " + std::to_string(n) + "\n";
    }
    text += "# HELP orkestr_unrouted_requests_total Requests for no operation.\n# TYPE orkestr_unrouted_requests_total counter\n";
    text += "orkestr_unrouted_requests_total " + std::to_string(unrouted.load()) + "\n";
    return metrics_source ? text + metrics_source() : text;
  }

  Response run(const Route& route, const Request& request, std::string_view path, const PathIds& ids, std::string_view query_text,
               std::string_view request_id) {
    Call call{request, request_id, platform, platform.now(), path, ids, {}, {}, {}, {}, {}, {}, {}, {}, options.test_cards, doors};
    std::uint32_t retry_after = 0;
    Allowance allowance;
    const bool visitor = route.access == Access::visitor;
    auto answer = route.access == Access::open ? called(route, call, query_text, retry_after, allowance)
                  : visitor                    ? visited(route, call, query_text, retry_after, allowance)
                                               : authenticated(route, call, query_text, retry_after, allowance);
    Response response = answer ? std::move(*answer) : problem(answer.error(), request_id);
    if (response.status >= 400 && is_scim(route.path)) as_scim_error(response);
    if (response.status == 429 && retry_after == 0) retry_after = 60; // what a handler has refused
    if (retry_after > 0) response.set("Retry-After", std::to_string(retry_after));
    const auto limits = [&](std::string_view name, const std::string& text) {
      response.set("RateLimit-Policy", text);
      response.set("RateLimit", "\"" + std::string{name} + "\";r=" + std::to_string(allowance.remaining) +
                                    ";t=" + std::to_string(allowance.reset_seconds));
    };
    const bool anybody = visitor || route.access == Access::open;
    if (anybody && options.visitor_limit > 0) limits("visitor", visitor_policy);
    if (options.rate_limit > 0 && !call.caller().empty()) limits("default", policy);
    if (anybody && route.method == Method::get) response.set("Access-Control-Allow-Origin", "*");
    return response;
  }

  /// Whether the call is answered from a snapshot alone.
  static bool only_reads(const Route& route, const Call& call) {
    return route.read != nullptr && (route.write == nullptr || call.request.header("Idempotency-Key").empty());
  }

  Result<Response> act(const Route& route, Call& call) const {
    ORKESTR_CHECK(read_body(route, call));
    ORKESTR_TRY(const auto reply, route.act(call));
    return from(call.request, reply);
  }

  /// A call without a key and at no tenant.
  Result<Response> called(const Route& route, Call& call, std::string_view query_text, std::uint32_t& retry_after, Allowance& allowance) {
    allowance = visitors.take(call.request.peer, call.now);
    if (!allowance.granted) {
      retry_after = std::max(1u, allowance.reset_seconds);
      return too_many();
    }
    if (route.from_here && !call.request.header("Origin").empty() && !is_from_here(call.request)) return cross_site();
    ORKESTR_TRY(call.query, Query::parse(query_text, route.parameters));
    return act(route, call);
  }

  /// A call without a key, at the tenant that the path names.
  Result<Response> visited(const Route& route, Call& call, std::string_view query_text, std::uint32_t& retry_after, Allowance& allowance) {
    allowance = visitors.take(call.request.peer, call.now);
    if (!allowance.granted) {
      retry_after = std::max(1u, allowance.reset_seconds);
      return too_many();
    }
    const auto token = bearer(call.request);
    if (route.managed && !token.starts_with("bmt_") && !is_session_token(token))
      return fail(Code::unauthenticated, "Send the booking's manage token, or the customer's session, as \"Authorization: Bearer bmt_…\".");
    if (route.session && !is_session_token(token))
      return fail(Code::unauthenticated, "Send the customer's session as \"Authorization: Bearer cst_…\".");
    ORKESTR_TRY(call.query, Query::parse(query_text, route.parameters));
    auto answer = platform.store().read([&](const storage::ReadTransaction& tx) -> Result<Response> {
      auto tenant = tx.tenants().find_by_subdomain(call.ids[0]);
      if (!tenant) return fail(Code::not_found, "There is no storefront by that name.");
      ORKESTR_CHECK(check_open(*tenant, "This storefront"));
      call.tenant = std::move(*tenant);
      if (!only_reads(route, call)) return Response{};
      ORKESTR_CHECK(read_body(route, call));
      ORKESTR_TRY(const auto reply, route.read(tx, call));
      return from(call.request, reply);
    });
    if (!answer || only_reads(route, call)) return answer;
    if (route.act != nullptr) return act(route, call);
    return write(route, call, {});
  }

  Result<Response> authenticated(const Route& route, Call& call, std::string_view query_text, std::uint32_t& retry_after,
                                 Allowance& allowance) {
    const bool by_admin = route.access == Access::platform;
    const auto credential = bearer(call.request);
    if (credential.empty() && !route.keys_only)
      if (const auto cookie = session_cookie(call.request, by_admin ? SessionCookie::admin : SessionCookie::member); !cookie.empty())
        return signed_in(route, call, cookie, query_text, retry_after, allowance);
    const auto token = ApiToken::parse(credential, by_admin ? admin_word : api_key_word);
    if (!token || route.access == Access::member) return unauthenticated(route.access);

    // Everything from the key's row to the answer comes from one snapshot; only a token that is new here leaves it, to
    // be proven by bcrypt, and comes back.
    std::optional<std::string> hash;
    bool proven = false, unproven = false;
    const auto attempt = [&](const storage::ReadTransaction& tx) -> Result<Response> {
      auto key = by_admin ? std::nullopt : tx.api_keys().find_by_prefix(token->prefix);
      auto admin = by_admin ? tx.admins().find_by_prefix(token->prefix) : std::nullopt;
      hash = key ? std::optional{key->key.secret_hash} : admin ? std::optional{admin->secret_hash} : std::nullopt;
      unproven = !hash || (!proven && !verifier.known(*token, *hash));
      if (unproven) return unauthenticated(route.access);
      if (admin) {
        if (!admin->live()) return unauthenticated(route.access);
        call.admin = std::move(admin);
      } else {
        call.tenant = std::move(key->tenant);
        call.key = std::move(key->key);
        ORKESTR_CHECK(admit({call.tenant, call.key}, call.now, route.access));
      }
      return admitted(route, call, tx, query_text, retry_after, allowance);
    };
    auto answer = platform.store().read(attempt);
    if (unproven) {
      ORKESTR_CHECK(prove(*token, hash ? &*hash : nullptr, route.access, call.request.peer, call.now, retry_after));
      proven = true;
      answer = platform.store().read(attempt);
    }
    if (!answer || only_reads(route, call)) return answer;
    if (route.act != nullptr) return act(route, call);
    return write(route, call, token->secret);
  }

  /// A call of somebody who is signed in, in a browser: its pages, and those of no other site, act for them.
  Result<Response> signed_in(const Route& route, Call& call, std::string_view cookie, std::string_view query_text,
                             std::uint32_t& retry_after, Allowance& allowance) {
    const bool by_admin = route.access == Access::platform;
    const auto token = by_admin ? std::nullopt : MemberToken::parse(cookie, member_session_word);
    if (!by_admin && !token) return unauthenticated(route.access);
    auto answer = platform.store().read([&](const storage::ReadTransaction& tx) -> Result<Response> {
      if (by_admin) {
        auto found = tx.admins().find_session(hex(sha256(cookie)));
        if (!found || !found->session.live(call.now) || !found->admin.live()) return unauthenticated(route.access);
        call.admin = std::move(found->admin);
        call.admin_session = found->session.token_hash;
      } else {
        auto found = tx.members().find_session(token->tenant, token->hash);
        if (!found) return unauthenticated(route.access);
        ORKESTR_CHECK(orkestr::api::admit(*found, call.now, route));
        call.tenant = std::move(found->tenant);
        call.member = std::move(found->member);
        call.session = std::move(found->session);
      }
      if (route.method != Method::get && !is_from_here(call.request)) return cross_site();
      return admitted(route, call, tx, query_text, retry_after, allowance);
    });
    if (!answer || only_reads(route, call)) return answer;
    if (route.act != nullptr) return act(route, call);
    return write(route, call, cookie);
  }

  /// What every call goes through once it is known whose it is; answers it if a snapshot is all it takes.
  Result<Response> admitted(const Route& route, Call& call, const storage::ReadTransaction& tx, std::string_view query_text,
                            std::uint32_t& retry_after, Allowance& allowance) {
    allowance = requests.take(call.caller(), call.now);
    if (!allowance.granted) {
      retry_after = std::max(1u, allowance.reset_seconds);
      return fail(Code::rate_limited, "The key or session has used its requests up; see RateLimit and Retry-After.");
    }
    ORKESTR_TRY(call.query, Query::parse(query_text, route.parameters));
    if (call.admin)
      platform.note_admin_use(*call.admin, call.now);
    else if (call.session)
      platform.note_session_use(call.tenant.id, *call.session, call.now);
    else
      platform.note_key_use(call.tenant.id, call.key, call.now);
    if (call.admin && route.path.find('{') != std::string_view::npos) {
      ORKESTR_TRY(const auto id, call.id<TenantId>());
      auto tenant = tx.tenants().find(id);
      if (!tenant) return fail(Code::not_found, "There is nothing here by that id.");
      call.tenant = std::move(*tenant);
    }
    if (!only_reads(route, call)) return Response{};
    ORKESTR_CHECK(read_body(route, call));
    ORKESTR_TRY(const auto reply, route.read(tx, call));
    return from(call.request, reply);
  }

  // ---- writes ----------------------------------------------------------------------------------------------------

  Result<void> read_body(const Route& route, Call& call) const {
    const auto body = call.request.body;
    if (route.method == Method::get) return {};
    const auto most = route.body == Route::Body::raw ? route.max_body_bytes : options.max_body_bytes;
    if (body.size() > most) return fail(Code::body_too_large, "A body has at most " + std::to_string(most) + " bytes.");
    if (route.body == Route::Body::raw) return {};
    if (route.body == Route::Body::none || (route.body == Route::Body::optional && body.empty())) return {};
    if (!is_json_type(call.request.header("Content-Type"), route.path) && !(body.empty() && call.request.header("Content-Type").empty()))
      return fail(Code::unsupported_media_type, "Send the body with Content-Type: application/json.");
    if (body.empty()) return fail(Code::malformed_json, "This needs a JSON object as its body.");
    ORKESTR_TRY(call.body, json::parse(body));
    return {};
  }

  /// @param secret of the caller's key or session; empty for visitors
  Result<Response> write(const Route& route, Call& call, std::string_view secret) {
    const auto key = call.request.method == Method::post ? call.request.header("Idempotency-Key") : std::string_view{};
    if (key.size() > 255 || !std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; }))
      return fail(Code::invalid_header, "An Idempotency-Key has at most 255 printable ASCII characters, without spaces.");
    ORKESTR_CHECK(read_body(route, call));
    const bool visitor = route.access == Access::visitor;
    Once once_by{std::string{key}, {}, std::string{key} + "\n" + std::string{secret}};
    if (!key.empty()) {
      const auto text = [](std::string_view part) { return std::string{part} + "\n"; };
      std::string all = std::string{method_name(call.request.method)} + " " + text(call.request.target);
      // A visitor's key is all that proves who may see the kept answer, so it is not kept itself; nor may another token see it.
      if (visitor) {
        once_by.key = "visitor:" + hex(sha256(key));
        all += text(bearer(call.request));
      }
      // An admin's answer is kept with the tenant that it is about, and is nobody else's.
      if (call.admin) {
        once_by.key = "admin:" + hex(sha256(key));
        all += text(call.caller());
      }
      once_by.fingerprint = hex(sha256(all + std::string{call.request.body}));
      if (route.secret_answer && !visitor) once_by.fingerprint += call.caller(); // its answer is sealed for this one
    }
    if (route.prepares_key) call.prepared_key = prepare_api_key(platform.random());
    if (route.prepare != nullptr) ORKESTR_CHECK(route.prepare(call));
    const auto act = [&](WriteContext& cx) -> Result<Response> {
      // The key may have been revoked since the first look: what commits is decided by what is in this transaction.
      if (call.admin) {
        const auto current = cx.tx.admins().find(call.admin->id);
        if (!current || !current->live()) return unauthenticated(route.access);
        if (!call.admin_session.empty() && !cx.tx.admins().find_session(call.admin_session)) return unauthenticated(route.access);
      } else if (call.session) {
        const auto current = cx.tx.members().find_session(call.tenant.id, call.session->token_hash);
        if (!current) return unauthenticated(route.access);
        ORKESTR_CHECK(orkestr::api::admit(*current, call.now, route));
      } else if (!visitor) {
        const auto current = cx.tx.api_keys().find(call.tenant.id, call.key.id);
        if (!current || !current->live(call.now)) return unauthenticated(route.access);
      }
      if (!key.empty()) return once(route, call, cx, once_by);
      ORKESTR_TRY(const auto reply, route.write(cx, call));
      return answer_of(call, reply);
    };
    return platform.write_at(call.tenant.id, call.now, act, actor_of(route, call));
  }

  /// Who acts, for the audit log. Who has a booking's token, or a customer's session, acts as the customer.
  static Actor actor_of(const Route& route, const Call& call) {
    const std::string request_id{call.request_id};
    if (call.admin) return {ActorKind::admin, call.admin->id.str(), request_id};
    if (call.member) return {ActorKind::member, call.member->id.str(), request_id};
    if (route.access != Access::visitor) return {ActorKind::key, call.key.id.str(), request_id};
    return {route.managed || route.session ? ActorKind::customer : ActorKind::visitor, std::string{call.request.peer}, request_id};
  }

  static Response answer_of(const Call& call, const Reply& reply) {
    return reply.refusal ? problem(*reply.refusal, call.request_id) : from(call.request, reply);
  }

  /// Under which name an answer is kept, for which request, and sealed by what where it holds a secret.
  struct Once {
    std::string key, fingerprint, seal_secret;
  };

  /// Runs a write under its idempotency key: acts and keeps the answer, or gives the kept one.
  Result<Response> once(const Route& route, const Call& call, WriteContext& cx, const Once& by) {
    if (auto kept = cx.tx.idempotency().find(cx.tenant, by.key); kept && cx.now - kept->created_at < std::chrono::hours{24}) {
      if (kept->fingerprint != by.fingerprint)
        return fail(Code::idempotency_mismatch, "This Idempotency-Key was used with another request; use a new key for a new request.");
      Response response{kept->status, std::move(kept->headers), std::move(kept->body)};
      if (route.secret_answer && kept->status < 300) {
        auto opened = unseal(response.body, by.seal_secret);
        if (!opened) return fail(Code::idempotency_mismatch, "This Idempotency-Key was used by another credential.");
        response.body = std::move(*opened);
      }
      response.set("Idempotent-Replayed", "true");
      return response;
    }
    auto reply = cx.tx.nested([&] { return route.write(cx, call); });
    // Answers to what never began (a malformed body) are not kept: the corrected request may use the same key.
    if (!reply && (info(reply.error().code).status >= 500 || !reply.error().faults.empty())) return reply.error();
    const Response response = reply ? answer_of(call, *reply) : problem(reply.error(), call.request_id);
    const bool secret = route.secret_answer && response.status < 300;
    cx.tx.idempotency().put(cx.tenant, {by.key, by.fingerprint, response.status, response.headers,
                                        secret ? seal(response.body, by.seal_secret, platform.random()) : response.body, cx.now});
    return response;
  }

  std::string request_id_of(const Request& request) {
    const auto given = request.header("X-Request-Id");
    return is_request_id(given) ? std::string{given} : new_request_id();
  }
};

Api::Api(Platform& platform, ApiOptions options) : impl_(std::make_unique<Impl>(platform, std::move(options))) {}
Api::~Api() = default;

Response Api::handle(const Request& request) {
  const std::string request_id = impl_->request_id_of(request);
  Response response = impl_->handle(request, request_id);
  Impl::finish(response, request_id);
  return response;
}

bool Api::may_wait(const Request& request) const {
  if (request.method != Method::get && request.method != Method::head) return true;
  if (request.target.starts_with("/calendar/")) return true; // it may be long
  const auto credential = bearer(request);
  if (credential.empty() && !session_cookie(request, SessionCookie::admin).empty()) return true;
  if (ApiToken::parse(credential, admin_word)) return true; // what admins read is written down
  const auto token = ApiToken::parse(credential);
  return token && !impl_->verifier.seen(*token);
}

std::size_t Api::max_body_bytes(Method method, std::string_view path) const {
  static const std::vector<Route> raw_routes = [] {
    std::vector<Route> all;
    for (const auto& route : route_table())
      if (route.body == Route::Body::raw) all.push_back(route);
    return all;
  }();
  PathIds ids;
  if (path.starts_with('/'))
    for (const auto& route : raw_routes)
      if (route.method == method && matches(route.path, path, ids)) return route.max_body_bytes;
  return impl_->options.max_body_bytes;
}

std::string Api::request_id(const Request& request) { return impl_->request_id_of(request); }

Response Api::refuse(Code code, std::string_view detail, std::string_view request_id) {
  const std::string id = is_request_id(request_id) ? std::string{request_id} : impl_->new_request_id();
  Response response = Impl::problem(fail(code, std::string{detail}), id);
  Impl::finish(response, id);
  return response;
}

std::vector<RouteInfo> Api::routes() {
  std::vector<RouteInfo> all;
  for (const auto& route : route_table())
    all.push_back(
        {route.method, route.path, route.operation, route.access, {route.parameters.begin(), route.parameters.end()}, least_role(route)});
  return all;
}

void Api::set_metrics_source(std::function<std::string()> source) { impl_->metrics_source = std::move(source); }
void Api::set_readiness_probe(std::function<std::string()> probe) { impl_->readiness_probe = std::move(probe); }

} // namespace orkestr::inline v1::api
