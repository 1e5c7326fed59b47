// A tenant's colour, made readable.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orkestr::server {

struct Colour {
  double red = 0, green = 0, blue = 0; ///< 0 to 1

  /// `#0F766E`.
  [[nodiscard]] static std::optional<Colour> parse(std::string_view hex);
  [[nodiscard]] std::string hex() const;
  /// Of WCAG 2.2.
  [[nodiscard]] double luminance() const;
};

/// WCAG 2.2's ratio, 1 to 21.
[[nodiscard]] double contrast(const Colour& a, const Colour& b);

/// A colour of the same hue with at least 4.5 : 1 to a ground: darker on light ones, lighter on dark ones.
[[nodiscard]] Colour readable_on(Colour colour, const Colour& ground);

/// The style sheet that puts a brand's colour into the variables of storefront.css, for light and dark.
[[nodiscard]] std::string theme_css(std::string_view brand_colour);

} // namespace orkestr::server
