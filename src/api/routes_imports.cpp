// Offerings from a file: taken in here, checked at once where nothing is to be kept, and else by an ImportDesk.
#include "api/bodies.hpp"

#include "base/text.hpp"
#include "orkestr/adapters/csv.hpp"
#include "orkestr/platform/imports.hpp"

namespace orkestr::inline v1::api {
namespace {

constexpr json::Limits file_name_limits{1, 200};

bool is_csv_type(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return ascii_lower(std::string{type.substr(0, type.find(' '))}) == "text/csv";
}

/// A dry run reads the file before the transaction, which then only looks slugs up.
Result<void> prepare(Call& call) {
  if (!is_csv_type(call.request.header("Content-Type")))
    return fail(Code::unsupported_media_type, "Send the file as the body, with Content-Type: text/csv.");
  ORKESTR_CHECK(call.query.text("fileName", file_name_limits));
  ORKESTR_TRY(const bool dry, dry_run(call));
  if (dry) call.checked_import = check_import(call.request.body, read_csv, call.tenant.time_zone, [](int) { return true; });
  return {};
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto name, call.query.text("fileName", file_name_limits));
  if (call.checked_import)
    return reply_untagged(dry_run_import(cx.tx, cx.tenant, *call.checked_import, cx.make_id<ImportId>(), std::move(name), cx.now));
  ORKESTR_TRY(const auto import, create_import(cx, std::move(name), call.request.body));
  auto reply = reply_created(call, import);
  reply.status = 202;
  return reply;
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<ImportId>());
  const auto import = tx.imports().find(call.tenant.id, id);
  if (!import) return fail(Code::not_found, "There is no such import.");
  return reply_with(*import);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  auto rows = tx.imports().list(call.tenant.id, and_one_more(page));
  for (auto& row : rows) row.faults.clear(); // a list of long lists; each import has its own
  return reply_list(std::move(rows), page.limit);
}

Result<Reply> get_template(const Call&) {
  static const std::string text = import_template();
  Reply reply;
  reply.body = text;
  reply.content_type = "text/csv; charset=utf-8";
  reply.disposition = "attachment; filename=\"orkestr-template.csv\"";
  return reply;
}

constexpr std::string_view parameters[] = {"dryRun", "fileName"};

} // namespace

std::span<const Route> import_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/provider/import/template.csv",
       .operation = "getImportTemplate",
       .access = Access::open,
       .act = get_template},
      {.method = M::get,
       .path = "/provider/import/template.csv",
       .operation = "getImportTemplateFile",
       .access = Access::open,
       .act = get_template},
      {.method = M::get,
       .path = "/v1/provider/imports",
       .operation = "listImports",
       .access = Access::admin,
       .parameters = list_parameters,
       .read = list},
      {.method = M::post,
       .path = "/v1/provider/imports",
       .operation = "createImport",
       .access = Access::admin,
       .parameters = parameters,
       .body = raw,
       .write = create,
       .prepare = prepare,
       .max_body_bytes = largest_import},
      {.method = M::get, .path = "/v1/provider/imports/{id}", .operation = "getImport", .access = Access::admin, .read = get},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
