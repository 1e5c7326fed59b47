// A shop with bookings to review and to dispute, on a memory store and on SQLite.
#pragma once

#include "support/api_world.hpp"
#include "support/room.hpp"

#include "orkestr/adapters/sqlite_store.hpp"

#include <filesystem>

#include <unistd.h>

namespace orkestr::test {

/// Runs `f(store)` on a memory store and on SQLite.
template <class F> void on_both_stores(const char* name, F&& f) {
  {
    storage::MemoryStore memory;
    f(static_cast<storage::Store&>(memory));
  }
  const auto folder = std::filesystem::temp_directory_path() / (std::string{"orkestr-"} + name + "-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  storage::SqliteOptions options;
  options.file = folder / "trust.db";
  options.full_sync = false;
  {
    auto sqlite = storage::SqliteStore::open(options).value();
    f(static_cast<storage::Store&>(*sqlite));
  }
  std::filesystem::remove_all(folder);
}

struct TrustWorld {
  explicit TrustWorld(storage::Store& s) : store(s) {
    Tenant draft;
    draft.name = "Trust";
    draft.subdomain = "trust";
    tenant = platform.create_tenant(draft).value().id;
    offering = make_offering("Loft");
  }

  OfferingId make_offering(const char* title) {
    auto draft = support::room();
    draft.title = title;
    draft.base_price_cents = 6000;
    return platform.write(tenant, [&](WriteContext& cx) { return support::open_daily(cx, draft, support::all_day(50)); }).value().id;
  }
  template <class F> auto write(F&& f) { return platform.write(tenant, std::forward<F>(f)); }
  template <class F> auto read(F&& f) {
    using T = std::invoke_result_t<F, const storage::ReadTransaction&>;
    return store.read([&](const storage::ReadTransaction& tx) -> Result<T> { return f(tx); }).value();
  }

  /// CONFIRMED, of an hour from an hour from now on.
  Booking book(OfferingId of, std::string email = "ada@example.com", std::string name = "Ada Lovelace") {
    BookRequest request;
    request.offering_id = of;
    request.interval.start = *Instant::parse("2026-05-04T10:00:00Z");
    request.interval.end = request.interval.start + std::chrono::hours{1};
    request.customer_name = std::move(name);
    request.customer_email = std::move(email);
    return platform.approve(tenant, platform.book(tenant, request).value().id).value();
  }
  Booking booking(BookingId id) {
    return read([&](const storage::ReadTransaction& tx) { return *tx.bookings().find(tenant, id); });
  }
  /// `review.created {…}` of each event of a subject, without what is about the booking in general.
  std::vector<std::string> events(std::string_view subject) {
    std::vector<std::string> all;
    for (const auto& event : read([&](const storage::ReadTransaction& tx) { return tx.events().list(tenant, "", 1000); }))
      if (event.subject == subject) all.emplace_back(json::name_of(event.type));
    return all;
  }
  json::Value last_event() {
    const auto all = read([&](const storage::ReadTransaction& tx) { return tx.events().list(tenant, "", 1000); });
    return json::parse(all.back().body)->at("data");
  }
  /// `action subject` of the audit log, newest first.
  std::vector<std::string> audit(std::string_view subject) {
    std::vector<std::string> all;
    storage::AuditFilter filter;
    filter.subject = std::string{subject};
    for (const auto& entry : read([&](const storage::ReadTransaction& tx) { return tx.audit().list(tenant, filter, {}); }))
      all.push_back(entry.action);
    return all;
  }

  storage::Store& store;
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  SeededRandom random{20260501};
  Platform platform{store, clock, random};
  TenantId tenant;
  OfferingId offering;
};

} // namespace orkestr::test
