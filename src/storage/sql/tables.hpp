// Which value lives in which table and column.
#pragma once

#include "base/text.hpp"
#include "storage/sql/rows.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Tenant> {
  static constexpr std::string_view table = "tenants";
  static constexpr auto columns = std::make_tuple(
      column("id", &Tenant::id), column("name", &Tenant::name), column("subdomain", &Tenant::subdomain),
      column("display_currency", &Tenant::display_currency), column("time_zone", &Tenant::time_zone), column("locale", &Tenant::locale),
      column("logo_url", &Tenant::logo_url), column("brand_color", &Tenant::brand_color), column("custom_domain", &Tenant::custom_domain),
      column("kyb_status", &Tenant::kyb_status), column("status", &Tenant::status), column("created_at", &Tenant::created_at));
};

template <> struct Row<ApiKey> {
  static constexpr std::string_view table = "api_keys";
  static constexpr auto columns =
      std::make_tuple(column("id", &ApiKey::id), column("prefix", &ApiKey::prefix), column("secret_hash", &ApiKey::secret_hash),
                      column("name", &ApiKey::name), column("scopes", &ApiKey::scopes), column("created_at", &ApiKey::created_at),
                      column("last_used_at", &ApiKey::last_used_at), column("expires_at", &ApiKey::expires_at),
                      column("revoked_at", &ApiKey::revoked_at), column("created_by", &ApiKey::created_by));
};

/// What an edit of an offering writes: all but its ratings.
struct EditedOffering : Offering {};

template <> struct Row<EditedOffering> {
  static constexpr std::string_view table = "offerings";
  static constexpr auto columns = std::make_tuple(
      column("id", &Offering::id), column("title", &Offering::title), column("slug", &Offering::slug),
      column("description", &Offering::description), column("status", &Offering::status),
      column("product_type_key", &Offering::product_type_key), column("categories", &Offering::categories),
      column("attributes", &Offering::attributes), column("photos", &Offering::photos), column("time_zone", &Offering::time_zone),
      column("pricing_model", &Offering::pricing_model), column("base_price_cents", &Offering::base_price_cents),
      column("min_price_cents", &Offering::min_price_cents), column("max_price_cents", &Offering::max_price_cents),
      column("currency", &Offering::currency), column("tax_rate_bps", &Offering::tax_rate_bps),
      column("tax_inclusive", &Offering::tax_inclusive), column("billing_interval", &Offering::billing_interval),
      column("cancellation_policy", &Offering::cancellation_policy), column("auto_approve", &Offering::auto_approve),
      column("reschedule_allowed", &Offering::reschedule_allowed), column("min_notice_minutes", &Offering::min_notice_minutes),
      column("max_advance_days", &Offering::max_advance_days), column("buffer_before_minutes", &Offering::buffer_before_minutes),
      column("buffer_after_minutes", &Offering::buffer_after_minutes), column("min_duration_minutes", &Offering::min_duration_minutes),
      column("max_duration_minutes", &Offering::max_duration_minutes), column("resource", &Offering::resource),
      column("created_at", &Offering::created_at), column("updated_at", &Offering::updated_at),
      column("deleted_at", &Offering::deleted_at));
};

template <> struct Row<Offering> {
  static constexpr std::string_view table = Row<EditedOffering>::table;
  static constexpr auto columns =
      std::tuple_cat(Row<EditedOffering>::columns,
                     std::make_tuple(column("rating_average", &Offering::rating_average), column("review_count", &Offering::review_count),
                                     column("rating_sum", &Offering::rating_sum)));
};

template <> struct Row<AvailabilityRule> {
  static constexpr std::string_view table = "availability_rules";
  static constexpr auto columns =
      std::make_tuple(column("id", &AvailabilityRule::id), column("offering_id", &AvailabilityRule::offering_id),
                      column("day_of_week", &AvailabilityRule::day_of_week), column("start_time", &AvailabilityRule::start_time),
                      column("end_time", &AvailabilityRule::end_time), column("slot_minutes", &AvailabilityRule::slot_minutes),
                      column("step_minutes", &AvailabilityRule::step_minutes), column("capacity", &AvailabilityRule::capacity),
                      column("valid_from", &AvailabilityRule::valid_from), column("valid_until", &AvailabilityRule::valid_until));
};

template <> struct Row<AvailabilityException> {
  static constexpr std::string_view table = "availability_exceptions";
  static constexpr auto columns =
      std::make_tuple(column("id", &AvailabilityException::id), column("offering_id", &AvailabilityException::offering_id),
                      column("kind", &AvailabilityException::kind), column("starts_at", &AvailabilityException::starts_at),
                      column("ends_at", &AvailabilityException::ends_at), column("slot_minutes", &AvailabilityException::slot_minutes),
                      column("step_minutes", &AvailabilityException::step_minutes), column("capacity", &AvailabilityException::capacity),
                      column("note", &AvailabilityException::note));
};

template <> struct Row<PricingRule> {
  static constexpr std::string_view table = "pricing_rules";
  static constexpr auto columns = std::make_tuple(
      column("id", &PricingRule::id), column("offering_id", &PricingRule::offering_id), column("name", &PricingRule::name),
      column("priority", &PricingRule::priority), column("active", &PricingRule::active), column("conditions", &PricingRule::when),
      column("adjustment", &PricingRule::adjust), column("created_at", &PricingRule::created_at));
};

template <> struct Row<Hold> {
  static constexpr std::string_view table = "holds";
  static constexpr auto columns =
      std::make_tuple(column("id", &Hold::id), column("offering_id", &Hold::offering_id), column("starts_at", &Hold::starts_at),
                      column("ends_at", &Hold::ends_at), column("quantity", &Hold::quantity), column("client", &Hold::client),
                      column("created_at", &Hold::created_at), column("expires_at", &Hold::expires_at));
};

template <> struct Row<Attempt> {
  static constexpr std::string_view table = "attempts";
  static constexpr auto columns = std::make_tuple(
      column("id", &Attempt::id), column("kind", &Attempt::kind), column("email", &Attempt::email), column("ip", &Attempt::ip),
      column("device", &Attempt::device), column("card", &Attempt::card), column("at", &Attempt::at));
};

template <> struct Row<Customer> {
  static constexpr std::string_view table = "customers";
  static constexpr auto columns =
      std::make_tuple(column("id", &Customer::id), column("name", &Customer::name), column("email", &Customer::email),
                      column("phone", &Customer::phone), column("locale", &Customer::locale), column("created_at", &Customer::created_at));
};

/// A customer and how their address is found: the databases fold ASCII alone, and so does this.
struct StoredCustomer : Customer {
  explicit StoredCustomer(const Customer& customer) : Customer(customer), folded_email(ascii_lower(customer.email)) {}
  std::string folded_email;
};

template <> struct Row<StoredCustomer> {
  static constexpr std::string_view table = Row<Customer>::table;
  static constexpr auto columns =
      std::tuple_cat(Row<Customer>::columns, std::make_tuple(column("folded_email", &StoredCustomer::folded_email)));
};

template <> struct Row<BookingRow> {
  static constexpr std::string_view table = "bookings";
  static constexpr auto columns = std::make_tuple(
      column("id", &BookingRow::id), column("customer_id", &BookingRow::customer_id), column("status", &BookingRow::status),
      column("subtotal_cents", &BookingRow::subtotal_cents), column("discount_cents", &BookingRow::discount_cents),
      column("tax_cents", &BookingRow::tax_cents), column("total_cents", &BookingRow::total_cents),
      column("currency", &BookingRow::currency), column("coupon_id", &BookingRow::coupon_id),
      column("coupon_code", &BookingRow::coupon_code), column("coupon_kind", &BookingRow::coupon_kind),
      column("coupon_amount", &BookingRow::coupon_amount), column("notes", &BookingRow::notes), column("source", &BookingRow::source),
      column("risk_score", &BookingRow::risk_score), column("risk_review_status", &BookingRow::risk_review_status),
      column("risk_reasons", &BookingRow::risk_reasons), column("price_lines", &BookingRow::price_lines),
      column("policy", &BookingRow::policy), column("auto_approve", &BookingRow::auto_approve),
      column("payment_due_at", &BookingRow::payment_due_at), column("manage_token_hash", &BookingRow::manage_token_hash),
      column("refund_percent", &BookingRow::refund_percent), column("refund_cents", &BookingRow::refund_cents),
      column("cancel_reason", &BookingRow::cancel_reason), column("ended_by", &BookingRow::ended_by),
      column("created_at", &BookingRow::created_at), column("updated_at", &BookingRow::updated_at),
      column("confirmed_at", &BookingRow::confirmed_at), column("cancelled_at", &BookingRow::cancelled_at),
      column("completed_at", &BookingRow::completed_at), column("sequence", &BookingRow::sequence));
};

/// A new booking and when the last of its items ends, for the list of those that are over. Later it follows the items.
struct StoredBooking : BookingRow {
  explicit StoredBooking(const Booking& booking)
      : BookingRow(booking), last_ends_at(booking.items.empty() ? Instant{} : booking.last_end()) {}
  Instant last_ends_at;
};

template <> struct Row<StoredBooking> {
  static constexpr std::string_view table = Row<BookingRow>::table;
  static constexpr auto columns =
      std::tuple_cat(Row<BookingRow>::columns, std::make_tuple(column("last_ends_at", &StoredBooking::last_ends_at)));
};

template <> struct Row<BookingItem> {
  static constexpr std::string_view table = "booking_items";
  static constexpr auto columns = std::make_tuple(
      column("id", &BookingItem::id), column("booking_id", &BookingItem::booking_id), column("offering_id", &BookingItem::offering_id),
      column("offering_title", &BookingItem::offering_title), column("starts_at", &BookingItem::starts_at),
      column("ends_at", &BookingItem::ends_at), column("quantity", &BookingItem::quantity),
      column("unit_price_cents", &BookingItem::unit_price_cents), column("subtotal_cents", &BookingItem::subtotal_cents));
};

template <> struct Row<Payment> {
  static constexpr std::string_view table = "payments";
  static constexpr auto columns = std::make_tuple(
      column("id", &Payment::id), column("booking_id", &Payment::booking_id), column("status", &Payment::status),
      column("amount_cents", &Payment::amount_cents), column("refunded_cents", &Payment::refunded_cents),
      column("currency", &Payment::currency), column("provider", &Payment::provider), column("created_at", &Payment::created_at),
      column("purpose", &Payment::purpose), column("refunding_cents", &Payment::refunding_cents),
      column("gateway_id", &Payment::gateway_id), column("failure_code", &Payment::failure_code),
      column("failure_message", &Payment::failure_message), column("check_at", &Payment::check_at), column("checks", &Payment::checks),
      column("excess_cents", &Payment::excess_cents));
};

template <> struct Row<Coupon> {
  static constexpr std::string_view table = "coupons";
  static constexpr auto columns = std::make_tuple(
      column("id", &Coupon::id), column("code", &Coupon::code), column("folded_code", &Coupon::folded_code),
      column("description", &Coupon::description), column("kind", &Coupon::kind), column("amount", &Coupon::amount),
      column("currency", &Coupon::currency), column("valid_from", &Coupon::valid_from), column("valid_until", &Coupon::valid_until),
      column("max_redemptions", &Coupon::max_redemptions), column("redeemed_count", &Coupon::redeemed_count),
      column("max_per_customer", &Coupon::max_per_customer), column("min_subtotal_cents", &Coupon::min_subtotal_cents),
      column("offering_ids", &Coupon::offering_ids), column("active", &Coupon::active), column("created_at", &Coupon::created_at),
      column("deleted_at", &Coupon::deleted_at));
};

template <> struct Row<Event> {
  static constexpr std::string_view table = "events";
  static constexpr auto columns =
      std::make_tuple(column("id", &Event::id), column("type", &Event::type), column("subject", &Event::subject),
                      column("body", &Event::body), column("created_at", &Event::created_at));
};

template <> struct Row<Webhook> {
  static constexpr std::string_view table = "webhooks";
  static constexpr auto columns = std::make_tuple(
      column("id", &Webhook::id), column("url", &Webhook::url), column("description", &Webhook::description),
      column("events", &Webhook::events), column("status", &Webhook::status), column("disabled_reason", &Webhook::disabled_reason),
      column("disabled_at", &Webhook::disabled_at), column("secret", &Webhook::secret), column("next_secret", &Webhook::next_secret),
      column("rotated_at", &Webhook::rotated_at), column("old_secret", &Webhook::old_secret),
      column("old_secret_expires_at", &Webhook::old_secret_expires_at), column("created_at", &Webhook::created_at),
      column("updated_at", &Webhook::updated_at));
};

template <> struct Row<WebhookEndpoint> {
  static constexpr std::string_view table = "webhook_endpoints";
  static constexpr auto columns =
      std::make_tuple(column("webhook_id", &WebhookEndpoint::webhook_id), column("owner", &WebhookEndpoint::owner),
                      column("owned_until", &WebhookEndpoint::owned_until), column("failures", &WebhookEndpoint::failures),
                      column("failing_since", &WebhookEndpoint::failing_since), column("open_until", &WebhookEndpoint::open_until));
};

template <> struct Row<Delivery> {
  static constexpr std::string_view table = "deliveries";
  static constexpr auto columns =
      std::make_tuple(column("id", &Delivery::id), column("webhook_id", &Delivery::webhook_id), column("event_id", &Delivery::event_id),
                      column("event", &Delivery::event), column("subject", &Delivery::subject), column("status", &Delivery::status),
                      column("attempts", &Delivery::attempts), column("attempts_before", &Delivery::attempts_before),
                      column("next_attempt_at", &Delivery::next_attempt_at), column("last_status", &Delivery::last_status),
                      column("last_error", &Delivery::last_error), column("created_at", &Delivery::created_at),
                      column("finished_at", &Delivery::finished_at));
};

template <> struct Row<DeliveryAttempt> {
  using T = DeliveryAttempt;
  static constexpr std::string_view table = "delivery_attempts";
  static constexpr auto columns = std::make_tuple(
      column("delivery_id", &T::delivery_id), column("number", &T::number), column("at", &T::at), column("status", &T::status),
      column("failure", &T::failure), column("detail", &T::detail), column("address", &T::address), column("body", &T::body),
      column("truncated", &T::truncated), column("resolve_us", &T::resolve_us), column("connect_us", &T::connect_us),
      column("secure_us", &T::secure_us), column("total_us", &T::total_us));
};

template <> struct Row<Notification> {
  static constexpr std::string_view table = "notifications";
  static constexpr auto columns = std::make_tuple(
      column("id", &Notification::id), column("customer_id", &Notification::customer_id), column("kind", &Notification::kind),
      column("title", &Notification::title), column("link", &Notification::link), column("subject", &Notification::subject),
      column("created_at", &Notification::created_at), column("read_at", &Notification::read_at));
};

/// A notification and whose it is, in a column that an index can lead with: the customer's id, or nothing for the provider.
struct StoredNotification : Notification {
  explicit StoredNotification(const Notification& n) : Notification(n), recipient(customer_id ? customer_id->str() : std::string{}) {}
  std::string recipient;
};

template <> struct Row<StoredNotification> {
  static constexpr std::string_view table = Row<Notification>::table;
  static constexpr auto columns =
      std::tuple_cat(Row<Notification>::columns, std::make_tuple(column("recipient", &StoredNotification::recipient)));
};

} // namespace orkestr::inline v1::storage::sql
