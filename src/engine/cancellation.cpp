#include "orkestr/engine/cancellation.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

CancellationPolicy CancellationPolicy::of(PolicyKind kind) {
  switch (kind) {
  case PolicyKind::flexible: return {kind, {{24, 100}}, 0};
  case PolicyKind::moderate: return {kind, {{120, 100}, {24, 50}}, 0};
  case PolicyKind::strict: return {kind, {{168, 50}}, 0};
  case PolicyKind::custom: break;
  }
  return {PolicyKind::custom, {}, 0};
}

RefundTerms refund_terms(const CancellationPolicy& policy, Instant booked, Instant first_start, Instant now) {
  const milliseconds left = first_start - now;
  if (policy.grace_minutes > 0 && now - booked <= std::chrono::minutes{policy.grace_minutes} && left > milliseconds{0})
    return {100, true, {}};
  const RefundTier* best = nullptr;
  for (const auto& tier : policy.tiers)
    if (std::chrono::hours{tier.hours_before} <= left && (best == nullptr || best->hours_before < tier.hours_before)) best = &tier;
  if (best == nullptr) return {};
  return {best->refund_percent, false, *best};
}

namespace json {
namespace {

/// The policy as an input spells it.
struct PolicyInput {
  PolicyKind kind = PolicyKind::flexible;
  std::optional<std::vector<RefundTier>> tiers;
  int grace_minutes = 0;
};

} // namespace

template <> struct Schema<PolicyInput> {
  static constexpr auto fields =
      std::make_tuple(field("kind", &PolicyInput::kind, required_writable), field("tiers", &PolicyInput::tiers, writable, {1, 10}),
                      field("graceMinutes", &PolicyInput::grace_minutes, writable, grace_limits));
};

void Codec<CancellationPolicy>::write(Writer& w, const CancellationPolicy& policy) {
  w.begin_object();
  w.key("kind");
  json::write(w, policy.kind);
  w.key("tiers");
  json::write(w, policy.tiers);
  w.key("graceMinutes");
  w.integer(policy.grace_minutes);
  w.end_object();
}

bool Codec<CancellationPolicy>::read(Reader& r, const Value& v, CancellationPolicy& target, const Limits& limits) {
  PolicyInput input;
  if (!Codec<PolicyInput>::read(r, v, input, limits)) return false;
  if (input.kind != PolicyKind::custom) {
    auto fixed = CancellationPolicy::of(input.kind);
    // What an answer listed may be sent back as it is.
    if (input.tiers && *input.tiers != fixed.tiers) {
      r.fault_at("tiers", "conflict", "Only a CUSTOM policy lists its own tiers.");
      return false;
    }
    target = std::move(fixed);
    target.grace_minutes = input.grace_minutes;
    return true;
  }
  if (!input.tiers) return r.fault_at("tiers", "required", "A CUSTOM policy lists its tiers."), false;
  auto tiers = std::move(*input.tiers);
  std::ranges::sort(tiers, std::greater{}, &RefundTier::hours_before);
  if (std::ranges::adjacent_find(tiers, {}, &RefundTier::hours_before) != tiers.end())
    return r.fault_at("tiers", "conflict", "Two tiers name the same hoursBefore."), false;
  target = {PolicyKind::custom, std::move(tiers), input.grace_minutes};
  return true;
}

} // namespace json
} // namespace orkestr::inline v1
