#include "orkestr/adapters/test_gateway.hpp"

#include "orkestr/engine/timestamped_signature.hpp"

#include "adapters/payment_checks.hpp"
#include "adapters/test_gateway/test_event.hpp"
#include "base/sha256.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <variant>

namespace orkestr::inline v1 {
namespace {

using Kind = GatewayEventKind;
template <class T> using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

constexpr std::array<TestCard, 12> cards{{
    {test_cards::succeeds, "is accepted"},
    {test_cards::declined, "is declined"},
    {test_cards::insufficient_funds, "is declined: not enough money"},
    {test_cards::expired, "is declined: expired"},
    {test_cards::authenticates, "asks for 3-D Secure"},
    {test_cards::authenticates_then_declined, "asks for 3-D Secure, then is declined"},
    {test_cards::settles_late, "takes its time, then is accepted"},
    {test_cards::fails_late, "takes its time, then is declined"},
    {test_cards::renewal_declined, "is accepted, but not for renewals"},
    {test_cards::disputed, "is accepted, then disputed"},
    {test_cards::refunds_late, "is accepted; refunds take their time"},
    {test_cards::refunds_fail, "is accepted; refunds fail"},
}};

constexpr std::string_view method_prefix = "pm_test_", secret_mark = "_secret_";

bool is_card(std::string_view number) { return std::ranges::count(cards, number, &TestCard::number) > 0; }

CardFacts facts_of(std::string_view number) {
  return {"fp_test_" + hex(sha256(number), 8), "US", "visa", std::string{number.substr(std::max<std::size_t>(number.size(), 4) - 4)}};
}

/// The reason for which a number is declined at once, if it is.
std::optional<GatewayFailure> decline_of(std::string_view number) {
  if (!is_card(number)) return GatewayFailure{"incorrect_number", "The card number is not one of the test cards."};
  if (number == test_cards::declined) return GatewayFailure{"card_declined", "The card was declined."};
  if (number == test_cards::insufficient_funds) return GatewayFailure{"insufficient_funds", "The card has insufficient funds."};
  if (number == test_cards::expired) return GatewayFailure{"expired_card", "The card has expired."};
  return std::nullopt;
}

struct Entry {
  GatewayPayment payment;
  std::string number; ///< of the card that was tried last
  bool save = false;
  Amount returned = 0; ///< by refunds that succeeded
  std::vector<std::string> refunds;
};

struct RefundEntry {
  GatewayRefund refund;
  bool well = true;
};

using Events = std::vector<GatewayEvent>;

} // namespace

std::span<const TestCard> all_test_cards() noexcept { return cards; }

struct TestGateway::State {
  struct Answer {
    Sha256 asked;
    std::variant<Result<GatewayPayment>, Result<GatewayRefund>> given;
  };

  State(const Clock& its_clock, Random& its_random, TestGatewayOptions its_options)
      : clock(its_clock), random(its_random), options(std::move(its_options)), most(std::max<std::size_t>(options.max_payments, 1)) {}

  const Clock& clock;
  Random& random;
  const TestGatewayOptions options;
  const std::size_t most;
  std::mutex mutex;
  ByText<Entry> payments;
  ByText<RefundEntry> refunds;
  ByText<Answer> answers;
  std::deque<std::string> payment_order, answer_order;
  std::multimap<Instant, std::string> due; ///< ids of payments and refunds; some may have been settled since

  /// Runs a change under the lock, then tells of it.
  template <class Change> auto change(Change&& change) {
    Events events;
    std::unique_lock lock(mutex);
    const auto settled = settle_due(events);
    auto result = [&] {
      if constexpr (std::is_invocable_v<Change, Events&>)
        return change(events);
      else
        return change(events, settled);
    }();
    lock.unlock();
    if (options.on_event)
      for (auto& event : events) {
        TestGatewayEvent out{test_gateway::body_of(event), {}};
        out.signature = timestamped_signature(out.body, std::span(&options.webhook_secret, 1), event.created_at);
        options.on_event(std::move(out));
      }
    return result;
  }

  /// The first answer to a key, for whoever asks the same again.
  template <class T, class Do> Result<T> once(const std::string& key, std::string_view asked, Do&& act) {
    const auto print = sha256(asked);
    if (const auto found = answers.find(key); found != answers.end()) {
      const auto* given = std::get_if<Result<T>>(&found->second.given);
      if (given == nullptr || found->second.asked != print)
        return fail(Code::idempotency_mismatch, "The key was used for another request.");
      return *given;
    }
    Result<T> given = act();
    answers.emplace(key, Answer{print, given});
    answer_order.push_back(key);
    if (answer_order.size() > most) {
      answers.erase(answer_order.front());
      answer_order.pop_front();
    }
    return given;
  }

  std::string new_id(std::string_view prefix) { return std::string{prefix} + random_alphanumeric(random, 24); }

  Entry& insert(GatewayPayment payment, bool save) {
    payment.id = new_id("pi_test_");
    payment.client_secret = payment.id + std::string{secret_mark} + random_alphanumeric(random, 24);
    payment.created_at = clock.now();
    std::ranges::sort(payment.metadata);
    payment_order.push_back(payment.id);
    const std::string id = payment.id;
    Entry entry;
    entry.payment = std::move(payment);
    entry.save = save;
    if (payment_order.size() > most) forget(payment_order.front());
    return payments.emplace(id, std::move(entry)).first->second;
  }

  void forget(const std::string& id) {
    for (const auto& refund : payments.at(id).refunds) refunds.erase(refund);
    payments.erase(id);
    payment_order.pop_front(); // the id's own
  }

  Entry* find(std::string_view id) {
    const auto found = payments.find(id);
    return found == payments.end() ? nullptr : &found->second;
  }

  Entry* find_secret(std::string_view secret) {
    auto* entry = find(secret.substr(0, secret.find(secret_mark)));
    return entry != nullptr && entry->payment.client_secret == secret ? entry : nullptr;
  }

  GatewayEvent event(Kind kind, const Entry& entry, Amount amount) {
    GatewayEvent event;
    event.id = new_id("evt_test_");
    event.kind = kind;
    event.type = to_string(kind);
    event.created_at = clock.now();
    event.payment_id = entry.payment.id;
    event.amount = amount;
    event.currency = entry.payment.currency;
    event.metadata = entry.payment.metadata;
    return event;
  }

  void move(Events& events, Entry& entry, GatewayState state, std::optional<GatewayFailure> failure = {}) {
    auto& payment = entry.payment;
    payment.state = state;
    payment.failure = std::move(failure);
    if (state == GatewayState::succeeded) {
      payment.received = payment.amount;
      if (entry.save && !payment.saved) payment.saved = SavedMethod{new_id("cus_test_"), std::string{method_prefix} + entry.number};
    }
    const auto kind = state == GatewayState::succeeded    ? Kind::payment_succeeded
                      : state == GatewayState::failed     ? Kind::payment_failed
                      : state == GatewayState::processing ? Kind::payment_processing
                      : state == GatewayState::cancelled  ? Kind::payment_cancelled
                                                          : Kind::other;
    if (kind == Kind::other) return;
    auto told = event(kind, entry, payment.amount);
    told.failure = payment.failure;
    told.card = payment.card;
    events.push_back(std::move(told));
    if (state == GatewayState::succeeded && entry.number == test_cards::disputed) {
      auto dispute = event(Kind::dispute_opened, entry, payment.amount);
      dispute.dispute_id = new_id("dp_test_");
      events.push_back(std::move(dispute));
    }
  }

  /// What the bank says once nothing more is asked of the customer.
  void charge(Events& events, Entry& entry) {
    if (auto declined = decline_of(entry.number)) return move(events, entry, GatewayState::failed, std::move(declined));
    if (entry.number == test_cards::authenticates_then_declined)
      return move(events, entry, GatewayState::failed, GatewayFailure{"card_declined", "The card was declined."});
    if (entry.number != test_cards::settles_late && entry.number != test_cards::fails_late)
      return move(events, entry, GatewayState::succeeded);
    due.emplace(clock.now() + options.settles_after, entry.payment.id);
    move(events, entry, GatewayState::processing);
  }

  void tell_refund(Events& events, const Entry& entry, const GatewayRefund& refund) {
    auto told = event(Kind::refund_updated, entry, refund.amount);
    told.refund_id = refund.id;
    told.refund_state = refund.state;
    told.failure = refund.failure;
    told.metadata = refund.metadata;
    events.push_back(std::move(told));
    if (refund.state == RefundState::succeeded) events.push_back(event(Kind::payment_refunded, entry, entry.returned));
  }

  void settle_refund(Events& events, RefundEntry& each, bool well) {
    auto& refund = each.refund;
    auto* entry = find(refund.payment_id);
    refund.state = well ? RefundState::succeeded : RefundState::failed;
    if (well)
      entry->returned += refund.amount;
    else {
      refund.failure = GatewayFailure{"lost_or_stolen_card", "The refund did not reach the customer's bank."};
      entry->payment.refunded -= refund.amount;
    }
    tell_refund(events, *entry, refund);
  }

  /// Whether there was something to settle. Without `well`, as the card has it.
  bool settle(Events& events, std::string_view id, std::optional<bool> well) {
    if (auto* entry = find(id); entry != nullptr && entry->payment.state == GatewayState::processing) {
      if (well.value_or(entry->number == test_cards::settles_late))
        move(events, *entry, GatewayState::succeeded);
      else
        move(events, *entry, GatewayState::failed, GatewayFailure{"card_declined", "The bank declined the payment."});
      return true;
    }
    if (const auto found = refunds.find(id); found != refunds.end() && found->second.refund.state == RefundState::pending) {
      settle_refund(events, found->second, well.value_or(found->second.well));
      return true;
    }
    return false;
  }

  std::size_t settle_due(Events& events) {
    std::size_t count = 0;
    for (const Instant now = clock.now(); !due.empty() && due.begin()->first <= now;) {
      const auto id = due.extract(due.begin()).mapped();
      if (settle(events, id, std::nullopt)) ++count;
    }
    return count;
  }
};

namespace {

/// What was asked, so that another request under the same key shows.
template <class Asked> std::string print_of(std::string_view what, const Asked& asked, std::initializer_list<std::string_view> more) {
  std::string out;
  const auto add = [&](std::string_view text) { out.append(std::to_string(text.size())).append(1, ':').append(text); };
  add(what);
  add(std::to_string(asked.amount));
  add(asked.currency.code());
  for (const auto text : more) add(text);
  for (const auto& [key, value] : asked.metadata) add(key), add(value);
  return out;
}

Error unknown(std::string_view what) { return fail(Code::not_found, "The test gateway knows no such " + std::string{what} + "."); }

Error wrong_state(const GatewayPayment& payment) {
  return fail(Code::invalid_transition, "The payment is " + std::string{to_string(payment.state)} + ".");
}

template <class Asked> GatewayPayment payment_for(const Asked& asked) {
  GatewayPayment payment;
  payment.amount = asked.amount;
  payment.currency = asked.currency;
  payment.metadata = asked.metadata;
  return payment;
}

} // namespace

TestGateway::TestGateway(const Clock& clock, Random& random, TestGatewayOptions options) {
  if (options.webhook_secret.empty()) options.webhook_secret = make_webhook_secret(random);
  state_ = std::make_unique<State>(clock, random, std::move(options));
}
TestGateway::~TestGateway() = default;

void TestGateway::create(NewGatewayPayment asked, Done<GatewayPayment> done) {
  if (auto error = payment_checks::check(asked); !error.faults.empty()) return done(std::move(error));
  done(state_->change([&](Events&) {
    const auto print = print_of("create", asked, {asked.description, asked.customer_email, asked.save_method ? "save" : ""});
    return state_->once<GatewayPayment>(asked.idempotency_key, print,
                                        [&] { return state_->insert(payment_for(asked), asked.save_method).payment; });
  }));
}

void TestGateway::fetch(std::string id, Done<GatewayPayment> done) {
  done(state_->change([&](Events&) -> Result<GatewayPayment> {
    const auto* entry = state_->find(id);
    if (entry == nullptr) return unknown("payment");
    return entry->payment;
  }));
}

void TestGateway::find(std::string metadata_key, std::string value, Done<GatewayPayment> done) {
  done(state_->change([&](Events&) -> Result<GatewayPayment> {
    const std::pair wanted{std::move(metadata_key), std::move(value)};
    for (const auto& [id, entry] : state_->payments)
      if (std::ranges::find(entry.payment.metadata, wanted) != entry.payment.metadata.end()) return entry.payment;
    return unknown("payment");
  }));
}

void TestGateway::cancel(std::string id, Done<GatewayPayment> done) {
  done(state_->change([&](Events& events) -> Result<GatewayPayment> {
    auto* entry = state_->find(id);
    if (entry == nullptr) return unknown("payment");
    auto& payment = entry->payment;
    if (payment.state == GatewayState::succeeded || payment.state == GatewayState::processing) return wrong_state(payment);
    if (payment.state != GatewayState::cancelled) state_->move(events, *entry, GatewayState::cancelled);
    return payment;
  }));
}

void TestGateway::refund(NewGatewayRefund asked, Done<GatewayRefund> done) {
  if (auto error = payment_checks::check(asked); !error.faults.empty()) return done(std::move(error));
  done(state_->change([&](Events& events) {
    return state_->once<GatewayRefund>(
        asked.idempotency_key, print_of("refund", asked, {asked.payment_id}), [&]() -> Result<GatewayRefund> {
          auto* entry = state_->find(asked.payment_id);
          if (entry == nullptr) return unknown("payment");
          if (entry->payment.state != GatewayState::succeeded) return wrong_state(entry->payment);
          if (asked.currency != entry->payment.currency) {
            Error error = fail(Code::invalid_fields, "A refund is in the currency of its payment.");
            payment_checks::add_fault(error, "/currency", "conflict", error.detail);
            return error;
          }
          if (asked.amount > entry->payment.received - entry->payment.refunded)
            return fail(Code::invalid_transition, "Less than that is left to refund.");
          GatewayRefund refund;
          refund.id = state_->new_id("re_test_");
          refund.payment_id = asked.payment_id;
          refund.amount = asked.amount;
          refund.currency = asked.currency;
          refund.metadata = std::move(asked.metadata);
          std::ranges::sort(refund.metadata);
          entry->payment.refunded += refund.amount;
          entry->refunds.push_back(refund.id);
          const bool late = entry->number == test_cards::refunds_late || entry->number == test_cards::refunds_fail;
          auto& kept = state_->refunds.emplace(refund.id, RefundEntry{refund, entry->number != test_cards::refunds_fail}).first->second;
          if (late) {
            state_->due.emplace(state_->clock.now() + state_->options.settles_after, refund.id);
            state_->tell_refund(events, *entry, kept.refund);
          } else {
            state_->settle_refund(events, kept, true);
          }
          return kept.refund;
        });
  }));
}

void TestGateway::fetch_refund(std::string id, Done<GatewayRefund> done) {
  done(state_->change([&](Events&) -> Result<GatewayRefund> {
    const auto found = state_->refunds.find(id);
    if (found == state_->refunds.end()) return unknown("refund");
    return found->second.refund;
  }));
}

void TestGateway::find_refund(std::string payment_id, std::string metadata_key, std::string value, Done<GatewayRefund> done) {
  done(state_->change([&](Events&) -> Result<GatewayRefund> {
    const std::pair wanted{std::move(metadata_key), std::move(value)};
    const auto* entry = state_->find(payment_id);
    if (entry == nullptr) return unknown("payment");
    for (const auto& id : entry->refunds) {
      const auto& refund = state_->refunds.at(id).refund;
      if (std::ranges::find(refund.metadata, wanted) != refund.metadata.end()) return refund;
    }
    return unknown("refund");
  }));
}

void TestGateway::charge_saved(SavedCharge asked, Done<GatewayPayment> done) {
  if (auto error = payment_checks::check(asked); !error.faults.empty()) return done(std::move(error));
  done(state_->change([&](Events& events) {
    const auto print = print_of("charge", asked, {asked.description, asked.customer_email, asked.saved.customer, asked.saved.method});
    return state_->once<GatewayPayment>(asked.idempotency_key, print, [&]() -> Result<GatewayPayment> {
      const std::string_view method = asked.saved.method;
      if (!method.starts_with(method_prefix) || !is_card(method.substr(method_prefix.size()))) return unknown("saved card");
      auto& entry = state_->insert(payment_for(asked), false);
      entry.number = method.substr(method_prefix.size());
      entry.payment.card = facts_of(entry.number);
      entry.payment.saved = asked.saved;
      if (entry.number == test_cards::authenticates)
        state_->move(events, entry, GatewayState::failed,
                     GatewayFailure{"authentication_required", "The bank wants the customer to confirm this payment."});
      else if (entry.number == test_cards::renewal_declined)
        state_->move(events, entry, GatewayState::failed, GatewayFailure{"card_declined", "The card was declined."});
      else
        state_->charge(events, entry);
      return entry.payment;
    });
  }));
}

Result<GatewayEvent> TestGateway::parse_event(std::string_view body, std::span<const WebhookHeaderView> headers, Instant now) const {
  ORKESTR_CHECK(verify_timestamped(test_gateway_header, body, headers, std::span(&state_->options.webhook_secret, 1), now));
  return test_gateway::event_of(body);
}

Result<GatewayPayment> TestGateway::pay(std::string_view client_secret, std::string_view card_number) {
  std::string number;
  for (const char c : card_number)
    if (c != ' ' && c != '-') number += c;
  return state_->change([&](Events& events) -> Result<GatewayPayment> {
    auto* entry = state_->find_secret(client_secret);
    if (entry == nullptr) return unknown("payment");
    auto& payment = entry->payment;
    if (payment.state != GatewayState::requires_method && payment.state != GatewayState::failed) return wrong_state(payment);
    entry->number = number;
    payment.card = is_card(number) ? std::optional(facts_of(number)) : std::nullopt;
    if (number == test_cards::authenticates || number == test_cards::authenticates_then_declined)
      state_->move(events, *entry, GatewayState::requires_action);
    else
      state_->charge(events, *entry);
    return payment;
  });
}

Result<GatewayPayment> TestGateway::authenticate(std::string_view client_secret, bool agreed) {
  return state_->change([&](Events& events) -> Result<GatewayPayment> {
    auto* entry = state_->find_secret(client_secret);
    if (entry == nullptr) return unknown("payment");
    if (entry->payment.state != GatewayState::requires_action) return wrong_state(entry->payment);
    if (agreed)
      state_->charge(events, *entry);
    else
      state_->move(events, *entry, GatewayState::failed,
                   GatewayFailure{"authentication_failed", "The bank could not confirm that it was you."});
    return entry->payment;
  });
}

Result<void> TestGateway::settle(std::string_view id, bool well) {
  return state_->change([&](Events& events) -> Result<void> {
    if (state_->settle(events, id, well)) return {};
    if (state_->find(id) == nullptr && !state_->refunds.contains(id)) return unknown("payment or refund");
    return fail(Code::invalid_transition, "It is settled.");
  });
}

std::size_t TestGateway::run_due() {
  return state_->change([](Events&, std::size_t settled) { return settled; });
}

} // namespace orkestr::inline v1
