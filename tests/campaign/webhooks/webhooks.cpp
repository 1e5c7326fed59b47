// A webhook arrives at least once or is visibly dead: two dispatchers on one store, and on PostgreSQL two processes, are killed
// between every two steps while endpoints refuse, hang, reset, crash and go away. Then every event is looked for.
//
//   webhooks [--kills 300] [--events 20000] [--seed 1] [--hours H] [--postgres CONNINFO]
//   webhooks --mutants
// CONNINFO is of a cluster's role that may make databases, such as "host=/tmp/pg user=orkestr"; see scripts/postgres.
#include "campaign/webhooks/run.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/prctl.h>

using namespace orkestr::campaign;

namespace {

[[noreturn]] void be_a_child(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody else would end it
  Plan plan;
  for (int i = 2; i < argc; ++i) {
    const char* value = std::strchr(argv[i], '=') + 1;
    const std::string_view name(argv[i], static_cast<std::size_t>(value - 1 - argv[i]));
    Plan::each(plan, [&](std::string_view field, auto& to) {
      if (field != name) return;
      if constexpr (std::is_same_v<std::decay_t<decltype(to)>, std::string>)
        to = value;
      else
        to = static_cast<std::decay_t<decltype(to)>>(std::atoll(value));
    });
  }
  work(plan);
}

void print(const Outcome& o) {
  const auto& f = o.findings;
  for (const auto& [point, n] : o.killed) std::printf("| killed: %-32s | %6d |\n", std::string{point_names[point]}.c_str(), n);
  for (const auto& [endpoint, counts] : f.by_endpoint)
    std::printf("| %-24s | deliveries %6zu | dead %4zu |\n", std::string{endpoint_kinds()[static_cast<std::size_t>(endpoint)].name}.c_str(),
                counts.first, counts.second);
  const auto percent = [&](std::size_t n) {
    return f.attempts == 0 ? 0.0 : 100.0 * static_cast<double>(n) / static_cast<double>(f.attempts);
  };
  std::printf("kills %d, events acknowledged %zu, events %zu, deliveries %zu, attempts %zu, requests %zu, in %.0f s for %.0f h\n",
              o.kills(), f.acknowledged, f.events, f.deliveries, f.attempts, f.requests, o.seconds, o.hours);
  std::printf("accepted %zu, dead %zu, duplicates %zu (%.2f %%), accepted twice %zu, sent again by the client %zu,"
              " forgotten by their receiver %zu\n",
              f.accepted, f.dead, f.sent_again, percent(f.sent_again), f.accepted_again, f.by_client, f.forgotten);
  std::printf("missing %zu, order faults %zu, bad signatures %zu, faults %zu\n", f.missing, f.order, f.signatures, f.faults.size());
  for (const auto& [what, times] : f.faults) std::printf("FAULT: %s (%zu)\n", what.c_str(), times);
}

struct Planted {
  std::string_view name;
  Bug bug;
  int kills = 0;
  std::optional<Point> point = {};
  int stall_every = 0;
};
constexpr Planted planted[] = {
    {"settled before it is sent", Bug::settles_before_sending},
    {"any answer is a success", Bug::any_answer_succeeds},
    {"fanned out after the commit", Bug::fans_out_later, 8, Point::emit_after_commit},
    {"acknowledged before the commit", Bug::acknowledges_early, 8, Point::emit_before_commit},
    {"every 20th delivery not inserted", Bug::drops_deliveries},
    {"order ignored", Bug::ignores_order},
    {"leases ignored", Bug::ignores_leases},
    {"every 20th success not settled", Bug::loses_outcomes},
    {"late outcomes overwrite", Bug::settles_blindly, 0, {}, 8},
    {"failed transactions kept", Bug::keeps_failed},
    {"bodies changed on their way", Bug::changes_bodies},
    {"no retries", Bug::never_retries},
    {"every 20th attempt not logged", Bug::logs_too_little},
    {"dead after two attempts", Bug::gives_up_early},
};

Options options_of(const Planted& bug, std::uint64_t seed) {
  Options options;
  options.kills = bug.kills;
  options.events = 150;
  options.subjects = 30;
  options.dead_events = 1;
  options.seed = seed;
  options.bug = bug.bug;
  options.point = bug.point;
  options.stall_every = bug.stall_every;
  options.stuck_ms = bug.bug == Bug::none ? 20'000 : 2'500;
  return options;
}

int run_mutants() {
  for (const Planted& nothing : {Planted{"nothing", Bug::none}, Planted{"nothing, but somebody sleeps", Bug::none, 0, {}, 8}})
    if (const auto outcome = run(options_of(nothing, 1)); !outcome.findings.faults.empty()) {
      print(outcome);
      return std::printf("%s was planted, and something was found\n", std::string{nothing.name}.c_str()), 1;
    }
  std::size_t caught = 0;
  for (const auto& bug : planted) {
    std::string what;
    double seconds = 0;
    for (std::uint64_t seed = 1; seed <= 12 && what.empty(); ++seed) { // most show at once; some need an accident
      const auto outcome = run(options_of(bug, seed));
      seconds += outcome.seconds;
      for (const auto& [fault, times] : outcome.findings.faults)
        if (fault != "fewer events than asked for" && what.empty()) what = fault;
    }
    caught += !what.empty();
    std::printf("%-34s %s, %.1f s\n", std::string{bug.name}.c_str(), what.empty() ? "NOT CAUGHT" : ("caught: " + what).c_str(), seconds);
    std::fflush(stdout);
  }
  std::printf("%zu of %zu caught\n", caught, std::size(planted));
  return caught == std::size(planted) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) try {
  Options options;
  double hours = 0;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    if (is("--child")) be_a_child(argc, argv);
    if (is("--mutants")) return run_mutants();
    if (is("--kills") && i + 1 < argc)
      options.kills = std::atoi(argv[++i]);
    else if (is("--events") && i + 1 < argc)
      options.events = std::atoi(argv[++i]);
    else if (is("--seed") && i + 1 < argc)
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (is("--hours") && i + 1 < argc)
      hours = std::atof(argv[++i]);
#ifdef ORKESTR_WITH_POSTGRES
    else if (is("--postgres") && i + 1 < argc) {
      options.postgres = true;
      ::setenv("ORKESTR_TEST_POSTGRES", argv[++i], 1);
    }
#endif
    else
      return std::fprintf(stderr, "webhooks [--kills 300] [--events 20000] [--seed 1] [--hours H] [--postgres CONNINFO] [--mutants]\n"), 2;
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(hours * 3600);
  do {
    std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
    const auto outcome = run(options);
    print(outcome);
    if (!outcome.findings.faults.empty()) return 1;
    ++options.seed;
  } while (std::chrono::steady_clock::now() < until);
  return 0;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "%s\n", error.what()), 3;
}
