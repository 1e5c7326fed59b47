// One step of a history: everything about it is in here, so that a history can be replayed with steps left out. What it
// acts on is named by the step that made it; when that one is left out, the step does nothing.
#pragma once

#include "campaign/simulation/faults.hpp"
#include "campaign/simulation/shop.hpp"

#include <string>
#include <vector>

namespace orkestr::campaign {

enum class Kind {
  hold,
  release_hold,
  quote,
  book,
  check_out,
  approve,
  decline,
  cancel,
  reschedule,
  pay,
  refund,
  review,
  run_due,
  reprice,     ///< the provider changes an offering's price
  again,       ///< the request of step `from` is sent once more
  other_body,  ///< its idempotency key with another body
  by_stranger, ///< the other tenant tries to act on what step `from` made
  advance,
  jump_back,
  crash
};

/// How a use case is called.
enum class Via { library, key, visitor };
enum class Share { all, half, one, too_much, nothing };
enum class Expected { unsaid, right, stale };

struct Step {
  int number = 0;
  Kind kind = Kind::run_due;
  Via via = Via::library;
  int from = -1; ///< the step that made the hold or booking it acts on, or sent the request
  int offering = 0, quantity = 1, email = 0, peer = 0;
  Interval interval;
  int coupon = -1; ///< coupons.size(): a code that nobody made
  Expected expected = Expected::unsaid;
  bool pay_online = false;
  Audience audience = Audience::customer;
  Share share = Share::all;
  std::optional<Amount> amount, total; ///< what a request said, once it was sent
  bool yes = true;                     ///< a payment succeeds, a review approves, a crash is hard
  Amount price = 0;
  milliseconds by{0};
  Fault fault;
};

[[nodiscard]] std::string_view name_of(Kind kind);
/// For people.
[[nodiscard]] std::string describe(const Step& step);
[[nodiscard]] std::string describe(const std::vector<Step>& steps);

} // namespace orkestr::campaign
