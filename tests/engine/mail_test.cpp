#include "orkestr/engine/mail.hpp"
#include "orkestr/engine/translation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace orkestr;
using namespace std::chrono_literals;

namespace {

Instant at(std::string_view text) { return *Instant::parse(text); }

Booking sample() {
  Booking booking;
  BookingItem item;
  item.offering_title = "Riverside\r\nLoft";
  item.starts_at = at("2026-05-12T19:00:00Z");
  item.ends_at = at("2026-05-12T21:30:00Z");
  booking.items = {item};
  booking.total_cents = 4500;
  booking.customer.name = "Buy this: http://evil.example";
  return booking;
}

} // namespace

TEST_CASE("a mail is tried five times, ever later") {
  const Instant now = at("2026-05-12T15:00:00Z");
  const milliseconds delays[] = {10s, 1min, 10min, 1h};
  for (int made = 1; made <= 4; ++made) {
    const auto delay = delays[made - 1];
    CHECK(*next_mail_attempt(made, now, 0) - now == delay * 8 / 10);
    CHECK(*next_mail_attempt(made, now, 0.5) - now == delay);
    CHECK(*next_mail_attempt(made, now, 0.999) - now <= delay * 12 / 10);
  }
  for (const int none : {0, 5, 100}) CHECK_FALSE(next_mail_attempt(none, now, 0.5));
}

TEST_CASE("links lead to a tenant's own domain, where it is verified") {
  Tenant tenant;
  tenant.subdomain = "acme";
  CHECK(tenant_origin("https://{tenant}.orkestr.example", tenant) == "https://acme.orkestr.example");
  tenant.custom_domain = "book.acme.com";
  CHECK(tenant_origin("https://{tenant}.orkestr.example", tenant) == "https://book.acme.com");
  CHECK(tenant_origin("http://{tenant}.localhost:8080", tenant) == "http://book.acme.com:8080");
}

TEST_CASE("money as mails tell it") {
  const auto in = [](Amount amount, std::string_view currency) { return plain_money(amount, *Currency::parse(currency)); };
  CHECK(in(4500, "USD") == "USD 45.00");
  CHECK(in(5, "USD") == "USD 0.05");
  CHECK(in(0, "EUR") == "EUR 0.00");
  CHECK(in(4500, "JPY") == "JPY 4500");
  CHECK(in(12345, "KWD") == "KWD 12.345");
  CHECK(in(-250, "USD") == "USD -2.50");
  CHECK(in(std::numeric_limits<Amount>::min(), "JPY") == "JPY -9223372036854775808");
}

TEST_CASE("what customers are told") {
  const auto zone = Zone::find("America/New_York").value();
  auto booking = sample();
  const auto mail = [&](BookingMail kind) { return booking_mail(kind, "Atlas Studios", booking, zone, "https://atlas.example.com/b"); };
  CHECK(mail(BookingMail::received).subject == "We have your booking: Riverside  Loft");
  CHECK(mail(BookingMail::received).text == "Atlas Studios has received your booking. You will be told once it is confirmed.\n\n"
                                            "Riverside  Loft\n2026-05-12 15:00 to 17:30 America/New_York\nTotal: USD 45.00\n\n"
                                            "See, move or cancel it:\nhttps://atlas.example.com/b\n");
  booking.payment_due_at = at("2026-05-01T12:30:00Z");
  CHECK(mail(BookingMail::received)
            .text.starts_with("Atlas Studios has received your booking. It is kept for you until 2026-05-01 08:30; please pay by then.\n"));
  booking.items[0].ends_at = at("2026-05-13T19:00:00Z");
  booking.items[0].quantity = 3;
  CHECK(mail(BookingMail::confirmed).text.find("\n2026-05-12 15:00 to 2026-05-13 15:00 America/New_York\nQuantity: 3\n") !=
        std::string::npos);
  CHECK(mail(BookingMail::moved).subject == "Your booking has moved: Riverside  Loft");
  booking.refund_percent = 50;
  booking.ended_by = BookingAction::cancel;
  CHECK(mail(BookingMail::cancelled).text.find("is cancelled.\n") != std::string::npos);
  CHECK(mail(BookingMail::cancelled).text.find("\nRefund: 50 % of what you have paid\n\nYour bookings:\n") != std::string::npos);
  booking.ended_by = BookingAction::expire;
  CHECK(mail(BookingMail::cancelled).text.find("not paid for in time") != std::string::npos);
  CHECK(mail(BookingMail::cancelled).text.find("Refund") == std::string::npos);
  // Nothing of what was typed into a form with somebody's address is sent to that address.
  for (const auto kind : {BookingMail::received, BookingMail::confirmed, BookingMail::cancelled, BookingMail::moved}) {
    CHECK(mail(kind).text.find("evil") == std::string::npos);
    CHECK(mail(kind).subject.find_first_of("\r\n") == std::string::npos);
  }
}

TEST_CASE("mails are in the customer's language, else in that of the business, else in English") {
  const auto zone = Zone::find("Europe/Madrid").value();
  auto booking = sample();
  const auto subject = [&](std::string_view business) {
    return booking_mail(BookingMail::confirmed, "Atlas", booking, zone, "x", business).subject;
  };
  CHECK(subject("de-AT").starts_with("Ihre Buchung ist bestätigt: Riverside"));
  CHECK(subject("sv").starts_with("Your booking is confirmed"));
  booking.customer.locale = "es-MX";
  CHECK(subject("de") == "Tu reserva está confirmada: Riverside  Loft");
  booking.customer.locale = "ja";
  CHECK(subject("fr-CA").starts_with("Votre réservation est confirmée"));
  booking.customer.locale = "no language; {what}";
  CHECK(subject("en").starts_with("Your booking is confirmed"));
  const std::string_view arabic[] = {"ar-EG"};
  CHECK(link_mail("Atlas", "https://a.example", arabic).text.find("Atlas. تجدها هنا:\n\nhttps://a.example\n") != std::string::npos);
}

TEST_CASE("every language says everything, and fills in what it is told") {
  const auto zone = Zone::find("Europe/Madrid").value();
  auto booking = sample();
  booking.items[0].quantity = 3;
  booking.refund_percent = 40;
  booking.items[0].offering_title = "The {business} of {link}"; // stays as it is
  std::set<std::string> subjects, texts;
  std::size_t mails = 0;
  for (const auto locale : mail_locales()) {
    CAPTURE(locale);
    CHECK(canonical_locale(locale) == locale);
    booking.customer.locale = locale;
    for (const auto kind : {BookingMail::received, BookingMail::confirmed, BookingMail::cancelled, BookingMail::moved})
      for (const bool other : {false, true}) {
        booking.payment_due_at = other ? std::optional{at("2026-05-01T12:30:00Z")} : std::nullopt;
        booking.ended_by = other ? BookingAction::expire : BookingAction::cancel;
        const auto mail = booking_mail(kind, "Casa Azul", booking, zone, "https://b.example/1");
        CHECK(mail.subject.find("The {business} of {link}") != std::string::npos);
        CHECK(mail.subject.find('\n') == std::string::npos);
        CHECK(mail.text.find("Casa Azul") != std::string::npos);
        CHECK(mail.text.ends_with("\nhttps://b.example/1\n"));
        CHECK(mail.text.find("EUR") == std::string::npos);
        CHECK(mail.text.find("USD 45.00\n") != std::string::npos);
        CHECK(std::ranges::count(mail.text, '{') == 2);
        if (kind == BookingMail::cancelled) CHECK((mail.text.find("40 %") != std::string::npos) == !other);
        if (kind == BookingMail::received && other) CHECK(mail.text.find("2026-05-01 14:30") != std::string::npos);
        subjects.insert(mail.subject);
        texts.insert(mail.text);
      }
    const std::string_view wanted[] = {locale};
    const auto link = link_mail("Casa Azul", "https://b.example/2", wanted);
    subjects.insert(link.subject);
    texts.insert(link.text);
    mails += 5;
  }
  CHECK(mail_locales().size() >= 6);
  CHECK(subjects.size() == mails); // nobody was given another's words
  CHECK(texts.size() == mails + 2 * mail_locales().size());
}

TEST_CASE("where storefronts are") {
  for (const auto* good : {"https://{tenant}.example.com", "http://{tenant}.localhost:8080"}) CHECK(is_storefront_pattern(good));
  for (const auto* wrong :
       {"", "https://example.com", "https://{tenant}", "https://{tenant}.", "https://x.{tenant}.example.com", "ftp://{tenant}.example.com",
        "https://{tenant}.example.com/", "https://{tenant}.{tenant}.example.com", "https://{tenant}.example.com\n"})
    CHECK_FALSE(is_storefront_pattern(wrong));
  CHECK(storefront_origin("https://{tenant}.example.com", "atlas") == "https://atlas.example.com");
}
