#include "engine/search_grammar.hpp"

#include "engine/search_grammars.inc"
#include "orkestr/engine/search_index.hpp"

#include <stdexcept>

namespace orkestr::inline v1::search {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char sign) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto at = text.find(sign);
    if (const auto part = trimmed(text.substr(0, at)); !part.empty()) parts.push_back(part);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  }
  return parts;
}

class PatternReader {
 public:
  PatternReader(std::string_view text, Grammar& grammar) : text_(text), grammar_(grammar) {}

  Sequence all() {
    auto sequence = one();
    if (at_ != text_.size()) wrong();
    return sequence;
  }

 private:
  [[noreturn]] void wrong() const { throw std::logic_error("A search grammar has a pattern that is none: " + std::string{text_}); }

  Sequence one() {
    Sequence sequence;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ') {
        ++at_;
      } else if (c == '(' || c == '[') {
        ++at_;
        Item item;
        item.kind = Item::Kind::any_of;
        item.optional = c == '[';
        do item.options.push_back(one());
        while (at_ < text_.size() && text_[at_] == '|' && ++at_ != 0);
        if (at_ >= text_.size() || text_[at_] != (c == '(' ? ')' : ']')) wrong();
        ++at_;
        sequence.push_back(std::move(item));
      } else if (c == ')' || c == ']' || c == '|') {
        break;
      } else if (c == '<') {
        const auto end = text_.find('>', at_);
        if (end == std::string_view::npos) wrong();
        sequence.push_back({Item::Kind::named, false, std::string{text_.substr(at_ + 1, end - at_ - 1)}, {}});
        at_ = end + 1;
      } else {
        const auto end = std::min(text_.find_first_of(" ()[]|<", at_), text_.size());
        const auto word = text_.substr(at_, end - at_);
        at_ = end;
        if (word == "-") {
          sequence.push_back({Item::Kind::hyphen, false, {}, {}});
          continue;
        }
        for (auto& token : tokens(word)) {
          grammar_.words.insert(token.text);
          grammar_.meant.insert(token.text);
          sequence.push_back({Item::Kind::word, false, std::move(token.text), {}});
        }
      }
    }
    return sequence;
  }

  std::string_view text_;
  Grammar& grammar_;
  std::size_t at_ = 0;
};

void read_class_line(std::string_view line, std::string_view name, Grammar& grammar) {
  const auto colon = line.find(':');
  const auto value = colon == std::string_view::npos ? std::string_view{} : trimmed(line.substr(0, colon));
  auto& phrases = grammar.classes[std::string{name}];
  for (const auto text : split(colon == std::string_view::npos ? line : line.substr(colon + 1), ',')) {
    Phrase phrase;
    for (auto& token : tokens(text)) {
      grammar.words.insert(token.text);
      if (name != "plain" && name != "trade" && name != "filler") grammar.meant.insert(token.text);
      phrase.words.push_back(std::move(token.text));
    }
    phrase.value = value.empty() ? text : value;
    if (phrase.words.empty()) throw std::logic_error("A search grammar has an empty phrase.");
    phrases.emplace(phrase.words.front(), std::move(phrase));
  }
}

/// Phrases that say the same of offerings of a product type; somebody who types one of them has made no mistake.
void read_synonyms(std::string_view line, std::string_view type, Grammar& grammar) {
  std::vector<std::vector<std::string>> phrases;
  for (const auto text : split(line, ',')) {
    for (auto& token : tokens(text)) grammar.words.insert(std::move(token.text));
    phrases.push_back(search_stems(text));
  }
  if (phrases.size() < 2) throw std::logic_error("A search grammar has a synonym of nothing: " + std::string{line});
  grammar.synonyms[std::string{type}].push_back(std::move(phrases));
}

void read_rule_line(std::string_view line, std::string_view name, Grammar& grammar) {
  const auto colon = line.find(" : ");
  if (colon == std::string_view::npos) throw std::logic_error("A search grammar has a rule without a pattern: " + std::string{line});
  Rule rule;
  for (const auto part : split(line.substr(0, colon), ' ')) {
    if (rule.action.empty())
      rule.action = part;
    else
      rule.arguments.emplace_back(part);
  }
  rule.pattern = PatternReader(trimmed(line.substr(colon + 3)), grammar).all();
  grammar.rules[std::string{name}].push_back(std::move(rule));
}

} // namespace

Grammar read_grammar(std::string_view language, std::string_view data) {
  Grammar grammar;
  grammar.language = language;
  std::string section, name;
  for (auto line : split(data, '\n')) {
    if (line.starts_with('#')) continue;
    if (line.starts_with('%')) {
      const auto parts = split(line.substr(1), ' ');
      section = parts.at(0);
      name = parts.size() > 1 ? std::string{parts[1]} : std::string{};
    } else if (section == "class") {
      read_class_line(line, name, grammar);
    } else if (section == "rule") {
      read_rule_line(line, name, grammar);
    } else if (section == "synonyms") {
      read_synonyms(line, name, grammar);
    } else if (section == "labels" || section == "flags") {
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) throw std::logic_error("A search grammar has a label without a text.");
      (section == "labels" ? grammar.labels : grammar.flags)[std::string{trimmed(line.substr(0, colon))}] = trimmed(line.substr(colon + 1));
    } else {
      throw std::logic_error("A search grammar has an unknown section: " + section);
    }
  }
  return grammar;
}

std::span<const Grammar> grammars() {
  static const std::vector<Grammar> all = [] {
    std::vector<Grammar> read;
    for (const auto& [language, data] : data::grammars) read.push_back(read_grammar(language, data));
    return read;
  }();
  return all;
}

bool same_word(std::string_view typed, std::string_view known) noexcept {
  if (typed == known) return true;
  const auto plural_of = [](std::string_view many, std::string_view one) {
    if (one.size() < 3 || many.size() <= one.size() || !many.starts_with(one)) return false;
    const auto ending = many.substr(one.size());
    return ending == "s" || ending == "es" || ending == "x";
  };
  return plural_of(typed, known) || plural_of(known, typed);
}

} // namespace orkestr::inline v1::search
