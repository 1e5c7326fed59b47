#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

storage::TenantScore count_score(const storage::ReadTransaction& tx, TenantId tenant, Instant now) {
  storage::TenantScore score;
  score.computed_at = now;
  const Instant since = now - score_window;
  const auto ratings = tx.reviews().ratings_since(tenant, since);
  score.inputs.rating_count = ratings.count;
  score.inputs.rating_sum = ratings.sum;
  for (const auto& booking : tx.bookings().answers_since(tenant, since)) {
    using enum BookingAnswer;
    const auto answer = booking.confirmed_at                         ? confirmed
                        : booking.ended_by == BookingAction::decline ? declined
                        : booking.cancelled_at                       ? ended
                                                                     : waiting;
    count_booking(score.inputs, booking.created_at, answer, booking.confirmed_at ? booking.confirmed_at : booking.cancelled_at, now);
  }
  return score;
}

Insights insights(const storage::ReadTransaction& tx, TenantId tenant, Instant now) {
  const auto stored = tx.scores().find(tenant);
  return Insights(stored ? *stored : count_score(tx, tenant, now));
}

Insights compute_score(WriteContext& cx) {
  const auto score = count_score(cx.tx, cx.tenant, cx.now);
  cx.tx.scores().put(cx.tenant, score);
  cx.audit("score.compute", cx.tenant);
  return Insights(score);
}

void store_score(storage::WriteTransaction& tx, TenantId tenant, const storage::TenantScore& score) {
  const auto stored = tx.scores().find(tenant);
  if (!stored || stored->computed_at < score.computed_at) tx.scores().put(tenant, score);
}

} // namespace orkestr::inline v1
