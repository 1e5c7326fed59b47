// Query parameters: decoded, refused by name when unknown, repeated or malformed, and read by type.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/storage/repositories.hpp"

#include <span>

namespace orkestr::inline v1::api {

class Query {
 public:
  Query() = default;
  /// @param text  what follows the `?`
  /// @errors `unknown_parameter`, `invalid_parameter`
  [[nodiscard]] static Result<Query> parse(std::string_view text, std::span<const std::string_view> allowed);

  /// nullptr when absent.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  /// @errors `missing_parameter`
  [[nodiscard]] Result<std::string> required(std::string_view name) const;

  template <json::NamedEnum E> [[nodiscard]] Result<std::optional<E>> enumeration(std::string_view name) const {
    const auto* text = find(name);
    if (text == nullptr) return std::optional<E>{};
    const auto value = json::enum_named<E>(*text);
    if (!value) return invalid(name, "an unknown value");
    return value;
  }
  [[nodiscard]] Result<std::optional<std::string>> text(std::string_view name, const json::Limits& limits) const;
  /// `true` or `false`.
  [[nodiscard]] Result<std::optional<bool>> boolean(std::string_view name) const;
  /// Instants, dates and ids: whatever has a static parse().
  template <class T> [[nodiscard]] Result<std::optional<T>> parsed(std::string_view name, std::string_view hint) const {
    const auto* text = find(name);
    if (text == nullptr) return std::optional<T>{};
    const auto value = T::parse(*text);
    if (!value) return invalid(name, hint);
    return std::optional<T>{*value};
  }

  /// `limit` (1–200, 50) and `cursor`, which in a list that is ordered by a number has that, too, and in one of translations a language.
  /// @errors `invalid_parameter`, `invalid_cursor`
  [[nodiscard]] Result<storage::Page> page(bool by_number = false, bool with_locale = false) const;

  [[nodiscard]] static Error invalid(std::string_view name, std::string_view hint);

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// The cursor behind which a list goes on after this place, mostly an id: opaque, URL-safe.
[[nodiscard]] std::string make_cursor(std::string_view place);

} // namespace orkestr::inline v1::api
