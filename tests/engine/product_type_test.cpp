#include "orkestr/engine/product_type.hpp"

#include "engine/fixtures.hpp"

#include <boost/json/object.hpp>

#include <set>

using namespace fixtures;

namespace {

std::string faults(const ProductType& type, std::string_view attributes) {
  const auto value = json::parse(attributes);
  REQUIRE(value);
  json::Reader reader;
  validate_attributes(value->as_object(), type, reader);
  std::string text;
  for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  return text;
}

} // namespace

TEST_CASE("five types ship, each with keys of its own that are unique") {
  const auto types = shipped_product_types();
  std::string keys;
  for (const auto& type : types) {
    keys.append(keys.empty() ? "" : " ").append(type.key);
    CHECK_FALSE(type.name.empty());
    std::set<std::string> attributes;
    for (const auto& spec : type.attributes) {
      CAPTURE(spec.key);
      CHECK(attributes.insert(spec.key).second);
      CHECK_FALSE(spec.label.empty());
      if (spec.min && spec.max) CHECK(*spec.min < *spec.max);
      if (!spec.options.empty()) CHECK((spec.kind == AttributeKind::text || spec.kind == AttributeKind::text_list));
    }
    for (std::string_view common : {"address", "city", "latitude", "longitude", "tags"}) CHECK(attributes.contains(std::string{common}));
    CHECK(find_product_type(types, type.key) == &type);
  }
  CHECK(keys == "space taxi service class equipment");
  CHECK(find_product_type(types, "Space") == nullptr);
  CHECK(find_product_type(types, "") == nullptr);
  CHECK(find_product_type({}, "space") == nullptr);
}

TEST_CASE("attributes are typed by the product type") {
  ProductType type;
  type.key = "boat";
  type.attributes = {
      {"name", "Name", AttributeKind::text, {}, {}, {}},       {"rig", "Rig", AttributeKind::text, {}, {}, {"sloop", "ketch"}},
      {"berths", "Berths", AttributeKind::integer, 0, 12, {}}, {"length", "Length", AttributeKind::number, 2.5, 100, {}},
      {"heads", "Heads", AttributeKind::boolean, {}, {}, {}},  {"extras", "Extras", AttributeKind::text_list, {}, {}, {"tender", "kayak"}}};
  struct Row {
    std::string_view attributes, expected;
  };
  const std::string long_text = R"({"name":")" + std::string(2001, 'x') + "\"}", longest = R"({"name":")" + std::string(2000, 'x') + "\"}";
  std::string long_list = R"({"extras":["kayak")";
  for (int i = 0; i < 100; ++i) long_list += R"(,"kayak")";
  long_list += "]}";
  const Row table[] = {
      {R"({})", ""},
      {R"({"name":"Ada","rig":"ketch","berths":12,"length":2.5,"heads":true,"extras":["kayak","tender"]})", ""},
      {R"({"berths":4.0,"length":9})", ""},
      {R"({"speed":9})", "/speed:unknown_attribute"},
      {R"({"a/b":9})", "/a~1b:unknown_attribute"},
      {R"({"name":1})", "/name:wrong_type"},
      {R"({"name":null})", "/name:wrong_type"},
      {R"({"rig":"Sloop"})", "/rig:unknown_value"},
      {R"({"berths":-1})", "/berths:too_small"},
      {R"({"berths":13})", "/berths:too_large"},
      {R"({"berths":1.5})", "/berths:wrong_type"},
      {R"({"berths":"1"})", "/berths:wrong_type"},
      {R"({"length":2.49})", "/length:too_small"},
      {R"({"length":100.1})", "/length:too_large"},
      {R"({"length":18446744073709551616})", "/length:too_large"},
      {R"({"heads":1})", "/heads:wrong_type"},
      {R"({"extras":"kayak"})", "/extras:wrong_type"},
      {R"({"extras":["kayak","yacht",3]})", "/extras/1:unknown_value /extras/2:wrong_type"},
      {R"({"extras":[]})", ""},
      {R"({"speed":9,"berths":13,"heads":"no"})", "/speed:unknown_attribute /berths:too_large /heads:wrong_type"},
      {long_text, "/name:too_long"},
      {longest, ""},
      {long_list, "/extras:too_many_items"},
  };
  for (const auto& row : table) {
    CAPTURE(row.attributes);
    CHECK(faults(type, row.attributes) == row.expected);
  }
}
