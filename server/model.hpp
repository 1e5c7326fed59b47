// The assistant's language model, where the configuration names one.
#pragma once

#include "config.hpp"

#include "orkestr/adapters/http_client.hpp"
#include "orkestr/platform/platform.hpp"

#include <mutex>

namespace orkestr::server {

class Model {
 public:
  /// @param on_trouble  is told why answers were not taken, once a second at most, on any thread
  /// @errors `invalid_parameter`, for what the configuration says
  [[nodiscard]] static Result<std::unique_ptr<Model>> make(const Config& config, std::function<void(std::string_view)> on_trouble);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model();

  /// Adds what PlatformOptions say of a model; it must outlive the platform.
  void add_to(PlatformOptions& options);

  /// Lines for `GET /metrics`.
  [[nodiscard]] std::string metrics() const;

 private:
  explicit Model(std::function<void(std::string_view)> on_trouble) : on_trouble_(std::move(on_trouble)) {}
  void tell(std::string_view detail);

  std::function<void(std::string_view)> on_trouble_;
  ModelLimits limits_;
  std::unique_ptr<LanguageModel> model_; ///< ends after the client, whose last callbacks it may be told
  std::unique_ptr<HttpClient> client_;
  std::mutex trouble_mutex_;
  std::int64_t said_ = 0;
  std::atomic<std::uint64_t> troubles_{0};
};

} // namespace orkestr::server
