// Bodies about customers who come in, and bookings as they see them.
#pragma once

#include "api/bodies.hpp"

namespace orkestr::inline v1::api {

/// POST …/customer-links.
struct CustomerLinkDraft {
  std::string email;
};
/// POST …/customer-sessions.
struct CustomerSessionDraft {
  std::string link;
};
struct OpenedSession {
  std::string token; ///< shown once
  Instant expires_at;
  std::string email;
};

/// A booking as its customer sees it: nothing about risk, nor where it came from.
struct CustomersBooking : Booking {};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::CustomerLinkDraft> {
  static constexpr auto fields = std::make_tuple(field("email", &api::CustomerLinkDraft::email, create | required, email_limits));
};
template <> struct Schema<api::CustomerSessionDraft> {
  static constexpr auto fields = std::make_tuple(field("link", &api::CustomerSessionDraft::link, create | required, {1, 200}));
};
template <> struct Schema<api::OpenedSession> {
  using T = api::OpenedSession;
  static constexpr auto fields =
      std::make_tuple(field("sessionToken", &T::token, out), field("expiresAt", &T::expires_at, out), field("email", &T::email, out));
};
template <> struct Codec<api::CustomersBooking> {
  static constexpr Kind kind = Kind::object;
  static void write(Writer& w, const api::CustomersBooking& booking) {
    w.begin_object();
    for_each_field<Booking>([&](const auto& f) {
      if (f.name.starts_with("risk") || f.name == "source") return;
      w.key(f.name);
      json::write(w, booking.*(f.member));
    });
    w.end_object();
  }
};
} // namespace orkestr::inline v1::json
