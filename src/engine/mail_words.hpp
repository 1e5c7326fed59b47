// What mails to customers say, in every language that they are written in.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace orkestr::inline v1::mail_words {

enum Word {
  received_subject, ///< {what}
  received,         ///< {business}
  received_pay,     ///< {time}
  received_wait,
  confirmed_subject, ///< {what}
  confirmed,         ///< {business}
  cancelled_subject, ///< {what}
  cancelled,         ///< {business}
  expired,           ///< {business}
  moved_subject,     ///< {what}
  moved,             ///< {business}
  interval,          ///< {from} {to}
  quantity,          ///< {n}
  total,             ///< {amount}
  refund,            ///< {percent}
  see_booking,
  see_bookings,
  link_subject, ///< {business}
  link_text,    ///< {business} {link}
  count
};

/// The languages, in the order of the alphabet.
[[nodiscard]] std::span<const std::string_view> locales();

/// A word in the language that fits best of those wanted, in their order (RFC 4647, lookup), or in English. Placeholders are filled once:
/// what is put in is not looked at again.
[[nodiscard]] std::string say(std::span<const std::string_view> wanted, Word word,
                              std::initializer_list<std::pair<std::string_view, std::string_view>> values = {});

} // namespace orkestr::inline v1::mail_words
