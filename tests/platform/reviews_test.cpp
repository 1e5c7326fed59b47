// Reviews by the library: who may write, change and delete them, and what the offering shows of them.
#include "platform/trust_world.hpp"

#include <atomic>
#include <random>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using Texts = std::vector<std::string>;

namespace {

struct World : TrustWorld {
  using TrustWorld::TrustWorld;

  Result<Review> review(const Booking& of, int rating, std::optional<OfferingId> about = {}) {
    return write([&](WriteContext& cx) {
      Review draft;
      draft.rating = rating;
      draft.title = "T";
      if (about) draft.offering_id = *about;
      return create_review(cx, of, draft);
    });
  }
  Result<Review> change(Review changed, int rating) {
    changed.rating = rating;
    return write([&](WriteContext& cx) { return update_review(cx, changed); });
  }
  Result<void> remove(ReviewId id) {
    return write([&](WriteContext& cx) { return delete_review(cx, id); });
  }
  Result<Review> reply(ReviewId id, std::string text) {
    return write([&](WriteContext& cx) { return reply_to_review(cx, id, {std::move(text)}); });
  }
  Offering shown(OfferingId id) {
    return read([&](const storage::ReadTransaction& tx) { return *tx.offerings().find(tenant, id); });
  }
};

} // namespace

TEST_CASE("a review is its author's, counts in the offering at once, and is told of") {
  storage::MemoryStore store;
  World w(store);
  const auto booking = w.book(w.offering);
  const auto review = w.review(booking, 4).value();
  CHECK(review.author == "Ada L.");
  CHECK(review.offering_id == w.offering);
  CHECK(review.booking_id == booking.id);
  CHECK(review.item_id == booking.items[0].id);
  CHECK(review.customer_id == booking.customer_id);
  CHECK(review.created_at == w.clock.now());
  CHECK(w.events(review.id.view()) == Texts{"review.created"});
  CHECK(w.last_event().at("reviewId").as_string() == review.id.view());
  CHECK(w.last_event().at("rating") == 4);
  CHECK(w.shown(w.offering).review_count == 1);
  CHECK(w.shown(w.offering).rating_average == 4.0);

  CHECK(w.review(booking, 5).error().code == Code::already_exists);
  CHECK(w.review(w.book(w.offering), 5).error().code == Code::already_exists); // by a second booking of the same customer
  CHECK(w.review(w.book(w.offering, "bob@example.com", "bob@example.com"), 1)->author == "Verified buyer");
  CHECK(w.shown(w.offering).rating_average == 2.5);

  w.clock.advance(std::chrono::hours{1});
  CHECK(w.change(review, 5)->updated_at == w.clock.now());
  CHECK(w.shown(w.offering).rating_average == 3.0);
  CHECK(w.remove(review.id).has_value());
  CHECK(w.remove(review.id).error().code == Code::not_found);
  CHECK(w.change(review, 1).error().code == Code::not_found);
  CHECK(w.shown(w.offering).review_count == 1);
  CHECK(w.shown(w.offering).rating_average == 1.0);
  CHECK(w.audit(review.id.view()) == Texts{"review.delete", "review.update", "review.create"});
  CHECK(w.review(booking, 3).has_value()); // anew
  CHECK(w.shown(w.offering).rating_sum == 4);
}

TEST_CASE("a review needs a booking that was confirmed, and an item of the offering") {
  storage::MemoryStore store;
  World w(store);
  const auto other = w.make_offering("Attic");
  auto booking = w.book(w.offering);
  CHECK(w.review(booking, 4, other).error().code == Code::not_found);
  booking.status = BookingStatus::pending;
  CHECK(w.review(booking, 4).error().code == Code::invalid_transition);
  booking.status = BookingStatus::completed;
  // Of several offerings it must be said which one; each has its own review.
  auto second = booking.items[0];
  second.id = BookingItemId::parse("bki_" + std::string(26, 'z')).value();
  second.offering_id = other;
  booking.items.push_back(second);
  const auto which = w.review(booking, 4);
  REQUIRE_FALSE(which.has_value());
  CHECK(which.error().code == Code::invalid_fields);
  CHECK(which.error().faults.at(0).pointer == "/offeringId");
  CHECK(w.review(booking, 4, other)->item_id == second.id);
  CHECK(w.review(booking, 2, w.offering)->item_id == booking.items[0].id);
  CHECK(w.shown(other).rating_average == 4.0);
  CHECK(w.shown(w.offering).rating_average == 2.0);
}

TEST_CASE("a reply is one and final, and the review stays as it is from then on, or after 30 days") {
  storage::MemoryStore store;
  World w(store);
  const auto replied = w.review(w.book(w.offering), 2).value();
  const auto reply = w.reply(replied.id, "Sorry!").value();
  CHECK(reply.reply == "Sorry!");
  CHECK(reply.updated_at == replied.updated_at);
  CHECK(w.reply(replied.id, "Again").error().code == Code::invalid_transition);
  CHECK(w.change(replied, 5).error().code == Code::invalid_transition);
  CHECK(w.remove(replied.id).error().code == Code::invalid_transition);
  CHECK(w.reply(ReviewId::parse("rev_" + std::string(26, '0')).value(), "x").error().code == Code::not_found);
  const auto old = w.review(w.book(w.offering, "bob@example.com"), 4).value();
  w.clock.advance(review_edit_time);
  CHECK(w.change(old, 5).has_value());
  w.clock.advance(std::chrono::milliseconds{1});
  CHECK(w.change(old, 1).error().code == Code::invalid_transition);
  CHECK(w.remove(old.id).error().code == Code::invalid_transition);
  CHECK(w.shown(w.offering).rating_average == 3.5);
}

TEST_CASE("an edit of an offering loses no rating, nor can it set one") {
  storage::MemoryStore store;
  World w(store);
  auto before = w.shown(w.offering); // as it was before the review
  (void)w.review(w.book(w.offering), 5).value();
  before.title = "Edited";
  before.rating_average = 1;
  before.review_count = 99;
  CHECK(w.write([&](WriteContext& cx) {
           json::Reader reader;
           return update_offering(cx, before, reader);
         }).has_value());
  const auto after = w.shown(w.offering);
  CHECK(after.title == "Edited");
  CHECK(after.review_count == 1);
  CHECK(after.rating_sum == 5);
  CHECK(after.rating_average == 5.0);
}

TEST_CASE("random reviews from many threads: every offering shows what its reviews add up to, on both stores") {
  on_both_stores("reviews", [](storage::Store& store) {
    World w(store);
    const std::vector<OfferingId> offerings{w.offering, w.make_offering("Attic")};
    std::vector<Booking> bookings; // two of each of five customers with each offering
    for (int n = 0; n < 5; ++n)
      for (const auto& offering : offerings)
        for (int i = 0; i < 2; ++i) bookings.push_back(w.book(offering, "c" + std::to_string(n) + "@example.com"));
    std::atomic<int> created{0}, changed{0}, removed{0}, strange{0};
    const auto note = [&](const auto& done, std::atomic<int>& count) {
      if (done)
        ++count;
      else if (done.error().code != Code::already_exists && done.error().code != Code::not_found &&
               done.error().code != Code::invalid_transition)
        ++strange;
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
          std::mt19937 random{t};
          for (int i = 0; i < 60; ++i) {
            const auto& booking = bookings[random() % bookings.size()];
            const int rating = static_cast<int>(random() % 5) + 1;
            const auto kind = random() % 8;
            const auto there = w.read([&](const storage::ReadTransaction& tx) {
              return tx.reviews().find_by_author(w.tenant, booking.items[0].offering_id, booking.customer_id);
            });
            if (kind == 0) {
              (void)w.write([&](WriteContext& cx) { // the provider edits meanwhile
                json::Reader reader;
                auto offering = *cx.tx.offerings().find(w.tenant, booking.items[0].offering_id);
                offering.description = std::to_string(i);
                return update_offering(cx, offering, reader);
              });
            } else if (!there || kind == 1) {
              note(w.review(booking, rating), created);
            } else if (kind < 5) {
              note(w.change(*there, rating), changed);
            } else if (kind < 7) {
              note(w.remove(there->id), removed);
            } else if (i > 50) {
              (void)w.reply(there->id, "Thanks");
            }
          }
        });
    }
    CHECK(strange == 0);
    CHECK(created > 20);
    CHECK(changed > 20);
    CHECK(removed > 20);
    for (const auto& id : offerings) {
      RatingTotals counted;
      for (const auto& review :
           w.read([&](const storage::ReadTransaction& tx) { return tx.reviews().list(w.tenant, {.offering_id = id}, {}); }))
        counted.add(review.rating);
      const auto shown = w.shown(id);
      CHECK(shown.review_count == counted.count);
      CHECK(shown.rating_sum == counted.sum);
      CHECK(shown.rating_average == counted.average());
    }
    const auto all = w.read([&](const storage::ReadTransaction& tx) { return tx.reviews().ratings_since(w.tenant, Instant{}); });
    CHECK(all.count == created - removed);
  });
}
