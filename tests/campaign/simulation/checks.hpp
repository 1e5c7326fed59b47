// What must hold after every step: of the rows by themselves, and of the step's effect on them.
#pragma once

#include "campaign/simulation/expectation.hpp"
#include "campaign/simulation/findings.hpp"

namespace orkestr::campaign {

/// Whether a JSON value is this text.
[[nodiscard]] inline bool says(const json::Value& value, std::string_view text) {
  return value.is_string() && std::string_view{value.get_string()} == text;
}

/// Capacity, occupancy, coupons, money and states, from raw rows.
void check_rows(const Rows& rows, const Shop& shop, const Ledger& ledger, Instant now, Findings& findings);

/// Everything that a step may do, and nothing else: answers, rows, states, events.
struct Seen {
  const Step& step;
  const Ledger& ledger; ///< before the step
  const Expectation& expected;
  const Outcome& outcome;
  const Rows &before, &after;
  const std::vector<std::string>& changed; ///< the names of rows that differ
  const Shop& shop;
  Instant now; ///< of the step
};
void check_step(const Seen& seen, Findings& findings);
/// The events that the change of rows calls for, each once and no others.
void check_events(const Seen& seen, Findings& findings);

} // namespace orkestr::campaign
