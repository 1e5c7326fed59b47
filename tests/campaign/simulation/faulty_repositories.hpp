// Repositories that pass every call on, unless a fault or a planted bug says otherwise.
#pragma once

#include "campaign/simulation/faults.hpp"

namespace orkestr::campaign {

class FaultyOccupancy final : public storage::OccupancyRepository {
 public:
  FaultyOccupancy(storage::OccupancyRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::vector<storage::Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const override {
    if (control_.is(Mutant::room_not_asked)) return {};
    if (control_.is(Mutant::lapsed_hold_counts)) now = Instant{0};
    if (control_.is(Mutant::hold_lapses_late)) now = now - milliseconds{1};
    return inner_.in_range(tenant, key, range, now);
  }
  void lock(TenantId tenant, std::string_view key, std::chrono::milliseconds longest) override {
    control_.touch();
    inner_.lock(tenant, key, longest);
  }
  void put(TenantId tenant, std::string_view key, const storage::Claim& claim) override {
    control_.touch();
    if (control_.is(Mutant::claim_not_put) && ++control_.put % 5 == 0) return;
    auto changed = claim;
    if (control_.is(Mutant::claim_with_one_unit)) changed.quantity = 1;
    inner_.put(tenant, control_.is(Mutant::claim_under_own_key) ? claim.offering_id.view() : key, changed);
  }
  void set_status(TenantId tenant, storage::Holder holder, storage::ClaimStatus status) override {
    control_.touch();
    if (!control_.is(Mutant::claim_status_not_set)) inner_.set_status(tenant, holder, status);
  }
  void erase(TenantId tenant, storage::Holder holder) override {
    control_.touch();
    if (!control_.is(Mutant::claim_not_erased)) inner_.erase(tenant, holder);
  }

 private:
  storage::OccupancyRepository& inner_;
  Control& control_;
};

class FaultyHolds final : public storage::HoldRepository {
 public:
  FaultyHolds(storage::HoldRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<Hold> find(TenantId tenant, HoldId id) const override {
    auto hold = inner_.find(tenant, id);
    if (hold && control_.is(Mutant::lapsed_hold_found)) hold->expires_at = hold->expires_at + std::chrono::hours{1};
    return hold;
  }
  std::size_t count_live(TenantId tenant, std::string_view client, Instant now) const override {
    return control_.is(Mutant::client_holds_not_counted) ? 0 : inner_.count_live(tenant, client, now);
  }
  std::vector<storage::Due<HoldId>> expired(Instant now, std::size_t limit) const override {
    if (control_.is(Mutant::holds_never_swept)) return {};
    return inner_.expired(now, limit);
  }
  void insert(TenantId tenant, const Hold& hold) override {
    control_.touch();
    inner_.insert(tenant, hold);
  }
  void erase(TenantId tenant, HoldId id) override {
    control_.touch();
    if (!control_.is(Mutant::hold_not_erased)) inner_.erase(tenant, id);
  }

 private:
  storage::HoldRepository& inner_;
  Control& control_;
};

class FaultyCustomers final : public storage::CustomerRepository {
 public:
  FaultyCustomers(storage::CustomerRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<Customer> find(TenantId tenant, CustomerId id) const override { return inner_.find(tenant, id); }
  storage::Later<std::optional<Customer>> find_by_email(TenantId tenant, std::string_view email) const override {
    return inner_.find_by_email(tenant, email);
  }
  void insert(TenantId tenant, const Customer& customer) override {
    control_.touch();
    inner_.insert(tenant, customer);
  }
  void update(TenantId tenant, const Customer& customer) override {
    control_.touch();
    inner_.update(tenant, customer);
  }

 private:
  storage::CustomerRepository& inner_;
  Control& control_;
};

class FaultyBookings final : public storage::BookingRepository {
 public:
  FaultyBookings(storage::BookingRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<Booking> find(TenantId tenant, BookingId id) const override { return inner_.find(tenant, id); }
  std::vector<Booking> list(TenantId tenant, const storage::BookingFilter& filter, const storage::Page& page) const override {
    return inner_.list(tenant, filter, page);
  }
  std::vector<BookedTime> booked_times(TenantId tenant, std::optional<CustomerId> customer, Interval ends,
                                       std::size_t limit) const override {
    return inner_.booked_times(tenant, customer, ends, limit);
  }
  std::vector<BookedItem> items_starting(TenantId tenant, const Interval& range, const std::optional<OfferingId>& offering) const override {
    return inner_.items_starting(tenant, range, offering);
  }
  std::vector<storage::TenantBooking> in_review(const storage::Page& page) const override { return inner_.in_review(page); }
  std::vector<storage::AnswerTimes> answers_since(TenantId tenant, Instant since) const override {
    return inner_.answers_since(tenant, since);
  }
  std::vector<storage::Due<BookingId>> due_for_completion(Instant now, std::size_t limit) const override {
    return inner_.due_for_completion(now, limit);
  }
  std::vector<storage::Due<BookingId>> due_for_payment(Instant now, std::size_t limit) const override {
    if (control_.is(Mutant::unpaid_never_due)) return {};
    return inner_.due_for_payment(now, limit);
  }
  void insert(TenantId tenant, const Booking& booking) override {
    control_.touch();
    inner_.insert(tenant, booking);
    if (control_.is(Mutant::booking_to_other_tenant) && ++control_.inserted % 5 == 0) inner_.insert(control_.other_tenant, booking);
  }
  void update(TenantId tenant, const BookingRow& booking) override {
    control_.touch();
    auto changed = booking;
    if (control_.is(Mutant::booking_status_lost) && booking.status == BookingStatus::cancelled) changed.status = BookingStatus::pending;
    inner_.update(tenant, changed);
  }
  void update_item(TenantId tenant, const BookingItem& item) override {
    control_.touch();
    if (!control_.is(Mutant::moved_item_lost)) inner_.update_item(tenant, item);
  }
  void insert_payment(TenantId tenant, const Payment& payment) override {
    control_.touch();
    if (!control_.is(Mutant::payment_lost) || ++control_.paid % 3 != 0) inner_.insert_payment(tenant, payment);
  }
  void update_payment(TenantId tenant, const Payment& payment) override {
    control_.touch();
    if (!control_.is(Mutant::refund_lost)) inner_.update_payment(tenant, payment);
  }

 private:
  storage::BookingRepository& inner_;
  Control& control_;
};

class FaultyCoupons final : public storage::CouponRepository {
 public:
  FaultyCoupons(storage::CouponRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<Coupon> find(TenantId tenant, CouponId id) const override { return inner_.find(tenant, id); }
  std::optional<Coupon> find_by_code(TenantId tenant, std::string_view folded_code) const override {
    auto coupon = inner_.find_by_code(tenant, folded_code);
    if (coupon && control_.is(Mutant::coupon_cap_ignored)) coupon->redeemed_count = 0; // a stale look; redeem() should still refuse
    return coupon;
  }
  std::vector<Coupon> list(TenantId tenant, std::optional<bool> active, const storage::Page& page) const override {
    return inner_.list(tenant, active, page);
  }
  std::optional<Coupon> find_deleted(TenantId tenant, CouponId id) const override { return inner_.find_deleted(tenant, id); }
  std::vector<Coupon> list_deleted(TenantId tenant, const storage::Page& page) const override { return inner_.list_deleted(tenant, page); }
  std::int64_t redemptions_of(TenantId tenant, CouponId id, CustomerId customer) const override {
    return control_.is(Mutant::coupon_customer_not_counted) ? 0 : inner_.redemptions_of(tenant, id, customer);
  }
  void insert(TenantId tenant, const Coupon& coupon) override {
    control_.touch();
    inner_.insert(tenant, coupon);
  }
  void update(TenantId tenant, const Coupon& coupon) override {
    control_.touch();
    inner_.update(tenant, coupon);
  }
  bool redeem(TenantId tenant, CouponId id, BookingId booking, CustomerId customer) override {
    control_.touch();
    return inner_.redeem(tenant, id, booking, customer) || control_.is(Mutant::coupon_cap_ignored);
  }
  void give_back(TenantId tenant, CouponId id, BookingId booking) override {
    control_.touch();
    if (!control_.is(Mutant::coupon_not_given_back)) inner_.give_back(tenant, id, booking);
  }

 private:
  storage::CouponRepository& inner_;
  Control& control_;
};

class FaultyRisk final : public storage::RiskRepository {
 public:
  FaultyRisk(storage::RiskRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<RiskPolicy> policy(TenantId tenant) const override { return inner_.policy(tenant); }
  void put_policy(TenantId tenant, const RiskPolicy& policy) override {
    control_.touch();
    inner_.put_policy(tenant, policy);
  }
  void insert(TenantId tenant, const storage::Attempt& attempt) override {
    control_.touch();
    if (!control_.is(Mutant::attempt_lost)) inner_.insert(tenant, attempt);
  }
  storage::Later<storage::RiskNumbers> look_back(TenantId tenant, const storage::RiskQuery& query) const override {
    return inner_.look_back(tenant, query);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    control_.touch();
    return inner_.erase_older_than(limit_instant, limit);
  }

 private:
  storage::RiskRepository& inner_;
  Control& control_;
};

class FaultyEvents final : public storage::EventRepository {
 public:
  FaultyEvents(storage::EventRepository& inner, Control& control) : inner_(inner), control_(control) {}

  void append(TenantId tenant, const Event& event) override {
    control_.touch();
    const bool seventh = ++control_.appended % 7 == 0;
    if (seventh && control_.is(Mutant::event_dropped)) return;
    inner_.append(seventh && control_.is(Mutant::event_to_other_tenant) ? control_.other_tenant : tenant, event);
  }
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool settled) const override {
    return inner_.list(tenant, after, limit, settled);
  }
  std::optional<Event> find(TenantId tenant, EventId id) const override { return inner_.find(tenant, id); }

 private:
  storage::EventRepository& inner_;
  Control& control_;
};

class FaultyIdempotency final : public storage::IdempotencyRepository {
 public:
  FaultyIdempotency(storage::IdempotencyRepository& inner, Control& control) : inner_(inner), control_(control) {}

  std::optional<storage::IdempotencyRecord> find(TenantId tenant, std::string_view key) const override {
    return control_.is(Mutant::answer_not_found) ? std::nullopt : inner_.find(tenant, key);
  }
  void put(TenantId tenant, const storage::IdempotencyRecord& record) override {
    control_.touch();
    if (!control_.is(Mutant::answer_not_kept)) inner_.put(tenant, record);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    control_.touch();
    return inner_.erase_older_than(limit_instant, limit);
  }

 private:
  storage::IdempotencyRepository& inner_;
  Control& control_;
};

} // namespace orkestr::campaign
