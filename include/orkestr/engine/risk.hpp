// Risk: a score of 0 to 100 for a booking about to be made, with the reasons for it. Weights are data, per tenant.
#pragma once

#include "orkestr/base/mapping.hpp"

#include <span>

namespace orkestr::inline v1 {

/// What is looked at. `threshold` of a weight is in the unit named here; a signal counts once it is reached.
enum class RiskSignal {
  email_velocity,      ///< attempts from this e-mail address within an hour, this one included
  ip_velocity,         ///< the same from this network address
  device_velocity,     ///< the same from this device
  card_velocity,       ///< attempts with this card within a day
  malformed_email,     ///< 1 when the address is none
  disposable_email,    ///< 1 when its domain is one of throw-away addresses
  amount_over_median,  ///< the total as percent of the tenant's median booking
  short_lead_time,     ///< counts when fewer hours than this are left to the start
  first_time_customer, ///< 1 when nothing of this customer was ever confirmed
  past_cancellations,  ///< confirmed bookings that the customer cancelled
  past_refunds,        ///< bookings refunded in full
  past_disputes,       ///< disputes that the customer opened
  coupon_abuse,        ///< refused coupons from this e-mail or network address within a day
  country_mismatch,    ///< 1 when the countries of customer, network and card differ
  unpaid_holds         ///< holds from this network address that lapsed within a day
};

/// What is known about a booking before it is made. Absent countries and a median of 0 are unknown and never count.
struct RiskFacts {
  int attempts_by_email = 0, attempts_by_ip = 0, attempts_by_device = 0, attempts_by_card = 0;
  std::string email;
  Amount amount_cents = 0, median_cents = 0;
  milliseconds lead{};
  bool first_time = true;
  int past_cancellations = 0, past_refunds = 0, past_disputes = 0, refused_coupons = 0, unpaid_holds = 0;
  std::optional<std::string> customer_country, ip_country, card_country; ///< ISO 3166-1 alpha-2, any case
};

struct RiskWeight {
  RiskSignal signal = RiskSignal::email_velocity;
  std::int64_t threshold = 1;
  int points = 0; ///< 0 switches the signal off
};

/// Scores at or above these are held for review, or blocked.
struct RiskPolicy {
  std::vector<RiskWeight> weights; ///< override the shipped ones, signal by signal
  int hold_at = 60, block_at = 90;
};

/// One weight per signal.
[[nodiscard]] std::span<const RiskWeight> shipped_risk_weights();

struct RiskReason {
  std::string signal;
  int points = 0;
  std::string detail;
};

struct RiskAssessment {
  int score = 0; ///< 0–100
  std::vector<RiskReason> reasons;
  bool held = false, blocked = false;
};

/// @thread_safety pure
[[nodiscard]] RiskAssessment assess(const RiskFacts& facts, const RiskPolicy& policy = {});

/// One `@`, a local part, and a domain with a dot. Not whether anybody reads it. @thread_safety pure
[[nodiscard]] bool is_email(std::string_view text);
/// Whether the domain is known for throw-away addresses. @thread_safety pure
[[nodiscard]] bool is_disposable(std::string_view email);

void validate(const RiskPolicy& policy, json::Reader& reader);

namespace json {
template <> struct EnumNames<RiskSignal> {
  static constexpr std::array<std::string_view, 15> names{
      "email_velocity",   "ip_velocity",        "device_velocity", "card_velocity",       "malformed_email",
      "disposable_email", "amount_over_median", "short_lead_time", "first_time_customer", "past_cancellations",
      "past_refunds",     "past_disputes",      "coupon_abuse",    "country_mismatch",    "unpaid_holds"};
};
template <> struct Schema<RiskReason> {
  static constexpr auto fields =
      std::make_tuple(field("signal", &RiskReason::signal, out | create), field("points", &RiskReason::points, out | create),
                      field("detail", &RiskReason::detail, out | create));
};
template <> struct Schema<RiskWeight> {
  static constexpr auto fields = std::make_tuple(field("signal", &RiskWeight::signal, required_writable),
                                                 field("threshold", &RiskWeight::threshold, required_writable, {0, 1'000'000}),
                                                 field("points", &RiskWeight::points, required_writable, {-100, 100}));
};
template <> struct Schema<RiskPolicy> {
  static constexpr auto fields =
      std::make_tuple(field("weights", &RiskPolicy::weights, writable, {0, 15}), field("holdAt", &RiskPolicy::hold_at, writable, {1, 101}),
                      field("blockAt", &RiskPolicy::block_at, writable, {1, 101}));
};
} // namespace json
} // namespace orkestr::inline v1
