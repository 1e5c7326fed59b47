// Local time against Python's zoneinfo, a second implementation over the same database.
#include "engine/python_oracle.hpp"
#include "engine/random_schedule.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace fixtures;

TEST_CASE("expand() equals an implementation on Python's zoneinfo") {
  const std::uint64_t seed = fixtures::seed() + 2, count = rounds(6'000);
  ScenarioMaker maker(seed, 12);
  const TempFile questions("schedules.jsonl"), answers("slots.txt");
  std::vector<std::string> expected;
  {
    std::ofstream file(questions.path);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Scenario s = maker.next();
      const auto slots = expand(s.schedule(), s.range, s.taken, s.audience, s.now);
      REQUIRE(slots);
      expected.push_back(slot_line(*slots));
      file << s.to_json() << '\n';
    }
    REQUIRE(file.flush());
  }
  ask_python("zoneinfo_oracle.py", "slots", questions.path, answers.path);

  std::ifstream answered(answers.path), asked(questions.path);
  std::string line, question;
  std::size_t characters = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(std::getline(answered, line));
    REQUIRE(std::getline(asked, question));
    if (line != expected[i]) FAIL("seed ", seed, ", scenario ", i, "\nexpand() ", expected[i], "\nzoneinfo ", line, "\n", question);
    characters += line.size();
  }
  CHECK(characters > count * 200); // most schedules have slots to disagree about
}

TEST_CASE("every transition 2010-2037 of every IANA zone equals zoneinfo") {
  const TempFile file("transitions.txt");
  ask_python("zoneinfo_oracle.py", "transitions", "/dev/null", file.path);

  struct Row {
    char kind;
    std::int64_t from, first, second;
  };
  std::vector<std::string> names;
  std::vector<Row> rows;
  std::size_t zones = 0, compared = 0, wrong = 0;
  const auto compare = [&](ZoneClock& clock, const std::string& name, const Row& row) {
    ++compared;
    std::string got, expected;
    if (row.kind == 'L') {
      got = to_string(clock.to_instant({row.from}, Ambiguous::earlier)) + " " + to_string(clock.to_instant({row.from}, Ambiguous::later));
      expected = to_string(Instant::from_seconds(row.first)) + " " + to_string(Instant::from_seconds(row.second));
    } else {
      got = std::to_string(clock.to_local(Instant::from_seconds(row.from)).seconds);
      expected = std::to_string(row.first);
    }
    if (got != expected && ++wrong <= 20) {
      const std::string what = row.kind == 'L' ? "local " + to_string(LocalDateTime{row.from}) : to_string(Instant::from_seconds(row.from));
      ADD_FAIL_CHECK_AT(__FILE__, __LINE__, name << ", " << what << ": " << got << ", zoneinfo " << expected);
    }
  };
  const auto compare_zone = [&] {
    for (const auto& name : names) {
      const bool not_a_zone = name == "Factory" || name == "localtime" || name == "posixrules";
      CHECK_MESSAGE(Zone::find(name).has_value() != not_a_zone, name);
      if (not_a_zone) continue;
      ++zones;
      // One clock in order, as expand() uses it; then out of order, so that what it remembers is of no use; and, for
      // the rows of one alias, a fresh clock each.
      ZoneClock clock(fixtures::zone(name)), jumping(fixtures::zone(name));
      for (const auto& row : rows) compare(clock, name, row);
      for (std::size_t i = 0; i < rows.size(); ++i) compare(jumping, name, rows[i * 7919 % rows.size()]);
      if (name != names.front()) continue;
      for (const auto& row : rows) {
        ZoneClock fresh(fixtures::zone(name));
        compare(fresh, name, row);
      }
    }
    names.clear();
    rows.clear();
  };

  std::ifstream in(file.path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    char kind = 0;
    words >> kind;
    if (kind == 'Z') {
      compare_zone();
      for (std::string name; words >> name;) names.push_back(name);
    } else {
      Row row{kind, 0, 0, 0};
      words >> row.from >> row.first;
      if (kind == 'L') words >> row.second;
      REQUIRE(words);
      rows.push_back(row);
    }
  }
  compare_zone();
  CHECK(wrong == 0);
  CHECK(zones > 400);
  CHECK(compared > 100'000);
  MESSAGE(zones, " zones, ", compared, " conversions compared");
}
