#include "api/query.hpp"

#include "orkestr/storage/translation_repository.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1::api {
namespace {

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1, low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  if (out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
  return out;
}

constexpr std::string_view cursor_mark = "c1";

} // namespace

Error Query::invalid(std::string_view name, std::string_view hint) {
  return fail(Code::invalid_parameter, "The parameter " + std::string{name} + " has " + std::string{hint} + ".");
}

Result<Query> Query::parse(std::string_view text, std::span<const std::string_view> allowed) {
  Query query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = decode(part.substr(0, equals));
    auto value = decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1));
    if (!name || !value) return fail(Code::invalid_parameter, "A query parameter is not percent-encoded UTF-8.");
    if (std::ranges::find(allowed, *name) == allowed.end()) {
      std::string known;
      for (auto other : allowed) known.append(known.empty() ? "" : ", ").append(other);
      return fail(Code::unknown_parameter,
                  "There is no parameter \"" + *name + "\" here" + (known.empty() ? "." : "; there are: " + known + "."));
    }
    if (query.find(*name) != nullptr) return fail(Code::invalid_parameter, "The parameter " + *name + " is given twice.");
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, [](const auto& parameter) -> std::string_view { return parameter.first; });
  return found == parameters_.end() ? nullptr : &found->second;
}

Result<std::string> Query::required(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return fail(Code::missing_parameter, "The parameter " + std::string{name} + " is required.");
  return *value;
}

Result<std::optional<std::string>> Query::text(std::string_view name, const json::Limits& limits) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<std::string>{};
  json::Reader reader;
  if (!json::check_text(reader, *value, limits))
    return fail(Code::invalid_parameter, "The parameter " + std::string{name} + ": " + reader.faults[0].detail);
  return std::optional{*value};
}

Result<std::optional<bool>> Query::boolean(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr) return std::optional<bool>{};
  if (*value != "true" && *value != "false") return invalid(name, "to be true or false");
  return std::optional{*value == "true"};
}

Result<storage::Page> Query::page(bool by_number, bool with_locale) const {
  storage::Page page;
  if (const auto* limit = find("limit")) {
    int number = 0;
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), number);
    if (error != std::errc{} || end != limit->data() + limit->size() || number < 1 || number > 200)
      return invalid("limit", "to be a number from 1 to 200");
    page.limit = static_cast<std::size_t>(number);
  }
  if (const auto* cursor = find("cursor")) {
    // The mark, then an id in hexadecimal: opaque to clients, and nothing that needs escaping.
    const Error unknown = fail(Code::invalid_cursor, "Use the nextCursor of the answer before, or none to start anew.");
    if (!cursor->starts_with(cursor_mark) || cursor->size() % 2 != 0 || cursor->size() > 160) return unknown;
    auto before = from_hex(std::string_view{*cursor}.substr(cursor_mark.size()));
    if (!before) return unknown;
    page.before = std::move(*before);
    const auto place = storage::price_place(page.before);
    if (place.has_value() != by_number) return unknown; // of a list in another order
    std::string_view id = place ? place->second : std::string_view{page.before};
    if (with_locale) {
      const auto [subject, locale] = storage::translation_place(id);
      if (!is_locale(locale)) return unknown;
      id = subject;
    }
    if (id.size() != 4 + id_body_size || id[3] != '_' || !is_utf8(id)) return unknown;
  }
  return page;
}

std::string make_cursor(std::string_view place) { return std::string{cursor_mark} + to_hex(place); }

} // namespace orkestr::inline v1::api
