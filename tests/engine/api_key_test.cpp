#include "orkestr/engine/api_key.hpp"

#include "engine/fixtures.hpp"

#include <set>

using namespace fixtures;

TEST_CASE("a token has the exact shape") {
  const auto token = [](std::size_t secret, std::string_view prefix = "0123abcd") {
    return "ork_" + std::string{prefix} + "." + std::string(secret, 'x');
  };
  for (std::size_t size : {40, 48, 71, 72}) CHECK(ApiToken::parse(token(size)));
  for (std::size_t size : {0, 1, 39, 73, 100, 100'000}) CHECK_FALSE(ApiToken::parse(token(size)));
  const std::string full = "ork_0123abcd." + std::string(20, 'A') + std::string(20, '9');
  const auto parsed = ApiToken::parse(full);
  REQUIRE(parsed);
  CHECK(parsed->prefix == "0123abcd");
  CHECK(parsed->secret == std::string(20, 'A') + std::string(20, '9'));

  const std::string good = token(48);
  std::vector<std::string> bad{"",
                               "ork_",
                               token(48, "0123ABCD"),
                               token(48, "0123abcg"),
                               token(48, "0123abc"),
                               token(48, "0123abcde"),
                               "Ork_" + good.substr(4),
                               " " + good,
                               good + " ",
                               good + "\n",
                               "ork-" + good.substr(4),
                               "sk_" + good.substr(4)};
  for (char c : std::string_view("-_.+/= \0\n\x80", 10)) {
    std::string other = good;
    other[30] = c;
    bad.push_back(other);
  }
  std::string no_dot = good;
  no_dot[12] = 'x';
  bad.push_back(no_dot);
  for (const auto& text : bad) {
    CAPTURE(text);
    CHECK_FALSE(ApiToken::parse(text));
  }
}

TEST_CASE("tokens are made in that shape, and each is its own") {
  SystemRandom random;
  std::set<std::string> prefixes, secrets;
  for (int i = 0; i < 500; ++i) {
    const auto made = make_token(random);
    const std::string text = made.text();
    const auto parsed = ApiToken::parse(text);
    REQUIRE(parsed);
    REQUIRE(parsed->prefix == made.prefix);
    REQUIRE(parsed->secret == made.secret);
    prefixes.insert(made.prefix);
    secrets.insert(made.secret);
  }
  CHECK(prefixes.size() > 495); // 32 bits: a repetition is possible, several are not
  CHECK(secrets.size() == 500);
}

TEST_CASE("random letters and digits are drawn evenly") {
  SeededRandom random(7);
  const std::string text = random_alphanumeric(random, 62'000);
  REQUIRE(text.size() == 62'000);
  std::array<int, 256> counts{};
  for (char c : text) ++counts[static_cast<unsigned char>(c)];
  for (char c : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"}) {
    CAPTURE(c);
    // 1,000 expected, standard deviation 31.4; taking bytes modulo 62 would give eight characters a quarter more.
    CHECK(std::abs(counts[static_cast<unsigned char>(c)] - 1000) < 160);
  }
}

TEST_CASE("bcrypt verifies the secret and nothing else") {
  SystemRandom random;
  const std::string secret(48, 'k');
  const std::string hash = bcrypt_hash(secret, random, 4), again = bcrypt_hash(secret, random, 4);
  CHECK(hash.starts_with("$2b$04$"));
  CHECK(hash.size() == 60);
  CHECK(hash != again); // salted
  CHECK(bcrypt_verify(secret, hash));
  CHECK(bcrypt_verify(secret, again));
  CHECK_FALSE(bcrypt_verify(secret + "x", hash));
  CHECK_FALSE(bcrypt_verify(secret.substr(1), hash));
  CHECK_FALSE(bcrypt_verify("", hash));
  CHECK_FALSE(bcrypt_verify("K" + secret.substr(1), hash));
  for (const std::string& none :
       {std::string{}, std::string{"*0"}, std::string{"x"}, hash.substr(0, 59), hash + "a", std::string{"$2b$04$"}}) {
    CAPTURE(none);
    CHECK_FALSE(bcrypt_verify(secret, none));
  }
  // The 72nd byte still counts, which is why 73 are refused.
  const std::string longest(72, 'k');
  const std::string long_hash = bcrypt_hash(longest, random, 4);
  CHECK(bcrypt_verify(longest, long_hash));
  CHECK_FALSE(bcrypt_verify(longest.substr(0, 71) + "x", long_hash));
  // A hash made elsewhere (the reference vector of the OpenBSD implementation).
  CHECK(bcrypt_verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST_CASE("a key lives until it is revoked or expires") {
  const Instant now = at("2026-05-12T15:00:00Z");
  ApiKey key;
  CHECK(key.live(now));
  key.expires_at = now + milliseconds{1};
  CHECK(key.live(now));
  key.expires_at = now;
  CHECK_FALSE(key.live(now));
  key.expires_at.reset();
  key.revoked_at = now - milliseconds{1};
  CHECK_FALSE(key.live(now));
}
