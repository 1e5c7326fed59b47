#include "host_storage.hpp"

#include "common.hpp"
#include "storage/sql/migrations.hpp"
#include "storage/sql/repositories.hpp"
#include "storage/sql/savepoint.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <unordered_map>

namespace orkestr::c {
namespace {

using storage::ReadTransaction;
using storage::Repositories;
using storage::StoreFailure;
using storage::WriteTransaction;
namespace sql = storage::sql;

class HostConnection;

class HostStatement final : public sql::Statement {
 public:
  HostStatement(const HostConnection& connection, std::string_view sql);
  ~HostStatement() override;
  HostStatement(const HostStatement&) = delete;
  HostStatement& operator=(const HostStatement&) = delete;

  void bind_null(int p) override;
  void bind(int p, std::int64_t v) override;
  void bind(int p, double v) override;
  void bind(int p, std::string_view v) override;
  bool step() override;
  std::int64_t changes() const override;
  bool is_null(int c) const override;
  std::int64_t integer(int c) const override;
  double number(int c) const override;
  std::string_view text(int c) const override;
  void reset() override;

 private:
  const HostConnection& connection_;
  void* statement_ = nullptr;
};

class HostConnection final : public sql::Connection {
 public:
  HostConnection(const orkestr_storage& host, bool writes) : host_(host) {
    if (host_.open(host_.context, writes ? 1 : 0, &connection_) != ORKESTR_DONE || connection_ == nullptr)
      throw StoreFailure{fail(Code::store_unavailable, "The host's storage did not open a connection.")};
  }
  ~HostConnection() override {
    statements_.clear();
    host_.close(connection_);
  }
  HostConnection(const HostConnection&) = delete;
  HostConnection& operator=(const HostConnection&) = delete;

  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
  [[nodiscard]] sql::Statement& prepare(std::string_view text) override {
    auto& one = statements_[std::string{text}];
    if (!one) one = std::make_unique<HostStatement>(*this, text);
    return *one;
  }
  void run(std::string_view text) const { check(host_.run(connection_, borrowed(text)), "running a statement"); }
  /// For what must not throw.
  bool try_run(std::string_view text) const noexcept { return host_.run(connection_, borrowed(text)) == ORKESTR_DONE; }

  void check(int32_t said, std::string_view doing) const {
    if (said >= 0) return;
    const auto message = view(host_.message(connection_));
    throw StoreFailure{
        fail(said == ORKESTR_NOT_UNIQUE ? Code::already_exists : Code::store_unavailable, std::string{doing}.append(": ").append(message))};
  }
  [[nodiscard]] const orkestr_storage& host() const { return host_; }
  [[nodiscard]] void* get() const { return connection_; }

 private:
  const orkestr_storage& host_;
  void* connection_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<HostStatement>> statements_;
};

HostStatement::HostStatement(const HostConnection& connection, std::string_view text) : connection_(connection) {
  connection.check(connection.host().prepare(connection.get(), borrowed(text), &statement_), "preparing a statement");
}
HostStatement::~HostStatement() {
  if (statement_ != nullptr) connection_.host().finalize(statement_);
}
void HostStatement::bind_null(int p) { connection_.check(connection_.host().bind_null(statement_, p), "binding a parameter"); }
void HostStatement::bind(int p, std::int64_t v) {
  connection_.check(connection_.host().bind_integer(statement_, p, v), "binding a parameter");
}
void HostStatement::bind(int p, double v) { connection_.check(connection_.host().bind_number(statement_, p, v), "binding a parameter"); }
void HostStatement::bind(int p, std::string_view v) {
  connection_.check(connection_.host().bind_text(statement_, p, v.data() == nullptr ? borrowed("") : borrowed(v)), "binding a parameter");
}
bool HostStatement::step() {
  const auto said = connection_.host().step(statement_);
  connection_.check(said, "running a statement");
  return said == ORKESTR_ROW;
}
std::int64_t HostStatement::changes() const { return connection_.host().changes(statement_); }
bool HostStatement::is_null(int c) const { return connection_.host().is_null(statement_, c) != 0; }
std::int64_t HostStatement::integer(int c) const { return connection_.host().integer(statement_, c); }
double HostStatement::number(int c) const { return connection_.host().number(statement_, c); }
std::string_view HostStatement::text(int c) const { return view(connection_.host().text(statement_, c)); }
void HostStatement::reset() { connection_.host().reset(statement_); }

class HostRead final : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;
};

class HostWrite final : public WriteTransaction {
 public:
  HostWrite(Repositories repositories, HostConnection& db) : WriteTransaction(repositories), db_(db) {}

 private:
  void run_nested(FunctionRef<bool()> part) override { sql::run_in_savepoint(db_, part); }

  HostConnection& db_;
};

/// A connection and what is asked over it.
struct Line {
  Line(const orkestr_storage& host, bool writes) : db(host, writes), repositories(db) {}
  HostConnection db;
  sql::SqlRepositories repositories;
};

/// The version stands in a table: what else a database has to note one in is the host's.
void migrate(HostConnection& db) {
  db.run("CREATE TABLE IF NOT EXISTS orkestr_schema (version INTEGER NOT NULL);"
         "INSERT INTO orkestr_schema SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM orkestr_schema)");
  std::int64_t version = 0;
  {
    const sql::Use asked(db, "SELECT version FROM orkestr_schema");
    if (asked->step()) version = asked->integer(0);
  }
  const auto steps = sql::migrations();
  if (version < 0 || version > static_cast<std::int64_t>(steps.size()))
    throw StoreFailure{fail(Code::schema_too_new, "The store has schema version " + std::to_string(version) +
                                                      ", this library knows up to " + std::to_string(steps.size()) +
                                                      ". Use a newer Orkestr.")};
  for (auto n = static_cast<std::size_t>(version); n < steps.size(); ++n) {
    try {
      db.run("BEGIN IMMEDIATE");
      db.run(std::string{steps[n]} + ";UPDATE orkestr_schema SET version = " + std::to_string(n + 1));
      db.run("COMMIT");
    } catch (...) {
      db.try_run("ROLLBACK");
      throw;
    }
  }
}

class HostStore final : public storage::Store {
 public:
  explicit HostStore(const orkestr_storage& host) : host_(host), writer_(host_, true) {
    migrate(writer_.db);
    for (std::size_t i = 0; i < std::max<std::size_t>(host_.readers, 1); ++i) idle_.push_back(std::make_unique<Line>(host_, false));
  }

 private:
  Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override {
    auto line = take();
    struct Return {
      HostStore& store;
      std::unique_ptr<Line>& line;
      ~Return() { store.give_back(std::move(line)); }
    } give_back{*this, line};
    return in_transaction(line->db, "BEGIN", [&] {
      f(HostRead(line->repositories.all()));
      return true;
    });
  }

  Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override {
    const std::lock_guard guard(writing_);
    return in_transaction(writer_.db, "BEGIN IMMEDIATE", [&] {
      HostWrite tx(writer_.repositories.all(), writer_.db);
      return f(tx);
    });
  }

  static Result<void> in_transaction(const HostConnection& db, std::string_view begin, auto&& work) {
    bool begun = false;
    try {
      db.run(begin);
      begun = true;
      db.run(work() ? "COMMIT" : "ROLLBACK");
      return {};
    } catch (const StoreFailure& failure) {
      if (begun) db.try_run("ROLLBACK");
      return failure.error;
    } catch (...) {
      if (begun) db.try_run("ROLLBACK");
      throw;
    }
  }

  std::unique_ptr<Line> take() {
    std::unique_lock guard(mutex_);
    free_.wait(guard, [&] { return !idle_.empty(); });
    auto line = std::move(idle_.back());
    idle_.pop_back();
    return line;
  }
  void give_back(std::unique_ptr<Line> line) {
    {
      const std::lock_guard guard(mutex_);
      idle_.push_back(std::move(line));
    }
    free_.notify_one();
  }

  const orkestr_storage host_;
  std::mutex writing_;
  Line writer_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Line>> idle_;
};

} // namespace

Result<std::unique_ptr<storage::Store>> open_host_storage(const orkestr_storage& h) {
  if (h.open == nullptr || h.close == nullptr || h.run == nullptr || h.prepare == nullptr || h.finalize == nullptr ||
      h.bind_null == nullptr || h.bind_integer == nullptr || h.bind_number == nullptr || h.bind_text == nullptr || h.step == nullptr ||
      h.changes == nullptr || h.is_null == nullptr || h.integer == nullptr || h.number == nullptr || h.text == nullptr ||
      h.reset == nullptr || h.message == nullptr)
    return fail(Code::invalid_parameter, "A callback of the storage is missing.");
  try {
    return std::unique_ptr<storage::Store>(std::make_unique<HostStore>(h));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

} // namespace orkestr::c
