// simulate: the platform under simulated clients, clocks and failing stores. A seed that fails prints a short history.
#include "campaign/simulation/campaign.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace orkestr::campaign {
namespace {

struct Options {
  Config config;
  std::uint64_t seeds = 100;
  bool mutants = false;
};

int usage() {
  std::fputs("simulate [--seed N] [--seeds K] [--steps N] [--hours H] [--store memory|sqlite|both] [--known TEXT] [--mutants]\n"
             "  --seed N    the first seed (1)\n  --seeds K   how many seeds (100)\n  --steps N   steps of each (150)\n"
             "  --hours H   simulated hours of each, at most (1440)\n  --mutants   plants bugs, and tells which were noticed\n",
             stderr);
  return 2;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--mutants") {
      options.mutants = true;
      continue;
    }
    if (i + 1 >= argc) return {};
    const char* value = argv[++i];
    if (name == "--store") {
      if (std::strcmp(value, "memory") == 0)
        options.config.backings = {Backing::memory};
      else if (std::strcmp(value, "sqlite") == 0)
        options.config.backings = {Backing::sqlite};
      else if (std::strcmp(value, "both") != 0)
        return {};
      continue;
    }
    if (name == "--known") {
      options.config.known = value;
      continue;
    }
    char* end = nullptr;
    const auto number = std::strtoull(value, &end, 10);
    if (end == value || *end != '\0') return {};
    if (name == "--seed")
      options.config.seed = number;
    else if (name == "--seeds")
      options.seeds = number;
    else if (name == "--steps")
      options.config.steps = static_cast<int>(number);
    else if (name == "--hours")
      options.config.hours = std::chrono::hours{number};
    else
      return {};
  }
  return options;
}

void print(const Config& config, const Failure& failure) {
  std::printf("seed %llu: %s\n  history of %zu steps:\n%s", static_cast<unsigned long long>(config.seed), failure.what.c_str(),
              failure.history.size(), describe(failure.history).c_str());
}

int simulate(const Options& options) {
  Totals totals;
  int failed = 0;
  auto config = options.config;
  for (std::uint64_t i = 0; i < options.seeds; ++i) {
    config.seed = options.config.seed + i;
    Totals one;
    if (auto failure = run(config, one)) {
      ++failed;
      const auto length = failure->history.size();
      auto fast = config; // where a store in memory shows it too, that is quicker
      fast.backings = {Backing::memory};
      if (auto again = replay(fast, failure->history))
        failure = std::move(again);
      else
        fast = config;
      print(config, shrink(fast, std::move(*failure), 1500));
      std::printf("  (shrunk from %zu steps)\n\n", length);
      std::fflush(stdout);
    }
    if (i == 0) { // the same seed, the same trace
      Totals again;
      (void)run(config, again);
      if (again.trace.value() != one.trace.value()) {
        std::printf("seed %llu gave two traces\n", static_cast<unsigned long long>(config.seed));
        ++failed;
      }
    }
    totals.add(one);
  }
  for (const auto& [kind, answers] : totals.answers) {
    std::printf("%-12s", kind.c_str());
    for (const auto& [answer, count] : answers) std::printf(" %s %llu", answer.c_str(), static_cast<unsigned long long>(count));
    std::printf("\n");
  }
  std::printf("| seeds | failed | steps | done | refused | simulated | checks | faults | crashes | trace |\n"
              "|---|---|---|---|---|---|---|---|---|---|\n"
              "| %llu–%llu | %d | %llu | %llu | %llu | %lld h | %llu | %llu | %llu | %016llx |\n",
              static_cast<unsigned long long>(options.config.seed), static_cast<unsigned long long>(config.seed), failed,
              static_cast<unsigned long long>(totals.steps), static_cast<unsigned long long>(totals.done),
              static_cast<unsigned long long>(totals.refused), static_cast<long long>(totals.simulated.count() / 3'600'000),
              static_cast<unsigned long long>(totals.checks), static_cast<unsigned long long>(totals.faults),
              static_cast<unsigned long long>(totals.crashes), static_cast<unsigned long long>(totals.trace.value()));
  return failed == 0 ? 0 : 1;
}

/// Plants each bug, and looks for a seed that notices it.
int run_mutants(const Options& options) {
  std::size_t caught = 0;
  std::printf("| planted bug | noticed by seed | steps | shrunk to | as |\n|---|---|---|---|---|\n");
  for (const auto& [mutant, name, what] : mutants) {
    auto config = options.config;
    config.mutant = mutant;
    config.backings = {mutant == Mutant::crash_loses_last_write ? Backing::sqlite : Backing::memory};
    std::optional<Failure> failure;
    for (std::uint64_t i = 0; i < options.seeds && !failure; ++i) {
      config.seed = options.config.seed + i;
      Totals ignored;
      failure = run(config, ignored);
    }
    if (!failure) {
      std::printf("| %s | none | | | |\n", std::string{name}.c_str());
      continue;
    }
    ++caught;
    const auto length = failure->history.size();
    const auto small = shrink(config, std::move(*failure), 300);
    std::printf("| %s | %llu | %zu | %zu | %s |\n", std::string{name}.c_str(), static_cast<unsigned long long>(config.seed), length,
                small.history.size(), small.what.substr(0, small.what.find('\n')).c_str());
    std::fflush(stdout);
  }
  std::printf("%zu of %zu caught\n", caught, mutants.size());
  return caught == mutants.size() ? 0 : 1;
}

} // namespace
} // namespace orkestr::campaign

int main(int argc, char** argv) {
  using namespace orkestr::campaign;
  const auto options = parse(argc, argv);
  if (!options) return usage();
  return options->mutants ? run_mutants(*options) : simulate(*options);
}
