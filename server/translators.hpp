// Translation in the server: who translates what, as the configuration says, and the thread that has it done.
#pragma once

#include "config.hpp"

#include "orkestr/adapters/translators.hpp"
#include "orkestr/platform/translations.hpp"

namespace orkestr::server {

class Translators {
 public:
  /// @errors `invalid_parameter`: for what the configuration says
  [[nodiscard]] static Result<std::unique_ptr<Translators>> make(const Config& config, const Clock& clock);
  ~Translators() { stop(); }

  /// For PlatformOptions. There is always one: without translators it serves no pair, and the portal says so.
  [[nodiscard]] Translator* translator() { return table_.get(); }

  /// @param platform   must outlive it, and is the one that was made with the translator
  /// @param on_trouble is told what went wrong, once a second at most, on any thread
  void start(Platform& platform, std::function<void(std::string_view)> on_trouble);
  /// Before the platform goes.
  void stop();
  [[nodiscard]] std::string metrics() const;

 private:
  Translators() = default;

  std::unique_ptr<TranslatorTable> table_;
  std::unique_ptr<HttpClient> client_; ///< goes before the table, and ends its requests
  std::unique_ptr<TranslationWorker> worker_;
};

} // namespace orkestr::server
