// The test gateway's events, as JSON.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"

namespace orkestr::inline v1::test_gateway {

[[nodiscard]] std::string body_of(const GatewayEvent& event);
/// @errors `malformed_request`
[[nodiscard]] Result<GatewayEvent> event_of(std::string_view body);

} // namespace orkestr::inline v1::test_gateway
