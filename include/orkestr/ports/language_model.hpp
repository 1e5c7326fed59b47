// A language model as a port: a conversation in, a text or calls of tools out. What comes of it is a stranger's text: whoever asks checks
// it, and runs no tool but those that it declared itself. Production: orkestr/adapters/openai_model.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

enum class ModelRole : std::uint8_t { system, user, assistant, tool };

/// The model wants a tool to be run. Nothing of it has been checked.
struct ToolCall {
  std::string id;        ///< the model's own, by which the answer refers to it
  std::string name;      ///< any text, also one that no tool has
  std::string arguments; ///< JSON as the model wrote it: it may be none
};

struct ModelMessage {
  ModelRole role = ModelRole::user;
  std::string text;
  std::vector<ToolCall> tool_calls = {}; ///< of an assistant's message
  std::string tool_call_id = {};         ///< of a tool's message: which call it answers
};

struct ToolSpec {
  std::string name;        ///< 1 to 64 of [A-Za-z0-9_-]
  std::string description; ///< for the model
  std::string parameters;  ///< a JSON Schema of an object, as text
};

struct ModelRequest {
  std::vector<ModelMessage> messages;
  std::vector<ToolSpec> tools = {};
  int max_tokens = 512;                          ///< of the answer
  std::chrono::milliseconds timeout{20'000};     ///< from ask() to the end of the answer
  std::chrono::milliseconds idle_timeout{8'000}; ///< without any sign of life
  /// Told pieces of the answer's text as they come, on a thread of the model's; it must not block or throw. Of an answer that fails in the
  /// end, pieces were told all the same.
  std::function<void(std::string_view)> on_text = {};
};

struct ModelUsage {
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
};

enum class ModelFinish : std::uint8_t {
  stop,       ///< it has said what it had to say
  length,     ///< `max_tokens`, or more text than so many tokens can be
  tool_calls, ///< it waits for the answers of its calls
  filtered,   ///< its operator held something back
};

struct ModelAnswer {
  std::string text;
  std::vector<ToolCall> tool_calls;
  std::optional<ModelUsage> usage; ///< as the model counts, where it says so
  std::string model;               ///< that it says it is
  ModelFinish finish = ModelFinish::stop;
};

enum class ModelFailure : std::uint8_t {
  none,
  timeout,
  malformed,    ///< the answer is none, or breaks off
  refused,      ///< the request or its key
  rate_limited, ///< see `retry_after`
  busy,         ///< nothing was sent: too many ask already
  stopped,
  unavailable, ///< not reached, or at fault itself
};

/// `timeout` and so on, for logs.
[[nodiscard]] std::string_view to_string(ModelFailure failure) noexcept;

struct ModelResult {
  ModelFailure failure = ModelFailure::none;
  std::string detail = {}; ///< for the operator; holds neither the key nor what the model said
  std::optional<std::chrono::seconds> retry_after = {};
  ModelAnswer answer = {}; ///< with a failure, what it had said it used, if anything
};

/// @thread_safety implementations are safe to call from any thread
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  /// What is asked for, as its operator calls it.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Asks and returns at once. `done` is called exactly once, on a thread of the model's and never within ask(); it must not block, throw,
  /// or destroy the model.
  virtual void ask(ModelRequest request, std::function<void(ModelResult)> done) = 0;
};

} // namespace orkestr::inline v1
