// The simple way to everything the engine does cleverly; see oracle.hpp.
#include "campaign/simulation/oracle.hpp"

#include <algorithm>

namespace orkestr::campaign {
namespace {

constexpr std::int64_t minute = 60'000, day = 86'400'000;

/// 2026's changes of New York: at 07:00Z on 8 March, at 06:00Z on 1 November.
std::int64_t offset(const OfferingSpec& spec, std::int64_t utc) {
  if (!spec.new_york) return 0;
  return utc >= 1772953200000 && utc < 1793512800000 ? -240 * minute : -300 * minute;
}
/// Days since 1970 on the offering's wall.
std::int64_t local_day(const OfferingSpec& spec, Instant at) {
  const std::int64_t local = at.ms + offset(spec, at.ms);
  return local >= 0 ? local / day : (local - day + 1) / day;
}
/// The instant of a wall time, none of which here is skipped or comes twice.
std::int64_t instant_of(const OfferingSpec& spec, std::int64_t local) {
  const std::int64_t winter = local - (spec.new_york ? -300 * minute : 0), summer = winter - (spec.new_york ? 60 * minute : 0);
  return summer + offset(spec, summer) == local ? summer : winter;
}

int left_in(const OfferingSpec& spec, Interval slot, const std::vector<Taken>& taken) {
  const Interval wide{slot.start - std::chrono::minutes{spec.buffer_before}, slot.end + std::chrono::minutes{spec.buffer_after}};
  return std::max(0, spec.capacity - peak(taken, wide));
}

/// The units left in the slots that lead from start to end, or -1 when there are no such slots.
int left_in_chain(const OfferingSpec& spec, Interval wanted, const std::vector<Taken>& taken) {
  int least = spec.capacity;
  Instant at = wanted.start;
  while (at < wanted.end) {
    const std::int64_t midnight = local_day(spec, at) * day;
    const std::int64_t open = instant_of(spec, midnight + spec.open * minute), close = instant_of(spec, midnight + spec.close * minute);
    const std::int64_t length = spec.slot_minutes * minute;
    if (at.ms < open || (at.ms - open) % length != 0 || at.ms + length > close) return -1;
    const Interval slot{at, {at.ms + length}};
    least = std::min(least, left_in(spec, slot, taken));
    at = slot.end;
  }
  return at == wanted.end ? least : -1;
}

bool whole_days(const OfferingSpec& spec, Interval wanted) {
  return spec.daily && spec.open == 0 && spec.close == 1440 && instant_of(spec, local_day(spec, wanted.start) * day) == wanted.start.ms &&
         instant_of(spec, local_day(spec, wanted.end) * day) == wanted.end.ms;
}

} // namespace

int peak(const std::vector<Taken>& taken, Interval range) {
  // The level only rises where something starts, so looking there and at the beginning is enough.
  int most = 0;
  const auto level_at = [&](Instant at) {
    int level = 0;
    for (const auto& one : taken)
      if (one.interval.start <= at && at < one.interval.end) level += one.quantity;
    return level;
  };
  if (range.start < range.end) most = level_at(range.start);
  for (const auto& one : taken)
    if (range.start <= one.interval.start && one.interval.start < range.end) most = std::max(most, level_at(one.interval.start));
  return most;
}

std::vector<Taken> taken_of(const Rows& rows, const Shop& shop, std::string_view key, Instant now, storage::Holder own) {
  std::vector<Taken> taken;
  for (const auto& booking : rows.bookings) {
    if (booking.status != BookingStatus::pending && booking.status != BookingStatus::confirmed) continue;
    for (const auto& item : booking.items)
      if (shop.key_of(item.offering_id) == key && storage::Holder{item.id} != own) taken.push_back({item.interval(), item.quantity});
  }
  for (const auto& hold : rows.holds)
    if (shop.key_of(hold.offering_id) == key && now < hold.expires_at && storage::Holder{hold.id} != own)
      taken.push_back({hold.interval(), hold.quantity});
  return taken;
}

Room room(const OfferingSpec& spec, Interval wanted, int quantity, const std::vector<Taken>& taken, Audience audience, Instant now) {
  const Room unavailable{false, Code::slot_unavailable, 0};
  if (quantity < 1 || wanted.end <= wanted.start) return unavailable;
  const std::int64_t minutes = (wanted.end - wanted.start).count() / minute;
  if ((spec.min_minutes > 0 && minutes < spec.min_minutes) || (spec.max_minutes > 0 && minutes > spec.max_minutes) || minutes > 366 * 1440)
    return {false, Code::duration_not_allowed, 0};
  if (audience == Audience::customer) {
    if (wanted.start < now + std::chrono::minutes{spec.notice_minutes}) return unavailable;
    if (local_day(spec, wanted.start) > local_day(spec, now) + spec.advance_days) return unavailable;
  }
  if (const int left = left_in_chain(spec, wanted, taken); left >= quantity) return {true, {}, left};
  if (!whole_days(spec, wanted)) return unavailable;
  const int left = left_in(spec, wanted, taken);
  return left >= quantity ? Room{true, {}, left} : unavailable;
}

Amount share(Amount a, std::int64_t b, std::int64_t c) { return (a * b + c / 2) / c; }

Price price(const OfferingSpec& spec, Amount base, Interval interval, int quantity, int remaining,
            const std::optional<Discount>& discount) {
  std::int64_t percent = 100;
  const int taken = spec.capacity - remaining;
  if (spec.rule_percent != 0 && taken * 100 >= spec.rule_occupancy * spec.capacity) percent += spec.rule_percent;
  Price price;
  if (spec.daily) {
    std::int64_t days = local_day(spec, interval.end) - local_day(spec, interval.start);
    const auto time_of_day = [&](Instant at) { return at.ms - instant_of(spec, local_day(spec, at) * day); };
    if (time_of_day(interval.end) > time_of_day(interval.start)) ++days;
    price.subtotal = share(base * days, percent, 100) * quantity;
  } else {
    price.subtotal = share(base * (interval.length().count() / minute), percent, 6000) * quantity;
  }
  if (discount) price.discount = discount->kind == CouponKind::fixed ? discount->amount : share(price.subtotal, discount->amount, 100);
  price.discount = std::min(price.discount, price.subtotal);
  const Amount net = price.subtotal - price.discount;
  price.tax = share(net, spec.tax_bps, spec.tax_inclusive ? 10'000 + spec.tax_bps : 10'000);
  price.total = net + (spec.tax_inclusive ? 0 : price.tax);
  return price;
}

std::optional<Code> coupon_refusal(const CouponSpec& spec, Amount subtotal, std::int64_t used, std::int64_t redeemed, Instant now) {
  if (spec.valid_days >= 0 && now > start_of_time + std::chrono::days{spec.valid_days}) return Code::coupon_expired;
  if (subtotal < spec.min_subtotal) return Code::coupon_below_minimum;
  if (spec.cap >= 0 && redeemed >= spec.cap) return Code::coupon_exhausted;
  if (spec.per_customer >= 0 && used >= spec.per_customer) return Code::coupon_customer_limit;
  return {};
}

int refund_percent(const Booking& booking, Instant now) {
  const auto& policy = booking.policy;
  Instant first = booking.items[0].starts_at;
  for (const auto& item : booking.items) first = std::min(first, item.starts_at);
  if (policy.grace_minutes > 0 && now.ms - booking.created_at.ms <= policy.grace_minutes * minute && now < first) return 100;
  int percent = 0, hours = -1;
  for (const auto& tier : policy.tiers)
    if (tier.hours_before * 60 * minute <= first.ms - now.ms && tier.hours_before > hours) {
      hours = tier.hours_before;
      percent = tier.refund_percent;
    }
  return percent;
}

} // namespace orkestr::campaign
