// Faults planted in a sound store, each of which the check must name.
#include "storage/archive/support.hpp"

namespace orkestr::archive_test {
namespace {

struct Fault {
  std::string_view sql, says; ///< what is done to the rows, and how a line about it begins
};

// In SQL that both databases take; ids are picked by their order.
constexpr Fault faults[] = {
    {"DELETE FROM occupancy WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')", "occupancy: bki_"},
    {"DELETE FROM occupancy WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'PENDING')", "occupancy: bki_"},
    {"UPDATE occupancy SET starts_at = starts_at + 1 WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET ends_at = ends_at - 1 WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET quantity = quantity + 1 WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET status = 'PENDING' WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET expires_at = 1 WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET offering_id = 'off_other' WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"UPDATE occupancy SET holder = 'nobody' WHERE holder = (SELECT max(holder) FROM occupancy WHERE status = 'CONFIRMED')",
     "occupancy: nobody"},
    {"UPDATE bookings SET status = 'COMPLETED', completed_at = 1 WHERE id = (SELECT max(id) FROM bookings WHERE status = 'CONFIRMED')",
     "occupancy: bki_"},
    {"DELETE FROM occupancy WHERE status = 'HELD'", "holds: hld_"},
    {"DELETE FROM holds", "occupancy: hld_"},
    {"UPDATE holds SET quantity = quantity + 1", "holds: hld_"},
    {"UPDATE holds SET expires_at = expires_at + 1", "holds: hld_"},
    {"UPDATE occupancy_locks SET longest_ms = 1", "occupancy_locks: off_"},
    {"UPDATE occupancy_locks SET version = 0", "occupancy_locks: off_"},
    {"DELETE FROM occupancy_locks", "occupancy_locks: off_"},
    {"UPDATE bookings SET last_ends_at = last_ends_at + 1 WHERE id = (SELECT max(id) FROM bookings)", "bookings: bkg_"},
    {"UPDATE bookings SET last_ends_at = 0 WHERE id = (SELECT min(id) FROM bookings)", "bookings: bkg_"},
    {"DELETE FROM booking_items WHERE booking_id = (SELECT min(id) FROM bookings WHERE status = 'COMPLETED')", "bookings: bkg_"},
    {"DELETE FROM bookings WHERE id = (SELECT min(id) FROM bookings WHERE status = 'COMPLETED')", "booking_items: bki_"},
    {"UPDATE booking_items SET offering_id = 'off_other' WHERE id = (SELECT min(id) FROM booking_items)", "booking_items: bki_"},
    {"UPDATE payments SET booking_id = 'bkg_other' WHERE id = (SELECT min(id) FROM payments)", "payments: pay_"},
    {"DELETE FROM customers WHERE id = (SELECT min(customer_id) FROM bookings)", "bookings: bkg_"},
    {"UPDATE bookings SET confirmed_at = NULL WHERE status = 'CONFIRMED'", "bookings: bkg_"},
    {"UPDATE bookings SET completed_at = NULL WHERE status = 'COMPLETED'", "bookings: bkg_"},
    {"UPDATE bookings SET cancelled_at = NULL WHERE status = 'CANCELLED'", "bookings: bkg_"},
    {"UPDATE bookings SET payment_due_at = 1 WHERE status = 'CONFIRMED'", "bookings: bkg_"},
    {"UPDATE coupons SET redeemed_count = redeemed_count + 1 WHERE id = (SELECT min(id) FROM coupons)", "coupons: cpn_"},
    {"UPDATE coupons SET redeemed_count = redeemed_count - 1 WHERE id = (SELECT min(coupon_id) FROM coupon_redemptions)", "coupons: cpn_"},
    {"UPDATE coupons SET max_redemptions = 0 WHERE redeemed_count > 0", "coupons: cpn_"},
    {"DELETE FROM coupons WHERE id = (SELECT min(coupon_id) FROM coupon_redemptions)", "coupon_redemptions: cpn_"},
    {"UPDATE coupon_redemptions SET booking_id = 'bkg_other' WHERE booking_id = (SELECT min(booking_id) FROM coupon_redemptions)",
     "coupon_redemptions: "},
    {"DELETE FROM events WHERE id = (SELECT min(id) FROM events WHERE type = 'booking.created')", "events: bkg_"},
    {"UPDATE events SET type = 'booking.created' WHERE id = (SELECT min(id) FROM events WHERE type = 'booking.confirmed')", "events: bkg_"},
    {"UPDATE events SET subject = 'bkg_other' WHERE id = (SELECT min(id) FROM events WHERE type = 'booking.confirmed')", "events: evt_"},
    {"UPDATE offerings SET rating_sum = rating_sum + 1 WHERE review_count > 0", "offerings: off_"},
    {"UPDATE offerings SET review_count = review_count + 1 WHERE review_count > 0", "offerings: off_"},
    {"UPDATE offerings SET rating_average = rating_average + 0.01 WHERE review_count > 0", "offerings: off_"},
    {"UPDATE offerings SET rating_average = 5 WHERE review_count = 0", "offerings: off_"},
    {"DELETE FROM reviews", "offerings: off_"},
    {"UPDATE reviews SET item_id = 'bki_other'", "reviews: rev_"},
    {"UPDATE reviews SET customer_id = 'cus_other'", "reviews: rev_"},
    {"UPDATE disputes SET booking_id = 'bkg_other'", "disputes: dsp_"},
    {"UPDATE disputes SET customer_id = 'cus_other'", "disputes: dsp_"},
    {"UPDATE disputes SET status = 'RESOLVED'", "disputes: dsp_"},
    {"UPDATE disputes SET refund_cents = 1", "disputes: dsp_"},
    {"UPDATE disputes SET closed_at = 1", "disputes: dsp_"},
    {"DELETE FROM disputes", "dispute_messages: msg_"},
    {"DELETE FROM events WHERE id = (SELECT max(event_id) FROM deliveries)", "deliveries: dlv_"},
    {"UPDATE deliveries SET event_id = 'evt_other' WHERE id = (SELECT min(id) FROM deliveries)", "deliveries: dlv_"},
    {"UPDATE deliveries SET position = position - 1 WHERE id = (SELECT min(id) FROM deliveries)", "deliveries: dlv_"},
    {"UPDATE deliveries SET next_attempt_at = NULL WHERE status = 'PENDING'", "deliveries: dlv_"},
    {"UPDATE deliveries SET finished_at = 1 WHERE status = 'PENDING'", "deliveries: dlv_"},
    {"UPDATE deliveries SET finished_at = NULL WHERE status = 'SUCCEEDED'", "deliveries: dlv_"},
    {"UPDATE deliveries SET next_attempt_at = 1 WHERE status = 'DEAD'", "deliveries: dlv_"},
    {"UPDATE deliveries SET lane = 1 - lane WHERE id = (SELECT min(id) FROM deliveries)", "deliveries: dlv_"},
    {"UPDATE deliveries SET attempts = attempts + 1 WHERE id = (SELECT min(id) FROM deliveries WHERE lane = 0)", "deliveries: dlv_"},
    {"UPDATE deliveries SET attempts_before = attempts + 1 WHERE id = (SELECT min(id) FROM deliveries WHERE lane = 0)", "deliveries: dlv_"},
    {"UPDATE webhooks SET status = 'DISABLED' WHERE id = (SELECT min(webhook_id) FROM deliveries WHERE status = 'PENDING')",
     "deliveries: dlv_"},
    {"DELETE FROM webhooks WHERE id = (SELECT min(webhook_id) FROM deliveries WHERE status = 'PENDING')", "deliveries: dlv_"},
    {"UPDATE delivery_attempts SET delivery_id = 'dlv_other' WHERE delivery_id = (SELECT min(delivery_id) FROM delivery_attempts)",
     "delivery_attempts: dlv_other"},
    {"DELETE FROM deliveries WHERE id = (SELECT min(delivery_id) FROM delivery_attempts)", "delivery_attempts: dlv_"},
    {"UPDATE notifications SET recipient = 'cus_other' WHERE id = (SELECT min(id) FROM notifications WHERE recipient = '')",
     "notifications: ntf_"},
    {"UPDATE notifications SET recipient = '' WHERE id = (SELECT min(id) FROM notifications WHERE recipient <> '')", "notifications: ntf_"},
    {"INSERT INTO mails SELECT tenant_id, 'mal_1', 'to', 's', 'v1.', 'QUEUED', 0, NULL, NULL, 1, NULL FROM tenants", "mails: mal_1"},
    {"INSERT INTO mails SELECT tenant_id, 'mal_2', 'to', 's', 'v1.', 'DEAD', 5, NULL, NULL, 1, NULL FROM tenants", "mails: mal_2"},
    {"INSERT INTO mails SELECT tenant_id, 'mal_3', 'to', 's', '', 'SENT', 1, NULL, NULL, 1, NULL FROM tenants", "mails: mal_3"},
    {"UPDATE imports SET next_attempt_at = NULL", "imports: imp_"},
    {"UPDATE imports SET status = 'DONE', next_attempt_at = NULL, finished_at = 1", "import_parts: imp_"},
    {"DELETE FROM imports", "import_parts: imp_"},
    {"UPDATE domains SET status = 'FAILED'", "domains: book.atlas.example"},
    {"UPDATE tenants SET custom_domain = NULL", "domains: book.atlas.example"},
    {"DELETE FROM domains", "domains: tnt_"},
    {"INSERT INTO translations SELECT tenant_id, 'off_1', 'es', 'OFFERING', 'TRANSLATED', '[]', 1, 1, 0, 5, NULL, 1 FROM tenants",
     "translations: off_1"},
    {"INSERT INTO translations SELECT tenant_id, 'off_2', 'es', 'OFFERING', 'PENDING', '[]', 0, 1, 0, NULL, NULL, 1 FROM tenants",
     "translations: off_2"},
    {"INSERT INTO translations SELECT tenant_id, 'off_3', 'xx', 'OFFERING', 'TRANSLATED', '[]', 0, 1, 0, NULL, NULL, 1 FROM tenants",
     "translations: off_3"},
    {"UPDATE tenants SET subdomain = 'other'", "tenants: tnt_"},
    {"DELETE FROM subdomains", "tenants: tnt_"},
    {"INSERT INTO subdomains SELECT 'second', tenant_id FROM subdomains", "subdomains: second"},
    {"DELETE FROM api_key_prefixes WHERE prefix = (SELECT min(prefix) FROM api_key_prefixes)", "api_keys: "},
    {"DELETE FROM api_keys WHERE id = (SELECT min(id) FROM api_keys)", "api_key_prefixes: "},
    {"DELETE FROM tenants", "offerings: off_"},
    {"UPDATE availability_rules SET tenant_id = 'tnt_other' WHERE id = (SELECT min(id) FROM availability_rules)", "availability_rules: "},
};

constexpr Fault sqlite_faults[] = {
    {"DROP INDEX coupons_live_code", "schema: the index coupons_live_code"},
    {"DROP TABLE attempts", "schema: the table attempts"},
    {"ALTER TABLE customers DROP COLUMN phone", "schema: the column customers.phone"},
};
constexpr Fault postgres_faults[] = {
    {"DROP INDEX coupons_live_code", "schema: the index coupons_live_code"},
    {"DROP TABLE attempts", "schema: the table attempts"},
    {"ALTER TABLE customers DROP COLUMN phone", "schema: the column customers.phone"},
    {"ALTER TABLE bookings DISABLE ROW LEVEL SECURITY", "schema: row-level security does not keep the tenants of bookings apart"},
    {"ALTER TABLE customers NO FORCE ROW LEVEL SECURITY", "schema: row-level security does not keep the tenants of customers apart"},
    {"DROP POLICY own_tenant ON events", "schema: row-level security does not keep the tenants of events apart"},
};

/// Whether the check of a store names the fault.
bool names(const Result<storage::CheckReport>& report, const Fault& fault) {
  if (!report) return false;
  for (const auto& line : report->violations) CHECK(line.find('\n') == std::string::npos); // one line each
  return std::ranges::any_of(report->violations, [&](const std::string& line) { return line.starts_with(fault.says); });
}

TEST_CASE("the check names every fault that is planted, and none in a sound store") {
  const TempDir dir;
  REQUIRE(storage::backup(sqlite(business()), dir.path() / "sound.orkestr"));
  const auto copy = dir.path() / "copy.db";
  std::size_t found = 0, planted = 0;
  const auto on_sqlite = [&](const Fault& fault) {
    fs::remove(copy);
    REQUIRE(storage::restore(dir.path() / "sound.orkestr", sqlite(copy)));
    execute(copy, std::string{fault.sql});
    const bool named = names(storage::check(sqlite(copy)), fault);
    CHECK_MESSAGE(named, "on SQLite: ", fault.sql);
    ++planted, found += named ? 1 : 0;
  };
  const support::Database sound(migrated().name());
  REQUIRE(storage::restore(dir.path() / "sound.orkestr", postgres(sound)));
  const auto on_postgres = [&](const Fault& fault, const support::Database& database) {
    const support::Postgres db(database.conninfo());
    db("SET orkestr.tenant = '*'");
    db(std::string{fault.sql});
    const bool named = names(storage::check(postgres(database)), fault);
    CHECK_MESSAGE(named, "on PostgreSQL: ", fault.sql);
    ++planted, found += named ? 1 : 0;
  };
  // Rows are put back after each fault, which is quicker than a database each.
  auto rows = std::make_unique<support::Postgres>(sound.conninfo());
  std::string put_back;
  (*rows)("SET orkestr.tenant = '*'; CREATE SCHEMA sound");
  for (const auto& table : (*rows)("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'orkestr%'")) {
    (*rows)("CREATE TABLE sound." + table[0] + " AS TABLE " + table[0]);
    put_back += "DELETE FROM " + table[0] + "; INSERT INTO " + table[0] + " SELECT * FROM sound." + table[0] + ";";
  }
  for (const auto& store : {sqlite(business()), postgres(sound)}) { // the control
    const auto report = storage::check(store);
    REQUIRE(report);
    for (const auto& line : report->violations) CHECK_MESSAGE(false, line);
  }
  for (const auto& fault : faults) {
    on_sqlite(fault);
    on_postgres(fault, sound);
    (*rows)(put_back);
  }
  for (const auto& fault : sqlite_faults) on_sqlite(fault);
  rows.reset(); // nobody is connected to what is copied
  for (const auto& fault : postgres_faults) on_postgres(fault, support::Database(sound.name()));
  MESSAGE(found, " of ", planted, " planted faults were named");
}

TEST_CASE("the check finds damage of a file") {
  const TempDir dir;
  const auto copy = dir.path() / "copy.db";
  fs::copy_file(business(), copy);
  execute(copy, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto root = query(copy, "SELECT rootpage FROM sqlite_master WHERE name = 'bookings_by_status'").at(0).at(0);
  auto bytes = read_file(copy);
  std::fill_n(bytes.begin() + (std::stol(root) - 1) * 4096, 64, '\0');
  write_file(copy, bytes);
  const auto report = storage::check(sqlite(copy));
  REQUIRE(report);
  REQUIRE(!report->violations.empty());
  CHECK(report->violations[0].starts_with("damage: "));
}

TEST_CASE("many faults of a kind are counted, not all listed") {
  const TempDir dir;
  const auto copy = dir.path() / "copy.db";
  fs::copy_file(business(), copy);
  execute(copy, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO subdomains"
                " SELECT 'second-' || i, tenant_id FROM n, tenants");
  const auto report = storage::check(sqlite(copy));
  REQUIRE(report);
  CHECK(report->violations.size() == 1001);
  CHECK(report->violations.back() == "subdomains: and 500 more of this kind");
}

} // namespace
} // namespace orkestr::archive_test
