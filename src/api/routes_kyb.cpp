// What a business hands in to be verified. The bytes of its documents are served to admins alone.
#include "api/bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) { return reply_with(kyb_overview(tx, call.tenant.id)); }

Result<void> prepare_upload(Call& call) {
  KybFile file;
  ORKESTR_TRY(const auto kind, call.query.enumeration<KybDocumentKind>("kind"));
  if (!kind) return fail(Code::missing_parameter, "The parameter kind is required.");
  file.kind = *kind;
  ORKESTR_TRY(file.file_name, call.query.required("fileName"));
  file.media_type = call.request.header("Content-Type");
  file.bytes = call.request.body;
  auto& platform = call.platform;
  ORKESTR_TRY(call.prepared_file,
              prepare_kyb_file(call.tenant.id, std::move(file), platform.secrets(), platform.random(), platform.ids(), call.now));
  return {};
}

Result<Reply> upload(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto document, add_kyb_document(cx, *call.prepared_file));
  return reply_created(call, document);
}

Result<KybDocument> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<KybDocumentId>());
  const auto found = tx.kyb().find_document(call.tenant.id, id);
  if (!found) return fail(Code::not_found, "There is no such document.");
  return found->document;
}

Result<Reply> get_document(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto document, load(tx, call));
  return reply_with(document);
}

Result<Reply> delete_document(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto document, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(document)));
  ORKESTR_CHECK(delete_kyb_document(cx, document.id));
  return Reply{204, {}, {}, false};
}

Result<Reply> submit(WriteContext& cx, const Call& call) {
  KybSubmission draft;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  ORKESTR_TRY(const auto submission, submit_kyb(cx, std::move(draft), reader));
  Reply reply = reply_with(submission, 201);
  reply.location = call.path;
  return reply;
}

constexpr std::string_view upload_parameters[] = {"kind", "fileName"};

} // namespace

std::span<const Route> kyb_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get, .path = "/v1/provider/kyb", .operation = "getKyb", .access = Access::admin, .read = get},
      {.method = M::post, .path = "/v1/provider/kyb", .operation = "submitKyb", .access = Access::admin, .body = required, .write = submit},
      {.method = M::post,
       .path = "/v1/provider/kyb/documents",
       .operation = "uploadKybDocument",
       .access = Access::admin,
       .parameters = upload_parameters,
       .body = raw,
       .write = upload,
       .prepare = prepare_upload,
       .max_body_bytes = static_cast<std::size_t>(largest_kyb_document)},
      {.method = M::get,
       .path = "/v1/provider/kyb/documents/{id}",
       .operation = "getKybDocument",
       .access = Access::admin,
       .read = get_document},
      {.method = M::del,
       .path = "/v1/provider/kyb/documents/{id}",
       .operation = "deleteKybDocument",
       .access = Access::admin,
       .write = delete_document},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
