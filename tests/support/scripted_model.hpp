// A language model that answers as a test says.
#pragma once

#include "orkestr/ports/language_model.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace orkestr::test {

/// Each question is answered on a thread of its own, as by models that take their time.
class ScriptedModel final : public LanguageModel {
 public:
  using Script = std::function<ModelResult(const ModelRequest&)>;

  explicit ScriptedModel(Script script = {}) : script_(std::move(script)) {}
  ~ScriptedModel() override {
    for (auto& thread : threads_) thread.join();
  }

  [[nodiscard]] std::string_view name() const override { return "small-1"; }
  void ask(ModelRequest request, std::function<void(ModelResult)> done) override {
    const std::lock_guard guard(mutex_);
    requests_.push_back(request);
    threads_.emplace_back([script = script_, request = std::move(request), done = std::move(done)] { done(script(request)); });
  }

  /// To be called while nobody asks.
  void say(Script script) { script_ = std::move(script); }
  [[nodiscard]] std::vector<ModelRequest> requests() {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

  static ModelResult text(std::string text, std::optional<ModelUsage> usage = ModelUsage{100, 20}) {
    ModelResult result;
    result.answer.text = std::move(text);
    result.answer.usage = usage;
    return result;
  }
  static ModelResult call(std::vector<ToolCall> calls) {
    ModelResult result;
    result.answer.tool_calls = std::move(calls);
    result.answer.finish = ModelFinish::tool_calls;
    result.answer.usage = ModelUsage{100, 20};
    return result;
  }
  static ModelResult fails(ModelFailure failure) {
    ModelResult result;
    result.failure = failure;
    result.detail = "no luck";
    return result;
  }

 private:
  Script script_;
  std::mutex mutex_;
  std::vector<ModelRequest> requests_;
  std::vector<std::thread> threads_;
};

} // namespace orkestr::test
