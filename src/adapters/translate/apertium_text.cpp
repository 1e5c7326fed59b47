#include "adapters/translate/apertium_text.hpp"

#include <algorithm>
#include <utility>

namespace orkestr::inline v1::translate {
namespace {

constexpr std::string_view special = "\\[]{}^$/@<>";
/// A blank of its own, without which what is last is not let go of before more comes.
constexpr std::string_view blank = "[]", mark = ".[]";

/// Addresses of pages and of people are words of no language.
bool is_address(std::string_view word) {
  return word.find("://") != std::string_view::npos || word.find('@', 1) != std::string_view::npos || word.starts_with("www.");
}

bool ends_sentence(std::string_view line) {
  constexpr std::string_view ends[] = {".", "!", "?", "…", ":", ";"};
  return std::ranges::any_of(ends, [&](std::string_view end) { return line.ends_with(end); });
}

constexpr std::pair<std::string_view, std::string_view> three_letters[] = {
    {"afr", "af"}, {"ara", "ar"}, {"arg", "an"}, {"ast", "ast"}, {"bel", "be"}, {"bre", "br"}, {"bul", "bg"}, {"cat", "ca"},
    {"cym", "cy"}, {"dan", "da"}, {"eng", "en"}, {"epo", "eo"},  {"eus", "eu"}, {"fra", "fr"}, {"glg", "gl"}, {"hin", "hi"},
    {"hrv", "hr"}, {"ind", "id"}, {"isl", "is"}, {"ita", "it"},  {"kaz", "kk"}, {"mkd", "mk"}, {"mlt", "mt"}, {"msa", "ms"},
    {"nld", "nl"}, {"nno", "nn"}, {"nob", "nb"}, {"oci", "oc"},  {"pol", "pl"}, {"por", "pt"}, {"ron", "ro"}, {"rus", "ru"},
    {"slv", "sl"}, {"spa", "es"}, {"srd", "sc"}, {"swe", "sv"},  {"tat", "tt"}, {"tur", "tr"}, {"ukr", "uk"}, {"urd", "ur"}};

} // namespace

std::string to_stream(std::string_view line) {
  std::string text;
  text.reserve(line.size() + 8);
  for (auto left = line; !left.empty();) {
    const auto end = std::min(left.find(' '), left.size());
    const auto word = left.substr(0, end);
    const bool kept = is_address(word);
    if (kept) text += '['; // a blank, to them
    for (const char c : word) {
      if (special.find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
    if (kept) text += ']';
    if (end < left.size()) text += ' ';
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  text += ends_sentence(line) ? blank : mark;
  return text;
}

std::string from_stream(std::string_view text, std::string_view line) {
  if (text.ends_with(blank)) text.remove_suffix(blank.size());
  if (!ends_sentence(line) && text.ends_with('.')) text.remove_suffix(1);
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      plain += text[++i];
    else if (text[i] != '[' && text[i] != ']') // what stands between them is kept as it is
      plain += text[i];
  }
  const auto first = plain.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return plain.substr(first, plain.find_last_not_of(' ') + 1 - first);
}

std::optional<std::vector<std::vector<std::string>>> read_mode(std::string_view text) {
  std::vector<std::vector<std::string>> programs(1);
  std::string word;
  bool quoted = false, any = false;
  const auto end_word = [&] {
    if (any) {
      if (word == "$1")
        programs.back().emplace_back("-n"); // unknown words without a mark
      else if (word != "$2")                // which shows what is ambiguous
        programs.back().push_back(word);
    }
    word.clear();
    any = false;
  };
  for (const char c : text) {
    if (quoted) {
      if (c == '\'')
        quoted = false;
      else
        word += c;
    } else if (c == '\'') {
      quoted = any = true;
    } else if (c == '|') {
      end_word();
      programs.emplace_back();
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      end_word();
    } else if (std::string_view{";&<>()`\"\\#*?~!{}"}.find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      word += c;
      any = true;
    }
  }
  end_word();
  if (quoted) return std::nullopt;
  for (auto& program : programs) {
    if (program.empty() || program[0].find('/') != std::string::npos) return std::nullopt;
    for (const auto& argument : program)
      if (argument.find('$') != std::string::npos) return std::nullopt;
    program.insert(program.begin() + 1, "-z");
  }
  return programs;
}

std::string language_of_mode(std::string_view name) {
  const auto* found = std::ranges::find(three_letters, name, [](const auto& entry) { return entry.first; });
  if (found != std::end(three_letters)) return std::string{found->second};
  const bool two = name.size() == 2 && std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
  return two ? std::string{name} : std::string{};
}

} // namespace orkestr::inline v1::translate
