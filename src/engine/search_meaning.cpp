// What the rules of a grammar say, in numbers and dates. The actions are listed in docs/search.md.
#include "engine/search_match.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace orkestr::inline v1::search {
namespace {

using Result = std::optional<Value>;

struct Arguments {
  const Rule& rule;
  std::span<const Capture> captures;
  const SearchContext& context;

  [[nodiscard]] const Value* find(std::string_view name, std::size_t which = 0) const {
    for (const auto& capture : captures)
      if ((capture.name == name || (name == "clock" && capture.name == "hhmm_clock")) && which-- == 0) return &capture.value;
    return nullptr;
  }
  /// Of captures that are numbers, in their order.
  [[nodiscard]] std::vector<double> numbers() const {
    std::vector<double> found;
    for (const auto& capture : captures)
      if (capture.name == "n" || capture.name == "one") found.push_back(capture.value.number);
    return found;
  }
  /// Of captures of that name the numbers, in their order.
  [[nodiscard]] std::vector<int> all(std::string_view name) const {
    std::vector<int> found;
    for (const auto& capture : captures)
      if (capture.name == name) found.push_back(static_cast<int>(capture.value.number));
    return found;
  }
  [[nodiscard]] double constant(std::size_t i, double otherwise = 0) const {
    if (i >= rule.arguments.size()) return otherwise;
    double number = otherwise;
    const auto& text = rule.arguments[i];
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
};

Result of_number(double number) {
  Value value;
  value.number = number;
  return value;
}

// --- dates

std::chrono::year_month_day calendar(LocalDate date) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{date.days}}};
}

std::optional<LocalDate> date_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year < 1900 || year > 9999) return std::nullopt;
  return LocalDate::of(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

int year_of(LocalDate date) { return static_cast<int>(calendar(date).year()); }
int month_of(LocalDate date) { return static_cast<int>(static_cast<unsigned>(calendar(date).month())); }
int day_of(LocalDate date) { return static_cast<int>(static_cast<unsigned>(calendar(date).day())); }

/// Monday of the week of a date.
LocalDate monday(LocalDate date) { return date + -((date.day_of_week() + 6) % 7); }

LocalDate month_end(int year, int month) {
  const auto next = month == 12 ? date_of(year + 1, 1, 1) : date_of(year, month + 1, 1);
  return *next + -1;
}

Result of_dates(LocalDate first, LocalDate last) {
  if (last < first) return std::nullopt;
  Value value;
  value.dates = SearchDates{first, last};
  return value;
}
Result of_date(LocalDate date) { return of_dates(date, date); }

/// The next of that day and month; on that weekday, if one is said and comes within some years.
Result of_day_month(int day, int month, const Value* year, const Value* weekday, LocalDate today) {
  if (year != nullptr) {
    const auto date = date_of(static_cast<int>(year->number), month, day);
    return date ? of_date(*date) : std::nullopt;
  }
  std::optional<LocalDate> next;
  for (int i = 0; i < 9; ++i) {
    const auto date = date_of(year_of(today) + i, month, day);
    if (!date || *date < today) continue;
    if (!next) next = date;
    if (weekday == nullptr || date->day_of_week() == static_cast<int>(weekday->number)) {
      if (i < 3) next = date;
      break;
    }
  }
  if (!next) return std::nullopt;
  auto value = of_date(*next);
  value->no_year = true;
  return value;
}

/// The next of that day; on that weekday, if one is said and comes within two years.
Result of_day(int day, const Value* weekday, LocalDate today) {
  std::optional<LocalDate> next;
  for (int i = 0; i < 25; ++i) {
    const int month = month_of(today) - 1 + i;
    const auto date = date_of(year_of(today) + month / 12, month % 12 + 1, day);
    if (!date || *date < today) continue;
    if (!next) next = date;
    if (weekday != nullptr && date->day_of_week() != static_cast<int>(weekday->number)) continue;
    next = date;
    break;
  }
  return next ? of_date(*next) : std::nullopt;
}

bool month_first(std::string_view locale) { return locale == "en" || locale == "en-US"; }

Result numeric_date(const Value& token, const SearchContext& context) {
  int parts[3] = {0, 0, 0};
  const char* at = token.text.data();
  for (int& part : parts) at = std::from_chars(at, token.text.data() + token.text.size(), part).ptr + 1;
  if (parts[0] > 31) {
    const auto date = date_of(parts[0], parts[1], parts[2]);
    return date ? of_date(*date) : std::nullopt;
  }
  bool swapped = month_first(context.locale);
  int day = swapped ? parts[1] : parts[0], month = swapped ? parts[0] : parts[1];
  if (month > 12) std::swap(day, month);
  if (parts[2] == 0) return of_day_month(day, month, nullptr, nullptr, context.today);
  Value year;
  year.number = parts[2] < 100 ? 2000 + parts[2] : parts[2];
  return of_day_month(day, month, &year, nullptr, context.today);
}

Result weekend(LocalDate today, int weeks) {
  const LocalDate saturday = monday(today) + 5 + 7 * weeks;
  return of_dates(std::max(today, saturday), saturday + 1);
}

/// Of a month the nth such weekday, from its end when `which` is negative.
LocalDate nth_weekday(int year, int month, int which, int weekday) {
  if (which > 0) {
    const auto first = *date_of(year, month, 1);
    return first + (weekday - first.day_of_week() + 7) % 7 + 7 * (which - 1);
  }
  const auto last = month_end(year, month);
  return last + -((last.day_of_week() - weekday + 7) % 7) + 7 * (which + 1);
}

/// The year of the next such month; today's month is this year's.
int next_year_of(int month, LocalDate today) { return year_of(today) + (month < month_of(today) ? 1 : 0); }

/// "the first Monday of June", "the last weekend of May", "the second week of June": the days from that weekday on; weeks are counted from a month's first or last day.
Result nth_in_month(const Arguments& a, std::optional<int> weekday, int days) {
  const int month = static_cast<int>(a.find("month")->number);
  const auto* ordinal = a.find("ordinal");
  const int which = ordinal != nullptr ? static_cast<int>(ordinal->number) : static_cast<int>(a.constant(0));
  const auto* said = a.find("year");
  int year = said != nullptr ? static_cast<int>(said->number) : next_year_of(month, a.context.today);
  for (;; ++year) {
    const auto first = weekday     ? nth_weekday(year, month, which, *weekday)
                       : which > 0 ? *date_of(year, month, 1) + 7 * (which - 1)
                                   : month_end(year, month) + -6;
    if (first + (days - 1) >= a.context.today || said != nullptr) return of_dates(first, first + (days - 1));
  }
}

/// "early June", "at the end of May": its days from one to another, both said by the rule.
Result part_of_month(const Arguments& a) {
  const int month = static_cast<int>(a.find("month")->number);
  const auto* said = a.find("year");
  int year = said != nullptr ? static_cast<int>(said->number) : next_year_of(month, a.context.today);
  for (;; ++year) {
    const auto last = std::min(month_end(year, month), *date_of(year, month, 1) + (static_cast<int>(a.constant(1)) - 1));
    if (last < a.context.today && said == nullptr) continue;
    return of_dates(std::max(*date_of(year, month, static_cast<int>(a.constant(0))), std::min(a.context.today, last)), last);
  }
}

/// "the weekend of 16 May", "a weekend in June", "the second weekend of June".
Result weekend_in(const Arguments& a) {
  if (const auto* day = a.find("day")) {
    const LocalDate saturday = monday(day->dates->first) + 5;
    return of_dates(saturday, saturday + 1);
  }
  const auto* month = a.find("month");
  if (a.find("ordinal") != nullptr || a.constant(0) != 0) return nth_in_month(a, 6, 2);
  const auto first = of_day_month(1, static_cast<int>(month->number), nullptr, nullptr, a.context.today);
  const bool this_month = static_cast<int>(month->number) == month_of(a.context.today);
  const LocalDate from = this_month ? a.context.today : first->dates->first;
  const LocalDate saturday = from + (6 - from.day_of_week());
  return of_dates(saturday, saturday + 1);
}

Result month_away(LocalDate today, int months) {
  const int month = month_of(today) - 1 + months;
  const int year = year_of(today) + month / 12;
  const auto first = date_of(year, month % 12 + 1, 1);
  return of_dates(std::max(today, *first), month_end(year, month % 12 + 1));
}

Result whole_month(int month, const Value* year, LocalDate today) {
  if (month < 1 || month > 12) return std::nullopt;
  int in = year_of(today);
  if (year != nullptr)
    in = static_cast<int>(year->number);
  else if (month < month_of(today))
    ++in;
  const auto first = date_of(in, month, 1);
  return of_dates(first && *first < today && month_end(in, month) >= today ? today : *first, month_end(in, month));
}

Result later(const Arguments& a) {
  const auto numbers = a.numbers();
  const auto* unit = a.find("date_unit");
  const double count = numbers.empty() ? a.constant(0, 1) : numbers[0];
  if (unit == nullptr || count > 1000) return std::nullopt;
  if (unit->text == "month") {
    const int month = month_of(a.context.today) - 1 + static_cast<int>(count);
    const int year = year_of(a.context.today) + month / 12;
    const int day = std::min(day_of(a.context.today), day_of(month_end(year, month % 12 + 1)));
    return of_date(LocalDate::of(year, static_cast<unsigned>(month % 12 + 1), static_cast<unsigned>(day)));
  }
  return of_date(a.context.today + static_cast<int>(count * (unit->text == "week" ? 7 : 1)));
}

Result date_range(const Value* from, const Value* to) {
  if (from == nullptr || to == nullptr || !from->dates || !to->dates) return std::nullopt;
  auto last = to->dates->last;
  if (last < from->dates->first && to->weekday >= 0) last = last + 7;
  if (last < from->dates->first && to->no_year) {
    const auto next = date_of(year_of(last) + 1, month_of(last), day_of(last));
    if (next) last = *next;
  }
  return of_dates(from->dates->first, last);
}

/// "from 3 to 5 June", "du 3 au 5 juin"; over the end of a month when the days fall.
Result day_range(const Arguments& a) {
  const auto *from = a.find("dom"), *to = a.find("dom", 1), *month = a.find("month"), *year = a.find("year");
  if (from == nullptr || to == nullptr || month == nullptr) return std::nullopt;
  const auto first = of_day_month(static_cast<int>(from->number), static_cast<int>(month->number), year, nullptr, a.context.today);
  if (!first) return std::nullopt;
  Value same_year;
  same_year.number = year_of(first->dates->first);
  const auto last = of_day_month(static_cast<int>(to->number), static_cast<int>(month->number), &same_year, nullptr, a.context.today);
  return last ? of_dates(first->dates->first, last->dates->first) : std::nullopt;
}

/// Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
LocalDate easter(int year) {
  const int a = year % 19, b = year / 100, c = year % 100;
  const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int day = h + l - 7 * m + 114;
  return *date_of(year, day / 31, day % 31 + 1);
}

/// `12-24` (month and day), `E-2` (days from Easter), `11#4.4` (of November the fourth Thursday; `#-1` the last), with days to add: `11#4.4+1`.
std::optional<LocalDate> holiday_in(std::string_view spec, int year) {
  const char* at = spec.data();
  const char* const end = at + spec.size();
  const auto number = [&] {
    int value = 0;
    if (at < end && *at == '+') ++at;
    at = std::from_chars(at, end, value).ptr;
    return value;
  };
  if (spec.starts_with('E')) return ++at, easter(year) + number();
  const int month = number();
  if (at == end) return std::nullopt;
  if (*at++ == '-') return date_of(year, month, number());
  const int which = number();
  ++at;
  const int weekday = number();
  return nth_weekday(year, month, which, weekday) + number();
}

/// The next one; of one that lasts several days and has begun, what is left.
Result holiday(const Arguments& a) {
  const auto* day = a.find("holiday") != nullptr ? a.find("holiday") : a.find("season");
  if (day == nullptr) return std::nullopt;
  const std::string_view spec = day->text;
  const auto slash = spec.find('/');
  const auto* said = a.find("year");
  const int from = said != nullptr ? static_cast<int>(said->number) : year_of(a.context.today) - 1;
  for (int year = from; year < from + 9; ++year) {
    const auto first = holiday_in(spec.substr(0, slash), year);
    auto last = slash == std::string_view::npos ? first : holiday_in(spec.substr(slash + 1), year);
    if (first && last && *last < *first) last = holiday_in(spec.substr(slash + 1), year + 1);
    if (!first || !last || (said == nullptr && *last < a.context.today)) continue;
    auto value = of_dates(std::max(*first, std::min(*last, a.context.today)), *last);
    value->no_year = said == nullptr;
    return value;
  }
  return std::nullopt;
}

/// Weekdays that recur: those the rule says, else those of the query.
Result weekdays(const Arguments& a) {
  Value value;
  for (std::size_t i = 0; i < a.rule.arguments.size(); ++i) value.weekdays |= 1U << static_cast<unsigned>(a.constant(i));
  if (value.weekdays == 0)
    for (const auto* name : {"weekday", "weekday_many"})
      for (const int day : a.all(name)) value.weekdays |= 1U << static_cast<unsigned>(day);
  return value;
}

/// "Tuesday or Thursday": the coming ones, and none of the days between them.
Result either_weekday(const Arguments& a) {
  const auto today = a.context.today;
  auto value = weekdays(a);
  std::optional<LocalDate> first, last;
  for (const int day : a.all("weekday")) {
    const auto date = today + (day - today.day_of_week() + 7) % 7;
    first = first ? std::min(*first, date) : date;
    last = last ? std::max(*last, date) : date;
  }
  value->dates = SearchDates{*first, *last};
  if (*last < *first + static_cast<int>(a.all("weekday").size())) value->weekdays = 0; // there is none
  return value;
}

Result weekday(const Arguments& a, bool strictly_later) {
  const auto* wanted = a.find("weekday");
  if (wanted == nullptr) return std::nullopt;
  const auto today = a.context.today;
  int away = (static_cast<int>(wanted->number) - today.day_of_week() + 7) % 7;
  if (away == 0 && strictly_later) away = 7;
  auto value = of_date(today + away);
  value->weekday = static_cast<int>(wanted->number);
  return value;
}

Result weekday_next_week(const Arguments& a) {
  const auto* wanted = a.find("weekday");
  if (wanted == nullptr) return std::nullopt;
  auto value = of_date(monday(a.context.today) + 7 + (static_cast<int>(wanted->number) + 6) % 7);
  value->weekday = static_cast<int>(wanted->number);
  return value;
}

Result dates(const std::string& action, const Arguments& a) {
  const auto today = a.context.today;
  if (action == "offset") return of_date(today + static_cast<int>(a.constant(0)));
  if (action == "later") return later(a);
  if (action == "weekday") return weekday(a, false);
  if (action == "weekday_coming") return weekday(a, true);
  if (action == "weekday_next") return weekday_next_week(a);
  if (action == "weekend") return weekend(today, static_cast<int>(a.constant(0)));
  if (action == "week")
    return of_dates(std::max(today, monday(today) + static_cast<int>(7 * a.constant(0))),
                    monday(today) + static_cast<int>(7 * a.constant(0) + 6));
  if (action == "months") return month_away(today, static_cast<int>(a.constant(0)));
  if (action == "month")
    return a.find("month") ? whole_month(static_cast<int>(a.find("month")->number), a.find("year"), today) : std::nullopt;
  if (action == "day") {
    const auto* day = a.find("ord") != nullptr ? a.find("ord") : a.find("dom");
    return of_day(static_cast<int>(day->number), a.find("weekday"), today);
  }
  if (action == "weekend_in") return weekend_in(a);
  if (action == "week_of") return of_dates(std::max(today, monday(a.find("day")->dates->first)), monday(a.find("day")->dates->first) + 6);
  if (action == "weekdays") return weekdays(a);
  if (action == "either") return either_weekday(a);
  if (action == "nth") return nth_in_month(a, static_cast<int>(a.find("weekday")->number), 1);
  if (action == "week_in") return nth_in_month(a, std::nullopt, 7);
  if (action == "month_part") return part_of_month(a);
  if (action == "day_month")
    return of_day_month(static_cast<int>(a.find("dom")->number), static_cast<int>(a.find("month")->number), a.find("year"),
                        a.find("weekday"), today);
  if (action == "day_range") return day_range(a);
  if (action == "numeric") return numeric_date(*a.find("numeric"), a.context);
  if (action == "holiday") return holiday(a);
  if (action == "range") return date_range(a.find("day"), a.find("day", 1));
  if (action == "until") {
    const auto* day = a.find("day");
    return of_dates(today, day->dates->last + static_cast<int>(a.constant(0)));
  }
  if (action == "since") { // the rest of its week would be too little, and all time too much: a month
    const auto* day = a.find("day");
    auto value = of_dates(day->dates->first + static_cast<int>(a.constant(0)), day->dates->first + 30);
    value->open = true;
    return value;
  }
  return std::nullopt;
}

// --- times

Result of_times(int from, int to) {
  Value value;
  value.times = SearchTimes{std::clamp(from, 0, 1440), std::clamp(to, 0, 1440)};
  return value;
}

/// A point of time: `hm minutes [am|pm]` from an hour, and the word that says which half of the day.
Result moment(const Arguments& a) {
  Value value;
  if (a.rule.action == "is") {
    value.number = a.constant(0);
    return value;
  }
  bool loose = true;
  if (const auto* clock = a.find("hhmm")) {
    value.number = clock->number;
    loose = value.number < 720 && value.number >= 60 && clock->text.size() < 5; // 09:30 says what it is
  } else {
    const auto numbers = a.numbers();
    if (numbers.empty()) return std::nullopt;
    double hour = std::floor(numbers[0]);
    double minutes = std::round((numbers[0] - hour) * 100); // 9.30
    if (numbers.size() > 1) minutes = numbers[1];
    if (a.rule.action == "to") { // ten to nine
      std::swap(hour, minutes);
      minutes = -minutes;
    }
    if (a.rule.action == "past") std::swap(hour, minutes);
    if (hour < 0 || hour > 24 || minutes > 59 || minutes < -59) return std::nullopt;
    value.number = hour * 60 + minutes + a.constant(0);
    loose = hour >= 1 && hour <= 12 && std::ranges::find(a.rule.arguments, "sure") == a.rule.arguments.end();
  }
  if (const auto* half = a.find("ampm")) {
    if (value.number >= 780) {
      if (half->text == "am") return std::nullopt;
      value.loose = false;
      return value;
    }
    if (half->text == "pm" && value.number < 720) value.number += 720;
    if (half->text == "am" && value.number >= 720) value.number -= 720;
    loose = false;
  }
  if (value.number < 0 || value.number > 1440) return std::nullopt;
  value.loose = loose;
  return value;
}

/// What people mean by a bare hour: offices are open.
int likely(const Value& time) {
  const int minutes = static_cast<int>(time.number);
  return time.loose && minutes < 420 ? minutes + 720 : minutes;
}

Result time_span(const Arguments& a) {
  const auto *from = a.find("clock"), *to = a.find("clock", 1);
  if (from == nullptr || to == nullptr) return std::nullopt;
  int start = static_cast<int>(from->number), end = static_cast<int>(to->number);
  if (from->loose && !to->loose) { // "2 to 4 pm"
    if (end >= 720 && start + 720 < end) start += 720;
  } else {
    start = likely(*from);
  }
  if (to->loose && end <= start) end += 720;
  if (end <= start) return std::nullopt;
  auto value = of_times(start, end);
  value->loose = from->loose && to->loose;
  return value;
}

Result part_of_day(const Arguments& a) {
  const auto* part = a.find("part") != nullptr ? a.find("part") : a.find("part_many");
  if (part == nullptr) return std::nullopt;
  int from = 0, to = 0;
  const auto dash = part->text.find('-');
  std::from_chars(part->text.data(), part->text.data() + dash, from);
  std::from_chars(part->text.data() + dash + 1, part->text.data() + part->text.size(), to);
  if (a.rule.action == "part_early") to = from + (to - from) / 2;
  if (a.rule.action == "part_late") from += (to - from) / 2;
  auto value = of_times(from, to);
  value->part = true;
  return value;
}

Result times(const std::string& action, const Arguments& a) {
  if (action.starts_with("part")) return part_of_day(a);
  if (action == "between") return time_span(a);
  const auto* clock = a.find("clock");
  if (clock == nullptr) return std::nullopt;
  int at = likely(*clock);
  bool loose = clock->loose;
  // "2 h" alone is how long, "14 h" when.
  if (action == "at_likely" && clock->number < 420) return std::nullopt;
  if (action == "at_part") {
    const auto part = part_of_day(a);
    if (!part) return std::nullopt;
    at = static_cast<int>(clock->number);
    if (clock->loose && at >= 720 && part->times->from < 720) at -= 720;
    if (clock->loose && at < 720 && part->times->to > 720 && part->times->from >= 720) at += 720;
    loose = false;
  }
  auto value = action == "after"    ? of_times(at, 1440)
               : action == "before" ? of_times(0, at)
               : action == "around" ? of_times(at - 60, at + 60)
                                    : of_times(at, at);
  value->loose = loose;
  return value;
}

// --- the rest

Result minutes(const std::string& action, const Arguments& a) {
  const auto numbers = a.numbers();
  if (action == "is") return of_number(a.constant(0));
  double total = 0;
  std::size_t i = 0;
  for (; const auto* unit = a.find("unit", i); ++i) total += (i < numbers.size() ? numbers[i] : 1) * unit->number;
  if (i == 0) return std::nullopt;
  const double unit = a.find("unit")->number;
  if (action == "half") total += unit / 2; // two hours and a half
  if (action == "quarter") total += unit / 4;
  if (action == "plus" && numbers.size() > 1) total += numbers[1];
  if (action == "half_of") total = unit == 1440 ? 240 : unit / 2;
  if (action == "quarter_of") total = unit / 4;
  if (action == "three_quarters_of") total = unit * 3 / 4;
  if (!(total > 0 && total <= 366 * 1440)) return std::nullopt;
  return of_number(std::round(total));
}

Result people(const std::string& action, const Arguments& a) {
  const auto numbers = a.numbers();
  double count = a.constant(0);
  if (action == "last" && !numbers.empty()) count = numbers.back();
  if (action == "some") count = numbers.size() == 1 && numbers[0] > 1 ? numbers[0] : 0; // "para una fiesta" counts nobody
  if (action == "sum")
    for (const double number : numbers) count += number;
  if (!(count >= 1 && count <= 100'000) || count != std::floor(count)) return std::nullopt;
  return of_number(count);
}

Result money(const Arguments& a) {
  const auto numbers = a.numbers();
  const auto* currency = a.find("cur");
  if (numbers.empty() || currency == nullptr) return std::nullopt;
  Value value;
  value.number = numbers[0];
  value.currency = currency->text;
  if (value.currency == "$") value.currency = a.context.currency.code().ends_with('D') ? std::string{a.context.currency.code()} : "USD";
  return value;
}

Result price(const std::string& action, const Arguments& a) {
  std::vector<double> amounts;
  Value value;
  for (const auto& capture : a.captures) {
    if (capture.name != "n" && capture.name != "money") continue;
    amounts.push_back(capture.value.number);
    if (!capture.value.currency.empty()) value.currency = capture.value.currency;
  }
  if (const auto* currency = a.find("cur")) {
    value.currency = currency->text;
    if (value.currency == "$") value.currency = a.context.currency.code().ends_with('D') ? std::string{a.context.currency.code()} : "USD";
  }
  if (amounts.empty() || !std::ranges::all_of(amounts, [](double amount) { return amount >= 0 && amount <= 1e9; })) return std::nullopt;
  if (action == "max") value.most = amounts[0];
  if (action == "min") value.least = amounts[0];
  if (action == "near") {
    value.least = amounts[0] * 0.8;
    value.most = amounts[0] * 1.2;
  }
  if (action == "range") {
    if (amounts.size() < 2 || amounts[1] < amounts[0]) return std::nullopt;
    value.least = amounts[0];
    value.most = amounts[1];
  }
  return value;
}

/// The first capture, as it is: of phrases, and of rules that only stand around another one.
Result same(const Arguments& a) {
  for (const auto& capture : a.captures) return capture.value;
  return Value{};
}

Result joined_words(const Arguments& a) {
  Value value;
  for (const auto& capture : a.captures)
    if (capture.name == "name") value.text.append(value.text.empty() ? "" : " ").append(capture.value.text);
  return value;
}

Result sorted(const Arguments& a) {
  Value value;
  const auto& by = a.rule.arguments.at(0);
  value.sort = by == "price"    ? SearchSort::price_rising
               : by == "-price" ? SearchSort::price_falling
               : by == "rating" ? SearchSort::rating
                                : SearchSort::newest;
  return value;
}

Result excluded(const Arguments& a) {
  static constexpr std::pair<std::string_view, SearchKind> kinds[] = {{"amenity_name", SearchKind::amenity},
                                                                      {"place_name", SearchKind::place},
                                                                      {"category_name", SearchKind::category},
                                                                      {"recurring", SearchKind::date},
                                                                      {"day", SearchKind::date},
                                                                      {"date", SearchKind::date},
                                                                      {"time", SearchKind::time},
                                                                      {"word", SearchKind::text}};
  for (const auto& capture : a.captures)
    for (const auto& [name, kind] : kinds)
      if (capture.name == name) {
        auto value = capture.value;
        value.kind = kind;
        if (const auto* other = a.find("date", 1); kind == SearchKind::date && other != nullptr) { // two days in a row
          if (!value.dates || !other->dates || other->dates->first != value.dates->last + 1) return std::nullopt;
          value.dates->last = other->dates->last;
        }
        return value;
      }
  return std::nullopt;
}

} // namespace

std::optional<Value> meaning(const Rule& rule, std::span<const Capture> captures, const SearchContext& context) {
  const Arguments a{rule, captures, context};
  const auto dot = rule.action.find('.');
  if (dot == std::string::npos) {
    if (rule.action == "same") return same(a);
    if (rule.action == "words") return joined_words(a);
    if (rule.action == "sort") return sorted(a);
    if (rule.action == "not") return excluded(a);
    if (rule.action == "money") return money(a);
    if (rule.action == "recurring") { // "Saturday mornings"
      auto value = weekdays(a);
      value->times = part_of_day(a)->times;
      return value;
    }
    if (rule.action == "both") { // "tonight": a day and a part of it
      auto value = dates("offset", a);
      value->times = SearchTimes{static_cast<int>(a.constant(1)), static_cast<int>(a.constant(2))};
      return value;
    }
    return std::nullopt;
  }
  const auto family = std::string_view{rule.action}.substr(0, dot);
  const auto action = rule.action.substr(dot + 1);
  if (family == "date") return dates(action, a);
  if (family == "time") {
    const Rule plain{action, rule.arguments, {}};
    return times(action, Arguments{plain, captures, context});
  }
  if (family == "clock") {
    const Rule plain{action, rule.arguments, {}};
    return moment(Arguments{plain, captures, context});
  }
  if (family == "duration") return minutes(action, a);
  if (family == "party") return people(action, a);
  if (family == "price") return price(action, a);
  return std::nullopt;
}

} // namespace orkestr::inline v1::search
