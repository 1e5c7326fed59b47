#include "pages/colours.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace orkestr::server {
namespace {

constexpr Colour white{1, 1, 1}, black{0, 0, 0};
constexpr Colour light_ground{1, 1, 1}, dark_ground{0x1a / 255.0, 0x1f / 255.0, 0x26 / 255.0}; // --ground and --raised of storefront.css

Colour mix(const Colour& a, const Colour& b, double part) {
  return {a.red + (b.red - a.red) * part, a.green + (b.green - a.green) * part, a.blue + (b.blue - a.blue) * part};
}

std::string variables(const Colour& brand) {
  const Colour on = contrast(brand, white) >= 4.5 ? white : black;
  return "--brand:" + brand.hex() + ";--on-brand:" + on.hex();
}

} // namespace

std::optional<Colour> Colour::parse(std::string_view hex) {
  unsigned value = 0;
  if (hex.size() != 7 || hex.front() != '#') return std::nullopt;
  const auto [end, error] = std::from_chars(hex.data() + 1, hex.data() + 7, value, 16);
  if (error != std::errc{} || end != hex.data() + 7) return std::nullopt;
  return Colour{(value >> 16) / 255.0, (value >> 8 & 255) / 255.0, (value & 255) / 255.0};
}

std::string Colour::hex() const {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "#";
  for (const double part : {red, green, blue}) {
    const auto byte = static_cast<unsigned>(std::lround(std::clamp(part, 0.0, 1.0) * 255));
    text.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return text;
}

double Colour::luminance() const {
  const auto linear = [](double part) { return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4); };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

double contrast(const Colour& a, const Colour& b) {
  const double first = a.luminance(), second = b.luminance();
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

Colour readable_on(Colour colour, const Colour& ground) {
  const Colour towards = contrast(ground, black) > contrast(ground, white) ? black : white;
  const Colour first = colour;
  for (int step = 1; step <= 50 && contrast(*Colour::parse(colour.hex()), ground) < 4.5; ++step) colour = mix(first, towards, step / 50.0);
  return colour;
}

std::string theme_css(std::string_view brand_colour) {
  const auto brand = Colour::parse(brand_colour);
  if (!brand) return {};
  return ":root{" + variables(readable_on(*brand, light_ground)) + "}@media(prefers-color-scheme:dark){:root{" +
         variables(readable_on(*brand, dark_ground)) + "}}\n";
}

} // namespace orkestr::server
