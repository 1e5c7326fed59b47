#include "storage/memory/trust.hpp"

#include "orkestr/engine/secret_box.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Kyb final : public KybRepository {
 public:
  explicit Kyb(UndoLog& undo)
      : submissions_(undo, "kyb_submissions"),
        queue_(undo, "kyb_submissions"),
        documents_(undo, "kyb_documents"),
        contents_(undo, "kyb_contents") {}

  void lock(TenantId /*tenant*/) override {} // there is one writer

  std::optional<KybSubmission> find(TenantId tenant, KybId id) const override { return whole(tenant, submissions_.copy(tenant, id)); }
  std::optional<KybSubmission> latest(TenantId tenant) const override {
    auto newest = list(tenant, {1, {}});
    return newest.empty() ? std::nullopt : std::optional{std::move(newest.front())};
  }
  std::vector<KybSubmission> list(TenantId tenant, const Page& page) const override {
    std::vector<KybSubmission> rows;
    for_each_newest(submissions_, tenant, page, [&](const KybSubmission& row) {
      rows.push_back(*whole(tenant, row));
      return true;
    });
    return rows;
  }
  std::vector<TenantKyb> all(KybStatus status, const Page& page) const override {
    std::vector<TenantKyb> rows;
    for (auto at = queue_.from(static_cast<std::int64_t>(status), std::string_view{page.before});
         at != queue_.rows().end() && rows.size() < page.limit; ++at) {
      const auto& [state, id, tenant] = at->first;
      if (state != static_cast<std::int64_t>(status)) break;
      if (id.view() > std::string_view{page.before}) rows.push_back({tenant, *find(tenant, id)});
    }
    return rows;
  }
  void insert(TenantId tenant, const KybSubmission& submission) override {
    submissions_.insert({tenant, submission.id}, bare(submission));
    queue_.put({static_cast<std::int64_t>(submission.status), submission.id, tenant}, {});
  }
  void update(TenantId tenant, const KybSubmission& submission) override {
    const auto* old = submissions_.find(tenant, submission.id);
    if (old == nullptr) return;
    queue_.erase({static_cast<std::int64_t>(old->status), submission.id, tenant});
    queue_.put({static_cast<std::int64_t>(submission.status), submission.id, tenant}, {});
    submissions_.put({tenant, submission.id}, bare(submission));
  }

  void insert_document(TenantId tenant, const KybDocument& document, std::string_view sealed) override {
    documents_.insert({tenant, document.id}, {document, std::nullopt});
    contents_.insert({document.id, tenant}, std::string{sealed});
  }
  std::optional<FoundKybDocument> find_document(TenantId tenant, KybDocumentId id) const override { return documents_.copy(tenant, id); }
  std::vector<KybDocument> drafts(TenantId tenant) const override { return documents_of(tenant, std::nullopt); }
  void attach_drafts(TenantId tenant, KybId submission) override {
    for (const auto& draft : drafts(tenant)) documents_.put({tenant, draft.id}, {draft, submission});
  }
  void erase_draft(TenantId tenant, KybDocumentId id) override {
    const auto* row = documents_.find(tenant, id);
    if (row == nullptr || row->kyb_id) return;
    documents_.erase({tenant, id});
    contents_.erase({id, tenant});
  }
  std::optional<std::string> content(TenantId tenant, KybDocumentId id) const override { return contents_.copy(id, tenant); }
  void put_content(TenantId tenant, KybDocumentId id, std::string_view sealed) override {
    if (contents_.find(id, tenant) != nullptr) contents_.put({id, tenant}, std::string{sealed});
  }
  std::vector<Due<KybDocumentId>> sealed_otherwise(std::string_view key, std::string_view after, std::size_t limit) const override {
    std::vector<Due<KybDocumentId>> rows;
    for (const auto& [place, sealed] : contents_.rows()) {
      const auto& [id, tenant] = place;
      if (rows.size() < limit && id.view() > after && SecretBox::key_of(sealed) != key) rows.push_back({tenant, id});
    }
    return rows;
  }

 private:
  static KybSubmission bare(KybSubmission submission) {
    submission.documents.clear();
    return submission;
  }
  [[nodiscard]] std::vector<KybDocument> documents_of(TenantId tenant, std::optional<KybId> submission) const {
    std::vector<KybDocument> list;
    for (const auto& [key, row] : documents_.range(tenant))
      if (row.kyb_id == submission) list.push_back(row.document);
    return list;
  }
  [[nodiscard]] std::optional<KybSubmission> whole(TenantId tenant, std::optional<KybSubmission> row) const {
    if (row) row->documents = documents_of(tenant, row->id);
    return row;
  }

  Table<std::tuple<TenantId, KybId>, KybSubmission> submissions_;
  Table<std::tuple<std::int64_t, KybId, TenantId>, Nothing> queue_; ///< by status
  Table<std::tuple<TenantId, KybDocumentId>, FoundKybDocument> documents_;
  Table<std::tuple<KybDocumentId, TenantId>, std::string> contents_;
};

} // namespace

std::unique_ptr<KybRepository> make_kyb(UndoLog& undo) { return std::make_unique<Kyb>(undo); }

} // namespace orkestr::inline v1::storage::memory
