// Questions about an offering, on its own page: a form, and below it what the assistant says.
#include "pages/page.hpp"

namespace orkestr::server::pages {
namespace {

/// What the assistant said, with its sources as links.
void put_answer(const Page& page, Data& data, const Object& answer) {
  Data lines{Data::type::list}, sources{Data::type::list};
  for (std::string_view text = text_at(answer, "answer"); !text.empty();) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) lines << Data{"text", std::string{line}};
  }
  const bool worded = text_at(answer, "by") != "extractive";
  for (const auto& each : list_at(answer, "sources")) {
    const auto& source = each.as_object();
    Data one{Data::type::object};
    put(one, "url", link(page.base + "/o/" + encode(text_at(source, "slug")), page.prefill(page.query)));
    put(one, "title", text_at(source, "title"));
    put(one, "quote", worded ? text_at(source, "quote") : std::string_view{}); // else it stands in the answer
    sources << one;
  }
  put(data, "answered", true);
  data.set("answerLines", lines);
  data.set("sources", sources);
  put(data, "known", is_at(answer, "known"));
  put(data, "worded", worded && is_at(answer, "known"));
}

} // namespace

void put_ask(Page& page, Data& data, const Object& offering) {
  put(data, "offeringId", text_at(offering, "id"));
  put(data, "askAction", page.base + "/o/" + encode(text_at(offering, "slug")) + "/ask");
  for (const auto* name : {"question", "answered", "known", "worded", "askError"}) data.set(name, Data{false});
  if (!page.is_post()) return;
  const auto form = form_of(page);
  const auto question = at(form, "question");
  put(data, "question", question);
  Object body{{"question", question}, {"offeringId", text_at(offering, "id")}}, answer;
  const int code = page.ask("/assistant", answer, {.method = api::Method::post, .body = boost::json::serialize(body)});
  if (code == 200) return put_answer(page, data, answer);
  put(data, "askError", page.say(code == 422 ? "ask.length" : code == 429 ? "ask.many" : "ask.failed"));
  page.status = code;
}

api::Response ask(Page& page, std::string_view slug) {
  const auto here = "/o/" + encode(slug);
  if (!page.is_post()) return page.see(page.base + here);
  page.path = here;
  page.quiet = true;
  return offering(page, slug);
}

} // namespace orkestr::server::pages
