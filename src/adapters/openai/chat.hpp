// Conversations as chat completions have them, and answers put together.
#pragma once

#include "orkestr/base/json.hpp"
#include "orkestr/ports/language_model.hpp"

#include "adapters/openai/events.hpp"

namespace orkestr::inline v1::openai {

/// The body of a request.
[[nodiscard]] std::string request_body(const ModelRequest& request, std::string_view model, bool stream);

/// An answer that comes in pieces or whole. Bounded by what was asked for.
class Answering {
 public:
  Answering(int max_tokens, std::function<void(std::string_view)> on_text);

  /// Takes bytes of the body. @returns whether more is wanted
  bool take(std::string_view bytes);
  /// The end of the body. @param whole  all of it, for an answer that is no stream
  void end(std::string_view whole);

  [[nodiscard]] ModelAnswer& answer() { return answer_; }
  /// `none` once there is an answer; until then why it is none.
  [[nodiscard]] ModelFailure failure() const { return failure_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  bool take_event(std::string_view data);
  bool take_choice(const json::Object& choice, std::string_view part);
  bool take_calls(const json::Value& calls);
  bool take_text(std::string_view text);
  void take_facts(const json::Object& object);
  void take_error(const json::Value& error);
  bool fail_with(ModelFailure failure, std::string detail);
  void succeed() { failure_ = ModelFailure::none, detail_.clear(); }

  enum class Shape { unknown, stream, whole };

  const std::size_t max_text_;
  const std::function<void(std::string_view)> on_text_;
  EventStream events_;
  ModelAnswer answer_;
  Shape shape_ = Shape::unknown;
  bool finished_ = false; ///< it has said why it ended
  bool failed_ = false;
  ModelFailure failure_ = ModelFailure::malformed;
  std::string detail_ = "the answer broke off";
};

/// A code of an error that may be shown: a word of the interface's, not of whoever is behind it.
[[nodiscard]] std::string error_word(const json::Value& error);

} // namespace orkestr::inline v1::openai
