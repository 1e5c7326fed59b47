// What the platform asks of a store, one repository per kind of row. Every call takes the TenantId whose rows it may
// touch; the few that find a tenant by something global say so. Functions that only read are const.
//
// A repository belongs to its transaction and to that transaction's thread. When the database fails, calls throw
// StoreFailure, which `Store::read` and `Store::write` turn into an Error: it never leaves the store.
#pragma once

#include "orkestr/engine/api_key.hpp"
#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/event.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/tenant.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage {

struct StoreFailure {
  Error error;
};

/// A stretch of a list, newest first unless it says otherwise: rows whose id is below `before`, at most `limit` of them.
struct Page {
  std::size_t limit = 50;
  std::string before; ///< empty: from the newest
};

class TenantRepository {
 public:
  virtual ~TenantRepository() = default;
  [[nodiscard]] virtual std::optional<Tenant> find(TenantId tenant) const = 0;
  /// Global look-up.
  [[nodiscard]] virtual std::optional<Tenant> find_by_subdomain(std::string_view subdomain) const = 0;
  /// Every tenant, for work that is due in each.
  [[nodiscard]] virtual std::vector<TenantId> all() const = 0;
  virtual void insert(const Tenant& tenant) = 0;
  virtual void update(const Tenant& tenant) = 0;
};

struct FoundApiKey {
  Tenant tenant;
  ApiKey key;
};

class ApiKeyRepository {
 public:
  virtual ~ApiKeyRepository() = default;
  /// Global look-up, revoked and expired keys too: the caller decides.
  [[nodiscard]] virtual std::optional<FoundApiKey> find_by_prefix(std::string_view prefix) const = 0;
  [[nodiscard]] virtual std::optional<ApiKey> find(TenantId tenant, ApiKeyId id) const = 0;
  /// Keys that are not revoked.
  [[nodiscard]] virtual std::vector<ApiKey> list(TenantId tenant, const Page& page) const = 0;
  virtual void insert(TenantId tenant, const ApiKey& key) = 0;
  virtual void update(TenantId tenant, const ApiKey& key) = 0;
};

/// Ties go to the newer one.
enum class OfferingOrder { newest, price_rising, price_falling };

struct OfferingFilter {
  std::optional<OfferingStatus> status;
  std::optional<std::string> category, product_type_key;
  std::optional<std::string> text; ///< ASCII-case-blind part of title or description
  std::optional<Instant> updated_since;
  std::optional<Amount> min_price, max_price;
  /// An attribute's value: a text, one of a list of texts, a number or true or false, as text.
  std::optional<std::pair<std::string, std::string>> attribute;
  OfferingOrder order = OfferingOrder::newest; ///< with another order, a page begins at `<price>|<id>`
};

/// Takes the `before` of a list ordered by price apart. Borrows the text.
[[nodiscard]] std::optional<std::pair<Amount, std::string_view>> price_place(std::string_view before);
[[nodiscard]] std::string price_place(const Offering& offering);

/// Live offerings only: a deleted one is not found.
class OfferingRepository {
 public:
  virtual ~OfferingRepository() = default;
  [[nodiscard]] virtual std::optional<Offering> find(TenantId tenant, OfferingId id) const = 0;
  [[nodiscard]] virtual std::optional<Offering> find_by_slug(TenantId tenant, std::string_view slug) const = 0;
  [[nodiscard]] virtual std::vector<Offering> list(TenantId tenant, const OfferingFilter& filter, const Page& page) const = 0;
  /// Also of a deleted offering: bookings of it can still be moved or read. @pre as find()
  [[nodiscard]] virtual std::optional<Offering> find_even_deleted(TenantId tenant, OfferingId id) const = 0;
  virtual void insert(TenantId tenant, const Offering& offering) = 0;
  virtual void update(TenantId tenant, const Offering& offering) = 0;
};

class AvailabilityRepository {
 public:
  virtual ~AvailabilityRepository() = default;
  /// In the order of their ids, which is the order of creation.
  [[nodiscard]] virtual std::vector<AvailabilityRule> rules(TenantId tenant, OfferingId offering) const = 0;
  [[nodiscard]] virtual std::vector<AvailabilityException> exceptions(TenantId tenant, OfferingId offering) const = 0;
  virtual void insert(TenantId tenant, const AvailabilityRule& rule) = 0;
  virtual void update(TenantId tenant, const AvailabilityRule& rule) = 0;
  virtual void erase(TenantId tenant, RuleId rule) = 0;
  virtual void insert(TenantId tenant, const AvailabilityException& exception) = 0;
  virtual void update(TenantId tenant, const AvailabilityException& exception) = 0;
  virtual void erase(TenantId tenant, ExceptionId exception) = 0;
};

class PricingRuleRepository {
 public:
  virtual ~PricingRuleRepository() = default;
  /// In the order of their ids.
  [[nodiscard]] virtual std::vector<PricingRule> of(TenantId tenant, OfferingId offering) const = 0;
  virtual void insert(TenantId tenant, const PricingRule& rule) = 0;
  virtual void update(TenantId tenant, const PricingRule& rule) = 0;
  virtual void erase(TenantId tenant, PricingRuleId rule) = 0;
};

/// Who has a claim: a booking item or a hold.
class Holder {
 public:
  Holder() = default;
  Holder(BookingItemId item) : text_(chars(item.view())) {} // NOLINT(google-explicit-constructor)
  Holder(HoldId hold) : text_(chars(hold.view())) {}        // NOLINT(google-explicit-constructor)
  [[nodiscard]] static Holder parse(std::string_view text) {
    Holder holder;
    if (text.size() == size) holder.text_ = chars(text);
    return holder;
  }

  [[nodiscard]] std::string_view view() const { return {text_.data(), text_[0] == '\0' ? 0 : size}; }
  friend auto operator<=>(const Holder&, const Holder&) = default;

 private:
  static constexpr std::size_t size = BookingItemId::size;
  static_assert(HoldId::size == size);
  static std::array<char, size> chars(std::string_view text) {
    std::array<char, size> copy{};
    std::copy_n(text.begin(), std::min(text.size(), size), copy.begin());
    return copy;
  }
  std::array<char, size> text_{};
};

enum class ClaimStatus { held, pending, confirmed };

/// Units that are taken over an interval, by a booking item or, until it expires, by a hold.
struct Claim {
  Holder holder;
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  ClaimStatus status = ClaimStatus::pending;
  std::optional<Instant> expires_at; ///< of a hold: from then on it counts for nothing
};

/// Who takes what, when. `key` is what units are taken of: see capacity_key(). The invariant "never above capacity" is
/// kept by this sequence in one write transaction: lock(), in_range(), check_bookable(), put(). Whoever locks second waits
/// or is retried, and reads the first one's claim.
class OccupancyRepository {
 public:
  virtual ~OccupancyRepository() = default;
  /// Claims that overlap the interval and have not expired, by start. Cost depends on those in and near it only.
  [[nodiscard]] virtual std::vector<Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const = 0;
  /// Serialises everything that adds claims on this key until the transaction ends. No claim that is then put may be longer
  /// than `longest`: it is what bounds the search of in_range().
  virtual void lock(TenantId tenant, std::string_view key, std::chrono::milliseconds longest) = 0;
  /// Adds the holder's claim or replaces the one it has. @pre lock() was called, once for each put
  virtual void put(TenantId tenant, std::string_view key, const Claim& claim) = 0;
  /// Changes the status of a claim, when there is one.
  virtual void set_status(TenantId tenant, Holder holder, ClaimStatus status) = 0;
  virtual void erase(TenantId tenant, Holder holder) = 0;
};

/// A row of some tenant at which work is due. Lists of these, read in a write transaction, hold rows that are locked to it
/// and leave out those that another server is working on, where several share a database.
template <class AnyId> struct Due {
  TenantId tenant;
  AnyId id;
};

class HoldRepository {
 public:
  virtual ~HoldRepository() = default;
  /// Expired ones too, until they are swept.
  [[nodiscard]] virtual std::optional<Hold> find(TenantId tenant, HoldId id) const = 0;
  /// How many this client has that have not expired.
  [[nodiscard]] virtual std::size_t count_live(TenantId tenant, std::string_view client, Instant now) const = 0;
  /// Over all tenants: those expired at or before `now`, oldest first.
  [[nodiscard]] virtual std::vector<Due<HoldId>> expired(Instant now, std::size_t limit) const = 0;
  virtual void insert(TenantId tenant, const Hold& hold) = 0;
  virtual void erase(TenantId tenant, HoldId id) = 0;
};

enum class AttemptKind { booking, coupon_refused, hold_lapsed };

/// Something a visitor tried, kept for a while to see how often they do.
struct Attempt {
  AttemptId id;
  AttemptKind kind = AttemptKind::booking;
  std::optional<std::string> email, ip, device, card; ///< e-mail addresses in lower case
  Instant at;
};
enum class AttemptTrait { email, ip, device, card };

/// What became of a customer's bookings so far.
struct CustomerHistory {
  int confirmed = 0; ///< ever
  int cancelled = 0; ///< after they had been confirmed
  int refunded = 0;  ///< in full

  void add(BookingStatus status, bool was_confirmed) {
    confirmed += was_confirmed;
    cancelled += was_confirmed && status == BookingStatus::cancelled;
    refunded += status == BookingStatus::refunded;
  }
};

/// What a risk score asks of the past, all at once: a store that is a round trip away answers it in one.
struct RiskQuery {
  /// Attempts of a kind with this trait since then.
  struct Attempts {
    AttemptKind kind = AttemptKind::booking;
    AttemptTrait trait = AttemptTrait::email;
    std::string value;
    Instant since;
  };
  std::vector<Attempts> attempts;
  /// Of the customer's newest bookings, so that a regular costs no more than others.
  CustomerId customer;
  std::size_t newest_bookings = 0;
  /// Totals of the tenant's newest bookings in a currency.
  Currency currency;
  std::size_t newest_totals = 0;
};
struct RiskNumbers {
  std::vector<int> attempts; ///< how many, in the order asked
  CustomerHistory history;
  std::vector<Amount> totals; ///< newest first
};

class RiskRepository {
 public:
  virtual ~RiskRepository() = default;
  /// The tenant's own policy, if it has one.
  [[nodiscard]] virtual std::optional<RiskPolicy> policy(TenantId tenant) const = 0;
  virtual void put_policy(TenantId tenant, const RiskPolicy& policy) = 0;
  virtual void insert(TenantId tenant, const Attempt& attempt) = 0;
  [[nodiscard]] virtual RiskNumbers look_back(TenantId tenant, const RiskQuery& query) const = 0;
  /// Over all tenants; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

class CustomerRepository {
 public:
  virtual ~CustomerRepository() = default;
  [[nodiscard]] virtual std::optional<Customer> find(TenantId tenant, CustomerId id) const = 0;
  /// E-mail addresses compare ASCII-case-blind.
  [[nodiscard]] virtual std::optional<Customer> find_by_email(TenantId tenant, std::string_view email) const = 0;
  virtual void insert(TenantId tenant, const Customer& customer) = 0;
  virtual void update(TenantId tenant, const Customer& customer) = 0;
};

struct BookingFilter {
  std::optional<BookingStatus> status;
  std::optional<OfferingId> offering_id;
  std::optional<CustomerId> customer_id;
  std::optional<RiskReview> risk_review;
};

class BookingRepository {
 public:
  virtual ~BookingRepository() = default;
  /// Whole: with customer, items and payments.
  [[nodiscard]] virtual std::optional<Booking> find(TenantId tenant, BookingId id) const = 0;
  [[nodiscard]] virtual std::vector<Booking> list(TenantId tenant, const BookingFilter& filter, const Page& page) const = 0;
  /// Over all tenants: CONFIRMED bookings whose last item ended at or before `now`, at most `limit`.
  [[nodiscard]] virtual std::vector<Due<BookingId>> due_for_completion(Instant now, std::size_t limit) const = 0;
  /// Over all tenants: bookings whose payment was due at or before `now`, at most `limit`.
  [[nodiscard]] virtual std::vector<Due<BookingId>> due_for_payment(Instant now, std::size_t limit) const = 0;
  /// Writes the row, its items and its payments; the customer must exist.
  virtual void insert(TenantId tenant, const Booking& booking) = 0;
  /// Writes the row alone.
  virtual void update(TenantId tenant, const BookingRow& booking) = 0;
  virtual void update_item(TenantId tenant, const BookingItem& item) = 0;
  virtual void insert_payment(TenantId tenant, const Payment& payment) = 0;
  virtual void update_payment(TenantId tenant, const Payment& payment) = 0;
};

class CouponRepository {
 public:
  virtual ~CouponRepository() = default;
  /// Live coupons only.
  [[nodiscard]] virtual std::optional<Coupon> find(TenantId tenant, CouponId id) const = 0;
  [[nodiscard]] virtual std::optional<Coupon> find_by_code(TenantId tenant, std::string_view folded_code) const = 0;
  [[nodiscard]] virtual std::vector<Coupon> list(TenantId tenant, std::optional<bool> active, const Page& page) const = 0;
  /// Of the trash.
  [[nodiscard]] virtual std::optional<Coupon> find_deleted(TenantId tenant, CouponId id) const = 0;
  [[nodiscard]] virtual std::vector<Coupon> list_deleted(TenantId tenant, const Page& page) const = 0;
  /// Redemptions by this customer that still count.
  [[nodiscard]] virtual std::int64_t redemptions_of(TenantId tenant, CouponId id, CustomerId customer) const = 0;
  virtual void insert(TenantId tenant, const Coupon& coupon) = 0;
  /// Writes every field but the count of redemptions, which only redeem() and give_back() change.
  virtual void update(TenantId tenant, const Coupon& coupon) = 0;
  /// Counts a redemption for a booking unless that would pass `maxRedemptions`: atomic. @returns false when it would
  [[nodiscard]] virtual bool redeem(TenantId tenant, CouponId id, BookingId booking, CustomerId customer) = 0;
  /// Takes a booking's redemption back; nothing happens when there is none.
  virtual void give_back(TenantId tenant, CouponId id, BookingId booking) = 0;
};

/// The outbox. Rows are appended in the transaction that changes the state and never altered.
class EventRepository {
 public:
  virtual ~EventRepository() = default;
  virtual void append(TenantId tenant, const Event& event) = 0;
  /// Oldest first, those with an id above `after`.
  [[nodiscard]] virtual std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit) const = 0;
};

/// What a request with an idempotency key was answered.
struct IdempotencyRecord {
  std::string key;
  std::string fingerprint; ///< of method, target and body
  int status = 0;
  std::string headers, body;
  Instant created_at;
};

class IdempotencyRepository {
 public:
  virtual ~IdempotencyRepository() = default;
  [[nodiscard]] virtual std::optional<IdempotencyRecord> find(TenantId tenant, std::string_view key) const = 0;
  /// Adds or replaces.
  virtual void put(TenantId tenant, const IdempotencyRecord& record) = 0;
  /// Over all tenants; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

} // namespace orkestr::inline v1::storage

namespace orkestr::inline v1::json {
template <> struct EnumNames<storage::ClaimStatus> {
  static constexpr std::array<std::string_view, 3> names{"HELD", "PENDING", "CONFIRMED"};
};
template <> struct EnumNames<storage::AttemptKind> {
  static constexpr std::array<std::string_view, 3> names{"BOOKING", "COUPON_REFUSED", "HOLD_LAPSED"};
};
} // namespace orkestr::inline v1::json
