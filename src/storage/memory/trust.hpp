// Money, reviews, disputes, the proof of a business, admins, what was done, scores, in memory: one file each.
#pragma once

#include "storage/memory_table.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::memory {

[[nodiscard]] std::unique_ptr<ReviewRepository> make_reviews(UndoLog& undo);
[[nodiscard]] std::unique_ptr<KybRepository> make_kyb(UndoLog& undo);
[[nodiscard]] std::unique_ptr<AdminRepository> make_admins(UndoLog& undo);
[[nodiscard]] std::unique_ptr<AuditRepository> make_audit(UndoLog& undo);
[[nodiscard]] std::unique_ptr<ScoreRepository> make_scores(UndoLog& undo, const TenantRepository& tenants,
                                                           const OfferingRepository& offerings);

} // namespace orkestr::inline v1::storage::memory
