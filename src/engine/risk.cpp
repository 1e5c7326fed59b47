#include "orkestr/engine/risk.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// Domains that hand out mailboxes for minutes; the list is kept short on purpose, of those that last.
constexpr std::string_view disposable_domains[] = {
    "10minutemail.com",  "discard.email",     "dispostable.com",   "emailondeck.com", "fakeinbox.com",   "getnada.com",    "grr.la",
    "guerrillamail.com", "guerrillamail.net", "guerrillamail.org", "mailcatch.com",   "maildrop.cc",     "mailinator.com", "mailnesia.com",
    "mintemail.com",     "moakt.com",         "mytemp.email",      "sharklasers.com", "spamgourmet.com", "temp-mail.org",  "tempmail.com",
    "tempmailo.com",     "throwawaymail.com", "trashmail.com",     "trashmail.de",    "yopmail.com"};

bool equal_blind(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return ascii_lower(c); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool differ(const std::optional<std::string>& a, const std::optional<std::string>& b) { return a && b && !equal_blind(*a, *b); }

/// What a signal measures; nullopt when it says nothing about this booking.
std::optional<std::int64_t> measure(RiskSignal signal, const RiskFacts& facts) {
  const auto flag = [](bool value) { return value ? std::optional<std::int64_t>{1} : std::nullopt; };
  switch (signal) {
  case RiskSignal::email_velocity: return facts.attempts_by_email;
  case RiskSignal::ip_velocity: return facts.attempts_by_ip;
  case RiskSignal::device_velocity: return facts.attempts_by_device;
  case RiskSignal::card_velocity: return facts.attempts_by_card;
  case RiskSignal::malformed_email: return flag(!is_email(facts.email));
  case RiskSignal::disposable_email: return flag(is_disposable(facts.email));
  case RiskSignal::amount_over_median:
    if (facts.median_cents <= 0) return std::nullopt;
    if (const auto hundredfold = multiply(facts.amount_cents, 100)) return *hundredfold / facts.median_cents;
    return std::numeric_limits<std::int64_t>::max();
  case RiskSignal::short_lead_time: return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::hours>(facts.lead).count());
  case RiskSignal::first_time_customer: return flag(facts.first_time);
  case RiskSignal::past_cancellations: return facts.past_cancellations;
  case RiskSignal::past_refunds: return facts.past_refunds;
  case RiskSignal::past_disputes: return facts.past_disputes;
  case RiskSignal::coupon_abuse: return facts.refused_coupons;
  case RiskSignal::country_mismatch:
    return flag(differ(facts.customer_country, facts.ip_country) || differ(facts.customer_country, facts.card_country) ||
                differ(facts.ip_country, facts.card_country));
  case RiskSignal::unpaid_holds: break;
  }
  return facts.unpaid_holds;
}

std::string detail_of(RiskSignal signal, std::int64_t value) {
  const std::string n = std::to_string(value);
  switch (signal) {
  case RiskSignal::email_velocity: return n + " attempts from this e-mail address within an hour.";
  case RiskSignal::ip_velocity: return n + " attempts from this network address within an hour.";
  case RiskSignal::device_velocity: return n + " attempts from this device within an hour.";
  case RiskSignal::card_velocity: return n + " attempts with this card within a day.";
  case RiskSignal::malformed_email: return "The e-mail address can't be one.";
  case RiskSignal::disposable_email: return "The e-mail address is a throw-away one.";
  case RiskSignal::amount_over_median: return "The total is " + n + " % of the median booking.";
  case RiskSignal::short_lead_time: return "It starts in less than " + std::to_string(value + 1) + " h.";
  case RiskSignal::first_time_customer: return "The customer's first booking.";
  case RiskSignal::past_cancellations: return n + " bookings cancelled before.";
  case RiskSignal::past_refunds: return n + " bookings refunded before.";
  case RiskSignal::past_disputes: return n + " disputes opened before.";
  case RiskSignal::coupon_abuse: return n + " coupons refused within a day.";
  case RiskSignal::country_mismatch: return "Customer, network and card are from different countries.";
  case RiskSignal::unpaid_holds: break;
  }
  return n + " holds lapsed within a day.";
}

} // namespace

std::span<const RiskWeight> shipped_risk_weights() {
  using enum RiskSignal;
  static constexpr RiskWeight weights[] = {{email_velocity, 5, 30},       {ip_velocity, 10, 30},     {device_velocity, 8, 30},
                                           {card_velocity, 4, 35},        {malformed_email, 1, 50},  {disposable_email, 1, 35},
                                           {amount_over_median, 500, 15}, {short_lead_time, 2, 10},  {first_time_customer, 1, 5},
                                           {past_cancellations, 3, 15},   {past_refunds, 2, 20},     {past_disputes, 1, 25},
                                           {coupon_abuse, 5, 20},         {country_mismatch, 1, 20}, {unpaid_holds, 5, 20}};
  return weights;
}

RiskAssessment assess(const RiskFacts& facts, const RiskPolicy& policy) {
  RiskAssessment result;
  int sum = 0;
  for (RiskWeight weight : shipped_risk_weights()) {
    const auto own = std::ranges::find(policy.weights, weight.signal, &RiskWeight::signal);
    if (own != policy.weights.end()) weight = *own;
    const auto value = measure(weight.signal, facts);
    const bool counts = value && (weight.signal == RiskSignal::short_lead_time ? *value < weight.threshold : *value >= weight.threshold);
    if (!counts || weight.points == 0) continue;
    sum += weight.points;
    result.reasons.push_back({std::string{json::name_of(weight.signal)}, weight.points, detail_of(weight.signal, *value)});
  }
  result.score = std::clamp(sum, 0, 100);
  result.blocked = result.score >= policy.block_at;
  result.held = result.score >= policy.hold_at && !result.blocked;
  return result;
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.size() > 254 || at > 64 || text.find('@', at + 1) != std::string_view::npos)
    return false;
  const auto domain = text.substr(at + 1);
  const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; };
  return std::ranges::all_of(text, visible) && domain.size() >= 3 && domain.find('.') != std::string_view::npos && domain.front() != '.' &&
         domain.back() != '.' && domain.find("..") == std::string_view::npos;
}

bool is_disposable(std::string_view email) {
  const auto at = email.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto domain = email.substr(at + 1);
  return std::ranges::any_of(disposable_domains, [&](std::string_view known) { return equal_blind(domain, known); });
}

void validate(const RiskPolicy& policy, json::Reader& reader) {
  if (policy.block_at < policy.hold_at) reader.fault_at("blockAt", "conflict", "blockAt must not be below holdAt.");
  const json::Reader::Step list(reader, "weights");
  for (std::size_t i = 0; i < policy.weights.size(); ++i) {
    const auto same = std::ranges::count(policy.weights, policy.weights[i].signal, &RiskWeight::signal);
    if (same > 1) reader.fault_at(std::to_string(i), "conflict", "A signal is weighed once.");
  }
}

} // namespace orkestr::inline v1
