#include "orkestr/platform/use_cases.hpp"

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
  cx.tx.tenants().update(tenant);
  cx.tx.tenants().put_branding(cx.tenant, branding);
  cx.audit("branding.update", cx.tenant);
  return {};
}

} // namespace orkestr::inline v1
