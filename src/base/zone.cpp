#include "orkestr/base/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <fstream>

namespace orkestr::inline v1 {
namespace {

const date::time_zone* locate(std::string_view name) noexcept {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

const date::time_zone& impl(const void* handle) { return *static_cast<const date::time_zone*>(handle); }

} // namespace

Zone::Zone() {
  static const date::time_zone* const utc = date::locate_zone("UTC");
  impl_ = utc;
}

Result<Zone> Zone::find(std::string_view name) {
  // Entries of the system's folder that are not IANA zone names.
  static constexpr std::string_view not_zones[] = {"localtime", "posixrules", "Factory"};
  for (auto other : not_zones)
    if (name == other) return fail(Code::invalid_parameter, "Unknown time zone.");
  const auto* zone = name.empty() || name.size() > 64 ? nullptr : locate(name);
  if (zone == nullptr) return fail(Code::invalid_parameter, "Unknown time zone. Use an IANA name such as Europe/Madrid.");
  return Zone{zone};
}

std::string_view Zone::name() const { return impl(impl_).name(); }

ZoneClock::ZoneClock(Zone zone) : zone_(zone) {}

ZoneClock::Period ZoneClock::period_at(std::int64_t utc_seconds) const {
  const auto found = impl(zone_.impl_).get_info(date::sys_seconds{std::chrono::seconds{utc_seconds}});
  return {found.begin.time_since_epoch().count(), found.end.time_since_epoch().count(), found.offset.count()};
}

Instant ZoneClock::to_instant(LocalDateTime local, Ambiguous pick) {
  // No offset reaches 26 hours, so a local time this far inside a period belongs to it alone.
  constexpr std::int64_t margin = 26 * 3600;
  const std::int64_t guess = local.seconds - current_.offset;
  if (current_.begin <= guess - margin && guess + margin < current_.end) return Instant::from_seconds(guess);

  const auto found = impl(zone_.impl_).get_info(date::local_seconds{std::chrono::seconds{local.seconds}});
  const bool later = found.result == date::local_info::ambiguous && pick == Ambiguous::later;
  const auto& period = later ? found.second : found.first;
  current_ = {period.begin.time_since_epoch().count(), period.end.time_since_epoch().count(), period.offset.count()};
  if (found.result == date::local_info::nonexistent) return Instant::from_seconds(current_.end);
  return Instant::from_seconds(local.seconds - current_.offset);
}

namespace {

std::int64_t whole_seconds(Instant instant) { return instant.ms >= 0 ? instant.ms / 1000 : (instant.ms - 999) / 1000; }

} // namespace

void ZoneClock::move_to(Instant instant) {
  const std::int64_t seconds = whole_seconds(instant);
  if (seconds < current_.begin || seconds >= current_.end) current_ = period_at(seconds);
}

LocalDateTime ZoneClock::to_local(Instant instant) {
  move_to(instant);
  return {whole_seconds(instant) + current_.offset};
}

std::int64_t ZoneClock::offset(Instant instant) {
  move_to(instant);
  return current_.offset;
}

Instant ZoneClock::next_change(Instant instant) {
  move_to(instant);
  constexpr std::int64_t never = 253'402'300'800; // the year 10000
  return Instant::from_seconds(std::min(current_.end, never));
}

std::string_view tzdb_version() {
  static const std::string version = [] {
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string hash, word, text;
    if (file >> hash >> word >> text && hash == "#" && word == "version") return text;
    return std::string{"unknown"};
  }();
  return version;
}

} // namespace orkestr::inline v1
