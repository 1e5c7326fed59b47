#include "orkestr/base/ids.hpp"
#include "orkestr/ports/random.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>
#include <set>
#include <thread>

using namespace fixtures;

namespace {

/// The time that an id carries: its first ten characters, in Crockford's base 32.
std::int64_t time_in(const OfferingId& id) {
  static constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  std::int64_t ms = 0;
  for (char c : id.view().substr(4, 10)) ms = ms * 32 + static_cast<std::int64_t>(alphabet.find(c));
  return ms;
}

/// All bits set: counting up within a millisecond meets every carry.
class FullRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0xff}); }
};

} // namespace

TEST_CASE("an id is a prefix and 26 characters of Crockford's base 32, led by its time") {
  SeededRandom random(1);
  IdMinter minter(random);
  const Instant now = at("2026-05-12T15:00:00.123Z");
  for (int i = 0; i < 1000; ++i) {
    const auto id = minter.make<OfferingId>(now);
    REQUIRE(id.view().size() == 30);
    REQUIRE(id.view().starts_with("off_"));
    REQUIRE(id.view().substr(4).find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string_view::npos);
    REQUIRE(time_in(id) == now.ms);
    REQUIRE(OfferingId::parse(id.view()) == id);
  }
}

TEST_CASE("ids sort by creation within a millisecond, over it, and when the clock steps back") {
  SeededRandom random(2);
  IdMinter minter(random);
  Dice dice(seed());
  Instant now = at("2026-05-12T15:00:00Z");
  BookingId last;
  for (int i = 0; i < 20'000; ++i) {
    now.ms += dice.chance(10) ? dice.between(-60'000, 60'001) : dice.between(0, 1);
    const auto id = minter.make<BookingId>(now);
    REQUIRE(last < id);
    REQUIRE(last.view() < id.view());
    last = id;
  }
}

TEST_CASE("counting up within a millisecond carries over every byte") {
  FullRandom random;
  IdMinter minter(random);
  const auto first = minter.make<OfferingId>(Instant{1'000}), second = minter.make<OfferingId>(Instant{1'000});
  CHECK(first < second);
  CHECK(time_in(second) == 1'000); // the carry stays within the random part
  CHECK(second.view().substr(14) == "g000007zzzzzzzzz");
  CHECK(minter.make<OfferingId>(Instant{1'001}) > second);
}

TEST_CASE("who knows an id can't guess the next one, even within a millisecond") {
  SeededRandom random(3);
  IdMinter minter(random);
  std::set<std::string> steps; // what two neighbours share is the time and what was drawn first; the rest is drawn anew
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const auto id = minter.make<HoldId>(Instant{1'000}).str();
    if (!last.empty()) CHECK(id.substr(22) != last.substr(22));
    steps.insert(id.substr(22)); // the lowest 40 bits
    last = id;
  }
  CHECK(steps.size() == 1000);
}

TEST_CASE("ids of many threads are unique, and ascend in each") {
  SystemRandom random;
  IdMinter minter(random);
  constexpr std::size_t each = 5'000;
  std::vector<std::vector<EventId>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : made)
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < each; ++i)
          own.push_back(minter.make<EventId>(Instant{1'800'000'000'000 + static_cast<std::int64_t>(i / 100)}));
      });
  }
  std::set<std::string> all;
  for (const auto& own : made) {
    CHECK(std::ranges::is_sorted(own));
    for (const auto& id : own) all.insert(id.str());
  }
  CHECK(all.size() == each * made.size());
}

TEST_CASE("what is no id of the kind is refused") {
  const std::string body = "01j0abcdefghjkmnpqrstvwxyz";
  CHECK(OfferingId::parse("off_" + body));
  for (const std::string& bad : {std::string{}, body, "bkg_" + body, "OFF_" + body, "off_" + body + "0", "off_" + body.substr(1),
                                 "off-" + body, "off_" + body.substr(1) + "A", "off_" + body.substr(1) + "-", " off_" + body.substr(1),
                                 "off_" + body.substr(1) + std::string(1, '\0')}) {
    CAPTURE(bad);
    CHECK_FALSE(OfferingId::parse(bad));
  }
  CHECK(OfferingId{}.empty());
  CHECK(OfferingId{}.view().empty());
  CHECK_FALSE(OfferingId::parse("off_" + body)->empty());
}

TEST_CASE("the first id at a time is below what is made then, and above what was made before") {
  SeededRandom random{4};
  IdMinter minter(random);
  const Instant at{1'778'598'000'000};
  const auto before = minter.make<OfferingId>({at.ms - 1}), then = minter.make<OfferingId>(at);
  const auto first = first_id_at<OfferingId>(at);
  CHECK(before < first);
  CHECK(first < then);
  CHECK(time_in(first) == at.ms);
  CHECK(OfferingId::parse(first.view()) == first);
  CHECK(time_in(first_id_at<OfferingId>({-5})) == 0);
}
