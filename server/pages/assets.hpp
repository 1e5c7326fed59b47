// Files that are compiled into the server: pages, style sheets, scripts, the OpenAPI document. scripts/embed
// writes the table.
#pragma once

#include "orkestr/api/api.hpp"

#include <string>
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

/// Where a file is that has a hash of its content in its name: `storefront.js` is at `/assets/storefront-2cf4f006.js`.
/// @returns empty for one that is not there
[[nodiscard]] std::string_view hashed_asset(std::string_view name);

/// The file a request asks for by its path, among those that every host serves: below /assets/ and /docs, and the widget.
/// @returns nullptr where it asks for something else
[[nodiscard]] const Asset* asset_for(const api::Request& request);

/// The answer to GET or HEAD: packed where that is accepted, 304 to who has it.
[[nodiscard]] api::Response asset_response(const Asset& asset, const api::Request& request);

} // namespace orkestr::server
