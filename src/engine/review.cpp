#include "orkestr/engine/review.hpp"

#include "engine/event_json.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// The first character of a text, or its first byte where that is no UTF-8.
std::string_view first_character(std::string_view text) { return text.substr(0, std::max<std::size_t>(utf8_size(text), 1)); }

/// Also those that are not ASCII: no-break spaces, and the one that East Asian names are written with.
bool is_space(std::string_view c) {
  return (c.size() == 1 && (static_cast<unsigned char>(c[0]) <= ' ' || c[0] == 0x7f)) || c == "\u00a0" || c == "\u202f" || c == "\u3000";
}
/// Marks that turn the direction of the text after them, or that nobody sees.
bool is_hidden(std::string_view c) {
  return c == "\u200b" || c == "\u200e" || c == "\u200f" || (c >= "\u202a" && c <= "\u202e") || (c >= "\u2060" && c <= "\u2069") ||
         c == "\ufeff";
}
/// Accents that are characters of their own, after the letter (U+0300 to U+036F).
bool is_accent(std::string_view c) { return c.size() == 2 && c >= "\u0300" && c <= "\u036f"; }

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  while (!text.empty()) {
    const auto c = first_character(text);
    text.remove_prefix(c.size());
    if (is_hidden(c)) continue;
    if (is_space(c)) {
      within = false;
    } else {
      if (!within) words.emplace_back();
      within = true;
      words.back() += c;
    }
  }
  return words;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string public_name(std::string_view name) {
  static constexpr std::string_view nobody = "Verified buyer";
  static constexpr std::ptrdiff_t digits_of_a_number = 5;
  const auto words = words_in(name);
  // A link or an address in place of a name would be an advertisement, or give away more than a name.
  if (words.empty() || name.find('@') != std::string_view::npos || name.find('/') != std::string_view::npos ||
      std::ranges::count_if(name, is_digit) >= digits_of_a_number || std::ranges::none_of(words.front(), is_letter))
    return std::string{nobody};
  std::string shown;
  std::string_view rest = words.front();
  for (int i = 0; i < 40 && !rest.empty(); ++i) { // characters
    const auto c = first_character(rest);
    shown += c;
    rest.remove_prefix(c.size());
  }
  if (words.size() == 1) return shown;
  rest = words.back();
  while (!rest.empty() && !is_letter(rest.front())) rest.remove_prefix(1);
  if (rest.empty()) return shown;
  auto c = first_character(rest);
  shown.append(" ").append(c);
  for (rest.remove_prefix(c.size()); !rest.empty() && is_accent(c = first_character(rest)); rest.remove_prefix(c.size())) shown += c;
  return shown + ".";
}

Result<const BookingItem*> reviewable_item(const Booking& booking, OfferingId offering, bool reviewed) {
  const BookingItem* found = nullptr;
  for (const auto& item : booking.items)
    if (item.offering_id == offering && (found == nullptr || item.id < found->id)) found = &item;
  if (found == nullptr) return fail(Code::not_found, "The booking has no item of this offering.");
  if (booking.status != BookingStatus::confirmed && booking.status != BookingStatus::completed)
    return fail(Code::invalid_transition, "A booking that is " + std::string{json::name_of(booking.status)} +
                                              " can't be reviewed; it must be CONFIRMED or COMPLETED.");
  if (reviewed) return fail(Code::already_exists, "This customer has reviewed the offering.");
  return found;
}

Result<void> check_review_edit(const Review& review, Instant now) {
  if (review.reply) return fail(Code::invalid_transition, "The review has been replied to, so it stays as it is.");
  if (now > review.created_at + review_edit_time)
    return fail(Code::invalid_transition, "The review was written more than 30 days ago, so it stays as it is.");
  return {};
}

Result<void> reply_to(Review& review, ReviewReply reply, Instant now) {
  if (review.reply) return fail(Code::invalid_transition, "The review has been replied to; there is one reply.");
  review.reply = std::move(reply.text);
  review.replied_at = now;
  return {};
}

std::optional<double> RatingTotals::average() const {
  if (count <= 0) return std::nullopt;
  const std::int64_t hundredths = (200 * sum + count) / (2 * count);
  return static_cast<double>(hundredths) / 100;
}

std::string review_event_data(const Review& review, const BookingItem& item) {
  return event_json([&](const auto& put) {
    put("reviewId", review.id);
    put("offeringId", review.offering_id);
    put("offeringTitle", item.offering_title);
    put("bookingId", review.booking_id);
    put("itemId", review.item_id);
    put("rating", review.rating);
    put("authorId", review.customer_id);
    put("customerId", review.customer_id);
    put("author", review.author);
    put("title", review.title);
    put("text", review.text);
  });
}

} // namespace orkestr::inline v1
