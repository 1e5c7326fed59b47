// What the routes of languages and translations take and answer.
#pragma once

#include "orkestr/platform/translations.hpp"

namespace orkestr::inline v1 {
namespace api {

struct LocaleDraft {
  std::string locale;
};

/// Texts by field; null gives one back to the machine.
struct TranslationTexts {
  json::Object texts;
};

/// A row of the list.
struct TranslationRow : Translation {};

} // namespace api

namespace json {
template <> struct Schema<api::LocaleDraft> {
  static constexpr auto fields = std::make_tuple(
      field("locale", &api::LocaleDraft::locale, create | required, {2, 35, is_locale, "Use a BCP 47 tag such as es or pt-BR."}));
};
template <> struct Schema<api::TranslationTexts> {
  static constexpr auto fields = std::make_tuple(field("texts", &api::TranslationTexts::texts, create | required, {1, 64}));
};
template <> struct Schema<api::TranslationRow> {
  using T = api::TranslationRow;
  static constexpr auto fields = std::make_tuple(
      field_of<T>("subjectId", &Translation::subject_id, out), field_of<T>("kind", &Translation::kind, out),
      field_of<T>("locale", &Translation::locale, out), field_of<T>("state", &Translation::state, out),
      field_of<T>("overridden", &Translation::overridden, out), field_of<T>("attempts", &Translation::attempts, out),
      field_of<T>("lastError", &Translation::last_error, out), field_of<T>("nextAttemptAt", &Translation::next_attempt_at, out),
      field_of<T>("updatedAt", &Translation::updated_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
