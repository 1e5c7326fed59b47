#include "pages/page.hpp"
#include "pages/words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <vector>

namespace orkestr::server::pages {
namespace {

/// An attribute's value for people.
std::string value_words(const Value& value, const Words& words) {
  if (value.is_string()) return std::string{value.get_string()};
  if (value.is_bool()) return words.say(value.get_bool() ? "offering.yes" : "offering.no");
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (!value.is_double()) return boost::json::serialize(value);
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value.get_double());
  return {text, end};
}

/// What it costs: `€50 an hour`, the amount emphasized.
std::string price_of(const Page& page, const Object& offering) {
  const auto model = text_at(offering, "pricingModel"), interval = text_at(offering, "billingInterval");
  auto amount = emphasized(page.money(offering, "basePriceCents"));
  if (model == "HOURLY") return page.say("price.hour", {{"price", amount}});
  if (model == "DAILY") return page.say("price.day", {{"price", amount}});
  if (model != "SUBSCRIPTION") return amount;
  return page.say(interval == "WEEK" ? "price.week" : interval == "YEAR" ? "price.year" : "price.month", {{"price", amount}});
}

Data stars(const Page& page, const Object& offering) {
  Data rating{Data::type::object};
  const auto* average = offering.if_contains("ratingAverage");
  const auto count = integer_at(offering, "reviewCount");
  if (count == 0 || average == nullptr || !average->is_number()) return Data{false};
  rating.set("average", tenths_words(average->to_number<double>(), page.locale));
  rating.set("count", std::to_string(count));
  rating.set("reviews", page.say("rating.reviews", {{"n", count}}));
  return rating;
}

/// The first of the brand's badges that means this offering.
std::string_view badge_of(const Object& brand, std::string_view offering) {
  for (const auto& each : list_at(brand, "saleBadges")) {
    const auto& badge = each.as_object();
    const auto& ids = list_at(badge, "offeringIds");
    if (ids.empty() || std::ranges::any_of(ids, [&](const Value& id) { return id.as_string() == offering; }))
      return text_at(badge, "label");
  }
  return {};
}

/// What a card and a page of an offering share.
Data offering_data(Page& page, const Object& offering) {
  Data data{Data::type::object};
  put(data, "title", text_at(offering, "title"));
  put(data, "slug", text_at(offering, "slug"));
  put(data, "titleLang", page.lang_of(offering, "title"));
  put(data, "textLang", page.lang_of(offering, "description"));
  const auto price = price_of(page, offering);
  data.set("price", strong_html(price));
  data.set("fromPrice", strong_html(page.say("price.from", {{"price", price}})));
  data.set("rating", stars(page, offering));
  put(data, "initial", first_letter(text_at(offering, "title")));
  put(data, "badge", badge_of(page.brand, text_at(offering, "id")));
  put(data, "badgeLang", page.lang_of(page.brand, "saleBadges"));
  const auto& photos = list_at(offering, "photos");
  put(data, "photo", photos.empty() ? std::string_view{} : text_at(photos.front().as_object(), "url"));
  const auto& attributes = object_at(offering, "attributes");
  std::string where;
  for (const auto* name : {"neighborhood", "city"})
    if (const auto text = text_at(attributes, name); !text.empty()) where.append(where.empty() ? "" : ", ").append(text);
  put(data, "where", where);
  const auto text = text_at(offering, "description");
  const auto space = text.find(' ', 140);
  put(data, "teaser", text.size() > 160 ? cut(text, space < 180 ? space : 150) + " …" : std::string{text});
  return data;
}

/// A text, paragraph by paragraph.
Data paragraphs_of(std::string_view text) {
  Data paragraphs{Data::type::list};
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \r\t") != std::string_view::npos) paragraphs << Data{"text", std::string{line}};
  }
  return paragraphs;
}

/// Whole units of a currency as typed into a filter, in minor units.
std::string cents(const std::string& typed, Currency currency) {
  std::string text = typed;
  std::ranges::replace(text, ',', '.'); // as half of the world types it
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(amount >= 0 && amount <= 1e12)) return {};
  return std::to_string(std::llround(amount * std::pow(10, currency.decimals())));
}

/// What the search made of the visitor's words: parts that can be taken out, each a link, and what had to be let go.
Data understood_data(const Page& page, const Object& understood) {
  Data data{Data::type::object};
  Data parts{Data::type::list};
  bool any = false;
  for (const auto& each : list_at(understood, "chips")) {
    const auto& chip = each.as_object();
    Data part{Data::type::object};
    put(part, "label", text_at(chip, "label"));
    part.set("href", link(page.base + "/", page.query, {{"q", std::string{text_at(chip, "without")}}, {"after", ""}}));
    parts << part;
    any = true;
  }
  data.set("parts", parts);
  put(data, "any", any);
  std::string corrected, relaxed;
  for (const auto& each : list_at(understood, "corrections"))
    corrected.append(corrected.empty() ? "" : ", ").append(text_at(each.as_object(), "read"));
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"AMENITY", "search.amenity"}, {"PLACE", "search.place"}, {"TIME", "search.time"}, {"CATEGORY", "search.category"}};
  for (const auto& each : list_at(understood, "relaxed"))
    for (const auto& [kind, key] : names)
      if (std::string_view{each.as_string()} == kind) relaxed.append(relaxed.empty() ? "" : ", ").append(page.say(key));
  put(data, "corrected", corrected.empty() ? corrected : page.say("search.corrected", {{"words", corrected}}));
  put(data, "relaxed", relaxed.empty() ? relaxed : page.say("search.relaxed", {{"parts", relaxed}}));
  return data;
}

} // namespace

api::Response home(Page& page) {
  // What there is to choose from, before anything is filtered.
  Object all, found;
  if (const int code = page.ask("/offerings?limit=200", all); code != 200) return page.trouble_of(code);
  std::set<std::string> categories;
  std::map<std::string, int> features; // as the API wants them, `amenities:wifi`, and how many have them
  for (const auto& each : list_at(all, "data"))
    for (const auto& category : list_at(each.as_object(), "categories")) categories.insert(std::string{category.as_string()});
  for (const auto& each : list_at(all, "data"))
    for (const auto& [key, value] : object_at(each.as_object(), "attributes"))
      if (value.is_array())
        for (const auto& one : value.get_array())
          if (one.is_string() && one.get_string().size() <= 60) ++features[std::string{key} + ":" + std::string{one.get_string()}];
  const Currency currency = Currency::parse(text_at(page.brand, "displayCurrency")).value_or(Currency{});

  Query api_query;
  const auto pass = [&](std::string_view from, std::string_view to, std::string value) {
    if (!at(page.query, from).empty() && !value.empty()) api_query[std::string{to}] = std::move(value);
  };
  pass("q", "q", at(page.query, "q"));
  pass("category", "category", at(page.query, "category"));
  pass("min", "minPriceCents", cents(at(page.query, "min"), currency));
  pass("max", "maxPriceCents", cents(at(page.query, "max"), currency));
  if (const auto sort = at(page.query, "sort"); sort == "price" || sort == "-price") api_query["sort"] = sort;
  pass("with", "attribute", at(page.query, "with"));
  pass("date", "availableOn", at(page.query, "date"));
  pass("after", "cursor", at(page.query, "after"));
  api_query["limit"] = "24";
  if (const int code = page.ask_content(link("/offerings", api_query, {}), found); code != 200) {
    if (code != 400) return page.trouble_of(code);
    found = {}; // a cursor that is none, an amount too large: nothing is found
  }
  // Of those that have no time on a date, a page may be empty, though there are more.
  for (int further = 0; further < 5 && list_at(found, "data").empty() && !text_at(found, "nextCursor").empty(); ++further) {
    api_query["cursor"] = text_at(found, "nextCursor");
    if (page.ask_content(link("/offerings", api_query), found) != 200) found = {};
  }

  Data data{Data::type::object};
  put(data, "name", text_at(page.brand, "name"));
  put(data, "tagline", text_at(page.brand, "tagline"));
  put(data, "taglineLang", page.lang_of(page.brand, "tagline"));
  put(data, "hasAbout", !text_at(page.brand, "about").empty() && page.query.empty());
  data.set("about", paragraphs_of(text_at(page.brand, "about")));
  put(data, "aboutLang", page.lang_of(page.brand, "about"));
  data.set("aboutTitle", page.say("frame.about", {{"name", text_at(page.brand, "name")}}));
  put(data, "verified", text_at(page.brand, "kybStatus") == "VERIFIED");
  put(data, "q", at(page.query, "q"));
  put(data, "min", at(page.query, "min"));
  put(data, "max", at(page.query, "max"));
  put(data, "category", at(page.query, "category"));
  data.set("from", page.say("home.from", {{"currency", currency.code()}}));
  data.set("to", page.say("home.to", {{"currency", currency.code()}}));
  Data sorts{Data::type::list};
  for (const auto& [value, label] : {std::pair{"", "home.newest"}, {"price", "home.cheapest"}, {"-price", "home.dearest"}}) {
    Data sort{Data::type::object};
    sort.set("value", value);
    sort.set("label", page.say(label));
    put(sort, "chosen", at(page.query, "sort") == value);
    sorts << sort;
  }
  data.set("sorts", sorts);
  Data options{Data::type::list};
  std::vector<std::pair<int, std::string>> ranked;
  ranked.reserve(features.size());
  for (const auto& [value, count] : features) ranked.emplace_back(-count, value);
  std::ranges::sort(ranked);
  if (ranked.size() > 20) ranked.resize(20);
  for (const auto& [count, value] : ranked) {
    Data option{Data::type::object};
    option.set("value", value);
    option.set("label", title_words(value.substr(value.find(':') + 1)));
    put(option, "chosen", at(page.query, "with") == value);
    options << option;
  }
  data.set("features", options);
  put(data, "hasFeatures", !ranked.empty());
  put(data, "date", at(page.query, "date"));
  Data chips{Data::type::list};
  if (!categories.empty()) categories.insert("");
  for (const auto& category : categories) {
    Data chip{Data::type::object};
    chip.set("label", category.empty() ? page.say("home.everything") : title_words(category));
    chip.set("href", link(page.base + "/", page.query, {{"category", category}, {"after", ""}}));
    put(chip, "chosen", at(page.query, "category") == category);
    chips << chip;
  }
  data.set("chips", chips);
  Data cards{Data::type::list};
  std::size_t count = 0;
  for (const auto& each : list_at(found, "data")) {
    cards << offering_data(page, each.as_object());
    ++count;
  }
  data.set("cards", cards);
  if (const auto& understood = object_at(found, "understood"); !understood.empty())
    data.set("understood", understood_data(page, understood));
  put(data, "prefillQuery", link("", page.prefill(page.query)));
  put(data, "none", count == 0);
  const bool filtered = std::ranges::any_of(page.query, [](const auto& pair) { return pair.first != "sort"; });
  put(data, "filtered", filtered);
  if (const auto next = text_at(found, "nextCursor"); !next.empty()) data.set("more", link(page.base + "/", page.query, {{"after", next}}));
  page.description = page.say("home.description", {{"name", text_at(page.brand, "name")}});
  return page.answer("home", data);
}

namespace {

/// For search engines: schema.org's Product with its offer and rating.
std::string product_json(Page& page, const Object& offering) {
  Object offer{{"@type", "Offer"},
               {"priceCurrency", text_at(offering, "currency")},
               {"availability", "https://schema.org/InStock"},
               {"url", page.origin() + page.path}};
  offer["price"] = decimal(integer_at(offering, "basePriceCents"), currency_at(offering));
  Object product{{"@context", "https://schema.org"},   {"@type", "Product"},
                 {"name", text_at(offering, "title")}, {"description", text_at(offering, "description")},
                 {"offers", std::move(offer)},         {"brand", Object{{"@type", "Organization"}, {"name", text_at(page.brand, "name")}}}};
  boost::json::array images;
  for (const auto& photo : list_at(offering, "photos")) images.push_back(boost::json::value(text_at(photo.as_object(), "url")));
  if (!images.empty()) product["image"] = std::move(images);
  if (integer_at(offering, "reviewCount") > 0)
    product["aggregateRating"] = Object{
        {"@type", "AggregateRating"}, {"ratingValue", offering.at("ratingAverage")}, {"reviewCount", integer_at(offering, "reviewCount")}};
  product["mainEntityOfPage"] =
      Object{{"@type", "WebPage"}, {"inLanguage", page.content.empty() ? text_at(page.brand, "locale") : page.content}};
  return for_script(boost::json::serialize(product));
}

} // namespace

void put_choice(Page& page, Data& data, const Object& offering) {
  const auto model = text_at(offering, "pricingModel");
  const std::int64_t least = integer_at(offering, "minDurationMinutes"), most = integer_at(offering, "maxDurationMinutes");
  const auto number = [&](const char* name, std::int64_t otherwise, std::int64_t highest) {
    std::int64_t value = 0;
    const auto typed = at(page.query, name);
    const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), value);
    return error == std::errc{} && end == typed.data() + typed.size() && value >= 1 ? std::min(value, highest) : otherwise;
  };
  const bool by_length = model == "HOURLY" || model == "DAILY";
  Wanted wanted{std::chrono::minutes{std::max(least, by_length ? number("length", least, most > 0 ? most : 527'040) : least)}};
  wanted.quantity = number("quantity", 1, 1000);
  wanted.keep = page.prefill(page.query);
  wanted.sent = wanted.keep;
  wanted.sent["o"] = text_at(offering, "slug");
  if (wanted.length.count() > least) wanted.keep["length"] = std::to_string(wanted.length.count());
  if (wanted.quantity > 1) wanted.keep["quantity"] = wanted.sent["quantity"] = std::to_string(wanted.quantity);
  put(data, "action", page.base + "/hold");
  put(data, "method", "post");
  put(data, "home", link(page.base + "/", page.prefill(page.query)));
  put(data, "away", page.say("nav.toOthers"));
  const auto answer = put_calendar(page, data, offering, wanted);

  std::int64_t slot = 0, capacity = 1;
  for (const auto& each : list_at(answer, "slots")) {
    const auto& one = each.as_object();
    capacity = std::max(capacity, integer_at(one, "capacity"));
    const auto start = Instant::parse(text_at(one, "startsAt")), end = Instant::parse(text_at(one, "endsAt"));
    if (const auto length = start && end ? (*end - *start) / std::chrono::minutes{1} : 0; length > 0 && (slot == 0 || length < slot))
      slot = length;
  }
  const auto put_options = [&](const char* name, const std::vector<std::int64_t>& values, std::int64_t chosen, auto words) {
    Data options{Data::type::list};
    for (const auto value : values) {
      Data option{Data::type::object};
      option.set("value", std::to_string(value));
      option.set("label", words(value));
      put(option, "chosen", value == chosen);
      options << option;
    }
    data.set(name, options);
  };
  std::vector<std::int64_t> lengths, quantities;
  if (by_length && slot > 0)
    for (std::int64_t length = std::max(slot, (least + slot - 1) / slot * slot);
         lengths.size() < 24 && length <= (most > 0 ? most : 24 * slot); length += slot)
      lengths.push_back(length);
  const std::int64_t shown = std::max(wanted.length.count(), lengths.empty() ? std::int64_t{0} : lengths.front());
  if (!lengths.empty() && std::ranges::find(lengths, shown) == lengths.end()) lengths.push_back(shown);
  for (std::int64_t quantity = 1; quantity <= std::min<std::int64_t>(capacity, 20); ++quantity) quantities.push_back(quantity);
  if (wanted.quantity > 1 && wanted.quantity > std::ssize(quantities)) quantities.push_back(wanted.quantity);
  put_options("lengths", lengths, shown, [&](std::int64_t length) { return duration_words(length, *page.words); });
  put_options("quantities", quantities, wanted.quantity, [](std::int64_t quantity) { return std::to_string(quantity); });
  data.set("keptFields", fields_of(page.prefill(page.query)));
  put(data, "here", page.base + page.path);
  put(data, "hasLengths", lengths.size() > 1);
  put(data, "hasQuantities", quantities.size() > 1);
  put(data, "hasChoice", lengths.size() > 1 || quantities.size() > 1);
}

api::Response offering(Page& page, std::string_view slug) {
  Object offering;
  if (const int code = page.ask_content("/offerings/" + encode(slug), offering); code != 200) return page.trouble_of(code);
  Data data = offering_data(page, offering);
  data.set("paragraphs", paragraphs_of(text_at(offering, "description")));
  put(data, "photoOf", page.say("offering.photo", {{"title", text_at(offering, "title")}}));
  Data photos{Data::type::list};
  int n = 0;
  for (const auto& each : list_at(offering, "photos")) {
    if (++n > 5) break;
    Data photo{Data::type::object};
    put(photo, "url", text_at(each.as_object(), "url"));
    put(photo, "alt", text_at(each.as_object(), "alt"));
    photos << photo;
  }
  data.set("photos", photos);
  Data facts{Data::type::list}, amenities{Data::type::list};
  bool any_fact = false, any_amenity = false;
  for (const auto& [key, value] : object_at(offering, "attributes")) {
    if (value.is_array()) {
      for (const auto& each : value.get_array()) {
        amenities << Data{"text", title_words(value_words(each, *page.words))};
        any_amenity = true;
      }
    } else if (!value.is_null() && key != "city" && key != "neighborhood") {
      Data fact{Data::type::object};
      fact.set("key", title_words(key));
      fact.set("value", value_words(value, *page.words));
      facts << fact;
      any_fact = true;
    }
  }
  if (any_fact) data.set("hasFacts", Data{true});
  if (any_amenity) data.set("hasAmenities", Data{true});
  data.set("facts", facts);
  data.set("amenities", amenities);
  data.set("policy", policy_words(object_at(offering, "cancellationPolicy"), *page.words));
  put(data, "verified", text_at(page.brand, "kybStatus") == "VERIFIED");
  put(data, "instant", is_at(offering, "autoApprove") && page.takes_cards());
  put(data, "prefillQuery", link("", page.prefill(page.query)));
  put(data, "nonce", page.nonce);
  Object reviews;
  if (page.ask_content("/offerings/" + encode(slug) + "/reviews?limit=6", reviews) == 200) {
    Data list{Data::type::list};
    bool any = false;
    for (const auto& each : list_at(reviews, "data")) {
      const auto& review = each.as_object();
      Data one{Data::type::object};
      const auto rating = std::clamp<std::int64_t>(integer_at(review, "rating"), 0, 5);
      std::string marks;
      for (int i = 0; i < 5; ++i) marks += i < rating ? "★" : "☆";
      one.set("stars", marks);
      one.set("of5", page.say("rating.of", {{"n", rating}}));
      put(one, "author", text_at(review, "author"));
      put(one, "title", text_at(review, "title"));
      put(one, "text", text_at(review, "text"));
      if (const auto at = Instant::parse(text_at(review, "createdAt"))) one.set("date", page.day(*at, "UTC", "MMMMy"));
      const auto& reply = object_at(review, "reply");
      put(one, "reply", reply.empty() ? text_at(review, "reply") : text_at(reply, "text"));
      put(one, "replied", page.say("offering.replied", {{"name", text_at(page.brand, "name")}}));
      for (const auto* name : {"title", "text", "reply"}) put(one, std::string{name} + "Lang", page.lang_of(review, name));
      list << one;
      any = true;
    }
    if (any) data.set("hasReviews", Data{true});
    data.set("reviews", list);
  }
  put_choice(page, data, offering);
  put_ask(page, data, offering);
  page.title = text_at(offering, "title");
  page.description = cut(text_at(offering, "description"), 300);
  const auto& all = list_at(offering, "photos");
  if (!all.empty()) page.image = text_at(all.front().as_object(), "url");
  page.json_ld = product_json(page, offering);
  return page.answer("offering", data);
}

} // namespace orkestr::server::pages
