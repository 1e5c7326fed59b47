#include "orkestr/engine/prose.hpp"

#include "orkestr/engine/coupon.hpp"

#include <algorithm>

namespace orkestr::inline v1::json {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

} // namespace

bool is_prose(std::string_view text) {
  return !trim(text).empty() && std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\n' && c != '\r' && c != '\t'; });
}

bool is_line(std::string_view text) { return !trim(text).empty() && std::ranges::none_of(text, is_control); }

} // namespace orkestr::inline v1::json
