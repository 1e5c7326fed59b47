#include "adapters/smtp/message.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace orkestr::inline v1::smtp {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_atom(char c) { return is_word(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~."}.find(c) != std::string_view::npos; }
bool is_printable(char c) { return c >= ' ' && c < 0x7f; }

/// Full stops stand between others.
bool is_dotted(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

std::string date(Instant at) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = at.ms / 1000;
  std::tm t{};
  gmtime_r(&seconds, &t);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900,
                t.tm_hour, t.tm_min, t.tm_sec);
  return text;
}

} // namespace

bool is_address(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at > 64) return false;
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  return is_dotted(local) && is_dotted(domain) && std::ranges::all_of(local, is_atom) &&
         std::ranges::all_of(domain, [](char c) { return is_word(c) || c == '-' || c == '.'; });
}

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  if (is_address(text)) return Mailbox{{}, std::string{text}};
  const auto open = text.rfind('<');
  if (open == std::string_view::npos || !text.ends_with('>')) return std::nullopt;
  auto name = text.substr(0, open);
  while (name.ends_with(' ')) name.remove_suffix(1);
  Mailbox box{std::string{name}, std::string{text.substr(open + 1, text.size() - open - 2)}};
  const bool plain = is_utf8(name) && std::ranges::none_of(name, [](char c) {
                       return static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '<' || c == '>';
                     });
  if (!plain || !is_address(box.address)) return std::nullopt;
  return box;
}

std::string header_text(std::string_view text) {
  constexpr std::size_t longest = 60; // of a line of 78 beside the header's name
  if (text.size() <= longest && std::ranges::all_of(text, is_printable) && text.find("=?") == std::string_view::npos)
    return std::string{text};
  std::string all;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) { // whole characters, as many as leave room for the header's name
      const auto next = std::max<std::size_t>(1, utf8_size(text.substr(size)));
      if (size + next > 42) break;
      size += next;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data()); // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    all += (all.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64({bytes, size}) + "?=";
    text.remove_prefix(size);
  }
  return all;
}

std::string quoted_printable(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string all;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      all += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool plain = (c > ' ' && c < 0x7f && c != '=') || (c == ' ' && !ends_line);
    const std::size_t size = plain ? 1 : 3;
    if (column + size > 75) { // one is left for the '=' of a soft break
      all += "=\r\n";
      column = 0;
    }
    if (plain)
      all += c;
    else
      all.append(1, '=').append(1, digits[static_cast<unsigned char>(c) >> 4]).append(1, digits[c & 15]);
    column += size;
  }
  if (column > 0) all += "\r\n";
  return all;
}

Result<std::string> message(const Mail& mail, const Mailbox& from, Instant at, std::string_view tag) {
  if (!is_address(mail.to)) return fail(Code::invalid_parameter, "The address is not one that mail is sent to.");
  const bool one_line =
      is_utf8(mail.subject) && std::ranges::none_of(mail.subject, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (!one_line) return fail(Code::invalid_parameter, "The subject is not one line of text.");
  const auto domain = from.address.substr(from.address.find('@') + 1);
  std::string name;
  if (!from.name.empty()) {
    const bool words = std::ranges::all_of(from.name, [](char c) { return is_word(c) || c == ' ' || c == '-'; });
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from.name.data()); // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    name = (words || from.name.size() > 45 ? header_text(from.name) : "=?UTF-8?B?" + base64({bytes, from.name.size()}) + "?=") + " ";
  }
  return "Date: " + date(at) + "\r\nFrom: " + name + "<" + from.address + ">\r\nTo: <" + mail.to +
         ">\r\nSubject: " + header_text(mail.subject) + "\r\nMessage-ID: <" + std::string{tag} + "@" + domain +
         ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(mail.text);
}

} // namespace orkestr::inline v1::smtp
