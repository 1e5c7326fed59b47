// A child of the webhook campaign: emits events and dispatches them on one store, until it is killed or nothing is left to do.
#include "campaign/webhooks/wrappers.hpp"

#include "orkestr/adapters/http_client.hpp"
#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/platform/webhook_worker.hpp"
#ifdef ORKESTR_WITH_POSTGRES
#include "orkestr/adapters/postgres_store.hpp"
#endif

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>

#include <fcntl.h>
#include <unistd.h>

namespace orkestr::campaign {
namespace {

using namespace std::chrono_literals;

class Child {
 public:
  explicit Child(const Plan& plan)
      : plan_(plan),
        ledger_(::open(plan.ledger.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)),
        clock_(plan.real, plan.start, plan.factor),
        dice_(static_cast<std::uint64_t>(plan.seed)),
        reaper_(static_cast<Point>(plan.point), plan.dies != 0 ? plan.after : 0,
                [this](Point point) { tell("! " + std::to_string(static_cast<int>(point)) + "\n"); }),
        sabotage_{reaper_, static_cast<Bug>(plan.bug), plan.stall_every, {}, {}},
        secrets_(SecretBox::parse(plan.key).value()) {
    sabotage_.stall = std::chrono::milliseconds{plan.lease * 3 / 2 / plan.factor};
    for (int i = 0; i < plan.workers; ++i) sabotage_.owners.push_back(std::to_string(::getpid()) + (i == 0 ? ".a" : ".b"));
    for (std::size_t at = 0; at < plan.subjects.size(); at += CouponId::size + 1)
      subjects_.push_back(CouponId::parse(std::string_view{plan.subjects}.substr(at, CouponId::size)).value());
  }

  [[noreturn]] void run() {
    if (!open()) std::_Exit(static_cast<int>(Drained::store_does_not_open));
    if (plan_.dies != 0) std::thread([this] { die_in_time(); }).detach();
    for (const auto& owner : sabotage_.owners) desks_.emplace_back(*store_, sabotage_, owner, clock_, random_, secrets_);
    start_workers();
    std::vector<std::thread> emitters;
    for (int i = 0; i < 3; ++i) emitters.emplace_back([this, i] { emit(plan_.events / 3 + (i < plan_.events % 3), i); });
    for (auto& thread : emitters) thread.join();
    if (plan_.drain != 0) drain();
    for (;;) ::pause(); // for whoever kills it
  }

 private:
  /// What a server has of its own to dispatch with.
  struct Desk {
    Desk(storage::Store& real, const Sabotage& sabotage, const std::string& name, const Clock& clock, Random& random,
         const SecretBox& secrets)
        : owner(name),
          store(real, sabotage, name),
          platform(store, clock, random, {secrets, {true}}),
          http(make_http_client({.policy = {true}, .max_connections_per_host = 16}).value()),
          client(*http, sabotage, [this] { store.outcome_came(); }) {}
    std::string owner;
    DispatchingStore store;
    Platform platform;
    std::unique_ptr<HttpClient> http;
    CampaignClient client;
    std::unique_ptr<WebhookWorker> worker;
  };

  bool open() {
#ifdef ORKESTR_WITH_POSTGRES
    if (plan_.postgres != 0) {
      auto opened = storage::PostgresStore::open({.connection = plan_.store, .connections = 8});
      if (!opened) return false;
      (*opened)->on_events([this] { poke(); });
      store_ = std::move(*opened);
      return true;
    }
#endif
    // What a kill leaves does not depend on what has reached the disk.
    auto opened = storage::SqliteStore::open({.file = plan_.store, .full_sync = false});
    if (!opened) return false;
    store_ = std::move(*opened);
    return true;
  }

  void tell(const std::string& line) const {
    if (::write(ledger_, line.data(), line.size()) < 0) std::_Exit(4);
  }

  void die_in_time() {
    const bool anywhere = static_cast<Point>(plan_.point) == Point::any;
    std::this_thread::sleep_for(anywhere ? std::chrono::milliseconds{5 + dice_.next() % 600} : 2'000ms);
    reaper_.die(Point::any);
  }

  void start_workers() {
    const std::lock_guard guard(workers_);
    for (auto& desk : desks_)
      desk.worker = std::make_unique<WebhookWorker>(
          desk.platform, desk.client,
          DispatcherOptions{
              .owner = desk.owner, .lease = milliseconds{plan_.lease}, .connect_timeout = milliseconds{200}, .timeout = milliseconds{300}});
  }
  void end_workers() {
    std::vector<std::unique_ptr<WebhookWorker>> ending;
    {
      const std::lock_guard guard(workers_);
      for (auto& desk : desks_) ending.push_back(std::move(desk.worker));
    }
  }
  void poke() {
    const std::lock_guard guard(workers_);
    for (auto& desk : desks_)
      if (desk.worker) desk.worker->poke();
  }

  // ---- emitting --------------------------------------------------------------------------------------------------

  static EventType draw_type(std::uint64_t roll) {
    static constexpr std::pair<unsigned, EventType> shares[] = {{20, EventType::offering_published}, {35, EventType::hold_expired},
                                                                {50, EventType::review_created},     {65, EventType::dispute_opened},
                                                                {80, EventType::dispute_message},    {100, EventType::booking_completed}};
    return std::ranges::find_if(shares, [&](const auto& share) { return roll % 100 < share.first; })->second;
  }

  void emit(int events, int lane) {
    EmittingStore store(*store_, sabotage_);
    Platform platform(store, clock_, random_, {secrets_, {true}});
    platform.on_events([this] { poke(); });
    const auto tenant = TenantId::parse(plan_.tenant).value();
    std::string lines;
    store.acknowledge = [&] { tell(lines); };
    for (int i = 0, dead = lane == 0 ? plan_.dead_events : 0; i < events;) {
      const auto kind = dice_.next() % 100;
      const bool fails = kind < 8;
      const int count = kind % 8 == 7 ? 2 + static_cast<int>(dice_.next() % 3) : 1;
      std::vector<std::pair<CouponId, EventType>> what;
      for (int n = 0; n < count; ++n) {
        // A few are on everybody's mind.
        const auto subject =
            subjects_[dice_.next() % (dice_.next() % 3 == 0 ? std::min<std::size_t>(6, subjects_.size()) : subjects_.size())];
        what.emplace_back(n > 0 && dice_.next() % 2 == 0 ? what[0].first : subject, draw_type(dice_.next()));
      }
      if (dead > 0 && !fails) --dead, what[0] = {subjects_[dice_.next() % subjects_.size()], EventType::tenant_kyb_verified};
      const auto done = platform.write(tenant, [&](WriteContext& cx) -> Result<int> {
        lines.clear();
        for (const auto& [subject, type] : what) ORKESTR_CHECK(emit_one(cx, subject, type, fails, lines));
        if (fails) return fail(Code::invalid_transition, "This one was to fail.");
        return 0;
      });
      if (!fails) i += count;
      if (done && sabotage_.bug != Bug::acknowledges_early) tell(lines);
      std::this_thread::sleep_for(std::chrono::microseconds{dice_.next() % 3'000});
    }
  }

  /// The row of its subject is what puts transactions about it in order.
  static Result<void> emit_one(WriteContext& cx, CouponId subject, EventType type, bool fails, std::string& lines) {
    auto row = cx.tx.coupons().find(cx.tenant, subject);
    if (!row) return fail(Code::not_found, "no such subject");
    row->max_redemptions = row->max_redemptions.value_or(0) + 1;
    cx.tx.coupons().update(cx.tenant, *row);
    const auto number = std::to_string(*row->max_redemptions);
    cx.emit(type, subject.view(),
            R"({"subject":")" + subject.str() + R"(","sequence":)" + number + R"(,"failed":)" + (fails ? "true" : "false") + "}");
    lines.append("+ ").append(subject.view()).append(" ").append(number).append("\n");
    return {};
  }

  // ---- to the end ------------------------------------------------------------------------------------------------

  /// When something can be sent next, of all endpoints; nullopt when nothing is PENDING.
  std::optional<Instant> next() {
    const auto tenant = TenantId::parse(plan_.tenant).value();
    const auto found = store_->read([&](const storage::ReadTransaction& tx) -> Result<std::optional<Instant>> {
      std::optional<Instant> next;
      for (const auto& webhook : tx.webhooks().active(tenant)) {
        const auto endpoint = tx.webhooks().endpoint(tenant, webhook.id);
        for (const bool retrying : {false, true}) {
          const auto first = tx.deliveries().due(tenant, webhook.id, retrying, Instant{1LL << 50}, 1);
          if (first.empty()) continue;
          auto at = *first[0].delivery.next_attempt_at;
          if (endpoint && endpoint->open_until) at = std::max(at, *endpoint->open_until);
          next = std::min(next.value_or(at), at);
        }
      }
      return next;
    });
    return found ? *found : std::optional{Instant{0}};
  }

  void drain() {
    auto moved = std::chrono::steady_clock::now();
    unsigned seen = 0;
    for (;;) {
      std::this_thread::sleep_for(5ms);
      unsigned outcomes = 0;
      std::size_t in_flight = 0;
      for (const auto& desk : desks_) {
        in_flight += desk.worker->stats().in_flight;
        outcomes += desk.client.outcomes();
      }
      const auto now = std::chrono::steady_clock::now();
      if (std::exchange(seen, outcomes) != outcomes) moved = now;
      if (now - moved > std::chrono::milliseconds{plan_.stuck_ms}) std::_Exit(static_cast<int>(Drained::stuck));
      if (in_flight > 0) continue;
      const auto at = next();
      if (!at) break;
      if (*at <= clock_.now()) continue;
      // Nothing is under way or due, so nobody is asleep through the hours that are skipped.
      end_workers();
      clock_.skip(*at - clock_.now());
      start_workers();
    }
    end_workers();
    std::_Exit(static_cast<int>(Drained::all));
  }

  const Plan& plan_;
  const int ledger_;
  FastClock clock_;
  SystemRandom random_;
  SeededRandom dice_;
  Reaper reaper_;
  Sabotage sabotage_;
  SecretBox secrets_;
  std::vector<CouponId> subjects_;
  std::unique_ptr<storage::Store> store_;
  std::deque<Desk> desks_;
  std::mutex workers_;
};

} // namespace

void work(const Plan& plan) {
  Child child(plan);
  child.run();
}

} // namespace orkestr::campaign
