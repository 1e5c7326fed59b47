#include "orkestr/platform/platform.hpp"
#include "orkestr/storage/search_repository.hpp"

#include "platform/gateway_call.hpp"
#include "platform/webhooks.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

void WriteContext::emit(EventType type, std::string_view subject, std::string_view data) {
  const auto id = make_id<EventId>();
  tx.events().append(tenant, {id, type, std::string{subject}, event_body(id, type, now, tenant, data), now});
  appended = true;
  for (const auto& webhook : tx.webhooks().active(tenant))
    if (webhook.wants(type)) owe(*this, webhook.id, id, type, subject);
  for (auto& notification : notifications_of(type, subject, data)) notify(std::move(notification));
}

void WriteContext::notify(Notification notification) {
  notification.id = make_id<NotificationId>();
  notification.created_at = now;
  tx.notifications().insert(tenant, notification);
}

void WriteContext::note(std::string_view action, std::string_view subject, const std::string& detail) {
  const auto id = make_id<AuditId>();
  if (actor.kind == ActorKind::admin)
    tx.admins().append({id, AdminId::parse(actor.id), std::string{action}, tenant, std::string{subject}, detail, actor.request_id, now});
  tx.audit().append(tenant, {id, actor.kind, actor.id, actor.request_id, std::string{action}, std::string{subject}, detail, now});
}

Result<void> insert_tenant(storage::WriteTransaction& tx, const Tenant& tenant) {
  if (!is_subdomain(tenant.subdomain))
    return fail(Code::invalid_parameter, "A subdomain has 1 to 63 characters [a-z0-9-], no hyphen at either end, and is no reserved word.");
  ORKESTR_CHECK(Zone::find(tenant.time_zone));
  if (tx.tenants().find_by_subdomain(tenant.subdomain)) return fail(Code::subdomain_taken, "Another tenant has that subdomain.");
  tx.tenants().insert(tenant);
  return {};
}

Result<Tenant> Platform::create_tenant(Tenant tenant) {
  if (tenant.status != TenantStatus::pending) tenant.status = TenantStatus::active;
  tenant.created_at = now();
  tenant.id = ids_.make<TenantId>(tenant.created_at);
  return store_.write([&](storage::WriteTransaction& tx) -> Result<Tenant> {
    ORKESTR_CHECK(insert_tenant(tx, tenant));
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
Result<Booking> Platform::start_refund(TenantId tenant, BookingId booking, Amount amount) {
  return write(tenant, [&](WriteContext& cx) { return orkestr::start_refund(cx, booking, amount, RefundReason::provider); });
}

/// Whoever pays waits for the gateway on a thread of the host's, so there is a bound on how many do so at a time in one process, and on the
/// share of one tenant and one booking in it.
struct Platform::Payer {
  static constexpr std::ptrdiff_t most = 12, most_of_tenant = 6, most_of_booking = 2;

  Payer(Platform& its_platform, TenantId its_tenant, BookingId its_booking)
      : platform(its_platform), tenant(its_tenant), booking(its_booking) {
    const std::lock_guard guard(platform.payers_mutex_);
    auto& all = platform.payers_;
    const auto of_tenant = std::ranges::count(all, tenant, &Payer::tenant), of_booking = std::ranges::count(all, booking, &Payer::booking);
    admitted = std::ssize(all) < most && of_tenant < most_of_tenant && of_booking < most_of_booking;
    if (admitted) all.push_back(this);
  }
  ~Payer() {
    const std::lock_guard guard(platform.payers_mutex_);
    std::erase(platform.payers_, this);
  }
  Payer(const Payer&) = delete;
  Payer& operator=(const Payer&) = delete;

  Platform& platform;
  const TenantId tenant;
  const BookingId booking;
  bool admitted = false;
};

namespace {
/// What a customer is told where the gateway gave no payment.
Error without_its_words(const Error& error) {
  if (error.code == Code::invalid_fields)
    return fail(Code::invalid_transition, "The payment gateway does not take this payment, such as for its amount or currency.");
  return fail(Code::payment_unavailable, "The payment gateway can't be used at the moment; try again shortly.");
}
} // namespace

Result<OpenPayment> Platform::pay(TenantId tenant, BookingId booking, const Actor& actor, milliseconds patience) {
  if (options_.gateway == nullptr) return fail(Code::not_implemented, "No payment gateway is set up.");
  PaymentGateway& gateway = *options_.gateway;
  const Payer payer(*this, tenant, booking);
  if (!payer.admitted) return fail(Code::busy, "Too many payments are being opened; try again in a moment.");
  const auto until = std::chrono::steady_clock::now() + patience;
  for (int tries = 0;; ++tries) {
    ORKESTR_TRY(const auto payable, write(
                                        tenant, [&](WriteContext& cx) { return prepare_payment(cx, booking, gateway.name()); }, actor));
    const Payment& payment = payable.payment;
    GatewayAnswer<GatewayPayment> answer([&](PaymentGateway::Done<GatewayPayment> done) {
      if (payment.gateway_id) return gateway.fetch(*payment.gateway_id, std::move(done));
      gateway.create({.amount = payment.amount_cents,
                      .currency = payment.currency,
                      .idempotency_key = payment.id.str(),
                      .description = payable.description,
                      .metadata = metadata_of(tenant, booking, payment.id),
                      .customer_email = payable.customer_email,
                      .save_method = payable.save_method},
                     std::move(done));
    });
    const auto shown = answer.by(until);
    if (!shown && shown.error().code != Code::not_found) {
      tell_gateway_trouble(shown.error());
      return without_its_words(shown.error());
    }
    const Actor teller{ActorKind::gateway, {}, actor.request_id};
    ORKESTR_TRY(const auto after,
                write(
                    tenant, [&](WriteContext& cx) { return shown ? settle_payment(cx, payment.id, *shown) : lose_payment(cx, payment.id); },
                    teller));
    const auto now = std::ranges::find(after.payments, payment.id, &Payment::id);
    if (after.status == BookingStatus::cancelled || after.status == BookingStatus::refunded)
      return fail(Code::invalid_transition, "The booking has ended meanwhile; nothing is to be paid.");
    if (now->status == PaymentStatus::failed) {
      if (tries < 2) continue; // it can't be paid any more: another
      return fail(Code::invalid_transition, "The payment was called off; ask again.");
    }
    return OpenPayment{payment.id,
                       std::string{gateway.name()},
                       shown->client_secret,
                       options_.gateway_public_key,
                       std::string{to_string(shown->state)},
                       payment.amount_cents,
                       payment.currency,
                       now->failure_code,
                       now->failure_message};
  }
}

Result<void> Platform::take_gateway_event(std::string_view body, std::span<const WebhookHeaderView> headers) {
  if (options_.gateway == nullptr) return fail(Code::not_implemented, "No payment gateway is set up.");
  ORKESTR_TRY(const auto event, options_.gateway->parse_event(body, headers, now()));
  const auto provider = options_.gateway->name();
  ORKESTR_TRY(const auto about, store_.read([&](const storage::ReadTransaction& tx) -> Result<std::optional<storage::Due<PaymentId>>> {
    return find_payment(tx, provider, event);
  }));
  if (!about) return {};
  ORKESTR_CHECK(write(about->tenant, [&](WriteContext& cx) { return note_gateway_event(cx, about->id, provider, event); },
                      {ActorKind::gateway, {}, {}}));
  return {};
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

Result<std::size_t> Platform::reseal_secrets() {
  std::size_t count = 0;
  const auto each = [&](auto list, auto reseal) -> Result<void> {
    std::string after;
    for (;;) {
      using Page = decltype(list(std::declval<const storage::ReadTransaction&>(), after));
      ORKESTR_TRY(const auto page, store_.read([&](const storage::ReadTransaction& tx) -> Result<Page> { return list(tx, after); }));
      if (page.empty()) return {};
      after = page.back().id.str();
      for (const auto& row : page) {
        ORKESTR_TRY(const bool changed, write(row.tenant, [&](WriteContext& cx) -> Result<bool> { return reseal(cx, row.id); }));
        count += changed ? 1 : 0;
      }
    }
  };
  using storage::ReadTransaction;
  ORKESTR_CHECK(each([](const ReadTransaction& tx, const std::string& after) { return tx.webhooks().all(after, 500); },
                     [&](WriteContext& cx, WebhookId id) { return reseal_webhook(cx, id, webhook_rules()); }));
  if (secrets().empty()) return count;
  ORKESTR_CHECK(each(
      [&](const ReadTransaction& tx, const std::string& after) { return tx.kyb().sealed_otherwise(secrets().current_key(), after, 500); },
      [&](WriteContext& cx, KybDocumentId id) { return reseal_kyb_document(cx, id, secrets(), random_); }));
  return count;
}

Result<IssuedAdmin> Platform::create_admin(const Admin& draft) {
  const auto prepared = prepare_admin(random_);
  const auto at = now();
  return store_.write([&](storage::WriteTransaction& tx) { return orkestr::create_admin(tx, ids_, at, draft, prepared); });
}
Result<Admin> Platform::revoke_admin(AdminId id) {
  const auto at = now();
  return store_.write([&](storage::WriteTransaction& tx) { return orkestr::revoke_admin(tx, ids_, at, id); });
}

void Platform::note_admin_use(const Admin& admin, Instant now) {
  if (admin.last_used_at && now - *admin.last_used_at < std::chrono::minutes{1}) return;
  const std::lock_guard guard(key_uses_mutex_);
  admin_uses_.insert_or_assign(admin.id, now);
}

void Platform::note_session_use(TenantId tenant, const MemberSession& session, Instant now) {
  if (now - session.last_seen_at < std::chrono::minutes{1}) return;
  const std::lock_guard guard(key_uses_mutex_);
  session_uses_.insert_or_assign(session.id, KeyUse{tenant, now});
}

void Platform::note_key_use(TenantId tenant, const ApiKey& key, Instant now) {
  if (key.last_used_at && now - *key.last_used_at < std::chrono::minutes{1}) return;
  const std::lock_guard guard(key_uses_mutex_);
  key_uses_.insert_or_assign(key.id, KeyUse{tenant, now});
}

Result<std::size_t> Platform::compute_due_scores(Instant now) {
  constexpr std::size_t batch = 20;
  const std::unique_lock guard(scores_mutex_, std::try_to_lock);
  // To look is to look at every tenant.
  if (!guard || (scores_looked_at_ && *scores_looked_at_ <= now && now - *scores_looked_at_ < std::chrono::minutes{1}))
    return std::size_t{0};
  // Counted outside the write, which then is short however many bookings there are.
  using Counted = std::vector<std::pair<TenantId, storage::TenantScore>>;
  ORKESTR_TRY(const auto counted, store_.read([&](const storage::ReadTransaction& tx) -> Result<Counted> {
    Counted scores;
    for (const auto& tenant : tx.scores().due(now - score_age + milliseconds{1}, batch))
      scores.emplace_back(tenant, count_score(tx, tenant, now));
    return scores;
  }));
  if (!counted.empty())
    ORKESTR_CHECK(store_.write([&](storage::WriteTransaction& tx) -> Result<void> {
      for (const auto& [tenant, score] : counted) store_score(tx, tenant, score);
      return {};
    }));
  scores_looked_at_ = counted.size() < batch ? std::optional{now} : std::nullopt;
  return counted.size();
}

Result<DueWork> Platform::run_due(Instant now) {
  constexpr std::size_t batch = 100;
  DueWork done;
  std::unordered_map<ApiKeyId, KeyUse> uses;
  std::unordered_map<AdminId, Instant> admin_uses;
  std::unordered_map<SessionId, KeyUse> session_uses;
  {
    const std::lock_guard guard(key_uses_mutex_);
    uses.swap(key_uses_);
    admin_uses.swap(admin_uses_);
    session_uses.swap(session_uses_);
  }
  if (!uses.empty() || !admin_uses.empty() || !session_uses.empty()) {
    ORKESTR_CHECK(store_.write([&](storage::WriteTransaction& tx) -> Result<void> {
      for (const auto& [id, use] : uses) {
        auto key = tx.api_keys().find(use.tenant, id);
        if (!key) continue;
        key->last_used_at = use.at;
        tx.api_keys().update(use.tenant, *key);
      }
      for (const auto& [id, at] : admin_uses) {
        auto admin = tx.admins().find(id);
        if (!admin) continue;
        admin->last_used_at = at;
        tx.admins().update(*admin);
      }
      for (const auto& [id, use] : session_uses) tx.members().note_seen(use.tenant, id, use.at);
      return {};
    }));
    done.key_uses = uses.size() + admin_uses.size() + session_uses.size();
  }

  /// Does a batch of what is due, each in a part of its own that fails alone. The rows are locked to this transaction, so
  /// that servers that share a database take different ones, and one that dies lets go of its own.
  struct Settled {
    std::size_t count = 0;
    std::optional<Error> error;
    bool appended = false, emitted = false, payment_due = false, mailed = false;
  };
  const auto settle = [&](auto list, auto act, std::size_t& count) -> Result<void> {
    ORKESTR_TRY(const auto settled, store_.write([&](storage::WriteTransaction& tx) -> Result<Settled> {
      Settled batch;
      for (const auto& row : list(tx)) {
        WriteContext cx = context(tx, row.tenant, now, {ActorKind::worker, {}, {}});
        const auto result = tx.nested([&] { return act(cx, row.id); });
        batch.appended |= result && cx.appended;
        batch.emitted |= result && cx.emitted;
        batch.payment_due |= result && cx.payment_due;
        batch.mailed |= result && cx.mailed;
        if (result)
          ++batch.count;
        else if (result.error().code != Code::invalid_transition && result.error().code != Code::not_found) // settled meanwhile
          batch.error = result.error();
      }
      return batch;
    }));
    count = settled.count;
    if (settled.appended && wake_feed_) wake_feed_();
    if (settled.emitted && wake_) wake_();
    if (settled.payment_due && wake_desk_) wake_desk_();
    if (settled.mailed && wake_mails_) wake_mails_();
    if (settled.error) return *settled.error;
    return {};
  };
  using storage::ReadTransaction;
  ORKESTR_CHECK(settle([&](const ReadTransaction& tx) { return tx.holds().expired(now, batch); }, expire_hold, done.expired_holds));
  ORKESTR_CHECK(
      settle([&](const ReadTransaction& tx) { return tx.bookings().due_for_payment(now, batch); }, expire_payment, done.unpaid_bookings));
  ORKESTR_CHECK(
      settle([&](const ReadTransaction& tx) { return tx.bookings().due_for_completion(now, batch); }, complete, done.completed_bookings));
  // Mostly there is none: after an upgrade, or a large import. Ten batches at a time, each a transaction, so that others get their turn.
  for (int batches = 0; batches < 10; ++batches) {
    ORKESTR_TRY(const auto unindexed,
                store_.read([](const ReadTransaction& tx) -> Result<bool> { return !tx.search().pending(1).empty(); }));
    if (!unindexed) break;
    std::size_t count = 0;
    ORKESTR_CHECK(settle([&](const ReadTransaction& tx) { return tx.search().pending(batch); }, index_pending, count));
    done.indexed_offerings += count;
  }

  // Read first: mostly there are none, and looking is cheap.
  ORKESTR_TRY(const auto vain, store_.read([](const ReadTransaction& tx) -> Result<std::vector<storage::Due<WebhookId>>> {
    return tx.webhooks().owed_in_vain(batch);
  }));
  for (const auto& [tenant, id] : vain)
    ORKESTR_CHECK(write_at(tenant, now, [&, id = id](WriteContext& cx) -> Result<std::size_t> {
      const auto webhook = cx.tx.webhooks().find(cx.tenant, id);
      if (webhook && webhook->status == WebhookStatus::active) return std::size_t{0};
      return cx.tx.deliveries().kill(cx.tenant, id, "The webhook was disabled or deleted.", now);
    }));

  ORKESTR_TRY(done.computed_scores, compute_due_scores(now));

  ORKESTR_TRY(done.expired_idempotency_keys, store_.write([&](storage::WriteTransaction& tx) -> Result<std::size_t> {
    tx.risk().erase_older_than(now - std::chrono::days{7}, 1000);
    tx.deliveries().erase_older_than(now - keep_deliveries, 1000);
    tx.payments().erase_events_older_than(now - keep_gateway_events, 1000);
    tx.notifications().erase_older_than(now - keep_notifications, 1000);
    tx.mails().erase_older_than(now - keep_mails, 1000);
    tx.customer_passes().erase_expired(now, 1000);
    tx.imports().erase_older_than(now - keep_imports, 1000);
    tx.members().erase_expired(now, 1000);
    tx.admins().erase_expired_sessions(now, 1000);
    return tx.idempotency().erase_older_than(now - std::chrono::hours{24}, 1000);
  }));
  return done;
}

} // namespace orkestr::inline v1
