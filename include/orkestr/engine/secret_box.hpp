// Secrets at rest: what must be read again later (those that sign webhooks), encrypted under a key that is not in the database.
#pragma once

#include "orkestr/base/result.hpp"
#include "orkestr/ports/random.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

/// A ring of keys: the first encrypts, all decrypt. To rotate, put a new key in front, seal again what was sealed under another
/// (current()), then take the old one out.
/// @thread_safety const functions are safe
class SecretBox {
 public:
  /// Without a key: nothing can be sealed or opened.
  SecretBox() = default;
  SecretBox(const SecretBox&) = default;
  SecretBox& operator=(const SecretBox&) = default;
  ~SecretBox();

  /// @param keys  each the base64 of 32 random bytes, separated by commas or white space; the first encrypts
  /// @errors `invalid_parameter`
  [[nodiscard]] static Result<SecretBox> parse(std::string_view keys);
  /// A key as parse() takes it.
  [[nodiscard]] static std::string make_key(Random& random);

  [[nodiscard]] bool empty() const { return keys_.empty(); }

  /// The text v1., which key it was, and AES-256-GCM in hex.
  /// @pre !empty()
  /// @param context  whose secret it is: it opens under the same context only, so that a row copied elsewhere is worth nothing
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view context, Random& random) const;
  /// nullopt when it was changed, is another's, or its key is not in the ring.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view context) const;
  /// Whether it was sealed under the key that encrypts now.
  [[nodiscard]] bool current(std::string_view sealed) const;
  /// The name of the key that encrypts now, and of the one that sealed a text: empty without one.
  [[nodiscard]] std::string_view current_key() const;
  [[nodiscard]] static std::string_view key_of(std::string_view sealed);

 private:
  struct Key {
    std::string name; ///< of its hash
    std::array<std::uint8_t, 32> bytes;
  };
  std::vector<Key> keys_;
};

} // namespace orkestr::inline v1
