// IANA time zones, from the operating system's database. A Zone is a cheap handle; ZoneClock converts
// many nearby times without asking the database for each.
#pragma once

#include "orkestr/base/result.hpp"
#include "orkestr/base/time.hpp"

#include <string_view>

namespace orkestr::inline v1 {

/// Handle to a zone of the process-wide database; copying is free.
/// @thread_safety safe
class Zone {
 public:
  /// UTC.
  Zone();

  /// A zone by its IANA name, case-sensitive. @errors `invalid_parameter` when there is no such zone.
  [[nodiscard]] static Result<Zone> find(std::string_view name);

  [[nodiscard]] std::string_view name() const;

  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  friend class ZoneClock;
  explicit Zone(const void* impl) : impl_(impl) {}
  const void* impl_;
};

/// Which instant stands for a local time that occurs twice.
enum class Ambiguous { earlier, later };

/// Converts between a zone's wall clock and instants, remembering the last offset period it met, so that
/// a run of nearby conversions costs a comparison each.
/// @thread_safety one thread at a time
class ZoneClock {
 public:
  explicit ZoneClock(Zone zone);

  /// A local time in a gap becomes the first instant after the gap; one that occurs twice the earlier or later one.
  [[nodiscard]] Instant to_instant(LocalDateTime local, Ambiguous pick = Ambiguous::earlier);
  [[nodiscard]] LocalDateTime to_local(Instant instant);
  /// Seconds east of UTC.
  [[nodiscard]] std::int64_t offset(Instant instant);
  /// The first instant after this one at which the offset may change; far away where it never does.
  [[nodiscard]] Instant next_change(Instant instant);

 private:
  struct Period {
    std::int64_t begin = 1, end = 0; ///< UTC seconds, [begin, end)
    std::int64_t offset = 0;         ///< seconds east of UTC
  };
  [[nodiscard]] Period period_at(std::int64_t utc_seconds) const;
  void move_to(Instant instant);

  Zone zone_;
  Period current_;
};

/// Version of the installed database, such as `2025b`; `unknown` where the system does not say.
[[nodiscard]] std::string_view tzdb_version();

} // namespace orkestr::inline v1
