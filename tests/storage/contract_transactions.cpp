#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class Row> Row with_id(Row row, decltype(Row::id) id) {
  row.id = id;
  return row;
}

void uniqueness(Store& store) {
  const auto w = sample_world(1);
  write(store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    insert_all(tx, w.tenant.id, w);
  });
  const auto t = w.tenant.id;
  const auto before = read(store, [&](const ReadTransaction& tx) { return everything(tx, w); });
  // Each insert is made after another write, which must go with it.
  const auto refused = [&](const std::string& what, auto insert) {
    CAPTURE(what);
    const auto code = refusal(store, [&](WriteTransaction& tx) {
      tx.offerings().insert(t, live_offering());
      insert(tx);
    });
    CHECK(code == Code::already_exists);
    CHECK(difference(read(store, [&](const ReadTransaction& tx) { return everything(tx, w); }), before) == "");
  };
  refused("tenant id", [&](auto& tx) { tx.tenants().insert(with_id(sample_tenant(2), t)); });
  refused("subdomain", [&](auto& tx) {
    auto row = sample_tenant(2);
    row.subdomain = w.tenant.subdomain;
    tx.tenants().insert(row);
  });
  refused("subdomain by update", [&](auto& tx) {
    auto row = sample_tenant(2);
    tx.tenants().insert(row);
    row.subdomain = w.tenant.subdomain;
    tx.tenants().update(row);
  });
  refused("key id", [&](auto& tx) { tx.api_keys().insert(t, with_id(sample_api_key(2), w.key.id)); });
  refused("key prefix", [&](auto& tx) { // over all tenants
    const auto stranger = sample_tenant(2);
    tx.tenants().insert(stranger);
    auto row = sample_api_key(2);
    row.prefix = w.key.prefix;
    tx.api_keys().insert(stranger.id, row);
  });
  refused("offering id", [&](auto& tx) { tx.offerings().insert(t, with_id(sample_offering(2), w.offering.id)); });
  refused("id of a deleted offering", [&](auto& tx) { tx.offerings().insert(t, with_id(live_offering(), w.deleted_offering.id)); });
  refused("slug", [&](auto& tx) {
    auto row = live_offering();
    row.slug = w.offering.slug;
    tx.offerings().insert(t, row);
  });
  refused("slug by update", [&](auto& tx) {
    auto row = live_offering();
    tx.offerings().insert(t, row);
    row.slug = w.offering.slug;
    tx.offerings().update(t, row);
  });
  refused("rule id", [&](auto& tx) { tx.availability().insert(t, with_id(sample_rule(2, mint<OfferingId>()), w.rule.id)); });
  refused("exception id", [&](auto& tx) { tx.availability().insert(t, with_id(sample_exception(2, mint<OfferingId>()), w.exception.id)); });
  refused("customer id", [&](auto& tx) { tx.customers().insert(t, with_id(sample_customer(2), w.customer.id)); });
  refused("booking id", [&](auto& tx) { tx.bookings().insert(t, with_id(sample_booking(2, w.customer, w.offering.id), w.booking.id)); });
  refused("item id", [&](auto& tx) {
    auto row = sample_booking(2, w.customer, w.offering.id);
    row.items[1].id = w.booking.items[0].id;
    tx.bookings().insert(t, row);
  });
  refused("payment id", [&](auto& tx) {
    auto row = sample_booking(2, w.customer, w.offering.id);
    row.payments[1].id = w.booking.payments[0].id;
    tx.bookings().insert(t, row);
  });
  refused("coupon id", [&](auto& tx) { tx.coupons().insert(t, with_id(live_coupon("other"), w.coupon.id)); });
  refused("id of a deleted coupon", [&](auto& tx) { tx.coupons().insert(t, with_id(live_coupon("other"), w.deleted_coupon.id)); });
  refused("code", [&](auto& tx) { tx.coupons().insert(t, live_coupon(w.coupon.code)); });
  refused("code by update", [&](auto& tx) {
    auto row = live_coupon("other");
    tx.coupons().insert(t, row);
    row.folded_code = w.coupon.folded_code;
    tx.coupons().update(t, row);
  });
  refused("event id", [&](auto& tx) { tx.events().append(t, with_id(sample_event(2), w.event.id)); });
  refused("webhook id", [&](auto& tx) { tx.webhooks().insert(t, with_id(sample_webhook(2), w.webhook.id)); });
  refused("delivery id",
          [&](auto& tx) { tx.deliveries().insert(t, with_id(sample_delivery(2, mint<WebhookId>(), w.second_event.id), w.delivery.id)); });
  refused("notification id", [&](auto& tx) { tx.notifications().insert(t, with_id(sample_notification(2, {}), w.notification.id)); });
  refused("review id",
          [&](auto& tx) { tx.reviews().insert(t, with_id(sample_review(2, mint<OfferingId>(), w.customer.id), w.review.id)); });
  refused("a second review", [&](auto& tx) { tx.reviews().insert(t, sample_review(2, w.offering.id, w.customer.id)); });
  refused("dispute id", [&](auto& tx) { tx.disputes().insert(t, with_id(sample_dispute(2, mint<BookingId>()), w.dispute.id)); });
  refused("a second dispute", [&](auto& tx) { tx.disputes().insert(t, sample_dispute(2, w.booking.id)); });
  refused("message id", [&](auto& tx) { tx.disputes().insert(t, with_id(sample_message(2, w.dispute.id), w.message.id)); });
}

// ---- tenants -----------------------------------------------------------------------------------------------------

void isolation(Store& store) {
  const auto w = sample_world(1);
  const auto stranger = sample_tenant(2);
  write(store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    tx.tenants().insert(stranger);
    insert_all(tx, w.tenant.id, w);
  });
  const auto before = read(store, [&](const ReadTransaction& tx) { return everything(tx, w); });
  const auto seen_by = [&](TenantId tenant) { return read(store, [&](const ReadTransaction& tx) { return seen(tx, tenant, w); }); };
  const auto change = [&] { return difference(read(store, [&](const ReadTransaction& tx) { return everything(tx, w); }), before); };
  CHECK(seen_by(w.tenant.id) != "");
  CHECK(seen_by(stranger.id) == "");
  write(store, [&](WriteTransaction& tx) { change_all(tx, stranger.id, w, 2); });
  CHECK(change() == "");
  CHECK(seen_by(stranger.id) == "");
  CHECK_FALSE(
      write(store, [&](WriteTransaction& tx) { return tx.coupons().redeem(stranger.id, w.coupon.id, mint<BookingId>(), w.customer.id); }));

  // The same ids, slugs, codes and keys as another tenant's are the stranger's own rows. Only prefixes, domains that are verified
  // and what opens calendars are for all.
  auto own = w;
  own.domain = sample_domain(1);
  own.calendar_token.token_hash = sample_calendar_token(1).token_hash;
  own.erased_calendar_token.token_hash = sample_calendar_token(1).token_hash;
  own.key.prefix = sample_api_key(1).prefix;
  own.key.name = own.offering.title = own.customer.name = own.booking.notes = "the stranger's";
  own.claim.quantity = 77;
  own.record.body = own.webhook.description = own.delivery.subject = own.notification.title = own.review.author = own.dispute.reason =
      own.message.text = "the stranger's";
  write(store, [&](WriteTransaction& tx) { insert_all(tx, stranger.id, own); });
  CHECK(change() == "");
  const auto seen_now = seen_by(stranger.id);
  CHECK(seen_now.find("the stranger's") != std::string::npos);
  CHECK(seen_now != seen_by(w.tenant.id));
  write(store, [&](WriteTransaction& tx) { change_all(tx, stranger.id, own, 2); });
  CHECK(change() == "");
  CHECK(seen_by(stranger.id) != seen_now);
}

// ---- undoing -----------------------------------------------------------------------------------------------------

struct Mishap {};

/// Everything that can be written: over rows that are there, and new ones, twice over and with parts in between.
void write_everything(WriteTransaction& tx, const World& w) {
  const auto t = w.tenant.id;
  auto tenant = w.tenant;
  tenant.subdomain += "-moved";
  tenant.name = "moved";
  tx.tenants().update(tenant);
  change_all(tx, t, w, 2);
  auto more = sample_world(3);
  tx.tenants().insert(more.tenant);
  insert_all(tx, t, more);
  change_all(tx, t, more, 4);
  const auto kept = tx.nested([&]() -> Result<void> {
    change_all(tx, t, w, 4);
    tx.occupancy().put(t, w.offering.id.view(), w.claim);
    tx.risk().put_policy(t, sample_policy_of_risk(4));
    tx.risk().insert(t, sample_attempt(3));
    tx.webhooks().release("");
    (void)tx.webhooks().take(t, w.webhook.id, "another", epoch, minute(2));
    (void)tx.webhooks().take(t, w.erased_webhook.id, "another", epoch, minute(2)); // anew
    return {};
  });
  CHECK(kept.has_value());
  const auto undone = tx.nested([&]() -> Result<void> {
    tx.tenants().update(w.tenant);
    change_all(tx, t, more, 6);
    insert_all(tx, t, sample_world(5));
    return fail(Code::internal);
  });
  CHECK_FALSE(undone.has_value());
  auto record = w.record;
  record.body = "replaced";
  tx.idempotency().put(t, record);
  CHECK(tx.idempotency().erase_older_than(minute(1'000'000), 100) == 2);
  tx.idempotency().put(t, more.record);
  tx.deliveries().insert_attempt(t, sample_delivery_attempt(7, w.delivery.id));
  CHECK(tx.deliveries().erase_older_than(minute(1'000'000), 1) == 1);
  CHECK(tx.notifications().erase_older_than(minute(1'000'000), 1) == 1);
  auto offering = w.offering;
  offering.deleted_at = minute(1);
  tx.offerings().update(t, offering);
  tx.availability().erase(t, w.rule.id);
  tx.availability().insert(t, w.rule);
}

void undoing(Store& store) {
  const auto w = sample_world(1);
  write(store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    insert_all(tx, w.tenant.id, w);
  });
  const auto now = [&] { return read(store, [&](const ReadTransaction& tx) { return everything(tx, w); }); };
  const auto before = now();
  const auto changed = [&](WriteTransaction& tx) {
    write_everything(tx, w);
    return everything(tx, w) != before; // a transaction sees what it wrote
  };
  const auto failed = store.write([&](WriteTransaction& tx) -> Result<int> {
    CHECK(changed(tx));
    return fail(Code::price_changed, "no");
  });
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == Code::price_changed);
  CHECK(failed.error().detail == "no");
  CHECK(difference(now(), before) == "");

  CHECK_THROWS_AS((void)store.write([&](WriteTransaction& tx) -> Result<int> {
    CHECK(changed(tx));
    throw Mishap{};
  }),
                  Mishap);
  CHECK(difference(now(), before) == "");

  // What the store itself refuses comes back as an error, also from within a part.
  for (const bool in_part : {false, true}) {
    const auto refused = store.write([&](WriteTransaction& tx) -> Result<void> {
      CHECK(changed(tx));
      const auto again = [&]() -> Result<void> {
        tx.offerings().insert(w.tenant.id, w.offering);
        return {};
      };
      return in_part ? tx.nested(again) : again();
    });
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::already_exists);
    CHECK(difference(now(), before) == "");
  }
  CHECK_THROWS_AS((void)store.read([&](const ReadTransaction&) -> Result<int> { throw Mishap{}; }), Mishap);
  CHECK(difference(now(), before) == "");

  // And all of it stays when nothing fails.
  const auto within = write(store, [&](WriteTransaction& tx) {
    write_everything(tx, w);
    return everything(tx, w);
  });
  CHECK(difference(within, before) != "");
  CHECK(difference(now(), within) == "");
}

void undoing_parts(Store& store) {
  const auto w = sample_world(1);
  const auto t = w.tenant.id;
  write(store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    insert_all(tx, t, w);
  });
  const auto outer = live_offering("outer"), after = live_offering("after"), inner = live_offering("inner"),
             innermost = live_offering("innermost");
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(t, outer);
    const auto before = everything(tx, w);
    const auto failed = tx.nested([&]() -> Result<int> {
      write_everything(tx, w);
      return fail(Code::price_changed);
    });
    CHECK(failed.error().code == Code::price_changed);
    CHECK(difference(everything(tx, w), before) == "");
    CHECK_THROWS_AS((void)tx.nested([&]() -> Result<int> {
      write_everything(tx, w);
      throw Mishap{};
    }),
                    Mishap);
    CHECK(difference(everything(tx, w), before) == "");
    // A part in a part: the outer one's failure undoes both, the inner one's only itself.
    const auto both = tx.nested([&]() -> Result<void> {
      const auto one = tx.nested([&]() -> Result<int> {
        write_everything(tx, w);
        return 1;
      });
      CHECK(one.has_value());
      return fail(Code::internal);
    });
    CHECK_FALSE(both.has_value());
    CHECK(difference(everything(tx, w), before) == "");
    const auto kept = tx.nested([&]() -> Result<int> {
      tx.offerings().insert(t, inner);
      const auto lost = tx.nested([&]() -> Result<void> {
        tx.offerings().insert(t, innermost);
        return fail(Code::internal);
      });
      CHECK_FALSE(lost.has_value());
      return 2;
    });
    CHECK(kept.value() == 2);
    tx.offerings().insert(t, after);
  });
  read(store, [&](const ReadTransaction& tx) {
    for (const auto& offering : {outer, inner, after}) CHECK(text_of(tx.offerings().find(t, offering.id)) == text_of(offering));
    CHECK_FALSE(tx.offerings().find(t, innermost.id).has_value());
  });
}

// ---- many threads ------------------------------------------------------------------------------------------------

void snapshots(Store& store) {
  const auto t = add_tenant(store);
  auto left = live_offering(), right = live_offering();
  left.min_notice_minutes = right.min_notice_minutes = 500;
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(t, left);
    tx.offerings().insert(t, right);
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  std::atomic<bool> done{false};
  std::atomic<int> reads{0}, torn{0}, moved{0};
  in_threads(5, [&](int thread) {
    if (thread == 0) {
      // Moves units from one row to the other and back; every other write fails half way.
      for (int i = 0; i < 60 || (reads < 20 && std::chrono::steady_clock::now() < deadline); ++i)
        (void)store.write([&](WriteTransaction& tx) -> Result<void> {
          auto from = *tx.offerings().find(t, left.id), to = *tx.offerings().find(t, right.id);
          from.min_notice_minutes -= 1;
          tx.offerings().update(t, from);
          if (i % 2 == 1) return fail(Code::internal);
          to.min_notice_minutes += 1;
          tx.offerings().update(t, to);
          return {};
        });
      done = true;
      return;
    }
    while (!done)
      read(store, [&](const ReadTransaction& tx) {
        const auto a = tx.offerings().find(t, left.id)->min_notice_minutes;
        std::this_thread::sleep_for(std::chrono::microseconds{300});
        const auto b = tx.offerings().find(t, right.id)->min_notice_minutes;
        if (a + b != 1000 || tx.offerings().find(t, left.id)->min_notice_minutes != a) ++torn;
        if (b != 500) ++moved;
        ++reads;
      });
  });
  CHECK(torn == 0);
  CHECK(reads > 0);
  CHECK(moved > 0);
}

void no_update_is_lost(Store& store) {
  constexpr int threads = 8, times = 40;
  const auto t = add_tenant(store);
  const auto counter = live_offering();
  write(store, [&](WriteTransaction& tx) { tx.offerings().insert(t, counter); });
  std::atomic<int> wrong{0};
  in_threads(threads, [&](int) {
    int last = 0;
    for (int i = 0; i < times; ++i) {
      const int mine = write(store, [&](WriteTransaction& tx) {
        auto row = *tx.offerings().find(t, counter.id);
        ++row.min_notice_minutes;
        tx.offerings().update(t, row);
        return row.min_notice_minutes;
      });
      // What was written is there for a read that follows, and never goes back.
      const int read_after = read(store, [&](const ReadTransaction& tx) { return tx.offerings().find(t, counter.id)->min_notice_minutes; });
      if (mine <= last || read_after < mine) ++wrong;
      last = read_after;
    }
  });
  CHECK(wrong == 0);
  CHECK(read(store, [&](const ReadTransaction& tx) { return tx.offerings().find(t, counter.id)->min_notice_minutes; }) == threads * times);
}

void writes_are_visible_at_once(Store& store) {
  const auto t = add_tenant(store);
  for (int i = 0; i < 30; ++i) {
    const auto offering = live_offering();
    write(store, [&](WriteTransaction& tx) { tx.offerings().insert(t, offering); });
    in_threads(3, [&](int) {
      if (!read(store, [&](const ReadTransaction& tx) { return tx.offerings().find(t, offering.id).has_value(); }))
        throw std::runtime_error("a write that had returned was not visible to another thread");
    });
  }
}

void failures_stay_apart(Store& store) {
  constexpr int threads = 12, times = 20;
  const auto t = add_tenant(store);
  std::atomic<int> kept{0}, wrong{0};
  in_threads(threads, [&](int thread) {
    for (int i = 0; i < times; ++i) {
      const auto offering = live_offering();
      const auto insert = [&](WriteTransaction& tx) -> Result<int> {
        tx.offerings().insert(t, offering);
        if (thread % 4 == 1) return fail(Code::price_changed);
        if (thread % 4 == 2) throw Mishap{};
        if (thread % 4 == 3) tx.offerings().insert(t, offering);
        return i;
      };
      const bool stays = thread % 4 == 0;
      bool threw = false;
      try {
        const auto result = store.write(insert);
        if (stays ? !result || *result != i
                  : result || result.error().code != (thread % 4 == 1 ? Code::price_changed : Code::already_exists))
          ++wrong;
      } catch (const Mishap&) {
        threw = true;
      }
      if (threw != (thread % 4 == 2)) ++wrong;
      const bool there = read(store, [&](const ReadTransaction& tx) { return tx.offerings().find(t, offering.id).has_value(); });
      if (there != stays) ++wrong;
      kept += stays ? 1 : 0;
    }
  });
  CHECK(wrong == 0);
  CHECK(read(store, [&](const ReadTransaction& tx) { return static_cast<int>(tx.offerings().list(t, {}, {1000, {}}).size()); }) == kept);
}

} // namespace

std::vector<Check> transaction_checks() {
  return {{"uniqueness", uniqueness},
          {"tenants are isolated", isolation},
          {"what fails is undone", undoing},
          {"parts that fail are undone", undoing_parts},
          {"reads are snapshots", snapshots},
          {"no update is lost", no_update_is_lost},
          {"writes are visible at once", writes_are_visible_at_once},
          {"failures stay apart", failures_stay_apart}};
}

} // namespace orkestr::storage_contract
