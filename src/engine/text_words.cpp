#include "engine/text_words.hpp"

#include "base/text.hpp"
#include "engine/latin.hpp"

#include <algorithm>
#include <unordered_set>

namespace orkestr::inline v1 {
namespace {

unsigned code_point(std::string_view c) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(c[i])); };
  switch (c.size()) {
  case 1: return at(0);
  case 2: return (at(0) & 0x1f) << 6 | (at(1) & 0x3f);
  case 3: return (at(0) & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f);
  default: return (at(0) & 0x07) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f);
  }
}

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

/// Of scripts that are written without spaces between words, or nearly so.
bool unspaced(unsigned point) {
  return (point >= 0x0e00 && point < 0x0e80) || (point >= 0x3040 && point < 0x3100) || (point >= 0x3400 && point < 0xa000) ||
         (point >= 0xac00 && point < 0xd7b0) || (point >= 0xf900 && point < 0xfb00) || (point >= 0x20000 && point < 0x32000);
}

bool separates(unsigned point) {
  return (point >= 0x80 && point < 0xc0 && point != 0xaa && point != 0xb5 && point != 0xba) || point == 0xd7 || point == 0xf7 ||
         (point >= 0x2000 && point < 0x2c00) || (point >= 0x3000 && point < 0x3040) || (point >= 0xfe00 && point < 0xff10) ||
         (point >= 0xff1a && point < 0xff21) || point >= 0x1f000;
}

/// In small letters without marks, as far as that takes no tables: Latin, Greek and Cyrillic.
void fold(std::string& out, unsigned point, std::string_view bytes) {
  if (point >= 0xc0 && point < 0x180) {
    out += latin_letters(point);
  } else if (point >= 0x300 && point < 0x370) {
    // a mark of the letter before
  } else if (point >= 0x391 && point <= 0x3a9) {
    append_utf8(out, point + 0x20);
  } else if (point >= 0x400 && point < 0x430) {
    append_utf8(out, point < 0x410 ? point + 0x50 : point + 0x20);
  } else {
    out += bytes;
  }
}

/// English and Romance plurals, and possessives. What is left is no word to show.
void take_ends_off(std::string& word) {
  const bool ascii = std::ranges::all_of(word, [](char c) { return c > 0; });
  if (!ascii || word.size() < 4 || word.back() != 's' || word.ends_with("ss") || word.ends_with("us") || word.ends_with("is")) return;
  word.pop_back();
  if (word.ends_with("ie") && word.size() > 4)
    word.replace(word.size() - 2, 2, "y");
  else if (word.ends_with("xe") || (word.size() > 4 && (word.ends_with("she") || word.ends_with("che") || word.ends_with("sse"))))
    word.pop_back();
}

std::string_view trim_marks(std::string_view text) {
  constexpr std::string_view marks = " \t\r\n*-#>\xc2\xa0";
  const auto first = text.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  if (text.substr(first).starts_with("\xe2\x80\xa2")) return trim_marks(text.substr(first + 3)); // a bullet
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// Whether a full stop that stands here belongs to a shortened word.
bool shortens(std::string_view before) {
  constexpr std::string_view known[] = {"e.g", "i.e", "etc", "approx", "ca", "no",  "nr",   "st", "dr",  "mr", "mrs",
                                        "ms",  "min", "max", "incl",   "vs", "z.b", "p.ej", "av", "ave", "sq", "ft"};
  const auto start = before.find_last_of(" (\t\n");
  const auto word = ascii_lower(std::string{start == std::string_view::npos ? before : before.substr(start + 1)});
  return word.size() == 1 || std::ranges::find(known, word) != std::end(known);
}

} // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word, unspaced_before; // the character of an unspaced script that stands before, if one does
  bool paired = false;
  const auto end_word = [&] {
    take_ends_off(word);
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  const auto end_run = [&] {
    if (!unspaced_before.empty() && !paired) words.push_back(unspaced_before);
    unspaced_before.clear();
    paired = false;
  };
  while (!text.empty()) {
    const auto size = utf8_size(text);
    const auto bytes = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(bytes.size());
    const unsigned point = size == 0 ? 0 : code_point(bytes);
    if (unspaced(point)) {
      end_word();
      if (!unspaced_before.empty()) {
        words.push_back(unspaced_before + std::string{bytes});
        paired = true;
      }
      unspaced_before = bytes;
      continue;
    }
    end_run();
    if (point == '\'' || point == 0x2019) { // "Anna's" is one word, "l'escalier" two
      if (text.starts_with("s ") || text == "s" || text.starts_with("s?") || text.starts_with("s.") || text.starts_with("s,")) {
        text.remove_prefix(1);
        end_word();
      } else if (text.starts_with('t')) { // "doesn't"
        continue;
      } else {
        end_word();
      }
    } else if (point < 0x80) {
      const char c = ascii_lower(static_cast<char>(point));
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        word += c;
      else if ((c == '-' && word == "wi") || (c == '.' && !word.empty() && word.back() >= '0' && word.back() <= '9' && !text.empty() &&
                                              text.front() >= '0' && text.front() <= '9')) {
        if (c == '.') word += c; // "2.5" is one word, and so is "wi-fi"
      } else {
        end_word();
      }
    } else if (separates(point)) {
      end_word();
    } else {
      fold(word, point, bytes);
    }
  }
  end_run();
  end_word();
  return words;
}

bool is_small_word(std::string_view word) {
  // As words_of() writes them: "does" is `doe`.
  static const std::unordered_set<std::string, TextHash, std::equal_to<>> words = [] {
    constexpr std::string_view all =
        "a about all also am an and any are as at available be been being but by can could did do does doesnt dont else ever every for from get "
        "got had has have havent he her here hers him his how i if in include included including includes into is isnt it its just let like "
        "many may me might more most much must my need no not of off offer offered offers on one only or other our out over please provide "
        "provided provides s same she should so some still such tell than thank thanks that the their them then there these they this those "
        "to too under until up us use very want was we were what when where which while who whole why will with within would yes you your "
        "yours hello hi "
        "al algo algun alguna con cual cuales de del donde el ella en es esta este esto estan hay la las le les lo los mas me mi muy nos o para "
        "pero por puede puedo que quien se ser si sin sobre son su sus tengo tiene tienen todo un una unas uno unos y ya yo "
        "a au aux avec avez ce ces cette combien comment dans de des du elle en est et eu il ils je la le les leur mais nous on ont ou par pas "
        "pour que quel quelle quelles quels qui sa se ses si son sont sur ton tu un une vos votre vous y l d j n c qu "
        "aber als am an auch auf aus bei bin bis das dem den der des die dies diese dieser ein eine einem einen einer er es fur gibt haben hat "
        "ich ihr im in ist kann mit nach nicht noch oder sich sie sind uber um und uns von war was wer wie wir wird wo zu zum zur "
        "ao aos com da das do dos ele ela em esse essa isso meu minha na nas no nos os ou quais qual tem uma voce che ci come con da dal della "
        "delle di dove e gli ha ho il io ma nel non per piu quale quali sono sul tra";
    std::unordered_set<std::string, TextHash, std::equal_to<>> set;
    for (auto& each : words_of(all)) set.insert(std::move(each));
    return set;
  }();
  return words.contains(word);
}

bool same_word(std::string_view a, std::string_view b) {
  if (a == b) return true;
  constexpr std::size_t stem = 7, longest_end = 5;
  if (a.size() < stem || b.size() < stem) return false;
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  return common >= stem && a.size() - common <= longest_end && b.size() - common <= longest_end;
}

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  const auto add = [&](std::string_view sentence) {
    sentence = trim_marks(sentence);
    if (!sentence.empty()) sentences.push_back(sentence);
  };
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool wide = text.substr(i).starts_with("\xe3\x80\x82") || text.substr(i).starts_with("\xef\xbc\x81") ||
                      text.substr(i).starts_with("\xef\xbc\x9f");
    if (c == '\n') {
      add(text.substr(start, i - start));
      start = i + 1;
    } else if (wide) {
      add(text.substr(start, i + 3 - start));
      start = i + 3;
      i += 2;
    } else if (c == '.' || c == '!' || c == '?') {
      auto end = text.find_first_not_of(".!?\"')", i);
      if (end == std::string_view::npos) end = text.size();
      const bool gap = end == text.size() || text[end] == ' ' || text[end] == '\n' || text[end] == '\r' || text[end] == '\t';
      const auto next = text.find_first_not_of(" \t\r\n", end);
      const bool goes_on = next != std::string_view::npos && text[next] >= 'a' && text[next] <= 'z';
      if (!gap || (c == '.' && (goes_on || shortens(text.substr(start, i - start))))) continue;
      add(text.substr(start, end - start));
      start = end;
      i = end - 1;
    }
  }
  add(text.substr(std::min(start, text.size())));
  return sentences;
}

} // namespace orkestr::inline v1
