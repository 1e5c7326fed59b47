#include "orkestr/engine/csv_import.hpp"

#include "orkestr/adapters/csv.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace orkestr;

namespace {

using Cells = std::vector<std::string>;

/// `row: cell|cell` for each row, and the problem that ended the reading.
std::string table(std::string_view text) {
  std::string all;
  const auto problem = read_csv(text, [&](std::int64_t row, std::span<const std::string> cells) {
    all += std::to_string(row) + ":";
    for (const auto& cell : cells) all += " <" + cell + ">";
    all += "\n";
    return true;
  });
  if (problem) all += std::string{problem->code} + " at " + std::to_string(problem->row) + "," + std::to_string(problem->cell) + "\n";
  return all;
}

CheckedImport check(std::string_view text) {
  return check_import(text, read_csv, "America/New_York", [](int) { return true; });
}

/// `row column code` of each fault.
std::string faults(std::string_view text) {
  std::string all;
  for (const auto& fault : check(text).faults.sorted())
    all += (all.empty() ? "" : "; ") + std::to_string(fault.row) + " " + fault.column + " " + fault.code;
  return all;
}

const std::string header = "title,productTypeKey,basePrice,currency";
/// A file with one row of these columns, whose other cells are good.
std::string with(const std::string& column, const std::string& cell) {
  const Cells one{cell};
  auto quoted = csv_line(one);
  quoted.resize(quoted.size() - 2);
  return header + "," + column + "\r\nStudio,space,120.50,USD," + quoted + "\r\n";
}
ImportedOffering only(const std::string& text) {
  const auto checked = check(text);
  CAPTURE(faults(text));
  REQUIRE(checked.offerings.size() == 1);
  return checked.offerings.front();
}

std::string hours_of(std::string_view text) {
  std::string all;
  const auto rules =
      read_hours(text, [&](std::string_view, const std::string& detail) { all += "! " + detail.substr(0, detail.find('.')) + "\n"; });
  for (const auto& object : rules) {
    AvailabilityRule rule;
    json::Reader reader;
    json::read_body(reader, object, rule, json::Use::create);
    for (const auto& fault : reader.faults) all += fault.pointer + " " + std::string{fault.code} + "\n";
    all += json::to_json(rule).substr(std::string{R"({"id":"","offeringId":"",)"}.size()) + "\n";
  }
  return all;
}

} // namespace

TEST_CASE("CSV is read with any line end, and rows are counted as they are in the file") {
  for (const std::string end : {"\r\n", "\n", "\r"}) {
    CHECK(table("a,b" + end + "c,d" + end) == "1: <a> <b>\n2: <c> <d>\n");
    CHECK(table("a,b" + end + end + "c,d") == "1: <a> <b>\n3: <c> <d>\n");
    CHECK(table(end + "a" + end) == "2: <a>\n");
    CHECK(table("\"x" + end + "y\",b" + end + "c,d" + end) == "1: <x" + end + "y> <b>\n2: <c> <d>\n");
  }
  CHECK(table("a\r\nb\rc\nd") == "1: <a>\n2: <b>\n3: <c>\n4: <d>\n");
  CHECK(table("") == "");
  CHECK(table("\xef\xbb\xbf\"a\"\"b\", c ,\r\n") == "1: <a\"b> < c > <>\n");
  CHECK(table("a\xef\xbb\xbf") == "1: <a\xef\xbb\xbf>\n");
}

TEST_CASE("what is no CSV is located") {
  CHECK(table("a,b\nc,\"d\ne,f\n") == "1: <a> <b>\nunterminated_quote at 2,1\n");
  CHECK(table("a,b\nc,d\"e\ng,h\n") == "1: <a> <b>\nmisplaced_quote at 2,1\n");
  CHECK(table("a,b\n\"c\" ,d\n") == "1: <a> <b>\nmisplaced_quote at 2,0\n");
  CHECK(faults(header + "\nStudio,space,1,USD\nRoom,space,\"1,USD\n") == "3 basePrice unterminated_quote");
  CHECK(faults(header + "\nRo\"om,space,1,USD\n") == "2 title misplaced_quote");
  // No cell and no row takes all memory, nor does what is said about them.
  CHECK(faults(std::string(1'000'000, ',')) == "1  too_many_cells");
  CHECK(faults(header + "\n" + std::string(300'000, 'x') + ",space,1,USD\n") == "2 title too_long");
  std::string hours;
  for (int i = 0; i < 20'000; ++i) hours += "daily 1-2;";
  const auto many = check(header + ",availability\nRoom,space,1,USD,\"" + hours + "\"\n");
  CHECK(many.faults.count() > 0);
  const auto word = check(header + ",availability\nRoom,space,1,USD," + std::string(100'000, 'x') + "\n").faults.sorted();
  REQUIRE(word.size() == 1);
  CHECK(word[0].detail.size() < 1000);
}

TEST_CASE("whatever is written as CSV is read back") {
  std::mt19937 random{20261128};
  const std::string letters = "ab \t,;\"'=\r\n\xc3\xa9";
  for (int round = 0; round < 2000; ++round) {
    std::vector<Cells> rows;
    std::string text = round % 3 == 0 ? "\xef\xbb\xbf" : "";
    for (auto n = random() % 5; n > 0; --n) {
      auto& cells = rows.emplace_back(1 + random() % 4);
      for (auto& cell : cells)
        for (auto size = random() % 6; size > 0; --size) cell += letters[random() % letters.size()];
      text += csv_line(cells);
    }
    std::vector<Cells> read;
    CHECK_FALSE(read_csv(text, [&](std::int64_t, std::span<const std::string> cells) {
      read.emplace_back(cells.begin(), cells.end());
      return true;
    }));
    CHECK(read == rows);
  }
}

TEST_CASE("cells that a spreadsheet would run are guarded where we write them") {
  for (const std::string_view formula : {"=1+1", "+SUM(A1)", "-cmd", "@x", "\tx", "\r=x", "=", "-", "--1", "-1e5"})
    CHECK(guarded_cell(formula) == "'" + std::string{formula});
  for (const std::string_view plain : {"", "a=b", "-73.98", "+4", "-1", "'=1"}) CHECK(guarded_cell(plain) == plain);
}

TEST_CASE("the template is a file that can be imported") {
  const auto text = import_template();
  CHECK(faults(text) == "");
  const auto checked = check(text);
  CHECK(checked.rows == 2);
  REQUIRE(checked.offerings.size() == 2);
  const auto& room = checked.offerings[0].offering;
  CHECK(room.base_price_cents == 12050);
  CHECK(room.categories == std::vector<std::string>{"studio", "photography"});
  CHECK(room.cancellation_policy.kind == PolicyKind::moderate);
  CHECK(room.attributes.at("sqft") == 900);
  CHECK(room.attributes.at("amenities") == json::Array{"wifi", "projector"});
  CHECK(checked.offerings[0].rules.size() == 6);
  const auto& yoga = checked.offerings[1].offering;
  CHECK(yoga.slug.empty());
  CHECK(yoga.pricing_model == PricingModel::one_time);
  CHECK(yoga.cancellation_policy.tiers == std::vector<RefundTier>{{48, 100}, {24, 50}});
  CHECK(checked.offerings[1].rules.size() == 2);
  CHECK(checked.rules == 8);
  // Every column that can be set has its place in it.
  for (const auto& field : json::describe<Offering>()) {
    const std::string name{field.name};
    if ((field.use & json::create) == 0 || name == "status" || name == "attributes") continue;
    const auto shown = name.ends_with("PriceCents") ? name.substr(0, name.size() - 5) : name;
    CHECK_MESSAGE(text.substr(0, text.find('\n')).find(shown) != std::string::npos, shown);
  }
}

TEST_CASE("headers") {
  CHECK(faults("") == "1  empty_file");
  CHECK(faults("\n\n") == "1  empty_file");
  CHECK(faults("title\n") == "1 productTypeKey missing_column; 1 currency missing_column; 1 basePrice missing_column");
  CHECK(faults("title,productTypeKey,basePriceCents,currency\nStudio,space,5,USD\n") == "");
  CHECK(faults(" TITLE , ProductTypeKey,baseprice,CURRENCY\nStudio,space,5,USD\n") == "");
  CHECK(faults(header + ",colour,title\nStudio,space,5,USD,red,x\n") ==
        "1 colour unknown_column; 1 title duplicate_column; 2 title conflict");
  CHECK(faults(header + ",status\n") == "1 status unknown_column");
  CHECK(faults(header + ",attributes.wings\n") == "1 attributes.wings unknown_column");
  CHECK(faults("title;productTypeKey;basePrice;currency\n").substr(0, 30) == "1 title;productTypeKey;basePri");
  CHECK(faults("\xff\n").find("1 \xef\xbf\xbd unknown_column") == 0);
}

TEST_CASE("every faulty cell is named by row and column, wherever it is") {
  const std::string good = "Studio,space,120.50,USD\r\n", head = header + "\r\n";
  for (const int bad : {2, 5, 9}) {
    std::string text = head;
    for (int row = 2; row < 10; ++row) text += row == bad ? "Studio,space,12.345,USD\r\n" : good;
    CHECK(faults(text) == std::to_string(bad) + " basePrice invalid_format");
  }
  CHECK(faults(head + good + ",ship,-1,usd\r\n" + good) ==
        "3 basePrice invalid_format; 3 title required; 3 productTypeKey unknown_product_type");
  CHECK(faults(head + "a,space,1\r\nb,space,1,USD,\r\n") == "2  wrong_cell_count; 3  wrong_cell_count");
  CHECK(faults(head + good + "\r\n,,,\r\n\r\n" + "a,space,x,USD\r\n") == "6 basePrice invalid_format");
  CHECK(faults(head + std::string("a\0b,space,1,USD\r\n", 17) + "\xff,space,1,USD\r\n") == "2 title nul_character; 3 title invalid_utf8");
  CHECK(faults(head + "a,space,1,XXX\r\n") == "2 currency invalid_format");
  CHECK(faults(head + "a,space,1.5,JPY\r\n") == "2 basePrice invalid_format");
  CHECK(faults(head + "=HYPERLINK(1),space,1,USD\r\n") == ""); // a text as any other
}

TEST_CASE("cells of each kind") {
  CHECK(only(with("autoApprove", "yes")).offering.auto_approve);
  CHECK_FALSE(only(with("rescheduleAllowed", "FALSE")).offering.reschedule_allowed);
  CHECK(faults(with("autoApprove", "maybe")) == "2 autoApprove wrong_type");
  CHECK(only(with("taxRateBps", "825")).offering.tax_rate_bps == 825);
  CHECK(faults(with("taxRateBps", "8.25")) == "2 taxRateBps wrong_type");
  CHECK(faults(with("taxRateBps", "10001")) == "2 taxRateBps too_large");
  CHECK(only(with("pricingModel", "one_time")).offering.pricing_model == PricingModel::one_time);
  CHECK(faults(with("pricingModel", "PER_HEAD")) == "2 pricingModel unknown_value");
  CHECK(faults(with("pricingModel", "SUBSCRIPTION")).find("billingInterval") != std::string::npos);
  CHECK(only(with("minPrice", "3.5")).offering.min_price_cents == 350);
  CHECK(faults(with("basePriceCents", "100")) == "2 basePriceCents conflict");
  CHECK(faults(with("timeZone", "Mars/Olympus")).find("2 timeZone ") == 0);
  CHECK(only(with("timeZone", "")).offering.time_zone == "America/New_York");
  CHECK(only(with("photos", "https://a.example/1.jpg https://a.example/2.jpg")).offering.photos.size() == 2);
  CHECK(faults(with("photos", "nonsense")) == "2 photos invalid_format");
  CHECK(only(with("attributes.noiseLevel", "quiet")).offering.attributes.at("noiseLevel") == "quiet");
  CHECK(only(with("attributes.latitude", "-73.98")).offering.attributes.at("latitude") == -73.98);
  CHECK(only(with("attributes.petsAllowed", "no")).offering.attributes.at("petsAllowed") == false);
  CHECK(faults(with("attributes.sqft", "many")) == "2 attributes.sqft wrong_type");
  CHECK(faults(with("attributes.vehicle", "van")) == "2 attributes.vehicle unknown_attribute");
  CHECK(only(with("description", "  two\r\nlines  ")).offering.description == "  two\r\nlines  ");
  CHECK(faults(with("cancellationPolicy", "NONE")).find("2 cancellationPolicy ") == 0);
  CHECK(faults(with("cancellationPolicy", "CUSTOM 48h lots")).find("2 cancellationPolicy ") == 0);
  CHECK(faults(with("slug", "No Slug")) == "2 slug invalid_format");
  CHECK(only(with("slug", "studio")).offering.status == OfferingStatus::draft);
}

TEST_CASE("two rows do not have one slug") {
  const auto text = header + ",slug\na,space,1,USD,one\nb,space,1,USD,\nc,space,1,USD,one\n";
  CHECK(faults(text) == "4 slug slug_taken");
  CHECK(check(text).faults.sorted().front().detail.find("Row 2") == 0);
}

TEST_CASE("hours in a cell") {
  CHECK(
      hours_of("Mon-Tue 09:00-17:00 60min x2") ==
      R"("dayOfWeek":1,"startTime":"09:00","endTime":"17:00","slotMinutes":60,"stepMinutes":null,"capacity":2,"validFrom":null,"validUntil":null})"
      "\n"
      R"("dayOfWeek":2,"startTime":"09:00","endTime":"17:00","slotMinutes":60,"stepMinutes":null,"capacity":2,"validFrom":null,"validUntil":null})"
      "\n");
  CHECK(
      hours_of("saturday 22:00-02:00 60min every 30min from 2026-05-01 until 2026-06-01") ==
      R"("dayOfWeek":6,"startTime":"22:00","endTime":"02:00","slotMinutes":60,"stepMinutes":30,"capacity":1,"validFrom":"2026-05-01","validUntil":"2026-06-01"})"
      "\n");
  const auto days = [](std::string_view words) {
    std::string all;
    for (const auto& rule : read_hours(std::string{words} + " 09:00-10:00 30min", [&](auto, auto) { all += "!"; }))
      all += std::to_string(rule.at("dayOfWeek").as_int64());
    return all;
  };
  CHECK(days("daily") == "0123456");
  CHECK(days("Fri-Mon") == "0156");
  CHECK(days("Mon,Wed,Wed") == "13");
  CHECK(days("Mon-Sun") == "0123456");
  for (const auto* none : {"Mo", "Mon,", "Mon-", "-Mon", "Someday", "Mondays", "1"}) CHECK_MESSAGE(days(none) == "!", none);
  CHECK(hours_of(" ; ;") == "");
  CHECK(hours_of("Mon 9 to 5") == "! Part 1: \"9\" are no hours such as 09:00-17:00\n");
  CHECK(hours_of("Mon 09:00-10:00 30min; Tue 09:00-10:00 soon").find("! Part 2: \"soon\" is not understood") == 0);
  CHECK(hours_of("Mon 09:00-10:00 30min 60min").find("! Part 1: \"60min\" says again") == 0);
  CHECK(hours_of("Mon 9:00-25:00 30min").find("/endTime invalid_format") != std::string::npos);
  CHECK(hours_of("Mon 09:00-10:00").find("/slotMinutes required") != std::string::npos);
  CHECK(faults(with("availability", "Mon 09:00-10:00")) == "2 availability required");
  CHECK(faults(with("availability", "Mon-Fri 09:00-10:00 0min")) == "2 availability too_small"); // once for days that share it
}

TEST_CASE("hours are read back as they are written, whatever they are") {
  static constexpr const char* names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  std::mt19937 random{7};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    std::vector<AvailabilityRule> rules;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      AvailabilityRule rule;
      rule.day_of_week = static_cast<int>(random() % 7);
      rule.start_time = {static_cast<std::int16_t>(random() % 600)};
      rule.end_time = {static_cast<std::int16_t>(700 + random() % 700)};
      rule.slot_minutes = 1 + static_cast<int>(random() % 60);
      if (random() % 2) rule.step_minutes = 1 + static_cast<int>(random() % 60);
      rule.capacity = 1 + static_cast<int>(random() % 9);
      if (random() % 2) rule.valid_from = LocalDate{static_cast<std::int32_t>(20'000 + random() % 1000)};
      if (random() % 2) rule.valid_until = LocalDate{static_cast<std::int32_t>(22'000 + random() % 1000)};
      text += std::string{names[rule.day_of_week]} + " " + to_string(rule.start_time) + "-" + to_string(rule.end_time) + " " +
              std::to_string(rule.slot_minutes) + "min x" + std::to_string(rule.capacity);
      if (rule.step_minutes) text += " every " + std::to_string(*rule.step_minutes) + "min";
      if (rule.valid_from) text += " from " + to_string(*rule.valid_from);
      if (rule.valid_until) text += " until " + to_string(*rule.valid_until);
      text += ";";
      rules.push_back(rule);
    }
    const auto made = only(with("availability", text));
    CHECK(json::to_json(made.rules) == json::to_json(rules));
  }
}

TEST_CASE("limits of a file") {
  std::string rows;
  for (int i = 0; i < most_import_rows; ++i) rows += "a,space,1,USD\n";
  CHECK(check(header + "\n" + rows).rows == most_import_rows);
  const auto over = check(header + "\n" + rows + "a,space,1,USD\nb,space,x,USD\n");
  CHECK(over.rows == most_import_rows);
  REQUIRE(over.faults.count() == 1);
  CHECK(over.faults.sorted().front().code == "too_many_rows");
  CHECK(over.faults.sorted().front().row == most_import_rows + 2);
  std::string bad;
  for (int i = 0; i < 1500; ++i) bad += "a,space,x,USD\n";
  const auto many = check(header + "\n" + bad);
  CHECK(many.faults.count() == 1500);
  CHECK(many.faults.sorted().size() == most_import_faults);
  CHECK(many.faults.sorted().back().row == 1001);
  CHECK(count_import_rows(header + "\n\n,,,\n" + bad, read_csv) == 1500);
  // Whoever has had enough is asked no more.
  int told = 0;
  (void)check_import(header + "\n" + rows, read_csv, "UTC", [&](int) { return ++told < 3; });
  CHECK(told == 3);
  CHECK(check(with("slug", std::string(5000, 'X'))).faults.sorted().front().value.size() < 300);
}
