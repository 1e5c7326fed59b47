// What became of every event, by the rows of the database and what clients and endpoints wrote down: nothing of the code under test.
#pragma once

#include "campaign/webhooks/endpoints.hpp"

#include <functional>
#include <map>
#include <set>

namespace orkestr::campaign {

using Rows = std::vector<std::vector<std::string>>;
/// Asks the database. NULL is an empty text.
using Query = std::function<Rows(const std::string&)>;

struct Ledger {
  std::set<std::pair<std::string, long>> acknowledged; ///< subject and number
  std::vector<std::string> webhooks;                   ///< their ids, by endpoint
};

struct Findings {
  std::size_t acknowledged = 0, events = 0, deliveries = 0, requests = 0, accepted = 0, dead = 0, attempts = 0;
  std::size_t sent_again = 0;     ///< attempts that were sent more than once: what kills cost
  std::size_t accepted_again = 0; ///< deliveries that an endpoint said 200 to more than once
  std::size_t by_client = 0;      ///< requests that the client sent again on a new connection
  std::size_t forgotten = 0;      ///< accepted by an endpoint that crashed before it noted it: its own fault
  std::size_t missing = 0, order = 0, signatures = 0;
  std::map<std::string, std::size_t> faults;
  std::map<int, std::pair<std::size_t, std::size_t>> by_endpoint; ///< deliveries, of these dead
};

/// @param may_repeat  somebody was killed, or slept past a lease
[[nodiscard]] Findings check(const Query& query, const Ledger& ledger, const std::vector<Receipt>& receipts, bool may_repeat);

} // namespace orkestr::campaign
