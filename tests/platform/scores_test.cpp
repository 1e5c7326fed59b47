// The performance score by the library: what counts, against a slow recount, and when it is worked out anew.
#include "platform/trust_world.hpp"

#include <random>

using namespace orkestr;
using namespace orkestr::test;
using std::chrono::hours;

namespace {

struct World : TrustWorld {
  using TrustWorld::TrustWorld;

  /// PENDING.
  BookingId ask(const std::string& email = "ada@example.com") {
    BookRequest request;
    request.offering_id = offering;
    request.interval.start = Instant{(clock.now().ms / 86'400'000 + 30) * 86'400'000} + hours{10};
    request.interval.end = request.interval.start + hours{1};
    request.customer_name = "Ada Lovelace";
    request.customer_email = email;
    return platform.book(tenant, request).value().id;
  }
  BookingId confirmed(const std::string& email = "ada@example.com") { return platform.approve(tenant, ask(email)).value().id; }
  void review(BookingId id, int rating) {
    const auto of = booking(id);
    REQUIRE(write([&](WriteContext& cx) {
      Review draft;
      draft.rating = rating;
      return create_review(cx, of, draft);
    }));
  }
  Insights compute() {
    return write([&](WriteContext& cx) -> Result<Insights> { return compute_score(cx); }).value();
  }
  std::optional<storage::TenantScore> stored() {
    return read([&](const storage::ReadTransaction& tx) { return tx.scores().find(tenant); });
  }
};

} // namespace

TEST_CASE("each booking and review counts as what it was") {
  on_both_stores("scores", [](storage::Store& store) {
    World w(store);
    const auto newcomer = w.compute();
    CHECK(newcomer.score == 0.5);
    CHECK(newcomer.response_rate == std::nullopt);
    CHECK(newcomer.most->lever == ScoreLever::rating);

    // Made before the 90 days, and only then: nothing of it counts.
    const auto old = w.confirmed("old@example.com");
    w.review(old, 1);
    (void)w.platform.decline(w.tenant, w.ask("old@example.com")).value();
    w.clock.advance(score_window + milliseconds{1});
    CHECK(w.compute().score == 0.5);

    const auto in_time = w.ask("a@example.com"), late = w.ask("b@example.com"), declined = w.ask("c@example.com"),
               left = w.ask("d@example.com"), left_late = w.ask("e@example.com");
    (void)w.ask("f@example.com"); // nobody ever answers
    w.clock.advance(hours{24});
    (void)w.platform.approve(w.tenant, in_time).value();
    (void)w.platform.decline(w.tenant, declined).value();
    (void)w.platform.cancel(w.tenant, left).value();
    // Exactly 24 hours are in time, and nobody was late yet.
    auto now = w.compute();
    CHECK(now.pending_count == 2);
    CHECK(now.decided_within_24h == 2);
    w.clock.advance(milliseconds{1});
    (void)w.platform.approve(w.tenant, late).value();
    (void)w.platform.cancel(w.tenant, left_late).value();
    now = w.compute();
    CHECK(now.pending_count == 5); // in time, declined, late, left late, waiting
    CHECK(now.decided_within_24h == 2);
    CHECK(now.decided_count == 3);
    CHECK(now.confirmed_count == 2);
    CHECK(now.response_rate == 0.4);
    CHECK(now.rating_average == std::nullopt);
    CHECK(now.score == doctest::Approx(0.25 + 0.12 + 0.1333)); // 0.5 / 2 + 0.3 × 2/5 + 0.2 × 2/3, rounded once
    CHECK(now.most->lever == ScoreLever::rating);
    // Cancelled after it was confirmed: it was confirmed.
    (void)w.platform.cancel(w.tenant, late).value();
    CHECK(w.compute().confirmed_count == 2);

    w.review(in_time, 5);
    now = w.compute();
    CHECK(now.rating_average == 5.0);
    CHECK(now.rating_count == 1);
    CHECK(now.score == doctest::Approx(0.5 + 0.12 + 0.1333));
    CHECK(now.most->lever == ScoreLever::response_rate);
    CHECK(now.most->gain == 0.18);
    CHECK(now.computed_at == w.clock.now());
    CHECK(w.stored()->inputs.pending_count == 5);
    CHECK(w.stored()->computed_at == w.clock.now());

    // 90 days after the last of it, to the millisecond, the score is a newcomer's.
    w.clock.advance(score_window);
    CHECK(w.compute().rating_count == 1);
    CHECK(w.compute().decided_count == 0);
    w.clock.advance(milliseconds{1});
    CHECK(w.compute().score == 0.5);
  });
}

TEST_CASE("whatever happens, the score is that of a slow recount") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    storage::MemoryStore store;
    World w(store);
    std::mt19937 random{seed};
    struct Made {
      BookingId id;
      Instant at;
      std::string what = "waits";
      Instant when;
    };
    std::vector<Made> bookings;
    std::vector<std::pair<Instant, int>> reviews;
    for (int step = 0; step < 300; ++step) {
      w.clock.advance(milliseconds{static_cast<std::int64_t>(random() % (20 * 3'600'000))});
      const auto dice = random() % 6;
      if (dice < 3 || bookings.empty()) {
        bookings.push_back({w.ask("c" + std::to_string(step) + "@example.com"), w.clock.now(), "waits", {}});
      } else {
        auto& one = bookings[bookings.size() - 1 - random() % std::min<std::size_t>(bookings.size(), 8)];
        const auto end = [&](std::string what) {
          one.what = std::move(what);
          one.when = w.clock.now();
        };
        if (one.what == "confirmed" && dice == 3) {
          const int rating = 1 + static_cast<int>(random() % 5);
          const auto of = w.booking(one.id);
          const auto done = w.write([&](WriteContext& cx) {
            Review draft;
            draft.rating = rating;
            return create_review(cx, of, draft);
          });
          if (done) reviews.emplace_back(w.clock.now(), rating);
        } else if (one.what == "waits" && dice == 3) {
          if (w.platform.approve(w.tenant, one.id)) end("confirmed");
        } else if (one.what == "waits" && dice == 4) {
          if (w.platform.decline(w.tenant, one.id)) end("declined");
        } else if (one.what == "waits" && dice == 5) {
          if (w.platform.cancel(w.tenant, one.id)) end("left");
        }
      }
      if (step % 10 != 0) continue;
      const Instant now = w.clock.now(), since = now - score_window;
      double ratings = 0, n = 0, asked = 0, answered = 0, decided = 0, confirmed = 0;
      for (const auto& [at, rating] : reviews)
        if (since <= at) ratings += rating, n += 1;
      for (const auto& one : bookings) {
        if (one.at < since) continue;
        const bool quick = (one.what == "waits" ? now : one.when) - one.at <= hours{24};
        if (one.what == "confirmed" || one.what == "declined") {
          asked += 1;
          answered += quick;
          decided += 1;
          confirmed += one.what == "confirmed";
        } else if (!quick) {
          asked += 1;
        }
      }
      const double exact = 0.5 * (n > 0 ? ratings / n / 5 : 0.5) + 0.3 * (asked > 0 ? answered / asked : 0.5) +
                           0.2 * (decided > 0 ? confirmed / decided : 0.5);
      const auto score = w.compute();
      CAPTURE(step);
      CHECK(std::abs(score.score - exact) < 0.000051);
      CHECK(score.rating_count == n);
      CHECK(score.pending_count == asked);
      CHECK(score.decided_within_24h == answered);
      CHECK(score.decided_count == decided);
      CHECK(score.confirmed_count == confirmed);
    }
    CHECK(reviews.size() >= 3);
  }
}

TEST_CASE("a score is worked out anew when it is 24 hours old, and not before; one that was refreshed waits its own day") {
  on_both_stores("due-scores", [](storage::Store& store) {
    World w(store);
    const auto due = [&] { return w.platform.run_due(w.clock.now()).value().computed_scores; };
    const auto start = w.clock.now();
    CHECK_FALSE(w.stored());
    CHECK(due() == 1);
    CHECK(w.stored()->computed_at == start);
    CHECK(due() == 0);
    w.clock.advance(hours{24} - std::chrono::minutes{1});
    CHECK(due() == 0);
    CHECK(w.stored()->computed_at == start);
    w.clock.advance(std::chrono::minutes{1});
    CHECK(due() == 1);
    CHECK(w.stored()->computed_at == w.clock.now());
    w.clock.advance(hours{12});
    (void)w.compute();
    w.clock.advance(hours{12});
    CHECK(due() == 0);
    w.clock.advance(hours{12});
    CHECK(due() == 1);
    // A new business has its score within a minute or so, many of them in batches.
    for (int i = 0; i < 45; ++i) {
      Tenant draft;
      draft.name = "New";
      draft.subdomain = "new-" + std::to_string(i);
      REQUIRE(w.platform.create_tenant(draft));
    }
    w.clock.advance(std::chrono::minutes{1});
    CHECK(due() == 20);
    CHECK(due() == 20);
    CHECK(due() == 5);
    CHECK(due() == 0);
    // What was counted before does not replace what was counted since.
    const auto newer = *w.stored();
    auto older = newer;
    older.computed_at = newer.computed_at - hours{1};
    older.inputs.rating_count = 7;
    REQUIRE(store.write([&](storage::WriteTransaction& tx) -> Result<void> { return store_score(tx, w.tenant, older), Result<void>{}; }));
    CHECK(w.stored()->inputs == newer.inputs);
    CHECK(w.audit(w.tenant.view()) == std::vector<std::string>{"score.compute"}); // by hand alone
  });
}
