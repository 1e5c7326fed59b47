// Promise 8: money meets booking once. Histories are drawn from seeds: customers book, pay by every kind of card, pay twice, pay too late,
// bookings move to other times and prices, providers cancel, decline, take cash and give back, also at the gateway itself, while the gateway's
// events are lost, repeated, reordered, forged and stale, its answers are lost on the wire, for longer than it remembers keys, two processes
// do the work, and the program dies between any two steps. When all is quiet, the gateway's own books must say that each
// charge is one booking's, or went back.
//
// "Dies" is an exception out of whatever runs: what is lost is what a process would lose, since everything else is in the store and at the
// gateway. Kill -9 of processes is what tests/campaign/crash and cluster do.

#ifdef ORKESTR_WITH_POSTGRES
#include "support/postgres.hpp"

#include "orkestr/adapters/postgres_store.hpp"
#endif
#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/adapters/test_gateway.hpp"
#include "orkestr/platform/payment_desk.hpp"
#include "orkestr/storage/memory_store.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace orkestr::campaign {
namespace {

using namespace std::chrono_literals;
using storage::ReadTransaction;
using storage::WriteTransaction;

enum class Bug { none, fresh_keys, cancel_lies, fetch_lags, refund_unsent, refund_twice, refund_unfound, half_the_amount, lost_commits };
constexpr std::pair<Bug, const char*> bugs[] = {
    {Bug::fresh_keys, "every call to the gateway has an idempotency key of its own"},
    {Bug::cancel_lies, "calling a payment off says that it worked when it had been paid"},
    {Bug::fetch_lags, "looking at a payment shows how it began"},
    {Bug::refund_unsent, "a refund is said to have succeeded, and was not sent"},
    {Bug::refund_twice, "a refund is sent twice"},
    {Bug::refund_unfound, "a refund that was made is not found when it is looked for"},
    {Bug::half_the_amount, "payments are opened for half of what is owed"},
    {Bug::lost_commits, "one commit in ten is acknowledged and comes to nothing"},
};

struct Killed {};

/// Where the program may die.
struct Killer {
  int left = 0; ///< points to pass before it does; 0: it lives
  int kills = 0;
  void point() {
    if (left > 0 && --left == 0) {
      ++kills;
      throw Killed{};
    }
  }
};

/// A store before which, and after which, the program may die.
class MortalStore final : public storage::Store {
 public:
  MortalStore(storage::Store& real, Killer& killer, Bug bug) : real_(real), killer_(killer), bug_(bug) {}
  bool lossy = false; ///< once what the history stands on is there

 private:
  Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override { return run_read_of(real_, f); }
  Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override {
    killer_.point();
    const bool lost = lossy && bug_ == Bug::lost_commits && ++writes_ % 10 == 0;
    auto done = run_write_of(real_, [&](WriteTransaction& tx) { return f(tx) && !lost; });
    killer_.point();
    return done;
  }

  storage::Store& real_;
  Killer& killer_;
  const Bug bug_;
  unsigned writes_ = 0;
};

/// The bank, behind a wire that loses questions and answers.
class Wire final : public PaymentGateway {
 public:
  Wire(TestGateway& bank, Killer& killer, SeededRandom& random, Bug bug) : bank_(bank), killer_(killer), random_(random), bug_(bug) {}

  int loss_percent = 0;
  bool answers_lost = false;    ///< all of them, while questions arrive
  std::set<std::string> opened; ///< every payment there is at the bank, whether its answer arrived or not

  [[nodiscard]] std::string_view name() const noexcept override { return bank_.name(); }
  void create(NewGatewayPayment payment, Done<GatewayPayment> done) override {
    if (bug_ == Bug::fresh_keys) payment.idempotency_key += fresh();
    if (bug_ == Bug::half_the_amount) payment.amount = std::max<Amount>(payment.amount / 2, 1);
    pass<GatewayPayment>([&](auto keep) { bank_.create(payment, keep); }, done);
  }
  void fetch(std::string id, Done<GatewayPayment> done) override {
    pass<GatewayPayment>([&](auto keep) { bank_.fetch(id, keep); },
                         [&](Result<GatewayPayment> shown) {
                           if (shown && bug_ == Bug::fetch_lags) shown->state = GatewayState::requires_method;
                           done(std::move(shown));
                         });
  }
  void find(std::string key, std::string value, Done<GatewayPayment> done) override {
    pass<GatewayPayment>([&](auto keep) { bank_.find(key, value, keep); }, done);
  }
  void cancel(std::string id, Done<GatewayPayment> done) override {
    pass<GatewayPayment>([&](auto keep) { bank_.cancel(id, keep); },
                         [&](Result<GatewayPayment> shown) {
                           if (!shown && shown.error().code == Code::invalid_transition && bug_ == Bug::cancel_lies) {
                             bank_.fetch(id, [&](Result<GatewayPayment> now) { shown = std::move(now); });
                             shown->state = GatewayState::cancelled;
                           }
                           done(std::move(shown));
                         });
  }
  void refund(NewGatewayRefund refund, Done<GatewayRefund> done) override {
    if (bug_ == Bug::fresh_keys) refund.idempotency_key += fresh();
    if (bug_ == Bug::refund_unsent && random_.next() % 2 == 0) {
      GatewayRefund lie;
      lie.id = "re_lie" + fresh();
      lie.payment_id = refund.payment_id;
      lie.state = RefundState::succeeded;
      lie.amount = refund.amount;
      return done(std::move(lie));
    }
    pass<GatewayRefund>(
        [&](auto keep) {
          bank_.refund(refund, keep);
          if (bug_ != Bug::refund_twice) return;
          refund.idempotency_key += "again";
          bank_.refund(refund, [](const Result<GatewayRefund>&) {});
        },
        done);
  }
  void fetch_refund(std::string id, Done<GatewayRefund> done) override {
    pass<GatewayRefund>([&](auto keep) { bank_.fetch_refund(id, keep); }, done);
  }
  void find_refund(std::string id, std::string key, std::string value, Done<GatewayRefund> done) override {
    if (bug_ == Bug::refund_unfound) return done(fail(Code::not_found, "The bank says that there is none."));
    pass<GatewayRefund>([&](auto keep) { bank_.find_refund(id, key, value, keep); }, done);
  }
  void charge_saved(SavedCharge charge, Done<GatewayPayment> done) override {
    if (bug_ == Bug::fresh_keys) charge.idempotency_key += fresh();
    pass<GatewayPayment>([&](auto keep) { bank_.charge_saved(charge, keep); }, done);
  }
  [[nodiscard]] Result<GatewayEvent> parse_event(std::string_view body, std::span<const WebhookHeaderView> headers,
                                                 Instant now) const override {
    return bank_.parse_event(body, headers, now);
  }

 private:
  std::string fresh() { return "-" + std::to_string(++keys_); }
  [[nodiscard]] bool lost() { return static_cast<int>(random_.next() % 100) < loss_percent; }

  /// Dies, loses the question, asks, dies, loses the answer, or gives it.
  template <class T, class Ask> void pass(Ask ask, const Done<T>& done) {
    const auto unknown = [] { return fail(Code::payment_unavailable, "No answer came."); };
    killer_.point();
    if (lost()) return done(unknown());
    std::optional<Result<T>> answer;
    ask([&](Result<T> given) { answer = std::move(given); });
    if constexpr (std::is_same_v<T, GatewayPayment>)
      if (*answer) opened.insert((*answer)->id);
    killer_.point();
    if (answers_lost || lost()) return done(unknown());
    done(std::move(*answer));
  }

  TestGateway& bank_;
  Killer& killer_;
  SeededRandom& random_;
  const Bug bug_;
  unsigned keys_ = 0;
};

struct Tally {
  std::size_t histories = 0, kills = 0, charges = 0, kept = 0, returned = 0, partly = 0, renewals = 0;
  std::size_t events = 0, duplicates = 0, lost_events = 0, forged = 0, stale = 0, taken_forged = 0, late = 0;
  std::vector<std::string> faults;
};

class History {
 public:
  History(std::uint64_t seed, storage::Store& real, Bug bug, Tally& tally)
      : seed_(seed), random_(seed), tally_(tally), real_(real), store_(real, killer_, bug), wire_(bank_, killer_, random_, bug) {
    Tenant draft;
    draft.name = "History";
    draft.subdomain = "h" + std::to_string(seed);
    tenant_ = platform_.create_tenant(draft).value().id;
  }

  void run() {
    subscription_ = random_.next() % 10 == 0;
    if (subscription_)
      subscribe();
    else
      make_rooms();
    wire_.loss_percent = 10;
    store_.lossy = true;
    const int steps = 20 + pick(60);
    for (int i = 0; i < steps; ++i) {
      killer_.left = pick(3) == 0 ? 1 + pick(8) : 0;
      try {
        subscription_ ? subscribed_step() : step();
      } catch (const Killed&) {
      }
      killer_.left = 0;
    }
    quiesce();
    judge();
    ++tally_.histories;
    tally_.kills += static_cast<std::size_t>(killer_.kills);
  }

 private:
  int pick(int n) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(n)); }
  void fault(const BookingId& id, const std::string& what) {
    tally_.faults.push_back("seed " + std::to_string(seed_) + " " + id.str() + ": " + what);
  }

  Offering make_offering(bool subscription) {
    return platform_
        .write(tenant_,
               [&](WriteContext& cx) -> Result<Offering> {
                 Offering draft;
                 draft.title = "Room";
                 draft.product_type_key = "space";
                 draft.base_price_cents = 5000 + pick(1000);
                 draft.time_zone = "UTC";
                 draft.status = OfferingStatus::published;
                 draft.auto_approve = pick(4) != 0;
                 draft.reschedule_allowed = true;
                 draft.max_advance_days = 700;
                 draft.cancellation_policy = CancellationPolicy::of(static_cast<PolicyKind>(pick(3)));
                 if (subscription) {
                   draft.auto_approve = true;
                   draft.pricing_model = PricingModel::subscription;
                   draft.billing_interval = BillingInterval::week;
                 }
                 json::Reader reader;
                 return create_offering(cx, draft, reader);
               })
        .value();
  }

  void make_rooms() {
    offering_ = make_offering(false).id;
    (void)platform_.write(tenant_, [&](WriteContext& cx) -> Result<int> {
      json::Reader reader;
      for (int day = 0; day < 7; ++day) {
        AvailabilityRule rule;
        rule.offering_id = offering_;
        rule.day_of_week = day;
        rule.start_time = {8 * 60};
        rule.end_time = {20 * 60};
        rule.capacity = 1;
        ORKESTR_CHECK(create_rule(cx, rule, reader));
      }
      return 0;
    });
  }

  void subscribe() {
    offering_ = make_offering(true).id;
    const Instant start = *Instant::parse("2026-05-04T10:00:00Z"), end = start + std::chrono::days{50};
    (void)platform_.write(tenant_, [&](WriteContext& cx) -> Result<AvailabilityException> {
      AvailabilityException open;
      open.offering_id = offering_;
      open.kind = ExceptionKind::open;
      open.starts_at = LocalDateTime::of(LocalDate::of(2026, 5, 4), {600});
      open.ends_at = LocalDateTime::of(LocalDate::of(2026, 6, 23), {600});
      open.slot_minutes = 50 * 24 * 60;
      open.capacity = 1;
      json::Reader reader;
      return create_exception(cx, open, reader);
    });
    book({start, end});
    const auto opened = platform_.pay(tenant_, bookings_.at(0));
    static constexpr std::string_view cards[] = {test_cards::succeeds, test_cards::renewal_declined, test_cards::succeeds};
    (void)bank_.pay(opened.value().client_secret, cards[pick(3)]);
  }

  void book(Interval interval) {
    BookRequest request;
    request.offering_id = offering_;
    request.interval = interval;
    request.customer_name = "Ada";
    request.customer_email = "ada" + std::to_string(pick(50)) + "@example.com";
    request.pay_online = true;
    if (const auto booking = platform_.book(tenant_, request)) bookings_.push_back(booking->id);
  }

  [[nodiscard]] BookingId any() { return bookings_[static_cast<std::size_t>(pick(static_cast<int>(bookings_.size())))]; }
  /// Empty for one that a planted bug has lost.
  [[nodiscard]] Booking now(BookingId id) {
    return real_.read([&](const ReadTransaction& tx) -> Result<Booking> { return tx.bookings().find(tenant_, id).value_or(Booking{}); })
        .value();
  }

  void step() {
    if (bookings_.empty() || pick(12) == 0) {
      const Instant start = *Instant::parse("2026-05-04T08:00:00Z") + std::chrono::days{pick(7)} + std::chrono::hours{pick(12)};
      return book({start, start + 1h});
    }
    const auto id = any();
    switch (pick(17)) {
    case 0:
    case 1:
      if (const auto opened = platform_.pay(tenant_, id)) secrets_[id] = opened->client_secret;
      return;
    case 2:
    case 3:
    case 4: return use_card(id);
    case 5: {
      const auto secret = secrets_.find(id);
      if (secret != secrets_.end()) (void)bank_.authenticate(secret->second, pick(3) != 0);
      return;
    }
    case 6: clock_.advance(std::chrono::seconds{pick(1500)}); return;
    case 7: (void)platform_.run_due(clock_.now()); return;
    case 8: return ask();
    case 9:
    case 10: return deliver();
    case 11: return cancel(id);
    case 14: return move(id);
    case 15: return give_back_at_the_bank(id);
    case 16:
      if (pick(3) == 0) outage();
      return;
    case 12:
      switch (pick(3)) {
      case 0: (void)platform_.approve(tenant_, id); return;
      case 1: (void)platform_.decline(tenant_, id); return;
      default: return give_back(id);
      }
    default: return take_cash(id);
    }
  }

  void subscribed_step() {
    switch (pick(9)) {
    case 0: (void)platform_.run_due(clock_.now()); return;
    case 1:
    case 2: return ask();
    case 3:
    case 4: clock_.advance(std::chrono::hours{pick(60)}); return;
    case 5:
      if (const auto opened = platform_.pay(tenant_, bookings_[0])) (void)bank_.pay(opened->client_secret, test_cards::succeeds);
      return;
    case 6:
      if (const int which = pick(12); which < 2)
        cancel(bookings_[0]);
      else if (which < 4)
        outage();
      return;
    default: return deliver();
    }
  }

  /// Either process does the work.
  void ask() { (void)(pick(2) == 0 ? desk_ : other_desk_).step(clock_.now()); }

  /// For longer than the bank remembers keys no answer comes.
  void outage() {
    if (!subscription_) give_back(any());
    wire_.answers_lost = true;
    try {
      for (int i = 0; i < 3; ++i) {
        ask();
        clock_.advance(std::chrono::hours{6 + pick(8)});
      }
    } catch (const Killed&) {
    }
    wire_.answers_lost = false;
  }

  // The program may have died before or after the commit: what it did is seen by the row.
  void cancel(BookingId id) {
    const Booking before = now(id);
    bool dead = false;
    try {
      (void)platform_.cancel(tenant_, id);
    } catch (const Killed&) {
      dead = true;
    }
    const Booking after = now(id);
    if (after.status == BookingStatus::cancelled && before.status != BookingStatus::cancelled) {
      Amount held = 0, paid = 0;
      for (const auto& payment : before.payments) {
        if (!payment.gateway_id || !payment.has_succeeded()) continue;
        held += payment.refundable_cents();
        if (payment.purpose == PaymentPurpose::booking) paid += payment.amount_cents - payment.excess_cents;
      }
      const Amount back = std::min(after.refund_cents.value_or(0), (paid * after.refund_percent.value_or(0) + 50) / 100);
      left_[id] = after.refund_percent == 100 ? 0 : std::max<Amount>(0, held - back);
    }
    if (dead) throw Killed{};
  }
  void move(BookingId id) {
    if (cash_.contains(id) || given_.contains(id)) return; // whose shares of another price are for the provider to settle
    RescheduleRequest request;
    const Instant start = *Instant::parse("2026-05-04T08:00:00Z") + std::chrono::days{pick(7)} + std::chrono::hours{pick(10)};
    request.interval = {start, start + std::chrono::hours{1 + pick(3)}};
    moved_.insert(id);
    (void)platform_.reschedule(tenant_, id, request);
  }
  /// By the bank's own pages, without a word to us.
  void give_back_at_the_bank(BookingId id) {
    if (pick(3) != 0 || cash_.contains(id) || given_.contains(id)) return;
    for (const auto& payment : now(id).payments) {
      if (!payment.gateway_id || !payment.has_succeeded()) continue;
      const Amount amount = 1 + pick(static_cast<int>(payment.amount_cents));
      bank_.refund({.payment_id = *payment.gateway_id,
                    .amount = amount,
                    .currency = payment.currency,
                    .idempotency_key = "dashboard-" + std::to_string(++dashboard_refunds_)},
                   [&](const Result<GatewayRefund>& made) { elsewhere_[id] += made ? amount : 0; });
      return;
    }
  }

  void use_card(BookingId id) {
    static constexpr std::string_view cards[] = {
        test_cards::succeeds,     test_cards::succeeds,   test_cards::declined, test_cards::insufficient_funds, test_cards::authenticates,
        test_cards::settles_late, test_cards::fails_late, test_cards::disputed, test_cards::refunds_late,       test_cards::refunds_fail};
    const auto secret = secrets_.find(id);
    if (secret != secrets_.end()) (void)bank_.pay(secret->second, cards[pick(10)]);
  }
  // These two are the provider's, who sees whether they worked: the program lives while they last.
  void take_cash(BookingId id) {
    killer_.left = 0;
    const Booking booking = now(id);
    if (booking.owed_cents() == 0 || moved_.contains(id) || elsewhere_.contains(id) || pick(3) != 0) return;
    if (platform_.record_payment(tenant_, id, {booking.owed_cents(), "cash", true})) cash_[id] += booking.owed_cents();
  }
  void give_back(BookingId id) {
    killer_.left = 0;
    if (cash_.contains(id) || moved_.contains(id) || elsewhere_.contains(id)) return;
    const Amount amount = 1 + pick(3000);
    if (!platform_.start_refund(tenant_, id, amount)) return;
    given_[id] += amount;
    if (left_.contains(id)) left_[id] -= amount; // beyond the policy's share
  }

  void deliver() {
    if (mail_.empty()) return;
    const auto place = static_cast<std::size_t>(pick(static_cast<int>(mail_.size())));
    const auto event = mail_[place];
    const auto post = [&](const TestGatewayEvent& what) {
      const WebhookHeaderView header{test_gateway_header, what.signature};
      return platform_.take_gateway_event(what.body, {&header, 1});
    };
    switch (pick(8)) {
    case 0: // lost
      mail_.erase(mail_.begin() + static_cast<std::ptrdiff_t>(place));
      ++tally_.lost_events;
      return;
    case 1: { // forged: another's payment, or a happier end
      auto forged = event;
      if (const auto at = forged.body.find("failed"); at != std::string::npos)
        forged.body.replace(at, 6, "succeed");
      else
        forged.body[static_cast<std::size_t>(pick(static_cast<int>(forged.body.size())))] ^= 1;
      ++tally_.forged;
      tally_.taken_forged += post(forged) ? 1 : 0;
      return;
    }
    case 2: { // signed, but not by the bank
      auto forged = event;
      forged.signature = impostor_signature(event);
      ++tally_.forged;
      tally_.taken_forged += post(forged) ? 1 : 0;
      return;
    }
    case 3: // and again, later
      ++tally_.duplicates;
      break;
    default: mail_.erase(mail_.begin() + static_cast<std::ptrdiff_t>(place));
    }
    ++tally_.events;
    const auto taken = post(event);
    tally_.stale += !taken && taken.error().code == Code::unauthenticated;
  }
  std::string impostor_signature(const TestGatewayEvent& event) {
    auto changed = event.signature;
    changed.back() = changed.back() == '0' ? '1' : '0';
    return changed;
  }

  /// The wire works, nobody dies, and time passes until nothing is due.
  void quiesce() {
    wire_.loss_percent = 0;
    store_.lossy = false;
    for (int hours = 0; hours < 80; ++hours) {
      for (int rounds = 0; rounds < 20; ++rounds) {
        const auto done = desk_.step(clock_.now());
        if (done && done->payments + done->refunds + done->renewals == 0) break;
      }
      (void)platform_.run_due(clock_.now());
      bank_.run_due();
      if (hours == 0) mail_.clear(); // the last events are lost: looking finds what they told
      clock_.advance(1h);
    }
  }

  // ---- the books -------------------------------------------------------------------------------------------------

  void judge() {
    std::map<BookingId, std::vector<GatewayPayment>> charges;
    for (const auto& id : wire_.opened)
      bank_.fetch(id, [&](Result<GatewayPayment> shown) {
        if (shown->received == 0) return;
        ++tally_.charges;
        for (const auto& [key, value] : shown->metadata)
          if (key == "bookingId") charges[*BookingId::parse(value)].push_back(*shown);
      });
    for (const auto& id : all_bookings()) judge(now(id), charges[id]);
    for (const auto& id : all_bookings()) charges.erase(id);
    for (const auto& [id, left] : charges)
      if (!left.empty()) fault(id, "a charge for a booking that there is not");
    if (tally_.taken_forged > 0) tally_.faults.push_back("a forged event was taken");
  }

  std::vector<BookingId> all_bookings() {
    std::vector<BookingId> ids;
    for (const auto& booking :
         real_.read([&](const ReadTransaction& tx) -> Result<std::vector<Booking>> {
                return tx.bookings().list(tenant_, {}, {1000, {}});
              })
             .value())
      ids.push_back(booking.id);
    return ids;
  }

  void judge(const Booking& booking, const std::vector<GatewayPayment>& charges) {
    const auto of = [&](const std::map<BookingId, Amount>& amounts) { return amounts.contains(booking.id) ? amounts.at(booking.id) : 0; };
    Amount kept = 0, received = 0;
    int holding = 0;
    for (const auto& charge : charges) {
      const Amount rest = charge.received - charge.refunded;
      kept += rest;
      received += charge.received;
      holding += rest > 0;
      tally_.kept += rest == charge.received;
      tally_.returned += rest == 0;
      tally_.partly += rest > 0 && rest < charge.received;
      const auto row = std::ranges::find_if(booking.payments, [&](const Payment& payment) { return payment.gateway_id == charge.id; });
      if (row == booking.payments.end()) {
        fault(booking.id, "nobody knows of the charge " + charge.id);
        continue;
      }
      if (!row->has_succeeded()) fault(booking.id, "a charge that the bank took is " + std::string{json::name_of(row->status)});
      // A refund at the bank itself is not looked for: where its event is lost, or that of its failure, we learn of it when more is to go back.
      const Amount unknown = charge.refunded - row->refunded_cents;
      if (row->amount_cents != charge.received || std::abs(unknown) > of(elsewhere_) || row->refunding_cents != 0)
        fault(booking.id, "the books differ: paid " + std::to_string(row->amount_cents) + " and back " +
                              std::to_string(row->refunded_cents) + ", at the bank " + std::to_string(charge.received) + " and " +
                              std::to_string(charge.refunded));
      tally_.late += row->refunded_cents == row->amount_cents;
    }
    // What was given back at the bank itself is less by as much at most; at times it is part of what was to go back anyhow.
    Amount failed = 0; // which may be asked back again by hand
    for (const auto& refund :
         real_.read([&](const ReadTransaction& tx) -> Result<std::vector<Refund>> { return tx.payments().refunds_of(tenant_, booking.id); })
             .value())
      if (refund.status == RefundStatus::failed) failed += refund.amount_cents;
    const auto expect = [&](Amount amount) {
      if (kept > amount + failed || kept < std::max<Amount>(0, amount - of(elsewhere_)))
        fault(booking.id, std::string{json::name_of(booking.status)} + ": the bank keeps " + std::to_string(kept) + " of " +
                              std::to_string(booking.total_cents) + ", expected " + std::to_string(amount) + " less at most " +
                              std::to_string(of(elsewhere_)));
    };
    if (subscription_) {
      const auto s = real_
                         .read([&](const ReadTransaction& tx) -> Result<std::optional<Subscription>> {
                           return tx.payments().subscription(tenant_, booking.id);
                         })
                         .value();
      const Amount periods = s ? s->periods * s->amount_cents : 0;
      tally_.renewals += s ? static_cast<std::size_t>(s->periods - 1) : 0;
      expect(booking.status == BookingStatus::refunded ? 0 : left_.contains(booking.id) ? of(left_) : periods);
    } else {
      if (holding > 1 && failed == 0 && !moved_.contains(booking.id)) fault(booking.id, "two charges are kept");
      switch (booking.status) {
      case BookingStatus::pending:
      case BookingStatus::confirmed:
      case BookingStatus::completed: // one that the provider approved may be unpaid, one that moved may be paid in part
        // Of one that never moved, so much is kept as it costs; of one that did, what it costs less what is owed.
        expect((cash_.contains(booking.id)    ? 0
                : moved_.contains(booking.id) ? booking.total_cents - booking.owed_cents()
                                              : std::min(booking.total_cents, received)) -
               of(given_));
        break;
      case BookingStatus::cancelled: expect(of(left_)); break; // nobody's but the customer's own cancelling keeps anything
      case BookingStatus::refunded: expect(0); break;
      }
    }
    const auto counts = real_
                            .read([&](const ReadTransaction& tx) -> Result<std::map<EventType, int>> {
                              std::map<EventType, int> all;
                              for (const auto& event : tx.events().list(tenant_, "", 10'000))
                                if (event.subject == booking.id.view()) ++all[event.type];
                              return all;
                            })
                            .value();
    const auto count = [&](EventType type) { return counts.contains(type) ? counts.at(type) : 0; };
    const auto once = [&](EventType type, bool wanted) {
      if (count(type) != (wanted ? 1 : 0))
        fault(booking.id, std::string{json::name_of(type)} + " was told " + std::to_string(count(type)) + " times");
    };
    once(EventType::booking_confirmed, booking.confirmed_at.has_value());
    once(EventType::booking_cancelled, booking.cancelled_at.has_value());
    once(EventType::booking_refunded, booking.status == BookingStatus::refunded);
  }

  const std::uint64_t seed_;
  SeededRandom random_;
  Tally& tally_;
  Killer killer_;
  ManualClock clock_{*Instant::parse("2026-05-01T12:00:00Z")};
  std::vector<TestGatewayEvent> mail_;
  TestGateway bank_{
      clock_, random_, {.webhook_secret = "whsec_campaign", .on_event = [this](TestGatewayEvent event) { mail_.push_back(event); }}};
  storage::Store& real_;
  MortalStore store_;
  Wire wire_;
  Platform platform_{store_, clock_, random_, PlatformOptions{{}, {}, &wire_}};
  Platform other_platform_{store_, clock_, random_, PlatformOptions{{}, {}, &wire_}};
  PaymentDesk desk_{platform_}, other_desk_{other_platform_};
  TenantId tenant_;
  OfferingId offering_;
  bool subscription_ = false;
  std::vector<BookingId> bookings_;
  std::map<BookingId, std::string> secrets_;
  std::set<BookingId> moved_;
  std::map<BookingId, Amount> cash_, given_, elsewhere_; ///< noted by hand; given back by the provider, and at the bank
  std::map<BookingId, Amount> left_;                     ///< of what was paid when its customer cancelled
  unsigned dashboard_refunds_ = 0;
};

enum class Where { files, postgres };

Tally run(std::uint64_t first, std::size_t histories, Bug bug, bool stop_at_fault, Where where = Where::files) {
  Tally tally;
#ifdef ORKESTR_WITH_POSTGRES
  std::optional<support::Database> empty; // with the schema
  if (where == Where::postgres) {
    empty.emplace();
    storage::PostgresStore::open({empty->conninfo()}).value().reset();
  }
#endif
  const auto folder = std::filesystem::temp_directory_path() / ("orkestr-payments-" + std::to_string(::getpid()));
  for (std::size_t i = 0; i < histories && !(stop_at_fault && !tally.faults.empty()); ++i) {
#ifdef ORKESTR_WITH_POSTGRES
    if (where == Where::postgres) {
      const support::Database database(empty->name());
      const auto store = storage::PostgresStore::open({database.conninfo()}).value();
      History(first + i, *store, bug, tally).run();
      continue;
    }
#endif
    if (i % 25 == 24) { // on SQLite now and then
      std::filesystem::create_directories(folder);
      storage::SqliteOptions options;
      options.file = folder / "payments.db";
      options.full_sync = false;
      auto store = storage::SqliteStore::open(options).value();
      History(first + i, *store, bug, tally).run();
      store.reset();
      std::filesystem::remove_all(folder);
    } else {
      storage::MemoryStore store;
      History(first + i, store, bug, tally).run();
    }
  }
  return tally;
}

void print(const Tally& t) {
  std::printf("histories %zu, killed %zu times; charges %zu: kept whole %zu, in part by policy %zu, returned whole %zu; renewals %zu\n"
              "events delivered %zu, of them again %zu and stale %zu; lost %zu; forged %zu, taken %zu\nfaults %zu\n",
              t.histories, t.kills, t.charges, t.kept, t.partly, t.returned, t.renewals, t.events, t.duplicates, t.stale, t.lost_events,
              t.forged, t.taken_forged, t.faults.size());
  for (std::size_t i = 0; i < t.faults.size() && i < 20; ++i) std::printf("  %s\n", t.faults[i].c_str());
}

} // namespace
} // namespace orkestr::campaign

int main(int argc, char** argv) {
  using namespace orkestr::campaign;
  std::size_t histories = 1000;
  std::uint64_t seed = 1;
  bool mutants = false;
  auto where = Where::files;
  for (int i = 1; i < argc; ++i) {
    const auto value = [&] { return i + 1 < argc ? argv[++i] : "0"; };
    if (std::strcmp(argv[i], "--histories") == 0)
      histories = std::stoul(value());
    else if (std::strcmp(argv[i], "--seed") == 0)
      seed = std::stoull(value());
    else if (std::strcmp(argv[i], "--postgres") == 0)
      where = Where::postgres;
    else if (std::strcmp(argv[i], "--mutants") == 0)
      mutants = true;
    else {
      std::printf("usage: payments [--histories N] [--seed N] [--postgres] [--mutants]\n");
      return 2;
    }
  }
  if (mutants) {
    std::size_t caught = 0;
    for (const auto& [bug, what] : bugs) {
      const auto tally = run(seed, 400, bug, true);
      const bool found = !tally.faults.empty();
      caught += found;
      std::printf("%s after %zu histories: %s\n    %s\n", found ? "caught" : "MISSED", tally.histories, what,
                  found ? tally.faults[0].c_str() : "");
    }
    std::printf("%zu of %zu planted bugs caught\n", caught, std::size(bugs));
    return caught == std::size(bugs) ? 0 : 1;
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  const auto tally = run(seed, histories, Bug::none, false, where);
  print(tally);
  // Many that never came to anything would prove nothing.
  const bool rare = tally.partly > 0 && tally.renewals > 0;
  return tally.faults.empty() && tally.kept > 0 && tally.returned > 0 && tally.kills > 0 && (rare || histories < 500) ? 0 : 1;
}
