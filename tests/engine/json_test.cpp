#include "orkestr/base/json.hpp"

#include "engine/fixtures.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

using namespace fixtures;
using namespace std::string_literals;

namespace {

std::string refusal(std::string_view text, const json::ParseLimits& limits = {}) { return outcome(json::parse(text, limits)); }

template <class Write> std::string written(Write&& write) {
  std::string text;
  json::Writer w(text);
  write(w);
  return text;
}

} // namespace

TEST_CASE("valid documents are read as they are") {
  for (std::string_view text :
       {R"({})", R"([])", R"(null)", R"("a")", R"(-0)", R"({"a":1,"b":[true,false,null],"c":{"a":2}})", R"([{"a":1},{"a":2}])",
        R"([1,-1,9223372036854775807,-9223372036854775808])", "[\"\u00e4\u20ac\U0001F3E0\"]"}) {
    CAPTURE(text);
    const auto value = json::parse(text);
    REQUIRE(value);
    if (text != "-0") CHECK(boost::json::serialize(*value) == text);
  }
  CHECK(json::parse(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"));
  CHECK(json::parse(R"("\ud83c\udfe0\u0041\n\/")")->as_string() == "\U0001F3E0A\n/");
  CHECK(json::parse(R"("\u0000")")->as_string().size() == 1);
}

TEST_CASE("malformed documents are refused") {
  for (const std::string& text : {""s,
                                  " "s,
                                  "{"s,
                                  "}"s,
                                  "["s,
                                  "[1"s,
                                  "[1,"s,
                                  "[1,]"s,
                                  "{\"a\"}"s,
                                  "{\"a\":}"s,
                                  "{\"a\":1,}"s,
                                  "{a:1}"s,
                                  "{'a':1}"s,
                                  "nul"s,
                                  "nulll"s,
                                  "True"s,
                                  "01"s,
                                  "+1"s,
                                  ".5"s,
                                  "1."s,
                                  "1e"s,
                                  "0x10"s,
                                  "NaN"s,
                                  "Infinity"s,
                                  "-"s,
                                  "\"a"s,
                                  "\"\\x\""s,
                                  "\"\\u12\""s,
                                  "\"a\nb\""s,
                                  "\"a\tb\""s,
                                  "\"a\0b\""s,
                                  "// c\n1"s,
                                  "/* c */1"s,
                                  "1 // c"s,
                                  "\"\\ud800\""s,
                                  "\"\\udc00\""s,
                                  "\"\\ud800\\u0041\""s,
                                  "{\"\\ud800\":1}"s,
                                  "[1 2]"s,
                                  "{\"a\" 1}"s,
                                  "{\"a\":1 \"b\":2}"s,
                                  "\0"s,
                                  "1\0"s}) {
    CAPTURE(text);
    CHECK(refusal(text) == "malformed_json");
  }
}

TEST_CASE("nothing may follow the document") {
  for (const std::string& text : {"{} {}"s, "{}x"s, "1 2"s, "[],"s, "null\0"s, "{}}"s, "\"a\"\"b\""s}) {
    CAPTURE(text);
    CHECK(refusal(text) == "malformed_json");
  }
}

TEST_CASE("a key may stand once in an object, however it is spelt") {
  for (std::string_view text : {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"\u0061":1,"a":2})", R"({"b":{"a":1,"c":2,"a":3}})",
                                R"([{"a":1,"b":{},"a":{}}])", R"({"":1,"":2})", R"({"a\/b":1,"a/b":2})", "{\"\u00e9\":1,\"\\u00e9\":2}",
                                R"({"\ud83c\udfe0":1,"\uD83C\uDFE0":2})", R"({"x":[{"a":1}],"x":[]})"}) {
    CAPTURE(text);
    CHECK(refusal(text) == "duplicate_key");
  }
  CHECK(json::parse(R"({"a":1,"\u0061":2})").error().detail.find("\"a\"") != std::string::npos);
  for (std::string_view text :
       {R"({"a":1,"A":1})", R"([{"a":1},{"a":1}])", R"({"a":{"a":{"a":1}}})", R"({"a":1,"a ":2,"aa":3})", "{\"\u00e9\":1,\"e\u0301\":2}"}) {
    CAPTURE(text);
    CHECK(refusal(text) == "ok");
  }
  // Keys longer than any buffer, equal but for their ends.
  const std::string stem(900, 'k');
  CHECK(refusal("{\"" + stem + "1\":1,\"" + stem + "2\":2}") == "ok");
  CHECK(refusal("{\"" + stem + "1\":1,\"" + stem + "1\":2}") == "duplicate_key");
}

TEST_CASE("invalid UTF-8 is refused as such, in keys and in texts") {
  for (const std::string& bytes : {"\x80"s, "\xbf"s, "\xc0\xaf"s, "\xc1\x81"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s, "\xed\xbf\xbf"s,
                                   "\xf0\x80\x80\xaf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s, "\xfe"s, "\xc3("s, "\xc3"s,
                                   "\xe2\x82"s, "\xe2(\xa1"s, "\xf0\x9f\x8f"s, "ok\xc3\xa9\xff"s}) {
    CAPTURE(bytes.size());
    CAPTURE(static_cast<unsigned>(static_cast<unsigned char>(bytes[0])));
    CHECK(refusal("\"" + bytes + "\"") == "invalid_utf8");
    CHECK(refusal("{\"k" + bytes + "\":1}") == "invalid_utf8");
  }
  CHECK(refusal("[\xff]") != "ok");
  CHECK(refusal("\xef\xbb\xbf{}") != "ok"); // RFC 8259: no byte order mark
}

TEST_CASE("depth is bounded, exactly") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(refusal(nested(16)) == "ok");
  CHECK(refusal(nested(17)) == "malformed_json");
  CHECK(refusal(nested(3), {.max_depth = 3}) == "ok");
  CHECK(refusal(nested(4), {.max_depth = 3}) == "malformed_json");
  CHECK(refusal(R"({"a":{"a":{"a":{}}}})", {.max_depth = 3}) == "malformed_json");
  CHECK(refusal(std::string(1'000'000, '[')) == "malformed_json");
}

TEST_CASE("the keys of a document are bounded, over all its objects") {
  const auto many = [](int count) {
    std::string text = "[";
    for (int i = 0; i < count; ++i) text.append(i == 0 ? "" : ",").append("{\"k\":1}");
    return text + "]";
  };
  CHECK(refusal(many(4096)) == "ok");
  CHECK(refusal(many(4097)) == "malformed_json");
  CHECK(refusal(R"({"a":1,"b":2})", {.max_keys = 2}) == "ok");
  CHECK(refusal(R"({"a":1,"b":{"c":3}})", {.max_keys = 2}) == "malformed_json");
}

TEST_CASE("numbers beyond 64 bits do not wrap") {
  CHECK(json::parse("9223372036854775807")->as_int64() == std::numeric_limits<std::int64_t>::max());
  CHECK(json::parse("9223372036854775808")->is_uint64());
  CHECK(json::parse("18446744073709551616")->is_double());
  CHECK(json::parse("-9223372036854775809")->is_double());
  CHECK(json::parse("1e2")->is_double());
  CHECK(json::parse("123456789012345678901234567890")->as_double() > 1e29);
  // No double holds these, and no JSON could give infinity back.
  for (std::string_view text : {"1e309", "-1e400", "[1e999]", R"({"a":1e99999})"}) CHECK(refusal(text) == "malformed_json");
  CHECK(json::parse("1.7e308"));
  CHECK(json::parse("1e-400")->to_number<double>() == 0);
}

TEST_CASE("the writer places commas and escapes") {
  CHECK(written([](json::Writer& w) {
          w.begin_object();
          w.key("a");
          w.begin_array();
          w.integer(1);
          w.begin_object();
          w.end_object();
          w.begin_array();
          w.end_array();
          w.null();
          w.end_array();
          w.key("b");
          w.boolean(true);
          w.key("c");
          w.raw("{\"x\":0}");
          w.key("d");
          w.plain_string([](std::string& out) { out += "plain"; });
          w.key("e");
          w.string("");
          w.end_object();
        }) == R"({"a":[1,{},[],null],"b":true,"c":{"x":0},"d":"plain","e":""})");
  CHECK(written([](json::Writer& w) { w.string("\"\\/\b\f\n\r\t\x01\x1f\x7f"); }) ==
        "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0001\\u001f\x7f\"");
  for (auto number :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}, std::numeric_limits<std::int64_t>::max()})
    CHECK(written([&](json::Writer& w) { w.integer(number); }) == std::to_string(number));
  CHECK(written([](json::Writer& w) { w.number(4.75); }) == "4.75");
  CHECK(written([](json::Writer& w) { w.number(std::numeric_limits<double>::infinity()); }) == "null");
  CHECK(written([](json::Writer& w) { w.number(std::numeric_limits<double>::quiet_NaN()); }) == "null");
}

TEST_CASE("what is written is read back: every byte below 0x80, and random texts") {
  const auto round_trip = [](const std::string& text) {
    const auto value = json::parse(written([&](json::Writer& w) { w.string(text); }));
    REQUIRE(value);
    return std::string{value->as_string()} == text;
  };
  std::string ascii;
  for (char c = 0; c < 0x7f; ++c) ascii += c;
  CHECK(round_trip(ascii + "\x7f"));
  Dice dice(seed());
  static constexpr std::string_view pieces[] = {"a",      "\"",     "\\",         "/",         "\n",    "\x02",
                                                "\u00e9", "\u20ac", "\U0001F3E0", "</script>", "\u2028"};
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (int n = dice.roll(0, 30); n > 0; --n) text += dice.pick(pieces);
    if (!round_trip(text)) FAIL("seed ", seed(), ": ", text);
  }
  // Of up to 15 digits: what a person writes, such as a latitude.
  static constexpr double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7};
  for (int i = 0; i < 20'000; ++i) {
    const double number = static_cast<double>(dice.between(-1'000'000'000'000, 1'000'000'000'000)) / dice.pick(powers);
    const auto value = json::parse(written([&](json::Writer& w) { w.number(number); }));
    REQUIRE(value);
    REQUIRE(value->to_number<double>() == number);
  }
}

TEST_CASE("bytes at random never crash the parser") {
  Dice dice(seed() + 1);
  static constexpr std::string_view pieces[] = {"{", "}",  "[",    "]",    ",", ":",    "\"",       "\"a\"", "\\u0061", "1",
                                                "-", "e9", "true", "null", " ", "\xff", "\xc3\xa9", "\\",    "0.5"};
  int read = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (int n = dice.roll(0, 12); n > 0; --n) text += dice.pick(pieces);
    const auto value = json::parse(text);
    read += value.has_value();
    // What is read is a document: written and read again it is the same.
    if (value) REQUIRE(json::parse(boost::json::serialize(*value)));
  }
  CHECK(read > 100);
}
