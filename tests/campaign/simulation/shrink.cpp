// Delta debugging: chunks of a history are left out, large ones first, for as long as something still goes wrong.
#include "campaign/simulation/campaign.hpp"

#include <algorithm>

namespace orkestr::campaign {

Failure shrink(const Config& config, Failure failure, int most) {
  const auto try_it = [&](const std::vector<Step>& steps) {
    if (most-- <= 0) return false;
    auto smaller = replay(config, steps);
    if (!smaller) return false;
    failure = std::move(*smaller);
    return true;
  };
  for (std::size_t chunk = std::max<std::size_t>(1, failure.history.size() / 2);;) {
    bool smaller = false;
    // From the end, where the last step stays: what it needs is mostly not far before it.
    for (std::size_t end = failure.history.size() - 1; end > 0 && most > 0;) {
      end = std::min(end, failure.history.size() - 1);
      const std::size_t begin = end > chunk ? end - chunk : 0;
      std::vector<Step> rest(failure.history.begin(), failure.history.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), failure.history.begin() + static_cast<std::ptrdiff_t>(end), failure.history.end());
      smaller |= try_it(rest);
      end = begin;
    }
    if (most <= 0 || (chunk == 1 && !smaller)) break;
    if (!smaller) chunk = std::max<std::size_t>(1, chunk / 2);
  }
  // Faults and errors that are not needed only distract.
  for (std::size_t i = 0; i < failure.history.size() && most > 0; ++i) {
    if (failure.history[i].fault.kind == FaultKind::none) continue;
    auto calmer = failure.history;
    calmer[i].fault = {};
    try_it(calmer);
  }
  return failure;
}

} // namespace orkestr::campaign
