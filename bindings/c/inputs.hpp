// What the functions of the engine are given as JSON, described as the REST API's bodies are.
#pragma once

#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/cancellation.hpp"
#include "orkestr/engine/performance_score.hpp"
#include "orkestr/engine/pricing.hpp"
#include "orkestr/engine/risk.hpp"

namespace orkestr::c {

struct ScheduleInput {
  std::string time_zone = "UTC";
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions;
  int buffer_before_minutes = 0, buffer_after_minutes = 0, min_notice_minutes = 0, max_advance_days = 365;

  /// Borrows. @errors `invalid_parameter` for an unknown zone
  [[nodiscard]] Result<Schedule> schedule() const;
};

struct Taken {
  Instant starts_at, ends_at;
  int quantity = 1;
  bool held = false;
};

struct Asked {
  std::vector<Taken> taken;
  Audience audience = Audience::customer;
  Instant now;
  int quantity = 1;

  [[nodiscard]] std::vector<Occupancy> occupancies() const;
};

struct SlotsInput : ScheduleInput, Asked {
  Instant from, to;
};

struct CheckInput : ScheduleInput, Asked {
  Instant starts_at, ends_at;
  bool whole_days = false;
};

struct PriceInput {
  Offering offering;
  std::vector<PricingRule> pricing_rules;
  std::optional<Coupon> coupon;

  /// Gives the rules what the API gives them: ids in the order in which they stand.
  void number_rules();
};

struct QuoteInput : PriceInput {
  Instant starts_at, ends_at, now;
  int quantity = 1;
  std::int64_t taken = 0, capacity = 0, customer_redemptions = 0;
};

struct RefundInput {
  CancellationPolicy policy;
  Instant booked_at, starts_at, now;
};

struct RiskInput : RiskFacts {
  std::int64_t lead_minutes = 0;
  RiskPolicy policy;
};

/// Reads and checks an input. @errors those of json::parse(), `invalid_fields`
template <class T> [[nodiscard]] Result<T> read_input(std::string_view text);

void validate(const ScheduleInput& input, json::Reader& reader);
void validate(const PriceInput& input, json::Reader& reader);

} // namespace orkestr::c

namespace orkestr::inline v1::json {

template <> struct EnumNames<Audience> { static constexpr std::array<std::string_view, 2> names{"CUSTOMER", "PROVIDER"}; };

template <class T>
inline constexpr auto
    schedule_fields = std::make_tuple(field_of<T>("timeZone", &c::ScheduleInput::time_zone, required_writable, {1, 64}),
                                      field_of<T>("rules", &c::ScheduleInput::rules, writable, {0, 500}),
                                      field_of<T>("exceptions", &c::ScheduleInput::exceptions, writable, {0, 2000}),
                                      field_of<T>("bufferBeforeMinutes", &c::ScheduleInput::buffer_before_minutes, writable, {0, 1440}),
                                      field_of<T>("bufferAfterMinutes", &c::ScheduleInput::buffer_after_minutes, writable, {0, 1440}),
                                      field_of<T>("minNoticeMinutes", &c::ScheduleInput::min_notice_minutes, writable, {0, 525'600}),
                                      field_of<T>("maxAdvanceDays", &c::ScheduleInput::max_advance_days, writable, {1, 730}));
template <class T>
inline constexpr auto asked_fields = std::make_tuple(field_of<T>("taken", &c::Asked::taken, writable, {0, 100'000}),
                                                     field_of<T>("audience", &c::Asked::audience, writable),
                                                     field_of<T>("now", &c::Asked::now, required_writable),
                                                     field_of<T>("quantity", &c::Asked::quantity, writable, {1, 100'000}));
template <class T>
inline constexpr auto price_fields = std::make_tuple(field_of<T>("offering", &c::PriceInput::offering, required_writable),
                                                     field_of<T>("pricingRules", &c::PriceInput::pricing_rules, writable, {0, 50}),
                                                     field_of<T>("coupon", &c::PriceInput::coupon, writable));

template <> struct Schema<c::Taken> {
  using T = c::Taken;
  static constexpr auto fields =
      std::make_tuple(field("startsAt", &T::starts_at, required_writable), field("endsAt", &T::ends_at, required_writable),
                      field("quantity", &T::quantity, writable, {1, 100'000}), field("held", &T::held, writable));
};
template <> struct Schema<c::ScheduleInput> { static constexpr auto fields = schedule_fields<c::ScheduleInput>; };
template <> struct Schema<c::SlotsInput> {
  using T = c::SlotsInput;
  static constexpr auto fields =
      std::tuple_cat(schedule_fields<T>, asked_fields<T>,
                     std::make_tuple(field("from", &T::from, required_writable), field("to", &T::to, required_writable)));
};
template <> struct Schema<c::CheckInput> {
  using T = c::CheckInput;
  static constexpr auto fields =
      std::tuple_cat(schedule_fields<T>, asked_fields<T>,
                     std::make_tuple(field("startsAt", &T::starts_at, required_writable), field("endsAt", &T::ends_at, required_writable),
                                     field("wholeDays", &T::whole_days, writable)));
};
template <> struct Schema<c::PriceInput> { static constexpr auto fields = price_fields<c::PriceInput>; };
template <> struct Schema<c::QuoteInput> {
  using T = c::QuoteInput;
  static constexpr auto fields = std::tuple_cat(
      price_fields<T>, std::make_tuple(field("startsAt", &T::starts_at, required_writable), field("endsAt", &T::ends_at, required_writable),
                                       field("now", &T::now, required_writable), field("quantity", &T::quantity, writable, {1, 100'000}),
                                       field("taken", &T::taken, writable, {0, 1'000'000'000}),
                                       field("capacity", &T::capacity, writable, {0, 1'000'000'000}),
                                       field("customerRedemptions", &T::customer_redemptions, writable, {0, 1'000'000'000})));
};
template <> struct Schema<c::RefundInput> {
  using T = c::RefundInput;
  static constexpr auto fields =
      std::make_tuple(field("policy", &T::policy, required_writable), field("bookedAt", &T::booked_at, required_writable),
                      field("startsAt", &T::starts_at, required_writable), field("now", &T::now, required_writable));
};
template <> struct Schema<c::RiskInput> {
  using T = c::RiskInput;
  static constexpr Limits count{0, 1'000'000}, amount{0, 1'000'000'000'000};
  static constexpr auto fields = std::make_tuple(
      field_of<T>("attemptsByEmail", &T::attempts_by_email, writable, count),
      field_of<T>("attemptsByIp", &T::attempts_by_ip, writable, count),
      field_of<T>("attemptsByDevice", &T::attempts_by_device, writable, count),
      field_of<T>("attemptsByCard", &T::attempts_by_card, writable, count), field_of<T>("email", &T::email, required_writable, {0, 320}),
      field_of<T>("amountCents", &T::amount_cents, required_writable, amount),
      field_of<T>("medianCents", &T::median_cents, writable, amount),
      field("leadMinutes", &T::lead_minutes, required_writable, {-1'000'000, 10'000'000}),
      field_of<T>("firstTime", &T::first_time, writable), field_of<T>("pastCancellations", &T::past_cancellations, writable, count),
      field_of<T>("pastRefunds", &T::past_refunds, writable, count), field_of<T>("pastDisputes", &T::past_disputes, writable, count),
      field_of<T>("refusedCoupons", &T::refused_coupons, writable, count), field_of<T>("unpaidHolds", &T::unpaid_holds, writable, count),
      field_of<T>("customerCountry", &T::customer_country, writable, {2, 2}), field_of<T>("ipCountry", &T::ip_country, writable, {2, 2}),
      field_of<T>("cardCountry", &T::card_country, writable, {2, 2}), field("policy", &T::policy, writable));
};
template <> struct Schema<ScoreInputs> {
  using T = ScoreInputs;
  static constexpr Limits count{0, 10'000'000'000};
  static constexpr auto fields = std::make_tuple(
      field("ratingSum", &T::rating_sum, writable, count), field("ratingCount", &T::rating_count, writable, count),
      field("pendingCount", &T::pending_count, writable, count), field("decidedWithin24h", &T::decided_within_24h, writable, count),
      field("decided", &T::decided, writable, count), field("confirmed", &T::confirmed, writable, count));
};

// ---- Answers that the REST API has no resource for

template <> struct Schema<Units> {
  static constexpr auto fields = std::make_tuple(field("capacity", &Units::capacity, out), field("remaining", &Units::remaining, out));
};
template <> struct Schema<RefundTerms> {
  using T = RefundTerms;
  static constexpr auto fields =
      std::make_tuple(field("refundPercent", &T::percent, out), field("grace", &T::grace, out), field("tier", &T::tier, out));
};
template <> struct Schema<RiskAssessment> {
  using T = RiskAssessment;
  static constexpr auto fields = std::make_tuple(field("score", &T::score, out), field("held", &T::held, out),
                                                 field("blocked", &T::blocked, out), field("reasons", &T::reasons, out));
};

} // namespace orkestr::inline v1::json
