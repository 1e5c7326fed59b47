// Mail in the server: by SMTP, or for development into an outbox that can be read at this machine.
#pragma once

#include "store.hpp"

#include "orkestr/api/message.hpp"
#include "orkestr/platform/mails.hpp"

#include <deque>

namespace orkestr::server {

/// Keeps the last mails in place of sending them.
/// @thread_safety safe
class DevOutbox final : public Mailer {
 public:
  explicit DevOutbox(const Clock& clock) : clock_(clock) {}
  Result<void> send(const Mail& mail) override;
  /// Newest first: `[{"to", "subject", "text", "at"}]`.
  [[nodiscard]] std::string json() const;

 private:
  static constexpr std::size_t most = 100;
  struct Kept {
    Mail mail;
    Instant at;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<Kept> mails_;
};

class Mails {
 public:
  /// @errors `invalid_parameter`: for what the configuration says
  [[nodiscard]] static Result<std::unique_ptr<Mails>> make(const Config& config, const Clock& clock, Random& random);

  /// For PlatformOptions; nullptr where no mail is sent.
  [[nodiscard]] Mailer* mailer() const { return mailer_.get(); }
  /// Where tenants' pages are, for links in mails, on a server that listens at this port.
  [[nodiscard]] static std::string storefront(const Config& config, std::uint16_t port);

  /// @param platform   must outlive it, and is the one that was made with the mailer
  /// @param on_trouble is told what went wrong, once a second at most, on any thread
  void start(Platform& platform, std::function<void(std::string_view)> on_trouble);
  /// Before the platform goes.
  void stop() { worker_.reset(); }
  [[nodiscard]] std::string metrics() const;

  /// What `GET /dev/mail` answers, where there is an outbox to show and the reader is at this machine.
  [[nodiscard]] std::optional<api::Response> answer(const api::Request& request) const;

 private:
  std::unique_ptr<Mailer> mailer_;
  const DevOutbox* outbox_ = nullptr; ///< the mailer, if it is that one
  std::string base_domain_;
  std::unique_ptr<MailWorker> worker_;
};

} // namespace orkestr::server
