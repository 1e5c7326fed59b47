#include "orkestr/engine/risk.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

namespace {

/// A regular whom nothing speaks against.
RiskFacts harmless() {
  RiskFacts facts;
  facts.email = "ada@example.com";
  facts.attempts_by_email = facts.attempts_by_ip = facts.attempts_by_device = facts.attempts_by_card = 1;
  facts.amount_cents = 10'000;
  facts.median_cents = 9'000;
  facts.lead = std::chrono::hours{48};
  facts.first_time = false;
  return facts;
}

/// `signal:points` of each reason.
std::string signals(const RiskFacts& facts, const RiskPolicy& policy = {}) {
  std::string text;
  int sum = 0;
  for (const auto& reason : assess(facts, policy).reasons) {
    text.append(text.empty() ? "" : " ").append(reason.signal).append(":").append(std::to_string(reason.points));
    CHECK(!reason.detail.empty());
    sum += reason.points;
  }
  CHECK(assess(facts, policy).score == std::clamp(sum, 0, 100));
  return text;
}

template <class Change> std::string with(Change change) {
  auto facts = harmless();
  change(facts);
  return signals(facts);
}

} // namespace

TEST_CASE("each signal counts from its threshold on, and not below") {
  CHECK(signals(harmless()) == "");
  CHECK(with([](auto& f) { f.attempts_by_email = 4; }) == "");
  CHECK(with([](auto& f) { f.attempts_by_email = 5; }) == "email_velocity:30");
  CHECK(with([](auto& f) { f.attempts_by_ip = 10; }) == "ip_velocity:30");
  CHECK(with([](auto& f) { f.attempts_by_device = 8; }) == "device_velocity:30");
  CHECK(with([](auto& f) { f.attempts_by_card = 4; }) == "card_velocity:35");
  CHECK(with([](auto& f) { f.email = "ada"; }) == "malformed_email:50");
  CHECK(with([](auto& f) { f.email = "ada@MAILINATOR.com"; }) == "disposable_email:35");
  CHECK(with([](auto& f) { f.amount_cents = 44'999; }) == "");
  CHECK(with([](auto& f) { f.amount_cents = 45'000; }) == "amount_over_median:15");
  CHECK(with([](auto& f) { f.amount_cents = 1'000'000, f.median_cents = 0; }) == "");
  CHECK(with([](auto& f) { f.lead = std::chrono::hours{2}; }) == "");
  CHECK(with([](auto& f) { f.lead = std::chrono::hours{2} - milliseconds{1}; }) == "short_lead_time:10");
  CHECK(with([](auto& f) { f.lead = std::chrono::hours{-5}; }) == "short_lead_time:10");
  CHECK(with([](auto& f) { f.first_time = true; }) == "first_time_customer:5");
  CHECK(with([](auto& f) { f.past_cancellations = 3; }) == "past_cancellations:15");
  CHECK(with([](auto& f) { f.past_refunds = 2; }) == "past_refunds:20");
  CHECK(with([](auto& f) { f.past_disputes = 1; }) == "past_disputes:25");
  CHECK(with([](auto& f) { f.refused_coupons = 5; }) == "coupon_abuse:20");
  CHECK(with([](auto& f) { f.unpaid_holds = 5; }) == "unpaid_holds:20");
  CHECK(with([](auto& f) { f.customer_country = "de", f.ip_country = "DE"; }) == "");
  CHECK(with([](auto& f) { f.customer_country = "DE", f.card_country = "FR"; }) == "country_mismatch:20");
  CHECK(with([](auto& f) { f.card_country = "FR"; }) == "");
}

TEST_CASE("60 is held, 90 is blocked, and a score stays within 0 and 100") {
  auto facts = harmless();
  facts.email = "nobody";
  facts.past_cancellations = 9; // 50 + 15
  CHECK(assess(facts).score == 65);
  CHECK(assess(facts).held);
  CHECK_FALSE(assess(facts).blocked);
  facts.past_disputes = 2; // + 25
  CHECK(assess(facts).score == 90);
  CHECK(assess(facts).blocked);
  CHECK_FALSE(assess(facts).held);
  facts.attempts_by_card = 50;
  CHECK(assess(facts).score == 100);
  RiskPolicy policy{{{RiskSignal::first_time_customer, 1, -100}}, 60, 90};
  auto friendly = harmless();
  friendly.first_time = true;
  CHECK(assess(friendly, policy).score == 0);
}

TEST_CASE("weights and limits are data; a signal of 0 points is off") {
  RiskPolicy policy{{{RiskSignal::malformed_email, 1, 0}, {RiskSignal::short_lead_time, 72, 40}}, 40, 41};
  auto facts = harmless();
  facts.email = "";
  CHECK(signals(facts, policy) == "short_lead_time:40");
  CHECK(assess(facts, policy).held);
  const auto faults = [](const RiskPolicy& p) {
    json::Reader reader;
    validate(p, reader);
    std::string all;
    for (const auto& fault : reader.faults) all.append(all.empty() ? "" : " ").append(fault.pointer);
    return all;
  };
  CHECK(faults(policy) == "");
  CHECK(faults({{{RiskSignal::past_refunds, 1, 1}, {RiskSignal::past_refunds, 2, 1}}, 90, 60}) == "/blockAt /weights/0 /weights/1");
  CHECK(shipped_risk_weights().size() == json::EnumNames<RiskSignal>::names.size());
}

TEST_CASE("e-mail addresses by their form") {
  for (const char* good : {"a@b.cd", "ada.o'hara+x@mail.example.co.uk", "ädä@exämple.com"}) CHECK(is_email(good));
  for (const char* bad : {"", "a", "@b.cd", "a@", "a@b", "a@b@c.de", "a b@c.de", "a@.de", "a@b.", "a@b..de", "a@b.de\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_email(bad));
  }
  CHECK_FALSE(is_email(std::string(65, 'a') + "@b.cd"));
}
