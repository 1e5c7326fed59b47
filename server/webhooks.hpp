// Webhooks in the server: the keys of their secrets, the client that sends them, the thread that dispatches them.
#pragma once

#include "store.hpp"

#include "orkestr/platform/webhook_worker.hpp"

namespace orkestr::server {

/// The ring that the configuration names, or that the file `secret-keys` in the data folder holds. On SQLite, and for the demo, that
/// file is made, readable by its owner alone; servers that share a database are to be given one and the same.
/// @errors `invalid_parameter`, `store_unavailable`
[[nodiscard]] Result<SecretBox> secret_box(const Config& config, const OpenStore& store, Random& random);

class Webhooks {
 public:
  /// `on_trouble` is told what went wrong, once a second at most, on any thread.
  [[nodiscard]] static Result<std::unique_ptr<Webhooks>> start(Platform& platform, OpenStore& store, const Config& config,
                                                               std::function<void(std::string_view)> on_trouble);
  ~Webhooks();

  /// In the Prometheus format.
  [[nodiscard]] std::string metrics() const;
  /// What is wrong, or nothing.
  [[nodiscard]] std::string trouble() const;

 private:
  Webhooks(Platform& platform, OpenStore& store, std::unique_ptr<HttpClient> client, std::function<void(std::string_view)> on_trouble);

  Platform& platform_;
  OpenStore& store_;
  std::unique_ptr<HttpClient> client_;
  WebhookWorker worker_;
};

} // namespace orkestr::server
