// Translating texts as a port. Adapters: orkestr/adapters/translators.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

/// Plain texts, from one language (BCP 47) into another. Lines end in `\n` and stay lines.
struct TranslationRequest {
  std::string from, to;
  std::vector<std::string> texts;
};

enum class TranslationFailure {
  none,
  unsupported, ///< nobody here translates between these
  later,       ///< it may help to try again
  budget,      ///< what may be translated in a time has been
  broken,      ///< it was answered, but not with these texts
};

struct TranslationAnswer {
  TranslationFailure failure = TranslationFailure::none;
  std::vector<std::string> texts;                       ///< as many as were asked for, in their order; none with a failure
  std::string translator;                               ///< who did it: `apertium`
  std::string detail;                                   ///< what went wrong, for the operator
  std::optional<std::chrono::milliseconds> retry_after; ///< when it may help, if that is known
};

/// @thread_safety implementations are safe to call from any thread
class Translator {
 public:
  virtual ~Translator() = default;

  /// Who would do it now: `apertium`; empty where nobody can. Asks nobody outside the process.
  [[nodiscard]] virtual std::string serves(std::string_view from, std::string_view to) const = 0;

  /// Translates, and returns at once or soon. `done` is called exactly once, on any thread, also within translate(); it must not block
  /// for long, throw, or destroy the translator.
  virtual void translate(TranslationRequest request, std::function<void(TranslationAnswer)> done) = 0;
};

} // namespace orkestr::inline v1
