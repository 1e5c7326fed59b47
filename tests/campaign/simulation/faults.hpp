// What a store is told to do wrong: faults that stores may have and callers must survive, and planted bugs.
#pragma once

#include "campaign/simulation/mutant.hpp"

#include "orkestr/storage/store.hpp"

namespace orkestr::campaign {

enum class FaultKind {
  none,
  refuse,      ///< a write fails before it begins
  fail_midway, ///< a call within the transaction fails
  fail_commit, ///< everything ran, nothing is kept
  run_twice,   ///< the function runs, is undone, and runs again, as after a serialisation failure
  fail_read
};

struct Fault {
  FaultKind kind = FaultKind::none;
  int transaction = 0; ///< which write (or read) of the step
  int call = 0;        ///< which writing call of the transaction, for fail_midway
};

/// Shared by a faulty store and its repositories.
struct Control {
  Mutant mutant = Mutant::none;
  TenantId other_tenant; ///< for bugs that mix tenants up
  Fault fault;
  int writes = 0, reads = 0, calls = 0; ///< since the fault was armed; calls of the transaction
  bool fail_midway = false;             ///< in this transaction
  std::uint64_t injected = 0;           ///< faults that happened
  std::uint64_t all_writes = 0;         ///< since the store was made, as the two below
  std::uint64_t appended = 0, put = 0, inserted = 0, paid = 0;

  void arm(const Fault& next) {
    fault = next;
    writes = reads = calls = 0;
    fail_midway = false;
  }
  [[nodiscard]] bool is(Mutant planted) const { return mutant == planted; }
  /// Called by everything that writes.
  void touch() {
    if (!fail_midway || calls++ != fault.call) return;
    fail_midway = false;
    ++injected;
    throw storage::StoreFailure{failure()};
  }
  [[nodiscard]] static Error failure() { return fail(Code::store_unavailable, "The simulated store failed."); }
};

} // namespace orkestr::campaign
