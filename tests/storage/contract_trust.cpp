// Payments, refunds and subscriptions as gateways see them; reviews and disputes; the audit log.
#include "storage/contract.hpp"
#include "storage/samples.hpp"
#include "support/look_back.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cctype>
#include <random>

namespace orkestr::storage_contract {
namespace {

using storage::AuditFilter;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class AnyId> std::vector<std::string> names(const std::vector<storage::Due<AnyId>>& due) {
  std::vector<std::string> all;
  for (const auto& [tenant, id] : due) all.push_back(tenant.str() + " " + id.str());
  return all;
}
std::vector<std::string> names(std::initializer_list<std::pair<TenantId, std::string>> pairs) {
  std::vector<std::string> all;
  for (const auto& [tenant, id] : pairs) all.push_back(tenant.str() + " " + id);
  return all;
}
template <class T> T asked(Store& store, std::function<T(const ReadTransaction&)> question) {
  return read(store, [&](const ReadTransaction& tx) { return question(tx); });
}

void payments_by_gateway(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto booking = mint<BookingId>();
  auto late = sample_payment(2, booking), early = sample_payment(1, booking), done = sample_payment(3, booking);
  early.check_at = Instant{1000};
  late.check_at = Instant{2000};
  done.check_at.reset();
  done.gateway_id.reset();
  write(store, [&](WriteTransaction& tx) {
    for (const auto& payment : {late, early, done}) tx.bookings().insert_payment(t, payment);
  });
  const auto due = [&](Instant now, std::size_t limit = 9) {
    return asked<std::vector<std::string>>(store, [&](const ReadTransaction& tx) { return names(tx.payments().due(now, limit)); });
  };
  CHECK(due(Instant{999}).empty());
  CHECK(due(Instant{1000}) == names({{t, early.id.str()}}));
  CHECK(due(Instant{9000}) == names({{t, early.id.str()}, {t, late.id.str()}}));
  CHECK(due(Instant{9000}, 1) == names({{t, early.id.str()}}));
  const auto named = [&](std::string_view provider, std::string_view id) {
    return asked<std::string>(store, [&](const ReadTransaction& tx) {
      const auto found = tx.payments().find_by_gateway_id(provider, id);
      return found ? found->tenant.str() + " " + found->id.str() : "";
    });
  };
  CHECK(named(early.provider, *early.gateway_id) == t.str() + " " + early.id.str());
  CHECK(named(late.provider, *early.gateway_id) == "");
  CHECK(named(early.provider, "elsewhere") == "");
  // A row that changes moves in the queue, and is found once it is named.
  early.check_at.reset();
  done.check_at = Instant{1500};
  done.gateway_id = "named later";
  write(store, [&](WriteTransaction& tx) {
    tx.bookings().update_payment(t, early);
    tx.bookings().update_payment(t, done);
  });
  CHECK(due(Instant{9000}) == names({{t, done.id.str()}, {t, late.id.str()}}));
  CHECK(named(done.provider, "named later") == t.str() + " " + done.id.str());
  CHECK(text_of(asked<std::optional<Payment>>(store, [&](auto& tx) { return tx.payments().find(t, done.id); })) == text_of(done));
  CHECK(!asked<std::optional<Payment>>(store, [&](auto& tx) { return tx.payments().find(other, done.id); }));
}

void refunds(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto booking = mint<BookingId>();
  auto one = sample_refund(1, booking), two = sample_refund(2, booking);
  const auto elsewhere = sample_refund(1, mint<BookingId>());
  one.check_at = Instant{2000};
  two.check_at = Instant{1000};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& refund : {one, two, elsewhere}) tx.payments().insert(t, refund);
  });
  const auto find = [&](TenantId tenant, RefundId id) {
    return text_of(asked<std::optional<Refund>>(store, [&](auto& tx) { return tx.payments().find_refund(tenant, id); }));
  };
  CHECK(find(t, one.id) == text_of(std::optional{one}));
  CHECK(find(other, one.id) == "");
  const auto of = asked<std::vector<Refund>>(store, [&](auto& tx) { return tx.payments().refunds_of(t, booking); });
  REQUIRE(of.size() == 2);
  CHECK(of[0].id == one.id);
  CHECK(of[1].id == two.id);
  const auto due = [&](Instant now) {
    return asked<std::vector<std::string>>(store, [&](const ReadTransaction& tx) { return names(tx.payments().refunds_due(now, 9)); });
  };
  CHECK(due(Instant{999}).empty());
  CHECK(due(Instant{2000}) == names({{t, two.id.str()}, {t, one.id.str()}}));
  auto changed = sample_refund(2, booking);
  changed.id = one.id;
  changed.check_at.reset();
  write(store, [&](WriteTransaction& tx) { tx.payments().update(t, changed); });
  CHECK(find(t, one.id) == text_of(std::optional{changed}));
  CHECK(due(Instant{2000}) == names({{t, two.id.str()}}));
}

void subscriptions(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto one = sample_subscription(1, mint<BookingId>()), two = sample_subscription(2, mint<BookingId>());
  one.next_renewal_at = Instant{2000};
  two.next_renewal_at = Instant{1000};
  write(store, [&](WriteTransaction& tx) {
    tx.payments().put(t, one);
    tx.payments().put(t, two);
  });
  const auto find = [&](TenantId tenant, BookingId id) {
    return text_of(asked<std::optional<Subscription>>(store, [&](auto& tx) { return tx.payments().subscription(tenant, id); }));
  };
  CHECK(find(t, one.booking_id) == text_of(std::optional{one}));
  CHECK(find(other, one.booking_id) == "");
  const auto due = [&](Instant now) {
    return asked<std::vector<std::string>>(store, [&](const ReadTransaction& tx) { return names(tx.payments().renewals_due(now, 9)); });
  };
  CHECK(due(Instant{1000}) == names({{t, two.booking_id.str()}}));
  CHECK(due(Instant{2000}) == names({{t, two.booking_id.str()}, {t, one.booking_id.str()}}));
  Subscription bare;
  bare.booking_id = one.booking_id;
  write(store, [&](WriteTransaction& tx) { tx.payments().put(t, bare); });
  CHECK(find(t, one.booking_id) == text_of(std::optional{bare}));
  CHECK(due(Instant{2000}) == names({{t, two.booking_id.str()}}));
}

void gateway_events(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto note = [&](TenantId tenant, std::string_view provider, std::string_view id, Instant now) {
    bool fresh = false;
    write(store, [&](WriteTransaction& tx) { fresh = tx.payments().note_event(tenant, provider, id, now); });
    return fresh;
  };
  CHECK(note(t, "stripe", "evt", Instant{1000}));
  CHECK(!note(t, "stripe", "evt", Instant{3000}));
  CHECK(note(t, "test", "evt", Instant{2000}));
  CHECK(note(other, "stripe", "evt", Instant{2000}));
  std::size_t gone = 0;
  write(store, [&](WriteTransaction& tx) { gone = tx.payments().erase_events_older_than(Instant{2000}, 9); });
  CHECK(gone == 1);
  CHECK(note(t, "stripe", "evt", Instant{3000}));
  CHECK(!note(t, "test", "evt", Instant{3000}));
}

void audit(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto one = sample_audit(1), two = sample_audit(2);
  write(store, [&](WriteTransaction& tx) {
    tx.audit().append(t, one);
    tx.audit().append(t, two);
    tx.audit().append(other, sample_audit(1));
  });
  const auto list = [&](const AuditFilter& filter, const storage::Page& page = {}) {
    std::string all;
    for (const auto& row : asked<std::vector<AuditEntry>>(store, [&](auto& tx) { return tx.audit().list(t, filter, page); }))
      all += text_of(std::optional{row}) + "\n";
    return all;
  };
  const auto first = text_of(std::optional{one}) + "\n", second = text_of(std::optional{two}) + "\n";
  CHECK(list({}) == second + first);
  CHECK(list({}, {1, {}}) == second);
  CHECK(list({}, {9, two.id.str()}) == first);
  CHECK(list({.actor = one.actor}) == first);
  CHECK(list({.actor_id = two.actor_id}) == second);
  CHECK(list({.action = one.action}) == first);
  CHECK(list({.subject = two.subject}) == second);
  CHECK(list({.from = two.at}) == (one.at < two.at ? second : second + first));
  CHECK(list({.to = one.at}) == (two.at < one.at ? second : ""));
  CHECK(list({.action = one.action, .subject = two.subject}) == "");
}

template <class Row> std::string ids_of(const std::vector<Row>& rows) {
  std::string all;
  for (const auto& row : rows) all += row.id.str() + " ";
  return all;
}

void reviews(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto loft = mint<OfferingId>(), attic = mint<OfferingId>();
  const auto ada = mint<CustomerId>(), bob = mint<CustomerId>();
  auto one = sample_review(1, loft, ada), two = sample_review(2, loft, bob), three = sample_review(3, attic, ada);
  two.replied_at.reset();
  two.reply.reset();
  one.created_at = Instant{3000}; // not in the order of ids: what is asked is when they were written
  two.created_at = Instant{2000};
  three.created_at = Instant{1000};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& review : {one, two, three}) tx.reviews().insert(t, review);
  });
  const auto find = [&](TenantId tenant, ReviewId id) {
    return text_of(asked<std::optional<Review>>(store, [&](auto& tx) { return tx.reviews().find(tenant, id); }));
  };
  const auto by_author = [&](TenantId tenant, OfferingId offering, CustomerId author) {
    return text_of(asked<std::optional<Review>>(store, [&](auto& tx) { return tx.reviews().find_by_author(tenant, offering, author); }));
  };
  CHECK(find(t, one.id) == text_of(one));
  CHECK(find(other, one.id) == "");
  CHECK(by_author(t, loft, ada) == text_of(one));
  CHECK(by_author(t, attic, ada) == text_of(three));
  CHECK(by_author(t, attic, bob) == "");
  CHECK(by_author(other, loft, ada) == "");
  const auto list = [&](const storage::ReviewFilter& filter, const storage::Page& page = {}) {
    return ids_of(asked<std::vector<Review>>(store, [&](auto& tx) { return tx.reviews().list(t, filter, page); }));
  };
  const auto ids = [](auto... rows) { return ids_of(std::vector<Review>{rows...}); };
  CHECK(list({}) == ids(three, two, one));
  CHECK(list({}, {2, {}}) == ids(three, two));
  CHECK(list({}, {2, two.id.str()}) == ids(one));
  CHECK(list({.offering_id = loft}) == ids(two, one));
  CHECK(list({.rating = two.rating}) == ids(two));
  CHECK(list({.replied = true}) == ids(three, one));
  CHECK(list({.replied = false}) == ids(two));
  CHECK(list({.customer_id = ada}) == ids(three, one));
  CHECK(list({.offering_id = loft, .rating = one.rating, .replied = true, .customer_id = ada}) == ids(one));
  CHECK(list({.offering_id = attic, .customer_id = bob}) == "");
  const auto since = [&](Instant at) { return asked<RatingTotals>(store, [&](auto& tx) { return tx.reviews().ratings_since(t, at); }); };
  CHECK(since(Instant{1000}) == RatingTotals{3, one.rating + two.rating + three.rating});
  CHECK(since(Instant{1001}) == RatingTotals{2, one.rating + two.rating});
  CHECK(since(Instant{3000}) == RatingTotals{1, one.rating});
  CHECK(since(Instant{3001}) == RatingTotals{});

  CHECK(refusal(store, [&](auto& tx) { tx.reviews().insert(t, sample_review(4, loft, ada)); }) == Code::already_exists);
  CHECK(refusal(store, [&](auto& tx) { tx.reviews().insert(other, sample_review(4, loft, ada)); }) == std::nullopt);
  auto changed = sample_review(4, loft, ada);
  changed.id = one.id;
  write(store, [&](WriteTransaction& tx) {
    tx.reviews().update(t, changed);
    tx.reviews().update(t, sample_review(5, attic, bob)); // of which there is none
  });
  CHECK(find(t, one.id) == text_of(changed));
  auto bare = Review{};
  bare.id = one.id;
  bare.rating = 5;
  write(store, [&](WriteTransaction& tx) { tx.reviews().update(t, bare); });
  CHECK(find(t, one.id) == text_of(bare));
  write(store, [&](WriteTransaction& tx) {
    tx.reviews().erase(t, three.id);
    tx.reviews().erase(other, two.id);
  });
  CHECK(list({}) == ids(two, bare));
  CHECK(by_author(t, attic, ada) == "");
  CHECK(refusal(store, [&](auto& tx) { tx.reviews().insert(t, sample_review(4, attic, ada)); }) == std::nullopt); // anew
}

void ratings(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto offering = live_offering(), gone = live_offering();
  gone.deleted_at = minute(1);
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(t, offering);
    tx.offerings().insert(t, gone);
  });
  const auto rate = [&](TenantId tenant, RatingTotals delta) {
    write(store, [&](WriteTransaction& tx) { tx.offerings().rate(tenant, offering.id, delta); });
    return asked<Offering>(store, [&](auto& tx) { return *tx.offerings().find(t, offering.id); });
  };
  // Every count and sum there is rounds as the engine rounds, in the three stores.
  RatingTotals now;
  std::mt19937 random{7};
  for (int i = 0; i < 60; ++i) {
    const int count = static_cast<int>(random() % 7) + 1;
    RatingTotals delta{count, 0};
    for (int n = 0; n < count; ++n) delta.sum += static_cast<int>(random() % 5) + 1;
    now.count += delta.count;
    now.sum += delta.sum;
    const auto row = rate(t, delta);
    CHECK(row.review_count == now.count);
    CHECK(row.rating_sum == now.sum);
    CHECK(row.rating_average == now.average());
  }
  CHECK(rate(other, {1, 1}).review_count == now.count);
  auto edited = offering;
  edited.title = "edited";
  edited.review_count = 0;
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().update(t, edited);
    tx.offerings().rate(t, gone.id, {1, 4});
  });
  const auto none = rate(t, {-now.count, -now.sum});
  CHECK(none.title == "edited");
  CHECK(none.review_count == 0);
  CHECK(none.rating_sum == 0);
  CHECK(none.rating_average == std::nullopt);
  CHECK(asked<Offering>(store, [&](auto& tx) { return *tx.offerings().find_even_deleted(t, gone.id); }).rating_average == 4.0);
}

/// Authors write, change and delete at once while the offerings are edited: each offering has what its reviews add up to.
void ratings_do_not_drift(Store& store) {
  const auto t = add_tenant(store);
  std::vector<Offering> offerings{live_offering(), live_offering()};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& offering : offerings) tx.offerings().insert(t, offering);
  });
  std::vector<CustomerId> authors;
  for (int i = 0; i < 5; ++i) authors.push_back(mint<CustomerId>());
  std::atomic<int> acted{0}, wrong{0};
  in_threads(6, [&](int thread) {
    std::mt19937 random{static_cast<unsigned>(thread)};
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    for (int i = 0; i < 40; ++i) {
      const auto offering = offerings[below(2)].id;
      const auto author = authors[below(authors.size())];
      const int rating = static_cast<int>(below(5)) + 1;
      const bool erases = below(3) == 0, fails = below(5) == 0;
      const auto done = store.write([&](WriteTransaction& tx) -> Result<void> {
        if (thread == 0) {
          auto row = *tx.offerings().find(t, offering);
          row.title = "edit " + std::to_string(i);
          tx.offerings().update(t, row);
          return {};
        }
        RatingTotals delta;
        auto review = tx.reviews().find_by_author(t, offering, author);
        if (!review) {
          auto fresh = sample_review(1, offering, author);
          fresh.rating = rating;
          tx.reviews().insert(t, fresh);
          delta.add(rating);
        } else if (erases) {
          tx.reviews().erase(t, review->id);
          delta.remove(review->rating);
        } else {
          delta.replace(review->rating, rating);
          review->rating = rating;
          tx.reviews().update(t, *review);
        }
        tx.offerings().rate(t, offering, delta);
        if (fails) return fail(Code::internal);
        return {};
      });
      acted += done.has_value();
      // Of two who write the same author's first review at once one is told so.
      if (!done && done.error().code != Code::already_exists && !(fails && done.error().code == Code::internal)) ++wrong;
    }
  });
  CHECK(wrong == 0);
  CHECK(acted > 100);
  for (const auto& offering : offerings) {
    const auto row = asked<Offering>(store, [&](auto& tx) { return *tx.offerings().find(t, offering.id); });
    RatingTotals counted;
    for (const auto& review :
         asked<std::vector<Review>>(store, [&](auto& tx) { return tx.reviews().list(t, {.offering_id = offering.id}, {}); }))
      counted.add(review.rating);
    CHECK(counted.count > 0);
    CHECK(row.review_count == counted.count);
    CHECK(row.rating_sum == counted.sum);
    CHECK(row.rating_average == counted.average());
    CHECK(row.title.starts_with("edit "));
  }
}

void disputes(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto booking = mint<BookingId>();
  auto one = sample_dispute(1, booking), two = sample_dispute(2, mint<BookingId>());
  const auto foreign = sample_dispute(1, mint<BookingId>());
  write(store, [&](WriteTransaction& tx) {
    tx.disputes().insert(t, one);
    tx.disputes().insert(other, foreign);
    tx.disputes().insert(t, two);
  });
  const auto find = [&](TenantId tenant, DisputeId id) {
    return text_of(asked<std::optional<Dispute>>(store, [&](auto& tx) { return tx.disputes().find(tenant, id); }));
  };
  CHECK(find(t, one.id) == text_of(one));
  CHECK(find(other, one.id) == "");
  // One that is not WITHDRAWN a booking.
  CHECK(refusal(store, [&](auto& tx) { tx.disputes().insert(t, sample_dispute(2, booking)); }) == Code::already_exists);
  const auto same = sample_dispute(2, booking);
  CHECK(refusal(store, [&](auto& tx) { tx.disputes().insert(other, same); }) == std::nullopt); // another tenant's booking
  auto withdrawn = one;
  withdrawn.status = DisputeStatus::withdrawn;
  write(store, [&](WriteTransaction& tx) { tx.disputes().update(t, withdrawn); });
  auto again = sample_dispute(4, booking); // OPEN
  write(store, [&](WriteTransaction& tx) { tx.disputes().insert(t, again); });
  CHECK(refusal(store, [&](auto& tx) { tx.disputes().update(t, one); }) == Code::already_exists);
  auto late = sample_dispute(3, booking); // born WITHDRAWN
  write(store, [&](WriteTransaction& tx) { tx.disputes().insert(t, late); });
  const auto of = [&](TenantId tenant) {
    return ids_of(asked<std::vector<Dispute>>(store, [&](auto& tx) { return tx.disputes().of_booking(tenant, booking); }));
  };
  const auto ids = [](auto... rows) { return ids_of(std::vector<Dispute>{rows...}); };
  CHECK(of(t) == ids(one, again, late));
  const auto list = [&](const storage::DisputeFilter& filter, const storage::Page& page = {}) {
    return ids_of(asked<std::vector<Dispute>>(store, [&](auto& tx) { return tx.disputes().list(t, filter, page); }));
  };
  CHECK(list({}) == ids(late, again, two, one));
  CHECK(list({}, {1, again.id.str()}) == ids(two));
  CHECK(list({.status = DisputeStatus::withdrawn}) == ids(late, one));
  CHECK(list({.booking_id = booking}, {2, {}}) == ids(late, again));
  CHECK(list({DisputeStatus::open, booking}) == ids(again));
  const auto all = [&](const storage::DisputeFilter& filter, const storage::Page& page = {}) {
    std::string text;
    for (const auto& [tenant, dispute] :
         asked<std::vector<storage::TenantDispute>>(store, [&](auto& tx) { return tx.disputes().all(filter, page); }))
      text += tenant.str() + " " + dispute.id.str() + "\n";
    return text;
  };
  const auto named = [](TenantId tenant, const Dispute& dispute) { return tenant.str() + " " + dispute.id.str() + "\n"; };
  CHECK(all({}, {1, same.id.str()}) == named(other, foreign));
  CHECK(all({}, {9, again.id.str()}) == named(other, same) + named(other, foreign) + named(t, two) + named(t, one));
  CHECK(all({.status = foreign.status}) == named(other, foreign));
  CHECK(all({.status = DisputeStatus::withdrawn, .booking_id = booking}, {1, {}}) == named(t, late));
  Dispute bare;
  bare.id = two.id;
  write(store, [&](WriteTransaction& tx) { tx.disputes().update(t, bare); });
  CHECK(find(t, two.id) == text_of(bare));

  // What risk scores ask: how many a customer opened.
  auto ada = sample_customer(1);
  write(store, [&](WriteTransaction& tx) { tx.customers().insert(t, ada); });
  const auto disputed = [&](TenantId tenant) {
    return asked<int>(store, [&](auto& tx) { return support::history_of(tx, tenant, ada.email, 10).disputed; });
  };
  CHECK(disputed(t) == 0);
  for (const auto by : {DisputeParty::customer, DisputeParty::provider, DisputeParty::customer}) {
    auto theirs = sample_dispute(1, mint<BookingId>());
    theirs.customer_id = ada.id;
    theirs.opened_by = by;
    write(store, [&](WriteTransaction& tx) { tx.disputes().insert(t, theirs); });
  }
  CHECK(disputed(t) == 2);
  CHECK(disputed(other) == 0);

  const auto first = sample_message(1, one.id), second = sample_message(2, one.id), elsewhere = sample_message(1, two.id);
  write(store, [&](WriteTransaction& tx) {
    for (const auto& message : {second, first, elsewhere}) tx.disputes().insert(t, message);
  });
  const auto messages = [&](TenantId tenant) {
    return text_of(asked<std::vector<DisputeMessage>>(store, [&](auto& tx) { return tx.disputes().messages(tenant, one.id); }));
  };
  CHECK(messages(t) == text_of(first) + text_of(second));
  CHECK(messages(other) == "");
  const auto count = [&](TenantId tenant) {
    return asked<std::size_t>(store, [&](auto& tx) { return tx.disputes().count_messages(tenant, one.id); });
  };
  CHECK(count(t) == 2);
  CHECK(count(other) == 0);
}

void kyb(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto one = sample_kyb(1), two = sample_kyb(2), foreign = sample_kyb(1);
  const auto first = sample_kyb_document(1), second = sample_kyb_document(2), gone = sample_kyb_document(1), late = sample_kyb_document(2);
  for (auto* row : {&one, &foreign}) row->status = KybStatus::pending;
  write(store, [&](WriteTransaction& tx) {
    tx.kyb().lock(t);
    tx.kyb().insert_document(t, first, "v1.aaaaaaaa.01");
    tx.kyb().insert_document(t, gone, "v1.aaaaaaaa.02");
    tx.kyb().insert_document(t, second, "v1.bbbbbbbb.03");
    tx.kyb().erase_draft(t, gone.id);
    tx.kyb().erase_draft(other, second.id);
    tx.kyb().insert_document(other, late, "v1.bbbbbbbb.04");
  });
  using Documents = std::vector<KybDocument>;
  const auto drafts = [&](TenantId tenant) { return text_of(asked<Documents>(store, [&](auto& tx) { return tx.kyb().drafts(tenant); })); };
  const auto content = [&](TenantId tenant, KybDocumentId id) {
    return asked<std::optional<std::string>>(store, [&](auto& tx) { return tx.kyb().content(tenant, id); }).value_or("");
  };
  CHECK(drafts(t) == text_of(Documents{first, second}));
  CHECK(content(t, first.id) == "v1.aaaaaaaa.01");
  CHECK(content(other, first.id) == "");
  CHECK(content(t, gone.id) == "");
  write(store, [&](WriteTransaction& tx) {
    tx.kyb().insert(t, one);
    tx.kyb().attach_drafts(t, one.id);
    tx.kyb().insert(t, two);
    tx.kyb().insert(other, foreign);
    tx.kyb().erase_draft(t, first.id); // no draft any more
  });
  CHECK(drafts(t) == "");
  CHECK(drafts(other) == text_of(Documents{late}));
  CHECK(content(t, first.id) == "v1.aaaaaaaa.01");
  const auto document = [&](TenantId tenant, KybDocumentId id) {
    return text_of(asked<std::optional<storage::FoundKybDocument>>(store, [&](auto& tx) { return tx.kyb().find_document(tenant, id); }));
  };
  CHECK(document(t, first.id) == text_of(storage::FoundKybDocument{first, one.id}));
  CHECK(document(other, late.id) == text_of(storage::FoundKybDocument{late, {}}));
  CHECK(document(other, first.id) == "");
  one.documents = {first, second};
  const auto found = [&](TenantId tenant, KybId id) {
    return text_of(asked<std::optional<KybSubmission>>(store, [&](auto& tx) { return tx.kyb().find(tenant, id); }));
  };
  CHECK(found(t, one.id) == text_of(one));
  CHECK(found(other, one.id) == "");
  CHECK(text_of(asked<std::optional<KybSubmission>>(store, [&](auto& tx) { return tx.kyb().latest(t); })) == text_of(two));
  const auto list = [&](const storage::Page& page) {
    return text_of(asked<std::vector<KybSubmission>>(store, [&](auto& tx) { return tx.kyb().list(t, page); }));
  };
  CHECK(list({}) == text_of(two) + text_of(one));
  CHECK(list({1, {}}) == text_of(two));
  CHECK(list({9, two.id.str()}) == text_of(one));
  const auto queue = [&](KybStatus status, const storage::Page& page = {}) {
    std::string all;
    for (const auto& row : asked<std::vector<storage::TenantKyb>>(store, [&](auto& tx) { return tx.kyb().all(status, page); }))
      all += row.tenant.str() + "\n" + text_of(row.submission);
    return all;
  };
  const auto of = [](TenantId tenant, const KybSubmission& row) { return tenant.str() + "\n" + text_of(row); };
  CHECK(queue(KybStatus::pending) == of(t, one) + of(other, foreign)); // oldest first
  CHECK(queue(KybStatus::pending, {1, {}}) == of(t, one));
  CHECK(queue(KybStatus::pending, {9, one.id.str()}) == of(other, foreign));
  CHECK(queue(KybStatus::verified) == of(t, two));
  CHECK(queue(KybStatus::rejected) == "");
  auto decided = sample_kyb(1);
  decided.id = one.id;
  write(store, [&](WriteTransaction& tx) {
    tx.kyb().update(t, decided);
    tx.kyb().put_content(t, first.id, "v1.bbbbbbbb.05");
    tx.kyb().put_content(other, second.id, "v1.bbbbbbbb.06");
  });
  decided.documents = one.documents;
  CHECK(queue(KybStatus::pending) == of(other, foreign));
  CHECK(queue(KybStatus::rejected) == of(t, decided));
  CHECK(content(t, first.id) == "v1.bbbbbbbb.05");
  CHECK(content(t, second.id) == "v1.bbbbbbbb.03");
  const auto otherwise = [&](std::string_view key, std::string_view after, std::size_t limit) {
    return asked<std::vector<std::string>>(store,
                                           [&](const ReadTransaction& tx) { return names(tx.kyb().sealed_otherwise(key, after, limit)); });
  };
  CHECK(otherwise("bbbbbbbb", "", 9).empty());
  CHECK(otherwise("aaaaaaaa", "", 9) == names({{t, first.id.str()}, {t, second.id.str()}, {other, late.id.str()}}));
  CHECK(otherwise("aaaaaaaa", "", 1) == names({{t, first.id.str()}}));
  CHECK(otherwise("aaaaaaaa", second.id.view(), 9) == names({{other, late.id.str()}}));
}

void kyb_by_many(Store& store) {
  // Whoever locks, counts and adds is alone with it: never more than two.
  const auto t = add_tenant(store);
  std::atomic<int> added{0};
  in_threads(6, [&](int) {
    const auto done = store.write([&](WriteTransaction& tx) -> Result<bool> {
      tx.kyb().lock(t);
      if (tx.kyb().drafts(t).size() >= 2) return false;
      tx.kyb().insert_document(t, sample_kyb_document(1), "v1.aaaaaaaa.01");
      return true;
    });
    if (done && *done) ++added;
  });
  CHECK(added == 2);
  CHECK(asked<std::vector<KybDocument>>(store, [&](auto& tx) { return tx.kyb().drafts(t); }).size() == 2);
}

void admins(Store& store) {
  auto one = sample_admin(1), two = sample_admin(2);
  write(store, [&](WriteTransaction& tx) {
    tx.admins().insert(one);
    tx.admins().insert(two);
  });
  const auto found = [&](AdminId id) {
    return text_of(asked<std::optional<Admin>>(store, [&](auto& tx) { return tx.admins().find(id); }));
  };
  const auto named = [&](const std::string& prefix) {
    return text_of(asked<std::optional<Admin>>(store, [&](auto& tx) { return tx.admins().find_by_prefix(prefix); }));
  };
  const auto list = [&](const storage::Page& page) {
    return text_of(asked<std::vector<Admin>>(store, [&](auto& tx) { return tx.admins().list(page); }));
  };
  CHECK(found(one.id) == text_of(one));
  CHECK(found(mint<AdminId>()) == "");
  CHECK(named(two.prefix) == text_of(two));
  CHECK(named("00000000") == "");
  CHECK(list({}) == text_of(two) + text_of(one));
  CHECK(list({1, {}}) == text_of(two));
  CHECK(list({9, two.id.str()}) == text_of(one));
  auto changed = sample_admin(2);
  changed.id = one.id;
  write(store, [&](WriteTransaction& tx) { tx.admins().update(changed); });
  CHECK(found(one.id) == text_of(changed));
  CHECK(named(changed.prefix) == text_of(changed));
  auto same = sample_admin(1);
  same.prefix = two.prefix;
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.admins().insert(same); }).has_value());

  auto first = sample_admin_action(1), second = sample_admin_action(2);
  second.admin_id.reset();
  second.tenant_id.reset();
  write(store, [&](WriteTransaction& tx) {
    tx.admins().append(first);
    tx.admins().append(second);
  });
  const auto actions = [&](const storage::AdminActionFilter& filter, const storage::Page& page = {}) {
    return text_of(asked<std::vector<AdminAction>>(store, [&](auto& tx) { return tx.admins().actions(filter, page); }));
  };
  CHECK(actions({}) == text_of(second) + text_of(first));
  CHECK(actions({}, {1, {}}) == text_of(second));
  CHECK(actions({}, {9, second.id.str()}) == text_of(first));
  CHECK(actions({.admin = first.admin_id}) == text_of(first));
  CHECK(actions({.tenant = first.tenant_id}) == text_of(first));
  CHECK(actions({.action = second.action}) == text_of(second));
  CHECK(actions({.from = second.at}) == text_of(second));
  CHECK(actions({.to = second.at}) == text_of(first));
  CHECK(actions({.tenant = first.tenant_id, .action = second.action}) == "");
}

void answers(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  IdMinter& ids = minter();
  const auto booking = [&](Instant made, int n) {
    Booking row = sample_booking(n, sample_customer(n), mint<OfferingId>());
    // Ids are made in the order of a clock, which a history that is told later runs behind.
    row.id = BookingId::from_body((first_id_at<BookingId>(made).str().substr(4, 10) + ids.make<BookingId>(made).str().substr(14)));
    row.items.clear();
    row.payments.clear();
    row.created_at = made;
    return row;
  };
  const auto early = booking(Instant{1'777'000'000'000}, 1), edge = booking(Instant{1'777'000'001'000}, 2),
             late = booking(Instant{1'777'000'002'000}, 1);
  auto told = booking(Instant{1'777'000'003'000}, 1); // made later than it says
  told.created_at = Instant{1'776'000'000'000};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& row : {late, told, edge, early}) tx.bookings().insert(t, row);
  });
  const auto since = [&](TenantId tenant, Instant at) {
    std::vector<Instant> made;
    for (const auto& row :
         asked<std::vector<storage::AnswerTimes>>(store, [&](auto& tx) { return tx.bookings().answers_since(tenant, at); }))
      made.push_back(row.created_at);
    return made;
  };
  CHECK(since(t, edge.created_at) == std::vector{edge.created_at, late.created_at});
  CHECK(since(t, Instant{edge.created_at.ms + 1}) == std::vector{late.created_at});
  CHECK(since(t, told.created_at) == std::vector{early.created_at, edge.created_at, late.created_at, told.created_at});
  CHECK(since(t, Instant{-1}).size() == 4);
  CHECK(since(other, Instant{}).empty());
  const auto rows =
      asked<std::vector<storage::AnswerTimes>>(store, [&](auto& tx) { return tx.bookings().answers_since(t, late.created_at); });
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].confirmed_at == late.confirmed_at);
  CHECK(rows[0].cancelled_at == late.cancelled_at);
  CHECK(rows[0].ended_by == late.ended_by);
}

void scores(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store), third = add_tenant(store);
  const auto find = [&](TenantId tenant) {
    const auto row = asked<std::optional<storage::TenantScore>>(store, [&](auto& tx) { return tx.scores().find(tenant); });
    return row ? text_of(*row) : std::string{};
  };
  auto one = sample_score(1), two = sample_score(2);
  one.computed_at = Instant{2000};
  two.computed_at = Instant{1000};
  using Ids = std::vector<TenantId>;
  const auto due = [&](Instant before, std::size_t limit = 9) {
    return asked<Ids>(store, [&](auto& tx) { return tx.scores().due(before, limit); });
  };
  CHECK(due(Instant{}) == Ids{t, other, third});
  CHECK(due(Instant{}, 2) == Ids{t, other});
  write(store, [&](WriteTransaction& tx) {
    tx.scores().put(t, one);
    tx.scores().put(other, two);
  });
  CHECK(find(t) == text_of(one));
  CHECK(find(other) == text_of(two));
  CHECK(find(third) == "");
  CHECK(due(Instant{1000}) == Ids{third});
  CHECK(due(Instant{2000}) == Ids{third, other});
  CHECK(due(Instant{2001}) == Ids{third, other, t});
  CHECK(due(Instant{2001}, 2) == Ids{third, other});
  CHECK(due(Instant{2001}, 1) == Ids{third});
  two.computed_at = Instant{3000};
  write(store, [&](WriteTransaction& tx) { tx.scores().put(other, two); });
  CHECK(find(other) == text_of(two));
  CHECK(due(Instant{2001}) == Ids{third, t});
  (void)refusal(store, [&](WriteTransaction& tx) {
    tx.scores().put(other, one);
    throw storage::StoreFailure{fail(Code::internal, "undone")};
  });
  CHECK(find(other) == text_of(two));
}

void ranking(Store& store) {
  // Scores of few values, so that there are ties of all kinds; the ids are not in the order of the ranks.
  std::mt19937 random{11};
  struct Entry {
    MarketplaceRank rank;
    bool shown = true;
  };
  std::vector<Entry> entries;
  for (int i = 0; i < 40; ++i) {
    auto tenant = sample_tenant(1);
    tenant.status = i % 7 == 3 ? TenantStatus::suspended : i % 11 == 5 ? TenantStatus::pending : TenantStatus::active;
    const auto count = static_cast<std::int64_t>(random() % 3);
    storage::TenantScore score;
    score.inputs.rating_count = count;
    score.inputs.rating_sum = count * (3 + static_cast<std::int64_t>(random() % 2));
    auto offering = live_offering();
    offering.status = i % 13 == 6 ? OfferingStatus::draft : OfferingStatus::published;
    if (i % 17 == 8) offering.deleted_at = minute(1);
    write(store, [&](WriteTransaction& tx) {
      tx.tenants().insert(tenant);
      if (i % 19 != 9) tx.offerings().insert(tenant.id, offering);
      tx.scores().put(
          tenant.id, {{.rating_sum = 1, .rating_count = 1, .pending_count = 0, .decided_within_24h = 0, .decided = 0, .confirmed = 0}, {}});
      tx.scores().put(tenant.id, score);
    });
    entries.push_back(
        {{performance_score(score.inputs).score, count, tenant.id},
         tenant.status == TenantStatus::active && offering.status == OfferingStatus::published && !offering.deleted_at && i % 19 != 9});
  }
  (void)add_tenant(store); // without a score
  std::erase_if(entries, [](const Entry& entry) { return !entry.shown; });
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return ranks_before(a.rank, b.rank); });
  for (const std::size_t limit : {1, 3, 50}) {
    std::vector<TenantId> seen;
    storage::Page page{limit, {}};
    for (;;) {
      const auto rows = asked<std::vector<storage::RankedTenant>>(store, [&](auto& tx) { return tx.scores().ranking(page); });
      CHECK(rows.size() <= limit);
      for (const auto& row : rows) seen.push_back(row.tenant.id);
      if (rows.empty()) break;
      page.before = storage::ranking_place(rows.back());
    }
    REQUIRE(seen.size() == entries.size());
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == entries[i].rank.tenant);
  }
  // What is shown beside it.
  const auto best = entries[0].rank.tenant;
  auto first = live_offering(), hidden = live_offering();
  first.status = OfferingStatus::published;
  hidden.status = OfferingStatus::draft;
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().insert(best, first);
    tx.offerings().insert(best, hidden);
  });
  const auto top = [&] {
    return asked<std::vector<storage::RankedTenant>>(store, [&](auto& tx) { return tx.scores().ranking({1, {}}); }).at(0);
  };
  const auto before = top().ratings;
  write(store, [&](WriteTransaction& tx) {
    tx.offerings().rate(best, first.id, {2, 9});
    tx.offerings().rate(best, hidden.id, {5, 5});
  });
  CHECK(top().ratings == RatingTotals{before.count + 2, before.sum + 9});
  CHECK(text_of(top().tenant) == text_of(*asked<std::optional<Tenant>>(store, [&](auto& tx) { return tx.tenants().find(best); })));
}

void tenants(Store& store) {
  std::vector<Tenant> rows;
  for (int n = 1; n <= 3; ++n) rows.push_back(sample_tenant(n));
  rows[0].name = "Äther STUDIOS";
  rows[1].name = "other";
  write(store, [&](WriteTransaction& tx) {
    for (const auto& row : rows) tx.tenants().insert(row);
  });
  const auto list = [&](const storage::TenantFilter& filter, const storage::Page& page = {}) {
    return text_of(asked<std::vector<Tenant>>(store, [&](auto& tx) { return tx.tenants().list(filter, page); }));
  };
  CHECK(list({}) == text_of(rows[2]) + text_of(rows[1]) + text_of(rows[0]));
  CHECK(list({}, {1, {}}) == text_of(rows[2]));
  CHECK(list({}, {9, rows[2].id.str()}) == text_of(rows[1]) + text_of(rows[0]));
  for (const auto& row : rows) CHECK(list({.status = row.status, .text = row.subdomain}) == text_of(row));
  CHECK(list({.text = "studios"}) == text_of(rows[0]));
  CHECK(list({.text = "Äther"}) == text_of(rows[0]));
  CHECK(list({.text = "äther"}) == "");   // ASCII alone is folded
  CHECK(list({.text = "st_dios"}) == ""); // no pattern
  std::string subdomain = rows[1].subdomain;
  for (char& c : subdomain) c = static_cast<char>(std::toupper(c));
  CHECK(list({.text = subdomain}) == text_of(rows[1]));
}

void mails(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto early = sample_mail(1), late = sample_mail(2), over = sample_mail(3);
  early.next_attempt_at = Instant{1000};
  late.next_attempt_at = Instant{2000};
  over.next_attempt_at.reset();
  early.created_at = Instant{10};
  over.created_at = Instant{20};
  late.created_at = Instant{30};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& mail : {late, early, over}) tx.mails().insert(t, mail);
  });
  const auto found = [&](TenantId tenant, MailId id) {
    return asked<std::string>(store, [&](const ReadTransaction& tx) { return text_of(tx.mails().find(tenant, id)); });
  };
  for (const auto& mail : {early, late, over}) {
    CHECK(found(t, mail.id) == text_of(mail));
    CHECK(found(other, mail.id) == "");
  }
  const auto due = [&](Instant now, std::size_t limit = 9) {
    return asked<std::vector<std::string>>(store, [&](const ReadTransaction& tx) { return names(tx.mails().due(now, limit)); });
  };
  CHECK(due(Instant{999}).empty());
  CHECK(due(Instant{1000}) == names({{t, early.id.str()}}));
  CHECK(due(Instant{9000}) == names({{t, early.id.str()}, {t, late.id.str()}}));
  CHECK(due(Instant{9000}, 1) == names({{t, early.id.str()}}));
  auto changed = sample_mail(2);
  changed.id = early.id;
  changed.next_attempt_at = Instant{3000};
  changed.created_at = Instant{40};
  write(store, [&](WriteTransaction& tx) {
    tx.mails().update(other, changed); // another's is not touched
    tx.mails().update(t, changed);
    auto none = changed;
    none.id = mint<MailId>();
    tx.mails().update(t, none);
  });
  CHECK(found(t, early.id) == text_of(changed));
  CHECK(due(Instant{9000}) == names({{t, late.id.str()}, {t, early.id.str()}}));
  CHECK(write(store, [&](WriteTransaction& tx) { return tx.mails().erase_older_than(Instant{30}, 10); }) == 1);
  CHECK(found(t, over.id) == "");
  CHECK(write(store, [&](WriteTransaction& tx) { return tx.mails().erase_older_than(Instant{100}, 1); }) == 1);
  CHECK(found(t, late.id) == "");
  CHECK(found(t, early.id) == text_of(changed));
  CHECK(due(Instant{9000}) == names({{t, early.id.str()}}));
}

void customer_passes(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto link = sample_pass(2), session = sample_pass(1);
  link.email = session.email;
  link.expires_at = Instant{1000};
  session.expires_at = Instant{2000};
  write(store, [&](WriteTransaction& tx) {
    tx.customer_passes().insert(t, link);
    tx.customer_passes().insert(t, session);
  });
  const auto found = [&](TenantId tenant, PassKind kind, const CustomerPass& pass) {
    return asked<std::string>(store,
                              [&](const ReadTransaction& tx) { return text_of(tx.customer_passes().find(tenant, kind, pass.token_hash)); });
  };
  CHECK(found(t, PassKind::link, link) == text_of(link));
  CHECK(found(t, PassKind::session, session) == text_of(session));
  // One kind is not the other, and another tenant's is nothing.
  CHECK(found(t, PassKind::session, link) == "");
  CHECK(found(t, PassKind::link, session) == "");
  CHECK(found(other, PassKind::link, link) == "");
  const auto live = [&](TenantId tenant, PassKind kind, std::string_view email, Instant now) {
    return asked<std::size_t>(store, [&](const ReadTransaction& tx) { return tx.customer_passes().count_live(tenant, kind, email, now); });
  };
  CHECK(live(t, PassKind::link, link.email, Instant{999}) == 1);
  CHECK(live(t, PassKind::link, link.email, Instant{1000}) == 0);
  CHECK(live(t, PassKind::session, link.email, Instant{1000}) == 1);
  CHECK(live(t, PassKind::link, "another", Instant{999}) == 0);
  CHECK(live(other, PassKind::link, link.email, Instant{999}) == 0);
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.customer_passes().insert(t, link); }) == Code::already_exists);
  const auto erased = [&](TenantId tenant, PassKind kind, const CustomerPass& pass) {
    return write(store, [&](WriteTransaction& tx) { return tx.customer_passes().erase(tenant, kind, pass.token_hash); });
  };
  CHECK_FALSE(erased(other, PassKind::link, link));
  CHECK_FALSE(erased(t, PassKind::session, link));
  CHECK(erased(t, PassKind::link, link));
  CHECK_FALSE(erased(t, PassKind::link, link));
  write(store, [&](WriteTransaction& tx) { tx.customer_passes().insert(other, link); });
  const auto sweep = [&](Instant now, std::size_t limit) {
    return write(store, [&](WriteTransaction& tx) { return tx.customer_passes().erase_expired(now, limit); });
  };
  CHECK(sweep(Instant{999}, 9) == 0);
  CHECK(sweep(Instant{2000}, 1) == 1);
  CHECK(found(other, PassKind::link, link) == "");
  CHECK(found(t, PassKind::session, session) == text_of(session));
  CHECK(sweep(Instant{2000}, 9) == 1);
  CHECK(found(t, PassKind::session, session) == "");
}

/// A link is used up once, whoever tries at the same time.
void passes_are_used_once(Store& store) {
  const auto t = add_tenant(store);
  for (int round = 0; round < 20; ++round) {
    const auto link = sample_pass(2);
    write(store, [&](WriteTransaction& tx) { tx.customer_passes().insert(t, link); });
    std::atomic<int> used{0};
    in_threads(4, [&](int) {
      const bool mine = write(store, [&](WriteTransaction& tx) {
        return tx.customer_passes().find(t, PassKind::link, link.token_hash) &&
               tx.customer_passes().erase(t, PassKind::link, link.token_hash);
      });
      if (mine) ++used;
    });
    CHECK(used == 1);
  }
}

} // namespace

std::vector<Check> trust_checks() {
  return {{"payments by their gateway", payments_by_gateway},
          {"refunds", refunds},
          {"subscriptions", subscriptions},
          {"events of gateways", gateway_events},
          {"audit log", audit},
          {"reviews", reviews},
          {"ratings of offerings", ratings},
          {"ratings do not drift", ratings_do_not_drift},
          {"disputes", disputes},
          {"what businesses hand in", kyb},
          {"what many hand in at once", kyb_by_many},
          {"admins", admins},
          {"tenants, for admins", tenants},
          {"when bookings were answered", answers},
          {"scores", scores},
          {"the ranking of the marketplace", ranking},
          {"mails that are owed", mails},
          {"links and sessions of customers", customer_passes},
          {"links are used once", passes_are_used_once}};
}

} // namespace orkestr::storage_contract
