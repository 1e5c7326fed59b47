#include "adapters/postgres/catalogue.hpp"

namespace orkestr::inline v1::storage::postgres {

void CatalogueCache::clear() {
  versions_.clear();
  offerings_.clear();
  rules_.clear();
  exceptions_.clear();
  pricing_rules_.clear();
  policies_.clear();
  webhooks_.clear();
}

void CatalogueCache::doubt(const std::string& tenant) {
  if (tenant == "*")
    versions_.clear();
  else
    versions_.erase(tenant);
}

struct CachedRepositories::Impl {
  /// The cached value under this key, or what `load` says, which is then kept.
  template <class T, class Load>
  static T through(Connection& db, CatalogueCache& cache, CatalogueCache::Part<T> CatalogueCache::*which, TenantId tenant,
                   std::string_view id, Load load) {
    auto& part = cache.*which;
    const std::string key = tenant.str() + std::string{id};
    const auto kept = part.find(key);
    // That nothing has changed since is assumed until the answer is here: most often nothing has.
    const bool hopeful = kept.value && kept.version == cache.versions_.find(tenant.str()).version;
    const auto version = db.catalogue_version(tenant.view(), hopeful ? std::optional{kept.version} : std::nullopt);
    if (!version) return load();
    if (kept.value && kept.version == *version) return *kept.value;
    cache.versions_.put(tenant.str(), *version, nullptr);
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
      return through(db_, cache_, &CatalogueCache::offerings_, tenant, id.view(), [&] { return inner_.find_even_deleted(tenant, id); });
    }
    std::optional<Offering> find_by_slug(TenantId tenant, std::string_view slug) const override {
      return inner_.find_by_slug(tenant, slug);
    }
    std::vector<Offering> list(TenantId tenant, const OfferingFilter& filter, const Page& page) const override {
      return inner_.list(tenant, filter, page);
    }
    void insert(TenantId tenant, const Offering& offering) override { inner_.insert(tenant, offering); }
    void update(TenantId tenant, const Offering& offering) override { inner_.update(tenant, offering); }
    void rate(TenantId tenant, OfferingId id, const RatingTotals& delta) override { inner_.rate(tenant, id, delta); }
  };

  class Availability final : public Before<AvailabilityRepository> {
   public:
    using Before::Before;
    std::vector<AvailabilityRule> rules(TenantId tenant, OfferingId offering) const override {
      return through(db_, cache_, &CatalogueCache::rules_, tenant, offering.view(), [&] { return inner_.rules(tenant, offering); });
    }
    std::vector<AvailabilityException> exceptions(TenantId tenant, OfferingId offering) const override {
      return through(db_, cache_, &CatalogueCache::exceptions_, tenant, offering.view(),
                     [&] { return inner_.exceptions(tenant, offering); });
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
      return through(db_, cache_, &CatalogueCache::pricing_rules_, tenant, offering.view(), [&] { return inner_.of(tenant, offering); });
    }
    void insert(TenantId tenant, const PricingRule& rule) override { inner_.insert(tenant, rule); }
    void update(TenantId tenant, const PricingRule& rule) override { inner_.update(tenant, rule); }
    void erase(TenantId tenant, PricingRuleId rule) override { inner_.erase(tenant, rule); }
  };

  class Risk final : public Before<RiskRepository> {
   public:
    using Before::Before;
    std::optional<RiskPolicy> policy(TenantId tenant) const override {
      return through(db_, cache_, &CatalogueCache::policies_, tenant, {}, [&] { return inner_.policy(tenant); });
    }
    void put_policy(TenantId tenant, const RiskPolicy& policy) override { inner_.put_policy(tenant, policy); }
    void insert(TenantId tenant, const Attempt& attempt) override { inner_.insert(tenant, attempt); }
    Later<RiskNumbers> look_back(TenantId tenant, const RiskQuery& query) const override { return inner_.look_back(tenant, query); }
    std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
      return inner_.erase_older_than(limit_instant, limit);
    }
  };

  class Webhooks final : public Before<WebhookRepository> {
   public:
    using Before::Before;
    std::vector<Webhook> active(TenantId tenant) const override {
      return through(db_, cache_, &CatalogueCache::webhooks_, tenant, {}, [&] { return inner_.active(tenant); });
    }
    std::optional<Webhook> find(TenantId tenant, WebhookId id) const override { return inner_.find(tenant, id); }
    std::vector<Webhook> list(TenantId tenant, const Page& page) const override { return inner_.list(tenant, page); }
    std::vector<Due<WebhookId>> all(std::string_view after, std::size_t limit) const override { return inner_.all(after, limit); }
    void insert(TenantId tenant, const Webhook& webhook) override { inner_.insert(tenant, webhook); }
    void update(TenantId tenant, const Webhook& webhook) override { inner_.update(tenant, webhook); }
    void erase(TenantId tenant, WebhookId id) override { inner_.erase(tenant, id); }
    std::optional<WebhookEndpoint> endpoint(TenantId tenant, WebhookId id) const override { return inner_.endpoint(tenant, id); }
    std::vector<Due<WebhookId>> due(std::string_view owner, Instant now, std::size_t limit) const override {
      return inner_.due(owner, now, limit);
    }
    std::vector<Due<WebhookId>> owed_in_vain(std::size_t limit) const override { return inner_.owed_in_vain(limit); }
    std::optional<WebhookEndpoint> take(TenantId tenant, WebhookId id, std::string_view owner, Instant now, Instant until) override {
      return inner_.take(tenant, id, owner, now, until);
    }
    void put_endpoint(TenantId tenant, const WebhookEndpoint& endpoint) override { inner_.put_endpoint(tenant, endpoint); }
    void clear_endpoint(TenantId tenant, WebhookId id) override { inner_.clear_endpoint(tenant, id); }
    void release(std::string_view owner) override { inner_.release(owner); }
    Breakers breakers(Instant now) const override { return inner_.breakers(now); }
  };

  Impl(Connection& db, CatalogueCache& cache, Repositories i)
      : inner(i),
        offerings(db, cache, i.offerings),
        availability(db, cache, i.availability),
        pricing_rules(db, cache, i.pricing_rules),
        risk(db, cache, i.risk),
        webhooks(db, cache, i.webhooks) {}
  Repositories inner;
  Offerings offerings;
  Availability availability;
  PricingRules pricing_rules;
  Risk risk;
  Webhooks webhooks;
};

CachedRepositories::CachedRepositories(Connection& connection, CatalogueCache& cache, Repositories inner)
    : impl_(std::make_unique<Impl>(connection, cache, inner)) {}
CachedRepositories::~CachedRepositories() = default;

Repositories CachedRepositories::all() const {
  auto& i = *impl_;
  return {i.inner.tenants,    i.inner.api_keys,      i.offerings,     i.availability, i.pricing_rules,  i.inner.occupancy,   i.inner.holds,
          i.inner.customers,  i.inner.bookings,      i.inner.coupons, i.risk,         i.inner.events,   i.inner.idempotency, i.webhooks,
          i.inner.deliveries, i.inner.notifications, i.inner.trust,   i.inner.portal, i.inner.languages};
}

} // namespace orkestr::inline v1::storage::postgres
