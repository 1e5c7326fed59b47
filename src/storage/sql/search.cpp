#include "orkestr/storage/search_repository.hpp"
#include "storage/sql/languages.hpp"
#include "storage/sql/repository.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage::sql {
namespace {

constexpr std::size_t most_asked = 48; ///< in one statement, which on PostgreSQL has 64 parameters at most

/// One look into the index for each term, in one question; what is not asked for is asked as the empty term, which nothing has.
std::string known_sql() {
  std::string sql = "SELECT asked.column1 FROM (VALUES ";
  for (std::size_t i = 1; i <= most_asked; ++i) sql.append(i == 1 ? "(CAST($" : ", (CAST($").append(std::to_string(i)).append(" AS TEXT))");
  return sql + ") asked WHERE EXISTS (SELECT 1 FROM search_terms t WHERE t.tenant_id = $" + std::to_string(most_asked + 1) +
         " AND t.term = asked.column1)";
}

class SearchIndex final : public SearchRepository, Base {
 public:
  using Base::Base;

  std::vector<std::string> known(TenantId tenant, std::span<const std::string> terms) const override {
    static const std::string sql = known_sql();
    std::vector<std::string> found;
    for (std::size_t at = 0; at < terms.size(); at += most_asked) {
      const Use use(db_, sql);
      for (std::size_t i = 0; i < most_asked; ++i)
        use->bind(static_cast<int>(i) + 1, at + i < terms.size() ? std::string_view{terms[at + i]} : std::string_view{});
      bind(*use, static_cast<int>(most_asked) + 1, tenant);
      while (use->step()) found.emplace_back(use->text(0));
    }
    std::vector<std::string> in_order;
    for (const auto& term : terms)
      if (std::ranges::find(found, term) != found.end()) in_order.push_back(term);
    return in_order;
  }
  std::vector<std::string> starting(TenantId tenant, std::string_view prefix, std::size_t limit) const override {
    // From one term to the next, past all that have it.
    std::vector<std::string> found;
    while (found.size() < limit) {
      const Use use(db_, found.empty() ? "SELECT term FROM search_terms WHERE tenant_id = $1 AND term >= $2 ORDER BY term LIMIT 1"
                                       : "SELECT term FROM search_terms WHERE tenant_id = $1 AND term > $2 ORDER BY term LIMIT 1");
      const std::string from = found.empty() ? std::string{prefix} : found.back();
      bind(*use, 1, tenant);
      bind(*use, 2, std::string_view{from});
      if (!use->step() || !use->text(0).starts_with(prefix)) break;
      found.emplace_back(use->text(0));
    }
    return found;
  }
  std::vector<SearchPosting> postings(TenantId tenant, std::string_view term, std::string_view locale, std::size_t limit) const override {
    const Use use(db_, "SELECT offering_id, weight FROM search_terms WHERE tenant_id = $1 AND term = $2 AND (locale = '' OR locale = $3)"
                       " ORDER BY weight DESC, offering_id DESC LIMIT $4");
    bind(*use, 1, tenant);
    bind(*use, 2, term);
    bind(*use, 3, locale);
    bind(*use, 4, limit);
    std::vector<SearchPosting> found;
    while (use->step())
      if (const auto id = OfferingId::parse(use->text(0))) found.push_back({*id, static_cast<int>(use->integer(1))});
    return found;
  }
  void put(TenantId tenant, OfferingId offering, std::string_view locale, std::span<const SearchTerm> terms) override {
    run(db_, "DELETE FROM search_terms WHERE tenant_id = $1 AND offering_id = $2 AND locale = $3", tenant, offering, locale);
    for (const auto& [term, weight] : terms)
      run(db_, "INSERT INTO search_terms (tenant_id, offering_id, locale, term, weight) VALUES ($1, $2, $3, $4, $5)", tenant, offering,
          locale, std::string_view{term}, weight);
  }
  void erase(TenantId tenant, OfferingId offering) override {
    run(db_, "DELETE FROM search_terms WHERE tenant_id = $1 AND offering_id = $2", tenant, offering);
  }
  void defer(TenantId tenant, OfferingId offering) override {
    run(db_, "INSERT INTO search_pending (tenant_id, offering_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", tenant, offering);
  }
  std::vector<Due<OfferingId>> pending(std::size_t limit) const override {
    std::string sql = "SELECT tenant_id, offering_id FROM search_pending ORDER BY tenant_id, offering_id LIMIT $1";
    if (db_.claims_work()) sql += skip_locked;
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, limit);
    std::vector<Due<OfferingId>> due;
    while (use->step()) {
      const auto tenant = TenantId::parse(use->text(0));
      const auto id = OfferingId::parse(use->text(1));
      if (tenant && id) due.push_back({*tenant, *id});
    }
    return due;
  }
  bool has_pending(TenantId tenant) const override {
    const Use use(db_, "SELECT 1 FROM search_pending WHERE tenant_id = $1 LIMIT 1");
    bind(*use, 1, tenant);
    return use->step();
  }
  void settle(TenantId tenant, OfferingId offering) override {
    run(db_, "DELETE FROM search_pending WHERE tenant_id = $1 AND offering_id = $2", tenant, offering);
  }
};

} // namespace

std::unique_ptr<SearchRepository> make_search(Connection& connection) { return std::make_unique<SearchIndex>(connection); }

} // namespace orkestr::inline v1::storage::sql
