// The platform: the use cases of a booking business, each in one transaction with the events it gives rise to.
//
// Every use case is a free function over a WriteContext, so that a host can put several of them (and its own writes)
// into one transaction; Platform opens that transaction and supplies time, ids and randomness.
#pragma once

#include "orkestr/platform/use_cases.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/dns_resolver.hpp"
#include "orkestr/ports/language_model.hpp"
#include "orkestr/ports/mailer.hpp"
#include "orkestr/ports/translator.hpp"
#include "orkestr/storage/store.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace orkestr::inline v1 {

/// What one round of due work did.
struct DueWork {
  std::size_t completed_bookings = 0, unpaid_bookings = 0, expired_holds = 0, key_uses = 0, expired_idempotency_keys = 0,
              computed_scores = 0, indexed_offerings = 0;
};

/// How much may be asked of a language model.
struct ModelLimits {
  std::int64_t daily_tokens = 200'000; ///< of a tenant on a day of UTC, those of questions and answers together; 0: any
  int max_tokens = 500;                ///< of an answer
  int at_once = 4;                     ///< questions under way in this process; beyond them there are answers without the model
  milliseconds patience = std::chrono::seconds{12}; ///< for all that one question takes
};

struct PlatformOptions {
  SecretBox secrets;                                  ///< without a key, there are no webhooks
  NetworkPolicy network = {};                         ///< where webhooks may lead
  PaymentGateway* gateway = nullptr;                  ///< without one, payments are only noted by hand
  std::optional<std::string> gateway_public_key = {}; ///< for browsers
  /// Told what the gateway answered in place of a payment or refund, since customers are not shown its words; on any thread.
  std::function<void(const Error&)> on_gateway_trouble = {};
  Mailer* mailer = nullptr; ///< without one, or a key for secrets, no mail is sent
  /// Where tenants' pages are, for links in mails: `https://{tenant}.example.com`.
  std::string storefront = "http://{tenant}.localhost";
  DnsResolver* dns = nullptr;            ///< without one, custom domains are never verified
  std::string base_domain = "localhost"; ///< whose subdomains are storefronts, and what custom domains must lead to
  Translator* translator = nullptr;      ///< without one, texts are translated by people alone
  LanguageModel* model = nullptr;        ///< without one, the assistant answers by quotes alone
  ModelLimits model_limits = {};
  /// Told why the model's answer was not taken, since visitors are answered all the same; on any thread.
  std::function<void(std::string_view)> on_model_trouble = {};
};

/// @thread_safety safe
class Platform {
 public:
  Platform(storage::Store& store, const Clock& clock, Random& random, PlatformOptions options = {})
      : store_(store), clock_(clock), random_(random), options_(std::move(options)), storefront_(options_.storefront), ids_(random) {
    if (options_.mailer != nullptr && !options_.secrets.empty()) mail_rules_.emplace(MailRules{options_.secrets, random_, storefront_});
  }

  [[nodiscard]] storage::Store& store() { return store_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] IdMinter& ids() { return ids_; }
  [[nodiscard]] const SecretBox& secrets() const { return options_.secrets; }
  [[nodiscard]] PaymentGateway* gateway() const { return options_.gateway; }
  void tell_gateway_trouble(const Error& error) const {
    if (options_.on_gateway_trouble) options_.on_gateway_trouble(error);
  }
  /// nullptr where no mail is sent: what would be told by mail is not, and nothing is queued.
  [[nodiscard]] Mailer* mailer() const { return mail_rules_ ? options_.mailer : nullptr; }
  [[nodiscard]] DnsResolver* dns() const { return options_.dns; }
  [[nodiscard]] const std::string& base_domain() const { return options_.base_domain; }
  [[nodiscard]] Translator* translator() const { return options_.translator; }
  [[nodiscard]] LanguageModel* model() const { return options_.model; }
  [[nodiscard]] const ModelLimits& model_limits() const { return options_.model_limits; }
  void tell_model_trouble(std::string_view detail) const {
    if (options_.on_model_trouble) options_.on_model_trouble(detail);
  }
  /// Where tenants' pages are: see tenant_origin().
  [[nodiscard]] const std::string& storefront() const { return storefront_; }
  /// For a host that knows its port late. To be called before the platform is in use.
  void set_storefront(std::string pattern) {
    storefront_ = std::move(pattern);
    if (mail_rules_) mail_rules_->storefront = storefront_;
  }
  /// Where a tenant's pages are.
  [[nodiscard]] std::string storefront_of(std::string_view subdomain) const { return storefront_origin(storefront_, subdomain); }
  [[nodiscard]] WebhookRules webhook_rules() { return {options_.secrets, random_, options_.network}; }
  /// Called after each commit through this platform by which something is owed to an endpoint, on that thread; it must return soon.
  /// To be set before the platform is in use, and once nothing uses it any more.
  void on_events(std::function<void()> wake) { wake_ = std::move(wake); }
  /// The same for every commit that appended to the outbox, whether anybody subscribes or not: for hosts that read the feed of events.
  void on_appended(std::function<void()> wake) { wake_feed_ = std::move(wake); }
  /// The same for commits after which a gateway is to be asked.
  void on_payments(std::function<void()> wake) { wake_desk_ = std::move(wake); }
  /// The same for commits that queued a mail.
  void on_mails(std::function<void()> wake) { wake_mails_ = std::move(wake); }
  /// The same for commits that took in a file to import, and for those after which a domain is to be looked at.
  void on_imports(std::function<void()> wake) { wake_imports_ = std::move(wake); }
  void on_domains(std::function<void()> wake) { wake_domains_ = std::move(wake); }
  /// The same for commits that left texts to be translated.
  void on_translations(std::function<void()> wake) { wake_translations_ = std::move(wake); }

  /// What use cases work with in a transaction of the caller's.
  [[nodiscard]] WriteContext context(storage::WriteTransaction& tx, TenantId tenant, Instant now, const Actor& actor) {
    WriteContext cx(tx, tenant, now, ids_, actor);
    if (mail_rules_) cx.mail = &*mail_rules_;
    return cx;
  }

  /// Runs use cases for a tenant in one transaction: `f(WriteContext&) -> Result<T>`, see Store::write.
  /// @param actor  who acts, as the audit log will say
  template <class F> [[nodiscard]] auto write(TenantId tenant, F&& f, const Actor& actor = {}) {
    return write_at(tenant, now(), std::forward<F>(f), actor);
  }
  /// The same as of another time, for imports and demos that tell a history.
  template <class F> [[nodiscard]] auto write_at(TenantId tenant, Instant now, F&& f, const Actor& actor = {}) {
    bool appended = false, emitted = false, payment_due = false, mailed = false, import_due = false, domain_due = false,
         translation_due = false;
    auto result = store_.write([&](storage::WriteTransaction& tx) {
      WriteContext cx = context(tx, tenant, now, actor);
      auto done = f(cx);
      appended = cx.appended;
      emitted = cx.emitted;
      payment_due = cx.payment_due;
      mailed = cx.mailed;
      import_due = cx.import_due;
      domain_due = cx.domain_due;
      translation_due = cx.translation_due;
      return done;
    });
    if (result) commits_[commits_at(tenant)].fetch_add(1, std::memory_order_release);
    if (appended && result && wake_feed_) wake_feed_();
    if (emitted && result && wake_) wake_();
    if (payment_due && result && wake_desk_) wake_desk_();
    if (mailed && result && wake_mails_) wake_mails_();
    if (import_due && result && wake_imports_) wake_imports_();
    if (domain_due && result && wake_domains_) wake_domains_();
    if (translation_due && result && wake_translations_) wake_translations_();
    return result;
  }

  /// Counts what this platform has committed for a tenant, and for some others: while it stays, nothing that was read before has been
  /// changed by this process. Another process's writes are not in it.
  [[nodiscard]] std::uint32_t commits(TenantId tenant) const { return commits_[commits_at(tenant)].load(std::memory_order_acquire); }

  /// ACTIVE, unless it is to await an admin's approval: PENDING.
  [[nodiscard]] Result<Tenant> create_tenant(Tenant tenant);
  [[nodiscard]] Result<IssuedApiKey> create_api_key(TenantId tenant, ApiKey key);
  [[nodiscard]] Result<Offering> create_offering(TenantId tenant, const Offering& offering);
  [[nodiscard]] Result<Hold> hold(TenantId tenant, const HoldRequest& request);
  [[nodiscard]] Result<void> release_hold(TenantId tenant, HoldId hold);
  [[nodiscard]] Result<QuoteView> quote(TenantId tenant, const QuoteRequest& request);
  [[nodiscard]] Result<Booking> book(TenantId tenant, const BookRequest& request);
  /// book() for a customer: keeps the attempt for risk scores, whatever comes of it.
  [[nodiscard]] Result<Booking> check_out(TenantId tenant, const BookRequest& request);
  [[nodiscard]] Result<Booking> approve(TenantId tenant, BookingId booking);
  [[nodiscard]] Result<Booking> decline(TenantId tenant, BookingId booking, std::optional<std::string> reason = {});
  [[nodiscard]] Result<Booking> cancel(TenantId tenant, BookingId booking, std::optional<std::string> reason = {});
  [[nodiscard]] Result<Rescheduled> reschedule(TenantId tenant, BookingId booking, const RescheduleRequest& request);
  [[nodiscard]] Result<Booking> record_payment(TenantId tenant, BookingId booking, const PaymentRecord& record);
  [[nodiscard]] Result<Booking> start_refund(TenantId tenant, BookingId booking, Amount amount);
  /// Opens the payment of what is owed for a booking, or looks at the one that is open. Asks the gateway, within no transaction, and waits
  /// for it; who calls twice is answered the same payment.
  /// @errors those of prepare_payment() and of the gateway; `not_implemented` without one; `busy` while so many wait that a gateway that
  ///         hangs would take all of a server's workers
  [[nodiscard]] Result<OpenPayment> pay(TenantId tenant, BookingId booking, const Actor& actor = {},
                                        milliseconds patience = std::chrono::seconds{20});
  /// Takes what a gateway posts. What it tells is asked after by PaymentDesk; what is nobody's here is passed over.
  /// @errors those of PaymentGateway::parse_event(), `not_implemented` without a gateway
  [[nodiscard]] Result<void> take_gateway_event(std::string_view body, std::span<const WebhookHeaderView> headers);
  [[nodiscard]] Result<AvailabilityView> availability(TenantId tenant, OfferingId offering, Interval range, Audience audience);

  /// Seals under the key that encrypts now what was sealed under another of the ring. After a change of keys, before the old one goes.
  /// @returns how many webhooks and documents
  [[nodiscard]] Result<std::size_t> reseal_secrets();

  /// @errors `invalid_fields`
  [[nodiscard]] Result<IssuedAdmin> create_admin(const Admin& draft);
  /// @errors `not_found`, also when it is revoked already
  [[nodiscard]] Result<Admin> revoke_admin(AdminId id);

  /// Remembers that a key was used; run_due() writes it down, at most once a minute for a key.
  void note_key_use(TenantId tenant, const ApiKey& key, Instant now);
  void note_session_use(TenantId tenant, const MemberSession& session, Instant now);
  void note_admin_use(const Admin& admin, Instant now);

  /// Does what has become due: completes bookings that have ended, ends those whose payment did not come, sweeps holds that
  /// lapsed (they count for nothing from their last instant on, swept or not), writes key uses down, forgets idempotency keys
  /// after 24 h, attempts after 7 days, finished deliveries, mails and imports after 30, notifications after 90, links and sessions once they
  /// have expired, and works out anew scores that are a day old, for which it looks once a minute. Hosts call it every second or so;
  /// calling it from several places at once is safe.
  [[nodiscard]] Result<DueWork> run_due(Instant now);

 private:
  storage::Store& store_;
  const Clock& clock_;
  Random& random_;
  const PlatformOptions options_;
  std::string storefront_; ///< a pattern
  IdMinter ids_;
  std::optional<MailRules> mail_rules_; ///< borrows from the options
  std::function<void()> wake_, wake_feed_, wake_desk_, wake_mails_, wake_imports_, wake_domains_, wake_translations_;
  std::array<std::atomic<std::uint32_t>, 256> commits_{};
  static std::size_t commits_at(TenantId tenant) { return std::hash<std::string_view>{}(tenant.view()) % 256; }

  struct Payer; ///< one call of pay()
  std::mutex payers_mutex_;
  std::vector<const Payer*> payers_;

  struct KeyUse {
    TenantId tenant;
    Instant at;
  };
  std::mutex key_uses_mutex_;
  std::unordered_map<ApiKeyId, KeyUse> key_uses_;
  std::unordered_map<AdminId, Instant> admin_uses_;
  std::unordered_map<SessionId, KeyUse> session_uses_;

  std::mutex scores_mutex_;
  std::optional<Instant> scores_looked_at_; ///< none when some were left over

  [[nodiscard]] Result<std::size_t> compute_due_scores(Instant now);
};

} // namespace orkestr::inline v1
