#include "orkestr/engine/slug.hpp"

#include "engine/latin.hpp"

namespace orkestr::inline v1 {
namespace {

bool is_slug_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

} // namespace

bool is_slug(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_slug_size) return false;
  bool hyphen = true; // none at the start
  for (char c : text) {
    if (c == '-' && hyphen) return false;
    if (c != '-' && !is_slug_char(c)) return false;
    hyphen = c == '-';
  }
  return !hyphen;
}

std::string make_slug(std::string_view title) {
  std::string slug;
  bool gap = false;
  const auto put = [&](char c) {
    if (slug.size() >= max_slug_size) return;
    if (gap && !slug.empty()) slug += '-';
    gap = false;
    slug += c;
  };
  for (std::size_t i = 0; i < title.size(); ++i) {
    const auto c = static_cast<unsigned char>(title[i]);
    if (c < 0x80) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : static_cast<char>(c);
      if (is_slug_char(lower))
        put(lower);
      else if (lower != '\'')
        gap = true; // an apostrophe joins: "Anna's" is one word
      continue;
    }
    if (c >= 0xC3 && c <= 0xC5 && i + 1 < title.size()) {
      const unsigned point = (c & 0x1fu) << 6 | (static_cast<unsigned char>(title[++i]) & 0x3fu);
      const auto letters = latin_letters(point);
      if (letters.empty()) gap = true;
      for (const char letter : letters) put(letter);
      continue;
    }
    if ((c & 0xc0) != 0x80) gap = true;
  }
  while (slug.size() > max_slug_size || (!slug.empty() && slug.back() == '-')) slug.pop_back();
  return slug.empty() ? "offering" : slug;
}

std::string numbered_slug(std::string_view base, int n) {
  const std::string suffix = "-" + std::to_string(n);
  auto slug = std::string{base.substr(0, max_slug_size - suffix.size())};
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug + suffix;
}

std::string first_free_slug(std::string_view base, const std::function<bool(std::string_view)>& taken) {
  std::string slug{base};
  for (int n = 2; taken(slug); ++n) slug = numbered_slug(base, n);
  return slug;
}

} // namespace orkestr::inline v1
