// What was translated for a tenant, by whom, and what is still to be. As in repositories.hpp.
#pragma once

#include "orkestr/engine/translation.hpp"
#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

struct TranslationFilter {
  std::optional<std::string> locale;
  std::optional<TranslationKind> kind;
  std::optional<TranslationState> state;
};

/// How many rows of a language are in a state.
struct TranslationCount {
  std::string locale;
  TranslationState state = TranslationState::pending;
  std::int64_t rows = 0;
};

struct DueTranslation {
  TenantId tenant;
  std::string subject_id, locale;
};

struct DueSweep {
  TenantId tenant;
  std::string locale;
};

/// The languages of tenants, and one row for each subject and language. A tenant without languages has no rows, and costs nothing.
class TranslationRepository {
 public:
  virtual ~TranslationRepository() = default;

  /// In alphabetical order.
  [[nodiscard]] virtual std::vector<TenantLocale> locales(TenantId tenant) const = 0;
  [[nodiscard]] virtual std::optional<TenantLocale> find_locale(TenantId tenant, std::string_view locale) const = 0;
  /// Adds or replaces.
  virtual void put_locale(TenantId tenant, const TenantLocale& locale) = 0;
  virtual void erase_locale(TenantId tenant, std::string_view locale) = 0;
  /// All languages of the tenant are swept anew.
  virtual void restart_sweeps(TenantId tenant, Instant now) = 0;
  /// Over all tenants: whose sweeps are to go on, oldest first.
  [[nodiscard]] virtual std::vector<DueSweep> due_sweeps(Instant now, std::size_t limit) const = 0;

  [[nodiscard]] virtual std::optional<Translation> find(TenantId tenant, std::string_view subject, std::string_view locale) const = 0;
  /// Those that there are of these subjects, in any order and in one question. @param subjects  ids, none of them twice
  [[nodiscard]] virtual std::vector<Translation> of(TenantId tenant, std::string_view locale,
                                                    std::span<const std::string> subjects) const = 0;
  /// The other way about in the order of subject and locale; `page.before` is `<subject>|<locale>`.
  [[nodiscard]] virtual std::vector<Translation> list(TenantId tenant, const TranslationFilter& filter, const Page& page) const = 0;
  [[nodiscard]] virtual std::vector<TranslationCount> counts(TenantId tenant) const = 0;
  /// Over all tenants: what is to be worked on, oldest first, but for these languages.
  [[nodiscard]] virtual std::vector<DueTranslation> due(Instant now, std::size_t limit, std::span<const std::string> busy) const = 0;

  /// The subject is to be translated (anew) into each language of the tenant.
  virtual void queue(TenantId tenant, TranslationKind kind, std::string_view subject, Instant now) = 0;
  /// The subject is to be translated into one language if there is no row of that yet.
  virtual void queue_missing(TenantId tenant, TranslationKind kind, std::string_view subject, std::string_view locale, Instant now) = 0;
  /// Every row of the tenant's languages is to be looked at anew.
  virtual void requeue_all(TenantId tenant, Instant now) = 0;
  /// Adds or replaces.
  virtual void put(TenantId tenant, const Translation& translation) = 0;
  virtual void erase(TenantId tenant, std::string_view subject, std::string_view locale) = 0;
  /// In all languages.
  virtual void erase_subject(TenantId tenant, std::string_view subject) = 0;
  /// Rows of a language in which nobody has overridden anything.
  virtual void erase_machine_rows(TenantId tenant, std::string_view locale) = 0;
};

/// Takes a place of TranslationRepository::list() apart: subject and locale; a text without `|` is a subject alone.
[[nodiscard]] inline std::pair<std::string_view, std::string_view> translation_place(std::string_view before) {
  const auto bar = before.find('|');
  if (bar == std::string_view::npos) return {before, {}};
  return {before.substr(0, bar), before.substr(bar + 1)};
}
[[nodiscard]] inline std::string translation_place(const Translation& row) { return row.subject_id + "|" + row.locale; }

} // namespace orkestr::inline v1::storage
