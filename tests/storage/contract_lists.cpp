#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace orkestr::storage_contract {
namespace {

using storage::Page;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class Row> std::vector<std::string> ids_of(const std::vector<Row>& rows) {
  std::vector<std::string> ids;
  for (const auto& row : rows) ids.push_back(row.id.str());
  return ids;
}
using Ids = std::vector<std::string>;

void tenant_look_ups(Store& store) {
  const auto a = sample_tenant(1);
  auto b = sample_tenant(2);
  write(store, [&](WriteTransaction& tx) {
    tx.tenants().insert(a);
    tx.tenants().insert(b);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.tenants().find_by_subdomain(a.subdomain)) == text_of(a));
    CHECK(text_of(tx.tenants().find_by_subdomain(b.subdomain)) == text_of(b));
    CHECK_FALSE(tx.tenants().find_by_subdomain("nobody").has_value());
    CHECK_FALSE(tx.tenants().find_by_subdomain("").has_value());
    CHECK(std::ranges::is_permutation(tx.tenants().all(), std::vector{a.id, b.id}));
  });
  const std::string old = b.subdomain;
  b.subdomain = "moved";
  write(store, [&](WriteTransaction& tx) { tx.tenants().update(b); });
  read(store, [&](const ReadTransaction& tx) {
    CHECK_FALSE(tx.tenants().find_by_subdomain(old).has_value());
    CHECK(text_of(tx.tenants().find_by_subdomain("moved")) == text_of(b));
  });
}

void api_key_look_ups(Store& store) {
  const auto t = add_tenant(store);
  auto live = sample_api_key(1), expired = sample_api_key(1), revoked = sample_api_key(1);
  live.revoked_at = live.expires_at = expired.revoked_at = {};
  expired.expires_at = Instant{1};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& key : {live, expired, revoked}) tx.api_keys().insert(t, key);
  });
  read(store, [&](const ReadTransaction& tx) {
    for (const auto& key : {live, expired, revoked}) {
      const auto found = tx.api_keys().find_by_prefix(key.prefix);
      REQUIRE(found.has_value());
      CHECK(text_of(found->key) == text_of(key));
      CHECK(text_of(found->tenant) == text_of(tx.tenants().find(t)));
    }
    CHECK_FALSE(tx.api_keys().find_by_prefix("00000000").has_value());
    CHECK(ids_of(tx.api_keys().list(t, {})) == Ids{expired.id.str(), live.id.str()});
  });
  live.revoked_at = minute(1);
  write(store, [&](WriteTransaction& tx) { tx.api_keys().update(t, live); });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(tx.api_keys().find_by_prefix(live.prefix)->key.revoked_at == live.revoked_at);
    CHECK(ids_of(tx.api_keys().list(t, {})) == Ids{expired.id.str()});
  });
}

void offering_filters(Store& store) {
  const auto t = add_tenant(store);
  std::vector<Offering> all;
  for (int i = 0; i < 48; ++i) {
    auto o = live_offering(i % 5 == 0 ? "Red Room" : "Blue café");
    o.description = i % 7 == 0 ? "100%_sure it's À la carte" : "Meadow";
    o.status = static_cast<OfferingStatus>(i % 3);
    o.product_type_key = i % 2 == 0 ? "space" : "spa";
    if (i % 4 == 1) o.categories = {"rooms", "quiet"};
    if (i % 4 == 2) o.categories = {"room"};
    o.updated_at = minute((i * 29) % 48);
    all.insert(all.begin(), o);
    write(store, [&](WriteTransaction& tx) { tx.offerings().insert(t, o); });
  }
  const auto check = [&](const storage::OfferingFilter& filter, auto wanted) {
    Ids expected;
    for (const auto& o : all)
      if (wanted(o)) expected.push_back(o.id.str());
    CHECK(expected.size() < all.size());
    CHECK(read(store, [&](const ReadTransaction& tx) { return ids_of(tx.offerings().list(t, filter, {200, {}})); }) == expected);
  };
  const auto has = [](const Offering& o, const char* category) { return std::ranges::count(o.categories, category) > 0; };
  for (const auto status : {OfferingStatus::draft, OfferingStatus::published, OfferingStatus::archived})
    check({status, {}, {}, {}, {}}, [&](const Offering& o) { return o.status == status; });
  for (const auto* category : {"rooms", "room", "quiet", "roo", ""})
    check({{}, category, {}, {}, {}}, [&](const Offering& o) { return has(o, category); });
  for (const auto* type : {"space", "spa", "s"})
    check({{}, {}, type, {}, {}}, [&](const Offering& o) { return o.product_type_key == type; });
  check({{}, {}, {}, "rED r", {}}, [](const Offering& o) { return o.title == "Red Room"; });
  check({{}, {}, {}, "100%_SURE IT'S", {}}, [](const Offering& o) { return o.description != "Meadow"; });
  check({{}, {}, {}, "À LA", {}}, [](const Offering& o) { return o.description != "Meadow"; });
  check({{}, {}, {}, "CAFé", {}}, [](const Offering& o) { return o.title != "Red Room"; });
  // Only ASCII letters are case-blind, % and _ stand for themselves, and a text lies in the title or in the description.
  for (const std::string text : {"à la", "CAFÉ", "R%m", "Re_", "room mea", "Room 100", "m M"}) {
    CAPTURE(text);
    check({{}, {}, {}, text, {}}, [](const Offering&) { return false; });
  }
  for (const int since : {1, 20, 47})
    check({{}, {}, {}, {}, minute(since)}, [&](const Offering& o) { return o.updated_at >= minute(since); });
  check({OfferingStatus::published, "rooms", "spa", "o", minute(5)}, [&](const Offering& o) {
    return o.status == OfferingStatus::published && has(o, "rooms") && o.product_type_key == "spa" && o.updated_at >= minute(5) &&
           (o.title == "Red Room" || o.description == "Meadow");
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(ids_of(tx.offerings().list(t, {}, {200, {}})) == ids_of(all));
    CHECK(tx.offerings().list(t, {}, {}).size() == 48); // of the usual 50
    CHECK(tx.offerings().list(t, {{}, {}, {}, "", {}}, {}).size() == 48);
    CHECK(tx.offerings().list(t, {}, {0, {}}).empty());
    CHECK(tx.offerings().list(t, {}, {1, {}}).size() == 1);
  });
}

void offerings_by_price(Store& store) {
  const auto t = add_tenant(store);
  std::vector<Offering> all;
  for (int i = 0; i < 30; ++i) {
    auto offering = live_offering();
    offering.base_price_cents = i * 7 % 10 * 100; // each price three times
    offering.attributes = {{"seats", i % 4},
                           {"wifi", i % 3 == 0},
                           {"size", i % 2 == 0 ? "big" : "small"},
                           {"amenities", {"desk", i % 5 == 0 ? "sofa" : "lamp"}}};
    all.push_back(offering);
  }
  write(store, [&](WriteTransaction& tx) {
    for (const auto& offering : all) tx.offerings().insert(t, offering);
  });
  const auto list = [&](const storage::OfferingFilter& filter, const storage::Page& page) {
    return read(store, [&](const ReadTransaction& tx) { return tx.offerings().list(t, filter, page); });
  };
  for (const bool rising : {true, false}) {
    storage::OfferingFilter filter;
    filter.order = rising ? storage::OfferingOrder::price_rising : storage::OfferingOrder::price_falling;
    auto expected = all;
    std::ranges::sort(expected, [&](const Offering& a, const Offering& b) {
      if (a.base_price_cents != b.base_price_cents) return (a.base_price_cents < b.base_price_cents) == rising;
      return a.id > b.id;
    });
    std::vector<Offering> paged;
    storage::Page page{7, {}};
    for (auto part = list(filter, page); !part.empty(); part = list(filter, page)) {
      paged.insert(paged.end(), part.begin(), part.end());
      page.before = storage::price_place(part.back());
    }
    CHECK(ids_of(paged) == ids_of(expected));
  }
  storage::OfferingFilter priced;
  priced.min_price = 200;
  priced.max_price = 400;
  CHECK(list(priced, {100, {}}).size() == 9);
  const auto with = [&](const char* key, const char* value) {
    storage::OfferingFilter filter;
    filter.attribute = {key, value};
    return list(filter, {100, {}}).size();
  };
  CHECK(with("seats", "3") == 7);
  CHECK(with("wifi", "true") == 10);
  CHECK(with("wifi", "false") == 20);
  CHECK(with("wifi", "1") == 0);
  CHECK(with("size", "big") == 15);
  CHECK(with("amenities", "sofa") == 6);
  CHECK(with("amenities", "desk") == 30);
  CHECK(with("none", "desk") == 0);
}

void deleted(Store& store) {
  const auto t = add_tenant(store);
  auto offering = live_offering();
  auto coupon = live_coupon("TEN");
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(t, offering);
    tx.coupons().insert(t, coupon);
  });
  offering.deleted_at = coupon.deleted_at = minute(1);
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().update(t, offering);
    tx.coupons().update(t, coupon);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK_FALSE(tx.offerings().find(t, offering.id).has_value());
    CHECK_FALSE(tx.offerings().find_by_slug(t, offering.slug).has_value());
    CHECK(tx.offerings().list(t, {}, {}).empty());
    CHECK(text_of(tx.offerings().find_even_deleted(t, offering.id)) == text_of(offering));
    CHECK_FALSE(tx.coupons().find(t, coupon.id).has_value());
    CHECK_FALSE(tx.coupons().find_by_code(t, "TEN").has_value());
    CHECK(tx.coupons().list(t, {}, {}).empty());
  });
  auto heir = live_offering();
  heir.slug = offering.slug;
  auto next = live_coupon("ten");
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(t, heir);
    tx.coupons().insert(t, next);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.offerings().find_by_slug(t, heir.slug)) == text_of(heir));
    CHECK(text_of(tx.offerings().find_even_deleted(t, offering.id)) == text_of(offering));
    CHECK(text_of(tx.coupons().find_by_code(t, "TEN")) == text_of(next));
  });
  // The dead one can't come back while its name is taken, and can when it is free again.
  offering.deleted_at = coupon.deleted_at = {};
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.offerings().update(t, offering); }) == Code::already_exists);
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.coupons().update(t, coupon); }) == Code::already_exists);
  heir.deleted_at = next.deleted_at = minute(2);
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().update(t, heir);
    tx.offerings().update(t, offering);
    tx.coupons().update(t, next);
    tx.coupons().update(t, coupon);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.offerings().find_by_slug(t, offering.slug)) == text_of(offering));
    CHECK(text_of(tx.coupons().find_by_code(t, "TEN")) == text_of(coupon));
  });
}

void availability_order(Store& store) {
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>(), other = mint<OfferingId>();
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions;
  for (int i = 0; i < 5; ++i) rules.push_back(sample_rule(6 - i, offering)), exceptions.push_back(sample_exception(6 - i, offering));
  write(store, [&](WriteTransaction& tx) {
    for (const int i : {3, 0, 4, 2, 1}) tx.availability().insert(t, rules[static_cast<std::size_t>(i)]);
    for (const int i : {1, 4, 0, 2, 3}) tx.availability().insert(t, exceptions[static_cast<std::size_t>(i)]);
    tx.availability().insert(t, sample_rule(1, other));
    tx.availability().insert(t, sample_exception(1, other));
  });
  const auto check = [&] {
    read(store, [&](const ReadTransaction& tx) {
      CHECK(text_of(tx.availability().rules(t, offering)) == text_of(rules));
      CHECK(text_of(tx.availability().exceptions(t, offering)) == text_of(exceptions));
      CHECK(tx.availability().rules(t, other).size() == 1);
      CHECK(tx.availability().exceptions(t, other).size() == 1);
    });
  };
  check();
  write(store, [&](WriteTransaction& tx) {
    tx.availability().erase(t, rules[2].id);
    tx.availability().erase(t, exceptions[0].id);
    tx.availability().erase(t, mint<RuleId>());
    tx.availability().erase(t, mint<ExceptionId>());
  });
  rules.erase(rules.begin() + 2);
  exceptions.erase(exceptions.begin());
  check();
}

void customers_by_email(Store& store) {
  const auto t = add_tenant(store);
  auto ada = sample_customer(1);
  ada.email = "Ada.Żak@Example.com";
  write(store, [&](WriteTransaction& tx) { tx.customers().insert(t, ada); });
  const auto found = [&](const char* email) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.customers().find_by_email(t, email).get()); });
  };
  CHECK(found("Ada.Żak@Example.com") == text_of(ada));
  CHECK(found("aDA.Żak@eXAMPLE.COM") == text_of(ada));
  CHECK(found("ada.żak@example.com") == ""); // ASCII letters only
  CHECK(found("da.Żak@Example.com") == "");
  ada.email = "new@example.com";
  write(store, [&](WriteTransaction& tx) { tx.customers().update(t, ada); });
  CHECK(found("Ada.Żak@Example.com") == "");
  CHECK(found("NEW@example.com") == text_of(ada));
}

void coupon_filters(Store& store) {
  const auto t = add_tenant(store);
  Ids all, active;
  for (int i = 0; i < 9; ++i) {
    auto coupon = live_coupon("C" + std::to_string(i));
    coupon.active = i % 3 == 0;
    write(store, [&](WriteTransaction& tx) { tx.coupons().insert(t, coupon); });
    all.insert(all.begin(), coupon.id.str());
    if (coupon.active) active.insert(active.begin(), coupon.id.str());
  }
  read(store, [&](const ReadTransaction& tx) {
    CHECK(ids_of(tx.coupons().list(t, {}, {})) == all);
    CHECK(ids_of(tx.coupons().list(t, true, {})) == active);
    CHECK(tx.coupons().list(t, false, {}).size() == all.size() - active.size());
    CHECK(tx.coupons().find_by_code(t, "C3")->active);
    CHECK_FALSE(tx.coupons().find_by_code(t, "c3").has_value()); // callers fold
  });
}

void booking_filters(Store& store) {
  const auto t = add_tenant(store);
  const Customer customers[] = {sample_customer(1), sample_customer(2)};
  const OfferingId offerings[] = {mint<OfferingId>(), mint<OfferingId>(), mint<OfferingId>()};
  const CouponId coupons[] = {mint<CouponId>(), mint<CouponId>()};
  std::vector<Booking> all;
  for (int i = 0; i < 30; ++i) {
    auto booking = sample_booking(1, customers[i % 2], offerings[i % 3]);
    if (i % 5 == 0) booking.items[1].offering_id = offerings[(i + 1) % 3]; // in the list of both
    booking.status = static_cast<BookingStatus>(i % 5);
    booking.items[0].starts_at = Instant{1'000 * i};
    booking.coupon_id = i % 4 == 0 ? std::nullopt : std::optional{coupons[i % 2]};
    booking.risk_review_status = static_cast<RiskReview>(i % 4);
    booking.items[1].starts_at = Instant{1'000 * (i + 100)};
    all.insert(all.begin(), booking);
  }
  write(store, [&](WriteTransaction& tx) {
    for (const auto& customer : customers) tx.customers().insert(t, customer);
    for (const auto& booking : all) tx.bookings().insert(t, booking);
  });
  const auto check = [&](const storage::BookingFilter& filter) {
    Ids expected;
    for (const auto& b : all)
      if ((!filter.status || b.status == *filter.status) && (!filter.customer_id || b.customer_id == *filter.customer_id) &&
          (!filter.coupon_id || b.coupon_id == *filter.coupon_id) && (!filter.risk_review || b.risk_review_status == *filter.risk_review) &&
          (!filter.offering_id || std::ranges::count(b.items, *filter.offering_id, &BookingItem::offering_id) > 0) &&
          (!filter.starting || std::ranges::any_of(b.items, [&](const BookingItem& item) {
            return filter.starting->start <= item.starts_at && item.starts_at < filter.starting->end;
          })))
        expected.push_back(b.id.str());
    CHECK(read(store, [&](const ReadTransaction& tx) { return ids_of(tx.bookings().list(t, filter, {})); }) == expected);
  };
  check({});
  for (const auto& [from, to] : {std::pair{0, 1'000}, {0, 1'001}, {5'000, 20'000}, {110'000, 200'000}, {300'000, 400'000}})
    check({.starting = Interval{Instant{from}, Instant{to}}});
  for (const auto coupon : {coupons[0], coupons[1], mint<CouponId>()}) check({.coupon_id = coupon});
  check({.status = BookingStatus::pending, .coupon_id = coupons[1], .starting = Interval{Instant{5'000}, Instant{20'000}}});
  for (const auto review : {RiskReview::none, RiskReview::pending, RiskReview::approved, RiskReview::rejected})
    check({.risk_review = review});
  // Held ones over all tenants.
  const auto other = add_tenant(store);
  auto foreign = sample_booking(1, customers[0], offerings[0]), settled = sample_booking(1, customers[0], offerings[0]);
  foreign.risk_review_status = RiskReview::pending;
  settled.risk_review_status = RiskReview::approved;
  write(store, [&](WriteTransaction& tx) {
    tx.customers().insert(other, customers[0]);
    for (const auto& booking : {foreign, settled}) tx.bookings().insert(other, booking);
  });
  Ids held{other.str() + " " + foreign.id.str()};
  for (const auto& b : all)
    if (b.risk_review_status == RiskReview::pending) held.push_back(t.str() + " " + b.id.str());
  Ids found;
  for (std::string before;;) {
    const auto page = read(store, [&](const ReadTransaction& tx) { return tx.bookings().in_review({3, before}); });
    CHECK(page.size() <= 3);
    if (page.empty()) break;
    for (const auto& [tenant, booking] : page)
      if (tenant == t || tenant == other) found.push_back(tenant.str() + " " + booking.id.str());
    before = page.back().booking.id.str();
  }
  CHECK(found == held);
  check({.status = BookingStatus::pending, .starting = Interval{Instant{5'000}, Instant{20'000}}});
  // The same as items, by their start, with what their booking came to.
  const auto items = [&](const Interval& range, const std::optional<OfferingId>& offering) {
    return read(store, [&](const ReadTransaction& tx) {
      std::string text;
      for (const auto& item : tx.bookings().items_starting(t, range, offering))
        text += item.booking_id.str() + " " + std::string{json::name_of(item.status)} + " " + item.offering_id.str() + " " +
                std::to_string(item.interval.start.ms) + "-" + std::to_string(item.interval.end.ms) + " " +
                std::to_string(item.booked_at.ms) + " " + std::to_string(item.quantity) + " " + std::to_string(item.subtotal_cents) + " " +
                std::to_string(item.booking_subtotal_cents) + " " + std::to_string(item.total_cents) + " " +
                std::to_string(item.refund_cents) + " " + std::string{item.currency.code()} + "\n";
      return text;
    });
  };
  const auto expected_items = [&](const Interval& range, const std::optional<OfferingId>& offering) {
    std::vector<std::pair<std::pair<std::int64_t, std::string>, std::string>> found;
    for (const auto& b : all)
      for (const auto& item : b.items)
        if (range.start <= item.starts_at && item.starts_at < range.end && (!offering || item.offering_id == *offering))
          found.push_back({{item.starts_at.ms, item.id.str()},
                           b.id.str() + " " + std::string{json::name_of(b.status)} + " " + item.offering_id.str() + " " +
                               std::to_string(item.starts_at.ms) + "-" + std::to_string(item.ends_at.ms) + " " +
                               std::to_string(b.created_at.ms) + " " + std::to_string(item.quantity) + " " +
                               std::to_string(item.subtotal_cents) + " " + std::to_string(b.subtotal_cents) + " " +
                               std::to_string(b.total_cents) + " " + std::to_string(b.refund_cents.value_or(0)) + " " +
                               std::string{b.currency.code()} + "\n"});
    std::ranges::sort(found);
    std::string text;
    for (const auto& [key, line] : found) text += line;
    return text;
  };
  for (const auto& range :
       {Interval{Instant{0}, Instant{500'000}}, Interval{Instant{5'000}, Instant{110'000}}, Interval{Instant{1}, Instant{2}}})
    for (const auto& offering : {std::optional<OfferingId>{}, std::optional{offerings[1]}})
      CHECK(items(range, offering) == expected_items(range, offering));
  for (int i = 0; i < 30; ++i) {
    const auto status = i % 2 == 0 ? std::nullopt : std::optional{static_cast<BookingStatus>(i % 5)};
    const auto offering = i % 4 == 3 ? std::nullopt : std::optional{offerings[i % 3]};
    const auto customer = i < 15 ? std::nullopt : std::optional{customers[i % 2].id};
    check({status, offering, customer});
  }
  check({{}, mint<OfferingId>(), {}});
  read(store, [&](const ReadTransaction& tx) { // whole, also in lists
    CHECK(text_of(tx.bookings().list(t, {}, {3, {}})) == text_of(std::vector(all.begin(), all.begin() + 3)));
  });
}

void events_in_order(Store& store) {
  const auto t = add_tenant(store);
  std::vector<Event> all;
  for (int i = 0; i < 30; ++i) all.push_back(sample_event(i));
  write(store, [&](WriteTransaction& tx) {
    for (const auto& event : all) tx.events().append(t, event);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.events().list(t, "", 100)) == text_of(all));
    CHECK(text_of(tx.events().list(t, "", 7)) == text_of(std::vector(all.begin(), all.begin() + 7)));
    CHECK(text_of(tx.events().list(t, all[6].id.view(), 7)) == text_of(std::vector(all.begin() + 7, all.begin() + 14)));
    CHECK(tx.events().list(t, all.back().id.view(), 7).empty());
    CHECK(tx.events().list(t, "", 0).empty());
  });
}

void idempotency_records(Store& store) {
  const auto a = add_tenant(store), b = add_tenant(store);
  auto record = sample_record(1);
  auto again = sample_record(2);
  again.key = record.key;
  const auto found = [&](TenantId t) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.idempotency().find(t, record.key)); });
  };
  CHECK(found(a) == "");
  write(store, [&](WriteTransaction& tx) { tx.idempotency().put(a, record); });
  CHECK(found(a) == text_of(record));
  CHECK(found(b) == "");
  write(store, [&](WriteTransaction& tx) {
    tx.idempotency().put(a, again);
    tx.idempotency().put(b, record);
  });
  CHECK(found(a) == text_of(again));
  CHECK(found(b) == text_of(record));
  // Ten records of both tenants, one a minute; the oldest go first, and never more than asked for.
  write(store, [&](WriteTransaction& tx) {
    CHECK(tx.idempotency().erase_older_than(minute(1'000'000), 100) == 2);
    for (int i = 0; i < 10; ++i) {
      auto r = sample_record(1);
      r.key = "k" + std::to_string(i);
      r.created_at = minute(i);
      tx.idempotency().put(i % 2 == 0 ? a : b, r);
    }
  });
  const auto left = [&] {
    return read(store, [&](const ReadTransaction& tx) {
      std::string keys;
      for (int i = 0; i < 10; ++i)
        if (tx.idempotency().find(i % 2 == 0 ? a : b, "k" + std::to_string(i))) keys += std::to_string(i);
      return keys;
    });
  };
  const auto erase = [&](int before, std::size_t limit) {
    return write(store, [&](WriteTransaction& tx) { return tx.idempotency().erase_older_than(minute(before), limit); });
  };
  CHECK(left() == "0123456789");
  CHECK(erase(0, 100) == 0);
  CHECK(erase(4, 0) == 0);
  CHECK(erase(4, 2) == 2);
  CHECK(left() == "23456789");
  CHECK(erase(4, 100) == 2); // exactly as old as the limit stays
  CHECK(left() == "456789");
  CHECK(erase(100, 100) == 6);
  CHECK(left() == "");
}

// ---- pages -------------------------------------------------------------------------------------------------------

/// Pages through a list while rows come and go between the pages: what was there all the time is shown exactly once,
/// nothing is shown twice, and all of it is in falling order.
template <class Add, class Remove, class List> void check_pages(Store& store, Add add, Remove remove, List list) {
  Ids stay, present;
  const auto insert = [&] { return write(store, [&](WriteTransaction& tx) { return add(tx).str(); }); };
  for (int i = 0; i < 40; ++i) present.push_back(insert());
  stay = present;
  const auto drop = [&](const std::string& id) {
    write(store, [&](WriteTransaction& tx) { remove(tx, id); });
    std::erase(stay, id);
    std::erase(present, id);
  };
  Ids shown;
  Page page{6, {}};
  for (int round = 0; round < 20; ++round) {
    const Ids next = read(store, [&](const ReadTransaction& tx) { return list(tx, page); });
    CHECK(next.size() <= page.limit);
    shown.insert(shown.end(), next.begin(), next.end());
    if (next.size() < page.limit) break;
    page.before = next.back();
    drop(next[2]);                                  // shown
    if (round % 2 == 0) drop(next.back());          // where the next page starts
    if (page.before > present[3]) drop(present[1]); // not shown yet
    present.push_back(insert());
    present.push_back(insert());
  }
  CHECK(std::ranges::is_sorted(shown, std::greater{}));
  CHECK(std::ranges::adjacent_find(shown) == shown.end());
  for (const auto& id : stay) CHECK(std::ranges::count(shown, id) == 1);
  CHECK(stay.size() > 15);
  // From the newest on, everything there is now.
  std::ranges::sort(present, std::greater{});
  CHECK(read(store, [&](const ReadTransaction& tx) { return list(tx, Page{200, {}}); }) == present);
}

void pages(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto ada = sample_customer(1);
  write(store, [&](WriteTransaction& tx) { tx.customers().insert(t, ada); });
  check_pages(
      store,
      [&](auto& tx) {
        const auto row = live_offering();
        tx.offerings().insert(t, row);
        tx.offerings().insert(other, live_offering());
        return row.id;
      },
      [&](auto& tx, const std::string& id) {
        auto row = *tx.offerings().find(t, *OfferingId::parse(id));
        row.deleted_at = minute(1);
        tx.offerings().update(t, row);
      },
      [&](auto& tx, const Page& page) {
        return ids_of(tx.offerings().list(t, {OfferingStatus::draft, {}, {}, {}, {}}, page));
      });
  check_pages(
      store,
      [&](auto& tx) {
        auto row = live_coupon(mint<EventId>().str());
        tx.coupons().insert(t, row);
        return row.id;
      },
      [&](auto& tx, const std::string& id) {
        auto row = *tx.coupons().find(t, *CouponId::parse(id));
        row.deleted_at = minute(1);
        tx.coupons().update(t, row);
      },
      [&](auto& tx, const Page& page) { return ids_of(tx.coupons().list(t, {}, page)); });
  check_pages(
      store,
      [&](auto& tx) {
        auto row = sample_api_key(1);
        row.revoked_at.reset();
        tx.api_keys().insert(t, row);
        return row.id;
      },
      [&](auto& tx, const std::string& id) {
        auto row = *tx.api_keys().find(t, *ApiKeyId::parse(id));
        row.revoked_at = minute(1);
        tx.api_keys().update(t, row);
      },
      [&](auto& tx, const Page& page) { return ids_of(tx.api_keys().list(t, page)); });
  // A booking leaves a list by its state.
  check_pages(
      store,
      [&](auto& tx) {
        auto row = sample_booking(1, ada, mint<OfferingId>());
        row.status = BookingStatus::pending;
        tx.bookings().insert(t, row);
        return row.id;
      },
      [&](auto& tx, const std::string& id) {
        auto row = *tx.bookings().find(t, *BookingId::parse(id));
        row.status = BookingStatus::cancelled;
        tx.bookings().update(t, row);
      },
      [&](auto& tx, const Page& page) {
        return ids_of(tx.bookings().list(t, {BookingStatus::pending, {}, {}}, page));
      });
}

} // namespace

std::vector<Check> list_checks() {
  return {{"tenants by subdomain", tenant_look_ups},
          {"API keys by prefix", api_key_look_ups},
          {"filters of offerings", offering_filters},
          {"offerings by price and attribute", offerings_by_price},
          {"deleted rows", deleted},
          {"rules and exceptions in order", availability_order},
          {"customers by e-mail", customers_by_email},
          {"filters of coupons", coupon_filters},
          {"filters of bookings", booking_filters},
          {"events in order", events_in_order},
          {"idempotency records", idempotency_records},
          {"pages while rows come and go", pages}};
}

} // namespace orkestr::storage_contract
