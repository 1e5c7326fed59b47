// A PMS vendor's own storage behind the engine: who takes which room when stays in the vendor's calendar. The rest lives in
// the in-memory store here, as a stand-in for more of the vendor's tables.
#pragma once

#include <orkestr/storage/memory_store.hpp>

#include <algorithm>
#include <map>

namespace pms {

using namespace orkestr;
using namespace orkestr::storage;

/// The vendor's table: one row for each stay.
struct Stay {
  std::string room;
  Claim claim;
};
using Calendar = std::map<std::pair<TenantId, Holder>, Stay>;

/// The engine's view of that table.
class CalendarRepository final : public OccupancyRepository {
 public:
  explicit CalendarRepository(Calendar& stays) : stays_(stays) {}

  std::vector<Claim> in_range(TenantId tenant, std::string_view room, Interval range, Instant now) const override {
    std::vector<Claim> claims;
    for (const auto& [key, stay] : stays_) // a database would search an index here
      if (key.first == tenant && stay.room == room && stay.claim.interval.overlaps(range) &&
          (!stay.claim.expires_at || now < *stay.claim.expires_at))
        claims.push_back(stay.claim);
    std::ranges::stable_sort(claims, {}, [](const Claim& claim) { return claim.interval.start; });
    return claims;
  }
  void lock(TenantId, std::string_view, std::chrono::milliseconds) override {} // the store below lets one writer in at a time
  void put(TenantId tenant, std::string_view room, const Claim& claim) override {
    stays_[{tenant, claim.holder}] = {std::string{room}, claim};
  }
  void set_status(TenantId tenant, Holder holder, ClaimStatus status) override {
    if (const auto found = stays_.find({tenant, holder}); found != stays_.end()) found->second.claim.status = status;
  }
  void erase(TenantId tenant, Holder holder) override { stays_.erase({tenant, holder}); }

 private:
  Calendar& stays_;
};

class PmsStore final : public Store {
 public:
  [[nodiscard]] const Calendar& calendar() const { return stays_; }

 private:
  class Write final : public WriteTransaction {
   public:
    Write(const Repositories& repositories, WriteTransaction& rest, Calendar& stays)
        : WriteTransaction(repositories), rest_(rest), stays_(stays) {}

   private:
    void run_nested(FunctionRef<bool()> part) override {
      const Calendar before = stays_; // a database would set a savepoint
      bool keep = false;
      run_nested_of(rest_, [&] { return keep = part(); });
      if (!keep) stays_ = before;
    }
    WriteTransaction& rest_;
    Calendar& stays_;
  };

  static Repositories with(const Repositories& r, CalendarRepository& calendar) {
    return {r.tenants,    r.api_keys,      r.offerings, r.availability, r.pricing_rules, calendar,      r.holds,
            r.customers,  r.bookings,      r.coupons,   r.risk,         r.events,        r.idempotency, r.webhooks,
            r.deliveries, r.notifications, r.trust,     r.portal,       r.languages};
  }
  Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override {
    return run_read_of(rest_, [&](const ReadTransaction& tx) {
      CalendarRepository calendar(stays_);
      f(ReadTransaction(with(tx.repositories(), calendar)));
    });
  }
  Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override {
    return run_write_of(rest_, [&](WriteTransaction& tx) {
      const Calendar before = stays_; // a database would begin a transaction
      bool keep = false;
      try {
        CalendarRepository calendar(stays_);
        Write write(with(tx.repositories(), calendar), tx, stays_);
        keep = f(write);
      } catch (...) {
        stays_ = before;
        throw;
      }
      if (!keep) stays_ = before;
      return keep;
    });
  }

  MemoryStore rest_;
  Calendar stays_;
};

} // namespace pms
