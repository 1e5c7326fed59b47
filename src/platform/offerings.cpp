#include "orkestr/platform/translations.hpp"
#include "orkestr/storage/search_repository.hpp"

namespace orkestr::inline v1 {
namespace {

bool slug_taken(const WriteContext& cx, std::string_view slug, OfferingId own) {
  const auto other = cx.tx.offerings().find_by_slug(cx.tenant, slug);
  return other && other->id != own;
}

Error taken(const Offering& offering) {
  return fail(Code::slug_taken,
              "Another offering has the slug \"" + offering.slug + "\". Choose another, or leave it out to have one made.");
}

/// What is claimed stays where it is, so an offering moves to another resource only while nothing of it is to come.
Result<void> check_resource(WriteContext& cx, const Offering& current, const Offering& changed) {
  const std::string key = capacity_key(current);
  if (key == capacity_key(changed)) return {};
  cx.tx.occupancy().lock(cx.tenant, key, {});
  const Interval to_come{cx.now, cx.now + std::chrono::days{10'000}};
  for (const auto& claim : cx.tx.occupancy().in_range(cx.tenant, key, to_come, cx.now))
    if (claim.offering_id == current.id)
      return fail(Code::resource_in_use, "The offering has bookings or holds to come; its resource can change when there are none.");
  return {};
}

void emit_published(WriteContext& cx, const Offering& offering) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.key("offeringId");
  w.string(offering.id.view());
  w.key("title");
  w.string(offering.title);
  w.key("slug");
  w.string(offering.slug);
  w.end_object();
  cx.emit(EventType::offering_published, offering.id.view(), data);
}

} // namespace

void index_offering(WriteContext& cx, const Offering& offering) {
  if (offering.deleted_at)
    cx.tx.search().erase(cx.tenant, offering.id);
  else
    cx.tx.search().put(cx.tenant, offering.id, {}, search_terms(offering));
}

Result<void> index_pending(WriteContext& cx, OfferingId id) {
  cx.tx.search().settle(cx.tenant, id);
  if (const auto offering = cx.tx.offerings().find(cx.tenant, id)) index_offering(cx, *offering);
  return {};
}

Result<Offering> create_offering(WriteContext& cx, Offering draft, json::Reader& reader) {
  validate(draft, shipped_product_types(), reader);
  if (draft.status == OfferingStatus::archived) reader.fault_at("status", "unknown_value", "An offering starts as DRAFT or PUBLISHED.");
  ORKESTR_CHECK(reader.result());
  draft.id = cx.make_id<OfferingId>();
  draft.created_at = draft.updated_at = cx.now;
  if (draft.slug.empty())
    draft.slug = first_free_slug(make_slug(draft.title), [&](std::string_view slug) { return slug_taken(cx, slug, draft.id); });
  else if (slug_taken(cx, draft.slug, draft.id))
    return taken(draft);
  cx.tx.offerings().insert(cx.tenant, draft);
  translations::queue(cx, TranslationKind::offering, draft.id.view());
  index_offering(cx, draft);
  cx.audit("offering.create", draft.id);
  if (draft.status == OfferingStatus::published) emit_published(cx, draft);
  return draft;
}

Result<Offering> update_offering(WriteContext& cx, Offering changed, json::Reader& reader) {
  const auto current = cx.tx.offerings().find(cx.tenant, changed.id);
  if (!current) return fail(Code::not_found, "There is no such offering.");
  validate(changed, shipped_product_types(), reader);
  ORKESTR_CHECK(reader.result());
  ORKESTR_CHECK(check_transition(current->status, changed.status));
  if (slug_taken(cx, changed.slug, changed.id)) return taken(changed);
  ORKESTR_CHECK(check_resource(cx, *current, changed));
  changed.updated_at = cx.now;
  cx.tx.offerings().update(cx.tenant, changed);
  if (source_texts(*current) != source_texts(changed)) translations::queue(cx, TranslationKind::offering, changed.id.view());
  index_offering(cx, changed);
  cx.audit("offering.update", changed.id);
  if (current->status != OfferingStatus::published && changed.status == OfferingStatus::published) emit_published(cx, changed);
  return changed;
}

Result<void> delete_offering(WriteContext& cx, OfferingId id) {
  auto offering = cx.tx.offerings().find(cx.tenant, id);
  if (!offering) return fail(Code::not_found, "There is no such offering.");
  offering->deleted_at = offering->updated_at = cx.now;
  cx.tx.offerings().update(cx.tenant, *offering);
  translations::forget(cx, id.view());
  index_offering(cx, *offering);
  cx.audit("offering.delete", id);
  return {};
}

} // namespace orkestr::inline v1
