#include "orkestr/platform/disputes.hpp"

#include "orkestr/platform/use_cases.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

Error no_dispute() { return fail(Code::not_found, "There is no such dispute."); }

Result<Dispute> find_one(const WriteContext& cx, DisputeId id) {
  auto dispute = cx.tx.disputes().find(cx.tenant, id);
  if (!dispute) return no_dispute();
  return std::move(*dispute);
}

void store(WriteContext& cx, const Dispute& dispute, std::string_view action) {
  cx.tx.disputes().update(cx.tenant, dispute);
  cx.audit(action, dispute.id);
}

} // namespace

Result<DisputeThread> find_dispute(const storage::ReadTransaction& tx, TenantId tenant, DisputeId id) {
  auto dispute = tx.disputes().find(tenant, id);
  if (!dispute) return no_dispute();
  DisputeThread thread;
  static_cast<Dispute&>(thread) = std::move(*dispute);
  thread.messages = tx.disputes().messages(tenant, id);
  return thread;
}

Result<DisputeThread> review_dispute(WriteContext& cx, DisputeId id) {
  ORKESTR_TRY(auto thread, find_dispute(cx.tx, cx.tenant, id));
  cx.audit("dispute.read", id);
  return thread;
}

Result<Dispute> open_dispute(WriteContext& cx, BookingId id, Dispute draft, const DisputeActor& by) {
  if (by.party == DisputeParty::admin) return fail(Code::forbidden, "The customer or the provider opens a dispute.");
  const auto booking = cx.tx.bookings().find(cx.tenant, id);
  if (!booking) return fail(Code::not_found, "There is no such booking.");
  std::vector<DisputeStatus> earlier;
  for (const auto& dispute : cx.tx.disputes().of_booking(cx.tenant, id)) earlier.push_back(dispute.status);
  ORKESTR_CHECK(check_disputable(*booking, earlier, cx.now));
  fill_dispute(draft, *booking, by.party, by.id, cx.now);
  draft.id = cx.make_id<DisputeId>();
  cx.tx.disputes().insert(cx.tenant, draft);
  cx.audit("dispute.open", draft.id);
  cx.emit(EventType::dispute_opened, draft.id.view(), dispute_opened_data(draft));
  return draft;
}

Result<DisputeMessage> post_message(WriteContext& cx, DisputeId id, DisputeMessage draft, const DisputeActor& by) {
  ORKESTR_TRY(auto dispute, find_one(cx, id));
  ORKESTR_CHECK(act(dispute, DisputeAction::message, by.party, cx.now));
  if (cx.tx.disputes().count_messages(cx.tenant, id) >= max_messages_per_dispute) {
    json::Reader reader;
    reader.fault("too_many_items", "A dispute has at most " + std::to_string(max_messages_per_dispute) + " messages.");
    return reader.result().error();
  }
  draft.id = cx.make_id<DisputeMessageId>();
  draft.dispute_id = id;
  draft.author_role = by.party;
  draft.author_id = by.id;
  draft.created_at = cx.now;
  cx.tx.disputes().insert(cx.tenant, draft);
  store(cx, dispute, "dispute.message");
  cx.emit(EventType::dispute_message, id.view(), dispute_message_data(dispute, draft));
  return draft;
}

Result<Dispute> escalate_dispute(WriteContext& cx, DisputeId id, const DisputeActor& by) {
  ORKESTR_TRY(auto dispute, find_one(cx, id));
  ORKESTR_CHECK(act(dispute, DisputeAction::escalate, by.party, cx.now));
  store(cx, dispute, "dispute.escalate");
  return dispute;
}

Result<Dispute> withdraw_dispute(WriteContext& cx, DisputeId id, const DisputeActor& by) {
  ORKESTR_TRY(auto dispute, find_one(cx, id));
  ORKESTR_CHECK(act(dispute, DisputeAction::withdraw, by.party, cx.now));
  store(cx, dispute, "dispute.withdraw");
  cx.emit(EventType::dispute_resolved, id.view(), dispute_resolved_data(dispute));
  return dispute;
}

Result<Dispute> resolve_dispute(WriteContext& cx, DisputeId id, DisputeDecision decision, const DisputeActor& by) {
  ORKESTR_TRY(auto dispute, find_one(cx, id));
  // First whether anything may be decided, so that nobody is asked for another amount in vain.
  const bool refund = decision.resolution == DisputeResolution::refund;
  ORKESTR_CHECK(next_status(dispute.status, refund ? DisputeAction::refund : DisputeAction::keep_payment, by.party, dispute.opened_by));
  const auto booking = cx.tx.bookings().find(cx.tenant, dispute.booking_id);
  if (!booking) return fail(Code::internal, "The booking of a dispute is missing.");
  const Amount refundable = refundable_cents(*booking);
  json::Reader reader;
  validate(decision, refundable, reader);
  ORKESTR_CHECK(reader.result());
  ORKESTR_CHECK(resolve(dispute, std::move(decision), refundable, by.party, cx.now));
  store(cx, dispute, "dispute.resolve");
  if (dispute.refund_cents.value_or(0) > 0)
    ORKESTR_CHECK(start_refund(cx, dispute.booking_id, *dispute.refund_cents, RefundReason::dispute));
  cx.emit(EventType::dispute_resolved, id.view(), dispute_resolved_data(dispute));
  return dispute;
}

} // namespace orkestr::inline v1
