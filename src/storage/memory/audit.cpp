#include "storage/memory/trust.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Audit final : public AuditRepository {
 public:
  explicit Audit(UndoLog& undo) : rows_(undo, "audit_log") {}

  void append(TenantId tenant, const AuditEntry& entry) override { rows_.insert({tenant, entry.id}, entry); }
  std::vector<AuditEntry> list(TenantId tenant, const AuditFilter& filter, const Page& page) const override {
    std::vector<AuditEntry> list;
    for_each_newest(rows_, tenant, page, [&](const AuditEntry& row) {
      const bool wanted = (!filter.actor || row.actor == *filter.actor) && (!filter.actor_id || row.actor_id == *filter.actor_id) &&
                          (!filter.action || row.action == *filter.action) && (!filter.subject || row.subject == *filter.subject) &&
                          (!filter.from || *filter.from <= row.at) && (!filter.to || row.at < *filter.to);
      if (wanted) list.push_back(row);
      return wanted;
    });
    return list;
  }

 private:
  Table<std::tuple<TenantId, AuditId>, AuditEntry> rows_;
};

} // namespace

std::unique_ptr<AuditRepository> make_audit(UndoLog& undo) { return std::make_unique<Audit>(undo); }

} // namespace orkestr::inline v1::storage::memory
