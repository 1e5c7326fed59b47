// CSV as RFC 4180 has it, read by libcsv: for imports, see engine/csv_import.hpp.
#pragma once

#include "orkestr/engine/csv_import.hpp"

namespace orkestr::inline v1 {

/// Commas and double quotes; lines end in CRLF, LF or CR; a byte order mark is passed over; cells are any bytes, spaces too. A quote that
/// stands where none may, or that nothing ends, ends the reading.
/// @thread_safety pure
[[nodiscard]] std::optional<CsvProblem> read_csv(std::string_view text, CsvRowTaker take);

} // namespace orkestr::inline v1
