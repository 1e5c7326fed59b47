#include "orkestr/engine/csv_import.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto dot = std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  return digits(text.substr(0, dot)) && (dot == text.size() || digits(text.substr(dot + 1)));
}

} // namespace

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  bool first = true;
  for (const auto& cell : cells) {
    if (!std::exchange(first, false)) line += ',';
    // A line of one empty cell would be an empty line, which is none.
    if (cell.find_first_of("\",\r\n") == std::string::npos && !(cell.empty() && cells.size() == 1)) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + "\r\n";
}

std::string guarded_cell(std::string_view text) {
  const bool formula = !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos;
  return (formula && !is_number(text) ? "'" : "") + std::string{text};
}

std::string import_template() {
  using Cells = std::vector<std::string>;
  const Cells examples[] = {
      {"title", "Garden studio", "Yoga for beginners"},
      {"slug", "garden-studio", ""},
      {"description", "A quiet room with a view of the garden.", "Bring a mat."},
      {"productTypeKey", "space", "class"},
      {"pricingModel", "HOURLY", "ONE_TIME"},
      {"basePrice", "120.50", "18"},
      {"currency", "USD", "USD"},
      {"taxRateBps", "825", "0"},
      {"taxInclusive", "false", "true"},
      {"billingInterval", "", ""},
      {"categories", "studio; photography", "yoga"},
      {"photos", "", ""},
      {"timeZone", "America/New_York", "America/New_York"},
      {"availability", "Mon-Fri 09:00-17:00 60min x2; Sat 10:00-14:00 30min",
       "Tue,Thu 18:00-19:30 90min x12 from 2027-01-01 until 2027-06-30"},
      {"cancellationPolicy", "MODERATE", "CUSTOM 48h 100%, 24h 50%"},
      {"autoApprove", "false", "true"},
      {"rescheduleAllowed", "true", "true"},
      {"minNoticeMinutes", "120", "0"},
      {"maxAdvanceDays", "180", "365"},
      {"bufferBeforeMinutes", "0", ""},
      {"bufferAfterMinutes", "15", ""},
      {"minDurationMinutes", "60", ""},
      {"maxDurationMinutes", "480", ""},
      {"minPrice", "", ""},
      {"maxPrice", "", ""},
      {"resource", "", ""},
      {"attributes.city", "Brooklyn", "Brooklyn"},
      {"attributes.sqft", "900", ""},
      {"attributes.amenities", "wifi; projector", ""},
      {"attributes.level", "", "beginner"},
  };
  std::string text;
  for (std::size_t line = 0; line < 3; ++line) {
    Cells cells;
    for (const auto& column : examples) cells.push_back(guarded_cell(column[line]));
    text += csv_line(cells);
  }
  return text;
}

} // namespace orkestr::inline v1
