// Steps as requests to the API, with idempotency keys, and the same requests sent again.
#pragma once

#include "campaign/simulation/actions.hpp"

namespace orkestr::campaign {

[[nodiscard]] std::string_view code_of(const Step& step);

void send_request(World& world, const Step& step, const Ledger& ledger, const Rows& before, Outcome& outcome);
void repeat_request(World& world, const Step& step, const Ledger& ledger, Outcome& outcome);

} // namespace orkestr::campaign
