#include "storage/contract.hpp"
#include "storage/samples.hpp"
#include "support/look_back.hpp"

#include "orkestr/ports/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace orkestr::storage_contract {
namespace {

using namespace support;

using storage::Claim;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

constexpr Interval always{minute(-1'000'000), minute(1'000'000)};

Claim claim_of(BookingItemId item, OfferingId offering, std::int64_t start, std::int64_t end, int quantity = 1) {
  return {item, offering, {minute(start), minute(end)}, quantity, storage::ClaimStatus::pending, {}};
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
  auto claims = tx.occupancy().in_range(tenant, offering.view(), range, minute(0));
  CHECK(std::ranges::is_sorted(claims, {}, [](const Claim& claim) { return claim.interval.start; }));
  std::ranges::sort(claims, {}, [](const Claim& claim) { return std::pair{claim.interval.start, claim.holder}; });
  return text_of(claims);
}

void ranges_are_half_open(Store& store) {
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>();
  const auto claim = claim_of(mint<BookingItemId>(), offering, 60, 120);
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, offering.view(), claim.interval.length());
    tx.occupancy().put(t, claim.offering_id.view(), claim);
  });
  const auto hits = [&](Instant from, Instant to) {
    return read(store, [&](const ReadTransaction& tx) {
      return tx.occupancy().in_range(t, offering.view(), {from, to}, minute(0)).size();
    });
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
    tx.occupancy().lock(t, claim.offering_id.view(), claim.interval.length());
    tx.occupancy().put(t, claim.offering_id.view(), claim);
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
        tx.occupancy().lock(t, offering.view(), claim.interval.length());
        const auto others = tx.occupancy().in_range(t, offering.view(), claim.interval, minute(0));
        if (peak(others, claim.interval) + claim.quantity > capacity) return fail(Code::slot_unavailable);
        tx.occupancy().put(t, claim.offering_id.view(), claim);
        return {};
      });
      if (!done && done.error().code != Code::slot_unavailable) throw std::runtime_error(done.error().detail);
      ++(done ? taken : refused);
    }
  });
  const auto claims =
      read(store, [&](const ReadTransaction& tx) { return tx.occupancy().in_range(t, offering.view(), always, minute(0)); });
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
    std::vector<BookingId> ids;
    for (const auto& [tenant, id] : read(store, [&](const ReadTransaction& tx) { return tx.bookings().due_for_completion(now, limit); })) {
      CHECK(tenant == t);
      ids.push_back(id);
    }
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

void payments_that_are_due(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto ada = sample_customer(1);
  const auto add = [&](TenantId tenant, std::optional<Instant> due) {
    auto booking = sample_booking(1, ada, mint<OfferingId>());
    booking.status = BookingStatus::pending;
    booking.payment_due_at = due;
    write(store, [&](WriteTransaction& tx) { tx.bookings().insert(tenant, booking); });
    return BookingRow{booking};
  };
  auto soon = add(t, minute(10)), late = add(other, minute(20));
  add(t, std::nullopt);
  const auto due = [&](std::int64_t n, std::size_t limit = 100) {
    std::vector<BookingId> ids;
    for (const auto& row : read(store, [&](const ReadTransaction& tx) { return tx.bookings().due_for_payment(minute(n), limit); }))
      ids.push_back(row.id);
    return ids;
  };
  using List = std::vector<BookingId>;
  CHECK(due(9).empty());
  CHECK(due(10) == List{soon.id});
  CHECK(due(20) == List{soon.id, late.id});
  CHECK(due(20, 1) == List{soon.id});
  soon.payment_due_at.reset();
  late.payment_due_at = minute(5);
  write(store, [&](WriteTransaction& tx) {
    tx.bookings().update(t, soon);
    tx.bookings().update(other, late);
  });
  CHECK(due(100) == List{late.id});
}

void claims_that_expire(Store& store) {
  const auto t = add_tenant(store);
  auto claim = claim_of({}, mint<OfferingId>(), 0, 60);
  claim.holder = mint<HoldId>();
  claim.status = storage::ClaimStatus::held;
  claim.expires_at = minute(10);
  const auto key = claim.offering_id.view();
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, key, claim.interval.length());
    tx.occupancy().put(t, key, claim);
  });
  const auto live = [&](Instant now) {
    return read(store, [&](const ReadTransaction& tx) { return tx.occupancy().in_range(t, key, always, now).size(); });
  };
  CHECK(live(minute(10) - milliseconds{1}) == 1);
  CHECK(live(minute(10)) == 0);
  CHECK(live(minute(10) + milliseconds{1}) == 0);
}

void holds(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto add = [&](TenantId tenant, std::string client, std::int64_t expires) {
    auto hold = sample_hold(1, mint<OfferingId>());
    hold.client = std::move(client);
    hold.expires_at = minute(expires);
    write(store, [&](WriteTransaction& tx) { tx.holds().insert(tenant, hold); });
    return hold.id;
  };
  const auto first = add(t, "a", 10), second = add(t, "a", 20);
  const auto third = add(t, "b", 10), fourth = add(other, "a", 5);
  const auto live = [&](TenantId tenant, const char* client, Instant now) {
    return read(store, [&](const ReadTransaction& tx) { return tx.holds().count_live(tenant, client, now); });
  };
  CHECK(live(t, "a", minute(9)) == 2);
  CHECK(live(t, "a", minute(10)) == 1); // to the instant
  CHECK(live(t, "a", minute(20)) == 0);
  CHECK(live(t, "b", minute(9)) == 1);
  CHECK(live(t, "", minute(9)) == 0);
  CHECK(live(other, "a", minute(4)) == 1);
  const auto expired = [&](Instant now, std::size_t limit) {
    std::vector<HoldId> ids;
    for (const auto& row : read(store, [&](const ReadTransaction& tx) { return tx.holds().expired(now, limit); })) {
      CHECK(row.tenant == (row.id == fourth ? other : t));
      ids.push_back(row.id);
    }
    return ids;
  };
  CHECK(expired(minute(5) - milliseconds{1}, 9).empty());
  CHECK(expired(minute(5), 9) == std::vector{fourth});
  CHECK(expired(minute(10), 9) == std::vector{fourth, first, third});
  CHECK(expired(minute(100), 1) == std::vector{fourth});
  write(store, [&](WriteTransaction& tx) {
    tx.holds().erase(t, first);
    tx.holds().erase(t, fourth); // not this tenant's
    tx.holds().erase(t, first);
  });
  CHECK(expired(minute(100), 9) == std::vector{fourth, third, second});
}

void attempts(Store& store) {
  using storage::Attempt;
  using storage::AttemptKind;
  using storage::AttemptTrait;
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto add = [&](AttemptKind kind, std::optional<std::string> email, std::optional<std::string> ip, std::int64_t at) {
    write(store, [&](WriteTransaction& tx) {
      tx.risk().insert(t, Attempt{mint<AttemptId>(), kind, std::move(email), std::move(ip), "device", {}, minute(at)});
    });
  };
  add(AttemptKind::booking, "ada@example.com", "10.0.0.1", 1);
  add(AttemptKind::booking, "ada@example.com", std::nullopt, 2);
  add(AttemptKind::booking, "bob@example.com", "10.0.0.1", 3);
  add(AttemptKind::coupon_refused, "ada@example.com", "10.0.0.1", 4);
  const auto count = [&](AttemptKind kind, AttemptTrait trait, const char* value, std::int64_t since) {
    CHECK(read(store, [&](const ReadTransaction& tx) { return count_attempts(tx, other, kind, trait, value, minute(since)); }) == 0);
    return read(store, [&](const ReadTransaction& tx) { return count_attempts(tx, t, kind, trait, value, minute(since)); });
  };
  CHECK(count(AttemptKind::booking, AttemptTrait::email, "ada@example.com", 1) == 2);
  CHECK(count(AttemptKind::booking, AttemptTrait::email, "ada@example.com", 2) == 1);
  CHECK(count(AttemptKind::booking, AttemptTrait::email, "ada@example.co", 0) == 0);
  CHECK(count(AttemptKind::booking, AttemptTrait::ip, "10.0.0.1", 0) == 2);
  CHECK(count(AttemptKind::booking, AttemptTrait::device, "device", 0) == 3);
  CHECK(count(AttemptKind::booking, AttemptTrait::card, "device", 0) == 0);
  CHECK(count(AttemptKind::coupon_refused, AttemptTrait::ip, "10.0.0.1", 0) == 1);
  CHECK(count(AttemptKind::hold_lapsed, AttemptTrait::ip, "10.0.0.1", 0) == 0);
  const auto erase = [&](std::int64_t before, std::size_t limit) {
    return write(store, [&](WriteTransaction& tx) { return tx.risk().erase_older_than(minute(before), limit); });
  };
  CHECK(erase(1, 10) == 0);
  CHECK(erase(4, 2) == 2);
  CHECK(erase(4, 10) == 1);
  CHECK(count(AttemptKind::booking, AttemptTrait::device, "device", 0) == 0);
  CHECK(count(AttemptKind::coupon_refused, AttemptTrait::email, "ada@example.com", 0) == 1);
}

std::string swapped_case(std::string text) {
  for (char& c : text)
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) c = static_cast<char>(c ^ 0x20);
  return text;
}

void history(Store& store) {
  const auto t = add_tenant(store);
  const auto ada = sample_customer(1), bob = sample_customer(2);
  write(store, [&](WriteTransaction& tx) {
    for (const auto& customer : {ada, bob}) tx.customers().insert(t, customer);
  });
  const auto add = [&](const Customer& customer, BookingStatus status, bool confirmed, Amount total) {
    auto booking = sample_booking(1, customer, mint<OfferingId>());
    booking.status = status;
    booking.total_cents = total;
    if (!confirmed) booking.confirmed_at.reset();
    write(store, [&](WriteTransaction& tx) { tx.bookings().insert(t, booking); });
    return booking.currency;
  };
  using enum BookingStatus;
  const auto currency = add(ada, confirmed, true, 1);
  add(ada, cancelled, true, 2);
  add(ada, cancelled, false, 3);
  add(ada, refunded, true, 4);
  add(ada, pending, false, 5);
  add(bob, completed, true, 6);
  read(store, [&](const ReadTransaction& tx) {
    const auto of_ada = history_of(tx, t, swapped_case(ada.email), 10);
    CHECK(history_of(tx, t, ada.email, 3).confirmed == 1); // the newest only
    CHECK(history_of(tx, t, ada.email, 0).confirmed == 0);
    CHECK(of_ada.confirmed == 3);
    CHECK(of_ada.cancelled == 1);
    CHECK(of_ada.refunded == 1);
    CHECK(history_of(tx, t, "nobody@example.com", 10).confirmed == 0);
    CHECK(recent_totals(tx, t, currency, 3) == std::vector<Amount>{6, 5, 4});
    CHECK(recent_totals(tx, t, *Currency::parse("EUR"), 3).empty());
  });
}

} // namespace

std::vector<Check> booking_checks() {
  return {{"payments that are due", payments_that_are_due},
          {"claims that expire", claims_that_expire},
          {"holds", holds},
          {"attempts", attempts},
          {"a customer's history", history},
          {"ranges of claims are half open", ranges_are_half_open},
          {"claims against a list", claims_against_a_list},
          {"capacity holds under threads", capacity_holds},
          {"redemptions", redemptions},
          {"a coupon's cap holds under threads", coupon_cap_holds},
          {"completion", completion}};
}

} // namespace orkestr::storage_contract
