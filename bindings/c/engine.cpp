// The engine's pure functions by name, and the two that are called again and again.
#include "common.hpp"
#include "inputs.hpp"

#include "orkestr/engine/webhook_signature.hpp"

#include <array>
#include <type_traits>

struct orkestr_schedule {
  orkestr::c::ScheduleInput input;
};
struct orkestr_slots {
  std::vector<orkestr::Slot> all;
};
struct orkestr_price_list {
  orkestr::c::PriceInput input;
};

namespace orkestr::c {
namespace {

void write_slot(json::Writer& w, const Slot& slot) {
  w.key("startsAt");
  json::write(w, slot.interval.start);
  w.key("endsAt");
  json::write(w, slot.interval.end);
  w.key("capacity");
  w.integer(slot.capacity);
  w.key("remaining");
  w.integer(slot.remaining);
}

template <class Items, class Write> std::string list_json(std::string_view name, const Items& items, Write write) {
  std::string text;
  json::Writer w(text);
  w.begin_object();
  w.key(name);
  w.begin_array();
  for (const auto& item : items) write(w, item);
  w.end_array();
  w.end_object();
  return text;
}

Result<std::string> slots(std::string_view text) {
  ORKESTR_TRY(const auto input, read_input<SlotsInput>(text));
  ORKESTR_TRY(const auto schedule, input.schedule());
  ORKESTR_TRY(const auto all, expand(schedule, {input.from, input.to}, input.occupancies(), input.audience, input.now));
  return list_json("slots", all, [](json::Writer& w, const Slot& slot) {
    w.begin_object();
    write_slot(w, slot);
    w.end_object();
  });
}

Result<std::string> explained(std::string_view text) {
  ORKESTR_TRY(const auto input, read_input<SlotsInput>(text));
  ORKESTR_TRY(const auto schedule, input.schedule());
  ORKESTR_TRY(const auto all, explain(schedule, {input.from, input.to}, input.quantity, input.occupancies(), input.now));
  return list_json("slots", all, [](json::Writer& w, const ExplainedSlot& one) {
    w.begin_object();
    write_slot(w, one.slot);
    w.key("reason");
    json::write(w, one.reason);
    w.end_object();
  });
}

Result<std::string> check(std::string_view text) {
  ORKESTR_TRY(const auto input, read_input<CheckInput>(text));
  ORKESTR_TRY(const auto schedule, input.schedule());
  ORKESTR_TRY(const auto units, check_bookable(schedule, {input.starts_at, input.ends_at}, input.quantity, input.whole_days,
                                               input.occupancies(), input.audience, input.now));
  return json::to_json(units);
}

Result<Quote> priced(const PriceInput& prices, Interval interval, int quantity, const PriceFactors& factors, std::int64_t redemptions) {
  if (prices.coupon) return quote(prices.offering, interval, quantity, factors, *prices.coupon, redemptions);
  return quote(prices.offering, interval, quantity, factors);
}

Result<std::string> quoted(std::string_view text) {
  ORKESTR_TRY(auto input, read_input<QuoteInput>(text));
  input.number_rules();
  ORKESTR_TRY(const auto made, priced(input, {input.starts_at, input.ends_at}, input.quantity,
                                      {input.pricing_rules, input.now, input.taken, input.capacity}, input.customer_redemptions));
  return json::to_json(made);
}

Result<std::string> refund(std::string_view text) {
  ORKESTR_TRY(const auto input, read_input<RefundInput>(text));
  return json::to_json(refund_terms(input.policy, input.booked_at, input.starts_at, input.now));
}

Result<std::string> risk(std::string_view text) {
  ORKESTR_TRY(auto input, read_input<RiskInput>(text));
  input.lead = std::chrono::minutes{input.lead_minutes};
  return json::to_json(assess(input, input.policy));
}

Result<std::string> score(std::string_view text) {
  ORKESTR_TRY(const auto input, read_input<ScoreInputs>(text));
  return json::to_json(performance_score(input));
}

struct Function {
  std::string_view name;
  Result<std::string> (*call)(std::string_view);
};

Result<std::string> functions(std::string_view);

constexpr std::array all_functions{
    Function{"slots", slots},
    Function{"explain", explained},
    Function{"check", check},
    Function{"quote", quoted},
    Function{"refund_terms", refund},
    Function{"risk", risk},
    Function{"performance_score", score},
    Function{"functions", functions},
};

Result<std::string> functions(std::string_view) {
  return list_json("functions", all_functions, [](json::Writer& w, const Function& one) { w.string(one.name); });
}

// Lists go over as they are: the same fields in the same places.
static_assert(std::is_standard_layout_v<Slot> && sizeof(Slot) == sizeof(orkestr_slot) && alignof(Slot) == alignof(orkestr_slot));
static_assert(offsetof(Slot, interval) == offsetof(orkestr_slot, start_ms) &&
              offsetof(Slot, capacity) == offsetof(orkestr_slot, capacity) &&
              offsetof(Slot, remaining) == offsetof(orkestr_slot, remaining) && sizeof(int) == sizeof(int32_t));

} // namespace
} // namespace orkestr::c

using namespace orkestr;
using namespace orkestr::c;

orkestr_error* orkestr_engine(orkestr_text function, orkestr_text json, orkestr_buffer** answer) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(answer, "answer"));
    const auto found = std::ranges::find(all_functions, view(function), &Function::name);
    if (found == all_functions.end()) return fail(Code::not_found, "The engine has no function of that name.");
    ORKESTR_TRY(auto text, found->call(view(json)));
    *answer = new orkestr_buffer{std::move(text)};
    return {};
  });
}

orkestr_error* orkestr_schedule_new(orkestr_text json, orkestr_schedule** schedule) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(schedule, "schedule"));
    ORKESTR_TRY(auto input, read_input<ScheduleInput>(view(json)));
    ORKESTR_CHECK(input.schedule());
    *schedule = new orkestr_schedule{std::move(input)};
    return {};
  });
}
void orkestr_schedule_free(orkestr_schedule* schedule) { delete schedule; }

orkestr_error* orkestr_schedule_slots(const orkestr_schedule* schedule, const orkestr_slots_query* query, orkestr_slots** slots) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(schedule, "schedule"));
    ORKESTR_CHECK(present(slots, "slots"));
    ORKESTR_TRY(const auto asked, taken_in(query, offsetof(orkestr_slots_query, provider) + sizeof(int32_t)));
    std::vector<Occupancy> taken;
    taken.reserve(asked.taken_count);
    for (std::size_t i = 0; i < asked.taken_count; ++i) {
      const auto& one = asked.taken[i];
      taken.push_back({{{one.start_ms}, {one.end_ms}}, one.quantity, one.held != 0});
    }
    ORKESTR_TRY(const auto whole, schedule->input.schedule());
    ORKESTR_TRY(auto all, expand(whole, {{asked.from_ms}, {asked.to_ms}}, taken,
                                 asked.provider != 0 ? Audience::provider : Audience::customer, {asked.now_ms}));
    *slots = new orkestr_slots{std::move(all)};
    return {};
  });
}
size_t orkestr_slots_count(const orkestr_slots* slots) { return slots->all.size(); }
const orkestr_slot* orkestr_slots_data(const orkestr_slots* slots) {
  return slots->all.empty() ? nullptr : reinterpret_cast<const orkestr_slot*>(slots->all.data());
}
void orkestr_slots_free(orkestr_slots* slots) { delete slots; }

orkestr_error* orkestr_price_list_new(orkestr_text json, orkestr_price_list** prices) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(prices, "prices"));
    ORKESTR_TRY(auto input, read_input<PriceInput>(view(json)));
    input.number_rules();
    *prices = new orkestr_price_list{std::move(input)};
    return {};
  });
}
void orkestr_price_list_free(orkestr_price_list* prices) { delete prices; }

orkestr_error* orkestr_price_list_quote(const orkestr_price_list* prices, const orkestr_quote_query* query, orkestr_quote* quote) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(prices, "prices"));
    ORKESTR_TRY(const auto asked, taken_in(query, offsetof(orkestr_quote_query, quantity) + sizeof(int32_t)));
    ORKESTR_TRY(auto answer, taken_in(quote, offsetof(orkestr_quote, currency) + sizeof(orkestr_quote::currency)));
    if (asked.end_ms <= asked.start_ms || asked.quantity < 1 || asked.quantity > 100'000)
      return fail(Code::invalid_parameter, "The interval is empty or reversed, or the quantity is not one.");
    ORKESTR_TRY(const auto made,
                priced(prices->input, {{asked.start_ms}, {asked.end_ms}}, asked.quantity,
                       {prices->input.pricing_rules, {asked.now_ms}, asked.taken, asked.capacity}, asked.customer_redemptions));
    answer.subtotal = made.subtotal_cents;
    answer.discount = made.discount_cents;
    answer.tax = made.tax_cents;
    answer.total = made.total_cents;
    answer.unit = made.unit_cents();
    const auto code = made.currency.code();
    std::memset(answer.currency, 0, sizeof answer.currency);
    std::memcpy(answer.currency, code.data(), std::min(code.size(), sizeof answer.currency - 1));
    std::memcpy(quote, &answer, std::min(answer.struct_size, sizeof answer));
    return {};
  });
}

orkestr_error* orkestr_verify_webhook(const orkestr_delivery* delivery, orkestr_buffer** answer) {
  return guarded([&]() -> Result<void> {
    ORKESTR_TRY(const auto given, taken_in(delivery, offsetof(orkestr_delivery, tolerance_ms) + sizeof(int64_t)));
    std::vector<WebhookHeaderView> headers;
    for (std::size_t i = 0; i < given.header_count; ++i) headers.push_back({view(given.headers[i].name), view(given.headers[i].value)});
    std::vector<WebhookSigner> signers;
    for (std::size_t i = 0; i < given.secret_count; ++i) {
      auto signer = WebhookSigner::make(view(given.secrets[i]));
      if (!signer) return fail(Code::invalid_parameter, "A secret is none: whsec_ and base64.");
      signers.push_back(std::move(*signer));
    }
    const auto tolerance = given.tolerance_ms == 0 ? webhook_tolerance : milliseconds{given.tolerance_ms};
    ORKESTR_TRY(const auto verified, verify_webhook(view(given.body), headers, signers, {given.now_ms}, tolerance));
    if (answer == nullptr) return {};
    std::string text;
    json::Writer w(text);
    w.begin_object();
    w.key("deliveryId");
    w.string(verified.delivery_id);
    w.key("event");
    w.string(verified.event);
    w.key("sentAt");
    json::write(w, verified.sent_at);
    w.end_object();
    *answer = new orkestr_buffer{std::move(text)};
    return {};
  });
}
