// Disputes. Whoever calls says for whom: what that party may do is the engine's to say. Every act writes the dispute's row, so that of
// two at once the second sees the first.
#pragma once

#include "orkestr/engine/dispute.hpp"
#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1 {

struct WriteContext;

struct DisputeActor {
  DisputeParty party = DisputeParty::customer;
  std::string id; ///< of the customer, of the member or key, of the admin
};

inline constexpr std::size_t max_messages_per_dispute = 500;

/// With its messages. @errors `not_found`
[[nodiscard]] Result<DisputeThread> find_dispute(const storage::ReadTransaction& tx, TenantId tenant, DisputeId id);

/// As an admin reads it, who is the context's actor: that leaves a trace. @errors `not_found`
[[nodiscard]] Result<DisputeThread> review_dispute(WriteContext& cx, DisputeId id);

/// `draft` has category, reason and evidence. @errors `not_found`, `forbidden` for an admin, `invalid_transition`, `already_exists`
[[nodiscard]] Result<Dispute> open_dispute(WriteContext& cx, BookingId booking, Dispute draft, const DisputeActor& by);
/// `draft` has text and evidence. @errors `not_found`, `invalid_transition` once it is over, `invalid_fields` after too many messages
[[nodiscard]] Result<DisputeMessage> post_message(WriteContext& cx, DisputeId id, DisputeMessage draft, const DisputeActor& by);
/// @errors `not_found`, `forbidden`, `invalid_transition`
[[nodiscard]] Result<Dispute> escalate_dispute(WriteContext& cx, DisputeId id, const DisputeActor& by);
/// @errors `not_found`, `forbidden` unless this party opened it, `invalid_transition`
[[nodiscard]] Result<Dispute> withdraw_dispute(WriteContext& cx, DisputeId id, const DisputeActor& by);
/// REFUND gives the money back with it, by start_refund(). @errors `not_found`, `forbidden`, `invalid_transition`, `invalid_fields`
[[nodiscard]] Result<Dispute> resolve_dispute(WriteContext& cx, DisputeId id, DisputeDecision decision, const DisputeActor& by);

} // namespace orkestr::inline v1
