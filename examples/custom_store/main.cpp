// Books through the engine into the vendor's own calendar.
//
//   cmake --build --preset dev --target example_custom_store && build/dev/examples/example_custom_store
#include "pms_store.hpp"

#include <orkestr/platform/platform.hpp>

#include <cstdio>

using namespace orkestr;

namespace {

Result<OfferingId> make_room(WriteContext& cx) {
  Offering room;
  room.title = "Double room";
  room.product_type_key = "space";
  room.pricing_model = PricingModel::daily;
  room.base_price_cents = 9'000;
  room.resource = "Room 101";
  room.status = OfferingStatus::published;
  json::Reader reader;
  ORKESTR_TRY(const auto made, create_offering(cx, room, reader));
  for (int day = 0; day < 7; ++day) {
    AvailabilityRule rule;
    rule.offering_id = made.id;
    rule.day_of_week = day;
    rule.end_time = *LocalTime::parse("24:00");
    ORKESTR_CHECK(create_rule(cx, rule, reader));
  }
  return made.id;
}

} // namespace

int main() {
  pms::PmsStore store;
  const ManualClock clock(*Instant::parse("2026-05-01T12:00:00Z"));
  SystemRandom random;
  Platform platform(store, clock, random);
  Tenant hotel;
  hotel.name = hotel.subdomain = "hotel";
  const auto tenant = platform.create_tenant(hotel).value().id;

  BookRequest stay;
  stay.offering_id = platform.write(tenant, make_room).value();
  stay.interval = {*Instant::parse("2026-05-04T00:00:00Z"), *Instant::parse("2026-05-07T00:00:00Z")};
  stay.customer_name = "Ada";
  stay.customer_email = "ada@example.com";
  const auto booked = platform.book(tenant, stay);
  const auto twice = platform.book(tenant, stay);
  std::printf("%lld cents; the second time: %s\n", static_cast<long long>(booked->total_cents), twice.error().detail.c_str());

  for (const auto& [key, row] : store.calendar())
    std::printf("%s: %s to %s, %s\n", row.room.c_str(), to_string(row.claim.interval.start).c_str(),
                to_string(row.claim.interval.end).c_str(), std::string{json::name_of(row.claim.status)}.c_str());
}
