#include "adapters/stripe/event.hpp"

#include "adapters/stripe/objects.hpp"

#include <boost/json.hpp>

#include <array>

namespace orkestr::inline v1::stripe {
namespace {

using Kind = GatewayEventKind;

constexpr std::array<std::pair<std::string_view, Kind>, 10> kinds{{{"payment_intent.succeeded", Kind::payment_succeeded},
                                                                   {"payment_intent.payment_failed", Kind::payment_failed},
                                                                   {"payment_intent.processing", Kind::payment_processing},
                                                                   {"payment_intent.canceled", Kind::payment_cancelled},
                                                                   {"charge.refunded", Kind::payment_refunded},
                                                                   {"refund.created", Kind::refund_updated},
                                                                   {"refund.updated", Kind::refund_updated},
                                                                   {"refund.failed", Kind::refund_updated},
                                                                   {"charge.refund.updated", Kind::refund_updated},
                                                                   {"charge.dispute.created", Kind::dispute_opened}}};

Error malformed(std::string_view what) { return fail(Code::malformed_request, "The event " + std::string{what} + "."); }

/// The word by which the object says what it is, and the member that the event's amount is.
struct Shape {
  std::string_view object, amount, payment;
};

Shape shape_of(Kind kind) {
  switch (kind) {
  case Kind::payment_succeeded: return {"payment_intent", "amount_received", "id"};
  case Kind::payment_refunded: return {"charge", "amount_refunded", "payment_intent"};
  case Kind::refund_updated: return {"refund", "amount", "payment_intent"};
  case Kind::dispute_opened: return {"dispute", "amount", "payment_intent"};
  default: return {"payment_intent", "amount", "id"};
  }
}

} // namespace

Result<GatewayEvent> event_of(std::string_view body) {
  const auto value = json::parse(body, {.max_depth = 32, .max_keys = 16'384});
  if (!value || !value->is_object()) return malformed("is no JSON object");
  const auto& root = value->get_object();
  GatewayEvent event;
  event.id = text_at(root, "id");
  event.type = text_at(root, "type");
  const auto created = integer_at(root, "created");
  if (event.id.empty() || event.type.empty() || !created || *created < 0 || *created > 253'402'300'799)
    return malformed("lacks id, type or time");
  event.created_at = Instant::from_seconds(*created);
  const auto* live = root.if_contains("livemode");
  event.live = live != nullptr && live->is_bool() && live->get_bool();

  const auto* known = std::ranges::find(kinds, std::string_view{event.type}, &std::pair<std::string_view, Kind>::first);
  if (known == kinds.end()) return event;
  const auto* data = object_at(root, "data");
  const auto* object = data != nullptr ? object_at(*data, "object") : nullptr;
  const auto shape = shape_of(known->second);
  if (object == nullptr || text_at(*object, "object") != shape.object) return malformed("has no object of its kind");
  event.payment_id = id_at(*object, shape.payment);
  if (event.payment_id.empty()) return event; // of a charge that no payment of ours made
  const auto amount = amount_at(*object, shape.amount);
  if (!amount) return malformed("has no amount");
  event.kind = known->second;
  std::tie(event.amount, event.currency) = *amount;
  event.metadata = metadata_of(*object);
  if (event.kind == Kind::refund_updated) {
    event.refund_id = text_at(*object, "id");
    event.refund_state = refund_state_of(*object);
    event.failure = refund_failure_of(*object);
  } else if (event.kind == Kind::dispute_opened) {
    event.dispute_id = text_at(*object, "id");
  } else if (shape.object == "payment_intent") {
    if (const auto* error = object_at(*object, "last_payment_error"); error != nullptr && event.kind == Kind::payment_failed)
      event.failure = failure_of(*error);
    event.card = card_of(*object);
  }
  return event;
}

} // namespace orkestr::inline v1::stripe
