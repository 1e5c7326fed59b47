// What customers say of what they booked: reviews and disputes.
#include "pages/bookings.hpp"

#include <array>

namespace orkestr::server::pages {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> categories{{{"NOT_PROVIDED", "dispute.notProvided"},
                                                                         {"NOT_AS_DESCRIBED", "dispute.notAsDescribed"},
                                                                         {"POOR_QUALITY", "dispute.poorQuality"},
                                                                         {"UNSAFE", "dispute.unsafe"},
                                                                         {"WRONG_CHARGE", "dispute.wrongCharge"},
                                                                         {"REFUND_MISSING", "dispute.refundMissing"},
                                                                         {"DAMAGE", "dispute.damage"},
                                                                         {"OTHER", "form.other"}}};

std::string_view category_key(std::string_view category) {
  for (const auto& [value, key] : categories)
    if (category == value) return key;
  return category == "NO_SHOW" ? "dispute.noShow" : "form.other";
}

/// A text area's lines as addresses.
boost::json::array lines_of(std::string_view text) {
  boost::json::array lines;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

Data links_of(const Object& of) {
  Data links{Data::type::list};
  for (const auto& url : list_at(of, "evidenceUrls")) links << Data{"url", std::string{url.as_string()}};
  return links;
}

/// A text, paragraph by paragraph.
Data paragraphs_of(std::string_view text) {
  Data paragraphs{Data::type::list};
  for (const auto& line : lines_of(text)) paragraphs << Data{"text", std::string{line.as_string()}};
  return paragraphs;
}

} // namespace

std::string dispute_words(const Page& page, const Object& dispute) {
  const auto status = text_at(dispute, "status");
  if (status == "ESCALATED") return page.say("dispute.escalated");
  if (status == "WITHDRAWN") return page.say("dispute.withdrawn");
  if (status != "RESOLVED") return page.say("dispute.open");
  return page.say(text_at(dispute, "resolution") == "REFUND" ? "dispute.settledRefund" : "dispute.settledNothing");
}

api::Response review(Managed& managed) {
  Page& page = managed.page;
  Object list;
  if (const int code = managed.ask("/reviews", list); code != 200) return page.trouble_of(code);
  const auto& written = list_at(list, "data");
  const Object* old = written.empty() ? nullptr : &written.front().as_object();
  const std::string one = old == nullptr ? "" : "/reviews/" + std::string{text_at(*old, "id")};
  const auto form = form_of(page);
  FormErrors errors{"rating", "title", "text"};
  Object answer;
  if (page.is_post() && old != nullptr && !at(form, "delete").empty()) {
    const int code = managed.ask(one, answer, api::Method::del);
    if (code == 204) return page.see(managed.link());
    if (code != 409) return page.trouble_of(code);
    errors.take(page, answer, {});
  } else if (page.is_post()) {
    Object wanted;
    const auto stars = at(form, "rating");
    if (stars.size() == 1 && stars[0] >= '1' && stars[0] <= '5') wanted["rating"] = stars[0] - '0';
    for (const auto* name : {"title", "text"}) {
      if (const auto typed = at(form, name); !typed.empty())
        wanted[name] = typed;
      else if (old != nullptr)
        wanted[name] = nullptr;
    }
    if (old == nullptr) wanted["offeringId"] = text_at(managed.item(), "offeringId");
    const int code =
        old == nullptr ? managed.ask("/reviews", answer, api::Method::post, wanted) : managed.ask(one, answer, api::Method::patch, wanted);
    if (code == 200 || code == 201) return page.see(managed.link());
    if (code != 409 && code != 422) return page.trouble_of(code);
    page.status = code;
    errors.take(page, answer, {{"/rating", "rating"}, {"/title", "title"}, {"/text", "text"}});
    if (!wanted.contains("rating")) put(errors.data, "rating", page.say("review.needsStars"));
  }
  Data data = managed.data(), stars{Data::type::list};
  const auto typed = [&](const char* name) { return page.is_post() || old == nullptr ? at(form, name) : std::string{text_at(*old, name)}; };
  const auto chosen = page.is_post() || old == nullptr ? at(form, "rating") : std::to_string(integer_at(*old, "rating"));
  for (const auto& [value, label] :
       {std::pair{"1", "rating.one"}, {"2", "rating.two"}, {"3", "rating.three"}, {"4", "rating.four"}, {"5", "rating.five"}}) {
    Data star{Data::type::object};
    star.set("value", value);
    star.set("of5", page.say("review.stars", {{"n", std::int64_t{value[0] - '0'}}}));
    star.set("label", page.say(label));
    put(star, "chosen", chosen == value);
    stars << star;
  }
  data.set("stars", stars);
  put(data, "typed_title", typed("title"));
  put(data, "typed_text", typed("text"));
  put(data, "old", old != nullptr);
  put(data, "reply", old == nullptr ? "" : text_at(*old, "reply"));
  data.set("errors", errors.data);
  page.title = page.say("review.title");
  return page.answer("review", data);
}

namespace {

api::Response open_dispute(Managed& managed) {
  Page& page = managed.page;
  const auto form = form_of(page);
  FormErrors errors{"reason", "evidence"};
  if (page.is_post()) {
    Object answer;
    Object wanted{{"category", at(form, "category")}, {"reason", at(form, "reason")}, {"evidenceUrls", lines_of(at(form, "evidence"))}};
    const int code = managed.ask("/disputes", answer, api::Method::post, wanted, at(form, "nonce")); // sent twice, it is one
    if (code == 201) return page.see(managed.link("/disputes/" + std::string{text_at(answer, "id")}));
    if (code != 409 && code != 422) return page.trouble_of(code);
    page.status = code;
    errors.take(page, answer, {{"/reason", "reason"}});
    for (const auto& each : list_at(answer, "errors"))
      if (const auto& fault = each.as_object(); text_at(fault, "pointer").starts_with("/evidenceUrls")) {
        put(errors.data, "evidence", page.fault_words(fault, "evidence"));
        put(errors.data, "other", "");
      }
  }
  Data data = managed.data(), options{Data::type::list};
  for (const auto& [value, label] : categories) {
    Data option{Data::type::object};
    option.set("value", value);
    option.set("label", page.say(label));
    put(option, "chosen", at(form, "category") == value);
    options << option;
  }
  data.set("categories", options);
  put(data, "nonce", page.nonce);
  put(data, "typed_reason", at(form, "reason"));
  put(data, "typed_evidence", at(form, "evidence"));
  data.set("errors", errors.data);
  page.title = page.say("dispute.wrong");
  return page.answer("dispute_new", data);
}

api::Response thread(Managed& managed, const std::string& path) {
  Page& page = managed.page;
  FormErrors errors{"text", "evidence"};
  const auto form = form_of(page);
  Object dispute;
  if (const int code = managed.ask(path, dispute); code != 200) return page.trouble_of(code);
  if (page.is_post()) {
    const auto act = at(form, "act");
    Object answer;
    const int code = act == "escalate" || act == "withdraw"
                         ? managed.ask(path + "/" + act, answer, api::Method::post)
                         : managed.ask(path + "/messages", answer, api::Method::post,
                                       {{"text", at(form, "text")}, {"evidenceUrls", lines_of(at(form, "evidence"))}}, at(form, "nonce"));
    if (code == 200 || code == 201) return page.see(managed.link(path));
    if (code != 409 && code != 422) return page.trouble_of(code);
    page.status = code;
    errors.take(page, answer, {{"/text", "text"}});
  }
  const auto& zone = text_at(page.brand, "timeZone");
  const auto says = [&](std::string_view role, std::string_view at, std::string_view text, const Object& with) {
    Data message{Data::type::object};
    message.set("who", role == "CUSTOMER"   ? page.say("dispute.you")
                       : role == "PROVIDER" ? std::string{text_at(page.brand, "name")}
                                            : page.say("dispute.platform"));
    put(message, "mine", role == "CUSTOMER");
    if (const auto when = Instant::parse(at)) message.set("when", page.day(*when, zone, "dMMMMyjm"));
    message.set("paragraphs", paragraphs_of(text));
    message.set("links", links_of(with));
    return message;
  };
  Data data = managed.data(), messages{Data::type::list};
  messages << says(text_at(dispute, "openedBy"), text_at(dispute, "createdAt"), text_at(dispute, "reason"), dispute);
  for (const auto& each : list_at(dispute, "messages")) {
    const auto& message = each.as_object();
    messages << says(text_at(message, "authorRole"), text_at(message, "createdAt"), text_at(message, "text"), message);
  }
  data.set("messages", messages);
  put(data, "nonce", page.nonce);
  const auto status = text_at(dispute, "status");
  put(data, "here", managed.link(path));
  put(data, "category", page.say(category_key(text_at(dispute, "category"))));
  put(data, "status", dispute_words(page, dispute));
  put(data, "note", text_at(dispute, "note"));
  put(data, "refund",
      integer_at(dispute, "refundCents") > 0 ? page.say("dispute.refund", {{"amount", page.money(dispute, "refundCents")}}) : "");
  put(data, "open", status == "OPEN" || status == "ESCALATED");
  put(data, "canEscalate", status == "OPEN");
  put(data, "canWithdraw", (status == "OPEN" || status == "ESCALATED") && text_at(dispute, "openedBy") == "CUSTOMER");
  put(data, "typed_text", at(form, "text"));
  put(data, "typed_evidence", at(form, "evidence"));
  data.set("errors", errors.data);
  page.title = page.say("dispute.title");
  return page.answer("dispute", data);
}

} // namespace

api::Response disputes(Managed& managed, std::string_view below) {
  if (below == "/new") return open_dispute(managed);
  if (below.size() > 1 && DisputeId::parse(below.substr(1))) return thread(managed, "/disputes" + std::string{below});
  return managed.page.trouble_of(404);
}

} // namespace orkestr::server::pages
