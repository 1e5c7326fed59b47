#include "orkestr/engine/csv_import.hpp"

#include "base/text.hpp"
#include "orkestr/engine/notification.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

namespace orkestr::inline v1 {
namespace {

constexpr std::string_view attribute_prefix = "attributes.";
constexpr int most_rules_of_one = 500;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// What a column's cells become.
enum class Cell { text, list, urls, integer, boolean, word, price, policy, hours, attribute };

struct Column {
  std::string name;  ///< as documents have it, however the header writes it
  std::string field; ///< of the JSON object; of an attribute, its key
  Cell cell = Cell::text;
};

/// Every column there is, from the mapping of offerings; attributes are those of the product types.
const std::vector<Column>& known_columns() {
  static const std::vector<Column> columns = [] {
    std::vector<Column> all;
    for (const auto& field : json::describe<Offering>()) {
      if ((field.use & json::create) == 0 || field.name == "status" || field.name == "attributes") continue;
      const std::string name{field.name};
      const auto cell = field.name == "photos"                                                        ? Cell::urls
                        : field.name == "cancellationPolicy"                                          ? Cell::policy
                        : field.kind == json::Kind::array                                             ? Cell::list
                        : field.kind == json::Kind::integer                                           ? Cell::integer
                        : field.kind == json::Kind::boolean                                           ? Cell::boolean
                        : field.kind == json::Kind::enumeration || field.kind == json::Kind::currency ? Cell::word
                                                                                                      : Cell::text;
      all.push_back({name, name, cell});
      if (name.ends_with("PriceCents")) all.push_back({name.substr(0, name.size() - 5), name, Cell::price});
    }
    all.push_back({"availability", {}, Cell::hours});
    std::set<std::string> keys;
    for (const auto& type : shipped_product_types())
      for (const auto& attribute : type.attributes) keys.insert(attribute.key);
    for (const auto& key : keys) all.push_back({std::string{attribute_prefix} + key, key, Cell::attribute});
    return all;
  }();
  return columns;
}

std::string_view shown(std::string_view text) { return text.substr(0, std::min<std::size_t>(text.size(), 1000)); }

json::Value integer_or_text(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return json::Value(text);
}

json::Value number_or_text(std::string_view text) {
  if (auto whole = integer_or_text(text); whole.is_int64()) return whole;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return json::Value(text);
}

json::Value boolean_or_text(std::string_view text) {
  const auto lower = ascii_lower(std::string{text});
  if (lower == "true" || lower == "yes" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "0") return false;
  return json::Value(text);
}

json::Array list_of(std::string_view text, std::string_view marks) {
  json::Array items;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(marks), text.size());
    if (const auto item = trimmed(text.substr(0, end)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

/// `120.50` in the currency's minor unit.
std::optional<Amount> price_of(std::string_view text, Currency currency) {
  const auto dot = std::min(text.find('.'), text.size());
  auto fraction = dot < text.size() ? std::string{text.substr(dot + 1)} : std::string{};
  const auto decimals = static_cast<std::size_t>(currency.decimals());
  if (text.substr(0, dot).empty() || (dot < text.size() && fraction.empty()) || fraction.size() > decimals) return std::nullopt;
  fraction.resize(decimals, '0');
  const auto digits = std::string{text.substr(0, dot)} + fraction;
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto amount = integer_or_text(digits);
  return amount.is_int64() ? std::optional{amount.get_int64()} : std::nullopt;
}

/// `MODERATE`, or `CUSTOM 48h 100%, 24h 50%`. What is none of that is left to the mapping to refuse.
json::Value policy_of(std::string_view text) {
  json::Object policy;
  const auto end = std::min(text.find_first_of(" :"), text.size());
  auto kind = std::string{text.substr(0, end)};
  std::ranges::transform(kind, kind.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  policy["kind"] = kind;
  json::Array tiers;
  for (const auto& item : list_of(text.substr(end), ",:")) {
    const std::string_view tier{item.get_string()};
    const auto gap = std::min(tier.find(' '), tier.size());
    auto hours = trimmed(tier.substr(0, gap)), percent = trimmed(tier.substr(gap));
    if (hours.ends_with('h')) hours.remove_suffix(1);
    if (percent.ends_with('%')) percent.remove_suffix(1);
    tiers.push_back(json::Object{{"hoursBefore", integer_or_text(hours)}, {"refundPercent", integer_or_text(percent)}});
  }
  if (!tiers.empty()) policy["tiers"] = std::move(tiers);
  return policy;
}

json::Value attribute_of(std::string_view text, AttributeKind kind) {
  switch (kind) {
  case AttributeKind::boolean: return boolean_or_text(text);
  case AttributeKind::integer:
  case AttributeKind::number: return number_or_text(text);
  case AttributeKind::text_list: return list_of(text, ";");
  case AttributeKind::text: break;
  }
  return json::Value(text);
}

/// The column that a pointer into the JSON object is about.
std::string column_of(std::string_view pointer, const std::unordered_map<std::string, std::string>& priced) {
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  const auto end = std::min(pointer.find('/'), pointer.size());
  const std::string field{pointer.substr(0, end)};
  if (field == "attributes" && end < pointer.size()) {
    const auto rest = pointer.substr(end + 1);
    return std::string{attribute_prefix} + std::string{rest.substr(0, rest.find('/'))};
  }
  const auto found = priced.find(field);
  return found == priced.end() ? field : found->second;
}

class Checker {
 public:
  Checker(std::string_view time_zone, FunctionRef<bool(int)> progress) : time_zone_(time_zone), progress_(progress) {}

  bool take(std::int64_t row, std::span<const std::string> cells) {
    if (columns_.empty()) return read_header(row, cells);
    if (std::ranges::all_of(cells, [](const auto& cell) { return trimmed(cell).empty(); })) return true; // as spreadsheets leave them
    if (checked.rows == most_import_rows) {
      fault(row, {}, "too_many_rows", "A file has at most " + std::to_string(most_import_rows) + " rows; split it.", {});
      return false;
    }
    ++checked.rows;
    read_row(row, cells);
    return checked.rules <= most_import_rules && (checked.rows % 64 != 0 || progress_(checked.rows));
  }

  void end(const std::optional<CsvProblem>& problem) {
    if (problem)
      fault(problem->row, problem->cell < columns_.size() ? columns_[problem->cell].name : std::string{}, problem->code,
            std::string{problem->detail}, {});
    else if (columns_.empty() && checked.faults.none())
      fault(1, {}, "empty_file", "The file has no header. Start from the template.", {});
    if (checked.rules > most_import_rules)
      fault(0, {}, "too_many_items", "A file has at most " + std::to_string(most_import_rules) + " hours of days; split it.", {});
  }

  CheckedImport checked;

 private:
  void fault(std::int64_t row, std::string column, std::string_view code, std::string detail, std::string_view value) {
    checked.faults.add({row, std::move(column), std::string{code}, std::move(detail), shortened(clean_utf8(shown(value)))});
  }

  bool read_header(std::int64_t row, std::span<const std::string> cells) {
    std::set<std::string> seen;
    for (const auto& cell : cells) {
      const auto wanted = ascii_lower(std::string{trimmed(cell)});
      const auto& known = known_columns();
      const auto found = std::ranges::find_if(known, [&](const Column& column) { return ascii_lower(column.name) == wanted; });
      if (found == known.end()) {
        const bool other_mark = cells.size() == 1 && cell.find_first_of(";\t") != std::string::npos;
        fault(row, clean_utf8(trimmed(shown(cell))), "unknown_column",
              other_mark ? "Cells are separated by commas; save the file as CSV with commas."
                         : "There is no such column; see the template.",
              cell);
        columns_.push_back({clean_utf8(trimmed(shown(cell))), {}, Cell::text});
        continue;
      }
      if (!seen.insert(found->name).second) fault(row, found->name, "duplicate_column", "The header names this column twice.", cell);
      if (found->cell == Cell::price) priced_[found->field] = found->name;
      columns_.push_back(*found);
    }
    bool whole = true;
    for (const std::string_view name : {"title", "productTypeKey", "currency"})
      if (!seen.contains(std::string{name})) {
        fault(row, std::string{name}, "missing_column", "The header must have this column.", {});
        whole = false;
      }
    if (!seen.contains("basePrice") && !seen.contains("basePriceCents")) {
      fault(row, "basePrice", "missing_column", "The header must have this column, or basePriceCents.", {});
      whole = false;
    }
    return whole; // without them, every row would have the same fault
  }

  void read_row(std::int64_t row, std::span<const std::string> cells) {
    if (cells.size() != columns_.size())
      return fault(row, {}, "wrong_cell_count",
                   "This row has " + std::to_string(cells.size()) + " cells; the header has " + std::to_string(columns_.size()) + ".", {});
    const int before = checked.faults.count();
    json::Object object, attributes;
    std::vector<json::Object> hours;
    const auto value_of = [&](std::string_view name) {
      const auto found = std::ranges::find(columns_, name, &Column::name);
      return found == columns_.end() ? std::string_view{} : trimmed(cells[static_cast<std::size_t>(found - columns_.begin())]);
    };
    const auto* type = find_product_type(shipped_product_types(), value_of("productTypeKey"));
    auto code = std::string{value_of("currency")};
    std::ranges::transform(code, code.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const auto currency = Currency::parse(code);
    std::set<std::string> broken; // columns that are said to be faulty already

    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto& column = columns_[i];
      const std::string_view text = trimmed(cells[i]);
      const auto wrong = [&](std::string_view what, std::string detail) {
        fault(row, column.name, what, std::move(detail), cells[i]);
        broken.insert(column.name);
      };
      if (cells[i].find('\0') != std::string::npos) {
        wrong("nul_character", "A text can't contain NUL characters. Save the file as UTF-8.");
        continue;
      }
      if (!is_utf8(cells[i])) {
        wrong("invalid_utf8", "This is not valid UTF-8. Save the file as UTF-8.");
        continue;
      }
      if (text.empty() || (column.field.empty() && column.cell != Cell::hours)) continue; // left out; of an unknown column
      if (column.cell != Cell::hours && column.cell != Cell::attribute && object.contains(column.field)) {
        wrong("conflict", "The price is given twice, in two columns.");
        continue;
      }
      switch (column.cell) {
      case Cell::text: object[column.field] = column.field == "description" ? std::string_view{cells[i]} : text; break;
      case Cell::list: object[column.field] = list_of(text, ";"); break;
      case Cell::urls: {
        json::Array photos;
        for (const auto& url : list_of(text, " \t\r\n")) photos.push_back(json::Object{{"url", url}});
        object[column.field] = std::move(photos);
        break;
      }
      case Cell::integer: object[column.field] = integer_or_text(text); break;
      case Cell::boolean: object[column.field] = boolean_or_text(text); break;
      case Cell::word: {
        std::string upper{text};
        std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        object[column.field] = upper;
        break;
      }
      case Cell::price:
        object[column.field] = 0;
        if (!currency) break; // whose fault is the currency's
        if (const auto amount = price_of(text, *currency))
          object[column.field] = *amount;
        else
          wrong("invalid_format", "Use a price such as " +
                                      std::string{currency->decimals() == 0   ? "120"
                                                  : currency->decimals() == 3 ? "120.500"
                                                                              : "120.50"} +
                                      ", without a sign, a currency or marks between thousands.");
        break;
      case Cell::policy: object[column.field] = policy_of(text); break;
      case Cell::hours: hours = read_hours(text, wrong); break;
      case Cell::attribute: {
        attributes[column.field] = json::Value(text); // what the type does not know is refused as a text
        if (type == nullptr) break;
        for (const auto& spec : type->attributes)
          if (spec.key == column.field) attributes[column.field] = attribute_of(text, spec.kind);
        break;
      }
      }
    }
    if (!attributes.empty()) object["attributes"] = std::move(attributes);

    ImportedOffering made{row, {}, {}};
    made.offering.time_zone = time_zone_;
    json::Reader reader;
    json::read_body(reader, object, made.offering, json::Use::create);
    validate(made.offering, shipped_product_types(), reader);
    for (const auto& found : reader.faults) {
      auto column = column_of(found.pointer, priced_);
      if (broken.contains(column)) continue;
      const auto cell = std::ranges::find(columns_, column, &Column::name);
      const bool there = cell != columns_.end();
      fault(row, std::move(column), found.code, found.detail,
            there ? cells[static_cast<std::size_t>(cell - columns_.begin())] : std::string_view{});
    }
    read_rules(row, hours, value_of("availability"), made.rules);
    checked.rules += static_cast<int>(made.rules.size());
    if (!made.offering.slug.empty()) {
      const auto [first, fresh] = slugs_.try_emplace(made.offering.slug, row);
      if (!fresh)
        checked.faults.add(slug_fault(row, made.offering.slug,
                                      "Row " + std::to_string(first->second) + " has this slug, too. Leave it out to have one made."));
    }
    if (checked.faults.count() == before) checked.offerings.push_back(std::move(made));
  }

  void read_rules(std::int64_t row, const std::vector<json::Object>& hours, std::string_view text, std::vector<AvailabilityRule>& rules) {
    if (hours.size() > most_rules_of_one)
      return fault(row, "availability", "too_many_items", "At most " + std::to_string(most_rules_of_one) + " hours of days are allowed.",
                   text);
    std::set<std::string> said; // of days that share their hours, once
    for (const auto& object : hours) {
      AvailabilityRule rule;
      json::Reader reader;
      json::read_body(reader, object, rule, json::Use::create);
      if (reader.ok()) validate(rule, reader);
      for (const auto& found : reader.faults) {
        auto detail = found.pointer.substr(std::min<std::size_t>(1, found.pointer.size())) + ": " + found.detail;
        if (said.insert(detail).second) fault(row, "availability", found.code, std::move(detail), text);
      }
      rules.push_back(rule);
    }
  }

  const std::string time_zone_;
  const FunctionRef<bool(int)> progress_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::string> priced_; ///< fields of prices, by the column that gives them
  std::unordered_map<std::string, std::int64_t> slugs_; ///< by the row that has them first
};

} // namespace

void ImportFaults::add(ImportFault fault) {
  ++count_;
  if (kept_.size() < most_import_faults) kept_.push_back(std::move(fault));
}

std::vector<ImportFault> ImportFaults::sorted() const {
  auto all = kept_;
  std::ranges::stable_sort(all, {}, &ImportFault::row);
  return all;
}

ImportFault slug_fault(std::int64_t row, std::string_view slug, std::string detail) {
  return {row, "slug", "slug_taken", std::move(detail), std::string{slug}};
}

CheckedImport check_import(std::string_view text, CsvReader read, std::string_view time_zone, FunctionRef<bool(int rows)> progress) {
  Checker checker(time_zone, progress);
  checker.end(read(text, [&](std::int64_t row, std::span<const std::string> cells) { return checker.take(row, cells); }));
  return std::move(checker.checked);
}

int count_import_rows(std::string_view text, CsvReader read) {
  int rows = 0;
  (void)read(text, [&](std::int64_t, std::span<const std::string> cells) {
    rows += std::ranges::all_of(cells, [](const auto& cell) { return trimmed(cell).empty(); }) ? 0 : 1;
    return rows <= most_import_rows;
  });
  return std::max(rows - 1, 0);
}

} // namespace orkestr::inline v1
