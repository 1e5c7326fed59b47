// The store: transactions as objects, whatever database is behind them.
#pragma once

#include "orkestr/base/function_ref.hpp"
#include "orkestr/storage/portal_repositories.hpp"
#include "orkestr/storage/trust_repositories.hpp"

namespace orkestr::inline v1::storage {

class TranslationRepository;
class SearchRepository;
class AssistantRepository;

struct TrustRepositories {
  PaymentRepository& payments;
  ReviewRepository& reviews;
  DisputeRepository& disputes;
  KybRepository& kyb;
  AdminRepository& admins;
  AuditRepository& audit;
  ScoreRepository& scores;
  MailRepository& mails;
  CustomerPassRepository& customer_passes;
  MemberRepository& members;
};

struct PortalRepositories {
  ImportRepository& imports;
  DomainRepository& domains;
  CalendarTokenRepository& calendar_tokens;
};

/// Each in a header of its own: translation_repository.hpp and so on.
struct LanguageRepositories {
  TranslationRepository& translations;
  SearchRepository& search;
  AssistantRepository& assistant;
};

struct Repositories {
  TenantRepository& tenants;
  ApiKeyRepository& api_keys;
  OfferingRepository& offerings;
  AvailabilityRepository& availability;
  PricingRuleRepository& pricing_rules;
  OccupancyRepository& occupancy;
  HoldRepository& holds;
  CustomerRepository& customers;
  BookingRepository& bookings;
  CouponRepository& coupons;
  RiskRepository& risk;
  EventRepository& events;
  IdempotencyRepository& idempotency;
  WebhookRepository& webhooks;
  DeliveryRepository& deliveries;
  NotificationRepository& notifications;
  TrustRepositories trust;
  PortalRepositories portal;
  LanguageRepositories languages;
};

/// One consistent view of the data. Belongs to one thread and to the lambda it was handed to.
class ReadTransaction {
 public:
  explicit ReadTransaction(Repositories repositories) : r_(repositories) {}
  virtual ~ReadTransaction() = default;
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

  /// For stores that wrap another and put some repositories of their own in place.
  [[nodiscard]] const Repositories& repositories() const { return r_; }

  [[nodiscard]] const TenantRepository& tenants() const { return r_.tenants; }
  [[nodiscard]] const ApiKeyRepository& api_keys() const { return r_.api_keys; }
  [[nodiscard]] const OfferingRepository& offerings() const { return r_.offerings; }
  [[nodiscard]] const AvailabilityRepository& availability() const { return r_.availability; }
  [[nodiscard]] const PricingRuleRepository& pricing_rules() const { return r_.pricing_rules; }
  [[nodiscard]] const OccupancyRepository& occupancy() const { return r_.occupancy; }
  [[nodiscard]] const HoldRepository& holds() const { return r_.holds; }
  [[nodiscard]] const CustomerRepository& customers() const { return r_.customers; }
  [[nodiscard]] const BookingRepository& bookings() const { return r_.bookings; }
  [[nodiscard]] const CouponRepository& coupons() const { return r_.coupons; }
  [[nodiscard]] const RiskRepository& risk() const { return r_.risk; }
  [[nodiscard]] const EventRepository& events() const { return r_.events; }
  [[nodiscard]] const IdempotencyRepository& idempotency() const { return r_.idempotency; }
  [[nodiscard]] const WebhookRepository& webhooks() const { return r_.webhooks; }
  [[nodiscard]] const DeliveryRepository& deliveries() const { return r_.deliveries; }
  [[nodiscard]] const NotificationRepository& notifications() const { return r_.notifications; }
  [[nodiscard]] const PaymentRepository& payments() const { return r_.trust.payments; }
  [[nodiscard]] const ReviewRepository& reviews() const { return r_.trust.reviews; }
  [[nodiscard]] const DisputeRepository& disputes() const { return r_.trust.disputes; }
  [[nodiscard]] const KybRepository& kyb() const { return r_.trust.kyb; }
  [[nodiscard]] const AdminRepository& admins() const { return r_.trust.admins; }
  [[nodiscard]] const AuditRepository& audit() const { return r_.trust.audit; }
  [[nodiscard]] const ScoreRepository& scores() const { return r_.trust.scores; }
  [[nodiscard]] const MailRepository& mails() const { return r_.trust.mails; }
  [[nodiscard]] const CustomerPassRepository& customer_passes() const { return r_.trust.customer_passes; }
  [[nodiscard]] const ImportRepository& imports() const { return r_.portal.imports; }
  [[nodiscard]] const DomainRepository& domains() const { return r_.portal.domains; }
  [[nodiscard]] const CalendarTokenRepository& calendar_tokens() const { return r_.portal.calendar_tokens; }
  [[nodiscard]] const MemberRepository& members() const { return r_.trust.members; }
  [[nodiscard]] const TranslationRepository& translations() const { return r_.languages.translations; }
  [[nodiscard]] const SearchRepository& search() const { return r_.languages.search; }
  [[nodiscard]] const AssistantRepository& assistant() const { return r_.languages.assistant; }

 protected:
  Repositories r_;
};

/// Reads see the transaction's own writes; all of it takes effect, or nothing.
class WriteTransaction : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;

  [[nodiscard]] TenantRepository& tenants() const { return r_.tenants; }
  [[nodiscard]] ApiKeyRepository& api_keys() const { return r_.api_keys; }
  [[nodiscard]] OfferingRepository& offerings() const { return r_.offerings; }
  [[nodiscard]] AvailabilityRepository& availability() const { return r_.availability; }
  [[nodiscard]] PricingRuleRepository& pricing_rules() const { return r_.pricing_rules; }
  [[nodiscard]] OccupancyRepository& occupancy() const { return r_.occupancy; }
  [[nodiscard]] HoldRepository& holds() const { return r_.holds; }
  [[nodiscard]] CustomerRepository& customers() const { return r_.customers; }
  [[nodiscard]] BookingRepository& bookings() const { return r_.bookings; }
  [[nodiscard]] CouponRepository& coupons() const { return r_.coupons; }
  [[nodiscard]] RiskRepository& risk() const { return r_.risk; }
  [[nodiscard]] EventRepository& events() const { return r_.events; }
  [[nodiscard]] IdempotencyRepository& idempotency() const { return r_.idempotency; }
  [[nodiscard]] WebhookRepository& webhooks() const { return r_.webhooks; }
  [[nodiscard]] DeliveryRepository& deliveries() const { return r_.deliveries; }
  [[nodiscard]] NotificationRepository& notifications() const { return r_.notifications; }
  [[nodiscard]] PaymentRepository& payments() const { return r_.trust.payments; }
  [[nodiscard]] ReviewRepository& reviews() const { return r_.trust.reviews; }
  [[nodiscard]] DisputeRepository& disputes() const { return r_.trust.disputes; }
  [[nodiscard]] KybRepository& kyb() const { return r_.trust.kyb; }
  [[nodiscard]] AdminRepository& admins() const { return r_.trust.admins; }
  [[nodiscard]] AuditRepository& audit() const { return r_.trust.audit; }
  [[nodiscard]] ScoreRepository& scores() const { return r_.trust.scores; }
  [[nodiscard]] MailRepository& mails() const { return r_.trust.mails; }
  [[nodiscard]] CustomerPassRepository& customer_passes() const { return r_.trust.customer_passes; }
  [[nodiscard]] ImportRepository& imports() const { return r_.portal.imports; }
  [[nodiscard]] DomainRepository& domains() const { return r_.portal.domains; }
  [[nodiscard]] CalendarTokenRepository& calendar_tokens() const { return r_.portal.calendar_tokens; }
  [[nodiscard]] MemberRepository& members() const { return r_.trust.members; }
  [[nodiscard]] TranslationRepository& translations() const { return r_.languages.translations; }
  [[nodiscard]] SearchRepository& search() const { return r_.languages.search; }
  [[nodiscard]] AssistantRepository& assistant() const { return r_.languages.assistant; }

  /// Runs a part whose writes are undone when it returns an error, while the transaction goes on.
  template <class F> [[nodiscard]] auto nested(F&& part) -> std::invoke_result_t<F> {
    std::optional<std::invoke_result_t<F>> result;
    run_nested([&] {
      result.emplace(part());
      return result->has_value();
    });
    return std::move(*result);
  }

 protected:
  /// For transactions that wrap another: that one's nested part.
  static void run_nested_of(WriteTransaction& other, FunctionRef<bool()> part) { other.run_nested(part); }

 private:
  /// Undoes what `part` wrote when it returns false or throws.
  virtual void run_nested(FunctionRef<bool()> part) = 0;
};

/// @thread_safety safe; calls may come from any thread at any time
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `f(const ReadTransaction&) -> Result<T>` on a snapshot. `f` may be run again, and what an earlier run saw may then have
  /// been out of date; only what it returns counts.
  /// @errors those of f, `store_unavailable`
  template <class F> [[nodiscard]] auto read(F&& f) -> std::invoke_result_t<F, const ReadTransaction&> {
    std::optional<std::invoke_result_t<F, const ReadTransaction&>> result;
    if (auto done = run_read([&](const ReadTransaction& tx) { result.emplace(f(tx)); }); !done) return std::move(done).error();
    return std::move(*result);
  }

  /// Runs `f(WriteTransaction&) -> Result<T>`, commits when it succeeds and undoes all when it returns an error.
  /// When this returns a value, the write is durable. `f` may be run again when the database asks for it, so it
  /// must have no effect but through the transaction, and it may run on another thread than the caller's.
  /// @errors those of f, `store_unavailable` (nothing was written), `busy`
  template <class F> [[nodiscard]] auto write(F&& f) -> std::invoke_result_t<F, WriteTransaction&> {
    std::optional<std::invoke_result_t<F, WriteTransaction&>> result;
    auto done = run_write([&](WriteTransaction& tx) {
      result.emplace(f(tx));
      return result->has_value();
    });
    if (!done) return std::move(done).error();
    return std::move(*result);
  }

 protected:
  /// For stores that wrap another: that one's transactions.
  [[nodiscard]] static Result<void> run_read_of(Store& other, FunctionRef<void(const ReadTransaction&)> f) { return other.run_read(f); }
  [[nodiscard]] static Result<void> run_write_of(Store& other, FunctionRef<bool(WriteTransaction&)> f) { return other.run_write(f); }

 private:
  [[nodiscard]] virtual Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) = 0;
  /// Commits when `f` returns true.
  [[nodiscard]] virtual Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) = 0;
};

} // namespace orkestr::inline v1::storage
