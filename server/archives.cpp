#include "archives.hpp"

#include "store.hpp"

#include <cstdio>

namespace orkestr::server {
namespace {

int print(const Result<storage::CheckReport>& report) {
  if (!report) return complain(report.error());
  std::printf("database  %s\nschema    %zu\nrows     ", report->database.c_str(), report->schema);
  for (const auto& [table, rows] : report->counts)
    if (rows > 0) std::printf(" %s %lld", table.c_str(), static_cast<long long>(rows));
  std::printf("\n");
  for (const auto& note : report->notes) std::printf("note      %s\n", note.c_str());
  for (const auto& violation : report->violations) std::printf("wrong     %s\n", violation.c_str());
  std::printf("result    %s\n",
              report->violations.empty() ? "nothing is wrong" : (std::to_string(report->violations.size()) + " wrong").c_str());
  return report->violations.empty() ? 0 : 1;
}

int print(const Result<storage::ArchiveSummary>& done, const char* text, const std::filesystem::path& file) {
  if (!done) return complain(done.error());
  std::printf("%s %s: %lld tenant%s, %lld rows, schema %zu, %llu bytes\n", text, file.c_str(), static_cast<long long>(done->tenants),
              done->tenants == 1 ? "" : "s", static_cast<long long>(done->rows), done->schema,
              static_cast<unsigned long long>(done->bytes));
  return 0;
}

} // namespace

int run_archive_command(const Config& config) {
  const auto store = store_address(config);
  if (!store) return complain(store.error());
  switch (config.command) {
  case Command::backup: return print(storage::backup(*store, config.to), "wrote", config.to);
  case Command::restore: return print(storage::restore(config.from, *store), "restored", config.from);
  case Command::export_tenant: return print(storage::export_tenant(*store, config.tenant_subdomain, config.to), "wrote", config.to);
  case Command::import_tenant: return print(storage::import_tenant(config.from, *store), "imported", config.from);
  default: return print(config.from.empty() ? storage::check(*store) : storage::check_archive(config.from));
  }
}

} // namespace orkestr::server
