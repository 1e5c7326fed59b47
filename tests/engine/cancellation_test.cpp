#include "orkestr/engine/cancellation.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

namespace {

const Instant start = at("2026-05-12T15:00:00Z");

int refund(const CancellationPolicy& policy, milliseconds before) {
  return refund_terms(policy, start - std::chrono::days{400}, start, start - before).percent;
}

CancellationPolicy custom(std::vector<RefundTier> tiers) { return {PolicyKind::custom, std::move(tiers), 0}; }

/// The policy read, written again; or its faults.
std::string read(std::string_view text) {
  json::Reader reader;
  CancellationPolicy policy;
  const auto value = json::parse(text);
  REQUIRE(value);
  json::Codec<CancellationPolicy>::read(reader, *value, policy, {});
  if (reader.ok()) return json::to_json(policy);
  std::string faults;
  for (const auto& fault : reader.faults) faults.append(faults.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  return faults;
}

} // namespace

TEST_CASE("the tier with the largest hoursBefore within the time left decides; a boundary belongs to the better tier") {
  using std::chrono::hours;
  constexpr milliseconds tick{1};
  struct Row {
    PolicyKind kind;
    milliseconds before;
    int percent;
  };
  static const Row table[] = {
      {PolicyKind::flexible, hours{24}, 100},   {PolicyKind::flexible, hours{24} - tick, 0},
      {PolicyKind::flexible, hours{1000}, 100}, {PolicyKind::flexible, hours{0}, 0},
      {PolicyKind::flexible, hours{-5}, 0}, // after the start
      {PolicyKind::moderate, hours{120}, 100},  {PolicyKind::moderate, hours{120} - tick, 50},
      {PolicyKind::moderate, hours{24}, 50},    {PolicyKind::moderate, hours{24} - tick, 0},
      {PolicyKind::strict, hours{168}, 50},     {PolicyKind::strict, hours{168} - tick, 0},
      {PolicyKind::custom, hours{1000}, 0}, // lists no tiers
  };
  for (const auto& row : table) {
    CAPTURE(json::name_of(row.kind));
    CAPTURE(row.before.count());
    CHECK(refund(CancellationPolicy::of(row.kind), row.before) == row.percent);
  }
}

TEST_CASE("custom tiers count in any order, and may pay less for more time") {
  using std::chrono::hours;
  const auto policy = custom({{2, 30}, {48, 90}, {0, 10}, {24, 95}});
  CHECK(refund(policy, hours{72}) == 90);
  CHECK(refund(policy, hours{48}) == 90);
  CHECK(refund(policy, hours{47}) == 95);
  CHECK(refund(policy, hours{2}) == 30);
  CHECK(refund(policy, hours{1}) == 10);
  CHECK(refund(policy, hours{0}) == 10);
  CHECK(refund(policy, milliseconds{-1}) == 0);
}

TEST_CASE("a policy on the wire") {
  CHECK(read(R"({"kind":"MODERATE"})") ==
        R"({"kind":"MODERATE","tiers":[{"hoursBefore":120,"refundPercent":100},{"hoursBefore":24,"refundPercent":50}],"graceMinutes":0})");
  CHECK(read(R"({"kind":"FLEXIBLE","tiers":[{"hoursBefore":24,"refundPercent":100}]})") ==
        R"({"kind":"FLEXIBLE","tiers":[{"hoursBefore":24,"refundPercent":100}],"graceMinutes":0})"); // an answer sent back
  CHECK(read(R"({"kind":"FLEXIBLE","tiers":[{"hoursBefore":24,"refundPercent":99}]})") == "/tiers:conflict");
  CHECK(read(R"({"kind":"CUSTOM"})") == "/tiers:required");
  CHECK(read(R"({"kind":"CUSTOM","tiers":[]})") == "/tiers:too_few_items");
  CHECK(
      read(R"({"kind":"CUSTOM","tiers":[{"hoursBefore":1,"refundPercent":1},{"hoursBefore":9,"refundPercent":2}]})") ==
      R"({"kind":"CUSTOM","tiers":[{"hoursBefore":9,"refundPercent":2},{"hoursBefore":1,"refundPercent":1}],"graceMinutes":0})"); // sorted
  CHECK(read(R"({"kind":"CUSTOM","tiers":[{"hoursBefore":1,"refundPercent":1},{"hoursBefore":1,"refundPercent":2}]})") ==
        "/tiers:conflict");
  CHECK(read(R"({"kind":"CUSTOM","tiers":[{"hoursBefore":-1,"refundPercent":101},{"refundPercent":"1"}]})") ==
        "/tiers/0/hoursBefore:too_small /tiers/0/refundPercent:too_large /tiers/1/hoursBefore:required /tiers/1/refundPercent:wrong_type");
  CHECK(read(R"({"kind":"NICE"})") == "/kind:unknown_value");
  CHECK(read(R"({"tiers":null})") == "/kind:required");
  CHECK(read(R"({"kind":"STRICT","extra":1})") == "/extra:unknown_field");
  CHECK(read(R"("STRICT")") == ":wrong_type");
}

TEST_CASE("within the grace period everything goes back, unless the booking has started") {
  using std::chrono::minutes;
  auto policy = CancellationPolicy::of(PolicyKind::strict);
  policy.grace_minutes = 30;
  const auto percent = [&](milliseconds after_booking, milliseconds before_start) {
    const Instant now = start - before_start;
    const auto terms = refund_terms(policy, now - after_booking, start, now);
    CHECK(terms.grace == (terms.percent == 100));
    return terms.percent;
  };
  constexpr milliseconds tick{1};
  CHECK(percent(minutes{30}, minutes{60}) == 100);
  CHECK(percent(minutes{30} + tick, minutes{60}) == 0);
  CHECK(percent(minutes{30} + tick, std::chrono::hours{200}) == 50);
  CHECK(percent(minutes{5}, tick) == 100);
  CHECK(percent(minutes{5}, milliseconds{0}) == 0);
  CHECK(read(R"({"kind":"FLEXIBLE","graceMinutes":45})") ==
        R"({"kind":"FLEXIBLE","tiers":[{"hoursBefore":24,"refundPercent":100}],"graceMinutes":45})");
  CHECK(read(R"({"kind":"FLEXIBLE","graceMinutes":10081})") == "/graceMinutes:too_large");
}
