#include "orkestr/adapters/openai_model.hpp"

#include "adapters/openai/chat.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1 {
namespace {

using openai::Answering;

bool visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (ascii_lower(name) != "retry-after") continue;
    int seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc{} && end == value.data() + value.size() && seconds >= 0) return std::chrono::seconds{std::min(seconds, 86'400)};
  }
  return std::nullopt;
}

ModelFailure failure_of(HttpFailure failure) {
  switch (failure) {
  case HttpFailure::timeout: return ModelFailure::timeout;
  case HttpFailure::malformed: return ModelFailure::malformed;
  case HttpFailure::busy: return ModelFailure::busy;
  case HttpFailure::stopped: return ModelFailure::stopped;
  default: return ModelFailure::unavailable;
  }
}

ModelFailure failure_of(int status) {
  if (status == 429) return ModelFailure::rate_limited;
  if (status == 408) return ModelFailure::timeout;
  return status >= 500 ? ModelFailure::unavailable : ModelFailure::refused;
}

/// What became of one request.
ModelResult result_of(const HttpResult& http, Answering& answering) {
  ModelResult result;
  const auto& response = http.response;
  const bool good = response.status >= 200 && response.status < 300;
  if (good && http.failure == HttpFailure::none && !response.truncated) answering.end(response.body);
  if (good && answering.failure() == ModelFailure::none) { // also where the connection broke behind the last word
    result.answer = std::move(answering.answer());
    std::erase_if(result.answer.tool_calls, [](const ToolCall& call) { return call.name.empty(); });
    return result;
  }
  result.answer.usage = answering.answer().usage;
  if (http.failure != HttpFailure::none) {
    result.failure = failure_of(http.failure);
    if (result.failure == ModelFailure::unavailable && good) result.failure = ModelFailure::malformed; // it had begun
    result.detail = "the model could not be asked: " + std::string{to_string(http.failure)};
  } else if (!good) {
    result.failure = failure_of(response.status);
    result.retry_after = retry_after(response);
    result.detail = "the model answered " + std::to_string(response.status);
    const auto parsed = json::parse(response.body, {.max_depth = 24, .max_keys = 4096});
    const auto* object = parsed ? parsed->if_object() : nullptr;
    const auto* error = object != nullptr ? object->if_contains("error") : nullptr;
    if (error != nullptr)
      if (const auto word = openai::error_word(*error); !word.empty()) result.detail += ": " + word;
  } else {
    result.failure = answering.failure();
    result.detail = response.truncated && result.failure == ModelFailure::malformed && answering.detail() == "the answer broke off"
                        ? "the answer is larger than it may be"
                        : answering.detail();
  }
  return result;
}

class OpenAiModel final : public LanguageModel {
 public:
  OpenAiModel(HttpClient& client, OpenAiOptions options) : client_(client), options_(std::move(options)) {}

  [[nodiscard]] std::string_view name() const override { return options_.model; }

  void ask(ModelRequest request, std::function<void(ModelResult)> done) override {
    HttpRequest http;
    http.url = options_.base_url + "/chat/completions";
    http.headers = {{"Content-Type", "application/json"},
                    {"Accept", options_.stream ? "text/event-stream, application/json" : "application/json"}};
    if (!options_.key.empty()) http.headers.emplace_back("Authorization", "Bearer " + options_.key);
    http.body = openai::request_body(request, options_.model, options_.stream);
    http.timeout = request.timeout;
    http.connect_timeout = std::min<std::chrono::milliseconds>(request.timeout, std::chrono::seconds{5});
    http.idle_timeout = request.idle_timeout;
    http.max_body = options_.max_bytes;
    http.repeatable = false; // each costs what it costs
    const auto answering = std::make_shared<Answering>(request.max_tokens, std::move(request.on_text));
    http.on_body = [answering](std::string_view bytes) { return answering->take(bytes); };
    client_.send(std::move(http), [answering, done = std::move(done), key = options_.key](const HttpResult& result) {
      auto made = result_of(result, *answering);
      // Whoever answers has seen the key, and may say it as if it were a word.
      if (!key.empty() && made.detail.find(key) != std::string::npos) made.detail = "the model answered an error";
      done(std::move(made));
    });
  }

 private:
  HttpClient& client_;
  const OpenAiOptions options_;
};

} // namespace

Result<std::unique_ptr<LanguageModel>> make_openai_model(HttpClient& client, OpenAiOptions options) {
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  Error error{Code::invalid_fields, {}, {}, {}};
  const bool url = options.base_url.starts_with("https://") || options.base_url.starts_with("http://");
  if (!url || !visible(options.base_url) || options.base_url.find_first_of("?#") != std::string::npos)
    error.faults.push_back({"/baseUrl", "url_invalid", "The URL of a model begins with https:// or http:// and has neither ? nor #."});
  if (options.model.empty() || options.model.size() > 200 || !visible(options.model))
    error.faults.push_back({"/model", "invalid_format", "The name of a model is visible ASCII characters."});
  if (!visible(options.key)) error.faults.push_back({"/key", "invalid_format", "The key of a model is visible ASCII characters."});
  if (!error.faults.empty()) return error;
  return std::make_unique<OpenAiModel>(client, std::move(options));
}

} // namespace orkestr::inline v1
