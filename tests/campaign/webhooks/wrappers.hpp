// A store and a client around the real ones, in which a child of the webhook campaign dies, sleeps, or goes wrong on purpose.
#pragma once

#include "campaign/webhooks/plan.hpp"

#include "orkestr/ports/http_client.hpp"
#include "orkestr/storage/store.hpp"

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace orkestr::campaign {

/// Ends the process where the plan says. @thread_safety safe
class Reaper {
 public:
  Reaper(Point point, int after, std::function<void(Point)> tell) : point_(point), left_(after), tell_(std::move(tell)) {}
  void at(Point point) {
    if (point == point_ && --left_ == 0) die(point);
  }
  [[noreturn]] void die(Point point);

 private:
  Point point_;
  std::atomic<int> left_;
  std::function<void(Point)> tell_;
};

/// What a store and a client do beside what the real ones do.
struct Sabotage {
  Reaper& reaper;
  Bug bug = Bug::none;
  int stall_every = 0;
  std::chrono::milliseconds stall{0};
  std::vector<std::string> owners; ///< of all dispatchers of this process
};

/// The dispatcher's view of a store. @thread_safety as the store's
class DispatchingStore final : public storage::Store {
 public:
  DispatchingStore(storage::Store& store, const Sabotage& sabotage, std::string owner)
      : store_(store), sabotage_(sabotage), owner_(std::move(owner)) {}
  /// An outcome was handed to the dispatcher: its next transaction settles it.
  void outcome_came() { outcomes_ = true; }

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override;
  void maybe_stall();

  storage::Store& store_;
  const Sabotage& sabotage_;
  const std::string owner_;
  std::atomic<bool> outcomes_{false};
  std::atomic<unsigned> transactions_{0};
};

/// The view of those who emit events. @thread_safety as the store's
class EmittingStore final : public storage::Store {
 public:
  /// @param acknowledge is called on the thread of the transaction, by the bug that does so too early
  EmittingStore(storage::Store& store, const Sabotage& sabotage) : store_(store), sabotage_(sabotage) {}
  std::function<void()> acknowledge;

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override { return run_read_of(store_, f); }
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override;

  storage::Store& store_;
  const Sabotage& sabotage_;
};

/// @thread_safety safe
class CampaignClient final : public HttpClient {
 public:
  CampaignClient(HttpClient& client, const Sabotage& sabotage, std::function<void()> outcome_came)
      : client_(client), sabotage_(sabotage), outcome_came_(std::move(outcome_came)) {}
  void send(HttpRequest request, std::function<void(HttpResult)> done) override;
  void stop() override { client_.stop(); }
  /// Outcomes so far.
  [[nodiscard]] unsigned outcomes() const { return outcomes_; }

 private:
  void make_up_outcome(HttpRequest request, std::function<void(HttpResult)> done);

  HttpClient& client_;
  const Sabotage& sabotage_;
  const std::function<void()> outcome_came_;
  std::atomic<unsigned> outcomes_{0};
};

} // namespace orkestr::campaign
