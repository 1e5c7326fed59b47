#include "orkestr/engine/performance_score.hpp"

#include "orkestr/engine/review.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace orkestr::inline v1 {
namespace {

__extension__ using Wide = __int128;

/// A fraction that is not negative, with a positive denominator.
struct Fraction {
  Wide over, under;
};

/// Each input between 0 and 1, in the order of the levers. A rating of 5 is 1.
std::array<Fraction, 3> shares(const ScoreInputs& in) {
  const auto share = [](std::int64_t part, std::int64_t whole) { return whole > 0 ? Fraction{part, whole} : Fraction{1, 2}; };
  return {share(in.rating_sum, 5 * in.rating_count), share(in.decided_within_24h, in.pending_count), share(in.confirmed, in.decided)};
}

constexpr std::array<int, 3> tenths = {5, 3, 2}; ///< the weights

constexpr int steps = 10'000; // four decimals

double rounded(const Fraction& f) {
  return static_cast<double>(static_cast<std::int64_t>((2 * steps * f.over + f.under) / (2 * f.under))) / steps;
}

std::optional<double> rate(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return std::nullopt;
  return rounded({part, whole});
}

} // namespace

void count_booking(ScoreInputs& inputs, Instant created, BookingAnswer answer, std::optional<Instant> answered, Instant now) {
  if (created < now - score_window || created > now) return;
  const bool decided = answer == BookingAnswer::confirmed || answer == BookingAnswer::declined;
  const bool in_time = answered.value_or(now) - created <= answer_time;
  if (decided) {
    ++inputs.pending_count;
    inputs.decided_within_24h += in_time ? 1 : 0;
    ++inputs.decided;
    inputs.confirmed += answer == BookingAnswer::confirmed ? 1 : 0;
  } else if (!in_time) {
    ++inputs.pending_count;
  }
}

std::optional<ScoreGain> what_would_raise_it_most(const ScoreInputs& inputs) {
  std::optional<ScoreGain> best;
  Fraction most{0, 1};
  const auto all = shares(inputs);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Fraction gain{tenths[i] * (all[i].under - all[i].over), 10 * all[i].under};
    if (gain.over * most.under <= most.over * gain.under) continue;
    most = gain;
    best = ScoreGain{static_cast<ScoreLever>(i), rounded(gain)};
  }
  return best;
}

PerformanceScore performance_score(const ScoreInputs& in) {
  const auto [rating, response, confirmation] = shares(in);
  const Fraction sum{tenths[0] * rating.over * response.under * confirmation.under +
                         tenths[1] * response.over * rating.under * confirmation.under +
                         tenths[2] * confirmation.over * rating.under * response.under,
                     10 * rating.under * response.under * confirmation.under};
  PerformanceScore score;
  score.score = rounded(sum);
  score.rating_average = RatingTotals{in.rating_count, in.rating_sum}.average();
  score.response_rate = rate(in.decided_within_24h, in.pending_count);
  score.confirmation_rate = rate(in.confirmed, in.decided);
  score.rating_count = in.rating_count;
  score.pending_count = in.pending_count;
  score.decided_within_24h = in.decided_within_24h;
  score.decided_count = in.decided;
  score.confirmed_count = in.confirmed;
  score.most = what_would_raise_it_most(in);
  return score;
}

std::int64_t marketplace_place(const ScoreInputs& inputs) {
  constexpr std::int64_t counts = 100'000'000'000; // more than there are reviews
  const auto score = static_cast<std::int64_t>(std::llround(performance_score(inputs).score * steps));
  return -(score * counts + std::min(inputs.rating_count, counts - 1));
}

bool ranks_before(const MarketplaceRank& a, const MarketplaceRank& b) {
  return std::tie(b.score, b.rating_count, a.tenant) < std::tie(a.score, a.rating_count, b.tenant);
}

} // namespace orkestr::inline v1
