#include "orkestr/engine/mail.hpp"

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

std::string local_time(ZoneClock& clock, Instant at) {
  auto text = to_string(clock.to_local(at));
  std::ranges::replace(text, 'T', ' ');
  return text;
}

/// The day is told twice only where there are two.
std::string local_interval(ZoneClock& clock, const Interval& interval) {
  const auto from = local_time(clock, interval.start), to = local_time(clock, interval.end);
  const auto day = from.find(' ');
  return from + " to " + (to.compare(0, day, from, 0, day) == 0 ? to.substr(day + 1) : to);
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

MailText booking_mail(BookingMail kind, std::string_view business, const Booking& booking, const Zone& zone, std::string_view link) {
  const auto who = one_line(business);
  const auto what = booking.items.empty() ? std::string{} : one_line(booking.items.front().offering_title);
  ZoneClock clock{zone};
  MailText mail;
  auto& text = mail.text;
  switch (kind) {
  case BookingMail::received:
    mail.subject = "We have your booking: " + what;
    text = who + " has received your booking.";
    text += booking.payment_due_at ? " It is kept for you until " + local_time(clock, *booking.payment_due_at) + "; please pay by then."
                                   : " You will be told once it is confirmed.";
    break;
  case BookingMail::confirmed:
    mail.subject = "Your booking is confirmed: " + what;
    text = "Your booking at " + who + " is confirmed.";
    break;
  case BookingMail::cancelled:
    mail.subject = "Your booking is cancelled: " + what;
    text = booking.ended_by == BookingAction::expire ? "Your booking at " + who + " has ended, since it was not paid for in time."
                                                     : "Your booking at " + who + " is cancelled.";
    break;
  case BookingMail::moved:
    mail.subject = "Your booking has moved: " + what;
    text = "Your booking at " + who + " has been moved to another time.";
    break;
  }
  text += "\n\n";
  for (const auto& item : booking.items) {
    text += one_line(item.offering_title) + "\n" + local_interval(clock, item.interval()) + " " + std::string{zone.name()} + "\n";
    if (item.quantity > 1) text += "Quantity: " + std::to_string(item.quantity) + "\n";
  }
  text += "Total: " + plain_money(booking.total_cents, booking.currency) + "\n";
  if (kind == BookingMail::cancelled && booking.ended_by != BookingAction::expire && booking.total_cents > 0)
    text += "Refund: " + std::to_string(booking.refund_percent.value_or(0)) + " % of what you have paid\n";
  text += kind == BookingMail::cancelled ? "\nYour bookings:\n" : "\nSee, move or cancel it:\n";
  text.append(link).append("\n");
  return mail;
}

MailText link_mail(std::string_view business, std::string_view link) {
  const auto who = one_line(business);
  return {"Your bookings at " + who,
          "Somebody, most likely you, has asked to see your bookings at " + who + ". They are here:\n\n" + std::string{link} +
              "\n\nThe link works once, within half an hour. If you did not ask for it, there is nothing to do.\n"};
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
