// Files that are compiled into the server: pages, style sheets, scripts, the OpenAPI document. scripts/embed
// writes the table.
#pragma once

#include <string_view>

namespace orkestr::server {

/// All views are to static storage.
struct Asset {
  std::string_view path;         ///< as asked for, such as /docs/assets/rapidoc-min.js
  std::string_view content_type; ///< complete, with charset
  std::string_view body;
  std::string_view gzip; ///< the same, compressed; empty where that would not make it smaller
  std::string_view etag; ///< quoted; of the body, so of both forms
};

namespace assets {
extern const Asset all[]; ///< sorted by path
extern const unsigned all_count;
} // namespace assets

/// @returns nullptr for one that is not there
[[nodiscard]] const Asset* find_asset(std::string_view path);

} // namespace orkestr::server
