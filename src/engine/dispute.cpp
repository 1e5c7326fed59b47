#include "orkestr/engine/dispute.hpp"

#include "engine/event_json.hpp"

#include "orkestr/engine/network_guard.hpp"

#include <algorithm>
#include <numeric>

namespace orkestr::inline v1 {
namespace {

bool permits(const DisputeTransition& row, DisputeParty by, DisputeParty opener) {
  switch (by) {
  case DisputeParty::customer: return row.customer && (!row.opener_only || opener == by);
  case DisputeParty::provider: return row.provider && (!row.opener_only || opener == by);
  case DisputeParty::admin: break;
  }
  return row.admin;
}

std::string_view words_for(DisputeAction action) {
  switch (action) {
  case DisputeAction::message: return "written in";
  case DisputeAction::escalate: return "made ESCALATED";
  case DisputeAction::withdraw: return "made WITHDRAWN";
  case DisputeAction::refund:
  case DisputeAction::keep_payment: break;
  }
  return "made RESOLVED";
}

/// `{…}` with what every event of a dispute has, and what `more` puts besides.
template <class More> std::string dispute_data(const Dispute& dispute, More&& more) {
  return event_json([&](const auto& put) {
    put("disputeId", dispute.id);
    put("bookingId", dispute.booking_id);
    put("customerId", dispute.customer_id);
    put("offeringTitle", dispute.offering_title);
    put("status", dispute.status);
    put("category", dispute.category);
    put("reason", dispute.reason);
    put("openedBy", dispute.opened_by);
    put("openedById", dispute.opened_by_id);
    more(put);
  });
}

} // namespace

std::span<const DisputeTransition> dispute_transitions() {
  using enum DisputeStatus;
  using enum DisputeAction;
  static constexpr DisputeTransition table[] = {
      // from, action, to, customer, provider, admin
      {open, message, open, true, true, true},
      {open, escalate, escalated, true, true, false},
      {open, withdraw, withdrawn, true, true, false, true},
      {open, refund, resolved, false, true, true},
      {open, keep_payment, resolved, false, false, true},
      {escalated, message, escalated, true, true, true},
      {escalated, withdraw, withdrawn, true, true, false, true},
      {escalated, refund, resolved, false, true, true},
      {escalated, keep_payment, resolved, false, false, true},
  };
  return table;
}

std::string dispute_transitions_markdown() {
  std::string text = "| from | action | to | by |\n|---|---|---|---|\n";
  for (const auto& row : dispute_transitions()) {
    std::string by;
    for (const auto& [may, who] :
         {std::pair{row.customer, "the customer"}, std::pair{row.provider, "the provider"}, std::pair{row.admin, "an admin"}})
      if (may) by.append(by.empty() ? "" : ", ").append(who);
    if (row.opener_only) by += ": whoever opened it";
    for (std::string_view part :
         {std::string_view{"| "}, json::name_of(row.from), std::string_view{" | "}, json::name_of(row.action), std::string_view{" | "},
          json::name_of(row.to), std::string_view{" | "}, std::string_view{by}, std::string_view{" |\n"}})
      text += part;
  }
  return text;
}

Result<DisputeStatus> next_status(DisputeStatus from, DisputeAction action, DisputeParty by, DisputeParty opener) {
  bool ever = false;
  for (const auto& row : dispute_transitions()) {
    if (row.action != action || !permits(row, by, opener)) continue;
    if (row.from == from) return row.to;
    ever = true;
  }
  if (ever)
    return fail(Code::invalid_transition,
                "A dispute that is " + std::string{json::name_of(from)} + " can't be " + std::string{words_for(action)} + ".");
  if (action == DisputeAction::withdraw) return fail(Code::forbidden, "Only who opened a dispute can withdraw it.");
  if (action == DisputeAction::escalate) return fail(Code::forbidden, "The customer or the provider escalates a dispute.");
  return fail(Code::forbidden, action == DisputeAction::refund ? "The provider or an admin resolves a dispute with REFUND."
                                                               : "An admin resolves a dispute with KEEP_PAYMENT.");
}

Result<void> check_disputable(const Booking& booking, std::span<const DisputeStatus> earlier, Instant now) {
  if (booking.status == BookingStatus::pending || booking.status == BookingStatus::refunded)
    return fail(Code::invalid_transition, "A booking that is " + std::string{json::name_of(booking.status)} +
                                              " can't be disputed; it must be CONFIRMED, COMPLETED or CANCELLED.");
  if (booking.status == BookingStatus::cancelled && !booking.confirmed_at && booking.paid_cents() == 0)
    return fail(Code::invalid_transition, "A booking that is CANCELLED can't be disputed when it was never CONFIRMED nor paid for.");
  if (now > booking.last_end() + dispute_time)
    return fail(Code::invalid_transition, "A booking can be disputed until 60 days after its end.");
  for (const auto status : earlier) {
    if (status == DisputeStatus::resolved) return fail(Code::already_exists, "A dispute about this booking has been resolved.");
    if (status != DisputeStatus::withdrawn) return fail(Code::already_exists, "There is a dispute about this booking.");
  }
  return {};
}

void fill_dispute(Dispute& dispute, const Booking& booking, DisputeParty by, std::string by_id, Instant now) {
  dispute.booking_id = booking.id;
  dispute.customer_id = booking.customer_id;
  dispute.offering_title = booking.items.front().offering_title;
  dispute.currency = booking.currency;
  dispute.opened_by = by;
  dispute.opened_by_id = std::move(by_id);
  dispute.status = DisputeStatus::open;
  dispute.created_at = dispute.updated_at = now;
}

Amount refundable_cents(const Booking& booking) {
  return std::accumulate(booking.payments.begin(), booking.payments.end(), Amount{0},
                         [](Amount sum, const Payment& payment) { return sum + payment.refundable_cents(); });
}

void validate(const DisputeDecision& decision, Amount refundable, json::Reader& reader) {
  if (!decision.refund_cents) return;
  if (decision.resolution == DisputeResolution::keep_payment)
    reader.fault_at("refundCents", "conflict", "KEEP_PAYMENT returns nothing.");
  else if (*decision.refund_cents > refundable)
    reader.fault_at("refundCents", "too_large", "At most " + std::to_string(refundable) + " can be refunded.");
}

Result<void> act(Dispute& dispute, DisputeAction action, DisputeParty by, Instant now) {
  ORKESTR_TRY(const auto status, next_status(dispute.status, action, by, dispute.opened_by));
  dispute.status = status;
  dispute.updated_at = now;
  if (action == DisputeAction::escalate) dispute.escalated_at = now;
  if (status == DisputeStatus::resolved || status == DisputeStatus::withdrawn) dispute.closed_at = now;
  return {};
}

Result<void> resolve(Dispute& dispute, DisputeDecision decision, Amount refundable, DisputeParty by, Instant now) {
  const bool refund = decision.resolution == DisputeResolution::refund;
  ORKESTR_CHECK(act(dispute, refund ? DisputeAction::refund : DisputeAction::keep_payment, by, now));
  dispute.resolution = decision.resolution;
  dispute.note = std::move(decision.note);
  if (refund) dispute.refund_cents = decision.refund_cents.value_or(refundable);
  dispute.resolved_by = by;
  return {};
}

std::string dispute_opened_data(const Dispute& dispute) {
  return dispute_data(dispute, [&](const auto& put) { put("evidenceUrls", dispute.evidence_urls); });
}

std::string dispute_message_data(const Dispute& dispute, const DisputeMessage& message) {
  return dispute_data(dispute, [&](const auto& put) {
    put("messageId", message.id);
    put("authorRole", message.author_role);
    put("authorId", message.author_id);
    put("text", message.text);
    put("evidenceUrls", message.evidence_urls);
  });
}

std::string dispute_resolved_data(const Dispute& dispute) {
  return dispute_data(dispute, [&](const auto& put) {
    put("resolution", std::string{dispute.resolution ? json::name_of(*dispute.resolution) : json::name_of(dispute.status)});
    put("note", dispute.note);
    put("refundCents", dispute.refund_cents);
    put("currency", dispute.currency);
    put("resolvedBy", dispute.resolved_by);
  });
}

bool json::Codec<EvidenceUrl>::read(Reader& r, const Value& v, EvidenceUrl& target, const Limits&) {
  const auto* text = v.if_string();
  if (text == nullptr) return wrong_type(r, "a string");
  std::string url{std::string_view{*text}};
  if (const auto checked = check_target(url); !checked) {
    r.fault(info(checked.error().code).name, checked.error().detail);
    return false;
  }
  target.url = std::move(url);
  return true;
}

} // namespace orkestr::inline v1
