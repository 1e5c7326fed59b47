// The API on PostgreSQL with one bug planted, for the campaign beside this file. The server that ships has none of this.
//
//   cluster_server STORE_URL BUG      serves on a free port and prints {"baseUrl":…}; "none" plants nothing
//   cluster_server --list             the names of bugs
#include "campaign/mutants.hpp"
#include "http/server.hpp"

#include "orkestr/adapters/postgres_store.hpp"
#include "orkestr/api/api.hpp"

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include <unistd.h>

using namespace orkestr;
using namespace std::chrono_literals;

namespace {

using namespace storage;
using Steady = std::chrono::steady_clock;

/// Bugs that one server alone would hardly show, beside those of campaign::Mutant.
enum class Bug {
  none,
  no_lock,             ///< what is booked is not locked
  process_lock,        ///< it is locked by a mutex, which other servers know nothing of
  stale_claims,        ///< what is taken is remembered for half a second
  cached_keys,         ///< a key's row is remembered for two seconds
  answers_per_process, ///< idempotency answers stay in the server that gave them
  events_twice,        ///< a transaction that is run again repeats the events of the try that failed
  early_answer         ///< the answer goes out before the commit
};
constexpr std::array<std::string_view, 8> bug_names = {
    "none", "no_lock", "process_lock", "stale_claims", "cached_keys", "answers_per_process", "events_twice", "early_answer"};

/// What a server with a bug remembers, and should not.
struct Memory {
  template <class T> struct Kept {
    Steady::time_point at;
    T value;
  };
  std::mutex mutex;
  std::map<std::string, Kept<std::vector<Claim>>> claims;
  std::map<std::string, Kept<std::optional<FoundApiKey>>> keys;
  std::map<std::string, IdempotencyRecord> answers;
  std::map<std::string, std::mutex> locks;

  /// What is remembered under a name, no older than `age`, or what `look` finds.
  template <class T, class Look> T recall(std::map<std::string, Kept<T>>& all, const std::string& name, milliseconds age, Look look) {
    {
      const std::lock_guard guard(mutex);
      if (const auto found = all.find(name); found != all.end() && Steady::now() - found->second.at < age) return found->second.value;
    }
    auto value = look();
    const std::lock_guard guard(mutex);
    all.insert_or_assign(name, Kept<T>{Steady::now(), value});
    return value;
  }
};

/// Of one call of run_write, over all its tries.
struct Attempts {
  int tries = 0;
  std::vector<std::pair<TenantId, Event>> events;
  std::vector<std::unique_lock<std::mutex>> locks;
};

std::string name_of(TenantId tenant, std::string_view rest) { return tenant.str() + "/" + std::string{rest}; }

class Keys final : public ApiKeyRepository {
 public:
  Keys(ApiKeyRepository& real, Bug bug, Memory& memory) : real_(real), bug_(bug), memory_(memory) {}
  std::optional<FoundApiKey> find_by_prefix(std::string_view prefix) const override {
    if (bug_ != Bug::cached_keys) return real_.find_by_prefix(prefix);
    return memory_.recall(memory_.keys, std::string{prefix}, 2s, [&] { return real_.find_by_prefix(prefix); });
  }
  std::optional<ApiKey> find(TenantId tenant, ApiKeyId id) const override { return real_.find(tenant, id); }
  std::vector<ApiKey> list(TenantId tenant, const Page& page) const override { return real_.list(tenant, page); }
  std::vector<ApiKey> made_by(TenantId tenant, MemberId member) const override { return real_.made_by(tenant, member); }
  void insert(TenantId tenant, const ApiKey& key) override { real_.insert(tenant, key); }
  void update(TenantId tenant, const ApiKey& key) override { real_.update(tenant, key); }

 private:
  ApiKeyRepository& real_;
  Bug bug_;
  Memory& memory_;
};

class Occupancies final : public OccupancyRepository {
 public:
  Occupancies(OccupancyRepository& real, Bug bug, Memory& memory, Attempts* attempts)
      : real_(real), bug_(bug), memory_(memory), attempts_(attempts) {}
  std::vector<Claim> in_range(TenantId tenant, std::string_view key, Interval range, Instant now) const override {
    if (bug_ != Bug::stale_claims) return real_.in_range(tenant, key, range, now);
    const auto name = name_of(tenant, key) + "/" + std::to_string(range.start.ms) + "/" + std::to_string(range.end.ms);
    return memory_.recall(memory_.claims, name, 500ms, [&] { return real_.in_range(tenant, key, range, now); });
  }
  void lock(TenantId tenant, std::string_view key, std::chrono::milliseconds longest) override {
    if (bug_ == Bug::no_lock) return;
    if (bug_ != Bug::process_lock || attempts_ == nullptr) return real_.lock(tenant, key, longest);
    std::unique_lock guard(memory_.mutex);
    auto& mutex = memory_.locks[name_of(tenant, key)];
    guard.unlock();
    attempts_->locks.emplace_back(mutex);
  }
  void put(TenantId tenant, std::string_view key, const Claim& claim) override { real_.put(tenant, key, claim); }
  void set_status(TenantId tenant, Holder holder, ClaimStatus status) override { real_.set_status(tenant, holder, status); }
  void erase(TenantId tenant, Holder holder) override { real_.erase(tenant, holder); }

 private:
  OccupancyRepository& real_;
  Bug bug_;
  Memory& memory_;
  Attempts* attempts_;
};

class Events final : public EventRepository {
 public:
  Events(EventRepository& real, Bug bug, Attempts* attempts) : real_(real), bug_(bug), attempts_(attempts) {}
  void append(TenantId tenant, const Event& event) override {
    if (bug_ == Bug::events_twice && attempts_ != nullptr) attempts_->events.emplace_back(tenant, event);
    real_.append(tenant, event);
  }
  std::vector<Event> list(TenantId tenant, std::string_view after, std::size_t limit, bool settled) const override {
    return real_.list(tenant, after, limit, settled);
  }
  std::optional<Event> find(TenantId tenant, EventId id) const override { return real_.find(tenant, id); }

 private:
  EventRepository& real_;
  Bug bug_;
  Attempts* attempts_;
};

class Answers final : public IdempotencyRepository {
 public:
  Answers(IdempotencyRepository& real, Bug bug, Memory& memory) : real_(real), bug_(bug), memory_(memory) {}
  std::optional<IdempotencyRecord> find(TenantId tenant, std::string_view key) const override {
    if (bug_ != Bug::answers_per_process) return real_.find(tenant, key);
    const std::lock_guard guard(memory_.mutex);
    const auto found = memory_.answers.find(name_of(tenant, key));
    return found == memory_.answers.end() ? std::nullopt : std::optional{found->second};
  }
  void put(TenantId tenant, const IdempotencyRecord& record) override {
    if (bug_ != Bug::answers_per_process) return real_.put(tenant, record);
    const std::lock_guard guard(memory_.mutex);
    memory_.answers.insert_or_assign(name_of(tenant, record.key), record);
  }
  std::size_t erase_older_than(Instant instant, std::size_t limit) override { return real_.erase_older_than(instant, limit); }

 private:
  IdempotencyRepository& real_;
  Bug bug_;
  Memory& memory_;
};

struct Wrong {
  Wrong(const Repositories& r, Bug bug, Memory& memory, Attempts* attempts)
      : keys(r.api_keys, bug, memory),
        occupancy(r.occupancy, bug, memory, attempts),
        events(r.events, bug, attempts),
        answers(r.idempotency, bug, memory),
        all{r.tenants, keys,   r.offerings, r.availability, r.pricing_rules, occupancy,       r.holds, r.customers, r.bookings, r.coupons,
            r.risk,    events, answers,     r.webhooks,     r.deliveries,    r.notifications, r.trust, r.portal,    r.languages} {}
  Keys keys;
  Occupancies occupancy;
  Events events;
  Answers answers;
  Repositories all;
};

class WrongRead final : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;
};

class WrongWrite final : public WriteTransaction {
 public:
  WrongWrite(const Repositories& repositories, WriteTransaction& real) : WriteTransaction(repositories), real_(real) {}

 private:
  void run_nested(FunctionRef<bool()> part) override { run_nested_of(real_, part); }
  WriteTransaction& real_;
};

class WrongStore final : public Store {
 public:
  WrongStore(Store& store, Bug bug) : store_(store), bug_(bug) {}

 private:
  Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override {
    return run_read_of(store_, [&](const ReadTransaction& tx) {
      const Wrong wrong(tx.repositories(), bug_, memory_, nullptr);
      f(WrongRead(wrong.all));
    });
  }

  Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override {
    if (bug_ == Bug::early_answer) return answer_early(f);
    Attempts attempts;
    return run_write_of(store_, [&](WriteTransaction& tx) { return once(tx, f, attempts); });
  }

  bool once(WriteTransaction& tx, FunctionRef<bool(WriteTransaction&)> f, Attempts& attempts) {
    attempts.locks.clear();
    const auto earlier = attempts.events;
    for (const auto& [tenant, event] : earlier) tx.events().append(tenant, event);
    const Wrong wrong(tx.repositories(), bug_, memory_, &attempts);
    WrongWrite mutated(wrong.all, tx);
    return f(mutated);
  }

  /// The caller goes on as soon as its part is done; the commit follows a moment later, if it comes to that.
  Result<void> answer_early(FunctionRef<bool(WriteTransaction&)> f) {
    auto told = std::make_shared<std::promise<Result<void>>>();
    auto answer = told->get_future();
    std::thread([this, f, told]() mutable {
      bool gone = false; // and with it what f refers to
      auto done = run_write_of(store_, [&](WriteTransaction& tx) {
        if (gone || !f(tx)) return false;
        gone = true;
        told->set_value({});
        std::this_thread::sleep_for(30ms);
        return true;
      });
      if (!gone) told->set_value(std::move(done));
    }).detach();
    return answer.get();
  }

  Store& store_;
  Bug bug_;
  Memory memory_;
};

class Site final : public server::Application {
 public:
  explicit Site(api::Api& api) : api_(api) {}
  std::optional<api::Response> handle_now(const api::Request&) override { return std::nullopt; }
  api::Response handle(const api::Request& request) override { return api_.handle(request); }
  api::Response refuse(int, std::string_view code, std::string_view detail) override { return api_.refuse(code_named(code), detail); }

 private:
  api::Api& api_;
};

template <class Names> std::size_t find_name(const Names& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - std::begin(names));
}

int serve(const std::string& url, Bug bug, campaign::Mutant mutant) {
  PostgresOptions database;
  database.connection = url;
  auto real = PostgresStore::open(database);
  if (!real) return std::fprintf(stderr, "cluster_server: %s\n", real.error().detail.c_str()), 1;
  campaign::MutantStore mutated(**real, mutant);
  WrongStore store(mutated, bug);
  const SystemClock clock;
  SystemRandom random;
  Platform platform(store, clock, random);
  api::ApiOptions options;
  options.rate_limit = options.visitor_limit = 0;
  api::Api api(platform, std::move(options));
  Site site(api);
  server::HttpOptions http;
  http.client_address_header = "X-Forwarded-For";
  server::HttpServer server(site, http);
  server.start();
  std::printf("{\"baseUrl\":\"http://127.0.0.1:%u\"}\n", unsigned{server.port()});
  std::fflush(stdout);
  for (;;) { // until it is killed
    (void)platform.run_due(platform.now());
    std::this_thread::sleep_for(1s);
  }
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    for (const auto& name : campaign::mutant_names) std::printf("%s\n", std::string{name}.c_str());
    for (const auto& name : bug_names) std::printf("%s\n", std::string{name}.c_str());
    return 0;
  }
  const auto bug = argc == 3 ? find_name(bug_names, argv[2]) : bug_names.size();
  const auto mutant = argc == 3 ? find_name(campaign::mutant_names, argv[2]) : std::size(campaign::mutant_names);
  if (bug == bug_names.size() && mutant == std::size(campaign::mutant_names))
    return std::fprintf(stderr, "cluster_server STORE_URL BUG, or --list\n"), 2;
  return serve(argv[1], bug < bug_names.size() ? static_cast<Bug>(bug) : Bug::none,
               mutant < std::size(campaign::mutant_names) ? static_cast<campaign::Mutant>(mutant) : campaign::Mutant::none);
}
