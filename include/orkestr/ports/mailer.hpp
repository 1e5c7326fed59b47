// Sending mail as a port. Adapter: orkestr/adapters/smtp_mailer.hpp.
#pragma once

#include "orkestr/base/result.hpp"

#include <string>

namespace orkestr::inline v1 {

/// A mail to one address, in plain text.
struct Mail {
  std::string to, subject, text; ///< UTF-8; lines of the text end in `\n`
};

/// @thread_safety implementations are safe to call from any thread
class Mailer {
 public:
  virtual ~Mailer() = default;
  /// Hands a mail to whoever delivers it, and waits for the answer.
  /// @errors `mail_unavailable`: it may help to try again; any other code: this mail will never be taken
  [[nodiscard]] virtual Result<void> send(const Mail& mail) = 0;
};

} // namespace orkestr::inline v1
