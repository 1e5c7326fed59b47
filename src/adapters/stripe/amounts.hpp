// Amounts as Stripe counts them, which for some currencies is not as ISO 4217 does (docs.stripe.com/currencies).
#pragma once

#include "orkestr/base/money.hpp"

namespace orkestr::inline v1::stripe {

/// @errors `invalid_fields` for a currency that Stripe does not take, and for a fraction that it can't charge: KWD 5.124
[[nodiscard]] Result<std::int64_t> to_stripe(Amount amount, Currency currency);

/// @errors `internal` for one that is no whole number of our minor units
[[nodiscard]] Result<Amount> from_stripe(std::int64_t amount, Currency currency);

} // namespace orkestr::inline v1::stripe
