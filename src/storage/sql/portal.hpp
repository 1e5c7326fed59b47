// Imports, custom domains and calendars to subscribe to, over SQL.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::sql {

[[nodiscard]] std::unique_ptr<ImportRepository> make_imports(Connection& connection);
[[nodiscard]] std::unique_ptr<DomainRepository> make_domains(Connection& connection);
[[nodiscard]] std::unique_ptr<CalendarTokenRepository> make_calendar_tokens(Connection& connection);

/// One of each, on one connection.
class PortalParts {
 public:
  explicit PortalParts(Connection& c) : imports_(make_imports(c)), domains_(make_domains(c)), calendar_tokens_(make_calendar_tokens(c)) {}
  [[nodiscard]] PortalRepositories all() const { return {*imports_, *domains_, *calendar_tokens_}; }

 private:
  std::unique_ptr<ImportRepository> imports_;
  std::unique_ptr<DomainRepository> domains_;
  std::unique_ptr<CalendarTokenRepository> calendar_tokens_;
};

} // namespace orkestr::inline v1::storage::sql
