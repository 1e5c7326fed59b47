#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Refund> {
  using T = Refund;
  static constexpr std::string_view table = "refunds";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("booking_id", &T::booking_id), column("payment_id", &T::payment_id),
                      column("status", &T::status), column("reason", &T::reason), column("amount_cents", &T::amount_cents),
                      column("currency", &T::currency), column("gateway_id", &T::gateway_id), column("failure_code", &T::failure_code),
                      column("failure_message", &T::failure_message), column("created_at", &T::created_at),
                      column("updated_at", &T::updated_at), column("check_at", &T::check_at), column("checks", &T::checks));
};

template <> struct Row<Subscription> {
  using T = Subscription;
  static constexpr std::string_view table = "subscriptions";
  static constexpr auto columns =
      std::make_tuple(column("booking_id", &T::booking_id), column("status", &T::status), column("billing_interval", &T::billing_interval),
                      column("amount_cents", &T::amount_cents), column("currency", &T::currency), column("provider", &T::provider),
                      column("saved_customer", &T::saved_customer), column("saved_method", &T::saved_method),
                      column("time_zone", &T::time_zone), column("started_at", &T::started_at), column("periods", &T::periods),
                      column("paid_until", &T::paid_until), column("failures", &T::failures), column("payment_id", &T::payment_id),
                      column("next_renewal_at", &T::next_renewal_at), column("ended_at", &T::ended_at));
};

namespace {

class Payments final : public PaymentRepository, Base {
 public:
  using Base::Base;
  std::optional<Payment> find(TenantId tenant, PaymentId id) const override {
    static const std::string sql = select<Payment>("AND id = $2");
    return query_one<Payment>(db_, sql, tenant, id);
  }
  std::optional<Due<PaymentId>> find_by_gateway_id(std::string_view provider, std::string_view gateway_id) const override {
    const Use use(db_, "SELECT tenant_id, payment_id FROM gateway_payments WHERE provider = $1 AND gateway_id = $2", Use::FindsTenant{});
    bind(*use, 1, provider);
    bind(*use, 2, gateway_id);
    if (!use->step()) return std::nullopt;
    Due<PaymentId> found;
    get(*use, 0, found.tenant);
    get(*use, 1, found.id);
    return found;
  }
  std::vector<Due<PaymentId>> due(Instant now, std::size_t limit) const override {
    return read_due<PaymentId>(db_, "SELECT tenant_id, id FROM payments WHERE check_at <= $1 ORDER BY check_at, tenant_id, id LIMIT $2",
                               now, limit);
  }

  std::vector<Refund> refunds_of(TenantId tenant, BookingId booking) const override {
    static const std::string sql = select<Refund>("AND booking_id = $2 ORDER BY id");
    return query<Refund>(db_, sql, tenant, booking);
  }
  std::optional<Refund> find_refund(TenantId tenant, RefundId id) const override {
    static const std::string sql = select<Refund>("AND id = $2");
    return query_one<Refund>(db_, sql, tenant, id);
  }
  std::vector<Due<RefundId>> refunds_due(Instant now, std::size_t limit) const override {
    return read_due<RefundId>(db_, "SELECT tenant_id, id FROM refunds WHERE check_at <= $1 ORDER BY check_at, tenant_id, id LIMIT $2", now,
                              limit);
  }
  void insert(TenantId tenant, const Refund& refund) override { insert_row(db_, tenant, refund); }
  void update(TenantId tenant, const Refund& refund) override { update_row(db_, tenant, refund); }

  std::optional<Subscription> subscription(TenantId tenant, BookingId booking) const override {
    static const std::string sql = select<Subscription>("AND booking_id = $2");
    return query_one<Subscription>(db_, sql, tenant, booking);
  }
  std::vector<Due<BookingId>> renewals_due(Instant now, std::size_t limit) const override {
    return read_due<BookingId>(db_,
                               "SELECT tenant_id, booking_id FROM subscriptions WHERE next_renewal_at <= $1"
                               " ORDER BY next_renewal_at, tenant_id, booking_id LIMIT $2",
                               now, limit);
  }
  void put(TenantId tenant, const Subscription& subscription) override {
    static const std::string sql = [] {
      std::string values, sets;
      int n = 2;
      for_each_column<Subscription>([&](const auto& c) {
        values += ", $" + std::to_string(n++);
        if (c.name != "booking_id") sets += (sets.empty() ? "" : ", ") + std::string{c.name} + " = excluded." + std::string{c.name};
      });
      return "INSERT INTO subscriptions (tenant_id, " + column_list<Subscription>() + ") VALUES ($1" + values +
             ") ON CONFLICT (tenant_id, booking_id) DO UPDATE SET " + sets;
    }();
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind_columns(*use, 2, subscription, scratch);
    use->run();
  }

  bool note_event(TenantId tenant, std::string_view provider, std::string_view event_id, Instant now) override {
    return execute(db_,
                   "INSERT INTO gateway_events (tenant_id, provider, event_id, received_at) VALUES ($1, $2, $3, $4)"
                   " ON CONFLICT (tenant_id, provider, event_id) DO NOTHING",
                   tenant, provider, event_id, now) > 0;
  }
  std::size_t erase_events_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM gateway_events WHERE (tenant_id, provider, event_id) IN (SELECT tenant_id, provider, event_id"
                        " FROM gateway_events WHERE received_at < $1 ORDER BY received_at LIMIT $2",
                        limit_instant, limit);
  }
};

} // namespace

std::unique_ptr<PaymentRepository> make_payments(Connection& connection) { return std::make_unique<Payments>(connection); }

} // namespace orkestr::inline v1::storage::sql
