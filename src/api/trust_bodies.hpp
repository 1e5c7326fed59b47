// Bodies about reviews, disputes and the marketplace that are not the engine's own.
#pragma once

#include "api/context.hpp"

#include "orkestr/engine/dispute.hpp"
#include "orkestr/engine/review.hpp"

namespace orkestr::inline v1::api {

/// POST …/reviews by a customer.
struct ReviewDraft : Review {};

/// A dispute, a message and both as the customer sees them: who of the business or the platform acted is theirs to know, so parties
/// are shown and ids are not.
struct CustomersDispute : Dispute {};
struct CustomersMessage : DisputeMessage {};
struct CustomersThread : Dispute {
  explicit CustomersThread(DisputeThread thread) : Dispute(thread) {
    for (auto& message : thread.messages) messages.push_back({std::move(message)});
  }
  CustomersThread() = default;
  std::vector<CustomersMessage> messages;
};

/// A business as the marketplace shows it: its score is in the order alone.
struct MarketplaceRow : storage::RankedTenant {
  MarketplaceRow() = default;
  explicit MarketplaceRow(storage::RankedTenant&& row)
      : RankedTenant(std::move(row)),
        name(tenant.name),
        subdomain(tenant.subdomain),
        logo_url(tenant.logo_url),
        brand_color(tenant.brand_color),
        verified(tenant.kyb_status == KybStatus::verified),
        rating_average(ratings.average()),
        review_count(ratings.count) {}

  std::string name, subdomain;
  std::optional<std::string> logo_url, brand_color;
  bool verified = false;
  std::optional<double> rating_average;
  std::int64_t review_count = 0;
};

/// A dispute in the list over all tenants, which is read without a trace: nothing that the parties wrote, and not who they are.
struct DisputeSummary : Dispute {};
struct DisputeRow {
  TenantId tenant_id;
  DisputeSummary dispute;
};
/// A booking that is held for its risk, in the list over all tenants: not who booked what.
struct HeldBooking {
  TenantId tenant_id;
  BookingId id;
  int risk_score = 0;
  std::vector<std::string> signals;
  Amount total_cents = 0;
  Currency currency;
  std::string source;
  Instant created_at;
};
/// A dispute as an admin reads it.
struct DisputeCase {
  TenantId tenant_id;
  DisputeThread dispute;
};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::MarketplaceRow> {
  using T = api::MarketplaceRow;
  static constexpr auto fields =
      std::make_tuple(field("name", &T::name, out), field("subdomain", &T::subdomain, out), field("logoUrl", &T::logo_url, out),
                      field("brandColor", &T::brand_color, out), field("verified", &T::verified, out),
                      field("ratingAverage", &T::rating_average, out), field("reviewCount", &T::review_count, out));
};
template <> struct Schema<api::ReviewDraft> {
  using T = api::ReviewDraft;
  static constexpr auto fields = std::make_tuple(field_of<T>("offeringId", &Review::offering_id, create),
                                                 field_of<T>("rating", &Review::rating, create | required, {1, 5}),
                                                 field_of<T>("title", &Review::title, create, {1, 120, is_line, line_hint}),
                                                 field_of<T>("text", &Review::text, create, {1, 4000, is_prose, prose_hint}));
};
template <class T> constexpr auto customers_dispute_fields() {
  return std::make_tuple(field_of<T>("id", &Dispute::id, out), field_of<T>("bookingId", &Dispute::booking_id, out),
                         field_of<T>("customerId", &Dispute::customer_id, out), field_of<T>("offeringTitle", &Dispute::offering_title, out),
                         field_of<T>("category", &Dispute::category, out), field_of<T>("reason", &Dispute::reason, out),
                         field_of<T>("evidenceUrls", &Dispute::evidence_urls, out), field_of<T>("openedBy", &Dispute::opened_by, out),
                         field_of<T>("status", &Dispute::status, out), field_of<T>("resolution", &Dispute::resolution, out),
                         field_of<T>("note", &Dispute::note, out), field_of<T>("refundCents", &Dispute::refund_cents, out),
                         field_of<T>("currency", &Dispute::currency, out), field_of<T>("resolvedBy", &Dispute::resolved_by, out),
                         field_of<T>("createdAt", &Dispute::created_at, out), field_of<T>("updatedAt", &Dispute::updated_at, out),
                         field_of<T>("escalatedAt", &Dispute::escalated_at, out), field_of<T>("closedAt", &Dispute::closed_at, out));
}
template <> struct Schema<api::CustomersDispute> { static constexpr auto fields = customers_dispute_fields<api::CustomersDispute>(); };
template <> struct Schema<api::CustomersMessage> {
  using T = api::CustomersMessage;
  static constexpr auto fields =
      std::make_tuple(field_of<T>("id", &DisputeMessage::id, out), field_of<T>("authorRole", &DisputeMessage::author_role, out),
                      field_of<T>("text", &DisputeMessage::text, out), field_of<T>("evidenceUrls", &DisputeMessage::evidence_urls, out),
                      field_of<T>("createdAt", &DisputeMessage::created_at, out));
};
template <> struct Schema<api::CustomersThread> {
  using T = api::CustomersThread;
  static constexpr auto fields = std::tuple_cat(customers_dispute_fields<T>(), std::make_tuple(field("messages", &T::messages, out)));
};
template <> struct Schema<api::DisputeSummary> {
  using T = api::DisputeSummary;
  static constexpr auto fields =
      std::make_tuple(field_of<T>("id", &Dispute::id, out), field_of<T>("bookingId", &Dispute::booking_id, out),
                      field_of<T>("category", &Dispute::category, out), field_of<T>("openedBy", &Dispute::opened_by, out),
                      field_of<T>("status", &Dispute::status, out), field_of<T>("resolution", &Dispute::resolution, out),
                      field_of<T>("refundCents", &Dispute::refund_cents, out), field_of<T>("currency", &Dispute::currency, out),
                      field_of<T>("resolvedBy", &Dispute::resolved_by, out), field_of<T>("createdAt", &Dispute::created_at, out),
                      field_of<T>("updatedAt", &Dispute::updated_at, out), field_of<T>("escalatedAt", &Dispute::escalated_at, out),
                      field_of<T>("closedAt", &Dispute::closed_at, out));
};
template <> struct Schema<api::DisputeRow> {
  using T = api::DisputeRow;
  static constexpr auto fields = std::make_tuple(field("tenantId", &T::tenant_id, out), field("dispute", &T::dispute, out));
};
template <> struct Schema<api::HeldBooking> {
  using T = api::HeldBooking;
  static constexpr auto fields =
      std::make_tuple(field("tenantId", &T::tenant_id, out), field("id", &T::id, out), field("riskScore", &T::risk_score, out),
                      field("signals", &T::signals, out), field("totalCents", &T::total_cents, out), field("currency", &T::currency, out),
                      field("source", &T::source, out), field("createdAt", &T::created_at, out));
};
template <> struct Schema<api::DisputeCase> {
  using T = api::DisputeCase;
  static constexpr auto fields = std::make_tuple(field("tenantId", &T::tenant_id, out), field("dispute", &T::dispute, out));
};
} // namespace orkestr::inline v1::json
