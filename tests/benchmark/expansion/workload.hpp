// The workload that every contender of the expansion benchmark is given, and the form in which each reports.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>

namespace workload {

inline constexpr const char* zone = "America/New_York";
inline constexpr int year = 2026, month = 2, day = 1, days = 90; // over the change of clocks on 8 March
inline constexpr int opens = 8, closes = 20, capacity = 4;       // local hours, every day of the week, in slots of an hour
inline constexpr std::int64_t slot_ms = 3'600'000;
inline constexpr std::size_t bookings = 200;

/// FNV-1a over one line a slot: `startMs,endMs` and, from those who know them, the units left.
class Hash {
 public:
  void line(std::initializer_list<std::int64_t> numbers) {
    std::string text;
    for (const auto number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    text += '\n';
    for (const unsigned char c : text) value_ = (value_ ^ c) * 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// Nanoseconds a call over about a quarter of a second, after a tenth to warm up.
template <class F> double nanoseconds(F&& call) {
  using Clock = std::chrono::steady_clock;
  const auto repeat = [&](std::chrono::milliseconds budget) {
    const auto start = Clock::now();
    std::int64_t calls = 0;
    do {
      call();
      ++calls;
    } while (Clock::now() - start < budget);
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / static_cast<double>(calls);
  };
  repeat(std::chrono::milliseconds{100});
  return repeat(std::chrono::milliseconds{250});
}

/// One line of JSON; `remaining` is a hash that also covers the units left, 0 from those who do not know them.
inline void report(std::size_t slots, double ns, std::uint64_t hash, std::uint64_t remaining = 0) {
  std::printf(R"({"slots":%zu,"ns":%.3f,"hash":"%016llx","remaining":"%016llx"})"
              "\n",
              slots, ns, static_cast<unsigned long long>(hash), static_cast<unsigned long long>(remaining));
}

} // namespace workload
