#include "pages/page.hpp"

#include "pages/assets.hpp"
#include "pages/colours.hpp"
#include "pages/words.hpp"

#include "orkestr/engine/translation.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/grammar/string_token.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <unicode/ustring.h>

#include <algorithm>
#include <charconv>

namespace orkestr::server::pages {
namespace {

/// Nothing but what comes from here. Only a widget may be framed, by the sites that its tenant names.
std::string content_policy(const Page& page) {
  // https://docs.stripe.com/security/guide#content-security-policy
  std::string policy = page.stripe ? "default-src 'none'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; "
                                     "connect-src 'self' https://api.stripe.com; "
                                     "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; "
                                   : "default-src 'none'; script-src 'self'; connect-src 'self'; ";
  policy += "style-src 'self'; img-src 'self' https: data:; form-action 'self'; base-uri 'none'; frame-ancestors ";
  if (!page.embedded()) return policy + "'none'";
  policy += "'self'";
  for (const auto& origin : list_at(page.brand, "embedOrigins")) policy.append(1, ' ').append(std::string_view{origin.as_string()});
  return policy;
}

bool is_utf8(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t units = 0;
  u_strFromUTF8(nullptr, 0, &units, text.data(), static_cast<std::int32_t>(text.size()), &status);
  return status == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(status) != 0;
}

} // namespace

std::string encode(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

std::optional<std::string> decode(std::string_view text) {
  const auto encoded = boost::urls::make_pct_string_view(text);
  if (!encoded) return std::nullopt;
  std::string out;
  boost::urls::encoding_opts options;
  options.space_as_plus = true;
  encoded->decode(options, boost::urls::string_token::assign_to(out));
  return is_utf8(out) && out.find('\0') == std::string::npos ? std::optional{std::move(out)} : std::nullopt;
}

Query query_of(std::string_view text, std::size_t longest) {
  Query query;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto equals = part.find('=');
    const auto name = decode(part.substr(0, equals));
    const auto value = decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1));
    if (name && value && !value->empty() && name->size() <= 40 && value->size() <= longest) query[*name] = *value;
  }
  return query;
}

std::string at(const Query& query, std::string_view name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string{} : found->second;
}

/// The page's own address with some of its parameters changed; an empty value takes one away.
std::string link(std::string_view path, Query query, std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
  for (const auto& [name, value] : changes) {
    if (value.empty())
      query.erase(std::string{name});
    else
      query[std::string{name}] = value;
  }
  std::string out{path};
  char mark = '?';
  for (const auto& [name, value] : query) {
    out.append(1, mark).append(encode(name)).append(1, '=').append(encode(value));
    mark = '&';
  }
  return out;
}

std::string_view text_at(const Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}
std::int64_t integer_at(const Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}
const boost::json::array& list_at(const Object& object, std::string_view name) {
  static const boost::json::array none;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}
const Object& object_at(const Object& object, std::string_view name) {
  static const Object none;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}
Currency currency_at(const Object& object) { return Currency::parse(text_at(object, "currency")).value_or(Currency{}); }

Data policy_words(const Object& policy, const Words& words) {
  Data lines{Data::type::list};
  if (const auto grace = integer_at(policy, "graceMinutes"); grace > 0)
    lines << Data{"line", words.say("policy.grace", {{"time", duration_words(grace, words)}})};
  bool any = false;
  for (const auto& each : list_at(policy, "tiers")) {
    if (!each.is_object()) continue;
    const auto percent = integer_at(each.get_object(), "refundPercent"), hours = integer_at(each.get_object(), "hoursBefore");
    if (percent == 0) continue;
    any = true;
    const auto time = hours > 0 ? duration_words(hours * 60, words) : std::string{};
    if (percent == 100)
      lines << Data{"line", hours > 0 ? words.say("policy.free", {{"time", time}}) : words.say("policy.freeToStart")};
    else
      lines << Data{"line", hours > 0 ? words.say("policy.part", {{"percent", percent}, {"time", time}})
                                      : words.say("policy.partToStart", {{"percent", percent}})};
  }
  lines << Data{"line", words.say(any ? "policy.nothingAfter" : "policy.nothing")};
  return lines;
}

/// A text, or what is false to a section: one that is missing would be looked for further out.
void put(Data& data, const std::string& name, std::string_view text) {
  data.set(name, text.empty() ? Data{false} : Data{std::string{text}});
}

Query form_of(const Page& page) { return query_of(page.request.body, 16'000); }

FormErrors::FormErrors(std::initializer_list<const char*> fields) {
  for (const auto* name : fields) data.set(name, Data{false});
  data.set("other", Data{false});
}
void FormErrors::take(const Page& page, const Object& problem, const std::map<std::string_view, const char*>& names) {
  const auto& faults = list_at(problem, "errors");
  if (faults.empty()) put(data, "other", page.fault_words(problem));
  for (const auto& each : faults) {
    const auto found = names.find(text_at(each.as_object(), "pointer"));
    const std::string_view field = found == names.end() ? "other" : found->second;
    put(data, std::string{field}, page.fault_words(each.as_object(), field));
  }
}

Data fields_of(const Query& query) {
  Data fields{Data::type::list};
  for (const auto& [key, value] : query) {
    Data field{Data::type::object};
    field.set("key", key);
    field.set("value", value);
    fields << field;
  }
  return fields;
}

std::string_view template_text(std::string_view name) {
  const auto* asset = find_asset("/templates/" + std::string{name} + ".mustache");
  return asset != nullptr ? asset->body : std::string_view{};
}

namespace {

/// What all pages of a language need of it.
struct Spoken {
  Data plain{Data::type::object}; ///< `w`, and in it groups of messages without arguments
  std::string live;               ///< for scripts: messages as JSON
};

const Spoken& spoken(const Words& words) {
  static const auto all = [] {
    std::map<const Words*, Spoken> made;
    for (const auto& tag : Words::shipped()) {
      const auto& of = Words::of(tag);
      std::map<std::string, Data> groups;
      Object live;
      Words::of("en").each([&](std::string_view key, std::string_view pattern) {
        const auto own = of.pattern(key);
        const std::string text{own.empty() ? pattern : own}, group{key.substr(0, key.find('.'))};
        if (text.find('{') == std::string::npos)
          groups.try_emplace(group, Data::type::object).first->second.set(std::string{key.substr(group.size() + 1)}, text);
        // What is wrong is said by the API in English.
        if (group == "live" || group == "times" || group == "prices" || group == "ask" || key == "nav.toOthers" || key == "error.empty" ||
            key == "error.email" || (group == "error" && of.locale() != "en"))
          live[key] = text;
      });
      auto& one = made[&of];
      Data w{Data::type::object};
      for (const auto& [group, data] : groups) w.set(group, data);
      one.plain.set("w", w);
      one.live = for_script(boost::json::serialize(live));
    }
    return made;
  }();
  return all.at(&words);
}

} // namespace

std::string for_script(std::string_view json) {
  std::string safe;
  for (const char c : json) { // nothing in it may end the element that it stands in
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

constexpr char strong_from = '\x01', strong_to = '\x02';

std::string emphasized(std::string_view text) { return std::string{strong_from}.append(text).append(1, strong_to); }
std::string strong_html(std::string_view text) {
  std::string html;
  for (const char c : kainjow::mustache::html_escape(std::string{text}))
    if (c == strong_from)
      html += "<strong>";
    else if (c == strong_to)
      html += "</strong>";
    else
      html += c;
  return html;
}

/// Each thread keeps the templates that it has parsed.
std::string render(std::string_view name, const Data& data, const Words* words) {
  thread_local std::map<std::string, kainjow::mustache::mustache, std::less<>> parsed;
  auto found = parsed.find(name);
  if (found == parsed.end()) found = parsed.emplace(name, kainjow::mustache::mustache{std::string{template_text(name)}}).first;
  kainjow::mustache::context<std::string> context;
  if (words != nullptr) context.push(&spoken(*words).plain);
  context.push(&data);
  return found->second.render(context);
}

bool is_at(const Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string{text};
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return std::string{text.substr(0, bytes)};
}

std::string first_letter(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return std::string{text.substr(0, end)};
}

std::string decimal(Amount amount, Currency currency) {
  std::string text = std::to_string(amount);
  if (const auto digits = static_cast<std::size_t>(currency.decimals()); digits > 0) {
    if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
    text.insert(text.size() - digits, 1, '.');
  }
  return text;
}

void put_times(const Page& page, Data& data, std::string_view starts, std::string_view ends, std::string_view zone) {
  const auto start = Instant::parse(starts), end = Instant::parse(ends);
  if (!start || !end) return;
  const bool days = *end - *start >= std::chrono::hours{24};
  const auto when = page.day(*start, zone, "EEEEdMMMMyjm"), until = page.day(*end, zone, days ? "EEEEdMMMMjm" : "jm");
  put(data, "when", when);
  put(data, "toUntil", page.say("times.to", {{"time", until}}));
  put(data, "span", page.say("times.span", {{"from", when}, {"to", until}}));
  put(data, "length", duration_words((*end - *start) / std::chrono::minutes{1}, *page.words));
  put(data, "zoneWords", page.day(*start, zone, "vvvv"));
  put(data, "zone", zone);
}

void put_quantity(Data& data, const Object& of) {
  put(data, "quantity", integer_at(of, "quantity") > 1 ? std::to_string(integer_at(of, "quantity")) : "");
}

void put_prices(const Page& page, Data& data, const Object& priced, const boost::json::array& lines, const std::vector<Title>& titles) {
  Data list{Data::type::list};
  const Currency currency = currency_at(priced);
  for (const auto& each : lines) {
    const auto& line = each.as_object();
    Data one{Data::type::object};
    put(one, "label", line_words(page, text_at(line, "label"), titles));
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

int Page::ask(const std::string& below, Object& answer, const Question& question) {
  return ask_at("/v1/public/" + tenant + below, answer, question);
}

int Page::ask_at(const std::string& target, Object& answer, const Question& question) {
  std::vector<api::HeaderView> headers;
  const std::string token = "Bearer " + question.token;
  if (const auto id = request.header("X-Request-Id"); !id.empty()) headers.push_back({"X-Request-Id", id});
  if (!question.body.empty()) headers.push_back({"Content-Type", "application/json"});
  if (!question.token.empty()) headers.push_back({"Authorization", token});
  if (!question.key.empty()) headers.push_back({"Idempotency-Key", question.key});
  const auto response = api.handle({question.method, target, headers, question.body, request.peer});
  partial |= response.status >= 429;
  if (const auto later = response.header("Retry-After"); !later.empty()) retry_after = later;
  auto parsed = json::parse(response.body, {.max_depth = 32, .max_keys = 1 << 20});
  answer = parsed && parsed->is_object() ? std::move(parsed->get_object()) : Object{};
  return response.status;
}

namespace {

/// The switch between the tenant's languages, and what search engines are to know of them.
void put_languages(const Page& page, Data& frame) {
  const auto tags = page.languages();
  const auto own = text_at(page.brand, "locale");
  const bool reads = !page.is_post(), open = reads && !page.quiet && !page.embedded() && page.status == 200;
  Data languages{Data::type::list}, alternates{Data::type::list};
  for (const auto& tag : tags) {
    Data one{Data::type::object};
    one.set("tag", tag);
    one.set("label", locale_name(tag));
    one.set("href", page.in_language(tag));
    put(one, "chosen", tag == page.chosen);
    languages << one;
    Data alternate{Data::type::object};
    alternate.set("tag", tag);
    alternate.set("href", page.main_origin() + (tag == own ? page.path : link(page.path, {}, {{"lang", tag}})));
    alternates << alternate;
  }
  frame.set("languages", languages);
  put(frame, "hasLanguages", tags.size() > 1 && reads);
  frame.set("alternates", open && tags.size() > 1 ? alternates : Data{Data::type::list});
  put(frame, "machine", page.machine && reads ? link(page.base + page.path, page.query, {{"original", "1"}}) : "");
  put(frame, "translation", page.original && reads && page.chosen != own ? link(page.base + page.path, page.query) : "");
}

} // namespace

api::Response Page::answer(std::string_view body_template, Data data) {
  data.set("base", base);
  put(data, "sourceLang", source_lang());
  const auto body = render(body_template, data, words);
  Data frame{Data::type::object};
  frame.set("base", base);
  put(frame, "embedded", embedded());
  for (const auto* name : {"type", "id", "status", "startsAt", "endsAt"}) put(frame, std::string{"event_"} + name, text_at(event, name));
  const std::string name{text_at(brand, "name")};
  frame.set("lang", lang);
  put(frame, "rtl", is_right_to_left(lang));
  frame.set("words", spoken(*words).live);
  put(frame, "foot", name.empty() ? "" : say("frame.foot", {{"name", name}}));
  put(frame, "announcementLang", lang_of(brand, "announcement"));
  put_languages(*this, frame);
  frame.set("title", title.empty() ? name : title + " · " + name);
  frame.set("description", description);
  put(frame, "name", name);
  frame.set("initial", name.empty() ? std::string{"?"} : first_letter(name));
  put(frame, "verified", text_at(brand, "kybStatus") == "VERIFIED");
  const auto look = text_at(brand, "template");
  frame.set("look", look == "GALLERY" ? "gallery" : look == "COMPACT" ? "compact" : "classic");
  const auto& announcement = object_at(brand, "announcement");
  put(frame, "announcement", text_at(announcement, "text"));
  put(frame, "announcementUrl", text_at(announcement, "linkUrl"));
  put(frame, "logo", text_at(brand, "logoUrl"));
  if (!embedded())
    frame.set("canonical",
              main_origin() + (chosen.empty() || chosen == text_at(brand, "locale") ? path : link(path, {}, {{"lang", chosen}})));
  if (!image.empty()) frame.set("image", image);
  frame.set("style", std::string{hashed_asset("storefront.css")});
  frame.set("script", std::string{hashed_asset(embedded() ? "embed.js" : "storefront.js")});
  frame.set("tenant", tenant);
  frame.set("locale", locale);
  frame.set("now", to_string(now));
  if (const auto colour = text_at(brand, "brandColor"); Colour::parse(colour))
    frame.set("theme", "/theme.css?c=" + std::string{colour.substr(1)});
  if (!json_ld.empty()) frame.set("jsonLd", json_ld);
  put(frame, "quietPage", quiet || embedded());
  put(frame, "refresh", refresh > 0 ? std::to_string(refresh) : "");
  frame.set("body", body);
  api::Response response;
  response.status = status;
  response.set("Content-Type", "text/html; charset=utf-8");
  response.set("Cache-Control", "private, no-cache");
  response.set("Content-Language", lang);
  response.set("Vary", embedded() ? "Accept-Language" : "Accept-Language, Cookie");
  response.set("Content-Security-Policy", content_policy(*this));
  response.set("X-Content-Type-Options", "nosniff");
  // The address of a widget's page may have a booking's token in it.
  response.set("Referrer-Policy", embedded() ? "same-origin" : "strict-origin-when-cross-origin");
  response.set("Cross-Origin-Resource-Policy", embedded() ? "cross-origin" : "same-origin");
  // A site that isolates itself can frame only what does so too; photos come from anywhere, without their cookies.
  // Stripe's frames don't isolate themselves, and would stay empty.
  if (embedded() && !stripe) response.set("Cross-Origin-Embedder-Policy", "credentialless");
  if (secure()) response.set("Strict-Transport-Security", "max-age=31536000");
  set_cookies(response);
  response.body = render("frame", frame, words);
  return response;
}

api::Response Page::trouble(int code, std::string_view headline, std::string_view text) {
  if (chosen.empty()) choose_language(); // nobody's page
  status = code;
  title = say(headline);
  Data data{Data::type::object};
  put(data, "headline", title);
  put(data, "text", say(text));
  put(data, "home", !brand.empty());
  return answer("trouble", data);
}
api::Response Page::trouble_of(int code) {
  if (code == 429 || (code >= 500 && code != 501)) {
    auto response = code == 429 ? trouble(429, "trouble.moment", "trouble.tooMuch") : trouble(503, "trouble.moment", "trouble.unreachable");
    if (!retry_after.empty()) response.set("Retry-After", retry_after);
    return response;
  }
  if (code == 404) return trouble(404, "trouble.notHere", "trouble.notHereText");
  if (code == 400 || code == 401 || code == 409 || code == 422) return trouble(code, "trouble.notUsed", "trouble.notUsedText");
  if (code == 403) return trouble(403, "trouble.closed", "trouble.closedText");
  return trouble(503, "trouble.moment", "trouble.unreachable");
}

void Page::set_cookies(api::Response& response) const {
  if (embedded()) return;
  for (const auto& cookie : cookies) response.set("Set-Cookie", cookie);
}

Query Page::prefill(const Query& from) const {
  Query known;
  if (embedded())
    for (const auto* name : {"name", "email", "phone", "notes", "coupon"})
      if (const auto value = at(from, name); !value.empty()) known[name] = value;
  return known;
}

bool Page::secure() const { return request.secure(); }
std::string Page::main_origin() const {
  const auto own = text_at(brand, "customDomain");
  if (own.empty() || host.starts_with(own)) return origin();
  const auto port = host.rfind(':'); // where it is not the usual one, it is so there too
  return (secure() ? "https://" : "http://") + std::string{own} + (port == std::string::npos ? "" : host.substr(port));
}

std::string Page::origin() const { return (secure() ? "https://" : "http://") + host; }

std::string Page::money(const Object& from, std::string_view field) const {
  return money_words(integer_at(from, field), currency_at(from), locale);
}
std::string Page::day(Instant at, std::string_view zone, std::string_view skeleton) const { return time_words(at, zone, locale, skeleton); }

api::Response Page::see(const std::string& where) {
  api::Response response;
  response.status = 303;
  response.set("Location", where);
  response.set("Cache-Control", "no-store");
  // Where a site isolates itself, what leads to a page is looked at as the page is.
  if (embedded()) {
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    response.set("Cross-Origin-Embedder-Policy", "credentialless");
  }
  if (secure()) response.set("Strict-Transport-Security", "max-age=31536000");
  set_cookies(response);
  return response;
}

} // namespace orkestr::server::pages
