// Imports, custom domains and calendars to subscribe to, in memory.
#pragma once

#include "storage/memory_table.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::memory {

[[nodiscard]] std::unique_ptr<ImportRepository> make_imports(UndoLog& undo);
[[nodiscard]] std::unique_ptr<DomainRepository> make_domains(UndoLog& undo, const TenantRepository& tenants);
[[nodiscard]] std::unique_ptr<CalendarTokenRepository> make_calendar_tokens(UndoLog& undo);

} // namespace orkestr::inline v1::storage::memory
