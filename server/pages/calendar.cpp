#include "pages/page.hpp"

#include "orkestr/base/zone.hpp"

#include <algorithm>

namespace orkestr::server::pages {
namespace {

struct Month {
  int year = 0;
  unsigned month = 1;

  [[nodiscard]] static Month of(LocalDate date) {
    const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{date.days}}};
    return {static_cast<int>(day.year()), static_cast<unsigned>(day.month())};
  }
  [[nodiscard]] static std::optional<Month> parse(const std::string& text) {
    const auto first = LocalDate::parse(text + "-01");
    return first ? std::optional{of(*first)} : std::nullopt;
  }
  [[nodiscard]] LocalDate first() const { return LocalDate::of(year, month, 1); }
  [[nodiscard]] Month next() const { return month == 12 ? Month{year + 1, 1} : Month{year, month + 1}; }
  [[nodiscard]] Month before() const { return month == 1 ? Month{year - 1, 12} : Month{year, month - 1}; }
  [[nodiscard]] std::string text() const { return to_string(first()).substr(0, 7); }
  friend auto operator<=>(const Month&, const Month&) = default;
};

/// The end of a time that begins with a slot: where slots are shorter than what is wanted, those that follow at once are taken with it.
class Joining {
 public:
  Joining(const Object& answer, bool daily, const Wanted& wanted, ZoneClock& clock) : daily_(daily), wanted_(wanted), clock_(clock) {
    for (const auto& each : list_at(answer, "slots"))
      if (const auto start = Instant::parse(text_at(each.as_object(), "startsAt"))) slots.emplace(*start, &each.as_object());
  }
  [[nodiscard]] std::optional<Instant> end_of(Instant start) const {
    // A day is as long as clocks make it.
    const auto least = daily_ && wanted_.length >= std::chrono::hours{24} ? wanted_.length - std::chrono::hours{2} : wanted_.length;
    auto end = end_of_slot(start);
    while (end && (*end - start < least || (daily_ && !same_time(start, *end)))) {
      if (*end - start > wanted_.length + std::chrono::hours{2}) return std::nullopt;
      end = end_of_slot(*end);
    }
    if (end && wanted_.exact && !daily_ && *end - start != wanted_.length) return std::nullopt;
    return end;
  }
  std::map<Instant, const Object*> slots; ///< by their start

 private:
  [[nodiscard]] std::optional<Instant> end_of_slot(Instant start) const {
    const auto found = slots.find(start);
    return found == slots.end() ? std::nullopt : Instant::parse(text_at(*found->second, "endsAt"));
  }
  [[nodiscard]] bool same_time(Instant a, Instant b) const {
    return clock_.to_local(a).second_of_day() == clock_.to_local(b).second_of_day();
  }

  const bool daily_;
  const Wanted& wanted_;
  ZoneClock& clock_;
};

Instant noon_of(LocalDate date) { return {(static_cast<std::int64_t>(date.days) * 24 + 12) * 3'600'000}; }

} // namespace

Object put_calendar(Page& page, Data& data, const Object& offering, const Wanted& wanted) {
  const std::string zone_name{text_at(offering, "timeZone")};
  const auto zone = Zone::find(zone_name);
  if (!zone) return {};
  const bool daily = text_at(offering, "pricingModel") == "DAILY";
  ZoneClock clock(*zone);
  const LocalDate today = clock.to_local(page.now).date();
  const LocalDate last = today + static_cast<int>(std::clamp<std::int64_t>(integer_at(offering, "maxAdvanceDays"), 0, 3650));
  const Month first_month = Month::of(today), last_month = Month::of(last);
  Month month = std::clamp(Month::parse(at(page.query, "month")).value_or(first_month), first_month, last_month);

  // The first month with something free, when none was asked for: who looks on the 31st would see an empty one.
  std::map<LocalDate, std::vector<Interval>> days;
  std::map<Instant, const Object*> slots;
  Object answer;
  for (int tries = 0;; ++tries) {
    // A booking that begins late may need slots of the next month.
    const LocalDate from = std::max(month.first(), today), to = month.next().first() + static_cast<int>(wanted.length.count() / 1440) + 1;
    const Query query{{"from", to_string(from)}, {"to", to_string(to)}, {"quantity", std::to_string(wanted.quantity)}};
    if (page.ask(link("/offerings/" + encode(text_at(offering, "slug")) + "/slots", query), answer) != 200) {
      put(data, "unknown", true);
      answer = {};
      break;
    }
    days.clear();
    const Joining joining(answer, daily, wanted, clock);
    for (const auto& [start, slot] : joining.slots)
      if (const LocalDate date = clock.to_local(start).date(); Month::of(date) == month)
        if (const auto end = joining.end_of(start)) days[date].push_back({start, *end});
    slots = joining.slots;
    if (!days.empty() || !at(page.query, "month").empty() || month == last_month || tries == 2) break;
    month = month.next();
  }
  const auto asked = LocalDate::parse(at(page.query, "day"));
  const auto chosen = asked && days.contains(*asked) ? days.find(*asked) : days.begin();
  const auto here = [&](std::string_view month_text, std::string_view day) {
    return link(page.base + page.path, wanted.keep, {{"month", month_text}, {"day", day}}) + "#times";
  };

  // What goes along with the time that is chosen.
  data.set("hidden", fields_of(wanted.sent));
  for (const auto* name : {"calendar", "carried", "times"})
    data.set(name, Data{kainjow::mustache::partial{[name] { return std::string{template_text(name)}; }}});
  // What the script needs to go on from here.
  put(data, "slug", text_at(offering, "slug"));
  data.set("least", std::to_string(wanted.length.count()));
  put(data, "exact", wanted.exact);
  put(data, "daily", daily);
  data.set("quantity", std::to_string(wanted.quantity));
  data.set("today", to_string(today));
  data.set("last", to_string(last));
  data.set("shownMonth", month.text());
  put(data, "shownDay", chosen == days.end() ? std::string{} : to_string(chosen->first));
  data.set("month", page.day(noon_of(month.first()), "UTC", "MMMMy"));
  if (month > first_month) data.set("before", here(month.before().text(), ""));
  if (month < last_month) data.set("next", here(month.next().text(), ""));
  Data names{Data::type::list};
  for (int weekday = 0; weekday < 7; ++weekday) { // from Monday
    const Instant day = noon_of(LocalDate::of(2024, 1, 1) + weekday);
    Data name{Data::type::object};
    name.set("short", page.day(day, "UTC", "EEEEE"));
    name.set("long", page.day(day, "UTC", "EEEE"));
    names << name;
  }
  data.set("weekdays", names);
  Data weeks{Data::type::list};
  const int lead = (month.first().day_of_week() + 6) % 7;
  for (LocalDate monday = month.first() + -lead; monday < month.next().first(); monday = monday + 7) {
    Data cells{Data::type::list};
    for (int i = 0; i < 7; ++i) {
      const LocalDate date = monday + i;
      Data cell{Data::type::object};
      if (Month::of(date) == month) {
        const auto free = days.find(date);
        cell.set("number", std::to_string(date.days - month.first().days + 1));
        put(cell, "full", free == days.end());
        if (free != days.end()) {
          const auto count = std::ssize(free->second);
          cell.set("href", here(month.text(), to_string(date)));
          cell.set("label", page.say("times.dayFree", {{"day", page.day(noon_of(date), "UTC", "EEEEdMMMM")}, {"n", count}}));
        }
        put(cell, "chosen", chosen != days.end() && chosen->first == date);
        put(cell, "today", date == today);
      } else {
        cell.set("blank", Data{true});
      }
      cells << cell;
    }
    Data week{Data::type::object};
    week.set("cells", cells);
    weeks << week;
  }
  data.set("weeks", weeks);
  data.set("zone", zone_name);
  data.set("zoneLine", page.say("times.zone", {{"zone", page.day(page.now, zone_name, "vvvv")}, {"id", zone_name}}));
  put(data, "empty",
      days.empty() && !answer.empty() ? page.say("times.none", {{"month", page.day(noon_of(month.first()), "UTC", "MMMMy")}}) : "");
  if (chosen == days.end()) return answer;
  data.set("day", page.day(noon_of(chosen->first), "UTC", "EEEEdMMMM"));
  Data times{Data::type::list};
  for (const auto& [start, end] : chosen->second) {
    Data slot{Data::type::object};
    slot.set("time", page.day(start, zone_name, "jm"));
    slot.set("until", page.say("times.to", {{"time", page.day(end, zone_name, end - start >= std::chrono::hours{24} ? "MMMdjm" : "jm")}}));
    slot.set("datetime", to_string(start));
    slot.set("ends", to_string(end));
    const auto left = integer_at(*slots.at(start), "remaining");
    put(slot, "left", left <= 3 && integer_at(*slots.at(start), "capacity") > 1 ? page.say("times.left", {{"n", left}}) : "");
    times << slot;
  }
  data.set("slots", times);
  return answer;
}

} // namespace orkestr::server::pages
