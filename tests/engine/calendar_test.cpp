#include "orkestr/engine/calendar.hpp"

#include "orkestr/adapters/ical.hpp"

#include <doctest/doctest.h>

using namespace orkestr;

namespace {

Instant at(std::string_view text) { return *Instant::parse(text); }

BookedTime booked(BookingStatus status = BookingStatus::confirmed) {
  BookedTime time;
  time.booking_id = *BookingId::parse("bkg_01kq5n2m1a2b3c4d5e6f7g8h9j");
  time.item_id = *BookingItemId::parse("bki_01kq5n2m1a2b3c4d5e6f7g8h9k");
  time.status = status;
  time.sequence = 3;
  time.updated_at = at("2026-05-01T08:00:00Z");
  time.starts_at = at("2026-05-12T15:00:00Z");
  time.ends_at = at("2026-05-12T16:00:00Z");
  time.offering_title = "Riverside Loft";
  time.customer_name = "Amelia Hart";
  return time;
}

std::vector<CalendarEvent> events(const std::vector<BookedTime>& all, bool with_names = true) {
  return calendar_events(all, "orkestr.example", with_names, "https://acme.orkestr.example/provider/bookings/");
}

/// Lines as they were before they were folded.
std::string unfolded(std::string text) {
  for (std::size_t fold; (fold = text.find("\r\n ")) != std::string::npos;) text.erase(fold, 3);
  return text;
}

} // namespace

TEST_CASE("a booked time as an event") {
  const auto event = events({booked()}).front();
  CHECK(event.uid == "bki_01kq5n2m1a2b3c4d5e6f7g8h9k@orkestr.example");
  CHECK(event.sequence == 3);
  CHECK(event.summary == "Riverside Loft – Amelia Hart");
  CHECK(event.url == "https://acme.orkestr.example/provider/bookings/bkg_01kq5n2m1a2b3c4d5e6f7g8h9j");
  CHECK(event.description.find("CONFIRMED") != std::string::npos);
  auto two = booked();
  two.quantity = 2;
  CHECK(events({two}, false).front().summary == "Riverside Loft × 2");
}

TEST_CASE("what becomes of a booking is told by the event's status") {
  const auto state = [](BookingStatus status, bool took_place = false) {
    auto time = booked(status);
    time.took_place = took_place;
    return events({time}).front().state;
  };
  CHECK(state(BookingStatus::pending) == EventState::tentative);
  CHECK(state(BookingStatus::confirmed) == EventState::confirmed);
  CHECK(state(BookingStatus::completed, true) == EventState::confirmed);
  CHECK(state(BookingStatus::cancelled) == EventState::cancelled);
  CHECK(state(BookingStatus::refunded) == EventState::cancelled);
  CHECK(state(BookingStatus::refunded, true) == EventState::confirmed);
}

TEST_CASE("events are in the order of their starts") {
  auto early = booked(), late = booked();
  early.starts_at = at("2026-05-01T00:00:00Z");
  const auto all = events({late, early});
  CHECK(all[0].starts_at == early.starts_at);
  CHECK(all[1].starts_at == late.starts_at);
}

TEST_CASE("a calendar as RFC 5545 has it") {
  CHECK(write_ical({"Acme", events({booked(BookingStatus::cancelled)})}) ==
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Orkestr//Bookings//EN\r\n"
        "METHOD:PUBLISH\r\n"
        "X-WR-CALNAME:Acme\r\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
        "X-PUBLISHED-TTL:PT1H\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:bki_01kq5n2m1a2b3c4d5e6f7g8h9k@orkestr.example\r\n"
        "DTSTAMP:20260501T080000Z\r\n"
        "LAST-MODIFIED:20260501T080000Z\r\n"
        "SEQUENCE:3\r\n"
        "DTSTART:20260512T150000Z\r\n"
        "DTEND:20260512T160000Z\r\n"
        "SUMMARY:Riverside Loft – Amelia Hart\r\n"
        "DESCRIPTION:Booking bkg_01kq5n2m1a2b3c4d5e6f7g8h9j\\, CANCELLED\r\n"
        "URL:https:\r\n //acme.orkestr.example/provider/bookings/bkg_01kq5n2m1a2b3c4d5e6f7g8h9j\r\n"
        "STATUS:CANCELLED\r\n"
        "TRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n");
}

TEST_CASE("texts are escaped, folded, and can end no line") {
  auto time = booked();
  time.offering_title = "A\\B; C, \"D\"\r\nATTENDEE:mailto:evil@example.com\x01\x7f";
  time.customer_name = "\xe5\xae\xa2\xe6\x88\xb7";
  for (int i = 0; i < 6; ++i) time.customer_name += time.customer_name;
  const auto text = write_ical({"B\r\nX-EVIL:1", events({time})});
  std::size_t from = 0;
  for (std::size_t end; (end = text.find("\r\n", from)) != std::string::npos; from = end + 2) CHECK(end - from <= 75);
  CHECK(from == text.size());
  const auto whole = unfolded(text);
  CHECK(whole.find("SUMMARY:A\\\\B\\; C\\, \"D\"\\nATTENDEE:mailto:evil@example.com   – \xe5\xae\xa2") != std::string::npos);
  CHECK(whole.find("\r\nATTENDEE") == std::string::npos);
  CHECK(whole.find("\r\nX-EVIL") == std::string::npos);
  CHECK(whole.find(time.customer_name) != std::string::npos); // no character was torn
  CHECK(write_ical({"B", events({time})}) == write_ical({"B", events({time})}));
}
