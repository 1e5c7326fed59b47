// Keeps an answer that holds a secret so that only the caller who got it can have it replayed: AES-256-GCM under a key
// made from what the caller sends and the store never sees.
#pragma once

#include "orkestr/ports/random.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace orkestr::inline v1::api {

[[nodiscard]] std::string seal(std::string_view plain, std::string_view secret, Random& random);
/// nullopt when the secret is another or the text was changed.
[[nodiscard]] std::optional<std::string> unseal(std::string_view sealed, std::string_view secret);

} // namespace orkestr::inline v1::api
