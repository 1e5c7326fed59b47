#include "orkestr/engine/webhook_signature.hpp"

#include "orkestr/ports/random.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <thread>

using namespace fixtures;

namespace {

// The contract's vector; the id, the time, the secret and `v1` are those of Standard Webhooks' own libraries.
constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                           body = R"({"test": 2432232314})", v1_text = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                           hex_text = "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c";
constexpr std::int64_t timestamp = 1614265330;
constexpr Instant sent = Instant::from_seconds(timestamp);

WebhookSigner signer(std::string_view text = secret) { return WebhookSigner::make(text).value(); }

WebhookSigner random_signer(std::uint64_t seed) {
  SeededRandom random(seed);
  return signer(make_webhook_secret(random));
}

/// A request's headers, owned, to be changed one by one.
struct Headers {
  std::vector<std::pair<std::string, std::string>> rows;

  static Headers of(const WebhookDelivery& delivery, const WebhookSigner& signer, std::span<const WebhookSigner> others = {}) {
    Headers headers;
    for (const auto& [name, value] : webhook_headers(delivery, signer, others)) headers.rows.emplace_back(name, value);
    return headers;
  }
  std::string& operator[](std::string_view name) {
    return std::ranges::find(rows, name, [](const auto& row) { return std::string_view{row.first}; })->second;
  }
  /// Of that name in any case.
  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> values;
    for (auto [own, value] : rows) {
      for (char& c : own) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (own == name) values.push_back(value);
    }
    return values;
  }
  Headers with(std::string_view name, std::string value) const {
    Headers other = *this;
    other[name] = std::move(value);
    return other;
  }
  Headers without(std::string_view name) const {
    Headers other = *this;
    std::erase_if(other.rows, [&](const auto& row) { return row.first == name; });
    return other;
  }
  std::vector<WebhookHeaderView> view() const {
    std::vector<WebhookHeaderView> views;
    for (const auto& [name, value] : rows) views.push_back({name, value});
    return views;
  }
};

/// "ok", or where the fault is, its name and the error's code.
template <class T> std::string verdict(const Result<T>& result) {
  if (result) return "ok";
  const Error error = result.error();
  const Fault& fault = error.faults.at(0);
  REQUIRE(fault.detail == error.detail);
  return fault.pointer + " " + std::string{fault.code} + " " + std::string{info(error.code).name};
}

std::string verify(std::string_view text, const Headers& headers, const WebhookSigner& with = signer(), Instant now = sent,
                   milliseconds tolerance = webhook_tolerance) {
  return verdict(verify_webhook(text, headers.view(), {&with, 1}, now, tolerance));
}

std::string verify_body(std::string_view text, const Headers& headers, const WebhookSigner& with = signer()) {
  return verdict(verify_webhook_body(text, headers.view(), {&with, 1}));
}

const WebhookDelivery delivery{.delivery_id = id, .event = "webhook.test", .attempt = 3, .now = sent, .body = body};
constexpr auto wrong_v1 = "/webhook-signature wrong_signature unauthenticated";
constexpr auto wrong_hex = "/X-Orkestr-Signature wrong_signature unauthenticated";

} // namespace

TEST_CASE("the published vector") {
  CHECK(signer().signature(id, timestamp, body) == v1_text);
  CHECK(signer().body_signature(body) == hex_text);

  Headers headers{{{"webhook-id", std::string{id}}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", std::string{v1_text}}}};
  CHECK(verify(body, headers) == "ok");
  Headers reference{{{"X-Orkestr-Signature", std::string{hex_text}}}};
  CHECK(verify_body(body, reference) == "ok");
  CHECK(verify(body, reference) == "/webhook-id missing invalid_header");
  CHECK(verify_body(body, headers) == "/X-Orkestr-Signature missing invalid_header");
}

TEST_CASE("the longest secret, whose text is longer than a block of the hash") { // worked out by Python's hmac
  const auto by = signer("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==");
  CHECK(by.signature(id, timestamp, body) == "v1,LZ5zuwHTqQH3VM8ERUusjzVQq1FXzemvpR8Mk7Ivp5c=");
  CHECK(by.body_signature(body) == "26d2cb2bddf6bc298305ddd3af6e8ad784f75456a3fd485878232994f28a98e8");
}

TEST_CASE("a delivery's headers") {
  const std::vector<std::pair<std::string, std::string>> expected{{"X-Orkestr-Signature", std::string{hex_text}},
                                                                  {"X-Orkestr-Delivery-Id", std::string{id}},
                                                                  {"X-Orkestr-Event", "webhook.test"},
                                                                  {"X-Orkestr-Attempt", "3"},
                                                                  {"webhook-id", std::string{id}},
                                                                  {"webhook-timestamp", "1614265330"},
                                                                  {"webhook-signature", std::string{v1_text}}};
  CHECK(Headers::of(delivery, signer()).rows == expected);

  auto later = delivery;
  later.now = sent + milliseconds{999};
  CHECK(Headers::of(later, signer()).rows == expected);

  for (const std::string bad : {"", "a.b", "a b", "a\r\nX-Other: b", "\x80", "\x7f"}) {
    CAPTURE(bad);
    auto other = delivery;
    other.delivery_id = bad;
    CHECK_THROWS_AS((void)webhook_headers(other, signer()), std::invalid_argument);
    if (bad == "a.b") continue; // as every event's name
    other = delivery;
    other.event = bad;
    CHECK_THROWS_AS((void)webhook_headers(other, signer()), std::invalid_argument);
  }
}

TEST_CASE("secrets are made in their shape, and each is its own") {
  SystemRandom random;
  std::set<std::string> made;
  for (int i = 0; i < 200; ++i) {
    const auto text = make_webhook_secret(random);
    REQUIRE(text.size() == 6 + 44);
    REQUIRE(is_webhook_secret(text));
    made.insert(text);
  }
  CHECK(made.size() == 200);
}

TEST_CASE("a secret has the exact shape") {
  const auto base64_of = [](std::size_t bytes) { // of zeros
    return "whsec_" + std::string((bytes * 8 + 5) / 6, 'A') + std::string((3 - bytes % 3) % 3, '=');
  };
  for (std::size_t bytes = 0; bytes < 100; ++bytes) {
    CAPTURE(bytes);
    CHECK(is_webhook_secret(base64_of(bytes)) == (bytes >= 24 && bytes <= 64));
    CHECK(WebhookSigner::make(base64_of(bytes)).has_value() == is_webhook_secret(base64_of(bytes)));
  }
  const std::string good = base64_of(32), padded_twice = base64_of(25);
  std::vector<std::string> bad{"",
                               "whsec_",
                               good.substr(6),
                               "Whsec_" + good.substr(6),
                               "whsec-" + good.substr(6),
                               " " + good,
                               good + " ",
                               good + "\n",
                               good + "====",
                               good + good,
                               "whsec_ " + good.substr(7),
                               "whsec_" + std::string(1'000'000, 'A'),
                               good.substr(0, good.size() - 1),        // unpadded
                               good.substr(0, good.size() - 2) + "B=", // bits that no byte takes
                               padded_twice.substr(0, padded_twice.size() - 3) + "B==",
                               good.substr(0, good.size() - 3) + "===",
                               good.substr(0, good.size() - 4) + "====",
                               "whsec_" + std::string(20, 'A') + "AA==" + std::string(20, 'A')};
  for (char c : std::string_view("-_ .=\0\n\t\x80", 9)) {
    std::string other = good;
    other[20] = c;
    bad.push_back(other);
  }
  for (const auto& text : bad) {
    CAPTURE(text);
    CHECK_FALSE(is_webhook_secret(text));
    CHECK_FALSE(WebhookSigner::make(text));
  }
}

TEST_CASE("what was verified is what was signed") {
  const auto event_of = [](std::string_view text) {
    auto other = delivery;
    other.body = text;
    const auto by = signer();
    auto result = verify_webhook(text, Headers::of(other, by).view(), {&by, 1}, sent + milliseconds{1500});
    REQUIRE(result);
    CHECK(result->delivery_id == id);
    CHECK(result->sent_at == sent);
    return result->event;
  };
  // X-Orkestr-Event says webhook.test each time, and no signature covers it.
  CHECK(event_of(R"({"id":"evt_1","type":"booking.confirmed","data":{"type":"other"}})") == "booking.confirmed");
  for (auto text : {"", "{}", "[]", "null", R"({"type":1})", R"({"data":{"type":"inner"}})", R"({"type":"a","type":"b"})", "\xff"})
    CHECK(event_of(text).empty());
}

TEST_CASE("names of headers in any case") {
  auto headers = Headers::of(delivery, signer());
  for (auto& [name, value] : headers.rows)
    for (char& c : name) c = static_cast<char>(std::toupper(c));
  CHECK(verify(body, headers) == "ok");
  CHECK(verify_body(body, headers) == "ok");
  for (auto& row : headers.rows)
    for (char& c : row.first)
      if (c == '-') c = '_';
  CHECK(verify(body, headers) == "/webhook-id missing invalid_header");
}

TEST_CASE("the tolerance holds to the millisecond, both ways") {
  const auto headers = Headers::of(delivery, signer());
  const auto at_age = [&](std::int64_t age, milliseconds tolerance) {
    return verify(body, headers, signer(), sent + milliseconds{age}, tolerance);
  };
  constexpr auto old = "/webhook-timestamp too_old unauthenticated", early = "/webhook-timestamp too_new unauthenticated";
  for (const std::int64_t limit : {0, 1, 1000, 300'000}) {
    CAPTURE(limit);
    CHECK(at_age(limit, milliseconds{limit}) == "ok");
    CHECK(at_age(limit + 1, milliseconds{limit}) == old);
    CHECK(at_age(-limit, milliseconds{limit}) == "ok");
    CHECK(at_age(-limit - 1, milliseconds{limit}) == early);
  }
  CHECK(verify(body, headers, signer(), sent + std::chrono::minutes{5}) == "ok");
  CHECK(verify(body, headers, signer(), sent + std::chrono::minutes{5} + milliseconds{1}) == old);
  CHECK(verify(body, headers, signer(), sent - std::chrono::minutes{5} - milliseconds{1}) == early);
  CHECK(verify(body, headers, signer(), {}) == early);
}

TEST_CASE("rotation: the list holds an entry of each secret, the reference's header one of the signing one") {
  const std::vector<WebhookSigner> all{random_signer(1), random_signer(2), random_signer(3)};
  for (std::size_t first = 0; first < all.size(); ++first) {
    std::vector<WebhookSigner> others = all;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(first));
    const auto headers = Headers::of(delivery, all[first], others);
    CHECK(Headers(headers)["webhook-signature"].size() == 3 * 47 + 2);
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(verify(body, headers, all[i]) == "ok");
      CHECK(verify_body(body, headers, all[i]) == (i == first ? "ok" : wrong_hex));
    }
    CHECK(verify(body, headers, random_signer(4)) == wrong_v1);
    // A receiver that holds several secrets.
    const std::vector<WebhookSigner> held{random_signer(4), all[first], random_signer(5)};
    CHECK(verdict(verify_webhook(body, headers.view(), held, sent)) == "ok");
    CHECK(verdict(verify_webhook_body(body, headers.view(), held)) == "ok");
    CHECK(verdict(verify_webhook(body, headers.view(), {}, sent)) == wrong_v1);
    CHECK(verdict(verify_webhook_body(body, headers.view(), {})) == wrong_hex);
  }
}

TEST_CASE("other versions in the list are passed over") {
  const auto headers = Headers::of(delivery, signer());
  const auto with = [&](const std::string& list) { return verify(body, headers.with("webhook-signature", list)); };
  const std::string good{v1_text}, stranger = random_signer(9).signature(id, timestamp, body);
  CHECK(with("v1a,abc " + good) == "ok");
  CHECK(with(good + " v2,anything,at=all! v1a,x") == "ok");
  CHECK(with(stranger + " " + good + " " + stranger) == "ok");
  CHECK(with("v2," + good.substr(3)) == wrong_v1);
  CHECK(with("V1," + good.substr(3)) == wrong_v1);
  CHECK(with("v11," + good.substr(3)) == wrong_v1);
  CHECK(with(stranger) == wrong_v1);
}

TEST_CASE("each malformed header is refused as such") {
  const auto headers = Headers::of(delivery, signer());
  for (const std::string_view name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    CHECK(verify(body, headers.without(name)) == "/" + std::string{name} + " missing invalid_header");
    auto twice = headers;
    twice.rows.emplace_back(name, twice[name]);
    CHECK(verify(body, twice) == "/" + std::string{name} + " repeated invalid_header");
    twice.rows.back().first[0] = 'W';
    CHECK(verify(body, twice) == "/" + std::string{name} + " repeated invalid_header");
  }
  auto twice = headers;
  twice.rows.emplace_back("x-orkestr-signature", hex_text);
  CHECK(verify_body(body, twice) == "/X-Orkestr-Signature repeated invalid_header");
  CHECK(verdict(verify_webhook(body, {}, {}, sent)) == "/webhook-id missing invalid_header");

  const std::string good{v1_text}, digits = good.substr(3), hex{hex_text}, zero(1, '\0');
  const std::vector<std::pair<std::string_view, std::vector<std::string>>> shapes{
      {"webhook-id", {"", "msg.1", " msg", "msg ", "m\x80g", "m\ng", "m" + zero, std::string(256, 'm'), std::string(100'000, 'm')}},
      {"webhook-timestamp",
       {"", " ", "-1", "+1614265330", " 1614265330", "1614265330 ", "01614265330", "00", "1614265330.0", "1e9", "0x60380000",
        "1614265330" + zero, "161426533O", "1614265330000", "99999999999999999999999999", "NaN", "Thu, 25 Feb 2021 15:02:10 GMT", "١"}},
      {"webhook-signature",
       {"",
        " ",
        ",",
        "v1",
        "v1,",
        digits,
        "v1" + digits,
        "v1=" + digits,
        "v1 ," + digits,
        "," + digits,
        good + " ",
        " " + good,
        good + "  " + good,
        good + "," + good,
        good + "\t" + good,
        good + ";",
        "v1," + digits.substr(0, 43),
        "v1," + digits.substr(0, 43) + "A",
        good + "=",
        "v1," + digits.substr(0, 42) + "F=",
        "v1," + std::string(44, '='),
        "v1," + std::string(44, '-'),
        good + " v1,short",
        good + " v2",
        good + " v2,",
        good + zero,
        "v1," + hex,
        std::string(100'000, ' '),
        std::string(100'000, ','),
        "v1," + std::string(100'000, 'A')}}};
  for (const auto& [name, values] : shapes)
    for (const auto& value : values) {
      CAPTURE(value);
      CHECK(verify(body, headers.with(name, value)) == "/" + std::string{name} + " malformed invalid_header");
    }
  for (const auto& value : {std::string{}, hex.substr(1), hex + "0", "sha256=" + hex, "8" + hex.substr(0, 62) + "G", "80EC" + hex.substr(4),
                            hex.substr(0, 63) + zero, hex + "," + hex, std::string(100'000, 'a')}) {
    CAPTURE(value);
    CHECK(verify_body(body, headers.with("X-Orkestr-Signature", value)) == "/X-Orkestr-Signature malformed invalid_header");
  }
}

TEST_CASE("one changed bit of anything signed is refused") {
  const auto headers = Headers::of(delivery, signer());
  for (std::size_t i = 0; i < body.size() * 8; ++i) {
    std::string other{body};
    other[i / 8] = static_cast<char>(other[i / 8] ^ (1 << i % 8));
    REQUIRE(verify(other, headers) == wrong_v1);
    REQUIRE(verify_body(other, headers) == wrong_hex);
  }
  for (const auto& other :
       {std::string{}, std::string{body.substr(1)}, std::string{body} + "\n", std::string{body} + std::string(1, '\0')}) {
    CHECK(verify(other, headers) == wrong_v1);
    CHECK(verify_body(other, headers) == wrong_hex);
  }
  for (const std::string_view name : {"webhook-id", "webhook-timestamp", "webhook-signature"})
    for (std::size_t i = 0; i < Headers(headers)[name].size() * 8; ++i) {
      auto other = headers;
      other[name][i / 8] = static_cast<char>(other[name][i / 8] ^ (1 << i % 8));
      REQUIRE(verify(body, other) != "ok");
    }
  for (std::size_t i = 0; i < hex_text.size() * 8; ++i) {
    auto other = headers;
    other["X-Orkestr-Signature"][i / 8] = static_cast<char>(other["X-Orkestr-Signature"][i / 8] ^ (1 << i % 8));
    REQUIRE(verify_body(body, other) != "ok");
  }
}

TEST_CASE("a signature stands for one message only") {
  // What is signed reads the same: `a.1.2.b`.
  auto headers = Headers::of({.delivery_id = "a", .event = "e", .now = Instant::from_seconds(1), .body = "2.b"}, signer());
  CHECK(verify("2.b", headers, signer(), Instant::from_seconds(1)) == "ok");
  headers["webhook-id"] = "a.1";
  headers["webhook-timestamp"] = "2";
  CHECK(verify("b", headers, signer(), Instant::from_seconds(2)) == "/webhook-id malformed invalid_header");
}

TEST_CASE("random deliveries, and headers changed at random") {
  Dice dice(seed());
  SeededRandom random(seed());
  int refused_for_form = 0, refused_for_signature = 0, unhurt = 0;
  for (std::uint64_t i = 0; i < rounds(3000); ++i) {
    const auto by = signer(make_webhook_secret(random));
    std::string text(static_cast<std::size_t>(dice.roll(0, 300)), ' ');
    for (char& c : text) c = static_cast<char>(dice.bits());
    const std::string name = "dlv_" + random_alphanumeric(random, 26);
    const Instant now = Instant::from_seconds(dice.between(0, 99'999'999'999)) + milliseconds{dice.roll(0, 999)};
    const auto headers = Headers::of({.delivery_id = name, .event = "booking.created", .now = now, .body = text}, by);
    REQUIRE(verify(text, headers, by, now) == "ok");
    REQUIRE(verify_body(text, headers, by) == "ok");

    // With all of time allowed, so that what is refused is refused for the rest.
    auto changed = headers;
    for (int n = dice.roll(1, 3); n > 0; --n) {
      auto& row = changed.rows[static_cast<std::size_t>(dice.roll(0, 6))];
      auto& value = dice.chance(10) ? row.first : row.second;
      const auto place = static_cast<std::size_t>(dice.roll(0, static_cast<int>(value.size())));
      switch (dice.roll(1, 5)) {
      case 1: value.insert(place, 1, static_cast<char>(dice.bits())); break;
      case 2: value.insert(place, 1, dice.pick(std::string_view(" ,.=-0v1"))); break;
      case 3: value.erase(place, static_cast<std::size_t>(dice.roll(1, 4))); break;
      case 4:
        if (place < value.size()) value[place] = static_cast<char>(dice.bits());
        break;
      default: value = changed.rows[static_cast<std::size_t>(dice.roll(0, 6))].second;
      }
    }
    const auto result = verify_webhook(text, changed.view(), {&by, 1}, now, std::chrono::hours{24 * 365 * 40'000});
    const bool untouched =
        changed.all("webhook-id") == headers.all("webhook-id") && changed.all("webhook-timestamp") == headers.all("webhook-timestamp");
    const auto list = changed.all("webhook-signature"), before = headers.all("webhook-signature");
    if (untouched && list == before) REQUIRE(verdict(result) == "ok");
    // A list may have gained an entry of another version.
    if (result) REQUIRE((untouched && list.size() == 1 && list[0].find(before[0]) != std::string::npos));
    if (result)
      ++unhurt;
    else if (result.error().code == Code::invalid_header)
      ++refused_for_form;
    else
      ++refused_for_signature;
  }
  CHECK(std::min({unhurt, refused_for_form, refused_for_signature}) > 0);
}

TEST_CASE("threads share a signer") {
  const auto by = signer();
  std::vector<int> right(4);
  std::vector<std::thread> threads;
  for (int& count : right)
    threads.emplace_back([&, copy = by] {
      for (int i = 0; i < 2000; ++i) count += by.body_signature(body) == hex_text && copy.signature(id, timestamp, body) == v1_text;
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == std::vector<int>(4, 2000));
}
