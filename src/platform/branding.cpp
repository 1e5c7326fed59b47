#include "orkestr/platform/translations.hpp"

namespace orkestr::inline v1 {

Result<void> set_branding(WriteContext& cx, const Tenant& tenant, const Branding& branding, json::Reader& reader) {
  validate(branding, reader);
  {
    const json::Reader::Step badges(reader, "saleBadges");
    for (std::size_t b = 0; b < branding.sale_badges.size(); ++b) {
      const json::Reader::Step badge(reader, b);
      const json::Reader::Step list(reader, "offeringIds");
      const auto& ids = branding.sale_badges[b].offering_ids;
      for (std::size_t i = 0; i < ids.size(); ++i)
        if (!cx.tx.offerings().find(cx.tenant, ids[i])) reader.fault_at(std::to_string(i), "not_found", "There is no such offering.");
    }
  }
  ORKESTR_CHECK(reader.result());
  const auto before = cx.tx.tenants().find(cx.tenant);
  const auto old = cx.tx.tenants().branding(cx.tenant);
  cx.tx.tenants().update(tenant);
  cx.tx.tenants().put_branding(cx.tenant, branding);
  if (before && before->locale != tenant.locale) {
    if (const auto own = canonical_locale(tenant.locale); cx.tx.translations().find_locale(cx.tenant, own))
      ORKESTR_CHECK(remove_locale(cx, own)); // it is no translation any more
    translations::queue_all(cx);
  }
  if (source_texts(old.value_or(Branding{})) != source_texts(branding))
    translations::queue(cx, TranslationKind::storefront, cx.tenant.view());
  cx.audit("branding.update", cx.tenant);
  return {};
}

} // namespace orkestr::inline v1
