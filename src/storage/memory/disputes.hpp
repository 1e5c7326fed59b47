// Disputes in memory, and by which customer they were opened, which risk scores count.
#pragma once

#include "storage/memory_table.hpp"

#include "orkestr/storage/trust_repositories.hpp"

#include <algorithm>
#include <iterator>

namespace orkestr::inline v1::storage::memory {

class Disputes final : public DisputeRepository {
 public:
  explicit Disputes(UndoLog& undo)
      : rows_(undo, "disputes"),
        by_booking_(undo, "disputes"),
        standing_(undo, "disputes"),
        by_customer_(undo, "disputes"),
        messages_(undo, "dispute_messages") {}

  std::optional<Dispute> find(TenantId tenant, DisputeId id) const override { return rows_.copy(tenant, id); }
  std::vector<Dispute> of_booking(TenantId tenant, BookingId booking) const override {
    std::vector<Dispute> list;
    for (const auto& [key, nothing] : by_booking_.range(tenant, booking)) list.push_back(*rows_.find(tenant, std::get<DisputeId>(key)));
    return list;
  }
  std::vector<Dispute> list(TenantId tenant, const DisputeFilter& filter, const Page& page) const override {
    std::vector<Dispute> list;
    for_each_newest(rows_, tenant, page, [&](const Dispute& row) {
      const bool taken = wanted(filter, row);
      if (taken) list.push_back(row);
      return taken;
    });
    return list;
  }
  std::vector<TenantDispute> all(const DisputeFilter& filter, const Page& page) const override {
    std::vector<TenantDispute> list;
    for (const auto& [key, row] : rows_.rows())
      if (wanted(filter, row) && (page.before.empty() || row.id.view() < page.before)) list.push_back({std::get<TenantId>(key), row});
    std::ranges::sort(list, std::ranges::greater{}, [](const TenantDispute& of) { return of.dispute.id.view(); });
    if (list.size() > page.limit) list.erase(list.begin() + static_cast<std::ptrdiff_t>(page.limit), list.end());
    return list;
  }
  std::vector<DisputeMessage> messages(TenantId tenant, DisputeId dispute) const override { return messages_.of(tenant, dispute); }
  std::size_t count_messages(TenantId tenant, DisputeId dispute) const override { return messages_.of(tenant, dispute).size(); }
  /// How many this customer opened.
  [[nodiscard]] int opened_by(TenantId tenant, CustomerId customer) const {
    const auto all = by_customer_.range(tenant, customer);
    return static_cast<int>(std::distance(all.begin(), all.end()));
  }
  void insert(TenantId tenant, const Dispute& dispute) override {
    rows_.insert({tenant, dispute.id}, dispute);
    index(tenant, dispute);
  }
  void update(TenantId tenant, const Dispute& dispute) override {
    const auto old = find(tenant, dispute.id);
    if (!old) return;
    by_booking_.erase({tenant, old->booking_id, old->id});
    if (stands(*old)) standing_.erase({tenant, old->booking_id});
    by_customer_.erase({tenant, old->customer_id, old->id});
    index(tenant, dispute);
    rows_.put({tenant, dispute.id}, dispute);
  }
  void insert(TenantId tenant, const DisputeMessage& message) override { messages_.insert(tenant, message); }

 private:
  static bool wanted(const DisputeFilter& filter, const Dispute& row) {
    return (!filter.status || row.status == *filter.status) && (!filter.booking_id || row.booking_id == *filter.booking_id);
  }
  static bool stands(const Dispute& row) { return row.status != DisputeStatus::withdrawn; }
  void index(TenantId tenant, const Dispute& row) {
    if (stands(row)) standing_.insert({tenant, row.booking_id}, row.id);
    by_booking_.put({tenant, row.booking_id, row.id}, {});
    if (row.opened_by == DisputeParty::customer) by_customer_.put({tenant, row.customer_id, row.id}, {});
  }

  Table<std::tuple<TenantId, DisputeId>, Dispute> rows_;
  Index<BookingId, DisputeId> by_booking_;
  Table<std::tuple<TenantId, BookingId>, DisputeId> standing_; ///< the one that is not WITHDRAWN
  Index<CustomerId, DisputeId> by_customer_;                   ///< those that they opened
  ChildTable<DisputeMessage, &DisputeMessage::dispute_id> messages_;
};

} // namespace orkestr::inline v1::storage::memory
