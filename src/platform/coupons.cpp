#include "orkestr/platform/translations.hpp"
#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {
namespace {

/// Checks the whole and brings the code into the forms that are kept and compared.
Result<void> settle(WriteContext& cx, Coupon& coupon, json::Reader& reader) {
  coupon.code = std::string{trim(coupon.code)};
  coupon.folded_code = fold_code(coupon.code);
  validate(coupon, reader);
  for (std::size_t i = 0; i < coupon.offering_ids.size(); ++i) {
    if (cx.tx.offerings().find(cx.tenant, coupon.offering_ids[i])) continue;
    const json::Reader::Step list(reader, "offeringIds");
    reader.fault_at(std::to_string(i), "not_found", "There is no such offering.");
  }
  ORKESTR_CHECK(reader.result());
  const auto other = cx.tx.coupons().find_by_code(cx.tenant, coupon.folded_code);
  if (other && other->id != coupon.id) return fail(Code::code_taken, "Another coupon has the code \"" + coupon.code + "\".");
  return {};
}

} // namespace

Result<Coupon> create_coupon(WriteContext& cx, Coupon draft, json::Reader& reader) {
  draft.id = cx.make_id<CouponId>();
  draft.created_at = cx.now;
  ORKESTR_CHECK(settle(cx, draft, reader));
  cx.tx.coupons().insert(cx.tenant, draft);
  if (draft.description) translations::queue(cx, TranslationKind::coupon, draft.id.view());
  cx.audit("coupon.create", draft.id);
  return draft;
}

Result<Coupon> update_coupon(WriteContext& cx, Coupon changed, json::Reader& reader) {
  const auto current = cx.tx.coupons().find(cx.tenant, changed.id);
  if (!current) return fail(Code::not_found, "There is no such coupon.");
  if (changed.max_redemptions && *changed.max_redemptions < current->redeemed_count)
    reader.fault_at("maxRedemptions", "too_small", "It has been redeemed " + std::to_string(current->redeemed_count) + " times already.");
  ORKESTR_CHECK(settle(cx, changed, reader));
  cx.tx.coupons().update(cx.tenant, changed);
  if (source_texts(*current) != source_texts(changed)) translations::queue(cx, TranslationKind::coupon, changed.id.view());
  cx.audit("coupon.update", changed.id);
  return changed;
}

Result<void> delete_coupon(WriteContext& cx, CouponId id) {
  auto coupon = cx.tx.coupons().find(cx.tenant, id);
  if (!coupon) return fail(Code::not_found, "There is no such coupon.");
  coupon->deleted_at = cx.now;
  cx.tx.coupons().update(cx.tenant, *coupon);
  translations::forget(cx, id.view());
  cx.audit("coupon.delete", id);
  return {};
}

Result<Coupon> restore_coupon(WriteContext& cx, CouponId id) {
  auto coupon = cx.tx.coupons().find_deleted(cx.tenant, id);
  if (!coupon) return fail(Code::not_found, "There is no such coupon in the trash.");
  if (cx.tx.coupons().find_by_code(cx.tenant, coupon->folded_code))
    return fail(Code::code_taken, "Another coupon has the code \"" + coupon->code + "\" by now; delete or rename that one first.");
  coupon->deleted_at.reset();
  cx.tx.coupons().update(cx.tenant, *coupon);
  if (coupon->description) translations::queue(cx, TranslationKind::coupon, id.view());
  cx.audit("coupon.restore", id);
  return std::move(*coupon);
}

} // namespace orkestr::inline v1
