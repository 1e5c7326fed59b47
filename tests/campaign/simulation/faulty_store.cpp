// Transactions that fail on demand; see faulty_store.hpp.
#include "campaign/simulation/faulty_store.hpp"

#include "campaign/simulation/faulty_repositories.hpp"

namespace orkestr::campaign {
namespace {

using storage::ReadTransaction;
using storage::WriteTransaction;

struct FaultyParts {
  FaultyOccupancy occupancy;
  FaultyHolds holds;
  FaultyCustomers customers;
  FaultyBookings bookings;
  FaultyCoupons coupons;
  FaultyRisk risk;
  FaultyEvents events;
  FaultyIdempotency idempotency;

  FaultyParts(const ReadTransaction& tx, Control& control)
      : occupancy(writable(tx.occupancy()), control),
        holds(writable(tx.holds()), control),
        customers(writable(tx.customers()), control),
        bookings(writable(tx.bookings()), control),
        coupons(writable(tx.coupons()), control),
        risk(writable(tx.risk()), control),
        events(writable(tx.events()), control),
        idempotency(writable(tx.idempotency()), control) {}

  [[nodiscard]] storage::Repositories around(const ReadTransaction& tx) {
    return {writable(tx.tenants()),
            writable(tx.api_keys()),
            writable(tx.offerings()),
            writable(tx.availability()),
            writable(tx.pricing_rules()),
            occupancy,
            holds,
            customers,
            bookings,
            coupons,
            risk,
            events,
            idempotency,
            writable(tx.webhooks()),
            writable(tx.deliveries()),
            writable(tx.notifications()),
            tx.repositories().trust,
            tx.repositories().portal,
            tx.repositories().languages};
  }

 private:
  /// No repository is const by itself; reading transactions only hand them out so.
  template <class Repository> static Repository& writable(const Repository& repository) { return const_cast<Repository&>(repository); }
};

class FaultyRead final : private FaultyParts, public ReadTransaction {
 public:
  FaultyRead(const ReadTransaction& inner, Control& control) : FaultyParts(inner, control), ReadTransaction(around(inner)) {}
};

/// The parts come before the transaction that refers to them.
class FaultyWrite final : private FaultyParts, public WriteTransaction {
 public:
  FaultyWrite(WriteTransaction& inner, Control& control)
      : FaultyParts(inner, control), WriteTransaction(around(inner)), inner_(inner), control_(control) {}

 private:
  void run_nested(FunctionRef<bool()> part) override {
    if (control_.is(Mutant::nested_not_undone)) {
      (void)part();
      return;
    }
    (void)inner_.nested([&]() -> Result<void> {
      if (part()) return {};
      return fail(Code::internal);
    });
  }

  WriteTransaction& inner_;
  Control& control_;
};

} // namespace

Result<void> FaultyStore::run_read(FunctionRef<void(const storage::ReadTransaction&)> f) {
  if (control_.fault.kind == FaultKind::fail_read && control_.reads++ == control_.fault.transaction) {
    ++control_.injected;
    return Control::failure();
  }
  return inner_->read([&](const storage::ReadTransaction& tx) -> Result<void> {
    f(FaultyRead(tx, control_));
    return {};
  });
}

Result<void> FaultyStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  const bool hit = control_.writes++ == control_.fault.transaction;
  const auto kind = hit ? control_.fault.kind : FaultKind::none;
  if (kind == FaultKind::refuse) {
    ++control_.injected;
    return Control::failure();
  }
  const bool lost = control_.is(Mutant::acknowledged_write_lost) && ++control_.all_writes % 11 == 0;
  bool kept = true, told_failed = false;
  control_.calls = 0;
  control_.fail_midway = kind == FaultKind::fail_midway;
  const auto done = inner_->write([&](WriteTransaction& inner) -> Result<void> {
    FaultyWrite tx(inner, control_);
    if (kind == FaultKind::run_twice) {
      ++control_.injected;
      (void)inner.nested([&]() -> Result<void> {
        (void)f(tx);
        if (control_.is(Mutant::retry_not_undone)) return {};
        return fail(Code::internal);
      });
    }
    if (control_.is(Mutant::half_of_failure_kept)) {
      try {
        kept = f(tx);
      } catch (const storage::StoreFailure&) {
        told_failed = true;
        return {};
      }
    } else {
      kept = f(tx);
    }
    if (!kept) return fail(Code::internal);
    if (lost) {
      kept = false;
      return fail(Code::internal);
    }
    if (kind == FaultKind::fail_commit) {
      ++control_.injected;
      told_failed = true;
      if (!control_.is(Mutant::failed_commit_kept)) return Control::failure();
    }
    return {};
  });
  control_.fail_midway = false;
  if (told_failed) return Control::failure();
  if (!kept) return {}; // the caller has its own answer
  return done;
}

} // namespace orkestr::campaign
