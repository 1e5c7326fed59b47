// Money, days and times as people of a locale read them.
#pragma once

#include "orkestr/base/money.hpp"
#include "orkestr/base/time.hpp"

#include <string>
#include <string_view>

namespace orkestr::server {

class Words;

/// `$120`, `120,50 €`. What ICU knows of the locale decides; an unknown one is as English.
[[nodiscard]] std::string money_words(Amount amount, Currency currency, std::string_view locale);

/// What of a moment to say, as a skeleton of Unicode's LDML: `jm` a time of the day, `EEEEdMMMM` a day, `MMMMy` a month.
[[nodiscard]] std::string time_words(Instant at, std::string_view zone, std::string_view locale, std::string_view skeleton);

/// `2 hours`, `1.5 hours`, `45 minutes`, `3 days`.
[[nodiscard]] std::string duration_words(std::int64_t minutes, const Words& words);

/// A number with a digit behind the point: `4.5`, `4,5`.
[[nodiscard]] std::string tenths_words(double number, std::string_view locale);

/// `ceilingHeightFt` as `Ceiling height ft`, `noise_level` as `Noise level`.
[[nodiscard]] std::string title_words(std::string_view key);

} // namespace orkestr::server
