#include "campaign/mutants.hpp"

#include <atomic>

namespace orkestr::campaign {
namespace {

using namespace storage;

std::atomic<unsigned> count{0};
bool every_tenth() { return ++count % 10 == 0; }

class Occupancies final : public OccupancyRepository {
 public:
  /// @param before  what the store held before the transaction began, for the check that is made too early
  Occupancies(OccupancyRepository& real, Mutant mutant, Store* before) : real_(real), mutant_(mutant), before_(before) {}

  std::vector<Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const override {
    if (mutant_ == Mutant::blind_to_claims) return {};
    if (mutant_ == Mutant::check_before_insert && before_ != nullptr) {
      std::vector<Claim> old;
      (void)before_->read([&](const ReadTransaction& tx) -> Result<int> {
        old = tx.occupancy().in_range(tenant, key, range, now);
        return 0;
      });
      return old;
    }
    auto claims = real_.in_range(tenant, key, range, mutant_ == Mutant::eternal_holds ? Instant{0} : now);
    if (mutant_ == Mutant::blind_to_holds) std::erase_if(claims, [](const Claim& claim) { return claim.status == ClaimStatus::held; });
    return claims;
  }
  void lock(TenantId tenant, std::string_view key, std::chrono::milliseconds longest) override { real_.lock(tenant, key, longest); }
  void put(TenantId tenant, std::string_view key, const Claim& claim) override {
    if (mutant_ == Mutant::forgets_claims && every_tenth()) return;
    real_.put(tenant, key, claim);
  }
  void set_status(TenantId tenant, Holder holder, ClaimStatus status) override { real_.set_status(tenant, holder, status); }
  void erase(TenantId tenant, Holder holder) override {
    if (mutant_ != Mutant::keeps_claims) real_.erase(tenant, holder);
  }

 private:
  OccupancyRepository& real_;
  Mutant mutant_;
  Store* before_;
};

class Coupons final : public CouponRepository {
 public:
  Coupons(CouponRepository& real, Mutant mutant) : real_(real), mutant_(mutant) {}

  std::optional<Coupon> find(TenantId tenant, CouponId id) const override { return real_.find(tenant, id); }
  std::optional<Coupon> find_by_code(TenantId tenant, std::string_view code) const override {
    auto coupon = real_.find_by_code(tenant, code);
    if (coupon && mutant_ == Mutant::no_cap) coupon->max_redemptions.reset();
    return coupon;
  }
  std::vector<Coupon> list(TenantId tenant, std::optional<bool> active, const Page& page) const override {
    return real_.list(tenant, active, page);
  }
  std::optional<Coupon> find_deleted(TenantId tenant, CouponId id) const override { return real_.find_deleted(tenant, id); }
  std::vector<Coupon> list_deleted(TenantId tenant, const Page& page) const override { return real_.list_deleted(tenant, page); }
  std::int64_t redemptions_of(TenantId tenant, CouponId id, CustomerId customer) const override {
    return real_.redemptions_of(tenant, id, customer);
  }
  void insert(TenantId tenant, const Coupon& coupon) override { real_.insert(tenant, coupon); }
  void update(TenantId tenant, const Coupon& coupon) override { real_.update(tenant, coupon); }
  bool redeem(TenantId tenant, CouponId id, BookingId booking, CustomerId customer) override {
    if (real_.redeem(tenant, id, booking, customer)) return true;
    return mutant_ == Mutant::no_cap;
  }
  void give_back(TenantId tenant, CouponId id, BookingId booking) override {
    if (mutant_ != Mutant::keeps_redemptions) real_.give_back(tenant, id, booking);
  }

 private:
  CouponRepository& real_;
  Mutant mutant_;
};

class Events final : public EventRepository {
 public:
  Events(EventRepository& real, Mutant mutant) : real_(real), mutant_(mutant) {}
  void append(TenantId tenant, const Event& event) override {
    if (mutant_ != Mutant::loses_events || !every_tenth()) real_.append(tenant, event);
  }
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool settled) const override {
    return real_.list(tenant, after, limit, settled);
  }
  std::optional<Event> find(TenantId tenant, EventId id) const override { return real_.find(tenant, id); }

 private:
  EventRepository& real_;
  Mutant mutant_;
};

class Answers final : public IdempotencyRepository {
 public:
  Answers(IdempotencyRepository& real, Mutant mutant) : real_(real), mutant_(mutant) {}
  std::optional<IdempotencyRecord> find(TenantId tenant, std::string_view key) const override {
    if (mutant_ == Mutant::forgets_answers) return std::nullopt;
    return real_.find(owner(tenant), key);
  }
  void put(TenantId tenant, const IdempotencyRecord& record) override { real_.put(owner(tenant), record); }
  std::size_t erase_older_than(Instant instant, std::size_t limit) override { return real_.erase_older_than(instant, limit); }

 private:
  [[nodiscard]] TenantId owner(TenantId tenant) const { return mutant_ == Mutant::shares_answers ? TenantId{} : tenant; }
  IdempotencyRepository& real_;
  Mutant mutant_;
};

/// The repositories of a transaction, some of them wrong.
struct Wrong {
  // The repositories behind a write transaction are what its accessors return.
  Wrong(WriteTransaction& tx, Mutant mutant, Store* before)
      : occupancy(tx.occupancy(), mutant, before),
        coupons(tx.coupons(), mutant),
        events(tx.events(), mutant),
        answers(tx.idempotency(), mutant),
        all{tx.tenants(),
            tx.api_keys(),
            tx.offerings(),
            tx.availability(),
            tx.pricing_rules(),
            occupancy,
            tx.holds(),
            tx.customers(),
            tx.bookings(),
            coupons,
            tx.risk(),
            events,
            answers,
            tx.webhooks(),
            tx.deliveries(),
            tx.notifications(),
            tx.repositories().trust,
            tx.repositories().portal,
            tx.repositories().languages} {}
  Occupancies occupancy;
  Coupons coupons;
  Events events;
  Answers answers;
  Repositories all;
};

class MutantWrite final : public WriteTransaction {
 public:
  MutantWrite(const Wrong& wrong, WriteTransaction& real, Mutant mutant) : WriteTransaction(wrong.all), real_(real), mutant_(mutant) {}

 private:
  void run_nested(FunctionRef<bool()> part) override {
    run_nested_of(real_, [&] { return part() || mutant_ == Mutant::acknowledges_half; });
  }
  WriteTransaction& real_;
  Mutant mutant_;
};

} // namespace

Result<void> MutantStore::run_read(FunctionRef<void(const storage::ReadTransaction&)> f) { return run_read_of(store_, f); }

Result<void> MutantStore::run_write(FunctionRef<bool(storage::WriteTransaction&)> f) {
  return run_write_of(store_, [&](WriteTransaction& tx) {
    const Wrong wrong(tx, mutant_, &store_);
    MutantWrite mutated(wrong, tx, mutant_);
    return f(mutated);
  });
}

} // namespace orkestr::campaign
