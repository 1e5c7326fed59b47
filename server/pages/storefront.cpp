#include "pages/storefront.hpp"

#include "pages/assets.hpp"
#include "pages/colours.hpp"
#include "pages/page.hpp"

#include <algorithm>
#include <array>

namespace orkestr::server {
namespace {

using namespace pages;

api::Response plain(std::string_view type, std::string body) {
  api::Response response;
  response.set("Content-Type", type);
  response.set("Cache-Control", "public, max-age=3600");
  response.set("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

api::Response sitemap(Page& page) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  const auto add = [&](const std::string& path) {
    xml.append("<url><loc>").append(page.main_origin()).append(path).append("</loc></url>\n");
  };
  add("/");
  std::string cursor;
  for (int pages = 0; pages < 500; ++pages) { // as many places as a sitemap may have
    Object found;
    if (const int code = page.ask(link("/offerings", {{"limit", "100"}}, {{"cursor", cursor}}), found); code != 200)
      return page.trouble_of(code);
    for (const auto& each : list_at(found, "data")) add("/o/" + encode(text_at(each.as_object(), "slug")));
    cursor = text_at(found, "nextCursor");
    if (cursor.empty()) break;
  }
  return plain("application/xml", xml + "</urlset>\n");
}

constexpr std::string_view embedded_at = "/embed/v1/", language_at = "/in/";

/// Where a page depends on nothing but its address and the reader's languages; nothing for others.
std::string cache_key(const api::Request& request) {
  std::string_view path = request.target.substr(0, request.target.find('?'));
  if ((request.method != api::Method::get && request.method != api::Method::head) || request.target.size() > 400) return {};
  if (path.starts_with(embedded_at)) path.remove_prefix(std::min(path.find('/', embedded_at.size()), path.size()));
  if (path.starts_with(language_at)) path.remove_prefix(std::min(path.find('/', language_at.size()), path.size()));
  if (path != "/" && !path.starts_with("/o/")) return {};
  std::string key{request.target};
  return key.append(1, ' ')
      .append(request.header("X-Forwarded-Proto"))
      .append(1, ' ')
      .append(request.header("Host"))
      .append(1, ' ')
      .append(language_preferences(request.header("Accept-Language")))
      .append(1, ' ')
      .append(request.cookie("lang").substr(0, 40));
}

/// Nobody else's: whoever knows it gets the same hold.
std::string new_nonce(Random& random) {
  std::array<unsigned char, 16> bytes;
  random.fill(bytes);
  std::string text;
  for (const auto byte : bytes) text.append(1, "0123456789abcdef"[byte >> 4]).append(1, "0123456789abcdef"[byte & 15]);
  return text;
}

bool of_the_api(std::string_view path) {
  return path.starts_with("/v1/") || path.starts_with("/docs") || path == "/livez" || path == "/readyz" || path == "/metrics" ||
         path.starts_with("/calendar/") || path.starts_with("/provider/import/template.csv");
}

/// A host without its port, in lower case and without the dot that ends a full name; empty where it is none.
std::string host_of(std::string_view asked) {
  std::string host{asked};
  std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (const auto colon = host.rfind(':'); colon != std::string::npos) {
    if (host.find_first_not_of("0123456789", colon + 1) != std::string::npos) return {};
    host.resize(colon);
  }
  if (host.ends_with('.')) host.pop_back();
  return host;
}

} // namespace

std::string tenant_label(std::string_view asked, std::string_view base) {
  auto host = host_of(asked);
  if (host.size() <= base.size() + 1 || !host.ends_with(base) || host[host.size() - base.size() - 1] != '.') return {};
  host.resize(host.size() - base.size() - 1);
  return is_subdomain(host) ? host : std::string{};
}

Storefront::Storefront(api::Api& api, Platform& platform, const CustomHosts& hosts, std::string gateway)
    : api_(api), platform_(platform), hosts_(hosts), gateway_(std::move(gateway)) {}

std::string Storefront::tenant_of(const api::Request& request) const {
  const auto host = request.header("Host");
  auto label = tenant_label(host, platform_.base_domain());
  return label.empty() ? hosts_.subdomain_of(host_of(host)) : label;
}

bool Storefront::is_page(const api::Request& request) const {
  const auto target = request.target;
  if (target.starts_with("/embed/") || target.starts_with("/theme.css")) return true; // on every host
  return !of_the_api(target) && !tenant_of(request).empty();
}

std::optional<api::Response> Storefront::handle_now(const api::Request& request) {
  const auto key = cache_key(request);
  if (key.empty()) return std::nullopt;
  const auto entry = cache_.find(key, PageCache::Clock::now());
  if (entry == nullptr || entry->commits != platform_.commits(entry->tenant)) return std::nullopt;
  api::Response response;
  response.headers = entry->headers;
  response.set("X-Request-Id", api_.request_id(request));
  response.body = PageCache::body_of(*entry, new_nonce(platform_.random()));
  return response;
}

api::Response Storefront::handle(const api::Request& request) {
  const auto question = request.target.find('?');
  const auto host = request.header("Host");
  const std::string label = tenant_of(request);
  std::string_view tenant = label, path = request.target.substr(0, question), base, language;
  if (path.starts_with(embedded_at)) {
    tenant = path.substr(embedded_at.size());
    tenant = tenant.substr(0, tenant.find('/'));
    if (!is_subdomain(tenant)) tenant = {};
    base = path.substr(0, embedded_at.size() + tenant.size());
    path.remove_prefix(base.size());
    if (path.starts_with(language_at)) { // which every address within the frame keeps
      language = path.substr(language_at.size());
      language = language.substr(0, language.find('/'));
      path.remove_prefix(language_at.size() + language.size());
      base = request.target.substr(0, base.size() + language_at.size() + language.size());
    }
    if (path.empty()) path = "/";
  }
  Page page{api_,
            request,
            std::string{tenant},
            std::string{host},
            std::string{path},
            std::string{base},
            query_of(question == std::string_view::npos ? std::string_view{} : request.target.substr(question + 1)),
            platform_.now(),
            gateway_,
            new_nonce(platform_.random())};
  page.wanted = language;
  auto response = make(request, page);
  if (page.commits && response.status == 200 && !page.partial) {
    if (auto key = cache_key(request); !key.empty()) {
      const auto id = TenantId::parse(text_at(page.brand, "id"));
      if (id) cache_.put(std::move(key), response, page.nonce, *id, *page.commits, PageCache::Clock::now());
    }
  }
  response.set("X-Request-Id", api_.request_id(request));
  return response;
}

api::Response Storefront::make(const api::Request& request, Page& page) {
  const std::string_view path = page.path;
  const bool reads = request.method == api::Method::get || request.method == api::Method::head;
  if (page.path == "/theme.css") return plain("text/css; charset=utf-8", theme_css("#" + at(page.query, "c")));
  if (page.tenant.empty()) return page.trouble_of(404);
  if (const auto* icon = find_asset("/docs/assets/icon.svg"); path == "/favicon.ico" && icon != nullptr)
    return plain(icon->content_type, std::string{icon->body});
  if (const int code = page.ask("", page.brand); code != 200) {
    page.brand = {};
    return page.trouble_of(code);
  }
  page.choose_language();
  if (const auto id = TenantId::parse(text_at(page.brand, "id"))) page.commits = platform_.commits(*id);
  if (!page.content.empty())
    if (const int code = page.ask_content("", page.brand); code != 200) return page.trouble_of(code);
  const bool posts = page.is_post();
  // Browsers say where a form stood. No other site's may act for a customer, not even that of another tenant.
  if (const auto origin = request.header("Origin"); posts && !origin.empty() && !origin.ends_with("://" + page.host))
    return page.trouble(403, "trouble.otherSite", "trouble.otherSiteText");
  if (path == "/hold" && posts) return take_hold(page);
  if (path == "/release" && posts) return release_hold(page);
  if (path == "/checkout" && (posts || reads)) return checkout(page);
  if ((path == "/bookings" || path.starts_with("/bookings/")) && (posts || reads)) {
    const auto rest = path.substr(9);
    const auto id = rest.empty() ? rest : rest.substr(1, rest.find('/', 1) - 1);
    if (BookingId::parse(id)) return booking(page, id, rest.substr(id.size() + 1));
    if (!page.embedded()) return bookings(page, rest);
  }
  if (constexpr std::string_view ask_end = "/ask";
      (posts || reads) && path.starts_with("/o/") && path.ends_with(ask_end) && path.size() > 7)
    if (const auto slug = decode(path.substr(3, path.size() - 3 - ask_end.size())); slug && slug->find('/') == std::string::npos)
      return ask(page, *slug);
  if (!reads) {
    auto response = page.trouble(405, "trouble.readOnly", "trouble.readOnlyText");
    response.set("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/") return home(page);
  if (path == "/robots.txt")
    return plain("text/plain; charset=utf-8", "User-agent: *\nAllow: /\nSitemap: " + page.main_origin() + "/sitemap.xml\n");
  if (path == "/sitemap.xml") return sitemap(page);
  if (path.starts_with("/o/"))
    if (const auto slug = decode(path.substr(3)); slug && slug->find('/') == std::string::npos) return offering(page, *slug);
  return page.trouble_of(404);
}

} // namespace orkestr::server
