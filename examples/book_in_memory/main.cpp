// A whole booking life on the in-memory store: hold, book, race for the last unit, cancel, and the events of it all. No server.
//
//   cmake --build --preset dev --target example_book_in_memory && build/dev/examples/example_book_in_memory
#include <orkestr/platform/platform.hpp>
#include <orkestr/storage/memory_store.hpp>

#include <atomic>
#include <cstdio>
#include <thread>

using namespace orkestr;

namespace {

Interval hour(const char* start) { return {*Instant::parse(start), *Instant::parse(start) + std::chrono::hours{1}}; }

BookRequest request(OfferingId offering, Interval interval, const std::string& guest) {
  BookRequest r;
  r.offering_id = offering;
  r.interval = interval;
  r.customer_name = guest;
  r.customer_email = guest + "@example.com";
  return r;
}

/// A room that is open every day from 09:00 to 17:00 UTC.
Result<OfferingId> make_room(WriteContext& cx) {
  Offering room;
  room.title = "Room";
  room.product_type_key = "space";
  room.base_price_cents = 5'000;
  room.status = OfferingStatus::published;
  json::Reader reader;
  ORKESTR_TRY(const auto made, create_offering(cx, room, reader));
  for (int day = 0; day < 7; ++day) {
    AvailabilityRule rule;
    rule.offering_id = made.id;
    rule.day_of_week = day;
    rule.start_time = *LocalTime::parse("09:00");
    rule.end_time = *LocalTime::parse("17:00");
    ORKESTR_CHECK(create_rule(cx, rule, reader));
  }
  return made.id;
}

} // namespace

int main() {
  storage::MemoryStore store;
  ManualClock clock(*Instant::parse("2026-05-01T12:00:00Z")); // a server would use SystemClock
  SystemRandom random;
  Platform platform(store, clock, random);

  Tenant draft;
  draft.name = draft.subdomain = "atlas";
  const auto tenant = platform.create_tenant(draft).value().id;
  const auto room = platform.write(tenant, make_room).value();

  // Hold a slot, ask for its price, book it.
  const auto hold = platform.hold(tenant, {room, hour("2026-05-04T09:00:00Z"), 1, "visitor 1"}).value();
  const auto price = platform.quote(tenant, {.hold_id = hold.id}).value().quote.total_cents;
  auto from_hold = request(room, {}, "ada");
  from_hold.hold_id = hold.id;
  from_hold.expected_total_cents = price;
  const auto booking = platform.book(tenant, from_hold).value();
  std::printf("%s for %lld cents\n", std::string{json::name_of(booking.status)}.c_str(), static_cast<long long>(booking.total_cents));

  // Sixteen want the same hour; the room takes one.
  std::atomic<int> won{0}, lost{0};
  {
    std::vector<std::jthread> guests;
    for (int i = 0; i < 16; ++i)
      guests.emplace_back([&, i] {
        const auto made = platform.book(tenant, request(room, hour("2026-05-04T10:00:00Z"), "guest" + std::to_string(i)));
        ++(made ? won : lost);
        if (!made && made.error().code != Code::slot_unavailable) std::abort();
      });
  }
  std::printf("%d won, %d were told that the slot is taken\n", won.load(), lost.load());

  // Approve, look at what cancelling would give back, cancel.
  (void)platform.approve(tenant, booking.id);
  clock.advance(std::chrono::days{1});
  const auto terms = cancellation_terms(booking, clock.now()).value();
  const auto ended = platform.cancel(tenant, booking.id, "ill").value();
  std::printf("cancelled: %d %% back, %lld cents, as foretold: %s\n", *ended.refund_percent, static_cast<long long>(*ended.refund_cents),
              terms.refund_cents == ended.refund_cents ? "yes" : "no");

  // What subscribers would be told.
  (void)store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
    for (const auto& event : tx.events().list(tenant, "", 100))
      if (event.subject == booking.id.view()) std::printf("event %s\n", std::string{json::name_of(event.type)}.c_str());
    return 0;
  });
}
