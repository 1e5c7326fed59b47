// `?locale=`: resources stay in the tenant's own language, and say beside that what there is in the reader's.
#pragma once

#include "api/context.hpp"

#include "orkestr/engine/translation.hpp"

namespace orkestr::inline v1::api {

/// What a reader asks for by `?locale=`.
struct WantedLocale {
  bool asked = false;                ///< without it nothing is added
  std::optional<std::string> served; ///< the enabled language that serves them; none: the tenant's own does
};

inline constexpr std::string_view locale_parameter[] = {"locale"};

/// @errors `invalid_parameter`
[[nodiscard]] Result<WantedLocale> wanted_locale(const storage::ReadTransaction& tx, const Call& call);

/// A resource with its `"translation"`.
template <class T> struct Translated : T {
  std::string translation; ///< an object or `null`, as JSON
};

/// The translations of several subjects as JSON, in their order: one question for all.
[[nodiscard]] std::vector<std::string> translations_json(const storage::ReadTransaction& tx, const Call& call, const std::string& locale,
                                                         std::span<const std::string> subjects,
                                                         std::span<const std::vector<SourceText>> sources);
[[nodiscard]] inline std::string subject_of(const Offering& row) { return row.id.str(); }
[[nodiscard]] inline std::string subject_of(const Review& row) { return row.id.str(); }
[[nodiscard]] inline std::string subject_of(const Coupon& row) { return row.id.str(); }
[[nodiscard]] inline std::string subject_of(const Tenant& row) { return row.id.str(); }

template <class T>
[[nodiscard]] std::vector<Translated<T>> translated(const storage::ReadTransaction& tx, const Call& call, const WantedLocale& wanted,
                                                    std::vector<T> rows) {
  std::vector<std::string> texts(rows.size(), "null");
  if (wanted.served) {
    std::vector<std::string> subjects;
    std::vector<std::vector<SourceText>> sources;
    for (const auto& row : rows) {
      subjects.push_back(subject_of(row));
      sources.push_back(source_texts(row));
    }
    texts = translations_json(tx, call, *wanted.served, subjects, sources);
  }
  std::vector<Translated<T>> all;
  all.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back({std::move(rows[i]), std::move(texts[i])});
  return all;
}

/// As reply_with(), reply_page() and reply_list(), in the language that the call asks for.
template <class T> [[nodiscard]] Result<Reply> reply_translated(const storage::ReadTransaction& tx, const Call& call, const T& row) {
  ORKESTR_TRY(const auto wanted, wanted_locale(tx, call));
  if (!wanted.asked) return reply_with(row);
  return reply_with(translated(tx, call, wanted, std::vector<T>{row}).front());
}
template <class T>
[[nodiscard]] Result<Reply> reply_page_translated(const storage::ReadTransaction& tx, const Call& call, std::vector<T> rows,
                                                  std::optional<std::string_view> next) {
  ORKESTR_TRY(const auto wanted, wanted_locale(tx, call));
  if (!wanted.asked) return reply_page(rows, next);
  return reply_page(translated(tx, call, wanted, std::move(rows)), next);
}
template <class T, class Place>
[[nodiscard]] Result<Reply> reply_list_translated(const storage::ReadTransaction& tx, const Call& call, std::vector<T> rows,
                                                  std::size_t limit, Place place) {
  if (rows.size() <= limit) return reply_page_translated(tx, call, std::move(rows), std::nullopt);
  rows.resize(limit);
  const std::string next{place(rows.back())};
  return reply_page_translated(tx, call, std::move(rows), next);
}
template <class T>
[[nodiscard]] Result<Reply> reply_list_translated(const storage::ReadTransaction& tx, const Call& call, std::vector<T> rows,
                                                  std::size_t limit) {
  return reply_list_translated(tx, call, std::move(rows), limit, [](const T& row) { return row.id.view(); });
}

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <class T> struct Codec<api::Translated<T>> {
  static constexpr Kind kind = Kind::object;
  static void write(Writer& w, const api::Translated<T>& v) {
    w.begin_object();
    write_fields<T>(w, v);
    w.key("translation");
    w.raw(v.translation);
    w.end_object();
  }
};
} // namespace orkestr::inline v1::json
