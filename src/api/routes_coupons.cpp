#include "api/bodies.hpp"
#include "api/translated.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Coupon> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<CouponId>());
  auto coupon = tx.coupons().find(call.tenant.id, id);
  if (!coupon) return fail(Code::not_found, "There is no such coupon.");
  return std::move(*coupon);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  ORKESTR_TRY(const auto active, call.query.boolean("active"));
  return reply_list_translated(tx, call, tx.coupons().list(call.tenant.id, active, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto coupon, load(tx, call));
  return reply_translated(tx, call, coupon);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  Coupon draft;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  ORKESTR_TRY(const auto coupon, create_coupon(cx, std::move(draft), reader));
  return reply_created(call, coupon);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto coupon, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(coupon)));
  json::Reader reader;
  json::read_body(reader, *call.body, coupon, json::Use::patch);
  ORKESTR_TRY(const auto changed, update_coupon(cx, std::move(coupon), reader));
  return reply_with(changed);
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto coupon, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(coupon)));
  ORKESTR_CHECK(delete_coupon(cx, coupon.id));
  return Reply{204, {}, {}, false};
}

Result<Reply> list_trash(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  return reply_list(tx.coupons().list_deleted(call.tenant.id, and_one_more(page)), page.limit);
}

Result<Reply> restore(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto id, call.id<CouponId>());
  ORKESTR_TRY(const auto coupon, restore_coupon(cx, id));
  return reply_with(coupon);
}

constexpr std::string_view filters[] = {"active", "limit", "cursor", "locale"};

} // namespace

std::span<const Route> coupon_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/api/coupons",
       .operation = "listCoupons",
       .access = Access::read,
       .parameters = filters,
       .read = list},
      {.method = M::post,
       .path = "/v1/api/coupons",
       .operation = "createCoupon",
       .access = Access::write,
       .body = required,
       .write = create},
      {.method = M::get,
       .path = "/v1/api/coupons/{id}",
       .operation = "getCoupon",
       .access = Access::read,
       .parameters = locale_parameter,
       .read = get},
      {.method = M::patch,
       .path = "/v1/api/coupons/{id}",
       .operation = "updateCoupon",
       .access = Access::write,
       .body = required,
       .write = update},
      {.method = M::del, .path = "/v1/api/coupons/{id}", .operation = "deleteCoupon", .access = Access::write, .write = remove},
      {.method = M::get,
       .path = "/v1/provider/coupons/trash",
       .operation = "listCouponTrash",
       .access = Access::admin,
       .parameters = list_parameters,
       .read = list_trash},
      {.method = M::post,
       .path = "/v1/provider/coupons/{id}/restore",
       .operation = "restoreCoupon",
       .access = Access::admin,
       .body = optional,
       .write = restore},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
