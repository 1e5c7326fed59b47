// Offerings and their hours out of a table: which columns there are, what a cell may say, and where each faulty cell stands. Rows become
// the JSON that POST would have had, and are read and judged by the same functions.
#pragma once

#include "orkestr/base/function_ref.hpp"
#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/offering.hpp"

#include <string>
#include <vector>

namespace orkestr::inline v1 {

enum class ImportStatus { checking, writing, done, failed };

/// One faulty cell. The header is row 1; rows are counted as a spreadsheet shows them, empty ones too.
struct ImportFault {
  std::int64_t row = 0; ///< 0 where it is about the file
  std::string column;   ///< as the header names it; empty where it is about the row
  std::string code, detail;
  std::string value; ///< what stood there, shortened
};

/// A file of offerings on its way in. All of it comes in, or nothing.
struct Import {
  ImportId id;
  ImportStatus status = ImportStatus::checking;
  bool dry_run = false;
  std::optional<std::string> file_name;
  int rows = 0, rows_done = 0; ///< without the header and empty rows
  int offerings = 0, availability_rules = 0;
  std::vector<ImportFault> faults; ///< the first of them, by row
  int fault_count = 0;
  Instant created_at;
  std::optional<Instant> finished_at;
  std::optional<Instant> next_attempt_at; ///< until it is finished. Who works on it moves this ahead; not on the wire
  int attempts = 0;                       ///< how often that began; not on the wire
};

inline constexpr std::size_t largest_import = std::size_t{50} * 1024 * 1024;
inline constexpr int most_import_rows = 20'000;
inline constexpr int most_import_rules = 200'000;
inline constexpr std::size_t most_import_faults = 1000;
/// How long it can be seen what became of an import.
inline constexpr milliseconds keep_imports = std::chrono::days{30};

/// Why the rest of a text can't be read as CSV.
struct CsvProblem {
  std::int64_t row = 0;
  std::size_t cell = 0;  ///< from 0
  std::string_view code; ///< static storage
  std::string_view detail;
};
/// Takes a row apart; false ends the reading.
using CsvRowTaker = FunctionRef<bool(std::int64_t row, std::span<const std::string> cells)>;
/// Something that reads CSV (RFC 4180, any line end): adapters/csv.hpp has one. Rows that are empty are counted and not shown.
using CsvReader = std::optional<CsvProblem> (*)(std::string_view text, CsvRowTaker take);

/// The first faults by row, and how many there are.
class ImportFaults {
 public:
  void add(ImportFault fault);
  /// By row; of one row, as they were found.
  [[nodiscard]] std::vector<ImportFault> sorted() const;
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] bool none() const { return count_ == 0; }

 private:
  std::vector<ImportFault> kept_;
  int count_ = 0;
};

struct ImportedOffering {
  std::int64_t row = 0;
  Offering offering; ///< DRAFT, without an id; the slug is empty where none was given
  std::vector<AvailabilityRule> rules;
};

struct CheckedImport {
  std::vector<ImportedOffering> offerings; ///< those without a fault
  ImportFaults faults;
  int rows = 0, rules = 0;
};

/// Reads and checks a whole file; what only a store knows (slugs that are taken) is left to others.
/// @param time_zone  of rows that name none
/// @param progress   told now and then how many rows are done; false gives up
/// @thread_safety pure
[[nodiscard]] CheckedImport check_import(std::string_view text, CsvReader read, std::string_view time_zone,
                                         FunctionRef<bool(int rows)> progress);

/// How many rows there are below the header, as far as the file can be read.
[[nodiscard]] int count_import_rows(std::string_view text, CsvReader read);

/// A slug that is taken, as the fault of a row.
[[nodiscard]] ImportFault slug_fault(std::int64_t row, std::string_view slug, std::string detail);

/// `Mon-Fri 09:00-17:00 60min every 30min x2 from 2026-05-01 until 2026-09-30; Sat 10:00-14:00 30min`, as objects that the mapping of rules
/// reads. @param fault  told of each part that is none of that: code, detail
[[nodiscard]] std::vector<json::Object> read_hours(std::string_view text,
                                                   FunctionRef<void(std::string_view code, std::string detail)> fault);

/// One line of CSV, cells quoted where they must be.
[[nodiscard]] std::string csv_line(std::span<const std::string> cells);
/// A cell that spreadsheets take for a formula, made a text by an apostrophe. Numbers stay.
[[nodiscard]] std::string guarded_cell(std::string_view text);
/// What to fill in: every column, and two rows as examples.
[[nodiscard]] std::string import_template();

namespace json {
template <> struct EnumNames<ImportStatus> {
  static constexpr std::array<std::string_view, 4> names{"CHECKING", "WRITING", "DONE", "FAILED"};
};
template <> struct Schema<ImportFault> {
  using T = ImportFault;
  static constexpr auto fields =
      std::make_tuple(field("row", &T::row, writable), field("column", &T::column, writable), field("code", &T::code, writable),
                      field("detail", &T::detail, writable), field("value", &T::value, writable));
};
template <> struct Schema<Import> {
  using T = Import;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("status", &T::status, out), field("dryRun", &T::dry_run, out), field("fileName", &T::file_name, out),
      field("rows", &T::rows, out), field("rowsDone", &T::rows_done, out), field("offerings", &T::offerings, out),
      field("availabilityRules", &T::availability_rules, out), field("faults", &T::faults, out), field("faultCount", &T::fault_count, out),
      field("createdAt", &T::created_at, out), field("finishedAt", &T::finished_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
