// One run of the webhook campaign: children that are killed one after the other, one that finishes, and what was found.
#pragma once

#include "campaign/webhooks/oracle.hpp"
#include "campaign/webhooks/plan.hpp"

#include <optional>

namespace orkestr::campaign {

struct Options {
  int kills = 300, events = 20'000, subjects = 300;
  int dead_events = 6; ///< owed to the endpoint that always fails
  std::uint64_t seed = 1;
  bool postgres = false; ///< on the cluster that ORKESTR_TEST_POSTGRES names
  Bug bug = Bug::none;
  std::optional<Point> point; ///< the only one
  int stall_every = 0;        ///< see Plan; with kills, now and then in any case
  int stuck_ms = 20'000;
};

struct Outcome {
  Findings findings;
  std::map<int, int> killed;     ///< by point
  double seconds = 0, hours = 0; ///< real, and as the children saw them
  [[nodiscard]] int kills() const {
    int sum = 0;
    for (const auto& [point, n] : killed) sum += n;
    return sum;
  }
};

[[nodiscard]] Outcome run(const Options& options);

} // namespace orkestr::campaign
