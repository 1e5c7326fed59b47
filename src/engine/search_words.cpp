#include "engine/search_words.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace orkestr::inline v1::search {
namespace {

/// U+00C0 to U+017F without their diacritics, in lower case; `?` for what is no letter.
constexpr std::string_view latin = "aaaaaaaceeeeiiiidnooooo?ouuuuyts"
                                   "aaaaaaaceeeeiiiidnooooo?ouuuuyty"
                                   "aaaaaaccccccccddddeeeeeeeeeegggg"
                                   "gggghhhhiiiiiiiiiiiijjkkklllllll"
                                   "lllnnnnnnnnnoooooooorrrrrrssssss"
                                   "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

struct Letter {
  std::string text; ///< folded; empty when it separates
  char mark = 0;    ///< an ASCII sign that is no letter and no digit
  std::size_t size = 1;
};

std::uint32_t code_point(std::string_view text, std::size_t size) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  if (size == 1) return at(0);
  if (size == 2) return (at(0) & 0x1f) << 6 | (at(1) & 0x3f);
  if (size == 3) return (at(0) & 0x0f) << 12 | (at(1) & 0x3f) << 6 | (at(2) & 0x3f);
  return (at(0) & 7) << 18 | (at(1) & 0x3f) << 12 | (at(2) & 0x3f) << 6 | (at(3) & 0x3f);
}

Letter letter_at(std::string_view text) {
  Letter letter;
  const auto size = utf8_size(text);
  if (size == 0) return letter;
  letter.size = size;
  const auto code = code_point(text, size);
  if (code < 0x80) {
    const char c = ascii_lower(text[0]);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      letter.text = c;
    else
      letter.mark = c;
    return letter;
  }
  if (code >= 0x2010 && code <= 0x2015) return letter.mark = '-', letter;
  if (code == 0x2018 || code == 0x2019) return letter.mark = '\'', letter;
  if (code == 0x20ac || code == 0xa3 || code == 0xa5 || code == 0x20b9) return letter.mark = '$', letter;
  if (code == 0xaa || code == 0xba || code == 0xb0) return letter.text = code == 0xaa ? "a" : "o", letter;
  if (code == 0xe6 || code == 0xc6) return letter.text = "ae", letter;
  if (code == 0x152 || code == 0x153) return letter.text = "oe", letter;
  if (code == 0xdf) return letter.text = "ss", letter;
  if (code >= 0xc0 && code <= 0x17f) {
    if (const char c = latin[code - 0xc0]; c != '?') letter.text = c;
    return letter;
  }
  if (code < 0xc0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x3003)) return letter; // signs and spaces
  if (code >= 0x300 && code <= 0x36f) return letter.mark = '~', letter; // combining: belongs to a letter
  letter.text = text.substr(0, size);
  return letter;
}

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }

/// Groups of digits with signs between them: `12/05/2027` is {12, 5, 2027} with "//".
struct Digits {
  std::vector<std::string_view> groups;
  std::string signs;
  std::size_t size = 0;
};

Digits digits_at(std::string_view text) {
  Digits found;
  while (found.groups.size() < 5) {
    std::size_t from = found.size, end = from;
    while (end < text.size() && digit(text[end])) ++end;
    found.groups.push_back(text.substr(from, end - from));
    found.size = end;
    if (end + 1 >= text.size() || !digit(text[end + 1])) break;
    const char sign = text[end];
    if (sign != '/' && sign != '-' && sign != '.' && sign != ',' && sign != ':') break;
    if (found.groups.size() == 5) break;
    found.signs += sign;
    found.size = end + 1;
  }
  if (found.signs.size() == found.groups.size()) {
    found.signs.pop_back();
    --found.size;
  }
  return found;
}

int whole(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 9), number);
  return number;
}

/// The token of digits at the start of `text`; `end` is its length.
Token number_token(std::string_view text) {
  Token token;
  const auto found = digits_at(text);
  const auto& groups = found.groups;
  const auto is_date = [&](std::size_t count) {
    if (groups.size() < count) return false;
    const char sign = found.signs[0];
    if (sign != '/' && sign != '-' && sign != '.') return false;
    for (std::size_t i = 0; i + 1 < count; ++i)
      if (found.signs[i] != sign) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (groups[i].size() > 2 && groups[i].size() != 4) return false;
    if (count == 2) return sign == '/' && groups[0].size() <= 2 && groups[1].size() <= 2 && groups.size() == 2;
    return groups.size() == 3 && (groups[0].size() == 4 || groups[2].size() == 4 || (groups[2].size() == 2 && sign != '-'));
  };
  const auto length_of = [&](std::size_t count) {
    return static_cast<std::size_t>(groups[count - 1].data() + groups[count - 1].size() - text.data());
  };
  for (const std::size_t count : {3U, 2U}) {
    if (!is_date(count)) continue;
    token.kind = Token::Kind::date;
    for (std::size_t i = 0; i < count; ++i) token.parts[i] = whole(groups[i]);
    token.end = length_of(count);
    return token;
  }
  if (groups.size() >= 2 && found.signs[0] == ':' && groups[0].size() <= 2 && groups[1].size() == 2 && whole(groups[0]) <= 24 &&
      whole(groups[1]) < 60) {
    token.kind = Token::Kind::clock;
    token.number = whole(groups[0]) * 60 + whole(groups[1]);
    token.end = length_of(2);
    return token;
  }
  token.kind = Token::Kind::number;
  std::string plain{groups[0]};
  std::size_t used = 1;
  // A sign before three digits groups thousands; before others it begins a fraction.
  while (used < groups.size() && (found.signs[used - 1] == ',' || found.signs[used - 1] == '.') && groups[used].size() == 3 &&
         groups[0].size() <= 3)
    plain += groups[used++];
  if (used < groups.size() && (found.signs[used - 1] == ',' || found.signs[used - 1] == '.') && groups[used].size() <= 2) {
    plain.append(".").append(groups[used++]);
  }
  token.end = length_of(used);
  token.number = std::strtod(plain.substr(0, 15).c_str(), nullptr);
  return token;
}

} // namespace

std::vector<Token> tokens(std::string_view text) {
  std::vector<Token> found;
  bool glued = false, hyphen = false, comma = false;
  std::size_t at = 0;
  const auto add = [&](Token token) {
    token.glued = glued;
    token.hyphen = hyphen;
    token.comma = comma;
    token.typed = text.substr(token.start, token.end - token.start);
    hyphen = comma = false;
    glued = true;
    found.push_back(std::move(token));
  };
  while (at < text.size()) {
    const auto letter = letter_at(text.substr(at));
    if (!letter.text.empty() && digit(letter.text[0])) {
      auto token = number_token(text.substr(at));
      token.text = text.substr(at, token.end);
      token.start = at;
      token.end += at;
      at = token.end;
      add(std::move(token));
    } else if (!letter.text.empty()) {
      Token token;
      token.start = at;
      while (at < text.size()) {
        const auto next = letter_at(text.substr(at));
        if (next.mark != '~' && (next.text.empty() || digit(next.text[0]))) break;
        token.text += next.text;
        at += next.size;
      }
      token.end = at;
      add(std::move(token));
    } else {
      const auto previous = at;
      at += letter.size;
      if (letter.mark == '$') {
        Token token;
        token.kind = Token::Kind::symbol;
        token.text = text.substr(previous, letter.size);
        token.start = previous;
        token.end = at;
        add(std::move(token));
        continue;
      }
      if (letter.mark == '-') hyphen = !found.empty();
      if (letter.mark == ',' || letter.mark == '.' || letter.mark == ';' || letter.mark == '!' || letter.mark == '?') comma = true;
      if (letter.mark != '~') glued = false;
    }
  }
  return found;
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  constexpr std::size_t most = 32;
  if (a.size() > most || b.size() > most) return limit + 1;
  if (std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size())) > limit) return limit + 1;
  std::array<std::array<int, most + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto &last = rows[(i + 2) % 3], &before = rows[(i + 1) % 3];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

} // namespace orkestr::inline v1::search
