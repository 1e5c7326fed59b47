// A mail as it goes over the wire (RFC 5322, RFC 2045–2047).
#pragma once

#include "orkestr/base/time.hpp"
#include "orkestr/ports/mailer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace orkestr::inline v1::smtp {

/// An address of ASCII without quotes or comments: what can stand between < and > and end nothing. At most 254 characters.
[[nodiscard]] bool is_address(std::string_view text) noexcept;

/// A name that people read, which may be empty, and an address.
struct Mailbox {
  std::string name, address;
};
/// Takes `address` or `Name <address>`; nullopt for anything else.
[[nodiscard]] std::optional<Mailbox> parse_mailbox(std::string_view text);

/// A header's value: as it is, or in encoded words on lines of their own where it is not short and ASCII.
/// @pre no line ends in it
[[nodiscard]] std::string header_text(std::string_view text);

/// Quoted-printable, with lines that end in CRLF.
[[nodiscard]] std::string quoted_printable(std::string_view text);

/// @param tag  unique, of letters and digits: for the Message-ID
/// @errors `invalid_parameter` where the address or the subject could end a header
[[nodiscard]] Result<std::string> message(const Mail& mail, const Mailbox& from, Instant at, std::string_view tag);

} // namespace orkestr::inline v1::smtp
