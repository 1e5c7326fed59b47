// Backups while the store is being booked on: each is one moment of it, with all that was acknowledged before it began.
#include "storage/archive/support.hpp"
#include "support/room.hpp"

#include "orkestr/platform/platform.hpp"

#include <csignal>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

namespace orkestr::archive_test {
namespace {

using namespace std::chrono_literals;

struct Shop {
  TenantId tenant;
  OfferingId offering;
};

Shop open_shop(Platform& platform) {
  Tenant draft;
  draft.name = "Shop";
  draft.subdomain = "shop";
  Shop shop;
  shop.tenant = platform.create_tenant(draft).value().id;
  shop.offering = platform
                      .write(shop.tenant,
                             [&](WriteContext& cx) -> Result<OfferingId> {
                               auto room = support::room();
                               room.base_price_cents = 6000;
                               room.time_zone = "UTC";
                               json::Reader reader;
                               ORKESTR_TRY(const auto made, support::open_daily(cx, room, support::all_day(1'000'000)));
                               Coupon coupon;
                               coupon.code = "TEN";
                               coupon.amount = 10;
                               ORKESTR_CHECK(create_coupon(cx, coupon, reader));
                               return made.id;
                             })
                      .value();
  return shop;
}

/// A process that makes a backup each time it is told to, and says when it is done.
class BackupProcess {
 public:
  BackupProcess(const StoreAddress& store, const fs::path& folder) {
    REQUIRE(::pipe(asks_) == 0);
    REQUIRE(::pipe(answers_) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ != 0) return;
    char number = 0;
    while (::read(asks_[0], &number, 1) == 1) {
      const char good = storage::backup(store, folder / std::to_string(number)) ? 'y' : 'n';
      if (::write(answers_[1], &good, 1) != 1) ::_exit(2);
    }
    ::_exit(0);
  }
  ~BackupProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    for (const int fd : {asks_[0], asks_[1], answers_[0], answers_[1]}) ::close(fd);
  }
  BackupProcess(const BackupProcess&) = delete;
  BackupProcess& operator=(const BackupProcess&) = delete;
  bool operator()(char number) {
    char good = 'n';
    return ::write(asks_[1], &number, 1) == 1 && ::read(answers_[0], &good, 1) == 1 && good == 'y';
  }

 private:
  int asks_[2], answers_[2];
  pid_t child_ = -1;
};

TEST_CASE("a backup of a store under load is one moment of it") {
  const TempDir dir;
  const support::Database database(migrated().name()), other;
  for (const auto& address : {sqlite(dir.path() / "store.db"), postgres(database)}) {
    const bool on_sqlite = address.postgres.empty();
    const auto folder = dir.path() / (on_sqlite ? "sqlite" : "postgres");
    fs::create_directory(folder);
    BackupProcess backup(address, folder); // made before there are threads
    const SystemClock clock;
    SystemRandom random;
    const auto store = open(address);
    Platform platform(*store, clock, random);
    const Shop shop = open_shop(platform);

    std::mutex mutex;
    std::vector<std::string> acknowledged;
    std::atomic<bool> stop{false};
    std::atomic<int> failed{0};
    std::vector<std::thread> clients;
    for (int client = 0; client < 3; ++client)
      clients.emplace_back([&, client] {
        for (int i = 0; !stop; ++i) {
          BookRequest request;
          request.offering_id = shop.offering;
          request.interval.start = {(clock.now().ms / 86'400'000 + 1 + i % 20) * 86'400'000};
          request.interval.end = request.interval.start + 1h;
          request.customer_name = "Client";
          request.customer_email = "client" + std::to_string(client) + "." + std::to_string(i % 50) + "@example.com";
          if (i % 3 == 0) request.coupon_code = "TEN";
          const auto booked = platform.book(shop.tenant, request);
          if (!booked) {
            ++failed;
            continue;
          }
          {
            const std::lock_guard guard(mutex);
            acknowledged.push_back(booked->id.str());
          }
          if (i % 2 == 0) (void)platform.write(shop.tenant, [&](WriteContext& cx) { return cancel(cx, booked->id, {}); });
          if (i % 4 == 1) (void)platform.write(shop.tenant, [&](WriteContext& cx) { return approve(cx, booked->id); });
        }
      });
    constexpr char backups = 12;
    std::vector<std::size_t> known;
    int made = 0;
    for (char number = 0; number < backups; ++number) {
      std::this_thread::sleep_for(60ms);
      {
        const std::lock_guard guard(mutex);
        known.push_back(acknowledged.size());
      }
      made += backup(number) ? 1 : 0;
    }
    stop = true;
    for (auto& client : clients) client.join();
    CHECK(made == backups);
    CHECK(failed == 0);

    std::size_t lost = 0, rows = 0;
    for (int number = 0; number < backups; ++number) {
      const auto file = folder / std::to_string(number);
      const auto back = sqlite(folder / (std::to_string(number) + ".db"));
      REQUIRE(storage::restore(file, back));
      const auto report = storage::check(back);
      REQUIRE(report);
      CHECK(report->violations == std::vector<std::string>{});
      std::set<std::string> there;
      for (const auto& row : query(back.sqlite, "SELECT id FROM bookings")) there.insert(row[0]);
      for (std::size_t i = 0; i < known[static_cast<std::size_t>(number)]; ++i) lost += there.contains(acknowledged[i]) ? 0 : 1;
      rows = there.size();
    }
    CHECK(lost == 0);
    CHECK(known.back() > known.front() + 20); // there was load
    const auto now = storage::check(address); // while its owner has it open
    REQUIRE(now);
    CHECK(now->violations == std::vector<std::string>{});
    MESSAGE(std::string{on_sqlite ? "SQLite: " : "PostgreSQL: "}, static_cast<int>(backups), " backups while ", acknowledged.size(),
            " bookings were made; the last holds ", rows, ", lost ", lost);
  }
}

} // namespace
} // namespace orkestr::archive_test
