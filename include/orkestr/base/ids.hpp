// Identifiers: opaque to users, typed for us (a TenantId is not an OfferingId), sortable by creation.
#pragma once

#include "orkestr/base/time.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

namespace orkestr::inline v1 {

/// The 26 characters behind the prefix: 48 bits of milliseconds, 80 bits of randomness, in Crockford's
/// base 32 (lower case), so that text order is creation order.
inline constexpr std::size_t id_body_size = 26;

template <class Tag> class Id {
 public:
  static constexpr std::string_view prefix = Tag::prefix;
  static constexpr std::size_t size = prefix.size() + id_body_size;

  constexpr Id() noexcept = default;

  /// Takes `prefix` + 26 characters of [0-9a-z]; anything else is nullopt.
  [[nodiscard]] static constexpr std::optional<Id> parse(std::string_view text) noexcept {
    if (text.size() != size || !text.starts_with(prefix)) return std::nullopt;
    for (char c : text.substr(prefix.size()))
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) return std::nullopt;
    Id id;
    for (std::size_t i = 0; i < size; ++i) id.text_[i] = text[i];
    return id;
  }

  [[nodiscard]] static constexpr Id from_body(std::string_view body) noexcept {
    Id id;
    for (std::size_t i = 0; i < prefix.size(); ++i) id.text_[i] = prefix[i];
    for (std::size_t i = 0; i < id_body_size; ++i) id.text_[prefix.size() + i] = body[i];
    return id;
  }

  [[nodiscard]] constexpr bool empty() const noexcept { return text_[0] == '\0'; }
  [[nodiscard]] constexpr std::string_view view() const noexcept {
    return empty() ? std::string_view{} : std::string_view{text_.data(), size};
  }
  [[nodiscard]] std::string str() const { return std::string{view()}; }

  friend constexpr auto operator<=>(const Id& a, const Id& b) noexcept { return a.view() <=> b.view(); }
  friend constexpr bool operator==(const Id& a, const Id& b) noexcept { return a.text_ == b.text_; }

 private:
  std::array<char, size> text_{};
};

namespace tag {
// clang-format off
struct Tenant       { static constexpr std::string_view prefix = "tnt_"; };
struct ApiKey       { static constexpr std::string_view prefix = "key_"; };
struct Offering     { static constexpr std::string_view prefix = "off_"; };
struct Rule         { static constexpr std::string_view prefix = "avr_"; };
struct Exception    { static constexpr std::string_view prefix = "avx_"; };
struct Booking      { static constexpr std::string_view prefix = "bkg_"; };
struct BookingItem  { static constexpr std::string_view prefix = "bki_"; };
struct Customer     { static constexpr std::string_view prefix = "cus_"; };
struct Coupon       { static constexpr std::string_view prefix = "cpn_"; };
struct Payment      { static constexpr std::string_view prefix = "pay_"; };
struct Hold         { static constexpr std::string_view prefix = "hld_"; };
struct PricingRule  { static constexpr std::string_view prefix = "prl_"; };
struct Attempt      { static constexpr std::string_view prefix = "att_"; };
struct Event        { static constexpr std::string_view prefix = "evt_"; };
struct Webhook      { static constexpr std::string_view prefix = "whs_"; };
struct Delivery     { static constexpr std::string_view prefix = "dlv_"; };
struct Notification { static constexpr std::string_view prefix = "ntf_"; };
struct Review       { static constexpr std::string_view prefix = "rev_"; };
struct Dispute      { static constexpr std::string_view prefix = "dsp_"; };
struct DisputeMessage { static constexpr std::string_view prefix = "msg_"; };
struct Kyb          { static constexpr std::string_view prefix = "kyb_"; };
struct KybDocument  { static constexpr std::string_view prefix = "kyd_"; };
struct Refund       { static constexpr std::string_view prefix = "ref_"; };
struct Audit        { static constexpr std::string_view prefix = "aud_"; };
struct Admin        { static constexpr std::string_view prefix = "adm_"; };
struct Mail         { static constexpr std::string_view prefix = "mal_"; };
struct Import       { static constexpr std::string_view prefix = "imp_"; };
struct Member       { static constexpr std::string_view prefix = "mbr_"; };
struct Session      { static constexpr std::string_view prefix = "ses_"; };
// clang-format on
} // namespace tag

using TenantId = Id<tag::Tenant>;
using ApiKeyId = Id<tag::ApiKey>;
using OfferingId = Id<tag::Offering>;
using RuleId = Id<tag::Rule>;
using ExceptionId = Id<tag::Exception>;
using BookingId = Id<tag::Booking>;
using BookingItemId = Id<tag::BookingItem>;
using CustomerId = Id<tag::Customer>;
using CouponId = Id<tag::Coupon>;
using PaymentId = Id<tag::Payment>;
using HoldId = Id<tag::Hold>;
using PricingRuleId = Id<tag::PricingRule>;
using AttemptId = Id<tag::Attempt>;
using EventId = Id<tag::Event>;
using WebhookId = Id<tag::Webhook>;
using DeliveryId = Id<tag::Delivery>;
using NotificationId = Id<tag::Notification>;
using ReviewId = Id<tag::Review>;
using DisputeId = Id<tag::Dispute>;
using DisputeMessageId = Id<tag::DisputeMessage>;
using KybId = Id<tag::Kyb>;
using KybDocumentId = Id<tag::KybDocument>;
using RefundId = Id<tag::Refund>;
using AuditId = Id<tag::Audit>;
using AdminId = Id<tag::Admin>;
using MailId = Id<tag::Mail>;
using ImportId = Id<tag::Import>;
using MemberId = Id<tag::Member>;
using SessionId = Id<tag::Session>;

/// The lowest id that a minter makes at that time or later: what was made since then has an id that is not below it.
template <class AnyId> [[nodiscard]] AnyId first_id_at(Instant at);

class Random;

/// Makes id bodies; two made by one minter never compare equal or out of order, even within a
/// millisecond or when the clock steps back.
/// @thread_safety safe
class IdMinter {
 public:
  explicit IdMinter(Random& random) : random_(random) {}

  template <class AnyId> [[nodiscard]] AnyId make(Instant now) {
    const auto body = next(now);
    return AnyId::from_body({body.data(), body.size()});
  }

 private:
  [[nodiscard]] std::array<char, id_body_size> next(Instant now);

  Random& random_;
  std::mutex mutex_;
  std::uint64_t last_ms_ = 0;
  std::array<std::uint8_t, 10> last_random_{};
};

[[nodiscard]] std::array<char, id_body_size> first_id_body_at(Instant at);
template <class AnyId> AnyId first_id_at(Instant at) {
  const auto body = first_id_body_at(at);
  return AnyId::from_body({body.data(), body.size()});
}

} // namespace orkestr::inline v1

template <class Tag> struct std::hash<orkestr::Id<Tag>> {
  std::size_t operator()(const orkestr::Id<Tag>& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
