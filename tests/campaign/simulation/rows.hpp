// All rows of both tenants as a store has them, and each of them as a text, by name, so that any change shows.
#pragma once

#include "campaign/simulation/shop.hpp"

#include <map>
#include <set>

namespace orkestr::campaign {

struct KeyedClaim {
  std::string key;
  storage::Claim claim;
};

struct Rows {
  std::vector<Booking> bookings; ///< of our tenant, as all that follows
  std::vector<Hold> holds;
  std::vector<KeyedClaim> claims;
  std::vector<Coupon> coupons;
  std::map<std::pair<std::string, std::string>, std::int64_t> redemptions; ///< by coupon and customer
  std::map<std::string, Event> events;                                     ///< by id
  std::map<std::string, storage::IdempotencyRecord> answers;               ///< by key
  std::map<std::string, Amount> prices;                                    ///< by offering
  std::map<std::string, std::string> texts;                                ///< every row, `kind id`; the other tenant's begin with `other`

  [[nodiscard]] const Booking* find(BookingId id) const;
  [[nodiscard]] const Hold* find(HoldId id) const;
};

/// Reads everything. `answer_keys` are the idempotency keys in use.
[[nodiscard]] Rows load_rows(storage::Store& store, const Shop& shop, const std::set<std::string>& answer_keys);

/// A booking with all that is kept of it.
[[nodiscard]] std::string text_of(const Booking& booking);
[[nodiscard]] std::string text_of(const Hold& hold);
[[nodiscard]] std::string text_of(std::string_view key, const storage::Claim& claim);

/// The names of rows that are in one but not the other, or differ.
[[nodiscard]] std::vector<std::string> changed_rows(const Rows& before, const Rows& after);

} // namespace orkestr::campaign
