// Answers by quotes: which passages support an answer, and which entries are meant.
#include "orkestr/engine/assistant.hpp"

#include "base/text.hpp"
#include "engine/text_words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace orkestr::inline v1 {
namespace {

using Topic = AssistantTopic;

/// How a question says what it is about. The first topic that is found, and no lesser one, unless several are strong.
struct Cue {
  Topic topic;
  bool strong; ///< a weak one counts when there is no other
  std::string_view phrases;
};
constexpr Cue cue_table[] = {
    {Topic::cancellation, true,
     "cancel|cancels|cancelled|canceled|cancelling|canceling|cancellation|refund|refunds|refunded|refundable|money back|cancelar|"
     "cancelacion|reembolso|annuler|annulation|remboursement|stornieren|stornierung|erstattung|cancellare|cancellazione|rimborso"},
    {Topic::changes, true, "reschedule|rescheduling|move my booking|move a booking|change my booking|change the date|change the time"},
    {Topic::approval, true, "confirmed at once|instant booking|instantly confirmed|need approval|approval|approved|approve"},
    {Topic::notice, true, "notice|last minute|how far ahead|in advance"},
    {Topic::capacity, true,
     "how many people|how many persons|how many guests|how many attendees|how many passengers|how many seats|how many can|capacity|accommodate|"
     "accommodates|fit people|number of people|max people|cuantas personas|cuanta gente|capacidad|aforo|combien de personnes|capacite|"
     "wie viele personen|wie viele leute|kapazitat|quante persone|capienza|quantas pessoas"},
    {Topic::price, true,
     "how much|price|prices|pricing|cost|costs|rate|rates|fee|fees|charge|charges|tariff|cheap|expensive|precio|precios|cuanto cuesta|cuesta|cuestan|"
     "cuanto vale|tarifa|prix|coute|coutent|tarif|preis|kostet|kosten|was kostet|prezzo|costa|preco|custa"},
    {Topic::duration, true,
     "how long|minimum booking|maximum booking|minimum stay|maximum stay|minimum hours|maximum hours|duration|shortest|longest|cuanto dura|duracion|"
     "duree|wie lange|dauer|durata"},
    {Topic::size, true,
     "how big|how large|size|square feet|square foot|square metres|square meters|sqft|sqm|sq ft|m2|tamano|superficie|taille|wie gross|grosse"},
    {Topic::place, true,
     "where|address|located|location|directions|which city|what city|which neighborhood|how do i get there|donde|direccion|ubicacion|ou se trouve|"
     "adresse|wo ist|wo liegt|dove|indirizzo|onde fica|endereco"},
    {Topic::hours, true,
     "opening hours|open|opens|opening|close|closes|closing|what time|business hours|schedule|weekend|weekends|horario|horarios|abre|abierto|horaires|"
     "ouvert|ouverture|offnungszeiten|geoffnet|orari|aperto"},
    {Topic::hours, false,
     "when|available|availability|free|hours|monday|tuesday|wednesday|thursday|friday|saturday|sunday|cuando|disponible|quand|wann|quando"},
};

constexpr std::string_view generic_words =
    "room space place venue listing thing something anything one option booking book rent hire stay visit day hour time person people guest "
    "customer kind sort type need looking look find know tell ask question possible allowed allow work come bring take see show group fit big "
    "enough recommend suggest suitable good best nice event today tomorrow week month morning afternoon evening night next there site sala espacio "
    "lugar persona gente salle lieu personne raum ort personen leute";

constexpr double generic_weight = 0.2, topic_weight = 1.0, support = 0.6;

struct CuePhrase {
  std::vector<std::string> words;
  Topic topic;
  bool strong;
};

const std::vector<CuePhrase>& cue_phrases() {
  static const std::vector<CuePhrase> all = [] {
    std::vector<CuePhrase> phrases;
    for (const auto& cue : cue_table)
      for (auto rest = cue.phrases; !rest.empty();) {
        const auto end = std::min(rest.find('|'), rest.size());
        phrases.push_back({words_of(rest.substr(0, end)), cue.topic, cue.strong});
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    // Longer ones first, so that "how many seats" is not only seats.
    std::ranges::stable_sort(phrases, std::ranges::greater{}, [](const CuePhrase& p) { return p.words.size(); });
    return phrases;
  }();
  return all;
}

bool is_generic(std::string_view word) {
  static const auto all = words_of(generic_words);
  return std::ranges::find(all, word) != all.end();
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// Words that mean the same in a listing as in a question.
std::string_view synonym_of(std::string_view word) {
  static constexpr std::pair<std::string_view, std::string_view> pairs[] = {
      {"internet", "wifi"},       {"dog", "pet"},        {"cat", "pet"},
      {"animal", "pet"},          {"tv", "television"},  {"beamer", "projector"},
      {"fridge", "refrigerator"}, {"smoke", "smoking"},  {"lift", "elevator"},
      {"aircon", "conditioning"}, {"ac", "conditioning"}};
  for (const auto& [from, to] : pairs)
    if (from == word) return to;
  return {};
}

struct Question {
  std::vector<std::string> words; ///< what it is about, each once
  std::vector<Topic> topics;
  int party = 0; ///< of how many people it speaks
};

Question read(std::string_view text) {
  Question question;
  auto words = words_of(text);
  if (words.size() > max_question_words * 2) words.resize(max_question_words * 2);
  std::vector<bool> used(words.size());
  std::vector<Topic> weak;
  for (const auto& phrase : cue_phrases())
    for (std::size_t i = 0; i + phrase.words.size() <= words.size(); ++i) {
      if (phrase.words.empty() || used[i] ||
          !std::equal(phrase.words.begin(), phrase.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i)))
        continue;
      auto& list = phrase.strong ? question.topics : weak;
      if (std::ranges::find(list, phrase.topic) == list.end()) list.push_back(phrase.topic);
      if (phrase.strong) std::fill_n(used.begin() + static_cast<std::ptrdiff_t>(i), phrase.words.size(), true);
    }
  // "For 6 people", "a group of 12", "fit 10".
  static const auto people = words_of("people person guest attendee passenger seat personas gente pax personnes personen leute");
  static const auto before_people = words_of("group fit seat party grupo groupe gruppe");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_number(words[i]) || words[i].size() > 6) continue;
    const bool counts_people = (i + 1 < words.size() && std::ranges::find(people, words[i + 1]) != people.end()) ||
                               (i > 0 && std::ranges::find(before_people, words[i - 1]) != before_people.end()) ||
                               (i > 1 && words[i - 1] == "of" && std::ranges::find(before_people, words[i - 2]) != before_people.end());
    if (!counts_people) continue;
    std::from_chars(words[i].data(), words[i].data() + words[i].size(), question.party);
    used[i] = true;
    if (std::ranges::find(question.topics, Topic::capacity) == question.topics.end()) question.topics.push_back(Topic::capacity);
  }
  if (question.topics.empty() && !weak.empty()) {
    question.topics = weak;
    for (const auto& phrase : cue_phrases())
      if (!phrase.strong && phrase.words.size() == 1)
        for (std::size_t i = 0; i < words.size(); ++i)
          if (words[i] == phrase.words.front()) used[i] = true;
  }
  for (std::size_t i = 0; i < words.size() && question.words.size() < max_question_words; ++i) {
    if (used[i] || is_small_word(words[i]) || std::ranges::find(question.words, words[i]) != question.words.end()) continue;
    question.words.push_back(words[i]);
  }
  return question;
}

struct Indexed {
  std::size_t entry = 0;
  Passage passage;
  std::vector<std::string> words;
};

/// How often a word stands in a passage, or one that means the same.
int count(const Indexed& indexed, std::string_view word) {
  const auto other = synonym_of(word);
  return static_cast<int>(std::ranges::count_if(
      indexed.words, [&](const std::string& each) { return same_word(each, word) || (!other.empty() && same_word(each, other)); }));
}

struct Scored {
  std::size_t index = 0; ///< of the passage
  double score = 0, coverage = 0;
  std::vector<bool> has; ///< by word of the question
};

/// The passages of some entries, and how they fare by a question.
class Search {
 public:
  Search(const Question& question, std::span<const CatalogueEntry> entries, std::span<const ProductType> types) : question_(question) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      titles_.push_back(words_of(entries[i].offering.title));
      for (auto& passage : passages_of(entries[i], types)) {
        auto words = words_of(passage.text);
        length += words.size();
        all_.push_back({i, std::move(passage), std::move(words)});
      }
    }
    average_ = all_.empty() ? 1 : std::max(1.0, static_cast<double>(length) / static_cast<double>(all_.size()));
    counts_.resize(all_.size() * question.words.size());
    for (std::size_t w = 0; w < question.words.size(); ++w) {
      const auto& word = question.words[w];
      double in = 0;
      for (std::size_t i = 0; i < all_.size(); ++i) {
        auto& times = counts_[i * question.words.size() + w];
        times = count(all_[i], word);
        in += times > 0;
      }
      const auto of = static_cast<double>(all_.size());
      const double rarest = std::log(1 + (of + 0.5) / 0.5), rare = std::log(1 + (of - in + 0.5) / (in + 0.5));
      weights_.push_back(is_generic(word) || is_number(word) ? generic_weight : std::clamp(rare / rarest, 0.35, 1.0));
    }
  }

  [[nodiscard]] const Indexed& at(std::size_t index) const { return all_[index]; }
  [[nodiscard]] bool strong(std::size_t word) const { return weights_[word] > generic_weight; }

  /// Whether a word of the question names an entry, by its title.
  [[nodiscard]] bool names(std::size_t word, std::size_t entry) const {
    return std::ranges::any_of(titles_[entry], [&](const std::string& each) { return same_word(each, question_.words[word]); });
  }
  [[nodiscard]] int names(std::size_t entry) const {
    int named = 0;
    for (std::size_t w = 0; w < question_.words.size(); ++w) named += strong(w) && names(w, entry);
    return named;
  }

  /// What of a question a passage has. What names its entry is not asked of it.
  [[nodiscard]] Scored score(std::size_t index) const {
    const auto& each = all_[index];
    Scored scored{index, 0, 0, {}};
    double total = 0, got = 0;
    bool any = false;
    const double length = 1.2 * (0.25 + 0.75 * static_cast<double>(each.words.size()) / average_);
    for (std::size_t w = 0; w < question_.words.size(); ++w) {
      const int times = counts_[index * question_.words.size() + w];
      scored.has.push_back(times > 0);
      if (times > 0) scored.score += weights_[w] * times * 2.2 / (times + length);
      const bool naming = names(w, each.entry);
      if (naming) continue;
      total += weights_[w];
      if (times == 0) continue;
      got += weights_[w];
      any = any || strong(w);
    }
    if (!question_.topics.empty()) {
      total += topic_weight;
      if (std::ranges::find(question_.topics, each.passage.topic) != question_.topics.end() && each.passage.topic != Topic::none) {
        got += topic_weight;
        scored.score += 3 * topic_weight;
        any = true;
      }
    }
    scored.coverage = any && total > 0 ? got / total : 0;
    if (each.passage.kind == PassageKind::review) scored.score *= 0.7; // what the provider says comes first
    return scored;
  }

  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  const Question& question_;
  std::vector<Indexed> all_;
  std::vector<std::vector<std::string>> titles_;
  std::vector<double> weights_; ///< by word of the question
  std::vector<int> counts_;     ///< of each, by passage
  double average_ = 1;
};

/// The number of people that an offering takes, if it says so.
std::optional<std::int64_t> capacity_of(const Offering& offering) {
  for (const std::string_view key : {"capacity", "seats"})
    if (const auto* value = offering.attributes.if_contains({key.data(), key.size()}); value != nullptr && value->is_number())
      return static_cast<std::int64_t>(value->to_number<double>());
  return std::nullopt;
}

std::string shortened_quote(const std::string& text) {
  if (text.size() <= max_quote) return text;
  auto end = text.rfind(' ', max_quote);
  if (end == std::string::npos || end < max_quote / 2) {
    end = max_quote;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  }
  return text.substr(0, end) + "…";
}

std::string filled(std::string_view form, std::string_view title, std::string_view quote) {
  std::string text{form};
  const auto put = [&](std::string_view mark, std::string_view value) {
    if (const auto at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), value);
  };
  // The title last: what a quote holds is no place to fill.
  const auto quote_at = text.find("{quote}");
  if (quote_at != std::string::npos) {
    const auto head = text.substr(0, quote_at), tail = text.substr(quote_at + 7);
    text = head;
    put("{title}", title);
    return text + std::string{quote} + tail;
  }
  put("{title}", title);
  return text;
}

/// What supports an answer, the best first. With a focus, of that entry alone.
std::vector<Scored> supporting(const Question& question, const Search& search, std::span<const CatalogueEntry> entries,
                               std::optional<std::size_t> focus) {
  std::vector<Scored> found;
  const bool only_names = question.topics.empty();
  // Where a question names entries, the others have nothing to say on it.
  int most_named = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) most_named = std::max(most_named, search.names(i));
  const bool asks_of_all = question.words.empty() && question.party == 0 && !focus && entries.size() > 1; // "How much is it?" of what?
  if (asks_of_all || (question.words.empty() && question.topics.empty())) return found;
  std::vector<double> best_partial(entries.size());
  for (std::size_t i = 0; i < search.size(); ++i) {
    const auto& each = search.at(i);
    if (focus && each.entry != *focus) continue;
    const int named = search.names(each.entry);
    auto scored = search.score(i);
    const bool supports = scored.coverage >= support;
    // "Do you have a loft?": the title itself is the answer.
    const bool is_named = only_names && each.passage.kind == PassageKind::title && named > 0 && [&] {
      for (std::size_t w = 0; w < question.words.size(); ++w)
        if (search.strong(w) && !search.names(w, each.entry)) return false;
      return true;
    }();
    if (!supports && !is_named) continue;
    if (!focus && named < most_named && each.passage.topic != Topic::none &&
        std::ranges::find(question.topics, each.passage.topic) != question.topics.end())
      continue;
    if (question.party > 0 && !focus) {
      const auto capacity = capacity_of(entries[each.entry].offering);
      if (!capacity || *capacity < question.party) continue;
    }
    scored.score += named + (is_named ? 1 : 0);
    found.push_back(std::move(scored));
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &Scored::score);
  return found;
}

struct Quote {
  std::size_t entry = 0;
  Passage passage;
};

/// What is quoted to answer a question.
std::vector<Quote> quotes_for(std::string_view text, std::span<const CatalogueEntry> entries, std::span<const ProductType> types,
                              std::optional<std::size_t> focus) {
  const auto question = read(text);
  const Search search(question, entries, types);
  std::vector<Quote> quotes;
  std::vector<std::pair<std::size_t, Topic>> said; // on most topics, one passage of an entry says it all
  std::vector<int> of_entry(entries.size());
  const auto found = supporting(question, search, entries, focus);
  for (const auto& scored : found) {
    if (quotes.size() == max_sources || scored.score < found.front().score / 3) break;
    const auto& each = search.at(scored.index);
    const auto topic = each.passage.topic;
    const bool says_all = topic != Topic::none && topic != Topic::capacity && topic != Topic::place;
    if (says_all && std::ranges::find(said, std::pair{each.entry, topic}) != said.end()) continue;
    if (!focus && of_entry[each.entry] > 0 && entries.size() > 1 && question.topics.size() < 2) continue;
    said.emplace_back(each.entry, topic);
    ++of_entry[each.entry];
    quotes.push_back({each.entry, each.passage});
  }
  return quotes;
}

/// The parts of "is there a printer, and how many people fit in?"; none of a question that has one alone.
std::vector<std::string_view> parts_of(std::string_view text) {
  constexpr std::string_view joints[] = {"?", ";", ",", " and ", " or ", " & ", " y ", " et ", " und ", " e "};
  constexpr std::size_t most = 5;
  std::vector<std::string_view> parts;
  while (!text.empty() && parts.size() < most) {
    std::size_t end = text.size(), size = 0;
    for (const auto joint : joints)
      if (const auto at = text.find(joint); at < end) end = at, size = joint.size();
    const auto part = text.substr(0, end);
    const auto question = read(part);
    if (!question.words.empty() || !question.topics.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + size, text.size()));
  }
  if (parts.size() < 2 || parts.size() == most) parts.clear();
  return parts;
}

/// The same part by part, of one entry that answers every one of them.
std::vector<Quote> quotes_for_parts(std::string_view text, std::span<const CatalogueEntry> entries, std::span<const ProductType> types,
                                    std::optional<std::size_t> focus) {
  constexpr std::size_t most_tried = 6;
  const auto parts = parts_of(text);
  if (parts.empty()) return {};
  auto tried = focus ? std::vector{*focus} : rank_entries(text, entries, types);
  if (tried.size() > most_tried) tried.resize(most_tried);
  for (const auto entry : tried) {
    std::vector<Quote> quotes;
    const bool all = std::ranges::all_of(parts, [&](std::string_view part) {
      const auto found = quotes_for(part, entries.subspan(entry, 1), types, 0);
      if (found.empty()) return false;
      const bool said = std::ranges::any_of(quotes, [&](const Quote& each) { return each.passage.text == found.front().passage.text; });
      if (!said && quotes.size() < max_sources) quotes.push_back({entry, found.front().passage});
      return true;
    });
    if (all) return quotes;
  }
  return {};
}

} // namespace

std::vector<std::string> search_words(std::string_view question) {
  auto words = read(question).words;
  std::erase_if(words, [](const std::string& word) { return is_generic(word) || is_number(word); });
  return words;
}

std::vector<std::size_t> rank_entries(std::string_view text, std::span<const CatalogueEntry> entries, std::span<const ProductType> types) {
  const auto question = read(text);
  const Search search(question, entries, types);
  std::vector<double> best(entries.size());
  for (std::size_t i = 0; i < search.size(); ++i) {
    const auto entry = search.at(i).entry;
    best[entry] = std::max(best[entry], search.score(i).score + search.names(entry));
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (best[i] > 0) order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return best[a] > best[b]; });
  return order;
}

AssistantAnswer answer_by_quotes(std::string_view text, std::span<const CatalogueEntry> entries, std::span<const ProductType> types,
                                 std::optional<std::size_t> focus, const AssistantWords& words) {
  auto quotes = quotes_for(text, entries, types, focus);
  if (quotes.empty()) quotes = quotes_for_parts(text, entries, types, focus);
  AssistantAnswer answer;
  for (const auto& [entry, passage] : quotes) {
    const auto& offering = entries[entry].offering;
    const auto quote = shortened_quote(passage.text);
    const bool review = passage.kind == PassageKind::review;
    const auto form = focus ? (review ? words.review : words.listing) : (review ? words.of_review : words.of_listing);
    answer.answer.append(answer.answer.empty() ? "" : "\n").append(filled(form, offering.title, quote));
    answer.sources.push_back({offering.id, offering.slug, offering.title, quote});
  }
  answer.known = !answer.sources.empty();
  if (!answer.known) answer.answer = words.unknown;
  return answer;
}

} // namespace orkestr::inline v1
