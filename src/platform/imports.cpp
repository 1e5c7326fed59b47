#include "orkestr/platform/imports.hpp"

#include "platform/slugs.hpp"

#include "orkestr/platform/translations.hpp"
#include "orkestr/storage/search_repository.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

/// Longer than it is silent.
constexpr milliseconds lease = 10s;
constexpr milliseconds between_reports = 500ms;
constexpr int most_attempts = 5;
constexpr std::size_t part_size = std::size_t{1024} * 1024;

const Actor the_worker{ActorKind::worker, {}, {}};

void add_taken_slugs(const storage::ReadTransaction& tx, TenantId tenant, CheckedImport& checked) {
  std::erase_if(checked.offerings, [&](const ImportedOffering& made) {
    const auto& slug = made.offering.slug;
    const bool taken = !slug.empty() && tx.offerings().find_by_slug(tenant, slug);
    if (taken) checked.faults.add(slug_fault(made.row, slug, "Another offering has this slug. Leave it out to have one made."));
    return taken;
  });
}

/// What came of a check, on the row.
void put_result(Import& import, const CheckedImport& checked, Instant now) {
  const bool ok = checked.faults.none();
  import.status = ok ? ImportStatus::done : ImportStatus::failed;
  import.rows = import.rows_done = checked.rows;
  import.offerings = ok ? static_cast<int>(checked.offerings.size()) : 0;
  import.availability_rules = ok ? checked.rules : 0;
  import.faults = checked.faults.sorted();
  import.fault_count = checked.faults.count();
  import.finished_at = now;
  import.next_attempt_at.reset();
}

void write_offerings(WriteContext& cx, const std::vector<ImportedOffering>& offerings) {
  // First: whoever sweeps the catalogue changes these rows too, and what conflicts with them begins anew.
  translations::queue_many(cx);
  SlugMaker slugs(cx);
  const bool few = offerings.size() <= 100; // the terms of many would keep other writers waiting
  for (const auto& made : offerings) slugs.reserve(made.offering.slug);
  for (const auto& made : offerings) {
    Offering offering = made.offering;
    offering.id = cx.make_id<OfferingId>();
    offering.created_at = offering.updated_at = cx.now;
    if (offering.slug.empty()) offering.slug = slugs.make(offering.title);
    cx.tx.offerings().insert(cx.tenant, offering);
    if (few)
      index_offering(cx, offering);
    else
      cx.tx.search().defer(cx.tenant, offering.id);
    for (AvailabilityRule rule : made.rules) {
      rule.id = cx.make_id<RuleId>();
      rule.offering_id = offering.id;
      cx.tx.availability().insert(cx.tenant, rule);
    }
  }
}

} // namespace

Result<Import> create_import(WriteContext& cx, std::optional<std::string> file_name, std::string_view file) {
  if (cx.tx.imports().count_unfinished(cx.tenant) >= most_open_imports)
    return fail(Code::resource_in_use, "Other imports are under way; wait until they are finished.");
  Import import;
  import.id = cx.make_id<ImportId>();
  import.file_name = std::move(file_name);
  import.next_attempt_at = import.created_at = cx.now;
  cx.tx.imports().insert(cx.tenant, import);
  for (int number = 0; !file.empty(); ++number) {
    const auto part = file.substr(0, part_size);
    cx.tx.imports().insert_part(cx.tenant, import.id, number, part);
    file.remove_prefix(part.size());
  }
  cx.audit("import.create", import.id);
  cx.import_due = true;
  return import;
}

Import dry_run_import(const storage::ReadTransaction& tx, TenantId tenant, CheckedImport checked, ImportId id,
                      std::optional<std::string> file_name, Instant now) {
  add_taken_slugs(tx, tenant, checked);
  Import import;
  import.id = id;
  import.dry_run = true;
  import.file_name = std::move(file_name);
  import.created_at = now;
  put_result(import, checked, now);
  return import;
}

Result<std::optional<ImportDesk::Taken>> ImportDesk::take(Instant now) {
  // Read first: mostly there is nothing, and looking is cheap.
  ORKESTR_TRY(const bool any, platform_.store().read(
                                  [&](const storage::ReadTransaction& tx) -> Result<bool> { return !tx.imports().due(now, 1).empty(); }));
  if (!any) return std::optional<Taken>{};
  ORKESTR_TRY(auto taken, platform_.store().write([&](storage::WriteTransaction& tx) -> Result<std::optional<Taken>> {
    for (const auto& [tenant, id] : tx.imports().due(now, 1)) {
      auto row = tx.imports().find(tenant, id);
      if (!row) continue;
      row->status = ImportStatus::checking;
      row->rows_done = 0;
      row->next_attempt_at = now + lease;
      ++row->attempts;
      tx.imports().update(tenant, *row);
      const auto owner = tx.tenants().find(tenant);
      return Taken{tenant, *row, {}, owner ? owner->time_zone : "UTC"};
    }
    return std::nullopt;
  }));
  if (taken) {
    ORKESTR_TRY(taken->file, platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<std::string> {
      return tx.imports().file(taken->tenant, taken->row.id);
    }));
  }
  return taken;
}

/// Writes something about an import that is still this desk's. @returns false where it is not
Result<bool> ImportDesk::say(Taken& taken, FunctionRef<void(Import&)> change) {
  const auto now = platform_.now();
  ORKESTR_TRY(auto row, platform_.write_at(
                            taken.tenant, now,
                            [&](WriteContext& cx) -> Result<std::optional<Import>> {
                              auto current = cx.tx.imports().find(cx.tenant, taken.row.id);
                              if (!current || current->next_attempt_at != taken.row.next_attempt_at) return std::optional<Import>{};
                              current->next_attempt_at = now + lease;
                              change(*current);
                              cx.tx.imports().update(cx.tenant, *current);
                              return current;
                            },
                            the_worker));
  if (!row) return false;
  taken.row = *row;
  return true;
}

Result<void> ImportDesk::finish(Taken& taken, CheckedImport checked) {
  if (checked.faults.none()) {
    ORKESTR_TRY(const bool ours, say(taken, [&](Import& row) {
                  row.status = ImportStatus::writing;
                  row.rows_done = row.rows;
                }));
    if (!ours) return {};
  }
  return platform_.write_at(
      taken.tenant, platform_.now(),
      [&](WriteContext& cx) -> Result<void> {
        auto row = cx.tx.imports().find(cx.tenant, taken.row.id);
        if (!row || row->next_attempt_at != taken.row.next_attempt_at) return {}; // this desk slept, and another took it
        cx.tx.imports().update(cx.tenant, *row); // locked from here on: nobody takes it while this is being written
        auto result = checked;                   // it may run again
        if (result.faults.none()) add_taken_slugs(cx.tx, cx.tenant, result); // since somebody may have come between
        if (result.faults.none()) write_offerings(cx, result.offerings);
        put_result(*row, result, cx.now);
        cx.tx.imports().update(cx.tenant, *row);
        cx.tx.imports().erase_file(cx.tenant, row->id);
        cx.audit(row->status == ImportStatus::done ? "import.finish" : "import.fail", row->id,
                 std::to_string(row->offerings) + " offerings, " + std::to_string(row->fault_count) + " faults");
        return {};
      },
      the_worker);
}

Result<bool> ImportDesk::step(Instant now, FunctionRef<bool()> going) {
  ORKESTR_TRY(auto taken, take(now));
  if (!taken) return false;
  CheckedImport checked;
  if (taken->row.attempts > most_attempts) {
    checked.faults.add({0, {}, "interrupted", "The server stopped each time it worked on this file. Split it and try again.", {}});
    ORKESTR_CHECK(finish(*taken, std::move(checked)));
    return true;
  }
  const int rows = count_import_rows(taken->file, reader_);
  ORKESTR_TRY(bool ours, say(*taken, [&](Import& row) { row.rows = rows; }));
  Instant said = platform_.now();
  std::optional<Error> failed;
  checked = check_import(taken->file, reader_, taken->time_zone, [&](int done) {
    if (ours && platform_.now() - said >= between_reports) {
      said = platform_.now();
      auto told = say(*taken, [&](Import& row) { row.rows_done = done; });
      if (!told) failed = told.error();
      ours = told && *told;
    }
    return ours && going();
  });
  if (failed) return *failed;
  if (!ours) return true;
  if (!going()) { // it is due again at once, and this attempt was no failure
    ORKESTR_CHECK(say(*taken, [&](Import& row) {
      row.next_attempt_at = row.created_at;
      --row.attempts;
    }));
    return false;
  }
  taken->file = {};
  ORKESTR_CHECK(finish(*taken, std::move(checked)));
  return true;
}

ImportWorker::ImportWorker(Platform& platform, CsvReader reader, std::function<void(const Error&)> on_trouble)
    : platform_(platform), on_trouble_(std::move(on_trouble)), desk_(platform, reader) {
  platform_.on_imports([this] {
    const std::lock_guard guard(mutex_);
    poked_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

ImportWorker::~ImportWorker() {
  stopping_ = true;
  {
    const std::lock_guard guard(mutex_);
    wake_.notify_all();
  }
  thread_.join();
  platform_.on_imports({});
}

void ImportWorker::run() {
  std::unique_lock guard(mutex_);
  while (!stopping_) {
    poked_ = false;
    guard.unlock();
    const auto done = desk_.step(platform_.now(), [this] { return !stopping_.load(); });
    if (!done && on_trouble_) on_trouble_(done.error());
    guard.lock();
    if (done && *done) continue;
    wake_.wait_for(guard, 1s, [&] { return stopping_ || (poked_ && done); });
  }
}

} // namespace orkestr::inline v1
