// Verification of a business, and the platform's admins above it.
#include "support/api_world.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/engine/kyb.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <unistd.h>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

const std::string pdf = "%PDF-1.7 canary-of-a-plain-document\n", png = std::string{"\x89PNG\r\n\x1a\n"} + "pixels";
const std::string attested =
    R"({"legalName":"Atlas Studios GmbH","registrationNumber":"HRB 1","country":"DE","insurance":true,"depositPolicy":true,"terms":true})";
const std::string kyb = "/v1/provider/kyb", files = kyb + "/documents", queue = "/v1/admin/kyb";

struct KybWorld : ApiWorld {
  explicit KybWorld(api::ApiOptions options = quiet()) : ApiWorld(std::move(options)) {
    operator_ = make_admin("ada@platform.example").token;
  }

  Answer upload(const std::string& bytes, const std::string& kind = "REGISTRATION", Headers extra = {{"Content-Type", ""}},
                const std::string& name = "excerpt.pdf", const std::string& token = {}) {
    return send(Method::post, files + "?kind=" + kind + "&fileName=" + name, bytes, token.empty() ? admin : token, std::move(extra));
  }
  Answer as_operator(Method method, const std::string& path, const std::string& body = {}, Headers extra = {}) {
    return send(method, path, body, operator_, std::move(extra));
  }
  /// Uploads a document and hands it in. @returns `/{tenantId}/{kybId}`
  std::string submitted() {
    REQUIRE(upload(pdf).status() == 201);
    const auto answer = post(kyb, attested);
    REQUIRE(answer.status() == 201);
    return "/" + tenant.str() + "/" + answer.text("id");
  }
  std::string document_of(const std::string& place) {
    const auto seen = as_operator(Method::get, queue + place);
    return queue + place + "/documents/" + std::string{seen.body.at("submission").at("documents").at(0).at("id").as_string()};
  }
  std::vector<std::string> actions(const std::string& filter = "") {
    return as_operator(Method::get, "/v1/admin/actions?limit=200" + filter).actions();
  }
  std::vector<AuditEntry> audit(TenantId of, std::optional<ActorKind> actor = ActorKind::admin) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::vector<AuditEntry>> {
          return tx.audit().list(of, {.actor = actor}, {200, {}});
        })
        .value();
  }
  std::string operator_;
};

} // namespace

TEST_CASE("documents are uploaded, handed in, read by an admin alone, and verified: the badge and the event") {
  KybWorld w;
  CHECK(w.send(Method::get, kyb, {}, w.admin).raw.body == R"({"status":"NONE","submission":null,"drafts":[]})");
  const auto uploaded = w.upload(pdf, "REGISTRATION", {{"Content-Type", "application/pdf"}}, "Auszug%20%22A%22.pdf");
  REQUIRE(uploaded.status() == 201);
  CHECK(uploaded.raw.header("Location") == files + "/" + uploaded.text("id"));
  CHECK(uploaded.text("fileName") == "Auszug \"A\".pdf");
  CHECK(uploaded.number("size") == static_cast<std::int64_t>(pdf.size()));
  CHECK(uploaded.text("contentType") == "application/pdf");
  CHECK(w.send(Method::get, files + "/" + uploaded.text("id"), {}, w.admin).raw.body == uploaded.raw.body);
  const auto second = w.upload(png, "OTHER");
  CHECK(w.del(files + "/" + second.text("id"), {{"If-Match", "\"other\""}}).status() == 412);
  CHECK(w.del(files + "/" + second.text("id"), {{"If-Match", std::string{second.raw.header("ETag")}}}).status() == 204);
  CHECK(w.del(files + "/" + second.text("id")).status() == 404);

  const auto answer = w.post(kyb, attested);
  REQUIRE(answer.status() == 201);
  CHECK(answer.text("status") == "PENDING");
  CHECK(answer.body.at("documents").as_array().size() == 1);
  CHECK(w.get("/v1/api/me").body.at("tenant").at("kybStatus") == "PENDING");
  CHECK(w.del(files + "/" + uploaded.text("id")).code() == "invalid_transition");
  CHECK(w.upload(png).code() == "invalid_transition");
  CHECK(w.post(kyb, attested).code() == "invalid_transition");

  const auto listed = w.as_operator(Method::get, queue);
  REQUIRE(listed.data().size() == 1);
  CHECK(listed.data()[0].at("tenantId").as_string() == w.tenant.view());
  const auto place = "/" + w.tenant.str() + "/" + answer.text("id");
  const auto seen = w.as_operator(Method::get, queue + place);
  CHECK(seen.status() == 200);
  CHECK(seen.body == listed.data()[0]);
  const auto path = queue + place + "/documents/" + uploaded.text("id");
  const auto read = w.as_operator(Method::get, path);
  CHECK(read.status() == 200);
  CHECK(read.raw.body == pdf);
  CHECK(read.raw.header("Content-Type") == "application/pdf");
  CHECK(read.raw.header("Content-Disposition") == "attachment; filename*=UTF-8''Auszug%20%22A%22.pdf");
  CHECK(read.raw.header("X-Content-Type-Options") == "nosniff");
  CHECK(read.raw.header("Cache-Control") == "no-store");
  CHECK(read.raw.header("Content-Security-Policy") == "default-src 'none'; sandbox");
  CHECK(read.raw.header("ETag").empty());

  const auto verified = w.as_operator(Method::post, queue + place + "/decide", R"({"status":"VERIFIED"})");
  CHECK(verified.status() == 200);
  CHECK(verified.body.at("submission").at("status") == "VERIFIED");
  CHECK(w.as_operator(Method::post, queue + place + "/decide", R"({"status":"REJECTED","reason":"x"})").code() == "invalid_transition");
  CHECK(w.get("/v1/api/me").body.at("tenant").at("kybStatus") == "VERIFIED");
  CHECK(w.send(Method::get, "/v1/public/atlas").text("kybStatus") == "VERIFIED");
  const auto events = w.get("/v1/api/events").data();
  REQUIRE(events.size() == 1);
  CHECK(events[0].at("event") == "tenant.kyb_verified");
  CHECK(events[0].at("data").at("submissionId").as_string() == answer.text("id"));
  CHECK(w.send(Method::get, "/v1/provider/notifications", {}, w.admin).data().at(0).at("kind") == "TENANT_APPROVED");
  CHECK(w.as_operator(Method::get, queue).data().empty());
  CHECK(w.as_operator(Method::get, queue + "?status=VERIFIED").data().size() == 1);
  CHECK(w.as_operator(Method::get, queue + "?status=NONE").code() == "invalid_parameter");

  // All that was read and done stands in both logs, by whom and in which request.
  const std::vector<std::string> expected{"kyb.read " + answer.text("id"), "kyb.read_document " + uploaded.text("id"),
                                          "kyb.verify " + answer.text("id")};
  CHECK(w.actions("&tenantId=" + w.tenant.str()) == expected);
  const auto audit = w.audit(w.tenant);
  REQUIRE(audit.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(audit[2 - i].action + " " + audit[2 - i].subject == expected[i]);
  CHECK(audit[1].actor_id.starts_with("adm_"));
  CHECK(audit[1].request_id == read.raw.header("X-Request-Id"));
}

TEST_CASE("a rejection tells the business why, and another submission may follow") {
  KybWorld w;
  const auto place = w.submitted();
  const auto decide = [&](const std::string& at, const std::string& body) {
    return w.as_operator(Method::post, queue + at + "/decide", body);
  };
  CHECK(decide(place, R"({"status":"REJECTED"})").faults() == "/reason required");
  CHECK(decide(place, R"({"status":"PENDING"})").faults() == "/status unknown_value");
  CHECK(decide(place, R"({"status":"VERIFIED","reason":"x"})").faults() == "/reason conflict");
  CHECK(decide(place, R"({"status":"REJECTED","reason":" "})").faults() == "/reason invalid_format");
  CHECK(decide(place, R"({"status":"REJECTED","reason":"It is too old."})").status() == 200);
  const auto stands = w.send(Method::get, kyb, {}, w.admin);
  CHECK(stands.text("status") == "REJECTED");
  CHECK(stands.body.at("submission").at("reason") == "It is too old.");
  const auto bell = w.send(Method::get, "/v1/provider/notifications", {}, w.admin).data();
  REQUIRE(bell.size() == 1);
  CHECK(bell[0].at("kind") == "GENERIC");
  CHECK(bell[0].at("title") == "Your business could not be verified: It is too old.");
  CHECK(w.get("/v1/api/events").data().empty());
  CHECK(w.audit(w.tenant).front().detail == "It is too old.");

  CHECK(w.post(kyb, attested).faults() == "/documents required"); // those of the first stay with it
  const auto again = w.submitted();                               // the same file may be handed in anew
  CHECK(again != place);
  CHECK(w.send(Method::get, w.document_of(place), {}, w.operator_).raw.body == pdf);
  // A document of one submission is none of the other's.
  const auto document = w.document_of(place).substr((queue + place).size());
  CHECK(w.as_operator(Method::get, queue + again + document).status() == 404);
  CHECK(decide(again, R"({"status":"VERIFIED"})").status() == 200);
  CHECK(w.get("/v1/api/me").body.at("tenant").at("kybStatus") == "VERIFIED");
}

TEST_CASE("what is no document, or no submission, is refused with every fault") {
  KybWorld w;
  CHECK(w.upload("GIF89a").faults() == "/file invalid_format");
  CHECK(w.send(Method::post, files + "?kind=OTHER&fileName=a.pdf", "", w.admin).faults() == "/file too_short");
  CHECK(w.upload(pdf, "OTHER", {{"Content-Type", "image/png"}}).faults() == "/contentType conflict");
  CHECK(w.upload(pdf, "OTHER", {{"Content-Type", ""}}, "..%2Fpasswd").faults() == "/fileName invalid_format");
  CHECK(w.upload(pdf, "OTHER", {{"Content-Type", ""}}, "a%0d%0aSet-Cookie:x").faults() == "/fileName invalid_format");
  CHECK(w.upload(pdf, "SELFIE").code() == "invalid_parameter");
  CHECK(w.send(Method::post, files + "?fileName=a.pdf", pdf, w.admin).code() == "missing_parameter");
  CHECK(w.send(Method::post, files + "?kind=OTHER", pdf, w.admin).code() == "missing_parameter");
  CHECK(w.upload(pdf).status() == 201);
  CHECK(w.upload(pdf).faults() == "/file conflict");
  for (int n = 1; n < 10; ++n) CHECK(w.upload(pdf + std::to_string(n)).status() == 201);
  CHECK(w.upload(pdf + "10").faults() == "/file too_many_items");
  CHECK(
      w.post(kyb, R"({"legalName":"","registrationNumber":"1","country":"XX","insurance":false,"depositPolicy":true,"status":"VERIFIED"})")
          .faults() == "/country invalid_format; /insurance unknown_value; /legalName too_short; /status read_only_field; /terms required");
  CHECK(w.get("/v1/api/me").body.at("tenant").at("kybStatus") == "NONE");
}

TEST_CASE("the limits of a file are exact, and other bodies keep theirs") {
  KybWorld w;
  const auto most = static_cast<std::size_t>(largest_kyb_document);
  std::string file = "%PDF-" + std::string(most - 5, 'x');
  CHECK(w.upload(file).status() == 201);
  file += 'x';
  const auto over = w.upload(file);
  CHECK(over.status() == 413);
  CHECK(over.code() == "body_too_large");
  const auto mebibyte = std::size_t{1} << 20;
  CHECK(w.post(kyb, std::string(mebibyte, ' ')).status() == 400);
  CHECK(w.post(kyb, std::string(mebibyte + 1, ' ')).status() == 413);
  // What a server is told before it reads: by method and path alone.
  const auto limit = [&](Method method, const char* path) { return w.api.max_body_bytes(method, path); };
  CHECK(limit(Method::post, "/v1/provider/kyb/documents") == most);
  for (const auto& [method, path] : {std::pair{Method::get, "/v1/provider/kyb/documents"},
                                     {Method::put, "/v1/provider/kyb/documents"},
                                     {Method::post, "/v1/provider/kyb/documents/"},
                                     {Method::post, "/v1/provider/kyb"},
                                     {Method::post, "/v1/public/atlas/bookings"},
                                     {Method::post, "/V1/provider/kyb/documents"},
                                     {Method::post, ""},
                                     {Method::post, "*"}})
    CHECK_MESSAGE(limit(method, path) == mebibyte, path);
}

TEST_CASE("an idempotency key uploads once, and decides once") {
  KybWorld w;
  const Headers with_key{{"Content-Type", ""}, {"Idempotency-Key", "one"}};
  const auto first = w.upload(pdf, "REGISTRATION", with_key), again = w.upload(pdf, "REGISTRATION", with_key);
  CHECK(first.status() == 201);
  CHECK(again.raw.body == first.raw.body);
  CHECK(again.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.upload(png, "REGISTRATION", with_key).code() == "idempotency_mismatch");
  CHECK(w.send(Method::get, kyb, {}, w.admin).body.at("drafts").as_array().size() == 1);

  const auto place = "/" + w.tenant.str() + "/" + w.post(kyb, attested).text("id") + "/decide";
  const auto other = w.make_admin("bob@platform.example").token;
  const Headers decided{{"Idempotency-Key", "one"}}; // the tenant's own key of that name is another
  const auto verified = w.as_operator(Method::post, queue + place, R"({"status":"VERIFIED"})", decided);
  CHECK(verified.status() == 200);
  const auto replayed = w.as_operator(Method::post, queue + place, R"({"status":"VERIFIED"})", decided);
  CHECK(replayed.raw.body == verified.raw.body);
  CHECK(replayed.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.send(Method::post, queue + place, R"({"status":"VERIFIED"})", other, decided).code() == "idempotency_mismatch");
  CHECK(w.actions("&action=kyb.verify").size() == 1);
  CHECK(w.get("/v1/api/events").data().size() == 1);
  // Of a tenant that is not there, nothing is kept.
  const auto nobody = "/v1/admin/tenants/tnt_" + std::string(26, '0') + "/approve";
  CHECK(w.as_operator(Method::post, nobody, {}, {{"Idempotency-Key", "two"}}).status() == 404);
}

TEST_CASE("without a key for secrets no document is kept, and a change of keys takes documents along") {
  KybWorld w;
  Platform keyless(w.store, w.clock, w.random);
  api::Api bare(keyless, ApiWorld::quiet());
  const std::string authorization = "Bearer " + w.admin;
  const api::HeaderView headers[] = {{"Authorization", authorization}};
  const auto refused = bare.handle({Method::post, files + "?kind=OTHER&fileName=a.pdf", headers, pdf, "127.0.0.1"});
  CHECK(refused.status == 501);
  CHECK(refused.body.find("not_implemented") != std::string::npos);

  const auto place = w.submitted();
  const auto path = w.document_of(place);
  const auto id = *KybDocumentId::parse(path.substr(path.rfind('/') + 1));
  const auto sealed = [&] {
    return w.store.read([&](const storage::ReadTransaction& tx) -> Result<std::string> { return *tx.kyb().content(w.tenant, id); }).value();
  };
  const auto put = [&](const std::string& text) {
    (void)w.store
        .write([&](storage::WriteTransaction& tx) -> Result<bool> {
          tx.kyb().put_content(w.tenant, id, text);
          return true;
        })
        .value();
  };
  // The platform's own key is not known here, so a ring is made that knows it: sealed again under keys of this test.
  const auto old_key = SecretBox::make_key(w.random), new_key = SecretBox::make_key(w.random);
  const auto old_box = SecretBox::parse(old_key).value();
  put(old_box.seal(pdf, w.tenant.str() + "/" + id.str(), w.random));
  Platform turned(w.store, w.clock, w.random, {SecretBox::parse(new_key + "," + old_key).value(), {}});
  api::Api api(turned, ApiWorld::quiet());
  const std::string token = "Bearer " + w.operator_;
  const api::HeaderView admins[] = {{"Authorization", token}};
  const auto read = [&](api::Api& by) { return by.handle({Method::get, path, admins, {}, "127.0.0.1"}); };
  CHECK(read(api).body == pdf);
  CHECK(turned.reseal_secrets().value() == 1);
  CHECK(turned.reseal_secrets().value() == 0);
  CHECK(SecretBox::parse(new_key).value().current(sealed()));
  Platform fresh(w.store, w.clock, w.random, {SecretBox::parse(new_key).value(), {}});
  api::Api alone(fresh, ApiWorld::quiet());
  CHECK(read(alone).body == pdf);

  // A changed byte does not open, and neither does another document's content.
  const auto whole = sealed();
  const auto actions = w.actions().size();
  for (const auto at : {std::size_t{12}, whole.size() / 2, whole.size() - 1}) {
    auto changed = whole;
    changed[at] = changed[at] == '0' ? '1' : '0';
    put(changed);
    const auto broken = read(alone);
    CHECK(broken.status == 500);
    CHECK(broken.body.find("canary") == std::string::npos);
  }
  put(SecretBox::parse(new_key).value().seal(pdf, w.other_tenant.str() + "/" + id.str(), w.random));
  CHECK(read(alone).status == 500);
  put(whole);
  CHECK(read(alone).status == 200);
  CHECK(w.actions().size() == actions + 1);
}

TEST_CASE("tenants are approved, suspended and reinstated; what is closed is closed on the next request") {
  KybWorld w;
  Tenant draft;
  draft.name = "Cirrus";
  draft.subdomain = "cirrus";
  draft.status = TenantStatus::pending;
  const auto id = w.platform.create_tenant(draft).value().id;
  const auto key = w.make_key(id, {Scope::read, Scope::write, Scope::admin});
  const auto path = "/v1/admin/tenants/" + id.str();
  const auto opens = [&] {
    const auto by_key = w.send(Method::get, "/v1/api/me", {}, key), by_visitor = w.send(Method::get, "/v1/public/cirrus");
    CHECK(by_key.code() == by_visitor.code());
    CHECK((by_key.status() == 200 || by_key.status() == 403));
    return by_key.code();
  };
  CHECK(opens() == "tenant_pending");
  CHECK(w.send(Method::post, "/v1/api/offerings", "{}", key).code() == "tenant_pending");
  CHECK(w.send(Method::post, "/v1/public/cirrus/quotes", "{}").code() == "tenant_pending");
  CHECK(w.as_operator(Method::get, path).text("status") == "PENDING");
  CHECK(w.as_operator(Method::post, path + "/suspend", R"({"reason":"x"})").code() == "invalid_transition");
  CHECK(w.as_operator(Method::post, path + "/approve").text("status") == "ACTIVE");
  CHECK(w.as_operator(Method::post, path + "/approve").code() == "invalid_transition");
  CHECK(opens() == "");
  const auto bell = w.send(Method::get, "/v1/provider/notifications", {}, key).data();
  REQUIRE(bell.size() == 1);
  CHECK(bell[0].at("kind") == "TENANT_APPROVED");
  CHECK(w.as_operator(Method::post, path + "/suspend").code() == "malformed_json");
  CHECK(w.as_operator(Method::post, path + "/suspend", "{}").faults() == "/reason required");
  CHECK(w.as_operator(Method::post, path + "/suspend", R"({"reason":"Fraud.","status":"ACTIVE"})").faults() == "/status unknown_field");
  CHECK(opens() == "");
  CHECK(w.as_operator(Method::post, path + "/suspend", R"({"reason":"Fraud."})").text("status") == "SUSPENDED");
  CHECK(opens() == "tenant_suspended");
  // Another process, to which the key is known, sees the row as well.
  api::Api elsewhere(w.platform, ApiWorld::quiet());
  const std::string authorization = "Bearer " + key;
  const api::HeaderView headers[] = {{"Authorization", authorization}};
  const auto there = [&] { return elsewhere.handle({Method::get, "/v1/api/me", headers, {}, "127.0.0.1"}).status; };
  CHECK(there() == 403);
  CHECK(w.as_operator(Method::post, path + "/reinstate").text("status") == "ACTIVE");
  CHECK(there() == 200);
  CHECK(w.as_operator(Method::post, path + "/suspend", R"({"reason":"Again."})").status() == 200);
  CHECK(there() == 403);
  CHECK(w.actions("&tenantId=" + id.str()) == std::vector<std::string>{"tenant.approve " + id.str(), "tenant.suspend " + id.str(),
                                                                       "tenant.reinstate " + id.str(), "tenant.suspend " + id.str()});
  CHECK(w.audit(id).front().detail == "Again.");

  const auto names = [&](const std::string& filter) {
    std::string all;
    const auto answer = w.as_operator(Method::get, "/v1/admin/tenants?" + filter);
    for (const auto& row : answer.data()) all += std::string{row.at("name").as_string()} + ";";
    return all;
  };
  CHECK(names("") == "Cirrus;Borealis;Atlas Studios;");
  CHECK(names("status=SUSPENDED") == "Cirrus;");
  CHECK(names("q=STUD") == "Atlas Studios;");
  CHECK(names("q=boreal&status=PENDING") == "");
  CHECK(names("limit=1") == "Cirrus;");
}

TEST_CASE("who may call what: every route × every kind of credential") {
  auto options = ApiWorld::quiet();
  options.failed_auth_limit = 10'000;
  KybWorld w(options);
  const auto revoked = w.make_admin("carl@platform.example");
  CHECK(w.send(Method::get, "/v1/admin/tenants", {}, revoked.token).status() == 200); // proven and remembered
  REQUIRE(w.platform.revoke_admin(revoked.admin.id));
  CHECK_FALSE(w.platform.revoke_admin(revoked.admin.id));
  const auto suspended = w.make_tenant("Sus", "sus");
  const auto suspended_key = w.make_key(suspended, {Scope::read, Scope::write, Scope::admin});
  REQUIRE(w.as_operator(Method::post, "/v1/admin/tenants/" + suspended.str() + "/suspend", R"({"reason":"x"})").status() == 200);
  const auto key_of = [&](Scope scope) { return w.make_key(w.tenant, {scope}); };
  const std::string wrong = w.operator_.substr(0, 13) + std::string(48, 'x');
  const std::string as_key = "ork" + w.operator_.substr(3), as_admin = "oka" + w.admin.substr(3);
  struct Credential {
    const char* name;
    std::string token;
    std::optional<Scope> scope;
    bool platform = false, closed = false;
  };
  const Credential credentials[] = {{"none", ""},
                                    {"read", key_of(Scope::read), Scope::read},
                                    {"write", key_of(Scope::write), Scope::write},
                                    {"admin", key_of(Scope::admin), Scope::admin},
                                    {"of a suspended tenant", suspended_key, Scope::admin, false, true},
                                    {"platform", w.operator_, {}, true},
                                    {"revoked", revoked.token},
                                    {"wrong secret", wrong},
                                    {"an admin's token as a key", as_key},
                                    {"a key as an admin's token", as_admin}};
  std::size_t cells = 0, platform_routes = 0;
  for (const auto& route : api::Api::routes()) {
    if (route.access == api::Access::open || route.access == api::Access::visitor || route.access == api::Access::member) continue;
    const bool platform = route.access == api::Access::platform;
    CHECK(platform == route.path.starts_with("/v1/admin/"));
    platform_routes += platform;
    const auto wanted = route.access == api::Access::read ? Scope::read : route.access == api::Access::write ? Scope::write : Scope::admin;
    std::string target{route.path};
    for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
      target.replace(open, target.find('}') - open + 1, "none");
    for (const auto& [name, token, scope, of_platform, closed] : credentials) {
      const auto answer = w.send(route.method, target, route.method == Method::get ? "" : "{}", token);
      CAPTURE(route.operation_id);
      CAPTURE(name);
      ++cells;
      const bool known = platform ? of_platform : scope.has_value();
      if (!known) {
        CHECK(answer.status() == 401);
        CHECK(answer.code() == "unauthenticated");
        CHECK(answer.raw.header("WWW-Authenticate").starts_with("Bearer"));
      } else if (closed) {
        CHECK(answer.code() == "tenant_suspended");
      } else if (!platform && scope != wanted) {
        CHECK(answer.code() == "insufficient_scope");
      } else {
        CHECK(answer.status() != 401);
        CHECK(answer.status() != 403);
      }
    }
  }
  CHECK(platform_routes >= 14);
  CHECK(cells > 500);
  CHECK(w.audit(w.tenant).empty());
}

TEST_CASE("ids of another kind, malformed, another tenant's or nobody's answer alike, and leave no trace") {
  KybWorld w;
  const auto place = w.submitted();
  const auto own = w.document_of(place);
  const auto document = own.substr(own.rfind('/') + 1);
  const auto booking = "/v1/provider/bookings/" + w.make_booking(w.make_offering(w.tenant, "Loft"), "2026-05-04T14:00:00Z").id.str();
  REQUIRE(w.post(booking + "/approve").status() == 200);
  const auto dispute = w.post(booking + "/disputes", R"({"reason":"x"})").text("id");
  const auto before = w.actions();
  const std::string tenant = w.tenant.str(), submission = place.substr(place.rfind('/') + 1), other = w.other_tenant.str();
  const auto nobody = [](std::string id) { return id.substr(0, 4) + std::string(26, '0'); };
  struct Placeholder {
    std::string name, own, of_another_kind;
  };
  const Placeholder placeholders[] = {{"{tenantId}", tenant, submission},
                                      {"{kybId}", submission, document},
                                      {"{documentId}", document, submission},
                                      {"{disputeId}", dispute, submission}};
  const auto ask = [&](const api::RouteInfo& route, const std::string& changed, const std::string& id) {
    const std::string body = route.path.ends_with("suspend")    ? R"({"reason":"x"})"
                             : route.path.ends_with("decide")   ? R"({"status":"VERIFIED"})"
                             : route.path.ends_with("messages") ? R"({"text":"x"})"
                             : route.path.ends_with("resolve")  ? R"({"resolution":"KEEP_PAYMENT","note":"x"})"
                                                                : "";
    std::string target{route.path};
    for (const auto& [name, own, unused] : placeholders)
      if (const auto at = target.find(name); at != std::string::npos) target.replace(at, name.size(), name == changed ? id : own);
    CAPTURE(target);
    CHECK(target.find('{') == std::string::npos);
    return w.send(route.method, target, body, w.operator_);
  };
  const auto each = [&](const auto& act) {
    for (const auto& route : api::Api::routes())
      if (route.access == api::Access::platform && route.path.find('{') != std::string_view::npos) act(route);
  };
  std::size_t cells = 0;
  std::set<std::string> answers;
  each([&](const auto& route) {
    for (const auto& [name, own, of_another_kind] : placeholders) {
      if (route.path.find(name) == std::string_view::npos) continue;
      std::vector<std::string> wrong{nobody(own), of_another_kind, "x"};
      if (name == "{tenantId}" && std::ranges::count(route.path, '{') > 1) wrong.push_back(other);
      for (const auto& id : wrong) {
        const auto answer = ask(route, name, id);
        CAPTURE(route.path);
        CAPTURE(id);
        ++cells;
        CHECK(answer.status() == 404);
        CHECK(answer.code() == "not_found");
      }
    }
  });
  CHECK(cells >= 55);
  CHECK(w.actions() == before);
  const auto thread = w.send(Method::get, "/v1/provider/disputes/" + dispute, {}, w.admin);
  CHECK(thread.text("status") == "OPEN");
  CHECK(thread.body.at("messages").as_array().empty());
  // The business: its own alone.
  for (const auto& id : {document, nobody(document), submission, std::string{"x"}})
    for (const auto method : {Method::get, Method::del}) {
      const auto answer = w.send(method, files + "/" + id, {}, w.other_key);
      CHECK(answer.status() == 404);
      answers.insert(answer.text("title"));
    }
  CHECK(answers.size() == 1);
  CHECK(w.send(Method::get, kyb, {}, w.other_key).raw.body == R"({"status":"NONE","submission":null,"drafts":[]})");
  CHECK(w.upload(pdf, "REGISTRATION", {{"Content-Type", ""}}, "a.pdf", w.other_key).status() == 201);
  CHECK(w.send(Method::get, kyb, {}, w.admin).body.at("drafts").as_array().empty());
  // With its own ids each finds what it names.
  each([&](const auto& route) {
    CAPTURE(route.path);
    CHECK(ask(route, "", "").status() != 404);
  });
}

TEST_CASE("admins are throttled as keys are, and their last use is written down") {
  auto options = ApiWorld::quiet();
  options.failed_auth_limit = 5;
  options.rate_limit = 3;
  options.rate_window_seconds = 6;
  KybWorld w(options);
  CHECK(w.as_operator(Method::get, "/v1/admin/tenants").raw.header("RateLimit") == "\"default\";r=2;t=2");
  for (int i = 0; i < 2; ++i) CHECK(w.as_operator(Method::get, "/v1/admin/tenants").status() == 200);
  CHECK(w.as_operator(Method::get, "/v1/admin/tenants").status() == 429);
  CHECK(w.platform.run_due(w.clock.now())->key_uses == 1);
  const auto row = w.store.read([&](const storage::ReadTransaction& tx) -> Result<Admin> {
                            return tx.admins().list({1, {}}).at(0);
                          })
                       .value();
  CHECK(row.last_used_at == w.clock.now());
  const std::string wrong = w.operator_.substr(0, 13) + std::string(48, 'x');
  for (int i = 0; i < 5; ++i) CHECK(w.send(Method::get, "/v1/admin/tenants", {}, wrong).status() == 401);
  CHECK(w.send(Method::get, "/v1/admin/tenants", {}, wrong).status() == 429);
  // What admins read is written down, so it may wait.
  const std::string authorization = "Bearer " + w.operator_;
  const api::HeaderView headers[] = {{"Authorization", authorization}};
  CHECK(w.api.may_wait({Method::get, "/v1/admin/tenants", headers, {}, "127.0.0.1"}));
}

TEST_CASE("neither a document nor a token stands in the files of the database, nor in what is answered to others") {
  const auto folder = std::filesystem::temp_directory_path() / ("orkestr-kyb-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  ManualClock clock{*Instant::parse(ApiWorld::start)};
  SeededRandom random{7};
  std::string secret, answers;
  {
    const auto store = storage::SqliteStore::open({.file = folder / "kyb.db"}).value();
    Platform platform(*store, clock, random, {SecretBox::parse(SecretBox::make_key(random)).value(), {}});
    api::Api api(platform, ApiWorld::quiet());
    Tenant draft;
    draft.name = "Atlas";
    draft.subdomain = "atlas";
    const auto tenant = platform.create_tenant(draft).value();
    ApiKey key;
    key.name = "k";
    key.scopes = {Scope::read, Scope::write, Scope::admin};
    const auto token = platform.create_api_key(tenant.id, key).value().token;
    Admin admin;
    admin.email = "ada@platform.example";
    admin.name = "Ada";
    const auto operator_ = platform.create_admin(admin).value().token;
    secret = operator_.substr(13);
    const auto send = [&](Method method, const std::string& target, const std::string& body, const std::string& by, bool json = true) {
      const std::string authorization = "Bearer " + by;
      const api::HeaderView headers[] = {{"Authorization", authorization},
                                         {"Content-Type", json ? "application/json" : "application/pdf"},
                                         {"Idempotency-Key", "k" + std::to_string(answers.size())}};
      auto response = api.handle({method, target, headers, body, "127.0.0.1"});
      if (by == token) answers += response.headers + response.body;
      return response;
    };
    REQUIRE(send(Method::post, files + "?kind=REGISTRATION&fileName=a.pdf", pdf, token, false).status == 201);
    REQUIRE(send(Method::post, kyb, attested, token).status == 201);
    const auto listed = boost::json::parse(send(Method::get, queue, {}, operator_).body).at("data").at(0);
    const auto& submission = listed.at("submission");
    const auto path = queue + "/" + tenant.id.str() + "/" + std::string{submission.at("id").as_string()} + "/documents/" +
                      std::string{submission.at("documents").at(0).at("id").as_string()};
    CHECK(send(Method::get, path, {}, operator_).body == pdf);
    for (const auto& target : {kyb, files + "/" + path.substr(path.rfind('/') + 1)})
      CHECK(send(Method::get, target, {}, token).status == 200);
    CHECK(send(Method::get, path, {}, token).status == 401);
  }
  CHECK(answers.find("canary") == std::string::npos);
  CHECK(answers.find(secret) == std::string::npos);
  std::size_t searched = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    const auto text = bytes.str();
    searched += text.size();
    CHECK(text.find("canary-of-a-plain-document") == std::string::npos);
    CHECK(text.find(secret) == std::string::npos);
    if (entry.path().extension() == ".db") CHECK(text.find("ada@platform.example") != std::string::npos); // so it is the right file
  }
  CHECK(searched > 0);
  std::filesystem::remove_all(folder);
}

TEST_CASE("of two admins who decide at once one is heard, and many uploads at once stay within ten") {
  KybWorld w;
  std::vector<int> statuses(16);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < statuses.size(); ++i)
    threads.emplace_back([&, i] { statuses[i] = w.upload(pdf + std::to_string(i)).status(); });
  for (auto& thread : threads) thread.join();
  CHECK(std::ranges::count(statuses, 201) == 10);
  CHECK(std::ranges::count(statuses, 422) == 6);
  const auto place = "/" + w.tenant.str() + "/" + w.post(kyb, attested).text("id") + "/decide";
  std::vector<int> decided(2);
  std::thread one([&] { decided[0] = w.as_operator(Method::post, queue + place, R"({"status":"VERIFIED"})").status(); });
  std::thread two([&] { decided[1] = w.as_operator(Method::post, queue + place, R"({"status":"REJECTED","reason":"x"})").status(); });
  one.join();
  two.join();
  std::ranges::sort(decided);
  CHECK(decided == std::vector<int>{200, 409});
  CHECK(w.actions("&action=kyb.verify").size() + w.actions("&action=kyb.reject").size() == 1);
}
