#include "adapters/postgres/connection.hpp"

#include "orkestr/storage/hurry.hpp"
#include "orkestr/storage/repositories.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sched.h>

namespace orkestr::inline v1::storage::postgres {
namespace {

/// Classes of https://www.postgresql.org/docs/15/errcodes-appendix.html
Verdict judge(std::string_view state) {
  if (state == "40001" || state == "40P01") return Verdict::conflict;            // serialization_failure, deadlock_detected
  if (state == "23505") return Verdict::taken;                                   // unique_violation
  if (state == "55P03" || state == "57014") return Verdict::busy;                // lock_not_available, query_canceled
  if (state.starts_with("57P") || state.starts_with("08")) return Verdict::lost; // shutting down, connection exceptions
  return Verdict::refused;
}

const std::string every_tenant = "*";

constexpr std::chrono::microseconds yielding{50};

bool same(const PGresult& a, const PGresult& b) {
  const int rows = PQntuples(&a), columns = PQnfields(&a);
  if (rows != PQntuples(&b) || columns != PQnfields(&b)) return false;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const int length = PQgetlength(&a, r, c);
      if (PQgetisnull(&a, r, c) != PQgetisnull(&b, r, c) || length != PQgetlength(&b, r, c)) return false;
      if (std::memcmp(PQgetvalue(&a, r, c), PQgetvalue(&b, r, c), static_cast<std::size_t>(length)) != 0) return false;
    }
  return true;
}

} // namespace

// ---- statements --------------------------------------------------------------------------------------------------

Statement::Value& Statement::place(int p) {
  const auto at = static_cast<std::size_t>(p);
  if (places_.size() < at) places_.resize(at);
  auto& value = places_[at - 1];
  value = {values_.size(), false};
  return value;
}

void Statement::bind(int p, std::int64_t v) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, v).ptr;
  bind(p, std::string_view{text, static_cast<std::size_t>(end - text)});
}

void Statement::bind(int p, double v) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, v).ptr;
  bind(p, std::string_view{text, static_cast<std::size_t>(end - text)});
}

void Statement::bind(int p, std::string_view v) {
  if (v.find('\0') != std::string_view::npos)
    throw StoreFailure{orkestr::fail(Code::store_unavailable, "PostgreSQL keeps no text with a NUL character.")};
  place(p);
  values_.append(v).push_back('\0');
}

void Statement::bind_tenant(int p, std::string_view tenant) {
  bind(p, tenant);
  tenant_ = tenant;
}

bool Statement::writes_catalogue(std::string_view sql) {
  if (sql.starts_with("SELECT") || sql.starts_with("WITH ")) return false;
  for (const auto* table :
       {" offerings ", " availability_rules ", " availability_exceptions ", " pricing_rules ", " risk_policies ", " webhooks "})
    if (sql.find(table) != std::string_view::npos) return true;
  return false;
}

bool Statement::ask() {
  awaited_ = on_its_way_ = true;
  connection_.send(*this);
  return true;
}

bool Statement::step() {
  if (!result_ && on_its_way_) {
    connection_.receive();
  } else if (!result_) {
    awaited_ = true;
    connection_.ask(*this);
  }
  return ++row_ < PQntuples(result_.get());
}

void Statement::run() { connection_.send(*this); }

std::int64_t Statement::changes() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::string_view Statement::text(int c) const {
  return {PQgetvalue(result_.get(), row_, c), static_cast<std::size_t>(PQgetlength(result_.get(), row_, c))};
}

std::int64_t Statement::integer(int c) const {
  const auto t = text(c);
  if (t == "t") return 1;
  std::int64_t n = 0;
  std::from_chars(t.data(), t.data() + t.size(), n);
  return n;
}

double Statement::number(int c) const {
  const auto t = text(c);
  double n = 0;
  std::from_chars(t.data(), t.data() + t.size(), n);
  return n;
}

void Statement::reset() {
  result_.reset();
  row_ = -1;
  awaited_ = on_its_way_ = false;
  values_.clear();
  places_.clear();
  tenant_.clear();
  finds_tenant_ = false;
}

// ---- the connection ----------------------------------------------------------------------------------------------

Connection::Connection(const std::string& conninfo, std::chrono::milliseconds statement_timeout)
    : patience_(statement_timeout + std::chrono::seconds{2}) {
  // What a caller's string says wins over the first list and loses to the second.
  const std::string settings =
      "-c default_transaction_isolation=repeatable\\ read -c statement_timeout=" + std::to_string(statement_timeout.count()) +
      " -c lock_timeout=" + std::to_string(statement_timeout.count() / 2) +
      " -c idle_in_transaction_session_timeout=60000 -c jit=off"
      // Every statement of the catalogue has its index, and a plan made while a table was small must
      // not stay behind when it grows.
      " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
      // And it is read in its order, no further than is wanted: a bitmap reads all that matches first.
      " -c enable_bitmapscan=off";
  const char* keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "application_name",
                        "dbname",          "options",          "client_encoding", nullptr};
  const char* values[] = {"5", "15000", "30", "orkestr", conninfo.c_str(), settings.c_str(), "UTF8", nullptr};
  connection_.reset(PQconnectdbParams(keys, values, 1));
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) lost("connecting");
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) lost("connecting");
}

Connection::~Connection() { statements_.clear(); }

void Connection::lost(std::string_view doing) {
  broken_ = true;
  const std::string reason{trim(connection_ ? PQerrorMessage(connection_.get()) : "out of memory")};
  verdict_ = committing_ ? Verdict::unknown : Verdict::lost;
  failure_ = orkestr::fail(Code::store_unavailable,
                           committing_ ? "The database was lost while it committed; whether the write took effect is not known. " + reason
                                       : "The database can't be reached (" + std::string{doing} + "): " + reason);
  throw StoreFailure{*failure_};
}

void Connection::fail_with(const PGresult* result, std::size_t hash) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field == nullptr ? "" : field;
  verdict_ = judge(state);
  contended_ = static_cast<std::int64_t>(hash);
  if (field == nullptr || verdict_ == Verdict::lost) {
    // The backend has said why it goes, or is gone without a word. Said to an earlier question, the commit was never reached.
    broken_ = true;
    const bool before_commit = field != nullptr && asked_.size() > (explicit_ ? 1 : 0);
    verdict_ = committing_ && !before_commit ? Verdict::unknown : Verdict::lost;
  }
  const std::string text = std::string{trim(PQresultErrorMessage(result))};
  const Code code = verdict_ == Verdict::taken                                   ? Code::already_exists
                    : verdict_ == Verdict::conflict || verdict_ == Verdict::busy ? Code::busy
                                                                                 : Code::store_unavailable;
  failure_ = orkestr::fail(code, verdict_ == Verdict::unknown
                                     ? "The database was lost while it committed; whether the write took effect is not known. " + text
                                     : text);
  if (!broken_) drain();
  throw StoreFailure{*failure_};
}

void Connection::check_usable() const {
  if (failure_) throw StoreFailure{*failure_};
}

sql::Statement& Connection::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return *found->second;
  std::string name = "s" + std::to_string(statements_.size());
  return *statements_.emplace(std::string{sql}, std::make_unique<Statement>(*this, std::string{sql}, std::move(name))).first->second;
}

void Connection::send_tenant(const std::string& tenant) {
  // Local to the transaction, so that a connection carries nothing from one to the next.
  if (tenant == every_tenant) {
    control("SELECT set_config('orkestr.tenant', '*', true)");
    tenant_ = tenant;
    catalogue_version_.reset();
    version_known_ = true;
    return;
  }
  if (tells_tenant_ == nullptr)
    tells_tenant_ = static_cast<Statement*>(
        &prepare("SELECT set_config('orkestr.tenant', $1, true), (SELECT version FROM catalogue_versions WHERE tenant_id = $1)"));
  tells_tenant_->reset();
  tells_tenant_->bind(1, std::string_view{tenant});
  tenant_ = tenant;
  version_known_ = false;
  send(*tells_tenant_);
}

std::optional<std::int64_t> Connection::catalogue_version(std::string_view tenant, std::optional<std::int64_t> guess) {
  if (!open_) return std::nullopt;
  if (tenant_ != tenant) send_tenant(std::string{tenant});
  if (!changed_catalogues_.empty()) return std::nullopt;
  if (version_known_ || !guess || !may_guess_) {
    receive();
    return catalogue_version_;
  }
  const auto told = std::find_if(asked_.rbegin(), asked_.rend(),
                                 [&](const Question& q) { return q.asked == Asked::running && q.statement == tells_tenant_; });
  if (told->assumed && told->assumed != guess) {
    receive();
    return catalogue_version_;
  }
  told->assumed = guess;
  return guess;
}

void Connection::settle() {
  if (std::ranges::any_of(asked_, [](const Question& q) { return q.assumed.has_value(); })) receive();
}

void Connection::ask(Statement& s) {
  if (!alone_) {
    send(s);
    receive();
    return;
  }
  alone_ = false;
  send(s);
  sync();
  receive();
  first_ = {&s, s.values_, s.places_, tenant_, catalogue_version_, s.result_};
}

/// Begins the transaction that the first question turns out to have been part of.
void Connection::resume() {
  resumed_ = true;
  tenant_.clear();
  check_version_ = !first_->tenant.empty() && first_->tenant != every_tenant;
  if (!first_->tenant.empty()) send_tenant(first_->tenant);
  send_query(*first_->statement, first_->values, first_->places, Asked::verifying);
}

void Connection::fail_as_changed() {
  verdict_ = Verdict::conflict;
  contended_ = 0;
  failure_ = orkestr::fail(Code::busy, "What was read has changed meanwhile.");
  throw StoreFailure{*failure_};
}

void Connection::send(Statement& s) {
  check_usable();
  alone_ = false;
  if (first_ && !resumed_) resume();
  const bool beyond = s.finds_tenant_ && !tenant_.empty(); // once a tenant is named, the wall stands before these too
  const std::string& tenant = beyond ? every_tenant : s.tenant_;
  if (open_ && !tenant.empty() && tenant != tenant_) send_tenant(tenant);
  appended_events_ |= s.appends_events_;
  if (s.changes_catalogue_) changed_catalogues_.push_back(tenant);
  send_query(s, s.values_, s.places_, Asked::running);
}

void Connection::send_query(Statement& s, const std::string& texts, const std::vector<Statement::Value>& places, Asked asked) {
  const char* values[64];
  const auto count = places.size();
  if (count > std::size(values)) throw StoreFailure{orkestr::fail(Code::internal, "A statement has too many parameters.")};
  for (std::size_t i = 0; i < count; ++i) values[i] = places[i].null ? nullptr : texts.data() + places[i].at;
  std::size_t hash = std::hash<std::string_view>{}(s.sql_);
  hash ^= std::hash<std::string_view>{}(texts) + 0x9e3779b97f4a7c15 + (hash << 6);
  if (!s.prepared_) {
    if (PQsendPrepare(connection_.get(), s.name_.c_str(), s.sql_.c_str(), 0, nullptr) != 1) lost("sending");
    s.prepared_ = true;
    asked_.push_back({Asked::preparing, &s, 0});
  }
  if (PQsendQueryPrepared(connection_.get(), s.name_.c_str(), static_cast<int>(count), values, nullptr, nullptr, 0) != 1) lost("sending");
  asked_.push_back({asked, &s, hash});
  // So that neither side's buffers fill while nobody reads.
  if (asked_.size() > 256) receive();
}

void Connection::wait(short events) {
  pollfd descriptor{PQsocket(connection_.get()), events, 0};
  auto end = std::chrono::steady_clock::now() + patience_;
  if (const auto hurry = Hurry::until()) end = std::min(end, *hurry);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    const int ready = left <= 0 ? 0 : ::poll(&descriptor, 1, static_cast<int>(left));
    if (ready > 0) return;
    if (ready < 0 && errno == EINTR) continue;
    lost("it does not answer");
  }
}

void Connection::flush() {
  int left = 0;
  while ((left = PQflush(connection_.get())) == 1) {
    wait(POLLIN | POLLOUT);
    if (PQconsumeInput(connection_.get()) != 1) lost("sending");
  }
  if (left < 0) lost("sending");
}

Connection::Result Connection::next_result() {
  const auto soon = std::chrono::steady_clock::now() + yielding;
  while (PQisBusy(connection_.get()) != 0) {
    // Most answers are here before a thread would have been put to sleep and woken up again.
    if (std::chrono::steady_clock::now() < soon)
      ::sched_yield();
    else
      wait(POLLIN);
    if (PQconsumeInput(connection_.get()) != 1) lost("receiving");
  }
  PGresult* result = PQgetResult(connection_.get());
  return result == nullptr ? nullptr : Result(result, &PQclear);
}

void Connection::receive() {
  check_usable();
  if (asked_.empty()) return;
  if (asked_.back().asked != Asked::sync && PQsendFlushRequest(connection_.get()) != 1) lost("sending");
  flush();
  while (!asked_.empty()) {
    const Question question = asked_.front();
    const Result result = next_result();
    if (!result) lost("receiving");
    const auto status = PQresultStatus(result.get());
    asked_.pop_front();
    if (status == PGRES_PIPELINE_SYNC) continue;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      if (question.asked == Asked::preparing) question.statement->prepared_ = false;
      fail_with(result.get(), question.hash);
    }
    if (committing_ && explicit_ && asked_.size() == 1 && std::string_view{PQcmdStatus(result.get())} == "ROLLBACK") {
      verdict_ = Verdict::refused;
      failure_ = orkestr::fail(Code::store_unavailable, "The database undid the transaction.");
    }
    if (question.asked == Asked::verifying && !same(*result, *first_->result)) fail_as_changed();
    if (question.asked == Asked::running && question.statement == tells_tenant_) {
      catalogue_version_.reset();
      if (PQgetisnull(result.get(), 0, 1) == 0) catalogue_version_ = std::strtoll(PQgetvalue(result.get(), 0, 1), nullptr, 10);
      version_known_ = true;
      if (question.assumed && question.assumed != catalogue_version_) fail_as_changed();
      // What came out of the memory under the first answer's version belongs to that snapshot.
      if (std::exchange(check_version_, false) && catalogue_version_ != first_->catalogue_version) fail_as_changed();
    }
    if (question.asked == Asked::running && question.statement->awaited_) question.statement->result_ = result;
    (void)next_result(); // the end of this answer
  }
  check_usable();
}

void Connection::sync() {
  if (PQpipelineSync(connection_.get()) != 1) lost("sending");
  asked_.push_back({Asked::sync, nullptr, 0});
}

void Connection::drain() {
  // Everything up to the next sync is skipped by the server; what was to be prepared was not.
  if (asked_.empty() || asked_.back().asked != Asked::sync) sync();
  flush();
  bool ended = false;
  while (!asked_.empty()) {
    const Result result = next_result();
    if (!result) { // the end of an answer, once
      if (ended || PQstatus(connection_.get()) != CONNECTION_OK) lost("receiving");
      ended = true;
      continue;
    }
    ended = false;
    const Question question = asked_.front();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) {
      while (!asked_.empty() && asked_.front().asked != Asked::sync) asked_.pop_front();
      if (!asked_.empty()) asked_.pop_front();
      continue;
    }
    if (question.asked == Asked::preparing && status != PGRES_COMMAND_OK) question.statement->prepared_ = false;
    if (question.asked != Asked::sync) asked_.pop_front();
  }
}

void Connection::control(std::string_view sql) { send(static_cast<Statement&>(prepare(sql))); }

void Connection::make_explicit() {
  if (explicit_) return;
  control("BEGIN"); // takes in what has been sent so far
  explicit_ = true;
}

void Connection::begin(Kind kind, bool once_more) {
  verdict_ = Verdict::none;
  failure_.reset();
  tenant_.clear();
  committing_ = appended_events_ = false;
  changed_catalogues_.clear();
  catalogue_version_.reset();
  version_known_ = false;
  may_guess_ = !once_more;
  writing_ = kind == Kind::write;
  explicit_ = kind == Kind::snapshot;
  if (explicit_) control("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  open_ = true;
  first_.reset();
  resumed_ = check_version_ = false;
  alone_ = kind == Kind::read && !once_more;
}

void Connection::commit() {
  settle();
  check_usable();
  if (explicit_) control("COMMIT");
  sync();
  committing_ = true;
  receive();
  open_ = writing_ = committing_ = false;
}

void Connection::end_read() {
  settle();
  check_usable();
  const bool ended = alone_ || (first_ && !resumed_); // nothing was asked, or one thing alone
  open_ = alone_ = false;
  first_.reset();
  if (ended) return;
  sync();
  if (PQflush(connection_.get()) < 0) lost("sending");
}

void Connection::rollback() noexcept {
  const bool was_open = open_, wrote = writing_;
  open_ = writing_ = committing_ = false;
  if (broken_) return;
  const auto failure = std::move(failure_);
  const auto verdict = verdict_;
  failure_.reset();
  try {
    // A sync commits what has not failed, unless it is undone before.
    if (was_open && wrote && !explicit_) {
      control("BEGIN");
      control("ROLLBACK");
    }
    // What was sent ahead may still fail, and then takes a ROLLBACK behind it along. The sync ends what only read.
    if (!asked_.empty() || (was_open && !explicit_)) drain();
    if (was_open && explicit_) { // libpq learns the state of the transaction at a sync only, so it is not asked
      control("ROLLBACK");
      sync();
      receive();
    }
  } catch (const StoreFailure&) {
    broken_ = true;
  }
  if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) broken_ = true;
  failure_.reset();
  first_.reset();
  alone_ = false;
  verdict_ = failure ? verdict : Verdict::none;
}

std::optional<std::string> Connection::simple(const std::string& sql) {
  if (PQexitPipelineMode(connection_.get()) != 1) lost("changing over");
  const Result result(PQexec(connection_.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  const bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (PQstatus(connection_.get()) != CONNECTION_OK) lost("running " + sql.substr(0, 60));
  if (!good && PQtransactionStatus(connection_.get()) == PQTRANS_INERROR) PQclear(PQexec(connection_.get(), "ROLLBACK"));
  if (PQenterPipelineMode(connection_.get()) != 1) lost("changing over");
  if (!good) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    verdict_ = judge(state == nullptr ? "" : state);
    throw StoreFailure{orkestr::fail(verdict_ == Verdict::busy ? Code::busy : Code::store_unavailable,
                                     std::string{trim(PQresultErrorMessage(result.get()))})};
  }
  if (status != PGRES_TUPLES_OK || PQntuples(result.get()) == 0) return std::nullopt;
  const int last = PQntuples(result.get()) - 1;
  if (PQgetisnull(result.get(), last, 0) != 0) return std::nullopt;
  return std::string{PQgetvalue(result.get(), last, 0)};
}

void Connection::send_alone(std::string_view sql, std::int64_t number) {
  failure_.reset();
  auto& statement = static_cast<Statement&>(prepare(sql));
  statement.reset();
  statement.bind(1, number);
  send(statement);
  statement.reset();
  sync();
}

void Connection::lock(std::int64_t number) {
  send_alone("SELECT pg_advisory_lock($1)", number);
  receive();
}

void Connection::unlock(std::int64_t number) noexcept {
  if (broken_) return;
  try {
    send_alone("SELECT pg_advisory_unlock($1)", number);
    flush();
  } catch (const StoreFailure&) {
    broken_ = true;
  }
}

} // namespace orkestr::inline v1::storage::postgres
