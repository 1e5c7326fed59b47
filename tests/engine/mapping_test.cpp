#include "orkestr/base/mapping.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>

using namespace fixtures;

namespace {

enum class Colour { red, green };

struct Part {
  std::string name;
  int count = 0;
};

struct Thing {
  OfferingId id;
  std::string name = "unset";
  std::optional<std::string> nickname;
  int size = 5;
  std::optional<int> weight;
  std::int64_t huge = 0;
  bool flag = false;
  double ratio = 0;
  Colour colour = Colour::red;
  Currency currency;
  std::optional<Instant> when;
  std::optional<LocalDate> day;
  std::optional<LocalTime> hour;
  std::vector<std::string> tags;
  std::vector<Part> parts;
  json::Object extra;
  OfferingId other;
  std::string frozen = "f"; // set once, on creation
};

bool is_lower(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

} // namespace

namespace orkestr::inline v1::json {
template <> struct EnumNames<Colour> { static constexpr std::array<std::string_view, 2> names{"RED", "GREEN"}; };
template <> struct Schema<Part> {
  static constexpr auto fields =
      std::make_tuple(field("na/me~", &Part::name, required_writable, {1, 3}), field("count", &Part::count, writable, {0, 9}));
};
template <> struct Schema<Thing> {
  static constexpr auto fields = std::make_tuple(
      field("id", &Thing::id, out), field("name", &Thing::name, required_writable, {2, 5, is_lower, "Use lower case."}),
      field("nickname", &Thing::nickname, writable, {0, 5}), field("size", &Thing::size, writable, {1, 10}),
      field("weight", &Thing::weight, writable, {1, 10}), field("huge", &Thing::huge, writable, {0, 1'000'000'000'000}),
      field("flag", &Thing::flag, writable), field("ratio", &Thing::ratio, writable), field("colour", &Thing::colour, writable),
      field("currency", &Thing::currency, writable), field("when", &Thing::when, writable), field("day", &Thing::day, writable),
      field("hour", &Thing::hour, writable), field("tags", &Thing::tags, writable, {1, 3}), field("parts", &Thing::parts, writable, {0, 3}),
      field("extra", &Thing::extra, writable, {0, 2}), field("other", &Thing::other, writable),
      field("frozen", &Thing::frozen, out | create));
};
} // namespace orkestr::inline v1::json

namespace {

/// Faults as `pointer:code`, in order.
std::string faults(std::string_view body, json::Use mode, Thing& thing) {
  const auto value = json::parse(body);
  REQUIRE(value);
  json::Reader reader;
  json::read_body(reader, *value, thing, mode);
  std::string text;
  for (const auto& fault : reader.faults) {
    CHECK_FALSE(fault.detail.empty());
    text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  }
  return text;
}
std::string patched(std::string_view body) {
  Thing thing;
  return faults(body, json::patch, thing);
}

} // namespace

TEST_CASE("each fault has its code and its place") {
  struct Row {
    std::string_view body, expected;
  };
  static constexpr Row table[] = {
      {R"({})", ""},
      {R"([])", ":wrong_type"},
      {R"(null)", ":wrong_type"},
      {R"({"nosuch":1})", "/nosuch:unknown_field"},
      {R"({"Name":"abc"})", "/Name:unknown_field"},
      {R"({"id":"off_1"})", "/id:read_only_field"},
      {R"({"frozen":"x"})", "/frozen:read_only_field"},
      {R"({"name":null})", "/name:not_nullable"},
      {R"({"name":1})", "/name:wrong_type"},
      {R"({"name":""})", "/name:too_short"},
      {R"({"name":"a"})", "/name:too_short"},
      {R"({"name":"abcdef"})", "/name:too_long"},
      {R"({"name":"Abc"})", "/name:invalid_format"},
      {R"({"nickname":"a\u0000b"})", "/nickname:invalid_format"},
      {"{\"nickname\":\"\u00e9\u20ac\U0001F3E0ab\"}", ""}, // five code points, not twelve bytes
      {"{\"nickname\":\"\u00e9\u20ac\U0001F3E0abc\"}", "/nickname:too_long"},
      {R"({"nickname":null})", ""},
      {R"({"size":1})", ""},
      {R"({"size":10})", ""},
      {R"({"size":0})", "/size:too_small"},
      {R"({"size":11})", "/size:too_large"},
      {R"({"size":"5"})", "/size:wrong_type"},
      {R"({"size":true})", "/size:wrong_type"},
      {R"({"size":5.0})", ""},
      {R"({"size":5e0})", ""},
      {R"({"size":5.5})", "/size:wrong_type"},
      {R"({"size":4294967301})", "/size:too_large"}, // 2^32 + 5 is not 5
      {R"({"size":18446744073709551615})", "/size:too_large"},
      {R"({"size":-9223372036854775809})", "/size:too_small"},
      {R"({"size":1e30})", "/size:too_large"},
      {R"({"size":-1e30})", "/size:too_small"},
      {R"({"huge":1000000000001})", "/huge:too_large"},
      {R"({"weight":null})", ""},
      {R"({"weight":11})", "/weight:too_large"},
      {R"({"flag":1})", "/flag:wrong_type"},
      {R"({"flag":"true"})", "/flag:wrong_type"},
      {R"({"ratio":"1"})", "/ratio:wrong_type"},
      {R"({"ratio":1})", ""},
      {R"({"colour":"BLUE"})", "/colour:unknown_value"},
      {R"({"colour":"red"})", "/colour:unknown_value"},
      {R"({"colour":0})", "/colour:wrong_type"},
      {R"({"currency":"usd"})", "/currency:invalid_format"},
      {R"({"currency":7})", "/currency:wrong_type"},
      {R"({"when":"2026-05-12T15:00:00"})", "/when:invalid_format"},
      {R"({"when":1})", "/when:wrong_type"},
      {R"({"day":"2026-02-29"})", "/day:invalid_format"},
      {R"({"hour":"24:01"})", "/hour:invalid_format"},
      {R"({"other":"bkg_01j0abcdefghjkmnpqrstvwxyz"})", "/other:invalid_format"},
      {R"({"other":"off_01j0abcdefghjkmnpqrstvwxyz"})", ""},
      {R"({"tags":"a"})", "/tags:wrong_type"},
      {R"({"tags":[]})", "/tags:too_few_items"},
      {R"({"tags":["a","b","c","d"]})", "/tags:too_many_items"},
      {R"({"tags":["a",""]})", "/tags/1:too_short"},
      {R"({"tags":[1,"a",null]})", "/tags/0:wrong_type /tags/2:wrong_type"},
      {R"({"extra":[]})", "/extra:wrong_type"},
      {R"({"extra":{"a":1,"b":2,"c":3}})", "/extra:too_many_items"},
      {R"({"parts":[{}]})", "/parts/0/na~1me~0:required"}, // RFC 6901 escapes
      {R"({"parts":[{"na/me~":"abcd","count":10},7]})", "/parts/0/na~1me~0:too_long /parts/0/count:too_large /parts/1:wrong_type"},
      {R"({"parts":[{"na/me~":"a","/":1}]})", "/parts/0/~1:unknown_field"},
      {R"({"~1":0})", "/~01:unknown_field"},
      {R"({"":0})", "/:unknown_field"},
  };
  for (const auto& row : table) {
    CAPTURE(row.body);
    CHECK(patched(row.body) == row.expected);
  }
}

TEST_CASE("all faults of a body are told at once, and sum up in one error") {
  Thing thing;
  CHECK(faults(R"({"size":0,"nosuch":1,"id":"x","colour":"BLUE","tags":[],"weight":3})", json::create, thing) ==
        "/nosuch:unknown_field /id:read_only_field /name:required /size:too_small /colour:unknown_value /tags:too_few_items");

  json::Reader reader;
  CHECK(reader.result());
  reader.fault_at("a", "required", "x");
  reader.fault_at("a", "conflict", "a second look at the same place says nothing new");
  const auto one = reader.result();
  CHECK(outcome(one) == "invalid_fields");
  CHECK(one.error().detail == "1 field is invalid; see errors.");
  REQUIRE(one.error().faults.size() == 1);
  CHECK(one.error().faults[0].code == "required");
  json::Reader two;
  two.fault_at("a", "required", "x"), two.fault_at("b", "required", "x");
  CHECK(two.result().error().detail == "2 fields are invalid; see errors.");
}

TEST_CASE("create asks for what is required and allows what is set once; patch does neither") {
  Thing thing;
  CHECK(faults(R"({})", json::create, thing) == "/name:required");
  CHECK(faults(R"({"name":"ab","frozen":"x"})", json::create, thing) == "");
  CHECK(thing.frozen == "x");
  CHECK(faults(R"({"name":null})", json::create, thing) == "/name:not_nullable");
  CHECK(faults(R"({"size":7,"frozen":"y"})", json::patch, thing) == "/frozen:read_only_field");
  CHECK(thing.frozen == "x");
}

TEST_CASE("what is sound is taken over, what is not leaves the present value") {
  Thing thing;
  thing.weight = 4;
  thing.tags = {"old"};
  CHECK(
      faults(
          R"({"name":"abc","size":99,"weight":null,"tags":["new",7],"when":"2026-05-12T15:00:00+02:00","hour":"24:00","ratio":2,"colour":"GREEN"})",
          json::patch, thing) == "/size:too_large /tags/1:wrong_type");
  CHECK(thing.name == "abc");
  CHECK(thing.size == 5);
  CHECK_FALSE(thing.weight);
  CHECK(thing.tags == std::vector<std::string>{"old"});
  CHECK(thing.when == at("2026-05-12T13:00:00Z"));
  CHECK(thing.hour->minutes == 1440);
  CHECK(thing.ratio == 2);
  CHECK(thing.colour == Colour::green);
}

TEST_CASE("a resource is written in the order of its schema, and read back") {
  Thing thing;
  CHECK(
      faults(
          R"({"name":"abc","nickname":"\"x\"","huge":1000000000000,"day":"2026-05-12","hour":"09:30","tags":["a"],"parts":[{"na/me~":"p"}],"extra":{"k":[1]}})",
          json::create, thing) == "");
  const std::string text = json::to_json(thing);
  CHECK(
      text ==
      R"({"id":"","name":"abc","nickname":"\"x\"","size":5,"weight":null,"huge":1000000000000,"flag":false,"ratio":0,"colour":"RED","currency":"USD","when":null,)"
      R"("day":"2026-05-12","hour":"09:30","tags":["a"],"parts":[{"na/me~":"p","count":0}],"extra":{"k":[1]},"other":"","frozen":"f"})");
  const auto all = json::describe<Thing>();
  CHECK(all.size() == 18);
  CHECK(all[4].name == "weight");
  CHECK(all[4].nullable);
  CHECK(all[4].kind == json::Kind::integer);
  CHECK_FALSE(all[3].nullable);
}
