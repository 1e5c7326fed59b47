#include "orkestr/engine/csv_import.hpp"

#include "base/text.hpp"
#include "orkestr/engine/notification.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1 {
namespace {

constexpr std::string_view days[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// What stands before the mark, and goes with it.
std::string_view take(std::string_view& text, std::string_view marks) {
  const auto end = std::min(text.find_first_of(marks), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  return take(text, " \t\r\n");
}

/// `Mon` or more of it, of any case.
std::optional<int> day_of(std::string_view word) {
  const auto lower = ascii_lower(std::string{word});
  for (int day = 0; day < 7; ++day)
    if (lower.size() >= 3 && days[day].starts_with(lower)) return day;
  return std::nullopt;
}

/// `Mon-Fri,Sun` or `daily`, by day.
std::optional<std::vector<int>> days_of(std::string_view words) {
  std::array<bool, 7> open{};
  if (ascii_lower(std::string{words}) == "daily")
    open.fill(true);
  else if (words.empty() || words.ends_with(','))
    return std::nullopt;
  else
    while (!words.empty()) {
      auto last = take(words, ",");
      const bool several = last.find('-') != std::string_view::npos;
      const auto first = day_of(take(last, "-"));
      const auto until = several ? day_of(last) : first;
      if (!first || !until) return std::nullopt;
      for (int day = *first;; day = (day + 1) % 7) {
        open[static_cast<std::size_t>(day)] = true;
        if (day == *until) break;
      }
    }
  std::vector<int> list;
  for (int day = 0; day < 7; ++day)
    if (open[static_cast<std::size_t>(day)]) list.push_back(day);
  return list;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || text.front() == '-' || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> minutes_of(std::string_view word) {
  return word.ends_with("min") ? whole(word.substr(0, word.size() - 3)) : std::nullopt;
}

constexpr std::string_view how =
    "Use days, hours and the length of a slot, such as \"Mon-Fri 09:00-17:00 60min x2; Sat 10:00-14:00 30min\".";

/// One part, without its day; what is wrong with it goes to `wrong`.
json::Object rule_of(std::string_view hours, std::string_view rest, const std::function<void(std::string)>& wrong) {
  json::Object rule;
  const auto dash = hours.find('-');
  if (dash == std::string_view::npos) {
    wrong("\"" + shortened(std::string{hours}) + "\" are no hours such as 09:00-17:00.");
    return rule;
  }
  rule["startTime"] = hours.substr(0, dash);
  rule["endTime"] = hours.substr(dash + 1);
  while (!trimmed(rest).empty()) {
    const auto word = take_word(rest);
    const auto put = [&](const char* name, json::Value value) {
      if (rule.contains(name)) wrong("\"" + shortened(std::string{word}) + "\" says again what was said before it.");
      rule[name] = std::move(value);
    };
    if (const auto slot = minutes_of(word)) {
      put("slotMinutes", *slot);
    } else if (word == "every") {
      const auto step = take_word(rest);
      if (const auto minutes = minutes_of(step))
        put("stepMinutes", *minutes);
      else
        wrong("\"every\" is followed by minutes, such as 30min.");
    } else if (word == "from" || word == "until") {
      const auto date = take_word(rest);
      put(word == "from" ? "validFrom" : "validUntil", json::Value(date));
    } else if (const auto units = word.starts_with('x') ? whole(word.substr(1)) : std::nullopt) {
      put("capacity", *units);
    } else {
      wrong("\"" + shortened(std::string{word}) + "\" is not understood.");
      return rule;
    }
  }
  return rule;
}

} // namespace

constexpr std::size_t enough = 10'000;

std::vector<json::Object> read_hours(std::string_view text, FunctionRef<void(std::string_view code, std::string detail)> fault) {
  std::vector<json::Object> rules;
  // Whoever asked refuses that many; the rest of them would only take room.
  for (int part = 1; !text.empty() && rules.size() <= enough; ++part) {
    auto rest = trimmed(take(text, ";"));
    if (rest.empty()) continue;
    bool ok = true;
    const auto wrong = [&](const std::string& what) {
      if (std::exchange(ok, false)) fault("invalid_format", "Part " + std::to_string(part) + ": " + what + " " + std::string{how});
    };
    const auto words = take_word(rest), hours = take_word(rest);
    const auto open = days_of(words);
    if (!open) wrong("\"" + shortened(std::string{words}) + "\" are no days such as Mon-Fri, Sat,Sun or daily.");
    const auto rule = rule_of(hours, rest, wrong);
    if (!ok) continue;
    for (const int day : *open) rules.emplace_back(rule)["dayOfWeek"] = day;
  }
  return rules;
}

} // namespace orkestr::inline v1
