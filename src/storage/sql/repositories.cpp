#include "storage/sql/repositories.hpp"

#include "storage/sql/languages.hpp"
#include "storage/sql/outbox.hpp"
#include "storage/sql/portal.hpp"
#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"
#include "storage/sql/trust.hpp"

#include <charconv>

namespace orkestr::inline v1::storage::sql {
namespace {

class Tenants final : public TenantRepository, Base {
 public:
  using Base::Base;
  std::optional<Tenant> find(TenantId tenant) const override {
    static const std::string sql = select<Tenant>("");
    return query_one<Tenant>(db_, sql, tenant);
  }
  std::optional<Tenant> find_by_subdomain(std::string_view subdomain) const override {
    static const std::string sql =
        "SELECT " + column_list<Tenant>("t.") +
        " FROM subdomains s JOIN tenants t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id WHERE s.subdomain = $1";
    const Use use(db_, sql, Use::FindsTenant{});
    bind(*use, 1, subdomain);
    if (!use->step()) return std::nullopt;
    return read_row<Tenant>(*use);
  }
  std::vector<Tenant> list(const TenantFilter& filter, const Page& page) const override {
    std::string sql = "SELECT " + column_list<Tenant>() + " FROM tenants WHERE id < $1";
    int next = 2;
    if (filter.status) sql += " AND status = $" + std::to_string(next++);
    if (filter.text) {
      const std::string part = "$" + std::to_string(next++), in = db_.dialect() == Dialect::sqlite ? "instr(" : "strpos(";
      sql += " AND (" + in + "lower(name), " + part + ") > 0 OR " + in + "subdomain, " + part + ") > 0)";
    }
    const Use use(db_, sql + " ORDER BY id DESC LIMIT $" + std::to_string(next), every_tenant);
    int p = 1;
    bind(*use, p++, before(page));
    if (filter.status) bind(*use, p++, *filter.status);
    const auto text = ascii_lower(filter.text.value_or(""));
    if (filter.text) bind(*use, p++, text);
    bind(*use, p, page.limit);
    std::vector<Tenant> rows;
    while (use->step()) rows.push_back(read_row<Tenant>(*use));
    return rows;
  }
  std::vector<TenantId> all() const override {
    const Use use(db_, "SELECT id FROM tenants ORDER BY id", every_tenant);
    std::vector<TenantId> ids;
    while (use->step()) get(*use, 0, ids.emplace_back());
    return ids;
  }
  void insert(const Tenant& tenant) override {
    insert_row(db_, tenant.id, tenant);
    run(db_, "INSERT INTO subdomains (subdomain, tenant_id) VALUES ($1, $2)", tenant.subdomain, tenant.id);
  }
  void update(const Tenant& tenant) override {
    update_row(db_, tenant.id, tenant);
    run(db_, "UPDATE subdomains SET subdomain = $1 WHERE tenant_id = $2", tenant.subdomain, tenant.id);
  }
  std::optional<Branding> branding(TenantId tenant) const override {
    const Use use(db_, "SELECT branding FROM brandings WHERE tenant_id = $1");
    bind(*use, 1, tenant);
    if (!use->step()) return std::nullopt;
    Branding branding;
    get_json(*use, 0, branding);
    return branding;
  }
  void put_branding(TenantId tenant, const Branding& branding) override {
    run(db_,
        "INSERT INTO brandings (tenant_id, branding) VALUES ($1, $2)"
        " ON CONFLICT (tenant_id) DO UPDATE SET branding = excluded.branding",
        tenant, json::to_json(branding));
  }
};

class ApiKeys final : public ApiKeyRepository, Base {
 public:
  using Base::Base;
  std::optional<FoundApiKey> find_by_prefix(std::string_view prefix) const override {
    static const std::string sql = "SELECT " + column_list<ApiKey>("k.") + ", " + column_list<Tenant>("t.") +
                                   " FROM api_key_prefixes p JOIN api_keys k ON k.tenant_id = p.tenant_id AND k.id = p.key_id"
                                   " JOIN tenants t ON t.tenant_id = p.tenant_id AND t.id = p.tenant_id WHERE p.prefix = $1";
    const Use use(db_, sql, Use::FindsTenant{});
    bind(*use, 1, prefix);
    if (!use->step()) return std::nullopt;
    return FoundApiKey{read_row<Tenant>(*use, column_count<ApiKey>), read_row<ApiKey>(*use)};
  }
  std::optional<ApiKey> find(TenantId tenant, ApiKeyId id) const override {
    static const std::string sql = select<ApiKey>("AND id = $2");
    return query_one<ApiKey>(db_, sql, tenant, id);
  }
  std::vector<ApiKey> list(TenantId tenant, const Page& page) const override {
    static const std::string sql = select<ApiKey>("AND revoked_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3");
    return query<ApiKey>(db_, sql, tenant, before(page), page.limit);
  }
  std::vector<ApiKey> made_by(TenantId tenant, MemberId member) const override {
    static const std::string sql = select<ApiKey>("AND created_by = $2 AND revoked_at IS NULL ORDER BY id DESC");
    return query<ApiKey>(db_, sql, tenant, member);
  }
  void insert(TenantId tenant, const ApiKey& key) override {
    insert_row(db_, tenant, key);
    run(db_, "INSERT INTO api_key_prefixes (prefix, tenant_id, key_id) VALUES ($1, $2, $3)", key.prefix, tenant, key.id);
  }
  void update(TenantId tenant, const ApiKey& key) override { update_row(db_, tenant, key); }
};

class Offerings final : public OfferingRepository, Base {
 public:
  using Base::Base;
  std::optional<Offering> find(TenantId tenant, OfferingId id) const override {
    static const std::string sql = select<Offering>("AND id = $2 AND deleted_at IS NULL");
    return query_one<Offering>(db_, sql, tenant, id);
  }
  std::optional<Offering> find_by_slug(TenantId tenant, std::string_view slug) const override {
    static const std::string sql = select<Offering>("AND slug = $2 AND deleted_at IS NULL");
    return query_one<Offering>(db_, sql, tenant, slug);
  }
  std::optional<Offering> find_even_deleted(TenantId tenant, OfferingId id) const override {
    static const std::string sql = select<Offering>("AND id = $2");
    return query_one<Offering>(db_, sql, tenant, id);
  }
  std::vector<Offering> list(TenantId tenant, const OfferingFilter& filter, const Page& page) const override {
    // Only the conditions that are asked for, so that the planner sees what it can use; there are few combinations.
    std::string sql = "AND deleted_at IS NULL";
    int next = 2;
    const auto condition = [&](bool wanted, std::string_view head, std::string_view tail) {
      if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++)).append(tail);
    };
    const bool rising = filter.order == OfferingOrder::price_rising;
    const auto place = filter.order == OfferingOrder::newest ? std::nullopt : price_place(page.before);
    if (place) {
      const std::string price = "$" + std::to_string(next++), id = "$" + std::to_string(next++);
      sql += " AND (base_price_cents " + std::string{rising ? ">" : "<"} + " " + price + " OR (base_price_cents = " + price + " AND id < " +
             id + "))";
    } else {
      condition(true, "id < ", "");
    }
    condition(filter.status.has_value(), "status = ", "");
    const bool sqlite = db_.dialect() == Dialect::sqlite;
    if (sqlite)
      condition(filter.category.has_value(), "EXISTS (SELECT 1 FROM json_each(categories) WHERE value = ", ")");
    else
      condition(filter.category.has_value(), "categories::jsonb ? ", "");
    condition(filter.product_type_key.has_value(), "product_type_key = ", "");
    condition(filter.min_price.has_value(), "base_price_cents >= ", "");
    condition(filter.max_price.has_value(), "base_price_cents <= ", "");
    if (filter.attribute) {
      const std::string key = "$" + std::to_string(next++), value = "$" + std::to_string(next++);
      if (sqlite)
        sql += " AND EXISTS (SELECT 1 FROM json_each(attributes) a WHERE a.key = " + key +
               " AND CASE a.type WHEN 'true' THEN 'true' = " + value + " WHEN 'false' THEN 'false' = " + value +
               " WHEN 'array' THEN EXISTS (SELECT 1 FROM json_each(a.value) e WHERE e.value = " + value +
               ") ELSE a.type IN ('text', 'integer') AND CAST(a.value AS TEXT) = " + value + " END)";
      else
        sql += " AND CASE jsonb_typeof(attributes::jsonb -> " + key + ") WHEN 'array' THEN (attributes::jsonb -> " + key + ") ? " + value +
               " WHEN 'object' THEN false ELSE attributes::jsonb ->> " + key + " = " + value + " END";
    }
    // In the one or in the other: a text that begins in the title and ends in the description is in neither.
    condition(filter.text.has_value(),
              sqlite ? "(SELECT instr(lower(title), part) + instr(lower(description), part) FROM (SELECT lower("
                     : "(SELECT strpos(lower(title), part) + strpos(lower(description), part) FROM (SELECT lower(",
              ") AS part) parts) > 0");
    condition(filter.updated_since.has_value(), "updated_at >= ", "");
    static constexpr std::string_view orders[] = {"id DESC", "base_price_cents, id DESC", "base_price_cents DESC, id DESC"};
    sql.append(" ORDER BY ").append(orders[static_cast<std::size_t>(filter.order)]).append(" LIMIT $").append(std::to_string(next));
    const Use use(db_, select<Offering>(sql));
    int p = 1;
    const auto argument = [&](const auto& value) {
      if (value) bind(*use, p++, *value);
    };
    bind(*use, p++, tenant);
    if (place) {
      bind(*use, p++, place->first);
      bind(*use, p++, place->second);
    } else {
      bind(*use, p++, before(page));
    }
    argument(filter.status);
    argument(filter.category);
    argument(filter.product_type_key);
    argument(filter.min_price);
    argument(filter.max_price);
    if (filter.attribute) {
      bind(*use, p++, filter.attribute->first);
      bind(*use, p++, filter.attribute->second);
    }
    argument(filter.text);
    argument(filter.updated_since);
    bind(*use, p, page.limit);
    std::vector<Offering> rows;
    while (use->step()) rows.push_back(read_row<Offering>(*use));
    return rows;
  }
  void insert(TenantId tenant, const Offering& offering) override { insert_row(db_, tenant, offering); }
  void update(TenantId tenant, const Offering& offering) override { update_row(db_, tenant, EditedOffering{offering}); }
  void rate(TenantId tenant, OfferingId id, const RatingTotals& delta) override {
    // As RatingTotals::average(), in whole numbers.
    run(db_,
        "UPDATE offerings SET review_count = review_count + $1, rating_sum = rating_sum + $2, rating_average = CASE WHEN review_count + $1 > 0"
        " THEN CAST((200 * (rating_sum + $2) + review_count + $1) / (2 * (review_count + $1)) AS DOUBLE PRECISION) / 100 END"
        " WHERE tenant_id = $3 AND id = $4",
        delta.count, delta.sum, tenant, id);
  }
};

class Availability final : public AvailabilityRepository, Base {
 public:
  using Base::Base;
  std::vector<AvailabilityRule> rules(TenantId tenant, OfferingId offering) const override {
    static const std::string sql = select<AvailabilityRule>("AND offering_id = $2 ORDER BY id");
    return query<AvailabilityRule>(db_, sql, tenant, offering);
  }
  std::vector<AvailabilityException> exceptions(TenantId tenant, OfferingId offering) const override {
    static const std::string sql = select<AvailabilityException>("AND offering_id = $2 ORDER BY id");
    return query<AvailabilityException>(db_, sql, tenant, offering);
  }
  void insert(TenantId tenant, const AvailabilityRule& rule) override { insert_row(db_, tenant, rule); }
  void update(TenantId tenant, const AvailabilityRule& rule) override { update_row(db_, tenant, rule); }
  void erase(TenantId tenant, RuleId rule) override {
    run(db_, "DELETE FROM availability_rules WHERE tenant_id = $1 AND id = $2", tenant, rule);
  }
  void insert(TenantId tenant, const AvailabilityException& exception) override { insert_row(db_, tenant, exception); }
  void update(TenantId tenant, const AvailabilityException& exception) override { update_row(db_, tenant, exception); }
  void erase(TenantId tenant, ExceptionId exception) override {
    run(db_, "DELETE FROM availability_exceptions WHERE tenant_id = $1 AND id = $2", tenant, exception);
  }
};

class PricingRules final : public PricingRuleRepository, Base {
 public:
  using Base::Base;
  std::vector<PricingRule> of(TenantId tenant, OfferingId offering) const override {
    static const std::string sql = select<PricingRule>("AND offering_id = $2 ORDER BY id");
    return query<PricingRule>(db_, sql, tenant, offering);
  }
  void insert(TenantId tenant, const PricingRule& rule) override { insert_row(db_, tenant, rule); }
  void update(TenantId tenant, const PricingRule& rule) override { update_row(db_, tenant, rule); }
  void erase(TenantId tenant, PricingRuleId rule) override {
    run(db_, "DELETE FROM pricing_rules WHERE tenant_id = $1 AND id = $2", tenant, rule);
  }
};

class OccupancyTable final : public OccupancyRepository, Base {
 public:
  using Base::Base;
  std::vector<Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const override {
    // An index by start finds what begins before the range ends; that nothing under this key is longer than
    // longest_ms bounds the search on the other side. Where nothing was ever locked, nothing is taken.
    // (The bound is worked out within the sub-select: outside, PostgreSQL takes it for something that may leak past the wall
    // between tenants, and keeps it from the index.)
    const Use use(db_, "SELECT holder, offering_id, starts_at, ends_at, quantity, status, expires_at FROM occupancy WHERE tenant_id = $1"
                       " AND capacity_key = $2 AND starts_at < $3 AND starts_at > (SELECT $4 - longest_ms FROM occupancy_locks"
                       " WHERE tenant_id = $1 AND capacity_key = $2) AND ends_at > $4 AND (expires_at IS NULL OR expires_at"
                       " > $5) ORDER BY starts_at");
    bind(*use, 1, tenant);
    bind(*use, 2, key);
    bind(*use, 3, range.end);
    bind(*use, 4, range.start);
    bind(*use, 5, now);
    std::vector<Claim> claims;
    while (use->step()) {
      Claim& claim = claims.emplace_back();
      get(*use, 0, claim.holder);
      get(*use, 1, claim.offering_id);
      get(*use, 2, claim.interval.start);
      get(*use, 3, claim.interval.end);
      get(*use, 4, claim.quantity);
      get(*use, 5, claim.status);
      get(*use, 6, claim.expires_at);
    }
    return claims;
  }
  void lock(TenantId tenant, std::string_view key, std::chrono::milliseconds longest) override {
    run(db_, lock_sql_, tenant, key, longest.count());
  }
  void put(TenantId tenant, std::string_view key, const Claim& claim) override {
    run(db_, put_sql_, tenant, claim.holder, key, claim.offering_id, claim.interval.start, claim.interval.end, claim.quantity, claim.status,
        claim.expires_at);
  }
  void set_status(TenantId tenant, Holder holder, ClaimStatus status) override {
    run(db_, "UPDATE occupancy SET status = $1 WHERE tenant_id = $2 AND holder = $3", status, tenant, holder);
  }
  void erase(TenantId tenant, Holder holder) override {
    run(db_, "DELETE FROM occupancy WHERE tenant_id = $1 AND holder = $2", tenant, holder);
  }

 private:
  // Who locks a key leaves the number of the transaction, where there are several at a time. A claim made in another one has no
  // quantity, which the column refuses: what forgets the lock takes nothing.
  const std::string locker_ = db_.dialect() == Dialect::sqlite ? "0" : "pg_current_xact_id()::text::bigint";
  const std::string lock_sql_ =
      "INSERT INTO occupancy_locks (tenant_id, capacity_key, version, longest_ms, locked_by) VALUES ($1, $2, 1, $3, " + locker_ +
      ") ON CONFLICT (tenant_id, capacity_key) DO UPDATE SET version = occupancy_locks.version + 1, locked_by = excluded.locked_by,"
      " longest_ms = CASE WHEN occupancy_locks.longest_ms < $3 THEN $3 ELSE occupancy_locks.longest_ms END";
  const std::string put_sql_ =
      "INSERT INTO occupancy (tenant_id, holder, capacity_key, offering_id, starts_at, ends_at, quantity, status, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, (SELECT CAST($7 AS INTEGER) FROM occupancy_locks WHERE tenant_id = $1 AND capacity_key = $3"
      " AND locked_by = " +
      locker_ +
      "), $8, $9) ON CONFLICT (tenant_id, holder) DO UPDATE SET"
      " capacity_key = excluded.capacity_key, offering_id = excluded.offering_id, starts_at = excluded.starts_at,"
      " ends_at = excluded.ends_at, quantity = excluded.quantity, status = excluded.status, expires_at = excluded.expires_at";
};

class Holds final : public HoldRepository, Base {
 public:
  using Base::Base;
  std::optional<Hold> find(TenantId tenant, HoldId id) const override {
    static const std::string sql = select<Hold>("AND id = $2");
    return query_one<Hold>(db_, sql, tenant, id);
  }
  std::size_t count_live(TenantId tenant, std::string_view client, Instant now) const override {
    const Use use(db_, "SELECT count(*) FROM holds WHERE tenant_id = $1 AND client = $2 AND expires_at > $3");
    bind(*use, 1, tenant);
    bind(*use, 2, client);
    bind(*use, 3, now);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  std::vector<Due<HoldId>> expired(Instant now, std::size_t limit) const override {
    return read_due<HoldId>(db_, "SELECT tenant_id, id FROM holds WHERE expires_at <= $1 ORDER BY expires_at, tenant_id, id LIMIT $2", now,
                            limit);
  }
  void insert(TenantId tenant, const Hold& hold) override { insert_row(db_, tenant, hold); }
  void erase(TenantId tenant, HoldId id) override { run(db_, "DELETE FROM holds WHERE tenant_id = $1 AND id = $2", tenant, id); }
};

class Risk final : public RiskRepository, Base {
 public:
  using Base::Base;
  std::optional<RiskPolicy> policy(TenantId tenant) const override {
    const Use use(db_, "SELECT policy FROM risk_policies WHERE tenant_id = $1");
    bind(*use, 1, tenant);
    if (!use->step()) return std::nullopt;
    RiskPolicy policy;
    get_json(*use, 0, policy);
    return policy;
  }
  void put_policy(TenantId tenant, const RiskPolicy& policy) override {
    run(db_,
        "INSERT INTO risk_policies (tenant_id, policy) VALUES ($1, $2)"
        " ON CONFLICT (tenant_id) DO UPDATE SET policy = excluded.policy",
        tenant, json::to_json(policy));
  }
  void insert(TenantId tenant, const Attempt& attempt) override { insert_row(db_, tenant, attempt); }
  Later<RiskNumbers> look_back(TenantId tenant, const RiskQuery& query) const override {
    // One statement with one row: every question of its own would cost more than its answer. Short lists are added up here:
    // setting an aggregate up takes PostgreSQL longer than reading them.
    const bool sqlite = db_.dialect() == Dialect::sqlite;
    const auto list_of = [&](std::string_view column, std::string_view rows) {
      const std::string from = std::string{column} + " FROM " + std::string{rows} + " t";
      return sqlite ? "(SELECT group_concat(" + std::string{column} + ") FROM " + std::string{rows} + " t)"
                    : "array_to_string(ARRAY(SELECT " + from + "), ',')";
    };
    std::string sql =
        "SELECT " +
        list_of("total_cents", "(SELECT total_cents FROM bookings WHERE tenant_id = $1 AND currency = $2 ORDER BY id DESC"
                               " LIMIT $3)") +
        ", " +
        // C and R for those cancelled and refunded, in lower case where they had not been confirmed.
        list_of("mark", "(SELECT CASE status WHEN 'CANCELLED' THEN CASE WHEN confirmed_at IS NULL THEN 'c' ELSE 'C' END"
                        " WHEN 'REFUNDED' THEN CASE WHEN confirmed_at IS NULL THEN 'r' ELSE 'R' END"
                        " ELSE CASE WHEN confirmed_at IS NULL THEN '-' ELSE '+' END END AS mark FROM bookings WHERE tenant_id = $1"
                        " AND customer_id = (SELECT id FROM customers WHERE tenant_id = $1 AND folded_email = lower($4)"
                        " ORDER BY id LIMIT 1) ORDER BY id DESC LIMIT $5)") +
        ", (SELECT count(*) FROM disputes WHERE tenant_id = $1 AND customer_id = (SELECT id FROM customers WHERE tenant_id = $1"
        " AND folded_email = lower($4) ORDER BY id LIMIT 1) AND opened_by = 'CUSTOMER')";
    static constexpr std::string_view traits[] = {"email", "ip", "device", "card"};
    int next = 6;
    const auto add = [&](std::string_view text) { sql.append(text).append("$").append(std::to_string(next++)); };
    for (const auto& asked : query.attempts) {
      add(", (SELECT count(*) FROM attempts WHERE tenant_id = $1 AND kind = ");
      sql.append(" AND ").append(traits[static_cast<std::size_t>(asked.trait)]);
      add(" = ");
      add(" AND at >= ");
      sql += ")";
    }
    auto asking = std::make_shared<Use>(db_, sql);
    const Use& use = *asking;
    bind(*use, 1, tenant);
    bind(*use, 2, query.currency);
    bind(*use, 3, query.newest_totals);
    bind(*use, 4, query.customer_email);
    bind(*use, 5, query.newest_bookings);
    next = 6;
    for (const auto& asked : query.attempts) {
      bind(*use, next++, asked.kind);
      bind(*use, next++, asked.value);
      bind(*use, next++, asked.since);
    }
    return ask(std::move(asking), [count = query.attempts.size()](Statement& answer) {
      answer.step();
      RiskNumbers numbers;
      const auto for_each = [&](int column, auto take) {
        if (answer.is_null(column)) return;
        for (auto list = answer.text(column); !list.empty();) {
          const auto end = std::min(list.find(','), list.size());
          take(list.substr(0, end));
          list.remove_prefix(std::min(end + 1, list.size()));
        }
      };
      for_each(0,
               [&](std::string_view total) { std::from_chars(total.data(), total.data() + total.size(), numbers.totals.emplace_back()); });
      for_each(1, [&](std::string_view mark) {
        const char kind = ascii_lower(mark.front());
        numbers.history.add(kind == 'c'   ? BookingStatus::cancelled
                            : kind == 'r' ? BookingStatus::refunded
                                          : BookingStatus::confirmed,
                            mark == "C" || mark == "R" || mark == "+");
      });
      get(answer, 2, numbers.history.disputed);
      for (std::size_t i = 0; i < count; ++i) get(answer, static_cast<int>(3 + i), numbers.attempts.emplace_back());
      return numbers;
    });
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(
        db_, "DELETE FROM attempts WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM attempts WHERE at < $1 ORDER BY at LIMIT $2",
        limit_instant, limit);
  }
};

class Customers final : public CustomerRepository, Base {
 public:
  using Base::Base;
  std::optional<Customer> find(TenantId tenant, CustomerId id) const override {
    static const std::string sql = select<Customer>("AND id = $2");
    return query_one<Customer>(db_, sql, tenant, id);
  }
  Later<std::optional<Customer>> find_by_email(TenantId tenant, std::string_view email) const override {
    static const std::string sql = select<Customer>("AND folded_email = lower($2) ORDER BY id LIMIT 1");
    auto use = std::make_shared<Use>(db_, sql);
    bind(**use, 1, tenant);
    bind(**use, 2, email);
    return ask(std::move(use), [](Statement& answer) { return answer.step() ? std::optional{read_row<Customer>(answer)} : std::nullopt; });
  }
  void insert(TenantId tenant, const Customer& customer) override { insert_row(db_, tenant, StoredCustomer{customer}); }
  void update(TenantId tenant, const Customer& customer) override { update_row(db_, tenant, StoredCustomer{customer}); }
};

class Bookings final : public BookingRepository, Base {
 public:
  using Base::Base;
  std::optional<Booking> find(TenantId tenant, BookingId id) const override {
    static const std::string sql = select<BookingRow>("AND id = $2");
    auto row = query_one<BookingRow>(db_, sql, tenant, id);
    if (!row) return std::nullopt;
    return whole(tenant, std::move(*row));
  }
  std::vector<Booking> list(TenantId tenant, const BookingFilter& filter, const Page& page) const override {
    std::string sql = "AND id < $2";
    int next = 3;
    const auto condition = [&](bool wanted, std::string_view head, std::string_view tail) {
      if (wanted) sql.append(" AND ").append(head).append("$").append(std::to_string(next++)).append(tail);
    };
    condition(filter.status.has_value(), "status = ", "");
    condition(
        filter.offering_id.has_value(),
        "EXISTS (SELECT 1 FROM booking_items i WHERE i.tenant_id = bookings.tenant_id AND i.booking_id = bookings.id AND i.offering_id = ",
        ")");
    condition(filter.customer_id.has_value(), "customer_id = ", "");
    condition(filter.coupon_id.has_value(), "coupon_id = ", "");
    if (filter.starting) {
      sql.append(" AND id IN (SELECT booking_id FROM booking_items WHERE tenant_id = $1 AND starts_at >= $").append(std::to_string(next++));
      sql.append(" AND starts_at < $").append(std::to_string(next++)).append(")");
    }
    // Spelt out, so that the index of those in review can serve.
    if (filter.risk_review) sql.append(" AND risk_review_status = '").append(json::name_of(*filter.risk_review)).append("'");
    std::vector<BookingRow> rows;
    {
      const Use use(db_, select<BookingRow>(sql + " ORDER BY id DESC LIMIT $" + std::to_string(next)));
      bind(*use, 1, tenant);
      bind(*use, 2, before(page));
      int p = 3;
      if (filter.status) bind(*use, p++, *filter.status);
      if (filter.offering_id) bind(*use, p++, *filter.offering_id);
      if (filter.customer_id) bind(*use, p++, *filter.customer_id);
      if (filter.coupon_id) bind(*use, p++, *filter.coupon_id);
      if (filter.starting) {
        bind(*use, p++, filter.starting->start);
        bind(*use, p++, filter.starting->end);
      }
      bind(*use, p, page.limit);
      while (use->step()) rows.push_back(read_row<BookingRow>(*use));
    }
    std::vector<Booking> bookings;
    bookings.reserve(rows.size());
    for (auto& row : rows) bookings.push_back(whole(tenant, std::move(row)));
    return bookings;
  }
  std::vector<BookedItem> items_starting(TenantId tenant, const Interval& range, const std::optional<OfferingId>& offering) const override {
    std::string sql = "SELECT i.booking_id, b.status, b.created_at, i.offering_id, i.starts_at, i.ends_at, i.quantity, i.subtotal_cents,"
                      " b.subtotal_cents, b.total_cents, b.refund_cents, b.currency FROM booking_items i"
                      " JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id"
                      " WHERE i.tenant_id = $1 AND i.starts_at >= $2 AND i.starts_at < $3";
    if (offering) sql += " AND i.offering_id = $4";
    const Use use(db_, sql + " ORDER BY i.starts_at, i.id");
    bind(*use, 1, tenant);
    bind(*use, 2, range.start);
    bind(*use, 3, range.end);
    if (offering) bind(*use, 4, *offering);
    std::vector<BookedItem> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      std::optional<Amount> refund;
      get(*use, 0, row.booking_id);
      get(*use, 1, row.status);
      get(*use, 2, row.booked_at);
      get(*use, 3, row.offering_id);
      get(*use, 4, row.interval.start);
      get(*use, 5, row.interval.end);
      get(*use, 6, row.quantity);
      get(*use, 7, row.subtotal_cents);
      get(*use, 8, row.booking_subtotal_cents);
      get(*use, 9, row.total_cents);
      get(*use, 10, refund);
      get(*use, 11, row.currency);
      row.refund_cents = refund.value_or(0);
    }
    return rows;
  }
  std::vector<AnswerTimes> answers_since(TenantId tenant, Instant since) const override {
    const auto first = first_id_at<BookingId>(since);
    const Use use(db_, "SELECT created_at, confirmed_at, cancelled_at, ended_by FROM bookings"
                       " WHERE tenant_id = $1 AND id >= $2 AND created_at >= $3 ORDER BY id");
    bind(*use, 1, tenant);
    bind(*use, 2, first);
    bind(*use, 3, since);
    std::vector<AnswerTimes> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.created_at);
      get(*use, 1, row.confirmed_at);
      get(*use, 2, row.cancelled_at);
      get(*use, 3, row.ended_by);
    }
    return rows;
  }
  std::vector<BookedTime> booked_times(TenantId tenant, std::optional<CustomerId> customer, Interval ends,
                                       std::size_t limit) const override {
    const std::string sql =
        "SELECT b.id, i.id, b.status, b.completed_at, b.sequence, b.updated_at, i.starts_at, i.ends_at, i.offering_title,"
        " c.name, i.quantity FROM bookings b"
        " JOIN booking_items i ON i.tenant_id = b.tenant_id AND i.booking_id = b.id"
        " JOIN customers c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id"
        " WHERE b.tenant_id = $1 AND b.last_ends_at >= $2 AND b.last_ends_at < $3";
    const Use use(db_, sql + (customer ? " AND b.customer_id = $4 ORDER BY b.last_ends_at DESC, b.id DESC, i.id LIMIT $5"
                                       : " ORDER BY b.last_ends_at DESC, b.id DESC, i.id LIMIT $4"));
    int p = 1;
    bind(*use, p++, tenant);
    bind(*use, p++, ends.start);
    bind(*use, p++, ends.end);
    if (customer) bind(*use, p++, *customer);
    bind(*use, p, limit);
    std::vector<BookedTime> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.booking_id);
      get(*use, 1, row.item_id);
      get(*use, 2, row.status);
      row.took_place = !use->is_null(3);
      get(*use, 4, row.sequence);
      get(*use, 5, row.updated_at);
      get(*use, 6, row.starts_at);
      get(*use, 7, row.ends_at);
      get(*use, 8, row.offering_title);
      get(*use, 9, row.customer_name);
      get(*use, 10, row.quantity);
    }
    return rows;
  }
  std::vector<Due<BookingId>> due_for_completion(Instant now, std::size_t limit) const override {
    return read_due<BookingId>(db_,
                               "SELECT tenant_id, id FROM bookings WHERE status = 'CONFIRMED' AND last_ends_at <= $1"
                               " ORDER BY last_ends_at, tenant_id, id LIMIT $2",
                               now, limit);
  }
  std::vector<TenantBooking> in_review(const Page& page) const override {
    static const std::string sql = "SELECT tenant_id, " + column_list<BookingRow>() +
                                   " FROM bookings WHERE risk_review_status = 'PENDING' AND id < $1 ORDER BY id DESC LIMIT $2";
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, before(page));
    bind(*use, 2, page.limit);
    std::vector<TenantBooking> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      row.booking = read_row<BookingRow>(*use, 1);
    }
    return rows;
  }
  std::vector<Due<BookingId>> due_for_payment(Instant now, std::size_t limit) const override {
    return read_due<BookingId>(db_,
                               "SELECT tenant_id, id FROM bookings WHERE payment_due_at <= $1"
                               " ORDER BY payment_due_at, tenant_id, id LIMIT $2",
                               now, limit);
  }
  void insert(TenantId tenant, const Booking& booking) override {
    insert_row(db_, tenant, StoredBooking{booking});
    for (const auto& item : booking.items) insert_row(db_, tenant, item);
    for (const auto& payment : booking.payments) insert_payment(tenant, payment);
  }
  void update(TenantId tenant, const BookingRow& booking) override { update_row(db_, tenant, booking); }
  void update_item(TenantId tenant, const BookingItem& item) override {
    update_row(db_, tenant, item);
    refresh_end(tenant, item.booking_id);
  }
  void insert_payment(TenantId tenant, const Payment& payment) override {
    insert_row(db_, tenant, payment);
    name_payment(tenant, payment);
  }
  void update_payment(TenantId tenant, const Payment& payment) override {
    update_row(db_, tenant, payment);
    name_payment(tenant, payment);
  }

 private:
  Booking whole(TenantId tenant, BookingRow row) const {
    static const std::string customer_sql = select<Customer>("AND id = $2");
    static const std::string item_sql = select<BookingItem>("AND booking_id = $2 ORDER BY id");
    static const std::string payment_sql = select<Payment>("AND booking_id = $2 ORDER BY id");
    Booking booking;
    static_cast<BookingRow&>(booking) = std::move(row);
    if (auto customer = query_one<Customer>(db_, customer_sql, tenant, booking.customer_id)) booking.customer = std::move(*customer);
    booking.items = query<BookingItem>(db_, item_sql, tenant, booking.id);
    booking.payments = query<Payment>(db_, payment_sql, tenant, booking.id);
    return booking;
  }
  /// So that events of its gateway find it.
  void name_payment(TenantId tenant, const Payment& payment) {
    if (payment.gateway_id)
      run(db_,
          "INSERT INTO gateway_payments (provider, gateway_id, tenant_id, payment_id) VALUES ($1, $2, $3, $4)"
          " ON CONFLICT (provider, gateway_id) DO NOTHING",
          payment.provider, *payment.gateway_id, tenant, payment.id);
  }
  void refresh_end(TenantId tenant, BookingId id) {
    run(db_,
        "UPDATE bookings SET last_ends_at ="
        " coalesce((SELECT max(ends_at) FROM booking_items WHERE tenant_id = $1 AND booking_id = $2), last_ends_at)"
        " WHERE tenant_id = $1 AND id = $2",
        tenant, id);
  }
};

class Coupons final : public CouponRepository, Base {
 public:
  using Base::Base;
  std::optional<Coupon> find(TenantId tenant, CouponId id) const override {
    static const std::string sql = select<Coupon>("AND id = $2 AND deleted_at IS NULL");
    return query_one<Coupon>(db_, sql, tenant, id);
  }
  std::optional<Coupon> find_by_code(TenantId tenant, std::string_view folded_code) const override {
    static const std::string sql = select<Coupon>("AND folded_code = $2 AND deleted_at IS NULL");
    return query_one<Coupon>(db_, sql, tenant, folded_code);
  }
  std::vector<Coupon> list(TenantId tenant, std::optional<bool> active, const Page& page) const override {
    static const std::string all = select<Coupon>("AND deleted_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3");
    static const std::string some = select<Coupon>("AND deleted_at IS NULL AND id < $2 AND active = $3 ORDER BY id DESC LIMIT $4");
    if (!active) return query<Coupon>(db_, all, tenant, before(page), page.limit);
    return query<Coupon>(db_, some, tenant, before(page), *active, page.limit);
  }
  std::optional<Coupon> find_deleted(TenantId tenant, CouponId id) const override {
    static const std::string sql = select<Coupon>("AND id = $2 AND deleted_at IS NOT NULL");
    return query_one<Coupon>(db_, sql, tenant, id);
  }
  std::vector<Coupon> list_deleted(TenantId tenant, const Page& page) const override {
    static const std::string sql = select<Coupon>("AND deleted_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3");
    return query<Coupon>(db_, sql, tenant, before(page), page.limit);
  }
  std::int64_t redemptions_of(TenantId tenant, CouponId id, CustomerId customer) const override {
    const Use use(db_, "SELECT count(*) FROM coupon_redemptions WHERE tenant_id = $1 AND coupon_id = $2 AND customer_id = $3");
    bind(*use, 1, tenant);
    bind(*use, 2, id);
    bind(*use, 3, customer);
    use->step();
    return use->integer(0);
  }
  void insert(TenantId tenant, const Coupon& coupon) override { insert_row(db_, tenant, coupon); }
  void update(TenantId tenant, const Coupon& coupon) override {
    auto row = coupon;
    const Use use(db_, "SELECT redeemed_count FROM coupons WHERE tenant_id = $1 AND id = $2");
    bind(*use, 1, tenant);
    bind(*use, 2, coupon.id);
    if (!use->step()) return;
    row.redeemed_count = use->integer(0);
    update_row(db_, tenant, row);
  }
  bool redeem(TenantId tenant, CouponId id, BookingId booking, CustomerId customer) override {
    const auto counted = execute(db_,
                                 "UPDATE coupons SET redeemed_count = redeemed_count + 1 WHERE tenant_id = $1 AND id = $2"
                                 " AND (max_redemptions IS NULL OR redeemed_count < max_redemptions)",
                                 tenant, id);
    if (counted == 0) return false;
    run(db_, "INSERT INTO coupon_redemptions (tenant_id, coupon_id, booking_id, customer_id) VALUES ($1, $2, $3, $4)", tenant, id, booking,
        customer);
    return true;
  }
  void give_back(TenantId tenant, CouponId id, BookingId booking) override {
    const auto gone =
        execute(db_, "DELETE FROM coupon_redemptions WHERE tenant_id = $1 AND coupon_id = $2 AND booking_id = $3", tenant, id, booking);
    if (gone > 0) run(db_, "UPDATE coupons SET redeemed_count = redeemed_count - 1 WHERE tenant_id = $1 AND id = $2", tenant, id);
  }
};

class Idempotency final : public IdempotencyRepository, Base {
 public:
  using Base::Base;
  std::optional<IdempotencyRecord> find(TenantId tenant, std::string_view key) const override {
    const Use use(
        db_, "SELECT fingerprint, status, headers, body, created_at FROM idempotency_keys WHERE tenant_id = $1 AND idempotency_key = $2");
    bind(*use, 1, tenant);
    bind(*use, 2, key);
    if (!use->step()) return std::nullopt;
    IdempotencyRecord record;
    record.key = key;
    get(*use, 0, record.fingerprint);
    get(*use, 1, record.status);
    get(*use, 2, record.headers);
    get(*use, 3, record.body);
    get(*use, 4, record.created_at);
    return record;
  }
  void put(TenantId tenant, const IdempotencyRecord& record) override {
    execute(
        db_,
        "INSERT INTO idempotency_keys (tenant_id, idempotency_key, fingerprint, status, headers, body, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint,"
        " status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = excluded.created_at",
        tenant, record.key, record.fingerprint, record.status, record.headers, record.body, record.created_at);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM idempotency_keys WHERE (tenant_id, idempotency_key) IN"
                        " (SELECT tenant_id, idempotency_key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2",
                        limit_instant, limit);
  }
};

} // namespace

struct SqlRepositories::Impl {
  explicit Impl(Connection& c)
      : tenants(c),
        api_keys(c),
        offerings(c),
        availability(c),
        pricing_rules(c),
        occupancy(c),
        holds(c),
        customers(c),
        bookings(c),
        coupons(c),
        risk(c),
        idempotency(c),
        outbox(c),
        trust(c),
        portal(c),
        languages(c) {}
  Tenants tenants;
  ApiKeys api_keys;
  Offerings offerings;
  Availability availability;
  PricingRules pricing_rules;
  OccupancyTable occupancy;
  Holds holds;
  Customers customers;
  Bookings bookings;
  Coupons coupons;
  Risk risk;
  Idempotency idempotency;
  OutboxRepositories outbox;
  TrustParts trust;
  PortalParts portal;
  LanguageParts languages;
};

SqlRepositories::SqlRepositories(Connection& connection) : impl_(std::make_unique<Impl>(connection)) {}
SqlRepositories::~SqlRepositories() = default;

Repositories SqlRepositories::all() const {
  auto& i = *impl_;
  return {i.tenants,
          i.api_keys,
          i.offerings,
          i.availability,
          i.pricing_rules,
          i.occupancy,
          i.holds,
          i.customers,
          i.bookings,
          i.coupons,
          i.risk,
          i.outbox.events(),
          i.idempotency,
          i.outbox.webhooks(),
          i.outbox.deliveries(),
          i.outbox.notifications(),
          i.trust.all(),
          i.portal.all(),
          i.languages.all()};
}

} // namespace orkestr::inline v1::storage::sql
