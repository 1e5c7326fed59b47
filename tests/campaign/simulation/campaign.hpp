// A run: worlds in lockstep, one step after another, everything checked after each.
#pragma once

#include "campaign/simulation/checks.hpp"
#include "campaign/simulation/dice.hpp"

#include <memory>

namespace orkestr::campaign {

struct Config {
  std::uint64_t seed = 1;
  int steps = 150;
  std::chrono::hours hours{24 * 60}; ///< of simulated time, at most
  Mutant mutant = Mutant::none;
  std::string known; ///< what is wrong and contains this is passed over
  std::vector<Backing> backings{Backing::memory, Backing::sqlite};
};

struct Totals {
  std::uint64_t runs = 0, steps = 0, done = 0, refused = 0, checks = 0, faults = 0, crashes = 0;
  milliseconds simulated{0};
  std::map<std::string, std::map<std::string, std::uint64_t>> answers; ///< by kind of step
  TraceHash trace;

  void add(const Totals& other);
};

struct Failure {
  std::string what;
  std::vector<Step> history; ///< the last one is the step after which something was wrong
};

class Run {
 public:
  explicit Run(const Config& config);
  ~Run();

  /// @returns what is wrong, if anything
  /// @param last  whether to look at the tables behind the stores too
  [[nodiscard]] std::optional<std::string> play(const Step& step, bool last);

  [[nodiscard]] Step draw_next(Dice& dice, int number, const Config& config) const;
  [[nodiscard]] milliseconds elapsed() const { return worlds_[0]->clock.now() - start_of_time; }
  [[nodiscard]] const Totals& totals() const { return totals_; }

 private:
  std::optional<std::string> play_unguarded(const Step& step, bool last);
  void check_order(const Step& step, const Rows& after, Findings& findings);
  void note(const Step& step, const Outcome& outcome, const Rows& before);

  std::filesystem::path directory_;
  std::string known_;
  std::vector<std::unique_ptr<World>> worlds_;
  Ledger ledger_;
  Rows rows_;               ///< as they were after the last step, in every world
  bool begun_anew_ = false; ///< a process that has made no event yet that comes last
  Totals totals_;
};

/// Draws and plays steps until something is wrong or they are done.
[[nodiscard]] std::optional<Failure> run(const Config& config, Totals& totals);
/// Plays given steps. @returns what is wrong and how many steps it took
[[nodiscard]] std::optional<Failure> replay(const Config& config, const std::vector<Step>& steps);
/// Leaves steps out for as long as something still goes wrong; at most `most` replays.
[[nodiscard]] Failure shrink(const Config& config, Failure failure, int most);

} // namespace orkestr::campaign
