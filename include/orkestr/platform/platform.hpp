// The platform: the use cases of a booking business, each in one transaction with the events it gives rise to.
//
// Every use case is a free function over a WriteContext, so that a host can put several of them (and its own writes)
// into one transaction; Platform opens that transaction and supplies time, ids and randomness.
#pragma once

#include "orkestr/platform/use_cases.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/storage/store.hpp"

#include <mutex>
#include <unordered_map>

namespace orkestr::inline v1 {

/// What one round of due work did.
struct DueWork {
  std::size_t completed_bookings = 0, unpaid_bookings = 0, expired_holds = 0, key_uses = 0, expired_idempotency_keys = 0;
};

/// @thread_safety safe
class Platform {
 public:
  Platform(storage::Store& store, const Clock& clock, Random& random) : store_(store), clock_(clock), random_(random), ids_(random) {}

  [[nodiscard]] storage::Store& store() { return store_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }
  [[nodiscard]] Random& random() { return random_; }

  /// Runs use cases for a tenant in one transaction: `f(WriteContext&) -> Result<T>`, see Store::write.
  template <class F> [[nodiscard]] auto write(TenantId tenant, F&& f) { return write_at(tenant, now(), std::forward<F>(f)); }
  /// The same as of another time, for imports and demos that tell a history.
  template <class F> [[nodiscard]] auto write_at(TenantId tenant, Instant now, F&& f) {
    return store_.write([&](storage::WriteTransaction& tx) {
      WriteContext context{tx, tenant, now, ids_};
      return f(context);
    });
  }

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
  [[nodiscard]] Result<Booking> record_refund(TenantId tenant, BookingId booking, Amount amount);
  [[nodiscard]] Result<AvailabilityView> availability(TenantId tenant, OfferingId offering, Interval range, Audience audience);

  /// Remembers that a key was used; run_due() writes it down, at most once a minute for a key.
  void note_key_use(TenantId tenant, const ApiKey& key, Instant now);

  /// Does what has become due: completes bookings that have ended, ends those whose payment did not come, sweeps holds that
  /// lapsed (they count for nothing from their last instant on, swept or not), writes key uses down, forgets idempotency keys
  /// after 24 h and attempts after 7 days. Hosts call it every second or so; calling it from several places at once is safe.
  [[nodiscard]] Result<DueWork> run_due(Instant now);

 private:
  storage::Store& store_;
  const Clock& clock_;
  Random& random_;
  IdMinter ids_;

  struct KeyUse {
    TenantId tenant;
    Instant at;
  };
  std::mutex key_uses_mutex_;
  std::unordered_map<ApiKeyId, KeyUse> key_uses_;
};

} // namespace orkestr::inline v1
