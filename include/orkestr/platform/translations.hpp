// Translations: the languages of a business, what people write over the machine's texts, and the desk that has the rest translated.
#pragma once

#include "orkestr/engine/translation.hpp"
#include "orkestr/platform/platform.hpp"
#include "orkestr/platform/work_loop.hpp"
#include "orkestr/storage/translation_repository.hpp"

#include <memory>

namespace orkestr::inline v1 {

// ---- languages ---------------------------------------------------------------------------------------------------

/// A language as a business is told of it.
struct LocaleView {
  std::string locale, name;
  bool right_to_left = false;
  std::optional<std::string> translator; ///< who translates into it; none: people alone
  std::int64_t translated = 0, pending = 0, stale = 0, failed = 0, no_translator = 0;
  Instant created_at;
};

/// Alphabetical. @param translator  may be nullptr
[[nodiscard]] std::vector<LocaleView> locale_views(const storage::ReadTransaction& tx, const Tenant& tenant, const Translator* translator);

/// Enables a language; all that the business has is queued for it. @errors `invalid_fields`, `already_exists`
[[nodiscard]] Result<TenantLocale> add_locale(WriteContext& cx, const Tenant& tenant, std::string_view tag);
/// What machines have made of it goes; what people wrote is kept for the day it is enabled again. @errors `not_found`
[[nodiscard]] Result<void> remove_locale(WriteContext& cx, std::string_view locale);

/// The languages a storefront speaks: the tenant's own, then those enabled.
[[nodiscard]] std::vector<std::string> storefront_locales(const storage::ReadTransaction& tx, const Tenant& tenant);

// ---- texts -------------------------------------------------------------------------------------------------------

/// The texts of a subject as they are; none where it is gone or has none.
[[nodiscard]] std::vector<SourceText> load_sources(const storage::ReadTransaction& tx, TenantId tenant, TranslationKind kind,
                                                   std::string_view subject);
/// Which kind an id is of. nullopt for ids of other things, and of another tenant.
[[nodiscard]] std::optional<TranslationKind> kind_of_subject(TenantId tenant, std::string_view subject);

/// One field of a subject, in both languages.
struct TranslationField {
  std::string field, source;
  std::optional<std::string> text;
  std::optional<TextOrigin> origin;
  bool stale = false;
  std::optional<std::string> translator;
};
struct TranslationView {
  std::string subject_id, locale;
  TranslationKind kind = TranslationKind::offering;
  TranslationState state = TranslationState::pending;
  std::vector<TranslationField> fields;
  std::optional<std::string> last_error;
  std::optional<Instant> next_attempt_at;
  Instant updated_at;
};

/// @errors `not_found`: the language is not enabled, or there is no such subject
[[nodiscard]] Result<TranslationView> translation_view(const storage::ReadTransaction& tx, const Tenant& tenant, std::string_view subject,
                                                       std::string_view locale);
/// Writes over the machine's texts; null gives a field back to the machine.
/// @param reader  where faults go: texts are checked here. @errors `not_found`, `invalid_fields`
[[nodiscard]] Result<void> override_translation(WriteContext& cx, const Tenant& tenant, std::string_view subject, std::string_view locale,
                                                const json::Object& texts, json::Reader& reader);
/// Tries again now. @errors `not_found`
[[nodiscard]] Result<void> retry_translation(WriteContext& cx, std::string_view subject, std::string_view locale);

namespace translations {
/// The texts of a subject have changed, or are new: in the transaction that changes them.
void queue(WriteContext& cx, TranslationKind kind, std::string_view subject);
/// So many are new that they are queued page by page, later.
void queue_many(WriteContext& cx);
/// The tenant speaks another language: every text is of another source.
void queue_all(WriteContext& cx);
/// An offering is found by what it says in a language, too: in the transaction that changes that.
void index(WriteContext& cx, const Translation& translation);
/// The subject is gone.
void forget(WriteContext& cx, std::string_view subject);
} // namespace translations

// ---- the desk ----------------------------------------------------------------------------------------------------

/// Has translated what is due. Any number of desks may share a store: what one has taken is left alone by the others for a while.
///
/// Translators are asked within no transaction, and any number of them at a time, so that one that is slow holds up nobody else. An answer
/// is written down if nobody has asked anew meanwhile, and never over a person's text.
/// @thread_safety step() and settle() on one thread at a time; stats() from any
class TranslationDesk {
 public:
  /// @param on_answer  called when step() has something to write down, on any thread; it may be empty
  /// @param on_trouble hears what translators could not do, on the thread of step(); it may be empty
  TranslationDesk(Platform& platform, Translator& translator, std::function<void()> on_answer = {},
                  std::function<void(const Error&)> on_trouble = {});
  /// Answers under way are thrown away: what was asked for is due again after a while.
  ~TranslationDesk();
  TranslationDesk(const TranslationDesk&) = delete;
  TranslationDesk& operator=(const TranslationDesk&) = delete;

  /// Writes down what was answered, sweeps, and asks for what is due. @returns whether there was any of it: there may be more
  [[nodiscard]] Result<bool> step(Instant now);
  /// Steps until nothing is due and nothing is under way: for those who have no worker.
  [[nodiscard]] Result<void> settle(Instant now);

  struct Stats {
    std::uint64_t texts = 0, characters = 0, rows = 0, failed = 0, outdated = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Batch;
  struct Inbox; ///< outlives the desk while translators have questions of it
  struct Taken;

  [[nodiscard]] Result<bool> write_answers(Instant now);
  [[nodiscard]] Result<bool> sweep(Instant now);
  [[nodiscard]] std::vector<std::string> busy_locales() const;
  [[nodiscard]] Result<bool> take(Instant now, std::span<const std::string> busy);
  [[nodiscard]] Result<void> write(const Batch& batch, const TranslationAnswer& answer, Instant now);

  Platform& platform_;
  Translator& translator_;
  const std::function<void(const Error&)> on_trouble_;
  std::shared_ptr<Inbox> inbox_;
  std::atomic<std::uint64_t> texts_{0}, characters_{0}, rows_{0}, failed_{0}, outdated_{0};
};

/// A thread that does so from its making to its end, on what Platform::on_translations tells, which it sets, and every second.
class TranslationWorker {
 public:
  explicit TranslationWorker(Platform& platform, Translator& translator, std::function<void(const Error&)> on_trouble = {});
  ~TranslationWorker();
  TranslationWorker(const TranslationWorker&) = delete;
  TranslationWorker& operator=(const TranslationWorker&) = delete;

  [[nodiscard]] TranslationDesk::Stats stats() const { return desk_.stats(); }

 private:
  struct Bell; ///< what answers ring, also when the loop is gone

  Platform& platform_;
  std::shared_ptr<Bell> bell_;
  TranslationDesk desk_;
  std::optional<WorkLoop> loop_;
};

namespace json {
template <> struct Schema<LocaleView> {
  using T = LocaleView;
  static constexpr auto fields =
      std::make_tuple(field("locale", &T::locale, out), field("name", &T::name, out), field("rightToLeft", &T::right_to_left, out),
                      field("translator", &T::translator, out), field("translated", &T::translated, out),
                      field("pending", &T::pending, out), field("stale", &T::stale, out), field("failed", &T::failed, out),
                      field("noTranslator", &T::no_translator, out), field("createdAt", &T::created_at, out));
};
template <> struct Schema<TranslationField> {
  using T = TranslationField;
  static constexpr auto fields =
      std::make_tuple(field("field", &T::field, out), field("source", &T::source, out), field("text", &T::text, out),
                      field("origin", &T::origin, out), field("stale", &T::stale, out), field("translator", &T::translator, out));
};
template <> struct Schema<TranslationView> {
  using T = TranslationView;
  static constexpr auto fields =
      std::make_tuple(field("subjectId", &T::subject_id, out), field("kind", &T::kind, out), field("locale", &T::locale, out),
                      field("state", &T::state, out), field("fields", &T::fields, out), field("lastError", &T::last_error, out),
                      field("nextAttemptAt", &T::next_attempt_at, out), field("updatedAt", &T::updated_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
