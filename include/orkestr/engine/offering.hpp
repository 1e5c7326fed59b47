// An offering: the thing that is booked. Its fields, their limits, and the rules that tie them together.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/base/zone.hpp"
#include "orkestr/engine/cancellation.hpp"
#include "orkestr/engine/product_type.hpp"
#include "orkestr/engine/slug.hpp"

#include <span>

namespace orkestr::inline v1 {

enum class OfferingStatus { draft, published, archived };
enum class PricingModel { hourly, daily, one_time, subscription };
enum class BillingInterval { week, month, year };

struct Photo {
  std::string url;
  std::string alt;
};

struct Offering {
  OfferingId id;
  std::string title, slug, description;
  OfferingStatus status = OfferingStatus::draft;
  std::string product_type_key;
  std::vector<std::string> categories;
  json::Object attributes;
  std::vector<Photo> photos;
  std::string time_zone = "UTC";
  PricingModel pricing_model = PricingModel::hourly;
  Amount base_price_cents = 0;
  std::optional<Amount> min_price_cents, max_price_cents; ///< bounds that pricing rules can't push the rate past
  Currency currency;
  int tax_rate_bps = 0;
  bool tax_inclusive = false;
  std::optional<BillingInterval> billing_interval;
  CancellationPolicy cancellation_policy;
  bool auto_approve = false;
  bool reschedule_allowed = true;
  int min_notice_minutes = 0;
  int max_advance_days = 365;
  int buffer_before_minutes = 0;
  int buffer_after_minutes = 0;
  std::optional<int> min_duration_minutes, max_duration_minutes;
  std::optional<std::string> resource; ///< what is really taken, such as a room that several offerings sell
  std::optional<double> rating_average;
  int review_count = 0;
  std::int64_t rating_sum = 0; ///< not on the wire; with review_count what the average is made of
  Instant created_at, updated_at;
  std::optional<Instant> deleted_at; ///< not on the wire: a deleted offering is gone from every read
};

/// Checks what single fields can't say: attributes against the product type, zone, billing interval, durations.
/// Faults are added to `reader`. `types` are those the tenant may use.
/// @thread_safety pure
void validate(const Offering& offering, std::span<const ProductType> types, json::Reader& reader);

/// What a booking of this offering takes units of: its named resource, which other offerings may share, else itself.
[[nodiscard]] std::string capacity_key(const Offering& offering);

/// DRAFT → PUBLISHED ⇄ DRAFT, → ARCHIVED; staying is always allowed. @errors `invalid_transition`
[[nodiscard]] Result<void> check_transition(OfferingStatus from, OfferingStatus to);

namespace json {

template <> struct EnumNames<OfferingStatus> { static constexpr std::array<std::string_view, 3> names{"DRAFT", "PUBLISHED", "ARCHIVED"}; };
template <> struct EnumNames<PricingModel> {
  static constexpr std::array<std::string_view, 4> names{"HOURLY", "DAILY", "ONE_TIME", "SUBSCRIPTION"};
};
template <> struct EnumNames<BillingInterval> { static constexpr std::array<std::string_view, 3> names{"WEEK", "MONTH", "YEAR"}; };

[[nodiscard]] bool is_http_url(std::string_view text);
[[nodiscard]] bool is_product_type_key(std::string_view text);

template <> struct Schema<Photo> {
  static constexpr auto fields =
      std::make_tuple(field("url", &Photo::url, required_writable, {1, 2048, is_http_url, "Use an http or https address without spaces."}),
                      field("alt", &Photo::alt, writable, {0, 300}));
};

inline constexpr std::int64_t max_price = 1'000'000'000'000;

template <> struct Schema<Offering> {
  static constexpr Limits minutes_of_year{1, 527'040};
  static constexpr auto fields = std::make_tuple(
      field("id", &Offering::id, out), field("title", &Offering::title, required_writable, {1, 200}),
      field("slug", &Offering::slug, writable, {1, 80, is_slug, "Use lower-case letters and digits, in groups joined by single hyphens."}),
      field("description", &Offering::description, writable, {0, 20'000}), field("status", &Offering::status, writable),
      field("productTypeKey", &Offering::product_type_key, required_writable,
            {1, 40, is_product_type_key, "Use a key such as space: lower-case letters, digits, - and _."}),
      field("categories", &Offering::categories, writable, {0, 20}), field("attributes", &Offering::attributes, writable, {0, 64}),
      field("photos", &Offering::photos, writable, {0, 30}), field("timeZone", &Offering::time_zone, writable, {1, 64}),
      field("pricingModel", &Offering::pricing_model, writable),
      field("basePriceCents", &Offering::base_price_cents, required_writable, {0, max_price}),
      field("minPriceCents", &Offering::min_price_cents, writable, {0, max_price}),
      field("maxPriceCents", &Offering::max_price_cents, writable, {0, max_price}),
      field("currency", &Offering::currency, required_writable), field("taxRateBps", &Offering::tax_rate_bps, writable, {0, bps_per_whole}),
      field("taxInclusive", &Offering::tax_inclusive, writable), field("billingInterval", &Offering::billing_interval, writable),
      field("cancellationPolicy", &Offering::cancellation_policy, writable), field("autoApprove", &Offering::auto_approve, writable),
      field("rescheduleAllowed", &Offering::reschedule_allowed, writable),
      field("minNoticeMinutes", &Offering::min_notice_minutes, writable, {0, 525'600}),
      field("maxAdvanceDays", &Offering::max_advance_days, writable, {1, 730}),
      field("bufferBeforeMinutes", &Offering::buffer_before_minutes, writable, {0, 1440}),
      field("bufferAfterMinutes", &Offering::buffer_after_minutes, writable, {0, 1440}),
      field("minDurationMinutes", &Offering::min_duration_minutes, writable, minutes_of_year),
      field("maxDurationMinutes", &Offering::max_duration_minutes, writable, minutes_of_year),
      field("resource", &Offering::resource, writable, {1, 80}), field("ratingAverage", &Offering::rating_average, out),
      field("reviewCount", &Offering::review_count, out), field("createdAt", &Offering::created_at, out),
      field("updatedAt", &Offering::updated_at, out));
};

} // namespace json
} // namespace orkestr::inline v1
