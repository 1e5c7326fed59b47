// A SQLite file behind the store's back; see World::check_tables.
#include "campaign/simulation/world.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace orkestr::campaign {
namespace {

class File {
 public:
  explicit File(const std::filesystem::path& path) {
    open_ = sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
  }
  ~File() { sqlite3_close(db_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// The first value of the answer, or -1.
  [[nodiscard]] std::int64_t number(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    std::int64_t value = -1;
    if (open_ && sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
      value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* db_ = nullptr;
  bool open_ = false;
};

} // namespace

void World::check_tables(const Rows& rows, Findings& findings) const {
  if (backing_ == Backing::memory) return;
  const File file(file_);
  const auto named = [&](std::string_view kind) {
    return std::ranges::count_if(rows.texts, [&](const auto& row) {
      std::string_view name = row.first;
      if (name.starts_with("other ")) name.remove_prefix(6);
      return name.starts_with(kind) && name.substr(kind.size()).starts_with(' ');
    });
  };
  const auto check = [&](const std::string& table, std::int64_t expected) {
    const auto found = file.number("SELECT count(*) FROM " + table);
    findings.check(found == expected, [&] {
      return "the file has " + std::to_string(found) + " rows of " + table + ", repositories show " + std::to_string(expected);
    });
  };
  check("bookings", named("booking"));
  check("booking_items", named("booking")); // here each has one
  check("occupancy", named("claim"));
  check("holds", named("hold"));
  check("customers", named("customer"));
  check("events", named("event"));
  check("idempotency_keys", named("answer"));
  std::int64_t payments = 0, redemptions = 1; // the other tenant's
  for (const auto& booking : rows.bookings) payments += static_cast<std::int64_t>(booking.payments.size());
  for (const auto& [key, count] : rows.redemptions) redemptions += count;
  check("payments", payments);
  check("coupon_redemptions", redemptions);
  findings.check(file.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0, "the file is corrupt");
}

} // namespace orkestr::campaign
