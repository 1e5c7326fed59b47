#include "orkestr/adapters/csv.hpp"

#include <algorithm>
#include <new>

#include <csv.h>

namespace orkestr::inline v1 {
namespace {

/// More than any table of offerings has; else one cell or one row could take all memory.
constexpr std::size_t most_cells = 256, longest_cell = std::size_t{256} * 1024;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// libcsv's state, and the row that is being put together.
struct Reading {
  explicit Reading(CsvRowTaker taker) : take(taker) {
    // With every line end told, so that empty rows are counted as a spreadsheet counts them.
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) throw std::bad_alloc();
    csv_set_space_func(&parser, [](unsigned char) { return 0; }); // spaces are part of a cell
  }
  ~Reading() { csv_free(&parser); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void end_cell(const void* bytes, std::size_t size) {
    if (!going) return;
    if (used == most_cells || size > longest_cell) {
      problem = used == most_cells ? CsvProblem{row, used, "too_many_cells", "A row has at most 256 cells. Nothing behind it was read."}
                                   : CsvProblem{row, used, "too_long", "A cell has at most 256 KiB. Nothing behind it was read."};
      going = false;
      return;
    }
    if (used == cells.size()) cells.emplace_back();
    cells[used++].assign(static_cast<const char*>(bytes), size);
  }
  void end_row(int mark) {
    if (used == 0 && mark == '\n' && after_cr) { // the second half of a CRLF
      after_cr = false;
      return;
    }
    after_cr = mark == '\r';
    if (used > 0 && going) going = take(row, {cells.data(), used});
    used = 0;
    ++row;
  }

  csv_parser parser{};
  CsvRowTaker take;
  std::vector<std::string> cells; ///< the first `used` are the row's; the others keep their room
  std::size_t used = 0;
  std::int64_t row = 1;
  std::optional<CsvProblem> problem;
  bool going = true, after_cr = false;
};

} // namespace

std::optional<CsvProblem> read_csv(std::string_view text, CsvRowTaker take) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Reading reading(take);
  const auto cell = [](void* bytes, std::size_t size, void* self) { static_cast<Reading*>(self)->end_cell(bytes, size); };
  const auto row = [](int mark, void* self) { static_cast<Reading*>(self)->end_row(mark); };
  while (!text.empty() && reading.going) { // in parts, to stop soon after somebody has had enough
    const auto part = text.substr(0, 64 * 1024);
    text.remove_prefix(part.size());
    if (csv_parse(&reading.parser, part.data(), part.size(), cell, row, &reading) == part.size()) continue;
    if (csv_error(&reading.parser) != CSV_EPARSE) throw std::bad_alloc();
    if (!reading.going) return reading.problem;
    return CsvProblem{
        reading.row, reading.used, "misplaced_quote",
        "A quote stands within a cell that does not begin with one, or a quoted cell goes on after its end. Put the whole cell "
        "in quotes, and double each quote within it. Nothing behind it could be read."};
  }
  if (!reading.going) return reading.problem;
  if (csv_fini(&reading.parser, cell, row, &reading) != 0)
    return CsvProblem{reading.row, reading.used, "unterminated_quote",
                      "This cell begins with a quote and none ends it, so that the rest of the file is part of it."};
  return reading.problem;
}

} // namespace orkestr::inline v1
