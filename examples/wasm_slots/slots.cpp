// The engine's slots for a page: a week of them, from a day on, for opening hours that are the same each day.
// Built for browsers as slots.wasm (build), and natively to compare the two: one question a line of standard input.
#include <orkestr/engine/availability.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

using namespace orkestr;

namespace {

/// `Europe/Madrid 2026-03-28 22:00 04:00 60`: a zone, the first day, the hours, the minutes of a slot.
std::string answer(const std::string& question) {
  std::istringstream words(question);
  std::string name, day, from, to;
  AvailabilityRule rule;
  words >> name >> day >> from >> to >> rule.slot_minutes;
  const auto zone = Zone::find(name);
  const auto first = LocalDate::parse(day);
  const auto opens = LocalTime::parse(from), closes = LocalTime::parse(to);
  if (!zone) return "! " + zone.error().detail + "\n";
  if (!words || !first || !opens || !closes || rule.slot_minutes < 5) return "! A day, hours and at least 5 minutes are needed.\n";
  rule.start_time = *opens;
  rule.end_time = *closes;
  std::vector<AvailabilityRule> rules(7, rule);
  for (int n = 0; n < 7; ++n) rules[n].day_of_week = n;

  ZoneClock clock(*zone);
  const Interval week{clock.to_instant(LocalDateTime::of(*first, {})), clock.to_instant(LocalDateTime::of(*first + 7, {}))};
  const auto slots = expand({.zone = *zone, .rules = rules, .exceptions = {}}, week, {}, Audience::provider, week.start);
  if (!slots) return "! " + slots.error().detail + "\n";
  std::string text;
  for (const auto& slot : *slots) text += to_string(clock.to_local(slot.interval.start)) + ' ' + to_string(slot.interval.start) + '\n';
  return text;
}

} // namespace

#ifdef __wasm__

namespace {
char question[256];
}

extern "C" {
/// Where the page puts its question, ended by a zero, and where it finds the answer to it.
__attribute__((export_name("question"))) char* question_at() { return question; }
__attribute__((export_name("answer"))) const char* answer_at() {
  static std::string text;
  text = answer(question);
  return text.c_str();
}

// Debian's libc++ for WebAssembly has no exceptions. The engine throws for mistakes of its caller alone; one ends the module.
void* __cxa_allocate_exception(std::size_t) { std::abort(); }
void __cxa_throw(void*, void*, void (*)(void*)) { std::abort(); }
}

#else
#include <iostream>

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << '\n';
}
#endif
