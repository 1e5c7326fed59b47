// Who signs in, what their role allows, and what ends it: contract §2, promises 10 and 11.
#include "support/api_world.hpp"

#include "orkestr/engine/totp.hpp"
#include "orkestr/platform/mails.hpp"

#include <map>
#include <set>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

std::string filled(std::string_view path) {
  std::string target{path};
  for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
    target.replace(open, target.find('}') - open + 1, "none");
  return target;
}

/// Contract §2, written down anew: the least role for each operation that members may call. What is not here is for nobody who signs in.
const std::map<std::string_view, std::string_view> the_law = {
#include "roles.inc"
};

const std::string own_host = "acme.localhost";

/// What a browser keeps of an answer.
std::string cookie_of(const Answer& answer, std::string_view name = "orkestr") {
  const auto set = answer.raw.header("Set-Cookie");
  return set.starts_with(std::string{name} + "=") ? std::string{set.substr(name.size() + 1, set.find(';') - name.size() - 1)} : "";
}
Headers with_cookie(const std::string& token) {
  return {{"Cookie", "orkestr=" + token}, {"Host", own_host}, {"Origin", "http://" + own_host}};
}

/// A world whose mail is read.
struct Team : ApiWorld {
  using ApiWorld::ApiWorld;
  std::vector<Mail> mails;

  std::size_t mails_to(const std::string& address) {
    MailDesk desk(platform);
    while (desk.step(platform.now()).value()) {
    }
    for (auto& mail : outbox.take()) mails.push_back(std::move(mail));
    return static_cast<std::size_t>(std::ranges::count(mails, address, &Mail::to));
  }
  /// What the link of the last mail to that address holds.
  std::string link_to(const std::string& address) {
    std::string found;
    if (mails_to(address) > 0)
      for (const auto& mail : mails)
        if (mail.to == address) found = word_behind(mail.text, "token=");
    return found;
  }
};

std::string sign_up_body(const std::string& subdomain = "acme") {
  return R"({"businessName":"Acme Rooms","subdomain":")" + subdomain +
         R"(","name":"Ada Okafor","email":"Ada@Acme.example","password":"correct horse battery","displayCurrency":"EUR","timeZone":"Europe/Madrid"})";
}
std::string sign_in_body(const std::string& password = "correct horse battery", const std::string& email = "ada@acme.example") {
  return R"({"subdomain":"acme","email":")" + email + R"(","password":")" + password + "\"}";
}

} // namespace

TEST_CASE("every route × every role") {
  Team w;
  const std::pair<Role, ApiWorld::Seat> seats[] = {{Role::client, w.seat(w.tenant, Role::client, "c@x.example")},
                                                   {Role::staff, w.seat(w.tenant, Role::staff, "s@x.example")},
                                                   {Role::admin, w.seat(w.tenant, Role::admin, "a@x.example")},
                                                   {Role::owner, w.seat(w.tenant, Role::owner, "o@x.example")}};
  std::size_t cells = 0;
  std::set<std::string_view> listed;
  for (const auto& route : api::Api::routes()) {
    CAPTURE(route.operation_id);
    const auto law = the_law.find(route.operation_id);
    const auto least = law == the_law.end() ? std::nullopt : json::enum_named<Role>(law->second);
    REQUIRE((law == the_law.end() || least.has_value()));
    CHECK(route.least_role == least);
    if (law != the_law.end()) listed.insert(law->first);
    // Ending one's own session is tried elsewhere.
    if (route.operation_id == "signOut" || route.access == api::Access::open || route.access == api::Access::visitor) continue;
    for (const auto& [role, seat] : seats) {
      CAPTURE(json::name_of(role));
      const auto answer = w.as(seat, route.method, filled(route.path), route.method == Method::get ? "" : "{}");
      ++cells;
      if (!least)
        CHECK(answer.status() == 401);
      else if (role < *least)
        CHECK(answer.code() == "insufficient_role");
      else
        CHECK_MESSAGE((answer.status() != 401 && answer.status() != 403), answer.raw.body);
    }
  }
  CHECK(listed.size() == the_law.size());
  MESSAGE("cells: " << cells);
  CHECK(cells > 400);
}

TEST_CASE("no page of another site acts for who is signed in, on any route") {
  Team w;
  const auto owner = w.seat(w.tenant, Role::owner, "o@x.example");
  const Headers hostile[] = {{{"Origin", "https://evil.example"}},
                             {{"Origin", "http://borealis.localhost"}},
                             {{"Origin", "http://atlas.localhost.evil.example"}},
                             {{"Origin", "http://evilatlas.localhost"}},
                             {{"Origin", "null"}},
                             {{"Sec-Fetch-Site", "cross-site"}},
                             {{"Sec-Fetch-Site", "same-site"}},
                             {}};
  std::size_t cells = 0;
  for (const auto& route : api::Api::routes()) {
    if (!route.least_role || route.method == Method::get) continue;
    for (auto headers : hostile) {
      headers.emplace_back("Cookie", "orkestr=" + owner.token);
      headers.emplace_back("Host", "atlas.localhost");
      CAPTURE(route.operation_id);
      CHECK(w.send(route.method, filled(route.path), "{}", {}, headers).code() == "cross_site");
      ++cells;
    }
  }
  MESSAGE("cells: " << cells);
  CHECK(cells > 300);
  CHECK(w.as(owner, Method::get, "/v1/auth/session").status() == 200); // nothing has ended the session
  // Nor does one bring somebody in, which is how a stranger's session is pushed onto a browser.
  for (const auto& route : api::Api::routes())
    if (route.path.starts_with("/v1/auth/") && route.access == api::Access::open)
      CHECK(w.send(route.method, std::string{route.path}, "{}", {}, {{"Host", "atlas.localhost"}, {"Origin", "https://evil.example"}})
                .code() == "cross_site");
}

TEST_CASE("a business is opened, closed to visitors until its owner has confirmed their address") {
  Team w;
  const auto opened = w.send(Method::post, "/v1/auth/sign-ups", sign_up_body(), {}, {{"Host", own_host}, {"Origin", "http://" + own_host}});
  REQUIRE(opened.status() == 201);
  CHECK(opened.raw.header("Set-Cookie").find("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000") != std::string_view::npos);
  const auto session = cookie_of(opened);
  CHECK(opened.raw.body.find(session) == std::string::npos); // scripts never see it
  const auto who = w.send(Method::get, "/v1/auth/session", {}, {}, with_cookie(session));
  CHECK(who.raw.body == opened.raw.body);
  CHECK(who.body.at("member").at("email") == "ada@acme.example");
  CHECK(who.body.at("member").at("role") == "OWNER");
  CHECK(who.body.at("member").at("emailVerified") == false);
  CHECK(who.body.at("tenant").at("status") == "PENDING");
  CHECK(who.body.at("tenant").at("timeZone") == "Europe/Madrid");
  CHECK(who.text("storefrontUrl") == "https://acme.example.com");
  // The portal works meanwhile, the storefront and keys do not.
  CHECK(w.send(Method::post, "/v1/api/offerings", R"({"title":"Loft","productTypeKey":"space","basePriceCents":100,"currency":"EUR"})", {},
               with_cookie(session))
            .status() == 201);
  const auto key = w.send(Method::post, "/v1/provider/api-keys", R"({"name":"CI"})", {}, with_cookie(session)).text("token");
  CHECK(w.send(Method::get, "/v1/api/me", {}, key).code() == "tenant_pending");
  CHECK(w.send(Method::get, "/v1/public/acme").code() == "tenant_pending");

  const auto link = w.link_to("ada@acme.example");
  REQUIRE(link.starts_with("mlk_"));
  CHECK(w.send(Method::post, "/v1/auth/email-verifications", R"({"token":"mlk_x"})").code() == "not_found");
  // A link of one kind is none of another.
  CHECK(w.send(Method::post, "/v1/auth/passwords", R"({"token":")" + link + R"(","password":"correct horse battery"})").code() ==
        "not_found");
  const auto confirmed = w.send(Method::post, "/v1/auth/email-verifications", R"({"token":")" + link + "\"}");
  CHECK(confirmed.status() == 200);
  CHECK(confirmed.text("tenantStatus") == "ACTIVE");
  CHECK(w.send(Method::post, "/v1/auth/email-verifications", R"({"token":")" + link + "\"}").code() == "not_found");
  CHECK(w.send(Method::get, "/v1/public/acme").status() == 200);
  CHECK(w.send(Method::get, "/v1/api/me", {}, key).status() == 200);
  // The same address may open another business; the name of one is taken once.
  CHECK(w.send(Method::post, "/v1/auth/sign-ups", sign_up_body()).code() == "subdomain_taken");
  CHECK(w.send(Method::post, "/v1/auth/sign-ups", sign_up_body("acme2")).status() == 201);
}

TEST_CASE("an installation may approve businesses, or open none") {
  auto options = ApiWorld::quiet();
  options.sign_up = api::SignUp::approve;
  Team w(options);
  REQUIRE(w.send(Method::post, "/v1/auth/sign-ups", sign_up_body()).status() == 201);
  const auto confirmed = w.send(Method::post, "/v1/auth/email-verifications", R"({"token":")" + w.link_to("ada@acme.example") + "\"}");
  CHECK(confirmed.text("tenantStatus") == "PENDING");
  options.sign_up = api::SignUp::closed;
  Team closed(options);
  CHECK(closed.send(Method::post, "/v1/auth/sign-ups", sign_up_body()).code() == "sign_up_closed");
  options.sign_up = api::SignUp::open;
  options.sign_up_limit = 2;
  Team few(options);
  CHECK(few.send(Method::post, "/v1/auth/sign-ups", sign_up_body("a1")).status() == 201);
  CHECK(few.send(Method::post, "/v1/auth/sign-ups", sign_up_body("a2")).status() == 201);
  const auto third = few.send(Method::post, "/v1/auth/sign-ups", sign_up_body("a3"));
  CHECK(third.status() == 429);
  CHECK_FALSE(third.raw.header("Retry-After").empty());
}

TEST_CASE("what is wrong with a sign-up is told all at once") {
  Team w;
  const auto answer = w.send(
      Method::post, "/v1/auth/sign-ups",
      R"({"businessName":"","subdomain":"WWW.x","name":"A\u0007","email":"ada","password":"short","timeZone":"Mars/Base","locale":"?"})");
  CHECK(answer.faults() == "/businessName too_short; /email invalid_format; /locale too_short; /name invalid_format; /password too_short; "
                           "/subdomain invalid_format; /timeZone invalid_format");
  for (const auto* password : {"PassWord123", "aaaaaaaaaaaa", "ada@acme.example"}) {
    auto body = boost::json::parse(sign_up_body());
    body.as_object()["password"] = password;
    CHECK(w.send(Method::post, "/v1/auth/sign-ups", boost::json::serialize(body)).faults() == "/password too_common");
  }
  for (const auto* reserved : {"www", "provider", "admin"})
    CHECK(w.send(Method::post, "/v1/auth/sign-ups", sign_up_body(reserved)).faults() == "/subdomain invalid_format");
}

TEST_CASE("signing in: one answer for whatever is wrong, a new session each time, and an end to guessing") {
  Team w;
  REQUIRE(w.send(Method::post, "/v1/auth/sign-ups", sign_up_body()).status() == 201);
  const auto scrubbed = [](Answer answer) {
    answer.body.as_object().erase("requestId");
    return boost::json::serialize(answer.body);
  };
  const auto wrong = scrubbed(w.send(Method::post, "/v1/auth/sessions", sign_in_body("another horse battery")));
  CHECK(wrong.find("wrong_credentials") != std::string::npos);
  CHECK(scrubbed(w.send(Method::post, "/v1/auth/sessions", sign_in_body("correct horse battery", "bob@acme.example"))) == wrong);
  CHECK(scrubbed(w.send(Method::post, "/v1/auth/sessions",
                        R"({"subdomain":"nobody","email":"ada@acme.example","password":"correct horse battery"})")) == wrong);

  // A session that a stranger has put there is neither taken over nor of any use.
  const auto planted = w.seat(w.other_tenant, Role::owner, "mallory@x.example");
  const auto in = w.send(Method::post, "/v1/auth/sessions", sign_in_body(), {}, planted.headers());
  REQUIRE(in.status() == 201);
  const auto mine = cookie_of(in);
  CHECK(mine != planted.token);
  CHECK(w.send(Method::get, "/v1/auth/session", {}, {}, with_cookie(mine)).body.at("tenant").at("subdomain") == "acme");
  const auto again = cookie_of(w.send(Method::post, "/v1/auth/sessions", sign_in_body("correct horse battery", "ADA@acme.example")));
  CHECK(again != mine);
  CHECK(w.send(Method::get, "/v1/auth/sessions", {}, {}, with_cookie(again)).data().size() == 3);

  // With TLS, the cookie is for this host alone, and one without that name counts for nothing.
  const auto secure = w.send(Method::post, "/v1/auth/sessions", sign_in_body(), {}, {{"X-Forwarded-Proto", "https"}});
  CHECK(secure.raw.header("Set-Cookie").starts_with("__Host-orkestr="));
  CHECK(secure.raw.header("Set-Cookie").ends_with("; Secure"));
  CHECK(w.send(Method::get, "/v1/auth/session", {}, {}, {{"Cookie", "orkestr=" + mine}, {"X-Forwarded-Proto", "https"}}).status() == 401);
  CHECK(w.send(Method::get, "/v1/auth/session", {}, {}, {{"Cookie", "__Host-orkestr=" + mine}, {"X-Forwarded-Proto", "https"}}).status() ==
        200);

  for (int i = 0; i < 9; ++i) CHECK(w.send(Method::post, "/v1/auth/sessions", sign_in_body("another horse battery")).status() == 401);
  const auto closed = w.send(Method::post, "/v1/auth/sessions", sign_in_body());
  CHECK(closed.status() == 429); // even with the right one
  CHECK(closed.raw.header("Retry-After") == "60");
  // From elsewhere the owner still comes in.
  api::Request elsewhere{Method::post, "/v1/auth/sessions", {}, {}, "192.0.2.7"};
  const std::vector<api::HeaderView> json_type{{"Content-Type", "application/json"}};
  const auto body = sign_in_body();
  elsewhere.headers = json_type;
  elsewhere.body = body;
  CHECK(w.api.handle(elsewhere).status == 201);
  w.clock.advance(std::chrono::minutes{2});
  CHECK(w.send(Method::post, "/v1/auth/sessions", sign_in_body()).status() == 201);
}

TEST_CASE("sessions end: by hand, by time, with the password, with the member") {
  Team w;
  const auto owner = w.seat(w.tenant, Role::owner, "o@x.example"), sam = w.seat(w.tenant, Role::admin, "sam@x.example");
  const auto live = [&](const ApiWorld::Seat& seat) { return w.as(seat, Method::get, "/v1/auth/session").status() == 200; };
  const auto extra =
      cookie_of(w.send(Method::post, "/v1/auth/sessions",
                       R"({"subdomain":"atlas","email":"sam@x.example","password":")" + std::string{ApiWorld::password} + "\"}"));
  ApiWorld::Seat second{sam.member, extra};
  REQUIRE(live(second));
  SUBCASE("signing out ends one") {
    const auto out = w.as(second, Method::del, "/v1/auth/session");
    CHECK(out.status() == 204);
    CHECK(out.raw.header("Set-Cookie").find("Max-Age=0") != std::string_view::npos);
    CHECK_FALSE(live(second));
    CHECK(live(sam));
  }
  SUBCASE("one is ended from another, one's own only") {
    const auto id = w.as(second, Method::get, "/v1/auth/session").text("id");
    CHECK(w.as(owner, Method::del, "/v1/auth/sessions/" + id).status() == 404);
    CHECK(w.as(sam, Method::del, "/v1/auth/sessions/" + id).status() == 204);
    CHECK_FALSE(live(second));
  }
  SUBCASE("unused for a week") {
    w.clock.advance(std::chrono::days{6});
    CHECK(live(sam)); // noted
    REQUIRE(w.platform.run_due(w.clock.now()));
    w.clock.advance(std::chrono::days{6});
    CHECK(live(sam));
    CHECK_FALSE(live(second));
  }
  SUBCASE("thirty days at most") {
    for (int i = 0; i < 10; ++i) {
      w.clock.advance(std::chrono::days{3});
      if (i < 9) CHECK(live(sam));
      REQUIRE(w.platform.run_due(w.clock.now()));
    }
    CHECK_FALSE(live(sam));
  }
  SUBCASE("changing the password ends the others") {
    CHECK(
        w.as(sam, Method::post, "/v1/auth/member/password", R"({"current":"a wrong one here","password":"quite another phrase"})").code() ==
        "wrong_credentials");
    CHECK(w.as(sam, Method::post, "/v1/auth/member/password",
               R"({"current":")" + std::string{ApiWorld::password} + R"(","password":"quite another phrase"})")
              .status() == 204);
    CHECK(live(sam));
    CHECK_FALSE(live(second));
    CHECK(w.send(Method::post, "/v1/auth/sessions", R"({"subdomain":"atlas","email":"sam@x.example","password":"quite another phrase"})")
              .status() == 201);
  }
  SUBCASE("a reset ends all of them, and uses its link up") {
    CHECK(w.send(Method::post, "/v1/auth/password-resets", R"({"subdomain":"atlas","email":"nobody@x.example"})").raw.body == "{}");
    CHECK(w.send(Method::post, "/v1/auth/password-resets", R"({"subdomain":"nobody","email":"sam@x.example"})").raw.body == "{}");
    CHECK(w.link_to("nobody@x.example").empty());
    CHECK(w.send(Method::post, "/v1/auth/password-resets", R"({"subdomain":"atlas","email":"SAM@x.example"})").status() == 202);
    const auto link = w.link_to("sam@x.example");
    REQUIRE(link.starts_with("mlk_"));
    const auto body = R"({"token":")" + link + R"(","password":"quite another phrase"})";
    CHECK(w.send(Method::post, "/v1/auth/passwords", body).status() == 204);
    CHECK(w.send(Method::post, "/v1/auth/passwords", body).code() == "not_found");
    CHECK_FALSE(live(sam));
    CHECK_FALSE(live(second));
    CHECK(live(owner));
    // Links are mailed three at a time, and die.
    for (int i = 0; i < 5; ++i) (void)w.send(Method::post, "/v1/auth/password-resets", R"({"subdomain":"atlas","email":"sam@x.example"})");
    const auto last = w.link_to("sam@x.example");
    CHECK(w.mails_to("sam@x.example") == 4);
    w.clock.advance(std::chrono::hours{1});
    CHECK(w.send(Method::post, "/v1/auth/passwords", R"({"token":")" + last + R"(","password":"quite another phrase"})").code() ==
          "not_found");
  }
  SUBCASE("a deactivated member is out at once, with the keys they made") {
    const auto key = w.as(sam, Method::post, "/v1/provider/api-keys", R"({"name":"mine","scopes":["read","write","admin"]})").text("token");
    REQUIRE(w.send(Method::get, "/v1/api/me", {}, key).status() == 200);
    REQUIRE(w.send(Method::post, "/v1/auth/password-resets", R"({"subdomain":"atlas","email":"sam@x.example"})").status() == 202);
    const auto link = w.link_to("sam@x.example");
    CHECK(w.post("/v1/provider/members/deactivate", R"({"email":"Sam@x.example"})").text("status") == "DEACTIVATED");
    CHECK(w.post("/v1/provider/members/deactivate", R"({"email":"Sam@x.example"})").status() == 200);
    CHECK_FALSE(live(sam));
    CHECK_FALSE(live(second));
    CHECK(w.send(Method::get, "/v1/api/me", {}, key).status() == 401);
    CHECK(w.send(Method::post, "/v1/auth/passwords", R"({"token":")" + link + R"(","password":"quite another phrase"})").code() ==
          "not_found");
    CHECK(w.send(Method::post, "/v1/auth/sessions",
                 R"({"subdomain":"atlas","email":"sam@x.example","password":")" + std::string{ApiWorld::password} + "\"}")
              .code() == "wrong_credentials");
    CHECK(w.send(Method::get, "/v1/api/me", {}, w.key).status() == 200);
    const auto path = "/v1/provider/members/" + sam.member.id.str();
    CHECK(w.as(owner, Method::post, path + "/reactivate").text("status") == "ACTIVE");
    CHECK_FALSE(live(sam)); // back in, by signing in
    CHECK(w.send(Method::get, "/v1/api/me", {}, key).status() == 401);
  }
  SUBCASE("a suspended business: who is in learns that, and can do nothing") {
    const auto admin = w.make_admin("root@x.example");
    REQUIRE(w.send(Method::post, "/v1/admin/tenants/" + w.tenant.str() + "/suspend", R"({"reason":"x"})", admin.token).status() == 200);
    CHECK(w.as(owner, Method::get, "/v1/auth/session").body.at("tenant").at("status") == "SUSPENDED");
    CHECK(w.as(owner, Method::get, "/v1/api/offerings").code() == "tenant_suspended");
  }
  SUBCASE("an owner closes the business, once nothing is booked, and an admin of the platform opens it again") {
    const std::string path = "/v1/provider/close", own = R"({"subdomain":"atlas"})";
    const auto admin = w.seat(w.tenant, Role::admin, "a@x.example");
    CHECK(w.as(admin, Method::post, path, own).code() == "insufficient_role");
    const auto key = w.as(admin, Method::post, "/v1/provider/api-keys", R"({"name":"k","scopes":["read","write","admin"]})").text("token");
    CHECK(w.send(Method::post, path, own, key).code() == "insufficient_role"); // nor by a key that an admin has made
    CHECK(w.as(owner, Method::post, path, R"({"subdomain":"borealis"})").faults() == "/subdomain unknown_value");
    const auto loft = w.make_offering(w.tenant, "Soho Loft", 1);
    const auto booking = w.make_booking(loft, "2026-05-04T14:00:00Z").id.str();
    CHECK(w.as(owner, Method::post, path, own).code() == "invalid_transition");
    REQUIRE(w.post("/v1/api/bookings/" + booking + "/cancel").status() == 200);
    REQUIRE(w.send(Method::put, "/v1/provider/domain", R"({"domain":"book.atlas.example"})", w.admin).status() == 200);
    const auto calendar = w.as(owner, Method::post, "/v1/provider/calendar-token").text("url");
    CHECK(w.as(owner, Method::post, path, own).text("status") == "CLOSED");
    CHECK(w.as(owner, Method::get, "/v1/auth/session").body.at("tenant").at("status") == "CLOSED");
    const auto closed = [&] {
      return std::vector<std::string>{w.as(owner, Method::get, "/v1/api/offerings").code(),
                                      w.send(Method::get, "/v1/api/me", {}, w.key).code(), w.send(Method::get, "/v1/public/atlas").code(),
                                      w.send(Method::get, calendar.substr(calendar.find("/calendar/"))).code()};
    };
    for (const auto& code : closed()) CHECK(code == "tenant_closed");
    CHECK(w.as(owner, Method::post, path, own).code() == "tenant_closed");
    const auto root = w.make_admin("root@x.example");
    CHECK(w.send(Method::post, "/v1/admin/tenants/" + w.tenant.str() + "/suspend", R"({"reason":"x"})", root.token).code() ==
          "invalid_transition");
    CHECK(w.send(Method::post, "/v1/admin/tenants/" + w.tenant.str() + "/reinstate", "{}", root.token).text("status") == "ACTIVE");
    for (const auto& code : closed()) CHECK(code.empty());
    CHECK(w.as(owner, Method::get, "/v1/provider/domain").text("status") == "NONE");
  }
}

TEST_CASE("roles: who may make whom what, and the last owner stays") {
  Team w;
  const auto owner = w.seat(w.tenant, Role::owner, "o@x.example"), admin = w.seat(w.tenant, Role::admin, "a@x.example"),
             staff = w.seat(w.tenant, Role::staff, "s@x.example");
  const auto path = [](const ApiWorld::Seat& seat) { return "/v1/provider/members/" + seat.member.id.str(); };
  CHECK(w.as(admin, Method::patch, path(staff), R"({"role":"ADMIN"})").text("role") == "ADMIN");
  CHECK(w.as(staff, Method::get, "/v1/provider/api-keys").status() == 200); // the new role holds at once
  CHECK(w.as(admin, Method::patch, path(staff), R"({"role":"OWNER"})").code() == "insufficient_role");
  CHECK(w.as(admin, Method::patch, path(admin), R"({"role":"OWNER"})").code() == "insufficient_role");
  CHECK(w.as(admin, Method::patch, path(owner), R"({"name":"x"})").code() == "insufficient_role");
  CHECK(w.as(admin, Method::post, path(owner) + "/deactivate").code() == "insufficient_role");
  CHECK(w.as(admin, Method::post, "/v1/provider/invitations", R"({"email":"n@x.example","role":"OWNER"})").code() == "insufficient_role");
  // A key of an admin is no way around that, though it has every scope.
  const auto key = w.as(admin, Method::post, "/v1/provider/api-keys", R"({"name":"k","scopes":["read","write","admin"]})").text("token");
  CHECK(w.send(Method::post, path(owner) + "/deactivate", "{}", key).code() == "insufficient_role");
  CHECK(w.send(Method::patch, path(admin), R"({"role":"OWNER"})", key).code() == "insufficient_role");
  const auto scim = "/scim/v2/Users/" + owner.member.id.str();
  for (const auto* change : {R"({"Operations":[{"op":"replace","path":"userName","value":"mine@x.example"}]})",
                             R"({"Operations":[{"op":"replace","path":"active","value":false}]})"})
    CHECK(w.send(Method::patch, scim, change, key).text("code") == "insufficient_role");
  CHECK(w.send(Method::del, scim, {}, key).text("code") == "insufficient_role");
  CHECK(w.send(Method::post, "/scim/v2/Users", R"({"userName":"n@x.example","roles":["OWNER"]})", key).text("code") == "insufficient_role");
  CHECK(w.as(owner, Method::patch, path(owner), R"({"role":"ADMIN"})").code() == "last_owner");
  CHECK(w.as(owner, Method::post, path(owner) + "/deactivate").code() == "last_owner");
  CHECK(w.post("/v1/provider/members/deactivate", R"({"email":"o@x.example"})").code() == "last_owner");
  CHECK(w.as(owner, Method::patch, path(admin), R"({"role":"OWNER"})").status() == 200);
  CHECK(w.as(owner, Method::patch, path(owner), R"({"role":"STAFF"})").text("role") == "STAFF");
  CHECK(w.as(owner, Method::patch, path(staff), R"({"role":"STAFF"})").code() == "insufficient_role");
  CHECK(w.as(admin, Method::patch, path(admin), R"({"role":"ADMIN","email":"x@x.example"})").faults() == "/email read_only_field");
  const auto actions = w.send(Method::get, "/v1/provider/audit?subject=" + admin.member.id.str(), {}, w.admin);
  CHECK(actions.data()[0].at("action") == "member.update");
  CHECK(actions.data()[0].at("actor") == "MEMBER");
  CHECK(actions.data()[0].at("actorId").as_string() == owner.member.id.view());
  CHECK(actions.data()[0].at("detail") == "OWNER");
}

TEST_CASE("invitations") {
  Team w;
  const auto owner = w.seat(w.tenant, Role::owner, "o@x.example");
  const auto made = w.as(owner, Method::post, "/v1/provider/invitations", R"({"email":"Sam@x.example","role":"STAFF"})");
  REQUIRE(made.status() == 201);
  CHECK(made.body.at("url").is_null()); // it is in the mail
  CHECK(made.text("invitedBy") == owner.member.id.str());
  CHECK(made.text("expiresAt") == "2026-05-08T12:00:00Z");
  CHECK(w.as(owner, Method::post, "/v1/provider/invitations", R"({"email":"sam@x.example","role":"STAFF"})").code() == "email_taken");
  CHECK(w.as(owner, Method::post, "/v1/provider/invitations", R"({"email":"o@x.example","role":"STAFF"})").code() == "email_taken");
  const auto first = w.link_to("sam@x.example");
  const auto path = "/v1/provider/invitations/" + made.text("id");
  w.clock.advance(std::chrono::days{1});
  CHECK(w.as(owner, Method::post, path + "/resend").text("expiresAt") == "2026-05-09T12:00:00Z");
  const auto link = w.link_to("sam@x.example");
  CHECK(link != first);
  const auto look = [&](const std::string& token) {
    return w.send(Method::post, "/v1/auth/invitations/look", R"({"token":")" + token + "\"}");
  };
  CHECK(look(first).code() == "not_found");
  CHECK(look(link).raw.body == R"({"businessName":"Atlas Studios","subdomain":"atlas","email":"sam@x.example","role":"STAFF"})");
  const auto accept = R"({"token":")" + link + R"(","name":"Sam Lee","password":"correct horse battery"})";
  SUBCASE("accepted") {
    const auto in = w.send(Method::post, "/v1/auth/invitations/accept", accept);
    CHECK(in.status() == 201);
    CHECK(in.body.at("member").at("role") == "STAFF");
    CHECK(in.body.at("member").at("emailVerified") == true);
    CHECK(w.send(Method::get, "/v1/auth/session", {}, {}, with_cookie(cookie_of(in))).status() == 200);
    CHECK(w.send(Method::post, "/v1/auth/invitations/accept", accept).code() == "not_found");
    CHECK(w.as(owner, Method::get, "/v1/provider/invitations").data().empty());
    CHECK(w.as(owner, Method::del, path).status() == 404);
  }
  SUBCASE("taken back") {
    CHECK(w.as(owner, Method::del, path).status() == 204);
    CHECK(w.send(Method::post, "/v1/auth/invitations/accept", accept).code() == "not_found");
    CHECK(w.as(owner, Method::get, "/v1/provider/members").data().size() == 1);
    CHECK(w.as(owner, Method::post, "/v1/provider/invitations", R"({"email":"sam@x.example","role":"ADMIN"})").status() == 201);
  }
  SUBCASE("too late") {
    w.clock.advance(std::chrono::days{7});
    CHECK(w.send(Method::post, "/v1/auth/invitations/accept", accept).code() == "not_found");
    CHECK(w.post(path + "/resend").status() == 200);
  }
  SUBCASE("replayed under its key, for who sent it alone") {
    auto headers = owner.headers();
    headers.emplace_back("Idempotency-Key", "i1");
    const auto once = w.send(Method::post, "/v1/provider/invitations", R"({"email":"k@x.example","role":"STAFF"})", {}, headers);
    const auto twice = w.send(Method::post, "/v1/provider/invitations", R"({"email":"k@x.example","role":"STAFF"})", {}, headers);
    CHECK(once.raw.body == twice.raw.body);
    CHECK(twice.raw.header("Idempotent-Replayed") == "true");
    CHECK(
        w.send(Method::post, "/v1/provider/invitations", R"({"email":"k@x.example","role":"STAFF"})", w.admin, {{"Idempotency-Key", "i1"}})
            .code() == "idempotency_mismatch");
  }
}

TEST_CASE("a second factor") {
  Team w;
  const auto sam = w.seat(w.tenant, Role::staff, "sam@x.example");
  const auto in = [&](const std::string& code) {
    return w.send(Method::post, "/v1/auth/sessions",
                  R"({"subdomain":"atlas","email":"sam@x.example","password":")" + std::string{ApiWorld::password} +
                      (code.empty() ? "\"}" : R"(","code":")" + code + "\"}"));
  };
  CHECK(w.as(sam, Method::post, "/v1/auth/totp/confirm", R"({"code":"000000"})").code() == "invalid_transition");
  const auto begun = w.as(sam, Method::post, "/v1/auth/totp");
  REQUIRE(begun.status() == 201);
  CHECK(begun.text("uri") == "otpauth://totp/Atlas%20Studios:sam%40x.example?secret=" + begun.text("secret") +
                                 "&issuer=Atlas%20Studios&algorithm=SHA1&digits=6&period=30");
  CHECK(in("").status() == 201); // it counts for nothing yet
  // What an app does with it.
  std::string secret;
  unsigned held = 0;
  int bits = 0;
  for (const char c : begun.text("secret")) {
    held = held << 5 | static_cast<unsigned>(std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"}.find(c));
    if ((bits += 5) >= 8) secret += static_cast<char>(held >> (bits -= 8));
  }
  const auto code = [&] { return totp_code(secret, w.clock.now().ms / 30'000); };
  CHECK(w.as(sam, Method::post, "/v1/auth/totp/confirm", R"({"code":"000000"})").code() == "wrong_credentials");
  const auto on = w.as(sam, Method::post, "/v1/auth/totp/confirm", R"({"code":")" + code() + "\"}");
  REQUIRE(on.status() == 200);
  const auto& recovery = on.body.at("recoveryCodes").as_array();
  CHECK(recovery.size() == 8);
  CHECK(in("").code() == "code_required");
  CHECK(in(code()).code() == "code_required"); // used already
  w.clock.advance(std::chrono::seconds{30});
  CHECK(in(code()).status() == 201);
  CHECK(in(code()).code() == "code_required");
  const std::string spare{recovery[3].as_string()};
  CHECK(in(spare).status() == 201);
  CHECK(in(spare).code() == "code_required");
  CHECK(in("").code() == "code_required");
  // Codes are not to be tried out.
  for (int i = 0; i < 7; ++i) (void)in("12345" + std::to_string(i));
  CHECK(in("").status() == 429);
  w.clock.advance(std::chrono::minutes{10});
  CHECK(w.as(sam, Method::post, "/v1/auth/totp/disable", R"({"password":"a wrong one here"})").code() == "wrong_credentials");
  CHECK(w.as(sam, Method::post, "/v1/auth/totp/disable", R"({"password":")" + std::string{ApiWorld::password} + "\"}").status() == 204);
  CHECK(in("").status() == 201);
}

TEST_CASE("an identity provider makes members and takes them away (SCIM)") {
  Team w;
  const Headers scim{{"Content-Type", "application/scim+json"}};
  const auto made =
      w.post("/scim/v2/Users", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Sam@x.example","externalId":"00u1",
    "name":{"givenName":"Sam","familyName":"Lee"},"emails":[{"value":"sam@x.example","primary":true}],"active":true,"groups":[]})",
             scim);
  REQUIRE(made.status() == 201);
  CHECK(made.raw.header("Content-Type") == "application/scim+json");
  const auto path = "/scim/v2/Users/" + made.text("id");
  CHECK(made.raw.header("Location") == path);
  CHECK(made.text("userName") == "sam@x.example");
  CHECK(made.text("displayName") == "Sam Lee");
  CHECK(made.text("externalId") == "00u1");
  CHECK(made.body.at("active") == true);
  CHECK(w.link_to("sam@x.example").starts_with("mlk_"));
  const auto twice = w.post("/scim/v2/Users", R"({"userName":"sam@x.example"})", scim);
  CHECK(twice.status() == 409);
  CHECK(twice.text("scimType") == "uniqueness");
  CHECK(twice.text("status") == "409");
  const auto list = [&](const std::string& query) { return w.send(Method::get, "/scim/v2/Users" + query, {}, w.admin); };
  CHECK(list("?filter=userName%20eq%20%22SAM@x.example%22").number("totalResults") == 1);
  CHECK(list("?filter=userName%20eq%20%22bob@x.example%22").number("totalResults") == 0);
  CHECK(list("?filter=externalId%20eq%20%2200u1%22").number("totalResults") == 1);
  CHECK(list("?filter=userName%20sw%20%22s%22").text("scimType") == "invalidFilter");
  CHECK(list("?startIndex=1&count=0").body.at("Resources").as_array().empty());
  (void)w.seat(w.tenant, Role::owner, "o@x.example");
  CHECK(list("?startIndex=2&count=1").body.at("Resources").as_array().at(0).at("userName") == "o@x.example");
  // They come, and are taken away; both forms of a PATCH, and Entra's way to say false.
  REQUIRE(w.send(Method::post, "/v1/auth/invitations/accept",
                 R"({"token":")" + w.link_to("sam@x.example") + R"(","name":"Sam Lee","password":"correct horse battery"})")
              .status() == 201);
  for (const auto* off : {R"({"Operations":[{"op":"replace","path":"active","value":false}]})",
                          R"({"Operations":[{"op":"Replace","value":{"active":"False"}}]})"}) {
    CHECK(w.patch(path, off, scim).body.at("active") == false);
    CHECK(w.send(Method::post, "/v1/auth/sessions", R"({"subdomain":"atlas","email":"sam@x.example","password":"correct horse battery"})")
              .code() == "wrong_credentials");
    CHECK(w.patch(path, R"({"Operations":[{"op":"replace","path":"active","value":true},{"op":"remove","path":"title"}]})", scim)
              .body.at("active") == true);
  }
  CHECK(w.patch(path, R"({"Operations":[{"op":"replace","path":"roles","value":[{"value":"admin"}]}]})", scim)
            .body.at("roles")
            .as_array()
            .at(0)
            .at("value") == "ADMIN");
  CHECK(w.patch(path, R"({"Operations":[{"op":"replace","path":"roles","value":"king"}]})", scim).text("scimType") == "invalidValue");
  CHECK(w.patch(path, R"({"Operations":[{"op":"replace","path":"userName","value":"o@x.example"}]})", scim).text("scimType") ==
        "uniqueness");
  CHECK(w.send(Method::put, path, R"({"userName":"sam.lee@x.example","displayName":"Samuel"})", w.admin, scim).text("userName") ==
        "sam.lee@x.example");
  CHECK(w.del(path).status() == 204);
  CHECK(w.send(Method::get, path, {}, w.admin).body.at("active") == false);
  // The owner is not theirs to lock out.
  CHECK(w.post("/v1/provider/members/deactivate", R"({"email":"o@x.example"})").code() == "last_owner");
  CHECK(w.send(Method::get, path, {}, w.other_key).text("schemas").empty());
  CHECK(w.send(Method::get, path, {}, w.other_key).status() == 404);
  CHECK(w.send(Method::get, "/scim/v2/Users", {}, w.key).status() == 403);
  CHECK(w.send(Method::get, "/scim/v2/ServiceProviderConfig", {}, w.admin).body.at("patch").at("supported") == true);
}

TEST_CASE("an admin of the platform in a browser") {
  Team w;
  const auto admin = w.make_admin("root@x.example");
  const auto in = w.send(Method::post, "/v1/admin/sessions", R"({"token":")" + admin.token + "\"}");
  REQUIRE(in.status() == 201);
  CHECK(in.raw.body.find(admin.token) == std::string::npos);
  const auto cookie = cookie_of(in, "orkestr_admin");
  const auto as_admin = [&](Method method, const std::string& target, std::string_view origin = "http://console.localhost") {
    return w.send(method, target, method == Method::post ? "{}" : "", {},
                  {{"Cookie", "orkestr_admin=" + cookie}, {"Host", "console.localhost"}, {"Origin", std::string{origin}}});
  };
  CHECK(as_admin(Method::get, "/v1/admin/tenants").data().size() == 2);
  CHECK(as_admin(Method::get, "/v1/admin/session").body.at("admin").at("email") == "root@x.example");
  CHECK(as_admin(Method::get, "/v1/api/offerings").status() == 401); // they are no tenant's
  CHECK(as_admin(Method::post, "/v1/admin/tenants/" + w.tenant.str() + "/approve", "https://evil.example").code() == "cross_site");
  CHECK(as_admin(Method::post, "/v1/admin/tenants/" + w.tenant.str() + "/approve").code() == "invalid_transition");
  CHECK(w.send(Method::post, "/v1/admin/sessions", R"({"token":"oka_00000000.)" + std::string(48, 'x') + "\"}").code() ==
        "wrong_credentials");
  CHECK(w.send(Method::post, "/v1/admin/sessions", R"({"token":")" + w.admin + "\"}").code() == "wrong_credentials");
  SUBCASE("signs out") {
    CHECK(as_admin(Method::del, "/v1/admin/session").status() == 204);
    CHECK(as_admin(Method::get, "/v1/admin/tenants").status() == 401);
  }
  SUBCASE("is revoked") {
    REQUIRE(w.platform.revoke_admin(admin.admin.id));
    CHECK(as_admin(Method::get, "/v1/admin/tenants").status() == 401);
  }
  SUBCASE("after half a day") {
    w.clock.advance(std::chrono::hours{12});
    CHECK(as_admin(Method::get, "/v1/admin/tenants").status() == 401);
  }
}
