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

Result<Figures> business_figures(const storage::ReadTransaction& tx, const Tenant& tenant, LocalDate first, LocalDate last,
                                 const std::optional<OfferingId>& offering) {
  ORKESTR_TRY(const auto zone, Zone::find(tenant.time_zone));
  ZoneClock clock(zone);
  const Interval range{clock.to_instant(LocalDateTime::of(first, {})), clock.to_instant(LocalDateTime::of(last + 1, {}))};
  std::vector<OfferingId> all;
  if (offering) {
    all.push_back(*offering);
  } else {
    storage::OfferingFilter filter;
    filter.status = OfferingStatus::published;
    for (storage::Page page{200, {}};;) {
      const auto found = tx.offerings().list(tenant.id, filter, page);
      for (const auto& one : found) all.push_back(one.id);
      if (found.size() < page.limit) break;
      page.before = found.back().id.str();
    }
  }
  std::vector<OfferedMinutes> offered;
  for (const auto& id : all) {
    ORKESTR_TRY(const auto view, load_availability(tx, tenant.id, id));
    ORKESTR_TRY(const auto schedule, view.schedule());
    // As the hours were set, whatever is booked by now.
    ORKESTR_TRY(const auto slots, expand(schedule, range, {}, Audience::provider, range.start));
    const auto minutes = offered_minutes(slots);
    offered.insert(offered.end(), minutes.begin(), minutes.end());
  }
  const auto items = tx.bookings().items_starting(tenant.id, range, offering);
  return figures(items, offered, zone, tenant.display_currency, first, last);
}

} // namespace orkestr::inline v1
