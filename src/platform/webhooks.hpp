// What use cases and the dispatcher share about webhooks.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

/// Owes an event that has been appended to one endpoint. @returns the delivery
Delivery owe(WriteContext& cx, WebhookId webhook, EventId event, EventType type, std::string_view subject);

/// A webhook's secret as its receiver knows it; nullopt when no key of the ring opens it.
[[nodiscard]] std::optional<std::string> open_webhook_secret(const SecretBox& secrets, TenantId tenant, WebhookId id,
                                                             std::string_view sealed);

} // namespace orkestr::inline v1
