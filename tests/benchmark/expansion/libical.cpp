// Measures libical as a booking app uses it: for each local date a fresh recurrence, its starts converted to UTC.
// The zone is the system's, loaded before timing.
#include "workload.hpp"

#include <libical/ical.h>

#include <vector>

namespace {

void expand_day(icaltimezone* zone, int day, std::vector<std::int64_t>& starts) {
  icaltimetype start = icaltime_null_time();
  start.year = workload::year;
  start.month = workload::month;
  start.day = workload::day + day;
  start.hour = workload::opens;
  start = icaltime_normalize(start);
  start.zone = zone;
  icalrecurrencetype rule;
  icalrecurrencetype_clear(&rule);
  rule.freq = ICAL_HOURLY_RECURRENCE;
  rule.count = workload::closes - workload::opens;
  icalrecur_iterator* iterator = icalrecur_iterator_new(rule, start);
  for (auto at = icalrecur_iterator_next(iterator); !icaltime_is_null_time(at); at = icalrecur_iterator_next(iterator))
    starts.push_back(icaltime_as_timet_with_zone(at, zone) * 1000);
  icalrecur_iterator_free(iterator);
}

} // namespace

int main() {
  icaltimezone* zone = icaltimezone_get_builtin_timezone(workload::zone);
  std::vector<std::int64_t> starts;
  const auto expand = [&] {
    starts.clear();
    for (int day = 0; day < workload::days; ++day) expand_day(zone, day, starts);
  };
  expand();
  workload::Hash hash;
  for (const auto start : starts) hash.line({start, start + workload::slot_ms});
  workload::report(starts.size(), workload::nanoseconds(expand) / static_cast<double>(starts.size()), hash.value());
}
