// A translator as a test wants it: it answers at once, when it is told to, wrongly, or not at all.
#pragma once

#include "orkestr/ports/translator.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <set>

namespace orkestr::test {

/// Translates "Loft" from `en` to `es` into "es(Loft)".
class FakeTranslator final : public Translator {
 public:
  std::string serves(std::string_view from, std::string_view to) const override {
    const std::lock_guard guard(mutex_);
    return from == "en" && speaks_.contains(std::string{to}) ? "fake" : "";
  }
  void translate(TranslationRequest request, std::function<void(TranslationAnswer)> done) override {
    std::optional<TranslationAnswer> answer;
    {
      const std::lock_guard guard(mutex_);
      asked_.push_back(request);
      if (slow_.contains(request.to)) {
        waiting_.emplace_back(std::move(request), std::move(done));
        return;
      }
      answer = answer_to(request);
    }
    done(std::move(*answer));
  }

  void teach(const std::string& to) {
    const std::lock_guard guard(mutex_);
    speaks_.insert(to);
  }
  /// What it answers into a language in place of texts.
  void fail(const std::string& to, std::optional<TranslationAnswer> answer) {
    const std::lock_guard guard(mutex_);
    if (answer)
      failing_[to] = std::move(*answer);
    else
      failing_.erase(to);
  }
  /// Questions into a language wait for answer_waiting().
  void slow(const std::string& to, bool on = true) {
    const std::lock_guard guard(mutex_);
    if (on)
      slow_.insert(to);
    else
      slow_.erase(to);
  }
  /// @returns how many there were
  std::size_t answer_waiting() {
    std::deque<std::pair<TranslationRequest, std::function<void(TranslationAnswer)>>> waiting;
    {
      const std::lock_guard guard(mutex_);
      waiting.swap(waiting_);
    }
    for (auto& [request, done] : waiting) {
      TranslationAnswer answer;
      {
        const std::lock_guard guard(mutex_);
        answer = answer_to(request);
      }
      done(std::move(answer));
    }
    return waiting.size();
  }
  /// The texts of each question since the last call, as `es: Loft | Quiet`.
  std::vector<std::string> take_asked() {
    const std::lock_guard guard(mutex_);
    std::vector<std::string> all;
    for (const auto& request : asked_) {
      std::string line = request.to + ":";
      for (const auto& text : request.texts) line += (&text == request.texts.data() ? " " : " | ") + text;
      all.push_back(std::move(line));
    }
    asked_.clear();
    return all;
  }

 private:
  TranslationAnswer answer_to(const TranslationRequest& request) const {
    if (const auto found = failing_.find(request.to); found != failing_.end()) return found->second;
    TranslationAnswer answer;
    answer.translator = "fake";
    for (const auto& text : request.texts) answer.texts.push_back(request.to + "(" + text + ")");
    return answer;
  }

  mutable std::mutex mutex_;
  std::set<std::string> speaks_{"es", "ca", "fr"}, slow_;
  std::map<std::string, TranslationAnswer> failing_;
  std::vector<TranslationRequest> asked_;
  std::deque<std::pair<TranslationRequest, std::function<void(TranslationAnswer)>>> waiting_;
};

} // namespace orkestr::test
