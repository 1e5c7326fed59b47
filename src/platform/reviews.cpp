#include "orkestr/platform/reviews.hpp"

#include "orkestr/platform/translations.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

Result<Review> find_review(const WriteContext& cx, ReviewId id) {
  auto review = cx.tx.reviews().find(cx.tenant, id);
  if (!review) return fail(Code::not_found, "There is no such review.");
  return std::move(*review);
}

void rate(WriteContext& cx, OfferingId offering, const RatingTotals& delta) {
  if (delta != RatingTotals{}) cx.tx.offerings().rate(cx.tenant, offering, delta);
}

} // namespace

Result<Review> create_review(WriteContext& cx, const Booking& booking, Review draft) {
  if (draft.offering_id.empty()) {
    const auto first = booking.items.front().offering_id;
    if (!std::ranges::all_of(booking.items, [&](const BookingItem& item) { return item.offering_id == first; })) {
      json::Reader reader;
      reader.fault_at("offeringId", "required", "The booking has items of several offerings; say which one it is about.");
      return reader.result().error();
    }
    draft.offering_id = first;
  }
  const bool reviewed = cx.tx.reviews().find_by_author(cx.tenant, draft.offering_id, booking.customer_id).has_value();
  ORKESTR_TRY(const auto* item, reviewable_item(booking, draft.offering_id, reviewed));
  draft.id = cx.make_id<ReviewId>();
  draft.booking_id = booking.id;
  draft.item_id = item->id;
  draft.customer_id = booking.customer_id;
  draft.author = public_name(booking.customer.name);
  draft.created_at = draft.updated_at = cx.now;
  cx.tx.reviews().insert(cx.tenant, draft);
  RatingTotals delta;
  delta.add(draft.rating);
  rate(cx, draft.offering_id, delta);
  if (!source_texts(draft).empty()) translations::queue(cx, TranslationKind::review, draft.id.view());
  cx.audit("review.create", draft.id);
  cx.emit(EventType::review_created, draft.id.view(), review_event_data(draft, *item));
  return draft;
}

Result<Review> update_review(WriteContext& cx, const Review& changed) {
  ORKESTR_TRY(auto review, find_review(cx, changed.id));
  ORKESTR_CHECK(check_review_edit(review, cx.now));
  RatingTotals delta;
  delta.replace(review.rating, changed.rating);
  const auto before = source_texts(review);
  review.rating = changed.rating;
  review.title = changed.title;
  review.text = changed.text;
  review.updated_at = cx.now;
  cx.tx.reviews().update(cx.tenant, review);
  rate(cx, review.offering_id, delta);
  if (source_texts(review) != before) translations::queue(cx, TranslationKind::review, review.id.view());
  cx.audit("review.update", review.id);
  return review;
}

Result<void> delete_review(WriteContext& cx, ReviewId id) {
  ORKESTR_TRY(const auto review, find_review(cx, id));
  ORKESTR_CHECK(check_review_edit(review, cx.now));
  cx.tx.reviews().erase(cx.tenant, id);
  RatingTotals delta;
  delta.remove(review.rating);
  rate(cx, review.offering_id, delta);
  translations::forget(cx, id.view());
  cx.audit("review.delete", id);
  return {};
}

Result<Review> reply_to_review(WriteContext& cx, ReviewId id, ReviewReply reply) {
  ORKESTR_TRY(auto review, find_review(cx, id));
  ORKESTR_CHECK(reply_to(review, std::move(reply), cx.now));
  cx.tx.reviews().update(cx.tenant, review);
  translations::queue(cx, TranslationKind::review, id.view());
  cx.audit("review.reply", id);
  return review;
}

} // namespace orkestr::inline v1
