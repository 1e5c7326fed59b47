// Mail by SMTP, on libcurl. Without TLS only to this very machine.
#pragma once

#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/mailer.hpp"
#include "orkestr/ports/random.hpp"

#include <memory>
#include <string>

namespace orkestr::inline v1 {

struct SmtpOptions {
  /// `smtp://user:password@host:587`, which must offer STARTTLS unless the host is loopback, or `smtps://…`. User and password are
  /// percent-encoded; both may be left out.
  std::string url;
  std::string from;    ///< `no-reply@example.com` or `Atlas Studios <no-reply@example.com>`
  std::string ca_file; ///< trusted in place of the system's
  milliseconds connect_timeout = std::chrono::seconds{10};
  milliseconds timeout = std::chrono::seconds{30}; ///< of a whole mail
};

/// Keeps its connection between mails. Both ports must outlive it.
/// @errors `invalid_parameter`: the URL or the sender will not do
[[nodiscard]] Result<std::unique_ptr<Mailer>> make_smtp_mailer(SmtpOptions options, const Clock& clock, Random& random);

} // namespace orkestr::inline v1
