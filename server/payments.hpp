// Payments in the server: the gateway that the configuration names, and the thread that asks it.
#pragma once

#include "store.hpp"

#include "orkestr/adapters/test_gateway.hpp"
#include "orkestr/api/api.hpp"
#include "orkestr/platform/payment_desk.hpp"
#include "orkestr/ports/http_client.hpp"

namespace orkestr::server {

class Payments {
 public:
  /// @errors `invalid_parameter`, `invalid_fields`: for what the configuration says
  [[nodiscard]] static Result<std::unique_ptr<Payments>> make(const Config& config, const Clock& clock, Random& random);
  ~Payments();

  /// For PlatformOptions; nullptr where payments are noted by hand alone.
  [[nodiscard]] PaymentGateway* gateway() const { return gateway_.get(); }
  [[nodiscard]] std::optional<std::string> public_key() const { return public_key_; }
  [[nodiscard]] api::TestCards test_cards();

  /// @param platform   must outlive it, and is the one that was made with the gateway
  /// @param on_trouble is told what went wrong, once a second at most, on any thread
  void start(Platform& platform, std::function<void(std::string_view)> on_trouble);
  /// Passes on what went wrong, for PlatformOptions.
  void tell(const Error& error);
  /// Before the platform goes.
  void stop();
  /// What time does at the test gateway.
  void tick();

 private:
  Payments() = default;

  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<PaymentGateway> gateway_;
  TestGateway* bank_ = nullptr; ///< the gateway, if it is that one
  std::optional<std::string> public_key_;
  std::atomic<Platform*> platform_{nullptr};
  std::mutex trouble_mutex_;
  std::function<void(std::string_view)> on_trouble_;
  Instant said_;
  std::unique_ptr<PaymentWorker> worker_;
};

} // namespace orkestr::server
