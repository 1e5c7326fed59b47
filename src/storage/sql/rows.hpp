// One mapping between a row and a value: `Row<T>` names the table and its columns once, and from that come the
// INSERT, UPDATE and SELECT texts, the binding and the reading. Values without a column type of their own are kept
// as JSON text. `tenant_id` leads every table and stands outside the mapping: callers always pass it.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/repositories.hpp"

#include <memory>
#include <string>
#include <tuple>

namespace orkestr::inline v1::storage::sql {

// ---- single values -----------------------------------------------------------------------------------------------

inline void bind(Statement& s, int p, bool v) { s.bind(p, static_cast<std::int64_t>(v)); }
inline void bind(Statement& s, int p, int v) { s.bind(p, static_cast<std::int64_t>(v)); }
inline void bind(Statement& s, int p, std::int64_t v) { s.bind(p, v); }
inline void bind(Statement& s, int p, std::size_t v) { s.bind(p, static_cast<std::int64_t>(v)); }
inline void bind(Statement& s, int p, double v) { s.bind(p, v); }
inline void bind(Statement& s, int p, std::string_view v) { s.bind(p, v); }
inline void bind(Statement& s, int p, const std::string& v) { s.bind(p, std::string_view{v}); }
inline void bind(Statement& s, int p, Instant v) { s.bind(p, v.ms); }
inline void bind(Statement& s, int p, LocalDate v) { s.bind(p, static_cast<std::int64_t>(v.days)); }
inline void bind(Statement& s, int p, LocalTime v) { s.bind(p, static_cast<std::int64_t>(v.minutes)); }
inline void bind(Statement& s, int p, LocalDateTime v) { s.bind(p, v.seconds); }
inline void bind(Statement& s, int p, const Currency& v) { s.bind(p, v.code()); }
template <class Tag> void bind(Statement& s, int p, const Id<Tag>& v) { s.bind(p, v.view()); }
inline void bind(Statement& s, int p, const TenantId& v) { s.bind_tenant(p, v.view()); }
inline void bind(Statement& s, int p, const Holder& v) { s.bind(p, v.view()); }
template <json::NamedEnum E> void bind(Statement& s, int p, E v) { s.bind(p, json::name_of(v)); }
template <class T> void bind(Statement& s, int p, const std::optional<T>& v) {
  if (v)
    bind(s, p, *v);
  else
    s.bind_null(p);
}

inline void get(const Statement& s, int c, bool& v) { v = s.integer(c) != 0; }
inline void get(const Statement& s, int c, int& v) { v = static_cast<int>(s.integer(c)); }
inline void get(const Statement& s, int c, std::int64_t& v) { v = s.integer(c); }
inline void get(const Statement& s, int c, double& v) { v = s.number(c); }
inline void get(const Statement& s, int c, std::string& v) { v = s.text(c); }
inline void get(const Statement& s, int c, Instant& v) { v = {s.integer(c)}; }
inline void get(const Statement& s, int c, LocalDate& v) { v = {static_cast<std::int32_t>(s.integer(c))}; }
inline void get(const Statement& s, int c, LocalTime& v) { v = {static_cast<std::int16_t>(s.integer(c))}; }
inline void get(const Statement& s, int c, LocalDateTime& v) { v = {s.integer(c)}; }
inline void get(const Statement& s, int c, Currency& v) { v = Currency::parse(s.text(c)).value_or(Currency{}); }
template <class Tag> void get(const Statement& s, int c, Id<Tag>& v) { v = Id<Tag>::parse(s.text(c)).value_or(Id<Tag>{}); }
inline void get(const Statement& s, int c, Holder& v) { v = Holder::parse(s.text(c)); }
template <json::NamedEnum E> void get(const Statement& s, int c, E& v) {
  const auto found = json::enum_named<E>(s.text(c));
  if (!found) throw StoreFailure{fail(Code::store_unavailable, "A row has a value this version does not know: " + std::string{s.text(c)})};
  v = *found;
}
template <class T> void get(const Statement& s, int c, std::optional<T>& v) {
  if (s.is_null(c)) {
    v.reset();
    return;
  }
  T value{};
  get(s, c, value);
  v = std::move(value);
}

/// Kept as JSON text: lists, attribute objects and small structures.
template <class T>
concept JsonColumn = std::is_same_v<T, json::Object> || std::is_same_v<T, CancellationPolicy> || json::Described<T> || requires(T v) {
  v.push_back(v.front());
  v.data();
  requires !std::is_same_v<T, std::string> && !std::is_same_v<T, std::vector<Scope>>;
};

/// Holds the JSON texts that a statement borrows while it is bound.
using Scratch = std::vector<std::string>;

/// Scopes are read on every request, so they are words and not JSON.
inline std::string scope_words(const std::vector<Scope>& scopes) {
  std::string words;
  for (Scope scope : scopes) words.append(words.empty() ? "" : " ").append(json::name_of(scope));
  return words;
}
inline void get(const Statement& s, int c, std::vector<Scope>& scopes) {
  std::string_view words = s.text(c);
  scopes.clear();
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (const auto scope = json::enum_named<Scope>(words.substr(0, end))) scopes.push_back(*scope);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

inline void get_json(const Statement& s, int c, CancellationPolicy& policy) {
  // A snapshot keeps the tiers it was made with, even when a later version gives its kind others.
  const auto value = json::parse(s.text(c));
  const auto* object = value ? value->if_object() : nullptr;
  const auto* kind = object ? object->if_contains("kind") : nullptr;
  const auto* tiers = object ? object->if_contains("tiers") : nullptr;
  const auto* grace = object ? object->if_contains("graceMinutes") : nullptr;
  json::Reader reader;
  if (kind != nullptr && tiers != nullptr) {
    json::Codec<PolicyKind>::read(reader, *kind, policy.kind, {});
    json::Codec<std::vector<RefundTier>>::read(reader, *tiers, policy.tiers, {});
    if (grace != nullptr) json::Codec<int>::read(reader, *grace, policy.grace_minutes, {});
  }
  if (kind == nullptr || tiers == nullptr || !reader.ok())
    throw StoreFailure{fail(Code::store_unavailable, "A policy in the store can't be read.")};
}
template <class T> void get_json(const Statement& s, int c, T& v) {
  auto value = json::parse(s.text(c), {32, 100'000});
  json::Reader reader;
  if (!value || !json::Codec<T>::read(reader, *value, v, {}))
    throw StoreFailure{fail(Code::store_unavailable, "A JSON column in the store can't be read.")};
}

// ---- whole rows --------------------------------------------------------------------------------------------------

template <class Owner, class T> struct Column {
  std::string_view name;
  T Owner::*member;
};
template <class Owner, class T> constexpr Column<Owner, T> column(std::string_view name, T Owner::*member) { return {name, member}; }

/// `table` and `columns`, the first of which is the id.
template <class T> struct Row;

template <class T, class F> void for_each_column(F&& f) {
  std::apply([&](const auto&... columns) { (f(columns), ...); }, Row<T>::columns);
}

template <class T> inline constexpr int column_count = std::tuple_size_v<std::remove_cvref_t<decltype(Row<T>::columns)>>;

/// `a, b, c`, each behind `prefix`.
template <class T> std::string column_list(std::string_view prefix = {}) {
  std::string list;
  for_each_column<T>([&](const auto& c) { list.append(list.empty() ? "" : ", ").append(prefix).append(c.name); });
  return list;
}

/// `SELECT id, … FROM table WHERE tenant_id = $1 ` + rest
template <class T> std::string select(std::string_view rest) {
  return "SELECT " + column_list<T>() + " FROM " + std::string{Row<T>::table} + " WHERE tenant_id = $1 " + std::string{rest};
}

template <class T> int bind_columns(Statement& s, int first, const T& row, Scratch& scratch) {
  scratch.reserve(column_count<T>); // views into it must stay put
  for_each_column<T>([&](const auto& c) {
    const auto& value = row.*(c.member);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::vector<Scope>>)
      s.bind(first++, std::string_view{scratch.emplace_back(scope_words(value))});
    else if constexpr (JsonColumn<std::remove_cvref_t<decltype(value)>>)
      s.bind(first++, std::string_view{scratch.emplace_back(json::to_json(value))});
    else
      bind(s, first++, value);
  });
  return first;
}

/// Reads the columns of T, the first of them in `first`.
template <class T> T read_row(const Statement& s, int first = 0) {
  T row;
  for_each_column<T>([&](const auto& c) {
    auto& value = row.*(c.member);
    if constexpr (JsonColumn<std::remove_cvref_t<decltype(value)>>)
      get_json(s, first++, value);
    else
      get(s, first++, value);
  });
  return row;
}

template <class T> void insert_row(Connection& connection, TenantId tenant, const T& row) {
  static const std::string sql = [] {
    std::string text = "INSERT INTO " + std::string{Row<T>::table} + " (tenant_id, " + column_list<T>() + ") VALUES ($1";
    for (int i = 2; i <= column_count<T> + 1; ++i) text += ", $" + std::to_string(i);
    return text + ")";
  }();
  const Use use(connection, sql);
  Scratch scratch;
  bind(*use, 1, tenant);
  bind_columns(*use, 2, row, scratch);
  use->run();
}

/// Writes every column of the row with that tenant and id, if there is one.
template <class T> void update_row(Connection& connection, TenantId tenant, const T& row) {
  static const std::string sql = [] {
    std::string sets;
    int n = 1;
    for_each_column<T>([&](const auto& c) {
      sets += (n == 1 ? "" : ", ") + std::string{c.name} + " = $" + std::to_string(n);
      ++n;
    });
    return "UPDATE " + std::string{Row<T>::table} + " SET " + sets + " WHERE tenant_id = $" + std::to_string(n) + " AND id = $1";
  }();
  const Use use(connection, sql);
  Scratch scratch;
  bind(*use, bind_columns(*use, 1, row, scratch), tenant);
  use->run();
}

/// Binds the arguments to $1, $2… and collects the rows.
template <class T, class... Args> std::vector<T> query(Connection& connection, std::string_view sql, const Args&... args) {
  const Use use(connection, sql);
  int p = 1;
  (bind(*use, p++, args), ...);
  std::vector<T> rows;
  while (use->step()) rows.push_back(read_row<T>(*use));
  return rows;
}

template <class T, class... Args> std::optional<T> query_one(Connection& connection, std::string_view sql, const Args&... args) {
  const Use use(connection, sql);
  int p = 1;
  (bind(*use, p++, args), ...);
  if (!use->step()) return std::nullopt;
  return read_row<T>(*use);
}

/// Asks what has been bound; `read(Statement&)` takes the answer from it, now or when it is wanted.
template <class Read> auto ask(std::shared_ptr<Use> use, Read read) -> Later<std::invoke_result_t<Read, Statement&>> {
  if (!(*use)->ask()) return read(**use);
  return Later<std::invoke_result_t<Read, Statement&>>{[use = std::move(use), read = std::move(read)] { return read(**use); }};
}

template <class... Args> void run(Connection& connection, std::string_view sql, const Args&... args) {
  const Use use(connection, sql);
  int p = 1;
  (bind(*use, p++, args), ...);
  use->run();
}

/// @returns the number of rows touched
template <class... Args> std::int64_t execute(Connection& connection, std::string_view sql, const Args&... args) {
  const Use use(connection, sql);
  int p = 1;
  (bind(*use, p++, args), ...);
  use->step();
  return use->changes();
}

} // namespace orkestr::inline v1::storage::sql
