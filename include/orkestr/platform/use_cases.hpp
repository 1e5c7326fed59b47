// Use cases by name: load, ask the engine, store, write events to the outbox. See platform.hpp for how they are run.
#pragma once

#include "orkestr/engine/audit.hpp"
#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/network_guard.hpp"
#include "orkestr/engine/risk.hpp"
#include "orkestr/engine/secret_box.hpp"
#include "orkestr/platform/disputes.hpp"
#include "orkestr/platform/payments.hpp"
#include "orkestr/platform/reviews.hpp"
#include "orkestr/platform/scores.hpp"
#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1 {

/// What a use case works with: a transaction, the tenant whose rows it may touch, the time it happens at.
/// Belongs to the transaction's thread.
/// What mails are made with beyond the transaction. Borrows.
struct MailRules {
  const SecretBox& secrets;
  Random& random;
  std::string storefront; ///< where tenants' pages are: see storefront_origin()
};

struct WriteContext {
  WriteContext(storage::WriteTransaction& transaction, TenantId whose, Instant at, IdMinter& minter, Actor who = {})
      : tx(transaction), tenant(whose), now(at), ids(minter), actor(std::move(who)) {}

  storage::WriteTransaction& tx;
  TenantId tenant;
  Instant now;
  IdMinter& ids;
  Actor actor;                     ///< who acts, for the audit log
  bool appended = false;           ///< the outbox has an event more
  bool emitted = false;            ///< something is owed to an endpoint now
  bool payment_due = false;        ///< a gateway is to be asked now
  const MailRules* mail = nullptr; ///< none where no mail can be sent: then none is queued
  bool mailed = false;             ///< a mail is queued
  bool import_due = false;         ///< a file waits for an ImportDesk
  bool domain_due = false;         ///< a domain waits for a DomainDesk
  bool translation_due = false;    ///< texts wait for a TranslationDesk

  template <class AnyId> [[nodiscard]] AnyId make_id() { return ids.make<AnyId>(now); }
  /// Appends an event to the outbox, fans it out to the webhooks that want it, and notifies. `data` is one complete JSON object.
  void emit(EventType type, std::string_view subject, std::string_view data);
  /// Sets the id and the time.
  void notify(Notification notification);
  /// Appends to the audit log: the actor did this (`booking.cancel`) to that row. What an admin does is written into the platform's
  /// own log as well.
  template <class AnyId> void audit(std::string_view action, const AnyId& subject, const std::string& detail = {}) {
    note(action, subject.view(), detail);
  }

 private:
  void note(std::string_view action, std::string_view subject, const std::string& detail);
};

// ---- Tenants and keys --------------------------------------------------------------------------------------------

/// @errors `invalid_parameter` for its subdomain or zone, `subdomain_taken`
[[nodiscard]] Result<void> insert_tenant(storage::WriteTransaction& tx, const Tenant& tenant);

struct IssuedApiKey {
  ApiKey key;
  std::string token; ///< shown once, kept nowhere
};

/// A key that is not stored yet: hashing takes 50–90 ms and belongs outside transactions.
[[nodiscard]] IssuedApiKey prepare_api_key(Random& random);

/// Stores a prepared key with the name, scopes and expiry of `draft`.
[[nodiscard]] Result<IssuedApiKey> create_api_key(WriteContext& cx, const ApiKey& draft, IssuedApiKey prepared);
/// @errors `not_found`, also when it is revoked already
[[nodiscard]] Result<ApiKey> revoke_api_key(WriteContext& cx, ApiKeyId id);

/// Writes how the storefront looks, and the tenant's own name, zone, locale, currency, logo and colour.
/// `reader` holds the faults that reading the input found. @errors `invalid_fields`
[[nodiscard]] Result<void> set_branding(WriteContext& cx, const Tenant& tenant, const Branding& branding, json::Reader& reader);

// ---- Offerings and availability ----------------------------------------------------------------------------------
// `reader` holds the faults that reading the input found; those of the whole are added and reported together.

/// An empty slug is made from the title. @errors `invalid_fields`, `slug_taken`
[[nodiscard]] Result<Offering> create_offering(WriteContext& cx, Offering draft, json::Reader& reader);
/// @errors `not_found`, `invalid_fields`, `slug_taken`, `invalid_transition`
[[nodiscard]] Result<Offering> update_offering(WriteContext& cx, Offering changed, json::Reader& reader);
/// Soft: gone from every read, its bookings stay. @errors `not_found`
[[nodiscard]] Result<void> delete_offering(WriteContext& cx, OfferingId id);
/// Makes an offering found by what it says now; whatever changes what it says calls it, in its transaction.
void index_offering(WriteContext& cx, const Offering& offering);
/// The same for one that was there before the index, which then no longer waits.
Result<void> index_pending(WriteContext& cx, OfferingId id);

[[nodiscard]] Result<AvailabilityRule> create_rule(WriteContext& cx, AvailabilityRule draft, json::Reader& reader);
[[nodiscard]] Result<AvailabilityRule> update_rule(WriteContext& cx, const AvailabilityRule& changed, json::Reader& reader);
[[nodiscard]] Result<AvailabilityException> create_exception(WriteContext& cx, AvailabilityException draft, json::Reader& reader);
[[nodiscard]] Result<AvailabilityException> update_exception(WriteContext& cx, const AvailabilityException& changed, json::Reader& reader);

// @pre the row is there
void delete_rule(WriteContext& cx, RuleId id);
void delete_exception(WriteContext& cx, ExceptionId id);
void delete_pricing_rule(WriteContext& cx, PricingRuleId id);
/// @pre validate() found no fault
void set_risk_policy(WriteContext& cx, const RiskPolicy& policy);

inline constexpr std::size_t max_rules_per_offering = 500;
inline constexpr std::size_t max_exceptions_per_offering = 2000;

[[nodiscard]] Result<PricingRule> create_pricing_rule(WriteContext& cx, PricingRule draft, json::Reader& reader);
[[nodiscard]] Result<PricingRule> update_pricing_rule(WriteContext& cx, const PricingRule& changed, json::Reader& reader);

/// Everything that decides when an offering is free, and what comes of it.
struct AvailabilityView {
  Offering offering;
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions;
  std::vector<storage::Claim> booked; ///< those that overlap the range, of whoever shares the resource
  std::vector<Slot> slots;

  [[nodiscard]] Result<Schedule> schedule() const;
};

/// Loads rules and exceptions of an offering. @errors `not_found`
[[nodiscard]] Result<AvailabilityView> load_availability(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering);
/// The same, of a deleted offering too: its bookings can still be moved.
[[nodiscard]] Result<AvailabilityView> load_availability_even_deleted(const storage::ReadTransaction& tx, TenantId tenant,
                                                                      OfferingId offering);
/// Claims as the engine takes them.
[[nodiscard]] std::vector<Occupancy> occupancies(std::span<const storage::Claim> claims);
/// Fills `booked` and, when wanted, `slots`. @errors those of expand()
[[nodiscard]] Result<void> fill_availability(const storage::ReadTransaction& tx, TenantId tenant, AvailabilityView& view, Interval range,
                                             bool with_slots, Audience audience, Instant now);

// ---- Coupons -----------------------------------------------------------------------------------------------------

/// @errors `invalid_fields`, `code_taken`
[[nodiscard]] Result<Coupon> create_coupon(WriteContext& cx, Coupon draft, json::Reader& reader);
[[nodiscard]] Result<Coupon> update_coupon(WriteContext& cx, Coupon changed, json::Reader& reader);
/// Soft: it goes to the trash, and its code is free. @errors `not_found`
[[nodiscard]] Result<void> delete_coupon(WriteContext& cx, CouponId id);
/// Brings a coupon back from the trash as it was. @errors `not_found`, `code_taken`
[[nodiscard]] Result<Coupon> restore_coupon(WriteContext& cx, CouponId id);

// ---- Holds and quotes --------------------------------------------------------------------------------------------

struct HoldRequest {
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  std::string client; ///< who asks, such as a network address: it may hold `max_holds_per_client` at a time
};
inline constexpr std::size_t max_holds_per_client = 20;

/// Keeps units for `hold_time`. @errors `not_found`, `slot_unavailable`, `duration_not_allowed`, `too_many_holds`
[[nodiscard]] Result<Hold> hold(WriteContext& cx, const HoldRequest& request);
/// @errors `not_found`, also when it has expired or was booked
[[nodiscard]] Result<void> release_hold(WriteContext& cx, HoldId id);
/// Sweeps a hold that has lapsed. @errors `not_found` when it is gone or still counts
[[nodiscard]] Result<void> expire_hold(WriteContext& cx, HoldId id);

struct QuoteRequest {
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  std::optional<HoldId> hold_id; ///< in place of the three above; its own units don't count against it
  std::optional<std::string> coupon_code;
  std::optional<std::string> customer_email; ///< for coupons with a limit per customer
  Audience audience = Audience::customer;
};
struct QuoteView {
  Quote quote;
  Offering offering;
  Interval interval;
  int quantity = 1;
  std::optional<Coupon> coupon;
};
/// What a booking would cost now, if it can be had at all.
/// @errors `not_found`, `hold_expired`, `slot_unavailable`, `duration_not_allowed`, the `coupon_…` codes, `amount_overflow`
[[nodiscard]] Result<QuoteView> quote_booking(const storage::ReadTransaction& tx, TenantId tenant, const QuoteRequest& request,
                                              Instant now);

// ---- Bookings ----------------------------------------------------------------------------------------------------

/// What is known about the visitor, for risk() alone.
struct ClientFacts {
  std::optional<std::string> ip, device, card; ///< a card as the gateway's fingerprint of it
  std::optional<std::string> country, ip_country, card_country;
};

struct BookRequest {
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  std::optional<HoldId> hold_id; ///< in place of the three above: notice and window were checked when it was made
  std::string customer_name, customer_email;
  std::optional<std::string> customer_phone, customer_locale;
  std::optional<std::string> coupon_code;
  std::optional<Amount> expected_total_cents; ///< refuse when the total is another
  bool pay_online = false;                    ///< payment is due within `payment_time`, or the booking ends
  ClientFacts client;
  std::optional<std::string> manage_token; ///< see make_manage_token(); only its hash is kept
  std::string notes, source = "api";
  Audience audience = Audience::customer;
};

/// Makes a booking of one item: takes the slot or the hold, counts the coupon, keeps price and policy as they are now,
/// scores the risk. It is PENDING, or CONFIRMED at once where the offering approves by itself, nothing is to be paid and the
/// risk is low.
/// @errors `not_found`, `hold_expired`, `slot_unavailable`, `duration_not_allowed`, the `coupon_…` codes, `amount_overflow`,
///         `price_changed` (its members hold the new quote), `booking_blocked`
[[nodiscard]] Result<Booking> book(WriteContext& cx, const BookRequest& request);

/// What came of a checkout. A refusal is a value here, so that the attempt it was is kept: commit either way.
struct Checkout {
  std::optional<Booking> booking;
  Error refusal; ///< why there is none
};
/// Notes the attempt, books in a part of its own, and notes refused coupons: what risk() counts.
[[nodiscard]] Checkout check_out(WriteContext& cx, const BookRequest& request);

/// What a customer acts with on their booking: `bmt_` and 48 characters.
[[nodiscard]] std::string make_manage_token(Random& random);
/// The booking with that id, by its manage token or by the session of its customer.
/// @errors `not_found`, also where it is another's; `unauthenticated` for a session that is over
[[nodiscard]] Result<Booking> find_managed(const storage::ReadTransaction& tx, TenantId tenant, BookingId id, std::string_view token,
                                           Instant now);

// ---- Customers come in -------------------------------------------------------------------------------------------

/// What opens a session once, and a session: `clk_` and `cst_` with 48 characters. Only their hashes are kept.
[[nodiscard]] std::string make_link_token(Random& random);
[[nodiscard]] std::string make_session_token(Random& random);
[[nodiscard]] bool is_session_token(std::string_view token);

/// Mails a link to whoever has bookings under that address, unless `most_live_links` are live. What it answers, and does, is the same
/// for an address that nobody has. @errors `mail_unavailable`
[[nodiscard]] Result<void> send_customer_link(WriteContext& cx, std::string_view email, std::string_view link_token);

/// Uses a link up. @returns the session. @errors `not_found`: used, expired, or never there
[[nodiscard]] Result<CustomerPass> open_customer_session(WriteContext& cx, std::string_view link_token, std::string_view session_token);
/// @errors `unauthenticated`
[[nodiscard]] Result<CustomerPass> find_customer_session(const storage::ReadTransaction& tx, TenantId tenant, std::string_view token,
                                                         Instant now);
/// @errors `unauthenticated`
[[nodiscard]] Result<void> end_customer_session(WriteContext& cx, std::string_view token);

/// Gathers what risk() needs of the past and of the request; the amount is set once it is known. The attempt itself has been
/// noted before, or isn't counted.
/// @param currency of the booking to come, for the totals it is compared with
/// @param start of the booking to come
[[nodiscard]] storage::Later<RiskFacts> gather_risk_facts(const storage::ReadTransaction& tx, TenantId tenant, const BookRequest& request,
                                                          Currency currency, Instant start, Instant now);

/// By a person, which settles a risk review too. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> approve(WriteContext& cx, BookingId id);
/// PENDING only; everything goes back. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> decline(WriteContext& cx, BookingId id, std::optional<std::string> reason);
/// The policy on the booking decides `refundPercent`. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> cancel(WriteContext& cx, BookingId id, std::optional<std::string> reason);
/// PENDING and past `payment_due_at` only. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> expire_payment(WriteContext& cx, BookingId id);
/// What cancel() would give back now, with nothing changed.
struct CancellationTerms {
  BookingId booking_id;
  int refund_percent = 0;
  Amount refund_cents = 0;
  Currency currency;
  bool within_grace = false;
  std::optional<RefundTier> tier; ///< the tier that decides, if one does
};
/// @errors `invalid_transition`
[[nodiscard]] Result<CancellationTerms> cancellation_terms(const Booking& booking, Instant now);

/// Ends the review of a booking held for its risk. Approving confirms it where it only waited for that; rejecting declines it.
/// @errors `not_found`, `invalid_transition` when no review is pending
[[nodiscard]] Result<Booking> review_risk(WriteContext& cx, BookingId id, bool approved);

struct PaymentRecord {
  Amount amount_cents = 0;
  std::string provider = "manual"; ///< who took the money
  bool succeeded = true;
};
/// Notes a payment. One that settles the whole total confirms a PENDING booking whose offering approves by itself and whose
/// risk is low; one that failed leaves it as it was, to be paid again. @errors `not_found`, `invalid_transition` unless
/// PENDING, CONFIRMED or COMPLETED, `invalid_fields` for more than is owed
[[nodiscard]] Result<Booking> record_payment(WriteContext& cx, BookingId id, const PaymentRecord& record);
/// CONFIRMED and ended only. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> complete(WriteContext& cx, BookingId id);

struct RescheduleRequest {
  std::optional<BookingItemId> item_id; ///< may be left out when the booking has one item
  Interval interval;
  Audience audience = Audience::provider; ///< customers are bound by notice, window and `rescheduleAllowed`
};
struct Rescheduled {
  Booking booking;
  Amount price_difference_cents = 0; ///< new total minus old
};

/// Takes the new slot and frees the old in one transaction. The same duration keeps its price; another is quoted anew.
/// @errors `not_found`, `invalid_transition`, `invalid_fields`, `slot_unavailable`, `duration_not_allowed`, `reschedule_not_allowed`
[[nodiscard]] Result<Rescheduled> reschedule(WriteContext& cx, BookingId id, const RescheduleRequest& request);
[[nodiscard]] Result<Booking> edit_notes(WriteContext& cx, BookingId id, std::string notes);

// ---- Webhooks ----------------------------------------------------------------------------------------------------

/// What decides about webhooks beyond the transaction. Borrows.
struct WebhookRules {
  const SecretBox& secrets;
  Random& random;
  NetworkPolicy network;
};

/// A subscription and, this once, the secret that its receiver verifies with.
struct IssuedWebhook {
  Webhook webhook;
  std::string secret;
};

inline constexpr std::size_t max_webhooks = 50;

/// @errors `invalid_fields`, `url_invalid`, `address_not_public`, `not_implemented` where no key for secrets was configured
[[nodiscard]] Result<IssuedWebhook> create_webhook(WriteContext& cx, Webhook draft, const WebhookRules& rules, json::Reader& reader);
/// A DISABLED one owes nothing: what was PENDING is DEAD, and can be replayed once it is ACTIVE again.
/// @errors `not_found`, `invalid_fields`, `url_invalid`, `address_not_public`
[[nodiscard]] Result<Webhook> update_webhook(WriteContext& cx, Webhook changed, const WebhookRules& rules, json::Reader& reader);
/// @errors `not_found`
[[nodiscard]] Result<void> delete_webhook(WriteContext& cx, WebhookId id);
/// Ends what is owed to it, and tells the provider why. @returns false, with nothing done, when it is not ACTIVE
bool disable_webhook(WriteContext& cx, WebhookId id, WebhookDisabledReason reason);
/// See rotate() of the engine; with `revoke_old` the new secret alone signs from now on. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<IssuedWebhook> rotate_webhook(WriteContext& cx, WebhookId id, bool revoke_old, const WebhookRules& rules);
/// @errors `not_found`, `invalid_transition` when no rotation is under way
[[nodiscard]] Result<Webhook> promote_webhook(WriteContext& cx, WebhookId id, bool revoke_old);
/// Sends `webhook.test` to this one alone. @errors `not_found`, `invalid_transition` while it is DISABLED
[[nodiscard]] Result<Delivery> test_webhook(WriteContext& cx, WebhookId id);

/// Owes a delivery again, under its old id. @errors `not_found`, `invalid_transition` while it is PENDING, or its webhook DISABLED
[[nodiscard]] Result<Delivery> replay_delivery(WriteContext& cx, WebhookId webhook, DeliveryId id);
/// The same for all that the filter finds and that are not PENDING. @returns how many
[[nodiscard]] Result<std::size_t> replay_deliveries(WriteContext& cx, WebhookId webhook, const storage::DeliveryFilter& filter);

/// Seals a webhook's secrets under the key that encrypts now, where it can. @returns whether something was sealed anew
bool reseal_webhook(WriteContext& cx, WebhookId id, const WebhookRules& rules);

/// How many replay_deliveries() would owe again, and why it would not.
[[nodiscard]] Result<std::size_t> count_replays(const storage::ReadTransaction& tx, TenantId tenant, WebhookId webhook,
                                                const storage::DeliveryFilter& filter);

/// Why a delivery that is PENDING has not been sent.
enum class WaitReason {
  queued, ///< it is due, and sent as soon as a place is free
  retry,  ///< its next attempt is planned
  order,  ///< an earlier event about the same comes first
  paused, ///< the endpoint fails, so that it is only probed now and then
};
struct Waiting {
  WaitReason reason = WaitReason::queued;
  std::optional<Instant> until; ///< the earliest it can be sent, as far as is known
  std::optional<DeliveryId> behind;
  std::string detail; ///< for a person
};
struct DeliveryView {
  Delivery delivery;
  std::string payload; ///< what is sent, octet for octet
  std::vector<DeliveryAttempt> attempts;
  std::optional<Waiting> waiting;
};
/// @errors `not_found`
[[nodiscard]] Result<DeliveryView> explain_delivery(const storage::ReadTransaction& tx, TenantId tenant, WebhookId webhook, DeliveryId id,
                                                    Instant now);

/// What is kept of finished deliveries, and of notifications.
inline constexpr milliseconds keep_deliveries = std::chrono::days{30}, keep_notifications = std::chrono::days{90};

namespace json {
template <> struct EnumNames<WaitReason> { static constexpr std::array<std::string_view, 4> names{"QUEUED", "RETRY", "ORDER", "PAUSED"}; };
template <> struct Schema<Waiting> {
  static constexpr auto fields = std::make_tuple(field("reason", &Waiting::reason, out), field("until", &Waiting::until, out),
                                                 field("behind", &Waiting::behind, out), field("detail", &Waiting::detail, out));
};
template <> struct Schema<CancellationTerms> {
  using T = CancellationTerms;
  static constexpr auto fields = std::make_tuple(field("bookingId", &T::booking_id, out), field("refundPercent", &T::refund_percent, out),
                                                 field("refundCents", &T::refund_cents, out), field("currency", &T::currency, out),
                                                 field("withinGrace", &T::within_grace, out), field("tier", &T::tier, out));
};
} // namespace json
} // namespace orkestr::inline v1

#include "orkestr/platform/admins.hpp"
#include "orkestr/platform/kyb.hpp"
#include "orkestr/platform/members.hpp"
