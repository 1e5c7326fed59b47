#include "storage/archive/support.hpp"

#include "storage/sql/migrations.hpp"

#include "demo/atlas.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/random.hpp"
#include "orkestr/storage/search_repository.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace orkestr::archive_test {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
std::unique_ptr<sqlite3, Close> connect(const fs::path& file) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<sqlite3, Close> owner(db);
  if (code != SQLITE_OK) throw std::runtime_error("opening " + file.string());
  sqlite3_busy_timeout(db, 5000);
  return owner;
}

std::string exact(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", number);
  return text;
}

std::vector<std::vector<std::string>> rows_of(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
  std::vector<std::vector<std::string>> rows;
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    auto& row = rows.emplace_back();
    for (int c = 0; c < sqlite3_column_count(statement); ++c) {
      if (sqlite3_column_type(statement, c) == SQLITE_NULL)
        row.emplace_back("NULL");
      else if (sqlite3_column_type(statement, c) == SQLITE_FLOAT)
        row.push_back(exact(sqlite3_column_double(statement, c)));
      else
        row.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, c)),
                         static_cast<std::size_t>(sqlite3_column_bytes(statement, c)));
    }
  }
  const std::string trouble = code == SQLITE_DONE ? "" : sqlite3_errmsg(db);
  sqlite3_finalize(statement);
  if (!trouble.empty()) throw std::runtime_error(trouble);
  return rows;
}

/// Tables and their columns, of the newest schema.
std::map<std::string, std::vector<std::pair<std::string, std::string>>> columns() {
  const TempDir dir;
  const auto file = dir.path() / "schema.db";
  for (const auto step : storage::sql::migrations()) execute(file, std::string{step});
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> all;
  for (const auto& row :
       query(file, "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"))
    all[row[0]].emplace_back(row[1], row[2]);
  return all;
}

} // namespace

std::vector<std::vector<std::string>> query(const fs::path& file, const std::string& sql) { return rows_of(connect(file).get(), sql); }

void execute(const fs::path& file, const std::string& sql) {
  const auto db = connect(file);
  if (sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db.get()));
}

Dump dump(const StoreAddress& store) {
  static const auto tables = columns();
  Dump all;
  std::unique_ptr<sqlite3, Close> file;
  std::optional<support::Postgres> database;
  if (store.postgres.empty()) {
    file = connect(store.sqlite);
  } else {
    database.emplace(store.postgres);
    (*database)("SET orkestr.tenant = '*'");
  }
  for (const auto& [table, names] : tables) {
    std::string list;
    for (const auto& [name, type] : names) {
      list += list.empty() ? "" : ", ";
      list += store.postgres.empty() ? name : "coalesce(" + name + "::text, 'NULL')";
    }
    const std::string sql = "SELECT " + list + " FROM " + table;
    auto& lines = all[table];
    auto rows = file ? rows_of(file.get(), sql) : (*database)(sql);
    for (auto& row : rows) {
      std::string line;
      for (std::size_t c = 0; c < row.size(); ++c) {
        if (!store.postgres.empty() && names[c].second == "DOUBLE PRECISION" && row[c] != "NULL") row[c] = exact(std::stod(row[c]));
        line += names[c].first + "=" + row[c] + "\x1f";
      }
      lines.push_back(std::move(line));
    }
    std::ranges::sort(lines);
  }
  return all;
}

std::size_t rows_of(const Dump& dump) {
  std::size_t rows = 0;
  for (const auto& [table, lines] : dump) rows += lines.size();
  return rows;
}

Dump as_restored(Dump dump) {
  const auto value = [](const std::string& line, const std::string& column) {
    const auto at = ("\x1f" + line).find("\x1f" + column + "=");
    const auto begin = at + column.size() + 1;
    return std::pair{begin, line.substr(begin, line.find('\x1f', begin) - begin)};
  };
  const auto set = [&](std::string& line, const std::string& column, std::int64_t number) {
    const auto [at, old] = value(line, column);
    line.replace(at, old.size(), std::to_string(number));
  };
  std::map<std::string, std::int64_t> last;
  for (const auto& line : dump["events"]) {
    auto& most = last.try_emplace(value(line, "tenant_id").second, std::numeric_limits<std::int64_t>::min()).first->second;
    most = std::max<std::int64_t>(most, std::stoll(value(line, "position").second));
  }
  for (const auto* table : {"events", "deliveries"})
    for (auto& line : dump[table])
      set(line, "position", std::stoll(value(line, "position").second) - last[value(line, "tenant_id").second]);
  for (auto& line : dump["webhook_endpoints"]) set(line, "owned_until", 0);
  for (auto& [table, lines] : dump) std::ranges::sort(lines);
  return dump;
}

std::string difference(const Dump& is, const Dump& expected) {
  for (const auto& [table, lines] : expected) {
    const auto found = is.find(table);
    if (found == is.end()) return "no table " + table;
    for (std::size_t i = 0; i < std::max(lines.size(), found->second.size()); ++i) {
      const std::string a = i < found->second.size() ? found->second[i] : "nothing", b = i < lines.size() ? lines[i] : "nothing";
      if (a != b) return table + ": " + a + " instead of " + b;
    }
  }
  return is.size() == expected.size() ? "" : "too many tables";
}

std::unique_ptr<storage::Store> open(const StoreAddress& store) {
  if (!store.postgres.empty()) {
    auto opened = storage::PostgresStore::open({store.postgres});
    if (!opened) throw std::runtime_error(opened.error().detail);
    return std::move(*opened);
  }
  auto opened = storage::SqliteStore::open({store.sqlite});
  if (!opened) throw std::runtime_error(opened.error().detail);
  return std::move(*opened);
}

std::vector<storage_contract::World> fill(const StoreAddress& address, std::initializer_list<int> numbers) {
  const auto store = open(address);
  std::vector<storage_contract::World> worlds;
  for (const int n : numbers) {
    const auto& w = worlds.emplace_back(storage_contract::sample_world(n));
    storage_contract::write(*store, [&](storage::WriteTransaction& tx) {
      tx.tenants().insert(w.tenant);
      storage_contract::insert_all(tx, w.tenant.id, w);
      tx.search().defer(w.tenant.id, w.offering.id); // waits to be indexed
      tx.webhooks().release("");                     // as no dispatcher runs
    });
  }
  return worlds;
}

std::string everything(const StoreAddress& address, const storage_contract::World& world) {
  const auto store = open(address);
  return storage_contract::read(*store, [&](const storage::ReadTransaction& tx) { return storage_contract::everything(tx, world); });
}

const fs::path& business() {
  static const TempDir dir;
  static const fs::path file = [] {
    auto path = dir.path() / "business.db";
    const auto store = open(sqlite(path));
    const SystemClock clock;
    SystemRandom random;
    Platform platform(*store, clock, random);
    const auto demo = server::prepare_demo(platform, dir.path()).value();
    // The demo has no holds: one on the first slot that can be held.
    const auto held = platform.write(demo.tenant, [&](WriteContext& cx) -> Result<Hold> {
      const Instant start{clock.now().ms / 3'600'000 * 3'600'000};
      Result<Hold> made = fail(Code::slot_unavailable);
      for (int hour = 24; hour < 24 * 20 && !made; ++hour)
        made = hold(cx, {demo.offering, {start + std::chrono::hours{hour}, start + std::chrono::hours{hour + 2}}, 1, "192.0.2.1"});
      return made;
    });
    REQUIRE(held);
    // Nor reviews or disputes: one of each by a customer.
    const auto argued = platform.write(demo.tenant, [&](WriteContext& cx) -> Result<void> {
      const auto booking = cx.tx.bookings().list(demo.tenant, {BookingStatus::confirmed, {}, {}, {}}, {1, {}}).at(0);
      Review review;
      review.rating = 4;
      ORKESTR_CHECK(create_review(cx, booking, review));
      const DisputeActor by{DisputeParty::customer, booking.customer_id.str()};
      Dispute draft;
      draft.reason = "The door was locked.";
      ORKESTR_TRY(const auto dispute, open_dispute(cx, booking.id, draft, by));
      DisputeMessage message;
      message.text = "See the photo.";
      message.evidence_urls = {{"https://photos.example/door.jpg"}};
      ORKESTR_CHECK(post_message(cx, dispute.id, message, by));
      return {};
    });
    REQUIRE(argued);
    // Nor files that are on their way in, a domain, or calendars.
    storage_contract::write(*store, [&](storage::WriteTransaction& tx) {
      Import import;
      import.id = platform.ids().make<ImportId>(clock.now());
      import.created_at = clock.now();
      import.next_attempt_at = clock.now();
      tx.imports().insert(demo.tenant, import);
      tx.imports().insert_part(demo.tenant, import.id, 0, "title\n");
      CustomDomain domain;
      domain.domain = "book.atlas.example";
      domain.status = DomainStatus::verified;
      domain.created_at = domain.next_check_at = clock.now();
      tx.domains().put(demo.tenant, domain);
      auto tenant = *tx.tenants().find(demo.tenant);
      tenant.custom_domain = domain.domain;
      tx.tenants().update(tenant);
      tx.calendar_tokens().put(demo.tenant, {"hash", CalendarOwnerKind::key, "key", clock.now()});
    });
    // Nor has it webhooks: one that is sent to, with a delivery in every state, and one that rests.
    const auto hook = storage_contract::live_webhook();
    auto rests = storage_contract::live_webhook();
    rests.status = WebhookStatus::disabled;
    storage_contract::write(*store, [&](storage::WriteTransaction& tx) {
      tx.webhooks().insert(demo.tenant, hook);
      tx.webhooks().insert(demo.tenant, rests);
      (void)tx.webhooks().take(demo.tenant, hook.id, "dispatcher", clock.now(), clock.now() + std::chrono::minutes{1});
      int n = 0;
      for (const auto& event : tx.events().list(demo.tenant, "", 12)) {
        for (const auto& [to, over] : {std::pair{hook.id, n % 4 > 1}, {rests.id, true}}) {
          auto delivery = storage_contract::live_delivery(to, event, clock.now());
          delivery.attempts = n % 2 + (over ? 1 : 0);
          if (over) {
            delivery.status = n % 2 == 0 ? DeliveryStatus::succeeded : DeliveryStatus::dead;
            delivery.finished_at = delivery.next_attempt_at;
            delivery.next_attempt_at.reset();
          }
          tx.deliveries().insert(demo.tenant, delivery);
          for (int number = 1; number <= delivery.attempts; ++number)
            tx.deliveries().insert_attempt(demo.tenant, storage_contract::sample_delivery_attempt(number, delivery.id));
        }
        ++n;
      }
    });
    return path;
  }();
  return file;
}

void seal_anew(const fs::path& from, storage::archive::Kind kind, const fs::path& to, const std::function<void(const fs::path&)>& change) {
  const auto sealed = storage::archive::verify(from);
  storage::archive::NewFile file(to);
  write_file(file.path(), std::string_view{read_file(from)}.substr(0, sealed.database));
  change(file.path());
  file.seal(kind);
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

const support::Database& migrated() {
  static const support::Database database;
  static const bool made = [] {
    (void)open(postgres(database));
    return true;
  }();
  (void)made;
  return database;
}

} // namespace orkestr::archive_test
