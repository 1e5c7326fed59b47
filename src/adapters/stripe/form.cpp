#include "adapters/stripe/form.hpp"

namespace orkestr::inline v1::stripe {
namespace {

/// As the URL standard's serializer does.
void encode(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' || c == '-' || c == '.' || c == '_';
    if (plain)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out.append(1, '%').append(1, digits[static_cast<unsigned char>(c) >> 4]).append(1, digits[c & 15]);
  }
}

} // namespace

void Form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_.append(name).append(1, '=');
  encode(text_, value);
}

void Form::add(std::string_view name, std::string_view key, std::string_view value) {
  std::string whole{name};
  whole += '[';
  encode(whole, key);
  whole += ']';
  add(whole, value);
}

} // namespace orkestr::inline v1::stripe
