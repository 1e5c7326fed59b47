// What the database alone takes for the reads of two requests: the same statements, by bare libpq, one after the other.
//   postgres_round_trip CONNECTION TOKEN OFFERING_ID SECONDS     prints the medians in µs of "me" and "availability", 4 clients
#include "adapters/postgres/connection.hpp"
#include "storage/sql/repositories.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

using namespace orkestr;

namespace {

struct Asked {
  std::string sql;
  std::vector<std::string> values;
};

/// Notes what the repositories prepare; what they bind is the same for every statement here, so it is given by hand.
class Recorder final : public storage::sql::Connection {
 public:
  explicit Recorder(storage::sql::Connection& inner) : inner_(inner) {}
  storage::sql::Dialect dialect() const override { return inner_.dialect(); }
  storage::sql::Statement& prepare(std::string_view sql) override {
    last = sql;
    return inner_.prepare(sql);
  }
  std::string last;

 private:
  storage::sql::Connection& inner_;
};

double median_of(const std::string& conninfo, const std::vector<Asked>& asked, double seconds) {
  std::mutex mutex;
  std::vector<double> all;
  std::vector<std::jthread> clients;
  for (int client = 0; client < 4; ++client)
    clients.emplace_back([&] {
      PGconn* db = PQconnectdb(conninfo.c_str());
      std::vector<std::vector<const char*>> values;
      for (std::size_t i = 0; i < asked.size(); ++i) {
        PQclear(PQprepare(db, std::to_string(i).c_str(), asked[i].sql.c_str(), 0, nullptr));
        auto& row = values.emplace_back();
        for (const auto& value : asked[i].values) row.push_back(value.c_str());
      }
      std::vector<double> times;
      const auto start = std::chrono::steady_clock::now();
      for (auto now = start; now - start < std::chrono::duration<double>(seconds);) {
        for (std::size_t i = 0; i < asked.size(); ++i) {
          PGresult* result =
              PQexecPrepared(db, std::to_string(i).c_str(), static_cast<int>(values[i].size()), values[i].data(), nullptr, nullptr, 0);
          if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) == 0)
            std::fprintf(stderr, "%s", PQerrorMessage(db)), std::exit(1);
          PQclear(result);
        }
        const auto then = std::exchange(now, std::chrono::steady_clock::now());
        times.push_back(std::chrono::duration<double, std::micro>(now - then).count());
      }
      PQfinish(db);
      const std::lock_guard guard(mutex);
      all.insert(all.end(), times.begin(), times.end());
    });
  clients.clear();
  std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
  return all[all.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "postgres_round_trip CONNECTION TOKEN OFFERING_ID SECONDS\n"), 2;
  const std::string prefix = std::string{argv[2]}.substr(4, 8);
  std::vector<Asked> me, availability;
  {
    storage::postgres::Connection connection(argv[1], std::chrono::seconds{10});
    Recorder recorder(connection);
    storage::sql::SqlRepositories repositories(recorder);
    const auto all = repositories.all();
    connection.begin(storage::postgres::Connection::Kind::read);
    const auto found = all.api_keys.find_by_prefix(prefix);
    if (!found) return std::fprintf(stderr, "there is no such key\n"), 1;
    const auto tenant = found->tenant.id;
    const auto offering = OfferingId::parse(argv[3]).value();
    me.push_back({recorder.last, {prefix}});
    availability = me;
    const auto note = [&](std::vector<std::string> more) {
      more.insert(more.begin(), tenant.str());
      availability.push_back({recorder.last, std::move(more)});
    };
    const Interval range{*Instant::parse("2026-02-01T00:00:00Z"), *Instant::parse("2026-05-02T00:00:00Z")};
    (void)all.offerings.find(tenant, offering);
    note({offering.str()});
    (void)all.availability.rules(tenant, offering);
    note({offering.str()});
    (void)all.occupancy.in_range(tenant, offering.view(), range, range.start);
    note({offering.str(), std::to_string(range.end.ms), std::to_string(range.start.ms), std::to_string(range.start.ms)});
    connection.end_read();
  }
  // As a superuser: bare means without the walls too.
  const std::string bare = std::string{argv[1]} + " user=postgres";
  std::printf("%.1f %.1f\n", median_of(bare, me, std::atof(argv[4])), median_of(bare, availability, std::atof(argv[4])));
}
