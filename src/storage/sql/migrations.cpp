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

constexpr std::string_view all[] = {step_1, step_2, step_3};

} // namespace

std::span<const std::string_view> migrations() { return all; }

} // namespace orkestr::inline v1::storage::sql
