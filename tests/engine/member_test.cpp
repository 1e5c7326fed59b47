// Members: tokens, passwords, roles; and the codes of a second factor, by the standard's vectors.
#include "orkestr/engine/member.hpp"
#include "orkestr/engine/totp.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace orkestr;

TEST_CASE("a token finds its tenant, and only its exact form is one") {
  SeededRandom random{1};
  IdMinter ids{random};
  const auto tenant = ids.make<TenantId>(Instant{1'700'000'000'000});
  const auto token = make_member_token(member_session_word, tenant, random);
  CHECK(token.size() == 4 + 26 + 48);
  const auto parsed = MemberToken::parse(token, member_session_word);
  REQUIRE(parsed);
  CHECK(parsed->tenant == tenant);
  CHECK(parsed->hash.size() == 64);
  CHECK(parsed->hash != MemberToken::parse(make_member_token(member_session_word, tenant, random), member_session_word)->hash);
  CHECK_FALSE(MemberToken::parse(token, member_pass_word));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto broken = token;
    broken[i] = '\x01';
    CHECK_FALSE(MemberToken::parse(broken, member_session_word));
  }
  CHECK_FALSE(MemberToken::parse(token + "a", member_session_word));
  CHECK_FALSE(MemberToken::parse(token.substr(0, token.size() - 1), member_session_word));
  CHECK_FALSE(MemberToken::parse("", member_session_word));
}

TEST_CASE("passwords of any length and alphabet differ in every byte") {
  const std::string long_one(150, 'x');
  CHECK(password_secret(long_one) != password_secret(long_one + "y")); // bcrypt alone reads 72 bytes
  CHECK(password_secret(std::string{"a\0b", 3}) != password_secret("a"));
  CHECK(password_secret("пароль").size() <= 72);
}

TEST_CASE("who may manage whom") {
  for (const auto whom : {Role::client, Role::staff, Role::admin, Role::owner}) {
    CHECK(may_manage(Role::owner, whom));
    CHECK(may_manage(Role::admin, whom) == (whom != Role::owner));
    CHECK_FALSE(may_manage(Role::staff, whom));
    CHECK_FALSE(may_manage(Role::client, whom));
  }
}

TEST_CASE("a session ends by its age, or by lying idle") {
  MemberSession session;
  session.created_at = session.last_seen_at = Instant{};
  session.expires_at = Instant{} + member_session_life;
  CHECK(session.live(Instant{} + std::chrono::days{7} - milliseconds{1}));
  CHECK_FALSE(session.live(Instant{} + std::chrono::days{7}));
  session.last_seen_at = Instant{} + std::chrono::days{29};
  CHECK(session.live(session.expires_at - milliseconds{1}));
  CHECK_FALSE(session.live(session.expires_at));
}

TEST_CASE("TOTP: RFC 6238, appendix B, cut to six digits") {
  const std::string secret = "12345678901234567890";
  const std::pair<std::int64_t, const char*> vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                                                          {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& [seconds, code] : vectors) {
    CHECK(totp_code(secret, seconds / 30) == code);
    const Instant now{seconds * 1000};
    CHECK(totp_step(secret, code, now, 0) == seconds / 30);
    CHECK(totp_step(secret, code, now + std::chrono::seconds{30}, 0) == seconds / 30);
    CHECK(totp_step(secret, code, now - std::chrono::seconds{30}, 0) == seconds / 30);
    CHECK_FALSE(totp_step(secret, code, now + std::chrono::seconds{60}, 0));
    CHECK_FALSE(totp_step(secret, code, now, seconds / 30)); // used
    for (const auto* wrong : {"", "28708", "2870822", "28708x"}) CHECK_FALSE(totp_step(secret, wrong, now, 0));
  }
  // RFC 4648, section 10.
  CHECK(base32("") == "");
  CHECK(base32("f") == "MY");
  CHECK(base32("fo") == "MZXQ");
  CHECK(base32("foo") == "MZXW6");
  CHECK(base32("foob") == "MZXW6YQ");
  CHECK(base32("fooba") == "MZXW6YTB");
  CHECK(base32("foobar") == "MZXW6YTBOI");
  CHECK(totp_uri("foobar", "A & B", "a@x") ==
        "otpauth://totp/A%20%26%20B:a%40x?secret=MZXW6YTBOI&issuer=A%20%26%20B&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("recovery codes are typed from paper") {
  SeededRandom random{2};
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const auto code = make_recovery_code(random);
    CHECK(code.size() == 11);
    CHECK(code[5] == '-');
    CHECK(code.find_first_of("01IO") == std::string::npos);
    codes.insert(code);
  }
  CHECK(codes.size() == 1000);
}
