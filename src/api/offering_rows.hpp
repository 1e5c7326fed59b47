// The rows that belong to an offering (rules, exceptions, pricing rules): the same five operations on each kind of them.
#pragma once

#include "api/context.hpp"

namespace orkestr::inline v1::api {

/// What differs: specialise with all(tx, tenant, offering), create, update and erase.
template <class T> struct RowKind;

/// The offering that the path names. @errors `not_found`
[[nodiscard]] inline Result<Offering> parent(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<OfferingId>());
  auto offering = tx.offerings().find(call.tenant.id, id);
  if (!offering) return fail(Code::not_found, "There is no such offering.");
  return std::move(*offering);
}

template <class T> Result<T> load_row(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto offering, parent(tx, call));
  ORKESTR_TRY(const auto id, call.id<decltype(T::id)>(1));
  auto rows = RowKind<T>::all(tx, call.tenant.id, offering.id);
  const auto found = std::ranges::find(rows, id, &T::id);
  if (found == rows.end()) return fail(Code::not_found, "The offering has no such row.");
  return std::move(*found);
}

template <class T> Result<Reply> list_rows(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  ORKESTR_TRY(const auto offering, parent(tx, call));
  return reply_children(RowKind<T>::all(tx, call.tenant.id, offering.id), page);
}

template <class T> Result<Reply> get_row(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto row, load_row<T>(tx, call));
  return reply_with(row);
}

template <class T> Result<Reply> create_row(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto offering, parent(cx.tx, call));
  T draft;
  draft.offering_id = offering.id;
  json::Reader reader;
  json::read_body(reader, *call.body, draft, json::Use::create);
  ORKESTR_TRY(const auto row, RowKind<T>::create(cx, draft, reader));
  return reply_created(call, row);
}

template <class T> Result<Reply> update_row(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto row, load_row<T>(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(row)));
  json::Reader reader;
  json::read_body(reader, *call.body, row, json::Use::patch);
  ORKESTR_TRY(const auto changed, RowKind<T>::update(cx, row, reader));
  return reply_with(changed);
}

template <class T> Result<Reply> remove_row(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto row, load_row<T>(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(row)));
  RowKind<T>::erase(cx, row.id);
  return Reply{204, {}, {}, false};
}

} // namespace orkestr::inline v1::api
