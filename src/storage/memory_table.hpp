// Tables in memory whose writes can be taken back: ordered maps that record in one log how to undo each change.
#pragma once

#include "orkestr/base/function_ref.hpp"
#include "orkestr/storage/repositories.hpp"

#include <compare>
#include <functional>
#include <map>
#include <tuple>

namespace orkestr::inline v1::storage::memory {

/// The changes of a write transaction, as the steps that undo them.
class UndoLog {
 public:
  using Mark = std::size_t;

  void record(std::function<void()> step) { steps_.push_back(std::move(step)); }
  [[nodiscard]] Mark mark() const { return steps_.size(); }
  void undo_to(Mark mark) {
    for (; steps_.size() > mark; steps_.pop_back()) steps_.back()();
  }
  /// What was written stays.
  void forget() { steps_.clear(); }

  /// Runs a part and undoes it when it returns false or throws.
  bool attempt(FunctionRef<bool()> part) {
    const Mark start = mark();
    bool keep = false;
    try {
      keep = part();
    } catch (...) {
      undo_to(start);
      throw;
    }
    if (!keep) undo_to(start);
    return keep;
  }

 private:
  std::vector<std::function<void()>> steps_;
};

/// Orders keys that are tuples. A shorter tuple equals every key that begins with it, so that one look-up finds all
/// rows of a tenant or of a parent; ids and texts compare with views, so that looking up allocates nothing.
struct KeyLess {
  using is_transparent = void;

  template <class... A, class... B> bool operator()(const std::tuple<A...>& a, const std::tuple<B...>& b) const {
    return compare<0>(a, b) < 0;
  }

 private:
  template <std::size_t I, class A, class B> static std::strong_ordering compare(const A& a, const B& b) {
    if constexpr (I == std::min(std::tuple_size_v<A>, std::tuple_size_v<B>)) {
      return std::strong_ordering::equal;
    } else {
      const auto order = comparable(std::get<I>(a)) <=> comparable(std::get<I>(b));
      return order != 0 ? order : compare<I + 1>(a, b);
    }
  }
  template <class Tag> static std::string_view comparable(const Id<Tag>& id) { return id.view(); }
  static std::string_view comparable(std::string_view text) { return text; }
  static std::string_view comparable(const Holder& holder) { return holder.view(); }
  static std::int64_t comparable(Instant instant) { return instant.ms; }
  static std::int64_t comparable(std::int64_t number) { return number; }
};

/// What a database answers when a unique index would be broken.
[[noreturn]] inline void refuse_duplicate(std::string_view table) {
  throw StoreFailure{fail(Code::already_exists, "This row of " + std::string{table} + " exists already.")};
}

/// @tparam Key a std::tuple
template <class Key, class Row> class Table {
 public:
  using Rows = std::map<Key, Row, KeyLess>;

  Table(UndoLog& undo, std::string_view name) : undo_(undo), name_(name) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  template <class... Parts> [[nodiscard]] const Row* find(const Parts&... parts) const {
    const auto found = rows_.find(std::tie(parts...));
    return found == rows_.end() ? nullptr : &found->second;
  }
  template <class... Parts> [[nodiscard]] std::optional<Row> copy(const Parts&... parts) const {
    const Row* row = find(parts...);
    return row == nullptr ? std::nullopt : std::optional<Row>{*row};
  }
  /// Rows that follow one another.
  struct Range {
    using Iterator = typename Rows::const_iterator;
    Iterator first, last;
    [[nodiscard]] Iterator begin() const { return first; }
    [[nodiscard]] Iterator end() const { return last; }
    [[nodiscard]] bool empty() const { return first == last; }
    [[nodiscard]] const auto& front() const { return *first; }
  };
  /// The rows whose key begins with these parts.
  template <class... Parts> [[nodiscard]] Range range(const Parts&... parts) const {
    const auto [first, last] = rows_.equal_range(std::tie(parts...));
    return {first, last};
  }
  /// The first row whose key is not below these parts.
  template <class... Parts> [[nodiscard]] auto from(const Parts&... parts) const { return rows_.lower_bound(std::tie(parts...)); }
  /// The first row whose key is above these parts.
  template <class... Parts> [[nodiscard]] auto after(const Parts&... parts) const { return rows_.upper_bound(std::tie(parts...)); }
  [[nodiscard]] const Rows& rows() const { return rows_; }

  void insert(Key key, Row row) {
    if (rows_.contains(key)) refuse_duplicate(name_);
    write(std::move(key), std::move(row));
  }
  void put(Key key, Row row) { write(std::move(key), std::move(row)); }
  bool erase(const Key& key) {
    if (!rows_.contains(key)) return false;
    write(key, std::nullopt);
    return true;
  }

 private:
  void write(Key key, std::optional<Row> row) {
    undo_.record([this, key, old = old_row(key)] { set(key, old); });
    set(std::move(key), std::move(row));
  }
  std::optional<Row> old_row(const Key& key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? std::nullopt : std::optional<Row>{found->second};
  }
  void set(Key key, std::optional<Row> row) {
    if (row)
      rows_.insert_or_assign(std::move(key), std::move(*row));
    else
      rows_.erase(key);
  }

  Rows rows_;
  UndoLog& undo_;
  std::string_view name_;
};

/// The row of a table whose keys say all there is to say.
struct Nothing {};

/// An index: keys without rows.
template <class... Parts> using Index = Table<std::tuple<TenantId, Parts...>, Nothing>;

/// Rows that belong to a parent: found by their own id, listed by the parent's.
template <class Row, auto parent> class ChildTable {
 public:
  using RowId = decltype(Row::id);
  using ParentId = std::remove_cvref_t<decltype(std::declval<Row>().*parent)>;

  ChildTable(UndoLog& undo, std::string_view name) : rows_(undo, name), by_parent_(undo, name) {}

  void insert(TenantId tenant, const Row& row) {
    rows_.insert({tenant, row.id}, row);
    by_parent_.put({tenant, row.*parent, row.id}, {});
  }
  /// @returns whether there was such a row
  bool update(TenantId tenant, const Row& row) {
    const Row* old = rows_.find(tenant, row.id);
    if (old == nullptr) return false;
    if (old->*parent != row.*parent) {
      by_parent_.erase({tenant, old->*parent, row.id});
      by_parent_.put({tenant, row.*parent, row.id}, {});
    }
    rows_.put({tenant, row.id}, row);
    return true;
  }
  void erase(TenantId tenant, RowId id) {
    const Row* old = rows_.find(tenant, id);
    if (old == nullptr) return;
    by_parent_.erase({tenant, old->*parent, id});
    rows_.erase({tenant, id});
  }
  [[nodiscard]] std::optional<Row> find(TenantId tenant, RowId id) const { return rows_.copy(tenant, id); }
  /// By id.
  [[nodiscard]] std::vector<Row> of(TenantId tenant, ParentId id) const {
    std::vector<Row> list;
    for (const auto& [key, nothing] : by_parent_.range(tenant, id)) list.push_back(*rows_.find(tenant, std::get<2>(key)));
    return list;
  }

 private:
  Table<std::tuple<TenantId, RowId>, Row> rows_;
  Index<ParentId, RowId> by_parent_;
};

/// Shows the tenant's rows to `take`, newest first and from below `page.before` on, until it has taken `page.limit`.
template <class Id, class Row, class Take>
void for_each_newest(const Table<std::tuple<TenantId, Id>, Row>& table, TenantId tenant, const Page& page, Take take) {
  const auto all = table.range(tenant);
  auto next = page.before.empty() ? all.end() : table.from(tenant, std::string_view{page.before});
  for (std::size_t taken = 0; taken < page.limit && next != all.begin();) taken += take((--next)->second) ? 1 : 0;
}

} // namespace orkestr::inline v1::storage::memory
