// What the pages of storefronts share: questions to the API, texts out of its answers, templates.
#pragma once

#include "pages/catalogue.hpp"

#include "orkestr/api/api.hpp"
#include "orkestr/base/json.hpp"

#include <boost/json.hpp>
#include <kainjow/mustache.hpp>

#include <chrono>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::server::pages {

using Data = kainjow::mustache::data;
using json::Object;
using json::Value;
using Query = std::map<std::string, std::string, std::less<>>;

// ---- addresses and forms

[[nodiscard]] std::string encode(std::string_view text);
/// @returns nothing for text that is not percent-encoded; a form's `+` is a space
[[nodiscard]] std::optional<std::string> decode(std::string_view text);
/// What a form or a link has sent; later ones of the same name win; broken, empty and endless ones are dropped.
[[nodiscard]] Query query_of(std::string_view text, std::size_t longest = 1000);
[[nodiscard]] std::string at(const Query& query, std::string_view name);
/// An address with some of its parameters changed; an empty value takes one away.
[[nodiscard]] std::string link(std::string_view path, Query query,
                               std::initializer_list<std::pair<std::string_view, std::string_view>> changes = {});

// ---- what the API answers

[[nodiscard]] std::string_view text_at(const Object& object, std::string_view name);
[[nodiscard]] std::int64_t integer_at(const Object& object, std::string_view name);
[[nodiscard]] const boost::json::array& list_at(const Object& object, std::string_view name);
[[nodiscard]] const Object& object_at(const Object& object, std::string_view name);
/// What translations have put into the place of a resource's own texts.
void take_translation(Object& resource, bool& machine);
[[nodiscard]] bool is_at(const Object& object, std::string_view name);
[[nodiscard]] Currency currency_at(const Object& object);
/// As much of a text as fits, whole characters.
[[nodiscard]] std::string cut(std::string_view text, std::size_t bytes);
[[nodiscard]] std::string first_letter(std::string_view text);
/// Minor units as `120.50`, for machines.
[[nodiscard]] std::string decimal(Amount amount, Currency currency);
/// The cancellation policy in sentences, each as `line`.
[[nodiscard]] Data policy_words(const Object& policy, const Words& words);

// ---- templates

/// A text, or what is false to a section: one that is missing would be looked for further out.
void put(Data& data, const std::string& name, std::string_view text);
void put(Data& data, const std::string& name, std::same_as<bool> auto is) { data.set(name, Data{is}); }
/// @returns empty for one that is not there
[[nodiscard]] std::string_view template_text(std::string_view name);
/// Hidden fields of a form, each as `key` and `value`.
[[nodiscard]] Data fields_of(const Query& query);
/// @param words  found as `w.group.name`; those that take no arguments
[[nodiscard]] std::string render(std::string_view name, const Data& data, const Words* words = nullptr);
/// A text whose emphasized() parts are strong, as HTML.
[[nodiscard]] std::string strong_html(std::string_view text);
/// JSON that may stand in an element of a page.
[[nodiscard]] std::string for_script(std::string_view json);
/// Marks an argument of a message for strong_html().
[[nodiscard]] std::string emphasized(std::string_view text);

/// One request for a page, and what its answer is made of.
struct Page {
  api::Api& api;
  const api::Request& request;
  std::string tenant, host, path;
  std::string base; ///< before the paths of this storefront's pages: nothing, or `/embed/v1/atlas` within a widget
  Query query;
  Instant now;
  std::string gateway;                       ///< `test`, `stripe`; empty where nothing is paid online
  std::string nonce;                         ///< of this page: a form of it that is sent twice asks for one thing
  std::optional<std::uint32_t> commits = {}; ///< Platform::commits(), before anything but the brand was read
  Object brand = {};
  const Words* words = &Words::of("en");
  std::string lang = "en";  ///< of the words
  std::string wanted = {};  ///< the language that a widget's address asks for
  std::string chosen = {};  ///< the one of the tenant's languages that the reader gets
  std::string content = {}; ///< asked of the API; empty where the tenant's own language is shown
  bool original = false;    ///< the reader wants what the tenant wrote
  bool machine = false;     ///< something that is shown was translated by a machine
  std::string locale = {};  ///< in which money, numbers and times are written
  std::string title = {}, description = {}, image = {}, json_ld = {};
  std::vector<std::string> cookies = {};
  int status = 200, refresh = 0;
  bool partial = false;         ///< the API was too busy to say all: nobody else is to see this
  bool quiet = false;           ///< not for search engines
  Object event = {};            ///< told to the page around a widget: `type`, and of a booking `id`, `status`, `startsAt`, `endsAt`
  bool stripe = false;          ///< Stripe's own script asks for the card
  std::string retry_after = {}; ///< of the last answer that had one

  struct Question {
    api::Method method = api::Method::get;
    std::string body = {}, token = {}, key = {};
  };
  /// Asks below `/v1/public/{tenant}`. @returns the status; `answer` is empty unless it is a JSON object
  int ask(const std::string& below, Object& answer, const Question& question);
  int ask(const std::string& below, Object& answer) { return ask(below, answer, {}); }
  /// Asks for what the tenant wrote, a resource or a list: what there is in the reader's language takes the place of it.
  int ask_content(const std::string& below, Object& answer, const Question& question);
  int ask_content(const std::string& below, Object& answer) { return ask_content(below, answer, {}); }
  int ask_at(const std::string& target, Object& answer, const Question& question);

  /// Finds the reader's language, of those that the brand has.
  void choose_language();
  [[nodiscard]] std::vector<std::string> languages() const;
  /// The language of a field that is shown; empty where it is the page's own.
  [[nodiscard]] std::string lang_of(const Object& resource, std::string_view field) const;
  /// Of what is never translated.
  [[nodiscard]] std::string source_lang() const;
  /// The address of this page in another language.
  [[nodiscard]] std::string in_language(const std::string& tag) const;
  [[nodiscard]] std::string say(std::string_view key, Words::Arguments arguments = {}) const { return words->say(key, arguments); }
  /// What a problem of the API, or one of its faults, is called; in English as the API says it, which says more.
  /// @param field  of a form, whose own form may be told
  [[nodiscard]] std::string fault_words(const Object& problem, std::string_view field = {}) const;

  [[nodiscard]] api::Response answer(std::string_view body_template, Data data);
  /// @param headline, text  keys of what is said
  [[nodiscard]] api::Response trouble(int code, std::string_view headline, std::string_view text);
  [[nodiscard]] api::Response trouble_of(int code);
  /// 303, after a form has done its work. @param where  with base
  [[nodiscard]] api::Response see(const std::string& where);

  /// Within a frame on a page of another site: no cookies, and every address begins with `base`.
  [[nodiscard]] bool embedded() const { return !base.empty(); }
  /// What the page around a widget knows of its customer, passed on until the checkout: name, e-mail and so on.
  [[nodiscard]] Query prefill(const Query& from) const;
  [[nodiscard]] bool is_post() const { return request.method == api::Method::post; }

  [[nodiscard]] bool secure() const;
  void set_cookies(api::Response& response) const;
  /// `https://atlas.example`, as the browser sees it.
  [[nodiscard]] std::string origin() const;
  /// The same at the tenant's own domain, if there is one: what search engines are to know.
  [[nodiscard]] std::string main_origin() const;
  /// Whether customers pay on a page of ours.
  [[nodiscard]] bool takes_cards() const { return !gateway.empty(); }
  [[nodiscard]] std::string money(const Object& from, std::string_view field) const;
  [[nodiscard]] std::string day(Instant at, std::string_view zone, std::string_view skeleton) const;
};

/// The form that a request has sent.
[[nodiscard]] Query form_of(const Page& page);
/// Where a form's fields are wrong, as the API says it: `errors` of the template, each false until it is set.
struct FormErrors {
  explicit FormErrors(std::initializer_list<const char*> fields);
  /// Takes what the API refused. @param names  where each of its pointers belongs; what is not among them goes to `other`
  void take(const Page& page, const Object& problem, const std::map<std::string_view, const char*>& names);
  Data data{Data::type::object};
};

// ---- times and prices in words

/// What an offering is called: as the tenant wrote it, and as the reader sees it.
struct Title {
  std::string written, shown;
};
[[nodiscard]] Title title_of(const Object& offering);
/// A line of a price, as the API has it, in the page's words.
[[nodiscard]] std::string line_words(const Page& page, std::string_view label, const std::vector<Title>& titles);

/// Start, end and how long, in the zone of an offering.
void put_times(const Page& page, Data& data, std::string_view starts, std::string_view ends, std::string_view zone);
/// Where it is more than one.
void put_quantity(Data& data, const Object& of);
/// The price line by line, as quotes and bookings have it.
/// @param titles  of the offerings in them
void put_prices(const Page& page, Data& data, const Object& priced, const boost::json::array& lines, const std::vector<Title>& titles);
/// What kind of times a calendar is to show.
struct Wanted {
  std::chrono::minutes length; ///< slots that follow at once are joined until it is reached; by the day, to the same time of a later day
  bool exact = false;          ///< no longer ones
  std::int64_t quantity = 1;
  Query keep = {}; ///< goes along from month to month
  Query sent = {}; ///< goes along with the time that is chosen
};
/// The month grid, and beside it the free times of the chosen day. @returns the slots of the month, as the API lists them
Object put_calendar(Page& page, Data& data, const Object& offering, const Wanted& wanted);
/// The calendar of times to book; and, where there is something to choose, for how long and how many.
void put_choice(Page& page, Data& data, const Object& offering);
/// The form for questions; of a page that one was sent to, the answer too.
void put_ask(Page& page, Data& data, const Object& offering);

// ---- what is at which path

[[nodiscard]] api::Response home(Page& page);
[[nodiscard]] api::Response offering(Page& page, std::string_view slug);
/// The same, with the answer to the question that was sent.
[[nodiscard]] api::Response ask(Page& page, std::string_view slug);
/// POST: keeps a slot for whoever chose it, and goes on to the checkout.
[[nodiscard]] api::Response take_hold(Page& page);
/// POST: lets it go, and back to the times.
[[nodiscard]] api::Response release_hold(Page& page);
[[nodiscard]] api::Response checkout(Page& page);
/// The list of them, and proving an e-mail address. @param below  what follows /bookings
[[nodiscard]] api::Response bookings(Page& page, std::string_view below);
/// Below /bookings/{id}. @param below  what follows the id
[[nodiscard]] api::Response booking(Page& page, std::string_view id, std::string_view below);

} // namespace orkestr::server::pages
