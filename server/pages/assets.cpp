#include "pages/assets.hpp"

#include <algorithm>

namespace orkestr::server {

const Asset* find_asset(std::string_view path) {
  const auto* end = assets::all + assets::all_count;
  const auto* found =
      std::lower_bound(assets::all, end, path, [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found == end || found->path != path ? nullptr : found;
}

} // namespace orkestr::server
