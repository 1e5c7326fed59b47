// Money, reviews, disputes, the proof of a business, admins, what was done, scores, mails, passes and members, in memory.
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
[[nodiscard]] std::unique_ptr<MailRepository> make_mails(UndoLog& undo);
[[nodiscard]] std::unique_ptr<CustomerPassRepository> make_customer_passes(UndoLog& undo);
[[nodiscard]] std::unique_ptr<MemberRepository> make_members(UndoLog& undo, const TenantRepository& tenants);

} // namespace orkestr::inline v1::storage::memory
