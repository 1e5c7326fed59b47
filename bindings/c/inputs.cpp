#include "inputs.hpp"

#include "orkestr/ports/random.hpp"

namespace orkestr::c {
namespace {

constexpr json::ParseLimits limits{16, 2'000'000}; // a year of what is taken is large

void validate_parts(const auto& parts, std::string_view name, json::Reader& reader) {
  const json::Reader::Step step(reader, name);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const json::Reader::Step item(reader, i);
    validate(parts[i], reader);
  }
}

void validate(const Asked& asked, json::Reader& reader) {
  const json::Reader::Step step(reader, "taken");
  for (std::size_t i = 0; i < asked.taken.size(); ++i)
    if (asked.taken[i].ends_at <= asked.taken[i].starts_at) {
      const json::Reader::Step item(reader, i);
      reader.fault_at("endsAt", "out_of_range", "It must be after startsAt.");
    }
}

} // namespace

Result<Schedule> ScheduleInput::schedule() const {
  ORKESTR_TRY(const Zone zone, Zone::find(time_zone));
  return Schedule{zone, rules, exceptions, buffer_before_minutes, buffer_after_minutes, min_notice_minutes, max_advance_days};
}

std::vector<Occupancy> Asked::occupancies() const {
  std::vector<Occupancy> all;
  all.reserve(taken.size());
  for (const auto& one : taken) all.push_back({{one.starts_at, one.ends_at}, one.quantity, one.held});
  return all;
}

void PriceInput::number_rules() {
  SeededRandom random(1);
  IdMinter ids(random);
  for (auto& rule : pricing_rules) rule.id = ids.make<PricingRuleId>({});
}

void validate(const ScheduleInput& input, json::Reader& reader) {
  validate_parts(input.rules, "rules", reader);
  validate_parts(input.exceptions, "exceptions", reader);
}

void validate(const PriceInput& input, json::Reader& reader) {
  validate_parts(input.pricing_rules, "pricingRules", reader);
  if (input.coupon) {
    const json::Reader::Step step(reader, "coupon");
    validate(*input.coupon, reader);
  }
}

namespace {

void validate(const SlotsInput& input, json::Reader& reader) {
  c::validate(static_cast<const ScheduleInput&>(input), reader);
  validate(static_cast<const Asked&>(input), reader);
}
void validate(const CheckInput& input, json::Reader& reader) {
  c::validate(static_cast<const ScheduleInput&>(input), reader);
  validate(static_cast<const Asked&>(input), reader);
}
void validate(const QuoteInput& input, json::Reader& reader) {
  c::validate(static_cast<const PriceInput&>(input), reader);
  if (input.ends_at <= input.starts_at) reader.fault_at("endsAt", "out_of_range", "It must be after startsAt.");
}
void validate(const RefundInput&, json::Reader&) {}
void validate(const RiskInput& input, json::Reader& reader) {
  const json::Reader::Step step(reader, "policy");
  orkestr::validate(input.policy, reader);
}
void validate(const ScoreInputs& input, json::Reader& reader) {
  if (input.rating_sum < input.rating_count || input.rating_sum > 5 * input.rating_count)
    reader.fault_at("ratingSum", "out_of_range", "It must be 1 to 5 times ratingCount.");
  if (input.decided_within_24h > input.pending_count)
    reader.fault_at("decidedWithin24h", "out_of_range", "It must be at most pendingCount.");
  if (input.confirmed > input.decided) reader.fault_at("confirmed", "out_of_range", "It must be at most decided.");
}

} // namespace

template <class T> Result<T> read_input(std::string_view text) {
  ORKESTR_TRY(const auto value, json::parse(text, limits));
  T input;
  json::Reader reader;
  json::read_body(reader, value, input, json::create);
  if (reader.ok()) validate(input, reader);
  ORKESTR_CHECK(reader.result());
  return input;
}
template Result<ScheduleInput> read_input(std::string_view);
template Result<SlotsInput> read_input(std::string_view);
template Result<CheckInput> read_input(std::string_view);
template Result<PriceInput> read_input(std::string_view);
template Result<QuoteInput> read_input(std::string_view);
template Result<RefundInput> read_input(std::string_view);
template Result<RiskInput> read_input(std::string_view);
template Result<ScoreInputs> read_input(std::string_view);

} // namespace orkestr::c
