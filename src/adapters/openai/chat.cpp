#include "adapters/openai/chat.hpp"

#include <algorithm>
#include <array>

namespace orkestr::inline v1::openai {
namespace {

constexpr std::size_t most_calls = 16, most_arguments = 16 * 1024;
/// More bytes than a token of any tokenizer's usual text has.
constexpr std::size_t bytes_a_token = 16;
constexpr json::ParseLimits limits{.max_depth = 24, .max_keys = 16'384};

std::string_view role_name(ModelRole role) {
  static constexpr std::array<std::string_view, 4> names{"system", "user", "assistant", "tool"};
  return names[static_cast<std::size_t>(role)];
}

std::string_view text_at(const json::Object& object, std::string_view name) {
  const auto* found = object.if_contains({name.data(), name.size()});
  const auto* text = found != nullptr ? found->if_string() : nullptr;
  return text != nullptr ? std::string_view{text->data(), text->size()} : std::string_view{};
}

const json::Object* object_at(const json::Object& object, std::string_view name) {
  const auto* found = object.if_contains({name.data(), name.size()});
  return found != nullptr ? found->if_object() : nullptr;
}

std::optional<std::int64_t> count_at(const json::Object& object, std::string_view name) {
  const auto* found = object.if_contains({name.data(), name.size()});
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return std::nullopt;
  return found->get_int64();
}

void write_call(json::Writer& w, const ToolCall& call) {
  w.begin_object();
  w.key("id");
  w.string(call.id);
  w.key("type");
  w.string("function");
  w.key("function");
  w.begin_object();
  w.key("name");
  w.string(call.name);
  w.key("arguments");
  w.string(call.arguments);
  w.end_object();
  w.end_object();
}

void write_message(json::Writer& w, const ModelMessage& message) {
  w.begin_object();
  w.key("role");
  w.string(role_name(message.role));
  w.key("content");
  w.string(message.text);
  if (!message.tool_calls.empty()) {
    w.key("tool_calls");
    w.begin_array();
    for (const auto& call : message.tool_calls) write_call(w, call);
    w.end_array();
  }
  if (message.role == ModelRole::tool) {
    w.key("tool_call_id");
    w.string(message.tool_call_id);
  }
  w.end_object();
}

void write_tool(json::Writer& w, const ToolSpec& tool) {
  w.begin_object();
  w.key("type");
  w.string("function");
  w.key("function");
  w.begin_object();
  w.key("name");
  w.string(tool.name);
  w.key("description");
  w.string(tool.description);
  w.key("parameters");
  w.raw(tool.parameters);
  w.end_object();
  w.end_object();
}

} // namespace

std::string request_body(const ModelRequest& request, std::string_view model, bool stream) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.key("model");
  w.string(model);
  w.key("messages");
  w.begin_array();
  for (const auto& message : request.messages) write_message(w, message);
  w.end_array();
  if (!request.tools.empty()) {
    w.key("tools");
    w.begin_array();
    for (const auto& tool : request.tools) write_tool(w, tool);
    w.end_array();
  }
  w.key("max_tokens");
  w.integer(request.max_tokens);
  w.key("temperature");
  w.integer(0);
  if (stream) {
    w.key("stream");
    w.boolean(true);
    w.key("stream_options");
    w.raw(R"({"include_usage":true})");
  }
  w.end_object();
  return body;
}

std::string error_word(const json::Value& error) {
  const auto* object = error.if_object();
  if (object == nullptr) return {};
  for (const std::string_view name : {"code", "type"}) {
    const auto word = text_at(*object, name);
    const bool plain =
        !word.empty() && word.size() <= 40 && std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (plain) return std::string{word};
  }
  return {};
}

Answering::Answering(int max_tokens, std::function<void(std::string_view)> on_text)
    : max_text_(static_cast<std::size_t>(std::max(max_tokens, 1)) * bytes_a_token), on_text_(std::move(on_text)) {}

bool Answering::fail_with(ModelFailure failure, std::string detail) {
  if (!failed_) failure_ = failure, detail_ = std::move(detail);
  failed_ = true;
  return false;
}

bool Answering::take(std::string_view bytes) {
  if (failed_ || failure_ == ModelFailure::none) return false;
  if (shape_ == Shape::unknown) {
    const auto first = bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return true;
    // Events begin with the name of a field, or with a colon; anything else is one text, and is judged when it is complete.
    const char c = bytes[first];
    shape_ = c == ':' || (c >= 'a' && c <= 'z') || c == '\xef' ? Shape::stream : Shape::whole;
  }
  if (shape_ == Shape::whole) return true;
  return events_.feed(bytes, [this](std::string_view data) { return take_event(data); });
}

void Answering::end(std::string_view whole) {
  if (failed_ || failure_ == ModelFailure::none) return;
  if (shape_ == Shape::stream) {
    if (finished_) succeed(); // some never say [DONE]
    return;
  }
  auto parsed = json::parse(whole, limits);
  const auto* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return void(fail_with(ModelFailure::malformed, "the answer is no JSON object"));
  if (const auto* error = object->if_contains("error"); error != nullptr && !error->is_null()) return take_error(*error);
  take_facts(*object);
  const auto* choices = object->if_contains("choices");
  const auto* all = choices != nullptr ? choices->if_array() : nullptr;
  const auto* first = all != nullptr && !all->empty() ? all->front().if_object() : nullptr;
  if (first == nullptr || object_at(*first, "message") == nullptr)
    return void(fail_with(ModelFailure::malformed, "the answer has no message"));
  (void)take_choice(*first, "message");
  if (!failed_) succeed();
}

bool Answering::take_event(std::string_view data) {
  if (data == "[DONE]") {
    if (!finished_ && answer_.text.empty() && answer_.tool_calls.empty())
      return fail_with(ModelFailure::malformed, "the answer ended before it began");
    succeed();
    return false;
  }
  auto parsed = json::parse(data, limits);
  const auto* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return fail_with(ModelFailure::malformed, "a piece of the answer is no JSON object");
  if (const auto* error = object->if_contains("error"); error != nullptr && !error->is_null()) {
    take_error(*error);
    return false;
  }
  take_facts(*object);
  const auto* choices = object->if_contains("choices");
  const auto* all = choices != nullptr ? choices->if_array() : nullptr;
  if (all == nullptr || all->empty()) return true; // the one with the usage
  const auto* first = all->front().if_object();
  return first != nullptr ? take_choice(*first, "delta") : fail_with(ModelFailure::malformed, "a piece of the answer has no choice");
}

bool Answering::take_choice(const json::Object& choice, std::string_view part) {
  if (const auto* delta = object_at(choice, part)) {
    if (!take_text(text_at(*delta, "content"))) return false;
    if (const auto* calls = delta->if_contains("tool_calls"); calls != nullptr && !calls->is_null() && !take_calls(*calls)) return false;
  }
  const auto reason = text_at(choice, "finish_reason");
  if (reason.empty()) return true;
  finished_ = true;
  answer_.finish = reason == "length"           ? ModelFinish::length
                   : reason == "content_filter" ? ModelFinish::filtered
                   : reason == "tool_calls"     ? ModelFinish::tool_calls
                                                : ModelFinish::stop;
  return true;
}

bool Answering::take_calls(const json::Value& calls) {
  const auto* all = calls.if_array();
  if (all == nullptr) return fail_with(ModelFailure::malformed, "the calls of tools are no list");
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto* piece = (*all)[i].if_object();
    if (piece == nullptr) return fail_with(ModelFailure::malformed, "a call of a tool is no object");
    const auto index = static_cast<std::size_t>(count_at(*piece, "index").value_or(static_cast<std::int64_t>(i)));
    if (index >= most_calls) return fail_with(ModelFailure::malformed, "the answer calls too many tools");
    if (answer_.tool_calls.size() <= index) answer_.tool_calls.resize(index + 1);
    auto& call = answer_.tool_calls[index];
    if (const auto id = text_at(*piece, "id"); !id.empty() && call.id.empty()) call.id = id.substr(0, 200);
    const auto* function = object_at(*piece, "function");
    if (function == nullptr) continue;
    if (call.name.size() < 200) call.name += text_at(*function, "name").substr(0, 200);
    call.arguments += text_at(*function, "arguments");
    if (call.arguments.size() > most_arguments) return fail_with(ModelFailure::malformed, "a call of a tool does not end");
  }
  return true;
}

bool Answering::take_text(std::string_view text) {
  if (text.empty()) return true;
  answer_.text += text;
  if (on_text_) on_text_(text);
  if (answer_.text.size() <= max_text_) return true;
  answer_.finish = ModelFinish::length;
  succeed();
  return false;
}

void Answering::take_facts(const json::Object& object) {
  if (answer_.model.empty()) answer_.model = text_at(object, "model").substr(0, 100);
  if (const auto* usage = object_at(object, "usage")) {
    const auto prompt = count_at(*usage, "prompt_tokens"), completion = count_at(*usage, "completion_tokens");
    if (prompt && completion) answer_.usage = {*prompt, *completion};
  }
}

void Answering::take_error(const json::Value& error) {
  const auto word = error_word(error);
  const bool rate = word.find("rate_limit") != std::string::npos || word == "insufficient_quota";
  const bool theirs = word == "server_error" || word == "overloaded_error" || word == "internal_server_error";
  (void)fail_with(rate     ? ModelFailure::rate_limited
                  : theirs ? ModelFailure::unavailable
                           : ModelFailure::refused,
                  "the answer is an error" + (word.empty() ? word : ": " + word));
}

} // namespace orkestr::inline v1::openai
