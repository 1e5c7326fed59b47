#include "orkestr/engine/admin.hpp"

#include "support/results.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace orkestr;

TEST_CASE("a tenant's state changes as the table says and in no other way") {
  int allowed = 0;
  for (const auto from : {TenantStatus::pending, TenantStatus::active, TenantStatus::suspended, TenantStatus::closed})
    for (const auto action : {TenantAction::approve, TenantAction::suspend, TenantAction::reinstate, TenantAction::close}) {
      const auto to = next_status(from, action);
      allowed += to.has_value();
      if (!to) CHECK(to.error().code == Code::invalid_transition);
      if (!to) CHECK(to.error().detail.find(json::name_of(from)) != std::string::npos);
    }
  CHECK(allowed == 6);
  CHECK(next_status(TenantStatus::pending, TenantAction::approve).value() == TenantStatus::active);
  CHECK(next_status(TenantStatus::active, TenantAction::suspend).value() == TenantStatus::suspended);
  CHECK(next_status(TenantStatus::suspended, TenantAction::reinstate).value() == TenantStatus::active);
  CHECK(next_status(TenantStatus::active, TenantAction::close).value() == TenantStatus::closed);
  CHECK(next_status(TenantStatus::closed, TenantAction::reinstate).value() == TenantStatus::active);
  std::ifstream file(std::string{ORKESTR_DOCS} + "/trust.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str().find("<!-- tenants begin -->\n" + tenant_transitions_markdown() + "<!-- tenants end -->") != std::string::npos);
}

TEST_CASE("tokens of admins and keys of tenants are not taken for one another") {
  SeededRandom random{5};
  const auto admin = make_token(random, admin_word), key = make_token(random);
  CHECK(admin.text().starts_with("oka_"));
  CHECK(key.text().starts_with("ork_"));
  CHECK(ApiToken::parse(admin.text(), admin_word)->secret == admin.secret);
  CHECK(ApiToken::parse(admin.text(), admin_word)->prefix == admin.prefix);
  CHECK_FALSE(ApiToken::parse(admin.text()));
  CHECK_FALSE(ApiToken::parse(key.text(), admin_word));
  for (const auto& text : {"oka-" + admin.prefix + "." + admin.secret, "oka_" + admin.prefix + ":" + admin.secret,
                           "oka_" + admin.prefix + "." + std::string(73, 'x'), "oka_" + admin.prefix + "." + std::string(39, 'x')})
    CHECK_FALSE_MESSAGE(ApiToken::parse(text, admin_word), text);
}

TEST_CASE("an admin has an address") {
  for (const auto& [email, good] : {std::pair{"ada@example.com", true}, {"ada", false}, {"ada@", false}, {"@example.com", false}}) {
    json::Reader reader;
    Admin admin;
    admin.email = email;
    validate(admin, reader);
    CHECK_MESSAGE(reader.ok() == good, email);
  }
}
