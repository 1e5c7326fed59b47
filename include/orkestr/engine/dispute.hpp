// Disputes: a booking that is argued about, the thread of it, and the one table that says who may do what in which state.
#pragma once

#include "orkestr/engine/booking.hpp"
#include "orkestr/engine/prose.hpp"

namespace orkestr::inline v1 {

enum class DisputeStatus { open, escalated, resolved, withdrawn };
enum class DisputeResolution { refund, keep_payment };
enum class DisputeCategory { not_provided, not_as_described, poor_quality, unsafe, wrong_charge, refund_missing, no_show, damage, other };
/// Who acts: the customer, the business (an owner, admin, member or key of it), the platform's admin.
enum class DisputeParty { customer, provider, admin };

/// A URL at which evidence lies: https and public by its text. It is shown, never fetched.
struct EvidenceUrl {
  std::string url;
  friend bool operator==(const EvidenceUrl&, const EvidenceUrl&) = default;
};

struct Dispute {
  DisputeId id;
  BookingId booking_id;
  CustomerId customer_id;     ///< of the booking
  std::string offering_title; ///< of the booking's first item
  DisputeCategory category = DisputeCategory::other;
  std::string reason; ///< in the words of who opened it
  std::vector<EvidenceUrl> evidence_urls;
  DisputeParty opened_by = DisputeParty::customer;
  std::string opened_by_id; ///< of the customer, member or key
  DisputeStatus status = DisputeStatus::open;
  std::optional<DisputeResolution> resolution;
  std::optional<std::string> note;    ///< why it was resolved so; both parties read it
  std::optional<Amount> refund_cents; ///< set with REFUND; 0 when everything had gone back before
  Currency currency;                  ///< the booking's
  std::optional<DisputeParty> resolved_by;
  Instant created_at, updated_at;
  std::optional<Instant> escalated_at, closed_at;
};

struct DisputeMessage {
  DisputeMessageId id;
  DisputeId dispute_id;
  DisputeParty author_role = DisputeParty::customer;
  std::string author_id;
  std::string text;
  std::vector<EvidenceUrl> evidence_urls;
  Instant created_at;
};

/// With its messages, oldest first.
struct DisputeThread : Dispute {
  std::vector<DisputeMessage> messages;
};

/// How a dispute ends, as whoever decides says it. Without `refundCents`, REFUND returns all that is left.
struct DisputeDecision {
  DisputeResolution resolution = DisputeResolution::refund;
  std::string note;
  std::optional<Amount> refund_cents;
};

inline constexpr milliseconds dispute_time = std::chrono::days{60};
inline constexpr int most_evidence_urls = 10;

enum class DisputeAction { message, escalate, withdraw, refund, keep_payment };

/// One row of the state machine. Whoever is not named is refused.
struct DisputeTransition {
  DisputeStatus from;
  DisputeAction action;
  DisputeStatus to;
  bool customer, provider, admin;
  bool opener_only = false; ///< of customer and provider, the one who opened it
};
[[nodiscard]] std::span<const DisputeTransition> dispute_transitions();
/// The table as Markdown, for the docs.
[[nodiscard]] std::string dispute_transitions_markdown();

/// The state after `action`. @errors `forbidden` when this party may do so in no state, else `invalid_transition`
/// @thread_safety pure
[[nodiscard]] Result<DisputeStatus> next_status(DisputeStatus from, DisputeAction action, DisputeParty by, DisputeParty opener);

/// Whether a booking may be disputed: one that is CONFIRMED or COMPLETED, or CANCELLED after it was confirmed or paid for; until 60 days
/// after its last item's end (that instant included); that has no dispute which is going on or was resolved. After one that was
/// withdrawn it may be disputed anew.
/// @param earlier  the states of the booking's disputes
/// @errors `invalid_transition`, `already_exists`
/// @thread_safety pure
[[nodiscard]] Result<void> check_disputable(const Booking& booking, std::span<const DisputeStatus> earlier, Instant now);

/// Takes down what the booking says of itself. @pre the booking may be disputed
void fill_dispute(Dispute& dispute, const Booking& booking, DisputeParty by, std::string by_id, Instant now);

/// What paying parties can still get back: paid and not refunded.
[[nodiscard]] Amount refundable_cents(const Booking& booking);

/// What single fields can't say: an amount goes with REFUND only, and is at most what is left.
void validate(const DisputeDecision& decision, Amount refundable, json::Reader& reader);

/// Messages, escalates or withdraws. @errors as next_status()
[[nodiscard]] Result<void> act(Dispute& dispute, DisputeAction action, DisputeParty by, Instant now);
/// Resolves. @pre validate() found no fault. @errors as next_status()
[[nodiscard]] Result<void> resolve(Dispute& dispute, DisputeDecision decision, Amount refundable, DisputeParty by, Instant now);

/// `data` of `dispute.opened`.
[[nodiscard]] std::string dispute_opened_data(const Dispute& dispute);
/// `data` of `dispute.message`.
[[nodiscard]] std::string dispute_message_data(const Dispute& dispute, const DisputeMessage& message);
/// `data` of `dispute.resolved`, which also tells of a dispute that was withdrawn (`resolution` is then WITHDRAWN).
[[nodiscard]] std::string dispute_resolved_data(const Dispute& dispute);

namespace json {
template <> struct EnumNames<DisputeStatus> {
  static constexpr std::array<std::string_view, 4> names{"OPEN", "ESCALATED", "RESOLVED", "WITHDRAWN"};
};
template <> struct EnumNames<DisputeResolution> { static constexpr std::array<std::string_view, 2> names{"REFUND", "KEEP_PAYMENT"}; };
template <> struct EnumNames<DisputeCategory> {
  static constexpr std::array<std::string_view, 9> names{"NOT_PROVIDED",   "NOT_AS_DESCRIBED", "POOR_QUALITY", "UNSAFE", "WRONG_CHARGE",
                                                         "REFUND_MISSING", "NO_SHOW",          "DAMAGE",       "OTHER"};
};
template <> struct EnumNames<DisputeParty> { static constexpr std::array<std::string_view, 3> names{"CUSTOMER", "PROVIDER", "ADMIN"}; };
template <> struct EnumNames<DisputeAction> {
  static constexpr std::array<std::string_view, 5> names{"message", "escalate", "withdraw", "refund", "keep_payment"};
};
/// A text that check_target() takes.
template <> struct Codec<EvidenceUrl> {
  static constexpr Kind kind = Kind::string;
  static void write(Writer& w, const EvidenceUrl& v) { w.string(v.url); }
  static bool read(Reader& r, const Value& v, EvidenceUrl& target, const Limits&);
};
template <> struct Schema<Dispute> {
  using T = Dispute;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("bookingId", &T::booking_id, out), field("customerId", &T::customer_id, out),
      field("offeringTitle", &T::offering_title, out), field("category", &T::category, out | create),
      field("reason", &T::reason, out | create | required, {1, 2000, is_prose, prose_hint}),
      field("evidenceUrls", &T::evidence_urls, out | create, {0, most_evidence_urls}), field("openedBy", &T::opened_by, out),
      field("openedById", &T::opened_by_id, out), field("status", &T::status, out), field("resolution", &T::resolution, out),
      field("note", &T::note, out), field("refundCents", &T::refund_cents, out), field("currency", &T::currency, out),
      field("resolvedBy", &T::resolved_by, out), field("createdAt", &T::created_at, out), field("updatedAt", &T::updated_at, out),
      field("escalatedAt", &T::escalated_at, out), field("closedAt", &T::closed_at, out));
};
template <> struct Schema<DisputeMessage> {
  using T = DisputeMessage;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("authorRole", &T::author_role, out), field("authorId", &T::author_id, out),
      field("text", &T::text, out | create | required, {1, 4000, is_prose, prose_hint}),
      field("evidenceUrls", &T::evidence_urls, out | create, {0, most_evidence_urls}), field("createdAt", &T::created_at, out));
};
template <> struct Schema<DisputeThread> {
  static constexpr auto fields = std::tuple_cat(Schema<Dispute>::fields, std::make_tuple(field("messages", &DisputeThread::messages, out)));
};
template <> struct Schema<DisputeDecision> {
  using T = DisputeDecision;
  static constexpr auto fields = std::make_tuple(field("resolution", &T::resolution, required_writable),
                                                 field("note", &T::note, required_writable, {1, 4000, is_prose, prose_hint}),
                                                 field("refundCents", &T::refund_cents, writable, {1, 1'000'000'000'000}));
};
} // namespace json
} // namespace orkestr::inline v1
