#include "orkestr/base/zone.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

TEST_CASE("RFC 3339 is read with any offset and written in UTC") {
  struct Row {
    std::string_view text, canonical;
  };
  static constexpr Row table[] = {
      {"2026-05-12T15:00:00Z", "2026-05-12T15:00:00Z"},
      {"2026-05-12t15:00:00z", "2026-05-12T15:00:00Z"},
      {"2026-05-12T15:00:00+02:00", "2026-05-12T13:00:00Z"},
      {"2026-05-12T15:00:00-09:30", "2026-05-13T00:30:00Z"},
      {"2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"},
      {"2026-05-12T15:00:00-00:00", "2026-05-12T15:00:00Z"},
      {"2026-05-12T15:00:00+23:59", "2026-05-11T15:01:00Z"},
      {"2026-05-12T15:00:00.5Z", "2026-05-12T15:00:00.500Z"},
      {"2026-05-12T15:00:00.120Z", "2026-05-12T15:00:00.120Z"},
      {"2026-05-12T15:00:00.0019999999999Z", "2026-05-12T15:00:00.001Z"}, // dropped, not rounded
      {"2026-05-12T15:00:00.000Z", "2026-05-12T15:00:00Z"},
      {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"}, // a leap second
      {"2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59Z"},
      {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
      {"1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
  };
  for (const auto& row : table) {
    CAPTURE(row.text);
    const auto instant = Instant::parse(row.text);
    REQUIRE(instant);
    CHECK(to_string(*instant) == row.canonical);
    CHECK(Instant::parse(row.canonical) == instant);
  }
  CHECK(at("1970-01-01T00:00:00Z").ms == 0);
  CHECK(at("2001-09-09T01:46:40Z").ms == 1'000'000'000'000);
}

TEST_CASE("what is no RFC 3339 time is refused") {
  for (std::string_view text : {"",
                                "2026-05-12",
                                "2026-05-12T15:00:00",
                                "2026-05-12T15:00Z",
                                "2026-05-12 15:00:00Z",
                                "2026-05-12T15:00:00.Z",
                                "2026-05-12T15:00:00 Z",
                                "2026-05-12T24:00:00Z",
                                "2026-05-12T15:60:00Z",
                                "2026-05-12T15:00:61Z",
                                "2026-05-12T15:00:60Z",
                                "2026-02-29T00:00:00Z",
                                "2100-02-29T00:00:00Z",
                                "2026-13-01T00:00:00Z",
                                "2026-00-01T00:00:00Z",
                                "2026-01-00T00:00:00Z",
                                "2026-04-31T00:00:00Z",
                                "2026-05-12T15:00:00+2:00",
                                "2026-05-12T15:00:00+0200",
                                "2026-05-12T15:00:00+24:00",
                                "2026-05-12T15:00:00+02:60",
                                "2026-05-12T15:00:00+02:00Z",
                                "2026-05-12T15:00:00ZZ",
                                "2026-05-12T15:00:00+",
                                "2026-05-12T15:00:00+02:0",
                                " 2026-05-12T15:00:00Z",
                                "2026-05-12T15:00:00Z ",
                                "20260512T150000Z",
                                "+2026-05-12T15:00:00Z",
                                "-026-05-12T15:00:00Z",
                                "1899-12-31T23:59:59Z",
                                "1900-01-01T00:00:00+00:01",
                                "9999-12-31T23:59:59-00:01",
                                "2026-05-12T1a:00:00Z",
                                "2026/05/12T15:00:00Z",
                                "2026-05-12T15.00.00Z",
                                "2026-05-12T-1:00:00Z",
                                "\xd9\xa2"
                                "26-05-12T15:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(Instant::parse(text));
  }
}

TEST_CASE("instants survive writing and reading") {
  Dice dice(seed());
  const Instant first = at("1900-01-01T00:00:00Z"), last = at("9999-12-31T23:59:59.999Z");
  for (int i = 0; i < 50'000; ++i) {
    const Instant instant{dice.between(first.ms, last.ms)};
    REQUIRE(Instant::parse(to_string(instant)) == instant);
  }
}

TEST_CASE("local dates, times and date-times") {
  for (std::string_view good : {"1900-01-01", "2024-02-29", "9999-12-31", "1969-12-31"})
    CHECK(to_string(LocalDate::parse(good).value()) == good);
  for (std::string_view bad :
       {"", "2026-2-01", "2026-02-29", "2026-02-30", "1899-12-31", "2026-13-01", "2026-05-12T", " 2026-05-12", "2026-05-1x", "20260512"}) {
    CAPTURE(bad);
    CHECK_FALSE(LocalDate::parse(bad));
  }
  for (std::string_view good : {"00:00", "09:30", "23:59", "24:00"}) CHECK(to_string(LocalTime::parse(good).value()) == good);
  for (std::string_view bad : {"", "9:30", "24:01", "25:00", "12:60", "12:3", "12:300", "12-30", "12:30:00", "1a:00", "-1:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(LocalTime::parse(bad));
  }
  for (std::string_view good : {"2026-05-12T09:30", "1969-12-31T23:59", "1900-01-01T00:00"})
    CHECK(to_string(LocalDateTime::parse(good).value()) == good);
  for (std::string_view bad :
       {"", "2026-05-12", "2026-05-12T24:00", "2026-05-12 09:30", "2026-05-12T09:30Z", "2026-05-12T09:30:00", "2026-02-30T09:30"}) {
    CAPTURE(bad);
    CHECK_FALSE(LocalDateTime::parse(bad));
  }
}

TEST_CASE("days of the week and the arithmetic of dates, before 1970 too") {
  struct Row {
    std::string_view date;
    int day_of_week;
  };
  static constexpr Row table[] = {{"1970-01-01", 4}, {"1969-12-31", 3}, {"1969-12-28", 0}, {"1969-12-27", 6}, {"1969-12-21", 0},
                                  {"1900-01-01", 1}, {"2026-05-10", 0}, {"2026-05-16", 6}, {"2000-02-29", 2}};
  for (const auto& row : table) {
    CAPTURE(row.date);
    CHECK(date(row.date).day_of_week() == row.day_of_week);
  }
  CHECK(date("2024-02-28") + 2 == date("2024-03-01"));
  CHECK(date("1970-01-01") + -1 == date("1969-12-31"));
  const LocalDateTime before{-1};
  CHECK(before.date() == date("1969-12-31"));
  CHECK(before.second_of_day() == 86'399);
  CHECK(LocalDateTime::of(date("2026-05-12"), time("24:00")) == wall("2026-05-13T00:00"));
}

TEST_CASE("intervals are half-open") {
  const Interval ten = span("2026-05-12T10:00:00Z", "2026-05-12T11:00:00Z");
  CHECK_FALSE(ten.overlaps(span("2026-05-12T11:00:00Z", "2026-05-12T12:00:00Z")));
  CHECK_FALSE(ten.overlaps(span("2026-05-12T09:00:00Z", "2026-05-12T10:00:00Z")));
  CHECK(ten.overlaps(span("2026-05-12T10:59:59.999Z", "2026-05-12T12:00:00Z")));
  CHECK(ten.overlaps(span("2026-05-12T09:00:00Z", "2026-05-12T12:00:00Z")));
  CHECK(ten.length() == std::chrono::hours{1});
}

TEST_CASE("zones are found by their IANA name only") {
  for (std::string_view name : {"UTC", "Europe/Madrid", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "US/Pacific"}) {
    CAPTURE(name);
    CHECK(zone(name).name() == name);
    CHECK(zone(name) == zone(name));
  }
  CHECK(Zone{} == zone("UTC"));
  for (std::string_view name :
       {"", "Mars/Olympus", "europe/madrid", "Europe/Madrid ", " UTC", "localtime", "posixrules", "Factory", "../zoneinfo/UTC",
        "/etc/passwd", "zone.tab", "tzdata.zi", "leapseconds", "posix/UTC", "right/UTC", "Europe", "+02:00", "UTC+2"}) {
    CAPTURE(name);
    CHECK(outcome(Zone::find(name)) == "invalid_parameter");
  }
  CHECK(outcome(Zone::find(std::string(100'000, 'A'))) == "invalid_parameter");
  CHECK(outcome(Zone::find(std::string_view("UTC\0", 4))) == "invalid_parameter");
  CHECK(tzdb_version().size() >= 5);
}

TEST_CASE("a clock of a zone: gaps, ambiguities, and memory that jumps") {
  ZoneClock clock(zone("America/New_York"));
  const auto instant = [&](std::string_view local, Ambiguous pick) { return to_string(clock.to_instant(wall(local), pick)); };
  CHECK(instant("2026-03-08T02:30", Ambiguous::earlier) == "2026-03-08T07:00:00Z");
  CHECK(instant("2026-03-08T02:30", Ambiguous::later) == "2026-03-08T07:00:00Z");
  CHECK(instant("2026-11-01T01:30", Ambiguous::earlier) == "2026-11-01T05:30:00Z");
  CHECK(instant("2026-11-01T01:30", Ambiguous::later) == "2026-11-01T06:30:00Z");
  CHECK(instant("2026-03-08T01:59", Ambiguous::later) == "2026-03-08T06:59:00Z");
  CHECK(instant("2026-07-01T12:00", Ambiguous::later) == "2026-07-01T16:00:00Z");
  CHECK(to_string(clock.to_local(at("2026-11-01T05:59:59.999Z"))) == "2026-11-01T01:59");
  CHECK(to_string(clock.to_local(at("2026-11-01T06:00:00Z"))) == "2026-11-01T01:00");
  CHECK(to_string(clock.to_local(at("1969-12-31T23:59:59.999Z"))) == "1969-12-31T18:59");
}
