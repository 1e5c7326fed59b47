#include "pages/words.hpp"

#include "pages/catalogue.hpp"

#include <unicode/dtptngen.h>
#include <unicode/numberformatter.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <cctype>
#include <map>
#include <memory>
#include <mutex>

namespace orkestr::server {
namespace {

icu::Locale locale_named(std::string_view name) {
  UErrorCode status = U_ZERO_ERROR;
  auto locale = icu::Locale::forLanguageTag({name.data(), static_cast<int>(name.size())}, status);
  return U_FAILURE(status) != 0 || locale.isBogus() ? icu::Locale::getEnglish() : locale;
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

/// Formatters are costly to make and each may be used by one thread at a time.
template <class T> class Kept {
 public:
  template <class Make, class Use> std::string with(const std::string& key, Make make, Use use) {
    const std::lock_guard guard(mutex_);
    if (all_.size() > 500) all_.clear(); // as many as locales and zones make
    auto& one = all_[key];
    if (!one) one = make();
    return one ? use(*one) : std::string{};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<T>> all_;
};

} // namespace

std::string money_words(Amount amount, Currency currency, std::string_view locale) {
  static Kept<icu::number::LocalizedNumberFormatter> formatters;
  const int digits = currency.decimals();
  std::string decimal = std::to_string(amount < 0 ? -amount : amount);
  if (digits > 0) {
    if (decimal.size() <= static_cast<std::size_t>(digits)) decimal.insert(0, static_cast<std::size_t>(digits) + 1 - decimal.size(), '0');
    decimal.insert(decimal.size() - static_cast<std::size_t>(digits), 1, '.');
  }
  if (amount < 0) decimal.insert(0, 1, '-');
  const std::string code{currency.code()};
  return formatters.with(
      code + " " + std::string{locale},
      [&] {
        UErrorCode status = U_ZERO_ERROR;
        const icu::CurrencyUnit unit(icu::UnicodeString::fromUTF8(code).getTerminatedBuffer(), status);
        return std::make_unique<icu::number::LocalizedNumberFormatter>(
            icu::number::NumberFormatter::withLocale(locale_named(locale))
                .unit(unit)
                .unitWidth(UNUM_UNIT_WIDTH_SHORT)
                .precision(icu::number::Precision::fixedFraction(digits).trailingZeroDisplay(UNUM_TRAILING_ZERO_HIDE_IF_WHOLE)));
      },
      [&](const icu::number::LocalizedNumberFormatter& formatter) {
        UErrorCode status = U_ZERO_ERROR;
        return utf8(formatter.formatDecimal(decimal, status).toString(status));
      });
}

std::string time_words(Instant at, std::string_view zone, std::string_view locale, std::string_view skeleton) {
  static Kept<icu::SimpleDateFormat> formats;
  return formats.with(
      std::string{zone} + " " + std::string{locale} + " " + std::string{skeleton},
      [&]() -> std::unique_ptr<icu::SimpleDateFormat> {
        UErrorCode status = U_ZERO_ERROR;
        const auto where = locale_named(locale);
        const std::unique_ptr<icu::DateTimePatternGenerator> patterns(icu::DateTimePatternGenerator::createInstance(where, status));
        if (U_FAILURE(status) != 0) return nullptr;
        const auto pattern =
            patterns->getBestPattern(icu::UnicodeString::fromUTF8({skeleton.data(), static_cast<int>(skeleton.size())}), status);
        auto format = std::make_unique<icu::SimpleDateFormat>(pattern, where, status);
        if (U_FAILURE(status) != 0) return nullptr;
        format->adoptTimeZone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8({zone.data(), static_cast<int>(zone.size())})));
        return format;
      },
      [&](const icu::SimpleDateFormat& format) {
        icu::UnicodeString text;
        return utf8(format.format(static_cast<UDate>(at.ms), text));
      });
}

std::string duration_words(std::int64_t minutes, const Words& words) {
  if (minutes >= 1440 && minutes % 1440 == 0) return words.say("duration.days", {{"n", minutes / 1440}});
  if (minutes % 60 == 0) return words.say("duration.hours", {{"n", minutes / 60}});
  if (minutes > 60 && minutes % 30 == 0) return words.say("duration.hours", {{"n", static_cast<double>(minutes) / 60}});
  return words.say("duration.minutes", {{"n", minutes}});
}

std::string tenths_words(double number, std::string_view locale) {
  UErrorCode status = U_ZERO_ERROR;
  return utf8(icu::number::NumberFormatter::withLocale(locale_named(locale))
                  .precision(icu::number::Precision::fixedFraction(1))
                  .formatDouble(number, status)
                  .toString(status));
}

std::string title_words(std::string_view key) {
  std::string words;
  for (const char c : key) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (c == '_' || c == ' ')
      words += ' ';
    else if (upper && !words.empty() && words.back() != ' ')
      words.append(1, ' ').append(1, static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    else
      words += words.empty() ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
  }
  return words;
}

} // namespace orkestr::server
