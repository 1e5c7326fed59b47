// What it costs to cross into the C library: the same slots and the same price, asked in C++ and through orkestr.h, in turn.
//   benchmark_abi_cost [ROUNDS]
#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/pricing.hpp"
#include "orkestr/orkestr.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace orkestr;

namespace {

orkestr_text text(const std::string& of) { return {of.data(), of.size()}; }

void stop_at(orkestr_error* error) {
  if (error == nullptr) return;
  std::fprintf(stderr, "%s\n", orkestr_error_code(error));
  std::exit(1);
}

template <class F> double microseconds(int times, F&& f) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) f();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / times;
}

template <class A, class B> void compare(const char* what, int rounds, int times, A&& direct, B&& crossing) {
  std::vector<double> mine, theirs, ratio;
  for (int i = 0; i < rounds; ++i) {
    mine.push_back(microseconds(times, direct));
    theirs.push_back(microseconds(times, crossing));
    ratio.push_back(theirs.back() / mine.back());
  }
  const auto median = [](std::vector<double> all) {
    std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
    return all[all.size() / 2];
  };
  std::printf("| %s | %.2f µs | %.2f µs | %.2f × |\n", what, median(mine), median(theirs), median(ratio));
}

} // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  // A studio that is open every day for twelve hours, with 200 bookings in 90 days; as the benchmark of the API has it.
  std::string rules;
  std::vector<AvailabilityRule> direct_rules;
  for (int day = 0; day < 7; ++day) {
    rules += std::string{day > 0 ? "," : ""} + R"({"dayOfWeek":)" + std::to_string(day) +
             R"(,"startTime":"09:00","endTime":"21:00","slotMinutes":60,"capacity":3})";
    AvailabilityRule rule;
    rule.day_of_week = day;
    rule.start_time = *LocalTime::parse("09:00");
    rule.end_time = *LocalTime::parse("21:00");
    rule.capacity = 3;
    direct_rules.push_back(rule);
  }
  const Instant from = *Instant::parse("2026-02-01T00:00:00Z"), to = from + std::chrono::days{90};
  std::vector<Occupancy> taken;
  std::vector<orkestr_occupancy> c_taken;
  for (int i = 0; i < 200; ++i) {
    const Instant start = from + std::chrono::minutes{i * 640};
    taken.push_back({{start, start + std::chrono::hours{2}}, 1, false});
    c_taken.push_back({start.ms, (start + std::chrono::hours{2}).ms, 1, 0});
  }
  orkestr_schedule* schedule = nullptr;
  stop_at(orkestr_schedule_new(text(R"({"timeZone":"America/New_York","rules":[)" + rules + "]}"), &schedule));
  const Schedule direct{.zone = Zone::find("America/New_York").value(), .rules = direct_rules};
  const orkestr_slots_query query{sizeof query, from.ms, to.ms, from.ms, c_taken.data(), c_taken.size(), 0};
  std::size_t in_cpp = 0, in_c = 0;

  std::printf("| | C++ | through orkestr.h | |\n|---|---|---|---|\n");
  compare(
      "slots of 90 days, 200 bookings", rounds, 2000,
      [&] {
        in_cpp += expand(direct, {from, to}, taken, Audience::customer, from)->size();
      },
      [&] {
        orkestr_slots* slots = nullptr;
        stop_at(orkestr_schedule_slots(schedule, &query, &slots));
        in_c += orkestr_slots_count(slots);
        orkestr_slots_free(slots);
      });

  Offering loft;
  loft.time_zone = "America/New_York";
  loft.base_price_cents = 12'000;
  loft.tax_rate_bps = 888;
  orkestr_price_list* prices = nullptr;
  stop_at(orkestr_price_list_new(
      text(
          R"({"offering":{"title":"Loft","productTypeKey":"space","timeZone":"America/New_York","basePriceCents":12000,"currency":"USD","taxRateBps":888}})"),
      &prices));
  const Interval evening{from + std::chrono::hours{20}, from + std::chrono::hours{24}};
  const orkestr_quote_query asked{sizeof asked, evening.start.ms, evening.end.ms, from.ms, 0, 0, 0, 2};
  std::int64_t sum = 0, c_sum = 0;
  compare(
      "a quote", rounds, 50'000,
      [&] {
        sum += quote(loft, evening, 2, {{}, from, 0, 0})->total_cents;
      },
      [&] {
        orkestr_quote answer{};
        answer.struct_size = sizeof answer;
        stop_at(orkestr_price_list_quote(prices, &asked, &answer));
        c_sum += answer.total;
      });
  orkestr_price_list_free(prices);
  orkestr_schedule_free(schedule);
  if (in_cpp != in_c || sum != c_sum) return std::fprintf(stderr, "they do not answer the same\n"), 1;
}
