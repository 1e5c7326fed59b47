#include "base/sha256.hpp"

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {
namespace {

/// Two documents can't stand in for each other.
std::string seal_context(TenantId tenant, KybDocumentId id) { return tenant.str() + "/" + id.str(); }

Result<Tenant> find_tenant(const WriteContext& cx) {
  auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant) return fail(Code::not_found, "There is no such tenant.");
  return std::move(*tenant);
}

Result<KybSubmission> find_submission(const WriteContext& cx, KybId id) {
  auto submission = cx.tx.kyb().find(cx.tenant, id);
  if (!submission) return fail(Code::not_found, "There is no such submission.");
  return std::move(*submission);
}

} // namespace

Result<PreparedKybFile> prepare_kyb_file(TenantId tenant, KybFile file, const SecretBox& secrets, Random& random, IdMinter& ids,
                                         Instant now) {
  if (secrets.empty())
    return fail(Code::not_implemented,
                "This installation has no key to encrypt documents with, so it keeps none. Configure one (--secret-keys).");
  PreparedKybFile prepared{std::move(file), ids.make<KybDocumentId>(now), {}, {}};
  json::Reader reader;
  if (prepared.file.bytes.size() <= static_cast<std::size_t>(largest_kyb_document)) prepared.sha256 = hex(sha256(prepared.file.bytes));
  if (check_document(prepared.file.file_name, prepared.file.media_type, prepared.file.bytes, prepared.sha256, {}, reader))
    prepared.sealed = secrets.seal(prepared.file.bytes, seal_context(tenant, prepared.id), random);
  return prepared;
}

Result<KybDocument> add_kyb_document(WriteContext& cx, const PreparedKybFile& prepared) {
  cx.tx.kyb().lock(cx.tenant);
  ORKESTR_TRY(const auto tenant, find_tenant(cx));
  ORKESTR_CHECK(next_status(tenant.kyb_status, KybAction::submit));
  const auto& file = prepared.file;
  json::Reader reader;
  const auto type = check_document(file.file_name, file.media_type, file.bytes, prepared.sha256, cx.tx.kyb().drafts(cx.tenant), reader);
  ORKESTR_CHECK(reader.result());
  const KybDocument document{prepared.id,     file.kind, file.file_name, *type, static_cast<std::int64_t>(file.bytes.size()),
                             prepared.sha256, cx.now};
  cx.tx.kyb().insert_document(cx.tenant, document, prepared.sealed);
  cx.audit("kyb.upload", document.id);
  return document;
}

Result<void> delete_kyb_document(WriteContext& cx, KybDocumentId id) {
  cx.tx.kyb().lock(cx.tenant);
  const auto found = cx.tx.kyb().find_document(cx.tenant, id);
  if (!found) return fail(Code::not_found, "There is no such document.");
  if (found->kyb_id) return fail(Code::invalid_transition, "The document was handed in, so it stays with its submission.");
  cx.tx.kyb().erase_draft(cx.tenant, id);
  cx.audit("kyb.delete_document", id);
  return {};
}

Result<KybSubmission> submit_kyb(WriteContext& cx, KybSubmission draft, json::Reader& reader) {
  cx.tx.kyb().lock(cx.tenant);
  ORKESTR_TRY(auto tenant, find_tenant(cx));
  ORKESTR_TRY(tenant.kyb_status, next_status(tenant.kyb_status, KybAction::submit));
  draft.documents = cx.tx.kyb().drafts(cx.tenant);
  validate(draft, reader);
  ORKESTR_CHECK(reader.result());
  draft.id = cx.make_id<KybId>();
  draft.status = tenant.kyb_status;
  draft.submitted_by = cx.actor.id;
  draft.created_at = cx.now;
  cx.tx.kyb().insert(cx.tenant, draft);
  cx.tx.kyb().attach_drafts(cx.tenant, draft.id);
  cx.tx.tenants().update(tenant);
  cx.audit("kyb.submit", draft.id);
  return draft;
}

KybOverview kyb_overview(const storage::ReadTransaction& tx, TenantId tenant) {
  const auto row = tx.tenants().find(tenant);
  return {row ? row->kyb_status : KybStatus::none, tx.kyb().latest(tenant), tx.kyb().drafts(tenant)};
}

Result<KybSubmission> review_kyb(WriteContext& cx, KybId id) {
  ORKESTR_TRY(auto submission, find_submission(cx, id));
  cx.audit("kyb.read", id);
  return submission;
}

Result<KybSubmission> decide_kyb(WriteContext& cx, KybId id, const KybDecision& decision) {
  ORKESTR_TRY(auto submission, find_submission(cx, id));
  ORKESTR_CHECK(decide(submission, decision, cx.actor.id, cx.now));
  ORKESTR_TRY(auto tenant, find_tenant(cx));
  tenant.kyb_status = submission.status;
  cx.tx.kyb().update(cx.tenant, submission);
  cx.tx.tenants().update(tenant);
  if (submission.status == KybStatus::verified) {
    cx.audit("kyb.verify", id);
    cx.emit(EventType::tenant_kyb_verified, cx.tenant.view(), kyb_event_data(cx.tenant, submission));
  } else {
    cx.audit("kyb.reject", id, *submission.reason);
    cx.notify({{},
               {},
               NotificationKind::generic,
               "Your business could not be verified: " + shortened(*submission.reason),
               "/provider/kyb",
               id.str(),
               {},
               {}});
  }
  return submission;
}

Result<OpenedKybDocument> open_kyb_document(WriteContext& cx, KybId submission, KybDocumentId id, const SecretBox& secrets) {
  auto found = cx.tx.kyb().find_document(cx.tenant, id);
  if (!found || found->kyb_id != submission) return fail(Code::not_found, "There is no such document.");
  const auto sealed = cx.tx.kyb().content(cx.tenant, id);
  auto bytes = sealed ? secrets.open(*sealed, seal_context(cx.tenant, id)) : std::nullopt;
  if (!bytes) return fail(Code::internal, "The document does not open: it was changed in the store, or its key is not configured.");
  cx.audit("kyb.read_document", id);
  return OpenedKybDocument{std::move(found->document), std::move(*bytes)};
}

bool reseal_kyb_document(WriteContext& cx, KybDocumentId id, const SecretBox& secrets, Random& random) {
  const auto sealed = cx.tx.kyb().content(cx.tenant, id);
  if (!sealed || secrets.empty() || secrets.current(*sealed)) return false;
  const auto context = seal_context(cx.tenant, id);
  const auto plain = secrets.open(*sealed, context);
  if (!plain) return false;
  cx.tx.kyb().put_content(cx.tenant, id, secrets.seal(*plain, context, random));
  return true;
}

} // namespace orkestr::inline v1
