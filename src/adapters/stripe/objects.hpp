// Stripe's objects as the port's values.
#pragma once

#include "orkestr/base/json.hpp"
#include "orkestr/ports/payment_gateway.hpp"

namespace orkestr::inline v1::stripe {

/// Members that may be absent, null or of another kind.
[[nodiscard]] std::string_view text_at(const json::Object& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> integer_at(const json::Object& object, std::string_view name);
[[nodiscard]] const json::Object* object_at(const json::Object& object, std::string_view name);
/// Of what is an id, or the object that it stands for where that was expanded.
[[nodiscard]] std::string id_at(const json::Object& object, std::string_view name);

/// `name` of the object, an amount in its `currency`.
[[nodiscard]] Result<std::pair<Amount, Currency>> amount_at(const json::Object& object, std::string_view name);
[[nodiscard]] GatewayMetadata metadata_of(const json::Object& object);
/// Of a `last_payment_error`.
[[nodiscard]] GatewayFailure failure_of(const json::Object& error);
/// Of a PaymentIntent: that of its charge, where expanded, else that of its error.
[[nodiscard]] std::optional<CardFacts> card_of(const json::Object& intent);
[[nodiscard]] std::optional<GatewayFailure> refund_failure_of(const json::Object& refund);
[[nodiscard]] RefundState refund_state_of(const json::Object& refund);

/// @errors `internal` for what is none
[[nodiscard]] Result<GatewayPayment> payment_of(const json::Object& intent);
[[nodiscard]] Result<GatewayRefund> refund_of(const json::Object& refund);

/// What an answer other than 2xx means; `error` is its member of that name, or nullptr.
[[nodiscard]] Error error_of(int status, const json::Object* error);

} // namespace orkestr::inline v1::stripe
