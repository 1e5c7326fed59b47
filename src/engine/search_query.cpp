#include "orkestr/engine/search_query.hpp"

#include "engine/search_match.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace orkestr::inline v1 {
namespace {

using namespace search;

constexpr std::size_t longest_query = 400;

struct KindRule {
  std::string_view rule;
  SearchKind kind;
  int weight; ///< of a word; what only guesses weighs less than what knows
};
constexpr KindRule kind_rules[] = {
    {"party", SearchKind::party, 10},       {"date", SearchKind::date, 10},   {"time", SearchKind::time, 10},
    {"duration", SearchKind::duration, 10}, {"price", SearchKind::price, 10}, {"sort", SearchKind::sort, 10},
    {"amenity", SearchKind::amenity, 10},   {"place", SearchKind::place, 10}, {"category", SearchKind::category, 10},
    {"not", SearchKind::exclusion, 10},     {"drop", SearchKind::text, 11},   {"said", SearchKind::text, 11},
    {"free_place", SearchKind::place, 4}};

struct Part {
  const KindRule* rule = nullptr; ///< nullptr: a word that is left over
  std::size_t first = 0, end = 0; ///< tokens
  Value value;
};

struct Reading {
  const Grammar* grammar = nullptr;
  std::vector<Token> tokens;
  std::vector<SearchCorrection> corrections;
  std::vector<Part> parts;
  int score = 0;
};

bool knows(const std::set<std::string, std::less<>>& words, std::string_view word) {
  if (words.contains(word)) return true;
  if (word.size() > 3 && (word.ends_with('s') || word.ends_with('x')) && words.contains(word.substr(0, word.size() - 1))) return true;
  return word.size() > 4 && word.ends_with("es") && words.contains(word.substr(0, word.size() - 2));
}

std::set<std::string, std::less<>> catalogue_words(const SearchContext& context) {
  std::set<std::string, std::less<>> words(context.words.begin(), context.words.end());
  for (const auto list : {context.places, context.amenities, context.categories})
    for (const auto& text : list)
      for (auto& token : tokens(text)) words.insert(std::move(token.text));
  return words;
}

/// What a word that nobody knows was meant to be; empty when nothing is near.
std::string nearest(std::string_view typed, const std::set<std::string, std::less<>>& words) {
  std::string best;
  int best_cost = 30;
  for (const auto& word : words) {
    if (typed.size() == 3) { // one letter that should stand twice
      const auto twice = word.size() == 4 ? std::ranges::adjacent_find(word) : word.end();
      if (twice != word.end() && typed == std::string{word.begin(), twice}.append(twice + 1, word.end())) return word;
      continue;
    }
    if (word.size() < 4 || word.size() + 2 < typed.size() || typed.size() + 2 < word.size()) continue;
    const int allowed = typo_allowance(typed.size() == 7 ? word.size() : typed.size());
    const int distance = edit_distance(typed, word, allowed);
    if (distance > allowed || (distance == 2 && (word.size() < 7 || word[0] != typed[0]))) continue;
    // A short word with another letter is another word; with its letters in another order it is a slip.
    if (typed.size() == 4 && (word[0] != typed[0] || (word.size() == 4 && !std::ranges::is_permutation(word, typed)))) continue;
    const int cost = distance * 10 + (word[0] == typed[0] ? 0 : 4) + (word.size() == typed.size() ? 0 : 2);
    if (cost < best_cost) {
      best_cost = cost;
      best = word;
    }
  }
  return best;
}

void correct(Reading& reading, const std::set<std::string, std::less<>>& catalogue) {
  for (auto& token : reading.tokens) {
    if (token.kind != Token::Kind::word || token.text.size() < 3 || knows(catalogue, token.text)) continue;
    if (std::ranges::any_of(grammars(), [&](const Grammar& grammar) { return knows(grammar.words, token.text); })) continue;
    auto meant = nearest(token.text, catalogue);
    if (meant.empty()) meant = nearest(token.text, reading.grammar->meant);
    if (meant.empty()) continue;
    reading.corrections.push_back({token.text, meant, token.start, token.end});
    token.text = std::move(meant);
  }
}

Reading read(const Grammar& grammar, std::vector<Token> words, const SearchContext& context,
             const std::set<std::string, std::less<>>& catalogue) {
  Reading reading{&grammar, std::move(words), {}, {}, 0};
  correct(reading, catalogue);
  const auto& all = reading.tokens;
  const auto weight_of = [&](std::size_t i, int weight) {
    const bool corrected = std::ranges::find(reading.corrections, all[i].start, &SearchCorrection::start) != reading.corrections.end();
    return corrected ? weight * 6 / 10 : weight;
  };
  Matcher matcher(grammar, all, context);
  // From the end: the best that can be made of the rest.
  std::vector<int> best(all.size() + 1, 0);
  std::vector<Part> choice(all.size());
  std::vector<bool> dropped(all.size(), false);
  for (std::size_t at = all.size(); at-- > 0;) {
    best[at] = best[at + 1];
    choice[at] = {nullptr, at, at + 1, {}};
    if (const auto size = matcher.filler(at); size != 0 && best[at + size] + static_cast<int>(size) > best[at]) {
      best[at] = best[at + size] + static_cast<int>(size);
      choice[at].end = at + size;
      dropped[at] = true;
    }
    for (const auto& rule : kind_rules)
      for (const auto& match : matcher.rule(rule.rule, at)) {
        int score = best[match.end] - 1;
        for (std::size_t i = at; i < match.end; ++i) score += weight_of(i, rule.weight);
        if (rule.kind == SearchKind::exclusion && match.value.kind == SearchKind::text) score = best[match.end] + 4;
        if (score <= best[at]) continue;
        best[at] = score;
        choice[at] = {&rule, at, match.end, match.value};
        dropped[at] = false;
      }
  }
  reading.score = all.empty() ? 0 : best[0];
  for (std::size_t at = 0; at < all.size();) {
    const auto end = choice[at].end;
    if (!dropped[at]) reading.parts.push_back(std::move(choice[at]));
    at = end;
  }
  return reading;
}

/// The text as the tenant spells it, if it does.
std::string spelled(std::string_view text, std::span<const std::string> known) {
  const auto folded = [](std::string_view words) {
    std::string all;
    for (const auto& token : tokens(words)) all.append(token.text).append(" ");
    return all;
  };
  const auto wanted = folded(text);
  for (const auto& each : known)
    if (folded(each) == wanted) return each;
  return std::string{text};
}

void add_once(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

std::string without(std::string_view text, std::size_t start, std::size_t end) {
  std::string rest;
  const auto add = [&](std::string_view part) {
    for (const char c : part)
      if (c != ' ' || (!rest.empty() && rest.back() != ' ')) rest += c;
  };
  add(text.substr(0, start));
  const auto after = text.substr(end);
  if (!rest.empty() && rest.back() != ' ' && !after.empty()) rest += ' ';
  add(after);
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == ',')) rest.pop_back();
  const auto first = rest.find_first_not_of(" ,");
  return first == std::string::npos ? std::string{} : rest.substr(first);
}

/// Puts together what the parts say, and how to say it again.
class Sense {
 public:
  Sense(SearchQuery& query, const Grammar& grammar, const SearchContext& context) : query_(query), grammar_(grammar), context_(context) {}

  void add(const Part& part, std::string_view typed, SearchChip& chip) {
    const auto& value = part.value;
    switch (chip.kind) {
    case SearchKind::party: {
      const int count = static_cast<int>(value.number);
      query_.party = std::max(query_.party.value_or(0), count);
      chip.value = count;
      chip.label = label(count == 1 ? "party.one" : "party", std::to_string(count));
      break;
    }
    case SearchKind::date:
      query_.weekdays |= value.weekdays;
      if (value.dates) add_dates(value);
      chip.value = days_value(value);
      if (value.times) {
        add_times(value.times, true, false);
        chip.value.as_object()["times"] = times_value(*value.times);
      }
      chip.label = days_label(value) + (value.times ? " · " + times_label(*value.times) : std::string{});
      break;
    case SearchKind::time:
      add_times(value.times, value.part, value.loose);
      chip.value = times_value(*value.times);
      chip.label = times_label(*value.times);
      break;
    case SearchKind::duration:
      query_.duration_minutes = static_cast<int>(value.number);
      chip.value = *query_.duration_minutes;
      chip.label = duration_label(*query_.duration_minutes);
      break;
    case SearchKind::price: add_price(value, chip); break;
    case SearchKind::amenity:
      add_once(query_.amenities, value.text);
      chip.value = value.text;
      chip.label = amenity_label(value.text, typed);
      break;
    case SearchKind::place: {
      auto place = part.rule->rule == "free_place" ? value.text : spelled(value.text, context_.places);
      chip.value = place;
      chip.label = place;
      add_once(query_.places, std::move(place));
      break;
    }
    case SearchKind::category:
      add_once(query_.categories, value.text);
      chip.value = value.text;
      chip.label = value.text;
      break;
    case SearchKind::sort:
      query_.sort = value.sort;
      chip.value = sort_name();
      chip.label = label("sort." + sort_name(), {});
      break;
    case SearchKind::exclusion: add_exclusion(value, typed, chip); break;
    case SearchKind::text: break;
    }
  }

  [[nodiscard]] std::string label(std::string_view name, std::string_view value) const {
    const auto found = grammar_.labels.find(name);
    std::string text = found == grammar_.labels.end() ? std::string{value} : found->second;
    if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, value);
    return text;
  }

  void finish() {
    // "5 nights from 10 July" begin that day; "from 10 July" alone may begin later.
    if (query_.duration_minutes && *query_.duration_minutes >= 1440)
      for (auto& day : days_)
        if (day.open) day.dates.last = day.dates.first;
    settle_dates();
    settle_times();
  }

 private:
  struct Day {
    SearchDates dates;
    int weekday;
    bool open;
  };
  struct Hours {
    SearchTimes times;
    bool part, loose;
    std::size_t chip; ///< of which these are
  };

  void add_dates(const Value& value) { days_.push_back({*value.dates, value.weekday, value.open}); }
  void add_times(const std::optional<SearchTimes>& times, bool part, bool loose) {
    hours_.push_back({*times, part, loose, query_.chips.size()});
  }

  /// "next week … on Tuesday" is a Tuesday of next week; a day within a month is that day; others are all that lies between.
  void settle_dates() {
    for (const auto& day : days_) {
      if (!query_.dates) {
        query_.dates = day.dates;
        weekday_ = day.weekday;
        continue;
      }
      auto& known = *query_.dates;
      const auto narrow = [&](const SearchDates& range, const SearchDates& single, int weekday) {
        if (single.first >= range.first && single.last <= range.last) return known = single, true;
        if (weekday < 0 || range.last < range.first + 1) return false;
        for (auto date = range.first; date <= range.last; date = date + 1)
          if (date.day_of_week() == weekday) return known = {date, date}, true;
        return false;
      };
      const auto before = known;
      if (narrow(before, day.dates, day.weekday) || narrow(day.dates, before, weekday_)) continue;
      known = {std::min(before.first, day.dates.first), std::max(before.last, day.dates.last)};
    }
  }

  /// A time by the clock counts more than a part of the day, which says what half of the day it is in.
  void settle_times() {
    std::optional<SearchTimes> part;
    for (const auto& each : hours_)
      if (each.part) part = each.times;
    for (auto each : hours_) {
      if (each.part) continue;
      if (each.loose && part) {
        const int hours = each.times.from < 720 && part->from >= 720 ? 720 : each.times.from >= 720 && part->to <= 720 ? -720 : 0;
        if (each.times.from != 0) each.times.from = std::min(each.times.from + hours, 1440);
        if (each.times.to != 1440) each.times.to = std::min(each.times.to + hours, 1440);
        auto& chip = query_.chips[each.chip];
        chip.value = times_value(each.times);
        chip.label = times_label(each.times);
      }
      auto& known = query_.times;
      if (!known)
        known = each.times;
      else if (each.times.from < known->to && known->from < each.times.to)
        known = SearchTimes{std::max(known->from, each.times.from), std::min(known->to, each.times.to)};
      else
        known = each.times;
    }
    if (!query_.times) query_.times = part;
  }

  void add_price(const Value& value, SearchChip& chip) {
    const auto named = Currency::parse(value.currency);
    const auto currency = named.value_or(context_.currency);
    if (named) query_.currency = named;
    const auto minor = [&](double amount) { return static_cast<Amount>(std::llround(amount * std::pow(10, currency.decimals()))); };
    json::Object bounds;
    if (value.least) bounds["min"] = *(query_.min_price = minor(*value.least));
    if (value.most) bounds["max"] = *(query_.max_price = minor(*value.most));
    bounds["currency"] = std::string{currency.code()};
    const auto words = [&](double amount) {
      char text[32];
      const auto end = std::to_chars(text, text + sizeof text, std::round(amount * 100) / 100).ptr;
      return std::string{text, end} + " " + std::string{currency.code()};
    };
    chip.value = std::move(bounds);
    chip.label = value.least && value.most ? words(*value.least) + " " + label("to", {}) + " " + words(*value.most)
                 : value.most              ? label("under", words(*value.most))
                                           : label("over", words(value.least.value_or(0)));
  }

  void add_exclusion(const Value& value, std::string_view typed, SearchChip& chip) {
    SearchExclusion exclusion{value.kind, value.text, value.dates, value.times, value.weekdays};
    std::string words = value.text;
    if (value.kind == SearchKind::date || value.kind == SearchKind::time) exclusion.value.clear();
    if (value.kind == SearchKind::place) words = exclusion.value = spelled(value.text, context_.places);
    json::Object shown{{"kind", name_of(value.kind)}};
    if (value.kind == SearchKind::date) {
      words = days_label(value);
      shown["value"] = days_value(value);
    } else if (value.kind == SearchKind::time) {
      words = times_label(*value.times);
      shown["value"] = times_value(*value.times);
    } else {
      shown["value"] = exclusion.value;
      if (value.kind == SearchKind::amenity) words = amenity_label(value.text, typed);
    }
    chip.value = std::move(shown);
    chip.label = label("not", words);
    query_.exclusions.push_back(std::move(exclusion));
  }

  [[nodiscard]] std::string amenity_label(const std::string& key, std::string_view) const {
    const auto found = grammar_.labels.find("amenity." + key);
    return found == grammar_.labels.end() ? key : found->second;
  }

  [[nodiscard]] std::string sort_name() const {
    switch (query_.sort) {
    case SearchSort::price_rising: return "price";
    case SearchSort::price_falling: return "-price";
    case SearchSort::rating: return "rating";
    case SearchSort::newest: return "newest";
    case SearchSort::none: break;
    }
    return {};
  }

  static json::Value days_value(const Value& value) {
    json::Object shown;
    if (value.dates) {
      shown["from"] = to_string(value.dates->first);
      shown["to"] = to_string(value.dates->last);
    }
    if (value.weekdays == 0) return shown;
    json::Array days;
    for (int day = 0; day < 7; ++day)
      if ((value.weekdays >> day & 1U) != 0) days.emplace_back(day);
    shown["weekdays"] = std::move(days);
    return shown;
  }
  static std::string clock(int minutes) { return to_string(LocalTime{static_cast<std::int16_t>(minutes)}); }
  static json::Value times_value(const SearchTimes& times) { return json::Object{{"from", clock(times.from)}, {"to", clock(times.to)}}; }

  [[nodiscard]] std::string word_of(std::string_view list, int i) const {
    const auto found = grammar_.labels.find(list);
    if (found == grammar_.labels.end()) return {};
    std::string_view words = found->second;
    for (; i > 0; --i) words.remove_prefix(std::min(words.find(' '), words.size() - 1) + 1);
    return std::string{words.substr(0, words.find(' '))};
  }

  [[nodiscard]] std::string date_label(LocalDate date) const {
    const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{date.days}}};
    const auto put = [](std::string& text, std::string_view what, const std::string& with) {
      if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), with);
    };
    std::string text = label("date", {});
    put(text, "{w}", word_of("weekdays", date.day_of_week()));
    put(text, "{d}", std::to_string(static_cast<unsigned>(day.day())));
    put(text, "{m}", word_of("months", static_cast<int>(static_cast<unsigned>(day.month())) - 1));
    if (date > context_.today + 330) text += " " + std::to_string(static_cast<int>(day.year()));
    return text;
  }
  [[nodiscard]] std::string days_label(const Value& value) const {
    if (value.weekdays != 0) return weekdays_label(value.weekdays);
    const auto& dates = *value.dates;
    if (dates.first == dates.last) return date_label(dates.first);
    return date_label(dates.first) + " " + label("to", {}) + " " + date_label(dates.last);
  }
  /// From Monday on; more than two in a row by their first and last.
  [[nodiscard]] std::string weekdays_label(unsigned weekdays) const {
    std::string text;
    const auto has = [&](int day) { return day < 7 && (weekdays >> ((day + 1) % 7) & 1U) != 0; };
    for (int day = 0; day < 7; ++day) {
      if (!has(day)) continue;
      text += (text.empty() ? "" : ", ") + word_of("weekdays", (day + 1) % 7);
      int last = day;
      while (has(last + 1)) ++last;
      if (last < day + 2) continue;
      text += label("to", {}) + word_of("weekdays", (last + 1) % 7);
      day = last;
    }
    return text;
  }
  [[nodiscard]] std::string times_label(const SearchTimes& times) const {
    if (times.from == times.to) return clock(times.from);
    if (times.from == 0) return label("before", clock(times.to));
    if (times.to == 1440) return label("after", clock(times.from));
    return clock(times.from) + label("to", {}) + clock(times.to);
  }
  [[nodiscard]] std::string duration_label(int minutes) const {
    if (minutes % 1440 == 0) return label(minutes == 1440 ? "days.one" : "days", std::to_string(minutes / 1440));
    std::string text;
    if (minutes >= 60) text = label("hours", std::to_string(minutes / 60));
    if (minutes % 60 != 0) text += (text.empty() ? "" : " ") + label("minutes", std::to_string(minutes % 60));
    return text;
  }

  SearchQuery& query_;
  const Grammar& grammar_;
  const SearchContext& context_;
  std::vector<Day> days_;
  std::vector<Hours> hours_;
  int weekday_ = -1;
};

} // namespace

std::string_view name_of(SearchKind kind) noexcept {
  switch (kind) {
  case SearchKind::party: return "PARTY";
  case SearchKind::place: return "PLACE";
  case SearchKind::date: return "DATE";
  case SearchKind::time: return "TIME";
  case SearchKind::duration: return "DURATION";
  case SearchKind::price: return "PRICE";
  case SearchKind::amenity: return "AMENITY";
  case SearchKind::exclusion: return "NOT";
  case SearchKind::category: return "CATEGORY";
  case SearchKind::sort: return "SORT";
  case SearchKind::text: break;
  }
  return "TEXT";
}

std::span<const std::string_view> search_languages() noexcept {
  static constexpr std::string_view languages[] = {"en", "es", "fr"};
  return languages;
}

SearchQuery understand(std::string_view text, const SearchContext& context) {
  text = text.substr(0, longest_query);
  const auto words = tokens(text);
  const auto catalogue = catalogue_words(context);
  const auto language = context.locale.substr(0, context.locale.find('-'));
  std::optional<Reading> best;
  int best_score = 0;
  const auto consider = [&](const Grammar& grammar, int bonus) {
    auto reading = read(grammar, words, context, catalogue);
    if (best && reading.score + bonus <= best_score) return;
    best_score = reading.score + bonus;
    best = std::move(reading);
  };
  const auto known = std::ranges::find(grammars(), language, &Grammar::language);
  const auto* own = known == grammars().end() ? &grammars().front() : &*known;
  consider(*own, 12); // the page's language, unless another explains clearly more
  for (const auto& grammar : grammars())
    if (&grammar != own) consider(grammar, 0);

  SearchQuery query;
  query.language = best->grammar->language;
  query.corrections = best->corrections;
  Sense sense(query, *best->grammar, context);
  const auto& all = best->tokens;
  for (const auto& part : best->parts) {
    SearchChip chip;
    chip.start = all[part.first].start;
    chip.end = all[part.end - 1].end;
    const auto typed = text.substr(chip.start, chip.end - chip.start);
    if (part.rule == nullptr || part.rule->rule == "said") {
      query.text.append(query.text.empty() ? "" : " ").append(typed);
      const bool goes_on = !query.chips.empty() && query.chips.back().kind == SearchKind::text && part.first > 0 &&
                           query.chips.back().end == all[part.first - 1].end && !all[part.first].comma;
      if (goes_on)
        query.chips.back().end = chip.end;
      else
        query.chips.push_back(std::move(chip));
      continue;
    }
    if (part.rule->rule == "drop") continue;
    chip.kind = part.rule->kind;
    sense.add(part, typed, chip);
    query.chips.push_back(std::move(chip));
  }
  sense.finish();
  for (auto& chip : query.chips) {
    chip.without = without(text, chip.start, chip.end);
    if (chip.kind != SearchKind::text) continue;
    const auto typed = text.substr(chip.start, chip.end - chip.start);
    chip.value = std::string{typed};
    chip.label = sense.label("text", typed);
  }
  // Corrections that led nowhere were none.
  std::erase_if(query.corrections, [&](const SearchCorrection& correction) {
    return std::ranges::none_of(query.chips, [&](const SearchChip& chip) {
      return chip.kind != SearchKind::text && chip.start <= correction.start && correction.end <= chip.end;
    });
  });
  return query;
}

} // namespace orkestr::inline v1
