#include "storage/sql/repository.hpp"
#include "storage/sql/trust.hpp"

#include "orkestr/engine/secret_box.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<KybSubmission> {
  using T = KybSubmission;
  static constexpr std::string_view table = "kyb_submissions";
  static constexpr auto columns = std::make_tuple(
      column("id", &T::id), column("legal_name", &T::legal_name), column("registration_number", &T::registration_number),
      column("country", &T::country), column("insurance", &T::insurance), column("deposit_policy", &T::deposit_policy),
      column("terms", &T::terms), column("status", &T::status), column("reason", &T::reason), column("submitted_by", &T::submitted_by),
      column("decided_by", &T::decided_by), column("created_at", &T::created_at), column("decided_at", &T::decided_at));
};

template <> struct Row<KybDocument> {
  using T = KybDocument;
  static constexpr std::string_view table = "kyb_documents";
  static constexpr auto columns = std::make_tuple(column("id", &T::id), column("kind", &T::kind), column("file_name", &T::file_name),
                                                  column("content_type", &T::content_type), column("size", &T::size),
                                                  column("sha256", &T::sha256), column("created_at", &T::created_at));
};

namespace {

class Kyb final : public KybRepository, Base {
 public:
  using Base::Base;
  void lock(TenantId tenant) override {
    // A row that is written: of two at once, the second runs again and sees what the first did.
    run(db_, "UPDATE tenants SET kyb_status = kyb_status WHERE tenant_id = $1 AND id = $1", tenant);
  }

  std::optional<KybSubmission> find(TenantId tenant, KybId id) const override {
    static const std::string sql = select<KybSubmission>("AND id = $2");
    return whole(tenant, query_one<KybSubmission>(db_, sql, tenant, id));
  }
  std::optional<KybSubmission> latest(TenantId tenant) const override {
    static const std::string sql = select<KybSubmission>("ORDER BY id DESC LIMIT 1");
    return whole(tenant, query_one<KybSubmission>(db_, sql, tenant));
  }
  std::vector<KybSubmission> list(TenantId tenant, const Page& page) const override {
    static const std::string sql = select<KybSubmission>("AND id < $2 ORDER BY id DESC LIMIT $3");
    auto rows = query<KybSubmission>(db_, sql, tenant, before(page), page.limit);
    for (auto& row : rows) row.documents = documents_of(tenant, row.id);
    return rows;
  }
  std::vector<TenantKyb> all(KybStatus status, const Page& page) const override {
    static const std::string sql =
        "SELECT tenant_id, " + column_list<KybSubmission>() + " FROM kyb_submissions WHERE status = $1 AND id > $2 ORDER BY id LIMIT $3";
    std::vector<TenantKyb> rows;
    {
      const Use use(db_, sql, every_tenant);
      bind(*use, 1, status);
      bind(*use, 2, page.before);
      bind(*use, 3, page.limit);
      while (use->step()) {
        auto& row = rows.emplace_back();
        get(*use, 0, row.tenant);
        row.submission = read_row<KybSubmission>(*use, 1);
      }
    }
    for (auto& row : rows) row.submission.documents = documents_of(row.tenant, row.submission.id);
    return rows;
  }
  void insert(TenantId tenant, const KybSubmission& submission) override { insert_row(db_, tenant, submission); }
  void update(TenantId tenant, const KybSubmission& submission) override { update_row(db_, tenant, submission); }

  void insert_document(TenantId tenant, const KybDocument& document, std::string_view sealed) override {
    insert_row(db_, tenant, document);
    run(db_, "INSERT INTO kyb_contents (tenant_id, document_id, key_name, sealed) VALUES ($1, $2, $3, $4)", tenant, document.id,
        SecretBox::key_of(sealed), sealed);
  }
  std::optional<FoundKybDocument> find_document(TenantId tenant, KybDocumentId id) const override {
    static const std::string sql = "SELECT kyb_id, " + column_list<KybDocument>() + " FROM kyb_documents WHERE tenant_id = $1 AND id = $2";
    const Use use(db_, sql);
    bind(*use, 1, tenant);
    bind(*use, 2, id);
    if (!use->step()) return std::nullopt;
    FoundKybDocument found;
    get(*use, 0, found.kyb_id);
    found.document = read_row<KybDocument>(*use, 1);
    return found;
  }
  std::vector<KybDocument> drafts(TenantId tenant) const override {
    static const std::string sql = select<KybDocument>("AND kyb_id IS NULL ORDER BY id");
    return query<KybDocument>(db_, sql, tenant);
  }
  void attach_drafts(TenantId tenant, KybId submission) override {
    run(db_, "UPDATE kyb_documents SET kyb_id = $1 WHERE tenant_id = $2 AND kyb_id IS NULL", submission, tenant);
  }
  void erase_draft(TenantId tenant, KybDocumentId id) override {
    if (execute(db_, "DELETE FROM kyb_documents WHERE tenant_id = $1 AND id = $2 AND kyb_id IS NULL", tenant, id) > 0)
      run(db_, "DELETE FROM kyb_contents WHERE tenant_id = $1 AND document_id = $2", tenant, id);
  }
  std::optional<std::string> content(TenantId tenant, KybDocumentId id) const override {
    const Use use(db_, "SELECT sealed FROM kyb_contents WHERE tenant_id = $1 AND document_id = $2");
    bind(*use, 1, tenant);
    bind(*use, 2, id);
    if (!use->step()) return std::nullopt;
    return std::string{use->text(0)};
  }
  void put_content(TenantId tenant, KybDocumentId id, std::string_view sealed) override {
    run(db_, "UPDATE kyb_contents SET key_name = $1, sealed = $2 WHERE tenant_id = $3 AND document_id = $4", SecretBox::key_of(sealed),
        sealed, tenant, id);
  }
  std::vector<Due<KybDocumentId>> sealed_otherwise(std::string_view key, std::string_view after, std::size_t limit) const override {
    const Use use(db_,
                  "SELECT tenant_id, document_id FROM kyb_contents WHERE key_name <> $1 AND document_id > $2 ORDER BY document_id LIMIT $3",
                  every_tenant);
    bind(*use, 1, key);
    bind(*use, 2, after);
    bind(*use, 3, limit);
    std::vector<Due<KybDocumentId>> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      get(*use, 1, row.id);
    }
    return rows;
  }

 private:
  [[nodiscard]] std::vector<KybDocument> documents_of(TenantId tenant, KybId id) const {
    static const std::string sql = select<KybDocument>("AND kyb_id = $2 ORDER BY id");
    return query<KybDocument>(db_, sql, tenant, id);
  }
  [[nodiscard]] std::optional<KybSubmission> whole(TenantId tenant, std::optional<KybSubmission> row) const {
    if (row) row->documents = documents_of(tenant, row->id);
    return row;
  }
};

} // namespace

std::unique_ptr<KybRepository> make_kyb(Connection& connection) { return std::make_unique<Kyb>(connection); }

} // namespace orkestr::inline v1::storage::sql
