#include "orkestr/adapters/translators.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

constexpr int failures_to_open = 3;
constexpr milliseconds first_pause = 30s, longest_pause = 10min;

bool fits(const std::string& rule, std::string_view tag) {
  return rule.empty() || tag == rule || (tag.starts_with(rule) && tag[rule.size()] == '-');
}

} // namespace

struct TranslatorTable::State {
  explicit State(const Clock& c) : clock(c) {}

  struct Rule {
    std::string from, to;
    std::shared_ptr<Translator> translator;
  };
  /// How a translator fares with a pair.
  struct Breaker {
    int failures = 0;
    milliseconds pause = first_pause;
    std::optional<Instant> open_until;
  };

  const Clock& clock;
  std::vector<Rule> rules;
  std::mutex mutex;
  std::map<std::tuple<std::size_t, std::string, std::string>, Breaker> breakers;

  struct Choice {
    std::size_t index;
    std::shared_ptr<Translator> translator;
  };
  /// The first from `start` on that can, has not failed just now, and is not left alone. @param wait  until when those that are
  std::optional<Choice> next(std::size_t start, const TranslationRequest& request, std::optional<milliseconds>& wait) {
    const std::lock_guard guard(mutex);
    for (auto i = start; i < rules.size(); ++i) {
      if (!fits(rules[i].from, request.from) || !fits(rules[i].to, request.to)) continue;
      if (rules[i].translator->serves(request.from, request.to).empty()) continue;
      if (start > 0 && rules[i].translator == rules[start - 1].translator) continue;
      const auto found = breakers.find({i, request.from, request.to});
      const auto now = clock.now();
      if (found == breakers.end() || !found->second.open_until || *found->second.open_until <= now) {
        // One at a time tries whether it is back; others pass it by meanwhile.
        if (found != breakers.end() && found->second.open_until) found->second.open_until = now + found->second.pause;
        return Choice{i, rules[i].translator};
      }
      const auto left = *found->second.open_until - now;
      wait = wait ? std::min(*wait, left) : left;
    }
    return std::nullopt;
  }

  void note(std::size_t index, const TranslationRequest& request, const TranslationAnswer& answer) {
    const std::lock_guard guard(mutex);
    auto& breaker = breakers[{index, request.from, request.to}];
    if (answer.failure == TranslationFailure::none) {
      breaker = {};
    } else if (answer.failure == TranslationFailure::later && ++breaker.failures >= failures_to_open) {
      breaker.open_until = clock.now() + std::max(breaker.pause, answer.retry_after.value_or(0ms));
      breaker.pause = std::min(breaker.pause * 2, longest_pause);
    }
  }
};

/// One request on its way from translator to translator.
struct TranslatorTable::Attempt : std::enable_shared_from_this<Attempt> {
  std::shared_ptr<State> state;
  TranslationRequest request;
  std::function<void(TranslationAnswer)> done;
  std::optional<TranslationAnswer> last; ///< of one that could not

  void go(std::size_t start) {
    std::optional<milliseconds> wait;
    const auto choice = state->next(start, request, wait);
    if (!choice) {
      if (!last && wait)
        last = {TranslationFailure::later, {}, {}, "It has failed several times running and is left alone for a while.", wait};
      if (!last) last = {TranslationFailure::unsupported, {}, {}, "Nobody here translates between these languages.", {}};
      return done(std::move(*last));
    }
    choice->translator->translate(request, [self = shared_from_this(), at = choice->index](TranslationAnswer answer) {
      self->state->note(at, self->request, answer);
      if (answer.failure == TranslationFailure::none) return self->done(std::move(answer));
      // What may help later is worth more than what never will.
      if (!self->last || self->last->failure == TranslationFailure::unsupported) self->last = std::move(answer);
      self->go(at + 1);
    });
  }
};

TranslatorTable::TranslatorTable(const Clock& clock) : state_(std::make_shared<State>(clock)) {}
TranslatorTable::~TranslatorTable() {
  std::vector<State::Rule> rules; // what their end answers finds no other
  const std::lock_guard guard(state_->mutex);
  rules.swap(state_->rules);
}

void TranslatorTable::add(std::string from, std::string to, std::shared_ptr<Translator> translator) {
  const std::lock_guard guard(state_->mutex);
  state_->rules.push_back({std::move(from), std::move(to), std::move(translator)});
}

std::string TranslatorTable::serves(std::string_view from, std::string_view to) const {
  const std::lock_guard guard(state_->mutex);
  for (const auto& rule : state_->rules)
    if (fits(rule.from, from) && fits(rule.to, to))
      if (auto who = rule.translator->serves(from, to); !who.empty()) return who;
  return {};
}

void TranslatorTable::translate(TranslationRequest request, std::function<void(TranslationAnswer)> done) {
  const auto attempt = std::make_shared<Attempt>();
  attempt->state = state_;
  attempt->request = std::move(request);
  attempt->done = std::move(done);
  attempt->go(0);
}

} // namespace orkestr::inline v1
