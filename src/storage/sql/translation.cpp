#include "orkestr/storage/translation_repository.hpp"
#include "storage/sql/languages.hpp"
#include "storage/sql/repository.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<TenantLocale> {
  using T = TenantLocale;
  static constexpr std::string_view table = "tenant_locales";
  static constexpr auto columns = std::make_tuple(column("locale", &T::locale), column("created_at", &T::created_at),
                                                  column("sweep_at", &T::sweep_at), column("sweep_place", &T::sweep_place));
};

template <> struct Row<Translation> {
  using T = Translation;
  static constexpr std::string_view table = "translations";
  static constexpr auto columns = std::make_tuple(column("subject_id", &T::subject_id), column("locale", &T::locale),
                                                  column("kind", &T::kind), column("state", &T::state), column("texts", &T::texts),
                                                  column("overridden", &T::overridden), column("generation", &T::generation),
                                                  column("attempts", &T::attempts), column("next_attempt_at", &T::next_attempt_at),
                                                  column("last_error", &T::last_error), column("updated_at", &T::updated_at));
};

namespace {

/// What is done to a row that is asked for again. @param now  the parameter
std::string asked_again(const std::string& now) {
  return " SET state = 'PENDING', generation = translations.generation + 1, attempts = 0, next_attempt_at = " + now +
         ", updated_at = " + now;
}

/// Languages in one text, so that one statement serves any number: `,fr,pt-BR,`.
std::string joined(std::span<const std::string> locales) {
  std::string text = ",";
  for (const auto& locale : locales) text.append(locale).append(",");
  return text;
}

class Translations final : public TranslationRepository, Base {
 public:
  using Base::Base;

  std::vector<TenantLocale> locales(TenantId tenant) const override {
    static const std::string sql = select<TenantLocale>("ORDER BY locale");
    return query<TenantLocale>(db_, sql, tenant);
  }
  std::optional<TenantLocale> find_locale(TenantId tenant, std::string_view locale) const override {
    static const std::string sql = select<TenantLocale>("AND locale = $2");
    return query_one<TenantLocale>(db_, sql, tenant, locale);
  }
  void put_locale(TenantId tenant, const TenantLocale& locale) override {
    static const std::string sql = upsert<TenantLocale>("tenant_id, locale");
    write(sql, tenant, locale);
  }
  void erase_locale(TenantId tenant, std::string_view locale) override {
    run(db_, "DELETE FROM tenant_locales WHERE tenant_id = $1 AND locale = $2", tenant, locale);
  }
  void restart_sweeps(TenantId tenant, Instant now) override {
    run(db_, "UPDATE tenant_locales SET sweep_at = $1, sweep_place = '' WHERE tenant_id = $2", now, tenant);
  }
  std::vector<DueSweep> due_sweeps(Instant now, std::size_t limit) const override {
    const Use use =
        due_use("SELECT tenant_id, locale FROM tenant_locales WHERE sweep_at <= $1 ORDER BY sweep_at, tenant_id, locale LIMIT $2");
    bind(*use, 1, now);
    bind(*use, 2, limit);
    std::vector<DueSweep> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      get(*use, 1, row.locale);
    }
    return rows;
  }

  std::optional<Translation> find(TenantId tenant, std::string_view subject, std::string_view locale) const override {
    static const std::string sql = select<Translation>("AND subject_id = $2 AND locale = $3");
    return query_one<Translation>(db_, sql, tenant, subject, locale);
  }
  std::vector<Translation> of(TenantId tenant, std::string_view locale, std::span<const std::string> subjects) const override {
    if (subjects.empty()) return {};
    // All in one text, so that one statement serves any number of them.
    static const std::string sqlite = select<Translation>("AND locale = $2 AND subject_id IN (SELECT value FROM json_each($3))");
    static const std::string postgres = select<Translation>("AND locale = $2 AND subject_id = ANY(string_to_array($3, ','))");
    const bool lite = db_.dialect() == Dialect::sqlite;
    std::string all = lite ? "[" : "";
    for (const auto& subject : subjects) {
      if (&subject != subjects.data()) all += ',';
      all.append(lite ? "\"" : "").append(subject).append(lite ? "\"" : "");
    }
    if (lite) all += ']';
    const Use use(db_, lite ? sqlite : postgres);
    bind(*use, 1, tenant);
    bind(*use, 2, locale);
    bind(*use, 3, std::string_view{all});
    std::vector<Translation> rows;
    while (use->step()) rows.push_back(read_row<Translation>(*use));
    return rows;
  }
  std::vector<Translation> list(TenantId tenant, const TranslationFilter& filter, const Page& page) const override {
    std::string sql = select<Translation>("AND (subject_id, locale) < ($2, $3)");
    int n = 4;
    if (filter.locale) sql += " AND locale = $" + std::to_string(n++);
    if (filter.kind) sql += " AND kind = $" + std::to_string(n++);
    if (filter.state) sql += " AND state = $" + std::to_string(n++);
    sql += " ORDER BY subject_id DESC, locale DESC LIMIT $" + std::to_string(n);
    const Use use(db_, sql);
    const auto [subject, locale] = translation_place(before(page));
    bind(*use, 1, tenant);
    bind(*use, 2, subject);
    bind(*use, 3, locale);
    n = 4;
    if (filter.locale) bind(*use, n++, *filter.locale);
    if (filter.kind) bind(*use, n++, *filter.kind);
    if (filter.state) bind(*use, n++, *filter.state);
    bind(*use, n, page.limit);
    std::vector<Translation> rows;
    while (use->step()) rows.push_back(read_row<Translation>(*use));
    return rows;
  }
  std::vector<TranslationCount> counts(TenantId tenant) const override {
    const Use use(db_,
                  "SELECT locale, state, count(*) FROM translations WHERE tenant_id = $1 GROUP BY locale, state ORDER BY locale, state");
    bind(*use, 1, tenant);
    std::vector<TranslationCount> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.locale);
      get(*use, 1, row.state);
      get(*use, 2, row.rows);
    }
    return rows;
  }
  std::vector<DueTranslation> due(Instant now, std::size_t limit, std::span<const std::string> busy) const override {
    const auto text = joined(busy);
    const Use use = due_use("SELECT tenant_id, subject_id, locale FROM translations WHERE next_attempt_at <= $1"
                            " AND $2 NOT LIKE '%,' || locale || ',%' ORDER BY next_attempt_at, tenant_id, subject_id, locale LIMIT $3");
    bind(*use, 1, now);
    bind(*use, 2, text);
    bind(*use, 3, limit);
    std::vector<DueTranslation> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.tenant);
      get(*use, 1, row.subject_id);
      get(*use, 2, row.locale);
    }
    return rows;
  }

  void queue(TenantId tenant, TranslationKind kind, std::string_view subject, Instant now) override {
    // Blind, so that a write of somebody without languages waits for nothing.
    static const std::string sql =
        "INSERT INTO translations (tenant_id, subject_id, locale, kind, state, texts, overridden, generation, attempts, next_attempt_at,"
        " last_error, updated_at) SELECT tenant_id, CAST($1 AS TEXT), locale, CAST($2 AS TEXT), 'PENDING', '[]', 0, 1, 0,"
        " CAST($3 AS BIGINT), CAST(NULL AS TEXT), CAST($3 AS BIGINT) FROM tenant_locales WHERE tenant_id = $4"
        " ON CONFLICT (tenant_id, subject_id, locale) DO UPDATE" +
        asked_again("CAST($3 AS BIGINT)");
    run(db_, sql, subject, kind, now, tenant);
  }
  void queue_missing(TenantId tenant, TranslationKind kind, std::string_view subject, std::string_view locale, Instant now) override {
    run(db_,
        "INSERT INTO translations (tenant_id, subject_id, locale, kind, state, texts, overridden, generation, attempts, next_attempt_at,"
        " last_error, updated_at) VALUES ($1, $2, $3, $4, 'PENDING', '[]', 0, 1, 0, $5, NULL, $5)"
        " ON CONFLICT (tenant_id, subject_id, locale) DO NOTHING",
        tenant, subject, locale, kind, now);
  }
  void requeue_all(TenantId tenant, Instant now) override {
    static const std::string sql = "UPDATE translations" + asked_again("$1") +
                                   " WHERE tenant_id = $2 AND locale IN (SELECT locale FROM tenant_locales WHERE tenant_id = $2)";
    run(db_, sql, now, tenant);
  }
  void put(TenantId tenant, const Translation& translation) override {
    static const std::string sql = upsert<Translation>("tenant_id, subject_id, locale");
    write(sql, tenant, translation);
  }
  void erase(TenantId tenant, std::string_view subject, std::string_view locale) override {
    run(db_, "DELETE FROM translations WHERE tenant_id = $1 AND subject_id = $2 AND locale = $3", tenant, subject, locale);
  }
  void erase_subject(TenantId tenant, std::string_view subject) override {
    run(db_, "DELETE FROM translations WHERE tenant_id = $1 AND subject_id = $2", tenant, subject);
  }
  void erase_machine_rows(TenantId tenant, std::string_view locale) override {
    run(db_, "DELETE FROM translations WHERE tenant_id = $1 AND locale = $2 AND overridden = 0", tenant, locale);
  }

 private:
  template <class T> static std::string upsert(std::string_view key) {
    std::string values, sets;
    int n = 2;
    for_each_column<T>([&](const auto& c) {
      values += ", $" + std::to_string(n++);
      sets.append(sets.empty() ? "" : ", ").append(c.name).append(" = excluded.").append(c.name);
    });
    return "INSERT INTO " + std::string{Row<T>::table} + " (tenant_id, " + column_list<T>() + ") VALUES ($1" + values + ") ON CONFLICT (" +
           std::string{key} + ") DO UPDATE SET " + sets;
  }
  template <class T> void write(const std::string& sql, TenantId tenant, const T& row) {
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind_columns(*use, 2, row, scratch);
    use->run();
  }
  [[nodiscard]] Use due_use(std::string sql) const {
    if (db_.claims_work()) sql += skip_locked;
    return Use(db_, sql, every_tenant);
  }
};

} // namespace

std::unique_ptr<TranslationRepository> make_translations(Connection& connection) { return std::make_unique<Translations>(connection); }

} // namespace orkestr::inline v1::storage::sql
