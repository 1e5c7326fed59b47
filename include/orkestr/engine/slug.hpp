// Slugs: the readable part of an offering's address.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

inline constexpr std::size_t max_slug_size = 80;

/// Lower-case [a-z0-9] in groups joined by single hyphens, at most 80 characters.
[[nodiscard]] bool is_slug(std::string_view text) noexcept;

/// A slug from a title: letters with Latin diacritics lose them, other runs become one hyphen; `offering` when
/// nothing is left.
[[nodiscard]] std::string make_slug(std::string_view title);

/// `base-2` and so on, cut so that it stays a slug.
[[nodiscard]] std::string numbered_slug(std::string_view base, int n);

/// `base`, else `base-2`, `base-3`…, the first for which `taken` is false; cut so that it stays a slug.
[[nodiscard]] std::string first_free_slug(std::string_view base, const std::function<bool(std::string_view)>& taken);

} // namespace orkestr::inline v1
