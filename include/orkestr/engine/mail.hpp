// Mails to customers: what is owed to them, when it is tried again, and what they say.
#pragma once

#include "orkestr/base/zone.hpp"
#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/tenant.hpp"

namespace orkestr::inline v1 {

enum class MailState { queued, sent, dead };

struct QueuedMail {
  MailId id;
  std::string recipient, subject;
  std::string body; ///< sealed (secret_box.hpp), since it holds links that let in who has them; empty once it is not QUEUED any more
  MailState state = MailState::queued;
  int attempts = 0;
  std::optional<Instant> next_attempt_at; ///< while QUEUED. Who sends it moves this ahead, which keeps others from it
  std::optional<std::string> last_error;
  Instant created_at;
  std::optional<Instant> sent_at;
};

/// Links in mails die, so that a mail which is older is not sent any more.
inline constexpr milliseconds mail_life = std::chrono::days{1};
/// How long it can be seen what became of a mail.
inline constexpr milliseconds keep_mails = std::chrono::days{30};

/// When a mail that could not be sent is tried again: after 10 s, 1 min, 10 min and 1 h, ±20 %. nullopt after that.
/// @param made    attempts so far, at least 1
/// @param spread  from [0, 1): where within the 40 % it falls
/// @thread_safety pure
[[nodiscard]] std::optional<Instant> next_mail_attempt(int made, Instant now, double spread);

struct MailText {
  std::string subject, text;
};

enum class BookingMail { received, confirmed, cancelled, moved };

/// What a customer is told of a booking. It repeats nothing that they typed: anybody may give another's address, and must not
/// have us write to it in their words.
/// @param zone  of the offering, in which its times are told
/// @param link  to what the customer can do now
/// @param locale  the business's; the customer's own goes before it, where mails are written in it
/// @thread_safety pure
[[nodiscard]] MailText booking_mail(BookingMail kind, std::string_view business, const Booking& booking, const Zone& zone,
                                    std::string_view link, std::string_view locale = "en");

/// The mail with the link that shows a customer their bookings.
/// @param locales  those wanted, the first that mails are written in @thread_safety pure
[[nodiscard]] MailText link_mail(std::string_view business, std::string_view link, std::span<const std::string_view> locales = {});

/// The languages that mails to customers are written in.
[[nodiscard]] std::span<const std::string_view> mail_locales();

/// The mails of members. They name the business by its host alone: whoever signs up or invites could have us write their words to anybody.
/// @thread_safety pure
[[nodiscard]] MailText verification_mail(std::string_view host, std::string_view link);
[[nodiscard]] MailText reset_mail(std::string_view host, std::string_view link);
[[nodiscard]] MailText invitation_mail(std::string_view host, std::string_view link);

/// `USD 45.00`, `JPY 4500`. @thread_safety pure
[[nodiscard]] std::string plain_money(Amount amount, Currency currency);

/// The storefront's origin: `{tenant}` in the pattern is the tenant's subdomain. @thread_safety pure
[[nodiscard]] std::string storefront_origin(std::string_view pattern, std::string_view subdomain);
/// The same where the tenant has a domain of their own that is verified: that one, by the pattern's scheme and port. @thread_safety pure
[[nodiscard]] std::string tenant_origin(std::string_view pattern, const Tenant& tenant);
/// Whether a text is such a pattern: `https://{tenant}.example.com` or `http://{tenant}.localhost:8080`, with nothing behind the port.
[[nodiscard]] bool is_storefront_pattern(std::string_view text);

namespace json {
template <> struct EnumNames<MailState> { static constexpr std::array<std::string_view, 3> names{"QUEUED", "SENT", "DEAD"}; };
} // namespace json
} // namespace orkestr::inline v1
