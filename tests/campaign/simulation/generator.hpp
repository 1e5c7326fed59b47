// Draws the next step: what clients, the provider, the worker, time and bad luck might do next.
#pragma once

#include "campaign/simulation/actions.hpp"
#include "campaign/simulation/dice.hpp"

namespace orkestr::campaign {

/// The same dice, ledger and rows give the same step. In a rush one client holds all it can get.
[[nodiscard]] Step draw(Dice& dice, int number, bool rush, const Ledger& ledger, const Rows& rows, const Shop& shop, Instant now);

} // namespace orkestr::campaign
