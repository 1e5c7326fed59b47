// libpq's pipeline behind the repositories' Connection.
//
// Statements are queued and sent; the connection reads answers only when somebody waits for rows or for the commit.
// Answers come in the order of the questions, so a failure is known at the latest by then. From the first failure on the
// transaction is lost, every call throws that failure again, and rollback() makes the connection usable once more.
//
// Neither reads nor writes need a BEGIN: PostgreSQL takes all up to the next sync for one transaction, and commits it there.
// Only savepoints and cursors want an explicit one.
#pragma once

#include "base/text.hpp"
#include "storage/sql/connection.hpp"

#include "orkestr/base/result.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace orkestr::inline v1::storage::postgres {

/// What a failure means for whoever ran the transaction.
enum class Verdict {
  none,
  conflict, ///< another transaction was quicker: run it again
  taken,    ///< a unique key is taken, by a row that may have come since the snapshot: run it again, once
  lost,     ///< the connection broke before the commit was sent: nothing was written
  unknown,  ///< the connection broke after the commit was sent: nobody knows whether it was written
  busy,     ///< a time limit of the database
  refused,  ///< anything else
};

class Connection;

class Statement final : public sql::Statement {
 public:
  Statement(Connection& connection, std::string sql, std::string name)
      : connection_(connection),
        sql_(std::move(sql)),
        name_(std::move(name)),
        appends_events_(sql_.starts_with("INSERT INTO events ")),
        changes_catalogue_(writes_catalogue(sql_)) {}

  void bind_null(int p) override { place(p).null = true; }
  void bind(int p, std::int64_t v) override;
  void bind(int p, double v) override;
  void bind(int p, std::string_view v) override;
  void bind_tenant(int p, std::string_view tenant) override;
  void every_tenant() override { tenant_ = "*"; }
  void finds_tenant() override { finds_tenant_ = true; }
  [[nodiscard]] bool ask() override;
  bool step() override;
  void run() override;
  [[nodiscard]] std::int64_t changes() const override;
  [[nodiscard]] bool is_null(int c) const override { return PQgetisnull(result_.get(), row_, c) != 0; }
  [[nodiscard]] std::int64_t integer(int c) const override;
  [[nodiscard]] double number(int c) const override;
  [[nodiscard]] std::string_view text(int c) const override;
  void reset() override;

 private:
  friend class Connection;
  struct Value {
    std::size_t at = 0;
    bool null = true;
  };
  Value& place(int p);
  static bool writes_catalogue(std::string_view sql);

  Connection& connection_;
  const std::string sql_, name_;
  const bool appends_events_, changes_catalogue_;
  bool prepared_ = false; ///< or on its way
  bool awaited_ = false;  ///< somebody will read the answer
  bool on_its_way_ = false;
  std::string values_; ///< NUL-terminated texts, one after the other
  std::vector<Value> places_;
  std::string tenant_;
  bool finds_tenant_ = false;
  std::shared_ptr<PGresult> result_;
  int row_ = -1;
};

/// @thread_safety one thread at a time
class Connection final : public sql::Connection {
 public:
  /// Connects. Throws StoreFailure.
  Connection(const std::string& conninfo, std::chrono::milliseconds statement_timeout);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] sql::Dialect dialect() const override { return sql::Dialect::postgres; }
  [[nodiscard]] bool claims_work() const override { return writing_; }
  [[nodiscard]] sql::Statement& prepare(std::string_view sql) override;

  enum class Kind { read, write, snapshot };
  /// A transaction that reads sends its first question alone: most ask no other, and the answer is a snapshot of its own. When
  /// a second one follows, both are asked in one transaction, and the first is to have the same answer still; if not, that is a
  /// conflict, and with `once_more` the transaction begins as such. A `snapshot` reads in an ordinary transaction, which can have
  /// cursors.
  void begin(Kind kind, bool once_more = false);
  /// Waits until the transaction is durable. Throws StoreFailure.
  void commit();
  /// Waits for what was assumed of the catalogue's version, if anything was. Throws StoreFailure, a conflict, when it was wrong:
  /// nothing that came of a transaction means anything before.
  void settle();
  /// Ends a transaction that has only read, without waiting for the answer.
  void end_read();
  /// Ends whatever is open and makes the connection usable, or leaves it broken.
  void rollback() noexcept;

  /// Queues a statement without parameters.
  void control(std::string_view sql);
  /// Makes the transaction an explicit one, if it is not: for savepoints.
  void make_explicit();
  /// Runs one or several statements at once, outside of the pipeline; text of the first column of the last row. For set-up.
  std::optional<std::string> simple(const std::string& sql);
  /// In a transaction of its own, waits until no other session holds the number.
  void lock(std::int64_t number);
  /// Does not wait, nor throw: what was committed before it stays committed, and a session that is lost holds nothing.
  void unlock(std::int64_t number) noexcept;

  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  /// Of the statement that met a conflict: a number that is the same for the same statement with the same values.
  [[nodiscard]] std::int64_t contended() const { return contended_; }
  [[nodiscard]] PGconn* handle() const { return connection_.get(); }
  /// Of the tenant's catalogue, in this transaction's snapshot; nothing while the transaction has changed it itself, or it is empty.
  /// @param guess returned in place of waiting for the answer, and compared with it once it is here
  [[nodiscard]] std::optional<std::int64_t> catalogue_version(std::string_view tenant, std::optional<std::int64_t> guess);
  [[nodiscard]] bool appended_events() const { return appended_events_; }
  /// The tenants whose catalogue this transaction has changed; '*' stands for all.
  [[nodiscard]] const std::vector<std::string>& changed_catalogues() const { return changed_catalogues_; }

 private:
  friend class Statement;
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  enum class Asked { preparing, running, verifying, sync };
  struct Question {
    Asked asked;
    Statement* statement;
    std::size_t hash;
    std::optional<std::int64_t> assumed = {}; ///< of the catalogue's version, before the answer was here
  };

  using Result = std::shared_ptr<PGresult>;
  /// The question that was asked alone, and its answer.
  struct First {
    Statement* statement;
    std::string values;
    std::vector<Statement::Value> places;
    std::string tenant;
    std::optional<std::int64_t> catalogue_version;
    Result result;
  };

  void ask(Statement& statement);
  void send(Statement& statement);
  void send_query(Statement& statement, const std::string& values, const std::vector<Statement::Value>& places, Asked asked);
  void send_alone(std::string_view sql, std::int64_t number);
  void resume();
  [[noreturn]] void fail_as_changed();
  void send_tenant(const std::string& tenant);
  /// Reads the answers to all questions, and gives those that are awaited to their statements.
  void receive();
  void sync();
  void flush();
  Result next_result();
  void wait(short events);
  void check_usable() const;
  /// Reads what is left of a pipeline, up to its end.
  void drain();
  [[noreturn]] void fail_with(const PGresult* result, std::size_t hash);
  [[noreturn]] void lost(std::string_view doing);

  std::unique_ptr<PGconn, Finish> connection_;
  const std::chrono::milliseconds patience_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>> statements_;
  std::deque<Question> asked_;
  std::string tenant_;
  Statement* tells_tenant_ = nullptr;
  std::optional<std::int64_t> catalogue_version_;
  bool version_known_ = false, may_guess_ = false;
  std::vector<std::string> changed_catalogues_;
  std::optional<First> first_;
  bool alone_ = false;   ///< the next question is sent by itself
  bool resumed_ = false; ///< … and was asked again with the second
  bool check_version_ = false;
  bool open_ = false, writing_ = false, explicit_ = false, committing_ = false, broken_ = false, appended_events_ = false;
  Verdict verdict_ = Verdict::none;
  std::optional<Error> failure_;
  std::int64_t contended_ = 0;
};

} // namespace orkestr::inline v1::storage::postgres
