#include "adapters/sqlite/connection.hpp"

#include "orkestr/storage/repositories.hpp"

#include <cctype>

namespace orkestr::inline v1::storage::sqlite {
namespace {

[[noreturn]] void raise(sqlite3* db, std::string_view doing) {
  const int code = sqlite3_extended_errcode(db);
  std::string detail = std::string{doing} + ": " + sqlite3_errmsg(db);
  const bool unique = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
  throw StoreFailure{fail(unique ? Code::already_exists : Code::store_unavailable, std::move(detail))};
}

class Statement final : public sql::Statement {
 public:
  Statement(sqlite3* db, std::string_view sql) : db_(db) {
    if (sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
      raise(db, "preparing a statement");
  }
  ~Statement() override { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind_null(int p) override { check(sqlite3_bind_null(statement_, p)); }
  void bind(int p, std::int64_t v) override { check(sqlite3_bind_int64(statement_, p, v)); }
  void bind(int p, double v) override { check(sqlite3_bind_double(statement_, p, v)); }
  void bind(int p, std::string_view v) override {
    check(sqlite3_bind_text(statement_, p, v.data() ? v.data() : "", static_cast<int>(v.size()), SQLITE_STATIC));
  }
  bool step() override {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    raise(db_, "running a statement");
  }
  std::int64_t changes() const override { return sqlite3_changes64(db_); }
  bool is_null(int c) const override { return sqlite3_column_type(statement_, c) == SQLITE_NULL; }
  std::int64_t integer(int c) const override { return sqlite3_column_int64(statement_, c); }
  double number(int c) const override { return sqlite3_column_double(statement_, c); }
  std::string_view text(int c) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, c));
    return text == nullptr ? std::string_view{} : std::string_view{text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, c))};
  }
  void reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) raise(db_, "binding a parameter");
  }
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

/// The file's name as a URI, every byte but the plain ones escaped.
std::string sealed_uri(const std::filesystem::path& file) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_')
      uri.push_back(c);
    else
      uri.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return uri + "?immutable=1";
}

} // namespace

Connection::Connection(const std::filesystem::path& file, Mode mode, bool full_sync) {
  const bool reads = mode == Mode::read || mode == Mode::sealed;
  const int flags = (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX |
                    (mode == Mode::sealed ? SQLITE_OPEN_URI : 0);
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(mode == Mode::sealed ? sealed_uri(file).c_str() : file.c_str(), &db, flags, nullptr);
  db_.reset(db);
  if (code != SQLITE_OK) raise(db, "opening " + file.string());
  sqlite3_busy_timeout(db, 5000);
  if (reads) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    run("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF");
    return;
  }
  if (mode == Mode::fresh) {
    run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    return;
  }
  run("PRAGMA journal_mode = WAL");
  run(full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  // Its pages stay valid from commit to commit, since nobody else writes; those of readers go with each.
  run("PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384");
}

Connection::~Connection() { statements_.clear(); }

sql::Statement& Connection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return *found->second;
  return *statements_.emplace(std::string{sql}, std::make_unique<Statement>(db_.get(), sql)).first->second;
}

void Connection::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) raise(db_.get(), "running a statement");
}

std::int64_t Connection::pragma(const char* sql) {
  const sql::Use use(*this, sql);
  return use->step() ? use->integer(0) : 0;
}

} // namespace orkestr::inline v1::storage::sqlite
