// Reading everything there is; see rows.hpp.
#include "campaign/simulation/rows.hpp"

#include "support/look_back.hpp"

#include <algorithm>
#include <stdexcept>

namespace orkestr::campaign {
namespace {

using support::count_attempts;

constexpr std::size_t all = 1'000'000;
constexpr Interval ever{Instant{0}, Instant{4102444800000}};

template <class T> std::string shown(const std::optional<T>& value) {
  if (!value) return "-";
  if constexpr (std::is_same_v<T, Instant>)
    return to_string(*value);
  else if constexpr (std::is_same_v<T, std::string>)
    return *value;
  else if constexpr (requires { value->view(); })
    return value->str();
  else
    return std::to_string(static_cast<std::int64_t>(*value));
}

void load_risk(const storage::ReadTransaction& tx, TenantId tenant, const std::string& prefix, Rows& rows) {
  using storage::AttemptKind;
  using storage::AttemptTrait;
  const auto note = [&](AttemptKind kind, AttemptTrait trait, const std::string& value) {
    const int count = count_attempts(tx, tenant, kind, trait, value, Instant{0});
    if (count > 0) rows.texts[prefix + "attempts " + std::string{json::name_of(kind)} + " " + value] = std::to_string(count);
  };
  for (std::string_view email : emails) {
    std::string lower{email};
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    for (auto kind : {AttemptKind::booking, AttemptKind::coupon_refused}) note(kind, AttemptTrait::email, lower);
  }
  for (std::string_view peer : peers)
    for (auto kind : {AttemptKind::booking, AttemptKind::coupon_refused, AttemptKind::hold_lapsed})
      note(kind, AttemptTrait::ip, std::string{peer});
}

/// Rows of a tenant; only texts are kept of the other one.
void load_tenant(const storage::ReadTransaction& tx, TenantId tenant, bool ours, const std::set<std::string>& answer_keys, Rows& rows) {
  const std::string prefix = ours ? "" : "other ";
  const auto put = [&](std::string_view kind, std::string_view id, std::string text) {
    rows.texts[prefix + std::string{kind} + " " + std::string{id}] = std::move(text);
  };
  if (const auto row = tx.tenants().find(tenant)) put("tenant", row->id.view(), json::to_json(*row));
  std::set<std::string> keys;
  for (auto& offering : tx.offerings().list(tenant, {}, {all, {}})) {
    put("offering", offering.id.view(), json::to_json(offering));
    for (const auto& rule : tx.availability().rules(tenant, offering.id)) put("rule", rule.id.view(), json::to_json(rule));
    for (const auto& rule : tx.pricing_rules().of(tenant, offering.id)) put("pricing", rule.id.view(), json::to_json(rule));
    keys.insert(capacity_key(offering));
    keys.insert(offering.id.str());
    if (ours) rows.prices[offering.id.str()] = offering.base_price_cents;
  }
  for (const auto& key : keys)
    for (const auto& claim : tx.occupancy().in_range(tenant, key, ever, Instant{0})) {
      put("claim", claim.holder.view(), text_of(key, claim));
      if (ours) rows.claims.push_back({key, claim});
    }
  std::set<std::string> customers;
  for (auto& booking : tx.bookings().list(tenant, {}, {all, {}})) {
    put("booking", booking.id.view(), text_of(booking));
    customers.insert(booking.customer_id.str());
    if (ours) rows.bookings.push_back(std::move(booking));
  }
  for (std::string_view email : emails)
    if (const auto customer = tx.customers().find_by_email(tenant, email).get()) customers.insert(customer->id.str());
  for (const auto& id : customers)
    if (const auto customer = tx.customers().find(tenant, *CustomerId::parse(id)))
      put("customer", id, json::to_json(*customer) + to_string(customer->created_at));
  for (auto& coupon : tx.coupons().list(tenant, {}, {all, {}})) {
    put("coupon", coupon.id.view(), json::to_json(coupon));
    for (const auto& customer : customers) {
      const auto count = tx.coupons().redemptions_of(tenant, coupon.id, *CustomerId::parse(customer));
      if (count == 0) continue;
      put("redemption", coupon.id.str() + " " + customer, std::to_string(count));
      if (ours) rows.redemptions[{coupon.id.str(), customer}] = count;
    }
    if (ours) rows.coupons.push_back(std::move(coupon));
  }
  for (auto& event : tx.events().list(tenant, "", all)) {
    put("event", event.id.view(), event.body + to_string(event.created_at));
    if (ours) rows.events.emplace(event.id.str(), std::move(event));
  }
  for (const auto& key : answer_keys)
    if (auto record = tx.idempotency().find(tenant, key)) {
      put("answer", key, record->fingerprint + std::to_string(record->status) + record->body + to_string(record->created_at));
      if (ours) rows.answers.emplace(key, std::move(*record));
    }
  load_risk(tx, tenant, prefix, rows);
  for (const auto& due : tx.holds().expired(ever.end, all)) {
    if (due.tenant != tenant) continue;
    const auto hold = tx.holds().find(due.tenant, due.id);
    if (!hold) throw std::runtime_error("a hold is in the index but not in its table");
    put("hold", hold->id.view(), text_of(*hold));
    if (ours) rows.holds.push_back(*hold);
  }
}

} // namespace

const Booking* Rows::find(BookingId id) const {
  const auto found = std::ranges::find(bookings, id, [](const Booking& booking) { return booking.id; });
  return found == bookings.end() ? nullptr : &*found;
}
const Hold* Rows::find(HoldId id) const {
  const auto found = std::ranges::find(holds, id, &Hold::id);
  return found == holds.end() ? nullptr : &*found;
}

std::string text_of(const Booking& booking) {
  Booking b = booking;
  std::ranges::sort(b.payments, {}, [](const Payment& payment) { return payment.id.str(); }); // as rows come; answers have the newest last
  std::string text = json::to_json(b);
  for (const auto& hidden : {b.customer_id.str(), shown(b.coupon_id), shown(b.coupon_kind), shown(b.coupon_amount),
                             std::to_string(b.auto_approve), shown(b.manage_token_hash)})
    text += "|" + hidden;
  return text;
}

std::string text_of(const Hold& hold) { return json::to_json(hold) + hold.client; }

std::string text_of(std::string_view key, const storage::Claim& claim) {
  return std::string{key} + " " + std::string{claim.holder.view()} + " " + claim.offering_id.str() + " " + to_string(claim.interval.start) +
         " " + to_string(claim.interval.end) + " " + std::to_string(claim.quantity) + " " + std::string{json::name_of(claim.status)} + " " +
         shown(claim.expires_at);
}

Rows load_rows(storage::Store& store, const Shop& shop, const std::set<std::string>& answer_keys) {
  auto rows = store.read([&](const storage::ReadTransaction& tx) -> Result<Rows> {
    Rows found;
    load_tenant(tx, shop.tenant, true, answer_keys, found);
    load_tenant(tx, shop.other, false, answer_keys, found);
    return found;
  });
  if (!rows) throw std::runtime_error("reading all rows: " + rows.error().detail);
  return std::move(*rows);
}

std::vector<std::string> changed_rows(const Rows& before, const Rows& after) {
  std::vector<std::string> names;
  auto a = before.texts.begin(), b = after.texts.begin();
  while (a != before.texts.end() || b != after.texts.end()) {
    if (b == after.texts.end() || (a != before.texts.end() && a->first < b->first))
      names.push_back((a++)->first);
    else if (a == before.texts.end() || b->first < a->first)
      names.push_back((b++)->first);
    else {
      if (a->second != b->second) names.push_back(a->first);
      ++a, ++b;
    }
  }
  return names;
}

} // namespace orkestr::campaign
