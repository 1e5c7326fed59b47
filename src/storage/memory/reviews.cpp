#include "storage/memory/trust.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Reviews final : public ReviewRepository {
 public:
  explicit Reviews(UndoLog& undo) : rows_(undo, "reviews"), by_author_(undo, "reviews") {}

  std::optional<Review> find(TenantId tenant, ReviewId id) const override { return rows_.copy(tenant, id); }
  std::optional<Review> find_by_author(TenantId tenant, OfferingId offering, CustomerId author) const override {
    const auto* id = by_author_.find(tenant, offering, author);
    return id == nullptr ? std::nullopt : find(tenant, *id);
  }
  std::vector<Review> list(TenantId tenant, const ReviewFilter& filter, const Page& page) const override {
    std::vector<Review> list;
    for_each_newest(rows_, tenant, page, [&](const Review& row) {
      const bool wanted = (!filter.offering_id || row.offering_id == *filter.offering_id) &&
                          (!filter.rating || row.rating == *filter.rating) &&
                          (!filter.replied || row.replied_at.has_value() == *filter.replied) &&
                          (!filter.customer_id || row.customer_id == *filter.customer_id);
      if (wanted) list.push_back(row);
      return wanted;
    });
    return list;
  }
  RatingTotals ratings_since(TenantId tenant, Instant since) const override {
    RatingTotals totals;
    for (const auto& [key, row] : rows_.range(tenant))
      if (since <= row.created_at) totals.add(row.rating);
    return totals;
  }
  void insert(TenantId tenant, const Review& review) override {
    by_author_.insert({tenant, review.offering_id, review.customer_id}, review.id);
    rows_.insert({tenant, review.id}, review);
  }
  void update(TenantId tenant, const Review& review) override {
    const auto* old = rows_.find(tenant, review.id);
    if (old == nullptr) return;
    by_author_.erase({tenant, old->offering_id, old->customer_id});
    by_author_.insert({tenant, review.offering_id, review.customer_id}, review.id);
    rows_.put({tenant, review.id}, review);
  }
  void erase(TenantId tenant, ReviewId id) override {
    const auto* old = rows_.find(tenant, id);
    if (old == nullptr) return;
    by_author_.erase({tenant, old->offering_id, old->customer_id});
    rows_.erase({tenant, id});
  }

 private:
  Table<std::tuple<TenantId, ReviewId>, Review> rows_;
  Table<std::tuple<TenantId, OfferingId, CustomerId>, ReviewId> by_author_;
};

} // namespace

std::unique_ptr<ReviewRepository> make_reviews(UndoLog& undo) { return std::make_unique<Reviews>(undo); }

} // namespace orkestr::inline v1::storage::memory
