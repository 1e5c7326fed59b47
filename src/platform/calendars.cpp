#include "orkestr/platform/calendars.hpp"

#include "base/sha256.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// Whose bookings an owner sees, and from where they are looked at.
struct View {
  std::optional<CustomerId> customer; ///< none: everybody's
  bool for_business = false;
};

std::optional<View> view_of(const storage::ReadTransaction& tx, TenantId tenant, const CalendarOwner& owner, Instant now) {
  switch (owner.kind) {
  case CalendarOwnerKind::key: {
    const auto id = ApiKeyId::parse(owner.id);
    const auto key = id ? tx.api_keys().find(tenant, *id) : std::nullopt;
    if (!key || !key->live(now)) return std::nullopt;
    return View{{}, true};
  }
  case CalendarOwnerKind::customer: {
    const auto id = CustomerId::parse(owner.id);
    if (!id || !tx.customers().find(tenant, *id)) return std::nullopt;
    return View{id, false};
  }
  case CalendarOwnerKind::member: {
    const auto id = MemberId::parse(owner.id);
    const auto member = id ? tx.members().find(tenant, *id) : std::nullopt;
    if (!member || !member->active()) return std::nullopt;
    if (member->role != Role::client) return View{{}, true};
    const auto customer = tx.customers().find_by_email(tenant, member->email).get();
    return View{customer ? customer->id : CustomerId{}, false}; // with the empty one, there is nothing to see
  }
  }
  return std::nullopt;
}

} // namespace

std::string make_calendar_token(Random& random) { return make_token(random).secret; }

void put_calendar_token(WriteContext& cx, const CalendarOwner& owner, std::string_view token) {
  cx.tx.calendar_tokens().put(cx.tenant, {hex(sha256(token)), owner.kind, owner.id, cx.now});
  cx.audit("calendar_token.make", cx.tenant, owner.id);
}

bool erase_calendar_tokens(WriteContext& cx, const CalendarOwner& owner) {
  if (!cx.tx.calendar_tokens().erase(cx.tenant, owner)) return false;
  cx.audit("calendar_token.erase", cx.tenant, owner.id);
  return true;
}

Result<Calendar> read_calendar(const storage::ReadTransaction& tx, std::string_view token, std::string_view storefront,
                               std::string_view base_domain, Instant now) {
  const auto found = tx.calendar_tokens().find(hex(sha256(token)));
  const auto tenant = found ? tx.tenants().find(found->tenant) : std::nullopt;
  const auto view = tenant ? view_of(tx, tenant->id, found->token.owner(), now) : std::nullopt;
  if (!view) return fail(Code::not_found, "There is no such calendar; its address may have been reset.");
  if (tenant->status == TenantStatus::suspended) return fail(Code::tenant_suspended, "This business is suspended.");
  if (tenant->status == TenantStatus::closed) return fail(Code::tenant_closed, "This business has closed.");
  // What comes next first, and what was last: where there is more than a calendar takes, it is the farthest that is left out.
  std::vector<BookedTime> booked;
  const auto take = [&](Instant from, Instant to) {
    if (booked.size() == most_calendar_events) return;
    auto some = tx.bookings().booked_times(tenant->id, view->customer, {from, to}, most_calendar_events - booked.size());
    std::ranges::move(some, std::back_inserter(booked));
  };
  Instant from = now;
  for (const milliseconds ahead : {milliseconds{std::chrono::days{1}}, milliseconds{std::chrono::days{7}},
                                   milliseconds{std::chrono::days{30}}, milliseconds{std::chrono::days{120}}, calendar_future}) {
    take(from, now + ahead);
    from = now + ahead;
  }
  take(now - calendar_past, now);
  const auto link = tenant_origin(storefront, *tenant) + (view->for_business ? "/provider/bookings/" : "/bookings/");
  return Calendar{view->for_business ? tenant->name : "Bookings at " + tenant->name,
                  calendar_events(booked, base_domain, view->for_business, link)};
}

std::string calendar_url(std::string_view storefront, const Tenant& tenant, std::string_view token) {
  // Not at a name of the tenant's own: whoever has that name later would be told the token by every calendar that still asks.
  return storefront_origin(storefront, tenant.subdomain) + "/calendar/" + std::string{token} + ".ics";
}

} // namespace orkestr::inline v1
