#include "orkestr/engine/search_index.hpp"

#include "engine/search_match.hpp"

#include <algorithm>
#include <set>

namespace orkestr::inline v1 {
namespace {

using namespace search;

constexpr int title_weight = 8, facet_weight = 4, text_weight = 1, most_weight = 64;
constexpr std::size_t most_words = 1000, longest_word = 40;

std::string joined(std::span<const Token> words) {
  std::string all;
  for (const auto& word : words) all.append(all.empty() ? "" : " ").append(word.text);
  return all;
}

std::string stem(std::string word) {
  if (word.size() > 4 && word.ends_with("ies")) word.replace(word.size() - 3, 3, "y");
  if (word.size() > 3 && (word.back() == 's' || word.back() == 'x') && !word.ends_with("ss")) word.pop_back();
  if (word.size() > 3 && (word.back() == 'e' || (word.size() > 4 && (word.back() == 'a' || word.back() == 'o')))) word.pop_back();
  return word;
}

std::vector<std::string> without_a_letter(std::string_view word) {
  std::vector<std::string_view> letters;
  for (std::size_t i = 0; i < word.size();) { // a letter may have several bytes
    auto end = i + 1;
    while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80) ++end;
    letters.push_back(word.substr(i, end - i));
    i = end;
  }
  std::vector<std::string> found;
  if (letters.size() < 4 || letters.size() > 16) return found;
  std::size_t at = 0;
  for (std::size_t i = 0; i < letters.size(); at += letters[i++].size())
    if (i == 0 || letters[i] != letters[i - 1])
      found.push_back(std::string{word.substr(0, at)}.append(word.substr(at + letters[i].size())));
  return found;
}

class Terms {
 public:
  void add(std::string term, int weight) {
    auto& sum = terms_[std::move(term)];
    sum = std::min(sum + weight, most_weight);
  }
  /// The words of a text, and with `known` what the grammars know of it.
  void text(std::string_view text, int weight, bool known) {
    const auto words = tokens(text);
    for (const auto& word : words) {
      if (words_ == most_words) break;
      if (word.text.size() > longest_word || (word.text.size() < 2 && word.kind == Token::Kind::word)) continue;
      ++words_;
      auto root = stem(word.text);
      said_.append(" ").append(root);
      if (weight > text_weight)
        for (auto& part : without_a_letter(root)) add("~" + part, 1);
      add(std::move(root), weight);
    }
    said_ += " ";
    if (known) grammar_words(words);
  }
  /// What offerings of a product type say in one word and visitors in another.
  void synonyms(std::string_view product_type) {
    for (const auto& grammar : grammars()) {
      const auto of_type = grammar.synonyms.find(product_type);
      if (of_type == grammar.synonyms.end()) continue;
      for (const auto& phrases : of_type->second) {
        const auto says = [&](const std::vector<std::string>& phrase) {
          std::string stems = " ";
          for (const auto& each : phrase) stems.append(each).append(" ");
          return said_.find(stems) != std::string::npos;
        };
        if (std::ranges::none_of(phrases, says)) continue;
        for (const auto& phrase : phrases)
          for (const auto& each : phrase) add_missing(each);
      }
    }
  }
  void facet(SearchKind kind, std::string_view text) {
    if (text.size() <= 120) add(search_key(kind, text), facet_weight);
  }
  [[nodiscard]] std::vector<SearchTerm> all() const {
    std::vector<SearchTerm> list;
    list.reserve(terms_.size());
    for (const auto& [term, weight] : terms_) list.push_back({term, weight});
    return list;
  }

 private:
  void grammar_words(const std::vector<Token>& words) {
    static constexpr std::pair<std::string_view, SearchKind> classes[] = {
        {"amenity", SearchKind::amenity}, {"category", SearchKind::category}, {"place", SearchKind::place}};
    const SearchContext nothing{};
    for (const auto& grammar : grammars()) {
      const Matcher matcher(grammar, words, nothing);
      for (std::size_t at = 0; at < words.size() && at < 60; ++at)
        for (const auto& [name, kind] : classes)
          matcher.phrases(name, at, [&, kind = kind](std::size_t, const std::string& key) { facet(kind, key); });
    }
  }

  void add_missing(std::string term) { terms_.try_emplace(std::move(term), text_weight); }

  std::map<std::string, int, std::less<>> terms_;
  std::string said_; ///< the stems, with a space around each and two between texts
  std::size_t words_ = 0;
};

void add_attributes(Terms& terms, const Offering& offering) {
  for (const auto& entry : offering.attributes) {
    const std::string_view key{entry.key().data(), entry.key().size()};
    const auto& value = entry.value();
    const bool place = key == "neighborhood" || key == "city" || key == "pickupArea";
    if (value.is_string()) {
      const std::string_view text{value.get_string().data(), value.get_string().size()};
      terms.text(text, key == "checkInNotes" ? text_weight : facet_weight, true);
      if (place) terms.facet(SearchKind::place, text);
    } else if (value.is_array()) {
      // Rules of a house say what is not; a language that is spoken is no amenity.
      for (const auto& one : value.get_array()) {
        if (!one.is_string()) continue;
        const std::string_view text{one.get_string().data(), one.get_string().size()};
        terms.text(text, facet_weight, key != "rules" && key != "languages");
        if (key == "amenities" || key == "tags" || key == "includes" || key == "equipment") terms.facet(SearchKind::amenity, text);
      }
    } else if (value.is_bool() && value.get_bool()) {
      const auto& flags = grammars().front().flags;
      for (const auto& [amenity, attribute] : flags)
        if (attribute == key) terms.facet(SearchKind::amenity, amenity);
    }
  }
}

} // namespace

std::vector<SearchTerm> search_terms(const Offering& offering) {
  Terms terms;
  terms.text(offering.title, title_weight, true);
  terms.text(offering.product_type_key, facet_weight, true);
  for (const auto& category : offering.categories) {
    terms.text(category, facet_weight, true);
    terms.facet(SearchKind::category, category);
  }
  add_attributes(terms, offering);
  terms.text(offering.description, text_weight, false);
  terms.synonyms(offering.product_type_key);
  return terms.all();
}

std::vector<std::string> search_stems(std::string_view text) {
  std::vector<std::string> stems;
  for (auto& word : tokens(text))
    if (word.text.size() <= longest_word && (word.text.size() > 1 || word.kind != Token::Kind::word))
      stems.push_back(stem(std::move(word.text)));
  return stems;
}

std::vector<std::string> search_near(std::string_view stem) {
  std::vector<std::string> terms;
  if (stem.size() < 4) return terms;
  terms.push_back("~" + std::string{stem});
  for (auto& part : without_a_letter(stem)) {
    terms.push_back("~" + part);
    terms.push_back(std::move(part));
  }
  return terms;
}

std::string search_key(SearchKind kind, std::string_view value) {
  const std::string_view mark = kind == SearchKind::amenity ? "=a:" : kind == SearchKind::place ? "=p:" : "=c:";
  return std::string{mark} + joined(tokens(value));
}

std::vector<SearchGuess> search_guesses(std::string_view query) {
  std::vector<SearchGuess> guesses;
  auto words = tokens(query.substr(0, 400));
  if (words.size() > 20) words.resize(20);
  for (std::size_t at = 0; at < words.size(); ++at)
    for (std::size_t count = 1; count <= 3 && at + count <= words.size(); ++count) {
      const std::span part{words.begin() + static_cast<std::ptrdiff_t>(at), count};
      if (part.front().kind == Token::Kind::word)
        guesses.push_back({std::string{query.substr(part.front().start, part.back().end - part.front().start)}, joined(part)});
    }
  return guesses;
}

bool has_attribute(const json::Object& attributes, const std::pair<std::string, std::string>& wanted) {
  const auto* value = attributes.if_contains(wanted.first);
  const auto equals = [&](const json::Value& v) {
    if (const auto* text = v.if_string()) return std::string_view{*text} == wanted.second;
    if (const auto* number = v.if_int64()) return std::to_string(*number) == wanted.second;
    if (const auto* flag = v.if_bool()) return wanted.second == (*flag ? "true" : "false");
    return false;
  };
  if (value == nullptr) return false;
  const auto* list = value->if_array();
  return list == nullptr ? equals(*value) : std::ranges::any_of(*list, equals);
}

std::optional<int> people_taken(const Offering& offering) {
  for (const auto* name : {"capacity", "seats"}) {
    const auto* value = offering.attributes.if_contains(name);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) return static_cast<int>(value->get_int64());
    if (value != nullptr && value->is_double()) return static_cast<int>(value->get_double());
  }
  return std::nullopt;
}

} // namespace orkestr::inline v1
