// Use cases by name: load, ask the engine, store, write events to the outbox. See platform.hpp for how they are run.
#pragma once

#include "orkestr/engine/booking.hpp"
#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1 {

/// What a use case works with: a transaction, the tenant whose rows it may touch, the time it happens at.
/// Belongs to the transaction's thread.
struct WriteContext {
  storage::WriteTransaction& tx;
  TenantId tenant;
  Instant now;
  IdMinter& ids;

  template <class AnyId> [[nodiscard]] AnyId make_id() { return ids.make<AnyId>(now); }
  /// Appends an event to the outbox. `data` is one complete JSON object.
  void emit(EventType type, std::string_view subject, std::string_view data);
};

// ---- Tenants and keys --------------------------------------------------------------------------------------------

struct IssuedApiKey {
  ApiKey key;
  std::string token; ///< shown once, kept nowhere
};

/// A key that is not stored yet: hashing takes 50–90 ms and belongs outside transactions.
[[nodiscard]] IssuedApiKey prepare_api_key(Random& random);

/// Stores a prepared key with the name, scopes and expiry of `draft`.
[[nodiscard]] Result<IssuedApiKey> create_api_key(WriteContext& cx, const ApiKey& draft, IssuedApiKey prepared);
/// @errors `not_found`, also when it is revoked already
[[nodiscard]] Result<ApiKey> revoke_api_key(WriteContext& cx, ApiKeyId id);

// ---- Offerings and availability ----------------------------------------------------------------------------------
// `reader` holds the faults that reading the input found; those of the whole are added and reported together.

/// An empty slug is made from the title. @errors `invalid_fields`, `slug_taken`
[[nodiscard]] Result<Offering> create_offering(WriteContext& cx, Offering draft, json::Reader& reader);
/// @errors `not_found`, `invalid_fields`, `slug_taken`, `invalid_transition`
[[nodiscard]] Result<Offering> update_offering(WriteContext& cx, Offering changed, json::Reader& reader);
/// Soft: gone from every read, its bookings stay. @errors `not_found`
[[nodiscard]] Result<void> delete_offering(WriteContext& cx, OfferingId id);

[[nodiscard]] Result<AvailabilityRule> create_rule(WriteContext& cx, AvailabilityRule draft, json::Reader& reader);
[[nodiscard]] Result<AvailabilityRule> update_rule(WriteContext& cx, const AvailabilityRule& changed, json::Reader& reader);
[[nodiscard]] Result<AvailabilityException> create_exception(WriteContext& cx, AvailabilityException draft, json::Reader& reader);
[[nodiscard]] Result<AvailabilityException> update_exception(WriteContext& cx, const AvailabilityException& changed, json::Reader& reader);

inline constexpr std::size_t max_rules_per_offering = 500;
inline constexpr std::size_t max_exceptions_per_offering = 2000;

/// Everything that decides when an offering is free, and what comes of it.
struct AvailabilityView {
  Offering offering;
  std::vector<AvailabilityRule> rules;
  std::vector<AvailabilityException> exceptions;
  std::vector<storage::Claim> booked; ///< those that overlap the range
  std::vector<Slot> slots;

  [[nodiscard]] Result<Schedule> schedule() const;
};

/// Loads rules and exceptions of an offering. @errors `not_found`
[[nodiscard]] Result<AvailabilityView> load_availability(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering);
/// Fills `booked` and, when wanted, `slots`. @errors those of expand()
[[nodiscard]] Result<void> fill_availability(const storage::ReadTransaction& tx, TenantId tenant, AvailabilityView& view, Interval range,
                                             bool with_slots, Audience audience, Instant now);

// ---- Coupons -----------------------------------------------------------------------------------------------------

/// @errors `invalid_fields`, `code_taken`
[[nodiscard]] Result<Coupon> create_coupon(WriteContext& cx, Coupon draft, json::Reader& reader);
[[nodiscard]] Result<Coupon> update_coupon(WriteContext& cx, Coupon changed, json::Reader& reader);
[[nodiscard]] Result<void> delete_coupon(WriteContext& cx, CouponId id);

// ---- Bookings ----------------------------------------------------------------------------------------------------

struct BookRequest {
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  std::string customer_name, customer_email;
  std::optional<std::string> customer_phone, customer_locale;
  std::optional<std::string> coupon_code;
  std::string notes, source = "api";
  Audience audience = Audience::customer;
};

/// Makes a PENDING booking of one item: takes the slot, counts the coupon, keeps price and policy as they are now.
/// @errors `not_found`, `slot_unavailable`, `duration_not_allowed`, the `coupon_…` codes, `amount_overflow`
[[nodiscard]] Result<Booking> book(WriteContext& cx, const BookRequest& request);

/// @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> approve(WriteContext& cx, BookingId id);
/// PENDING only; everything goes back. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> decline(WriteContext& cx, BookingId id, std::optional<std::string> reason);
/// The policy on the booking decides `refundPercent`. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> cancel(WriteContext& cx, BookingId id, std::optional<std::string> reason);
/// CONFIRMED and ended only. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Booking> complete(WriteContext& cx, BookingId id);

struct RescheduleRequest {
  std::optional<BookingItemId> item_id; ///< may be left out when the booking has one item
  Interval interval;
  Audience audience = Audience::provider; ///< customers are bound by notice, window and `rescheduleAllowed`
};
struct Rescheduled {
  Booking booking;
  Amount price_difference_cents = 0; ///< new total minus old
};

/// Takes the new slot and frees the old in one transaction. The same duration keeps its price; another is quoted anew.
/// @errors `not_found`, `invalid_transition`, `invalid_fields`, `slot_unavailable`, `duration_not_allowed`, `reschedule_not_allowed`
[[nodiscard]] Result<Rescheduled> reschedule(WriteContext& cx, BookingId id, const RescheduleRequest& request);
[[nodiscard]] Result<Booking> edit_notes(WriteContext& cx, BookingId id, std::string notes);

} // namespace orkestr::inline v1
