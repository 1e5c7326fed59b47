#include "api/translated.hpp"

namespace orkestr::inline v1::api {
namespace {

Error no_offering() { return fail(Code::not_found, "There is no such offering."); }

Result<Offering> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<OfferingId>());
  auto offering = tx.offerings().find(call.tenant.id, id);
  if (!offering) return no_offering();
  return std::move(*offering);
}

Result<Reply> list_types(const storage::ReadTransaction&, const Call&) {
  const auto types = shipped_product_types();
  return reply_page(std::vector<ProductType>(types.begin(), types.end()), std::nullopt);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  storage::OfferingFilter filter;
  const auto* status = call.query.find("status");
  if (status == nullptr) {
    filter.status = OfferingStatus::published;
  } else if (*status != "ALL") {
    ORKESTR_TRY(filter.status, call.query.enumeration<OfferingStatus>("status"));
  }
  ORKESTR_TRY(filter.category, call.query.text("category", {1, 60}));
  ORKESTR_TRY(filter.product_type_key, call.query.text("productTypeKey", {1, 40, json::is_product_type_key, "a lower-case key"}));
  ORKESTR_TRY(filter.text, call.query.text("q", {1, 200}));
  ORKESTR_TRY(filter.updated_since, call.query.parsed<Instant>("updatedSince", "to be an RFC 3339 time such as 2026-05-12T15:00:00Z"));
  return reply_list_translated(tx, call, tx.offerings().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  if (OfferingId::parse(call.ids[0])) {
    ORKESTR_TRY(const auto offering, load(tx, call));
    return reply_translated(tx, call, offering);
  }
  const auto offering = is_slug(call.ids[0]) ? tx.offerings().find_by_slug(call.tenant.id, call.ids[0]) : std::nullopt;
  if (!offering) return no_offering();
  return reply_translated(tx, call, *offering);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  Offering draft;
  draft.time_zone = call.tenant.time_zone;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  ORKESTR_TRY(const auto offering, create_offering(cx, std::move(draft), reader));
  return reply_created(call, offering);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto offering, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(offering)));
  json::Reader reader;
  json::read_body(reader, *call.body, offering, json::Use::patch);
  ORKESTR_TRY(const auto changed, update_offering(cx, std::move(offering), reader));
  return reply_with(changed);
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto offering, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(offering)));
  ORKESTR_CHECK(delete_offering(cx, offering.id));
  return Reply{204, {}, {}, false};
}

constexpr std::string_view filters[] = {"status", "category", "productTypeKey", "q", "updatedSince", "limit", "cursor", "locale"};

} // namespace

std::span<const Route> offering_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/provider/product-types",
       .operation = "listProductTypes",
       .access = Access::admin,
       .read = list_types},
      {.method = M::get,
       .path = "/v1/api/offerings",
       .operation = "listOfferings",
       .access = Access::read,
       .parameters = filters,
       .read = list},
      {.method = M::post,
       .path = "/v1/api/offerings",
       .operation = "createOffering",
       .access = Access::write,
       .body = required,
       .write = create},
      {.method = M::get,
       .path = "/v1/api/offerings/{id}",
       .operation = "getOffering",
       .access = Access::read,
       .parameters = locale_parameter,
       .read = get},
      {.method = M::patch,
       .path = "/v1/api/offerings/{id}",
       .operation = "updateOffering",
       .access = Access::write,
       .body = required,
       .write = update},
      {.method = M::del, .path = "/v1/api/offerings/{id}", .operation = "deleteOffering", .access = Access::write, .write = remove},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
