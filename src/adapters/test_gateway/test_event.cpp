#include "adapters/test_gateway/test_event.hpp"

#include "orkestr/base/json.hpp"

#include <boost/json.hpp>

namespace orkestr::inline v1::test_gateway {
namespace {

template <class Enum> std::optional<Enum> named(std::string_view text, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (to_string(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  return std::nullopt;
}

std::string text_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::optional<std::int64_t> integer_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

const json::Object* object_at(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

} // namespace

std::string body_of(const GatewayEvent& event) {
  std::string out;
  json::Writer writer(out);
  const auto text = [&](std::string_view key, std::string_view value) {
    writer.key(key);
    writer.string(value);
  };
  writer.begin_object();
  text("id", event.id);
  text("type", event.type);
  writer.key("created");
  writer.integer(event.created_at.ms / 1000);
  text("paymentId", event.payment_id);
  text("refundId", event.refund_id);
  text("disputeId", event.dispute_id);
  writer.key("amount");
  writer.integer(event.amount);
  text("currency", event.currency.code());
  if (event.refund_state) text("refundState", to_string(*event.refund_state));
  if (event.failure) {
    writer.key("failure");
    writer.begin_object();
    text("code", event.failure->code);
    text("message", event.failure->message);
    writer.end_object();
  }
  if (event.card) {
    writer.key("card");
    writer.begin_object();
    text("fingerprint", event.card->fingerprint);
    text("country", event.card->country);
    text("brand", event.card->brand);
    text("last4", event.card->last4);
    writer.end_object();
  }
  // As pairs, since the keys are the host's own and keys of objects are written as they are.
  writer.key("metadata");
  writer.begin_array();
  for (const auto& [key, value] : event.metadata) {
    writer.begin_array();
    writer.string(key);
    writer.string(value);
    writer.end_array();
  }
  writer.end_array();
  writer.end_object();
  return out;
}

Result<GatewayEvent> event_of(std::string_view body) {
  const auto malformed = [](std::string_view what) { return fail(Code::malformed_request, "The event " + std::string{what} + "."); };
  const auto value = json::parse(body);
  if (!value || !value->is_object()) return malformed("is no JSON object");
  const auto& root = value->get_object();
  GatewayEvent event;
  event.id = text_at(root, "id");
  event.type = text_at(root, "type");
  const auto created = integer_at(root, "created");
  if (event.id.empty() || event.type.empty() || !created || *created < 0 || *created > 253'402'300'799)
    return malformed("lacks id, type or time");
  event.created_at = Instant::from_seconds(*created);
  event.kind = named(event.type, GatewayEventKind::other).value_or(GatewayEventKind::other);
  if (event.kind == GatewayEventKind::other) return event;
  event.payment_id = text_at(root, "paymentId");
  event.refund_id = text_at(root, "refundId");
  event.dispute_id = text_at(root, "disputeId");
  const auto amount = integer_at(root, "amount");
  const auto currency = Currency::parse(text_at(root, "currency"));
  if (event.payment_id.empty() || !amount || !currency) return malformed("lacks payment or amount");
  event.amount = *amount;
  event.currency = *currency;
  event.refund_state = named(text_at(root, "refundState"), RefundState::cancelled);
  if (const auto* failure = object_at(root, "failure")) event.failure = {text_at(*failure, "code"), text_at(*failure, "message")};
  if (const auto* card = object_at(root, "card"))
    event.card = {text_at(*card, "fingerprint"), text_at(*card, "country"), text_at(*card, "brand"), text_at(*card, "last4")};
  if (const auto* metadata = root.if_contains("metadata"); metadata != nullptr && metadata->is_array())
    for (const auto& pair : metadata->get_array())
      if (pair.is_array() && pair.get_array().size() == 2 && pair.get_array()[0].is_string() && pair.get_array()[1].is_string())
        event.metadata.emplace_back(pair.get_array()[0].get_string(), pair.get_array()[1].get_string());
  return event;
}

} // namespace orkestr::inline v1::test_gateway
