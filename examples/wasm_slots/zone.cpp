// Zones as the browser knows them (Intl), in place of src/base/zone.cpp, which asks the operating system: no database is fetched.
#include "orkestr/base/zone.hpp"

#include <limits>
#include <set>
#include <string>

namespace {
/// Seconds east of UTC, or `unknown` where there is no such zone. slots.mjs supplies it.
extern "C" __attribute__((import_module("intl"), import_name("offset"))) int intl_offset(const char* zone, int size, double utc_seconds);
constexpr int unknown = std::numeric_limits<int>::min();
constexpr std::int64_t day = 86'400;

std::int64_t offset_at(const void* zone, std::int64_t utc) {
  const auto& name = *static_cast<const std::string*>(zone);
  return intl_offset(name.data(), static_cast<int>(name.size()), static_cast<double>(utc));
}

const std::string* intern(std::string_view name) {
  static std::set<std::string, std::less<>> names;
  return &*names.emplace(name).first;
}

/// The first second of another offset, between one that has the offset and a later one that has not.
std::int64_t change_between(const void* zone, std::int64_t before, std::int64_t after) {
  for (const auto offset = offset_at(zone, before); after - before > 1;) {
    const auto middle = before + (after - before) / 2;
    (offset_at(zone, middle) == offset ? before : after) = middle;
  }
  return after;
}
} // namespace

namespace orkestr::inline v1 {

Zone::Zone() : impl_(intern("UTC")) {}

Result<Zone> Zone::find(std::string_view name) {
  if (name.empty() || name.size() > 64 || intl_offset(name.data(), static_cast<int>(name.size()), 0) == unknown)
    return fail(Code::invalid_parameter, "Unknown time zone. Use an IANA name such as Europe/Madrid.");
  return Zone{intern(name)};
}

std::string_view Zone::name() const { return *static_cast<const std::string*>(impl_); }

ZoneClock::ZoneClock(Zone zone) : zone_(zone) {}

/// Looked for by weeks, half a year to either side: what is longer is met as several periods of one offset.
ZoneClock::Period ZoneClock::period_at(std::int64_t utc) const {
  Period found{utc, utc + 1, offset_at(zone_.impl_, utc)};
  for (int week = 0; week < 26; ++week) {
    const auto next = found.end - 1 + 7 * day;
    if (offset_at(zone_.impl_, next) != found.offset) {
      found.end = change_between(zone_.impl_, found.end - 1, next);
      break;
    }
    found.end = next + 1;
  }
  for (int week = 0; week < 26; ++week) {
    const auto next = found.begin - 7 * day;
    if (offset_at(zone_.impl_, next) != found.offset) {
      found.begin = change_between(zone_.impl_, next, found.begin);
      break;
    }
    found.begin = next;
  }
  return found;
}

Instant ZoneClock::to_instant(LocalDateTime local, Ambiguous pick) {
  // One change lies within 26 hours at most, and no offset reaches them.
  const auto before = local.seconds - 26 * 3600, after = local.seconds + 26 * 3600;
  const auto early = local.seconds - offset_at(zone_.impl_, before), late = local.seconds - offset_at(zone_.impl_, after);
  const bool early_is = early + offset_at(zone_.impl_, early) == local.seconds,
             late_is = late + offset_at(zone_.impl_, late) == local.seconds;
  if (!early_is && !late_is) return Instant::from_seconds(change_between(zone_.impl_, before, after));
  if (early_is && late_is) return Instant::from_seconds(pick == Ambiguous::earlier ? std::min(early, late) : std::max(early, late));
  return Instant::from_seconds(early_is ? early : late);
}

void ZoneClock::move_to(Instant instant) {
  const auto seconds = instant.ms >= 0 ? instant.ms / 1000 : (instant.ms - 999) / 1000;
  if (seconds < current_.begin || seconds >= current_.end) current_ = period_at(seconds);
}

LocalDateTime ZoneClock::to_local(Instant instant) {
  move_to(instant);
  return {(instant.ms >= 0 ? instant.ms / 1000 : (instant.ms - 999) / 1000) + current_.offset};
}

std::int64_t ZoneClock::offset(Instant instant) {
  move_to(instant);
  return current_.offset;
}

Instant ZoneClock::next_change(Instant instant) {
  move_to(instant);
  return Instant::from_seconds(current_.end);
}

} // namespace orkestr::inline v1
