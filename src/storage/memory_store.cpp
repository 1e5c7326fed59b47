#include "orkestr/storage/memory_store.hpp"

#include "storage/memory_table.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

namespace orkestr::inline v1::storage {
namespace {

using memory::ChildTable;
using memory::for_each_newest;
using memory::Index;
using memory::Table;
using memory::UndoLog;

std::string ascii_lower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

class Tenants final : public TenantRepository {
 public:
  explicit Tenants(UndoLog& undo) : rows_(undo, "tenants"), subdomains_(undo, "subdomains") {}

  std::optional<Tenant> find(TenantId tenant) const override { return rows_.copy(tenant); }
  std::optional<Tenant> find_by_subdomain(std::string_view subdomain) const override {
    const auto* id = subdomains_.find(subdomain);
    return id == nullptr ? std::nullopt : find(*id);
  }
  std::vector<TenantId> all() const override {
    std::vector<TenantId> ids;
    for (const auto& [key, row] : rows_.rows()) ids.push_back(row.id);
    return ids;
  }
  void insert(const Tenant& tenant) override {
    rows_.insert({tenant.id}, tenant);
    subdomains_.insert({tenant.subdomain}, tenant.id);
  }
  void update(const Tenant& tenant) override {
    const auto* old = rows_.find(tenant.id);
    if (old == nullptr) return;
    if (old->subdomain != tenant.subdomain) {
      subdomains_.insert({tenant.subdomain}, tenant.id);
      subdomains_.erase({old->subdomain});
    }
    rows_.put({tenant.id}, tenant);
  }

 private:
  Table<std::tuple<TenantId>, Tenant> rows_;
  Table<std::tuple<std::string>, TenantId> subdomains_;
};

class ApiKeys final : public ApiKeyRepository {
 public:
  ApiKeys(UndoLog& undo, const Tenants& tenants) : tenants_(tenants), rows_(undo, "api_keys"), prefixes_(undo, "api_key_prefixes") {}

  std::optional<FoundApiKey> find_by_prefix(std::string_view prefix) const override {
    const auto* place = prefixes_.find(prefix);
    if (place == nullptr) return std::nullopt;
    auto tenant = tenants_.find(place->first);
    auto key = find(place->first, place->second);
    if (!tenant || !key) return std::nullopt;
    return FoundApiKey{std::move(*tenant), std::move(*key)};
  }
  std::optional<ApiKey> find(TenantId tenant, ApiKeyId id) const override { return rows_.copy(tenant, id); }
  std::vector<ApiKey> list(TenantId tenant, const Page& page) const override {
    std::vector<ApiKey> keys;
    for_each_newest(rows_, tenant, page, [&](const ApiKey& key) {
      if (key.revoked_at) return false;
      keys.push_back(key);
      return true;
    });
    return keys;
  }
  void insert(TenantId tenant, const ApiKey& key) override {
    rows_.insert({tenant, key.id}, key);
    prefixes_.insert({key.prefix}, {tenant, key.id});
  }
  void update(TenantId tenant, const ApiKey& key) override {
    const auto* old = rows_.find(tenant, key.id);
    if (old == nullptr) return;
    if (old->prefix != key.prefix) {
      prefixes_.insert({key.prefix}, {tenant, key.id});
      prefixes_.erase({old->prefix});
    }
    rows_.put({tenant, key.id}, key);
  }

 private:
  const Tenants& tenants_;
  Table<std::tuple<TenantId, ApiKeyId>, ApiKey> rows_;
  Table<std::tuple<std::string>, std::pair<TenantId, ApiKeyId>> prefixes_;
};

class Offerings final : public OfferingRepository {
 public:
  explicit Offerings(UndoLog& undo) : rows_(undo, "offerings"), live_slugs_(undo, "live slugs") {}

  std::optional<Offering> find(TenantId tenant, OfferingId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr || row->deleted_at ? std::nullopt : std::optional{*row};
  }
  std::optional<Offering> find_by_slug(TenantId tenant, std::string_view slug) const override {
    const auto* id = live_slugs_.find(tenant, slug);
    return id == nullptr ? std::nullopt : find(tenant, *id);
  }
  std::optional<Offering> find_even_deleted(TenantId tenant, OfferingId id) const override { return rows_.copy(tenant, id); }
  std::vector<Offering> list(TenantId tenant, const OfferingFilter& filter, const Page& page) const override {
    const auto text = filter.text ? std::optional{ascii_lower(*filter.text)} : std::nullopt;
    const auto wanted = [&](const Offering& o) {
      if (o.deleted_at) return false;
      if (filter.status && o.status != *filter.status) return false;
      if (filter.category && std::ranges::find(o.categories, *filter.category) == o.categories.end()) return false;
      if (filter.product_type_key && o.product_type_key != *filter.product_type_key) return false;
      if (filter.updated_since && o.updated_at < *filter.updated_since) return false;
      if (filter.min_price && o.base_price_cents < *filter.min_price) return false;
      if (filter.max_price && o.base_price_cents > *filter.max_price) return false;
      if (filter.attribute && !has_attribute(o.attributes, *filter.attribute)) return false;
      return !text || ascii_lower(o.title).find(*text) != std::string::npos || ascii_lower(o.description).find(*text) != std::string::npos;
    };
    std::vector<Offering> offerings;
    if (filter.order != OfferingOrder::newest) {
      for (const auto& [key, row] : rows_.range(tenant))
        if (wanted(row)) offerings.push_back(row);
      sort_by_price(offerings, filter.order, page);
      return offerings;
    }
    for_each_newest(rows_, tenant, page, [&](const Offering& offering) {
      if (!wanted(offering)) return false;
      offerings.push_back(offering);
      return true;
    });
    return offerings;
  }
  void insert(TenantId tenant, const Offering& offering) override {
    rows_.insert({tenant, offering.id}, offering);
    if (!offering.deleted_at) live_slugs_.insert({tenant, offering.slug}, offering.id);
  }
  void update(TenantId tenant, const Offering& offering) override {
    const auto* old = rows_.find(tenant, offering.id);
    if (old == nullptr) return;
    if (!old->deleted_at) live_slugs_.erase({tenant, old->slug});
    if (!offering.deleted_at) live_slugs_.insert({tenant, offering.slug}, offering.id);
    rows_.put({tenant, offering.id}, offering);
  }

 private:
  static bool has_attribute(const json::Object& attributes, const std::pair<std::string, std::string>& wanted) {
    const auto* value = attributes.if_contains(wanted.first);
    const auto equals = [&](const json::Value& v) {
      if (const auto* text = v.if_string()) return std::string_view{*text} == wanted.second;
      if (const auto* number = v.if_int64()) return std::to_string(*number) == wanted.second;
      if (const auto* flag = v.if_bool()) return wanted.second == (*flag ? "true" : "false");
      return false;
    };
    if (value == nullptr) return false;
    const auto* list = value->if_array();
    return list == nullptr ? equals(*value) : std::ranges::any_of(*list, equals);
  }
  static void sort_by_price(std::vector<Offering>& offerings, OfferingOrder order, const Page& page) {
    const auto rank = [&](Amount price) { return order == OfferingOrder::price_rising ? price : -price; };
    const auto comes_before = [&](std::pair<Amount, std::string_view> a, std::pair<Amount, std::string_view> b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    };
    const auto place = [&](const Offering& o) { return std::pair{rank(o.base_price_cents), o.id.view()}; };
    std::ranges::sort(offerings, comes_before, place);
    if (const auto last = price_place(page.before))
      std::erase_if(offerings, [&](const Offering& o) { return !comes_before({rank(last->first), last->second}, place(o)); });
    if (offerings.size() > page.limit) offerings.resize(page.limit);
  }

  Table<std::tuple<TenantId, OfferingId>, Offering> rows_;
  Table<std::tuple<TenantId, std::string>, OfferingId> live_slugs_;
};

class Availability final : public AvailabilityRepository {
 public:
  explicit Availability(UndoLog& undo) : rules_(undo, "availability_rules"), exceptions_(undo, "availability_exceptions") {}

  std::vector<AvailabilityRule> rules(TenantId tenant, OfferingId offering) const override { return rules_.of(tenant, offering); }
  std::vector<AvailabilityException> exceptions(TenantId tenant, OfferingId offering) const override {
    return exceptions_.of(tenant, offering);
  }
  void insert(TenantId tenant, const AvailabilityRule& rule) override { rules_.insert(tenant, rule); }
  void update(TenantId tenant, const AvailabilityRule& rule) override { rules_.update(tenant, rule); }
  void erase(TenantId tenant, RuleId rule) override { rules_.erase(tenant, rule); }
  void insert(TenantId tenant, const AvailabilityException& exception) override { exceptions_.insert(tenant, exception); }
  void update(TenantId tenant, const AvailabilityException& exception) override { exceptions_.update(tenant, exception); }
  void erase(TenantId tenant, ExceptionId exception) override { exceptions_.erase(tenant, exception); }

 private:
  ChildTable<AvailabilityRule, &AvailabilityRule::offering_id> rules_;
  ChildTable<AvailabilityException, &AvailabilityException::offering_id> exceptions_;
};

class PricingRules final : public PricingRuleRepository {
 public:
  explicit PricingRules(UndoLog& undo) : rows_(undo, "pricing_rules") {}

  std::vector<PricingRule> of(TenantId tenant, OfferingId offering) const override { return rows_.of(tenant, offering); }
  void insert(TenantId tenant, const PricingRule& rule) override { rows_.insert(tenant, rule); }
  void update(TenantId tenant, const PricingRule& rule) override { rows_.update(tenant, rule); }
  void erase(TenantId tenant, PricingRuleId rule) override { rows_.erase(tenant, rule); }

 private:
  ChildTable<PricingRule, &PricingRule::offering_id> rows_;
};

class OccupancyTable final : public OccupancyRepository {
 public:
  explicit OccupancyTable(UndoLog& undo) : rows_(undo, "occupancy"), by_start_(undo, "occupancy"), by_length_(undo, "occupancy") {}

  std::vector<Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const override {
    std::vector<Claim> claims;
    const auto lengths = by_length_.range(tenant, key);
    if (lengths.empty()) return claims;
    // What starts earlier than the longest claim lasts is over before the range begins.
    const Instant earliest = range.start - milliseconds{std::get<2>(std::prev(lengths.end())->first)};
    const auto last = by_start_.from(tenant, key, range.end);
    for (auto next = by_start_.from(tenant, key, earliest); next != last; ++next) {
      const Claim& claim = rows_.find(tenant, std::get<3>(next->first))->claim;
      if (claim.interval.overlaps(range) && (!claim.expires_at || now < *claim.expires_at)) claims.push_back(claim);
    }
    return claims;
  }
  /// There is one writer at a time.
  void lock(TenantId, std::string_view, std::chrono::milliseconds) override {}
  void put(TenantId tenant, std::string_view key, const Claim& claim) override {
    erase(tenant, claim.holder);
    const std::string name{key};
    rows_.insert({tenant, claim.holder}, {name, claim});
    by_start_.insert({tenant, name, claim.interval.start, claim.holder}, {});
    by_length_.insert({tenant, name, claim.interval.length().count(), claim.holder}, {});
  }
  void set_status(TenantId tenant, Holder holder, ClaimStatus status) override {
    const auto* old = rows_.find(tenant, holder);
    if (old == nullptr) return;
    Row row = *old;
    row.claim.status = status;
    rows_.put({tenant, holder}, row);
  }
  void erase(TenantId tenant, Holder holder) override {
    const auto* old = rows_.find(tenant, holder);
    if (old == nullptr) return;
    by_start_.erase({tenant, old->key, old->claim.interval.start, holder});
    by_length_.erase({tenant, old->key, old->claim.interval.length().count(), holder});
    rows_.erase({tenant, holder});
  }

 private:
  struct Row {
    std::string key;
    Claim claim;
  };
  Table<std::tuple<TenantId, Holder>, Row> rows_;
  Index<std::string, Instant, Holder> by_start_;
  Index<std::string, std::int64_t, Holder> by_length_;
};

class Holds final : public HoldRepository {
 public:
  explicit Holds(UndoLog& undo) : rows_(undo, "holds"), by_client_(undo, "holds"), by_expiry_(undo, "holds") {}

  std::optional<Hold> find(TenantId tenant, HoldId id) const override { return rows_.copy(tenant, id); }
  std::size_t count_live(TenantId tenant, std::string_view client, Instant now) const override {
    std::size_t live = 0;
    for (const auto& [key, nothing] : by_client_.range(tenant, client)) live += now < rows_.find(tenant, std::get<2>(key))->expires_at;
    return live;
  }
  std::vector<Due<HoldId>> expired(Instant now, std::size_t limit) const override {
    std::vector<Due<HoldId>> due;
    for (const auto& [key, nothing] : by_expiry_.rows()) {
      if (due.size() == limit || now < std::get<Instant>(key)) break;
      due.push_back({std::get<TenantId>(key), std::get<HoldId>(key)});
    }
    return due;
  }
  void insert(TenantId tenant, const Hold& hold) override {
    rows_.insert({tenant, hold.id}, hold);
    by_client_.insert({tenant, hold.client, hold.id}, {});
    by_expiry_.insert({hold.expires_at, tenant, hold.id}, {});
  }
  void erase(TenantId tenant, HoldId id) override {
    const auto* old = rows_.find(tenant, id);
    if (old == nullptr) return;
    by_client_.erase({tenant, old->client, id});
    by_expiry_.erase({old->expires_at, tenant, id});
    rows_.erase({tenant, id});
  }

 private:
  Table<std::tuple<TenantId, HoldId>, Hold> rows_;
  Index<std::string, HoldId> by_client_;
  Table<std::tuple<Instant, TenantId, HoldId>, memory::Nothing> by_expiry_;
};

class Customers final : public CustomerRepository {
 public:
  explicit Customers(UndoLog& undo) : rows_(undo, "customers"), by_email_(undo, "customers") {}

  std::optional<Customer> find(TenantId tenant, CustomerId id) const override { return rows_.copy(tenant, id); }
  std::optional<Customer> find_by_email(TenantId tenant, std::string_view email) const override {
    const auto found = by_email_.range(tenant, ascii_lower(email));
    return found.empty() ? std::nullopt : find(tenant, std::get<2>(found.front().first));
  }
  void insert(TenantId tenant, const Customer& customer) override {
    rows_.insert({tenant, customer.id}, customer);
    by_email_.insert({tenant, ascii_lower(customer.email), customer.id}, {});
  }
  void update(TenantId tenant, const Customer& customer) override {
    const auto* old = rows_.find(tenant, customer.id);
    if (old == nullptr) return;
    by_email_.erase({tenant, ascii_lower(old->email), customer.id});
    by_email_.insert({tenant, ascii_lower(customer.email), customer.id}, {});
    rows_.put({tenant, customer.id}, customer);
  }

 private:
  Table<std::tuple<TenantId, CustomerId>, Customer> rows_;
  Index<std::string, CustomerId> by_email_;
};

class Bookings final : public BookingRepository {
 public:
  Bookings(UndoLog& undo, const Customers& customers)
      : customers_(customers),
        rows_(undo, "bookings"),
        by_customer_(undo, "bookings"),
        ended_(undo, "bookings"),
        unpaid_(undo, "bookings"),
        items_(undo, "booking_items"),
        payments_(undo, "payments") {}

  std::optional<Booking> find(TenantId tenant, BookingId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr ? std::nullopt : std::optional{whole(tenant, *row)};
  }
  std::vector<Booking> list(TenantId tenant, const BookingFilter& filter, const Page& page) const override {
    const auto wanted = [&](const Row& row) {
      if (filter.status && row.status != *filter.status) return false;
      if (filter.risk_review && row.risk_review_status != *filter.risk_review) return false;
      if (filter.customer_id && row.customer_id != *filter.customer_id) return false;
      if (!filter.offering_id) return true;
      return std::ranges::any_of(items_.of(tenant, row.id),
                                 [&](const BookingItem& item) { return item.offering_id == *filter.offering_id; });
    };
    std::vector<Booking> bookings;
    for_each_newest(rows_, tenant, page, [&](const Row& row) {
      if (!wanted(row)) return false;
      bookings.push_back(whole(tenant, row));
      return true;
    });
    return bookings;
  }
  std::vector<Due<BookingId>> due_for_completion(Instant now, std::size_t limit) const override { return due(ended_, now, limit); }
  std::vector<Due<BookingId>> due_for_payment(Instant now, std::size_t limit) const override { return due(unpaid_, now, limit); }
  CustomerHistory history_of(TenantId tenant, CustomerId customer, std::size_t newest) const {
    CustomerHistory history;
    const auto all = by_customer_.range(tenant, customer);
    for (auto next = all.end(); next != all.begin() && newest > 0; --newest) {
      const Row& row = *rows_.find(tenant, std::get<2>((--next)->first));
      history.add(row.status, row.confirmed_at.has_value());
    }
    return history;
  }
  std::vector<Amount> recent_totals(TenantId tenant, Currency currency, std::size_t limit) const {
    std::vector<Amount> totals;
    for_each_newest(rows_, tenant, {limit, {}}, [&](const Row& row) {
      if (row.currency != currency) return false;
      totals.push_back(row.total_cents);
      return true;
    });
    return totals;
  }
  void insert(TenantId tenant, const Booking& booking) override {
    rows_.insert({tenant, booking.id}, {booking, {}, {}});
    by_customer_.put({tenant, booking.customer_id, booking.id}, {});
    for (const auto& item : booking.items) items_.insert(tenant, item);
    for (const auto& payment : booking.payments) payments_.insert(tenant, payment);
    replace(tenant, booking);
  }
  void update(TenantId tenant, const BookingRow& booking) override {
    if (rows_.find(tenant, booking.id) != nullptr) replace(tenant, booking);
  }
  void update_item(TenantId tenant, const BookingItem& item) override {
    if (!items_.update(tenant, item)) return;
    if (const Row* row = rows_.find(tenant, item.booking_id)) replace(tenant, BookingRow{*row});
  }
  void insert_payment(TenantId tenant, const Payment& payment) override { payments_.insert(tenant, payment); }
  void update_payment(TenantId tenant, const Payment& payment) override { payments_.update(tenant, payment); }

 private:
  using DueIndex = Table<std::tuple<Instant, TenantId, BookingId>, memory::Nothing>;
  struct Row : BookingRow {
    std::optional<Instant> ended_at, unpaid_at; ///< its places in ended_ and unpaid_, when it has them
  };

  static std::vector<Due<BookingId>> due(const DueIndex& index, Instant now, std::size_t limit) {
    std::vector<Due<BookingId>> all;
    for (const auto& [key, nothing] : index.rows()) {
      if (all.size() == limit || now < std::get<Instant>(key)) break;
      all.push_back({std::get<TenantId>(key), std::get<BookingId>(key)});
    }
    return all;
  }
  Booking whole(TenantId tenant, const BookingRow& row) const {
    Booking booking;
    static_cast<BookingRow&>(booking) = row;
    if (auto customer = customers_.find(tenant, row.customer_id)) booking.customer = std::move(*customer);
    booking.items = items_.of(tenant, row.id);
    booking.payments = payments_.of(tenant, row.id);
    return booking;
  }
  /// Writes the row and keeps the indexes in step with its state and items.
  void replace(TenantId tenant, const BookingRow& booking) {
    Row row{booking, {}, booking.payment_due_at};
    if (row.status == BookingStatus::confirmed)
      for (const auto& item : items_.of(tenant, row.id)) row.ended_at = std::max(row.ended_at.value_or(item.ends_at), item.ends_at);
    const Row old = *rows_.find(tenant, row.id);
    move(ended_, tenant, row.id, old.ended_at, row.ended_at);
    move(unpaid_, tenant, row.id, old.unpaid_at, row.unpaid_at);
    if (old.customer_id != row.customer_id) {
      by_customer_.erase({tenant, old.customer_id, row.id});
      by_customer_.put({tenant, row.customer_id, row.id}, {});
    }
    rows_.put({tenant, row.id}, row);
  }
  static void move(DueIndex& index, TenantId tenant, BookingId id, std::optional<Instant> from, std::optional<Instant> to) {
    if (from == to) return;
    if (from) index.erase({*from, tenant, id});
    if (to) index.put({*to, tenant, id}, {});
  }

  const Customers& customers_;
  Table<std::tuple<TenantId, BookingId>, Row> rows_;
  Index<CustomerId, BookingId> by_customer_;
  DueIndex ended_, unpaid_;
  ChildTable<BookingItem, &BookingItem::booking_id> items_;
  ChildTable<Payment, &Payment::booking_id> payments_;
};

class Risk final : public RiskRepository {
 public:
  Risk(UndoLog& undo, const Bookings& bookings)
      : bookings_(bookings),
        policies_(undo, "risk_policies"),
        attempts_(undo, "attempts"),
        by_trait_(undo, "attempts"),
        by_age_(undo, "attempts") {}

  std::optional<RiskPolicy> policy(TenantId tenant) const override { return policies_.copy(tenant); }
  void put_policy(TenantId tenant, const RiskPolicy& policy) override { policies_.put({tenant}, policy); }
  void insert(TenantId tenant, const Attempt& attempt) override {
    attempts_.insert({tenant, attempt.id}, attempt);
    by_age_.insert({attempt.at, tenant, attempt.id}, {});
    for_each_trait(attempt, [&](AttemptTrait trait, const std::string& value) {
      by_trait_.insert({tenant, number(attempt.kind), number(trait), value, attempt.at, attempt.id}, {});
    });
  }
  RiskNumbers look_back(TenantId tenant, const RiskQuery& query) const override {
    RiskNumbers numbers;
    for (const auto& [kind, trait, value, since] : query.attempts) {
      const auto last = by_trait_.range(tenant, number(kind), number(trait), value).end();
      numbers.attempts.push_back(static_cast<int>(std::distance(by_trait_.from(tenant, number(kind), number(trait), value, since), last)));
    }
    numbers.history = bookings_.history_of(tenant, query.customer, query.newest_bookings);
    numbers.totals = bookings_.recent_totals(tenant, query.currency, query.newest_totals);
    return numbers;
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !by_age_.rows().empty(); ++erased) {
      const auto oldest = by_age_.rows().begin()->first;
      if (std::get<Instant>(oldest) >= limit_instant) break;
      const TenantId tenant = std::get<TenantId>(oldest);
      const Attempt attempt = *attempts_.find(tenant, std::get<AttemptId>(oldest));
      for_each_trait(attempt, [&](AttemptTrait trait, const std::string& value) {
        by_trait_.erase({tenant, number(attempt.kind), number(trait), value, attempt.at, attempt.id});
      });
      attempts_.erase({tenant, attempt.id});
      by_age_.erase(oldest);
    }
    return erased;
  }

 private:
  template <class E> static std::int64_t number(E value) { return static_cast<std::int64_t>(value); }
  template <class F> static void for_each_trait(const Attempt& attempt, F&& f) {
    if (attempt.email) f(AttemptTrait::email, *attempt.email);
    if (attempt.ip) f(AttemptTrait::ip, *attempt.ip);
    if (attempt.device) f(AttemptTrait::device, *attempt.device);
    if (attempt.card) f(AttemptTrait::card, *attempt.card);
  }

  const Bookings& bookings_;
  Table<std::tuple<TenantId>, RiskPolicy> policies_;
  Table<std::tuple<TenantId, AttemptId>, Attempt> attempts_;
  Index<std::int64_t, std::int64_t, std::string, Instant, AttemptId> by_trait_;
  Table<std::tuple<Instant, TenantId, AttemptId>, memory::Nothing> by_age_;
};

class Coupons final : public CouponRepository {
 public:
  explicit Coupons(UndoLog& undo)
      : rows_(undo, "coupons"),
        live_codes_(undo, "live coupon codes"),
        redemptions_(undo, "coupon_redemptions"),
        by_customer_(undo, "coupon_redemptions") {}

  std::optional<Coupon> find(TenantId tenant, CouponId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr || row->deleted_at ? std::nullopt : std::optional{*row};
  }
  std::optional<Coupon> find_by_code(TenantId tenant, std::string_view folded_code) const override {
    const auto* id = live_codes_.find(tenant, folded_code);
    return id == nullptr ? std::nullopt : find(tenant, *id);
  }
  std::vector<Coupon> list(TenantId tenant, std::optional<bool> active, const Page& page) const override {
    std::vector<Coupon> coupons;
    for_each_newest(rows_, tenant, page, [&](const Coupon& coupon) {
      if (coupon.deleted_at || (active && coupon.active != *active)) return false;
      coupons.push_back(coupon);
      return true;
    });
    return coupons;
  }
  std::optional<Coupon> find_deleted(TenantId tenant, CouponId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr || !row->deleted_at ? std::nullopt : std::optional{*row};
  }
  std::vector<Coupon> list_deleted(TenantId tenant, const Page& page) const override {
    std::vector<Coupon> coupons;
    for_each_newest(rows_, tenant, page, [&](const Coupon& coupon) {
      if (!coupon.deleted_at) return false;
      coupons.push_back(coupon);
      return true;
    });
    return coupons;
  }
  std::int64_t redemptions_of(TenantId tenant, CouponId id, CustomerId customer) const override {
    const auto all = by_customer_.range(tenant, id, customer);
    return std::distance(all.begin(), all.end());
  }
  void insert(TenantId tenant, const Coupon& coupon) override {
    rows_.insert({tenant, coupon.id}, within_cap(coupon));
    if (!coupon.deleted_at) live_codes_.insert({tenant, coupon.folded_code}, coupon.id);
  }
  void update(TenantId tenant, const Coupon& coupon) override {
    const auto* old = rows_.find(tenant, coupon.id);
    if (old == nullptr) return;
    Coupon row = coupon;
    row.redeemed_count = old->redeemed_count;
    if (!old->deleted_at) live_codes_.erase({tenant, old->folded_code});
    if (!row.deleted_at) live_codes_.insert({tenant, row.folded_code}, row.id);
    rows_.put({tenant, row.id}, within_cap(row));
  }
  bool redeem(TenantId tenant, CouponId id, BookingId booking, CustomerId customer) override {
    const auto* row = rows_.find(tenant, id);
    if (row == nullptr || row->redeemed_count >= row->max_redemptions.value_or(std::numeric_limits<std::int64_t>::max())) return false;
    redemptions_.insert({tenant, id, booking}, customer);
    by_customer_.insert({tenant, id, customer, booking}, {});
    count(tenant, *row, +1);
    return true;
  }
  void give_back(TenantId tenant, CouponId id, BookingId booking) override {
    const auto* customer = redemptions_.find(tenant, id, booking);
    if (customer == nullptr) return;
    by_customer_.erase({tenant, id, *customer, booking});
    redemptions_.erase({tenant, id, booking});
    if (const auto* row = rows_.find(tenant, id)) count(tenant, *row, -1);
  }

 private:
  static const Coupon& within_cap(const Coupon& coupon) {
    if (coupon.max_redemptions && coupon.redeemed_count > *coupon.max_redemptions)
      throw StoreFailure{fail(Code::already_exists, "The coupon has been redeemed more often than that.")};
    return coupon;
  }
  void count(TenantId tenant, Coupon coupon, int by) {
    coupon.redeemed_count += by;
    rows_.put({tenant, coupon.id}, coupon);
  }

  Table<std::tuple<TenantId, CouponId>, Coupon> rows_;
  Table<std::tuple<TenantId, std::string>, CouponId> live_codes_;
  Table<std::tuple<TenantId, CouponId, BookingId>, CustomerId> redemptions_;
  Index<CouponId, CustomerId, BookingId> by_customer_;
};

class Events final : public EventRepository {
 public:
  explicit Events(UndoLog& undo) : rows_(undo, "events") {}

  void append(TenantId tenant, const Event& event) override { rows_.insert({tenant, event.id}, event); }
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit) const override {
    std::vector<Event> events;
    const auto last = rows_.range(tenant).end();
    for (auto next = rows_.from(tenant, after); next != last && events.size() < limit; ++next)
      if (next->second.id.view() > after) events.push_back(next->second);
    return events;
  }

 private:
  Table<std::tuple<TenantId, EventId>, Event> rows_;
};

class Idempotency final : public IdempotencyRepository {
 public:
  explicit Idempotency(UndoLog& undo) : rows_(undo, "idempotency_keys"), by_age_(undo, "idempotency_keys") {}

  std::optional<IdempotencyRecord> find(TenantId tenant, std::string_view key) const override { return rows_.copy(tenant, key); }
  void put(TenantId tenant, const IdempotencyRecord& record) override {
    if (const auto* old = rows_.find(tenant, record.key)) by_age_.erase({old->created_at, tenant, record.key});
    by_age_.put({record.created_at, tenant, record.key}, {});
    rows_.put({tenant, record.key}, record);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !by_age_.rows().empty(); ++erased) {
      const auto oldest = by_age_.rows().begin()->first;
      if (std::get<Instant>(oldest) >= limit_instant) break;
      by_age_.erase(oldest);
      rows_.erase({std::get<TenantId>(oldest), std::get<std::string>(oldest)});
    }
    return erased;
  }

 private:
  Table<std::tuple<TenantId, std::string>, IdempotencyRecord> rows_;
  Table<std::tuple<Instant, TenantId, std::string>, memory::Nothing> by_age_;
};

class MemoryWrite final : public WriteTransaction {
 public:
  MemoryWrite(Repositories repositories, UndoLog& undo) : WriteTransaction(repositories), undo_(undo) {}

 private:
  void run_nested(FunctionRef<bool()> part) override { undo_.attempt(part); }

  UndoLog& undo_;
};

} // namespace

struct MemoryStore::State {
  UndoLog undo; ///< of the one write transaction there is
  Tenants tenants{undo};
  ApiKeys api_keys{undo, tenants};
  Offerings offerings{undo};
  Availability availability{undo};
  PricingRules pricing_rules{undo};
  OccupancyTable occupancy{undo};
  Holds holds{undo};
  Customers customers{undo};
  Bookings bookings{undo, customers};
  Coupons coupons{undo};
  Risk risk{undo, bookings};
  Events events{undo};
  Idempotency idempotency{undo};

  std::shared_mutex mutex;
  /// Everyone passes it on the way to `mutex`, a writer keeps it while it waits there: a stream of readers that
  /// overlap can't keep a writer out forever.
  std::mutex turn;

  [[nodiscard]] Repositories repositories() {
    return {tenants,   api_keys, offerings, availability, pricing_rules, occupancy,  holds,
            customers, bookings, coupons,   risk,         events,        idempotency};
  }
};

MemoryStore::MemoryStore() : state_(std::make_unique<State>()) {}
MemoryStore::~MemoryStore() = default;

Result<void> MemoryStore::run_read(FunctionRef<void(const ReadTransaction&)> f) {
  std::unique_lock turn(state_->turn);
  const std::shared_lock lock(state_->mutex);
  turn.unlock();
  try {
    f(ReadTransaction(state_->repositories()));
    return {};
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<void> MemoryStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  std::unique_lock turn(state_->turn);
  const std::unique_lock lock(state_->mutex);
  turn.unlock();
  try {
    MemoryWrite tx(state_->repositories(), state_->undo);
    state_->undo.attempt([&] { return f(tx); });
    state_->undo.forget();
    return {};
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

} // namespace orkestr::inline v1::storage
