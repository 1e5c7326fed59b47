#include "storage/memory/payments.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Payments final : public PaymentRepository {
 public:
  Payments(UndoLog& undo, const PaymentTable& payments)
      : payments_(payments),
        refunds_(undo, "refunds"),
        refunds_due_(undo, "refunds"),
        subscriptions_(undo, "subscriptions"),
        renewals_due_(undo, "subscriptions"),
        events_(undo, "gateway_events"),
        events_by_age_(undo, "gateway_events") {}

  std::optional<Payment> find(TenantId tenant, PaymentId id) const override { return payments_.find(tenant, id); }
  std::optional<Due<PaymentId>> find_by_gateway_id(std::string_view provider, std::string_view gateway_id) const override {
    return payments_.named(provider, gateway_id);
  }
  std::vector<Due<PaymentId>> due(Instant now, std::size_t limit) const override { return payments_.due(now, limit); }

  std::vector<Refund> refunds_of(TenantId tenant, BookingId booking) const override { return refunds_.of(tenant, booking); }
  std::optional<Refund> find_refund(TenantId tenant, RefundId id) const override { return refunds_.find(tenant, id); }
  std::vector<Due<RefundId>> refunds_due(Instant now, std::size_t limit) const override { return refunds_due_.due(now, limit); }
  void insert(TenantId tenant, const Refund& refund) override {
    refunds_.insert(tenant, refund);
    refunds_due_.move(tenant, refund.id, {}, refund.check_at);
  }
  void update(TenantId tenant, const Refund& refund) override {
    const auto old = refunds_.find(tenant, refund.id);
    if (!old) return;
    refunds_.update(tenant, refund);
    refunds_due_.move(tenant, refund.id, old->check_at, refund.check_at);
  }

  std::optional<Subscription> subscription(TenantId tenant, BookingId booking) const override {
    return subscriptions_.copy(tenant, booking);
  }
  std::vector<Due<BookingId>> renewals_due(Instant now, std::size_t limit) const override { return renewals_due_.due(now, limit); }
  void put(TenantId tenant, const Subscription& row) override {
    const auto old = subscription(tenant, row.booking_id);
    subscriptions_.put({tenant, row.booking_id}, row);
    renewals_due_.move(tenant, row.booking_id, old ? old->next_renewal_at : std::nullopt, row.next_renewal_at);
  }

  bool note_event(TenantId tenant, std::string_view provider, std::string_view event_id, Instant now) override {
    if (events_.find(tenant, provider, event_id) != nullptr) return false;
    events_.put({tenant, std::string{provider}, std::string{event_id}}, now);
    events_by_age_.put({now, tenant, std::string{provider}, std::string{event_id}}, {});
    return true;
  }
  std::size_t erase_events_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !events_by_age_.rows().empty(); ++erased) {
      const auto oldest = events_by_age_.rows().begin()->first;
      const auto& [at, tenant, provider, event] = oldest;
      if (at >= limit_instant) break;
      events_.erase({tenant, provider, event});
      events_by_age_.erase(oldest);
    }
    return erased;
  }

 private:
  const PaymentTable& payments_;
  ChildTable<Refund, &Refund::booking_id> refunds_;
  DueTable<RefundId> refunds_due_;
  Table<std::tuple<TenantId, BookingId>, Subscription> subscriptions_;
  DueTable<BookingId> renewals_due_;
  Table<std::tuple<TenantId, std::string, std::string>, Instant> events_;
  Table<std::tuple<Instant, TenantId, std::string, std::string>, Nothing> events_by_age_;
};

} // namespace

std::unique_ptr<PaymentRepository> make_payments(UndoLog& undo, const PaymentTable& payments) {
  return std::make_unique<Payments>(undo, payments);
}

} // namespace orkestr::inline v1::storage::memory
