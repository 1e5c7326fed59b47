// Links and sessions of customers, as a host without the REST API meets them.
#include "platform/trust_world.hpp"
#include "support/kept_mails.hpp"

#include "orkestr/platform/mails.hpp"

#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

struct Door {
  explicit Door(storage::Store& s) : store(s) {
    atlas = tenant("atlas");
    cirrus = tenant("cirrus");
    offering =
        platform.write(atlas, [&](WriteContext& cx) { return support::open_daily(cx, support::room(), support::all_day(50)); }).value().id;
  }
  TenantId tenant(const char* subdomain) {
    Tenant draft;
    draft.name = subdomain;
    draft.subdomain = subdomain;
    return platform.create_tenant(draft).value().id;
  }
  Booking book(std::string email) {
    BookRequest request;
    request.offering_id = offering;
    request.interval = {*Instant::parse("2026-05-12T15:00:00Z"), *Instant::parse("2026-05-12T16:00:00Z")};
    request.customer_name = "Ada";
    request.customer_email = std::move(email);
    return platform.book(atlas, request).value(); // by a key: no token of its own
  }
  std::string ask(std::string_view email) {
    const auto token = make_link_token(random);
    REQUIRE(platform.write(atlas, [&](WriteContext& cx) { return send_customer_link(cx, email, token); }));
    return token;
  }
  Result<CustomerPass> open(TenantId at, std::string_view link, std::string_view session) {
    return platform.write(at, [&](WriteContext& cx) { return open_customer_session(cx, link, session); });
  }
  Result<void> end(std::string_view session) {
    return platform.write(atlas, [&](WriteContext& cx) { return end_customer_session(cx, session); });
  }
  std::optional<Code> manage(TenantId at, BookingId id, std::string_view token) {
    const auto found =
        store.read([&](const storage::ReadTransaction& tx) -> Result<Booking> { return find_managed(tx, at, id, token, clock.now()); });
    return found ? std::nullopt : std::optional{found.error().code};
  }
  std::size_t queued() {
    return store.read([&](const storage::ReadTransaction& tx) -> Result<std::size_t> { return tx.mails().due(clock.now(), 100).size(); })
        .value();
  }

  storage::Store& store;
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  SeededRandom random{11};
  KeptMails outbox;
  PlatformOptions options() {
    PlatformOptions all{SecretBox::parse(SecretBox::make_key(random)).value(), {}};
    all.mailer = &outbox;
    return all;
  }
  Platform platform{store, clock, random, options()};
  TenantId atlas, cirrus;
  OfferingId offering;
};

} // namespace

TEST_CASE("a link opens one session, which opens the bookings of its address") {
  on_both_stores("passes", [](storage::Store& store) {
    Door door(store);
    const auto hers = door.book("Ada@example.com"), his = door.book("bob@example.com");
    const auto link = door.ask("ada@EXAMPLE.com");
    CHECK(door.queued() == 1);
    const auto session = make_session_token(door.random);
    CHECK(is_session_token(session));
    CHECK_FALSE(is_session_token(link));
    CHECK(door.open(door.cirrus, link, session).error().code == Code::not_found); // another tenant's is nothing, and is not used up by it
    const auto opened = door.open(door.atlas, link, session);
    REQUIRE(opened);
    CHECK(opened->email == "ada@example.com");
    CHECK(opened->expires_at == door.clock.now() + session_life);
    CHECK(opened->token_hash.find(session.substr(4)) == std::string::npos);
    CHECK(door.open(door.atlas, link, make_session_token(door.random)).error().code == Code::not_found);

    CHECK_FALSE(door.manage(door.atlas, hers.id, session)); // made by a key, with her address
    CHECK(door.manage(door.atlas, his.id, session) == Code::not_found);
    CHECK(door.manage(door.cirrus, hers.id, session) == Code::unauthenticated);
    CHECK(door.manage(door.atlas, hers.id, link) == Code::not_found);
    CHECK(door.manage(door.atlas, hers.id, make_session_token(door.random)) == Code::unauthenticated);
    REQUIRE(door.end(session));
    CHECK(door.manage(door.atlas, hers.id, session) == Code::unauthenticated);
    CHECK(door.end(session).error().code == Code::unauthenticated);
  });
}

TEST_CASE("links for addresses that nobody has are kept like others, and told to nobody") {
  on_both_stores("passes-none", [](storage::Store& store) {
    Door door(store);
    (void)door.book("ada@example.com");
    for (int i = 0; i < 5; ++i) {
      (void)door.ask("ada@example.com");
      (void)door.ask("eve@example.com");
    }
    CHECK(door.queued() == most_live_links);
    const auto live = [&](std::string_view email) {
      return store
          .read([&](const storage::ReadTransaction& tx) -> Result<std::size_t> {
            return tx.customer_passes().count_live(door.atlas, PassKind::link, email, door.clock.now());
          })
          .value();
    };
    CHECK(live("ada@example.com") == most_live_links);
    CHECK(live("eve@example.com") == most_live_links);
    door.clock.advance(link_life);
    REQUIRE(door.platform.run_due(door.clock.now()));
    CHECK(live("eve@example.com") == 0);
    (void)door.ask("ada@example.com");
    CHECK(live("ada@example.com") == 1);
  });
}

TEST_CASE("of many that use one link, one is let in") {
  on_both_stores("passes-race", [](storage::Store& store) {
    Door door(store);
    (void)door.book("ada@example.com");
    for (int round = 0; round < 10; ++round) {
      door.clock.advance(link_life);
      const auto link = door.ask("ada@example.com");
      std::atomic<int> in{0};
      {
        std::vector<std::jthread> all;
        for (int i = 0; i < 4; ++i)
          all.emplace_back([&] {
            if (door.open(door.atlas, link, make_session_token(door.random))) ++in;
          });
      }
      CHECK(in == 1);
    }
  });
}

TEST_CASE("nobody is let in by mail where none can be sent") {
  storage::MemoryStore store;
  Door door(store);
  (void)door.book("ada@example.com");
  auto options = door.options();
  options.mailer = nullptr;
  Platform quiet{store, door.clock, door.random, options};
  for (const auto* email : {"ada@example.com", "eve@example.com"}) {
    const auto asked =
        quiet.write(door.atlas, [&](WriteContext& cx) { return send_customer_link(cx, email, make_link_token(door.random)); });
    CHECK(asked.error().code == Code::mail_unavailable);
  }
}
