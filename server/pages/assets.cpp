#include "pages/assets.hpp"

#include <algorithm>

namespace orkestr::server {
namespace {

constexpr std::string_view assets_path = "/assets/", widget_path = "/embed/v1/widget.js", docs_path = "/docs", reference_path = "/docs/api";
constexpr std::size_t hash_length = 8;

const Asset* first_from(std::string_view path) {
  return std::lower_bound(assets::all, assets::all + assets::all_count, path,
                          [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
}

} // namespace

const Asset* find_asset(std::string_view path) {
  const auto* found = first_from(path);
  return found == assets::all + assets::all_count || found->path != path ? nullptr : found;
}

std::string_view hashed_asset(std::string_view name) {
  const auto dot = name.rfind('.');
  const auto prefix = std::string{assets_path} + std::string{name.substr(0, dot)} + "-";
  const auto extension = name.substr(dot);
  for (const auto* asset = first_from(prefix); asset != assets::all + assets::all_count && asset->path.starts_with(prefix); ++asset)
    if (asset->path.size() == prefix.size() + hash_length + extension.size() && asset->path.ends_with(extension)) return asset->path;
  return {};
}

const Asset* asset_for(const api::Request& request) {
  const auto path = request.target.substr(0, request.target.find('?'));
  return path.starts_with(docs_path) || path.starts_with(assets_path) || path == widget_path ? find_asset(path) : nullptr;
}

api::Response asset_response(const Asset& asset, const api::Request& request) {
  api::Response response;
  response.set("Content-Type", asset.content_type);
  response.set("ETag", asset.etag);
  response.set("Cache-Control", asset.path.starts_with(assets_path) ? "public, max-age=31536000, immutable" : "public, max-age=300");
  response.set("Vary", "Accept-Encoding");
  response.set("X-Content-Type-Options", "nosniff");
  if (asset.path == widget_path) { // for pages of others, also for those that are isolated from other origins
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    response.set("Access-Control-Allow-Origin", "*");
  }
  if (asset.path == reference_path) // whose component styles itself
    response.set("Content-Security-Policy",
                 "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'");
  else if (asset.path.starts_with(docs_path))
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  if (request.header("If-None-Match") == asset.etag) {
    response.status = 304;
    return response;
  }
  if (request.header("Accept-Encoding").find("gzip") != std::string_view::npos && !asset.gzip.empty()) {
    response.set("Content-Encoding", "gzip");
    response.body = asset.gzip;
  } else {
    response.body = asset.body;
  }
  return response;
}

} // namespace orkestr::server
