#include "orkestr/engine/secret_box.hpp"

#include "base/aead.hpp"
#include "base/text.hpp"

#include "engine/fixtures.hpp"

#include <set>

using namespace fixtures;

namespace {

struct Zeros final : Random {
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
};

SecretBox box(std::string_view keys) { return SecretBox::parse(keys).value(); }

} // namespace

TEST_CASE("AES-256-GCM: a published vector, and texts of every length") {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 and 14: key, nonce and plaintext of zeros.
  const std::array<std::uint8_t, 32> zeros{};
  Zeros no_random;
  const std::string nonce(24, '0');
  CHECK(to_hex(aead_seal(zeros, "", "", no_random)) == nonce + "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(to_hex(aead_seal(zeros, std::string(16, '\0'), "", no_random)) ==
        nonce + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919");
  SeededRandom random(3);
  std::array<std::uint8_t, 32> key{}, other{};
  random.fill(key);
  random.fill(other);
  for (std::size_t size = 0; size < 70; ++size) {
    std::string plain(size, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(plain.data()), size});
    const auto sealed = aead_seal(key, plain, "context", random);
    CHECK(sealed.size() == size + 28);
    CHECK(aead_open(key, sealed, "context") == plain);
    CHECK_FALSE(aead_open(key, sealed, "").has_value());
    CHECK_FALSE(aead_open(key, sealed, "contexu").has_value());
    CHECK_FALSE(aead_open(other, sealed, "context").has_value());
    CHECK_FALSE(aead_open(key, sealed + '\0', "context").has_value());
    CHECK_FALSE(aead_open(key, std::string_view{sealed}.substr(0, sealed.size() - 1), "context").has_value());
    CHECK_FALSE(aead_open(key, std::string_view{sealed}.substr(0, size % 28), "context").has_value());
  }
}

TEST_CASE("what is sealed opens under its own context and key alone") {
  SeededRandom random(1);
  const auto a = box(SecretBox::make_key(random)), b = box(SecretBox::make_key(random));
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const auto sealed = a.seal(secret, "tnt_1/whk_1", random);
  CHECK(sealed.starts_with("v1."));
  CHECK(sealed.find(secret) == std::string::npos);
  CHECK(a.open(sealed, "tnt_1/whk_1") == secret);
  for (const auto* context : {"", "tnt_1/whk_2", "tnt_2/whk_1", "tnt_1/whk_1 ", "TNT_1/whk_1"})
    CHECK_FALSE(a.open(sealed, context).has_value());
  CHECK_FALSE(b.open(sealed, "tnt_1/whk_1").has_value());
  CHECK_FALSE(SecretBox{}.open(sealed, "tnt_1/whk_1").has_value());
  CHECK(a.seal(secret, "tnt_1/whk_1", random) != sealed); // never under one nonce twice
  CHECK(a.open(a.seal("", "x", random), "x") == "");
  const std::string bytes("\0\xff\x80 binary", 10);
  CHECK(a.open(a.seal(bytes, bytes, random), bytes) == bytes);
}

TEST_CASE("a sealed text that was changed in any bit does not open") {
  SeededRandom random(2);
  const auto ring = box(SecretBox::make_key(random));
  const auto sealed = ring.seal("a secret", "context", random);
  std::size_t same = 0;
  for (std::size_t i = 0; i < sealed.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      // The other case of a hex digit is the same digit.
      if (i >= 12 && hex_digit(changed[i]) == hex_digit(sealed[i])) {
        ++same;
        continue;
      }
      CAPTURE(i);
      CAPTURE(bit);
      CHECK_FALSE(ring.open(changed, "context").has_value());
    }
  CHECK(same < sealed.size());
  for (std::size_t size = 0; size < sealed.size(); ++size) CHECK_FALSE(ring.open(sealed.substr(0, size), "context").has_value());
  for (const auto* tail : {"0", "00", "zz", " "}) CHECK_FALSE(ring.open(sealed + tail, "context").has_value());
  for (const auto* text : {"", ".", "v1.", "v1..", "v1.00000000.", "v2.00000000.00", "a secret"}) {
    CHECK_FALSE(ring.open(text, "context").has_value());
    CHECK_FALSE(ring.current(text));
  }
}

TEST_CASE("keys are rotated without a secret being lost") {
  SeededRandom random(4);
  const auto old_key = SecretBox::make_key(random), new_key = SecretBox::make_key(random);
  const auto before = box(old_key), during = box(new_key + "," + old_key), after = box(new_key);
  const auto sealed = before.seal("secret", "x", random);
  CHECK(before.current(sealed));
  CHECK(during.open(sealed, "x") == "secret");
  CHECK_FALSE(during.current(sealed));
  const auto again = during.seal(*during.open(sealed, "x"), "x", random);
  CHECK(during.current(again));
  CHECK(after.current(again));
  CHECK(after.open(again, "x") == "secret");
  CHECK_FALSE(after.open(sealed, "x").has_value());
  CHECK_FALSE(before.open(again, "x").has_value());
  CHECK_FALSE(before.current(again));
  CHECK_FALSE(SecretBox{}.current(again));
}

TEST_CASE("rings of keys as text") {
  SeededRandom random(5);
  std::set<std::string> keys;
  for (int i = 0; i < 50; ++i) keys.insert(SecretBox::make_key(random));
  CHECK(keys.size() == 50);
  for (const auto& key : keys) CHECK(key.size() == 44);
  const std::string a = *keys.begin(), b = *keys.rbegin();
  for (const auto* text : {"", " ", ",", " \t\r\n,,"}) CHECK(box(text).empty());
  const auto sealed = box(a).seal("secret", "x", random);
  for (const auto& text : {a, " " + a, a + "\n", b + "," + a, b + ", " + a, b + "\n" + a + "\n", "," + a + ",,", a + "," + a})
    CHECK(box(text).open(sealed, "x") == "secret");
  CHECK_FALSE(box(a).empty());
  for (const auto& text : {std::string{"x"}, a.substr(1), a.substr(0, 43), a + "=", a + b, a + ",x", "x," + a, a + ";" + b,
                           std::string{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}, std::string(48, 'A'), std::string(44, '!')}) {
    CAPTURE(text);
    CHECK(outcome(SecretBox::parse(text)) == "invalid_parameter");
    const auto refused = SecretBox::parse(text);
    if (!refused) CHECK(refused.error().detail.find(a) == std::string::npos); // which no log should show
  }
}

// ---- texts -------------------------------------------------------------------------------------------------------

TEST_CASE("hex, there and back") {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  const auto hex = to_hex(every);
  CHECK(hex.starts_with("000102030405060708090a0b0c0d0e0f10"));
  CHECK(hex.ends_with("fdfeff"));
  CHECK(from_hex(hex) == every);
  CHECK(from_hex("DEADbeef") == "\xde\xad\xbe\xef");
  CHECK(from_hex("") == "");
  for (const auto* text : {"0", "000", "0g", "g0", "0x", " 0", "0 ", "0\xc3", "-1", "@0", "/0", ":0"})
    CHECK_FALSE(from_hex(text).has_value());
  for (int c = 0; c < 256; ++c) {
    const std::string text = "0123456789abcdef";
    const auto lower = c >= 'A' && c <= 'Z' ? c + 32 : c;
    const auto found = lower == 0 ? std::string::npos : text.find(static_cast<char>(lower));
    CHECK(hex_digit(static_cast<char>(c)) == (found == std::string::npos ? -1 : static_cast<int>(found)));
  }
}

TEST_CASE("UTF-8: every character is known, and nothing else") {
  // What Unicode's table 3-6 encodes each code point to.
  std::set<std::string> characters;
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    std::string text;
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80)
      text += static_cast<char>(c);
    else if (c < 0x800)
      text += static_cast<char>(0xc0 | c >> 6), tail(0);
    else if (c < 0x10000)
      text += static_cast<char>(0xe0 | c >> 12), tail(6), tail(0);
    else
      text += static_cast<char>(0xf0 | c >> 18), tail(12), tail(6), tail(0);
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    if (utf8_size(text) != (surrogate ? 0 : text.size())) FAIL_CHECK(c);
    for (std::size_t cut = 0; cut < text.size(); ++cut)
      if (utf8_size(std::string_view{text}.substr(0, cut)) != 0) FAIL_CHECK(c);
    if (!surrogate && (c < 0x3000 || c % 97 == 0)) characters.insert(text);
  }
  // Every pair of bytes, and what could follow them: as many are characters as there are.
  std::size_t lead_pairs = 0;
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second), '\x80', '\x80'};
      const auto size = utf8_size(text);
      lead_pairs += size > 1 ? 1 : 0;
      if (size == 2 && !characters.contains(text.substr(0, 2))) FAIL_CHECK(first);
    }
  // 30 leads of two bytes with 64 seconds each, 16 of three less overlong and surrogate ones, 5 of four less those too high or low.
  CHECK(lead_pairs == 30 * 64 + (16 * 64 - 32 - 32) + (5 * 64 - 16 - 48));
  CHECK_FALSE(is_utf8("\xc0\x80"));
  CHECK_FALSE(is_utf8("ok \xed\xa0\x80"));
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));
  CHECK(is_utf8("żółć 日本 🎉"));
  CHECK(is_utf8(""));
}

TEST_CASE("a stranger's bytes become a text that every database keeps") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(clean_utf8("") == "");
  CHECK(clean_utf8("plain, żółć 日本 🎉\r\n\t\x01") == "plain, żółć 日本 🎉\r\n\t\x01");
  CHECK(clean_utf8(std::string_view{"a\0b", 3}) == "a" + mark + "b");
  CHECK(clean_utf8("a\xff") == "a" + mark);
  CHECK(clean_utf8("\xc3") == mark);                              // cut off
  CHECK(clean_utf8("\xf0\x9f\x8e") == mark + mark + mark);        // the first 3 bytes of 4
  CHECK(clean_utf8("\xc3(") == mark + "(");                       // what follows is kept
  CHECK(clean_utf8("\xed\xa0\x80!") == mark + mark + mark + "!"); // half a surrogate
  CHECK(clean_utf8(mark) == mark);
  Dice dice(seed());
  for (std::uint64_t round = 0; round < rounds(5'000); ++round) {
    std::string bytes;
    for (int n = dice.roll(0, 12); n > 0; --n) {
      const char32_t likely[] = {0, 'a', 0x7f, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff};
      bytes += static_cast<char>(dice.chance(70) ? dice.pick(likely) : static_cast<char32_t>(dice.roll(0, 255)));
    }
    const auto clean = clean_utf8(bytes);
    CHECK(is_utf8(clean));
    CHECK(clean.find('\0') == std::string::npos);
    CHECK(clean_utf8(clean) == clean);
    if (is_utf8(bytes) && bytes.find('\0') == std::string::npos) CHECK(clean == bytes);
  }
}
