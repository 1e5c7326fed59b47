// The performance score of a business: 0.5 × average rating ÷ 5 + 0.3 × response rate + 0.2 × confirmation rate, over 90 days.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

inline constexpr milliseconds score_window = std::chrono::days{90};
inline constexpr milliseconds answer_time = std::chrono::hours{24};

/// What the score is made of, over the window.
struct ScoreInputs {
  std::int64_t rating_sum = 0, rating_count = 0;          ///< of reviews written
  std::int64_t pending_count = 0, decided_within_24h = 0; ///< bookings that waited for an answer, and those that got it in time
  std::int64_t decided = 0, confirmed = 0;                ///< bookings that were confirmed or declined; confirmed

  friend bool operator==(const ScoreInputs&, const ScoreInputs&) = default;
};

/// How a booking that began PENDING went on: it waits, was confirmed (by itself counts) or declined, or ended without an answer (the
/// customer cancelled it, or never paid).
enum class BookingAnswer { waiting, confirmed, declined, ended };
/// Counts one booking. Bookings made before the window don't count. Without an answer, a booking counts as one not answered in time
/// once 24 hours have passed in which it could have been, and not at all before. Exactly 24 hours are in time for an answer.
/// @param answered  when it was confirmed, declined or ended
void count_booking(ScoreInputs& inputs, Instant created, BookingAnswer answer, std::optional<Instant> answered, Instant now);

enum class ScoreLever { rating, response_rate, confirmation_rate };

struct ScoreGain {
  ScoreLever lever = ScoreLever::rating;
  double gain = 0; ///< that the score would rise by if this input were perfect
};

/// Values are rounded once, half up: the score, the rates and the gain to four decimals, the rating to two.
struct PerformanceScore {
  double score = 0;                                                       ///< 0 to 1
  std::optional<double> rating_average, response_rate, confirmation_rate; ///< none where there was nothing to count
  std::int64_t rating_count = 0, pending_count = 0, decided_within_24h = 0, decided_count = 0, confirmed_count = 0;
  std::optional<ScoreGain> most; ///< the lever with the largest gain; none when everything is perfect
};

/// An input that has nothing to count stands at half of its weight: a newcomer ranks above the bad and below the good, and gains by
/// everything that goes well.
/// @pre rating_sum is 1 to 5 times rating_count; decided_within_24h ≤ pending_count; confirmed ≤ decided; counts 0 to 10^10
/// @thread_safety pure
[[nodiscard]] PerformanceScore performance_score(const ScoreInputs& inputs);

/// Which input would raise the score most, were it perfect; on a tie the one with the greater weight. None when all are.
/// @thread_safety pure
[[nodiscard]] std::optional<ScoreGain> what_would_raise_it_most(const ScoreInputs& inputs);

/// What a business is ranked by in the marketplace.
struct MarketplaceRank {
  double score = 0; ///< as performance_score() gives it, so that what is shown explains the order
  std::int64_t rating_count = 0;
  TenantId tenant;
};
/// Better score first, then more reviews, then who came first. A strict total order over tenants.
[[nodiscard]] bool ranks_before(const MarketplaceRank& a, const MarketplaceRank& b);
/// A number that is smaller the better score and reviews rank: by it, then by the tenant's id, is the order of ranks_before().
[[nodiscard]] std::int64_t marketplace_place(const ScoreInputs& inputs);

namespace json {
template <> struct EnumNames<ScoreLever> {
  static constexpr std::array<std::string_view, 3> names{"RATING", "RESPONSE_RATE", "CONFIRMATION_RATE"};
};
template <> struct Schema<ScoreGain> {
  static constexpr auto fields = std::make_tuple(field("lever", &ScoreGain::lever, out), field("gain", &ScoreGain::gain, out));
};
template <> struct Schema<PerformanceScore> {
  using T = PerformanceScore;
  static constexpr auto fields =
      std::make_tuple(field("score", &T::score, out), field("ratingAverage", &T::rating_average, out),
                      field("ratingCount", &T::rating_count, out), field("responseRate", &T::response_rate, out),
                      field("pendingCount", &T::pending_count, out), field("decidedWithin24h", &T::decided_within_24h, out),
                      field("confirmationRate", &T::confirmation_rate, out), field("decidedCount", &T::decided_count, out),
                      field("confirmedCount", &T::confirmed_count, out), field("whatWouldRaiseItMost", &T::most, out));
};
} // namespace json
} // namespace orkestr::inline v1
