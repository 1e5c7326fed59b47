// What the portal asks of a store beyond a booking business: imports, custom domains, calendars to subscribe to. As in repositories.hpp.
#pragma once

#include "orkestr/engine/calendar.hpp"
#include "orkestr/engine/csv_import.hpp"
#include "orkestr/engine/domain.hpp"
#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

/// Imports, and their files in parts until they are finished.
class ImportRepository {
 public:
  virtual ~ImportRepository() = default;
  [[nodiscard]] virtual std::optional<Import> find(TenantId tenant, ImportId id) const = 0;
  [[nodiscard]] virtual std::vector<Import> list(TenantId tenant, const Page& page) const = 0;
  [[nodiscard]] virtual std::size_t count_unfinished(TenantId tenant) const = 0;
  /// Over all tenants: those to be worked on, oldest first.
  [[nodiscard]] virtual std::vector<Due<ImportId>> due(Instant now, std::size_t limit) const = 0;
  virtual void insert(TenantId tenant, const Import& import) = 0;
  virtual void update(TenantId tenant, const Import& import) = 0;

  /// Any bytes; parts are numbered from 0.
  virtual void insert_part(TenantId tenant, ImportId id, int number, std::string_view bytes) = 0;
  /// The file, as far as its parts are there; empty without any.
  [[nodiscard]] virtual std::string file(TenantId tenant, ImportId id) const = 0;
  virtual void erase_file(TenantId tenant, ImportId id) = 0;
  /// Over all tenants, of those that are finished; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

/// A verified domain and the business that has it.
struct VerifiedDomain {
  std::string domain;
  TenantId tenant;
  std::string subdomain; ///< of the tenant
};

/// Custom domains, at most one a tenant.
class DomainRepository {
 public:
  virtual ~DomainRepository() = default;
  [[nodiscard]] virtual std::optional<CustomDomain> find(TenantId tenant) const = 0;
  /// Global look-up: who has it VERIFIED.
  [[nodiscard]] virtual std::optional<TenantId> holder(std::string_view domain) const = 0;
  /// Over all tenants, by domain.
  [[nodiscard]] virtual std::vector<VerifiedDomain> verified() const = 0;
  /// Over all tenants: whose domain is to be looked at, oldest first.
  [[nodiscard]] virtual std::vector<TenantId> due(Instant now, std::size_t limit) const = 0;
  /// Adds or replaces. Refuses a second tenant that has the same domain VERIFIED.
  virtual void put(TenantId tenant, const CustomDomain& domain) = 0;
  virtual void erase(TenantId tenant) = 0;
};

struct FoundCalendarToken {
  TenantId tenant;
  CalendarToken token;
};

/// What opens calendars, at most one an owner.
class CalendarTokenRepository {
 public:
  virtual ~CalendarTokenRepository() = default;
  /// Global look-up.
  [[nodiscard]] virtual std::optional<FoundCalendarToken> find(std::string_view token_hash) const = 0;
  [[nodiscard]] virtual std::optional<CalendarToken> find_of(TenantId tenant, const CalendarOwner& owner) const = 0;
  /// In place of the owner's present one.
  virtual void put(TenantId tenant, const CalendarToken& token) = 0;
  /// @returns whether there was one
  virtual bool erase(TenantId tenant, const CalendarOwner& owner) = 0;
};

} // namespace orkestr::inline v1::storage
