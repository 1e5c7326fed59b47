#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include "orkestr/ports/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace orkestr::storage_contract {
namespace {

using storage::Claim;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

constexpr Interval always{minute(-1'000'000), minute(1'000'000)};

Claim claim_of(BookingItemId item, OfferingId offering, std::int64_t start, std::int64_t end, int quantity = 1) {
  return {item, offering, {minute(start), minute(end)}, quantity, BookingStatus::pending};
}

using Claims = std::map<BookingItemId, Claim>;

/// The claims on an offering that overlap a range, as a list of all claims says.
std::string overlapping(const Claims& all, OfferingId offering, Interval range) {
  std::vector<Claim> hits;
  for (const auto& [id, claim] : all)
    if (claim.offering_id == offering && claim.interval.overlaps(range)) hits.push_back(claim);
  std::ranges::stable_sort(hits, {}, [](const Claim& claim) { return claim.interval.start; }); // `all` is in the order of ids
  return text_of(hits);
}

/// What a store says, with claims of one start in the order of their items, which the contract leaves open.
std::string in_range(const ReadTransaction& tx, TenantId tenant, OfferingId offering, Interval range) {
  auto claims = tx.occupancy().in_range(tenant, offering, range);
  CHECK(std::ranges::is_sorted(claims, {}, [](const Claim& claim) { return claim.interval.start; }));
  std::ranges::sort(claims, {}, [](const Claim& claim) { return std::pair{claim.interval.start, claim.item_id}; });
  return text_of(claims);
}

void ranges_are_half_open(Store& store) {
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>();
  const auto claim = claim_of(mint<BookingItemId>(), offering, 60, 120);
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, offering);
    tx.occupancy().put(t, claim);
  });
  const auto hits = [&](Instant from, Instant to) {
    return read(store, [&](const ReadTransaction& tx) { return tx.occupancy().in_range(t, offering, {from, to}).size(); });
  };
  constexpr milliseconds ms{1};
  CHECK(hits(minute(0), minute(60)) == 0);
  CHECK(hits(minute(0), minute(60) + ms) == 1);
  CHECK(hits(minute(120), minute(180)) == 0);
  CHECK(hits(minute(120) - ms, minute(180)) == 1);
  CHECK(hits(minute(60), minute(120)) == 1);
  CHECK(hits(minute(80), minute(81)) == 1);
  CHECK(hits(minute(0), minute(1000)) == 1);
}

/// Random claims of all lengths, put, moved and erased, partly in parts that are undone; every range must give what a
/// plain list gives.
void claims_against_a_list(Store& store) {
  SeededRandom random(11);
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(n)); };
  const auto t = add_tenant(store);
  const OfferingId offerings[] = {mint<OfferingId>(), mint<OfferingId>(), mint<OfferingId>()};
  const auto change = [&](WriteTransaction& tx, Claims& claims) {
    const auto some_item = [&] { return std::next(claims.begin(), below(static_cast<std::int64_t>(claims.size())))->first; };
    if (!claims.empty() && below(4) == 0) {
      const auto item = some_item();
      tx.occupancy().erase(t, item);
      claims.erase(item);
      return;
    }
    const auto item = claims.empty() || below(4) != 0 ? mint<BookingItemId>() : some_item();
    // Mostly an hour or so; a few span the whole time and more.
    const auto length = below(20) == 0 ? 1 + below(60'000) : 1 + below(120);
    const auto start = below(20'000) - (length > 120 ? length / 2 : 0);
    const auto claim = claim_of(item, offerings[below(3)], start, start + length, 1 + static_cast<int>(below(9)));
    tx.occupancy().lock(t, claim.offering_id);
    tx.occupancy().put(t, claim);
    claims.insert_or_assign(item, claim);
  };
  Claims all;
  for (int round = 0; round < 20; ++round) {
    all = write(store, [&](WriteTransaction& tx) {
      auto kept = all;
      for (int i = 0; i < 30; ++i) change(tx, kept);
      const auto undone = tx.nested([&]() -> Result<void> {
        auto lost = kept;
        for (int i = 0; i < 10; ++i) change(tx, lost);
        return fail(Code::internal);
      });
      CHECK_FALSE(undone.has_value());
      return kept;
    });
    read(store, [&](const ReadTransaction& tx) {
      for (const auto& offering : offerings) CHECK(difference(in_range(tx, t, offering, always), overlapping(all, offering, always)) == "");
      for (int i = 0; i < 40; ++i) {
        const auto start = below(21'000) - 500;
        const Interval range{minute(start), minute(start + 1 + below(i % 10 == 0 ? 30'000 : 300))};
        const auto offering = offerings[i % 3];
        CAPTURE(range.start.ms);
        CHECK(difference(in_range(tx, t, offering, range), overlapping(all, offering, range)) == "");
      }
    });
  }
  CHECK(all.size() > 100);
}

/// The most units taken at one time within the interval.
int peak(const std::vector<Claim>& claims, Interval interval) {
  int most = 0;
  for (const auto& at : claims) {
    const Instant instant = std::max(at.interval.start, interval.start);
    int units = 0;
    for (const auto& claim : claims) units += claim.interval.start <= instant && instant < claim.interval.end ? claim.quantity : 0;
    if (instant < interval.end) most = std::max(most, units);
  }
  return most;
}

void capacity_holds(Store& store) {
  constexpr int threads = 16, attempts = 12, capacity = 4;
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>();
  std::atomic<int> taken{0}, refused{0};
  in_threads(threads, [&](int thread) {
    SeededRandom random(static_cast<std::uint64_t>(thread));
    for (int i = 0; i < attempts; ++i) {
      const auto start = static_cast<std::int64_t>(random.next() % 300);
      const auto claim = claim_of(mint<BookingItemId>(), offering, start, start + 20 + static_cast<std::int64_t>(random.next() % 60),
                                  1 + static_cast<int>(random.next() % 2));
      const auto done = store.write([&](WriteTransaction& tx) -> Result<void> {
        tx.occupancy().lock(t, offering);
        const auto others = tx.occupancy().in_range(t, offering, claim.interval);
        if (peak(others, claim.interval) + claim.quantity > capacity) return fail(Code::slot_unavailable);
        tx.occupancy().put(t, claim);
        return {};
      });
      if (!done && done.error().code != Code::slot_unavailable) throw std::runtime_error(done.error().detail);
      ++(done ? taken : refused);
    }
  });
  const auto claims = read(store, [&](const ReadTransaction& tx) { return tx.occupancy().in_range(t, offering, always); });
  CHECK(static_cast<int>(claims.size()) == taken);
  CHECK(taken + refused == threads * attempts);
  CHECK(refused > 0);
  CHECK(peak(claims, always) == capacity); // reached, never passed
}

void redemptions(Store& store) {
  const auto t = add_tenant(store);
  const auto ada = mint<CustomerId>(), bob = mint<CustomerId>();
  const auto first = mint<BookingId>(), second = mint<BookingId>(), third = mint<BookingId>();
  auto coupon = live_coupon("TWICE");
  coupon.max_redemptions = 2;
  const auto endless = live_coupon("ENDLESS");
  write(store, [&](WriteTransaction& tx) {
    tx.coupons().insert(t, coupon);
    tx.coupons().insert(t, endless);
  });
  const auto redeem = [&](CouponId id, BookingId booking, CustomerId customer) {
    return write(store, [&](WriteTransaction& tx) { return tx.coupons().redeem(t, id, booking, customer); });
  };
  const auto give_back = [&](BookingId booking) {
    write(store, [&](WriteTransaction& tx) { tx.coupons().give_back(t, coupon.id, booking); });
  };
  const auto check = [&](std::int64_t count, std::int64_t of_ada, std::int64_t of_bob) {
    read(store, [&](const ReadTransaction& tx) {
      CHECK(tx.coupons().find(t, coupon.id)->redeemed_count == count);
      CHECK(tx.coupons().redemptions_of(t, coupon.id, ada) == of_ada);
      CHECK(tx.coupons().redemptions_of(t, coupon.id, bob) == of_bob);
    });
  };
  CHECK(redeem(coupon.id, first, ada));
  check(1, 1, 0);
  // A booking redeems once.
  CHECK(refusal(store, [&](WriteTransaction& tx) { (void)tx.coupons().redeem(t, coupon.id, first, ada); }) == Code::already_exists);
  check(1, 1, 0);
  CHECK(redeem(coupon.id, second, bob));
  CHECK_FALSE(redeem(coupon.id, third, ada));
  check(2, 1, 1);
  give_back(third); // never had one
  check(2, 1, 1);
  give_back(first);
  give_back(first);
  check(1, 0, 1);
  CHECK(redeem(coupon.id, third, bob));
  check(2, 0, 2);
  // Other coupons and unknown ones.
  for (int i = 0; i < 5; ++i) CHECK(redeem(endless.id, mint<BookingId>(), ada));
  CHECK_FALSE(redeem(mint<CouponId>(), first, ada));
  check(2, 0, 2);
  CHECK(read(store, [&](const ReadTransaction& tx) { return tx.coupons().redemptions_of(t, endless.id, ada); }) == 5);
  // A higher cap lets more through, and an update doesn't touch the count; a deleted coupon still takes back.
  coupon.max_redemptions = 3;
  write(store, [&](WriteTransaction& tx) { tx.coupons().update(t, coupon); });
  CHECK(redeem(coupon.id, first, ada));
  CHECK_FALSE(redeem(coupon.id, mint<BookingId>(), ada));
  check(3, 1, 2);
  const auto with_deleted_at = [&](std::optional<Instant> instant) {
    auto row = coupon;
    row.deleted_at = instant;
    write(store, [&](WriteTransaction& tx) { tx.coupons().update(t, row); });
  };
  with_deleted_at(minute(1));
  give_back(first);
  with_deleted_at({});
  check(2, 0, 2);
}

void coupon_cap_holds(Store& store) {
  constexpr int threads = 16, attempts = 12, cap = 37;
  const auto t = add_tenant(store);
  auto coupon = live_coupon("CAPPED");
  coupon.max_redemptions = cap;
  write(store, [&](WriteTransaction& tx) { tx.coupons().insert(t, coupon); });
  std::atomic<int> held{0}, passed{0};
  const auto customer = mint<CustomerId>();
  in_threads(threads, [&](int thread) {
    for (int i = 0; i < attempts; ++i) {
      const auto booking = mint<BookingId>();
      if (write(store, [&](WriteTransaction& tx) { return tx.coupons().redeem(t, coupon.id, booking, customer); }))
        ++held;
      else
        continue;
      const auto count = read(store, [&](const ReadTransaction& tx) { return tx.coupons().find(t, coupon.id)->redeemed_count; });
      if (count > cap) ++passed;
      if (thread % 4 != 0) continue;
      write(store, [&](WriteTransaction& tx) { tx.coupons().give_back(t, coupon.id, booking); });
      --held;
    }
  });
  CHECK(passed == 0);
  CHECK(held <= cap);
  read(store, [&](const ReadTransaction& tx) {
    CHECK(tx.coupons().find(t, coupon.id)->redeemed_count == held);
    CHECK(tx.coupons().redemptions_of(t, coupon.id, customer) == held);
  });
  // What is left can be had, to the last one.
  in_threads(threads, [&](int) {
    for (int i = 0; i < attempts; ++i)
      if (write(store, [&](WriteTransaction& tx) { return tx.coupons().redeem(t, coupon.id, mint<BookingId>(), customer); })) ++held;
  });
  CHECK(held == cap);
}

void completion(Store& store) {
  const auto t = add_tenant(store);
  const auto ada = sample_customer(1);
  write(store, [&](WriteTransaction& tx) { tx.customers().insert(t, ada); });
  // Each with two items, of which the first ends last.
  const auto add = [&](BookingStatus status, std::int64_t end) {
    auto booking = sample_booking(1, ada, mint<OfferingId>());
    booking.status = status;
    booking.items[0].starts_at = booking.items[1].starts_at = minute(end - 90);
    booking.items[0].ends_at = minute(end);
    booking.items[1].ends_at = minute(end - 30);
    write(store, [&](WriteTransaction& tx) { tx.bookings().insert(t, booking); });
    return booking;
  };
  const auto late = add(BookingStatus::confirmed, 300), soon = add(BookingStatus::confirmed, 100),
             middle = add(BookingStatus::confirmed, 200);
  auto pending = add(BookingStatus::pending, 150);
  for (const auto status : {BookingStatus::completed, BookingStatus::cancelled, BookingStatus::refunded}) add(status, 10);
  const auto due = [&](Instant now, std::size_t limit = 100) {
    auto ids = read(store, [&](const ReadTransaction& tx) { return tx.bookings().due_for_completion(t, now, limit); });
    std::ranges::sort(ids);
    return ids;
  };
  const auto sorted = [](std::vector<BookingId> ids) {
    std::ranges::sort(ids);
    return ids;
  };
  using List = std::vector<BookingId>;
  CHECK(due(minute(99)).empty());
  CHECK(due(minute(100) - milliseconds{1}).empty());
  CHECK(due(minute(100)) == List{soon.id});
  CHECK(due(minute(299)) == sorted({soon.id, middle.id}));
  CHECK(due(minute(1000)) == sorted({soon.id, middle.id, late.id}));
  CHECK(due(minute(1000), 2).size() == 2);
  CHECK(due(minute(1000), 0).empty());
  // A state or an item that changes moves a booking in or out.
  pending.status = BookingStatus::confirmed;
  auto moved = soon.items[1];
  moved.ends_at = minute(250);
  auto done = BookingRow{middle};
  done.status = BookingStatus::completed;
  write(store, [&](WriteTransaction& tx) {
    tx.bookings().update(t, pending);
    tx.bookings().update_item(t, moved);
    tx.bookings().update(t, done);
  });
  CHECK(due(minute(249)) == List{pending.id});
  CHECK(due(minute(250)) == sorted({pending.id, soon.id}));
  moved.ends_at = minute(50);
  write(store, [&](WriteTransaction& tx) { tx.bookings().update_item(t, moved); });
  CHECK(due(minute(99)).empty());
  CHECK(due(minute(100)) == List{soon.id});
  CHECK(due(minute(1000)) == sorted({pending.id, soon.id, late.id}));
}

} // namespace

std::vector<Check> booking_checks() {
  return {{"ranges of claims are half open", ranges_are_half_open}, {"claims against a list", claims_against_a_list},
          {"capacity holds under threads", capacity_holds},         {"redemptions", redemptions},
          {"a coupon's cap holds under threads", coupon_cap_holds}, {"completion", completion}};
}

} // namespace orkestr::storage_contract
