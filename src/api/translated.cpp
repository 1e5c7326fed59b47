#include "api/translated.hpp"

#include "orkestr/platform/translations.hpp"

namespace orkestr::inline v1::api {
namespace {

constexpr std::string_view badges = "saleBadges.";

/// `null` where nothing of it is shown.
std::string translation_json(const Translation& row, std::span<const SourceText> sources, std::string_view source_locale) {
  const auto shown = shown_texts(row, sources, source_locale);
  if (shown.empty()) return "null";
  std::string text;
  json::Writer w(text);
  w.begin_object();
  w.key("locale");
  w.string(row.locale);
  w.key("machine");
  w.boolean(std::ranges::any_of(shown, [](const auto* field) { return field->origin == TextOrigin::machine; }));
  for (const auto* field : shown) {
    if (field->field.starts_with(badges)) continue;
    w.key(field->field);
    w.string(field->text);
  }
  // Badges are named by what they say, which may need escaping.
  json::Object labels;
  for (const auto* field : shown)
    if (field->field.starts_with(badges)) labels[field->field.substr(badges.size())] = field->text;
  if (!labels.empty()) {
    w.key("saleBadges");
    w.value(labels);
  }
  w.end_object();
  return text;
}

} // namespace

Result<WantedLocale> wanted_locale(const storage::ReadTransaction& tx, const Call& call) {
  const auto* text = call.query.find("locale");
  if (text == nullptr) return WantedLocale{};
  if (text->size() > 35 || !is_locale(*text)) return Query::invalid("locale", "to be a BCP 47 tag such as es or pt-BR");
  WantedLocale wanted{true, {}};
  const auto available = storefront_locales(tx, call.tenant);
  if (auto found = lookup_locale(*text, available); found && *found != available.front()) wanted.served = std::move(found);
  return wanted;
}

std::vector<std::string> translations_json(const storage::ReadTransaction& tx, const Call& call, const std::string& locale,
                                           std::span<const std::string> subjects, std::span<const std::vector<SourceText>> sources) {
  std::vector<std::string> texts(subjects.size(), "null");
  for (const auto& row : tx.translations().of(call.tenant.id, locale, subjects)) {
    const auto found = std::ranges::find(subjects, row.subject_id);
    if (found == subjects.end()) continue;
    const auto index = static_cast<std::size_t>(found - subjects.begin());
    texts[index] = translation_json(row, sources[index], call.tenant.locale);
  }
  return texts;
}

} // namespace orkestr::inline v1::api
