#include "storage/sql/migrations.hpp"

namespace orkestr::inline v1::storage::sql {
namespace {

// Every table leads its key with tenant_id, so that the schema can be distributed by tenant. Look-ups that start
// without a tenant (a key's prefix, a subdomain) are small tables of their own with one row a key.
// Instants are milliseconds, dates days, times minutes, local date-times seconds.
constexpr std::string_view step_1 = R"sql(
CREATE TABLE tenants (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, subdomain TEXT NOT NULL, display_currency TEXT NOT NULL,
  time_zone TEXT NOT NULL, locale TEXT NOT NULL, logo_url TEXT, brand_color TEXT, custom_domain TEXT, kyb_status TEXT NOT NULL,
  status TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id), CHECK (tenant_id = id)
);
CREATE TABLE subdomains (subdomain TEXT PRIMARY KEY, tenant_id TEXT NOT NULL);
CREATE TABLE api_key_prefixes (prefix TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, key_id TEXT NOT NULL);
CREATE TABLE api_keys (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, prefix TEXT NOT NULL, secret_hash TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL, last_used_at BIGINT, expires_at BIGINT, revoked_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE TABLE offerings (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, slug TEXT NOT NULL, description TEXT NOT NULL, status TEXT NOT NULL,
  product_type_key TEXT NOT NULL, categories TEXT NOT NULL, attributes TEXT NOT NULL, photos TEXT NOT NULL, time_zone TEXT NOT NULL,
  pricing_model TEXT NOT NULL, base_price_cents BIGINT NOT NULL CHECK (base_price_cents >= 0), currency TEXT NOT NULL,
  tax_rate_bps INTEGER NOT NULL, tax_inclusive INTEGER NOT NULL, billing_interval TEXT, cancellation_policy TEXT NOT NULL,
  auto_approve INTEGER NOT NULL, reschedule_allowed INTEGER NOT NULL, min_notice_minutes INTEGER NOT NULL, max_advance_days INTEGER NOT NULL,
  buffer_before_minutes INTEGER NOT NULL, buffer_after_minutes INTEGER NOT NULL, min_duration_minutes INTEGER, max_duration_minutes INTEGER,
  rating_average DOUBLE PRECISION, review_count INTEGER NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX offerings_live_slug ON offerings (tenant_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX offerings_by_status ON offerings (tenant_id, status, id) WHERE deleted_at IS NULL;
CREATE TABLE availability_rules (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, offering_id TEXT NOT NULL, day_of_week INTEGER NOT NULL, start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL, slot_minutes INTEGER NOT NULL, step_minutes INTEGER, capacity INTEGER NOT NULL, valid_from INTEGER, valid_until INTEGER,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX availability_rules_by_offering ON availability_rules (tenant_id, offering_id, id);
CREATE TABLE availability_exceptions (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, offering_id TEXT NOT NULL, kind TEXT NOT NULL, starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL,
  slot_minutes INTEGER, step_minutes INTEGER, capacity INTEGER, note TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX availability_exceptions_by_offering ON availability_exceptions (tenant_id, offering_id, id);
CREATE TABLE occupancy_locks (
  tenant_id TEXT NOT NULL, offering_id TEXT NOT NULL, version BIGINT NOT NULL, longest_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, offering_id)
);
CREATE TABLE occupancy (
  tenant_id TEXT NOT NULL, item_id TEXT NOT NULL, offering_id TEXT NOT NULL, starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0), status TEXT NOT NULL,
  PRIMARY KEY (tenant_id, item_id), CHECK (starts_at < ends_at)
);
CREATE INDEX occupancy_in_range ON occupancy (tenant_id, offering_id, starts_at, ends_at, quantity, status, item_id);
CREATE TABLE customers (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, locale TEXT, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX customers_by_email ON customers (tenant_id, lower(email));
CREATE TABLE bookings (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, customer_id TEXT NOT NULL, status TEXT NOT NULL, subtotal_cents BIGINT NOT NULL,
  discount_cents BIGINT NOT NULL, tax_cents BIGINT NOT NULL, total_cents BIGINT NOT NULL, currency TEXT NOT NULL, coupon_id TEXT, coupon_code TEXT,
  coupon_kind TEXT, coupon_amount BIGINT,
  notes TEXT NOT NULL, source TEXT NOT NULL, risk_score INTEGER NOT NULL, risk_review_status TEXT NOT NULL, risk_reasons TEXT NOT NULL,
  price_lines TEXT NOT NULL, policy TEXT NOT NULL, refund_percent INTEGER, refund_cents BIGINT, cancel_reason TEXT, created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL, confirmed_at BIGINT, cancelled_at BIGINT, completed_at BIGINT, last_ends_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX bookings_by_status ON bookings (tenant_id, status, id);
CREATE INDEX bookings_by_customer ON bookings (tenant_id, customer_id, id);
CREATE INDEX bookings_due ON bookings (tenant_id, last_ends_at) WHERE status = 'CONFIRMED';
CREATE TABLE booking_items (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, booking_id TEXT NOT NULL, offering_id TEXT NOT NULL, offering_title TEXT NOT NULL,
  starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, quantity INTEGER NOT NULL, unit_price_cents BIGINT NOT NULL, subtotal_cents BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX booking_items_by_booking ON booking_items (tenant_id, booking_id, id);
CREATE INDEX booking_items_by_offering ON booking_items (tenant_id, offering_id, booking_id);
CREATE TABLE payments (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, booking_id TEXT NOT NULL, status TEXT NOT NULL, amount_cents BIGINT NOT NULL,
  refunded_cents BIGINT NOT NULL, currency TEXT NOT NULL, provider TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id), CHECK (refunded_cents BETWEEN 0 AND amount_cents)
);
CREATE INDEX payments_by_booking ON payments (tenant_id, booking_id, id);
CREATE TABLE coupons (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, code TEXT NOT NULL, folded_code TEXT NOT NULL, kind TEXT NOT NULL, amount BIGINT NOT NULL,
  currency TEXT, valid_from BIGINT, valid_until BIGINT, max_redemptions BIGINT, redeemed_count BIGINT NOT NULL, max_per_customer BIGINT,
  min_subtotal_cents BIGINT NOT NULL, offering_ids TEXT NOT NULL, active INTEGER NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT,
  PRIMARY KEY (tenant_id, id), CHECK (redeemed_count >= 0)
);
CREATE UNIQUE INDEX coupons_live_code ON coupons (tenant_id, folded_code) WHERE deleted_at IS NULL;
CREATE TABLE coupon_redemptions (
  tenant_id TEXT NOT NULL, coupon_id TEXT NOT NULL, booking_id TEXT NOT NULL, customer_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, coupon_id, booking_id)
);
CREATE INDEX coupon_redemptions_by_customer ON coupon_redemptions (tenant_id, coupon_id, customer_id);
CREATE TABLE events (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE TABLE idempotency_keys (
  tenant_id TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
  body TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
)sql";

// Holds, resources, pricing rules, risk. What was taken of an offering is now taken of a key, which a resource may share.
constexpr std::string_view step_2 = R"sql(
ALTER TABLE offerings ADD COLUMN min_price_cents BIGINT;
ALTER TABLE offerings ADD COLUMN max_price_cents BIGINT;
ALTER TABLE offerings ADD COLUMN resource TEXT;
CREATE INDEX offerings_by_price ON offerings (tenant_id, base_price_cents, id) WHERE deleted_at IS NULL;
ALTER TABLE bookings ADD COLUMN auto_approve INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bookings ADD COLUMN payment_due_at BIGINT;
ALTER TABLE bookings ADD COLUMN manage_token_hash TEXT;
DROP INDEX bookings_due;
CREATE INDEX bookings_ended ON bookings (last_ends_at, tenant_id, id) WHERE status = 'CONFIRMED';
CREATE INDEX bookings_unpaid ON bookings (payment_due_at, tenant_id, id) WHERE payment_due_at IS NOT NULL;
DROP INDEX customers_by_email;
CREATE INDEX customers_by_email ON customers (tenant_id, lower(email), id);
DROP INDEX bookings_by_customer;
CREATE INDEX bookings_by_customer ON bookings (tenant_id, customer_id, id, status, confirmed_at);
CREATE INDEX bookings_totals ON bookings (tenant_id, currency, id, total_cents);
CREATE INDEX bookings_in_review ON bookings (tenant_id, id) WHERE risk_review_status = 'PENDING';
CREATE TABLE pricing_rules (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, offering_id TEXT NOT NULL, name TEXT NOT NULL, priority INTEGER NOT NULL, active INTEGER NOT NULL,
  conditions TEXT NOT NULL, adjustment TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX pricing_rules_by_offering ON pricing_rules (tenant_id, offering_id, id);
DROP INDEX occupancy_in_range;
ALTER TABLE occupancy RENAME COLUMN item_id TO holder;
ALTER TABLE occupancy ADD COLUMN capacity_key TEXT NOT NULL DEFAULT '';
ALTER TABLE occupancy ADD COLUMN expires_at BIGINT;
UPDATE occupancy SET capacity_key = offering_id;
CREATE INDEX occupancy_in_range ON occupancy (tenant_id, capacity_key, starts_at, ends_at, quantity, status, expires_at, offering_id, holder);
ALTER TABLE occupancy_locks RENAME COLUMN offering_id TO capacity_key;
CREATE TABLE holds (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, offering_id TEXT NOT NULL, starts_at BIGINT NOT NULL, ends_at BIGINT NOT NULL,
  quantity INTEGER NOT NULL, client TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX holds_by_client ON holds (tenant_id, client, expires_at);
CREATE INDEX holds_by_expiry ON holds (expires_at, tenant_id, id);
CREATE TABLE risk_policies (tenant_id TEXT PRIMARY KEY, policy TEXT NOT NULL);
CREATE TABLE attempts (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, email TEXT, ip TEXT, device TEXT, card TEXT, at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX attempts_by_email ON attempts (tenant_id, kind, email, at) WHERE email IS NOT NULL;
CREATE INDEX attempts_by_ip ON attempts (tenant_id, kind, ip, at) WHERE ip IS NOT NULL;
CREATE INDEX attempts_by_device ON attempts (tenant_id, kind, device, at) WHERE device IS NOT NULL;
CREATE INDEX attempts_by_card ON attempts (tenant_id, kind, card, at) WHERE card IS NOT NULL;
CREATE INDEX attempts_by_age ON attempts (at);
)sql";

// For several servers on one database: claims carry their turn at the lock (the index leads with it, so that no reader of a
// range takes it for the covering one). An address is found by a plain column, since
// PostgreSQL uses no index on an expression under row-level security (lower() is not leakproof).
constexpr std::string_view step_3 = R"sql(
ALTER TABLE occupancy ADD COLUMN turn BIGINT;
CREATE UNIQUE INDEX occupancy_turns ON occupancy (tenant_id, turn, capacity_key);
ALTER TABLE customers ADD COLUMN folded_email TEXT NOT NULL DEFAULT '';
UPDATE customers SET folded_email = lower(email);
DROP INDEX customers_by_email;
CREATE INDEX customers_by_email ON customers (tenant_id, folded_email, id);
)sql";

// A claim is made only by the transaction that holds the lock, which is noted beside it; so claims need no turns any more (the column
// stays for servers that still write it).
constexpr std::string_view step_4 = R"sql(
ALTER TABLE occupancy_locks ADD COLUMN locked_by BIGINT NOT NULL DEFAULT 0;
DROP INDEX occupancy_turns;
)sql";

// Webhooks: subscriptions, what they are owed and what was tried; notifications. Events get a place in the order of their commits.
constexpr std::string_view step_5 = R"sql(
ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_in_order ON events (tenant_id, position, id);
CREATE TABLE webhooks (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, url TEXT NOT NULL, description TEXT NOT NULL, events TEXT NOT NULL, status TEXT NOT NULL,
  disabled_reason TEXT, disabled_at BIGINT, secret TEXT NOT NULL, next_secret TEXT, rotated_at BIGINT, old_secret TEXT,
  old_secret_expires_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX webhooks_by_id ON webhooks (id, tenant_id, status);
CREATE TABLE webhook_endpoints (
  tenant_id TEXT NOT NULL, webhook_id TEXT NOT NULL, owner TEXT NOT NULL, owned_until BIGINT NOT NULL, failures INTEGER NOT NULL,
  failing_since BIGINT, open_until BIGINT,
  PRIMARY KEY (tenant_id, webhook_id)
);
CREATE INDEX webhook_endpoints_owned ON webhook_endpoints (owner);
CREATE INDEX webhook_endpoints_open ON webhook_endpoints (open_until) WHERE open_until IS NOT NULL;
CREATE TABLE deliveries (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, webhook_id TEXT NOT NULL, event_id TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL,
  position BIGINT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL, attempts_before INTEGER NOT NULL, lane INTEGER NOT NULL,
  next_attempt_at BIGINT, last_status INTEGER, last_error TEXT, created_at BIGINT NOT NULL, finished_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX deliveries_by_webhook ON deliveries (tenant_id, webhook_id, id);
CREATE INDEX deliveries_queue ON deliveries (webhook_id, tenant_id, lane, next_attempt_at, id, created_at) WHERE status = 'PENDING';
CREATE INDEX deliveries_by_subject ON deliveries (tenant_id, webhook_id, subject, position, event_id) WHERE status = 'PENDING';
CREATE INDEX deliveries_by_age ON deliveries (created_at);
CREATE TABLE delivery_attempts (
  tenant_id TEXT NOT NULL, delivery_id TEXT NOT NULL, number INTEGER NOT NULL, at BIGINT NOT NULL, status INTEGER, failure TEXT,
  detail TEXT NOT NULL, address TEXT NOT NULL, body TEXT NOT NULL, truncated INTEGER NOT NULL, resolve_us INTEGER NOT NULL,
  connect_us INTEGER NOT NULL, secure_us INTEGER NOT NULL, total_us INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, delivery_id, number)
);
CREATE TABLE notifications (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, customer_id TEXT, kind TEXT NOT NULL, title TEXT NOT NULL, link TEXT NOT NULL,
  subject TEXT NOT NULL, created_at BIGINT NOT NULL, read_at BIGINT, recipient TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX notifications_by_recipient ON notifications (tenant_id, recipient, id);
CREATE INDEX notifications_unread ON notifications (tenant_id, recipient, id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (created_at);
)sql";

// Money and trust. Gateways know payments by ids of their own, which lead to the tenant like key prefixes do. Platform admins stand
// above tenants, so their two tables name none. Documents of a business lie apart from their names, which are listed.
constexpr std::string_view step_6 = R"sql(
ALTER TABLE bookings ADD COLUMN ended_by TEXT;
ALTER TABLE offerings ADD COLUMN rating_sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN purpose TEXT NOT NULL DEFAULT 'BOOKING';
ALTER TABLE payments ADD COLUMN refunding_cents BIGINT NOT NULL DEFAULT 0 CHECK (refunding_cents >= 0);
ALTER TABLE payments ADD COLUMN excess_cents BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN gateway_id TEXT;
ALTER TABLE payments ADD COLUMN failure_code TEXT;
ALTER TABLE payments ADD COLUMN failure_message TEXT;
ALTER TABLE payments ADD COLUMN check_at BIGINT;
ALTER TABLE payments ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
CREATE INDEX payments_due ON payments (check_at, tenant_id, id) WHERE check_at IS NOT NULL;
CREATE TABLE gateway_payments (
  provider TEXT NOT NULL, gateway_id TEXT NOT NULL, tenant_id TEXT NOT NULL, payment_id TEXT NOT NULL,
  PRIMARY KEY (provider, gateway_id)
);
CREATE TABLE gateway_events (
  tenant_id TEXT NOT NULL, provider TEXT NOT NULL, event_id TEXT NOT NULL, received_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, provider, event_id)
);
CREATE INDEX gateway_events_by_age ON gateway_events (received_at);
CREATE TABLE refunds (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, booking_id TEXT NOT NULL, payment_id TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
  amount_cents BIGINT NOT NULL CHECK (amount_cents > 0), currency TEXT NOT NULL, gateway_id TEXT, failure_code TEXT, failure_message TEXT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, check_at BIGINT, checks INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX refunds_by_booking ON refunds (tenant_id, booking_id, id);
CREATE INDEX refunds_due ON refunds (check_at, tenant_id, id) WHERE check_at IS NOT NULL;
CREATE TABLE subscriptions (
  tenant_id TEXT NOT NULL, booking_id TEXT NOT NULL, status TEXT NOT NULL, billing_interval TEXT NOT NULL, amount_cents BIGINT NOT NULL,
  currency TEXT NOT NULL, provider TEXT NOT NULL, saved_customer TEXT NOT NULL, saved_method TEXT NOT NULL, time_zone TEXT NOT NULL,
  started_at BIGINT NOT NULL, periods INTEGER NOT NULL, paid_until BIGINT NOT NULL, failures INTEGER NOT NULL, payment_id TEXT,
  next_renewal_at BIGINT, ended_at BIGINT,
  PRIMARY KEY (tenant_id, booking_id)
);
CREATE INDEX subscriptions_due ON subscriptions (next_renewal_at, tenant_id, booking_id) WHERE next_renewal_at IS NOT NULL;
CREATE TABLE reviews (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, offering_id TEXT NOT NULL, booking_id TEXT NOT NULL, item_id TEXT NOT NULL,
  customer_id TEXT NOT NULL, author TEXT NOT NULL, rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5), title TEXT, text TEXT,
  reply TEXT, replied_at BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX reviews_one_each ON reviews (tenant_id, offering_id, customer_id);
CREATE INDEX reviews_by_offering ON reviews (tenant_id, offering_id, id);
CREATE INDEX reviews_by_customer ON reviews (tenant_id, customer_id, id);
CREATE INDEX reviews_by_age ON reviews (tenant_id, created_at, rating);
CREATE TABLE disputes (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, booking_id TEXT NOT NULL, customer_id TEXT NOT NULL, offering_title TEXT NOT NULL,
  category TEXT NOT NULL, reason TEXT NOT NULL, evidence_urls TEXT NOT NULL, opened_by TEXT NOT NULL, opened_by_id TEXT NOT NULL,
  status TEXT NOT NULL, resolution TEXT, note TEXT, refund_cents BIGINT, currency TEXT NOT NULL, resolved_by TEXT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, escalated_at BIGINT, closed_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX disputes_by_booking ON disputes (tenant_id, booking_id, id);
CREATE UNIQUE INDEX disputes_one_each ON disputes (tenant_id, booking_id) WHERE status <> 'WITHDRAWN';
CREATE INDEX disputes_by_customer ON disputes (tenant_id, customer_id, opened_by);
CREATE INDEX disputes_by_status ON disputes (tenant_id, status, id);
CREATE INDEX disputes_of_all ON disputes (status, id, tenant_id);
CREATE INDEX disputes_by_id ON disputes (id, tenant_id);
CREATE TABLE dispute_messages (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, dispute_id TEXT NOT NULL, author_role TEXT NOT NULL, author_id TEXT NOT NULL, text TEXT NOT NULL,
  evidence_urls TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX dispute_messages_by_dispute ON dispute_messages (tenant_id, dispute_id, id);
CREATE TABLE kyb_submissions (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, legal_name TEXT NOT NULL, registration_number TEXT NOT NULL, country TEXT NOT NULL,
  insurance INTEGER NOT NULL, deposit_policy INTEGER NOT NULL, terms INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT,
  submitted_by TEXT NOT NULL, decided_by TEXT NOT NULL, created_at BIGINT NOT NULL, decided_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX kyb_submissions_of_all ON kyb_submissions (status, id, tenant_id);
CREATE TABLE kyb_documents (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, kyb_id TEXT, kind TEXT NOT NULL, file_name TEXT NOT NULL, content_type TEXT NOT NULL,
  size BIGINT NOT NULL, sha256 TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX kyb_documents_by_submission ON kyb_documents (tenant_id, kyb_id, id);
CREATE TABLE kyb_contents (
  tenant_id TEXT NOT NULL, document_id TEXT NOT NULL, key_name TEXT NOT NULL, sealed TEXT NOT NULL,
  PRIMARY KEY (tenant_id, document_id)
);
CREATE TABLE admins (
  id TEXT PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, secret_hash TEXT NOT NULL, created_at BIGINT NOT NULL,
  last_used_at BIGINT, revoked_at BIGINT
);
CREATE UNIQUE INDEX admins_by_prefix ON admins (prefix);
CREATE TABLE admin_actions (
  id TEXT PRIMARY KEY, admin_id TEXT, action TEXT NOT NULL, about_tenant TEXT, subject TEXT NOT NULL, detail TEXT NOT NULL,
  request_id TEXT NOT NULL, at BIGINT NOT NULL
);
CREATE INDEX admin_actions_by_tenant ON admin_actions (about_tenant, id);
CREATE TABLE audit_log (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, actor TEXT NOT NULL, actor_id TEXT NOT NULL, request_id TEXT NOT NULL, action TEXT NOT NULL,
  subject TEXT NOT NULL, detail TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_by_subject ON audit_log (tenant_id, subject, id);
CREATE TABLE tenant_scores (
  tenant_id TEXT PRIMARY KEY, place BIGINT NOT NULL, rating_sum BIGINT NOT NULL, rating_count BIGINT NOT NULL, pending_count BIGINT NOT NULL,
  decided_within_24h BIGINT NOT NULL, decided BIGINT NOT NULL, confirmed BIGINT NOT NULL, computed_at BIGINT NOT NULL
);
CREATE INDEX tenant_scores_ranking ON tenant_scores (place, tenant_id);
CREATE INDEX tenant_scores_by_age ON tenant_scores (computed_at, tenant_id);
)sql";

// How storefronts look; mails that are owed; by what customers come in without a password.
constexpr std::string_view step_7 = R"sql(
CREATE TABLE brandings (tenant_id TEXT PRIMARY KEY, branding TEXT NOT NULL);
CREATE TABLE mails (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL, next_attempt_at BIGINT, last_error TEXT, created_at BIGINT NOT NULL, sent_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mails_due ON mails (next_attempt_at, tenant_id, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX mails_by_age ON mails (created_at);
CREATE TABLE customer_passes (
  tenant_id TEXT NOT NULL, token_hash TEXT NOT NULL, kind TEXT NOT NULL, email TEXT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX customer_passes_by_email ON customer_passes (tenant_id, email, expires_at);
CREATE INDEX customer_passes_by_expiry ON customer_passes (expires_at, tenant_id, token_hash);
)sql";

// The people behind a business, by what they come in, and who made a key; sessions of the platform's admins.
constexpr std::string_view step_8 = R"sql(
CREATE TABLE members (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
  password_hash TEXT NOT NULL, email_verified INTEGER NOT NULL, totp_enabled INTEGER NOT NULL, totp_secret TEXT NOT NULL,
  totp_last_step BIGINT NOT NULL, recovery_codes TEXT NOT NULL, external_id TEXT NOT NULL, invited_by TEXT, created_at BIGINT NOT NULL,
  last_seen_at BIGINT, deactivated_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX members_by_email ON members (tenant_id, email);
CREATE TABLE member_passes (
  tenant_id TEXT NOT NULL, token_hash TEXT NOT NULL, kind TEXT NOT NULL, member_id TEXT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX member_passes_by_member ON member_passes (tenant_id, member_id, kind);
CREATE INDEX member_passes_by_expiry ON member_passes (expires_at, tenant_id, token_hash);
CREATE TABLE member_sessions (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, token_hash TEXT NOT NULL, member_id TEXT NOT NULL, user_agent TEXT NOT NULL,
  address TEXT NOT NULL, created_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX member_sessions_by_token ON member_sessions (tenant_id, token_hash);
CREATE INDEX member_sessions_by_member ON member_sessions (tenant_id, member_id, id);
CREATE INDEX member_sessions_by_expiry ON member_sessions (expires_at, tenant_id, id);
CREATE TABLE admin_sessions (
  token_hash TEXT PRIMARY KEY, admin_id TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX admin_sessions_by_expiry ON admin_sessions (expires_at);
ALTER TABLE api_keys ADD COLUMN created_by TEXT;
CREATE INDEX booking_items_by_start ON booking_items (tenant_id, starts_at, booking_id);
CREATE INDEX api_keys_by_member ON api_keys (tenant_id, created_by) WHERE created_by IS NOT NULL;
)sql";

// Imports, whose files lie in parts (base64, since they may hold any bytes) until they are finished; custom domains, each of which one
// tenant alone has verified; what opens calendars. A booking counts its changes, for calendars.
constexpr std::string_view step_9 = R"sql(
CREATE TABLE imports (
  tenant_id TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, dry_run INTEGER NOT NULL, file_name TEXT, all_rows INTEGER NOT NULL,
  rows_done INTEGER NOT NULL, offerings INTEGER NOT NULL, availability_rules INTEGER NOT NULL, faults TEXT NOT NULL,
  fault_count INTEGER NOT NULL, created_at BIGINT NOT NULL, finished_at BIGINT, next_attempt_at BIGINT, attempts INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX imports_due ON imports (next_attempt_at, tenant_id, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX imports_by_age ON imports (finished_at, tenant_id, id) WHERE finished_at IS NOT NULL;
CREATE TABLE import_parts (
  tenant_id TEXT NOT NULL, import_id TEXT NOT NULL, part INTEGER NOT NULL, bytes TEXT NOT NULL,
  PRIMARY KEY (tenant_id, import_id, part)
);
CREATE TABLE domains (
  tenant_id TEXT PRIMARY KEY, domain TEXT NOT NULL, status TEXT NOT NULL, failure TEXT, found TEXT, checked_at BIGINT, verified_at BIGINT,
  misses INTEGER NOT NULL, next_check_at BIGINT NOT NULL, created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX domains_verified ON domains (domain) WHERE status = 'VERIFIED';
CREATE INDEX domains_due ON domains (next_check_at, tenant_id);
CREATE TABLE calendar_tokens (
  tenant_id TEXT NOT NULL, token_hash TEXT NOT NULL, owner_kind TEXT NOT NULL, owner_id TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, token_hash)
);
CREATE UNIQUE INDEX calendar_tokens_by_owner ON calendar_tokens (tenant_id, owner_kind, owner_id);
CREATE UNIQUE INDEX calendar_tokens_by_hash ON calendar_tokens (token_hash);
ALTER TABLE bookings ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
CREATE INDEX bookings_by_end ON bookings (tenant_id, last_ends_at, id);
CREATE INDEX bookings_by_coupon ON bookings (tenant_id, coupon_id, id) WHERE coupon_id IS NOT NULL;
CREATE INDEX bookings_in_review_of_all ON bookings (id, tenant_id) WHERE risk_review_status = 'PENDING';
)sql";

// The languages of tenants, and what their texts are in them: one row for each subject and language, which is also the job.
constexpr std::string_view step_10 = R"sql(
CREATE TABLE tenant_locales (
  tenant_id TEXT NOT NULL, locale TEXT NOT NULL, created_at BIGINT NOT NULL, sweep_at BIGINT, sweep_place TEXT NOT NULL,
  PRIMARY KEY (tenant_id, locale)
);
CREATE INDEX tenant_locales_due ON tenant_locales (sweep_at, tenant_id, locale) WHERE sweep_at IS NOT NULL;
CREATE TABLE translations (
  tenant_id TEXT NOT NULL, subject_id TEXT NOT NULL, locale TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, texts TEXT NOT NULL,
  overridden INTEGER NOT NULL, generation BIGINT NOT NULL, attempts INTEGER NOT NULL, next_attempt_at BIGINT, last_error TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, subject_id, locale)
);
CREATE INDEX translations_due ON translations (next_attempt_at, tenant_id, subject_id, locale) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX translations_by_state ON translations (tenant_id, locale, state, subject_id);
)sql";

// What offerings are found by: an index of terms that the engine makes, in plain tables, so that both databases, their walls, their
// archives and the moves of tenants keep it as they keep everything else. Offerings that are there already wait to be taken in.
constexpr std::string_view step_11 = R"sql(
CREATE TABLE search_terms (
  tenant_id TEXT NOT NULL, offering_id TEXT NOT NULL, locale TEXT NOT NULL, term TEXT NOT NULL, weight INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, offering_id, locale, term)
);
CREATE INDEX search_terms_by_term ON search_terms (tenant_id, term, weight DESC, offering_id DESC, locale);
CREATE TABLE search_pending (
  tenant_id TEXT NOT NULL, offering_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, offering_id)
);
INSERT INTO search_pending SELECT tenant_id, id FROM offerings WHERE deleted_at IS NULL;
)sql";

// What a language model has cost a tenant, by day of UTC (days since 1970).
constexpr std::string_view step_12 = R"sql(
CREATE TABLE assistant_usage (
  tenant_id TEXT NOT NULL, day INTEGER NOT NULL, requests BIGINT NOT NULL, prompt_tokens BIGINT NOT NULL, completion_tokens BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
)sql";

// What a coupon gives, in words.
constexpr std::string_view step_13 = R"sql(
ALTER TABLE coupons ADD COLUMN description TEXT;
)sql";

constexpr std::string_view all[] = {step_1, step_2, step_3,  step_4,  step_5,  step_6, step_7,
                                    step_8, step_9, step_10, step_11, step_12, step_13};

} // namespace

std::span<const std::string_view> migrations() { return all; }

} // namespace orkestr::inline v1::storage::sql
