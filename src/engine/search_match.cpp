#include "engine/search_match.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace orkestr::inline v1::search {
namespace {

constexpr std::size_t most_steps = 400'000; ///< of one query; those that people write take some thousands

int integer(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<Phrase> phrases_of(std::span<const std::string> texts) {
  std::vector<Phrase> phrases;
  for (const auto& text : texts) {
    Phrase phrase;
    phrase.value = text;
    for (auto& token : tokens(text)) phrase.words.push_back(std::move(token.text));
    if (!phrase.words.empty()) phrases.push_back(std::move(phrase));
  }
  return phrases;
}

/// "the Marais" is meant by "in the Marais" and "du Marais", whatever article the catalogue gives it.
std::vector<Phrase> places_of(std::span<const std::string> texts) {
  auto phrases = phrases_of(texts);
  static constexpr std::string_view articles[] = {"the", "le", "la", "les", "l", "el", "los", "las"};
  for (std::size_t i = 0, count = phrases.size(); i < count; ++i) {
    if (phrases[i].words.size() < 2 || std::ranges::find(articles, phrases[i].words.front()) == std::end(articles)) continue;
    auto shorter = phrases[i];
    shorter.words.erase(shorter.words.begin());
    phrases.push_back(std::move(shorter));
  }
  return phrases;
}

} // namespace

Matcher::Matcher(const Grammar& grammar, const std::vector<Token>& tokens, const SearchContext& context)
    : grammar_(grammar),
      tokens_(tokens),
      context_(context),
      places_(places_of(context.places)),
      amenities_(phrases_of(context.amenities)),
      categories_(phrases_of(context.categories)) {}

std::size_t Matcher::same_phrase(const Phrase& phrase, std::size_t at) const {
  if (at + phrase.words.size() > tokens_.size()) return 0;
  for (std::size_t i = 0; i < phrase.words.size(); ++i)
    if (!same_word(tokens_[at + i].text, phrase.words[i])) return 0;
  return phrase.words.size();
}

void Matcher::phrases(std::string_view class_name, std::size_t at, FunctionRef<void(std::size_t, const std::string&)> found) const {
  const auto entries = grammar_.classes.find(class_name);
  if (entries == grammar_.classes.end() || at >= tokens_.size()) return;
  const auto& typed = tokens_[at].text;
  const auto look = [&](const std::string& first) {
    const auto [from, to] = entries->second.equal_range(first);
    for (auto it = from; it != to; ++it)
      if (const auto size = same_phrase(it->second, at); size != 0) found(at + size, it->second.value);
  };
  look(typed);
  if (typed.size() > 3 && (typed.ends_with('s') || typed.ends_with('x'))) look(typed.substr(0, typed.size() - 1));
  if (typed.size() > 4 && typed.ends_with("es")) look(typed.substr(0, typed.size() - 2));
}

void Matcher::catalogue(std::span<const Phrase> known, std::size_t at, FunctionRef<void(std::size_t, Value)> found) const {
  for (const auto& phrase : known)
    if (const auto size = same_phrase(phrase, at); size != 0) {
      Value value;
      value.text = phrase.value;
      found(at + size, value);
    }
}

/// "two hundred and fifty", "treinta y cinco", "soixante-dix".
std::optional<std::pair<std::size_t, int>> Matcher::number_words(std::size_t at) const {
  int total = 0;
  std::size_t end = at;
  const auto longest = [&](std::size_t from) {
    std::pair<std::size_t, int> best{from, 0};
    phrases("number", from, [&](std::size_t to, const std::string& value) {
      if (to > best.first) best = {to, integer(value)};
    });
    return best;
  };
  const auto joins = [&](int value) {
    if (total == 0) return true;
    if (value == 100) return total > 1 && total < 10;
    if (total % 100 == 0) return value < 100;
    if (total % 10 != 0) return false;
    const int tens = total % 100;
    return tens >= 20 && (value < 10 || (value < 20 && (tens == 60 || tens == 80) && grammar_.language == "fr"));
  };
  while (total < 1000) {
    auto found = longest(end);
    if (found.first == end && total != 0) {
      phrases("number_and", end, [&](std::size_t to, const std::string&) {
        const auto after = longest(to);
        if (after.first > to && after.second < 100 && (total % 100 == 0 || grammar_.language != "en")) found = after;
      });
    }
    const auto [next, value] = found;
    if (next == end || !joins(value)) break;
    total = value == 100 && total != 0 ? total * 100 : total + value;
    end = next;
  }
  if (total == 0) return std::nullopt;
  return std::pair{end, total};
}

void Matcher::day_of_month(std::size_t at, bool ordinal, FunctionRef<void(std::size_t, Value)> found) const {
  const auto& token = tokens_[at];
  Value value;
  if (token.kind == Token::Kind::number) {
    value.number = token.number;
    if (token.number < 1 || token.number > 31 || token.number != std::floor(token.number)) return;
    if (at + 1 < tokens_.size() && tokens_[at + 1].glued)
      phrases("ordinal_suffix", at + 1, [&](std::size_t to, const std::string&) { found(to, value); });
    if (!ordinal) found(at + 1, value);
    return;
  }
  if (ordinal) return;
  phrases("ordinal", at, [&](std::size_t to, const std::string& number) {
    value.number = integer(number);
    found(to, value);
  });
  if (const auto words = number_words(at); words && words->second <= 31) {
    value.number = words->second;
    found(words->first, value);
  }
}

bool Matcher::unknown(std::size_t at) {
  if (tokens_[at].kind != Token::Kind::word || filler(at) != 0) return false;
  for (const auto name : {"party", "date", "time", "duration", "price", "sort", "amenity", "place", "category"})
    if (!rule(name, at).empty()) return false;
  bool negative = false;
  phrases("negative", at, [&](std::size_t, const std::string&) { negative = true; });
  return !negative;
}

void Matcher::named(const std::string& name, std::size_t at, FunctionRef<void(std::size_t, Value)> found) {
  if (at >= tokens_.size()) return;
  const auto& token = tokens_[at];
  Value value;
  value.number = token.number;
  value.text = token.text;
  if (name == "n") {
    if (token.kind == Token::Kind::number) return found(at + 1, value);
    if (const auto words = number_words(at)) {
      value.number = words->second;
      found(words->first, value);
    }
    return;
  }
  if (name == "dom" || name == "ord") return day_of_month(at, name == "ord", found);
  if (name.ends_with("_many")) { // a word of the class that stands in the plural: "Tuesdays", "mardis"
    if (!token.text.ends_with('s')) return;
    const auto& phrases = grammar_.classes.at(name.substr(0, name.size() - 5));
    const auto [from, to] = phrases.equal_range(token.text.substr(0, token.text.size() - 1));
    for (auto it = from; it != to; ++it)
      if (it->second.words.size() == 1) {
        value.text = it->second.value;
        value.number = integer(value.text);
        found(at + 1, value);
      }
    return;
  }
  if (name == "year") {
    if (token.kind == Token::Kind::number && token.text.size() == 4 && token.number >= 2000 && token.number < 2100) found(at + 1, value);
    return;
  }
  if (name == "hhmm") {
    if (token.kind == Token::Kind::clock) found(at + 1, value);
    return;
  }
  if (name == "numeric") {
    if (token.kind != Token::Kind::date) return;
    value.text.clear();
    for (const int part : token.parts) value.text.append(std::to_string(part)).append("/");
    return found(at + 1, value);
  }
  if (name == "word" || name == "name") { // a name may be a place's, but not what an offering is known by
    value.text = token.typed;
    bool trade = false;
    if (name == "name" && token.comma) return; // what follows a comma is another thing
    if (name == "name") phrases("trade", at, [&](std::size_t, const std::string&) { trade = true; });
    if (!trade && unknown(at)) found(at + 1, value);
    return;
  }
  if (name == "glued") { // nothing of its own: only that no space stands before
    if (token.glued) found(at, value);
    return;
  }
  if (name == "known_place") return catalogue(places_, at, found);
  if (name == "known_amenity") return catalogue(amenities_, at, found);
  if (name == "known_category") return catalogue(categories_, at, found);
  if (!grammar_.classes.contains(name)) { // a class hides a rule of its name, which so can stand around it
    for (const auto& match : rule(name, at)) found(match.end, match.value);
    return;
  }
  phrases(name, at, [&](std::size_t end, const std::string& text) {
    Value one;
    one.text = text;
    double number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{}) one.number = number;
    found(end, one);
  });
}

void Matcher::run(const Sequence& sequence, std::size_t item, std::size_t at, Captures& captures, Next next) {
  if (++steps_ > most_steps) return;
  if (item == sequence.size()) return next(at);
  const auto& wanted = sequence[item];
  const auto go_on = [&](std::size_t end) { run(sequence, item + 1, end, captures, next); };
  switch (wanted.kind) {
  case Item::Kind::word:
    if (at < tokens_.size() && same_word(tokens_[at].text, wanted.text)) go_on(at + 1);
    return;
  case Item::Kind::hyphen:
    if (at < tokens_.size() && tokens_[at].hyphen) go_on(at);
    return;
  case Item::Kind::named:
    named(wanted.text, at, [&](std::size_t end, Value value) {
      captures.push_back({wanted.text, std::move(value)});
      go_on(end);
      captures.pop_back();
    });
    return;
  case Item::Kind::any_of:
    for (const auto& option : wanted.options) run(option, 0, at, captures, go_on);
    if (wanted.optional) go_on(at);
  }
}

const std::vector<Match>& Matcher::rule(std::string_view name, std::size_t at) {
  const std::pair key{std::string{name}, at};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  std::vector<Match> matches;
  const auto rules = grammar_.rules.find(name);
  if (rules != grammar_.rules.end())
    for (const auto& each : rules->second) {
      Captures captures;
      run(each.pattern, 0, at, captures, [&](std::size_t end) {
        if (end == at) return;
        // Of several readings of the same words the first counts, as the grammar lists them.
        if (std::ranges::find(matches, end, &Match::end) != matches.end()) return;
        if (auto value = meaning(each, captures, context_)) matches.push_back({end, std::move(*value)});
      });
    }
  return known_.emplace(key, std::move(matches)).first->second;
}

std::size_t Matcher::filler(std::size_t at) const {
  std::size_t longest = at;
  phrases("filler", at, [&](std::size_t end, const std::string&) { longest = std::max(longest, end); });
  return longest - at;
}

} // namespace orkestr::inline v1::search
