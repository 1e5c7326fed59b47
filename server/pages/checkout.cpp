#include "pages/page.hpp"
#include "pages/words.hpp"

#include "orkestr/base/zone.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::server::pages {
namespace {

/// Where in the form a fault of the API's belongs.
const std::map<std::string_view, const char*> fields{
    {"/customer/name", "name"}, {"/customer/email", "email"}, {"/customer/phone", "phone"}, {"/notes", "notes"}, {"/couponCode", "coupon"}};

/// @param headline  the key of what is said
/// @param offering  whose free times are to be shown
api::Response gone(Page& page, std::string_view slug, std::string_view headline, std::string_view text, const Object* offering = nullptr) {
  page.quiet = true;
  page.status = 409;
  page.title = page.say(headline);
  Data data{Data::type::object};
  put(data, "headline", page.title);
  put(data, "text", text);
  put(data, "slug", slug);
  put(data, "prefillQuery", link("", page.prefill(page.is_post() ? form_of(page) : page.query)));
  put(data, "mine", !page.embedded() && offering == nullptr);
  put(data, "hasTimes", offering != nullptr);
  put(data, "title", page.say("gone.free"));
  put(data, "nonce", page.nonce);
  if (offering != nullptr) put_choice(page, data, *offering);
  return page.answer("gone", data);
}
api::Response lapsed(Page& page, std::string_view slug) { return gone(page, slug, "gone.lapsed", page.say("gone.lapsedText")); }

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
  const int code = page.ask("/holds", hold,
                            {api::Method::post, boost::json::serialize(wanted), {}, nonce.empty() ? "" : nonce + "." + at(form, "start")});
  if (code == 201)
    return page.see(link(page.base + "/checkout", page.prefill(form),
                         {{"hold", text_at(hold, "id")}, {"o", slug}, {"until", text_at(hold, "expiresAt")}}));
  if (text_at(hold, "code") == "slot_unavailable") {
    // What is free next, of the same kind, on the page of the offering.
    page.query = page.prefill(form);
    if (quantity > 1) page.query["quantity"] = std::to_string(quantity);
    const auto start = Instant::parse(at(form, "start")), end = Instant::parse(at(form, "end"));
    const auto zone = Zone::find(text_at(offering, "timeZone"));
    if (start && end) page.query["length"] = std::to_string((*end - *start) / std::chrono::minutes{1});
    if (start && zone) page.query["day"] = to_string(ZoneClock(*zone).to_local(*start).date());
    if (start && zone) page.query["month"] = at(page.query, "day").substr(0, 7);
    page.path = "/o/" + encode(text_at(offering, "slug"));
    return gone(page, slug, "gone.taken", page.say("gone.takenText"), &offering);
  }
  if (text_at(hold, "code") == "too_many_holds") return gone(page, slug, "gone.many", page.say("gone.manyText"));
  if (code == 422 || code == 400 || code == 409) return gone(page, slug, "gone.refused", page.fault_words(hold));
  return page.trouble_of(code);
}

api::Response release_hold(Page& page) {
  const auto form = form_of(page);
  Object nothing;
  (void)page.ask("/holds/" + encode(at(form, "hold")), nothing, {api::Method::del, {}, {}, {}});
  return page.see(link(page.base + "/o/" + encode(at(form, "o")), page.prefill(page.query)) + "#times");
}

api::Response checkout(Page& page) {
  page.quiet = true;
  const auto form = page.is_post() ? form_of(page) : page.query;
  const auto hold = at(form, "hold"), slug = at(form, "o"), coupon = at(form, "coupon");
  Data data{Data::type::object};
  FormErrors errors{"name", "email", "phone", "notes", "coupon"};
  Object made;
  const bool books = page.is_post() && at(form, "apply").empty(); // else a coupon is tried on
  if (books) {
    Object customer{{"name", at(form, "name")}, {"email", at(form, "email")}};
    customer["locale"] = page.chosen; // in which it is written to
    if (!at(form, "phone").empty()) customer["phone"] = at(form, "phone");
    Object wanted{{"holdId", hold}, {"customer", std::move(customer)}};
    if (!at(form, "notes").empty()) wanted["notes"] = at(form, "notes");
    if (!coupon.empty()) wanted["couponCode"] = coupon;
    std::int64_t expected = 0;
    const auto total = at(form, "total");
    if (std::from_chars(total.data(), total.data() + total.size(), expected).ec == std::errc{}) wanted["expectedTotalCents"] = expected;
    if (page.takes_cards()) wanted["payment"] = Object{{"method", "ONLINE"}};
    // A form that is sent twice books once; one that was mended is another.
    const auto body = boost::json::serialize(wanted);
    const int code =
        page.ask("/bookings", made, {api::Method::post, body, {}, hold + "." + std::to_string(std::hash<std::string>{}(body))});
    const auto why = text_at(made, "code");
    if (code == 201) {
      const auto& booking = object_at(made, "booking");
      const bool pays = page.takes_cards() && integer_at(booking, "totalCents") > 0;
      return page.see(link(page.base + "/bookings/" + std::string{text_at(booking, "id")} + (pays ? "/pay" : ""),
                           {{"token", std::string{text_at(made, "manageToken")}}}));
    }
    if (why == "hold_expired" || why == "slot_unavailable") return lapsed(page, slug);
    if (why == "price_changed") {
      put(errors.data, "other", page.say("checkout.priceChanged"));
    } else if (why.starts_with("coupon")) {
      put(errors.data, "coupon", page.fault_words(made));
    } else if (why == "invalid_fields") {
      errors.take(page, made, fields);
    } else if (code == 403 || code == 409 || code == 422) {
      put(errors.data, "other", page.fault_words(made));
    } else {
      return page.trouble_of(code);
    }
    page.status = code;
  }

  Object quote;
  Object question{{"holdId", hold}};
  if (!coupon.empty()) question["couponCode"] = coupon;
  if (books && at(form, "email").find('@') != std::string::npos) question["customerEmail"] = at(form, "email");
  const auto ask_price = [&] { return page.ask_content("/quotes", quote, {api::Method::post, boost::json::serialize(question)}); };
  int code = ask_price();
  if (code == 422 && text_at(quote, "code") == "invalid_fields") { // such as the address
    question.erase("customerEmail");
    code = ask_price();
  }
  if (code == 422 && text_at(quote, "code") == "invalid_fields" && !coupon.empty()) {
    put(errors.data, "coupon", page.say("error.couponUnknown"));
    question.erase("couponCode");
    code = ask_price();
  }
  if (code != 200 && text_at(quote, "code").starts_with("coupon")) {
    put(errors.data, "coupon", page.fault_words(quote));
    question.erase("couponCode");
    code = ask_price();
  }
  if (code == 404 || code == 409 || text_at(quote, "code") == "hold_expired") return lapsed(page, slug);
  if (code != 200) return page.trouble_of(code == 422 || code == 400 ? 404 : code);
  Object offering;
  // Of the hold, whatever the address says.
  if (const int found = page.ask_content("/offerings/" + encode(text_at(quote, "offeringId")), offering); found != 200)
    return page.trouble_of(found);
  const std::string zone{text_at(offering, "timeZone")};
  put(data, "title", text_at(offering, "title"));
  put(data, "slug", text_at(offering, "slug"));
  put(data, "prefillQuery", link("", page.prefill(form)));
  put(data, "decimals", std::to_string(currency_at(quote).decimals()));
  put(data, "hold", hold);
  put(data, "until", at(form, "until"));
  if (const auto until = Instant::parse(at(form, "until")); until && *until <= page.now + std::chrono::minutes{10})
    put(data, "heldUntil", strong_html(page.say("checkout.kept", {{"time", emphasized(page.day(*until, zone, "jmv"))}})));
  Data times{Data::type::object};
  put_times(page, times, text_at(quote, "startsAt"), text_at(quote, "endsAt"), zone);
  data.set("times", times);
  put_quantity(data, quote);
  put_prices(page, data, quote, list_at(quote, "lines"), {title_of(offering)});
  data.set("totalCents", std::to_string(integer_at(quote, "totalCents")));
  data.set("policy", policy_words(object_at(quote, "cancellationPolicy"), *page.words));
  for (const auto* name : {"name", "email", "phone", "notes"}) put(data, std::string{"typed_"} + name, at(form, name));
  put(data, "coupon", coupon);
  put(data, "couponLabel", page.say("prices.couponOf", {{"code", coupon}}));
  put(data, "couponDescription", text_at(quote, "couponDescription"));
  put(data, "couponLang", page.lang_of(quote, "couponDescription"));
  put(data, "sourceLang", page.source_lang());
  put(data, "bookAndPay", page.say("live.bookAndPay", {{"total", page.money(quote, "totalCents")}}));
  const bool costs = integer_at(quote, "totalCents") > 0;
  put(data, "online", page.takes_cards() && costs);
  put(data, "arranged", !page.takes_cards() && costs);
  put(data, "instant", is_at(offering, "autoApprove") && (page.takes_cards() || !costs));
  data.set("errors", errors.data);
  page.title = page.say("checkout.title");
  page.event = {{"type", "slot_selected"}, {"startsAt", text_at(quote, "startsAt")}, {"endsAt", text_at(quote, "endsAt")}};
  return page.answer("checkout", data);
}

} // namespace orkestr::server::pages
