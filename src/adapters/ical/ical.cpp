#include "orkestr/adapters/ical.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include <libical/ical.h>

namespace orkestr::inline v1 {
namespace {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

/// A text without what no TEXT may hold (RFC 5545, §3.3.11): controls, but for line ends.
std::string text_of(std::string_view text) {
  std::string clean{text};
  std::erase(clean, '\r');
  std::ranges::replace_if(
      clean, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == 0x7f; }, ' ');
  return clean;
}

icaltimetype time_of(Instant at) {
  return icaltime_from_timet_with_zone(static_cast<time_t>(at.ms / 1000), 0, icaltimezone_get_utc_timezone());
}

icalproperty_status status_of(EventState state) {
  switch (state) {
  case EventState::tentative: return ICAL_STATUS_TENTATIVE;
  case EventState::confirmed: return ICAL_STATUS_CONFIRMED;
  case EventState::cancelled: break;
  }
  return ICAL_STATUS_CANCELLED;
}

/// A property that libical has no name for.
void add_other(icalcomponent* to, const char* name, const std::string& value) {
  auto* property = icalproperty_new_x(value.c_str());
  icalproperty_set_x_name(property, name);
  icalcomponent_add_property(to, property);
}

icalcomponent* event_of(const CalendarEvent& event) {
  auto* made = icalcomponent_new_vevent();
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(made, property); };
  add(icalproperty_new_uid(event.uid.c_str()));
  add(icalproperty_new_dtstamp(time_of(event.changed_at)));
  add(icalproperty_new_lastmodified(time_of(event.changed_at)));
  add(icalproperty_new_sequence(event.sequence));
  add(icalproperty_new_dtstart(time_of(event.starts_at)));
  add(icalproperty_new_dtend(time_of(event.ends_at)));
  add(icalproperty_new_summary(text_of(event.summary).c_str()));
  if (!event.description.empty()) add(icalproperty_new_description(text_of(event.description).c_str()));
  if (!event.url.empty()) add(icalproperty_new_url(text_of(event.url).c_str()));
  add(icalproperty_new_status(status_of(event.state)));
  add(icalproperty_new_transp(event.state == EventState::cancelled ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
  return made;
}

} // namespace

std::string write_ical(const Calendar& calendar) {
  const Component root(icalcomponent_new_vcalendar());
  if (!root) throw std::bad_alloc();
  const auto add = [&](icalproperty* property) { icalcomponent_add_property(root.get(), property); };
  add(icalproperty_new_version("2.0"));
  add(icalproperty_new_prodid("-//Orkestr//Bookings//EN"));
  add(icalproperty_new_method(ICAL_METHOD_PUBLISH));
  add_other(root.get(), "X-WR-CALNAME", text_of(calendar.name));
  // RFC 7986 and what was there before it: ask again in an hour.
  auto* refresh = icalproperty_new_from_string("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
  if (refresh != nullptr) add(refresh);
  add_other(root.get(), "X-PUBLISHED-TTL", "PT1H");
  for (const auto& event : calendar.events) icalcomponent_add_component(root.get(), event_of(event));
  const std::unique_ptr<char, decltype(&icalmemory_free_buffer)> text(icalcomponent_as_ical_string_r(root.get()), icalmemory_free_buffer);
  if (!text) throw std::bad_alloc();
  return text.get();
}

} // namespace orkestr::inline v1
