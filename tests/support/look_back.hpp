// One number at a time of what RiskRepository::look_back() answers all at once.
#pragma once

#include "orkestr/storage/store.hpp"

namespace orkestr::support {

inline int count_attempts(const storage::ReadTransaction& tx, TenantId tenant, storage::AttemptKind kind, storage::AttemptTrait trait,
                          std::string_view value, Instant since) {
  storage::RiskQuery query;
  query.attempts.push_back({kind, trait, std::string{value}, since});
  return tx.risk().look_back(tenant, query).get().attempts.at(0);
}

inline storage::CustomerHistory history_of(const storage::ReadTransaction& tx, TenantId tenant, std::string_view email,
                                           std::size_t newest) {
  storage::RiskQuery query;
  query.customer_email = email;
  query.newest_bookings = newest;
  return tx.risk().look_back(tenant, query).get().history;
}

inline std::vector<Amount> recent_totals(const storage::ReadTransaction& tx, TenantId tenant, Currency currency, std::size_t limit) {
  storage::RiskQuery query;
  query.currency = currency;
  query.newest_totals = limit;
  return tx.risk().look_back(tenant, query).get().totals;
}

} // namespace orkestr::support
