// What the oracle expects of a step, from the rows before it.
#pragma once

#include "campaign/simulation/actions.hpp"
#include "campaign/simulation/oracle.hpp"

namespace orkestr::campaign {

struct Expectation {
  std::optional<Code> refusal;
  bool may_be_blocked = false;         ///< by risk rules, which the oracle doesn't weigh
  bool replay = false;                 ///< the kept answer is given, and nothing happens
  std::optional<Price> price;          ///< of the booking, or the quote
  std::optional<BookingStatus> status; ///< of the booking afterwards, where risk does not decide
  bool keeps_answer = false;           ///< under its idempotency key, if it has one
};

[[nodiscard]] Expectation expect(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now);

} // namespace orkestr::campaign
