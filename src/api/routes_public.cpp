// What visitors of a storefront may do, without a key: look, ask for a price, hold, book; and with the token of a booking,
// manage that booking.
#include "api/bodies.hpp"
#include "api/brand_bodies.hpp"
#include "api/customer_bodies.hpp"
#include "api/search.hpp"
#include "api/slots.hpp"
#include "api/storefront.hpp"
#include "api/translated.hpp"

#include "orkestr/platform/translations.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace orkestr::inline v1::api {
namespace {

std::string customers_view(const Booking& booking) { return json::to_json(CustomersBooking{booking}); }

Result<Reply> get_storefront(const storage::ReadTransaction& tx, const Call& call) {
  return reply_translated(
      tx, call,
      Storefront{call.tenant, tx.tenants().branding(call.tenant.id).value_or(Branding{}), call.now, storefront_locales(tx, call.tenant)});
}

Result<std::optional<Amount>> price_of(const Query& query, std::string_view name) {
  const auto* text = query.find(name);
  if (text == nullptr) return std::optional<Amount>{};
  Amount amount = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), amount);
  if (error != std::errc{} || end != text->data() + text->size() || amount < 0)
    return Query::invalid(name, "to be an amount in minor units, such as 12000");
  return std::optional{amount};
}

Result<storage::OfferingFilter> filter_of(const Query& query) {
  storage::OfferingFilter filter;
  filter.status = OfferingStatus::published;
  ORKESTR_TRY(filter.category, query.text("category", {1, 60}));
  ORKESTR_TRY(filter.product_type_key, query.text("productTypeKey", {1, 40, json::is_product_type_key, "Use a key such as space."}));
  ORKESTR_TRY(filter.text, query.text("q", {1, 200}));
  ORKESTR_TRY(filter.min_price, price_of(query, "minPriceCents"));
  ORKESTR_TRY(filter.max_price, price_of(query, "maxPriceCents"));
  if (const auto* text = query.find("attribute")) {
    const auto colon = text->find(':');
    if (colon == std::string::npos || colon == 0 || text->size() > 200)
      return Query::invalid("attribute", "to be key:value, such as amenities:wifi");
    filter.attribute = {text->substr(0, colon), text->substr(colon + 1)};
  }
  if (const auto* sort = query.find("sort")) {
    if (*sort == "price")
      filter.order = storage::OfferingOrder::price_rising;
    else if (*sort == "-price")
      filter.order = storage::OfferingOrder::price_falling;
    else if (*sort != "newest")
      return Query::invalid("sort", "to be newest, price or -price");
  }
  return filter;
}

constexpr std::size_t most_examined = 200;

/// A page of the offerings of which a slot begins on that date, in their own zones. So many are looked at, and a page may be short.
Result<Reply> list_free(const storage::ReadTransaction& tx, const Call& call, const storage::OfferingFilter& filter, storage::Page page,
                        LocalDate date) {
  const auto place = [&](const Offering& offering) {
    return filter.order == storage::OfferingOrder::newest ? offering.id.str() : storage::price_place(offering);
  };
  const std::size_t limit = std::exchange(page.limit, most_examined + 1);
  auto rows = tx.offerings().list(call.tenant.id, filter, page);
  std::vector<Offering> found;
  std::optional<std::string> last;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (found.size() == limit || i == most_examined) return reply_page_translated(tx, call, std::move(found), last);
    last = place(rows[i]);
    ORKESTR_TRY(auto view, load_availability(tx, call.tenant.id, rows[i].id));
    ORKESTR_TRY(const Schedule schedule, view.schedule());
    ZoneClock clock(schedule.zone);
    const Interval day{clock.to_instant(LocalDateTime::of(date, {0})), clock.to_instant(LocalDateTime::of(date + 1, {0}))};
    if (day.start == day.end) continue; // a date that a zone left out
    ORKESTR_CHECK(fill_availability(tx, call.tenant.id, view, day, true, Audience::customer, call.now));
    if (!view.slots.empty()) found.push_back(std::move(rows[i]));
  }
  return reply_page_translated(tx, call, std::move(found), std::nullopt);
}

Result<Reply> list_offerings(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto filter, filter_of(call.query));
  if (filter.text) {
    ORKESTR_TRY(const auto page, call.query.page());
    ORKESTR_TRY(const auto date, call.query.parsed<LocalDate>("availableOn", "to be a date such as 2026-05-12"));
    auto others = filter;
    others.text.reset();
    return search_offerings(tx, call, *filter.text, others, page, date);
  }
  const bool by_price = filter.order != storage::OfferingOrder::newest;
  ORKESTR_TRY(const auto page, call.query.page(by_price));
  if (const auto* text = call.query.find("availableOn")) {
    const auto date = LocalDate::parse(*text);
    if (!date) return Query::invalid("availableOn", "to be a date such as 2026-05-12");
    return list_free(tx, call, filter, page, *date);
  }
  auto rows = tx.offerings().list(call.tenant.id, filter, and_one_more(page));
  if (!by_price) return reply_list_translated(tx, call, std::move(rows), page.limit);
  return reply_list_translated(tx, call, std::move(rows), page.limit,
                               [](const Offering& offering) { return storage::price_place(offering); });
}

Result<Reply> get_offering(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto offering, published_offering(tx, call));
  return reply_translated(tx, call, offering);
}

Result<Reply> list_slots(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto offering, published_offering(tx, call));
  ORKESTR_TRY(const auto view, load_availability(tx, call.tenant.id, offering.id));
  return slots_reply(tx, call, view);
}

Result<Reply> create_quote(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<QuoteDraft>(call));
  ORKESTR_TRY(const auto request, quote_request(draft));
  ORKESTR_TRY(const auto view, quote_booking(tx, call.tenant.id, request, call.now));
  ORKESTR_TRY(const auto wanted, wanted_locale(tx, call));
  Reply reply{200, quote_json(view), {}, false};
  if (wanted.asked) { // of the coupon there is one text that a reader sees
    std::string translation = "null";
    if (wanted.served && view.coupon) {
      auto found = json::parse(
          translations_json(tx, call, *wanted.served, std::array{view.coupon->id.str()}, std::array{source_texts(*view.coupon)})[0]);
      if (auto* texts = found ? found->if_object() : nullptr) {
        (*texts)["couponDescription"] = texts->at("description");
        texts->erase("description");
        translation.clear();
        json::Writer(translation).value(*found);
      }
    }
    reply.body.pop_back();
    reply.body.append(R"(,"translation":)").append(translation).append("}");
  }
  return reply;
}

Result<Reply> create_hold(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<HoldDraft>(call));
  ORKESTR_TRY(const auto made,
              hold(cx, {draft.offering_id, {draft.starts_at, draft.ends_at}, draft.quantity, std::string{call.request.peer}}));
  auto reply = reply_with(made, 201);
  reply.location = std::string{call.path} + "/" + made.id.str();
  return reply;
}

Result<Reply> delete_hold(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<HoldId>(1));
  ORKESTR_CHECK(release_hold(cx, id));
  return Reply{204, {}, {}, false};
}

Result<Reply> create_booking(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto draft, body_of<BookingDraft>(call));
  ORKESTR_TRY(auto request, book_request(draft));
  request.source = "storefront";
  request.client.ip = std::string{call.request.peer};
  request.manage_token = make_manage_token(call.platform.random());
  const auto done = check_out(cx, request);
  if (!done.booking) return reply_refused(done.refusal);
  Reply reply{201, {}, std::string{call.path} + "/" + done.booking->id.str(), false};
  json::Writer w(reply.body);
  w.begin_object();
  w.key("booking");
  json::write(w, CustomersBooking{*done.booking});
  w.key("manageToken");
  w.string(*request.manage_token);
  w.end_object();
  return reply;
}

Result<Reply> get_booking(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load_managed(tx, call));
  return Reply{200, customers_view(booking), {}, true};
}

Result<Reply> move_booking(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto booking, managed(cx, call));
  ORKESTR_CHECK(check_match(call.request, customers_view(booking)));
  ORKESTR_TRY(const auto input, body_of<BookingMove>(call, json::Use::patch));
  ORKESTR_TRY(const auto move, move_of(call, input, Audience::customer));
  ORKESTR_TRY(const auto moved, reschedule(cx, booking.id, *move)); // an empty body was refused
  return moved_reply(customers_view(moved.booking), moved.price_difference_cents);
}

Result<Reply> cancel_booking(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto booking, managed(cx, call));
  ORKESTR_TRY(auto input, body_of<BookingCancel>(call));
  ORKESTR_TRY(const bool dry, dry_run(call));
  if (dry) {
    ORKESTR_TRY(const auto terms, cancellation_terms(booking, call.now));
    return reply_untagged(terms);
  }
  ORKESTR_TRY(const auto ended, cancel(cx, booking.id, std::move(input.reason)));
  return Reply{200, customers_view(ended), {}, true};
}

constexpr std::string_view filters[] = {"q",    "category",    "productTypeKey", "attribute", "minPriceCents", "maxPriceCents",
                                        "sort", "availableOn", "limit",          "cursor",    "locale"};
constexpr std::string_view slot_parameters[] = {"from", "to", "quantity", "timeZone"};

} // namespace

Result<Offering> published_offering(const storage::ReadTransaction& tx, const Call& call) {
  const auto id = OfferingId::parse(call.ids[1]);
  auto offering = id ? tx.offerings().find(call.tenant.id, *id) : tx.offerings().find_by_slug(call.tenant.id, call.ids[1]);
  if (!offering || offering->status != OfferingStatus::published) return fail(Code::not_found, "There is no such offering.");
  return std::move(*offering);
}

Result<Booking> load_managed(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<BookingId>(1));
  return find_managed(tx, call.tenant.id, id, bearer(call.request), call.now);
}

Result<Booking> managed(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto booking, load_managed(cx.tx, call));
  cx.actor.id = booking.customer_id.str();
  return booking;
}

std::span<const Route> public_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto visitor = Access::visitor;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/public/{tenant}",
       .operation = "getStorefront",
       .access = visitor,
       .parameters = locale_parameter,
       .read = get_storefront},
      {.method = M::get,
       .path = "/v1/public/{tenant}/offerings",
       .operation = "listPublicOfferings",
       .access = visitor,
       .parameters = filters,
       .read = list_offerings},
      {.method = M::get,
       .path = "/v1/public/{tenant}/offerings/{slug}",
       .operation = "getPublicOffering",
       .access = visitor,
       .parameters = locale_parameter,
       .read = get_offering},
      {.method = M::get,
       .path = "/v1/public/{tenant}/offerings/{slug}/slots",
       .operation = "listPublicSlots",
       .access = visitor,
       .parameters = slot_parameters,
       .read = list_slots},
      {.method = M::post,
       .path = "/v1/public/{tenant}/quotes",
       .operation = "createQuote",
       .access = visitor,
       .parameters = locale_parameter,
       .body = required,
       .read = create_quote,
       .write = read_as_write<create_quote>},
      {.method = M::post,
       .path = "/v1/public/{tenant}/holds",
       .operation = "createHold",
       .access = visitor,
       .body = required,
       .write = create_hold},
      {.method = M::del, .path = "/v1/public/{tenant}/holds/{holdId}", .operation = "releaseHold", .access = visitor, .write = delete_hold},
      {.method = M::post,
       .path = "/v1/public/{tenant}/bookings",
       .operation = "createPublicBooking",
       .access = visitor,
       .body = required,
       .write = create_booking,
       .secret_answer = true},
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings/{bookingId}",
       .operation = "getPublicBooking",
       .access = visitor,
       .read = get_booking,
       .managed = true},
      {.method = M::patch,
       .path = "/v1/public/{tenant}/bookings/{bookingId}",
       .operation = "movePublicBooking",
       .access = visitor,
       .body = required,
       .write = move_booking,
       .managed = true},
      {.method = M::post,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/cancel",
       .operation = "cancelPublicBooking",
       .access = visitor,
       .parameters = dry_run_parameter,
       .body = optional,
       .write = cancel_booking,
       .managed = true},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
