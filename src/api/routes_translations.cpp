// The languages of a business, and what its texts are in them.
#include "api/bodies.hpp"
#include "api/translation_bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

std::vector<LocaleView> views(const storage::ReadTransaction& tx, const Call& call) {
  return locale_views(tx, call.tenant, call.platform.translator());
}

Result<Reply> list_locales(const storage::ReadTransaction& tx, const Call& call) { return reply_page(views(tx, call), std::nullopt); }

/// Tags of a path are taken in any case.
Result<std::string> locale_of(const Call& call, std::size_t index) {
  if (!is_locale(call.ids[index])) return fail(Code::not_found, "This language is not enabled.");
  return canonical_locale(call.ids[index]);
}

Result<Reply> add(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<LocaleDraft>(call));
  ORKESTR_TRY(const auto locale, add_locale(cx, call.tenant, draft.locale));
  const auto all = views(cx.tx, call);
  const auto view = std::ranges::find(all, locale.locale, &LocaleView::locale);
  if (view == all.end()) return fail(Code::internal, "The language that was enabled is not there.");
  auto reply = reply_with(*view, 201);
  reply.location = std::string{call.path} + "/" + locale.locale;
  return reply;
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto locale, locale_of(call, 0));
  ORKESTR_CHECK(remove_locale(cx, locale));
  return Reply{204, {}, {}, false};
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page(false, true));
  storage::TranslationFilter filter;
  ORKESTR_TRY(filter.locale, call.query.text("locale", {2, 35, is_locale, "Use a BCP 47 tag such as es."}));
  if (filter.locale) filter.locale = canonical_locale(*filter.locale);
  ORKESTR_TRY(filter.kind, call.query.enumeration<TranslationKind>("kind"));
  ORKESTR_TRY(filter.state, call.query.enumeration<TranslationState>("state"));
  std::vector<TranslationRow> rows;
  for (auto& row : tx.translations().list(call.tenant.id, filter, and_one_more(page))) rows.push_back({std::move(row)});
  return reply_list(std::move(rows), page.limit, [](const TranslationRow& row) { return storage::translation_place(row); });
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto locale, locale_of(call, 1));
  ORKESTR_TRY(const auto view, translation_view(tx, call.tenant, call.ids[0], locale));
  return reply_with(view);
}

Result<Reply> put(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto locale, locale_of(call, 1));
  ORKESTR_TRY(const auto before, translation_view(cx.tx, call.tenant, call.ids[0], locale));
  ORKESTR_CHECK(check_match(call.request, json::to_json(before)));
  ORKESTR_TRY(const auto draft, body_of<TranslationTexts>(call));
  json::Reader reader;
  const json::Reader::Step step(reader, "texts");
  ORKESTR_CHECK(override_translation(cx, call.tenant, call.ids[0], locale, draft.texts, reader));
  ORKESTR_TRY(const auto view, translation_view(cx.tx, call.tenant, call.ids[0], locale));
  return reply_with(view);
}

Result<Reply> retry(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto locale, locale_of(call, 1));
  ORKESTR_CHECK(retry_translation(cx, call.ids[0], locale));
  ORKESTR_TRY(const auto view, translation_view(cx.tx, call.tenant, call.ids[0], locale));
  return reply_with(view);
}

constexpr std::string_view filters[] = {"locale", "kind", "state", "limit", "cursor"};

} // namespace

std::span<const Route> translation_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  constexpr std::string_view locales = "/v1/provider/locales";
  constexpr std::string_view one = "/v1/provider/translations/{subjectId}/{locale}";
  static constexpr Route routes[] = {
      {.method = M::get, .path = locales, .operation = "listLocales", .access = admin, .read = list_locales},
      {.method = M::post, .path = locales, .operation = "addLocale", .access = admin, .body = required, .write = add},
      {.method = M::del, .path = "/v1/provider/locales/{locale}", .operation = "removeLocale", .access = admin, .write = remove},
      {.method = M::get,
       .path = "/v1/provider/translations",
       .operation = "listTranslations",
       .access = admin,
       .parameters = filters,
       .read = list},
      {.method = M::get, .path = one, .operation = "getTranslation", .access = admin, .read = get},
      {.method = M::put, .path = one, .operation = "setTranslation", .access = admin, .body = required, .write = put},
      {.method = M::post,
       .path = "/v1/provider/translations/{subjectId}/{locale}/retry",
       .operation = "retryTranslation",
       .access = admin,
       .write = retry},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
