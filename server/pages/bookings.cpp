#include "pages/bookings.hpp"

#include "pages/words.hpp"

#include <algorithm>
#include <ranges>

namespace orkestr::server::pages {
namespace {

constexpr std::size_t most_kept = 20; // bookings in a browser's cookie
constexpr std::string_view cookie_terms = "; Path=/bookings; HttpOnly; SameSite=Lax";

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
}
bool is_token(std::string_view text) { return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, is_token_character); }

std::string cookie_of(const Page& page, std::string_view name) { return std::string{page.request.cookie(name)}; }

void set_cookie(Page& page, std::string_view name, std::string_view value, std::string_view age) {
  std::string cookie{name};
  cookie.append(1, '=').append(value).append(cookie_terms).append("; Max-Age=").append(age);
  if (page.secure()) cookie += "; Secure";
  page.cookies.push_back(std::move(cookie));
}

/// What this browser has booked, the newest first: ids and the tokens that open them.
std::vector<std::pair<std::string, std::string>> kept(const Page& page) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto cookie = cookie_of(page, "bookings");
  for (std::string_view all = cookie; !all.empty() && pairs.size() < most_kept;) {
    const auto part = all.substr(0, all.find('~'));
    all.remove_prefix(std::min(part.size() + 1, all.size()));
    const auto colon = part.find(':');
    if (colon != std::string_view::npos && BookingId::parse(part.substr(0, colon)) && is_token(part.substr(colon + 1)))
      pairs.emplace_back(part.substr(0, colon), part.substr(colon + 1));
  }
  return pairs;
}

/// The token stays with this browser, for the pages of bookings alone.
void keep(Page& page, std::string_view booking, std::string_view token) {
  std::string value = std::string{booking} + ":" + std::string{token};
  std::size_t count = 1;
  for (const auto& [id, known] : kept(page))
    if (id != booking && ++count <= most_kept) value.append(1, '~').append(id).append(1, ':').append(known);
  set_cookie(page, "bookings", value, "31536000");
}

} // namespace

int Managed::ask(const std::string& below, Object& answer, api::Method method, const Object& body, const std::string& key) const {
  const bool writes = method == api::Method::post || method == api::Method::patch;
  return page.ask("/bookings/" + id + below, answer, {method, writes ? boost::json::serialize(body) : "", token, key});
}
std::string Managed::link(std::string_view below) const {
  std::string path = page.base + "/bookings/" + id + std::string{below};
  return in_address ? path + "?token=" + encode(token) : path;
}
Data Managed::data() const {
  Data data{Data::type::object};
  put(data, "path", page.base + "/bookings/" + id);
  put(data, "keep", in_address ? "?token=" + encode(token) : "");
  put(data, "title", text_at(item(), "offeringTitle"));
  return data;
}
void Managed::tell(std::string_view type) const {
  page.event = {{"type", type},
                {"id", id},
                {"status", text_at(booking, "status")},
                {"startsAt", text_at(item(), "startsAt")},
                {"endsAt", text_at(item(), "endsAt")}};
}
const Object& Managed::item() const {
  static const Object none;
  const auto& items = list_at(booking, "items");
  return items.empty() ? none : items.front().as_object();
}

std::string status_words(const Page& page, std::string_view status) {
  if (status == "CONFIRMED") return page.say("status.confirmed");
  if (status == "CANCELLED") return page.say("status.cancelled");
  if (status == "COMPLETED") return page.say("status.completed");
  if (status == "REFUNDED") return page.say("status.refunded");
  return page.say("status.pending");
}

std::string calendar_file(const Managed& managed) {
  const auto& booking = managed.booking;
  const auto stamp = [](std::string_view instant) {
    std::string out;
    for (const char c : instant.substr(0, 19))
      if (c != '-' && c != ':') out += c;
    return out + "Z";
  };
  const auto escaped = [](std::string_view text) { // RFC 5545, 3.3.11
    std::string out;
    for (const char c : text) {
      if (c == '\\' || c == ';' || c == ',') out += '\\';
      if (c == '\n')
        out += "\\n";
      else if (c != '\r')
        out += c;
    }
    return out;
  };
  std::string text;
  // Lines are folded at 75 octets, not within a character (RFC 5545, 3.1).
  const auto line = [&](std::string_view name, std::string_view value) {
    std::size_t width = name.size() + 1;
    text.append(name).append(1, ':');
    for (const char c : value) {
      if (width >= 72 && (static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        text += "\r\n ";
        width = 1;
      }
      text += c;
      ++width;
    }
    text += "\r\n";
  };
  const auto status = text_at(booking, "status");
  const auto made = Instant::parse(text_at(booking, "createdAt")), changed = Instant::parse(text_at(booking, "updatedAt"));
  line("BEGIN", "VCALENDAR");
  line("VERSION", "2.0");
  line("PRODID", "-//Orkestr//Storefront//EN");
  for (const auto& each : list_at(booking, "items")) {
    const auto& item = each.as_object();
    line("BEGIN", "VEVENT");
    line("UID", text_at(item, "id"));
    line("DTSTAMP", stamp(text_at(booking, "updatedAt")));
    line("DTSTART", stamp(text_at(item, "startsAt")));
    line("DTEND", stamp(text_at(item, "endsAt")));
    line("SUMMARY", escaped(text_at(item, "offeringTitle")));
    line("STATUS", status == "CANCELLED" || status == "REFUNDED" ? "CANCELLED" : status == "PENDING" ? "TENTATIVE" : "CONFIRMED");
    line("SEQUENCE", std::to_string(made && changed ? (*changed - *made) / std::chrono::seconds{1} : 0)); // rises with each change
    if (!managed.page.embedded()) line("URL", managed.page.origin() + "/bookings/" + managed.id);
    line("END", "VEVENT");
  }
  line("END", "VCALENDAR");
  return text;
}

namespace {

api::Response cancel(const Managed& managed) {
  Object ended;
  const int code = managed.ask("/cancel", ended, api::Method::post, {}, "cancel-" + managed.id);
  if (code == 200 || code == 409) return managed.page.see(managed.link());
  return managed.page.trouble_of(code);
}

/// Its items, each in the zone of its offering; in the tenant's, when that is not offered any more. @returns whether it can be moved
/// @param titles  is given what they are called
bool put_items(const Managed& managed, Data& data, std::vector<Title>& titles) {
  Page& page = managed.page;
  bool movable = false;
  Data items{Data::type::list};
  for (const auto& each : list_at(managed.booking, "items")) {
    const auto& item = each.as_object();
    Object offering;
    const bool offered = page.ask_content("/offerings/" + encode(text_at(item, "offeringId")), offering) == 200;
    Title title = title_of(offering);
    if (title.written != text_at(item, "offeringTitle"))
      title = {std::string{text_at(item, "offeringTitle")}, std::string{text_at(item, "offeringTitle")}}; // as it was then
    movable |= offered && is_at(offering, "rescheduleAllowed");
    Data one{Data::type::object};
    put(one, "title", title.shown);
    put_quantity(one, item);
    put_times(page, one, text_at(item, "startsAt"), text_at(item, "endsAt"), text_at(offered ? offering : page.brand, "timeZone"));
    items << one;
    titles.push_back(std::move(title));
  }
  data.set("items", items);
  return movable;
}

/// What the customer has said of it, and may say.
void put_voices(const Managed& managed, Data& data, std::string_view status) {
  Page& page = managed.page;
  const auto starts = Instant::parse(text_at(managed.item(), "startsAt"));
  Object reviews, disputes;
  if (managed.ask("/reviews", reviews) != 200) reviews = {};
  const bool reviewed = !list_at(reviews, "data").empty();
  const bool reviewable = status == "COMPLETED" || (status == "CONFIRMED" && starts && *starts <= page.now);
  put(data, "canReview", reviewable && !reviewed);
  put(data, "reviewed", reviewed);
  if (managed.ask("/disputes", disputes) != 200) disputes = {};
  Data list{Data::type::list};
  bool going_on = false;
  for (const auto& each : list_at(disputes, "data")) {
    const auto& dispute = each.as_object();
    going_on |= text_at(dispute, "status") != "WITHDRAWN";
    Data one{Data::type::object};
    put(one, "href", managed.link("/disputes/" + std::string{text_at(dispute, "id")}));
    put(one, "label", dispute_words(page, dispute));
    put(one, "reason", cut(text_at(dispute, "reason"), 120));
    list << one;
  }
  data.set("disputes", list);
  put(data, "hasDisputes", !list_at(disputes, "data").empty());
  put(data, "canDispute", !going_on && status != "PENDING");
}

api::Response receipt(const Managed& managed, bool asks_to_cancel) {
  Page& page = managed.page;
  const auto& booking = managed.booking;
  const auto status = text_at(booking, "status");
  const bool over = status == "CANCELLED" || status == "REFUNDED" || status == "COMPLETED";
  Data data = managed.data();
  put(data, "id", managed.id);
  put(data, "status", status_words(page, status));
  put(data, "confirmed", status == "CONFIRMED");
  put(data, "pending", status == "PENDING");
  const auto& customer = object_at(booking, "customer");
  const auto name = text_at(customer, "name");
  put(data, "headline",
      status == "CONFIRMED" ? page.say("booking.soon", {{"name", name}})
      : status == "PENDING" ? page.say("booking.thanks", {{"name", name}})
                            : page.say("booking.yours"));
  put(data, "number", page.say("booking.number", {{"id", managed.id}}));
  put(data, "willConfirm", page.say("booking.willConfirm", {{"email", text_at(customer, "email")}}));
  std::vector<Title> titles;
  put(data, "canMove", put_items(managed, data, titles) && !over);
  put_prices(page, data, booking, list_at(booking, "priceLines"), titles);
  put_voices(managed, data, status);
  Amount paid = 0, returned = 0;
  bool open = false;
  for (const auto& each : list_at(booking, "payments")) {
    const auto& payment = each.as_object();
    const auto state = text_at(payment, "status");
    open |= state == "PENDING";
    if (state == "PENDING" || state == "FAILED") continue;
    paid += integer_at(payment, "amountCents");
    returned += integer_at(payment, "refundedCents") + integer_at(payment, "refundingCents");
  }
  const Currency currency = currency_at(booking);
  put(data, "paid", paid > 0 ? money_words(paid, currency, page.locale) : "");
  put(data, "returned", returned > 0 ? money_words(returned, currency, page.locale) : "");
  const Amount owed = std::max<Amount>(integer_at(booking, "totalCents") - paid, 0);
  put(data, "toPay", !over && owed > 0 && page.takes_cards());
  const auto amount = money_words(owed, currency, page.locale);
  put(data, "owed", page.say("booking.owed", {{"amount", amount}}));
  put(data, "arranged", !over && owed > 0 && !page.takes_cards());
  if (const auto due = Instant::parse(text_at(booking, "paymentDueAt")))
    put(data, "owed",
        page.say("booking.owedBy", {{"amount", amount}, {"due", page.day(*due, text_at(page.brand, "timeZone"), "EEEEdMMMMjmv")}}));
  // What the bank says of a payment that has been made arrives in a moment.
  if (!over && open && owed > 0 && page.takes_cards()) {
    Object opened;
    const int code = managed.ask("/pay", opened, api::Method::post);
    const auto state = text_at(opened, "state");
    if (code == 409)
      page.refresh = 1; // it has arrived since the booking was read
    else if (state == "processing" || state == "succeeded")
      page.refresh = 3;
  }
  put(data, "waiting", page.refresh > 0);
  if (status == "PENDING" && owed > 0 && page.takes_cards())
    put(data, "status", page.say(page.refresh > 0 ? "status.paying" : "status.unpaid"));
  data.set("policy", policy_words(object_at(booking, "cancellationPolicy"), *page.words));
  Object terms;
  const bool can_cancel = !over && managed.ask("/cancel?dryRun=true", terms, api::Method::post) == 200;
  put(data, "canCancel", can_cancel);
  put(data, "asked", can_cancel && asks_to_cancel);
  const auto percent = integer_at(terms, "refundPercent");
  put(data, "refund", percent > 0 ? page.say("booking.refundAsked", {{"percent", percent}}) : page.say("booking.noRefundAsked"));
  if (asks_to_cancel) page.refresh = 0;
  page.title = status_words(page, status);
  managed.tell(status == "CONFIRMED" ? "booking_confirmed" : status == "PENDING" ? "booking_created" : "");
  return page.answer("booking", data);
}

} // namespace

api::Response booking(Page& page, std::string_view id, std::string_view below) {
  page.quiet = true;
  Managed managed{page, std::string{id}, {}};
  // The checkout, or a link in an e-mail, brings the token; it leaves the address, which others may see, once the browser has shown
  // that it keeps it. A widget's pages have no other place for it.
  const auto told = at(page.query, "token");
  const auto known = page.embedded() ? decltype(kept(page)){} : kept(page);
  const auto found = std::ranges::find(known, id, &std::pair<std::string, std::string>::first);
  const std::string own = found != known.end() ? found->second : std::string{}, session = cookie_of(page, "session");
  int code = 404;
  for (const auto& token : {told, own, page.embedded() ? std::string{} : session}) {
    if (!is_token(token)) continue;
    managed.token = token;
    code = managed.ask("", managed.booking);
    if (code != 404 && code != 401) break;
  }
  if (code == 404 || code == 401) return page.trouble(404, "booking.notOpen", "booking.notOpenText");
  if (code != 200) return page.trouble_of(code);
  managed.in_address = managed.token == told && (page.embedded() || own != told);
  if (managed.token == told && !page.embedded() && !page.is_post()) {
    if (own == told) return page.see(managed.link(below));
    keep(page, id, told);
    if (at(page.query, "kept").empty()) return page.see(managed.link(below) + "&kept=1");
  }
  if (below.empty()) return receipt(managed, false);
  if (below == "/cancel") return page.is_post() ? cancel(managed) : receipt(managed, true);
  if (below == "/pay" && page.takes_cards()) return pay(managed);
  if (below == "/move") return move(managed);
  if (below == "/review") return review(managed);
  if (below == "/disputes" || below.starts_with("/disputes/")) return disputes(managed, below.substr(9));
  if (below == "/calendar.ics") {
    api::Response response;
    response.set("Content-Type", "text/calendar; charset=utf-8");
    response.set("Content-Disposition", "attachment; filename=\"booking.ics\"");
    response.set("Cache-Control", "private, no-store");
    response.body = calendar_file(managed);
    return response;
  }
  return page.trouble_of(404);
}

// ---- the list of them ----------------------------------------------------------------------------------------------

namespace {

/// All that this browser may see: what it has booked, and what belongs to the address that was proved by a link.
/// @param session  is made empty when it opens nothing any more
std::vector<Object> bookings_of(Page& page, std::string& session) {
  std::vector<Object> found;
  if (!is_token(session)) session.clear();
  if (!session.empty()) {
    Object list;
    const int code = page.ask("/bookings?limit=100", list, {api::Method::get, {}, session});
    for (const auto& each : list_at(list, "data")) found.push_back(each.as_object());
    if (code == 401 || code == 404) {
      session.clear();
      set_cookie(page, "session", "", "0");
    }
  }
  for (const auto& [id, token] : kept(page)) {
    if (std::ranges::any_of(found, [&id = id](const Object& other) { return text_at(other, "id") == id; })) continue;
    Object booking;
    if (page.ask("/bookings/" + id, booking, {api::Method::get, {}, token}) == 200) found.push_back(std::move(booking));
  }
  const auto start = [](const Object& booking) {
    const auto& items = list_at(booking, "items");
    return items.empty() ? std::string_view{} : text_at(items.front().as_object(), "startsAt");
  };
  std::ranges::sort(found, std::greater{}, start);
  return found;
}

/// @param zones  of offerings that were asked for before
Data card_of(Page& page, const Object& booking, std::map<std::string, std::string, std::less<>>& zones) {
  const auto& items = list_at(booking, "items");
  const Object none;
  const auto& item = items.empty() ? none : items.front().as_object();
  Data card{Data::type::object};
  put(card, "href", "/bookings/" + std::string{text_at(booking, "id")});
  put(card, "title", text_at(item, "offeringTitle"));
  put(card, "status", status_words(page, text_at(booking, "status")));
  put(card, "good", text_at(booking, "status") == "CONFIRMED");
  const std::string offering{text_at(item, "offeringId")};
  auto zone = zones.find(offering);
  if (zone == zones.end()) {
    Object answer;
    const bool offered = page.ask("/offerings/" + encode(offering), answer) == 200;
    zone = zones.emplace(offering, text_at(offered ? answer : page.brand, "timeZone")).first;
  }
  put_times(page, card, text_at(item, "startsAt"), text_at(item, "endsAt"), zone->second);
  put(card, "total", page.money(booking, "totalCents"));
  return card;
}

} // namespace

api::Response bookings(Page& page, std::string_view below) {
  page.quiet = true;
  page.title = page.say("frame.yourBookings");
  Data data{Data::type::object};
  FormErrors errors{"email"};
  for (const auto* name : {"sent", "open", "noMail", "calendar", "calendarOver"}) put(data, name, false);
  const auto form = form_of(page);
  put(data, "email", at(form, "email"));
  Object answer;
  if (below == "/link" && page.is_post()) {
    const int code = page.ask("/customer-links", answer, {api::Method::post, boost::json::serialize(Object{{"email", at(form, "email")}})});
    if (code == 422 || code == 400) {
      errors.take(page, answer, {{"/email", "email"}});
      page.status = 422;
    } else if (code == 501) {
      put(data, "noMail", true);
    } else if (code != 202) {
      return page.trouble_of(code);
    } else {
      put(data, "sent", page.say("bookings.sent", {{"email", at(form, "email")}}));
    }
  } else if (below == "/open") {
    // A button, not the link itself: what looks at mails before people do must not use it up.
    const auto token = page.is_post() ? at(form, "link") : at(page.query, "link");
    if (page.is_post()) {
      const int code = page.ask("/customer-sessions", answer, {api::Method::post, boost::json::serialize(Object{{"link", token}})});
      if (code == 201) {
        set_cookie(page, "session", text_at(answer, "sessionToken"), "2592000");
        return page.see("/bookings");
      }
      if (code == 429 || code >= 500) return page.trouble_of(code);
      page.status = 404;
      put(errors.data, "other", page.say("bookings.linkUsed"));
    } else {
      put(data, "open", token);
    }
  } else if (below == "/leave" && page.is_post()) {
    if (const auto session = cookie_of(page, "session"); is_token(session))
      (void)page.ask("/customer-sessions/current", answer, {api::Method::del, {}, session});
    for (const auto* name : {"session", "bookings"}) set_cookie(page, name, "", "0"); // whoever comes next sees nothing
    return page.see("/bookings");
  } else if ((below == "/calendar" || below == "/calendar/end") && page.is_post()) {
    const auto session = cookie_of(page, "session");
    if (!is_token(session)) return page.see("/bookings");
    const bool over = below == "/calendar/end";
    const int code = page.ask("/calendar-token", answer, {over ? api::Method::del : api::Method::post, {}, session});
    if (code == 401) return page.see("/bookings");
    if (code != 201 && code != 204 && code != 404) return page.trouble_of(code);
    put(data, "calendarOver", over);
    if (const auto url = text_at(answer, "url"); code == 201) {
      put(data, "calendar", url);
      put(data, "calendarLink", "webcal" + std::string{url.substr(std::min(url.find(':'), url.size()))});
    } else if (!over) {
      put(errors.data, "other", page.say("bookings.nothing"));
    }
  } else if (!below.empty()) {
    return page.trouble_of(404);
  }
  auto session = cookie_of(page, "session");
  std::map<std::string, std::string, std::less<>> zones;
  Data coming{Data::type::list}, past{Data::type::list};
  bool any_coming = false, any_past = false;
  for (const auto& booking : bookings_of(page, session)) {
    const auto& items = list_at(booking, "items");
    const auto ends = items.empty() ? std::nullopt : Instant::parse(text_at(items.back().as_object(), "endsAt"));
    const auto status = text_at(booking, "status");
    const bool live = (status == "PENDING" || status == "CONFIRMED") && ends && *ends > page.now;
    (live ? any_coming : any_past) = true;
    (live ? coming : past) << card_of(page, booking, zones);
  }
  data.set("coming", coming);
  data.set("past", past);
  put(data, "hasComing", any_coming);
  put(data, "hasPast", any_past);
  put(data, "none", !any_coming && !any_past);
  put(data, "signedIn", !session.empty());
  put(data, "leaves", !session.empty() || any_coming || any_past);
  data.set("errors", errors.data);
  return page.answer("bookings", data);
}

} // namespace orkestr::server::pages
