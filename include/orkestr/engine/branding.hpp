// How a tenant's storefront looks and what it says, and which sites may show it in a frame.
#pragma once

#include "orkestr/engine/prose.hpp"
#include "orkestr/engine/tenant.hpp"

namespace orkestr::inline v1 {

enum class StorefrontTemplate { classic, gallery, compact };

/// Something to tell every visitor.
struct Announcement {
  std::string text;
  std::optional<std::string> link_url;
  std::optional<Instant> valid_from, valid_until; ///< both inclusive, as those of coupons
};

/// A few words on offerings that cost less, or are new, for a while.
struct SaleBadge {
  std::string label;
  std::vector<OfferingId> offering_ids; ///< empty: every offering
  std::optional<Instant> valid_from, valid_until;
};

/// A site that may frame the widget: a text that is_embed_origin() takes.
struct EmbedOrigin {
  std::string text;
  friend bool operator==(const EmbedOrigin&, const EmbedOrigin&) = default;
};

struct Branding {
  StorefrontTemplate storefront_template = StorefrontTemplate::classic;
  std::optional<std::string> tagline;
  std::optional<Announcement> announcement;
  std::optional<std::string> about;   ///< who the business is, in paragraphs
  std::vector<SaleBadge> sale_badges; ///< the first that fits an offering is the one it has
  std::vector<EmbedOrigin> embed_origins;
};

inline constexpr int most_sale_badges = 20, most_embed_origins = 50, most_badge_offerings = 200;

/// Whether a text may stand among the sources of `Content-Security-Policy: frame-ancestors`, into which it goes as it is:
/// - `https://www.example.com` or `https://*.example.com`, with a port where it is not 443;
/// - for development `http://` before `localhost`, a name or `*` that ends in `.localhost`, or `127.0.0.1`; the port may be `*`.
/// All in lower case, and nothing behind the port. A `*` stands before two labels or more, so that it is not all of `com`. Addresses
/// but 127.0.0.1 are refused, since browsers never match them.
/// @thread_safety pure
[[nodiscard]] bool is_embed_origin(std::string_view text) noexcept;

/// Whether visitors may be sent there: `https`, or `http` to this very machine; printable ASCII, without user or password.
/// @thread_safety pure
[[nodiscard]] bool is_link_url(std::string_view text) noexcept;
/// The same with `https` alone: what a page shows is not mixed.
[[nodiscard]] bool is_image_url(std::string_view text) noexcept;
/// `#` and six hex digits.
[[nodiscard]] bool is_brand_color(std::string_view text) noexcept;
/// A language, and what narrows it down, by its shape (BCP 47): `en`, `pt-BR`, `zh-Hant-TW`.
[[nodiscard]] bool is_locale(std::string_view text) noexcept;
/// Whether this machine knows the zone.
[[nodiscard]] bool is_time_zone(std::string_view text);

/// The announcement while it is live, else nullptr. Borrows from the branding. @thread_safety pure
[[nodiscard]] const Announcement* live_announcement(const Branding& branding, Instant now) noexcept;
[[nodiscard]] bool is_live(const SaleBadge& badge, Instant now) noexcept;
/// The first badge that is live and means this offering, else nullptr. @thread_safety pure
[[nodiscard]] const SaleBadge* badge_of(const Branding& branding, OfferingId offering, Instant now) noexcept;

/// What single fields can't say.
void validate(const Branding& branding, json::Reader& reader);

namespace json {
template <> struct EnumNames<StorefrontTemplate> {
  static constexpr std::array<std::string_view, 3> names{"CLASSIC", "GALLERY", "COMPACT"};
};
template <> struct Codec<EmbedOrigin> {
  static constexpr Kind kind = Kind::string;
  static void write(Writer& w, const EmbedOrigin& v) { w.string(v.text); }
  static bool read(Reader& r, const Value& v, EmbedOrigin& target, const Limits&);
};
template <> struct Schema<Announcement> {
  using T = Announcement;
  static constexpr auto fields = std::make_tuple(
      field("text", &T::text, required_writable, {1, 300, is_line, line_hint}),
      field("linkUrl", &T::link_url, writable, {1, 500, is_link_url, "Use an https URL such as https://www.example.com/news."}),
      field("validFrom", &T::valid_from, writable), field("validUntil", &T::valid_until, writable));
};
template <> struct Schema<SaleBadge> {
  using T = SaleBadge;
  static constexpr auto fields =
      std::make_tuple(field("label", &T::label, required_writable, {1, 24, is_line, line_hint}),
                      field("offeringIds", &T::offering_ids, writable, {0, most_badge_offerings}),
                      field("validFrom", &T::valid_from, writable), field("validUntil", &T::valid_until, writable));
};
/// Of a resource that is a Branding and more.
template <class T> constexpr auto branding_fields() {
  return std::make_tuple(field_of<T>("template", &Branding::storefront_template, writable),
                         field_of<T>("tagline", &Branding::tagline, writable, {1, 160, is_line, line_hint}),
                         field_of<T>("announcement", &Branding::announcement, writable),
                         field_of<T>("about", &Branding::about, writable, {1, 5000, is_prose, prose_hint}),
                         field_of<T>("saleBadges", &Branding::sale_badges, writable, {0, most_sale_badges}),
                         field_of<T>("embedOrigins", &Branding::embed_origins, writable, {0, most_embed_origins}));
}
template <> struct Schema<Branding> { static constexpr auto fields = branding_fields<Branding>(); };
} // namespace json
} // namespace orkestr::inline v1
