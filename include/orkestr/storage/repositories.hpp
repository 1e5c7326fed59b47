// What the platform asks of a store, one repository per kind of row. Every call takes the TenantId whose rows it may
// touch; the few that find a tenant by something global say so. Functions that only read are const.
//
// A repository belongs to its transaction and to that transaction's thread. When the database fails, calls throw
// StoreFailure, which `Store::read` and `Store::write` turn into an Error: it never leaves the store.
#pragma once

#include "orkestr/engine/api_key.hpp"
#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/branding.hpp"
#include "orkestr/engine/calendar.hpp"
#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/event.hpp"
#include "orkestr/engine/figures.hpp"
#include "orkestr/engine/notification.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/review.hpp"
#include "orkestr/engine/tenant.hpp"
#include "orkestr/engine/webhook.hpp"

#include <algorithm>
#include <functional>

namespace orkestr::inline v1::storage {

struct StoreFailure {
  Error error;
};

/// An answer that may still be on its way: a store that is a round trip away sends the question at once and waits when the
/// answer is wanted, so that several questions share a trip. Other stores answer at once.
/// Belongs to its transaction. What the transaction itself writes after asking does not count.
template <class T> class Later {
 public:
  Later(T answer) : answer_(std::move(answer)) {} // NOLINT(google-explicit-constructor)
  explicit Later(std::function<T()> wait) : wait_(std::move(wait)) {}
  /// Throws StoreFailure. Once.
  [[nodiscard]] T get() { return wait_ ? wait_() : std::move(*answer_); }

 private:
  std::optional<T> answer_;
  std::function<T()> wait_;
};

/// A stretch of a list, newest first unless it says otherwise: rows whose id is below `before`, at most `limit` of them.
struct Page {
  std::size_t limit = 50;
  std::string before; ///< empty: from the newest
};

struct TenantFilter {
  std::optional<TenantStatus> status;
  std::optional<std::string> text; ///< ASCII-case-blind part of name or subdomain
};

class TenantRepository {
 public:
  virtual ~TenantRepository() = default;
  [[nodiscard]] virtual std::optional<Tenant> find(TenantId tenant) const = 0;
  /// Global look-up.
  [[nodiscard]] virtual std::optional<Tenant> find_by_subdomain(std::string_view subdomain) const = 0;
  /// Over all tenants, for the platform's admins.
  [[nodiscard]] virtual std::vector<Tenant> list(const TenantFilter& filter, const Page& page) const = 0;
  /// Every tenant, for work that is due in each.
  [[nodiscard]] virtual std::vector<TenantId> all() const = 0;
  virtual void insert(const Tenant& tenant) = 0;
  virtual void update(const Tenant& tenant) = 0;

  /// What the tenant has made of its storefront, if anything.
  [[nodiscard]] virtual std::optional<Branding> branding(TenantId tenant) const = 0;
  virtual void put_branding(TenantId tenant, const Branding& branding) = 0;
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
  /// Those that are not revoked, by who made them.
  [[nodiscard]] virtual std::vector<ApiKey> made_by(TenantId tenant, MemberId member) const = 0;
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

/// Takes the `before` of a list that is ordered by a number, such as a price, apart. Borrows the text.
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
  /// Writes every field but the three of its ratings, which only rate() changes.
  virtual void update(TenantId tenant, const Offering& offering) = 0;
  /// Adds to the ratings of an offering, deleted or not, and works the average out anew: atomic.
  virtual void rate(TenantId tenant, OfferingId id, const RatingTotals& delta) = 0;
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
  /// Adds the holder's claim or replaces the one it has. @pre lock() was called in this transaction; a store that several
  /// programs write to refuses the claim otherwise
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
  int disputed = 0;  ///< disputes that they opened, ever

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
  /// Of the newest bookings of the customer with this address, so that a regular costs no more than others.
  std::string customer_email;
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
  [[nodiscard]] virtual Later<RiskNumbers> look_back(TenantId tenant, const RiskQuery& query) const = 0;
  /// Over all tenants; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

class CustomerRepository {
 public:
  virtual ~CustomerRepository() = default;
  [[nodiscard]] virtual std::optional<Customer> find(TenantId tenant, CustomerId id) const = 0;
  /// E-mail addresses compare ASCII-case-blind.
  [[nodiscard]] virtual Later<std::optional<Customer>> find_by_email(TenantId tenant, std::string_view email) const = 0;
  virtual void insert(TenantId tenant, const Customer& customer) = 0;
  virtual void update(TenantId tenant, const Customer& customer) = 0;
};

struct BookingFilter {
  std::optional<BookingStatus> status;
  std::optional<OfferingId> offering_id;
  std::optional<CustomerId> customer_id;
  std::optional<CouponId> coupon_id;
  std::optional<RiskReview> risk_review;
  std::optional<Interval> starting = {}; ///< bookings of which an item starts in it
};

struct TenantBooking {
  TenantId tenant;
  BookingRow booking;
};

/// How a booking was answered, as far as a score asks.
struct AnswerTimes {
  Instant created_at;
  std::optional<Instant> confirmed_at, cancelled_at;
  std::optional<BookingAction> ended_by;
};

class BookingRepository {
 public:
  virtual ~BookingRepository() = default;
  /// Whole: with customer, items and payments.
  [[nodiscard]] virtual std::optional<Booking> find(TenantId tenant, BookingId id) const = 0;
  [[nodiscard]] virtual std::vector<Booking> list(TenantId tenant, const BookingFilter& filter, const Page& page) const = 0;
  /// Items that start in the range, by start, then id; of one offering, if one is named.
  [[nodiscard]] virtual std::vector<BookedItem> items_starting(TenantId tenant, const Interval& range,
                                                               const std::optional<OfferingId>& offering) const = 0;
  /// Of all bookings made at `since` or later, by id. Cost depends on these alone.
  [[nodiscard]] virtual std::vector<AnswerTimes> answers_since(TenantId tenant, Instant since) const = 0;
  /// Items of bookings in any state, the customer's or everybody's, whose last item ends within the range; the latest to end first.
  [[nodiscard]] virtual std::vector<BookedTime> booked_times(TenantId tenant, std::optional<CustomerId> customer, Interval ends,
                                                             std::size_t limit) const = 0;
  /// Over all tenants: those whose risk review is PENDING, newest first.
  [[nodiscard]] virtual std::vector<TenantBooking> in_review(const Page& page) const = 0;
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
  /// In the order in which they were committed, those behind the event `after`, or from the first on when there is none such.
  /// @param settled leaves out what another transaction, still under way, may yet come before, this one's own included: who
  ///                goes on behind the last of these misses nothing
  [[nodiscard]] virtual std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool settled = false) const = 0;
  [[nodiscard]] virtual std::optional<Event> find(TenantId tenant, EventId id) const = 0;
};

/// Subscriptions, and how their endpoints fare.
class WebhookRepository {
 public:
  virtual ~WebhookRepository() = default;
  [[nodiscard]] virtual std::optional<Webhook> find(TenantId tenant, WebhookId id) const = 0;
  [[nodiscard]] virtual std::vector<Webhook> list(TenantId tenant, const Page& page) const = 0;
  /// Those that are ACTIVE, in the order of their ids: what events are fanned out to.
  [[nodiscard]] virtual std::vector<Webhook> active(TenantId tenant) const = 0;
  /// Of all tenants, in any state, in the order of their ids: those with an id above `after`.
  [[nodiscard]] virtual std::vector<Due<WebhookId>> all(std::string_view after, std::size_t limit) const = 0;
  virtual void insert(TenantId tenant, const Webhook& webhook) = 0;
  virtual void update(TenantId tenant, const Webhook& webhook) = 0;
  /// With its endpoint; deliveries stay.
  virtual void erase(TenantId tenant, WebhookId id) = 0;

  [[nodiscard]] virtual std::optional<WebhookEndpoint> endpoint(TenantId tenant, WebhookId id) const = 0;
  /// Over all tenants: ACTIVE ones with a delivery that is due, whose breaker lets it be sent, and that no other dispatcher has.
  [[nodiscard]] virtual std::vector<Due<WebhookId>> due(std::string_view owner, Instant now, std::size_t limit) const = 0;
  /// Over all tenants: those that are DISABLED or gone and yet have something PENDING, as when an event was fanned out while they ended.
  [[nodiscard]] virtual std::vector<Due<WebhookId>> owed_in_vain(std::size_t limit) const = 0;
  /// Makes `owner` the only one that sends to it until then, unless another is. @returns how it fares, nullopt if another has it
  [[nodiscard]] virtual std::optional<WebhookEndpoint> take(TenantId tenant, WebhookId id, std::string_view owner, Instant now,
                                                            Instant until) = 0;
  /// Writes how it fares, and until when it is had, if its owner still is the same.
  virtual void put_endpoint(TenantId tenant, const WebhookEndpoint& endpoint) = 0;
  /// It fares well, as far as is known.
  virtual void clear_endpoint(TenantId tenant, WebhookId id) = 0;
  /// Over all tenants: lets go of what a dispatcher has, or with an empty name, of what any has.
  virtual void release(std::string_view owner) = 0;
  /// Over all tenants: how many breakers are open, and how many wait for a probe.
  struct Breakers {
    std::size_t open = 0, half_open = 0;
  };
  [[nodiscard]] virtual Breakers breakers(Instant now) const = 0;
};

struct DeliveryFilter {
  std::optional<DeliveryStatus> status;
  std::optional<EventType> event;
  std::optional<Instant> from, to; ///< of creation, half-open
};

/// What is owed to endpoints, in the transaction that appends the event, and what became of it.
class DeliveryRepository {
 public:
  virtual ~DeliveryRepository() = default;
  [[nodiscard]] virtual std::optional<Delivery> find(TenantId tenant, DeliveryId id) const = 0;
  [[nodiscard]] virtual std::vector<Delivery> list(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter,
                                                   const Page& page) const = 0;
  [[nodiscard]] virtual std::size_t count(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter) const = 0;
  /// By number.
  [[nodiscard]] virtual std::vector<DeliveryAttempt> attempts(TenantId tenant, DeliveryId id) const = 0;
  /// The delivery that this one waits for: PENDING, to the same endpoint, about the same subject, of an earlier event.
  [[nodiscard]] virtual std::optional<Delivery> ahead_of(TenantId tenant, const Delivery& delivery) const = 0;
  struct Ready {
    Delivery delivery;
    std::string body; ///< of the event
  };
  /// PENDING, due and the first of their subject; by when they were due.
  [[nodiscard]] virtual std::vector<Ready> due(TenantId tenant, WebhookId webhook, bool retrying, Instant now, std::size_t limit) const = 0;
  /// Over all tenants: when the oldest that is PENDING was made.
  [[nodiscard]] virtual std::optional<Instant> oldest_pending() const = 0;

  /// @pre its event has been appended
  virtual void insert(TenantId tenant, const Delivery& delivery) = 0;
  /// Writes what an attempt made of it, unless it isn't PENDING any more or another attempt was noted: `attempts_so_far`.
  virtual void settle(TenantId tenant, const Delivery& delivery, int attempts_so_far) = 0;
  /// Keeps the first of two with one number.
  virtual void insert_attempt(TenantId tenant, const DeliveryAttempt& attempt) = 0;
  /// Makes one that is not PENDING due at once, with a schedule that begins anew. @returns whether it is such a one
  [[nodiscard]] virtual bool replay(TenantId tenant, DeliveryId id, Instant now) = 0;
  /// The same for all that the filter finds. @returns how many
  virtual std::size_t replay(TenantId tenant, WebhookId webhook, const DeliveryFilter& filter, Instant now) = 0;
  /// Ends all that are PENDING as DEAD. @returns how many
  virtual std::size_t kill(TenantId tenant, WebhookId webhook, std::string_view error, Instant now) = 0;
  /// Over all tenants, finished before then, with their attempts; at most `limit`. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

class NotificationRepository {
 public:
  virtual ~NotificationRepository() = default;
  /// The customer's, or without one the provider's.
  [[nodiscard]] virtual std::vector<Notification> list(TenantId tenant, std::optional<CustomerId> customer, bool unread_only,
                                                       const Page& page) const = 0;
  [[nodiscard]] virtual std::size_t count_unread(TenantId tenant, std::optional<CustomerId> customer) const = 0;
  [[nodiscard]] virtual std::optional<Notification> find(TenantId tenant, NotificationId id) const = 0;
  virtual void insert(TenantId tenant, const Notification& notification) = 0;
  /// Those that were read before stay as they are.
  virtual void mark_read(TenantId tenant, NotificationId id, Instant now) = 0;
  virtual void mark_all_read(TenantId tenant, std::optional<CustomerId> customer, Instant now) = 0;
  /// Over all tenants; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
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
