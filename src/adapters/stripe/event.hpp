// Stripe's events as the port's.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"

namespace orkestr::inline v1::stripe {

/// Of a body that has been verified. @errors `malformed_request`
[[nodiscard]] Result<GatewayEvent> event_of(std::string_view body);

} // namespace orkestr::inline v1::stripe
