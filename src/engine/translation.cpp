#include "orkestr/engine/translation.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

constexpr std::array<milliseconds, 4> first_delays{2s, 10s, 1min, 10min};
constexpr milliseconds later_delay = 15min;
constexpr std::string_view badge_prefix = "saleBadges.";

char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; }

/// Calls f(subtag, index) for each.
template <class F> void for_each_subtag(std::string_view tag, F f) {
  for (std::size_t index = 0;; ++index) {
    const auto end = std::min(tag.find('-'), tag.size());
    f(tag.substr(0, end), index);
    if (end == tag.size()) return;
    tag.remove_prefix(end + 1);
  }
}

bool is_script(std::string_view subtag) {
  return subtag.size() == 4 && std::ranges::all_of(subtag, [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; });
}

std::string_view language_of(std::string_view tag) { return tag.substr(0, tag.find('-')); }

void add(std::vector<SourceText>& texts, std::string_view field, const std::optional<std::string>& text) {
  if (text && !text->empty()) texts.push_back({std::string{field}, *text});
}

void put(Translation& translation, TranslatedText text) {
  const auto found = std::ranges::find(translation.texts, text.field, &TranslatedText::field);
  if (found == translation.texts.end())
    translation.texts.push_back(std::move(text));
  else
    *found = std::move(text);
}

void note_overrides(Translation& translation) {
  translation.overridden = std::ranges::any_of(translation.texts, [](const auto& text) { return text.origin == TextOrigin::manual; });
}

/// A machine's text as it may be shown: what a person could not have typed into the field is not in it.
std::string cleaned(std::string_view text, bool single_line) {
  std::string clean = clean_utf8(text);
  std::erase(clean, '\r');
  std::ranges::replace_if(
      clean,
      [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == 0x7f || (byte < 0x20 && (single_line || (c != '\n' && c != '\t')));
      },
      ' ');
  return clean;
}

struct LanguageName {
  std::string_view tag, name;
};
constexpr LanguageName names[] = {
    {"ar", "العربية"},      {"ast", "asturianu"}, {"bg", "български"},  {"ca", "català"},      {"cs", "čeština"},    {"cy", "Cymraeg"},
    {"da", "dansk"},        {"de", "Deutsch"},    {"el", "Ελληνικά"},   {"en", "English"},     {"eo", "Esperanto"},  {"es", "español"},
    {"et", "eesti"},        {"eu", "euskara"},    {"fa", "فارسی"},      {"fi", "suomi"},       {"fr", "français"},   {"ga", "Gaeilge"},
    {"gl", "galego"},       {"he", "עברית"},      {"hi", "हिन्दी"},      {"hr", "hrvatski"},    {"hu", "magyar"},     {"id", "Indonesia"},
    {"is", "íslenska"},     {"it", "italiano"},   {"ja", "日本語"},     {"ko", "한국어"},      {"lt", "lietuvių"},   {"lv", "latviešu"},
    {"nb", "norsk bokmål"}, {"nl", "Nederlands"}, {"nn", "nynorsk"},    {"oc", "occitan"},     {"pl", "polski"},     {"pt", "português"},
    {"ro", "română"},       {"ru", "русский"},    {"sk", "slovenčina"}, {"sl", "slovenščina"}, {"sr", "српски"},     {"sv", "svenska"},
    {"th", "ไทย"},          {"tr", "Türkçe"},     {"uk", "українська"}, {"ur", "اردو"},        {"vi", "Tiếng Việt"}, {"zh", "中文"},
};

} // namespace

std::string canonical_locale(std::string_view tag) {
  std::string canonical;
  for_each_subtag(tag, [&](std::string_view subtag, std::size_t index) {
    std::string text = ascii_lower(std::string{subtag});
    if (index > 0 && is_script(subtag))
      text[0] = ascii_upper(text[0]);
    else if (index > 0 && subtag.size() == 2)
      std::ranges::transform(text, text.begin(), ascii_upper);
    canonical.append(index == 0 ? "" : "-").append(text);
  });
  return canonical;
}

std::optional<std::string> lookup_locale(std::string_view wanted, std::span<const std::string> available) {
  const auto whole = canonical_locale(wanted);
  for (std::string_view left = whole; !left.empty();) {
    if (const auto found = std::ranges::find(available, left); found != available.end()) return *found;
    const auto dash = left.rfind('-');
    if (dash == std::string_view::npos) break;
    left = left.substr(0, dash);
    if (left.size() >= 2 && left[left.size() - 2] == '-') left = left.substr(0, left.size() - 2); // a singleton says nothing by itself
  }
  return std::nullopt;
}

bool is_right_to_left(std::string_view locale) {
  constexpr std::string_view scripts[] = {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"};
  constexpr std::string_view languages[] = {"ar", "arc", "azb", "ckb", "dv",  "fa", "he", "iw", "ji",
                                            "ks", "nqo", "ps",  "sd",  "syr", "ug", "ur", "yi"};
  const auto tag = canonical_locale(locale);
  std::optional<bool> by_script;
  for_each_subtag(tag, [&](std::string_view subtag, std::size_t index) {
    if (index > 0 && !by_script && is_script(subtag)) by_script = std::ranges::find(scripts, subtag) != std::end(scripts);
  });
  return by_script ? *by_script : std::ranges::find(languages, language_of(tag)) != std::end(languages);
}

std::string locale_name(std::string_view locale) {
  const auto language = language_of(locale);
  const auto* found = std::ranges::find(names, language, &LanguageName::tag);
  if (found == std::end(names)) return std::string{locale};
  std::string name{found->name};
  if (language.size() < locale.size()) name.append(" (").append(locale.substr(language.size() + 1)).append(")");
  return name;
}

std::vector<SourceText> source_texts(const Offering& offering) {
  std::vector<SourceText> texts;
  add(texts, "title", offering.title);
  add(texts, "description", offering.description);
  return texts;
}

std::vector<SourceText> source_texts(const Review& review) {
  std::vector<SourceText> texts;
  add(texts, "title", review.title);
  add(texts, "text", review.text);
  add(texts, "reply", review.reply);
  return texts;
}

std::vector<SourceText> source_texts(const Branding& branding) {
  std::vector<SourceText> texts;
  add(texts, "tagline", branding.tagline);
  if (branding.announcement) add(texts, "announcement", branding.announcement->text);
  add(texts, "about", branding.about);
  for (const auto& badge : branding.sale_badges) {
    auto name = std::string{badge_prefix} + badge.label;
    if (std::ranges::find(texts, name, &SourceText::field) == texts.end()) texts.push_back({std::move(name), badge.label});
  }
  return texts;
}

std::vector<SourceText> source_texts(const Coupon& coupon) {
  std::vector<SourceText> texts;
  add(texts, "description", coupon.description);
  return texts;
}

bool is_translated_field(TranslationKind kind, std::string_view field) {
  switch (kind) {
  case TranslationKind::offering: return field == "title" || field == "description";
  case TranslationKind::review: return field == "title" || field == "text" || field == "reply";
  case TranslationKind::storefront:
    return field == "tagline" || field == "announcement" || field == "about" || field.starts_with(badge_prefix);
  case TranslationKind::coupon: return field == "description";
  }
  return false;
}

bool is_single_line(TranslationKind kind, std::string_view field) {
  switch (kind) {
  case TranslationKind::offering:
  case TranslationKind::review: return field == "title";
  case TranslationKind::storefront: return field != "about";
  case TranslationKind::coupon: return true;
  }
  return true;
}

json::Limits text_limits(TranslationKind kind, std::string_view field) {
  // What is long in one language is longer in others: short texts have more room than their sources.
  json::Limits limits{1, 400};
  if (kind == TranslationKind::offering && field == "description") limits.max = 20'000;
  if (kind == TranslationKind::review && field != "title") limits.max = 4000;
  if (kind == TranslationKind::storefront && field == "about") limits.max = 5000;
  if (kind == TranslationKind::storefront && field.starts_with(badge_prefix)) limits.max = 48;
  const bool line = is_single_line(kind, field);
  limits.form = line ? json::is_line : json::is_prose;
  limits.form_hint = line ? json::line_hint : json::prose_hint;
  return limits;
}

std::string source_hash(std::string_view source_locale, std::string_view text) {
  std::string whole{source_locale};
  whole.append("\n").append(text);
  return hex(sha256(whole), 16);
}

const TranslatedText* find_text(const Translation& translation, std::string_view field) {
  const auto found = std::ranges::find(translation.texts, field, &TranslatedText::field);
  return found == translation.texts.end() ? nullptr : &*found;
}

bool is_stale(const TranslatedText& text, const SourceText& source, std::string_view source_locale) {
  return text.source_hash != source_hash(source_locale, source.text);
}

std::vector<SourceText> to_translate(const Translation& translation, std::span<const SourceText> sources, std::string_view source_locale) {
  std::vector<SourceText> wanted;
  for (const auto& source : sources) {
    const auto* text = find_text(translation, source.field);
    if (text == nullptr || (text->origin == TextOrigin::machine && is_stale(*text, source, source_locale))) wanted.push_back(source);
  }
  return wanted;
}

void put_machine_texts(Translation& translation, std::span<const SourceText> sources, std::string_view source_locale,
                       std::span<const std::string> texts, std::string_view translator) {
  for (std::size_t i = 0; i < std::min(sources.size(), texts.size()); ++i) {
    const auto* present = find_text(translation, sources[i].field);
    if (present != nullptr && present->origin == TextOrigin::manual) continue;
    put(translation, {sources[i].field, cleaned(texts[i], is_single_line(translation.kind, sources[i].field)),
                      source_hash(source_locale, sources[i].text), TextOrigin::machine, std::string{translator}});
  }
}

void put_manual_text(Translation& translation, const SourceText& source, std::string_view source_locale, std::optional<std::string> text) {
  if (text) {
    put(translation, {source.field, std::move(*text), source_hash(source_locale, source.text), TextOrigin::manual, {}});
  } else {
    std::erase_if(translation.texts,
                  [&](const TranslatedText& present) { return present.field == source.field && present.origin == TextOrigin::manual; });
  }
  note_overrides(translation);
}

void drop_unknown(Translation& translation, std::span<const SourceText> sources) {
  std::erase_if(translation.texts,
                [&](const TranslatedText& text) { return std::ranges::find(sources, text.field, &SourceText::field) == sources.end(); });
  note_overrides(translation);
}

void settle(Translation& translation, std::span<const SourceText> sources, std::string_view source_locale) {
  translation.state = TranslationState::translated;
  for (const auto& source : sources)
    if (const auto* text = find_text(translation, source.field); text != nullptr && is_stale(*text, source, source_locale))
      translation.state = TranslationState::stale;
  translation.next_attempt_at.reset();
  translation.last_error.reset();
  translation.attempts = 0;
}

std::vector<const TranslatedText*> shown_texts(const Translation& translation, std::span<const SourceText> sources,
                                               std::string_view source_locale) {
  std::vector<const TranslatedText*> shown;
  for (const auto& source : sources) {
    const auto* text = find_text(translation, source.field);
    if (text == nullptr) continue;
    // What a machine made of another text may say what is not so any more; in the source's language it is right at least.
    if (text->origin == TextOrigin::manual || !is_stale(*text, source, source_locale)) shown.push_back(text);
  }
  return shown;
}

Instant next_translation_attempt(int made, Instant now, double spread) {
  const auto index = static_cast<std::size_t>(std::max(made, 1) - 1);
  const auto delay = index < first_delays.size() ? first_delays[index] : later_delay;
  return now + milliseconds{static_cast<std::int64_t>(static_cast<double>(delay.count()) * (0.8 + 0.4 * spread))};
}

} // namespace orkestr::inline v1
