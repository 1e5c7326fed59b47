#include "pages/bookings.hpp"

namespace orkestr::server::pages {
namespace {

bool is_done(std::string_view state) { return state == "succeeded" || state == "processing"; }

/// What a customer does at the test gateway.
api::Response pay_by_test_card(const Managed& managed, const Object& opened) {
  Page& page = managed.page;
  const auto form = form_of(page);
  Object told{{"clientSecret", text_at(opened, "clientSecret")}}, done;
  const bool asks = text_at(opened, "state") == "requires_action";
  if (asks)
    told["agreed"] = at(form, "agreed") == "yes";
  else
    told["cardNumber"] = at(form, "card");
  (void)page.ask_at(asks ? "/v1/test-gateway/authenticate" : "/v1/test-gateway/pay", done,
                    {api::Method::post, boost::json::serialize(told)});
  return page.see(managed.link(is_done(text_at(done, "state")) ? "" : "/pay"));
}

} // namespace

api::Response pay(Managed& managed) {
  Page& page = managed.page;
  Object opened;
  if (const int code = managed.ask("/pay", opened, api::Method::post); code != 200) {
    if (code == 409) return page.see(managed.link()); // nothing is left to be paid
    return page.trouble_of(code);
  }
  const bool stripe = text_at(opened, "provider") == "stripe";
  if (page.is_post() && !stripe) return pay_by_test_card(managed, opened);
  const auto state = text_at(opened, "state");
  if (is_done(state)) return page.see(managed.link());
  Data data = managed.data();
  put(data, "amount", page.money(opened, "amountCents"));
  put(data, "payAmount", page.say("live.pay", {{"amount", page.money(opened, "amountCents")}}));
  put(data, "asks", state == "requires_action" && !stripe);
  put(data, "failure",
      state != "failed"              ? ""
      : page.words->locale() == "en" ? std::string{text_at(opened, "failureMessage")}
                                     : page.say("pay.failed"));
  put(data, "stripe", stripe);
  put(data, "publicKey", text_at(opened, "publicKey"));
  put(data, "clientSecret", text_at(opened, "clientSecret"));
  put(data, "returnUrl", page.origin() + managed.link());
  page.stripe = stripe;
  page.title = page.say("pay.title");
  managed.tell("booking_created");
  return page.answer("pay", data);
}

} // namespace orkestr::server::pages
