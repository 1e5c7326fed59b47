#include "orkestr/engine/notification.hpp"
#include "orkestr/engine/review.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

namespace {

const OfferingId kayak = OfferingId::from_body("00000000000000000000000001"), canoe = OfferingId::from_body("00000000000000000000000002");
const Instant now = at("2026-05-12T12:00:00Z");

BookingItem item(OfferingId offering, std::string_view id) {
  BookingItem made;
  made.id = BookingItemId::from_body(id);
  made.offering_id = offering;
  made.offering_title = "Kayak tour";
  return made;
}

Review written() {
  Review review;
  review.id = ReviewId::from_body("00000000000000000000000003");
  review.offering_id = kayak;
  review.booking_id = BookingId::from_body("00000000000000000000000004");
  review.item_id = BookingItemId::from_body("00000000000000000000000005");
  review.customer_id = CustomerId::from_body("00000000000000000000000006");
  review.author = "Ada L.";
  review.rating = 5;
  review.text = "Calm water.\nGood guide.";
  review.created_at = review.updated_at = now;
  return review;
}

/// Faults of a body as `pointer:code`, in order.
template <class T> std::string faults(T target, std::string_view body, json::Use mode) {
  json::Reader reader;
  json::read_body(reader, json::parse(body).value(), target, mode);
  std::string text;
  for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  return text;
}

} // namespace

TEST_CASE("what a storefront shows of a name") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Ada Lovelace", "Ada L."},
      {"  Ada\tKing  Lovelace ", "Ada L."},
      {"Ada", "Ada"},
      {"Łukasz Żak", "Łukasz Ż."},
      {"Zoë E\u0301mile", "Zoë E\u0301."}, // an accent written apart stays with its letter
      {"山田\u3000太郎", "山田 太."},
      {"Ada\u00a0Lovelace", "Ada L."},
      {"Ada \u202eLovelace", "Ada L."}, // which would turn the page's text around
      {"Ada \u2066Lovelace\u2069", "Ada L."},
      {"Ada (Lovelace)", "Ada L."},
      {"Ada 3", "Ada"},
      {"Jean-Luc O'Neill", "Jean-Luc O."},
      {"ada lovelace", "ada l."},
      {"", "Verified buyer"},
      {" \t ", "Verified buyer"},
      {"\u202e", "Verified buyer"},
      {"ada@example.com", "Verified buyer"},
      {"Ada ada@example.com", "Verified buyer"},
      {"+48 600 700 800", "Verified buyer"},
      {"Ada 600700800", "Verified buyer"},
      {"https://example.com", "Verified buyer"},
      {"... Ada", "Verified buyer"},
  };
  for (const auto& [name, shown] : cases) {
    CAPTURE(name);
    CHECK(public_name(name) == shown);
  }
  CHECK(public_name(std::string(100, 'x') + " Y") == std::string(40, 'x') + " Y.");
  CHECK_FALSE(public_name("\xff\xfe").empty()); // never read past the end
}

TEST_CASE("verified buyers alone, once per customer and offering") {
  Booking booking;
  booking.items = {item(canoe, "00000000000000000000000001"), item(kayak, "00000000000000000000000009"),
                   item(kayak, "00000000000000000000000002")};
  for (std::size_t i = 0; i < json::EnumNames<BookingStatus>::names.size(); ++i) {
    booking.status = static_cast<BookingStatus>(i);
    const bool may = booking.status == BookingStatus::confirmed || booking.status == BookingStatus::completed;
    CAPTURE(json::name_of(booking.status));
    const auto found = reviewable_item(booking, kayak, false);
    CHECK(outcome(found) == (may ? "ok" : "invalid_transition"));
    if (may)
      CHECK((*found)->id == booking.items[2].id); // the first by id
    else
      CHECK(found.error().detail.find(json::name_of(booking.status)) != std::string::npos);
    CHECK(outcome(reviewable_item(booking, kayak, true)) == (may ? "already_exists" : "invalid_transition"));
    CHECK(outcome(reviewable_item(booking, OfferingId::from_body("0000000000000000000000000z"), false)) == "not_found");
  }
}

TEST_CASE("a review is edited for 30 days, and until it is replied to") {
  Review review = written();
  CHECK(outcome(check_review_edit(review, now)) == "ok");
  CHECK(outcome(check_review_edit(review, now + review_edit_time)) == "ok");
  CHECK(outcome(check_review_edit(review, now + review_edit_time + milliseconds{1})) == "invalid_transition");
  const Instant later = now + milliseconds{5};
  REQUIRE(reply_to(review, {"Thank you."}, later));
  CHECK(review.reply == "Thank you.");
  CHECK(review.replied_at == later);
  CHECK(review.updated_at == now);
  CHECK(outcome(check_review_edit(review, later)) == "invalid_transition");
  CHECK(outcome(reply_to(review, {"And again."}, later + milliseconds{1})) == "invalid_transition");
  CHECK(review.reply == "Thank you.");
  CHECK(review.replied_at == later);
}

TEST_CASE("averages to two decimals, half up") {
  const auto average = [](std::int64_t sum, std::int64_t count) { return RatingTotals{count, sum}.average(); };
  CHECK(average(0, 0) == std::nullopt);
  CHECK(average(5, 1) == 5);
  CHECK(average(14, 3) == 4.67);
  CHECK(average(13, 3) == 4.33);
  CHECK(average(1, 1) == 1);
  CHECK(average(9, 8) == 1.13);     // 1.125
  CHECK(average(11, 8) == 1.38);    // 1.375
  CHECK(average(801, 200) == 4.01); // 4.005
  CHECK(average(800, 200) == 4);
  CHECK(average(5'000'000'000 - 1, 1'000'000'000) == 5);
  CHECK(json::to_json(average(14, 3)) == "4.67");
}

TEST_CASE("the aggregate is what recomputing gives, after any history") {
  Dice dice(seed());
  for (std::uint64_t round = 0; round < rounds(200); ++round) {
    RatingTotals totals;
    std::vector<int> all;
    for (int step = dice.roll(1, 120); step > 0; --step) {
      const int rating = dice.roll(1, 5);
      if (all.empty() || dice.chance(50)) {
        all.push_back(rating);
        totals.add(rating);
      } else {
        auto& which = all[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(all.size()) - 1))];
        if (dice.chance(50)) {
          totals.replace(which, rating);
          which = rating;
        } else {
          totals.remove(which);
          which = all.back();
          all.pop_back();
        }
      }
      std::int64_t sum = 0;
      for (const int r : all) sum += r;
      REQUIRE(totals == RatingTotals{static_cast<std::int64_t>(all.size()), sum});
      const auto shown = totals.average();
      REQUIRE(shown.has_value() == !all.empty());
      if (!shown) continue;
      // The number of hundredths h is the one with 2h − 1 ≤ 200 × sum ÷ count < 2h + 1.
      const auto count = static_cast<std::int64_t>(all.size());
      std::int64_t h = 100;
      while (200 * sum >= (2 * h + 1) * count) ++h;
      REQUIRE((2 * h - 1) * count <= 200 * sum);
      REQUIRE(*shown == static_cast<double>(h) / 100);
    }
  }
}

TEST_CASE("what a review's body may say") {
  CHECK(faults(Review{}, R"({"rating":1})", json::create).empty());
  CHECK(faults(Review{}, R"({"rating":5,"title":"Lovely","text":"Two\nlines"})", json::create).empty());
  CHECK(faults(Review{}, R"({"rating":5,"title":null,"text":null})", json::create).empty());
  CHECK(faults(Review{}, "{}", json::create) == "/rating:required");
  CHECK(faults(written(), R"({"text":"Changed"})", json::patch).empty());
  CHECK(faults(Review{}, R"({"rating":0,"title":"a\nb","text":" \n "})", json::create) ==
        "/rating:too_small /title:invalid_format /text:invalid_format");
  CHECK(faults(Review{}, R"({"rating":6,"title":"","text":"\u0000"})", json::create) ==
        "/rating:too_large /title:too_short /text:invalid_format");
  CHECK(faults(Review{}, R"({"rating":4.5})", json::create) == "/rating:wrong_type");
  for (const auto* member :
       {"id", "offeringId", "bookingId", "itemId", "customerId", "author", "reply", "repliedAt", "createdAt", "updatedAt"})
    CHECK(faults(Review{}, R"({"rating":3,")" + std::string{member} + R"(":null})", json::create) ==
          "/" + std::string{member} + ":read_only_field");
  const auto sized = [](const char* member, std::size_t size) {
    return R"({"rating":3,")" + std::string{member} + R"(":")" + std::string(size, 'x') + "\"}";
  };
  CHECK(faults(Review{}, sized("title", 120), json::create).empty());
  CHECK(faults(Review{}, sized("title", 121), json::create) == "/title:too_long");
  CHECK(faults(Review{}, sized("text", 4000), json::create).empty());
  CHECK(faults(Review{}, sized("text", 4001), json::create) == "/text:too_long");
  CHECK(faults(ReviewReply{}, R"({"text":"Thanks"})", json::create).empty());
  CHECK(faults(ReviewReply{}, R"({"text":"\t"})", json::create) == "/text:invalid_format");
  CHECK(faults(ReviewReply{}, "{}", json::create) == "/text:required");
}

TEST_CASE("storefronts show nothing that leads to the customer") {
  Review review = written();
  CHECK(
      json::to_json(review) ==
      R"({"id":"rev_00000000000000000000000003","offeringId":"off_00000000000000000000000001","bookingId":"bkg_00000000000000000000000004",)"
      R"("itemId":"bki_00000000000000000000000005","customerId":"cus_00000000000000000000000006","author":"Ada L.","rating":5,"title":null,)"
      R"("text":"Calm water.\nGood guide.","reply":null,"repliedAt":null,"createdAt":"2026-05-12T12:00:00Z","updatedAt":"2026-05-12T12:00:00Z"})");
  CHECK(
      json::to_json(PublicReview{review}) ==
      R"({"id":"rev_00000000000000000000000003","author":"Ada L.","rating":5,"title":null,"text":"Calm water.\nGood guide.","reply":null,)"
      R"("repliedAt":null,"createdAt":"2026-05-12T12:00:00Z","updatedAt":"2026-05-12T12:00:00Z"})");
}

TEST_CASE("the event of a review has what the reference names, and what the bell tells") {
  const auto data = review_event_data(written(), item(kayak, "00000000000000000000000005"));
  CHECK(data ==
        R"({"reviewId":"rev_00000000000000000000000003","offeringId":"off_00000000000000000000000001","offeringTitle":"Kayak tour",)"
        R"("bookingId":"bkg_00000000000000000000000004","itemId":"bki_00000000000000000000000005","rating":5,)"
        R"("authorId":"cus_00000000000000000000000006","customerId":"cus_00000000000000000000000006","author":"Ada L.","title":null,)"
        R"("text":"Calm water.\nGood guide."})");
  const auto told = notifications_of(EventType::review_created, "rev_00000000000000000000000003", data);
  REQUIRE(told.size() == 1);
  CHECK(told[0].title == "New review: Kayak tour");
  CHECK(told[0].link == "/provider/reviews/rev_00000000000000000000000003");
}
