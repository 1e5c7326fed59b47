// A request as bytes.
#pragma once

#include "orkestr/engine/network_guard.hpp"
#include "orkestr/ports/http_client.hpp"

namespace orkestr::inline v1::http_client {

/// Refuses what would let a caller's text end a line, frame the message or speak for the connection.
/// @errors `invalid_header`
[[nodiscard]] Result<std::string> compose(const HttpRequest& request, const Target& target, std::string_view user_agent);

} // namespace orkestr::inline v1::http_client
