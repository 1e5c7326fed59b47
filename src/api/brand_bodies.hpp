// The brand as its owner changes it and as visitors see it.
#pragma once

#include "api/context.hpp"

namespace orkestr::inline v1::api {

/// What a tenant decides about its storefront: some of it is the tenant's own row.
struct Brand : Tenant, Branding {};

/// What visitors are told: what is not live is left out.
struct LiveAnnouncement {
  std::string text;
  std::optional<std::string> link_url;
};
struct LiveBadge {
  std::string label;
  std::vector<OfferingId> offering_ids;
};
struct Storefront : Tenant, Branding {
  Storefront() = default;
  Storefront(const Tenant& tenant, Branding branding, Instant now, std::vector<std::string> spoken)
      : Tenant(tenant), Branding(std::move(branding)), locales(std::move(spoken)) {
    if (const auto* live = live_announcement(*this, now)) news = {live->text, live->link_url};
    for (const auto& badge : sale_badges)
      if (is_live(badge, now)) badges.push_back({badge.label, badge.offering_ids});
    // What is not told yet is not told in another language either.
    if (!news) announcement.reset();
    std::erase_if(sale_badges, [&](const SaleBadge& badge) { return !is_live(badge, now); });
  }
  std::optional<LiveAnnouncement> news;
  std::vector<LiveBadge> badges;
  std::vector<std::string> locales; ///< the source language first
};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::Brand> {
  using T = api::Brand;
  static constexpr auto fields = std::tuple_cat(
      std::make_tuple(
          field_of<T>("name", &Tenant::name, writable, {1, 120, is_line, line_hint}),
          field_of<T>("displayCurrency", &Tenant::display_currency, writable),
          field_of<T>("timeZone", &Tenant::time_zone, writable, {1, 64, is_time_zone, "Use an IANA time zone such as America/New_York."}),
          field_of<T>("locale", &Tenant::locale, writable, {2, 35, is_locale, "Use a BCP 47 tag such as en or pt-BR."}),
          field_of<T>("logoUrl", &Tenant::logo_url, writable,
                      {1, 500, is_image_url, "Use an https URL such as https://www.example.com/logo.svg."}),
          field_of<T>("brandColor", &Tenant::brand_color, writable, {7, 7, is_brand_color, "Use a colour such as #0F766E."})),
      branding_fields<T>());
};
template <> struct Schema<api::LiveAnnouncement> {
  using T = api::LiveAnnouncement;
  static constexpr auto fields = std::make_tuple(field("text", &T::text, out), field("linkUrl", &T::link_url, out));
};
template <> struct Schema<api::LiveBadge> {
  using T = api::LiveBadge;
  static constexpr auto fields = std::make_tuple(field("label", &T::label, out), field("offeringIds", &T::offering_ids, out));
};
template <> struct Schema<api::Storefront> {
  using T = api::Storefront;
  static constexpr auto fields = std::tuple_cat(
      std::apply([](const auto&... f) { return std::make_tuple(field_of<T>(f.name, f.member, f.use)...); }, Schema<Tenant>::fields),
      std::make_tuple(field_of<T>("template", &Branding::storefront_template, out), field_of<T>("tagline", &Branding::tagline, out),
                      field("announcement", &T::news, out), field_of<T>("about", &Branding::about, out),
                      field("saleBadges", &T::badges, out), field_of<T>("embedOrigins", &Branding::embed_origins, out),
                      field("locales", &T::locales, out)));
};
} // namespace orkestr::inline v1::json
