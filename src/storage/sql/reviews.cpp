#include "storage/sql/repository.hpp"
#include "storage/sql/trust.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Review> {
  using T = Review;
  static constexpr std::string_view table = "reviews";
  static constexpr auto columns =
      std::make_tuple(column("id", &T::id), column("offering_id", &T::offering_id), column("booking_id", &T::booking_id),
                      column("item_id", &T::item_id), column("customer_id", &T::customer_id), column("author", &T::author),
                      column("rating", &T::rating), column("title", &T::title), column("text", &T::text), column("reply", &T::reply),
                      column("replied_at", &T::replied_at), column("created_at", &T::created_at), column("updated_at", &T::updated_at));
};

namespace {

class Reviews final : public ReviewRepository, Base {
 public:
  using Base::Base;
  std::optional<Review> find(TenantId tenant, ReviewId id) const override {
    static const std::string sql = select<Review>("AND id = $2");
    return query_one<Review>(db_, sql, tenant, id);
  }
  std::optional<Review> find_by_author(TenantId tenant, OfferingId offering, CustomerId author) const override {
    static const std::string sql = select<Review>("AND offering_id = $2 AND customer_id = $3");
    return query_one<Review>(db_, sql, tenant, offering, author);
  }
  std::vector<Review> list(TenantId tenant, const ReviewFilter& filter, const Page& page) const override {
    std::string sql = "AND id < $2";
    int next = 3;
    const auto condition = [&](bool wanted, std::string_view head) {
      if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++));
    };
    condition(filter.offering_id.has_value(), "offering_id = ");
    condition(filter.rating.has_value(), "rating = ");
    condition(filter.customer_id.has_value(), "customer_id = ");
    if (filter.replied) sql += *filter.replied ? " AND replied_at IS NOT NULL" : " AND replied_at IS NULL";
    const Use use(db_, select<Review>(sql + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
    int p = 1;
    bind(*use, p++, tenant);
    bind(*use, p++, before(page));
    if (filter.offering_id) bind(*use, p++, *filter.offering_id);
    if (filter.rating) bind(*use, p++, *filter.rating);
    if (filter.customer_id) bind(*use, p++, *filter.customer_id);
    bind(*use, p, page.limit);
    std::vector<Review> rows;
    while (use->step()) rows.push_back(read_row<Review>(*use));
    return rows;
  }
  RatingTotals ratings_since(TenantId tenant, Instant since) const override {
    const Use use(db_, "SELECT count(*), coalesce(sum(rating), 0) FROM reviews WHERE tenant_id = $1 AND created_at >= $2");
    bind(*use, 1, tenant);
    bind(*use, 2, since);
    use->step();
    return {use->integer(0), use->integer(1)};
  }
  void insert(TenantId tenant, const Review& review) override { insert_row(db_, tenant, review); }
  void update(TenantId tenant, const Review& review) override { update_row(db_, tenant, review); }
  void erase(TenantId tenant, ReviewId id) override { run(db_, "DELETE FROM reviews WHERE tenant_id = $1 AND id = $2", tenant, id); }
};

} // namespace

std::unique_ptr<ReviewRepository> make_reviews(Connection& connection) { return std::make_unique<Reviews>(connection); }

} // namespace orkestr::inline v1::storage::sql
