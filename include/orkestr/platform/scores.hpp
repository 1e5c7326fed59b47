// Performance scores: what a business is measured by, and ranked by in the marketplace.
#pragma once

#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1 {

struct WriteContext;

/// A stored score is worked out anew once it is this old.
inline constexpr milliseconds score_age = std::chrono::hours{24};

/// A score with when it was worked out.
struct Insights : PerformanceScore {
  Insights() = default;
  explicit Insights(const storage::TenantScore& score)
      : PerformanceScore(performance_score(score.inputs)), computed_at(score.computed_at) {}
  Instant computed_at;
};

/// Counts the reviews and bookings of the 90 days before `now`. Cost depends on these.
[[nodiscard]] storage::TenantScore count_score(const storage::ReadTransaction& tx, TenantId tenant, Instant now);
/// The stored score, or where there is none yet, what it would be.
[[nodiscard]] Insights insights(const storage::ReadTransaction& tx, TenantId tenant, Instant now);
/// Works the score out and stores it.
[[nodiscard]] Insights compute_score(WriteContext& cx);
/// Stores a score that was counted before, unless a newer one is there.
void store_score(storage::WriteTransaction& tx, TenantId tenant, const storage::TenantScore& score);

/// The figures of the days `first` to `last`, both in it, of all offerings or of one. Cost depends on the items and slots of these days.
/// @errors `not_found` for an offering that is not there
[[nodiscard]] Result<Figures> business_figures(const storage::ReadTransaction& tx, const Tenant& tenant, LocalDate first, LocalDate last,
                                               const std::optional<OfferingId>& offering);

namespace json {
template <> struct Schema<Insights> {
  static constexpr auto fields =
      std::tuple_cat(Schema<PerformanceScore>::fields, std::make_tuple(field("computedAt", &Insights::computed_at, out)));
};
} // namespace json
} // namespace orkestr::inline v1
