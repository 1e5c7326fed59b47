// What visitors find with words, and how the answer says that they were understood.
#include "orkestr/storage/search_repository.hpp"

#include "support/api_world.hpp"

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

/// It is Friday 2026-05-01, 12:00 UTC; everything is open from 9 to 17 in New York, in hours.
struct World : ApiWorld {
  OfferingId make(const std::string& title, const std::function<void(Offering&)>& change) {
    const auto id = make_offering(tenant, title, 1);
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      change(offering);
      json::Reader reader;
      return update_offering(cx, offering, reader);
    }));
    return id;
  }
  OfferingId quiet = make("Corner Room", [](Offering& o) {
    o.attributes = {{"capacity", 6}, {"neighborhood", "Downtown"}, {"noiseLevel", "quiet"}, {"amenities", {"wifi", "whiteboard"}}};
    o.categories = {"meeting room"};
    o.base_price_cents = 4000;
  });
  OfferingId loud = make("Garden Hall", [](Offering& o) {
    o.attributes = {{"capacity", 80}, {"city", "Brooklyn"}, {"noiseLevel", "lively"}, {"amenities", {"garden", "parking"}}};
    o.description = "For receptions and concerts.";
    o.base_price_cents = 20000;
  });
  OfferingId small = make("Phone Cabin", [](Offering& o) {
    o.attributes = {{"capacity", 1}, {"neighborhood", "Downtown"}, {"noiseLevel", "quiet"}};
    o.base_price_cents = 1000;
  });

  Answer ask(const std::string& words, const std::string& more = {}) {
    std::string q;
    for (const char c : words) {
      static constexpr char digits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      q.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return send(Method::get, "/v1/public/atlas/offerings?q=" + q + more);
  }
  std::string titles(const std::string& words, const std::string& more = {}) {
    const auto answer = ask(words, more);
    std::string all;
    for (const auto& each : answer.data()) all.append(each.at("title").as_string()).append("; ");
    return all;
  }
  std::string relaxed(const std::string& words) { return boost::json::serialize(ask(words).body.at("understood").at("relaxed")); }
};

} // namespace

TEST_CASE("search: people, place, amenity, date and part of the day at once") {
  World w;
  const auto answer = w.ask("a quiet space for 4 people downtown next Tuesday morning");
  REQUIRE(answer.status() == 200);
  REQUIRE(answer.data().size() == 1);
  CHECK(answer.data()[0].at("title") == "Corner Room");
  const auto& understood = answer.body.at("understood");
  CHECK(understood.at("relaxed").as_array().empty());
  CHECK(understood.at("language") == "en");
  std::string kinds;
  for (const auto& chip : understood.at("chips").as_array()) kinds.append(chip.at("kind").as_string()).append(" ");
  CHECK(kinds == "AMENITY CATEGORY PARTY PLACE DATE TIME ");
  const auto& people = understood.at("chips").at(2);
  CHECK(people.at("label") == "4 people");
  CHECK(people.at("value") == 4);
  CHECK(people.at("without") == "a quiet space downtown next Tuesday morning");
  CHECK(w.titles("un espace calme pour 4 personnes mardi matin") == "Corner Room; ");
  CHECK(w.titles("un espacio tranquilo para 4 personas el martes") == "Corner Room; ");
}

TEST_CASE("search: each part filters, exclusions too, and parameters win over words") {
  World w;
  CHECK(w.titles("for 50 people") == "Garden Hall; ");
  CHECK(w.titles("with parking") == "Garden Hall; ");
  CHECK(w.titles("space without parking, cheapest first") == "Phone Cabin; Corner Room; ");
  CHECK(w.titles("under $50") == "Phone Cabin; Corner Room; ");
  CHECK(w.titles("under 50 euros") == "");
  CHECK(w.titles("under $50", "&maxPriceCents=1000") == "Phone Cabin; ");
  CHECK(w.titles("in Brooklyn") == "Garden Hall; ");
  CHECK(w.titles("not downtown") == "Garden Hall; ");
  CHECK(w.titles("meeting room") == "Corner Room; ");
  CHECK(w.titles("concerts") == "Garden Hall; ");
  CHECK(w.titles("conecrts") == "");
  CHECK(w.titles("gardn hall").starts_with("Garden Hall; "));
  CHECK(w.titles("receptio") == "Garden Hall; ");
  CHECK(w.titles("zeppelin") == "");
  CHECK(w.ask("zeppelin").body.at("understood").at("text") == "zeppelin");
  CHECK(w.titles("for 2 people", "&sort=price") == "Corner Room; Garden Hall; ");
}

TEST_CASE("search: only what is free on the day, at the time and for so long") {
  World w;
  const auto book = [&](OfferingId id, const char* from, const char* to) {
    return w.send(Method::post, "/v1/public/atlas/holds",
                  R"({"offeringId":")" + id.str() + R"(","startsAt":")" + from + R"(","endsAt":")" + to + "\"}");
  };
  CHECK(w.titles("meeting room on Monday at 10am") == "Corner Room; ");
  REQUIRE(book(w.quiet, "2026-05-04T14:00:00Z", "2026-05-04T15:00:00Z").status() == 201); // 10 to 11 in New York
  CHECK(w.titles("meeting room on Monday at 11am") == "Corner Room; ");
  CHECK(w.relaxed("meeting room on Monday at 10am") == R"(["TIME"])");
  CHECK(w.relaxed("meeting room on Monday at 11am") == "[]");
  CHECK(w.relaxed("meeting room on Monday between 9am and 11am for 2 hours") == R"(["TIME"])"); // 9 to 10 is free, and no more
  CHECK(w.relaxed("meeting room on Monday for 2 hours") == "[]");
  CHECK(w.titles("meeting room last", "&availableOn=2026-05-04") == "Corner Room; ");
}

TEST_CASE("search: when nothing fits, the least important goes first, and the answer says so") {
  World w;
  CHECK(w.relaxed("space downtown with a pool") == R"(["AMENITY"])");
  CHECK(w.relaxed("space with wifi in Atlantis") == R"(["PLACE"])"); // the amenity is had, and stays asked for
  CHECK(w.titles("space downtown with a pool") == "Phone Cabin; Corner Room; ");
  CHECK(w.relaxed("space for 50 downtown with a pool") == R"(["AMENITY","PLACE"])");
  CHECK(w.titles("space for 50 downtown with a pool") == "Garden Hall; ");
  // People and prices are never let go.
  CHECK(w.titles("space for 500 people") == "");
  CHECK(w.relaxed("space for 500 people") == "[]");
}

TEST_CASE("search: pages go on where they ended") {
  World w;
  const auto first = w.ask("space", "&limit=2");
  REQUIRE(first.data().size() == 2);
  CHECK(first.body.at("hasMore") == true);
  const auto second = w.ask("space", "&limit=2&cursor=" + first.text("nextCursor"));
  REQUIRE(second.data().size() == 1);
  CHECK(second.body.at("hasMore") == false);
  CHECK(w.ask("space", "&cursor=x").code() == "invalid_cursor");
  CHECK(w.send(Method::get, "/v1/public/atlas/offerings").body.as_object().if_contains("understood") == nullptr);
}

TEST_CASE("search: what an offering no longer says finds it no longer") {
  World w;
  CHECK(w.titles("concerts") == "Garden Hall; ");
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
    auto offering = *cx.tx.offerings().find(w.tenant, w.loud);
    offering.description = "For weddings.";
    json::Reader reader;
    return update_offering(cx, offering, reader);
  }));
  CHECK(w.titles("concerts") == "");
  CHECK(w.titles("weddings") == "Garden Hall; ");
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) { return delete_offering(cx, w.loud); }));
  CHECK(w.titles("weddings") == "");
}

TEST_CASE("search: offerings that wait for the index are found by their texts, then by the index") {
  World w;
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<bool> {
    cx.tx.search().erase(cx.tenant, w.loud);
    cx.tx.search().defer(cx.tenant, w.loud);
    return true;
  }));
  CHECK(w.titles("concerts") == "Garden Hall; ");
  CHECK(w.titles("with parking") == "Garden Hall; ");
  CHECK(w.titles("without parking, for 4 people") == "Corner Room; ");
  const auto done = w.platform.run_due(w.clock.now());
  REQUIRE(done);
  CHECK(done->indexed_offerings == 1);
  CHECK_FALSE(w.store.read([&](const storage::ReadTransaction& tx) -> Result<bool> { return tx.search().has_pending(w.tenant); }).value());
  CHECK(w.titles("with parking") == "Garden Hall; ");
}

TEST_CASE("search: weekdays that recur are those of the slots, on any date") {
  World w;
  const auto weekend = w.make("Weekend Den", [](Offering& o) { o.attributes = {{"capacity", 40}}; });
  w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<bool> {
    for (const auto& rule : cx.tx.availability().rules(w.tenant, weekend))
      if (rule.day_of_week != 0 && rule.day_of_week != 6) delete_rule(cx, rule.id);
    return true;
  });
  CHECK(w.titles("den on weekends") == "Weekend Den; ");
  CHECK(w.titles("den weekday mornings") == "");
  CHECK(w.titles("den Saturday mornings") == "Weekend Den; ");
  CHECK(w.titles("den not on weekends") == "");
  CHECK(w.titles("den Monday or Thursday") == "");
  CHECK(w.titles("den Saturday or Wednesday") == "Weekend Den; ");
  CHECK(w.titles("den weekday mornings", "&availableOn=2026-05-02") == "Weekend Den; "); // the parameter wins
  const auto chip = w.ask("den weekday mornings").body.at("understood").at("chips").at(1);
  CHECK(chip.at("kind") == "DATE");
  CHECK(boost::json::serialize(chip.at("value")) == R"({"weekdays":[1,2,3,4,5]})");
}
