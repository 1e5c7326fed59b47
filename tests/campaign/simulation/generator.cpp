// Chances and choices; see generator.hpp. Times are few and quantities small, so that steps get into each other's way.
#include "campaign/simulation/generator.hpp"

#include <algorithm>

namespace orkestr::campaign {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t day = 86'400'000, minute = 60'000;

struct Weight {
  Kind kind;
  int weight;
};
constexpr Weight weights[] = {{Kind::hold, 12},       {Kind::release_hold, 3}, {Kind::quote, 5},     {Kind::book, 16},
                              {Kind::check_out, 18},  {Kind::approve, 10},     {Kind::decline, 3},   {Kind::cancel, 6},
                              {Kind::reschedule, 12}, {Kind::pay, 14},         {Kind::refund, 8},    {Kind::review, 4},
                              {Kind::run_due, 8},     {Kind::reprice, 2},      {Kind::again, 10},    {Kind::other_body, 1},
                              {Kind::by_stranger, 2}, {Kind::advance, 16},     {Kind::jump_back, 2}, {Kind::crash, 2}};

class Drawing {
 public:
  Drawing(Dice& dice, const Ledger& ledger, const Rows& rows, const Shop& shop, Instant now)
      : dice_(dice), ledger_(ledger), rows_(rows), shop_(shop), now_(now) {}

  Step draw(int number, bool rush) {
    Step step;
    step.number = number;
    if (rush) return draw_rush(step);
    step.kind = kind();
    step.offering = dice_.below(static_cast<int>(offerings.size()));
    step.email = dice_.below(static_cast<int>(emails.size()));
    step.peer = dice_.below(static_cast<int>(peers.size()));
    step.yes = dice_.chance(70);
    switch (step.kind) {
    case Kind::hold: draw_slot(step), via(step, Via::visitor, 30); break;
    case Kind::quote:
    case Kind::book: draw_booking(step); break;
    case Kind::check_out:
      draw_booking(step);
      via(step, dice_.chance(50) ? Via::visitor : Via::key, 60);
      break;
    case Kind::release_hold:
      step.from = a_hold(step.kind);
      via(step, Via::visitor, 30);
      break;
    case Kind::reschedule: draw_move(step); break;
    case Kind::approve:
    case Kind::decline:
    case Kind::review:
    case Kind::cancel:
    case Kind::pay:
    case Kind::refund:
      step.from = a_booking(step.kind);
      step.share = dice_.chance(55) ? Share::all : dice_.chance(50) ? Share::half : static_cast<Share>(dice_.below(5));
      step.yes = dice_.chance(80);
      if (step.kind != Kind::pay || step.yes) via(step, Via::key, 35);
      if (step.kind == Kind::cancel && ledger_.tokens.contains(step.from)) via(step, Via::visitor, 50);
      break;
    case Kind::again:
    case Kind::other_body: step.from = a_request(); break;
    case Kind::by_stranger:
      step.from = dice_.chance(70) ? a_booking(step.kind) : a_hold(step.kind);
      step.interval = a_slot(0);
      break;
    case Kind::reprice: step.price = dice_.below(20'000); break;
    case Kind::advance: step.by = forward(); break;
    case Kind::jump_back:
      step.by = milliseconds{dice_.chance(50) ? dice_.below(20) * minute : dice_.below(3 * static_cast<int>(day / 1000)) * 1000LL};
      break;
    case Kind::run_due:
    case Kind::crash: break;
    }
    if (dice_.chance(14)) draw_fault(step);
    return step;
  }

 private:
  Kind kind() {
    int sum = 0;
    for (const auto& [kind, weight] : weights) sum += weight;
    int at = dice_.below(sum);
    for (const auto& [kind, weight] : weights)
      if ((at -= weight) < 0) return kind;
    return Kind::run_due;
  }
  void via(Step& step, Via way, int percent) {
    if (dice_.chance(percent)) step.via = way;
  }

  Step draw_rush(Step step) {
    step.kind = Kind::hold;
    step.offering = 3;
    step.interval = a_slot(step.offering);
    const milliseconds later = std::chrono::days{1 + dice_.below(20)};
    step.interval = {step.interval.start + later, step.interval.end + later};
    return step;
  }

  /// One to three slots of the next days, mostly the same few; now and then a time that is none.
  Interval a_slot(int offering) {
    const auto& spec = offerings[static_cast<std::size_t>(offering)];
    const std::int64_t offset = spec.new_york ? (now_.ms >= 1772953200000 - day ? -240 : -300) * minute : 0;
    const std::int64_t midnight = (now_.ms + offset) / day * day - offset;
    const int days = dice_.chance(85) ? dice_.below(4) : dice_.below(20);
    const int count = 1 + (dice_.chance(40) ? dice_.below(3) : 0);
    const std::int64_t length = spec.slot_minutes * minute;
    std::int64_t start = midnight + days * day + spec.open * minute;
    const auto slots = static_cast<int>((spec.close - spec.open) / spec.slot_minutes);
    start += (dice_.chance(75) ? dice_.below(std::min(slots, 4)) : dice_.below(slots)) * length;
    std::int64_t end = start + count * length;
    if (spec.daily && start < 1772953200000 && 1772953200000 < end) end -= 60 * minute; // that day has 23 hours
    if (dice_.chance(4)) start += dice_.below(3) * 7 * minute;
    if (dice_.chance(2)) std::swap(start, end);
    return {{start}, {end}};
  }
  /// Where a booking or hold is already, so that it is contended for.
  std::optional<std::pair<int, Interval>> a_taken_slot() {
    if (!rows_.bookings.empty() && dice_.chance(70)) {
      const auto& item =
          rows_.bookings[static_cast<std::size_t>(dice_.below(std::min(12, static_cast<int>(rows_.bookings.size()))))].items[0];
      return std::pair{shop_.index_of(item.offering_id), item.interval()};
    }
    if (rows_.holds.empty()) return {};
    const auto& hold = dice_.pick(rows_.holds);
    return std::pair{shop_.index_of(hold.offering_id), hold.interval()};
  }
  void draw_slot(Step& step) {
    step.interval = a_slot(step.offering);
    if (dice_.chance(25))
      if (const auto taken = a_taken_slot()) std::tie(step.offering, step.interval) = *taken;
    step.quantity = dice_.chance(70) ? 1 : 1 + dice_.below(3);
  }
  void draw_booking(Step& step) {
    draw_slot(step);
    if (dice_.chance(35)) step.from = a_hold(step.kind);
    if (dice_.chance(35)) step.coupon = dice_.below(static_cast<int>(coupons.size()) + 1);
    if (dice_.chance(45)) step.expected = dice_.chance(75) ? Expected::right : Expected::stale;
    step.pay_online = dice_.chance(40);
    if (dice_.chance(25)) step.audience = Audience::provider;
  }
  void draw_move(Step& step) {
    step.from = a_booking(step.kind);
    step.audience = dice_.chance(50) ? Audience::customer : Audience::provider;
    const auto* booking = ledger_.booking(step, rows_);
    const int offering = booking == nullptr ? 0 : shop_.index_of(booking->items[0].offering_id);
    step.interval = a_slot(offering);
    if (booking != nullptr && dice_.chance(60)) {
      // Overlapping itself: longer, shorter, or a slot later.
      step.interval = booking->items[0].interval();
      const milliseconds slot = minutes{offerings[static_cast<std::size_t>(offering)].slot_minutes};
      switch (dice_.below(4)) {
      case 0: step.interval.end = step.interval.end + slot; break;
      case 1: step.interval.end = step.interval.end - slot; break;
      case 2: step.interval = {step.interval.start + slot, step.interval.end + slot}; break;
      default: break;
      }
    } else if (dice_.chance(30)) {
      if (const auto taken = a_taken_slot()) step.interval = taken->second;
    }
    if (dice_.chance(30)) step.via = ledger_.tokens.contains(step.from) ? Via::visitor : Via::key;
  }

  /// A step that made a booking; mostly a late one, and mostly one whose state lets it happen.
  int a_booking(Kind kind) {
    if (ledger_.bookings.empty()) return -1;
    // What is paid for in part has the most that can go wrong.
    const bool paid = kind == Kind::reschedule && dice_.chance(35);
    std::vector<int> fitting;
    for (const auto& [number, id] : ledger_.bookings) {
      const auto* booking = rows_.find(id);
      if (booking != nullptr && fits(kind, *booking) && (!paid || booking->paid_cents() > 0)) fitting.push_back(number);
    }
    if (!fitting.empty() && dice_.chance(85)) return dice_.pick(fitting);
    auto any = ledger_.bookings.begin();
    std::advance(any, dice_.below(static_cast<int>(ledger_.bookings.size())));
    return any->first;
  }
  static bool fits(Kind kind, const Booking& booking) {
    const bool pending = booking.status == BookingStatus::pending, confirmed = booking.status == BookingStatus::confirmed;
    switch (kind) {
    case Kind::review: return booking.risk_review_status == RiskReview::pending;
    case Kind::approve:
    case Kind::decline: return pending;
    case Kind::pay: return (pending || confirmed) && booking.paid_cents() < booking.total_cents;
    case Kind::refund: return booking.paid_cents() > booking.refunded_cents() && !pending;
    default: return pending || confirmed;
    }
  }
  int a_hold(Kind kind) {
    std::vector<int> live;
    for (const auto& [number, id] : ledger_.holds)
      if (const auto* hold = rows_.find(id); hold != nullptr && (now_ < hold->expires_at || dice_.chance(20))) live.push_back(number);
    if (!live.empty() && dice_.chance(90)) return dice_.pick(live);
    if (ledger_.holds.empty()) return -1;
    auto any = ledger_.holds.begin();
    std::advance(any, dice_.below(static_cast<int>(ledger_.holds.size())));
    return kind == Kind::quote ? -1 : any->first;
  }
  int a_request() {
    if (ledger_.requests.empty()) return -1;
    if (dice_.chance(60)) return ledger_.requests.rbegin()->first;
    auto any = ledger_.requests.begin();
    std::advance(any, dice_.below(static_cast<int>(ledger_.requests.size())));
    return any->first;
  }

  /// Some while; or just to, just before or just after something that becomes due.
  milliseconds forward() {
    if (dice_.chance(40)) {
      std::vector<Instant> deadlines;
      for (const auto& hold : rows_.holds) deadlines.push_back(hold.expires_at);
      for (const auto& booking : rows_.bookings) {
        if (booking.payment_due_at) deadlines.push_back(*booking.payment_due_at);
        if (booking.status == BookingStatus::confirmed) deadlines.push_back(booking.items[0].ends_at);
        if (booking.status == BookingStatus::pending) deadlines.push_back(booking.items[0].starts_at);
      }
      std::erase_if(deadlines, [&](Instant at) { return at <= now_ || at - now_ > hours{30}; });
      if (!deadlines.empty()) return dice_.pick(deadlines) - now_ + milliseconds{dice_.below(3) - 1};
    }
    switch (dice_.below(8)) {
    case 0:
    case 1:
    case 2: return milliseconds{1000LL * (1 + dice_.below(600))};
    case 3:
    case 4: return minutes{1 + dice_.below(60)};
    case 5:
    case 6: return minutes{30 + dice_.below(600)};
    default: return hours{8 + dice_.below(40)};
    }
  }
  void draw_fault(Step& step) {
    constexpr FaultKind some[] = {FaultKind::refuse,      FaultKind::fail_midway, FaultKind::fail_midway, FaultKind::fail_commit,
                                  FaultKind::fail_commit, FaultKind::run_twice,   FaultKind::run_twice,   FaultKind::fail_read};
    step.fault.kind = some[dice_.below(8)];
    if (step.kind == Kind::run_due) step.fault.transaction = dice_.below(4);
    step.fault.call = dice_.below(9);
  }

  Dice& dice_;
  const Ledger& ledger_;
  const Rows& rows_;
  const Shop& shop_;
  Instant now_;
};

} // namespace

Step draw(Dice& dice, int number, bool rush, const Ledger& ledger, const Rows& rows, const Shop& shop, Instant now) {
  return Drawing(dice, ledger, rows, shop, now).draw(number, rush);
}

} // namespace orkestr::campaign
