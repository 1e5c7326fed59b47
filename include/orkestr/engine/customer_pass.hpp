// How customers prove who they are, without a password: a link that is mailed to an address, and the session that it opens.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

enum class PassKind { link, session };

/// Whoever has the token has shown that mail to this address reaches them.
struct CustomerPass {
  std::string token_hash; ///< SHA-256 in hex of what was given out
  PassKind kind = PassKind::link;
  std::string email; ///< in lower case
  Instant created_at, expires_at;

  [[nodiscard]] bool live(Instant now) const { return now < expires_at; }
};

inline constexpr milliseconds link_life = std::chrono::minutes{30}, session_life = std::chrono::days{30};
/// Links to one address that may be live at a time.
inline constexpr std::size_t most_live_links = 3;

namespace json {
template <> struct EnumNames<PassKind> { static constexpr std::array<std::string_view, 2> names{"LINK", "SESSION"}; };
} // namespace json
} // namespace orkestr::inline v1
