#include "orkestr/engine/webhook.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>

using namespace fixtures;
using namespace std::chrono_literals;

namespace {

Webhook subscribed(std::vector<std::string> events) {
  Webhook webhook;
  webhook.events = std::move(events);
  return webhook;
}

constexpr auto type_names = json::EnumNames<EventType>::names;

std::string wanted_by(const Webhook& webhook) {
  std::string all;
  for (std::size_t i = 0; i < type_names.size(); ++i)
    if (webhook.wants(static_cast<EventType>(i))) all += std::string{type_names[i]} + " ";
  return all;
}

/// What signs, as "first+other".
std::string signing(const Webhook& webhook, Instant now) {
  const auto [first, other] = signing_secrets(webhook, now);
  return std::string{first} + (other ? "+" + std::string{*other} : "");
}

const Instant start = at("2026-05-12T10:00:00Z");

} // namespace

TEST_CASE("events that a subscription wants") {
  CHECK(wanted_by(subscribed({})) == "");
  CHECK(wanted_by(subscribed({"booking.confirmed"})) == "booking.confirmed ");
  CHECK(wanted_by(subscribed({"coupon.redeemed", "booking.cancelled", "coupon.redeemed"})) == "booking.cancelled coupon.redeemed ");
  CHECK(wanted_by(subscribed({"dispute.*"})) == "dispute.opened dispute.message dispute.resolved ");
  CHECK(wanted_by(subscribed({"tenant.*", "hold.*"})) == "hold.expired tenant.kyb_verified ");
  CHECK(wanted_by(subscribed({"booking", "book.*", "booking.", "BOOKING.*", "", ".", "*.*"})) == "");
  std::string every;
  for (const auto name : type_names)
    if (name != "webhook.test") every += std::string{name} + " ";
  CHECK(wanted_by(subscribed({"*"})) == every);
  CHECK(wanted_by(subscribed({"webhook.test", "webhook.*"})) == ""); // sent on request only
}

TEST_CASE("filters of events") {
  for (const auto name : type_names) CHECK(is_event_filter(name) == (name != "webhook.test"));
  for (const auto* text : {"*", "booking.*", "hold.*", "coupon.*", "offering.*", "dispute.*", "review.*", "tenant.*"})
    CHECK(is_event_filter(text));
  for (const auto* text : {"", ".*", "**", "*.*", "booking", "booking.", "booking.**", "booking.conf*", "Booking.*", "bookings.*", "book.*",
                           " booking.*", "booking.* ", "booking.confirmed.*", "*.confirmed", "booking.lost"}) {
    CAPTURE(text);
    CHECK_FALSE(is_event_filter(text));
  }
  json::Reader reader;
  validate(subscribed({"booking.*", "nonsense", "*", "booking.lost"}), reader);
  REQUIRE(reader.faults.size() == 2);
  CHECK(reader.faults[0].pointer == "/events/1");
  CHECK(reader.faults[1].pointer == "/events/3");
  CHECK(reader.faults[0].code == "unknown_value");
  json::Reader fine;
  validate(subscribed({"booking.*", "*", "coupon.redeemed"}), fine);
  CHECK(fine.ok());
}

TEST_CASE("a rotation, phase by phase") {
  Webhook w;
  w.secret = "a";
  CHECK(signing(w, start) == "a");
  CHECK(outcome(promote(w, start)) == "invalid_transition");
  REQUIRE(rotate(w, "b", start));
  CHECK(w.rotated_at == start);
  CHECK(signing(w, start - 1ms) == "a+b");
  CHECK(signing(w, start) == "a+b");
  CHECK(outcome(rotate(w, "x", start + 24h - 1ms)) == "invalid_transition");
  CHECK(signing(w, start + 24h - 1ms) == "a+b");
  // The new one takes over by itself, and the old one stays in the list for a day.
  CHECK(signing(w, start + 24h) == "b+a");
  CHECK(signing(w, start + 48h - 1ms) == "b+a");
  CHECK(signing(w, start + 48h) == "b");
  CHECK(signing(w, start + 1000h) == "b");
  CHECK(w.secret == "a"); // nobody wrote that down yet
  SUBCASE("promoted by hand") {
    for (const auto after : {milliseconds{0}, milliseconds{1}, milliseconds{24h - 1ms}}) {
      CAPTURE(after.count());
      Webhook p = w;
      const Instant now = start + after;
      REQUIRE(promote(p, now));
      CHECK(outcome(promote(p, now)) == "invalid_transition");
      CHECK(signing(p, now) == "b+a");
      CHECK(signing(p, now + 24h - 1ms) == "b+a");
      CHECK(signing(p, now + 24h) == "b");
      CHECK(p.old_secret_expires_at == now + 24h);
      CHECK_FALSE(p.next_secret.has_value());
      CHECK_FALSE(p.rotated_at.has_value());
    }
  }
  SUBCASE("promoted by hand when it has taken over already") {
    CHECK(outcome(promote(w, start + 24h)) == "invalid_transition");
    CHECK(w.secret == "b"); // which is written down
    CHECK(w.old_secret == "a");
    CHECK(w.old_secret_expires_at == start + 48h);
    CHECK(signing(w, start + 48h - 1ms) == "b+a");
    CHECK(signing(w, start + 48h) == "b");
  }
  SUBCASE("rotated again just when it has taken over") {
    REQUIRE(rotate(w, "c", start + 24h));
    CHECK(signing(w, start + 24h) == "b+c");
    CHECK(signing(w, start + 48h - 1ms) == "b+c");
    CHECK(signing(w, start + 48h) == "c+b");
    CHECK(signing(w, start + 72h - 1ms) == "c+b");
    CHECK(signing(w, start + 72h) == "c");
    REQUIRE(promote(w, start + 25h));
    CHECK(w.old_secret == "b");
    CHECK(signing(w, start + 25h) == "c+b");
  }
  SUBCASE("rotated again long after") {
    REQUIRE(rotate(w, "c", start + 48h));
    CHECK(w.secret == "b");
    CHECK_FALSE(w.old_secret.has_value()); // expired
    CHECK_FALSE(w.old_secret_expires_at.has_value());
    CHECK(signing(w, start + 48h) == "b+c");
  }
  SUBCASE("replaced for a leak, whatever the phase") {
    for (const auto after : {0h, 24h, 48h}) {
      Webhook r = w;
      if (after == 24h) REQUIRE(promote(r, start));
      replace_secret(r, "new");
      for (const auto later : {0h, 24h, 48h, 72h}) CHECK(signing(r, start + later) == "new");
      CHECK_FALSE(r.next_secret.has_value());
      CHECK_FALSE(r.old_secret.has_value());
      CHECK_FALSE(r.rotated_at.has_value());
      CHECK_FALSE(r.old_secret_expires_at.has_value());
      CHECK(rotate(r, "next", start + after));
    }
  }
}

TEST_CASE("what signs changes only when it should, whenever it is written down") {
  // Whoever looks at a row that was settled late sees what one sees that was settled at every step.
  Dice dice(seed());
  for (std::uint64_t round = 0; round < rounds(200); ++round) {
    Webhook lazy;
    lazy.secret = "0";
    Instant now = start;
    for (int step = 1; step < 30; ++step) {
      now = now + milliseconds{dice.between(0, 30) * 3'600'000 + (dice.chance(50) ? 0 : dice.between(-1, 1) * (step > 1))};
      Webhook eager = lazy;
      (void)promote(eager, now); // settles, and may promote
      const auto before = signing(lazy, now);
      if (!lazy.next_secret || now >= *lazy.rotated_at + rotation_time) CHECK(signing(eager, now) == before);
      if (dice.chance(50)) {
        const bool under_way = lazy.next_secret && now < *lazy.rotated_at + rotation_time;
        CHECK(rotate(lazy, std::to_string(step), now).has_value() == !under_way);
      } else if (dice.chance(50)) {
        (void)promote(lazy, now);
      }
      // A secret that signed first goes on to verify until the next rotation begins, or a day has passed.
      const auto [first, other] = signing_secrets(lazy, now);
      CHECK_FALSE(first.empty());
      if (other) CHECK(*other != first);
    }
  }
}

TEST_CASE("the schedule of attempts") {
  constexpr milliseconds delays[] = {10s, 2min, 20min, 3h, 24h};
  CHECK(std::ranges::equal(retry_delays, delays));
  for (int made = 1; made <= 5; ++made) {
    CAPTURE(made);
    const auto delay = delays[made - 1];
    CHECK(*next_attempt(made, start, 0) == start + delay * 8 / 10);
    CHECK(*next_attempt(made, start, 0.5) == start + delay);
    const auto last = *next_attempt(made, start, 1 - 1e-9);
    CHECK(last > start + delay * 119 / 100);
    CHECK(last < start + delay * 12 / 10);
  }
  for (const int made : {-1, 0, 6, 7, 1000}) CHECK_FALSE(next_attempt(made, start, 0.5).has_value());
  // What the endpoint asks for counts where it is longer, and an hour at most.
  CHECK(*next_attempt(1, start, 0.5, 9s) == start + 10s);
  CHECK(*next_attempt(1, start, 0.5, 11s) == start + 11s);
  CHECK(*next_attempt(1, start, 0.5, 1h) == start + 1h);
  CHECK(*next_attempt(1, start, 0.5, 1h + 1ms) == start + 1h);
  CHECK(*next_attempt(1, start, 0.5, 1000h) == start + 1h);
  CHECK(*next_attempt(4, start, 0.5, 1000h) == start + 3h);
  CHECK(*next_attempt(1, start, 0, milliseconds{0}) == start + 8s);
  CHECK_FALSE(next_attempt(6, start, 0.5, 1h).has_value());
}

TEST_CASE("ten thousand that fail at once are not tried again at once") {
  Dice dice(seed());
  for (int made = 1; made <= 5; ++made) {
    std::vector<std::int64_t> delays;
    for (int i = 0; i < 10'000; ++i) {
      const double spread = static_cast<double>(dice.bits() >> 11) * 0x1p-53;
      delays.push_back((*next_attempt(made, start, spread) - start).count());
    }
    const auto [least, most] = std::ranges::minmax(delays);
    const auto base = retry_delays[static_cast<std::size_t>(made - 1)].count();
    const double width = static_cast<double>(most - least) / static_cast<double>(base);
    MESSAGE("retry ", made, " of 10,000: from ", least, " ms to ", most, " ms, ", width * 100, " % of ", base, " ms");
    CHECK(least >= base * 8 / 10);
    CHECK(most <= base * 12 / 10);
    CHECK(width >= 0.399); // of the 40 % there are
    // Evenly: no tenth of the time has more than its share.
    std::array<int, 10> tenths{};
    for (const auto delay : delays) ++tenths[static_cast<std::size_t>(std::min<std::int64_t>(9, (delay - base * 8 / 10) * 25 / base))];
    for (const int count : tenths) CHECK(std::abs(count - 1000) < 150);
  }
}

TEST_CASE("Retry-After") {
  const auto now = at("1994-11-06T08:49:00Z");
  const auto asked = [&](std::string_view text) { return parse_retry_after(text, now); };
  CHECK(asked("0") == 0ms);
  CHECK(asked("120") == 120s);
  CHECK(asked("007") == 7s);
  CHECK(asked("Sun, 06 Nov 1994 08:49:37 GMT") == 37s);
  CHECK(asked("Sun, 06 Nov 1994 08:49:00 GMT") == 0s);
  CHECK(asked("Mon, 01 Jan 2035 00:00:00 GMT").value() > 24h * 365 * 40);
  for (const auto* text : {"Sun, 06 Nov 1994 08:48:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"}) CHECK_FALSE(asked(text).has_value()); // past
  for (const auto* text : {"",
                           " ",
                           "-1",
                           "-0",
                           "+5",
                           " 5",
                           "5 ",
                           "1.5",
                           "1e3",
                           "0x10",
                           "five",
                           "5s",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GM",
                           "Sun, 31 Feb 1995 08:49:37 GMT",
                           "Sun, 06 Nov 1994 25:49:37 GMT",
                           "Sun, 06 ovD 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 6 Nov 1994 08:49:37 GMTT",
                           "xxxxxxxxxxxxxxxxxxxxxxxxx GMT",
                           "99999999999999999999x"}) {
    CAPTURE(text);
    CHECK_FALSE(asked(text).has_value());
  }
  // Too long a time is one as well, and nothing overflows.
  for (const auto* text : {"1000000000", "1000000001", "9223372036854775807", "9223372036854775808", "99999999999999999999999999999999"})
    CHECK(asked(text).value() == milliseconds{1'000'000'000s});
  CHECK(*next_attempt(1, start, 0.5, asked("99999999999999999999")) == start + 1h);
  Dice dice(seed());
  for (std::uint64_t round = 0; round < rounds(20'000); ++round) { // whatever comes, something sensible
    std::string text = dice.chance(50) ? "Sun, 06 Nov 1994 08:49:37 GMT" : "86400";
    for (int changes = dice.roll(1, 4); changes > 0; --changes)
      text[static_cast<std::size_t>(dice.between(0, std::ssize(text) - 1))] = static_cast<char>(dice.roll(0, 255));
    if (const auto delay = asked(text)) CHECK(*delay >= 0ms);
  }
}

TEST_CASE("the breaker of an endpoint") {
  WebhookEndpoint e;
  Instant now = start;
  CHECK(breaker_state(e, now) == BreakerState::closed);
  for (int i = 1; i <= 4; ++i) {
    note_failure(e, now = now + 1s, 0.5);
    CHECK(e.failures == i);
    CHECK(breaker_state(e, now) == BreakerState::closed);
  }
  CHECK(e.failing_since == start + 1s);
  WebhookEndpoint saved = e;
  note_success(saved);
  CHECK(saved.failures == 0);
  CHECK_FALSE(saved.failing_since.has_value());
  note_failure(e, now = now + 1s, 0.5);
  CHECK(breaker_state(e, now) == BreakerState::open);
  CHECK(e.open_until == now + 30s);
  CHECK(breaker_state(e, now + 30s - 1ms) == BreakerState::open);
  CHECK(breaker_state(e, now + 30s) == BreakerState::half_open);
  // What was on its way when it opened is no further sign.
  for (int i = 0; i < 20; ++i) note_failure(e, now + 30s - 1ms, 0.5);
  CHECK(e.failures == 5);
  CHECK(e.open_until == now + 30s);
  // A probe that fails opens it again, for twice as long, up to five minutes.
  for (const milliseconds pause : {1min, 2min, 4min, 5min, 5min, 5min, 5min, 5min, 5min, 5min, 5min}) {
    now = *e.open_until;
    CHECK(breaker_state(e, now) == BreakerState::half_open);
    note_failure(e, now, 0.5);
    CHECK(breaker_state(e, now) == BreakerState::open);
    CHECK(e.open_until == now + pause);
  }
  CHECK(e.failing_since == start + 1s);
  // One that succeeds closes it, and all is as at first.
  now = *e.open_until;
  note_success(e);
  CHECK(breaker_state(e, now) == BreakerState::closed);
  CHECK(e.failures == 0);
  CHECK_FALSE(e.failing_since.has_value());
  for (int i = 0; i < 5; ++i) {
    CHECK(breaker_state(e, now) == BreakerState::closed);
    note_failure(e, now, 0);
  }
  CHECK(e.open_until == now + 24s); // spread as retries are
  WebhookEndpoint worn{.webhook_id = {}, .owner = {}, .owned_until = {}, .failures = 1'000'000, .failing_since = start, .open_until = {}};
  note_failure(worn, now, 1 - 1e-9);
  CHECK(worn.failures == 1'000'000);
  CHECK(*worn.open_until <= now + 6min);
}
