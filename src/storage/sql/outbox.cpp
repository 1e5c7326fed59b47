#include "storage/sql/outbox.hpp"

#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"

namespace orkestr::inline v1::storage::sql {
namespace {

class Events final : public EventRepository, Base {
 public:
  using Base::Base;
  void append(TenantId tenant, const Event& event) override {
    run(db_, append_sql_, tenant, event.id, event.type, event.subject, event.body, event.created_at);
  }
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool settled) const override {
    return query<Event>(db_, settled ? settled_sql_ : list_sql_, tenant, after, limit);
  }
  std::optional<Event> find(TenantId tenant, EventId id) const override {
    static const std::string sql = select<Event>("AND id = $2");
    return query_one<Event>(db_, sql, tenant, id);
  }

 private:
  // Where several write at once, the number of the transaction is the place: what is about one row comes in the order in which its
  // transactions locked it, and one below all that are under way has no predecessor to come.
  const bool sqlite_ = db_.dialect() == Dialect::sqlite;
  const std::string append_sql_ =
      "INSERT INTO events (tenant_id, " + column_list<Event>() + ", position) VALUES ($1, $2, $3, $4, $5, $6, " +
      (sqlite_ ? "(SELECT coalesce(max(position), 0) + 1 FROM events WHERE tenant_id = $1)" : "pg_current_xact_id()::text::bigint") + ")";
  const std::string behind_ = "AND (position, id) > (coalesce((SELECT position FROM events WHERE tenant_id = $1 AND id = $2),"
                              " -9223372036854775807), $2) ";
  const std::string in_order_ = "ORDER BY position, id LIMIT $3";
  const std::string list_sql_ = select<Event>(behind_ + in_order_);
  const std::string settled_sql_ =
      select<Event>(behind_ + (sqlite_ ? "" : "AND position < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ") + in_order_);
};

/// The webhooks that something PENDING is for: from one to the next by the index, so that a long queue of one costs no more than a short
/// one.
constexpr std::string_view queued = R"sql(WITH RECURSIVE queued(id) AS (
  SELECT (SELECT webhook_id FROM deliveries WHERE status = 'PENDING' ORDER BY webhook_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.webhook_id FROM deliveries d WHERE d.status = 'PENDING' AND d.webhook_id > queued.id ORDER BY d.webhook_id LIMIT 1)
  FROM queued WHERE queued.id IS NOT NULL
)
)sql";

class Webhooks final : public WebhookRepository, Base {
 public:
  using Base::Base;
  std::optional<Webhook> find(TenantId tenant, WebhookId id) const override {
    static const std::string sql = select<Webhook>("AND id = $2");
    return query_one<Webhook>(db_, sql, tenant, id);
  }
  std::vector<Webhook> list(TenantId tenant, const Page& page) const override {
    static const std::string sql = select<Webhook>("AND id < $2 ORDER BY id DESC LIMIT $3");
    return query<Webhook>(db_, sql, tenant, before(page), page.limit);
  }
  std::vector<Webhook> active(TenantId tenant) const override {
    static const std::string sql = select<Webhook>("AND status = 'ACTIVE' ORDER BY id");
    return query<Webhook>(db_, sql, tenant);
  }
  std::vector<Due<WebhookId>> all(std::string_view after, std::size_t limit) const override {
    const Use use(db_, "SELECT tenant_id, id FROM webhooks WHERE id > $1 ORDER BY id, tenant_id LIMIT $2", every_tenant);
    bind(*use, 1, after);
    bind(*use, 2, limit);
    return read(use);
  }
  void insert(TenantId tenant, const Webhook& webhook) override { insert_row(db_, tenant, webhook); }
  void update(TenantId tenant, const Webhook& webhook) override { update_row(db_, tenant, webhook); }
  void erase(TenantId tenant, WebhookId id) override {
    run(db_, "DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2", tenant, id);
    run(db_, "DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND webhook_id = $2", tenant, id);
  }

  std::optional<WebhookEndpoint> endpoint(TenantId tenant, WebhookId id) const override {
    static const std::string sql = select<WebhookEndpoint>("AND webhook_id = $2");
    return query_one<WebhookEndpoint>(db_, sql, tenant, id);
  }
  std::vector<Due<WebhookId>> due(std::string_view owner, Instant now, std::size_t limit) const override {
    static const std::string sql = std::string{queued} + R"sql(SELECT w.tenant_id, w.id FROM queued JOIN webhooks w ON w.id = queued.id
LEFT JOIN webhook_endpoints n ON n.tenant_id = w.tenant_id AND n.webhook_id = w.id
WHERE w.status = 'ACTIVE' AND (n.owner IS NULL OR n.owner = $1 OR n.owned_until <= $2) AND (n.open_until IS NULL OR n.open_until <= $2)
  AND (EXISTS (SELECT 1 FROM deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.status = 'PENDING' AND d.lane = 0
      AND d.next_attempt_at <= $2)
    OR EXISTS (SELECT 1 FROM deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.status = 'PENDING' AND d.lane = 1
      AND d.next_attempt_at <= $2))
LIMIT $3)sql";
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, owner);
    bind(*use, 2, now);
    bind(*use, 3, limit);
    return read(use);
  }
  std::vector<Due<WebhookId>> owed_in_vain(std::size_t limit) const override {
    static const std::string sql = std::string{queued} + R"sql(SELECT p.tenant_id, p.id FROM (
  SELECT (SELECT d.tenant_id FROM deliveries d WHERE d.status = 'PENDING' AND d.webhook_id = queued.id
    ORDER BY d.webhook_id, d.tenant_id, d.lane, d.next_attempt_at LIMIT 1) AS tenant_id, id FROM queued WHERE id IS NOT NULL
  ) p WHERE NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant_id = p.tenant_id AND w.id = p.id AND w.status = 'ACTIVE') LIMIT $1)sql";
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, limit);
    return read(use);
  }
  std::optional<WebhookEndpoint> take(TenantId tenant, WebhookId id, std::string_view owner, Instant now, Instant until) override {
    const auto taken =
        execute(db_,
                "INSERT INTO webhook_endpoints (tenant_id, webhook_id, owner, owned_until, failures) VALUES ($1, $2, $3, $4, 0)"
                " ON CONFLICT (tenant_id, webhook_id) DO UPDATE SET owner = excluded.owner, owned_until = excluded.owned_until"
                " WHERE webhook_endpoints.owner = excluded.owner OR webhook_endpoints.owned_until <= $5",
                tenant, id, owner, until, now);
    return taken > 0 ? endpoint(tenant, id) : std::nullopt;
  }
  void put_endpoint(TenantId tenant, const WebhookEndpoint& e) override {
    run(db_,
        "UPDATE webhook_endpoints SET owned_until = $1, failures = $2, failing_since = $3, open_until = $4"
        " WHERE tenant_id = $5 AND webhook_id = $6 AND owner = $7",
        e.owned_until, e.failures, e.failing_since, e.open_until, tenant, e.webhook_id, e.owner);
  }
  void clear_endpoint(TenantId tenant, WebhookId id) override {
    run(db_, "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, open_until = NULL WHERE tenant_id = $1 AND webhook_id = $2",
        tenant, id);
  }
  void release(std::string_view owner) override {
    const Use use(db_,
                  owner.empty() ? "UPDATE webhook_endpoints SET owned_until = 0"
                                : "UPDATE webhook_endpoints SET owned_until = 0 WHERE owner = $1",
                  every_tenant);
    if (!owner.empty()) bind(*use, 1, owner);
    use->run();
  }
  Breakers breakers(Instant now) const override {
    const Use use(db_,
                  "SELECT coalesce(sum(CASE WHEN open_until > $1 THEN 1 ELSE 0 END), 0), count(*) FROM webhook_endpoints"
                  " WHERE open_until IS NOT NULL",
                  every_tenant);
    bind(*use, 1, now);
    use->step();
    const auto open = static_cast<std::size_t>(use->integer(0));
    return {open, static_cast<std::size_t>(use->integer(1)) - open};
  }

 private:
  static std::vector<Due<WebhookId>> read(const Use& use) {
    std::vector<Due<WebhookId>> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      get(*use, 1, row.id);
    }
    return rows;
  }
};

/// The conditions of a filter, numbered from a parameter on.
struct Conditions {
  std::string sql;
  int next;

  Conditions(const DeliveryFilter& filter, int first) : next(first) {
    add(filter.status.has_value(), "status = ");
    add(filter.event.has_value(), "event = ");
    add(filter.from.has_value(), "created_at >= ");
    add(filter.to.has_value(), "created_at < ");
  }
  static int bind_all(Statement& s, int p, const DeliveryFilter& filter) {
    if (filter.status) bind(s, p++, *filter.status);
    if (filter.event) bind(s, p++, *filter.event);
    if (filter.from) bind(s, p++, *filter.from);
    if (filter.to) bind(s, p++, *filter.to);
    return p;
  }

 private:
  void add(bool wanted, std::string_view head) {
    if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++));
  }
};

class Deliveries final : public DeliveryRepository, Base {
 public:
  using Base::Base;
  std::optional<Delivery> find(TenantId tenant, DeliveryId id) const override {
    static const std::string sql = select<Delivery>("AND id = $2");
    return query_one<Delivery>(db_, sql, tenant, id);
  }
  std::vector<Delivery> list(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter, const Page& page) const override {
    const Conditions where(filter, 4);
    const Use use(
        db_, select<Delivery>("AND webhook_id = $2 AND id < $3" + where.sql + " ORDER BY id DESC LIMIT $" + std::to_string(where.next)));
    bind(*use, 1, tenant);
    bind(*use, 2, webhook);
    bind(*use, 3, before(page));
    bind(*use, Conditions::bind_all(*use, 4, filter), page.limit);
    std::vector<Delivery> rows;
    while (use->step()) rows.push_back(read_row<Delivery>(*use));
    return rows;
  }
  std::size_t count(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter) const override {
    const Use use(db_, "SELECT count(*) FROM deliveries WHERE tenant_id = $1 AND webhook_id = $2" + Conditions(filter, 3).sql);
    bind(*use, 1, tenant);
    bind(*use, 2, webhook);
    Conditions::bind_all(*use, 3, filter);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  std::vector<DeliveryAttempt> attempts(TenantId tenant, DeliveryId id) const override {
    static const std::string sql = select<DeliveryAttempt>("AND delivery_id = $2 ORDER BY number");
    return query<DeliveryAttempt>(db_, sql, tenant, id);
  }
  std::optional<Delivery> ahead_of(TenantId tenant, const Delivery& d) const override {
    static const std::string sql = select<Delivery>(
        "AND webhook_id = $2 AND status = 'PENDING' AND subject = $3 AND (position, event_id) <"
        " ((SELECT o.position FROM deliveries o WHERE o.tenant_id = $1 AND o.id = $4), $5) ORDER BY position, event_id LIMIT 1");
    return query_one<Delivery>(db_, sql, tenant, d.webhook_id, d.subject, d.id, d.event_id);
  }
  std::vector<Ready> due(TenantId tenant, WebhookId webhook, bool retrying, Instant now, std::size_t limit) const override {
    // PostgreSQL is left no other way than along the queue. A join with events, or with what is ahead, it turned round: every event of
    // the tenant, or the whole queue for each of its rows, which takes seconds when a queue is long.
    static const std::string sql =
        "SELECT " + column_list<Delivery>("d.") +
        ", (SELECT e.body FROM events e WHERE e.tenant_id = $1 AND e.id = d.event_id) FROM (SELECT * FROM deliveries q WHERE q.tenant_id ="
        " $1 AND q.webhook_id = $2 AND q.status = 'PENDING' AND q.lane = $3 AND q.next_attempt_at <= $4 AND q.event_id ="
        " (SELECT o.event_id FROM deliveries o WHERE o.tenant_id = $1 AND o.webhook_id = $2 AND o.status = 'PENDING' AND o.subject ="
        " q.subject ORDER BY o.position, o.event_id LIMIT 1) ORDER BY q.next_attempt_at, q.id LIMIT $5) d"
        " ORDER BY d.next_attempt_at, d.id";
    const Use use(db_, sql);
    bind(*use, 1, tenant);
    bind(*use, 2, webhook);
    bind(*use, 3, retrying);
    bind(*use, 4, now);
    bind(*use, 5, limit);
    std::vector<Ready> ready;
    while (use->step()) {
      auto& row = ready.emplace_back(Ready{read_row<Delivery>(*use), {}});
      get(*use, column_count<Delivery>, row.body);
    }
    return ready;
  }
  std::optional<Instant> oldest_pending() const override {
    // All that is queued is looked at, in an index, so that making and settling a delivery keeps none for this alone.
    const Use use(db_, "SELECT min(created_at) FROM deliveries WHERE status = 'PENDING'", every_tenant);
    std::optional<Instant> oldest;
    if (use->step()) get(*use, 0, oldest);
    return oldest;
  }

  void insert(TenantId tenant, const Delivery& delivery) override {
    static const std::string sql = [] {
      std::string text = "INSERT INTO deliveries (tenant_id, " + column_list<Delivery>() + ", lane, position) VALUES ($1";
      for (int i = 2; i <= column_count<Delivery> + 2; ++i) text += ", $" + std::to_string(i);
      return text + ", (SELECT position FROM events WHERE tenant_id = $1 AND id = $4))";
    }();
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind(*use, bind_columns(*use, 2, delivery, scratch), delivery.retrying());
    use->run();
  }
  void settle(TenantId tenant, const Delivery& d, int attempts_so_far) override {
    run(db_,
        "UPDATE deliveries SET status = $1, attempts = $2, attempts_before = $3, lane = $4, next_attempt_at = $5, last_status = $6,"
        " last_error = $7, finished_at = $8 WHERE tenant_id = $9 AND id = $10 AND status = 'PENDING' AND attempts = $11",
        d.status, d.attempts, d.attempts_before, d.retrying(), d.next_attempt_at, d.last_status, d.last_error, d.finished_at, tenant, d.id,
        attempts_so_far);
  }
  void insert_attempt(TenantId tenant, const DeliveryAttempt& attempt) override {
    static const std::string sql = [] {
      std::string text = "INSERT INTO delivery_attempts (tenant_id, " + column_list<DeliveryAttempt>() + ") VALUES ($1";
      for (int i = 2; i <= column_count<DeliveryAttempt> + 1; ++i) text += ", $" + std::to_string(i);
      return text + ") ON CONFLICT (tenant_id, delivery_id, number) DO NOTHING";
    }();
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind_columns(*use, 2, attempt, scratch);
    use->run();
  }
  bool replay(TenantId tenant, DeliveryId id, Instant now) override {
    return execute(db_, std::string{replay_sql} + " AND id = $3", now, tenant, id) > 0;
  }
  std::size_t replay(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter, Instant now) override {
    const Use use(db_, std::string{replay_sql} + " AND webhook_id = $3" + Conditions(filter, 4).sql);
    bind(*use, 1, now);
    bind(*use, 2, tenant);
    bind(*use, 3, webhook);
    Conditions::bind_all(*use, 4, filter);
    use->step();
    return static_cast<std::size_t>(use->changes());
  }
  std::size_t kill(TenantId tenant, WebhookId webhook, std::string_view error, Instant now) override {
    return static_cast<std::size_t>(
        execute(db_,
                "UPDATE deliveries SET status = 'DEAD', next_attempt_at = NULL, last_error = $1, finished_at = $2"
                " WHERE tenant_id = $3 AND webhook_id = $4 AND status = 'PENDING'",
                error, now, tenant, webhook));
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    const auto old = read_due<DeliveryId>(
        db_, "SELECT tenant_id, id FROM deliveries WHERE created_at < $1 AND finished_at < $1 ORDER BY created_at LIMIT $2", limit_instant,
        limit);
    for (const auto& row : old) {
      run(db_, "DELETE FROM delivery_attempts WHERE tenant_id = $1 AND delivery_id = $2", row.tenant, row.id);
      run(db_, "DELETE FROM deliveries WHERE tenant_id = $1 AND id = $2", row.tenant, row.id);
    }
    return old.size();
  }

 private:
  static constexpr std::string_view replay_sql =
      "UPDATE deliveries SET status = 'PENDING', attempts_before = attempts, lane = 0, next_attempt_at = $1, finished_at = NULL"
      " WHERE tenant_id = $2 AND status <> 'PENDING'";
};

class Notifications final : public NotificationRepository, Base {
 public:
  using Base::Base;
  std::vector<Notification> list(TenantId tenant, std::optional<CustomerId> customer, bool unread_only, const Page& page) const override {
    static const std::string all = select<Notification>("AND recipient = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
    static const std::string unread = select<Notification>("AND recipient = $2 AND id < $3 AND read_at IS NULL ORDER BY id DESC LIMIT $4");
    return query<Notification>(db_, unread_only ? unread : all, tenant, recipient(customer), before(page), page.limit);
  }
  std::size_t count_unread(TenantId tenant, std::optional<CustomerId> customer) const override {
    const Use use(db_, "SELECT count(*) FROM notifications WHERE tenant_id = $1 AND recipient = $2 AND read_at IS NULL");
    const auto whose = recipient(customer);
    bind(*use, 1, tenant);
    bind(*use, 2, whose);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  std::optional<Notification> find(TenantId tenant, NotificationId id) const override {
    static const std::string sql = select<Notification>("AND id = $2");
    return query_one<Notification>(db_, sql, tenant, id);
  }
  void insert(TenantId tenant, const Notification& notification) override { insert_row(db_, tenant, StoredNotification{notification}); }
  void mark_read(TenantId tenant, NotificationId id, Instant now) override {
    run(db_, "UPDATE notifications SET read_at = $1 WHERE tenant_id = $2 AND id = $3 AND read_at IS NULL", now, tenant, id);
  }
  void mark_all_read(TenantId tenant, std::optional<CustomerId> customer, Instant now) override {
    run(db_, "UPDATE notifications SET read_at = $1 WHERE tenant_id = $2 AND recipient = $3 AND read_at IS NULL", now, tenant,
        recipient(customer));
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM notifications WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM notifications WHERE created_at < $1"
                        " ORDER BY created_at LIMIT $2",
                        limit_instant, limit);
  }

 private:
  static std::string recipient(std::optional<CustomerId> customer) { return customer ? customer->str() : std::string{}; }
};

} // namespace

struct OutboxRepositories::Impl {
  explicit Impl(Connection& c) : events(c), webhooks(c), deliveries(c), notifications(c) {}
  Events events;
  Webhooks webhooks;
  Deliveries deliveries;
  Notifications notifications;
};

OutboxRepositories::OutboxRepositories(Connection& connection) : impl_(std::make_unique<Impl>(connection)) {}
OutboxRepositories::~OutboxRepositories() = default;
EventRepository& OutboxRepositories::events() const { return impl_->events; }
WebhookRepository& OutboxRepositories::webhooks() const { return impl_->webhooks; }
DeliveryRepository& OutboxRepositories::deliveries() const { return impl_->deliveries; }
NotificationRepository& OutboxRepositories::notifications() const { return impl_->notifications; }

} // namespace orkestr::inline v1::storage::sql
