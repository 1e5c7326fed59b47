// SQLite's C API behind the repositories' Connection.
#pragma once

#include "base/text.hpp"
#include "storage/sql/connection.hpp"

#include "orkestr/base/result.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

namespace orkestr::inline v1::storage::sqlite {

enum class Mode {
  read,   ///< never changes the file, and never copies its log into it either, not even as the last to close it
  write,  ///< makes the file when there is none
  sealed, ///< a file that nobody changes: no locks, no log beside it
  fresh   ///< a file that is thrown away if it is not finished: nothing is synced
};

/// @thread_safety one thread at a time
class Connection final : public sql::Connection {
 public:
  /// Throws StoreFailure.
  Connection(const std::filesystem::path& file, Mode mode, bool full_sync);
  ~Connection() override;

  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
  [[nodiscard]] sql::Statement& prepare(std::string_view sql) override;
  /// Runs one or several statements without parameters or rows.
  void run(const char* sql);
  [[nodiscard]] std::int64_t pragma(const char* sql);
  [[nodiscard]] sqlite3* handle() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<std::string, std::unique_ptr<sql::Statement>, TextHash, std::equal_to<>> statements_;
};

} // namespace orkestr::inline v1::storage::sqlite
