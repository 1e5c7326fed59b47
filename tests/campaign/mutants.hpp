// Planted bugs: a store that is wrong in one way, so that a campaign can show that it would see it.
#pragma once

#include "orkestr/storage/store.hpp"

namespace orkestr::campaign {

enum class Mutant {
  none,
  blind_to_claims,     ///< in_range() finds nothing: the check is dropped
  blind_to_holds,      ///< in_range() leaves holds out
  eternal_holds,       ///< in_range() counts holds that have expired
  check_before_insert, ///< in_range() answers from before the transaction, as a check outside of it would
  forgets_claims,      ///< put() loses every tenth claim
  keeps_claims,        ///< erase() of a claim does nothing
  no_cap,              ///< redeem() does not look at the cap
  keeps_redemptions,   ///< give_back() does nothing
  forgets_answers,     ///< idempotency answers are not found
  shares_answers,      ///< idempotency answers are found by another tenant
  loses_events,        ///< every tenth event is not appended
  acknowledges_half,   ///< a write that fails half-way is acknowledged: a nested part's error is not undone
};
inline constexpr std::string_view mutant_names[] = {
    "none",   "blind_to_claims",   "blind_to_holds",  "eternal_holds",  "check_before_insert", "forgets_claims",   "keeps_claims",
    "no_cap", "keeps_redemptions", "forgets_answers", "shares_answers", "loses_events",        "acknowledges_half"};

/// Wraps a store. @thread_safety as the store's
class MutantStore final : public storage::Store {
 public:
  MutantStore(storage::Store& store, Mutant mutant) : store_(store), mutant_(mutant) {}

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override;

  storage::Store& store_;
  Mutant mutant_;
};

} // namespace orkestr::campaign
