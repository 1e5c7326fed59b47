#include "orkestr/platform/translations.hpp"

#include "orkestr/storage/search_repository.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// An id of any kind, for the audit log.
struct Subject {
  std::string_view text;
  [[nodiscard]] std::string_view view() const { return text; }
};

Error no_locale() { return fail(Code::not_found, "This language is not enabled."); }
Error no_subject() { return fail(Code::not_found, "There is nothing to translate by that id."); }

/// Calls f for every row of a language; it may write the row.
template <class F> void for_each_row(const storage::ReadTransaction& tx, TenantId tenant, std::string_view locale, F f) {
  storage::TranslationFilter filter;
  filter.locale = locale;
  for (storage::Page page{200, {}};;) {
    const auto rows = tx.translations().list(tenant, filter, page);
    for (const auto& row : rows) f(row);
    if (rows.size() < page.limit) return;
    page.before = storage::translation_place(rows.back());
  }
}

void ask_again(Translation& row, Instant now) {
  row.state = TranslationState::pending;
  ++row.generation;
  row.attempts = 0;
  row.next_attempt_at = row.updated_at = now;
}

/// A subject in a language that is enabled.
struct Found {
  TranslationKind kind;
  std::vector<SourceText> sources;
  Translation row;
};

Result<Found> find_translation(const storage::ReadTransaction& tx, TenantId tenant, std::string_view subject, std::string_view locale) {
  const auto enabled = tx.translations().find_locale(tenant, locale);
  if (!enabled) return no_locale();
  const auto kind = kind_of_subject(tenant, subject);
  if (!kind) return no_subject();
  Found found{*kind, load_sources(tx, tenant, *kind, subject), {}};
  if (found.sources.empty()) return no_subject();
  if (auto row = tx.translations().find(tenant, subject, locale)) {
    found.row = std::move(*row);
  } else { // it has not been its turn yet
    found.row.subject_id = subject;
    found.row.locale = locale;
    found.row.kind = *kind;
    found.row.next_attempt_at = found.row.updated_at = enabled->created_at;
  }
  return found;
}

} // namespace

std::vector<LocaleView> locale_views(const storage::ReadTransaction& tx, const Tenant& tenant, const Translator* translator) {
  std::vector<LocaleView> views;
  for (const auto& row : tx.translations().locales(tenant.id)) {
    auto& view = views.emplace_back();
    view.locale = row.locale;
    view.name = locale_name(row.locale);
    view.right_to_left = is_right_to_left(row.locale);
    view.created_at = row.created_at;
    if (auto who = translator == nullptr ? std::string{} : translator->serves(tenant.locale, row.locale); !who.empty())
      view.translator = std::move(who);
  }
  if (views.empty()) return views;
  for (const auto& count : tx.translations().counts(tenant.id)) {
    const auto view = std::ranges::find(views, count.locale, &LocaleView::locale);
    if (view == views.end()) continue;
    switch (count.state) {
    case TranslationState::pending: view->pending = count.rows; break;
    case TranslationState::translated: view->translated = count.rows; break;
    case TranslationState::stale: view->stale = count.rows; break;
    case TranslationState::no_translator: view->no_translator = count.rows; break;
    case TranslationState::failed: view->failed = count.rows; break;
    }
  }
  return views;
}

Result<TenantLocale> add_locale(WriteContext& cx, const Tenant& tenant, std::string_view tag) {
  json::Reader reader;
  TenantLocale locale;
  if (!is_locale(tag))
    reader.fault_at("locale", "invalid_format", "Use a BCP 47 tag such as es or pt-BR.");
  else if (locale.locale = canonical_locale(tag); locale.locale == canonical_locale(tenant.locale))
    reader.fault_at("locale", "conflict", "This is the language that the business writes in.");
  ORKESTR_CHECK(reader.result());
  const auto present = cx.tx.translations().locales(cx.tenant);
  if (std::ranges::find(present, locale.locale, &TenantLocale::locale) != present.end())
    return fail(Code::already_exists, "This language is enabled already.");
  if (present.size() >= most_tenant_locales)
    reader.fault_at("locale", "too_many", "At most " + std::to_string(most_tenant_locales) + " languages can be enabled.");
  ORKESTR_CHECK(reader.result());
  locale.created_at = cx.now;
  locale.sweep_at = cx.now;
  cx.tx.translations().put_locale(cx.tenant, locale);
  // What people wrote when it was enabled before may be of texts that have changed.
  for_each_row(cx.tx, cx.tenant, locale.locale, [&](Translation row) {
    ask_again(row, cx.now);
    cx.tx.translations().put(cx.tenant, row);
  });
  cx.audit("locale.add", cx.tenant, locale.locale);
  cx.translation_due = true;
  return locale;
}

Result<void> remove_locale(WriteContext& cx, std::string_view locale) {
  if (!cx.tx.translations().find_locale(cx.tenant, locale)) return no_locale();
  cx.tx.translations().erase_locale(cx.tenant, locale);
  cx.tx.translations().erase_machine_rows(cx.tenant, locale);
  for_each_row(cx.tx, cx.tenant, locale, [&](Translation row) {
    std::erase_if(row.texts, [](const TranslatedText& text) { return text.origin == TextOrigin::machine; });
    ++row.generation; // an answer that is under way comes too late
    row.state = TranslationState::translated;
    row.next_attempt_at.reset();
    cx.tx.translations().put(cx.tenant, row);
  });
  cx.audit("locale.remove", cx.tenant, std::string{locale});
  return {};
}

std::vector<std::string> storefront_locales(const storage::ReadTransaction& tx, const Tenant& tenant) {
  std::vector<std::string> locales{canonical_locale(tenant.locale)};
  for (auto& row : tx.translations().locales(tenant.id)) locales.push_back(std::move(row.locale));
  return locales;
}

std::vector<SourceText> load_sources(const storage::ReadTransaction& tx, TenantId tenant, TranslationKind kind, std::string_view subject) {
  switch (kind) {
  case TranslationKind::offering:
    if (const auto id = OfferingId::parse(subject))
      if (const auto offering = tx.offerings().find(tenant, *id)) return source_texts(*offering);
    break;
  case TranslationKind::review:
    if (const auto id = ReviewId::parse(subject))
      if (const auto review = tx.reviews().find(tenant, *id)) return source_texts(*review);
    break;
  case TranslationKind::coupon:
    if (const auto id = CouponId::parse(subject))
      if (const auto coupon = tx.coupons().find(tenant, *id)) return source_texts(*coupon);
    break;
  case TranslationKind::storefront:
    if (subject == tenant.view())
      if (const auto branding = tx.tenants().branding(tenant)) return source_texts(*branding);
    break;
  }
  return {};
}

std::optional<TranslationKind> kind_of_subject(TenantId tenant, std::string_view subject) {
  if (OfferingId::parse(subject)) return TranslationKind::offering;
  if (ReviewId::parse(subject)) return TranslationKind::review;
  if (CouponId::parse(subject)) return TranslationKind::coupon;
  if (subject == tenant.view()) return TranslationKind::storefront;
  return std::nullopt;
}

Result<TranslationView> translation_view(const storage::ReadTransaction& tx, const Tenant& tenant, std::string_view subject,
                                         std::string_view locale) {
  ORKESTR_TRY(const auto found, find_translation(tx, tenant.id, subject, locale));
  TranslationView view;
  view.subject_id = subject;
  view.locale = locale;
  view.kind = found.kind;
  view.state = found.row.state;
  view.last_error = found.row.last_error;
  view.next_attempt_at = found.row.next_attempt_at;
  view.updated_at = found.row.updated_at;
  for (const auto& source : found.sources) {
    auto& field = view.fields.emplace_back();
    field.field = source.field;
    field.source = source.text;
    const auto* text = find_text(found.row, source.field);
    if (text == nullptr) continue;
    field.text = text->text;
    field.origin = text->origin;
    field.stale = is_stale(*text, source, tenant.locale);
    if (!text->translator.empty()) field.translator = text->translator;
  }
  return view;
}

Result<void> override_translation(WriteContext& cx, const Tenant& tenant, std::string_view subject, std::string_view locale,
                                  const json::Object& texts, json::Reader& reader) {
  ORKESTR_TRY(auto found, find_translation(cx.tx, cx.tenant, subject, locale));
  auto& row = found.row;
  for (const auto& entry : texts) {
    const std::string_view name{entry.key().data(), entry.key().size()};
    const json::Reader::Step step(reader, name);
    const auto source = std::ranges::find(found.sources, name, &SourceText::field);
    std::optional<std::string> text;
    if (source == found.sources.end()) {
      // Nothing to take back where the subject says nothing.
      if (!entry.value().is_null() || !is_translated_field(found.kind, name))
        reader.fault("unknown_field", "There is no such text to translate.");
    } else if (json::Codec<std::optional<std::string>>::read(reader, entry.value(), text, text_limits(found.kind, name)))
      put_manual_text(row, *source, tenant.locale, std::move(text));
  }
  ORKESTR_CHECK(reader.result());
  ask_again(row, cx.now);
  if (to_translate(row, found.sources, tenant.locale).empty())
    settle(row, found.sources, tenant.locale);
  else
    cx.translation_due = true;
  cx.tx.translations().put(cx.tenant, row);
  translations::index(cx, row);
  cx.audit("translation.override", Subject{subject}, std::string{locale});
  return {};
}

Result<void> retry_translation(WriteContext& cx, std::string_view subject, std::string_view locale) {
  ORKESTR_TRY(auto found, find_translation(cx.tx, cx.tenant, subject, locale));
  ask_again(found.row, cx.now);
  cx.tx.translations().put(cx.tenant, found.row);
  cx.audit("translation.retry", Subject{subject}, std::string{locale});
  cx.translation_due = true;
  return {};
}

void translations::queue(WriteContext& cx, TranslationKind kind, std::string_view subject) {
  cx.tx.translations().queue(cx.tenant, kind, subject, cx.now);
  cx.translation_due = true;
}

void translations::queue_many(WriteContext& cx) {
  cx.tx.translations().restart_sweeps(cx.tenant, cx.now);
  cx.translation_due = true;
}

void translations::queue_all(WriteContext& cx) {
  cx.tx.translations().requeue_all(cx.tenant, cx.now);
  cx.translation_due = true;
}

void translations::index(WriteContext& cx, const Translation& translation) {
  const auto id = OfferingId::parse(translation.subject_id);
  auto offering = id ? cx.tx.offerings().find(cx.tenant, *id) : std::nullopt;
  if (!offering) return;
  std::vector<SearchTerm> terms;
  if (!translation.texts.empty()) {
    for (const auto& text : translation.texts) (text.field == "title" ? offering->title : offering->description) = text.text;
    terms = search_terms(*offering);
    std::erase_if(terms, [](const SearchTerm& term) { return term.term.starts_with('='); }); // those are of no language
  }
  cx.tx.search().put(cx.tenant, *id, translation.locale, terms);
}

void translations::forget(WriteContext& cx, std::string_view subject) { cx.tx.translations().erase_subject(cx.tenant, subject); }

} // namespace orkestr::inline v1
