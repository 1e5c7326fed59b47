// Imports and their files, custom domains, calendars to subscribe to.
#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

#include <atomic>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class F> auto asked(Store& store, F f) {
  return read(store, [&](const ReadTransaction& tx) { return f(tx); });
}

std::string names(const std::vector<storage::Due<ImportId>>& due) {
  std::string all;
  for (const auto& [tenant, id] : due) all += tenant.str() + " " + id.str() + "\n";
  return all;
}

void imports(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto late = sample_import(1), early = sample_import(2), over = sample_import(3), old = sample_import(4);
  early.next_attempt_at = Instant{1000};
  late.next_attempt_at = Instant{2000};
  early.finished_at.reset();
  late.finished_at.reset();
  over.next_attempt_at.reset();
  over.finished_at = Instant{60};
  old.next_attempt_at.reset();
  old.finished_at = Instant{50};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& row : {late, early, over, old}) tx.imports().insert(t, row);
  });
  const auto due = [&](Instant now, std::size_t limit = 9) {
    return asked(store, [&](auto& tx) { return names(tx.imports().due(now, limit)); });
  };
  const auto line = [&](const Import& row) { return t.str() + " " + row.id.str() + "\n"; };
  CHECK(due(Instant{999}) == "");
  CHECK(due(Instant{1000}) == line(early));
  CHECK(due(Instant{9000}) == line(early) + line(late));
  CHECK(due(Instant{9000}, 1) == line(early));
  const auto open = [&](TenantId tenant) { return asked(store, [&](auto& tx) { return tx.imports().count_unfinished(tenant); }); };
  CHECK(open(t) == 2);
  CHECK(open(other) == 0);
  const auto list = [&](TenantId tenant, const storage::Page& page) {
    return asked(store, [&](auto& tx) { return text_of(tx.imports().list(tenant, page)); });
  };
  CHECK(list(t, {}) == text_of(std::vector{old, over, early, late}));
  CHECK(list(t, {2, over.id.str()}) == text_of(std::vector{early, late}));
  CHECK(list(t, {1, {}}) == text_of(old));
  CHECK(list(other, {}) == "");
  const auto found = [&](TenantId tenant, ImportId id) {
    return asked(store, [&](auto& tx) { return text_of(tx.imports().find(tenant, id)); });
  };
  CHECK(found(t, early.id) == text_of(early));
  CHECK(found(other, early.id) == "");
  early.next_attempt_at = Instant{3000};
  write(store, [&](WriteTransaction& tx) {
    tx.imports().update(other, early); // another's is not touched
    tx.imports().update(t, early);
  });
  CHECK(due(Instant{9000}) == line(late) + line(early));
  const auto sweep = [&](Instant limit, std::size_t most) {
    return write(store, [&](WriteTransaction& tx) { return tx.imports().erase_older_than(limit, most); });
  };
  CHECK(sweep(Instant{50}, 9) == 0);
  CHECK(sweep(Instant{1'000'000}, 1) == 1);
  CHECK(found(t, old.id) == "");
  CHECK(sweep(Instant{1'000'000}, 9) == 1); // what is under way stays
  CHECK(list(t, {}) == text_of(std::vector{early, late}));
}

void files(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto one = sample_import(1), two = sample_import(2);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i); // NUL and what is no UTF-8
  write(store, [&](WriteTransaction& tx) {
    tx.imports().insert(t, one);
    tx.imports().insert(t, two);
    for (int part = 0; part < 12; ++part) tx.imports().insert_part(t, one.id, part, bytes + std::to_string(part)); // more than ten
    tx.imports().insert_part(t, two.id, 0, "two");
  });
  std::string whole;
  for (int part = 0; part < 12; ++part) whole += bytes + std::to_string(part);
  const auto file = [&](TenantId tenant, ImportId id) { return asked(store, [&](auto& tx) { return tx.imports().file(tenant, id); }); };
  CHECK(file(t, one.id) == whole);
  CHECK(file(t, two.id) == "two");
  CHECK(file(other, one.id) == "");
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.imports().insert_part(t, two.id, 0, "again"); }) == Code::already_exists);
  write(store, [&](WriteTransaction& tx) { tx.imports().erase_file(other, one.id); });
  CHECK(file(t, one.id) == whole);
  write(store, [&](WriteTransaction& tx) { tx.imports().erase_file(t, one.id); });
  CHECK(file(t, one.id) == "");
  CHECK(file(t, two.id) == "two");
}

void domains(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto domain = sample_domain(2), rival = sample_domain(2);
  domain.next_check_at = Instant{2000};
  rival.domain = domain.domain;
  rival.next_check_at = Instant{1000};
  const auto put = [&](TenantId tenant, const CustomDomain& row) {
    write(store, [&](WriteTransaction& tx) { tx.domains().put(tenant, row); });
  };
  const auto found = [&](TenantId tenant) { return asked(store, [&](auto& tx) { return text_of(tx.domains().find(tenant)); }); };
  const auto holder = [&](std::string_view name) { return asked(store, [&](auto& tx) { return tx.domains().holder(name); }); };
  const auto due = [&](Instant now, std::size_t limit = 9) { return asked(store, [&](auto& tx) { return tx.domains().due(now, limit); }); };
  CHECK(found(t) == "");
  put(t, domain);
  put(other, rival);
  CHECK(found(t) == text_of(domain));
  CHECK(found(other) == text_of(rival));
  CHECK_FALSE(holder(domain.domain));
  CHECK(due(Instant{999}).empty());
  CHECK(due(Instant{1000}) == std::vector{other});
  CHECK(due(Instant{9000}) == std::vector{other, t});
  CHECK(due(Instant{9000}, 1) == std::vector{other});
  // One has it, and the other can't.
  domain.status = DomainStatus::verified;
  put(t, domain);
  CHECK(holder(domain.domain) == t);
  rival.status = DomainStatus::verified;
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.domains().put(other, rival); }) == Code::already_exists);
  CHECK(holder(domain.domain) == t);
  put(t, domain); // again is no conflict with itself
  const auto verified = asked(store, [&](auto& tx) { return tx.domains().verified(); });
  REQUIRE(verified.size() == 1);
  CHECK(verified[0].domain == domain.domain);
  CHECK(verified[0].tenant == t);
  CHECK(verified[0].subdomain == asked(store, [&](auto& tx) { return tx.tenants().find(t)->subdomain; }));
  // Every field, and nothing in the optional ones.
  CustomDomain bare;
  bare.domain = domain.domain;
  for (const auto& row : {sample_domain(1), sample_domain(2), bare}) {
    put(t, row);
    CHECK(found(t) == text_of(row));
  }
  CHECK_FALSE(holder(domain.domain));
  put(other, rival);
  CHECK(holder(domain.domain) == other);
  write(store, [&](WriteTransaction& tx) { tx.domains().erase(t); });
  CHECK(found(t) == "");
  CHECK(found(other) == text_of(rival));
  write(store, [&](WriteTransaction& tx) { tx.domains().erase(other); });
  CHECK_FALSE(holder(domain.domain));
  CHECK(due(Instant{1'000'000'000'000'000}).empty());
}

/// Of many that verify one domain at once, one has it.
void domains_by_many(Store& store) {
  std::vector<TenantId> tenants;
  for (int i = 0; i < 4; ++i) tenants.push_back(add_tenant(store));
  for (int round = 0; round < 10; ++round) {
    auto domain = sample_domain(1);
    std::atomic<int> had{0};
    in_threads(4, [&](int i) {
      const auto done = store.write([&](WriteTransaction& tx) -> Result<void> {
        if (tx.domains().holder(domain.domain)) return fail(Code::already_exists);
        tx.domains().put(tenants[static_cast<std::size_t>(i)], domain);
        return {};
      });
      had += done ? 1 : 0;
    });
    CHECK(had == 1);
    CHECK(asked(store, [&](auto& tx) { return tx.domains().holder(domain.domain); }));
  }
}

void calendar_tokens(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto one = sample_calendar_token(1);
  auto two = sample_calendar_token(2), foreign = sample_calendar_token(1);
  two.owner_id = one.owner_id; // of another kind
  foreign.owner_id = one.owner_id;
  write(store, [&](WriteTransaction& tx) {
    tx.calendar_tokens().put(t, one);
    tx.calendar_tokens().put(t, two);
    tx.calendar_tokens().put(other, foreign);
  });
  const auto found = [&](const CalendarToken& token) {
    return asked(store, [&](auto& tx) {
      const auto row = tx.calendar_tokens().find(token.token_hash);
      return row ? row->tenant.str() + "\n" + text_of(row->token) : std::string{};
    });
  };
  const auto of = [&](TenantId tenant, const CalendarToken& token) {
    return asked(store, [&](auto& tx) { return text_of(tx.calendar_tokens().find_of(tenant, token.owner())); });
  };
  CHECK(found(one) == t.str() + "\n" + text_of(one));
  CHECK(found(two) == t.str() + "\n" + text_of(two));
  CHECK(found(foreign) == other.str() + "\n" + text_of(foreign));
  CHECK(of(t, one) == text_of(one));
  CHECK(of(t, two) == text_of(two));
  CHECK(of(other, one) == text_of(foreign));
  // A new one takes its place, at once.
  auto next = sample_calendar_token(1);
  next.owner_id = one.owner_id;
  write(store, [&](WriteTransaction& tx) { tx.calendar_tokens().put(t, next); });
  CHECK(found(one) == "");
  CHECK(found(next) == t.str() + "\n" + text_of(next));
  CHECK(of(t, one) == text_of(next));
  const auto erased = [&](TenantId tenant, const CalendarToken& token) {
    return write(store, [&](WriteTransaction& tx) { return tx.calendar_tokens().erase(tenant, token.owner()); });
  };
  CHECK(erased(t, one));
  CHECK_FALSE(erased(t, one));
  CHECK(found(next) == "");
  CHECK(found(two) != "");
  CHECK(found(foreign) != "");
  CHECK_FALSE(erased(other, two));
}

void booked_times(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto ada = sample_customer(1), bob = sample_customer(2);
  const auto booking = [&](const Customer& who, std::int64_t end, int items = 1) {
    auto row = sample_booking(1, who, mint<OfferingId>());
    row.payments.clear();
    row.items.resize(static_cast<std::size_t>(items));
    row.items[0].starts_at = Instant{end - 1000};
    row.items[0].ends_at = Instant{end};
    if (items > 1) {
      row.items[1].starts_at = Instant{end - 9000};
      row.items[1].ends_at = Instant{end - 8000};
    }
    return row;
  };
  auto early = booking(ada, 100'000), pair = booking(bob, 200'000, 2), late = booking(ada, 300'000);
  late.completed_at.reset();
  late.status = BookingStatus::cancelled;
  write(store, [&](WriteTransaction& tx) {
    tx.customers().insert(t, ada);
    tx.customers().insert(t, bob);
    for (const auto& row : {pair, late, early}) tx.bookings().insert(t, row);
  });
  const auto list = [&](TenantId tenant, std::optional<CustomerId> customer, std::int64_t from, std::int64_t to, std::size_t limit = 99) {
    return asked(store, [&](auto& tx) {
      return text_of(tx.bookings().booked_times(tenant, customer, {Instant{from}, Instant{to}}, limit));
    });
  };
  const auto times = [](const Booking& row) {
    std::string all;
    for (const auto& item : row.items)
      all += text_of(BookedTime{row.id, item.id, row.status, row.completed_at.has_value(), row.sequence, row.updated_at, item.starts_at,
                                item.ends_at, item.offering_title, row.customer.name, item.quantity});
    return all;
  };
  CHECK(list(t, {}, 0, 1'000'000) == times(late) + times(pair) + times(early));
  CHECK(list(t, {}, 100'000, 300'000) == times(pair) + times(early));
  CHECK(list(t, {}, 100'001, 300'001) == times(late) + times(pair));
  CHECK(list(t, ada.id, 0, 1'000'000) == times(late) + times(early));
  CHECK(list(t, bob.id, 0, 1'000'000) == times(pair));
  CHECK(list(t, {}, 0, 1'000'000, 1) == times(late));
  CHECK(list(other, {}, 0, 1'000'000) == "");
  // It follows a move.
  early.items[0].ends_at = Instant{400'000};
  write(store, [&](WriteTransaction& tx) { tx.bookings().update_item(t, early.items[0]); });
  CHECK(list(t, {}, 300'001, 1'000'000) == times(early));
}

} // namespace

std::vector<Check> portal_checks() {
  return {{"imports under way", imports},
          {"files of imports", files},
          {"custom domains", domains},
          {"a domain that many verify at once", domains_by_many},
          {"what opens calendars", calendar_tokens},
          {"booked times for calendars", booked_times}};
}

} // namespace orkestr::storage_contract
