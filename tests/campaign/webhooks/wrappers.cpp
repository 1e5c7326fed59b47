#include "campaign/webhooks/wrappers.hpp"

#include "campaign/webhooks/repositories.hpp"

#include <unistd.h>

namespace orkestr::campaign {
namespace {

using storage::ReadTransaction;
using storage::WriteTransaction;

/// No repository is const by itself; reading transactions only hand them out so.
template <class Repository> Repository& writable(const Repository& repository) { return const_cast<Repository&>(repository); }

struct Parts {
  Done& done;
  CampaignWebhooks webhooks;
  CampaignDeliveries deliveries;

  Parts(const ReadTransaction& tx, const Sabotage& sabotage, Done& d)
      : done(d), webhooks(writable(tx.webhooks()), sabotage, d), deliveries(writable(tx.deliveries()), tx.events(), sabotage.bug, d) {}
  [[nodiscard]] storage::Repositories around(const ReadTransaction& tx) {
    const auto& r = tx.repositories();
    return {r.tenants,   r.api_keys,      r.offerings, r.availability, r.pricing_rules, r.occupancy,   r.holds,
            r.customers, r.bookings,      r.coupons,   r.risk,         r.events,        r.idempotency, webhooks,
            deliveries,  r.notifications, r.trust,     r.portal,       r.languages};
  }
};

class CampaignWrite final : public WriteTransaction {
 public:
  CampaignWrite(Parts& parts, WriteTransaction& real) : WriteTransaction(parts.around(real)), real_(real) {}

 private:
  void run_nested(FunctionRef<bool()> part) override { run_nested_of(real_, part); }
  WriteTransaction& real_;
};

} // namespace

void Reaper::die(Point point) {
  tell_(point);
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void DispatchingStore::maybe_stall() {
  if (sabotage_.stall_every == 0) return;
  const auto number = ++transactions_ * 2'654'435'769U; // in no step with what a dispatcher does in turn
  if ((number >> 16) % static_cast<unsigned>(sabotage_.stall_every) == 0) std::this_thread::sleep_for(sabotage_.stall);
}

Result<void> DispatchingStore::run_read(FunctionRef<void(const ReadTransaction&)> f) {
  auto done = run_read_of(store_, [&](const ReadTransaction& tx) {
    Done ignored;
    Parts parts(tx, sabotage_, ignored);
    parts.webhooks.owner = owner_;
    f(ReadTransaction(parts.around(tx)));
  });
  maybe_stall();
  return done;
}

Result<void> DispatchingStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  auto& reaper = sabotage_.reaper;
  const bool settles = outcomes_.exchange(false);
  if (settles) maybe_stall(); // the next one to have the endpoint learns nothing of what came
  reaper.at(settles ? Point::settle_before_begin : Point::take_before_begin);
  Done done;
  auto result = run_write_of(store_, [&](WriteTransaction& tx) {
    reaper.at(settles ? Point::settle_after_begin : Point::take_after_begin);
    done = {};
    Parts parts(tx, sabotage_, done);
    parts.webhooks.owner = owner_;
    CampaignWrite wrapped(parts, tx);
    const bool keep = f(wrapped);
    if (done.took) reaper.at(Point::take_before_commit);
    if (done.settled) reaper.at(Point::settle_before_commit);
    return keep;
  });
  if (done.took) reaper.at(Point::take_after_commit);
  if (done.settled) reaper.at(Point::settle_after_commit);
  return result;
}

Result<void> EmittingStore::run_write(FunctionRef<bool(WriteTransaction&)> f) {
  auto& reaper = sabotage_.reaper;
  reaper.at(Point::emit_before_begin);
  Done done;
  auto result = run_write_of(store_, [&](WriteTransaction& tx) {
    reaper.at(Point::emit_after_begin);
    done = {};
    Parts parts(tx, sabotage_, done);
    CampaignWrite wrapped(parts, tx);
    const bool keep = f(wrapped);
    if (keep && sabotage_.bug == Bug::acknowledges_early) acknowledge();
    reaper.at(Point::emit_before_commit);
    return keep || sabotage_.bug == Bug::keeps_failed;
  });
  if (!result) return result;
  reaper.at(Point::emit_after_commit);
  if (done.held_back.empty()) return result;
  return run_write_of(store_, [&](WriteTransaction& tx) {
    for (const auto& [tenant, delivery] : done.held_back)
      if (tx.events().find(tenant, delivery.event_id)) tx.deliveries().insert(tenant, delivery);
    return true;
  });
}

void CampaignClient::send(HttpRequest request, std::function<void(HttpResult)> done) {
  static std::atomic<unsigned> sends{0};
  auto& reaper = sabotage_.reaper;
  reaper.at(Point::before_send);
  request.headers.emplace_back("X-Campaign-Send", std::to_string(::getpid()) + "." + std::to_string(++sends));
  if (sabotage_.bug == Bug::changes_bodies && every_20th()) request.body[request.body.size() / 2] ^= 1;
  if (sabotage_.bug == Bug::settles_before_sending) return make_up_outcome(std::move(request), std::move(done));
  client_.send(std::move(request), [this, done = std::move(done)](HttpResult result) {
    sabotage_.reaper.at(Point::answer_arrived);
    if (sabotage_.bug == Bug::any_answer_succeeds && result.failure == HttpFailure::none) result.response.status = 200;
    outcome_came_();
    done(std::move(result));
    ++outcomes_;
    sabotage_.reaper.at(Point::answer_handed_over);
  });
  reaper.at(Point::after_send);
}

void CampaignClient::make_up_outcome(HttpRequest request, std::function<void(HttpResult)> done) {
  std::thread([this, request = std::move(request), done = std::move(done)]() mutable {
    HttpResult result;
    result.response.status = 200;
    done(std::move(result));
    ++outcomes_;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    client_.send(std::move(request), [](const HttpResult&) {});
  }).detach();
}

} // namespace orkestr::campaign
