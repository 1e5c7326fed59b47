#include "adapters/archive/check.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage::archive {
namespace {

constexpr std::size_t most_of_a_kind = 1000;

/// Each row that `faults` finds is a contradiction: whose tenant's, in which row, and what it is.
struct Rule {
  std::string_view table;
  std::string_view faults;
};

// For both databases. What stands together is joined on (tenant_id, …), as the keys and indexes are.
constexpr Rule rules[] = {
    // ---- what is taken
    {"occupancy", R"sql(
SELECT i.tenant_id, i.id, 'the booking ' || b.id || ' is ' || b.status || ', but this item of it takes nothing'
FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
LEFT JOIN occupancy o ON o.tenant_id = i.tenant_id AND o.holder = i.id
WHERE b.status IN ('PENDING', 'CONFIRMED') AND o.holder IS NULL)sql"},
    {"occupancy", R"sql(
SELECT i.tenant_id, i.id, 'what is taken is not what the booking ' || b.id || ' says: another time, quantity, offering or status'
FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
JOIN occupancy o ON o.tenant_id = i.tenant_id AND o.holder = i.id
WHERE b.status IN ('PENDING', 'CONFIRMED') AND (o.starts_at <> i.starts_at OR o.ends_at <> i.ends_at OR o.quantity <> i.quantity
  OR o.offering_id <> i.offering_id OR o.status <> b.status OR o.expires_at IS NOT NULL))sql"},
    {"occupancy", R"sql(
SELECT o.tenant_id, o.holder, 'it is taken for a booking that is ' || b.status
FROM occupancy o JOIN booking_items i ON i.tenant_id = o.tenant_id AND i.id = o.holder
JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
WHERE b.status NOT IN ('PENDING', 'CONFIRMED'))sql"},
    {"occupancy", R"sql(
SELECT o.tenant_id, o.holder, 'it is taken for no booking and no hold'
FROM occupancy o LEFT JOIN booking_items i ON i.tenant_id = o.tenant_id AND i.id = o.holder
LEFT JOIN holds h ON h.tenant_id = o.tenant_id AND h.id = o.holder
WHERE i.id IS NULL AND h.id IS NULL)sql"},
    {"holds", R"sql(
SELECT h.tenant_id, h.id, 'the hold takes nothing, or not what it says'
FROM holds h LEFT JOIN occupancy o ON o.tenant_id = h.tenant_id AND o.holder = h.id
WHERE o.holder IS NULL OR o.starts_at <> h.starts_at OR o.ends_at <> h.ends_at OR o.quantity <> h.quantity OR o.status <> 'HELD'
  OR o.expires_at IS NULL OR o.expires_at <> h.expires_at)sql"},
    {"occupancy_locks", R"sql(
SELECT o.tenant_id, o.capacity_key, 'what is taken was never locked, or is longer than the longest known'
FROM (SELECT tenant_id, capacity_key, max(ends_at - starts_at) AS longest
  FROM occupancy GROUP BY tenant_id, capacity_key) o
LEFT JOIN occupancy_locks l ON l.tenant_id = o.tenant_id AND l.capacity_key = o.capacity_key
WHERE l.capacity_key IS NULL OR l.longest_ms < o.longest OR l.version < 1)sql"},
    // ---- bookings
    {"bookings", R"sql(
SELECT b.tenant_id, b.id, 'last_ends_at is ' || CAST(b.last_ends_at AS TEXT) || ', the last item ends at ' || CAST(i.last AS TEXT)
FROM bookings b JOIN (SELECT tenant_id, booking_id, max(ends_at) AS last FROM booking_items GROUP BY tenant_id, booking_id) i
  ON i.tenant_id = b.tenant_id AND i.booking_id = b.id
WHERE b.last_ends_at <> i.last)sql"},
    {"bookings", R"sql(
SELECT b.tenant_id, b.id, 'the booking has no item'
FROM bookings b LEFT JOIN booking_items i ON i.tenant_id = b.tenant_id AND i.booking_id = b.id WHERE i.id IS NULL)sql"},
    {"bookings", R"sql(
SELECT b.tenant_id, b.id, 'its customer ' || b.customer_id || ' is missing'
FROM bookings b LEFT JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id WHERE c.id IS NULL)sql"},
    {"bookings", R"sql(
SELECT tenant_id, id, 'it is ' || status || ', but its instants say otherwise'
FROM bookings WHERE (status = 'CONFIRMED' AND confirmed_at IS NULL) OR (status = 'COMPLETED' AND completed_at IS NULL)
  OR (status = 'CANCELLED' AND cancelled_at IS NULL) OR (status <> 'PENDING' AND payment_due_at IS NOT NULL))sql"},
    {"booking_items", R"sql(
SELECT i.tenant_id, i.id, 'its booking ' || i.booking_id || ' is missing'
FROM booking_items i LEFT JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id WHERE b.id IS NULL)sql"},
    {"booking_items", R"sql(
SELECT i.tenant_id, i.id, 'its offering ' || i.offering_id || ' is missing'
FROM booking_items i LEFT JOIN offerings f ON f.tenant_id = i.tenant_id AND f.id = i.offering_id WHERE f.id IS NULL)sql"},
    {"payments", R"sql(
SELECT p.tenant_id, p.id, 'its booking ' || p.booking_id || ' is missing'
FROM payments p LEFT JOIN bookings b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id WHERE b.id IS NULL)sql"},
    // ---- coupons
    {"coupons", R"sql(
SELECT c.tenant_id, c.id, 'redeemed_count is ' || CAST(c.redeemed_count AS TEXT) || ', it was redeemed ' || CAST(coalesce(r.n, 0) AS TEXT)
  || ' times'
FROM coupons c LEFT JOIN (SELECT tenant_id, coupon_id, count(*) AS n FROM coupon_redemptions GROUP BY tenant_id, coupon_id) r
  ON r.tenant_id = c.tenant_id AND r.coupon_id = c.id
WHERE c.redeemed_count <> coalesce(r.n, 0))sql"},
    {"coupons", R"sql(
SELECT tenant_id, id, 'redeemed_count is ' || CAST(redeemed_count AS TEXT)
  || ', at most ' || CAST(max_redemptions AS TEXT) || ' were allowed'
FROM coupons WHERE redeemed_count > max_redemptions)sql"},
    {"coupon_redemptions", R"sql(
SELECT r.tenant_id, r.coupon_id, 'its coupon or its booking ' || r.booking_id || ' is missing'
FROM coupon_redemptions r LEFT JOIN coupons c ON c.tenant_id = r.tenant_id AND c.id = r.coupon_id
LEFT JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id AND b.coupon_id = r.coupon_id
WHERE c.id IS NULL OR b.id IS NULL)sql"},
    // Cancelled before it was confirmed, a booking has given its coupon back.
    {"coupon_redemptions", R"sql(
SELECT b.tenant_id, b.id, 'the booking used the coupon ' || b.coupon_id || ', which does not say so'
FROM bookings b LEFT JOIN coupon_redemptions r ON r.tenant_id = b.tenant_id AND r.coupon_id = b.coupon_id AND r.booking_id = b.id
WHERE b.coupon_id IS NOT NULL AND r.booking_id IS NULL AND (b.status IN ('PENDING', 'CONFIRMED', 'COMPLETED') OR b.confirmed_at IS NOT NULL))sql"},
    // ---- events
    {"events", R"sql(
SELECT b.tenant_id, b.id, 'the booking has ' || CAST(coalesce(e.n, 0) AS TEXT) || ' booking.created events, not one'
FROM bookings b LEFT JOIN (SELECT tenant_id, subject, count(*) AS n FROM events WHERE type = 'booking.created' GROUP BY tenant_id, subject) e
  ON e.tenant_id = b.tenant_id AND e.subject = b.id
WHERE coalesce(e.n, 0) <> 1)sql"},
    {"events", R"sql(
SELECT e.tenant_id, e.id, 'it is a ' || e.type || ' of the booking ' || e.subject || ', which is missing'
FROM events e LEFT JOIN bookings b ON b.tenant_id = e.tenant_id AND b.id = e.subject
WHERE e.type LIKE 'booking.%' AND b.id IS NULL)sql"},
    // ---- reviews and disputes
    {"offerings", R"sql(
SELECT f.tenant_id, f.id, 'its ratings are ' || CAST(f.review_count AS TEXT) || ' that sum up to ' || CAST(f.rating_sum AS TEXT)
  || ', its reviews have ' || CAST(coalesce(r.n, 0) AS TEXT) || ' that sum up to ' || CAST(coalesce(r.total, 0) AS TEXT)
  || ', or its average is not theirs'
FROM offerings f LEFT JOIN (SELECT tenant_id, offering_id, count(*) AS n, sum(rating) AS total FROM reviews GROUP BY tenant_id, offering_id) r
  ON r.tenant_id = f.tenant_id AND r.offering_id = f.id
WHERE f.review_count <> coalesce(r.n, 0) OR f.rating_sum <> coalesce(r.total, 0)
  OR coalesce(f.rating_average, 0) <> CASE WHEN f.review_count > 0
    THEN CAST((200 * f.rating_sum + f.review_count) / (2 * f.review_count) AS DOUBLE PRECISION) / 100 ELSE 0 END)sql"},
    {"reviews", R"sql(
SELECT r.tenant_id, r.id, 'its booking ' || r.booking_id || ' has no such item of its offering, or another customer'
FROM reviews r LEFT JOIN booking_items i ON i.tenant_id = r.tenant_id AND i.id = r.item_id AND i.booking_id = r.booking_id
  AND i.offering_id = r.offering_id
LEFT JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id AND b.customer_id = r.customer_id
WHERE i.id IS NULL OR b.id IS NULL)sql"},
    {"disputes", R"sql(
SELECT d.tenant_id, d.id, 'its booking ' || d.booking_id || ' is missing, or has another customer'
FROM disputes d LEFT JOIN bookings b ON b.tenant_id = d.tenant_id AND b.id = d.booking_id AND b.customer_id = d.customer_id
WHERE b.id IS NULL)sql"},
    {"disputes", R"sql(
SELECT tenant_id, id, 'it is ' || status || ', but what it came to says otherwise'
FROM disputes WHERE (closed_at IS NULL) <> (status IN ('OPEN', 'ESCALATED')) OR (resolution IS NULL) = (status = 'RESOLVED')
  OR (refund_cents IS NULL) = (coalesce(resolution, '') = 'REFUND'))sql"},
    {"dispute_messages", R"sql(
SELECT m.tenant_id, m.id, 'its dispute ' || m.dispute_id || ' is missing'
FROM dispute_messages m LEFT JOIN disputes d ON d.tenant_id = m.tenant_id AND d.id = m.dispute_id WHERE d.id IS NULL)sql"},
    // ---- what is owed to webhooks
    {"deliveries", R"sql(
SELECT d.tenant_id, d.id, 'its event ' || d.event_id || ' is missing, or has another place'
FROM deliveries d LEFT JOIN events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
WHERE e.id IS NULL OR e.position <> d.position)sql"},
    {"deliveries", R"sql(
SELECT tenant_id, id, 'it is ' || status || ', but its instants say otherwise'
FROM deliveries WHERE (status = 'PENDING' AND (next_attempt_at IS NULL OR finished_at IS NOT NULL))
  OR (status <> 'PENDING' AND (next_attempt_at IS NOT NULL OR finished_at IS NULL)))sql"},
    {"deliveries", R"sql(
SELECT tenant_id, id, 'it waits in lane ' || CAST(lane AS TEXT) || ' after ' || CAST(attempts AS TEXT) || ' attempts, '
  || CAST(attempts_before AS TEXT) || ' of them before it was replayed'
FROM deliveries WHERE attempts < attempts_before OR lane <> CASE WHEN attempts > attempts_before THEN 1 ELSE 0 END)sql"},
    {"deliveries", R"sql(
SELECT d.tenant_id, d.id, 'it is PENDING, but its webhook ' || d.webhook_id || ' is ' || coalesce(w.status, 'missing')
FROM deliveries d LEFT JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
WHERE d.status = 'PENDING' AND (w.id IS NULL OR w.status <> 'ACTIVE'))sql"},
    {"delivery_attempts", R"sql(
SELECT a.tenant_id, a.delivery_id, 'it is attempt ' || CAST(a.number AS TEXT) || ' of a delivery that is missing'
FROM delivery_attempts a LEFT JOIN deliveries d ON d.tenant_id = a.tenant_id AND d.id = a.delivery_id WHERE d.id IS NULL)sql"},
    {"notifications", R"sql(
SELECT tenant_id, id, 'it is for ' || coalesce(customer_id, 'the provider') || ', but ' || CASE WHEN recipient = '' THEN 'the provider'
  ELSE recipient END || ' is shown it'
FROM notifications WHERE recipient <> coalesce(customer_id, ''))sql"},
    {"mails", R"sql(
SELECT tenant_id, id, 'it is ' || state || ', but its instants or its text say otherwise'
FROM mails WHERE (state = 'QUEUED') <> (next_attempt_at IS NOT NULL) OR (state = 'SENT') <> (sent_at IS NOT NULL)
  OR (state = 'QUEUED') = (body = ''))sql"},
    // ---- imports, domains, calendars
    {"imports", R"sql(
SELECT tenant_id, id, 'it is ' || status || ', but its instants say otherwise'
FROM imports WHERE (status IN ('CHECKING', 'WRITING')) <> (next_attempt_at IS NOT NULL) OR (next_attempt_at IS NULL) <> (finished_at IS NOT NULL))sql"},
    {"import_parts", R"sql(
SELECT p.tenant_id, p.import_id, 'a part of a file that is not under way'
FROM import_parts p LEFT JOIN imports i ON i.tenant_id = p.tenant_id AND i.id = p.import_id WHERE i.id IS NULL OR i.next_attempt_at IS NULL)sql"},
    {"domains", R"sql(
SELECT d.tenant_id, d.domain, 'it is ' || d.status || ', but the tenant shows ' || coalesce(t.custom_domain, 'none')
FROM domains d JOIN tenants t ON t.tenant_id = d.tenant_id AND t.id = d.tenant_id
WHERE coalesce(t.custom_domain, '') <> CASE WHEN d.status = 'VERIFIED' THEN d.domain ELSE '' END)sql"},
    {"domains", R"sql(
SELECT t.tenant_id, t.id, 'the tenant shows the domain ' || t.custom_domain || ', which it does not have'
FROM tenants t LEFT JOIN domains d ON d.tenant_id = t.tenant_id WHERE t.custom_domain IS NOT NULL AND d.tenant_id IS NULL)sql"},
    // ---- languages
    {"translations", R"sql(
SELECT tenant_id, subject_id, 'into ' || locale || ' it is ' || state || ', but its next attempt says otherwise'
FROM translations WHERE (state IN ('TRANSLATED', 'STALE')) <> (next_attempt_at IS NULL))sql"},
    {"translations", R"sql(
SELECT r.tenant_id, r.subject_id, 'into ' || r.locale || ' a machine made it, but the language is not enabled'
FROM translations r LEFT JOIN tenant_locales l ON l.tenant_id = r.tenant_id AND l.locale = r.locale
WHERE l.locale IS NULL AND r.overridden = 0)sql"},
    // ---- tenants and what finds them
    {"tenants", R"sql(
SELECT t.tenant_id, t.id, 'its subdomain ' || t.subdomain || ' does not lead to it'
FROM tenants t LEFT JOIN subdomains s ON s.subdomain = t.subdomain AND s.tenant_id = t.id WHERE s.subdomain IS NULL)sql"},
    {"subdomains", R"sql(
SELECT s.tenant_id, s.subdomain, 'its tenant has another subdomain'
FROM subdomains s JOIN tenants t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id WHERE t.subdomain <> s.subdomain)sql"},
    {"api_keys", R"sql(
SELECT k.tenant_id, k.id, 'its prefix ' || k.prefix || ' does not lead to it'
FROM api_keys k LEFT JOIN api_key_prefixes p ON p.prefix = k.prefix AND p.tenant_id = k.tenant_id AND p.key_id = k.id
WHERE p.prefix IS NULL)sql"},
    {"api_key_prefixes", R"sql(
SELECT p.tenant_id, p.prefix, 'its key ' || p.key_id || ' is missing or has another prefix'
FROM api_key_prefixes p LEFT JOIN api_keys k ON k.tenant_id = p.tenant_id AND k.id = p.key_id AND k.prefix = p.prefix
WHERE k.id IS NULL)sql"},
};

void run(sql::Connection& db, std::string_view table, std::string_view sql, CheckReport& report) {
  const sql::Use rows(db, sql, sql::Use::EveryTenant{});
  std::size_t found = 0;
  while (rows->step())
    if (++found <= most_of_a_kind)
      report.violations.push_back(std::string{table} + ": " + std::string{rows->text(1)} + " of " + std::string{rows->text(0)} + ": " +
                                  std::string{rows->text(2)});
  if (found > most_of_a_kind)
    report.violations.push_back(std::string{table} + ": and " + std::to_string(found - most_of_a_kind) + " more of this kind");
}

} // namespace

void check_rows(sql::Connection& db, const std::vector<sql::Table>& tables, CheckReport& report) {
  for (const auto& table : tables) report.counts.push_back({table.name, sql::count_rows(db, table, {})});
  for (const auto& [table, faults] : rules) run(db, table, faults, report);
  for (const auto& table : tables) {
    // Tables of the platform (its admins) are no tenant's.
    if (table.name == "tenants" || std::ranges::find(table.columns, "tenant_id", &sql::Column::name) == table.columns.end()) continue;
    const std::string& key = table.key.back();
    run(db, table.name,
        "SELECT x.tenant_id, x." + key + ", 'its tenant is missing' FROM " + table.name +
            " x LEFT JOIN tenants t ON t.tenant_id = x.tenant_id AND t.id = x.tenant_id WHERE t.id IS NULL",
        report);
  }
}

} // namespace orkestr::inline v1::storage::archive
