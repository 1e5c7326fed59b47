#include "adapters/stripe/objects.hpp"

#include "adapters/stripe/amounts.hpp"

#include "base/text.hpp"

#include <boost/json.hpp>

namespace orkestr::inline v1::stripe {
namespace {

std::string text_of(const json::Object& object, std::string_view name) { return std::string{text_at(object, name)}; }

Error nonsense(std::string_view what) { return fail(Code::internal, "Stripe's answer is not one: " + std::string{what} + "."); }

std::optional<GatewayState> state_of(const json::Object& intent) {
  const auto status = text_at(intent, "status");
  if (status == "requires_payment_method")
    return object_at(intent, "last_payment_error") != nullptr ? GatewayState::failed : GatewayState::requires_method;
  if (status == "requires_action" || status == "requires_confirmation") return GatewayState::requires_action;
  if (status == "processing" || status == "requires_capture") return GatewayState::processing; // we never ask to capture later
  if (status == "succeeded") return GatewayState::succeeded;
  if (status == "canceled") return GatewayState::cancelled;
  return std::nullopt;
}

/// The faults that a person can mend are named as the port does.
std::string pointer_of(std::string_view parameter) {
  if (parameter == "receipt_email" || parameter == "email") return "/customerEmail";
  if (parameter == "payment_intent" || parameter == "intent") return "/paymentId";
  return "/" + std::string{parameter.substr(0, parameter.find('['))};
}

} // namespace

std::string_view text_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

std::optional<std::int64_t> integer_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

const json::Object* object_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

std::string id_at(const json::Object& object, std::string_view name) {
  const auto* expanded = object_at(object, name);
  return expanded != nullptr ? text_of(*expanded, "id") : text_of(object, name);
}

Result<std::pair<Amount, Currency>> amount_at(const json::Object& object, std::string_view name) {
  std::string code = text_of(object, "currency");
  for (char& c : code)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  const auto currency = Currency::parse(code);
  const auto amount = integer_at(object, name);
  if (!currency || !amount) return nonsense("it has no amount");
  ORKESTR_TRY(const Amount ours, from_stripe(*amount, *currency));
  return std::pair{ours, *currency};
}

GatewayMetadata metadata_of(const json::Object& object) {
  GatewayMetadata metadata;
  if (const auto* entries = object_at(object, "metadata"))
    for (const auto& [key, value] : *entries)
      if (value.is_string()) metadata.emplace_back(key, value.get_string());
  std::ranges::sort(metadata);
  return metadata;
}

GatewayFailure failure_of(const json::Object& error) {
  // A decline's own reason says more than that there was one.
  GatewayFailure failure{text_of(error, "decline_code"), text_of(error, "message")};
  if (failure.code.empty() || failure.code == "generic_decline") failure.code = text_of(error, "code");
  if (failure.code.empty()) failure.code = text_of(error, "type");
  return failure;
}

std::optional<CardFacts> card_of(const json::Object& intent) {
  const json::Object* card = nullptr;
  if (const auto* charge = object_at(intent, "latest_charge"))
    if (const auto* details = object_at(*charge, "payment_method_details")) card = object_at(*details, "card");
  if (card == nullptr)
    if (const auto* error = object_at(intent, "last_payment_error"))
      if (const auto* method = object_at(*error, "payment_method")) card = object_at(*method, "card");
  if (card == nullptr) return std::nullopt;
  return CardFacts{text_of(*card, "fingerprint"), text_of(*card, "country"), text_of(*card, "brand"), text_of(*card, "last4")};
}

std::optional<GatewayFailure> refund_failure_of(const json::Object& refund) {
  const auto reason = text_at(refund, "failure_reason");
  if (reason.empty()) return std::nullopt;
  return GatewayFailure{std::string{reason}, "The refund did not reach the customer's bank."};
}

/// The sum of the refunds that have not failed, where all are listed; else what Stripe counts.
Result<Amount> refunded_of(const json::Object& charge) {
  const auto* list = object_at(charge, "refunds");
  const auto* data = list != nullptr ? list->if_contains("data") : nullptr;
  const auto* more = list != nullptr ? list->if_contains("has_more") : nullptr;
  if (data == nullptr || !data->is_array() || more == nullptr || *more != false) {
    ORKESTR_TRY(const auto refunded, amount_at(charge, "amount_refunded"));
    return refunded.first;
  }
  Amount sum = 0;
  for (const auto& each : data->get_array()) {
    if (!each.is_object()) return nonsense("one of its refunds is none");
    const auto state = refund_state_of(each.get_object());
    if (state == RefundState::failed || state == RefundState::cancelled) continue;
    ORKESTR_TRY(const auto amount, amount_at(each.get_object(), "amount"));
    sum += amount.first;
  }
  return sum;
}

RefundState refund_state_of(const json::Object& refund) {
  const auto status = text_at(refund, "status");
  if (status == "succeeded") return RefundState::succeeded;
  if (status == "failed") return RefundState::failed;
  if (status == "canceled") return RefundState::cancelled;
  return RefundState::pending; // `requires_action` too: the customer's bank details are asked for
}

Result<GatewayPayment> payment_of(const json::Object& intent) {
  const auto state = state_of(intent);
  if (text_at(intent, "object") != "payment_intent" || text_at(intent, "id").empty() || !state) return nonsense("it is no payment");
  GatewayPayment payment;
  payment.id = text_of(intent, "id");
  payment.client_secret = text_of(intent, "client_secret");
  payment.state = *state;
  ORKESTR_TRY(const auto asked, amount_at(intent, "amount"));
  std::tie(payment.amount, payment.currency) = asked;
  if (integer_at(intent, "amount_received")) {
    ORKESTR_TRY(const auto received, amount_at(intent, "amount_received"));
    payment.received = received.first;
  }
  if (const auto* charge = object_at(intent, "latest_charge"); charge != nullptr && integer_at(*charge, "amount_refunded")) {
    ORKESTR_TRY(payment.refunded, refunded_of(*charge));
  }
  if (const auto* error = object_at(intent, "last_payment_error")) payment.failure = failure_of(*error);
  payment.card = card_of(intent);
  SavedMethod saved{id_at(intent, "customer"), id_at(intent, "payment_method")};
  if (*state == GatewayState::succeeded && !saved.customer.empty() && !saved.method.empty()) payment.saved = std::move(saved);
  payment.metadata = metadata_of(intent);
  payment.created_at = Instant::from_seconds(integer_at(intent, "created").value_or(0));
  return payment;
}

Result<GatewayRefund> refund_of(const json::Object& object) {
  if (text_at(object, "object") != "refund" || text_at(object, "id").empty()) return nonsense("it is no refund");
  GatewayRefund refund;
  refund.id = text_of(object, "id");
  refund.payment_id = id_at(object, "payment_intent");
  refund.state = refund_state_of(object);
  ORKESTR_TRY(const auto amount, amount_at(object, "amount"));
  std::tie(refund.amount, refund.currency) = amount;
  refund.failure = refund_failure_of(object);
  refund.metadata = metadata_of(object);
  return refund;
}

Error error_of(int status, const json::Object* error) {
  const json::Object none;
  const auto& it = error != nullptr ? *error : none;
  const auto type = text_at(it, "type"), code = text_at(it, "code"), parameter = text_at(it, "param");
  std::string message = text_of(it, "message");
  const auto because = [&](std::string what) {
    what += " (" + std::to_string(status);
    if (!code.empty()) what.append(", ").append(code);
    return what += message.empty() ? ")." : "): " + message;
  };
  if (status >= 500) return fail(Code::payment_unavailable, because("Stripe has a fault"));
  if (status == 429) return fail(Code::rate_limited, because("Stripe asks for fewer requests"));
  // Its message names part of the key.
  if (status == 401 || status == 403)
    return fail(Code::internal, "Stripe refuses our key (" + std::to_string(status) + "). Check the secret key and its rights.");
  if (code == "idempotency_key_in_use" || code == "lock_timeout" || status == 409)
    return fail(Code::idempotency_in_flight, because("Stripe still works on it"));
  if (type == "idempotency_error") return fail(Code::idempotency_mismatch, because("Stripe knows this key from another request"));
  if (status == 404 || code == "resource_missing") return fail(Code::not_found, because("Stripe does not know it"));
  if (code == "payment_intent_unexpected_state" || code == "charge_already_refunded" || code == "charge_disputed" ||
      code == "balance_insufficient" || code == "refund_disputed_payment" || code == "charge_not_refundable")
    return fail(Code::invalid_transition, because("Stripe can't do this now"));
  if (status >= 400 && error != nullptr) {
    Error refusal = fail(Code::invalid_fields, because("Stripe does not take this"));
    refusal.faults.push_back({parameter.empty() ? std::string{} : pointer_of(parameter), "invalid_format", std::move(message)});
    return refusal;
  }
  return fail(Code::internal, "Stripe's answer is not one (" + std::to_string(status) + ").");
}

} // namespace orkestr::inline v1::stripe
