#include "platform/webhooks.hpp"
#include "orkestr/engine/webhook_signature.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

Result<Webhook> find_webhook(const storage::ReadTransaction& tx, TenantId tenant, WebhookId id) {
  auto webhook = tx.webhooks().find(tenant, id);
  if (!webhook) return fail(Code::not_found, "There is no such webhook.");
  return std::move(*webhook);
}

Result<Webhook> find_active(const storage::ReadTransaction& tx, TenantId tenant, WebhookId id) {
  ORKESTR_TRY(auto webhook, find_webhook(tx, tenant, id));
  if (webhook.status != WebhookStatus::active)
    return fail(Code::invalid_transition, "The webhook is DISABLED; make it ACTIVE before anything is sent to it.");
  return webhook;
}

/// Two secrets of different tenants, or subscriptions, can't stand in for each other.
std::string seal_context(TenantId tenant, WebhookId id) { return tenant.str() + "/" + id.str(); }

Result<std::string> new_secret(const WriteContext& cx, WebhookId id, const WebhookRules& rules, std::string& plain) {
  if (rules.secrets.empty())
    return fail(Code::not_implemented,
                "This installation has no key to encrypt secrets with, so it keeps no webhooks. Configure one (--secret-keys).");
  plain = make_webhook_secret(rules.random);
  return rules.secrets.seal(plain, seal_context(cx.tenant, id), rules.random);
}

/// All faults at once; where the URL is the only one, the error says what is wrong with it.
Result<void> check(const Webhook& webhook, const WebhookRules& rules, json::Reader& reader) {
  validate(webhook, reader);
  const auto target = check_target(webhook.url, rules.network);
  const auto unread = [](const Fault& fault) { return fault.pointer.empty() || fault.pointer == "/url"; };
  if (target || std::ranges::any_of(reader.faults, unread)) return reader.result();
  const bool alone = reader.faults.empty();
  reader.fault_at("url", info(target.error().code).name, target.error().detail);
  auto error = reader.result().error();
  if (alone) {
    error.code = target.error().code;
    error.detail = target.error().detail;
  }
  return error;
}

void end_pending(WriteContext& cx, Webhook& webhook, WebhookDisabledReason reason) {
  static constexpr std::string_view why[] = {"The webhook was disabled.", "The endpoint said that it is gone (410).",
                                             "The endpoint failed for five days."};
  webhook.status = WebhookStatus::disabled;
  webhook.disabled_reason = reason;
  webhook.disabled_at = webhook.updated_at = cx.now;
  cx.tx.webhooks().update(cx.tenant, webhook);
  cx.tx.deliveries().kill(cx.tenant, webhook.id, why[static_cast<std::size_t>(reason)], cx.now);
}

} // namespace

Delivery owe(WriteContext& cx, WebhookId webhook, EventId event, EventType type, std::string_view subject) {
  Delivery delivery;
  delivery.id = cx.make_id<DeliveryId>();
  delivery.webhook_id = webhook;
  delivery.event_id = event;
  delivery.event = type;
  delivery.subject = subject;
  delivery.next_attempt_at = delivery.created_at = cx.now;
  cx.tx.deliveries().insert(cx.tenant, delivery);
  cx.emitted = true;
  return delivery;
}

std::optional<std::string> open_webhook_secret(const SecretBox& secrets, TenantId tenant, WebhookId id, std::string_view sealed) {
  return secrets.open(sealed, seal_context(tenant, id));
}

Result<IssuedWebhook> create_webhook(WriteContext& cx, Webhook draft, const WebhookRules& rules, json::Reader& reader) {
  if (cx.tx.webhooks().list(cx.tenant, {max_webhooks, {}}).size() >= max_webhooks)
    reader.fault("too_many_items", "A tenant has at most " + std::to_string(max_webhooks) + " webhooks.");
  ORKESTR_CHECK(check(draft, rules, reader));
  IssuedWebhook issued;
  draft.id = cx.make_id<WebhookId>();
  draft.created_at = draft.updated_at = cx.now;
  ORKESTR_TRY(draft.secret, new_secret(cx, draft.id, rules, issued.secret));
  cx.tx.webhooks().insert(cx.tenant, draft);
  cx.audit("webhook.create", draft.id);
  issued.webhook = std::move(draft);
  return issued;
}

Result<Webhook> update_webhook(WriteContext& cx, Webhook changed, const WebhookRules& rules, json::Reader& reader) {
  ORKESTR_TRY(const auto current, find_webhook(cx.tx, cx.tenant, changed.id));
  ORKESTR_CHECK(check(changed, rules, reader));
  changed.updated_at = cx.now;
  if (changed.status == WebhookStatus::disabled && current.status == WebhookStatus::active) {
    end_pending(cx, changed, WebhookDisabledReason::by_provider);
    return changed;
  }
  if (changed.status == WebhookStatus::active) {
    changed.disabled_reason.reset();
    changed.disabled_at.reset();
  }
  if (changed.url != current.url || changed.status != current.status) cx.tx.webhooks().clear_endpoint(cx.tenant, changed.id);
  cx.tx.webhooks().update(cx.tenant, changed);
  cx.audit("webhook.update", changed.id);
  return changed;
}

Result<void> delete_webhook(WriteContext& cx, WebhookId id) {
  ORKESTR_CHECK(find_webhook(cx.tx, cx.tenant, id));
  cx.tx.deliveries().kill(cx.tenant, id, "The webhook was deleted.", cx.now);
  cx.tx.webhooks().erase(cx.tenant, id);
  cx.audit("webhook.delete", id);
  return {};
}

bool disable_webhook(WriteContext& cx, WebhookId id, WebhookDisabledReason reason) {
  auto webhook = cx.tx.webhooks().find(cx.tenant, id);
  if (!webhook || webhook->status != WebhookStatus::active) return false;
  end_pending(cx, *webhook, reason);
  cx.audit("webhook.disable", id);
  cx.notify({{},
             {},
             NotificationKind::generic,
             (reason == WebhookDisabledReason::gone ? "Webhook disabled, its endpoint is gone: "
                                                    : "Webhook disabled after five days of failure: ") +
                 webhook->url,
             "/provider/webhooks/" + id.str(),
             id.str(),
             {},
             {}});
  return true;
}

Result<IssuedWebhook> rotate_webhook(WriteContext& cx, WebhookId id, bool revoke_old, const WebhookRules& rules) {
  IssuedWebhook issued;
  ORKESTR_TRY(issued.webhook, find_webhook(cx.tx, cx.tenant, id));
  ORKESTR_TRY(auto sealed, new_secret(cx, id, rules, issued.secret));
  if (revoke_old)
    replace_secret(issued.webhook, std::move(sealed));
  else
    ORKESTR_CHECK(rotate(issued.webhook, std::move(sealed), cx.now));
  issued.webhook.updated_at = cx.now;
  cx.tx.webhooks().update(cx.tenant, issued.webhook);
  cx.audit("webhook.rotate", id);
  return issued;
}

Result<Webhook> promote_webhook(WriteContext& cx, WebhookId id, bool revoke_old) {
  ORKESTR_TRY(auto webhook, find_webhook(cx.tx, cx.tenant, id));
  ORKESTR_CHECK(promote(webhook, cx.now));
  if (revoke_old) replace_secret(webhook, std::string{webhook.secret});
  webhook.updated_at = cx.now;
  cx.tx.webhooks().update(cx.tenant, webhook);
  cx.audit("webhook.promote", id);
  return webhook;
}

bool reseal_webhook(WriteContext& cx, WebhookId id, const WebhookRules& rules) {
  auto webhook = cx.tx.webhooks().find(cx.tenant, id);
  if (!webhook || rules.secrets.empty()) return false;
  bool changed = false;
  const auto reseal = [&](std::string& sealed) {
    if (rules.secrets.current(sealed)) return;
    if (const auto plain = open_webhook_secret(rules.secrets, cx.tenant, id, sealed)) {
      sealed = rules.secrets.seal(*plain, seal_context(cx.tenant, id), rules.random);
      changed = true;
    }
  };
  reseal(webhook->secret);
  if (webhook->next_secret) reseal(*webhook->next_secret);
  if (webhook->old_secret) reseal(*webhook->old_secret);
  if (changed) cx.tx.webhooks().update(cx.tenant, *webhook);
  return changed;
}

Result<Delivery> test_webhook(WriteContext& cx, WebhookId id) {
  ORKESTR_CHECK(find_active(cx.tx, cx.tenant, id));
  const auto event = cx.make_id<EventId>();
  const std::string data = "{\"webhookId\":\"" + id.str() + "\"}";
  cx.tx.events().append(
      cx.tenant, {event, EventType::webhook_test, id.str(), event_body(event, EventType::webhook_test, cx.now, cx.tenant, data), cx.now});
  cx.audit("webhook.test", id);
  // Its own subject: a test waits for no earlier one.
  return owe(cx, id, event, EventType::webhook_test, event.view());
}

Result<Delivery> replay_delivery(WriteContext& cx, WebhookId webhook, DeliveryId id) {
  ORKESTR_CHECK(find_active(cx.tx, cx.tenant, webhook));
  const auto delivery = cx.tx.deliveries().find(cx.tenant, id);
  if (!delivery || delivery->webhook_id != webhook) return fail(Code::not_found, "There is no such delivery.");
  if (!cx.tx.deliveries().replay(cx.tenant, id, cx.now))
    return fail(Code::invalid_transition, "The delivery is PENDING already; it must be SUCCEEDED or DEAD to be replayed.");
  cx.emitted = true;
  cx.audit("delivery.replay", id);
  return *cx.tx.deliveries().find(cx.tenant, id);
}

Result<std::size_t> count_replays(const storage::ReadTransaction& tx, TenantId tenant, WebhookId webhook,
                                  const storage::DeliveryFilter& filter) {
  ORKESTR_CHECK(find_active(tx, tenant, webhook));
  storage::DeliveryFilter pending = filter;
  pending.status = DeliveryStatus::pending;
  if (filter.status == DeliveryStatus::pending) return std::size_t{0};
  return tx.deliveries().count(tenant, webhook, filter) - (filter.status ? 0 : tx.deliveries().count(tenant, webhook, pending));
}

Result<std::size_t> replay_deliveries(WriteContext& cx, WebhookId webhook, const storage::DeliveryFilter& filter) {
  ORKESTR_CHECK(find_active(cx.tx, cx.tenant, webhook));
  const auto count = cx.tx.deliveries().replay(cx.tenant, webhook, filter, cx.now);
  cx.emitted |= count > 0;
  cx.audit("webhook.replay", webhook, std::to_string(count) + " deliveries");
  return count;
}

Result<DeliveryView> explain_delivery(const storage::ReadTransaction& tx, TenantId tenant, WebhookId webhook, DeliveryId id, Instant now) {
  auto delivery = tx.deliveries().find(tenant, id);
  if (!delivery || delivery->webhook_id != webhook) return fail(Code::not_found, "There is no such delivery.");
  auto event = tx.events().find(tenant, delivery->event_id);
  DeliveryView view{std::move(*delivery), event ? std::move(event->body) : std::string{}, tx.deliveries().attempts(tenant, id), {}};
  if (view.delivery.status != DeliveryStatus::pending) return view;
  auto& waiting = view.waiting.emplace();
  const auto endpoint = tx.webhooks().endpoint(tenant, webhook);
  if (const auto ahead = tx.deliveries().ahead_of(tenant, view.delivery)) {
    waiting = {WaitReason::order, ahead->next_attempt_at, ahead->id,
               "An earlier event about the same, " + std::string{json::name_of(ahead->event)} + ", comes first."};
  } else if (endpoint && breaker_state(*endpoint, now) == BreakerState::open &&
             *endpoint->open_until > view.delivery.next_attempt_at.value_or(now)) {
    waiting = {WaitReason::paused,
               endpoint->open_until,
               {},
               "The endpoint failed " + std::to_string(endpoint->failures) +
                   " times in a row, so it is left alone until it is probed next."};
  } else if (now < view.delivery.next_attempt_at.value_or(now)) {
    waiting = {WaitReason::retry,
               view.delivery.next_attempt_at,
               {},
               "Attempt " + std::to_string(view.delivery.attempts) + " failed (" + view.delivery.last_error.value_or("") + ")."};
  } else {
    waiting = {WaitReason::queued, {}, {}, "It is due, and sent as soon as a place is free."};
  }
  if (waiting.until && *waiting.until <= now) waiting.until.reset();
  return view;
}

} // namespace orkestr::inline v1
