// Bugs that are planted between the platform and its store, to see whether the campaign would notice such a bug.
#pragma once

#include <array>
#include <string_view>

namespace orkestr::campaign {

enum class Mutant {
  none,
  room_not_asked,
  claim_not_put,
  claim_not_erased,
  claim_status_not_set,
  claim_under_own_key,
  claim_with_one_unit,
  lapsed_hold_counts,
  hold_lapses_late,
  lapsed_hold_found,
  hold_not_erased,
  client_holds_not_counted,
  coupon_cap_ignored,
  coupon_not_given_back,
  coupon_customer_not_counted,
  event_dropped,
  event_to_other_tenant,
  booking_to_other_tenant,
  answer_not_found,
  answer_not_kept,
  booking_status_lost,
  payment_lost,
  refund_lost,
  moved_item_lost,
  attempt_lost,
  unpaid_never_due,
  holds_never_swept,
  nested_not_undone,
  retry_not_undone,
  half_of_failure_kept,
  failed_commit_kept,
  acknowledged_write_lost,
  crash_loses_last_write
};

struct MutantInfo {
  Mutant mutant;
  std::string_view name, what;
};

inline constexpr std::array mutants{
    MutantInfo{Mutant::room_not_asked, "room_not_asked", "who takes units sees nobody else's claims"},
    MutantInfo{Mutant::claim_not_put, "claim_not_put", "one claim in five is not written"},
    MutantInfo{Mutant::claim_not_erased, "claim_not_erased", "claims stay when they should go"},
    MutantInfo{Mutant::claim_status_not_set, "claim_status_not_set", "a claim is not confirmed with its booking"},
    MutantInfo{Mutant::claim_under_own_key, "claim_under_own_key", "an offering takes units of itself, not of the resource it shares"},
    MutantInfo{Mutant::claim_with_one_unit, "claim_with_one_unit", "a claim takes one unit, whatever the quantity"},
    MutantInfo{Mutant::lapsed_hold_counts, "lapsed_hold_counts", "a hold that has expired goes on counting"},
    MutantInfo{Mutant::hold_lapses_late, "hold_lapses_late", "a hold counts in the millisecond of its expiry"},
    MutantInfo{Mutant::lapsed_hold_found, "lapsed_hold_found", "an expired hold can be booked for an hour more"},
    MutantInfo{Mutant::hold_not_erased, "hold_not_erased", "a hold that was used stays"},
    MutantInfo{Mutant::client_holds_not_counted, "client_holds_not_counted", "a client may hold any number of slots"},
    MutantInfo{Mutant::coupon_cap_ignored, "coupon_cap_ignored", "a coupon's cap is not looked at"},
    MutantInfo{Mutant::coupon_not_given_back, "coupon_not_given_back", "redemptions of dead bookings stay"},
    MutantInfo{Mutant::coupon_customer_not_counted, "coupon_customer_not_counted", "a customer's redemptions are not counted"},
    MutantInfo{Mutant::event_dropped, "event_dropped", "one event in seven is not appended"},
    MutantInfo{Mutant::event_to_other_tenant, "event_to_other_tenant", "one event in seven goes to another tenant"},
    MutantInfo{Mutant::booking_to_other_tenant, "booking_to_other_tenant", "one booking in five is another tenant's as well"},
    MutantInfo{Mutant::answer_not_found, "answer_not_found", "kept answers are not found, so that requests act again"},
    MutantInfo{Mutant::answer_not_kept, "answer_not_kept", "answers of requests with an idempotency key are not kept"},
    MutantInfo{Mutant::booking_status_lost, "booking_status_lost", "a booking that ends stays what it was"},
    MutantInfo{Mutant::payment_lost, "payment_lost", "one payment in three is not written"},
    MutantInfo{Mutant::refund_lost, "refund_lost", "refunds are not noted on their payments"},
    MutantInfo{Mutant::moved_item_lost, "moved_item_lost", "a move is not written to the booking's item"},
    MutantInfo{Mutant::attempt_lost, "attempt_lost", "attempts are not noted"},
    MutantInfo{Mutant::unpaid_never_due, "unpaid_never_due", "bookings without payment are never due"},
    MutantInfo{Mutant::holds_never_swept, "holds_never_swept", "holds that lapsed are never swept"},
    MutantInfo{Mutant::nested_not_undone, "nested_not_undone", "a part of a transaction that fails is not undone"},
    MutantInfo{Mutant::retry_not_undone, "retry_not_undone", "what a first run wrote stays when the function is run again"},
    MutantInfo{Mutant::half_of_failure_kept, "half_of_failure_kept", "a transaction that fails midway keeps its first half"},
    MutantInfo{Mutant::failed_commit_kept, "failed_commit_kept", "a commit that is told to have failed has happened"},
    MutantInfo{Mutant::acknowledged_write_lost, "acknowledged_write_lost", "one write in eleven is acknowledged and undone"},
    MutantInfo{Mutant::crash_loses_last_write, "crash_loses_last_write", "a crash takes the last acknowledged write with it"},
};

} // namespace orkestr::campaign
