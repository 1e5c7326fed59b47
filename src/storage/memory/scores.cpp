#include "storage/memory/trust.hpp"

#include <algorithm>
#include <limits>

namespace orkestr::inline v1::storage::memory {
namespace {

class Scores final : public ScoreRepository {
 public:
  Scores(UndoLog& undo, const TenantRepository& tenants, const OfferingRepository& offerings)
      : tenants_(tenants), offerings_(offerings), rows_(undo, "tenant_scores"), places_(undo, "tenant_scores") {}

  std::optional<TenantScore> find(TenantId tenant) const override { return rows_.copy(tenant); }
  void put(TenantId tenant, const TenantScore& score) override {
    if (const auto* old = rows_.find(tenant)) places_.erase({marketplace_place(old->inputs), tenant});
    places_.put({marketplace_place(score.inputs), tenant}, {});
    rows_.put({tenant}, score);
  }
  std::vector<TenantId> due(Instant before, std::size_t limit) const override {
    std::vector<std::pair<std::int64_t, TenantId>> all;
    for (const auto& id : tenants_.all()) {
      const auto* row = rows_.find(id);
      if (row == nullptr || row->computed_at < before)
        all.emplace_back(row == nullptr ? std::numeric_limits<std::int64_t>::min() : row->computed_at.ms, id);
    }
    std::ranges::sort(all);
    std::vector<TenantId> ids;
    for (const auto& [at, id] : all)
      if (ids.size() < limit) ids.push_back(id);
    return ids;
  }
  std::vector<RankedTenant> ranking(const Page& page) const override {
    std::vector<RankedTenant> list;
    auto next = places_.rows().begin();
    if (const auto last = price_place(page.before)) next = places_.after(std::int64_t{last->first}, last->second);
    for (; list.size() < page.limit && next != places_.rows().end(); ++next) {
      auto tenant = tenants_.find(std::get<TenantId>(next->first));
      if (!tenant || tenant->status != TenantStatus::active) continue;
      OfferingFilter published;
      published.status = OfferingStatus::published;
      const auto offerings = offerings_.list(tenant->id, published, {std::numeric_limits<std::size_t>::max(), {}});
      if (offerings.empty()) continue;
      RankedTenant row{std::move(*tenant), {}, std::get<std::int64_t>(next->first)};
      for (const auto& offering : offerings) {
        row.ratings.count += offering.review_count;
        row.ratings.sum += offering.rating_sum;
      }
      list.push_back(std::move(row));
    }
    return list;
  }

 private:
  const TenantRepository& tenants_;
  const OfferingRepository& offerings_;
  Table<std::tuple<TenantId>, TenantScore> rows_;
  Table<std::tuple<std::int64_t, TenantId>, Nothing> places_;
};

} // namespace

std::unique_ptr<ScoreRepository> make_scores(UndoLog& undo, const TenantRepository& tenants, const OfferingRepository& offerings) {
  return std::make_unique<Scores>(undo, tenants, offerings);
}

} // namespace orkestr::inline v1::storage::memory
