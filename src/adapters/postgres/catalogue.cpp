#include "adapters/postgres/catalogue.hpp"

namespace orkestr::inline v1::storage::postgres {

void CatalogueCache::clear() {
  offerings_.clear();
  rules_.clear();
  exceptions_.clear();
  pricing_rules_.clear();
  policies_.clear();
}

struct CachedRepositories::Impl {
  /// The cached value under this key, or what `load` says, which is then kept.
  template <class T, class Load>
  static T through(Connection& db, CatalogueCache::Part<T>& part, TenantId tenant, std::string_view id, Load load) {
    const auto version = db.catalogue_version(tenant.view());
    if (!version) return load();
    const std::string key = tenant.str() + std::string{id};
    if (const auto found = part.find(key, *version)) return *found;
    auto value = std::make_shared<const T>(load());
    part.put(key, *version, value);
    return *value;
  }

  /// Stands before a repository, which answers what is not remembered.
  template <class Repository> class Before : public Repository {
   public:
    Before(Connection& db, CatalogueCache& cache, Repository& inner) : db_(db), cache_(cache), inner_(inner) {}

   protected:
    Connection& db_;
    CatalogueCache& cache_;
    Repository& inner_;
  };

  class Offerings final : public Before<OfferingRepository> {
   public:
    using Before::Before;
    std::optional<Offering> find(TenantId tenant, OfferingId id) const override {
      auto offering = find_even_deleted(tenant, id);
      if (offering && offering->deleted_at) offering.reset();
      return offering;
    }
    std::optional<Offering> find_even_deleted(TenantId tenant, OfferingId id) const override {
      return through(db_, cache_.offerings_, tenant, id.view(), [&] { return inner_.find_even_deleted(tenant, id); });
    }
    std::optional<Offering> find_by_slug(TenantId tenant, std::string_view slug) const override {
      return inner_.find_by_slug(tenant, slug);
    }
    std::vector<Offering> list(TenantId tenant, const OfferingFilter& filter, const Page& page) const override {
      return inner_.list(tenant, filter, page);
    }
    void insert(TenantId tenant, const Offering& offering) override { inner_.insert(tenant, offering); }
    void update(TenantId tenant, const Offering& offering) override { inner_.update(tenant, offering); }
  };

  class Availability final : public Before<AvailabilityRepository> {
   public:
    using Before::Before;
    std::vector<AvailabilityRule> rules(TenantId tenant, OfferingId offering) const override {
      return through(db_, cache_.rules_, tenant, offering.view(), [&] { return inner_.rules(tenant, offering); });
    }
    std::vector<AvailabilityException> exceptions(TenantId tenant, OfferingId offering) const override {
      return through(db_, cache_.exceptions_, tenant, offering.view(), [&] { return inner_.exceptions(tenant, offering); });
    }
    void insert(TenantId tenant, const AvailabilityRule& rule) override { inner_.insert(tenant, rule); }
    void update(TenantId tenant, const AvailabilityRule& rule) override { inner_.update(tenant, rule); }
    void erase(TenantId tenant, RuleId rule) override { inner_.erase(tenant, rule); }
    void insert(TenantId tenant, const AvailabilityException& exception) override { inner_.insert(tenant, exception); }
    void update(TenantId tenant, const AvailabilityException& exception) override { inner_.update(tenant, exception); }
    void erase(TenantId tenant, ExceptionId exception) override { inner_.erase(tenant, exception); }
  };

  class PricingRules final : public Before<PricingRuleRepository> {
   public:
    using Before::Before;
    std::vector<PricingRule> of(TenantId tenant, OfferingId offering) const override {
      return through(db_, cache_.pricing_rules_, tenant, offering.view(), [&] { return inner_.of(tenant, offering); });
    }
    void insert(TenantId tenant, const PricingRule& rule) override { inner_.insert(tenant, rule); }
    void update(TenantId tenant, const PricingRule& rule) override { inner_.update(tenant, rule); }
    void erase(TenantId tenant, PricingRuleId rule) override { inner_.erase(tenant, rule); }
  };

  class Risk final : public Before<RiskRepository> {
   public:
    using Before::Before;
    std::optional<RiskPolicy> policy(TenantId tenant) const override {
      return through(db_, cache_.policies_, tenant, {}, [&] { return inner_.policy(tenant); });
    }
    void put_policy(TenantId tenant, const RiskPolicy& policy) override { inner_.put_policy(tenant, policy); }
    void insert(TenantId tenant, const Attempt& attempt) override { inner_.insert(tenant, attempt); }
    RiskNumbers look_back(TenantId tenant, const RiskQuery& query) const override { return inner_.look_back(tenant, query); }
    std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
      return inner_.erase_older_than(limit_instant, limit);
    }
  };

  Impl(Connection& db, CatalogueCache& cache, Repositories i)
      : inner(i),
        offerings(db, cache, i.offerings),
        availability(db, cache, i.availability),
        pricing_rules(db, cache, i.pricing_rules),
        risk(db, cache, i.risk) {}
  Repositories inner;
  Offerings offerings;
  Availability availability;
  PricingRules pricing_rules;
  Risk risk;
};

CachedRepositories::CachedRepositories(Connection& connection, CatalogueCache& cache, Repositories inner)
    : impl_(std::make_unique<Impl>(connection, cache, inner)) {}
CachedRepositories::~CachedRepositories() = default;

Repositories CachedRepositories::all() const {
  auto& i = *impl_;
  return {i.inner.tenants,   i.inner.api_keys, i.offerings,     i.availability, i.pricing_rules, i.inner.occupancy,  i.inner.holds,
          i.inner.customers, i.inner.bookings, i.inner.coupons, i.risk,         i.inner.events,  i.inner.idempotency};
}

} // namespace orkestr::inline v1::storage::postgres
