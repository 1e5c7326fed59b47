#include "orkestr/storage/memory_store.hpp"
#include "orkestr/engine/search_index.hpp"

#include "storage/memory/disputes.hpp"
#include "storage/memory/languages.hpp"
#include "storage/memory/payments.hpp"
#include "storage/memory/portal.hpp"
#include "storage/memory/trust.hpp"
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
  explicit Tenants(UndoLog& undo) : rows_(undo, "tenants"), subdomains_(undo, "subdomains"), brandings_(undo, "brandings") {}

  std::optional<Tenant> find(TenantId tenant) const override { return rows_.copy(tenant); }
  std::optional<Tenant> find_by_subdomain(std::string_view subdomain) const override {
    const auto* id = subdomains_.find(subdomain);
    return id == nullptr ? std::nullopt : find(*id);
  }
  std::vector<Tenant> list(const TenantFilter& filter, const Page& page) const override {
    const auto text = filter.text ? ascii_lower(*filter.text) : std::string{};
    std::vector<Tenant> list;
    auto next = page.before.empty() ? rows_.rows().end() : rows_.from(std::string_view{page.before});
    while (list.size() < page.limit && next != rows_.rows().begin()) {
      const auto& row = (--next)->second;
      const bool named = ascii_lower(row.name).find(text) != std::string::npos || row.subdomain.find(text) != std::string::npos;
      if ((!filter.status || row.status == *filter.status) && named) list.push_back(row);
    }
    return list;
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
  std::optional<Branding> branding(TenantId tenant) const override { return brandings_.copy(tenant); }
  void put_branding(TenantId tenant, const Branding& branding) override { brandings_.put({tenant}, branding); }

 private:
  Table<std::tuple<TenantId>, Tenant> rows_;
  Table<std::tuple<std::string>, TenantId> subdomains_;
  Table<std::tuple<TenantId>, Branding> brandings_;
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
  std::vector<ApiKey> made_by(TenantId tenant, MemberId member) const override {
    auto keys = list(tenant, {static_cast<std::size_t>(-1), {}});
    std::erase_if(keys, [&](const ApiKey& key) { return key.created_by != member; });
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
    auto row = offering;
    row.rating_average = old->rating_average;
    row.review_count = old->review_count;
    row.rating_sum = old->rating_sum;
    rows_.put({tenant, offering.id}, std::move(row));
  }
  void rate(TenantId tenant, OfferingId id, const RatingTotals& delta) override {
    auto row = rows_.copy(tenant, id);
    if (!row) return;
    const RatingTotals now{row->review_count + delta.count, row->rating_sum + delta.sum};
    row->review_count = static_cast<int>(now.count);
    row->rating_sum = now.sum;
    row->rating_average = now.average();
    rows_.put({tenant, id}, std::move(*row));
  }

 private:
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
  Later<std::optional<Customer>> find_by_email(TenantId tenant, std::string_view email) const override {
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
  Bookings(UndoLog& undo, const Customers& customers, memory::PaymentTable& payments)
      : customers_(customers),
        payments_(payments),
        rows_(undo, "bookings"),
        by_customer_(undo, "bookings"),
        ended_(undo, "bookings"),
        unpaid_(undo, "bookings"),
        items_(undo, "booking_items") {}

  std::optional<Booking> find(TenantId tenant, BookingId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr ? std::nullopt : std::optional{whole(tenant, *row)};
  }
  std::vector<Booking> list(TenantId tenant, const BookingFilter& filter, const Page& page) const override {
    const auto wanted = [&](const Row& row) {
      if (filter.status && row.status != *filter.status) return false;
      if (filter.risk_review && row.risk_review_status != *filter.risk_review) return false;
      if (filter.customer_id && row.customer_id != *filter.customer_id) return false;
      if (filter.coupon_id && row.coupon_id != *filter.coupon_id) return false;
      if (!filter.offering_id && !filter.starting) return true;
      const auto items = items_.of(tenant, row.id);
      return (!filter.offering_id || std::ranges::find(items, *filter.offering_id, &BookingItem::offering_id) != items.end()) &&
             (!filter.starting || std::ranges::any_of(items, [&](const BookingItem& item) {
               return filter.starting->start <= item.starts_at && item.starts_at < filter.starting->end;
             }));
    };
    std::vector<Booking> bookings;
    for_each_newest(rows_, tenant, page, [&](const Row& row) {
      if (!wanted(row)) return false;
      bookings.push_back(whole(tenant, row));
      return true;
    });
    return bookings;
  }
  std::vector<BookedItem> items_starting(TenantId tenant, const Interval& range, const std::optional<OfferingId>& offering) const override {
    std::vector<std::pair<BookingItemId, BookedItem>> found;
    for (const auto& [key, row] : rows_.range(tenant))
      for (const auto& item : items_.of(tenant, row.id))
        if (range.start <= item.starts_at && item.starts_at < range.end && (!offering || item.offering_id == *offering))
          found.emplace_back(item.id, BookedItem{row.id, row.status, row.created_at, item.offering_id, item.interval(), item.quantity,
                                                 item.subtotal_cents, row.subtotal_cents, row.total_cents, row.refund_cents.value_or(0),
                                                 row.currency});
    std::ranges::sort(found, {}, [](const auto& each) { return std::tuple{each.second.interval.start, each.first}; });
    std::vector<BookedItem> items;
    items.reserve(found.size());
    for (const auto& each : found) items.push_back(each.second);
    return items;
  }
  std::vector<AnswerTimes> answers_since(TenantId tenant, Instant since) const override {
    std::vector<AnswerTimes> answers;
    const auto first = first_id_at<BookingId>(since);
    const auto last = rows_.range(tenant).end();
    for (auto next = rows_.from(tenant, first); next != last; ++next)
      if (const Row& row = next->second; since <= row.created_at)
        answers.push_back({row.created_at, row.confirmed_at, row.cancelled_at, row.ended_by});
    return answers;
  }
  std::vector<BookedTime> booked_times(TenantId tenant, std::optional<CustomerId> customer, Interval ends,
                                       std::size_t limit) const override {
    std::vector<std::pair<Instant, Booking>> found;
    for (const auto& [key, row] : rows_.range(tenant)) {
      if (customer && row.customer_id != *customer) continue;
      auto booking = whole(tenant, row);
      const auto last = booking.items.empty() ? Instant{} : booking.last_end();
      if (ends.start <= last && last < ends.end) found.emplace_back(last, std::move(booking));
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) { return std::tie(b.first, b.second.id) < std::tie(a.first, a.second.id); });
    std::vector<BookedTime> rows;
    for (const auto& [last, booking] : found)
      for (const auto& item : booking.items)
        if (rows.size() < limit)
          rows.push_back({booking.id, item.id, booking.status, booking.completed_at.has_value(), booking.sequence, booking.updated_at,
                          item.starts_at, item.ends_at, item.offering_title, booking.customer.name, item.quantity});
    return rows;
  }
  std::vector<TenantBooking> in_review(const Page& page) const override {
    std::vector<TenantBooking> list;
    for (const auto& [key, row] : rows_.rows())
      if (row.risk_review_status == RiskReview::pending && (page.before.empty() || row.id.view() < page.before))
        list.push_back({std::get<TenantId>(key), row});
    std::ranges::sort(list, std::ranges::greater{}, [](const TenantBooking& of) { return of.booking.id.view(); });
    if (list.size() > page.limit) list.erase(list.begin() + static_cast<std::ptrdiff_t>(page.limit), list.end());
    return list;
  }
  std::vector<Due<BookingId>> due_for_completion(Instant now, std::size_t limit) const override { return ended_.due(now, limit); }
  std::vector<Due<BookingId>> due_for_payment(Instant now, std::size_t limit) const override { return unpaid_.due(now, limit); }
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
  struct Row : BookingRow {
    std::optional<Instant> ended_at, unpaid_at; ///< its places in ended_ and unpaid_, when it has them
  };

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
    ended_.move(tenant, row.id, old.ended_at, row.ended_at);
    unpaid_.move(tenant, row.id, old.unpaid_at, row.unpaid_at);
    if (old.customer_id != row.customer_id) {
      by_customer_.erase({tenant, old.customer_id, row.id});
      by_customer_.put({tenant, row.customer_id, row.id}, {});
    }
    rows_.put({tenant, row.id}, row);
  }
  const Customers& customers_;
  memory::PaymentTable& payments_;
  Table<std::tuple<TenantId, BookingId>, Row> rows_;
  Index<CustomerId, BookingId> by_customer_;
  memory::DueTable<BookingId> ended_, unpaid_;
  ChildTable<BookingItem, &BookingItem::booking_id> items_;
};

class Risk final : public RiskRepository {
 public:
  Risk(UndoLog& undo, const Customers& customers, const Bookings& bookings, const memory::Disputes& disputes)
      : customers_(customers),
        bookings_(bookings),
        disputes_(disputes),
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
  Later<RiskNumbers> look_back(TenantId tenant, const RiskQuery& query) const override {
    RiskNumbers numbers;
    for (const auto& [kind, trait, value, since] : query.attempts) {
      const auto last = by_trait_.range(tenant, number(kind), number(trait), value).end();
      numbers.attempts.push_back(static_cast<int>(std::distance(by_trait_.from(tenant, number(kind), number(trait), value, since), last)));
    }
    if (const auto customer = customers_.find_by_email(tenant, query.customer_email).get()) {
      numbers.history = bookings_.history_of(tenant, customer->id, query.newest_bookings);
      numbers.history.disputed = disputes_.opened_by(tenant, customer->id);
    }
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

  const Customers& customers_;
  const Bookings& bookings_;
  const memory::Disputes& disputes_;
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
  explicit Events(UndoLog& undo) : rows_(undo, "events"), in_order_(undo, "events") {}

  void append(TenantId tenant, const Event& event) override {
    const auto all = in_order_.range(tenant);
    const std::int64_t position = all.empty() ? 1 : std::get<1>(std::prev(all.end())->first) + 1;
    rows_.insert({tenant, event.id}, {event, position});
    in_order_.insert({tenant, position, event.id}, {});
  }
  /// One writes at a time, so all that can be seen is settled.
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool) const override {
    std::vector<Event> events;
    const auto all = in_order_.range(tenant);
    const auto* place = rows_.find(tenant, after);
    auto next = place == nullptr ? all.begin() : std::next(in_order_.from(tenant, place->position, place->event.id));
    for (; next != all.end() && events.size() < limit; ++next) events.push_back(get(tenant, std::get<EventId>(next->first)).event);
    return events;
  }
  std::optional<Event> find(TenantId tenant, EventId id) const override {
    const auto* row = rows_.find(tenant, id);
    return row == nullptr ? std::nullopt : std::optional{row->event};
  }

  struct Row {
    Event event;
    std::int64_t position = 0;
  };
  [[nodiscard]] const Row& get(TenantId tenant, EventId id) const {
    const auto* row = rows_.find(tenant, id);
    if (row == nullptr) throw StoreFailure{fail(Code::store_unavailable, "There is no such event.")};
    return *row;
  }

 private:
  Table<std::tuple<TenantId, EventId>, Row> rows_;
  Index<std::int64_t, EventId> in_order_;
};

class Deliveries final : public DeliveryRepository {
 public:
  Deliveries(UndoLog& undo, const Events& events)
      : events_(events),
        rows_(undo, "deliveries"),
        by_webhook_(undo, "deliveries"),
        queue_(undo, "deliveries"),
        by_subject_(undo, "deliveries"),
        by_age_(undo, "deliveries"),
        finished_(undo, "deliveries"),
        attempts_(undo, "delivery_attempts") {}

  std::optional<Delivery> find(TenantId tenant, DeliveryId id) const override { return rows_.copy(tenant, id); }
  std::vector<Delivery> list(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter, const Page& page) const override {
    std::vector<Delivery> list;
    const auto all = by_webhook_.range(tenant, webhook);
    auto next = page.before.empty() ? all.end() : by_webhook_.from(tenant, webhook, std::string_view{page.before});
    while (list.size() < page.limit && next != all.begin()) {
      const Delivery& row = *rows_.find(tenant, std::get<DeliveryId>((--next)->first));
      if (wanted(row, filter)) list.push_back(row);
    }
    return list;
  }
  std::size_t count(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter) const override {
    std::size_t count = 0;
    for (const auto& [key, nothing] : by_webhook_.range(tenant, webhook))
      count += wanted(*rows_.find(tenant, std::get<DeliveryId>(key)), filter) ? 1 : 0;
    return count;
  }
  std::vector<DeliveryAttempt> attempts(TenantId tenant, DeliveryId id) const override {
    std::vector<DeliveryAttempt> all;
    for (const auto& [key, attempt] : attempts_.range(tenant, id)) all.push_back(attempt);
    return all;
  }
  std::optional<Delivery> ahead_of(TenantId tenant, const Delivery& delivery) const override {
    const auto waiting = by_subject_.range(tenant, delivery.webhook_id, delivery.subject);
    if (waiting.empty()) return std::nullopt;
    const auto& [key, first] = waiting.front();
    const auto position = events_.get(tenant, delivery.event_id).position;
    if (std::pair{std::get<std::int64_t>(key), std::get<EventId>(key)} >= std::pair{position, delivery.event_id}) return std::nullopt;
    return find(tenant, first);
  }
  std::vector<Ready> due(TenantId tenant, WebhookId webhook, bool retrying, Instant now, std::size_t limit) const override {
    std::vector<Ready> ready;
    for (const auto& [key, nothing] : queue_.range(tenant, webhook, std::int64_t{retrying})) {
      if (ready.size() == limit || now < std::get<Instant>(key)) break;
      const Delivery& row = *rows_.find(tenant, std::get<DeliveryId>(key));
      if (!ahead_of(tenant, row)) ready.push_back({row, events_.get(tenant, row.event_id).event.body});
    }
    return ready;
  }
  std::optional<Instant> oldest_pending() const override {
    return by_age_.rows().empty() ? std::nullopt : std::optional{std::get<Instant>(by_age_.rows().begin()->first)};
  }
  /// The webhooks that something PENDING is for.
  [[nodiscard]] std::vector<Due<WebhookId>> queued() const {
    std::vector<Due<WebhookId>> all;
    for (auto next = queue_.rows().begin(); next != queue_.rows().end();) {
      const auto tenant = std::get<TenantId>(next->first);
      const auto webhook = std::get<WebhookId>(next->first);
      all.push_back({tenant, webhook});
      next = queue_.range(tenant, webhook).end();
    }
    return all;
  }
  [[nodiscard]] bool any_due(TenantId tenant, WebhookId webhook, Instant now) const {
    for (const std::int64_t lane : {0, 1}) {
      const auto queued = queue_.range(tenant, webhook, lane);
      if (!queued.empty() && std::get<Instant>(queued.front().first) <= now) return true;
    }
    return false;
  }

  void insert(TenantId tenant, const Delivery& delivery) override {
    (void)events_.get(tenant, delivery.event_id);
    rows_.insert({tenant, delivery.id}, delivery);
    by_webhook_.insert({tenant, delivery.webhook_id, delivery.id}, {});
    index(tenant, delivery, true);
  }
  void settle(TenantId tenant, const Delivery& delivery, int attempts_so_far) override {
    const auto* old = rows_.find(tenant, delivery.id);
    if (old == nullptr || old->status != DeliveryStatus::pending || old->attempts != attempts_so_far) return;
    Delivery row = *old;
    row.status = delivery.status;
    row.attempts = delivery.attempts;
    row.attempts_before = delivery.attempts_before;
    row.next_attempt_at = delivery.next_attempt_at;
    row.last_status = delivery.last_status;
    row.last_error = delivery.last_error;
    row.finished_at = delivery.finished_at;
    replace(tenant, row);
  }
  void insert_attempt(TenantId tenant, const DeliveryAttempt& attempt) override {
    if (attempts_.find(tenant, attempt.delivery_id, std::int64_t{attempt.number}) == nullptr)
      attempts_.insert({tenant, attempt.delivery_id, attempt.number}, attempt);
  }
  bool replay(TenantId tenant, DeliveryId id, Instant now) override {
    const auto* old = rows_.find(tenant, id);
    if (old == nullptr || old->status == DeliveryStatus::pending) return false;
    Delivery row = *old;
    row.status = DeliveryStatus::pending;
    row.attempts_before = row.attempts;
    row.next_attempt_at = now;
    row.finished_at.reset();
    replace(tenant, row);
    return true;
  }
  std::size_t replay(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter, Instant now) override {
    return for_each(tenant, webhook, [&](const Delivery& row) { return wanted(row, filter) && replay(tenant, row.id, now); });
  }
  std::size_t kill(TenantId tenant, WebhookId webhook, std::string_view error, Instant now) override {
    return for_each(tenant, webhook, [&](Delivery row) {
      if (row.status != DeliveryStatus::pending) return false;
      row.status = DeliveryStatus::dead;
      row.next_attempt_at.reset();
      row.last_error = error;
      row.finished_at = now;
      replace(tenant, row);
      return true;
    });
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !finished_.rows().empty(); ++erased) {
      const auto oldest = finished_.rows().begin()->first;
      if (std::get<Instant>(oldest) >= limit_instant) break;
      const TenantId tenant = std::get<TenantId>(oldest);
      const Delivery row = *rows_.find(tenant, std::get<DeliveryId>(oldest));
      for (const auto& attempt : attempts(tenant, row.id)) attempts_.erase({tenant, row.id, attempt.number});
      index(tenant, row, false);
      by_webhook_.erase({tenant, row.webhook_id, row.id});
      rows_.erase({tenant, row.id});
    }
    return erased;
  }

 private:
  static bool wanted(const Delivery& row, const DeliveryFilter& filter) {
    return (!filter.status || row.status == *filter.status) && (!filter.event || row.event == *filter.event) &&
           (!filter.from || *filter.from <= row.created_at) && (!filter.to || row.created_at < *filter.to);
  }
  template <class F> std::size_t for_each(TenantId tenant, WebhookId webhook, F&& f) {
    std::size_t count = 0;
    for (const auto& [key, nothing] : by_webhook_.range(tenant, webhook))
      count += f(*rows_.find(tenant, std::get<DeliveryId>(key))) ? 1 : 0;
    return count;
  }
  void replace(TenantId tenant, const Delivery& row) {
    const Delivery old = *rows_.find(tenant, row.id);
    index(tenant, old, false);
    rows_.put({tenant, row.id}, row);
    index(tenant, row, true);
  }
  /// Puts a row into the indexes of its state, or takes it out.
  void index(TenantId tenant, const Delivery& row, bool in) {
    const auto change = [&](auto& index, auto key, auto value) {
      if (in)
        index.put(std::move(key), value);
      else
        index.erase(key);
    };
    if (row.finished_at) change(finished_, std::tuple{*row.finished_at, tenant, row.id}, memory::Nothing{});
    if (row.status != DeliveryStatus::pending) return;
    const auto position = events_.get(tenant, row.event_id).position;
    change(queue_, std::tuple{tenant, row.webhook_id, std::int64_t{row.retrying()}, row.next_attempt_at.value_or(Instant{}), row.id},
           memory::Nothing{});
    change(by_subject_, std::tuple{tenant, row.webhook_id, row.subject, position, row.event_id}, row.id);
    change(by_age_, std::tuple{row.created_at, tenant, row.id}, memory::Nothing{});
  }

  const Events& events_;
  Table<std::tuple<TenantId, DeliveryId>, Delivery> rows_;
  Index<WebhookId, DeliveryId> by_webhook_;
  Index<WebhookId, std::int64_t, Instant, DeliveryId> queue_;
  Table<std::tuple<TenantId, WebhookId, std::string, std::int64_t, EventId>, DeliveryId> by_subject_;
  Table<std::tuple<Instant, TenantId, DeliveryId>, memory::Nothing> by_age_, finished_;
  Table<std::tuple<TenantId, DeliveryId, std::int64_t>, DeliveryAttempt> attempts_;
};

class Webhooks final : public WebhookRepository {
 public:
  Webhooks(UndoLog& undo, const Deliveries& deliveries)
      : deliveries_(deliveries), rows_(undo, "webhooks"), endpoints_(undo, "webhook_endpoints") {}

  std::optional<Webhook> find(TenantId tenant, WebhookId id) const override { return rows_.copy(tenant, id); }
  std::vector<Webhook> list(TenantId tenant, const Page& page) const override {
    std::vector<Webhook> list;
    for_each_newest(rows_, tenant, page, [&](const Webhook& row) {
      list.push_back(row);
      return true;
    });
    return list;
  }
  std::vector<Webhook> active(TenantId tenant) const override {
    std::vector<Webhook> list;
    for (const auto& [key, row] : rows_.range(tenant))
      if (row.status == WebhookStatus::active) list.push_back(row);
    return list;
  }
  std::vector<Due<WebhookId>> all(std::string_view after, std::size_t limit) const override {
    std::vector<Due<WebhookId>> list;
    for (const auto& [key, row] : rows_.rows())
      if (row.id.view() > after) list.push_back({std::get<TenantId>(key), row.id});
    std::ranges::sort(list, {}, [](const Due<WebhookId>& due) { return std::pair{due.id, due.tenant}; });
    if (list.size() > limit) list.resize(limit);
    return list;
  }
  void insert(TenantId tenant, const Webhook& webhook) override { rows_.insert({tenant, webhook.id}, webhook); }
  void update(TenantId tenant, const Webhook& webhook) override {
    if (rows_.find(tenant, webhook.id) != nullptr) rows_.put({tenant, webhook.id}, webhook);
  }
  void erase(TenantId tenant, WebhookId id) override {
    rows_.erase({tenant, id});
    endpoints_.erase({tenant, id});
  }

  std::optional<WebhookEndpoint> endpoint(TenantId tenant, WebhookId id) const override { return endpoints_.copy(tenant, id); }
  std::vector<Due<WebhookId>> due(std::string_view owner, Instant now, std::size_t limit) const override {
    std::vector<Due<WebhookId>> list;
    for (const auto& [key, row] : rows_.rows()) {
      if (list.size() == limit) break;
      const auto tenant = std::get<TenantId>(key);
      const auto* endpoint = endpoints_.find(tenant, row.id);
      const bool free = endpoint == nullptr || endpoint->owner == owner || endpoint->owned_until <= now;
      const bool shut = endpoint != nullptr && endpoint->open_until && now < *endpoint->open_until;
      if (row.status == WebhookStatus::active && free && !shut && deliveries_.any_due(tenant, row.id, now))
        list.push_back({tenant, row.id});
    }
    return list;
  }
  std::vector<Due<WebhookId>> owed_in_vain(std::size_t limit) const override {
    auto queued = deliveries_.queued();
    std::erase_if(queued, [&](const Due<WebhookId>& due) {
      const auto* row = rows_.find(due.tenant, due.id);
      return row != nullptr && row->status == WebhookStatus::active;
    });
    if (queued.size() > limit) queued.resize(limit);
    return queued;
  }
  std::optional<WebhookEndpoint> take(TenantId tenant, WebhookId id, std::string_view owner, Instant now, Instant until) override {
    WebhookEndpoint endpoint = endpoints_.copy(tenant, id).value_or(WebhookEndpoint{id, std::string{owner}, {}, 0, {}, {}});
    if (endpoint.owner != owner && now < endpoint.owned_until) return std::nullopt;
    endpoint.owner = owner;
    endpoint.owned_until = until;
    endpoints_.put({tenant, id}, endpoint);
    return endpoint;
  }
  void put_endpoint(TenantId tenant, const WebhookEndpoint& endpoint) override {
    const auto* old = endpoints_.find(tenant, endpoint.webhook_id);
    if (old != nullptr && old->owner == endpoint.owner) endpoints_.put({tenant, endpoint.webhook_id}, endpoint);
  }
  void clear_endpoint(TenantId tenant, WebhookId id) override {
    auto endpoint = endpoints_.copy(tenant, id);
    if (!endpoint) return;
    note_success(*endpoint);
    endpoints_.put({tenant, id}, *endpoint);
  }
  void release(std::string_view owner) override {
    for (auto next = endpoints_.rows().begin(); next != endpoints_.rows().end(); ++next) {
      if (!owner.empty() && next->second.owner != owner) continue;
      auto endpoint = next->second;
      endpoint.owned_until = Instant{};
      endpoints_.put(next->first, endpoint);
    }
  }
  Breakers breakers(Instant now) const override {
    Breakers breakers;
    for (const auto& [key, endpoint] : endpoints_.rows()) {
      breakers.open += breaker_state(endpoint, now) == BreakerState::open;
      breakers.half_open += breaker_state(endpoint, now) == BreakerState::half_open;
    }
    return breakers;
  }

 private:
  const Deliveries& deliveries_;
  Table<std::tuple<TenantId, WebhookId>, Webhook> rows_;
  Table<std::tuple<TenantId, WebhookId>, WebhookEndpoint> endpoints_;
};

class Notifications final : public NotificationRepository {
 public:
  explicit Notifications(UndoLog& undo)
      : rows_(undo, "notifications"), by_recipient_(undo, "notifications"), by_age_(undo, "notifications") {}

  std::vector<Notification> list(TenantId tenant, std::optional<CustomerId> customer, bool unread_only, const Page& page) const override {
    std::vector<Notification> list;
    const auto whose = recipient(customer);
    const auto all = by_recipient_.range(tenant, whose);
    auto next = page.before.empty() ? all.end() : by_recipient_.from(tenant, whose, std::string_view{page.before});
    while (list.size() < page.limit && next != all.begin()) {
      const Notification& row = *rows_.find(tenant, std::get<NotificationId>((--next)->first));
      if (!unread_only || !row.read_at) list.push_back(row);
    }
    return list;
  }
  std::size_t count_unread(TenantId tenant, std::optional<CustomerId> customer) const override {
    return list(tenant, customer, true, {std::numeric_limits<std::size_t>::max(), {}}).size();
  }
  std::optional<Notification> find(TenantId tenant, NotificationId id) const override { return rows_.copy(tenant, id); }
  void insert(TenantId tenant, const Notification& row) override {
    rows_.insert({tenant, row.id}, row);
    by_recipient_.insert({tenant, recipient(row.customer_id), row.id}, {});
    by_age_.insert({row.created_at, tenant, row.id}, {});
  }
  void mark_read(TenantId tenant, NotificationId id, Instant now) override {
    auto row = find(tenant, id);
    if (!row || row->read_at) return;
    row->read_at = now;
    rows_.put({tenant, id}, *row);
  }
  void mark_all_read(TenantId tenant, std::optional<CustomerId> customer, Instant now) override {
    for (const auto& row : list(tenant, customer, true, {std::numeric_limits<std::size_t>::max(), {}})) mark_read(tenant, row.id, now);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    std::size_t erased = 0;
    for (; erased < limit && !by_age_.rows().empty(); ++erased) {
      const auto oldest = by_age_.rows().begin()->first;
      if (std::get<Instant>(oldest) >= limit_instant) break;
      const TenantId tenant = std::get<TenantId>(oldest);
      const auto row = *find(tenant, std::get<NotificationId>(oldest));
      by_recipient_.erase({tenant, recipient(row.customer_id), row.id});
      by_age_.erase(oldest);
      rows_.erase({tenant, row.id});
    }
    return erased;
  }

 private:
  static std::string recipient(std::optional<CustomerId> customer) { return customer ? customer->str() : std::string{}; }

  Table<std::tuple<TenantId, NotificationId>, Notification> rows_;
  Index<std::string, NotificationId> by_recipient_;
  Table<std::tuple<Instant, TenantId, NotificationId>, memory::Nothing> by_age_;
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
  memory::PaymentTable payment_rows{undo};
  Bookings bookings{undo, customers, payment_rows};
  Coupons coupons{undo};
  memory::Disputes disputes{undo};
  Risk risk{undo, customers, bookings, disputes};
  Events events{undo};
  Idempotency idempotency{undo};
  Deliveries deliveries{undo, events};
  Webhooks webhooks{undo, deliveries};
  Notifications notifications{undo};
  std::unique_ptr<PaymentRepository> payments = memory::make_payments(undo, payment_rows);
  std::unique_ptr<ReviewRepository> reviews = memory::make_reviews(undo);
  std::unique_ptr<KybRepository> kyb = memory::make_kyb(undo);
  std::unique_ptr<AdminRepository> admins = memory::make_admins(undo);
  std::unique_ptr<AuditRepository> audit = memory::make_audit(undo);
  std::unique_ptr<ScoreRepository> scores = memory::make_scores(undo, tenants, offerings);
  std::unique_ptr<MailRepository> mails = memory::make_mails(undo);
  std::unique_ptr<CustomerPassRepository> customer_passes = memory::make_customer_passes(undo);
  std::unique_ptr<ImportRepository> imports = memory::make_imports(undo);
  std::unique_ptr<DomainRepository> domains = memory::make_domains(undo, tenants);
  std::unique_ptr<CalendarTokenRepository> calendar_tokens = memory::make_calendar_tokens(undo);
  std::unique_ptr<MemberRepository> members = memory::make_members(undo, tenants);
  memory::LanguageParts languages{undo};

  std::shared_mutex mutex;
  /// Everyone passes it on the way to `mutex`, a writer keeps it while it waits there: a stream of readers that
  /// overlap can't keep a writer out forever.
  std::mutex turn;

  [[nodiscard]] Repositories repositories() {
    return {tenants,
            api_keys,
            offerings,
            availability,
            pricing_rules,
            occupancy,
            holds,
            customers,
            bookings,
            coupons,
            risk,
            events,
            idempotency,
            webhooks,
            deliveries,
            notifications,
            {*payments, *reviews, disputes, *kyb, *admins, *audit, *scores, *mails, *customer_passes, *members},
            {*imports, *domains, *calendar_tokens},
            languages.all()};
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
