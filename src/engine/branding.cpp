#include "orkestr/engine/branding.hpp"

#include "orkestr/base/zone.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A label of a host name, in lower case.
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

/// Labels with full stops between them. @returns how many, 0 for another text
std::size_t labels(std::string_view host) {
  if (host.size() > 253) return 0;
  for (std::size_t count = 1;; ++count) {
    const auto end = std::min(host.find('.'), host.size());
    if (!is_label(host.substr(0, end))) return 0;
    if (end == host.size()) return count;
    host.remove_prefix(end + 1);
  }
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, is_digit)) return false;
  int port = 0;
  for (char c : text) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_local_name(std::string_view host) { return host == "localhost" || (host.ends_with(".localhost") && labels(host) > 0); }

/// `https://` with any host, or, where it is allowed, `http://` with a host that is this machine's.
bool is_url(std::string_view text, bool http_to_loopback) {
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\'; })) return false;
  const bool secure = take(text, "https://");
  if (!secure && !take(text, "http://")) return false;
  auto host = text.substr(0, text.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  const auto bracket = host.find(']');
  if (const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket); colon != std::string_view::npos) {
    if (!is_port(host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  if (host.empty()) return false;
  return secure || (http_to_loopback && (is_local_name(host) || host == "127.0.0.1" || host == "[::1]"));
}

template <class Dated> bool live(const Dated& row, Instant now) {
  return (!row.valid_from || *row.valid_from <= now) && (!row.valid_until || now <= *row.valid_until);
}

template <class Dated> void validate_dates(const Dated& row, json::Reader& reader) {
  if (row.valid_from && row.valid_until && *row.valid_until < *row.valid_from)
    reader.fault_at("validUntil", "conflict", "validUntil must not be before validFrom.");
}

} // namespace

bool is_embed_origin(std::string_view text) noexcept {
  const bool secure = take(text, "https://");
  if (!secure && !take(text, "http://")) return false;
  auto host = text;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const auto port = text.substr(colon + 1);
    if (!is_port(port) && (secure || port != "*")) return false;
    host = text.substr(0, colon);
  }
  const bool any = take(host, "*.");
  const auto count = labels(host);
  if (count == 0) return false;
  if (!secure) return is_local_name(host) || (host == "127.0.0.1" && !any);
  // A host whose last label is a number is an address, or will be taken for one.
  const auto last = host.substr(host.rfind('.') == std::string_view::npos ? 0 : host.rfind('.') + 1);
  if (std::ranges::all_of(last, is_digit)) return host == "127.0.0.1" && !any;
  return !any || count > 1 || host == "localhost";
}

bool is_link_url(std::string_view text) noexcept { return is_url(text, true); }
bool is_image_url(std::string_view text) noexcept { return is_url(text, false); }

bool is_brand_color(std::string_view text) noexcept {
  return text.size() == 7 && text[0] == '#' &&
         std::ranges::all_of(text.substr(1), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_locale(std::string_view text) noexcept {
  const auto next = [&] {
    const auto end = std::min(text.find('-'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(end);
    return part;
  };
  const auto language = next();
  if (language.size() < 2 || language.size() > 3 || !std::ranges::all_of(language, is_letter)) return false;
  while (take(text, "-")) {
    const auto part = next();
    if (part.size() < 2 || part.size() > 8 || !std::ranges::all_of(part, [](char c) { return is_letter(c) || is_digit(c); })) return false;
  }
  return text.empty();
}

bool is_time_zone(std::string_view text) { return Zone::find(text).has_value(); }

const Announcement* live_announcement(const Branding& branding, Instant now) noexcept {
  return branding.announcement && live(*branding.announcement, now) ? &*branding.announcement : nullptr;
}

bool is_live(const SaleBadge& badge, Instant now) noexcept { return live(badge, now); }

const SaleBadge* badge_of(const Branding& branding, OfferingId offering, Instant now) noexcept {
  for (const auto& badge : branding.sale_badges)
    if (is_live(badge, now) && (badge.offering_ids.empty() || std::ranges::find(badge.offering_ids, offering) != badge.offering_ids.end()))
      return &badge;
  return nullptr;
}

void validate(const Branding& branding, json::Reader& reader) {
  if (branding.announcement) {
    const json::Reader::Step step(reader, "announcement");
    validate_dates(*branding.announcement, reader);
  }
  {
    const json::Reader::Step list(reader, "saleBadges");
    for (std::size_t i = 0; i < branding.sale_badges.size(); ++i) {
      const json::Reader::Step step(reader, i);
      validate_dates(branding.sale_badges[i], reader);
    }
  }
  const json::Reader::Step list(reader, "embedOrigins");
  for (auto origin = branding.embed_origins.begin(); origin != branding.embed_origins.end(); ++origin)
    if (std::find(branding.embed_origins.begin(), origin, *origin) != origin)
      reader.fault_at(std::to_string(origin - branding.embed_origins.begin()), "conflict", "This site is in the list already.");
}

namespace json {

bool Codec<EmbedOrigin>::read(Reader& r, const Value& v, EmbedOrigin& target, const Limits&) {
  const auto* text = v.if_string();
  if (text == nullptr) return wrong_type(r, "a string");
  if (!is_embed_origin({text->data(), text->size()}))
    return invalid_format(r, "Use the origin of a site, such as https://www.example.com or https://*.example.com.");
  target.text.assign(text->data(), text->size());
  return true;
}

} // namespace json
} // namespace orkestr::inline v1
