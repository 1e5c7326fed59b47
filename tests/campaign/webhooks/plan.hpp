// What a child of the webhook campaign is to do: where it dies, what bug is planted in it, how fast its time goes.
#pragma once

#include "orkestr/ports/clock.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::campaign {

/// Where a child dies. `any` is wherever a timer finds it.
enum class Point {
  any,
  emit_before_begin,
  emit_after_begin,
  emit_before_commit,
  emit_after_commit,
  take_before_begin,
  take_after_begin,
  take_before_commit,
  take_after_commit,
  settle_before_begin,
  settle_after_begin,
  settle_before_commit,
  settle_after_commit,
  before_send,
  after_send,
  answer_arrived,
  answer_handed_over,
};
inline constexpr std::string_view point_names[] = {
    "any time",
    "emitting: before BEGIN",
    "emitting: after BEGIN",
    "emitting: before COMMIT",
    "emitting: after COMMIT",
    "taking: before BEGIN",
    "taking: after BEGIN",
    "taking: before COMMIT",
    "taking: after COMMIT",
    "settling: before BEGIN",
    "settling: after BEGIN",
    "settling: before COMMIT",
    "settling: after COMMIT",
    "before send",
    "after send",
    "an answer arrived",
    "the answer was handed over",
};
inline constexpr int point_count = static_cast<int>(std::size(point_names));

/// A planted bug.
enum class Bug {
  none,
  settles_before_sending, ///< an outcome is made up before anything is sent
  any_answer_succeeds,
  fans_out_later,     ///< deliveries are inserted by a transaction of their own
  acknowledges_early, ///< before COMMIT
  drops_deliveries,   ///< every 20th is not inserted
  ignores_order,      ///< due() gives what is not the first of its subject
  ignores_leases,     ///< due() and take() do not look at who has an endpoint
  loses_outcomes,     ///< settle() does nothing for every 20th success
  settles_blindly,    ///< settle() writes whatever has become of the row
  keeps_failed,       ///< a transaction that failed is committed
  changes_bodies,     ///< of every 20th request a byte
  never_retries,      ///< due() gives no retries
  logs_too_little,    ///< every 20th attempt is not written down
  gives_up_early,     ///< dead after two attempts
};

/// The computer's clock, made faster; it can be set ahead. All processes of a campaign that start from the same see the same.
class FastClock final : public Clock {
 public:
  FastClock(std::int64_t real, std::int64_t start, int factor) : real_(real), start_(start), factor_(factor) {}
  [[nodiscard]] Instant now() const override { return {start_.load() + (real_now() - real_) * factor_ / 1'000'000}; }
  void skip(milliseconds by) { start_ += by.count(); }
  [[nodiscard]] std::int64_t start() const { return start_; }

  /// Nanoseconds.
  [[nodiscard]] static std::int64_t real_now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

 private:
  std::int64_t real_;
  std::atomic<std::int64_t> start_;
  int factor_;
};

struct Plan {
  std::string store; ///< a file, or what to connect to
  std::string ledger, tenant, key;
  std::string subjects; ///< separated by commas
  int postgres = 0, workers = 2;
  int point = 0, after = 1; ///< dies when it comes to the point for the so-manieth time
  int dies = 0;
  int bug = 0;
  int events = 0;      ///< to emit
  int dead_events = 0; ///< of a kind that the endpoint which always fails wants, before all
  int stall_every = 0; ///< of its transactions, a dispatcher sleeps past its lease before or after one in so many
  int drain = 0;       ///< goes on until nothing is PENDING, setting the clock ahead
  int stuck_ms = 10'000;
  int factor = 50;
  std::int64_t seed = 1, lease = 25'000, real = 0, start = 0;

  /// All fields with their names: how a plan travels on a command line.
  template <class Self, class F> static void each(Self& p, F f) {
    f("store", p.store), f("ledger", p.ledger), f("tenant", p.tenant), f("key", p.key), f("subjects", p.subjects);
    f("postgres", p.postgres), f("workers", p.workers), f("point", p.point), f("after", p.after), f("dies", p.dies), f("bug", p.bug);
    f("events", p.events), f("dead_events", p.dead_events), f("stall_every", p.stall_every), f("drain", p.drain);
    f("stuck_ms", p.stuck_ms), f("factor", p.factor), f("seed", p.seed), f("lease", p.lease), f("real", p.real), f("start", p.start);
  }
};

/// What a child that drains ends with.
enum class Drained { all = 0, store_does_not_open = 3, stuck = 11 };

/// Runs a child to its end, which is no return.
[[noreturn]] void work(const Plan& plan);

} // namespace orkestr::campaign
