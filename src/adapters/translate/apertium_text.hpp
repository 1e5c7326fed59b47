// Texts as Apertium's programs take them, and what its mode files say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1::translate {

/// A line with everything escaped that means something in Apertium's stream, and addresses kept from being translated; where it does not end a sentence, with a full stop that is
/// taken away again.
[[nodiscard]] std::string to_stream(std::string_view line);
/// A line as it comes back. @param line  as it went there, before to_stream()
[[nodiscard]] std::string from_stream(std::string_view text, std::string_view line);

/// The programs of a mode and their arguments, to run until their input ends and to answer whenever a NUL comes. nullopt for what is more
/// than programs in a row.
[[nodiscard]] std::optional<std::vector<std::vector<std::string>>> read_mode(std::string_view text);

/// `en` of `en`, `eng`; empty for what is not known, or is a variant (`cat_valencia`).
[[nodiscard]] std::string language_of_mode(std::string_view name);

} // namespace orkestr::inline v1::translate
