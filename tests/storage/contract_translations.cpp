// Languages, and one row for each subject and language.
#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include "orkestr/storage/translation_repository.hpp"

#include <doctest/doctest.h>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class F> auto asked(Store& store, F f) {
  return read(store, [&](const ReadTransaction& tx) { return f(tx); });
}

TenantLocale locale(std::string tag, std::optional<Instant> sweep_at = {}) { return {std::move(tag), Instant{1}, sweep_at, {}}; }

std::string names(const std::vector<storage::DueTranslation>& due) {
  std::string all;
  for (const auto& row : due) all += row.tenant.str() + " " + row.subject_id + " " + row.locale + "\n";
  return all;
}

void locales(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto list = [&](TenantId tenant) { return asked(store, [&](auto& tx) { return text_of(tx.translations().locales(tenant)); }); };
  const auto put = [&](TenantId tenant, const TenantLocale& row) {
    write(store, [&](WriteTransaction& tx) { tx.translations().put_locale(tenant, row); });
  };
  const auto sweeps = [&](Instant now, std::size_t limit = 9) {
    std::string all;
    for (const auto& due : asked(store, [&](auto& tx) { return tx.translations().due_sweeps(now, limit); }))
      all += due.tenant.str() + " " + due.locale + "\n";
    return all;
  };
  CHECK(list(t) == "");
  auto pt = locale("pt-BR", Instant{2000}), ca = locale("ca", Instant{1000}), es = locale("es");
  for (const auto& row : {pt, ca, es}) put(t, row);
  put(other, es);
  CHECK(list(t) == text_of(std::vector{ca, es, pt}));
  CHECK(list(other) == text_of(es));
  CHECK(asked(store, [&](auto& tx) { return text_of(tx.translations().find_locale(t, "ca")); }) == text_of(ca));
  CHECK(asked(store, [&](auto& tx) { return text_of(tx.translations().find_locale(other, "ca")); }) == "");
  CHECK(sweeps(Instant{999}) == "");
  CHECK(sweeps(Instant{1000}) == t.str() + " ca\n");
  CHECK(sweeps(Instant{9000}) == t.str() + " ca\n" + t.str() + " pt-BR\n");
  CHECK(sweeps(Instant{9000}, 1) == t.str() + " ca\n");
  ca.sweep_at.reset();
  pt.sweep_place = "o1";
  for (const auto& row : {pt, ca}) put(t, row);
  CHECK(sweeps(Instant{9000}) == t.str() + " pt-BR\n");
  write(store, [&](WriteTransaction& tx) { tx.translations().restart_sweeps(t, Instant{3000}); });
  for (auto* row : {&pt, &ca, &es}) {
    row->sweep_at = Instant{3000};
    row->sweep_place.clear();
  }
  CHECK(list(t) == text_of(std::vector{ca, es, pt}));
  CHECK(sweeps(Instant{9000}) == t.str() + " ca\n" + t.str() + " es\n" + t.str() + " pt-BR\n"); // and none of the other's
  write(store, [&](WriteTransaction& tx) { tx.translations().erase_locale(t, "es"); });
  CHECK(list(t) == text_of(std::vector{ca, pt}));
  CHECK(list(other) == text_of(locale("es")));
  for (const auto& row : {sample_locale(1), sample_locale(2)}) {
    put(t, row);
    CHECK(asked(store, [&](auto& tx) { return text_of(tx.translations().find_locale(t, row.locale)); }) == text_of(row));
  }
}

void rows(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto put = [&](TenantId tenant, const Translation& row) {
    write(store, [&](WriteTransaction& tx) { tx.translations().put(tenant, row); });
  };
  const auto found = [&](TenantId tenant, std::string_view subject, std::string_view tag) {
    return asked(store, [&](auto& tx) { return text_of(tx.translations().find(tenant, subject, tag)); });
  };
  Translation bare;
  bare.subject_id = "off_1";
  bare.locale = "es";
  for (const auto& row : {sample_translation(1, "off_1", "es"), sample_translation(2, "off_1", "es"), bare}) {
    put(t, row);
    CHECK(found(t, "off_1", "es") == text_of(row));
  }
  CHECK(found(other, "off_1", "es") == "");
  CHECK(found(t, "off_1", "fr") == "");
  // Lists run against the order of subject and locale, and go on where they were.
  std::vector<Translation> all;
  for (const char* subject : {"rev_1", "off_2", "off_1"})
    for (const char* tag : {"fr", "es", "ca"}) all.push_back(sample_translation(static_cast<int>(all.size()), subject, tag));
  for (const auto& row : all) put(t, row);
  put(other, all[0]);
  const auto list = [&](const storage::TranslationFilter& filter, const storage::Page& page) {
    return asked(store, [&](auto& tx) { return text_of(tx.translations().list(t, filter, page)); });
  };
  CHECK(list({}, {}) == text_of(all));
  CHECK(list({}, {4, {}}) == text_of(std::vector(all.begin(), all.begin() + 4)));
  CHECK(list({}, {50, storage::translation_place(all[3])}) == text_of(std::vector(all.begin() + 4, all.end())));
  CHECK(list({"es", {}, {}}, {}) == text_of(std::vector{all[1], all[4], all[7]}));
  CHECK(list({"es", {}, {}}, {1, storage::translation_place(all[1])}) == text_of(all[4]));
  CHECK(list({{}, all[2].kind, {}}, {}) == text_of(std::vector{all[2], all[6]}));
  CHECK(list({{}, {}, all[3].state}, {}) == text_of(std::vector{all[3], all[8]}));
  CHECK(list({"ca", all[2].kind, all[2].state}, {}) == text_of(all[2]));
  // Of several, in one question.
  const auto of = [&](std::string_view tag, std::vector<std::string> subjects) {
    return asked(store, [&](auto& tx) {
      auto some = tx.translations().of(t, tag, subjects);
      std::ranges::sort(some, {}, &Translation::subject_id);
      return text_of(some);
    });
  };
  CHECK(of("es", {}) == "");
  CHECK(of("es", {"off_1"}) == text_of(all[7]));
  CHECK(of("es", {"off_9", "rev_1", "off_2", "off_1"}) == text_of(std::vector{all[7], all[4], all[1]}));
  CHECK(of("de", {"off_1", "off_2"}) == "");
  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i) many.push_back("off_" + std::to_string(i));
  CHECK(of("fr", many) == text_of(std::vector{all[6], all[3]}));
  std::string counts;
  for (const auto& count : asked(store, [&](auto& tx) { return tx.translations().counts(t); }))
    if (count.locale == "es") counts += json::to_json(count.state) + std::to_string(count.rows);
  std::vector<std::string> expected;
  for (const int i : {1, 4, 7}) expected.push_back(json::to_json(all[static_cast<std::size_t>(i)].state) + "1");
  CHECK(counts.size() == expected[0].size() + expected[1].size() + expected[2].size());
  for (const auto& one : expected) CHECK(counts.find(one) != std::string::npos);
  // What goes.
  write(store, [&](WriteTransaction& tx) {
    tx.translations().erase(t, "off_1", "es");
    tx.translations().erase_subject(t, "off_2");
    tx.translations().erase_machine_rows(t, "fr"); // every second sample is overridden
  });
  REQUIRE(all[0].overridden == false);
  REQUIRE(all[6].overridden == false);
  CHECK(list({}, {}) == text_of(std::vector{all[1], all[2], all[8]}));
  CHECK(found(other, all[0].subject_id, all[0].locale) == text_of(all[0]));
}

void due(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto late = sample_translation(1, "off_1", "es"), early = sample_translation(2, "off_2", "pt-BR"),
       done = sample_translation(3, "off_3", "es");
  late.next_attempt_at = Instant{2000};
  early.next_attempt_at = Instant{1000};
  done.next_attempt_at.reset();
  write(store, [&](WriteTransaction& tx) {
    for (const auto& row : {late, early, done}) tx.translations().put(t, row);
    tx.translations().put(other, late);
  });
  const auto first = std::min(t, other), second = std::max(t, other);
  const auto line = [&](TenantId tenant, const Translation& row) { return tenant.str() + " " + row.subject_id + " " + row.locale + "\n"; };
  const auto list = [&](Instant now, std::size_t limit = 9, std::vector<std::string> busy = {}) {
    return asked(store, [&](auto& tx) { return names(tx.translations().due(now, limit, busy)); });
  };
  CHECK(list(Instant{999}) == "");
  CHECK(list(Instant{1000}) == line(t, early));
  CHECK(list(Instant{9000}) == line(t, early) + line(first, late) + line(second, late));
  CHECK(list(Instant{9000}, 1) == line(t, early));
  CHECK(list(Instant{9000}, 9, {"es"}) == line(t, early));
  CHECK(list(Instant{9000}, 9, {"fr", "pt-BR"}) == line(first, late) + line(second, late));
  CHECK(list(Instant{9000}, 9, {"pt", "BR", "s"}) == line(t, early) + line(first, late) + line(second, late)); // parts are other languages
  CHECK(list(Instant{9000}, 9, {"pt-BR", "es"}) == "");
  early.next_attempt_at = Instant{5000};
  write(store, [&](WriteTransaction& tx) { tx.translations().put(t, early); });
  CHECK(list(Instant{9000}, 9, {"es"}) == line(t, early));
  CHECK(list(Instant{4999}, 9, {"es"}) == "");
}

void queueing(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto all = [&](TenantId tenant) { return asked(store, [&](auto& tx) { return text_of(tx.translations().list(tenant, {}, {})); }); };
  // Without languages there is nothing to do.
  write(store, [&](WriteTransaction& tx) { tx.translations().queue(t, TranslationKind::offering, "off_1", Instant{10}); });
  CHECK(all(t) == "");
  auto kept = sample_translation(1, "off_1", "ca");
  auto gone = sample_translation(1, "off_1", "de"); // of a language that is not enabled
  write(store, [&](WriteTransaction& tx) {
    for (const char* tag : {"es", "ca"}) tx.translations().put_locale(t, locale(tag));
    tx.translations().put(t, kept);
    tx.translations().put(t, gone);
    tx.translations().put(other, kept);
    tx.translations().queue(t, TranslationKind::review, "off_1", Instant{20});
  });
  Translation fresh;
  fresh.subject_id = "off_1";
  fresh.locale = "es";
  fresh.kind = TranslationKind::review;
  fresh.next_attempt_at = fresh.updated_at = Instant{20};
  const auto asked_again = [](Translation& row, Instant now) {
    row.state = TranslationState::pending;
    ++row.generation;
    row.attempts = 0;
    row.next_attempt_at = row.updated_at = now;
  };
  const auto untouched = kept;
  asked_again(kept, Instant{20});
  CHECK(all(t) == text_of(std::vector{fresh, gone, kept}));
  CHECK(all(other) == text_of(untouched));
  // What is there already stays as it is.
  write(store, [&](WriteTransaction& tx) {
    tx.translations().queue_missing(t, TranslationKind::offering, "off_1", "es", Instant{30});
    tx.translations().queue_missing(t, TranslationKind::offering, "off_2", "es", Instant{30});
  });
  Translation missing = fresh;
  missing.subject_id = "off_2";
  missing.kind = TranslationKind::offering;
  missing.next_attempt_at = missing.updated_at = Instant{30};
  CHECK(all(t) == text_of(std::vector{missing, fresh, gone, kept}));
  // Everything anew, in the languages that are enabled.
  write(store, [&](WriteTransaction& tx) { tx.translations().requeue_all(t, Instant{40}); });
  for (auto* row : {&missing, &fresh, &kept}) asked_again(*row, Instant{40});
  CHECK(all(t) == text_of(std::vector{missing, fresh, gone, kept}));
  CHECK(all(other) == text_of(untouched));
  CHECK(asked(store, [&](auto& tx) { return names(tx.translations().due(Instant{40}, 9, {})); }) ==
        t.str() + " off_1 ca\n" + t.str() + " off_1 es\n" + t.str() + " off_2 es\n");
}

} // namespace

std::vector<Check> translation_checks() {
  return {{"languages of tenants", locales},
          {"translations", rows},
          {"translations that are due", due},
          {"what queues translations", queueing}};
}

} // namespace orkestr::storage_contract
