// SCIM 2.0 (RFC 7643, RFC 7644): an identity provider makes members, and takes them away. A user here is a member; `active: false` deactivates
// them, with all that lets them in. What a provider sends beyond what a member has is passed over, as RFC 7644, section 3.3, allows.
#include "api/member_bodies.hpp"

#include "base/text.hpp"

#include <charconv>

namespace orkestr::inline v1::api {
namespace {

constexpr std::string_view user_schema = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr std::string_view content_type = "application/scim+json";

/// What is read from a body; what was not there is none.
struct Changes {
  std::optional<std::string> email, name, external_id;
  std::optional<Role> role;
  std::optional<bool> active;
};

Error invalid(std::string detail) { return fail(Code::malformed_request, std::move(detail)); }

std::string scim_user(const Member& member) {
  std::string body;
  json::Writer w(body);
  const auto put = [&](std::string_view key, std::string_view value) {
    w.key(key);
    w.string(value);
  };
  w.begin_object();
  w.key("schemas");
  w.begin_array();
  w.string(user_schema);
  w.end_array();
  put("id", member.id.view());
  if (!member.external_id.empty()) put("externalId", member.external_id);
  put("userName", member.email);
  put("displayName", member.name);
  w.key("name");
  w.begin_object();
  put("formatted", member.name);
  w.end_object();
  w.key("emails");
  w.begin_array();
  w.begin_object();
  put("value", member.email);
  put("type", "work");
  w.key("primary");
  w.boolean(true);
  w.end_object();
  w.end_array();
  w.key("active");
  w.boolean(member.status != MemberStatus::deactivated);
  w.key("roles");
  w.begin_array();
  w.begin_object();
  put("value", json::name_of(member.role));
  w.key("primary");
  w.boolean(true);
  w.end_object();
  w.end_array();
  w.key("meta");
  w.begin_object();
  put("resourceType", "User");
  w.key("created");
  json::write(w, member.created_at);
  put("location", "/scim/v2/Users/" + member.id.str());
  w.end_object();
  w.end_object();
  return body;
}

Reply answer(const Member& member, int status = 200) {
  Reply reply{status, scim_user(member), status == 201 ? "/scim/v2/Users/" + member.id.str() : std::string{}, false};
  reply.content_type = content_type;
  return reply;
}

const json::Value* at(const json::Object& object, std::string_view key) {
  // Names of attributes are case-blind (RFC 7643, section 2.1).
  const auto wanted = ascii_lower(std::string{key});
  for (const auto& member : object)
    if (ascii_lower(std::string{member.key()}) == wanted) return &member.value();
  return nullptr;
}
std::optional<std::string> text_at(const json::Object& object, std::string_view key) {
  const auto* value = at(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string{value->as_string()};
}

/// Some providers send "True".
std::optional<bool> truth_of(const json::Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (!value.is_string()) return std::nullopt;
  const auto text = ascii_lower(std::string{value.as_string()});
  return text == "true" ? std::optional{true} : text == "false" ? std::optional{false} : std::nullopt;
}

/// The role of `roles`: a list of values, or one.
Result<std::optional<Role>> role_of(const json::Value& value) {
  const auto named = [](const json::Value& one) -> Result<std::optional<Role>> {
    std::optional<std::string> text;
    if (one.is_string()) text = std::string{one.as_string()};
    if (one.is_object()) text = text_at(one.as_object(), "value");
    std::string upper = text.value_or("");
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    const auto role = json::enum_named<Role>(upper);
    if (!role) return invalid("A role is one of CLIENT, STAFF, ADMIN and OWNER.");
    return role;
  };
  if (!value.is_array()) return named(value);
  if (value.as_array().empty()) return std::optional<Role>{};
  return named(value.as_array().front());
}

/// Reads one attribute, by its path; what a member does not have is passed over.
Result<void> read_attribute(Changes& changes, std::string path, const json::Value& value) {
  path = ascii_lower(std::move(path));
  if (const auto prefix = ascii_lower(std::string{user_schema}) + ":"; path.starts_with(prefix)) path.erase(0, prefix.size());
  const auto text = [&](std::optional<std::string>& field, std::size_t most) -> Result<void> {
    if (!value.is_string() || value.as_string().size() > most)
      return invalid("\"" + path + "\" is a text of at most " + std::to_string(most) + " bytes.");
    field = std::string{value.as_string()};
    return {};
  };
  if (path == "active") {
    changes.active = truth_of(value);
    return changes.active ? Result<void>{} : invalid("\"active\" is true or false.");
  }
  if (path == "username") return text(changes.email, 254);
  if (path == "externalid") return text(changes.external_id, 200);
  if (path == "displayname" || path == "name.formatted") return text(changes.name, 400);
  if (path == "name" && value.is_object()) {
    auto name = text_at(value.as_object(), "formatted");
    if (!name) {
      const auto given = text_at(value.as_object(), "givenName").value_or(""),
                 family = text_at(value.as_object(), "familyName").value_or("");
      name = given + (given.empty() || family.empty() ? "" : " ") + family;
    }
    if (!name->empty()) changes.name = name;
    return {};
  }
  if (path == "roles") {
    ORKESTR_TRY(changes.role, role_of(value));
    return {};
  }
  return {};
}

Result<Changes> read_user(const json::Value& body) {
  Changes changes;
  if (!body.is_object()) return invalid("A user is an object.");
  for (const auto& member : body.as_object())
    if (ascii_lower(std::string{member.key()}) != "displayname")
      ORKESTR_CHECK(read_attribute(changes, std::string{member.key()}, member.value()));
  if (const auto* shown = at(body.as_object(), "displayName")) ORKESTR_CHECK(read_attribute(changes, "displayName", *shown));
  return changes;
}

/// RFC 7644, section 3.5.2: `add` and `replace` of what a member has.
Result<Changes> read_patch(const json::Value& body) {
  const auto* operations = body.is_object() ? at(body.as_object(), "Operations") : nullptr;
  if (operations == nullptr || !operations->is_array()) return invalid("A PATCH has a list of Operations.");
  Changes changes;
  for (const auto& each : operations->as_array()) {
    if (!each.is_object()) return invalid("An operation is an object.");
    const auto op = ascii_lower(text_at(each.as_object(), "op").value_or(""));
    const auto path = text_at(each.as_object(), "path");
    const auto* value = at(each.as_object(), "value");
    if (op == "remove" && path) continue; // nothing that a member has can be missing
    if ((op != "add" && op != "replace") || value == nullptr) return invalid("An operation is add, replace or remove, with a value.");
    if (path) {
      ORKESTR_CHECK(read_attribute(changes, *path, *value));
    } else {
      if (!value->is_object()) return invalid("Without a path, the value is an object.");
      for (const auto& member : value->as_object()) ORKESTR_CHECK(read_attribute(changes, std::string{member.key()}, member.value()));
    }
  }
  return changes;
}

Result<Member> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<MemberId>());
  auto member = tx.members().find(call.tenant.id, id);
  if (!member) return fail(Code::not_found, "There is no such user.");
  return std::move(*member);
}

Result<Member> apply(WriteContext& cx, const MemberActor& by, Member member, const Changes& changes) {
  if (!may_manage(by.role, member.role)) return fail(Code::insufficient_role, "Only an owner may do that to an owner.");
  if (changes.email || changes.external_id) {
    cx.tx.members().lock(cx.tenant);
    if (changes.email) {
      if (!json::is_email_text(*changes.email)) return invalid("userName is an e-mail address.");
      const auto email = ascii_lower(*changes.email);
      const auto other = cx.tx.members().find_by_email(cx.tenant, email);
      if (other && other->id != member.id) return fail(Code::email_taken, "Another user has that userName.");
      if (member.email != email) cx.audit("member.update", member.id, "email");
      member.email = email;
    }
    if (changes.external_id) member.external_id = *changes.external_id;
    cx.tx.members().update(cx.tenant, member);
  }
  if ((changes.name && *changes.name != member.name) || (changes.role && *changes.role != member.role)) {
    if (changes.name) {
      if (!json::is_line(*changes.name)) return invalid("A name is printable characters on one line.");
      member.name = *changes.name;
    }
    if (changes.role) member.role = *changes.role;
    ORKESTR_TRY(member, update_member(cx, by, std::move(member)));
  }
  const bool active = member.status != MemberStatus::deactivated;
  if (changes.active.value_or(active) == active) return member;
  return active ? deactivate_member(cx, by, member.id) : reactivate_member(cx, by, member.id);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto wanted, read_user(*call.body));
  if (!wanted.email || !json::is_email_text(*wanted.email)) return invalid("userName is an e-mail address.");
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(auto member, invite_member(cx, by, {*wanted.email, wanted.role.value_or(Role::staff), {}},
                                         make_member_token(member_pass_word, cx.tenant, call.platform.random())));
  Changes rest = wanted;
  rest.email.reset();
  ORKESTR_TRY(member, apply(cx, by, std::move(member), rest));
  return answer(member, 201);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto member, load(tx, call));
  return answer(member);
}

template <auto read_changes> Result<Reply> change(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto member, load(cx.tx, call));
  ORKESTR_TRY(const auto changes, read_changes(*call.body));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  ORKESTR_TRY(const auto changed, apply(cx, by, std::move(member), changes));
  return answer(changed);
}

/// Deactivates: what members did stays theirs. Of somebody who never came, nothing stays.
Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto member, load(cx.tx, call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  if (member.status == MemberStatus::invited) {
    ORKESTR_CHECK(revoke_invitation(cx, by, member.id));
  } else if (member.status == MemberStatus::active) {
    ORKESTR_CHECK(deactivate_member(cx, by, member.id));
  }
  return Reply{204, {}, {}, false};
}

/// The only filter that providers send to find a user: `userName eq "…"`, or by their own id.
struct Filter {
  bool by_email = true;
  std::string value;
};
Result<Filter> parse_filter(std::string_view text) {
  const auto word = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto size = std::min(text.find(' '), text.size());
    auto found = ascii_lower(std::string{text.substr(0, size)});
    text.remove_prefix(size);
    return found;
  };
  const auto name = word(), operation = word();
  text = trim(text);
  if ((name != "username" && name != "externalid") || operation != "eq" || text.size() < 2 || text.front() != '"' || text.back() != '"')
    return Query::invalid("filter", "to be such as userName eq \"ada@example.com\"");
  const auto value = json::parse(text);
  if (!value || !value->is_string()) return Query::invalid("filter", "to end with a JSON text");
  return Filter{name == "username", std::string{value->as_string()}};
}

/// A number of the query, within bounds as RFC 7644, section 3.4.2.4, has them: what is below counts as the least.
Result<std::size_t> number_at(const Query& query, std::string_view name, std::size_t least, std::size_t otherwise, std::size_t most) {
  ORKESTR_TRY(const auto text, query.text(name, {1, 9}));
  if (!text) return otherwise;
  long value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return Query::invalid(name, "to be a number");
  return std::clamp(static_cast<std::size_t>(std::max(value, 0L)), least, most);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto filter_text, call.query.text("filter", {1, 400}));
  ORKESTR_TRY(const auto start, number_at(call.query, "startIndex", 1, 1, 1'000'000));
  ORKESTR_TRY(const auto count, number_at(call.query, "count", 0, 100, 200));
  std::vector<Member> rows;
  std::optional<Filter> filter;
  if (filter_text) {
    ORKESTR_TRY(filter, parse_filter(*filter_text));
  }
  if (filter && filter->by_email) {
    if (auto member = tx.members().find_by_email(call.tenant.id, ascii_lower(filter->value))) rows.push_back(std::move(*member));
  } else {
    constexpr std::size_t most = 10'000;
    rows = tx.members().list(call.tenant.id, {}, {most, {}});
    if (filter) std::erase_if(rows, [&](const Member& member) { return member.external_id != filter->value; });
    std::ranges::reverse(rows); // oldest first, so that places stay while others come
  }
  const auto first = std::min(start - 1, rows.size());
  const auto last = std::min(first + count, rows.size());
  Reply reply;
  reply.tagged = false;
  reply.content_type = content_type;
  reply.body = R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":)" + std::to_string(rows.size()) +
               R"(,"startIndex":)" + std::to_string(first + 1) + R"(,"itemsPerPage":)" + std::to_string(last - first) + R"(,"Resources":[)";
  for (auto i = first; i < last; ++i) reply.body.append(i == first ? "" : ",").append(scim_user(rows[i]));
  reply.body += "]}";
  return reply;
}

Result<Reply> describe(const storage::ReadTransaction&, const Call&) {
  Reply reply;
  reply.tagged = false;
  reply.content_type = content_type;
  reply.body = R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"documentationUri":"/docs",)"
               R"("patch":{"supported":true},"bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0},)"
               R"("filter":{"supported":true,"maxResults":200},"changePassword":{"supported":false},"sort":{"supported":false},)"
               R"("etag":{"supported":false},"authenticationSchemes":[{"type":"oauthbearertoken","name":"API key",)"
               R"("description":"An API key with the scope admin, as a bearer token."}]})";
  return reply;
}

constexpr std::string_view parameters[] = {"filter", "startIndex", "count"};

} // namespace

void as_scim_error(Response& response) {
  const auto problem = json::parse(response.body);
  std::string detail, code, request_id;
  if (problem && problem->is_object()) {
    request_id = text_at(problem->as_object(), "requestId").value_or("");
    detail = text_at(problem->as_object(), "detail").value_or("");
    code = text_at(problem->as_object(), "code").value_or("");
  }
  response.body.clear();
  json::Writer w(response.body);
  w.begin_object();
  w.key("schemas");
  w.begin_array();
  w.string("urn:ietf:params:scim:api:messages:2.0:Error");
  w.end_array();
  w.key("status");
  w.string(std::to_string(response.status));
  if (response.status == 409 && code == "email_taken") {
    w.key("scimType");
    w.string("uniqueness");
  } else if (response.status == 400) {
    w.key("scimType");
    w.string(code == "invalid_parameter" ? "invalidFilter" : code == "malformed_json" ? "invalidSyntax" : "invalidValue");
  }
  const auto put = [&](std::string_view key, std::string_view value) {
    w.key(key);
    w.string(value);
  };
  put("detail", detail);
  put("code", code); // ours, beside what the standard names
  put("requestId", request_id);
  w.end_object();
  const auto at = response.headers.find("application/problem+json");
  if (at != std::string::npos) response.headers.replace(at, std::string_view{"application/problem+json"}.size(), content_type);
}

std::span<const Route> scim_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  constexpr std::string_view all = "/scim/v2/Users", one = "/scim/v2/Users/{id}";
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/scim/v2/ServiceProviderConfig",
       .operation = "getScimConfig",
       .access = admin,
       .read = describe,
       .keys_only = true},
      {.method = M::get,
       .path = all,
       .operation = "listScimUsers",
       .access = admin,
       .parameters = parameters,
       .read = list,
       .keys_only = true},
      {.method = M::post,
       .path = all,
       .operation = "createScimUser",
       .access = admin,
       .body = required,
       .write = create,
       .keys_only = true},
      {.method = M::get, .path = one, .operation = "getScimUser", .access = admin, .read = get, .keys_only = true},
      {.method = M::put,
       .path = one,
       .operation = "replaceScimUser",
       .access = admin,
       .body = required,
       .write = change<read_user>,
       .keys_only = true},
      {.method = M::patch,
       .path = one,
       .operation = "patchScimUser",
       .access = admin,
       .body = required,
       .write = change<read_patch>,
       .keys_only = true},
      {.method = M::del, .path = one, .operation = "deleteScimUser", .access = admin, .write = remove, .keys_only = true},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
