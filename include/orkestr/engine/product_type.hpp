// Product types: which typed attributes an offering of a kind has. `space`, `taxi`, `service`, `class` and
// `equipment` ship; tenants add their own.
#pragma once

#include "orkestr/base/mapping.hpp"

#include <span>

namespace orkestr::inline v1 {

enum class AttributeKind { text, integer, number, boolean, text_list };

struct AttributeSpec {
  std::string key, label;
  AttributeKind kind = AttributeKind::text;
  std::optional<double> min, max;   ///< of numbers
  std::vector<std::string> options; ///< when not empty, the texts allowed
};

struct ProductType {
  std::string key, name;
  std::vector<AttributeSpec> attributes;
};

[[nodiscard]] std::span<const ProductType> shipped_product_types();

/// @returns nullptr when there is none of that key
[[nodiscard]] const ProductType* find_product_type(std::span<const ProductType> types, std::string_view key);

/// Adds a fault for each attribute that the type does not know or that has another type or range.
void validate_attributes(const json::Object& attributes, const ProductType& type, json::Reader& reader);

namespace json {
template <> struct EnumNames<AttributeKind> {
  static constexpr std::array<std::string_view, 5> names{"TEXT", "INTEGER", "NUMBER", "BOOLEAN", "TEXT_LIST"};
};
template <> struct Schema<AttributeSpec> {
  using T = AttributeSpec;
  static constexpr auto fields = std::make_tuple(field("key", &T::key, out), field("label", &T::label, out), field("kind", &T::kind, out),
                                                 field("min", &T::min, out), field("max", &T::max, out), field("options", &T::options, out));
};
template <> struct Schema<ProductType> {
  using T = ProductType;
  static constexpr auto fields =
      std::make_tuple(field("key", &T::key, out), field("name", &T::name, out), field("attributes", &T::attributes, out));
};
} // namespace json
} // namespace orkestr::inline v1
