// Reviews: written by customers with a booking, answered by the provider. The offering's ratings change in the same transaction.
#pragma once

#include "orkestr/engine/review.hpp"

namespace orkestr::inline v1 {

struct WriteContext;

/// By the booking's customer. `draft` names the offering, unless all items of the booking are of one, and has rating, title and text.
/// @errors `invalid_fields`, `not_found` when the booking has no item of the offering, `invalid_transition`, `already_exists`
[[nodiscard]] Result<Review> create_review(WriteContext& cx, const Booking& booking, Review draft);
/// By its author: rating, title and text. @errors `not_found`, `invalid_transition` after 30 days or a reply
[[nodiscard]] Result<Review> update_review(WriteContext& cx, const Review& changed);
/// By its author. @errors as update_review()
[[nodiscard]] Result<void> delete_review(WriteContext& cx, ReviewId id);
/// By the provider, once. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Review> reply_to_review(WriteContext& cx, ReviewId id, ReviewReply reply);

} // namespace orkestr::inline v1
