#include "model.hpp"

#include "orkestr/adapters/openai_model.hpp"

#include "store.hpp"

namespace orkestr::server {

Result<std::unique_ptr<Model>> Model::make(const Config& config, std::function<void(std::string_view)> on_trouble) {
  std::unique_ptr<Model> made(new Model(std::move(on_trouble)));
  if (config.model_url.empty()) return made;
  if (config.model_name.empty()) return fail(Code::invalid_parameter, "--model-url needs --model-name");
  HttpClientOptions http;
  http.policy.allow_loopback = config.dev || config.model_local;
  http.ca_file = config.ca_file;
  http.dns.servers = config.dns_servers;
  http.user_agent = "Orkestr/" ORKESTR_VERSION;
  http.max_connections_per_host = static_cast<std::size_t>(config.model_at_once);
  ORKESTR_TRY(made->client_, make_http_client(std::move(http)));
  auto model = make_openai_model(*made->client_, {config.model_url, config.model_name, config.model_key});
  if (!model) {
    const auto& faults = model.error().faults;
    return fail(Code::invalid_parameter,
                "--model-url, --model-name or ORKESTR_MODEL_KEY: " + (faults.empty() ? model.error().detail : faults.front().detail));
  }
  made->model_ = std::move(*model);
  made->limits_ = {config.model_daily_tokens, config.model_max_tokens, config.model_at_once, std::chrono::seconds{config.model_seconds}};
  return made;
}

Model::~Model() { client_.reset(); }

void Model::add_to(PlatformOptions& options) {
  options.model = model_.get();
  options.model_limits = limits_;
  options.on_model_trouble = [this](std::string_view detail) { tell(detail); };
}

void Model::tell(std::string_view detail) {
  ++troubles_;
  const auto now = SystemClock{}.now().ms;
  const std::lock_guard guard(trouble_mutex_);
  if (now - said_ < 1000) return;
  said_ = now;
  on_trouble_(detail);
}

std::string Model::metrics() const {
  std::string text;
  if (model_)
    add_metric(text, "orkestr_model_troubles_total", "counter", "Answers of the language model that were not taken.", troubles_.load());
  return text;
}

} // namespace orkestr::server
