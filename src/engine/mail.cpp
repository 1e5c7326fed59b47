#include "orkestr/engine/mail.hpp"

#include "engine/mail_words.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

constexpr std::array<milliseconds, 4> mail_delays{10s, 1min, 10min, 1h};
constexpr std::string_view place = "{tenant}";

/// Names and titles come from forms, and go into a header.
std::string one_line(std::string_view text) {
  std::string line{text};
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return line;
}

using mail_words::say;
using mail_words::Word;

std::string local_time(ZoneClock& clock, Instant at) {
  auto text = to_string(clock.to_local(at));
  std::ranges::replace(text, 'T', ' ');
  return text;
}

/// The day is told twice only where there are two.
std::string local_interval(ZoneClock& clock, const Interval& interval, std::span<const std::string_view> locales) {
  const auto from = local_time(clock, interval.start), to = local_time(clock, interval.end);
  const auto day = from.find(' ');
  return say(locales, mail_words::interval, {{"from", from}, {"to", to.compare(0, day, from, 0, day) == 0 ? to.substr(day + 1) : to}});
}

} // namespace

std::optional<Instant> next_mail_attempt(int made, Instant now, double spread) {
  if (made < 1 || made > static_cast<int>(mail_delays.size())) return std::nullopt;
  const auto delay = mail_delays[static_cast<std::size_t>(made - 1)];
  return now + milliseconds{static_cast<std::int64_t>(static_cast<double>(delay.count()) * (0.8 + 0.4 * spread))};
}

std::string plain_money(Amount amount, Currency currency) {
  const bool negative = amount < 0;
  auto digits = std::to_string(negative ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount));
  const auto decimals = static_cast<std::size_t>(currency.decimals());
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  return std::string{currency.code()} + (negative ? " -" : " ") + digits;
}

std::span<const std::string_view> mail_locales() { return mail_words::locales(); }

MailText booking_mail(BookingMail kind, std::string_view business, const Booking& booking, const Zone& zone, std::string_view link,
                      std::string_view locale) {
  const std::string_view wanted[] = {booking.customer.locale ? std::string_view{*booking.customer.locale} : locale, locale};
  const auto who = one_line(business);
  const auto what = booking.items.empty() ? std::string{} : one_line(booking.items.front().offering_title);
  ZoneClock clock{zone};
  const auto tell = [&](Word subject, Word text) {
    return MailText{say(wanted, subject, {{"what", what}}), say(wanted, text, {{"business", who}})};
  };
  MailText mail;
  switch (kind) {
  case BookingMail::received:
    mail = tell(mail_words::received_subject, mail_words::received);
    mail.text += booking.payment_due_at ? say(wanted, mail_words::received_pay, {{"time", local_time(clock, *booking.payment_due_at)}})
                                        : say(wanted, mail_words::received_wait);
    break;
  case BookingMail::confirmed: mail = tell(mail_words::confirmed_subject, mail_words::confirmed); break;
  case BookingMail::cancelled:
    mail = tell(mail_words::cancelled_subject, booking.ended_by == BookingAction::expire ? mail_words::expired : mail_words::cancelled);
    break;
  case BookingMail::moved: mail = tell(mail_words::moved_subject, mail_words::moved); break;
  }
  auto& text = mail.text;
  text += "\n\n";
  for (const auto& item : booking.items) {
    text += one_line(item.offering_title) + "\n" + local_interval(clock, item.interval(), wanted) + " " + std::string{zone.name()} + "\n";
    if (item.quantity > 1) text += say(wanted, mail_words::quantity, {{"n", std::to_string(item.quantity)}}) + "\n";
  }
  text += say(wanted, mail_words::total, {{"amount", plain_money(booking.total_cents, booking.currency)}}) + "\n";
  if (kind == BookingMail::cancelled && booking.ended_by != BookingAction::expire && booking.total_cents > 0)
    text += say(wanted, mail_words::refund, {{"percent", std::to_string(booking.refund_percent.value_or(0))}}) + "\n";
  text += "\n" + say(wanted, kind == BookingMail::cancelled ? mail_words::see_bookings : mail_words::see_booking) + "\n";
  text.append(link).append("\n");
  return mail;
}

MailText link_mail(std::string_view business, std::string_view link, std::span<const std::string_view> locales) {
  const auto who = one_line(business);
  return {say(locales, mail_words::link_subject, {{"business", who}}),
          say(locales, mail_words::link_text, {{"business", who}, {"link", link}})};
}

MailText verification_mail(std::string_view host, std::string_view link) {
  const std::string where{host};
  return {"Confirm your e-mail address for " + where,
          "Somebody, most likely you, has opened the business " + where + " with this address. Please confirm that it is yours:\n\n" +
              std::string{link} + "\n\nThe link works for three days. If it was not you, there is nothing to do.\n"};
}

MailText reset_mail(std::string_view host, std::string_view link) {
  const std::string where{host};
  return {
      "A new password for " + where,
      "Somebody, most likely you, has asked for a new password at " + where + ". Choose it here:\n\n" + std::string{link} +
          "\n\nThe link works once, within an hour. If you did not ask for it, there is nothing to do; your password stays as it is.\n"};
}

MailText invitation_mail(std::string_view host, std::string_view link) {
  const std::string where{host};
  return {"You are invited to " + where,
          "You are invited to work at " + where + ". Choose a password here:\n\n" + std::string{link} +
              "\n\nThe link works once, within seven days. If you do not know the business, there is nothing to do.\n"};
}

std::string storefront_origin(std::string_view pattern, std::string_view subdomain) {
  std::string origin{pattern};
  if (const auto at = origin.find(place); at != std::string::npos) origin.replace(at, place.size(), subdomain);
  return origin;
}

std::string tenant_origin(std::string_view pattern, const Tenant& tenant) {
  if (!tenant.custom_domain) return storefront_origin(pattern, tenant.subdomain);
  const auto host = pattern.find("://") == std::string_view::npos ? std::size_t{0} : pattern.find("://") + 3;
  const auto port = pattern.find(':', host);
  return std::string{pattern.substr(0, host)} + *tenant.custom_domain +
         std::string{port == std::string_view::npos ? "" : pattern.substr(port)};
}

bool is_storefront_pattern(std::string_view text) {
  const auto scheme = text.starts_with("https://") ? std::size_t{8} : text.starts_with("http://") ? std::size_t{7} : 0;
  if (scheme == 0 || text.substr(scheme).find(place) != 0) return false;
  const auto rest = text.substr(scheme + place.size());
  return rest.size() > 1 && rest.front() == '.' && rest.find(place) == std::string_view::npos && std::ranges::all_of(rest, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
         });
}

} // namespace orkestr::inline v1
