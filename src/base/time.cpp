#include "orkestr/base/time.hpp"

namespace orkestr::inline v1 {
namespace {

/// Reads exactly `count` digits at `pos`; -1 when they are not all digits.
int digits(std::string_view text, std::size_t pos, std::size_t count) noexcept {
  if (text.size() < pos + count) return -1;
  int value = 0;
  for (std::size_t i = pos; i < pos + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool at(std::string_view text, std::size_t pos, char c) noexcept { return pos < text.size() && text[pos] == c; }

} // namespace

std::optional<LocalDate> LocalDate::parse(std::string_view text) noexcept {
  const int y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (text.size() != 10 || y < 1900 || m < 1 || d < 1 || !at(text, 4, '-') || !at(text, 7, '-')) return std::nullopt;
  if (!(std::chrono::year{y} / m / d).ok()) return std::nullopt;
  return of(y, static_cast<unsigned>(m), static_cast<unsigned>(d));
}

std::optional<LocalTime> LocalTime::parse(std::string_view text) noexcept {
  const int h = digits(text, 0, 2), m = digits(text, 3, 2);
  if (text.size() != 5 || h < 0 || m < 0 || !at(text, 2, ':')) return std::nullopt;
  if (h > 24 || m > 59 || (h == 24 && m > 0)) return std::nullopt;
  return LocalTime{static_cast<std::int16_t>(h * 60 + m)};
}

std::optional<LocalDateTime> LocalDateTime::parse(std::string_view text) noexcept {
  if (text.size() != 16 || text[10] != 'T') return std::nullopt;
  const auto date = LocalDate::parse(text.substr(0, 10));
  const auto time = LocalTime::parse(text.substr(11));
  if (!date || !time || time->minutes == 1440) return std::nullopt;
  return of(*date, *time);
}

std::optional<Instant> Instant::parse(std::string_view text) noexcept {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const auto date = LocalDate::parse(text.substr(0, 10));
  const int h = digits(text, 11, 2), m = digits(text, 14, 2);
  int s = digits(text, 17, 2);
  if (!date || !at(text, 13, ':') || !at(text, 16, ':') || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return std::nullopt;
  std::size_t pos = 19;
  int ms = 0;
  if (at(text, pos, '.')) {
    const std::size_t first = ++pos;
    int scale = 100;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, scale /= 10) ms += (text[pos] - '0') * scale;
    if (pos == first) return std::nullopt;
  }
  std::int64_t offset = 0;
  if (at(text, pos, 'Z') || at(text, pos, 'z')) {
    ++pos;
  } else if (at(text, pos, '+') || at(text, pos, '-')) {
    const int oh = digits(text, pos + 1, 2), om = digits(text, pos + 4, 2);
    if (oh < 0 || oh > 23 || om < 0 || om > 59 || !at(text, pos + 3, ':')) return std::nullopt;
    offset = (oh * 60 + om) * 60 * (text[pos] == '-' ? -1 : 1);
    pos += 6;
  } else {
    return std::nullopt;
  }
  if (pos != text.size()) return std::nullopt;
  const std::int64_t minute = static_cast<std::int64_t>(date->days) * 86'400 + h * 3600 + m * 60 - offset;
  if (s == 60) { // RFC 3339, section 5.6: a leap second ends a day of UTC; it has no place on this scale
    if ((minute + 60) % 86'400 != 0) return std::nullopt;
    s = 59;
  }
  const std::int64_t seconds = minute + s;
  // An offset may carry the first and last hours out of the years that can be written back.
  if (seconds < static_cast<std::int64_t>(LocalDate::of(1900, 1, 1).days) * 86'400 ||
      seconds >= static_cast<std::int64_t>(LocalDate::of(10'000, 1, 1).days) * 86'400)
    return std::nullopt;
  return Instant{seconds * 1000 + ms};
}

namespace {

/// Writers of digits for hot lists: into a buffer of the caller's, without a string in between.
char* put2(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
  return at + 2;
}

char* put_date(char* at, LocalDate date) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{date.days}}};
  const auto year = static_cast<unsigned>(static_cast<int>(ymd.year()));
  at = put2(put2(at, year / 100), year % 100);
  *at++ = '-';
  at = put2(at, static_cast<unsigned>(ymd.month()));
  *at++ = '-';
  return put2(at, static_cast<unsigned>(ymd.day()));
}

char* put_time(char* at, unsigned minutes) {
  at = put2(at, minutes / 60);
  *at++ = ':';
  return put2(at, minutes % 60);
}

char* put_date_time(char* at, LocalDateTime time) {
  at = put_date(at, time.date());
  *at++ = 'T';
  return put_time(at, static_cast<unsigned>(time.second_of_day()) / 60);
}

void append(std::string& out, const char* begin, const char* end) { out.append(begin, static_cast<std::size_t>(end - begin)); }

} // namespace

void append(std::string& out, LocalDate date) {
  char text[16];
  append(out, text, put_date(text, date));
}

void append(std::string& out, LocalTime time) {
  char text[8];
  append(out, text, put_time(text, static_cast<unsigned>(time.minutes)));
}

void append(std::string& out, LocalDateTime time) {
  char text[24];
  append(out, text, put_date_time(text, time));
}

void append(std::string& out, Instant instant) {
  std::int64_t seconds = instant.ms / 1000, ms = instant.ms % 1000;
  if (ms < 0) {
    ms += 1000;
    --seconds;
  }
  char text[32];
  const LocalDateTime utc{seconds};
  char* at = put_date_time(text, utc);
  *at++ = ':';
  at = put2(at, static_cast<unsigned>(utc.second_of_day()) % 60);
  if (ms != 0) {
    *at++ = '.';
    *at++ = static_cast<char>('0' + ms / 100);
    at = put2(at, static_cast<unsigned>(ms % 100));
  }
  *at++ = 'Z';
  append(out, text, at);
}

template <class T> static std::string text_of(T value) {
  std::string out;
  append(out, value);
  return out;
}
std::string to_string(LocalDate date) { return text_of(date); }
std::string to_string(LocalTime time) { return text_of(time); }
std::string to_string(LocalDateTime time) { return text_of(time); }
std::string to_string(Instant instant) { return text_of(instant); }

} // namespace orkestr::inline v1
