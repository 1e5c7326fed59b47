// Mails: queued with what they tell about, sent by whoever comes first, tried again, given up.
#include "platform/trust_world.hpp"
#include "support/kept_mails.hpp"

#include "orkestr/platform/mails.hpp"

#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

struct MailWorld {
  explicit MailWorld(storage::Store& s) : store(s) {
    Tenant draft;
    draft.name = "Atlas Studios";
    draft.subdomain = "atlas";
    tenant = shop.create_tenant(draft).value().id;
    auto loft = support::room();
    loft.title = "Loft";
    loft.base_price_cents = 4500;
    loft.time_zone = "America/New_York";
    offering = shop.write(tenant, [&](WriteContext& cx) { return support::open_daily(cx, loft, support::all_day(50)); }).value().id;
  }

  BookRequest request(bool by_visitor = true) {
    BookRequest r;
    r.offering_id = offering;
    r.interval = {*Instant::parse("2026-05-12T15:00:00Z"), *Instant::parse("2026-05-12T16:00:00Z")};
    r.customer_name = "Ada http://evil.example";
    r.customer_email = "Ada@example.com";
    if (by_visitor) r.manage_token = make_manage_token(random);
    return r;
  }
  /// Everything that is due, as `to: subject`.
  std::vector<Mail> send() {
    while (desk.step(clock.now()).value()) {
    }
    return post.take();
  }
  std::vector<std::string> subjects() {
    std::vector<std::string> all;
    for (const auto& mail : send()) all.push_back(mail.subject);
    return all;
  }
  std::vector<QueuedMail> rows() {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::vector<QueuedMail>> {
          std::vector<QueuedMail> all;
          for (const auto& [of, id] : tx.mails().due(clock.now() + 365 * 24h, 1000)) all.push_back(*tx.mails().find(of, id));
          return all;
        })
        .value();
  }
  QueuedMail row(MailId id) {
    return store.read([&](const storage::ReadTransaction& tx) -> Result<QueuedMail> { return tx.mails().find(tenant, id).value(); })
        .value();
  }
  void queue(std::string to = "ada@example.com") {
    auto r = request();
    r.customer_email = std::move(to);
    REQUIRE(shop.book(tenant, r));
  }

  storage::Store& store;
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  SeededRandom random{7};
  KeptMails post;
  SecretBox secrets = SecretBox::parse(SecretBox::make_key(random)).value();
  PlatformOptions options() {
    PlatformOptions all{secrets, {}};
    all.mailer = &post;
    all.storefront = "https://{tenant}.example.com";
    return all;
  }
  Platform shop{store, clock, random, options()};
  MailDesk desk{shop};
  TenantId tenant;
  OfferingId offering;
};

Result<void> later(const Mail&) { return fail(Code::mail_unavailable, "The mail server answered 451."); }

} // namespace

TEST_CASE("customers who booked by themselves are told what becomes of it") {
  on_both_stores("mail", [](storage::Store& store) {
    MailWorld w(store);
    const auto request = w.request();
    const auto booking = w.shop.check_out(w.tenant, request).value();
    auto mails = w.send();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].to == "Ada@example.com");
    CHECK(mails[0].subject == "We have your booking: Loft");
    CHECK(mails[0].text.find("2026-05-12 11:00 to 12:00 America/New_York\nTotal: USD 45.00\n") != std::string::npos);
    CHECK(mails[0].text.find("https://atlas.example.com/bookings/" + booking.id.str() + "?token=" + *request.manage_token + "\n") !=
          std::string::npos);
    CHECK(mails[0].text.find("evil") == std::string::npos);

    REQUIRE(w.shop.approve(w.tenant, booking.id));
    mails = w.send();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].subject == "Your booking is confirmed: Loft");
    CHECK(mails[0].text.find("https://atlas.example.com/bookings\n") != std::string::npos);
    CHECK(mails[0].text.find("token") == std::string::npos);

    RescheduleRequest move;
    move.interval = {request.interval.start + 24h, request.interval.end + 24h};
    REQUIRE(w.shop.reschedule(w.tenant, booking.id, move));
    REQUIRE(w.shop.reschedule(w.tenant, booking.id, move)); // to where it is: nothing happens
    CHECK(w.subjects() == std::vector<std::string>{"Your booking has moved: Loft"});
    REQUIRE(w.shop.cancel(w.tenant, booking.id));
    mails = w.send();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].text.find("Refund: 100 %") != std::string::npos);

    // What the business books is the business's to tell.
    const auto theirs = w.shop.book(w.tenant, w.request(false)).value();
    REQUIRE(w.shop.approve(w.tenant, theirs.id));
    CHECK(w.send().empty());
  });
}

TEST_CASE("a booking that is confirmed at once is one mail, and one that lapses another") {
  storage::MemoryStore store;
  MailWorld w(store);
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
    auto offering = *cx.tx.offerings().find(w.tenant, w.offering);
    offering.auto_approve = true;
    offering.base_price_cents = 0;
    json::Reader reader;
    return update_offering(cx, offering, reader);
  }));
  const auto request = w.request();
  REQUIRE(w.shop.check_out(w.tenant, request)->status == BookingStatus::confirmed);
  const auto mails = w.send();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].subject == "Your booking is confirmed: Loft");
  CHECK(mails[0].text.find(*request.manage_token) != std::string::npos);

  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
    auto offering = *cx.tx.offerings().find(w.tenant, w.offering);
    offering.base_price_cents = 100;
    json::Reader reader;
    return update_offering(cx, offering, reader);
  }));
  auto unpaid = w.request();
  unpaid.pay_online = true;
  REQUIRE(w.shop.check_out(w.tenant, unpaid));
  CHECK(w.send().at(0).text.find("It is kept for you until 2026-05-01 08:30; please pay by then.") != std::string::npos);
  w.clock.advance(payment_time);
  REQUIRE(w.shop.run_due(w.clock.now())->unpaid_bookings == 1);
  CHECK(w.send().at(0).text.find("has ended, since it was not paid for in time") != std::string::npos);
}

TEST_CASE("nothing is queued by what comes to nothing, or where mail can't be sent") {
  on_both_stores("mail-none", [](storage::Store& store) {
    MailWorld w(store);
    const auto undone = w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Booking> {
      ORKESTR_TRY(auto booking, book(cx, w.request()));
      CHECK(cx.mailed);
      return fail(Code::busy, "The host thinks better of it.");
    });
    CHECK_FALSE(undone);
    auto dear = w.request();
    dear.expected_total_cents = 1;
    CHECK_FALSE(w.shop.check_out(w.tenant, dear)); // its attempt is kept, its mail is not
    CHECK(w.rows().empty());
    auto no_mailer = w.options(), no_key = w.options();
    no_mailer.mailer = nullptr;
    no_key.secrets = {};
    for (const auto& options : {no_mailer, no_key}) {
      Platform quiet{store, w.clock, w.random, options};
      CHECK(quiet.mailer() == nullptr);
      CHECK(quiet.check_out(w.tenant, w.request()));
    }
    CHECK(w.rows().empty());
  });
}

TEST_CASE("what a mail says is sealed while it waits, and gone afterwards") {
  on_both_stores("mail-sealed", [](storage::Store& store) {
    MailWorld w(store);
    const auto request = w.request();
    REQUIRE(w.shop.check_out(w.tenant, request));
    auto rows = w.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].body.starts_with("v1."));
    CHECK(rows[0].body.find("bmt_") == std::string::npos);
    CHECK(rows[0].created_at == w.clock.now());
    CHECK(w.send().size() == 1);
    const auto row = w.row(rows[0].id);
    CHECK(row.state == MailState::sent);
    CHECK(row.body.empty());
    CHECK(row.sent_at == w.clock.now());
    CHECK(row.attempts == 1);
    w.clock.advance(keep_mails);
    REQUIRE(w.shop.run_due(w.clock.now()));
    CHECK(w.row(row.id).state == MailState::sent);
    w.clock.advance(1ms);
    REQUIRE(w.shop.run_due(w.clock.now()));
    CHECK_FALSE(
        store.read([&](const storage::ReadTransaction& tx) -> Result<bool> { return tx.mails().find(w.tenant, row.id).has_value(); })
            .value());
  });
}

TEST_CASE("a mail is tried again, ever later, and then given up") {
  on_both_stores("mail-retry", [](storage::Store& store) {
    MailWorld w(store);
    w.queue();
    const auto id = w.rows().at(0).id;
    w.post.answer(later);
    const milliseconds delays[] = {10s, 1min, 10min, 1h};
    for (int made = 1; made <= 4; ++made) {
      CHECK(w.send().empty());
      const auto row = w.row(id);
      CHECK(row.state == MailState::queued);
      CHECK(row.attempts == made);
      CHECK(row.last_error == "The mail server answered 451.");
      const auto delay = *row.next_attempt_at - w.clock.now();
      CHECK(delay >= delays[made - 1] * 8 / 10);
      CHECK(delay <= delays[made - 1] * 12 / 10);
      w.clock.set(*row.next_attempt_at - 1ms);
      CHECK_FALSE(w.desk.step(w.clock.now()).value());
      w.clock.advance(1ms);
    }
    CHECK(w.send().empty());
    CHECK(w.row(id).state == MailState::dead);
    CHECK(w.row(id).body.empty());
    CHECK(w.rows().empty());
    CHECK(w.desk.stats().retried == 4);
    CHECK(w.desk.stats().dead == 1);

    // Another is sent once the server is well again.
    w.queue();
    const auto second = w.rows().at(0).id;
    CHECK(w.send().empty());
    w.clock.set(*w.row(second).next_attempt_at);
    w.post.answer({});
    CHECK(w.send().size() == 1);
    CHECK_FALSE(w.row(second).last_error);

    w.post.answer([](const Mail&) -> Result<void> { return fail(Code::invalid_parameter, "The mail server answered 550."); });
    w.queue();
    const auto refused = w.rows().at(0).id;
    CHECK(w.send().empty());
    CHECK(w.row(refused).state == MailState::dead);
    CHECK(w.row(refused).attempts == 1);
  });
}

TEST_CASE("old mails, and those that no key opens, are not sent") {
  storage::MemoryStore store;
  MailWorld w(store);
  w.queue();
  const auto old = w.rows().at(0).id;
  w.clock.advance(mail_life + 1ms);
  CHECK(w.send().empty());
  CHECK(w.row(old).state == MailState::dead);
  w.queue();
  const auto sealed = w.rows().at(0).id;
  auto options = w.options();
  options.secrets = SecretBox::parse(SecretBox::make_key(w.random)).value();
  Platform another{store, w.clock, w.random, options};
  MailDesk desk{another};
  CHECK(desk.step(w.clock.now()).value());
  CHECK(w.row(sealed).state == MailState::dead);
  CHECK(w.post.take().empty());
  // A body of another mail is no body of this one.
  w.queue("a@example.com");
  w.queue("b@example.com");
  const auto rows = w.rows();
  REQUIRE(store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    auto row = rows[0];
    row.body = rows[1].body;
    tx.mails().update(w.tenant, row);
    return {};
  }));
  CHECK(w.send().size() == 1);
  CHECK(w.row(rows[0].id).state == MailState::dead);
}

TEST_CASE("two desks send each mail once") {
  on_both_stores("mail-two", [](storage::Store& store) {
    MailWorld w(store);
    for (int i = 0; i < 30; ++i) w.queue("c" + std::to_string(i) + "@example.com");
    std::atomic<int> sent{0};
    w.post.answer([&](const Mail&) -> Result<void> {
      ++sent;
      std::this_thread::sleep_for(1ms);
      return {};
    });
    {
      std::vector<std::jthread> desks;
      for (int i = 0; i < 3; ++i)
        desks.emplace_back([&] {
          MailDesk desk{w.shop};
          while (desk.step(w.clock.now()).value()) {
          }
        });
    }
    CHECK(sent == 30);
    CHECK(w.post.take().size() == 30);
  });
}

TEST_CASE("one that slept over its mail does not overwrite what another made of it") {
  storage::MemoryStore store;
  MailWorld w(store);
  w.queue();
  const auto id = w.rows().at(0).id;
  bool nested = false;
  w.post.answer([&](const Mail&) -> Result<void> {
    if (nested) return {};
    nested = true;
    w.clock.advance(6min); // this one's lease is over while it waits for the server
    MailDesk other{w.shop};
    CHECK(other.step(w.clock.now()).value());
    return fail(Code::mail_unavailable, "too late");
  });
  CHECK(w.desk.step(w.clock.now()).value());
  CHECK(w.row(id).state == MailState::sent);
}

TEST_CASE("the worker sends what is queued without being asked") {
  storage::MemoryStore store;
  MailWorld w(store);
  MailWorker worker{w.shop};
  w.queue();
  const auto until = std::chrono::steady_clock::now() + 10s;
  std::vector<Mail> mails;
  while (mails.empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(5ms);
    mails = w.post.take();
  }
  CHECK(mails.size() == 1);
}
