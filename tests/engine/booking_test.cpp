#include "orkestr/engine/booking.hpp"

#include "engine/fixtures.hpp"

#include <fstream>
#include <sstream>

using namespace fixtures;

TEST_CASE("the whole matrix of states and actions") {
  using enum BookingStatus;
  // Rows: PENDING CONFIRMED COMPLETED CANCELLED REFUNDED. Columns: approve pay decline cancel expire complete reschedule refund.
  static constexpr std::string_view matrix[5][8] = {
      {"CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED", "CANCELLED", "", "PENDING", ""},
      {"", "", "", "CANCELLED", "", "COMPLETED", "CONFIRMED", "REFUNDED"},
      {"", "", "", "", "", "", "", "REFUNDED"},
      {"", "", "", "", "", "", "", "REFUNDED"},
      {"", "", "", "", "", "", "", ""},
  };
  std::size_t allowed = 0;
  for (std::size_t s = 0; s < json::EnumNames<BookingStatus>::names.size(); ++s)
    for (std::size_t a = 0; a < json::EnumNames<BookingAction>::names.size(); ++a) {
      const auto from = static_cast<BookingStatus>(s);
      const auto action = static_cast<BookingAction>(a);
      CAPTURE(json::name_of(from));
      CAPTURE(json::name_of(action));
      const auto to = next_status(from, action);
      if (!matrix[s][a].empty()) {
        ++allowed;
        REQUIRE(to);
        CHECK(json::name_of(*to) == matrix[s][a]);
        continue;
      }
      REQUIRE_FALSE(to);
      CHECK(outcome(to) == "invalid_transition");
      // Both states are named: the one it is in, and the one that was asked for (of rescheduling: those it needs).
      CHECK(to.error().detail.find(json::name_of(from)) != std::string::npos);
      static constexpr std::string_view wanted[] = {
          "CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED", "CANCELLED", "COMPLETED", "PENDING or CONFIRMED", "REFUNDED"};
      CHECK(to.error().detail.find(wanted[a]) != std::string::npos);
    }
  CHECK(booking_transitions().size() == allowed);
}

TEST_CASE("the document shows the table as it is") {
  std::ifstream file(ORKESTR_DOCS "/bookings.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str().find("<!-- states begin -->\n" + booking_transitions_markdown() + "<!-- states end -->") != std::string::npos);
}

TEST_CASE("pending and confirmed bookings occupy their slots, others do not") {
  using enum BookingStatus;
  CHECK(occupies(pending));
  CHECK(occupies(confirmed));
  for (auto status : {completed, cancelled, refunded}) CHECK_FALSE(occupies(status));
}

TEST_CASE("first start and last end, whatever the order of the items") {
  Booking booking;
  for (const auto& [from, to] : {std::pair{"2026-05-12T12:00:00Z", "2026-05-12T13:00:00Z"},
                                 {"2026-05-11T09:00:00Z", "2026-05-14T09:00:00Z"},
                                 {"2026-05-13T09:00:00Z", "2026-05-13T10:00:00Z"}}) {
    BookingItem item;
    item.starts_at = at(from), item.ends_at = at(to);
    booking.items.push_back(item);
  }
  CHECK(booking.first_start() == at("2026-05-11T09:00:00Z"));
  CHECK(booking.last_end() == at("2026-05-14T09:00:00Z"));
}
