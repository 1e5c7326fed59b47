// Events as a feed, what is owed to webhooks and what became of it, notifications.
#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include "orkestr/ports/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

namespace orkestr::storage_contract {
namespace {

using storage::DeliveryFilter;
using storage::Page;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

using Ids = std::vector<std::string>;

template <class Row> Ids ids_of(const std::vector<Row>& rows) {
  Ids ids;
  for (const auto& row : rows) ids.push_back(row.id.str());
  return ids;
}
Ids ids_of(const std::vector<storage::DeliveryRepository::Ready>& ready) {
  Ids ids;
  for (const auto& row : ready) ids.push_back(row.delivery.id.str());
  return ids;
}
template <class AnyId> std::set<std::string> set_of(const std::vector<storage::Due<AnyId>>& due) {
  std::set<std::string> all;
  for (const auto& [tenant, id] : due) all.insert(tenant.str() + " " + id.str());
  CHECK(all.size() == due.size());
  return all;
}

Event event_about(std::string subject) {
  auto event = sample_event(1);
  event.subject = std::move(subject);
  return event;
}

// ---- the feed ----------------------------------------------------------------------------------------------------

void feed(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  // Ids that fall while the commits go on: the order is that of the commits.
  std::vector<Event> all;
  for (int i = 0; i < 20; ++i) all.push_back(sample_event(i));
  std::ranges::reverse(all);
  for (const auto& event : all)
    write(store, [&](WriteTransaction& tx) {
      tx.events().append(t, event);
      auto others = event;
      others.body = "another's";
      tx.events().append(other, others);
    });
  read(store, [&](const ReadTransaction& tx) {
    const auto& events = tx.events();
    for (const bool settled : {false, true}) { // nobody writes
      CHECK(difference(text_of(events.list(t, "", 100, settled)), text_of(all)) == "");
      CHECK(events.list(t, "", 0, settled).empty());
      for (std::size_t i = 0; i < all.size(); i += 3) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(i) + 1;
        CHECK(text_of(events.list(t, all[i].id.view(), 100, settled)) == text_of(std::vector(first, all.end())));
        CHECK(text_of(events.list(t, all[i].id.view(), 1, settled)) == text_of(std::vector(first, std::min(first + 1, all.end()))));
      }
      // From the first on, where there is none such.
      for (const auto& unknown : {mint<EventId>().str(), std::string{"evt_0"}, std::string{"~"}, std::string{"x' OR 1"}})
        CHECK(text_of(events.list(t, unknown, 100, settled)) == text_of(all));
    }
    for (const auto& event : all) CHECK(text_of(events.find(t, event.id)) == text_of(event));
    CHECK_FALSE(events.find(t, mint<EventId>()));
  });
  // What is written here and not yet committed is seen here, and not settled where others could come before it.
  const auto late = sample_event(1);
  const auto seen = write(store, [&](WriteTransaction& tx) {
    tx.events().append(t, late);
    return std::pair{ids_of(tx.events().list(t, all.back().id.view(), 10)), tx.events().list(t, all.back().id.view(), 10, true).size()};
  });
  CHECK(seen.first == Ids{late.id.str()});
  CHECK(seen.second <= 1);
  CHECK(read(store, [&](const ReadTransaction& tx) { return ids_of(tx.events().list(t, all.back().id.view(), 10, true)); }) ==
        Ids{late.id.str()});
}

// ---- webhooks ----------------------------------------------------------------------------------------------------

void webhooks(Store& store) {
  const TenantId tenants[] = {add_tenant(store), add_tenant(store)};
  std::vector<Webhook> rows[2];
  Ids every;
  for (int i = 0; i < 24; ++i) {
    auto webhook = sample_webhook(1);
    webhook.status = i % 3 == 0 ? WebhookStatus::disabled : WebhookStatus::active;
    write(store, [&](WriteTransaction& tx) { tx.webhooks().insert(tenants[i % 2], webhook); });
    rows[i % 2].push_back(webhook);
    every.push_back(webhook.id.str());
  }
  const auto check = [&] {
    read(store, [&](const ReadTransaction& tx) {
      for (const int n : {0, 1}) {
        auto newest = rows[n];
        std::ranges::reverse(newest);
        CHECK(text_of(tx.webhooks().list(tenants[n], {})) == text_of(newest));
        CHECK(text_of(tx.webhooks().list(tenants[n], {3, {}})) == text_of(std::vector(newest.begin(), newest.begin() + 3)));
        CHECK(text_of(tx.webhooks().list(tenants[n], {2, newest[4].id.str()})) ==
              text_of(std::vector(newest.begin() + 5, newest.begin() + 7)));
        CHECK(tx.webhooks().list(tenants[n], {0, {}}).empty());
        auto active = rows[n];
        std::erase_if(active, [](const Webhook& w) { return w.status != WebhookStatus::active; });
        CHECK(text_of(tx.webhooks().active(tenants[n])) == text_of(active));
      }
      Ids all;
      for (std::string after; all.size() < 1000;) {
        const auto page = tx.webhooks().all(after, 5);
        CHECK(page.size() <= 5);
        if (page.empty()) break;
        for (const auto& [tenant, id] : page) {
          CHECK(tx.webhooks().find(tenant, id).has_value());
          all.push_back(id.str());
        }
        after = all.back();
      }
      CHECK(all == every);
      CHECK(tx.webhooks().all("", 0).empty());
    });
  };
  check();
  // One rests, one comes back, one goes.
  rows[0][1].status = WebhookStatus::disabled;
  rows[0][3].status = WebhookStatus::active;
  const auto gone = rows[1][5];
  write(store, [&](WriteTransaction& tx) {
    tx.webhooks().update(tenants[0], rows[0][1]);
    tx.webhooks().update(tenants[0], rows[0][3]);
    (void)tx.webhooks().take(tenants[1], gone.id, "me", epoch, minute(1));
    tx.webhooks().erase(tenants[1], gone.id);
    tx.webhooks().erase(tenants[1], mint<WebhookId>());
    tx.webhooks().erase(tenants[0], rows[1][6].id); // another's
  });
  rows[1].erase(rows[1].begin() + 5);
  std::erase(every, gone.id.str());
  check();
  read(store, [&](const ReadTransaction& tx) {
    CHECK_FALSE(tx.webhooks().find(tenants[1], gone.id).has_value());
    CHECK_FALSE(tx.webhooks().endpoint(tenants[1], gone.id).has_value());
  });
}

void endpoints(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto event = event_about("one");
  Webhook hooks[6];
  write(store, [&](WriteTransaction& tx) {
    tx.events().append(t, event);
    tx.events().append(other, event);
  });
  for (auto& hook : hooks) {
    hook = live_webhook();
    write(store, [&](WriteTransaction& tx) {
      tx.webhooks().insert(t, hook);
      tx.deliveries().insert(t, live_delivery(hook.id, event, minute(1)));
    });
  }
  const auto stranger = live_webhook(), idle = live_webhook();
  write(store, [&](WriteTransaction& tx) {
    tx.webhooks().insert(other, stranger);
    tx.deliveries().insert(other, live_delivery(stranger.id, event, minute(1)));
    tx.webhooks().insert(t, idle);
    // Of a webhook that is gone.
    tx.deliveries().insert(t, live_delivery(mint<WebhookId>(), event, minute(1)));
  });
  const auto due = [&](std::string_view owner, int at) {
    const auto found = read(store, [&](const ReadTransaction& tx) {
      CHECK(tx.webhooks().due(owner, minute(at), 0).empty());
      CHECK(tx.webhooks().due(owner, minute(at), 1).size() <= 1);
      return tx.webhooks().due(owner, minute(at), 100);
    });
    (void)set_of(found); // none twice
    std::string names;   // by their numbers, the stranger's as s
    for (int i = 0; i < 6; ++i) names += std::ranges::count(found, hooks[i].id, &storage::Due<WebhookId>::id) > 0 ? std::to_string(i) : "";
    for (const auto& [tenant, id] : found) {
      if (id == stranger.id) names += tenant == other ? "s" : "?";
      if (id == idle.id) names += "idle";
    }
    return names;
  };
  const auto take = [&](const Webhook& hook, std::string_view owner, int now, int until) {
    return write(store, [&](WriteTransaction& tx) { return tx.webhooks().take(t, hook.id, owner, minute(now), minute(until)); });
  };
  const auto endpoint = [&](const Webhook& hook) {
    return read(store, [&](const ReadTransaction& tx) { return tx.webhooks().endpoint(t, hook.id); });
  };
  CHECK(due("me", 0) == ""); // a minute too early
  CHECK(due("me", 1) == "012345s");
  CHECK(read(store, [&](const ReadTransaction& tx) { return tx.webhooks().due("me", minute(1), 3).size(); }) == 3);
  // From here on 5 has nothing but one to be tried again.
  write(store, [&](WriteTransaction& tx) {
    auto retry = tx.deliveries().list(t, hooks[5].id, {}, {}).at(0);
    retry.attempts = 1;
    retry.next_attempt_at = minute(2);
    tx.deliveries().settle(t, retry, 0);
  });
  CHECK(due("me", 1) == "01234s");
  CHECK(due("me", 2) == "012345s");

  // 0 is mine, 1 another's, 2 was another's, 3 is shut, 4 is disabled.
  CHECK_FALSE(endpoint(hooks[0]).has_value());
  const auto mine = take(hooks[0], "me", 1, 10);
  REQUIRE(mine.has_value());
  CHECK(text_of(mine) == text_of(WebhookEndpoint{hooks[0].id, "me", minute(10), 0, {}, {}}));
  CHECK(text_of(endpoint(hooks[0])) == text_of(mine));
  CHECK(take(hooks[1], "you", 1, 10).has_value());
  CHECK(take(hooks[2], "you", 1, 3).has_value());
  auto shut = take(hooks[3], "me", 1, 4).value();
  shut.failures = 5;
  shut.failing_since = minute(1);
  shut.open_until = minute(6);
  hooks[4].status = WebhookStatus::disabled;
  write(store, [&](WriteTransaction& tx) {
    tx.webhooks().put_endpoint(t, shut);
    tx.webhooks().update(t, hooks[4]);
  });
  CHECK(text_of(endpoint(hooks[3])) == text_of(shut));
  CHECK(due("me", 2) == "05s");
  CHECK(due("me", 3) == "025s"); // exactly when it ends
  CHECK(due("you", 2) == "125s");
  CHECK(due("nobody", 2) == "5s");
  CHECK(due("nobody", 6) == "235s");
  CHECK(due("nobody", 10) == "01235s");

  // Who has it keeps it, and may keep it longer; with its time it goes to whoever comes.
  CHECK_FALSE(take(hooks[1], "me", 2, 20).has_value());
  CHECK(endpoint(hooks[1]).value().owner == "you");
  CHECK(endpoint(hooks[1]).value().owned_until == minute(10));
  CHECK(take(hooks[1], "you", 2, 12).value().owned_until == minute(12));
  CHECK_FALSE(take(hooks[1], "me", 11, 20).has_value());
  CHECK(take(hooks[1], "me", 12, 20).value().owner == "me");
  CHECK_FALSE(take(hooks[1], "you", 12, 30).has_value());
  // Neither moves how it fares: what the next one sees is what the last one wrote.
  const auto taken = take(hooks[3], "you", 5, 8);
  shut.owner = "you";
  shut.owned_until = minute(8);
  CHECK(text_of(taken) == text_of(shut));
  // The last owner's word counts no more.
  auto stale = shut;
  stale.owner = "me";
  stale.failures = 0;
  write(store, [&](WriteTransaction& tx) { tx.webhooks().put_endpoint(t, stale); });
  CHECK(text_of(endpoint(hooks[3])) == text_of(shut));

  const auto breakers = [&](int at) {
    return read(store, [&](const ReadTransaction& tx) {
      const auto found = tx.webhooks().breakers(minute(at));
      return std::pair{found.open, found.half_open};
    });
  };
  CHECK(breakers(5) == std::pair<std::size_t, std::size_t>{1, 0});
  CHECK(breakers(6) == std::pair<std::size_t, std::size_t>{0, 1});
  write(store, [&](WriteTransaction& tx) {
    auto elsewhere = tx.webhooks().take(other, stranger.id, "me", minute(5), minute(30)).value();
    elsewhere.open_until = minute(9);
    tx.webhooks().put_endpoint(other, elsewhere);
  });
  CHECK(breakers(5) == std::pair<std::size_t, std::size_t>{2, 0});
  CHECK(breakers(8) == std::pair<std::size_t, std::size_t>{1, 1});
  write(store, [&](WriteTransaction& tx) {
    tx.webhooks().clear_endpoint(t, hooks[3].id);
    tx.webhooks().clear_endpoint(t, hooks[5].id); // of which nothing is known
  });
  CHECK(breakers(8) == std::pair<std::size_t, std::size_t>{1, 0});
  CHECK_FALSE(endpoint(hooks[5]).has_value());
  CHECK(text_of(endpoint(hooks[3])) == text_of(WebhookEndpoint{hooks[3].id, "you", minute(8), 0, {}, {}}));

  // A dispatcher that goes lets go of all it has, in every tenant.
  CHECK(due("nobody", 7) == "25");
  write(store, [&](WriteTransaction& tx) { tx.webhooks().release("me"); });
  CHECK(due("nobody", 7) == "0125"); // the stranger's is shut
  CHECK(due("nobody", 9) == "01235s");
  CHECK(endpoint(hooks[3]).value().owned_until == minute(8));
  (void)take(hooks[0], "me", 7, 20);
  write(store, [&](WriteTransaction& tx) { tx.webhooks().release(""); });
  CHECK(due("nobody", 7) == "01235");
}

// ---- deliveries --------------------------------------------------------------------------------------------------

void delivery_queue(Store& store) {
  const auto t = add_tenant(store);
  const auto hook = mint<WebhookId>(), second = mint<WebhookId>();
  // Three events about a and two about b, of which the ids fall.
  std::vector<Event> events;
  for (const auto* subject : {"a", "b", "a", "b", "a"}) events.push_back(event_about(subject));
  std::vector<EventId> ids;
  for (const auto& event : events) ids.push_back(event.id);
  for (std::size_t i = 0; i < events.size(); ++i) events[i].id = ids[ids.size() - 1 - i];
  std::vector<Delivery> rows, elsewhere;
  for (const auto& event : events) {
    rows.push_back(live_delivery(hook, event, minute(static_cast<std::int64_t>(10 - rows.size())))); // later ones were due earlier
    elsewhere.push_back(live_delivery(second, event, minute(1)));
    write(store, [&](WriteTransaction& tx) {
      tx.events().append(t, event);
      tx.deliveries().insert(t, rows.back());
      tx.deliveries().insert(t, elsewhere.back());
    });
  }
  const auto due = [&](int at, bool retrying = false, std::size_t limit = 100) {
    return read(store, [&](const ReadTransaction& tx) {
      const auto ready = tx.deliveries().due(t, hook, retrying, minute(at), limit);
      for (const auto& one : ready) {
        CHECK(one.body == std::ranges::find(events, one.delivery.event_id, &Event::id)->body);
        CHECK(text_of(one.delivery) == text_of(*tx.deliveries().find(t, one.delivery.id)));
      }
      return ids_of(ready);
    });
  };
  const auto ahead = [&](const Delivery& row) {
    return read(store, [&](const ReadTransaction& tx) {
      const auto found = tx.deliveries().ahead_of(t, row);
      return found ? found->id.str() : "";
    });
  };
  const auto id = [&](std::size_t i) { return rows[i].id.str(); };
  const auto settle = [&](Delivery& row, DeliveryStatus status, int at) {
    const int before = row.attempts++;
    row.status = status;
    row.next_attempt_at = status == DeliveryStatus::pending ? std::optional{minute(at)} : std::nullopt;
    row.finished_at = status == DeliveryStatus::pending ? std::nullopt : std::optional{minute(at)};
    write(store, [&](WriteTransaction& tx) { tx.deliveries().settle(t, row, before); });
    CHECK(read(store, [&](const ReadTransaction& tx) { return text_of(tx.deliveries().find(t, row.id)); }) == text_of(row));
  };
  CHECK(due(8) == Ids{}); // the others are due, but wait for the first
  CHECK(due(9) == Ids{id(1)});
  CHECK(due(20) == Ids{id(1), id(0)});
  CHECK(due(20, false, 1) == Ids{id(1)});
  CHECK(due(20, false, 0) == Ids{});
  CHECK(due(20, true) == Ids{});
  CHECK(ahead(rows[0]) == "");
  CHECK(ahead(rows[2]) == id(0));
  CHECK(ahead(rows[4]) == id(0));
  CHECK(ahead(rows[3]) == id(1));
  // One that is tried again goes into the other lane, and what is about the same waits on.
  settle(rows[0], DeliveryStatus::pending, 30);
  CHECK(due(29) == Ids{id(1)});
  CHECK(due(29, true) == Ids{});
  CHECK(due(30, true) == Ids{id(0)});
  CHECK(ahead(rows[4]) == id(0));
  settle(rows[0], DeliveryStatus::succeeded, 30);
  CHECK(due(30) == Ids{id(2), id(1)});
  CHECK(ahead(rows[4]) == id(2));
  // A dead one makes room as well, and one that is replayed goes before those that wait.
  settle(rows[1], DeliveryStatus::dead, 31);
  CHECK(due(31) == Ids{id(3), id(2)});
  CHECK(write(store, [&](WriteTransaction& tx) { return tx.deliveries().replay(t, rows[1].id, minute(40)); }));
  CHECK(due(39) == Ids{id(2)});
  CHECK(due(40) == Ids{id(2), id(1)});
  CHECK(ahead(rows[3]) == id(1));
  // The other endpoint's queue is its own.
  CHECK(read(store, [&](const ReadTransaction& tx) { return ids_of(tx.deliveries().due(t, second, false, minute(1), 9)); }) ==
        Ids{elsewhere[0].id.str(), elsewhere[1].id.str()});

  // What comes late changes nothing: another attempt was noted, or it isn't PENDING any more.
  auto late = rows[1];
  late.status = DeliveryStatus::succeeded;
  late.last_error = "late";
  write(store, [&](WriteTransaction& tx) {
    tx.deliveries().settle(t, late, 0);
    tx.deliveries().settle(t, late, 2);
    auto over = rows[0];
    over.last_error = "late";
    tx.deliveries().settle(t, over, over.attempts);
    over.id = mint<DeliveryId>();
    tx.deliveries().settle(t, over, over.attempts);
  });
  CHECK(ahead(rows[3]) == id(1));
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.deliveries().find(t, rows[0].id)) == text_of(rows[0]));
    const auto replayed = tx.deliveries().find(t, rows[1].id).value();
    CHECK(replayed.attempts == 1);
    CHECK(replayed.attempts_before == 1);
    CHECK_FALSE(replayed.retrying());
    CHECK_FALSE(replayed.finished_at.has_value());
    CHECK(replayed.last_error == rows[1].last_error);
  });
  CHECK_FALSE(write(store, [&](WriteTransaction& tx) { // which is PENDING, or not there
    return tx.deliveries().replay(t, rows[1].id, minute(50)) || tx.deliveries().replay(t, mint<DeliveryId>(), minute(50));
  }));
}

void owed_in_vain(Store& store) {
  const TenantId tenants[] = {add_tenant(store), add_tenant(store)};
  const auto found = [&](std::size_t limit = 100) {
    return read(store, [&](const ReadTransaction& tx) { return set_of(tx.webhooks().owed_in_vain(limit)); });
  };
  std::set<std::string> expected;
  std::vector<std::pair<TenantId, WebhookId>> vain;
  for (int i = 0; i < 12; ++i) {
    const auto t = tenants[i % 2];
    auto hook = live_webhook();
    hook.status = i % 3 == 1 ? WebhookStatus::disabled : WebhookStatus::active;
    const bool gone = i % 3 == 2, pending = i % 4 != 3;
    const auto event = sample_event(1);
    auto delivery = live_delivery(hook.id, event, minute(1));
    write(store, [&](WriteTransaction& tx) {
      if (!gone) tx.webhooks().insert(t, hook);
      tx.events().append(t, event);
      tx.deliveries().insert(t, delivery);
      if (!pending) tx.deliveries().kill(t, hook.id, "over", minute(2));
    });
    if (pending && (gone || hook.status == WebhookStatus::disabled)) {
      expected.insert(t.str() + " " + hook.id.str());
      vain.emplace_back(t, hook.id);
    }
  }
  CHECK(expected.size() == 6);
  CHECK(found() == expected);
  CHECK(found(4).size() == 4);
  for (const auto& [t, id] : vain)
    CHECK(write(store, [&, t = t, id = id](WriteTransaction& tx) { return tx.deliveries().kill(t, id, "in vain", minute(3)); }) == 1);
  CHECK(found().empty());
}

void old_deliveries(Store& store) {
  const TenantId tenants[] = {add_tenant(store), add_tenant(store)};
  const auto hook = mint<WebhookId>();
  std::vector<Delivery> rows;
  for (int i = 0; i < 10; ++i) {
    const auto event = event_about("one");
    auto row = live_delivery(hook, event, minute(100 - i));
    if (i % 3 != 2) {
      row.status = i % 3 == 0 ? DeliveryStatus::dead : DeliveryStatus::succeeded;
      row.next_attempt_at.reset();
      row.finished_at = minute(200 + i);
    }
    rows.push_back(row);
    write(store, [&](WriteTransaction& tx) {
      tx.events().append(tenants[i % 2], event);
      tx.deliveries().insert(tenants[i % 2], row);
      for (const int number : {1, 2}) tx.deliveries().insert_attempt(tenants[i % 2], sample_delivery_attempt(number, row.id));
    });
  }
  const auto left = [&] {
    return read(store, [&](const ReadTransaction& tx) {
      std::string numbers;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool there = tx.deliveries().find(tenants[i % 2], rows[i].id).has_value();
        CHECK(tx.deliveries().attempts(tenants[i % 2], rows[i].id).size() == (there ? 2 : 0));
        if (there) numbers += std::to_string(i);
      }
      return numbers;
    });
  };
  const auto erase = [&](int before, std::size_t limit) {
    return write(store, [&](WriteTransaction& tx) { return tx.deliveries().erase_older_than(minute(before), limit); });
  };
  const auto oldest = [&] { return read(store, [&](const ReadTransaction& tx) { return tx.deliveries().oldest_pending(); }); };
  CHECK(oldest() == minute(92)); // the newest of them by its number, made first
  CHECK(left() == "0123456789");
  CHECK(erase(200, 100) == 0);
  CHECK(erase(1000, 0) == 0);
  CHECK(erase(204, 2) == 2); // of three, whichever
  CHECK(left().size() == 8);
  CHECK(erase(204, 100) == 1); // exactly as old as the limit stays
  CHECK(left() == "2456789");
  CHECK(erase(1000, 100) == 4);
  CHECK(left() == "258"); // what is PENDING stays, however old
  CHECK(write(store, [&](WriteTransaction& tx) { return tx.deliveries().kill(tenants[0], hook, "no more", minute(300)); }) == 2);
  CHECK(oldest() == minute(95));
  CHECK(write(store, [&](WriteTransaction& tx) { return tx.deliveries().kill(tenants[1], hook, "no more", minute(300)); }) == 1);
  CHECK_FALSE(oldest().has_value());
  read(store, [&](const ReadTransaction& tx) {
    const auto dead = tx.deliveries().find(tenants[0], rows[2].id).value();
    CHECK(dead.status == DeliveryStatus::dead);
    CHECK(dead.last_error == "no more");
    CHECK(dead.finished_at == minute(300));
    CHECK_FALSE(dead.next_attempt_at.has_value());
  });
}

// ---- deliveries, by chance ---------------------------------------------------------------------------------------

/// The repository of deliveries as plain rows in the order in which their events were appended, and their endpoints.
struct Model {
  struct Row {
    TenantId tenant;
    Delivery d;
    std::string body;
    std::vector<DeliveryAttempt> attempts;
  };
  struct Hook {
    TenantId tenant;
    Webhook webhook;
    std::optional<WebhookEndpoint> endpoint;
  };
  std::vector<Row> rows;
  std::vector<Hook> hooks;

  static bool wanted(const Delivery& d, const DeliveryFilter& f) {
    if (f.status && d.status != *f.status) return false;
    if (f.event && d.event != *f.event) return false;
    if (f.from && d.created_at < *f.from) return false;
    return !f.to || d.created_at < *f.to;
  }
  static bool is_due(const Delivery& d, Instant now) { return d.status == DeliveryStatus::pending && *d.next_attempt_at <= now; }

  std::vector<Delivery> list(const Hook& hook, const DeliveryFilter& filter, const Page& page) const {
    std::vector<Delivery> found;
    for (const auto& row : rows)
      if (row.d.webhook_id == hook.webhook.id && wanted(row.d, filter) && (page.before.empty() || row.d.id.view() < page.before))
        found.push_back(row.d);
    std::ranges::sort(found, std::greater{}, [](const Delivery& d) { return d.id; });
    if (found.size() > page.limit) found.resize(page.limit);
    return found;
  }
  std::optional<Delivery> ahead_of(const Row& row) const {
    for (const auto& other : rows) {
      if (&other == &row) break;
      if (other.d.webhook_id == row.d.webhook_id && other.d.subject == row.d.subject && other.d.status == DeliveryStatus::pending)
        return other.d;
    }
    return std::nullopt;
  }
  std::vector<storage::DeliveryRepository::Ready> due(const Hook& hook, bool retrying, Instant now, std::size_t limit) const {
    std::vector<storage::DeliveryRepository::Ready> ready;
    for (const auto& row : rows)
      if (row.d.webhook_id == hook.webhook.id && is_due(row.d, now) && (row.d.attempts > row.d.attempts_before) == retrying &&
          !ahead_of(row))
        ready.push_back({row.d, row.body});
    std::ranges::sort(ready, {}, [](const auto& r) { return std::pair{*r.delivery.next_attempt_at, r.delivery.id}; });
    if (ready.size() > limit) ready.resize(limit);
    return ready;
  }
  std::set<std::string> hooks_due(std::string_view owner, Instant now) const {
    std::set<std::string> due;
    for (const auto& [tenant, webhook, endpoint] : hooks) {
      const bool others = endpoint && endpoint->owner != owner && now < endpoint->owned_until;
      const bool shut = endpoint && endpoint->open_until && now < *endpoint->open_until;
      const bool any = std::ranges::any_of(rows, [&](const Row& row) { return row.d.webhook_id == webhook.id && is_due(row.d, now); });
      if (webhook.status == WebhookStatus::active && !others && !shut && any) due.insert(tenant.str() + " " + webhook.id.str());
    }
    return due;
  }
};

void deliveries_by_chance(Store& store) {
  constexpr int steps = 600;
  SeededRandom random(20'251);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random.next() % n); };
  const auto chance = [&](std::size_t percent) { return below(100) < percent; };
  const auto instant = [&](Instant around) { return around + std::chrono::seconds{static_cast<int>(below(240)) - 120}; };
  const TenantId tenants[] = {add_tenant(store), add_tenant(store)};
  Model model;
  for (int i = 0; i < 5; ++i) {
    model.hooks.push_back({tenants[i % 2], live_webhook(), {}});
    write(store, [&](WriteTransaction& tx) { tx.webhooks().insert(tenants[i % 2], model.hooks.back().webhook); });
  }
  std::vector<EventId> event_ids; // in no order
  for (int i = 0; i < steps; ++i) event_ids.push_back(mint<EventId>());
  for (std::size_t i = event_ids.size(); i > 1; --i) std::swap(event_ids[i - 1], event_ids[below(i)]);
  Instant now = epoch;
  const auto random_filter = [&] {
    DeliveryFilter filter;
    if (chance(40)) filter.status = static_cast<DeliveryStatus>(below(3));
    if (chance(30)) filter.event = static_cast<EventType>(below(3));
    if (chance(30)) filter.from = instant(now - std::chrono::minutes{5});
    if (chance(30)) filter.to = instant(now - std::chrono::minutes{3});
    return filter;
  };
  std::map<std::string, int> done;
  int undone = 0;
  /// Does the same to both, or in vain to the store alone. What it says must be what the model says.
  const auto both = [&](const char* what, auto to_store, auto to_model) {
    CAPTURE(what);
    if (chance(12)) {
      ++undone;
      const auto result = store.write([&](WriteTransaction& tx) -> Result<void> {
        (void)to_store(tx);
        return fail(Code::internal);
      });
      CHECK_FALSE(result.has_value());
      return;
    }
    ++done[what];
    const std::size_t is = write(store, to_store), expected = to_model();
    CHECK(is == expected);
  };
  for (int step = 0; step < steps; ++step) {
    CAPTURE(step);
    now = now + milliseconds{1 + static_cast<std::int64_t>(below(chance(10) ? 60'000 : 2'000))};
    auto& hook = model.hooks[below(model.hooks.size())];
    auto* row = model.rows.empty() ? nullptr : &model.rows[below(model.rows.size())];
    const std::size_t kind = below(100);
    if (kind < 35 || row == nullptr) {
      // One event for some of its tenant's endpoints.
      auto event = event_about("subject " + std::to_string(below(4)));
      event.type = static_cast<EventType>(below(3));
      event.id = event_ids[static_cast<std::size_t>(step)];
      event.body = event.id.str();
      std::vector<Model::Row> rows;
      for (const auto& target : model.hooks)
        if (target.tenant == hook.tenant && chance(70)) {
          auto& made = rows.emplace_back(hook.tenant, live_delivery(target.webhook.id, event, now), event.body);
          if (chance(20)) made.d.next_attempt_at = instant(now);
        }
      both(
          "insert",
          [&](WriteTransaction& tx) -> std::size_t {
            tx.events().append(hook.tenant, event);
            for (const auto& made : rows) tx.deliveries().insert(hook.tenant, made.d);
            return 0;
          },
          [&]() -> std::size_t { return model.rows.insert(model.rows.end(), rows.begin(), rows.end()), 0; });
    } else if (kind < 60) {
      // How an attempt went, now and then one that another has overtaken.
      const int so_far = row->d.attempts - (chance(15) ? 1 : 0);
      auto settled = row->d;
      settled.attempts = so_far + 1;
      settled.status = static_cast<DeliveryStatus>(below(3));
      const bool over = settled.status != DeliveryStatus::pending;
      settled.next_attempt_at = over ? std::nullopt : std::optional{instant(now + std::chrono::minutes{1})};
      settled.finished_at = over ? std::optional{now} : std::nullopt;
      settled.last_status = chance(50) ? std::optional{static_cast<int>(200 + below(400))} : std::nullopt;
      settled.last_error = chance(50) ? std::optional{std::to_string(step)} : std::nullopt;
      auto attempt = sample_delivery_attempt(static_cast<int>(below(3)), row->d.id);
      attempt.detail = std::to_string(step);
      both(
          "settle",
          [&](WriteTransaction& tx) -> std::size_t {
            tx.deliveries().settle(row->tenant, settled, so_far);
            tx.deliveries().insert_attempt(row->tenant, attempt);
            return 0;
          },
          [&]() -> std::size_t {
            if (row->d.status == DeliveryStatus::pending && row->d.attempts == so_far) row->d = settled;
            if (std::ranges::find(row->attempts, attempt.number, &DeliveryAttempt::number) == row->attempts.end()) {
              row->attempts.push_back(attempt);
              std::ranges::sort(row->attempts, {}, &DeliveryAttempt::number);
            }
            return 0;
          });
    } else if (kind < 72) {
      const auto replayed = [&](Model::Row& r) {
        if (r.d.status == DeliveryStatus::pending) return false;
        r.d.status = DeliveryStatus::pending;
        r.d.attempts_before = r.d.attempts;
        r.d.next_attempt_at = now;
        r.d.finished_at.reset();
        return true;
      };
      if (chance(60)) {
        both(
            "replay one", [&](WriteTransaction& tx) -> std::size_t { return tx.deliveries().replay(row->tenant, row->d.id, now) ? 1 : 0; },
            [&]() -> std::size_t { return replayed(*row) ? 1 : 0; });
      } else {
        const auto filter = random_filter();
        both(
            "replay", [&](WriteTransaction& tx) { return tx.deliveries().replay(hook.tenant, hook.webhook.id, filter, now); },
            [&] {
              std::size_t n = 0;
              for (auto& r : model.rows)
                if (r.d.webhook_id == hook.webhook.id && Model::wanted(r.d, filter)) n += replayed(r) ? 1 : 0;
              return n;
            });
      }
    } else if (kind < 75) {
      both(
          "kill", [&](WriteTransaction& tx) { return tx.deliveries().kill(hook.tenant, hook.webhook.id, "killed", now); },
          [&] {
            std::size_t n = 0;
            for (auto& r : model.rows) {
              if (r.d.webhook_id != hook.webhook.id || r.d.status != DeliveryStatus::pending) continue;
              ++n;
              r.d.status = DeliveryStatus::dead;
              r.d.next_attempt_at.reset();
              r.d.last_error = "killed";
              r.d.finished_at = now;
            }
            return n;
          });
    } else if (kind < 80) {
      // Which of them go first is the store's to say.
      const Instant limit_instant = instant(now - std::chrono::minutes{3});
      const std::size_t limit = below(6);
      const auto old = [&](const Model::Row& r) { return r.d.finished_at && *r.d.finished_at < limit_instant; };
      both(
          "erase", [&](WriteTransaction& tx) { return tx.deliveries().erase_older_than(limit_instant, limit); },
          [&] {
            const auto before = model.rows.size();
            const auto expected = std::min(limit, static_cast<std::size_t>(std::ranges::count_if(model.rows, old)));
            std::erase_if(model.rows, [&](const Model::Row& r) {
              const bool gone = read(store, [&](const ReadTransaction& tx) { return !tx.deliveries().find(r.tenant, r.d.id); });
              if (!gone) return false;
              CHECK(old(r));
              CHECK(read(store, [&](const ReadTransaction& tx) { return tx.deliveries().attempts(r.tenant, r.d.id).empty(); }));
              return true;
            });
            CHECK(before - model.rows.size() == expected);
            return expected;
          });
    } else if (kind < 88) {
      const std::string owner = chance(50) ? "me" : "you";
      const Instant until = instant(now + std::chrono::minutes{1});
      both(
          "take",
          [&](WriteTransaction& tx) -> std::size_t { return tx.webhooks().take(hook.tenant, hook.webhook.id, owner, now, until) ? 1 : 0; },
          [&]() -> std::size_t {
            auto& e = hook.endpoint;
            if (e && e->owner != owner && now < e->owned_until) return 0;
            if (!e) e = WebhookEndpoint{hook.webhook.id, {}, {}, 0, {}, {}};
            e->owner = owner;
            e->owned_until = until;
            return 1;
          });
    } else if (kind < 95) {
      auto endpoint = hook.endpoint.value_or(sample_endpoint(1, hook.webhook.id));
      if (chance(20)) endpoint.owner = "stranger";
      endpoint.failures = static_cast<int>(below(9));
      endpoint.failing_since = chance(50) ? std::optional{now} : std::nullopt;
      endpoint.open_until = chance(50) ? std::optional{instant(now)} : std::nullopt;
      both(
          "endpoint", [&](WriteTransaction& tx) -> std::size_t { return tx.webhooks().put_endpoint(hook.tenant, endpoint), 0; },
          [&]() -> std::size_t {
            if (hook.endpoint && hook.endpoint->owner == endpoint.owner) hook.endpoint = endpoint;
            return 0;
          });
    } else if (kind < 98) {
      auto changed = hook.webhook;
      changed.status = chance(70) ? WebhookStatus::active : WebhookStatus::disabled;
      both(
          "webhook", [&](WriteTransaction& tx) -> std::size_t { return tx.webhooks().update(hook.tenant, changed), 0; },
          [&]() -> std::size_t { return hook.webhook = changed, 0; });
    } else {
      const std::string owner = chance(50) ? "me" : "";
      both(
          "release", [&](WriteTransaction& tx) -> std::size_t { return tx.webhooks().release(owner), 0; },
          [&]() -> std::size_t {
            for (auto& h : model.hooks)
              if (h.endpoint && (owner.empty() || h.endpoint->owner == owner)) h.endpoint->owned_until = Instant{0};
            return 0;
          });
    }

    // What can be asked, of one endpoint and one row each time.
    const auto& asked = model.hooks[below(model.hooks.size())];
    const auto filter = random_filter();
    Page page{below(12), {}};
    if (!model.rows.empty() && chance(50)) page.before = model.rows[below(model.rows.size())].d.id.str();
    const Instant at = chance(70) ? now : instant(now);
    const std::size_t limit = chance(50) ? 100 : below(4);
    const std::string owner = chance(50) ? "me" : "you";
    read(store, [&](const ReadTransaction& tx) {
      const auto& deliveries = tx.deliveries();
      CHECK(difference(text_of(deliveries.list(asked.tenant, asked.webhook.id, filter, page)), text_of(model.list(asked, filter, page))) ==
            "");
      CHECK(deliveries.count(asked.tenant, asked.webhook.id, filter) == model.list(asked, filter, {100'000, {}}).size());
      for (const bool retrying : {false, true})
        CHECK(difference(text_of(deliveries.due(asked.tenant, asked.webhook.id, retrying, at, limit)),
                         text_of(model.due(asked, retrying, at, limit))) == "");
      CHECK(set_of(tx.webhooks().due(owner, at, 100)) == model.hooks_due(owner, at));
      CHECK(text_of(tx.webhooks().endpoint(asked.tenant, asked.webhook.id)) == text_of(asked.endpoint));
      std::size_t open = 0, half_open = 0;
      for (const auto& h : model.hooks)
        if (h.endpoint && h.endpoint->open_until) ++(at < *h.endpoint->open_until ? open : half_open);
      const auto breakers = tx.webhooks().breakers(at);
      CHECK(breakers.open == open);
      CHECK(breakers.half_open == half_open);
      std::optional<Instant> oldest;
      for (const auto& r : model.rows)
        if (r.d.status == DeliveryStatus::pending && (!oldest || r.d.created_at < *oldest)) oldest = r.d.created_at;
      CHECK(deliveries.oldest_pending() == oldest);
      if (!model.rows.empty()) {
        const auto& r = model.rows[static_cast<std::size_t>(step) % model.rows.size()];
        CHECK(text_of(deliveries.find(r.tenant, r.d.id)) == text_of(r.d));
        CHECK(text_of(deliveries.ahead_of(r.tenant, r.d)) == text_of(model.ahead_of(r)));
        CHECK(text_of(deliveries.attempts(r.tenant, r.d.id)) == text_of(r.attempts));
      }
    });
  }
  CHECK(undone > 20);
  for (const auto* what : {"insert", "settle", "replay one", "replay", "kill", "erase", "take", "endpoint", "webhook", "release"}) {
    CAPTURE(what);
    CHECK(done[what] >= 3);
  }
}

// ---- notifications -----------------------------------------------------------------------------------------------

void notifications(Store& store) {
  const TenantId tenants[] = {add_tenant(store), add_tenant(store)};
  const std::optional<CustomerId> recipients[] = {std::nullopt, mint<CustomerId>(), mint<CustomerId>()};
  struct Row {
    TenantId tenant;
    Notification n;
  };
  std::vector<Row> rows; // newest first
  for (int i = 0; i < 60; ++i) {
    Row row{tenants[i % 2], sample_notification(1, recipients[i % 3])};
    row.n.read_at = i % 5 == 0 ? std::optional{minute(1)} : std::nullopt;
    row.n.created_at = minute(i);
    write(store, [&](WriteTransaction& tx) { tx.notifications().insert(row.tenant, row.n); });
    rows.insert(rows.begin(), row);
  }
  const auto check = [&] {
    for (const auto tenant : tenants)
      for (const auto& recipient : {recipients[0], recipients[1], recipients[2], std::optional{mint<CustomerId>()}})
        for (const bool unread : {false, true}) {
          std::vector<Notification> expected;
          for (const auto& [owner, n] : rows)
            if (owner == tenant && n.customer_id == recipient && (!unread || !n.read_at)) expected.push_back(n);
          read(store, [&](const ReadTransaction& tx) {
            const auto& all = tx.notifications();
            CHECK(text_of(all.list(tenant, recipient, unread, {100, {}})) == text_of(expected));
            if (unread) CHECK(all.count_unread(tenant, recipient) == expected.size());
            std::vector<Notification> paged;
            for (Page page{4, {}}; paged.size() < 1000;) {
              const auto next = all.list(tenant, recipient, unread, page);
              paged.insert(paged.end(), next.begin(), next.end());
              if (next.size() < page.limit) break;
              page.before = next.back().id.str();
            }
            CHECK(text_of(paged) == text_of(expected));
            CHECK(all.list(tenant, recipient, unread, {0, {}}).empty());
          });
        }
  };
  check();
  // One by one; what was read before stays as it is.
  write(store, [&](WriteTransaction& tx) {
    for (std::size_t i = 0; i < rows.size(); i += 7) tx.notifications().mark_read(rows[i].tenant, rows[i].n.id, minute(100));
    tx.notifications().mark_read(rows[1].tenant == tenants[0] ? tenants[1] : tenants[0], rows[1].n.id, minute(100)); // another's
    tx.notifications().mark_read(tenants[0], mint<NotificationId>(), minute(100));
  });
  for (std::size_t i = 0; i < rows.size(); i += 7)
    if (!rows[i].n.read_at) rows[i].n.read_at = minute(100);
  check();
  const auto mark_all = [&](TenantId tenant, std::optional<CustomerId> recipient, Instant at) {
    write(store, [&](WriteTransaction& tx) { tx.notifications().mark_all_read(tenant, recipient, at); });
    for (auto& [owner, n] : rows)
      if (owner == tenant && n.customer_id == recipient && !n.read_at) n.read_at = at;
    check();
  };
  mark_all(tenants[0], recipients[1], minute(101));
  mark_all(tenants[1], {}, minute(102));
  mark_all(tenants[1], {}, minute(103));
  // The oldest go, read or not.
  const auto erase = [&](int before, std::size_t limit, std::size_t expected) {
    CHECK(write(store, [&](WriteTransaction& tx) { return tx.notifications().erase_older_than(minute(before), limit); }) == expected);
    rows.resize(rows.size() - expected);
    check();
  };
  erase(0, 100, 0);
  erase(20, 0, 0);
  erase(20, 7, 7);
  erase(20, 100, 13);
  erase(100, 100, 40);
}

} // namespace

std::vector<Check> outbox_checks() {
  return {{"events as a feed", feed},
          {"lists of webhooks", webhooks},
          {"endpoints and who has them", endpoints},
          {"the queue of deliveries", delivery_queue},
          {"what is owed in vain", owed_in_vain},
          {"old deliveries", old_deliveries},
          {"deliveries by chance", deliveries_by_chance},
          {"notifications", notifications}};
}

} // namespace orkestr::storage_contract
