#include "orkestr/engine/performance_score.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>
#include <numeric>

using namespace fixtures;

namespace {

const Instant now = at("2026-05-12T12:00:00Z");

double score_of(const ScoreInputs& inputs) { return performance_score(inputs).score; }
std::string most_of(const ScoreInputs& inputs) {
  const auto most = what_would_raise_it_most(inputs);
  return most ? std::string{json::name_of(most->lever)} + " " + json::to_json(most->gain) : "none";
}

/// The oracle: 64-bit fractions in lowest terms, added one by one. For small counts only.
struct Exact {
  std::int64_t over = 0, under = 1;
  Exact plus(std::int64_t o, std::int64_t u) const {
    Exact sum{over * u + o * under, under * u};
    const auto common = std::gcd(sum.over, sum.under);
    return {sum.over / common, sum.under / common};
  }
  /// Whether `shown` is this number to four decimals, half up.
  bool is_shown_as(double shown) const {
    for (std::int64_t n = 0; n <= 10'000; ++n) // the last n with 2n − 1 ≤ 20,000 × number
      if ((2 * n + 1) * under > 20'000 * over) return shown == static_cast<double>(n) / 10'000;
    return false;
  }
};
struct Input {
  std::int64_t part, whole; ///< 0 of 0: nothing to count
  int tenths;
  Exact standing() const { return whole == 0 ? Exact{}.plus(tenths, 20) : Exact{}.plus(tenths * part, 10 * whole); }
  Exact gain() const { return Exact{}.plus(tenths, 10).plus(-standing().over, standing().under); }
};

} // namespace

TEST_CASE("the score by hand") {
  // rating sum and count; waited and answered in time; decided and confirmed
  CHECK(score_of({25, 5, 10, 10, 10, 10}) == 1);
  CHECK(score_of({45, 10, 10, 9, 10, 8}) == 0.88);
  CHECK(score_of({3, 1, 2, 1, 2, 1}) == 0.55);    // 0.3 + 0.15 + 0.1
  CHECK(score_of({1, 1, 1, 0, 1, 0}) == 0.1);     // the worst there is
  CHECK(score_of({14, 3, 7, 5, 6, 5}) == 0.8476); // 0.46667 + 0.21429 + 0.16667 = 0.84762
  CHECK(score_of({0, 0, 0, 0, 0, 0}) == 0.5);     // nothing to count
  CHECK(score_of({5, 1, 0, 0, 0, 0}) == 0.75);    // 0.5 + 0.15 + 0.1
  CHECK(score_of({0, 0, 4, 4, 4, 4}) == 0.75);    // 0.25 + 0.3 + 0.2
  CHECK(score_of({4, 1, 3, 0, 0, 0}) == 0.5);     // 0.4 + 0 + 0.1: all wait, nothing decided
  CHECK(score_of({1, 1, 16, 0, 125, 0}) == 0.1);
  CHECK(score_of({1, 1, 1, 0, 4000, 1}) == 0.1001); // 0.10005 is rounded up
  CHECK(score_of({1, 1, 1, 0, 4001, 1}) == 0.1);    // 0.1000499…
  const std::int64_t most = 10'000'000'000;
  CHECK(score_of({5 * most, most, most, most, most, most}) == 1);
  CHECK(score_of({5 * most - 1, most, most, most, most, most}) == 1); // rounded, as every number here
  CHECK(score_of({most, most, most, 0, most, 0}) == 0.1);
}

TEST_CASE("the inputs are shown beside the score, with their counts") {
  CHECK(json::to_json(performance_score({14, 3, 7, 5, 6, 5})) ==
        R"({"score":0.8476,"ratingAverage":4.67,"ratingCount":3,"responseRate":0.7143,"pendingCount":7,"decidedWithin24h":5,)"
        R"("confirmationRate":0.8333,"decidedCount":6,"confirmedCount":5,"whatWouldRaiseItMost":{"lever":"RESPONSE_RATE","gain":0.0857}})");
  const auto text = json::to_json(performance_score({}));
  CHECK(text == R"({"score":0.5,"ratingAverage":null,"ratingCount":0,"responseRate":null,"pendingCount":0,"decidedWithin24h":0,)"
                R"("confirmationRate":null,"decidedCount":0,"confirmedCount":0,"whatWouldRaiseItMost":{"lever":"RATING","gain":0.25}})");
  CHECK(json::to_json(performance_score({5, 1, 1, 1, 1, 1})).ends_with(R"("whatWouldRaiseItMost":null})"));
}

TEST_CASE("what would raise the score most") {
  CHECK(most_of({45, 10, 10, 9, 10, 8}) == "RATING 0.05"); // 0.05, 0.03, 0.04
  CHECK(most_of({49, 10, 10, 9, 10, 8}) == "CONFIRMATION_RATE 0.04");
  CHECK(most_of({49, 10, 10, 5, 10, 8}) == "RESPONSE_RATE 0.15");
  CHECK(most_of({25, 5, 10, 10, 10, 10}) == "none");
  CHECK(most_of({25, 5, 10, 10, 10, 9}) == "CONFIRMATION_RATE 0.02");
  CHECK(most_of({0, 0, 10, 10, 10, 10}) == "RATING 0.25");        // no reviews: half of the weight is to be gained
  CHECK(most_of({47, 10, 10, 9, 10, 10}) == "RATING 0.03");       // a tie
  CHECK(most_of({50, 10, 10, 8, 10, 7}) == "RESPONSE_RATE 0.06"); // another
  const std::int64_t most = 10'000'000'000;
  CHECK(most_of({5 * most, most, most, most, most, most - 1}) == "CONFIRMATION_RATE 0"); // less than what is shown, but something
}

TEST_CASE("score, rates and levers against exact fractions") {
  Dice dice(seed());
  for (std::uint64_t round = 0; round < rounds(3000); ++round) {
    const auto some = [&] { return dice.chance(15) ? std::int64_t{0} : dice.between(1, 60); };
    ScoreInputs in;
    in.rating_count = some();
    for (std::int64_t i = 0; i < in.rating_count; ++i) in.rating_sum += dice.roll(1, 5);
    in.pending_count = some(), in.decided_within_24h = dice.between(0, in.pending_count);
    in.decided = some(), in.confirmed = dice.between(0, in.decided);
    CAPTURE(json::to_json(performance_score(in)));
    const Input inputs[] = {
        {in.rating_sum, 5 * in.rating_count, 5}, {in.decided_within_24h, in.pending_count, 3}, {in.confirmed, in.decided, 2}};
    Exact sum;
    for (const auto& input : inputs) sum = sum.plus(input.standing().over, input.standing().under);
    const auto score = performance_score(in);
    REQUIRE(sum.is_shown_as(score.score));
    for (const auto& [shown, input] : {std::pair{score.response_rate, inputs[1]}, {score.confirmation_rate, inputs[2]}}) {
      REQUIRE(shown.has_value() == (input.whole > 0));
      if (shown) REQUIRE(Exact{}.plus(input.part, input.whole).is_shown_as(*shown));
    }
    // No lever gains more than the one that is named, and none that comes before it as much.
    Exact best{0, 1};
    for (const auto& input : inputs)
      if (input.gain().over * best.under > best.over * input.gain().under) best = input.gain();
    REQUIRE(score.most.has_value() == (best.over > 0));
    if (!score.most) continue;
    const auto named = static_cast<std::size_t>(score.most->lever);
    REQUIRE(inputs[named].gain().over * best.under == best.over * inputs[named].gain().under);
    for (std::size_t i = 0; i < named; ++i) REQUIRE(inputs[i].gain().over * best.under < best.over * inputs[i].gain().under);
    REQUIRE(best.is_shown_as(score.most->gain));
    // Making it perfect raises the score by just that, but for the rounding of three numbers.
    ScoreInputs perfect = in;
    if (named == 0) perfect.rating_count = std::max<std::int64_t>(in.rating_count, 1), perfect.rating_sum = 5 * perfect.rating_count;
    if (named == 1) perfect.pending_count = perfect.decided_within_24h = std::max<std::int64_t>(in.pending_count, 1);
    if (named == 2) perfect.decided = perfect.confirmed = std::max<std::int64_t>(in.decided, 1);
    REQUIRE(score_of(perfect) - score.score == doctest::Approx(score.most->gain).epsilon(0.0002).scale(1));
  }
}

TEST_CASE("which bookings count, and as what") {
  const milliseconds day = std::chrono::hours{24}, tick{1};
  const auto counted = [&](Instant created, BookingAnswer answer, std::optional<Instant> answered) {
    ScoreInputs in;
    count_booking(in, created, answer, answered, now);
    return std::to_string(in.pending_count) + " " + std::to_string(in.decided_within_24h) + " " + std::to_string(in.decided) + " " +
           std::to_string(in.confirmed);
  };
  using enum BookingAnswer;
  const Instant made = now - 3 * day;
  CHECK(counted(made, confirmed, made) == "1 1 1 1");
  CHECK(counted(made, confirmed, made + day) == "1 1 1 1");
  CHECK(counted(made, confirmed, made + day + tick) == "1 0 1 1");
  CHECK(counted(made, declined, made + day) == "1 1 1 0");
  CHECK(counted(made, declined, made + day + tick) == "1 0 1 0");
  CHECK(counted(made, ended, made + day) == "0 0 0 0");
  CHECK(counted(made, ended, made + day + tick) == "1 0 0 0");
  CHECK(counted(now - day, waiting, {}) == "0 0 0 0");
  CHECK(counted(now - day - tick, waiting, {}) == "1 0 0 0");
  CHECK(counted(now, waiting, {}) == "0 0 0 0");
  const Instant first = now - score_window;
  CHECK(counted(first, confirmed, first + tick) == "1 1 1 1");
  CHECK(counted(first - tick, confirmed, first + tick) == "0 0 0 0");
  CHECK(counted(now + tick, confirmed, now + tick) == "0 0 0 0");
  ScoreInputs in{5, 1, 2, 1, 2, 2};
  count_booking(in, made, declined, made, now);
  CHECK(in == ScoreInputs{5, 1, 3, 2, 3, 2});
}

TEST_CASE("the marketplace ranks in one order, whatever the order it began in") {
  const auto rank = [](double score, std::int64_t reviews, std::string_view tenant) {
    return MarketplaceRank{score, reviews, TenantId::from_body(tenant)};
  };
  const std::vector<MarketplaceRank> ranked = {rank(0.9, 0, "0000000000000000000000000z"),   rank(0.88, 7, "00000000000000000000000009"),
                                               rank(0.88, 7, "0000000000000000000000000a"),  rank(0.88, 3, "00000000000000000000000001"),
                                               rank(0.5, 100, "00000000000000000000000002"), rank(0, 0, "00000000000000000000000003")};
  for (std::size_t a = 0; a < ranked.size(); ++a)
    for (std::size_t b = 0; b < ranked.size(); ++b) CHECK(ranks_before(ranked[a], ranked[b]) == (a < b));
  std::vector<std::size_t> order(ranked.size());
  std::iota(order.begin(), order.end(), 0U);
  do {
    std::vector<MarketplaceRank> shuffled;
    for (const auto i : order) shuffled.push_back(ranked[i]);
    std::ranges::sort(shuffled, ranks_before);
    REQUIRE(std::ranges::equal(shuffled, ranked, {}, &MarketplaceRank::tenant, &MarketplaceRank::tenant));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the place in the marketplace is in the order of the ranks") {
  const auto tenant = TenantId::from_body("00000000000000000000000001");
  std::vector<ScoreInputs> all;
  for (const std::int64_t count : {0LL, 1LL, 2LL, 7LL, 10'000'000'000LL})
    for (const std::int64_t stars : {1, 3, 5})
      for (const std::int64_t confirmed : {0, 1, 2})
        all.push_back({.rating_sum = count * stars,
                       .rating_count = count,
                       .pending_count = 2,
                       .decided_within_24h = confirmed,
                       .decided = 2,
                       .confirmed = confirmed});
  const auto rank = [&](const ScoreInputs& in) { return MarketplaceRank{performance_score(in).score, in.rating_count, tenant}; };
  for (const auto& a : all)
    for (const auto& b : all) CHECK((marketplace_place(a) < marketplace_place(b)) == ranks_before(rank(a), rank(b)));
}
