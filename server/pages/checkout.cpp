#include "pages/page.hpp"
#include "pages/words.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::server::pages {
namespace {

/// The form that a request has sent.
Query form_of(const Page& page) { return query_of(page.request.body); }

std::string json_of(const Object& object) { return boost::json::serialize(object); }

bool is_post(const Page& page) { return page.request.method == api::Method::post; }

/// Where in the form a fault of the API's belongs.
std::string field_of(std::string_view pointer) {
  if (pointer == "/customer/name") return "name";
  if (pointer == "/customer/email") return "email";
  if (pointer == "/customer/phone") return "phone";
  if (pointer == "/notes") return "notes";
  if (pointer == "/couponCode") return "coupon";
  return "other";
}

/// Start, end and how long, in the zone of an offering.
void put_times(const Page& page, Data& data, std::string_view starts, std::string_view ends, std::string_view zone) {
  const auto start = Instant::parse(starts), end = Instant::parse(ends);
  if (!start || !end) return;
  const bool days = *end - *start >= std::chrono::hours{24};
  put(data, "when", page.day(*start, zone, "EEEEdMMMMyjm"));
  put(data, "until", page.day(*end, zone, days ? "EEEEdMMMMjm" : "jm"));
  put(data, "length", duration_words((*end - *start) / std::chrono::minutes{1}));
  put(data, "zoneWords", page.day(*start, zone, "vvvv"));
  put(data, "zone", zone);
}

/// Where it is more than one.
void put_quantity(Data& data, const Object& of) {
  put(data, "quantity", integer_at(of, "quantity") > 1 ? std::to_string(integer_at(of, "quantity")) : "");
}

/// The price line by line, as quotes and bookings have it.
void put_prices(const Page& page, Data& data, const Object& priced, const boost::json::array& lines) {
  Data list{Data::type::list};
  const Currency currency = currency_at(priced);
  for (const auto& each : lines) {
    const auto& line = each.as_object();
    Data one{Data::type::object};
    put(one, "label", text_at(line, "label"));
    put_quantity(one, line);
    put(one, "amount", money_words(integer_at(line, "subtotalCents"), currency, page.locale));
    list << one;
  }
  data.set("lines", list);
  put(data, "discount",
      integer_at(priced, "discountCents") > 0 ? money_words(-integer_at(priced, "discountCents"), currency, page.locale) : "");
  put(data, "tax", integer_at(priced, "taxCents") > 0 ? page.money(priced, "taxCents") : "");
  put(data, "total", page.money(priced, "totalCents"));
}

/// Of an offering that is offered still; else the tenant's.
std::string_view zone_of(const Page& page, const Object& offerings, std::string_view id) {
  for (const auto& each : list_at(offerings, "data"))
    if (text_at(each.as_object(), "id") == id) return text_at(each.as_object(), "timeZone");
  return text_at(page.brand, "timeZone");
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
}

std::string cookie_of(const Page& page, std::string_view name) {
  std::string_view all = page.request.header("Cookie");
  while (!all.empty()) {
    auto part = all.substr(0, all.find(';'));
    all.remove_prefix(std::min(part.size() + 1, all.size()));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (const auto equals = part.find('='); equals != std::string_view::npos && part.substr(0, equals) == name)
      return std::string{part.substr(equals + 1)};
  }
  return {};
}

/// The token by which its customer manages a booking stays with their browser, for the pages of that booking alone.
void keep_token(Page& page, std::string_view booking, std::string_view token) {
  page.cookie = "manage=" + std::string{token} + "; Path=/bookings/" + std::string{booking} + "; Max-Age=31536000; HttpOnly; SameSite=Lax";
  if (page.origin().starts_with("https:")) page.cookie += "; Secure";
}

api::Response gone(Page& page, std::string_view slug, std::string_view headline, std::string_view text) {
  page.quiet = true;
  page.status = 409;
  page.title = headline;
  Data data{Data::type::object};
  put(data, "headline", headline);
  put(data, "text", text);
  put(data, "slug", slug);
  return page.answer("gone", data);
}
api::Response lapsed(Page& page, std::string_view slug) {
  return gone(page, slug, "The time is no longer kept for you",
              "It was kept for ten minutes. If it is still free, you can choose it again.");
}

} // namespace

api::Response take_hold(Page& page) {
  const auto form = form_of(page);
  const auto slug = at(form, "o");
  Object offering, hold;
  if (const int code = page.ask("/offerings/" + encode(slug), offering); code != 200) return page.trouble_of(code);
  std::int64_t quantity = 1;
  const auto typed = at(form, "quantity");
  std::from_chars(typed.data(), typed.data() + typed.size(), quantity);
  const Object wanted{
      {"offeringId", text_at(offering, "id")}, {"startsAt", at(form, "start")}, {"endsAt", at(form, "end")}, {"quantity", quantity}};
  // Clicked twice, or once more after going back, it is the same hold.
  const auto nonce = at(form, "nonce");
  const int code = page.ask("/holds", hold, {api::Method::post, json_of(wanted), {}, nonce.empty() ? "" : nonce + "." + at(form, "start")});
  if (code == 201)
    return page.see(
        link("/checkout", {{"hold", std::string{text_at(hold, "id")}}, {"o", slug}, {"until", std::string{text_at(hold, "expiresAt")}}}));
  if (text_at(hold, "code") == "slot_unavailable")
    return gone(page, slug, "That time has just gone", "Somebody was quicker. Please choose another time; these are still free.");
  if (text_at(hold, "code") == "too_many_holds")
    return gone(page, slug, "You hold many times already", "Finish or let go of one of them first; each is kept for ten minutes.");
  if (code == 422 || code == 400 || code == 409) return gone(page, slug, "That time can't be booked", text_at(hold, "detail"));
  return page.trouble_of(code);
}

api::Response release_hold(Page& page) {
  const auto form = form_of(page);
  Object nothing;
  (void)page.ask("/holds/" + encode(at(form, "hold")), nothing, {api::Method::del, {}, {}, {}});
  return page.see("/o/" + encode(at(form, "o")) + "#times");
}

api::Response checkout(Page& page) {
  page.quiet = true;
  const auto form = is_post(page) ? form_of(page) : page.query;
  const auto hold = at(form, "hold"), slug = at(form, "o"), coupon = at(form, "coupon");
  Data data{Data::type::object}, errors{Data::type::object};
  for (const auto* name : {"name", "email", "phone", "notes", "coupon", "other"}) errors.set(name, Data{false});
  Object made;
  const bool books = is_post(page) && at(form, "apply").empty(); // else a coupon is tried on
  if (books) {
    Object customer{{"name", at(form, "name")}, {"email", at(form, "email")}};
    if (!at(form, "phone").empty()) customer["phone"] = at(form, "phone");
    Object wanted{{"holdId", hold}, {"customer", std::move(customer)}};
    if (!at(form, "notes").empty()) wanted["notes"] = at(form, "notes");
    if (!coupon.empty()) wanted["couponCode"] = coupon;
    std::int64_t expected = 0;
    const auto total = at(form, "total");
    if (std::from_chars(total.data(), total.data() + total.size(), expected).ec == std::errc{}) wanted["expectedTotalCents"] = expected;
    if (page.takes_cards()) wanted["payment"] = Object{{"method", "ONLINE"}};
    // A form that is sent twice books once; one that was mended is another.
    const auto body = json_of(wanted);
    const int code =
        page.ask("/bookings", made, {api::Method::post, body, {}, hold + "." + std::to_string(std::hash<std::string>{}(body))});
    const auto why = text_at(made, "code");
    if (code == 201) {
      const auto& booking = object_at(made, "booking");
      const std::string id{text_at(booking, "id")};
      keep_token(page, id, text_at(made, "manageToken"));
      return page.see("/bookings/" + id + (page.takes_cards() && integer_at(booking, "totalCents") > 0 ? "/pay" : ""));
    }
    if (why == "hold_expired" || why == "slot_unavailable") return lapsed(page, slug);
    if (why == "price_changed") {
      put(errors, "other", "The price has changed meanwhile. Please look at it once more.");
    } else if (why.starts_with("coupon")) {
      put(errors, "coupon", text_at(made, "detail"));
    } else if (why == "invalid_fields") {
      for (const auto& each : list_at(made, "errors"))
        put(errors, field_of(text_at(each.as_object(), "pointer")), text_at(each.as_object(), "detail"));
    } else if (code == 403 || code == 409 || code == 422) {
      put(errors, "other", text_at(made, "detail"));
    } else {
      return page.trouble_of(code);
    }
    page.status = code;
  }

  Object quote;
  Object question{{"holdId", hold}};
  if (!coupon.empty()) question["couponCode"] = coupon;
  if (books && at(form, "email").find('@') != std::string::npos) question["customerEmail"] = at(form, "email");
  const auto ask_price = [&] { return page.ask("/quotes", quote, {api::Method::post, json_of(question)}); };
  int code = ask_price();
  if (code == 422 && text_at(quote, "code") == "invalid_fields") { // such as the address
    question.erase("customerEmail");
    code = ask_price();
  }
  if (code != 200 && text_at(quote, "code").starts_with("coupon")) {
    put(errors, "coupon", text_at(quote, "detail"));
    question.erase("couponCode");
    code = ask_price();
  }
  if (code == 404 || code == 409 || text_at(quote, "code") == "hold_expired") return lapsed(page, slug);
  if (code != 200) return page.trouble_of(code == 422 || code == 400 ? 404 : code);
  Object offering;
  if (const int found = page.ask("/offerings/" + encode(slug), offering); found != 200) return page.trouble_of(found);
  const std::string zone{text_at(offering, "timeZone")};
  put(data, "title", text_at(offering, "title"));
  put(data, "slug", slug);
  put(data, "hold", hold);
  put(data, "until", at(form, "until"));
  if (const auto until = Instant::parse(at(form, "until"))) put(data, "heldUntil", page.day(*until, zone, "jm"));
  Data times{Data::type::object};
  put_times(page, times, text_at(quote, "startsAt"), text_at(quote, "endsAt"), zone);
  data.set("times", times);
  put_quantity(data, quote);
  put_prices(page, data, quote, list_at(quote, "lines"));
  data.set("totalCents", std::to_string(integer_at(quote, "totalCents")));
  data.set("policy", policy_words(object_at(quote, "cancellationPolicy")));
  for (const auto* name : {"name", "email", "phone", "notes"}) put(data, std::string{"typed_"} + name, at(form, name));
  put(data, "coupon", coupon);
  const bool costs = integer_at(quote, "totalCents") > 0;
  put(data, "online", page.takes_cards() && costs);
  put(data, "arranged", !page.takes_cards() && costs);
  put(data, "instant", is_at(offering, "autoApprove") && (page.takes_cards() || !costs));
  data.set("errors", errors);
  page.title = "Checkout";
  return page.answer("checkout", data);
}

namespace {

std::string_view status_words(std::string_view status) {
  if (status == "CONFIRMED") return "Confirmed";
  if (status == "CANCELLED") return "Cancelled";
  if (status == "COMPLETED") return "Completed";
  if (status == "REFUNDED") return "Refunded";
  return "Waiting for confirmation";
}

/// Paying by the cards of the test gateway.
api::Response pay(Page& page, const std::string& path, const std::string& token, const Object& booking) {
  Object opened;
  if (const int code = page.ask(path + "/pay", opened, {api::Method::post, "{}", token}); code != 200) {
    if (code == 409) return page.see(path); // nothing is left to be paid
    return page.trouble_of(code);
  }
  if (is_post(page)) {
    const auto form = form_of(page);
    Object done;
    Object told{{"clientSecret", text_at(opened, "clientSecret")}};
    if (text_at(opened, "state") == "requires_action") {
      told["agreed"] = at(form, "agreed") == "yes";
      (void)page.ask_at("/v1/test-gateway/authenticate", done, {api::Method::post, json_of(told)});
    } else {
      told["cardNumber"] = at(form, "card");
      (void)page.ask_at("/v1/test-gateway/pay", done, {api::Method::post, json_of(told)});
    }
    const auto state = text_at(done, "state");
    return page.see(state == "succeeded" || state == "processing" ? path : path + "/pay");
  }
  const auto state = text_at(opened, "state");
  if (state == "succeeded" || state == "processing") return page.see(path);
  Data data{Data::type::object};
  put(data, "path", path);
  put(data, "title", list_at(booking, "items").empty() ? "" : text_at(list_at(booking, "items").front().as_object(), "offeringTitle"));
  put(data, "amount", page.money(opened, "amountCents"));
  put(data, "asks", state == "requires_action");
  put(data, "failure", state == "failed" ? text_at(opened, "failureMessage") : "");
  page.title = "Pay";
  return page.answer("pay", data);
}

std::string calendar(const Page& page, const Object& booking) {
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
    line("URL", page.origin() + "/bookings/" + std::string{text_at(booking, "id")});
    line("END", "VEVENT");
  }
  line("END", "VCALENDAR");
  return text;
}

} // namespace

api::Response booking(Page& page, std::string_view id, std::string_view below) {
  page.quiet = true;
  const std::string path = "/bookings/" + std::string{id};
  Object booking;
  // A link in an e-mail brings the token once; then it leaves the address, which others may see.
  if (const auto token = at(page.query, "token"); !token.empty() && !is_post(page) && std::ranges::all_of(token, is_token_character) &&
                                                  page.ask(path, booking, {api::Method::get, {}, token}) == 200) {
    keep_token(page, id, token);
    return page.see(path + std::string{below});
  }
  const auto token = cookie_of(page, "manage");
  const int code = token.empty() ? 404 : page.ask(path, booking, {api::Method::get, {}, token});
  if (code == 404 || code == 401)
    return page.trouble(404, "This booking is not open here",
                        "Please use the link that you were sent, or the browser in which you booked.");
  if (code != 200) return page.trouble_of(code);
  if (below == "/pay" && page.takes_cards()) return pay(page, path, token, booking);
  if (below == "/calendar.ics") {
    api::Response response;
    response.set("Content-Type", "text/calendar; charset=utf-8");
    response.set("Content-Disposition", "attachment; filename=\"booking.ics\"");
    response.set("Cache-Control", "private, no-store");
    response.body = calendar(page, booking);
    return response;
  }
  if (below == "/cancel" && is_post(page)) {
    Object ended;
    const int done = page.ask(path + "/cancel", ended, {api::Method::post, "{}", token, "cancel-" + std::string{id}});
    if (done == 200 || done == 409) return page.see(path);
    return page.trouble_of(done);
  }
  if (!below.empty() && below != "/cancel") return page.trouble_of(404);

  const auto status = text_at(booking, "status");
  const bool over = status == "CANCELLED" || status == "REFUNDED" || status == "COMPLETED";
  Data data{Data::type::object};
  put(data, "id", id);
  put(data, "path", path);
  put(data, "status", status_words(status));
  put(data, "confirmed", status == "CONFIRMED");
  put(data, "pending", status == "PENDING");
  put(data, "over", over);
  const auto& customer = object_at(booking, "customer");
  put(data, "name", text_at(customer, "name"));
  put(data, "email", text_at(customer, "email"));
  Object offerings;
  (void)page.ask("/offerings?limit=100", offerings);
  Data items{Data::type::list};
  for (const auto& each : list_at(booking, "items")) {
    const auto& item = each.as_object();
    Data one{Data::type::object};
    put(one, "title", text_at(item, "offeringTitle"));
    put_quantity(one, item);
    put_times(page, one, text_at(item, "startsAt"), text_at(item, "endsAt"), zone_of(page, offerings, text_at(item, "offeringId")));
    items << one;
  }
  data.set("items", items);
  put_prices(page, data, booking, list_at(booking, "priceLines"));
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
  put(data, "toPay", !over && owed > 0 && page.takes_cards() ? money_words(owed, currency, page.locale) : "");
  put(data, "arranged", !over && owed > 0 && !page.takes_cards());
  if (const auto due = Instant::parse(text_at(booking, "paymentDueAt")))
    put(data, "due", page.day(*due, text_at(page.brand, "timeZone"), "EEEEdMMMMjm"));
  // What the bank says of a payment that has been made arrives in a moment.
  if (Object opened;
      !over && open && owed > 0 && page.takes_cards() && page.ask(path + "/pay", opened, {api::Method::post, "{}", token}) == 200)
    page.refresh = text_at(opened, "state") == "processing" || text_at(opened, "state") == "succeeded" ? 3 : 0;
  put(data, "waiting", page.refresh > 0);
  if (status == "PENDING" && owed > 0 && page.takes_cards())
    put(data, "status", page.refresh > 0 ? "Payment on its way" : "Waiting for payment");
  data.set("policy", policy_words(object_at(booking, "cancellationPolicy")));
  Object terms;
  if (!over && page.ask(path + "/cancel?dryRun=true", terms, {api::Method::post, "{}", token}) == 200) {
    put(data, "canCancel", true);
    put(data, "asked", below == "/cancel");
    put(data, "refund", integer_at(terms, "refundPercent") > 0 ? std::to_string(integer_at(terms, "refundPercent")) : "");
  } else {
    put(data, "canCancel", false);
    put(data, "asked", false);
  }
  if (below == "/cancel") page.refresh = 0;
  page.title = std::string{status_words(status)};
  return page.answer("booking", data);
}

} // namespace orkestr::server::pages
