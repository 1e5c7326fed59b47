// Language models behind the HTTP interface that OpenAI's has become: `POST {base}/chat/completions`. Ollama, llama.cpp, vLLM and most
// providers speak it.
#pragma once

#include "orkestr/base/result.hpp"
#include "orkestr/ports/http_client.hpp"
#include "orkestr/ports/language_model.hpp"

#include <memory>

namespace orkestr::inline v1 {

struct OpenAiOptions {
  std::string base_url; ///< up to before `/chat/completions`: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`
  std::string model;
  std::string key = {};            ///< sent as a bearer token; empty: none is sent. Stands in no error
  bool stream = true;              ///< asks for the answer in pieces; one that comes whole is taken all the same
  std::size_t max_bytes = 1 << 20; ///< of an answer, as it comes over the wire
};

/// Takes answers in pieces (server-sent events, cut anywhere) and whole ones. Once an answer is complete, or more than was asked for, the
/// rest is not waited for. A piece that is no JSON, or an end before the end, is `malformed`. No request is sent twice.
///
/// The model may be destroyed before its calls have ended.
/// @param client  must outlive the model and what is under way
/// @errors `invalid_fields`, for a name, key or URL that can't be sent
[[nodiscard]] Result<std::unique_ptr<LanguageModel>> make_openai_model(HttpClient& client, OpenAiOptions options);

} // namespace orkestr::inline v1
