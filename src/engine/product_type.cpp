#include "orkestr/engine/product_type.hpp"

#include <algorithm>
#include <cmath>

namespace orkestr::inline v1 {
namespace {

constexpr std::int64_t max_text = 2000, max_list = 100, max_list_text = 200;

AttributeSpec text(std::string key, std::string label, std::vector<std::string> options = {}) {
  return {std::move(key), std::move(label), AttributeKind::text, {}, {}, std::move(options)};
}
AttributeSpec whole(std::string key, std::string label, double max = 1'000'000) {
  return {std::move(key), std::move(label), AttributeKind::integer, 0, max, {}};
}
AttributeSpec number(std::string key, std::string label, double min, double max) {
  return {std::move(key), std::move(label), AttributeKind::number, min, max, {}};
}
AttributeSpec flag(std::string key, std::string label) { return {std::move(key), std::move(label), AttributeKind::boolean, {}, {}, {}}; }
AttributeSpec list(std::string key, std::string label) { return {std::move(key), std::move(label), AttributeKind::text_list, {}, {}, {}}; }

/// Where and for whom: every type has these.
std::vector<AttributeSpec> with_common(std::vector<AttributeSpec> own) {
  for (auto& common : {text("address", "Address"), text("neighborhood", "Neighborhood"), text("city", "City"),
                       number("latitude", "Latitude", -90, 90), number("longitude", "Longitude", -180, 180), list("languages", "Languages"),
                       list("tags", "Tags"), flag("wheelchairAccessible", "Wheelchair accessible")})
    own.push_back(common);
  return own;
}

void check_text_item(json::Reader& reader, const json::Value& value, const AttributeSpec& spec, std::int64_t max) {
  std::string text;
  if (!json::Codec<std::string>::read(reader, value, text, {0, max})) return;
  if (!spec.options.empty() && std::ranges::find(spec.options, text) == spec.options.end()) {
    std::string all;
    for (const auto& option : spec.options) all.append(all.empty() ? "" : ", ").append(option);
    json::unknown_value(reader, all);
  }
}

void check_number(json::Reader& reader, const json::Value& value, const AttributeSpec& spec) {
  double number = 0;
  if (!json::Codec<double>::read(reader, value, number, {})) return;
  if (spec.kind == AttributeKind::integer && number != std::floor(number)) return void(json::wrong_type(reader, "an integer"));
  if (spec.min && number < *spec.min) reader.fault("too_small", "The value is below what is allowed.");
  if (spec.max && number > *spec.max) reader.fault("too_large", "The value is above what is allowed.");
}

void check_value(json::Reader& reader, const json::Value& value, const AttributeSpec& spec) {
  switch (spec.kind) {
  case AttributeKind::text: return check_text_item(reader, value, spec, max_text);
  case AttributeKind::boolean:
    if (!value.is_bool()) json::wrong_type(reader, "true or false");
    return;
  case AttributeKind::integer:
  case AttributeKind::number: return check_number(reader, value, spec);
  case AttributeKind::text_list:
    const auto* items = value.if_array();
    if (items == nullptr) return void(json::wrong_type(reader, "an array of texts"));
    if (!json::check_count(reader, items->size(), {0, max_list})) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const json::Reader::Step step(reader, i);
      check_text_item(reader, (*items)[i], spec, max_list_text);
    }
  }
}

} // namespace

std::span<const ProductType> shipped_product_types() {
  static const std::vector<ProductType> types{
      {"space", "Space",
       with_common({whole("sqft", "Square feet"), number("sqm", "Square metres", 0, 1'000'000), whole("capacity", "People"),
                    whole("seats", "Seats"), whole("rooms", "Rooms"), whole("bedrooms", "Bedrooms"), whole("beds", "Beds"),
                    number("bathrooms", "Bathrooms", 0, 1000), whole("floor", "Floor", 300),
                    number("ceilingHeightFt", "Ceiling height in feet", 0, 1000), list("amenities", "Amenities"),
                    list("rules", "House rules"), text("noiseLevel", "Noise level", {"quiet", "moderate", "lively"}),
                    flag("naturalLight", "Natural light"), flag("petsAllowed", "Pets allowed"), text("checkInNotes", "Check-in notes")})},
      {"taxi", "Taxi",
       with_common({text("vehicle", "Vehicle"), text("vehicleClass", "Class", {"economy", "comfort", "business", "van"}),
                    whole("seats", "Seats", 100), whole("luggage", "Pieces of luggage", 100), flag("childSeat", "Child seat"),
                    flag("electric", "Electric"), list("amenities", "Amenities"), text("pickupArea", "Pick-up area"),
                    number("maxDistanceKm", "Longest ride in km", 0, 10'000)})},
      {"service", "Service",
       with_common({whole("durationMinutes", "Minutes", 100'000), text("provider", "Provided by"),
                    text("location", "Where", {"on-site", "at-customer", "online"}), list("includes", "Includes"),
                    list("amenities", "Amenities"), text("experienceLevel", "Experience level"), whole("capacity", "People")})},
      {"class", "Class",
       with_common({text("instructor", "Instructor"), text("level", "Level", {"beginner", "intermediate", "advanced", "all"}),
                    whole("durationMinutes", "Minutes", 100'000), whole("capacity", "People"), list("equipment", "Bring along"),
                    text("style", "Style"), list("amenities", "Amenities"), flag("online", "Online"),
                    whole("minimumAge", "Minimum age", 120)})},
      {"equipment", "Equipment",
       with_common({text("brand", "Brand"), text("model", "Model"), text("condition", "Condition", {"new", "excellent", "good", "fair"}),
                    whole("depositCents", "Deposit", 1'000'000'000), number("weightKg", "Weight in kg", 0, 100'000),
                    list("includes", "Includes"), list("amenities", "Amenities"), flag("deliveryAvailable", "Delivery available")})}};
  return types;
}

const ProductType* find_product_type(std::span<const ProductType> types, std::string_view key) {
  const auto found = std::ranges::find(types, key, &ProductType::key);
  return found == types.end() ? nullptr : &*found;
}

void validate_attributes(const json::Object& attributes, const ProductType& type, json::Reader& reader) {
  for (const auto& entry : attributes) {
    const std::string_view key{entry.key().data(), entry.key().size()};
    const json::Reader::Step step(reader, key);
    const auto spec = std::ranges::find(type.attributes, key, &AttributeSpec::key);
    if (spec != type.attributes.end()) {
      check_value(reader, entry.value(), *spec);
      continue;
    }
    std::string known;
    for (const auto& other : type.attributes) known.append(known.empty() ? "" : ", ").append(other.key);
    reader.fault("unknown_attribute", "A " + type.key + " has these attributes: " + known + ".");
  }
}

} // namespace orkestr::inline v1
