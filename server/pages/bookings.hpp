// A booking in the hands of its customer: the pages below /bookings.
#pragma once

#include "pages/page.hpp"

namespace orkestr::server::pages {

/// A booking that is open to whoever asks, and what opens it.
struct Managed {
  Page& page;
  std::string id, token;
  Object booking = {};
  bool in_address = false; ///< the token: within a frame, and where a browser takes no cookies

  /// Asks below the booking. @returns the status
  int ask(const std::string& below, Object& answer, api::Method method = api::Method::get, const Object& body = {},
          const std::string& key = {}) const;
  /// The address of one of its pages; in a widget with the token, which has no other place there.
  [[nodiscard]] std::string link(std::string_view below = {}) const;
  /// What all its templates need: `path` and `keep`, which stands at the end of every address.
  [[nodiscard]] Data data() const;
  /// Tells the page around a widget what became of it; nothing where `type` is empty.
  void tell(std::string_view type) const;
  /// Its first item, or an empty one.
  [[nodiscard]] const Object& item() const;
};

/// What of a booking to call its state.
[[nodiscard]] std::string status_words(const Page& page, std::string_view status);
/// What of a dispute to call its state.
[[nodiscard]] std::string dispute_words(const Page& page, const Object& dispute);
/// For calendars (RFC 5545).
[[nodiscard]] std::string calendar_file(const Managed& managed);

// What is below /bookings/{id}; each reads and takes the form of its page.

/// `/pay`: by the cards of the test gateway, or by Stripe's own form.
[[nodiscard]] api::Response pay(Managed& managed);
/// `/move`: another time.
[[nodiscard]] api::Response move(Managed& managed);
/// `/review`: what the customer says of an offering, written, changed or taken back.
[[nodiscard]] api::Response review(Managed& managed);
/// `/disputes/…`: opens one, shows its thread, writes in it. @param below  what follows `/disputes`
[[nodiscard]] api::Response disputes(Managed& managed, std::string_view below);

} // namespace orkestr::server::pages
