// Carrying a step out in a world, and what a client gets to see of it.
#pragma once

#include "campaign/simulation/oracle.hpp"
#include "campaign/simulation/step.hpp"
#include "campaign/simulation/world.hpp"

namespace orkestr::campaign {

/// A request to the API that can be sent again.
struct SentRequest {
  api::Method method = api::Method::post;
  std::string target, body, bearer, key, peer;
  bool operator==(const SentRequest&) const = default;

  /// The name under which its answer is kept.
  [[nodiscard]] std::string kept_as() const;
};

struct KeptAnswer {
  SentRequest request;
  int status = 0;
  std::string body;
};

/// What the clients know: what was acknowledged to them, by the step that asked for it.
struct Ledger {
  std::map<int, BookingId> bookings;
  std::map<int, HoldId> holds;
  std::map<int, std::string> tokens;
  std::map<int, Step> asked;           ///< steps that sent a request with an idempotency key
  std::map<int, SentRequest> requests; ///< and that request
  std::map<std::string, KeptAnswer> answers;
  std::set<std::string> answer_keys{"request-1"}; ///< in use; this one by the other tenant too
  std::set<std::string> lapsed;                   ///< holds that were once past their expiry; clocks may go back after that

  [[nodiscard]] const Booking* booking(const Step& step, const Rows& rows) const;
  [[nodiscard]] std::optional<HoldId> hold(const Step& step) const;
  /// The step that `again` and `other_body` repeat.
  [[nodiscard]] const Step* repeated(const Step& step) const;
};

struct Outcome {
  bool skipped = false; ///< what it acts on was never made
  std::optional<Code> refusal;
  std::optional<BookingId> booking_id;
  std::optional<HoldId> hold_id;
  std::optional<std::string> booking; ///< text_of() what a use case returned
  std::optional<std::string> token;
  std::optional<Price> price;
  std::optional<CancellationTerms> terms; ///< asked for just before cancelling
  std::optional<DueWork> due;
  std::optional<Amount> difference; ///< of a move
  std::optional<SentRequest> request;
  int status = 0; ///< of the API
  std::string body;
  bool replayed = false;

  /// What goes into the trace.
  [[nodiscard]] std::string text() const;
};

/// What a hold, quote or booking is about: the step itself, or the hold it names.
struct Wanted {
  int offering = 0;
  Interval interval;
  int quantity = 1;
  Audience audience = Audience::customer; ///< for the room
  std::optional<HoldId> hold;
  bool lapsed = false; ///< that hold is gone
};
/// @returns nullopt when it names a hold that was never made
[[nodiscard]] std::optional<Wanted> wanted_of(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now);

[[nodiscard]] Outcome act(World& world, const Step& step, const Ledger& ledger, const Rows& before);

/// The amount that a payment or refund is about.
[[nodiscard]] Amount amount_of(const Step& step, const Booking& booking);
/// The total that the client expects, if it says one.
[[nodiscard]] std::optional<Amount> expected_total(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop,
                                                   Instant now);

} // namespace orkestr::campaign
