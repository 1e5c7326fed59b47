#include "orkestr/platform/platform.hpp"

namespace orkestr::inline v1 {

void WriteContext::emit(EventType type, std::string_view subject, std::string_view data) {
  const auto id = make_id<EventId>();
  tx.events().append(tenant, {id, type, std::string{subject}, event_body(id, type, now, tenant, data), now});
}

Result<Tenant> Platform::create_tenant(Tenant tenant) {
  if (!is_subdomain(tenant.subdomain))
    return fail(Code::invalid_parameter, "A subdomain has 1 to 63 characters [a-z0-9-], no hyphen at either end, and is no reserved word.");
  ORKESTR_CHECK(Zone::find(tenant.time_zone));
  tenant.created_at = now();
  tenant.id = ids_.make<TenantId>(tenant.created_at);
  return store_.write([&](storage::WriteTransaction& tx) -> Result<Tenant> {
    if (tx.tenants().find_by_subdomain(tenant.subdomain)) return fail(Code::subdomain_taken, "Another tenant has that subdomain.");
    tx.tenants().insert(tenant);
    return tenant;
  });
}

Result<IssuedApiKey> Platform::create_api_key(TenantId tenant, ApiKey key) {
  const auto prepared = prepare_api_key(random_);
  return write(tenant, [&](WriteContext& cx) { return orkestr::create_api_key(cx, key, prepared); });
}

Result<Offering> Platform::create_offering(TenantId tenant, const Offering& offering) {
  return write(tenant, [&](WriteContext& cx) {
    json::Reader reader;
    return orkestr::create_offering(cx, offering, reader);
  });
}

Result<Booking> Platform::book(TenantId tenant, const BookRequest& request) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::book(cx, request); });
}
Result<Hold> Platform::hold(TenantId tenant, const HoldRequest& request) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::hold(cx, request); });
}
Result<void> Platform::release_hold(TenantId tenant, HoldId hold) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::release_hold(cx, hold); });
}
Result<QuoteView> Platform::quote(TenantId tenant, const QuoteRequest& request) {
  return store_.read([&](const storage::ReadTransaction& tx) { return quote_booking(tx, tenant, request, now()); });
}
Result<Booking> Platform::check_out(TenantId tenant, const BookRequest& request) {
  ORKESTR_TRY(auto done, write(tenant, [&](WriteContext& cx) -> Result<Checkout> { return orkestr::check_out(cx, request); }));
  if (!done.booking) return std::move(done.refusal);
  return std::move(*done.booking);
}
Result<Booking> Platform::record_payment(TenantId tenant, BookingId booking, const PaymentRecord& record) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::record_payment(cx, booking, record); });
}
Result<Booking> Platform::record_refund(TenantId tenant, BookingId booking, Amount amount) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::record_refund(cx, booking, amount); });
}
Result<Booking> Platform::approve(TenantId tenant, BookingId booking) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::approve(cx, booking); });
}
Result<Booking> Platform::decline(TenantId tenant, BookingId booking, std::optional<std::string> reason) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::decline(cx, booking, reason); });
}
Result<Booking> Platform::cancel(TenantId tenant, BookingId booking, std::optional<std::string> reason) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::cancel(cx, booking, reason); });
}
Result<Rescheduled> Platform::reschedule(TenantId tenant, BookingId booking, const RescheduleRequest& request) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::reschedule(cx, booking, request); });
}

Result<AvailabilityView> Platform::availability(TenantId tenant, OfferingId offering, Interval range, Audience audience) {
  return store_.read([&](const storage::ReadTransaction& tx) -> Result<AvailabilityView> {
    ORKESTR_TRY(auto view, load_availability(tx, tenant, offering));
    ORKESTR_CHECK(fill_availability(tx, tenant, view, range, true, audience, now()));
    return view;
  });
}

void Platform::note_key_use(TenantId tenant, const ApiKey& key, Instant now) {
  if (key.last_used_at && now - *key.last_used_at < std::chrono::minutes{1}) return;
  const std::lock_guard guard(key_uses_mutex_);
  key_uses_.insert_or_assign(key.id, KeyUse{tenant, now});
}

Result<DueWork> Platform::run_due(Instant now) {
  constexpr std::size_t batch = 100;
  DueWork done;
  std::unordered_map<ApiKeyId, KeyUse> uses;
  {
    const std::lock_guard guard(key_uses_mutex_);
    uses.swap(key_uses_);
  }
  if (!uses.empty()) {
    ORKESTR_CHECK(store_.write([&](storage::WriteTransaction& tx) -> Result<void> {
      for (const auto& [id, use] : uses) {
        auto key = tx.api_keys().find(use.tenant, id);
        if (!key) continue;
        key->last_used_at = use.at;
        tx.api_keys().update(use.tenant, *key);
      }
      return {};
    }));
    done.key_uses = uses.size();
  }

  /// Does a batch of what is due, each in a part of its own that fails alone. The rows are locked to this transaction, so
  /// that servers that share a database take different ones, and one that dies lets go of its own.
  struct Settled {
    std::size_t count = 0;
    std::optional<Error> error;
  };
  const auto settle = [&](auto list, auto act, std::size_t& count) -> Result<void> {
    ORKESTR_TRY(const auto settled, store_.write([&](storage::WriteTransaction& tx) -> Result<Settled> {
      Settled batch;
      for (const auto& row : list(tx)) {
        WriteContext cx{tx, row.tenant, now, ids_};
        const auto result = tx.nested([&] { return act(cx, row.id); });
        if (result)
          ++batch.count;
        else if (result.error().code != Code::invalid_transition && result.error().code != Code::not_found) // settled meanwhile
          batch.error = result.error();
      }
      return batch;
    }));
    count = settled.count;
    if (settled.error) return *settled.error;
    return {};
  };
  using storage::ReadTransaction;
  ORKESTR_CHECK(settle([&](const ReadTransaction& tx) { return tx.holds().expired(now, batch); }, expire_hold, done.expired_holds));
  ORKESTR_CHECK(
      settle([&](const ReadTransaction& tx) { return tx.bookings().due_for_payment(now, batch); }, expire_payment, done.unpaid_bookings));
  ORKESTR_CHECK(
      settle([&](const ReadTransaction& tx) { return tx.bookings().due_for_completion(now, batch); }, complete, done.completed_bookings));

  ORKESTR_TRY(done.expired_idempotency_keys, store_.write([&](storage::WriteTransaction& tx) -> Result<std::size_t> {
    tx.risk().erase_older_than(now - std::chrono::days{7}, 1000);
    return tx.idempotency().erase_older_than(now - std::chrono::hours{24}, 1000);
  }));
  return done;
}

} // namespace orkestr::inline v1
