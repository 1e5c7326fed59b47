#include "api/bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Webhook> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<WebhookId>());
  auto webhook = tx.webhooks().find(call.tenant.id, id);
  if (!webhook) return fail(Code::not_found, "There is no such webhook.");
  settle_secrets(*webhook, call.now);
  return std::move(*webhook);
}

/// The resource and, this once, its secret.
Reply with_secret(Reply reply, const std::string& secret) {
  reply.body.pop_back();
  reply.body += ",\"secret\":\"" + secret + "\"}";
  reply.tagged = false;
  return reply;
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  auto webhooks = tx.webhooks().list(call.tenant.id, and_one_more(page));
  for (auto& webhook : webhooks) settle_secrets(webhook, call.now);
  return reply_list(std::move(webhooks), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto webhook, load(tx, call));
  return reply_with(webhook);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  Webhook draft;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  ORKESTR_TRY(const auto issued, create_webhook(cx, std::move(draft), call.platform.webhook_rules(), reader));
  return with_secret(reply_created(call, issued.webhook), issued.secret);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto webhook, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(webhook)));
  json::Reader reader;
  json::read_body(reader, *call.body, webhook, json::Use::patch);
  ORKESTR_TRY(const auto changed, update_webhook(cx, std::move(webhook), call.platform.webhook_rules(), reader));
  return reply_with(changed);
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto webhook, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(webhook)));
  ORKESTR_CHECK(delete_webhook(cx, webhook.id));
  return Reply{204, {}, {}, false};
}

Result<Reply> rotate(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<RotationDraft>(call));
  ORKESTR_TRY(const auto id, call.id<WebhookId>());
  ORKESTR_TRY(const auto issued, rotate_webhook(cx, id, body.revoke_old, call.platform.webhook_rules()));
  return with_secret(reply_with(issued.webhook), issued.secret);
}

Result<Reply> promote(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<RotationDraft>(call));
  ORKESTR_TRY(const auto id, call.id<WebhookId>());
  ORKESTR_TRY(const auto webhook, promote_webhook(cx, id, body.revoke_old));
  return reply_with(webhook);
}

Result<Reply> test(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto id, call.id<WebhookId>());
  ORKESTR_TRY(const auto delivery, test_webhook(cx, id));
  return reply_with(delivery);
}

/// How the endpoint fares.
Result<Reply> health(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto webhook, load(tx, call));
  const auto endpoint = tx.webhooks().endpoint(call.tenant.id, webhook.id).value_or(WebhookEndpoint{});
  storage::DeliveryFilter pending;
  pending.status = DeliveryStatus::pending;
  Reply reply;
  reply.tagged = false;
  json::Writer w(reply.body);
  w.begin_object();
  w.key("breaker");
  json::write(w, breaker_state(endpoint, call.now));
  w.key("openUntil");
  json::write(w, endpoint.open_until);
  w.key("consecutiveFailures");
  json::write(w, endpoint.failures);
  w.key("failingSince");
  json::write(w, endpoint.failing_since);
  w.key("disabledFrom");
  json::write(w, endpoint.failing_since ? std::optional{*endpoint.failing_since + disable_after} : std::nullopt);
  w.key("pending");
  w.integer(static_cast<std::int64_t>(tx.deliveries().count(call.tenant.id, webhook.id, pending)));
  w.end_object();
  return reply;
}

// ---- deliveries --------------------------------------------------------------------------------------------------

Result<Reply> list_deliveries(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto webhook, load(tx, call));
  ORKESTR_TRY(const auto page, call.query.page());
  storage::DeliveryFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<DeliveryStatus>("status"));
  ORKESTR_TRY(filter.event, call.query.enumeration<EventType>("event"));
  return reply_list(tx.deliveries().list(call.tenant.id, webhook.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get_delivery(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto webhook, call.id<WebhookId>());
  ORKESTR_TRY(const auto id, call.id<DeliveryId>(1));
  ORKESTR_TRY(const auto view, explain_delivery(tx, call.tenant.id, webhook, id, call.now));
  Reply reply;
  json::Writer w(reply.body);
  w.begin_object();
  json::write_fields(w, view.delivery);
  w.key("waiting");
  json::write(w, view.waiting);
  w.key("log");
  json::write(w, view.attempts);
  w.key("payload");
  w.string(view.payload);
  w.end_object();
  return reply;
}

Result<Reply> replay_one(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto webhook, call.id<WebhookId>());
  ORKESTR_TRY(const auto id, call.id<DeliveryId>(1));
  ORKESTR_TRY(const auto delivery, replay_delivery(cx, webhook, id));
  return reply_with(delivery);
}

Result<Reply> replay_range(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<ReplayDraft>(call));
  json::Reader reader;
  if (body.status == DeliveryStatus::pending)
    reader.fault_at("status", "unknown_value", "What is PENDING is under way; use DEAD or SUCCEEDED.");
  if (body.from && body.to && *body.to <= *body.from) reader.fault_at("to", "conflict", "to must be after from.");
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(const bool only_count, dry_run(call));
  ORKESTR_TRY(const auto webhook, call.id<WebhookId>());
  const storage::DeliveryFilter filter{body.status, body.event, body.from, body.to};
  std::size_t count = 0;
  if (only_count) {
    ORKESTR_TRY(count, count_replays(cx.tx, call.tenant.id, webhook, filter));
  } else {
    ORKESTR_TRY(count, replay_deliveries(cx, webhook, filter));
  }
  return Reply{200, "{\"count\":" + std::to_string(count) + "}", {}, false};
}

// ---- events ------------------------------------------------------------------------------------------------------

Result<Reply> list_events(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  ORKESTR_TRY(const auto after, call.query.parsed<EventId>("after", "to be the id of an event"));
  if (after && !tx.events().find(call.tenant.id, *after))
    return fail(Code::invalid_cursor, "There is no event by that id; leave `after` out to start with the first.");
  auto events = tx.events().list(call.tenant.id, after ? after->view() : std::string_view{}, page.limit + 1, true);
  const bool more = events.size() > page.limit;
  if (more) events.pop_back();
  Reply reply;
  reply.tagged = false;
  json::Writer w(reply.body);
  w.begin_object();
  w.key("data");
  w.array(events, [](std::string& out, const Event& event) { out += event.body; });
  w.key("hasMore");
  w.boolean(more);
  w.key("lastEventId");
  json::write(w, events.empty() ? after : std::optional{events.back().id});
  w.end_object();
  return reply;
}

// ---- notifications -----------------------------------------------------------------------------------------------

Result<Reply> list_notifications(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  ORKESTR_TRY(const auto unread, call.query.boolean("unread"));
  auto reply = reply_list(tx.notifications().list(call.tenant.id, {}, unread.value_or(false), and_one_more(page)), page.limit);
  reply.body.pop_back();
  reply.body += ",\"unreadCount\":" + std::to_string(tx.notifications().count_unread(call.tenant.id, {})) + "}";
  return reply;
}

Result<Reply> read_notification(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto id, call.id<NotificationId>());
  const auto found = cx.tx.notifications().find(call.tenant.id, id);
  if (!found || found->customer_id) return fail(Code::not_found, "There is no such notification.");
  cx.tx.notifications().mark_read(call.tenant.id, id, cx.now);
  return reply_with(*cx.tx.notifications().find(call.tenant.id, id));
}

Result<Reply> read_all_notifications(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  cx.tx.notifications().mark_all_read(call.tenant.id, {}, cx.now);
  return Reply{200, "{\"unreadCount\":0}", {}, false};
}

constexpr std::string_view delivery_parameters[] = {"status", "event", "limit", "cursor"};
constexpr std::string_view event_parameters[] = {"after", "limit"};
constexpr std::string_view notification_parameters[] = {"unread", "limit", "cursor"};

} // namespace

std::span<const Route> webhook_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/provider/webhooks",
       .operation = "listWebhooks",
       .access = Access::admin,
       .parameters = list_parameters,
       .read = list},
      {.method = M::post,
       .path = "/v1/provider/webhooks",
       .operation = "createWebhook",
       .access = Access::admin,
       .body = required,
       .write = create,
       .secret_answer = true},
      {.method = M::get, .path = "/v1/provider/webhooks/{id}", .operation = "getWebhook", .access = Access::admin, .read = get},
      {.method = M::patch,
       .path = "/v1/provider/webhooks/{id}",
       .operation = "updateWebhook",
       .access = Access::admin,
       .body = required,
       .write = update},
      {.method = M::del, .path = "/v1/provider/webhooks/{id}", .operation = "deleteWebhook", .access = Access::admin, .write = remove},
      {.method = M::get,
       .path = "/v1/provider/webhooks/{id}/health",
       .operation = "getWebhookHealth",
       .access = Access::admin,
       .read = health},
      {.method = M::post,
       .path = "/v1/provider/webhooks/{id}/rotate",
       .operation = "rotateWebhookSecret",
       .access = Access::admin,
       .body = optional,
       .write = rotate,
       .secret_answer = true},
      {.method = M::post,
       .path = "/v1/provider/webhooks/{id}/promote",
       .operation = "promoteWebhookSecret",
       .access = Access::admin,
       .body = optional,
       .write = promote},
      {.method = M::post,
       .path = "/v1/provider/webhooks/{id}/test",
       .operation = "testWebhook",
       .access = Access::admin,
       .body = optional,
       .write = test},
      {.method = M::get,
       .path = "/v1/provider/webhooks/{id}/deliveries",
       .operation = "listDeliveries",
       .access = Access::admin,
       .parameters = delivery_parameters,
       .read = list_deliveries},
      {.method = M::get,
       .path = "/v1/provider/webhooks/{id}/deliveries/{deliveryId}",
       .operation = "getDelivery",
       .access = Access::admin,
       .read = get_delivery},
      {.method = M::post,
       .path = "/v1/provider/webhooks/{id}/deliveries/{deliveryId}/replay",
       .operation = "replayDelivery",
       .access = Access::admin,
       .body = optional,
       .write = replay_one},
      {.method = M::post,
       .path = "/v1/provider/webhooks/{id}/replay",
       .operation = "replayDeliveries",
       .access = Access::admin,
       .parameters = dry_run_parameter,
       .body = optional,
       .write = replay_range},
      {.method = M::get,
       .path = "/v1/api/events",
       .operation = "listEvents",
       .access = Access::read,
       .parameters = event_parameters,
       .read = list_events},
      {.method = M::get,
       .path = "/v1/provider/notifications",
       .operation = "listNotifications",
       .access = Access::admin,
       .parameters = notification_parameters,
       .read = list_notifications},
      {.method = M::post,
       .path = "/v1/provider/notifications/read",
       .operation = "readAllNotifications",
       .access = Access::admin,
       .body = optional,
       .write = read_all_notifications,
       .role = Role::staff},
      {.method = M::post,
       .path = "/v1/provider/notifications/{id}/read",
       .operation = "readNotification",
       .access = Access::admin,
       .body = optional,
       .write = read_notification,
       .role = Role::staff},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
