#include "orkestr/engine/assistant.hpp"

#include "engine/text_words.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace orkestr::inline v1 {
namespace {

/// More sentences than any description needs, so that comparing each with each stays cheap.
constexpr std::size_t most_sentences = 200;

struct Sentence {
  std::string_view text;
  std::vector<std::string> words; ///< that say something, sorted, each once
  double score = 0;
};

/// The share of words that two sentences have in common.
double likeness(const Sentence& a, const Sentence& b) {
  if (a.words.empty() || b.words.empty()) return 0;
  std::vector<std::string> both;
  std::ranges::set_intersection(a.words, b.words, std::back_inserter(both));
  return static_cast<double>(both.size()) / std::sqrt(static_cast<double>(a.words.size()) * static_cast<double>(b.words.size()));
}

std::string cut_at_word(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string{text};
  auto end = text.rfind(' ', bytes);
  if (end == std::string_view::npos || end < bytes / 2) {
    end = bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  }
  while (end > 0 && (text[end - 1] == ',' || text[end - 1] == ';' || text[end - 1] == ' ')) --end;
  return std::string{text.substr(0, end)} + "…";
}

} // namespace

std::string summarise(std::string_view text, const SummaryLimits& limits) {
  std::vector<Sentence> all;
  for (const auto sentence : sentences_of(text)) {
    if (all.size() == most_sentences) break;
    Sentence each{sentence, words_of(sentence)};
    std::erase_if(each.words, [](const std::string& word) { return is_small_word(word); });
    std::ranges::sort(each.words);
    each.words.erase(std::unique(each.words.begin(), each.words.end()), each.words.end());
    all.push_back(std::move(each));
  }
  if (all.empty() || limits.sentences == 0) return {};
  for (std::size_t i = 0; i < all.size(); ++i) {
    double central = 0;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (k != i) central += likeness(all[i], all[k]);
    central /= std::max<double>(1, static_cast<double>(all.size() - 1));
    const double early = 1.0 / (1.0 + static_cast<double>(i));
    // What has two words, or goes on for a paragraph, is no summary of anything.
    const double shape = all[i].words.size() < 3 ? 0.3 : all[i].text.size() > 250 ? 0.6 : 1.0;
    all[i].score = (central + 0.5 * early) * shape;
  }
  std::vector<std::size_t> chosen;
  std::size_t bytes = 0;
  std::vector<bool> passed(all.size());
  while (chosen.size() < limits.sentences && chosen.size() < all.size()) {
    std::optional<std::size_t> best;
    double best_score = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (passed[i]) continue;
      double repeated = 0; // of what has been said already
      for (const auto k : chosen) repeated = std::max(repeated, likeness(all[i], all[k]));
      const double score = all[i].score * (1 - repeated);
      if (!best || score > best_score) best = i, best_score = score;
    }
    if (!best) break;
    passed[*best] = true;
    const std::size_t with = bytes + (chosen.empty() ? 0 : 1) + all[*best].text.size();
    if (with > limits.bytes && !chosen.empty()) continue;
    chosen.push_back(*best);
    bytes = with;
    if (bytes >= limits.bytes) break;
  }
  std::ranges::sort(chosen);
  std::string summary;
  for (const auto i : chosen) summary.append(summary.empty() ? "" : " ").append(all[i].text);
  return cut_at_word(summary, limits.bytes);
}

} // namespace orkestr::inline v1
