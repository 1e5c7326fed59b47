// Proves API tokens without paying bcrypt each time. What is remembered is only "this secret matched this hash";
// whether the key may act is read from its row on every request.
#pragma once

#include "orkestr/engine/api_key.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace orkestr::inline v1 {

/// @thread_safety safe
class KeyVerifier {
 public:
  enum class Verdict { match, mismatch, busy };

  /// Whether this token was proven against this hash before: a SHA-256 and a look-up.
  [[nodiscard]] bool known(const ApiToken& token, std::string_view hash) const;
  /// The same where only the token is at hand: its secret was proven against some hash.
  [[nodiscard]] bool seen(const ApiToken& token) const;

  /// Proves a token by bcrypt, one computation at a time, so that a flood of wrong secrets leaves the other cores alone;
  /// concurrent uses of one token share one computation. `busy` when too many other tokens wait already.
  /// Without a hash (an unknown prefix) the same time is spent and the answer is `mismatch`.
  [[nodiscard]] Verdict prove(const ApiToken& token, const std::string* hash);
  /// The same for a password, which is not remembered. @param whose  whom it is tried for
  [[nodiscard]] Verdict prove_password(std::string_view whose, std::string_view password, const std::string* hash);

 private:
  static constexpr std::size_t max_remembered = 10'000;
  static constexpr unsigned max_waiting = 8; ///< tokens, not callers

  using Digest = std::array<std::uint8_t, 32>;
  struct Proof {
    Digest secret;
    std::string hash;
  };

  /// @param name  of what is proven
  [[nodiscard]] Verdict compute(const std::string& name, std::string_view secret, const std::string* hash);

  mutable std::shared_mutex proofs_mutex_;
  std::unordered_map<std::string, Proof> proofs_; ///< by prefix

  struct Computation {
    bool done = false, matches = false;
  };
  std::mutex bcrypt_mutex_;
  std::condition_variable bcrypt_changed_;
  bool bcrypt_running_ = false;
  std::map<std::string, std::shared_ptr<Computation>> computations_; ///< running and waiting, by token and hash
};

} // namespace orkestr::inline v1
