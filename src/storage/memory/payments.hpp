// Payments in memory: their rows, which are parts of bookings, and what gateways know of them.
#pragma once

#include "storage/memory_table.hpp"

#include "orkestr/storage/trust_repositories.hpp"

#include <memory>

namespace orkestr::inline v1::storage::memory {

/// Work that is due at rows, by when.
template <class AnyId> class DueTable {
 public:
  DueTable(UndoLog& undo, std::string_view name) : rows_(undo, name) {}
  void move(TenantId tenant, AnyId id, std::optional<Instant> from, std::optional<Instant> to) {
    if (from == to) return;
    if (from) rows_.erase({*from, tenant, id});
    if (to) rows_.put({*to, tenant, id}, {});
  }
  [[nodiscard]] std::vector<Due<AnyId>> due(Instant now, std::size_t limit) const {
    std::vector<Due<AnyId>> all;
    for (const auto& [key, nothing] : rows_.rows()) {
      if (all.size() == limit || now < std::get<Instant>(key)) break;
      all.push_back({std::get<TenantId>(key), std::get<AnyId>(key)});
    }
    return all;
  }

 private:
  Table<std::tuple<Instant, TenantId, AnyId>, Nothing> rows_;
};

class PaymentTable {
 public:
  explicit PaymentTable(UndoLog& undo) : rows_(undo, "payments"), due_(undo, "payments"), names_(undo, "gateway_payments") {}

  void insert(TenantId tenant, const Payment& payment) {
    rows_.insert(tenant, payment);
    due_.move(tenant, payment.id, {}, payment.check_at);
    name(tenant, payment);
  }
  void update(TenantId tenant, const Payment& payment) {
    const auto old = find(tenant, payment.id);
    if (!old) return;
    rows_.update(tenant, payment);
    due_.move(tenant, payment.id, old->check_at, payment.check_at);
    name(tenant, payment);
  }
  [[nodiscard]] std::optional<Payment> find(TenantId tenant, PaymentId id) const { return rows_.find(tenant, id); }
  [[nodiscard]] std::vector<Payment> of(TenantId tenant, BookingId booking) const { return rows_.of(tenant, booking); }
  [[nodiscard]] std::vector<Due<PaymentId>> due(Instant now, std::size_t limit) const { return due_.due(now, limit); }
  [[nodiscard]] std::optional<Due<PaymentId>> named(std::string_view provider, std::string_view gateway_id) const {
    return names_.copy(provider, gateway_id);
  }

 private:
  void name(TenantId tenant, const Payment& payment) {
    if (payment.gateway_id && names_.find(payment.provider, *payment.gateway_id) == nullptr)
      names_.put({payment.provider, *payment.gateway_id}, {tenant, payment.id});
  }

  ChildTable<Payment, &Payment::booking_id> rows_;
  DueTable<PaymentId> due_;
  Table<std::tuple<std::string, std::string>, Due<PaymentId>> names_;
};

[[nodiscard]] std::unique_ptr<PaymentRepository> make_payments(UndoLog& undo, const PaymentTable& payments);

} // namespace orkestr::inline v1::storage::memory
