// Reviews: what storefronts show, what their authors do with a booking's manage token, and the provider's side.
#include "api/bodies.hpp"
#include "api/storefront.hpp"
#include "api/translated.hpp"
#include "api/trust_bodies.hpp"

#include <algorithm>

namespace orkestr::inline v1::api {
namespace {

Error no_review() { return fail(Code::not_found, "There is no such review."); }

Result<Reply> list_public(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto offering, published_offering(tx, call));
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<PublicReview> rows;
  for (auto& review : tx.reviews().list(call.tenant.id, {.offering_id = offering.id}, and_one_more(page)))
    rows.push_back({std::move(review)});
  return reply_list_translated(tx, call, std::move(rows), page.limit);
}

// ---- the author's side: a token speaks for one booking, so it leads to what was written by that booking alone ----

Result<Reply> list_own(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load_managed(tx, call));
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<Review> rows;
  for (const auto& item : booking.items) {
    auto review = tx.reviews().find_by_author(call.tenant.id, item.offering_id, booking.customer_id);
    if (review && review->item_id == item.id) rows.push_back(std::move(*review));
  }
  std::ranges::sort(rows, {}, [](const Review& review) { return review.id.view(); });
  return reply_children(std::move(rows), page);
}

Result<Review> load_own(const storage::ReadTransaction& tx, const Call& call, const Booking& booking) {
  ORKESTR_TRY(const auto id, call.id<ReviewId>(2));
  auto review = tx.reviews().find(call.tenant.id, id);
  if (!review || review->booking_id != booking.id) return no_review();
  return std::move(*review);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto booking, managed(cx, call));
  ORKESTR_TRY(auto draft, body_of<ReviewDraft>(call));
  ORKESTR_TRY(const auto review, create_review(cx, booking, std::move(draft)));
  return reply_created(call, review);
}

Result<Reply> get_own(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load_managed(tx, call));
  ORKESTR_TRY(const auto review, load_own(tx, call, booking));
  return reply_with(review);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto booking, managed(cx, call));
  ORKESTR_TRY(auto changed, load_own(cx.tx, call, booking));
  ORKESTR_CHECK(check_match(call.request, json::to_json(changed)));
  json::Reader reader;
  json::read_body(reader, *call.body, changed, json::Use::patch);
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(const auto review, update_review(cx, changed));
  return reply_with(review);
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto booking, managed(cx, call));
  ORKESTR_TRY(const auto review, load_own(cx.tx, call, booking));
  ORKESTR_CHECK(check_match(call.request, json::to_json(review)));
  ORKESTR_CHECK(delete_review(cx, review.id));
  return Reply{204, {}, {}, false};
}

// ---- the provider's side -----------------------------------------------------------------------------------------

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  storage::ReviewFilter filter;
  ORKESTR_TRY(filter.offering_id, call.query.parsed<OfferingId>("offeringId", "to be an offering's id"));
  ORKESTR_TRY(filter.customer_id, call.query.parsed<CustomerId>("customerId", "to be a customer's id"));
  ORKESTR_TRY(filter.replied, call.query.boolean("replied"));
  if (const auto* text = call.query.find("rating")) {
    if (text->size() != 1 || text->front() < '1' || text->front() > '5') return Query::invalid("rating", "to be 1 to 5");
    filter.rating = text->front() - '0';
  }
  return reply_list(tx.reviews().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Review> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<ReviewId>());
  auto review = tx.reviews().find(call.tenant.id, id);
  if (!review) return no_review();
  return std::move(*review);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto review, load(tx, call));
  return reply_with(review);
}

Result<Reply> reply(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto unanswered, load(cx.tx, call));
  ORKESTR_TRY(auto input, body_of<ReviewReply>(call));
  ORKESTR_TRY(const auto review, reply_to_review(cx, unanswered.id, std::move(input)));
  return reply_with(review);
}

constexpr std::string_view public_parameters[] = {"limit", "cursor", "locale"};
constexpr std::string_view filters[] = {"offeringId", "rating", "replied", "customerId", "limit", "cursor"};

} // namespace

std::span<const Route> review_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto visitor = Access::visitor;
  constexpr std::string_view own = "/v1/public/{tenant}/bookings/{bookingId}/reviews";
  constexpr std::string_view own_one = "/v1/public/{tenant}/bookings/{bookingId}/reviews/{reviewId}";
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/public/{tenant}/offerings/{slug}/reviews",
       .operation = "listPublicReviews",
       .access = visitor,
       .parameters = public_parameters,
       .read = list_public},
      {.method = M::get,
       .path = own,
       .operation = "listOwnReviews",
       .access = visitor,
       .parameters = list_parameters,
       .read = list_own,
       .managed = true},
      {.method = M::post, .path = own, .operation = "createReview", .access = visitor, .body = required, .write = create, .managed = true},
      {.method = M::get, .path = own_one, .operation = "getOwnReview", .access = visitor, .read = get_own, .managed = true},
      {.method = M::patch,
       .path = own_one,
       .operation = "updateOwnReview",
       .access = visitor,
       .body = required,
       .write = update,
       .managed = true},
      {.method = M::del, .path = own_one, .operation = "deleteOwnReview", .access = visitor, .write = remove, .managed = true},
      {.method = M::get,
       .path = "/v1/provider/reviews",
       .operation = "listReviews",
       .access = Access::admin,
       .parameters = filters,
       .read = list},
      {.method = M::get, .path = "/v1/provider/reviews/{id}", .operation = "getReview", .access = Access::admin, .read = get},
      {.method = M::post,
       .path = "/v1/provider/reviews/{id}/reply",
       .operation = "replyToReview",
       .access = Access::admin,
       .body = required,
       .write = reply,
       .role = Role::staff},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
