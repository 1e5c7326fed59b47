#include "orkestr/storage/translation_repository.hpp"
#include "storage/memory/languages.hpp"

#include <algorithm>
#include <map>

namespace orkestr::inline v1::storage::memory {
namespace {

class Translations final : public TranslationRepository {
 public:
  explicit Translations(UndoLog& undo)
      : locales_(undo, "tenant_locales"), sweeps_(undo, "tenant_locales"), rows_(undo, "translations"), due_(undo, "translations") {}

  std::vector<TenantLocale> locales(TenantId tenant) const override {
    std::vector<TenantLocale> all;
    for (const auto& [key, row] : locales_.range(tenant)) all.push_back(row);
    return all;
  }
  std::optional<TenantLocale> find_locale(TenantId tenant, std::string_view locale) const override { return locales_.copy(tenant, locale); }
  void put_locale(TenantId tenant, const TenantLocale& locale) override {
    erase_locale(tenant, locale.locale);
    locales_.put({tenant, locale.locale}, locale);
    if (locale.sweep_at) sweeps_.put({*locale.sweep_at, tenant, locale.locale}, {});
  }
  void erase_locale(TenantId tenant, std::string_view locale) override {
    const auto old = find_locale(tenant, locale);
    if (!old) return;
    if (old->sweep_at) sweeps_.erase({*old->sweep_at, tenant, old->locale});
    locales_.erase({tenant, old->locale});
  }
  void restart_sweeps(TenantId tenant, Instant now) override {
    for (auto row : locales(tenant)) {
      row.sweep_at = now;
      row.sweep_place.clear();
      put_locale(tenant, row);
    }
  }
  std::vector<DueSweep> due_sweeps(Instant now, std::size_t limit) const override {
    std::vector<DueSweep> all;
    for (const auto& [key, nothing] : sweeps_.rows()) {
      if (all.size() == limit || now < std::get<0>(key)) break;
      all.push_back({std::get<1>(key), std::get<2>(key)});
    }
    return all;
  }

  std::optional<Translation> find(TenantId tenant, std::string_view subject, std::string_view locale) const override {
    return rows_.copy(tenant, subject, locale);
  }
  std::vector<Translation> of(TenantId tenant, std::string_view locale, std::span<const std::string> subjects) const override {
    std::vector<Translation> all;
    for (const auto& subject : subjects)
      if (const auto* row = rows_.find(tenant, subject, locale); row != nullptr) all.push_back(*row);
    return all;
  }
  std::vector<Translation> list(TenantId tenant, const TranslationFilter& filter, const Page& page) const override {
    using Place = std::pair<std::string_view, std::string_view>;
    const auto [subject, locale] = translation_place(page.before);
    const Place before{subject, locale};
    std::vector<Translation> all;
    const auto range = rows_.range(tenant);
    for (auto at = range.end(); at != range.begin() && all.size() < page.limit;) {
      const auto& row = (--at)->second;
      if (!page.before.empty() && Place{row.subject_id, row.locale} >= before) continue;
      if ((!filter.locale || row.locale == *filter.locale) && (!filter.kind || row.kind == *filter.kind) &&
          (!filter.state || row.state == *filter.state))
        all.push_back(row);
    }
    return all;
  }
  std::vector<TranslationCount> counts(TenantId tenant) const override {
    std::map<std::pair<std::string, TranslationState>, std::int64_t> counted;
    for (const auto& [key, row] : rows_.range(tenant)) ++counted[{row.locale, row.state}];
    std::vector<TranslationCount> all;
    all.reserve(counted.size());
    for (const auto& [key, count] : counted) all.push_back({key.first, key.second, count});
    return all;
  }
  std::vector<DueTranslation> due(Instant now, std::size_t limit, std::span<const std::string> busy) const override {
    std::vector<DueTranslation> all;
    for (const auto& [key, nothing] : due_.rows()) {
      if (all.size() == limit || now < std::get<0>(key)) break;
      if (std::ranges::find(busy, std::get<3>(key)) == busy.end()) all.push_back({std::get<1>(key), std::get<2>(key), std::get<3>(key)});
    }
    return all;
  }

  void queue(TenantId tenant, TranslationKind kind, std::string_view subject, Instant now) override {
    for (const auto& locale : locales(tenant)) {
      auto row = find(tenant, subject, locale.locale);
      put(tenant, row ? asked_again(std::move(*row), now) : fresh(kind, subject, locale.locale, now));
    }
  }
  void queue_missing(TenantId tenant, TranslationKind kind, std::string_view subject, std::string_view locale, Instant now) override {
    if (rows_.find(tenant, subject, locale) == nullptr) put(tenant, fresh(kind, subject, locale, now));
  }
  void requeue_all(TenantId tenant, Instant now) override {
    std::vector<Translation> all;
    for (const auto& [key, row] : rows_.range(tenant))
      if (locales_.find(tenant, row.locale) != nullptr) all.push_back(row);
    for (auto& row : all) put(tenant, asked_again(std::move(row), now));
  }
  void put(TenantId tenant, const Translation& row) override {
    erase(tenant, row.subject_id, row.locale);
    rows_.put({tenant, row.subject_id, row.locale}, row);
    if (row.next_attempt_at) due_.put({*row.next_attempt_at, tenant, row.subject_id, row.locale}, {});
  }
  void erase(TenantId tenant, std::string_view subject, std::string_view locale) override {
    const auto old = find(tenant, subject, locale);
    if (!old) return;
    if (old->next_attempt_at) due_.erase({*old->next_attempt_at, tenant, old->subject_id, old->locale});
    rows_.erase({tenant, old->subject_id, old->locale});
  }
  void erase_subject(TenantId tenant, std::string_view subject) override {
    std::vector<std::string> gone;
    for (const auto& [key, row] : rows_.range(tenant, subject)) gone.push_back(row.locale);
    for (const auto& locale : gone) erase(tenant, subject, locale);
  }
  void erase_machine_rows(TenantId tenant, std::string_view locale) override {
    std::vector<std::string> gone;
    for (const auto& [key, row] : rows_.range(tenant))
      if (row.locale == locale && !row.overridden) gone.push_back(row.subject_id);
    for (const auto& subject : gone) erase(tenant, subject, locale);
  }

 private:
  static Translation fresh(TranslationKind kind, std::string_view subject, std::string_view locale, Instant now) {
    Translation row;
    row.subject_id = subject;
    row.locale = locale;
    row.kind = kind;
    row.next_attempt_at = row.updated_at = now;
    return row;
  }
  static Translation asked_again(Translation row, Instant now) {
    row.state = TranslationState::pending;
    ++row.generation;
    row.attempts = 0;
    row.next_attempt_at = row.updated_at = now;
    return row;
  }

  Table<std::tuple<TenantId, std::string>, TenantLocale> locales_;
  Table<std::tuple<Instant, TenantId, std::string>, Nothing> sweeps_;
  Table<std::tuple<TenantId, std::string, std::string>, Translation> rows_;
  Table<std::tuple<Instant, TenantId, std::string, std::string>, Nothing> due_;
};

} // namespace

std::unique_ptr<TranslationRepository> make_translations(UndoLog& undo) { return std::make_unique<Translations>(undo); }

} // namespace orkestr::inline v1::storage::memory
