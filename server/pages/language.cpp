// In which language a page speaks, and which texts of the tenant's it shows.
#include "pages/page.hpp"
#include "pages/words.hpp"

#include "orkestr/engine/translation.hpp"

#include <algorithm>
#include <cstdlib>
#include <regex>

namespace orkestr::server::pages {
namespace {

/// `coupon_expired` is said by `error.couponExpired`.
std::string key_of(std::string_view code) {
  std::string key = "error.";
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '_' && i + 1 < code.size())
      key += static_cast<char>(code[++i] - 'a' + 'A');
    else
      key += code[i];
  }
  return key;
}

std::string_view language_of(std::string_view tag) { return tag.substr(0, tag.find('-')); }

} // namespace

std::vector<std::string> Page::languages() const {
  std::vector<std::string> tags;
  for (const auto& each : list_at(brand, "locales"))
    if (each.is_string()) tags.emplace_back(each.get_string());
  if (const auto own = text_at(brand, "locale"); tags.empty() && !own.empty()) tags.emplace_back(own);
  return tags;
}

void Page::choose_language() {
  auto available = languages();
  if (brand.empty()) { // a page that is nobody's speaks what it can
    available.emplace_back("en");
    for (const auto& tag : Words::shipped())
      if (tag != "en") available.push_back(tag);
  }
  const auto asked = at(query, "lang");
  const bool fits = !asked.empty() && asked.size() <= 35 && lookup_locale(asked, available);
  const auto cookie = embedded() ? std::string_view{} : request.cookie("lang");
  chosen = negotiate(available,
                     fits              ? std::string_view{asked}
                     : !wanted.empty() ? std::string_view{wanted}
                                       : cookie,
                     language_preferences(request.header("Accept-Language")));
  if (fits && !embedded()) {
    std::string set = "lang=" + chosen + "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax";
    if (secure()) set += "; Secure";
    cookies.push_back(std::move(set));
  }
  words = &Words::of(chosen);
  lang = language_of(words->locale()) == language_of(chosen) ? chosen : words->locale();
  locale = format_locale(chosen);
  original = !at(query, "original").empty();
  content = chosen == text_at(brand, "locale") || original ? std::string{} : chosen;
  // They are the page's own, not a search's.
  query.erase("lang");
  query.erase("original");
}

void take_translation(Object& resource, bool& machine) {
  const auto* found = resource.if_contains("translation");
  if (found == nullptr || !found->is_object()) return;
  const Object translation = found->get_object();
  machine |= is_at(translation, "machine");
  Object written;
  for (const auto& [name, value] : translation) {
    auto* own = resource.if_contains(name);
    if (own == nullptr || name == "locale" || name == "machine") continue;
    if (own->is_string()) written[name] = *own;
    if (own->is_object() && value.is_string())
      own->get_object()["text"] = value;             // an announcement, or a reply
    else if (own->is_array() && value.is_object()) { // badges, by what they say
      for (auto& each : own->get_array()) {
        auto& label = each.as_object()["label"];
        if (const auto* told = value.get_object().if_contains(label.as_string())) label = *told;
      }
    } else {
      *own = value;
    }
  }
  resource["written"] = std::move(written);
}

Title title_of(const Object& offering) {
  const auto shown = text_at(offering, "title"), written = text_at(object_at(offering, "written"), "title");
  return {std::string{written.empty() ? shown : written}, std::string{shown}};
}

std::string line_words(const Page& page, std::string_view label, const std::vector<Title>& titles) {
  if (page.words->locale() == "en") return std::string{label};
  // As label_of() in engine/pricing.cpp writes them: the title, for how much, and the rules that count.
  static const std::regex form("^, (?:(\\d+) min by the hour|(\\d+) days?|(Once)|First (week|month|year))(?=,|$)");
  for (const auto& title : titles) {
    if (!label.starts_with(title.written)) continue;
    std::cmatch found;
    const auto* rest = label.data() + title.written.size();
    if (!std::regex_search(rest, label.data() + label.size(), found, form)) continue;
    const auto number = [&](int group) { return std::int64_t{std::atoll(found[static_cast<std::size_t>(group)].str().c_str())}; };
    std::string what;
    if (found[1].matched) what = duration_words(number(1), *page.words);
    if (found[2].matched) what = page.say("duration.days", {{"n", number(2)}});
    if (found[4].matched) {
      const auto period = found[4].str();
      what = page.say(period == "week" ? "prices.firstWeek" : period == "month" ? "prices.firstMonth" : "prices.firstYear");
    }
    std::string text = what.empty() ? title.shown : page.say("prices.line", {{"title", title.shown}, {"what", what}});
    return text.append(found[0].second, label.data() + label.size());
  }
  return std::string{label};
}

int Page::ask_content(const std::string& below, Object& answer, const Question& question) {
  if (content.empty()) return ask(below, answer, question);
  const int code = ask(below + (below.find('?') == std::string::npos ? "?locale=" : "&locale=") + encode(content), answer, question);
  if (code != 200) return code;
  take_translation(answer, machine);
  if (auto* list = answer.if_contains("data"); list != nullptr && list->is_array())
    for (auto& each : list->get_array())
      if (each.is_object()) take_translation(each.get_object(), machine);
  return code;
}

std::string Page::source_lang() const {
  const auto own = text_at(brand, "locale");
  return own == lang ? std::string{} : std::string{own};
}

std::string Page::lang_of(const Object& resource, std::string_view field) const {
  const auto& translation = object_at(resource, "translation");
  if (!translation.contains(field)) return source_lang();
  const auto tag = text_at(translation, "locale");
  return tag == lang ? std::string{} : std::string{tag};
}

std::string Page::in_language(const std::string& tag) const {
  if (!embedded()) return link(path, query, {{"lang", tag}});
  return link("/embed/v1/" + tenant + "/in/" + tag + path, query);
}

std::string Page::fault_words(const Object& problem, std::string_view field) const {
  const auto code = text_at(problem, "code"), detail = text_at(problem, "detail");
  if (words->locale() == "en" && !detail.empty()) return std::string{detail};
  std::string key = key_of(code);
  if (code == "invalid_format" && field == "email") key = "error.email";
  if (code == "invalid_format" && field == "evidence") key = "error.link";
  if (code == "too_short" && (field == "name" || field == "email" || field == "text" || field == "reason")) key = "error.empty";
  return words->pattern(key).empty() ? std::string{detail} : say(key);
}

} // namespace orkestr::server::pages
