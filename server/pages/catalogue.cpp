#include "pages/catalogue.hpp"

#include "pages/assets.hpp"

#include "orkestr/base/json.hpp"
#include "orkestr/engine/translation.hpp"

#include <unicode/localematcher.h>
#include <unicode/msgfmt.h>
#include <unicode/numsys.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace orkestr::server {
namespace {

constexpr std::string_view folder = "/locales/", source = "en";

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}
icu::UnicodeString utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}
icu::Locale icu_locale(std::string_view tag) {
  UErrorCode status = U_ZERO_ERROR;
  auto locale = icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, status);
  return U_FAILURE(status) != 0 || locale.isBogus() ? icu::Locale::getEnglish() : locale;
}

} // namespace

struct Words::Message {
  std::string key, pattern;
  std::unique_ptr<icu::MessageFormat> format; ///< none: the pattern is what is said
  std::unique_ptr<std::mutex> mutex;          ///< it keeps formats of numbers, made when they are first needed
};
struct Words::Table {
  std::vector<Message> messages; ///< by key
};

Words::Words(std::string locale, std::string_view catalogue) : locale_(std::move(locale)), table_(std::make_unique<Table>()) {
  const auto parsed = json::parse(catalogue, {.max_depth = 2, .max_keys = 10'000});
  if (!parsed || !parsed->is_object()) throw std::runtime_error("the catalogue " + locale_ + " is not a JSON object");
  const auto how = icu_locale(format_locale(locale_));
  for (const auto& [key, value] : parsed->get_object()) {
    if (!value.is_string()) throw std::runtime_error("the catalogue " + locale_ + " has no text for " + std::string{key});
    Message message{std::string{key}, std::string{value.get_string()}, {}, {}};
    if (message.pattern.find('{') != std::string::npos) {
      UErrorCode status = U_ZERO_ERROR;
      UParseError where;
      message.format = std::make_unique<icu::MessageFormat>(utf16(message.pattern), how, where, status);
      if (U_FAILURE(status) != 0) throw std::runtime_error("the catalogue " + locale_ + " has a broken message " + message.key);
      message.mutex = std::make_unique<std::mutex>();
    }
    table_->messages.push_back(std::move(message));
  }
  std::ranges::sort(table_->messages, {}, &Message::key);
}
Words::~Words() = default;

std::size_t Words::size() const { return table_->messages.size(); }
std::string_view Words::key_at(std::size_t index) const { return table_->messages[index].key; }
std::string_view Words::pattern_at(std::size_t index) const { return table_->messages[index].pattern; }
const Words::Message* Words::find(std::string_view key) const {
  const auto found = std::ranges::lower_bound(table_->messages, key, {}, &Message::key);
  return found == table_->messages.end() || found->key != key ? nullptr : &*found;
}
std::string_view Words::pattern(std::string_view key) const {
  const auto* message = find(key);
  return message == nullptr ? std::string_view{} : std::string_view{message->pattern};
}

std::string Words::say(std::string_view key, Arguments arguments) const {
  const auto* message = find(key);
  if (message == nullptr) return locale_ == source ? std::string{key} : of(source).say(key, arguments);
  if (message->format == nullptr) return message->pattern;
  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;
  for (const auto& [name, value] : arguments) {
    names.push_back(utf16(name));
    if (const auto* text = std::get_if<std::string_view>(&value))
      values.emplace_back(utf16(*text));
    else if (const auto* number = std::get_if<std::int64_t>(&value))
      values.emplace_back(*number);
    else
      values.emplace_back(std::get<double>(value));
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString out;
  const std::lock_guard guard(*message->mutex);
  message->format->format(names.data(), values.data(), static_cast<std::int32_t>(names.size()), out, status);
  return U_FAILURE(status) != 0 ? message->pattern : utf8(out);
}

namespace {

struct Shipped {
  std::vector<std::string> tags;
  std::map<std::string, std::unique_ptr<const Words>, std::less<>> words;

  Shipped() {
    for (const auto* asset = assets::all; asset != assets::all + assets::all_count; ++asset) {
      if (!asset->path.starts_with(folder)) continue;
      const auto name = asset->path.substr(folder.size());
      std::string tag{name.substr(0, name.rfind('.'))};
      words.emplace(tag, std::make_unique<const Words>(tag, asset->body));
      tags.push_back(std::move(tag));
    }
  }
};
const Shipped& all() {
  static const Shipped shipped;
  return shipped;
}

} // namespace

std::span<const std::string> Words::shipped() { return all().tags; }

const Words& Words::of(std::string_view locale) {
  const auto& words = all().words;
  std::string tag{locale};
  UErrorCode status = U_ZERO_ERROR;
  // Down to the language itself. ICU's parents know more than the tag's parts: that of pt-MO is pt-PT.
  for (auto one = icu_locale(locale); !tag.empty(); one = icu::Locale::createFromName(tag.c_str())) {
    if (const auto found = words.find(one.toLanguageTag<std::string>(status)); found != words.end()) return *found->second;
    const std::string name = one.getName();
    const auto cut = name.rfind('_');
    tag = cut == std::string::npos ? std::string{} : name.substr(0, cut);
  }
  return *words.find(source)->second;
}

std::string negotiate(std::span<const std::string> available, std::string_view wanted, std::string_view accepts) {
  if (available.empty()) return std::string{source};
  if (!wanted.empty() && wanted.size() <= 35)
    if (auto found = lookup_locale(wanted, available)) return *std::move(found);
  if (accepts.empty() || available.size() == 1) return available.front();
  UErrorCode status = U_ZERO_ERROR;
  std::vector<icu::Locale> supported;
  supported.reserve(available.size());
  for (const auto& tag : available) supported.push_back(icu_locale(tag));
  const auto matcher = icu::LocaleMatcher::Builder{}
                           .setSupportedLocales(supported.begin(), supported.end())
                           .setDefaultLocale(supported.data())
                           .build(status);
  std::vector<icu::Locale> desired;
  for (auto rest = accepts; !rest.empty();) {
    const auto tag = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
    UErrorCode ignored = U_ZERO_ERROR;
    auto one = icu::Locale::forLanguageTag({tag.data(), static_cast<std::int32_t>(tag.size())}, ignored);
    if (U_SUCCESS(ignored) != 0 && !one.isBogus()) desired.push_back(std::move(one));
  }
  icu::Locale::RangeIterator<std::vector<icu::Locale>::iterator> list{desired.begin(), desired.end()};
  if (desired.empty()) return available.front();
  const auto result = matcher.getBestMatchResult(list, status);
  const auto index = result.getSupportedIndex();
  return U_FAILURE(status) != 0 || index < 0 ? available.front() : available[static_cast<std::size_t>(index)];
}

std::string language_preferences(std::string_view header) {
  std::vector<std::pair<int, std::string>> wanted; // minus thousandths, so that those that are liked alike stay in their order
  header = header.substr(0, 400);
  while (!header.empty() && wanted.size() < 20) {
    auto part = header.substr(0, header.find(','));
    header.remove_prefix(std::min(part.size() + 1, header.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    const auto tag = part.substr(0, part.find_first_of("; "));
    int liked = 1000;
    if (const auto q = part.find("q="); q != std::string_view::npos) {
      double value = 0;
      if (std::from_chars(part.data() + q + 2, part.data() + part.size(), value).ec == std::errc{}) liked = static_cast<int>(value * 1000);
    }
    const bool is_tag = !tag.empty() && tag.size() <= 35 && std::ranges::all_of(tag, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (!is_tag || liked <= 0) continue;
    std::string lower{tag};
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    wanted.emplace_back(-liked, std::move(lower));
  }
  std::ranges::stable_sort(wanted, {}, &std::pair<int, std::string>::first);
  if (wanted.size() > 6) wanted.resize(6);
  std::string out;
  for (const auto& [liked, tag] : wanted) out.append(out.empty() ? "" : ",").append(tag);
  return out;
}

std::string format_locale(std::string_view locale) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::NumberingSystem> digits(icu::NumberingSystem::createInstance(icu_locale(locale), status));
  std::string tag{locale};
  if (U_FAILURE(status) != 0 || digits == nullptr || std::string_view{digits->getName()} == "latn") return tag;
  return tag.find("-u-") == std::string::npos ? tag + "-u-nu-latn" : tag;
}

} // namespace orkestr::server
