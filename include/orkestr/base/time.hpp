// Points in time and on the wall: Instant (UTC, milliseconds), LocalDate, LocalTime, LocalDateTime, and
// their text forms (RFC 3339 for instants, ISO 8601 for the rest). Nothing here knows a zone or a clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

using std::chrono::milliseconds;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t ms = 0;

  /// RFC 3339 with any offset; a time without an offset is refused. Digits beyond milliseconds are dropped.
  /// Years 1900 to 9999.
  [[nodiscard]] static std::optional<Instant> parse(std::string_view text) noexcept;
  [[nodiscard]] static constexpr Instant from_seconds(std::int64_t seconds) noexcept { return {seconds * 1000}; }

  friend constexpr auto operator<=>(Instant, Instant) noexcept = default;
  friend constexpr Instant operator+(Instant a, milliseconds d) noexcept { return {a.ms + d.count()}; }
  friend constexpr Instant operator-(Instant a, milliseconds d) noexcept { return {a.ms - d.count()}; }
  friend constexpr milliseconds operator-(Instant a, Instant b) noexcept { return milliseconds{a.ms - b.ms}; }
};

/// Appends `2026-05-12T15:00:00Z`, with `.123` only where there are milliseconds.
void append(std::string& out, Instant instant);
[[nodiscard]] std::string to_string(Instant instant);

/// Half-open [start, end).
struct Interval {
  Instant start, end;

  friend constexpr bool operator==(const Interval&, const Interval&) noexcept = default;
  friend constexpr auto operator<=>(const Interval&, const Interval&) noexcept = default;
  [[nodiscard]] constexpr milliseconds length() const noexcept { return end - start; }
  [[nodiscard]] constexpr bool overlaps(const Interval& other) const noexcept { return start < other.end && other.start < end; }
};

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
struct LocalDate {
  std::int32_t days = 0;

  [[nodiscard]] static constexpr LocalDate of(int year, unsigned month, unsigned day) noexcept {
    return {static_cast<std::int32_t>(
        std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)}.time_since_epoch().count())};
  }
  /// `YYYY-MM-DD`, years 1900 to 9999.
  [[nodiscard]] static std::optional<LocalDate> parse(std::string_view text) noexcept;
  /// 0 = Sunday … 6 = Saturday.
  [[nodiscard]] constexpr int day_of_week() const noexcept { return days >= -4 ? (days + 4) % 7 : (days + 5) % 7 + 6; }

  friend constexpr auto operator<=>(LocalDate, LocalDate) noexcept = default;
  friend constexpr LocalDate operator+(LocalDate a, int d) noexcept { return {a.days + d}; }
};
void append(std::string& out, LocalDate date);
[[nodiscard]] std::string to_string(LocalDate date);

/// Minutes since local midnight, 0 to 1440 (24:00, the end of a day).
struct LocalTime {
  std::int16_t minutes = 0;

  /// `HH:MM`, and `24:00`.
  [[nodiscard]] static std::optional<LocalTime> parse(std::string_view text) noexcept;
  friend constexpr auto operator<=>(LocalTime, LocalTime) noexcept = default;
};
void append(std::string& out, LocalTime time);
[[nodiscard]] std::string to_string(LocalTime time);

/// What a wall clock shows, in seconds since 1970-01-01T00:00 on that wall.
struct LocalDateTime {
  std::int64_t seconds = 0;

  [[nodiscard]] static constexpr LocalDateTime of(LocalDate date, LocalTime time) noexcept {
    return {static_cast<std::int64_t>(date.days) * 86'400 + time.minutes * 60};
  }
  /// `YYYY-MM-DDTHH:MM`.
  [[nodiscard]] static std::optional<LocalDateTime> parse(std::string_view text) noexcept;
  [[nodiscard]] constexpr LocalDate date() const noexcept {
    return {static_cast<std::int32_t>(seconds >= 0 ? seconds / 86'400 : (seconds - 86'399) / 86'400)};
  }
  [[nodiscard]] constexpr std::int32_t second_of_day() const noexcept {
    return static_cast<std::int32_t>(seconds - static_cast<std::int64_t>(date().days) * 86'400);
  }
  friend constexpr auto operator<=>(LocalDateTime, LocalDateTime) noexcept = default;
};
void append(std::string& out, LocalDateTime time);
[[nodiscard]] std::string to_string(LocalDateTime time);

} // namespace orkestr::inline v1
