// Reviews: who may write one, what storefronts show of it, and the average that offerings show.
#pragma once

#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/prose.hpp"

namespace orkestr::inline v1 {

/// What a verified buyer says of an offering: one per customer and offering. Providers see all of it.
struct Review {
  ReviewId id;
  OfferingId offering_id;
  BookingId booking_id;   ///< by which the author is a verified buyer
  BookingItemId item_id;  ///< of the offering
  CustomerId customer_id; ///< the author
  std::string author;     ///< public_name() of the author, as it was when written
  int rating = 0;         ///< 1 to 5
  std::optional<std::string> title, text;
  std::optional<std::string> reply; ///< the provider's, once
  std::optional<Instant> replied_at;
  Instant created_at, updated_at; ///< of what the author wrote; a reply is no update
};

/// A review as storefronts show it: nothing that leads to the customer or the booking.
struct PublicReview : Review {};

/// What a provider answers with.
struct ReviewReply {
  std::string text;
};

inline constexpr milliseconds review_edit_time = std::chrono::days{30};

/// What a storefront shows of an author: the first name and the initial of the last ("Ada L."). A name that is none, such as an
/// e-mail address or a telephone number, is not shown ("Verified buyer").
/// @thread_safety pure
[[nodiscard]] std::string public_name(std::string_view name);

/// The first item of the offering, by which the booking's customer may review it.
/// @param reviewed  whether this customer has a review of the offering
/// @errors `not_found` when the booking has no such item; `invalid_transition` unless it is CONFIRMED or COMPLETED; `already_exists`
/// @thread_safety pure
[[nodiscard]] Result<const BookingItem*> reviewable_item(const Booking& booking, OfferingId offering, bool reviewed);

/// Whether the author may still change or delete it: for 30 days, the last instant included, and until it is replied to, so that a
/// reply stays one to what it answers. @errors `invalid_transition`
[[nodiscard]] Result<void> check_review_edit(const Review& review, Instant now);

/// Replies, once. @errors `invalid_transition`
[[nodiscard]] Result<void> reply_to(Review& review, ReviewReply reply, Instant now);

/// The ratings of an offering, as a count and a sum, so that nothing drifts however often it changes.
struct RatingTotals {
  std::int64_t count = 0, sum = 0;

  void add(int rating) { ++count, sum += rating; }
  void remove(int rating) { --count, sum -= rating; }
  void replace(int before, int after) { sum += after - before; }
  /// To two decimals, half up; none without ratings.
  [[nodiscard]] std::optional<double> average() const;

  friend bool operator==(const RatingTotals&, const RatingTotals&) = default;
};

/// `data` of `review.created`. @pre `item` is the one reviewed
[[nodiscard]] std::string review_event_data(const Review& review, const BookingItem& item);

namespace json {
template <> struct Schema<Review> {
  using T = Review;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("offeringId", &T::offering_id, out), field("bookingId", &T::booking_id, out),
      field("itemId", &T::item_id, out), field("customerId", &T::customer_id, out), field("author", &T::author, out),
      field("rating", &T::rating, required_writable, {1, 5}), field("title", &T::title, writable, {1, 120, is_line, line_hint}),
      field("text", &T::text, writable, {1, 4000, is_prose, prose_hint}), field("reply", &T::reply, out),
      field("repliedAt", &T::replied_at, out), field("createdAt", &T::created_at, out), field("updatedAt", &T::updated_at, out));
};
template <> struct Schema<PublicReview> {
  using T = PublicReview;
  static constexpr auto fields = std::make_tuple(
      field_of<T>("id", &Review::id, out), field_of<T>("author", &Review::author, out), field_of<T>("rating", &Review::rating, out),
      field_of<T>("title", &Review::title, out), field_of<T>("text", &Review::text, out), field_of<T>("reply", &Review::reply, out),
      field_of<T>("repliedAt", &Review::replied_at, out), field_of<T>("createdAt", &Review::created_at, out),
      field_of<T>("updatedAt", &Review::updated_at, out));
};
template <> struct Schema<ReviewReply> {
  static constexpr auto fields = std::make_tuple(field("text", &ReviewReply::text, required_writable, {1, 4000, is_prose, prose_hint}));
};
} // namespace json
} // namespace orkestr::inline v1
