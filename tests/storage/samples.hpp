// Rows to store, filled in every field, and the text forms in which rows are compared.
#pragma once

#include "orkestr/storage/assistant_repository.hpp"
#include "orkestr/storage/store.hpp"
#include "orkestr/storage/translation_repository.hpp"

#include <atomic>
#include <barrier>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace orkestr::storage_contract {

/// Every field of a row, as JSON. They take rows apart by structured bindings, so that a new field of a row doesn't
/// compile before it is compared too.
using Fields = std::vector<std::string>;
[[nodiscard]] Fields fields(const Tenant& row);
[[nodiscard]] Fields fields(const Branding& row);
[[nodiscard]] Fields fields(const ApiKey& row);
[[nodiscard]] Fields fields(const Offering& row);
[[nodiscard]] Fields fields(const AvailabilityRule& row);
[[nodiscard]] Fields fields(const AvailabilityException& row);
[[nodiscard]] Fields fields(const storage::Claim& row);
[[nodiscard]] Fields fields(const PricingRule& row);
[[nodiscard]] Fields fields(const Hold& row);
[[nodiscard]] Fields fields(const RiskPolicy& row);
[[nodiscard]] Fields fields(const Customer& row);
[[nodiscard]] Fields fields(const BookingItem& row);
[[nodiscard]] Fields fields(const Payment& row);
[[nodiscard]] Fields fields(const Refund& row);
[[nodiscard]] Fields fields(const Subscription& row);
[[nodiscard]] Fields fields(const AuditEntry& row);
[[nodiscard]] Fields fields(const Review& row);
[[nodiscard]] Fields fields(const Dispute& row);
[[nodiscard]] Fields fields(const DisputeMessage& row);
[[nodiscard]] Fields fields(const KybDocument& row);
[[nodiscard]] Fields fields(const storage::FoundKybDocument& row);
[[nodiscard]] Fields fields(const KybSubmission& row);
[[nodiscard]] Fields fields(const Admin& row);
[[nodiscard]] Fields fields(const AdminAction& row);
[[nodiscard]] Fields fields(const BookingRow& row);
[[nodiscard]] Fields fields(const Booking& whole);
[[nodiscard]] Fields fields(const Coupon& row);
[[nodiscard]] Fields fields(const Event& row);
[[nodiscard]] Fields fields(const storage::IdempotencyRecord& row);
[[nodiscard]] Fields fields(const Webhook& row);
[[nodiscard]] Fields fields(const WebhookEndpoint& row);
[[nodiscard]] Fields fields(const Delivery& row);
[[nodiscard]] Fields fields(const DeliveryAttempt& row);
[[nodiscard]] Fields fields(const storage::DeliveryRepository::Ready& row);
[[nodiscard]] Fields fields(const Notification& row);
[[nodiscard]] Fields fields(const QueuedMail& row);
[[nodiscard]] Fields fields(const Member& row);
[[nodiscard]] Fields fields(const MemberPass& row);
[[nodiscard]] Fields fields(const MemberSession& row);
[[nodiscard]] Fields fields(const AdminSession& row);
[[nodiscard]] Fields fields(const CustomerPass& row);
[[nodiscard]] Fields fields(const Import& row);
[[nodiscard]] Fields fields(const CustomDomain& row);
[[nodiscard]] Fields fields(const TenantLocale& row);
[[nodiscard]] Fields fields(const Translation& row);
[[nodiscard]] Fields fields(const CalendarToken& row);
[[nodiscard]] Fields fields(const BookedTime& row);

/// A line for each field; nothing for a row that was not found.
template <class Row> [[nodiscard]] std::string text_of(const Row& row) {
  std::string text;
  for (const auto& field : fields(row)) text += field + '\n';
  return text;
}
template <class Row> [[nodiscard]] std::string text_of(const std::optional<Row>& row) { return row ? text_of(*row) : std::string{}; }
template <class Row> [[nodiscard]] std::string text_of(const std::vector<Row>& rows) {
  std::string text;
  for (const auto& row : rows) text += text_of(row);
  return text;
}

/// The first line in which two texts differ, from both; empty when they are equal. For texts too long to be shown.
[[nodiscard]] std::string difference(std::string_view is, std::string_view expected);

/// Ids that rise, from any thread.
[[nodiscard]] IdMinter& minter();
inline constexpr Instant epoch{1'778'598'000'000};
template <class AnyId> [[nodiscard]] AnyId mint() { return minter().make<AnyId>(epoch); }

/// `epoch` and some minutes.
[[nodiscard]] constexpr Instant minute(std::int64_t n) { return epoch + std::chrono::minutes{n}; }

/// Rows with fresh ids. No field of number 1 has its default value, and no field has the same value in numbers 1 and 2.
[[nodiscard]] Tenant sample_tenant(int n);
[[nodiscard]] Branding sample_branding(int n);
[[nodiscard]] ApiKey sample_api_key(int n);
[[nodiscard]] Offering sample_offering(int n);
[[nodiscard]] AvailabilityRule sample_rule(int n, OfferingId offering);
[[nodiscard]] AvailabilityException sample_exception(int n, OfferingId offering);
[[nodiscard]] storage::Claim sample_claim(int n, OfferingId offering);
[[nodiscard]] PricingRule sample_pricing_rule(int n, OfferingId offering);
[[nodiscard]] Hold sample_hold(int n, OfferingId offering);
[[nodiscard]] RiskPolicy sample_policy_of_risk(int n);
[[nodiscard]] storage::Attempt sample_attempt(int n);
[[nodiscard]] Customer sample_customer(int n);
[[nodiscard]] BookingItem sample_item(int n, BookingId booking, OfferingId offering);
[[nodiscard]] Payment sample_payment(int n, BookingId booking);
[[nodiscard]] Refund sample_refund(int n, BookingId booking);
[[nodiscard]] Subscription sample_subscription(int n, BookingId booking);
[[nodiscard]] AuditEntry sample_audit(int n);
[[nodiscard]] Review sample_review(int n, OfferingId offering, CustomerId author);
[[nodiscard]] Dispute sample_dispute(int n, BookingId booking);
[[nodiscard]] DisputeMessage sample_message(int n, DisputeId dispute);
[[nodiscard]] storage::TenantScore sample_score(int n);
[[nodiscard]] std::string text_of(const storage::TenantScore& row);
[[nodiscard]] KybDocument sample_kyb_document(int n);
/// Without documents.
[[nodiscard]] KybSubmission sample_kyb(int n);
[[nodiscard]] Admin sample_admin(int n);
[[nodiscard]] AdminAction sample_admin_action(int n);
[[nodiscard]] BookingRow sample_booking_row(int n, CustomerId customer);
/// With two items and two payments.
[[nodiscard]] Booking sample_booking(int n, const Customer& customer, OfferingId offering);
[[nodiscard]] Coupon sample_coupon(int n);
[[nodiscard]] Event sample_event(int n);
[[nodiscard]] storage::IdempotencyRecord sample_record(int n);
[[nodiscard]] Webhook sample_webhook(int n);
[[nodiscard]] WebhookEndpoint sample_endpoint(int n, WebhookId webhook);
[[nodiscard]] Delivery sample_delivery(int n, WebhookId webhook, EventId event);
[[nodiscard]] DeliveryAttempt sample_delivery_attempt(int n, DeliveryId delivery);
[[nodiscard]] Notification sample_notification(int n, std::optional<CustomerId> customer);
[[nodiscard]] QueuedMail sample_mail(int n);
[[nodiscard]] CustomerPass sample_pass(int n);
[[nodiscard]] Import sample_import(int n);
[[nodiscard]] CustomDomain sample_domain(int n);
[[nodiscard]] TenantLocale sample_locale(int n);
[[nodiscard]] Translation sample_translation(int n, std::string subject, std::string locale);
[[nodiscard]] CalendarToken sample_calendar_token(int n);
[[nodiscard]] Member sample_member(int n);
[[nodiscard]] MemberPass sample_member_pass(int n, MemberId member);
[[nodiscard]] MemberSession sample_session(int n, MemberId member);
[[nodiscard]] AdminSession sample_admin_session(int n, AdminId admin);

/// A live offering, coupon, webhook or delivery without its optional values, for tests that are about something else.
[[nodiscard]] Offering live_offering(std::string title = "Offering");
[[nodiscard]] Coupon live_coupon(std::string code);
[[nodiscard]] Webhook live_webhook();
/// PENDING, due at once and about the event's subject.
[[nodiscard]] Delivery live_delivery(WebhookId webhook, const Event& event, Instant at);

/// One row of every kind, of one tenant.
struct World {
  Tenant tenant;
  Branding branding;
  ApiKey key;
  Offering offering, deleted_offering;
  AvailabilityRule rule, erased_rule;
  AvailabilityException exception, erased_exception;
  storage::Claim claim;
  PricingRule pricing_rule, erased_pricing_rule;
  Hold hold, erased_hold;
  RiskPolicy risk_policy;
  storage::Attempt attempt;
  Customer customer;
  Booking booking;
  Coupon coupon, deleted_coupon;
  Event event, second_event;
  storage::IdempotencyRecord record;
  Webhook webhook, erased_webhook;
  WebhookEndpoint endpoint;
  Delivery delivery, dead_delivery, killed_delivery; ///< the last is the erased webhook's
  std::vector<DeliveryAttempt> delivery_attempts;    ///< of the first
  Notification notification, customer_notification;
  storage::TenantScore score;
  Review review, erased_review;
  Dispute dispute;
  DisputeMessage message;
  Refund refund;
  Subscription subscription;
  AuditEntry audit;
  KybSubmission kyb;
  KybDocument kyb_document, kyb_draft, erased_kyb_draft; ///< the first is handed in
  QueuedMail mail;
  CustomerPass pass, erased_pass;
  Import import, emptied_import;
  CustomDomain domain;
  CalendarToken calendar_token, erased_calendar_token;
  TenantLocale locale, erased_locale;
  Translation translation, erased_translation;
  Member member, erased_member;
  MemberPass member_pass, erased_member_pass;
  MemberSession session, erased_session;
  storage::ModelSpend spend;
};
[[nodiscard]] World sample_world(int n);
/// Inserts all but the tenant, as rows of `tenant`.
void insert_all(const storage::WriteTransaction& tx, TenantId tenant, const World& world);
/// Calls every function that changes or erases a row which is there already, by the world's ids, with values of number `n`.
void change_all(const storage::WriteTransaction& tx, TenantId tenant, const World& world, int n);
/// What every reading function says about the world's ids to `tenant`: nothing at all when it finds none of them.
[[nodiscard]] std::string seen(const storage::ReadTransaction& tx, TenantId tenant, const World& world);
/// seen() by the world's own tenant, and what the look-ups over all tenants say.
[[nodiscard]] std::string everything(const storage::ReadTransaction& tx, const World& world);

// ---- running things on a store -----------------------------------------------------------------------------------

/// Runs `f(tx)` in a write that must succeed. @returns what f returns
template <class F> auto write(storage::Store& store, F&& f) {
  using T = std::invoke_result_t<F, storage::WriteTransaction&>;
  auto result = store.write([&](storage::WriteTransaction& tx) -> Result<T> {
    if constexpr (std::is_void_v<T>)
      return f(tx), Result<T>{};
    else
      return f(tx);
  });
  if (!result) throw std::runtime_error("a write failed: " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class F> auto read(storage::Store& store, F&& f) {
  using T = std::invoke_result_t<F, const storage::ReadTransaction&>;
  auto result = store.read([&](const storage::ReadTransaction& tx) -> Result<T> {
    if constexpr (std::is_void_v<T>)
      return f(tx), Result<T>{};
    else
      return f(tx);
  });
  if (!result) throw std::runtime_error("a read failed: " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The code with which a write of `f(tx)` fails, or nullopt when it succeeds.
template <class F> std::optional<Code> refusal(storage::Store& store, F&& f) {
  const auto result = store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    f(tx);
    return {};
  });
  return result ? std::nullopt : std::optional{result.error().code};
}

/// Inserts a tenant. @returns its id
TenantId add_tenant(storage::Store& store);

/// Runs `f(i)` in `count` threads that start together; an exception of any of them is thrown again.
void in_threads(int count, const std::function<void(int)>& f);

} // namespace orkestr::storage_contract
