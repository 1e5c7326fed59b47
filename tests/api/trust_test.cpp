// Reviews and disputes over the API: the customer with a manage token, the provider, the storefront, the platform's admin.
#include "support/api_world.hpp"

#include <set>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

const std::string reviews = "/v1/provider/reviews", disputes = "/v1/provider/disputes", all_disputes = "/v1/admin/disputes";

struct World : ApiWorld {
  /// A booking made at the storefront.
  struct Visit {
    std::string id, path, token; ///< the path under /v1/public/atlas
  };

  Visit book(const char* name = "Ada Lovelace", const char* email = "ada@example.com", bool approved = true) {
    const auto made = send(Method::post, "/v1/public/atlas/bookings",
                           R"({"offeringId":")" + loft.str() +
                               R"(","startsAt":"2026-05-04T14:00:00Z","endsAt":"2026-05-04T15:00:00Z","customer":{"name":")" + name +
                               R"(","email":")" + email + "\"}}");
    REQUIRE(made.status() == 201);
    Visit visit;
    visit.id = std::string{made.body.at("booking").at("id").as_string()};
    visit.path = "/v1/public/atlas/bookings/" + visit.id;
    visit.token = made.text("manageToken");
    if (approved) REQUIRE(post("/v1/provider/bookings/" + visit.id + "/approve").status() == 200);
    return visit;
  }
  Answer as(const Visit& visit, Method method, const std::string& path, const std::string& body = {}, Headers extra = {}) {
    return send(method, visit.path + path, body, visit.token, std::move(extra));
  }
  Answer see(const std::string& target) { return send(Method::get, target, {}, admin); }
  Answer as_operator(Method method, const std::string& path, const std::string& body = {}, Headers extra = {}) {
    return send(method, path, body, operator_, std::move(extra));
  }
  /// Where the admin finds a dispute of the tenant.
  std::string at(const std::string& dispute) const { return all_disputes + "/" + tenant.str() + "/" + dispute; }
  Answer visit(const std::string& target) { return send(Method::get, "/v1/public/atlas" + target); }
  std::string ids(const Answer& list) {
    std::string all;
    REQUIRE(list.status() == 200);
    for (const auto& row : list.data()) all += std::string{row.at("id").as_string()} + " ";
    return all;
  }

  OfferingId loft = make_offering(tenant, "Soho Loft", 50);
  std::string operator_ = make_admin("ada@platform.example").token;
};

std::set<std::string> keys(const json::Value& object) {
  std::set<std::string> all;
  for (const auto& member : object.as_object()) all.emplace(member.key());
  return all;
}

} // namespace

TEST_CASE("a review: written by token, shown by the storefront and in the offering, answered by the provider") {
  World w;
  const auto ada = w.book();
  const auto made = w.as(ada, Method::post, "/reviews", R"({"rating":4,"title":"Bright","text":"Two\nlines"})");
  REQUIRE(made.status() == 201);
  const auto id = made.text("id");
  CHECK(made.raw.header("Location") == ada.path + "/reviews/" + id);
  CHECK(made.text("author") == "Ada L.");
  CHECK(made.text("bookingId") == ada.id);
  const auto own = w.as(ada, Method::get, "/reviews/" + id);
  CHECK(own.body == made.body);
  CHECK(own.raw.header("ETag") == made.raw.header("ETag"));
  CHECK(w.ids(w.as(ada, Method::get, "/reviews")) == id + " ");
  CHECK(w.as(ada, Method::post, "/reviews", R"({"rating":1})").code() == "already_exists");

  const auto shown = w.visit("/offerings/soho-loft");
  CHECK(shown.body.at("ratingAverage").to_number<double>() == 4.0);
  CHECK(shown.body.at("reviewCount") == 1);
  CHECK_FALSE(shown.body.as_object().contains("ratingSum"));
  const auto listed = w.visit("/offerings/soho-loft/reviews");
  REQUIRE(listed.data().size() == 1);
  CHECK(keys(listed.data()[0]) ==
        std::set<std::string>{"id", "author", "rating", "title", "text", "reply", "repliedAt", "createdAt", "updatedAt"});

  const auto tag = std::string{own.raw.header("ETag")};
  CHECK(w.as(ada, Method::patch, "/reviews/" + id, R"({"rating":5})", {{"If-Match", "\"other\""}}).status() == 412);
  const auto changed = w.as(ada, Method::patch, "/reviews/" + id, R"({"rating":5,"title":null})", {{"If-Match", tag}});
  CHECK(changed.status() == 200);
  CHECK(changed.number("rating") == 5);
  CHECK(changed.body.at("title").is_null());
  CHECK(changed.text("text") == "Two\nlines");
  CHECK(w.get("/v1/api/offerings/" + w.loft.str()).body.at("ratingAverage").to_number<double>() == 5.0);

  const auto bob = w.book("bob@example.com", "bob@example.com");
  const auto second = w.as(bob, Method::post, "/reviews", R"({"rating":2})").text("id");
  CHECK(w.visit("/offerings/soho-loft").body.at("ratingAverage").to_number<double>() == 3.5);
  CHECK(w.ids(w.visit("/offerings/soho-loft/reviews?limit=1")) == second + " ");
  CHECK(w.ids(w.visit("/offerings/soho-loft/reviews?limit=1&cursor=" +
                      w.visit("/offerings/soho-loft/reviews?limit=1").text("nextCursor"))) == id + " ");

  CHECK(w.ids(w.see(reviews)) == second + " " + id + " ");
  CHECK(w.ids(w.see(reviews + "?rating=2")) == second + " ");
  CHECK(w.ids(w.see(reviews + "?replied=true")) == "");
  CHECK(w.ids(w.see(reviews + "?offeringId=" + w.loft.str() + "&customerId=" + made.text("customerId"))) == id + " ");
  for (const char* bad : {"?rating=0", "?rating=6", "?rating=x", "?replied=1", "?offeringId=x", "?customerId="})
    CHECK(w.see(reviews + bad).code() == "invalid_parameter");
  CHECK(w.post(reviews + "/" + id + "/reply", "{}").faults() == "/text required");
  const auto replied = w.post(reviews + "/" + id + "/reply", R"({"text":"Come again!"})");
  CHECK(replied.status() == 200);
  CHECK(replied.text("reply") == "Come again!");
  CHECK(w.see(reviews + "/" + id).body == replied.body);
  CHECK(w.ids(w.see(reviews + "?replied=true")) == id + " ");
  CHECK(w.post(reviews + "/" + id + "/reply", R"({"text":"Or not"})").code() == "invalid_transition");
  CHECK(w.as(ada, Method::patch, "/reviews/" + id, R"({"rating":1})").code() == "invalid_transition");
  CHECK(w.as(ada, Method::del, "/reviews/" + id).code() == "invalid_transition");
  CHECK(w.visit("/offerings/soho-loft/reviews").data()[1].at("reply") == "Come again!");

  CHECK(w.as(bob, Method::del, "/reviews/" + second, {}, {{"If-Match", "\"other\""}}).status() == 412);
  CHECK(w.as(bob, Method::del, "/reviews/" + second).status() == 204);
  CHECK(w.as(bob, Method::get, "/reviews/" + second).status() == 404);
  CHECK(w.visit("/offerings/soho-loft").body.at("ratingAverage").to_number<double>() == 5.0);
}

TEST_CASE("what a review or an offering may not be given: another's name, a time, a rating that nobody gave") {
  World w;
  const auto ada = w.book();
  CHECK(
      w.as(ada, Method::post, "/reviews",
           R"({"rating":6,"title":"two\nlines","text":" ","author":"x","customerId":"x","tenantId":"x","reply":"x","createdAt":"2026-05-01T00:00:00Z","id":"x"})")
          .faults() == "/author unknown_field; /createdAt unknown_field; /customerId unknown_field; /id unknown_field; /rating too_large; "
                       "/reply unknown_field; /tenantId unknown_field; /text invalid_format; /title invalid_format");
  CHECK(w.as(ada, Method::post, "/reviews", "{}").faults() == "/rating required");
  CHECK(w.as(ada, Method::post, "/reviews", R"({"rating":4.5})").faults() == "/rating wrong_type");
  const auto id = w.as(ada, Method::post, "/reviews", R"({"rating":3})").text("id");
  CHECK(w.as(ada, Method::patch, "/reviews/" + id, R"({"reply":"x","customerId":"x","offeringId":"x","repliedAt":null})").faults() ==
        "/customerId read_only_field; /offeringId read_only_field; /repliedAt read_only_field; /reply read_only_field");
  CHECK(w.patch("/v1/api/offerings/" + w.loft.str(), R"({"ratingAverage":5,"reviewCount":9,"ratingSum":45})").faults() ==
        "/ratingAverage read_only_field; /ratingSum unknown_field; /reviewCount read_only_field");
  CHECK(w.patch("/v1/api/offerings/" + w.loft.str(), R"({"title":"Edited"})").body.at("ratingAverage").to_number<double>() == 3.0);
  CHECK(w.post(reviews + "/" + id + "/reply", R"({"text":"x","rating":1})").faults() == "/rating unknown_field");
  CHECK(w.as(w.book("Cy", "cy@example.com", false), Method::post, "/reviews", R"({"rating":3})").code() == "invalid_transition");
  const auto elsewhere = w.make_offering(w.tenant, "Attic");
  CHECK(
      w.as(w.book("Di", "di@example.com"), Method::post, "/reviews", R"({"rating":3,"offeringId":")" + elsewhere.str() + "\"}").status() ==
      404);
}

TEST_CASE("a token leads to what was written by its booking alone, though the customer is the same") {
  World w;
  const auto first = w.book(), second = w.book(), mallory = w.book("Mallory", "mallory@example.com");
  const auto review = w.as(first, Method::post, "/reviews", R"({"rating":5})").text("id");
  const auto dispute = w.as(first, Method::post, "/disputes", R"({"reason":"x"})").text("id");
  const auto before = w.see(reviews).raw.body + w.see(disputes).raw.body;
  const std::string none(26, '0');
  for (const auto& other : {second, mallory}) {
    CHECK(w.ids(w.as(other, Method::get, "/reviews")) == "");
    CHECK(w.ids(w.as(other, Method::get, "/disputes")) == "");
    const auto same = [&](Method method, const std::string& path, const std::string& absent, const std::string& body = {}) {
      CAPTURE(path);
      const auto foreign = w.as(other, method, path, body), missing = w.as(other, method, absent, body);
      CHECK(foreign.status() == 404);
      CHECK(foreign.text("detail") == missing.text("detail"));
      CHECK(foreign.code() == missing.code());
    };
    for (const auto method : {Method::get, Method::patch, Method::del})
      same(method, "/reviews/" + review, "/reviews/rev_" + none, method == Method::patch ? "{}" : "");
    same(Method::get, "/disputes/" + dispute, "/disputes/dsp_" + none);
    for (const auto* act : {"/messages", "/escalate", "/withdraw"})
      same(Method::post, "/disputes/" + dispute + act, "/disputes/dsp_" + none + act, "{}");
    // The right path, another booking's token.
    CHECK(w.send(Method::get, first.path + "/reviews/" + review, {}, other.token).status() == 404);
    CHECK(w.send(Method::get, first.path + "/disputes/" + dispute, {}, other.token).status() == 404);
  }
  for (const auto& token : {std::string{}, w.admin})
    for (const auto* path : {"/reviews", "/disputes"}) {
      CHECK(w.send(Method::get, first.path + path, {}, token).status() == 401);
      CHECK(w.send(Method::post, first.path + path, "{}", token).status() == 401);
    }
  CHECK(w.see(reviews).raw.body + w.see(disputes).raw.body == before);
  // Ids of another kind, and of another tenant.
  CHECK(w.as(first, Method::get, "/reviews/" + dispute).status() == 404);
  CHECK(w.as(first, Method::get, "/disputes/" + review).status() == 404);
  CHECK(w.send(Method::get, reviews + "/" + review, {}, w.other_key).status() == 404);
  CHECK(w.send(Method::get, disputes + "/" + dispute, {}, w.other_key).status() == 404);
  CHECK(w.ids(w.send(Method::get, reviews, {}, w.other_key)) == "");
  CHECK(w.ids(w.send(Method::get, disputes, {}, w.other_key)) == "");
  CHECK(w.ids(w.send(Method::get, disputes + "?bookingId=" + first.id, {}, w.other_key)) == "");
}

TEST_CASE("a dispute: opened by token, talked over, escalated, resolved with the money back") {
  World w;
  const auto ada = w.book();
  CHECK(w.post("/v1/provider/bookings/" + ada.id + "/payments", R"({"amountCents":6000})").status() == 200);
  const auto made =
      w.as(ada, Method::post, "/disputes",
           R"({"reason":"The door was locked.","category":"NOT_PROVIDED","evidenceUrls":["https://photos.example/door.jpg"]})");
  REQUIRE(made.status() == 201);
  const auto id = made.text("id");
  CHECK(made.raw.header("Location") == ada.path + "/disputes/" + id);
  CHECK(made.text("openedBy") == "CUSTOMER");
  CHECK(made.body.at("messages").as_array().empty());
  CHECK(w.as(ada, Method::get, "/disputes/" + id).raw.header("ETag") == made.raw.header("ETag"));
  CHECK(w.as(ada, Method::post, "/disputes", R"({"reason":"again"})").code() == "already_exists");
  CHECK(w.post("/v1/provider/bookings/" + ada.id + "/disputes", R"({"reason":"again"})").code() == "already_exists");
  CHECK(w.ids(w.see(disputes)) == id + " ");
  CHECK(w.ids(w.see(disputes + "?status=OPEN&bookingId=" + ada.id)) == id + " ");
  CHECK(w.ids(w.see(disputes + "?status=RESOLVED")) == "");
  CHECK(w.see(disputes + "?status=open").code() == "invalid_parameter");

  const auto sent = w.as(ada, Method::post, "/disputes/" + id + "/messages", R"({"text":"Hello?"})");
  CHECK(sent.status() == 201);
  CHECK(sent.raw.header("Location") == ada.path + "/disputes/" + id);
  const auto answered = w.post(disputes + "/" + id + "/messages", R"({"text":"It was open."})");
  CHECK(answered.status() == 201);
  CHECK(answered.text("authorRole") == "PROVIDER");
  CHECK(answered.text("authorId").starts_with("key_"));
  CHECK(w.post(disputes + "/" + id + "/withdraw").code() == "forbidden");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/escalate").text("status") == "ESCALATED");
  CHECK(w.post(disputes + "/" + id + "/escalate").code() == "invalid_transition");

  // A customer sees who acted by party, and no id of the business's.
  const auto thread = w.as(ada, Method::get, "/disputes/" + id);
  CHECK(thread.body.at("messages").as_array().size() == 2);
  CHECK(thread.raw.body.find("key_") == std::string::npos);
  CHECK(thread.raw.body.find("openedById") == std::string::npos);
  CHECK(thread.raw.body.find("authorId") == std::string::npos);
  const auto theirs = w.see(disputes + "/" + id);
  CHECK(theirs.text("openedById") == theirs.text("customerId"));
  CHECK(std::string{theirs.body.at("messages").as_array()[0].at("authorId").as_string()} == theirs.text("customerId"));

  CHECK(w.post(disputes + "/" + id + "/resolve", R"({"resolution":"KEEP_PAYMENT","note":"No."})").code() == "forbidden");
  CHECK(w.post(disputes + "/" + id + "/resolve", R"({"resolution":"REFUND","note":"Yes.","refundCents":6001})").faults() ==
        "/refundCents too_large");
  CHECK(w.post(disputes + "/" + id + "/resolve", "{}").faults() == "/note required; /resolution required");
  const auto done = w.post(disputes + "/" + id + "/resolve", R"({"resolution":"REFUND","note":"You are right."})");
  CHECK(done.status() == 200);
  CHECK(done.text("status") == "RESOLVED");
  CHECK(done.number("refundCents") == 6000);
  CHECK(done.raw.header("ETag") == w.see(disputes + "/" + id).raw.header("ETag"));
  const auto booking = w.as(ada, Method::get, "");
  CHECK(booking.text("status") == "REFUNDED");
  const auto told = w.as(ada, Method::get, "/disputes/" + id);
  CHECK(told.text("note") == "You are right.");
  CHECK(told.text("resolvedBy") == "PROVIDER");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/messages", R"({"text":"Thanks"})").code() == "invalid_transition");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/withdraw").code() == "invalid_transition");
}

TEST_CASE("a dispute that the provider opens names no key to the customer, whoever reads or withdraws it") {
  World w;
  const auto ada = w.book();
  const auto made = w.post("/v1/provider/bookings/" + ada.id + "/disputes", R"({"reason":"The projector is broken.","category":"DAMAGE"})");
  REQUIRE(made.status() == 201);
  const auto id = made.text("id");
  CHECK(made.raw.header("Location") == disputes + "/" + id);
  CHECK(made.text("openedById").starts_with("key_"));
  for (const auto& answer : {w.as(ada, Method::get, "/disputes"), w.as(ada, Method::get, "/disputes/" + id),
                             w.as(ada, Method::post, "/disputes/" + id + "/messages", R"({"text":"It was so before."})"),
                             w.as(ada, Method::post, "/disputes/" + id + "/escalate")}) {
    CHECK(answer.status() < 300);
    CHECK(answer.raw.body.find("key_") == std::string::npos);
  }
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/withdraw").code() == "forbidden");
  CHECK(w.post(disputes + "/" + id + "/withdraw").text("status") == "WITHDRAWN");
  CHECK(w.as(ada, Method::post, "/disputes", R"({"reason":"Now I am."})").status() == 201);
  CHECK(w.as(ada, Method::get, "/disputes").data().size() == 2);
}

TEST_CASE("what a dispute may not be given, and what it is refused for") {
  World w;
  const auto ada = w.book();
  CHECK(
      w.as(ada, Method::post, "/disputes",
           R"({"status":"RESOLVED","resolution":"REFUND","refundCents":1,"customerId":"x","openedBy":"ADMIN","openedById":"x","tenantId":"x","bookingId":"x"})")
          .faults() ==
      "/bookingId read_only_field; /customerId read_only_field; /openedBy read_only_field; /openedById read_only_field; "
      "/reason required; /refundCents read_only_field; /resolution read_only_field; /status read_only_field; /tenantId unknown_field");
  CHECK(w.as(ada, Method::post, "/disputes",
             R"({"reason":"x","category":"ANGRY","evidenceUrls":["http://a.example/x","https://10.0.0.1/x",7]})")
            .faults() ==
        "/category unknown_value; /evidenceUrls/0 url_invalid; /evidenceUrls/1 address_not_public; /evidenceUrls/2 wrong_type");
  const auto id = w.as(ada, Method::post, "/disputes", R"({"reason":"x"})").text("id");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/messages", R"({"text":"x","authorRole":"ADMIN","authorId":"x"})").faults() ==
        "/authorId read_only_field; /authorRole read_only_field");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/escalate", R"({"status":"RESOLVED"})").faults() == "/status unknown_field");
  CHECK(w.as(w.book("Cy", "cy@example.com", false), Method::post, "/disputes", R"({"reason":"x"})").code() == "invalid_transition");
  const auto di = w.book("Di", "di@example.com");
  w.clock.advance(std::chrono::hours{24 * 64});
  CHECK(w.as(di, Method::post, "/disputes", R"({"reason":"x"})").code() == "invalid_transition");
}

TEST_CASE("reviews, messages and resolutions are safe to repeat under an idempotency key, and no token opens another's answer") {
  World w;
  const auto ada = w.book();
  CHECK(w.post("/v1/provider/bookings/" + ada.id + "/payments", R"({"amountCents":5000})").status() == 200);
  const Headers with_key{{"Idempotency-Key", "again"}};
  const auto once = w.as(ada, Method::post, "/reviews", R"({"rating":4})", with_key);
  const auto twice = w.as(ada, Method::post, "/reviews", R"({"rating":4})", with_key);
  CHECK(once.status() == 201);
  CHECK(twice.status() == 201);
  CHECK(twice.raw.body == once.raw.body);
  CHECK(twice.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.visit("/offerings/soho-loft").body.at("reviewCount") == 1);
  CHECK(w.as(ada, Method::post, "/reviews", R"({"rating":5})", with_key).code() == "idempotency_mismatch");
  CHECK(w.send(Method::post, ada.path + "/reviews", R"({"rating":4})", w.book("Eve", "eve@example.com").token, with_key).code() ==
        "idempotency_mismatch");
  const auto id = w.as(ada, Method::post, "/disputes", R"({"reason":"x"})", {{"Idempotency-Key", "open"}}).text("id");
  CHECK(w.as(ada, Method::post, "/disputes", R"({"reason":"x"})", {{"Idempotency-Key", "open"}}).text("id") == id);
  for (int i = 0; i < 2; ++i)
    CHECK(w.as(ada, Method::post, "/disputes/" + id + "/messages", R"({"text":"x"})", {{"Idempotency-Key", "m"}}).status() == 201);
  CHECK(w.as(ada, Method::get, "/disputes/" + id).body.at("messages").as_array().size() == 1);
  const std::string decision = R"({"resolution":"REFUND","note":"Half.","refundCents":2500})";
  for (int i = 0; i < 2; ++i)
    CHECK(w.post(disputes + "/" + id + "/resolve", decision, {{"Idempotency-Key", "r"}}).number("refundCents") == 2500);
  CHECK(w.see("/v1/provider/bookings/" + ada.id).body.at("payments").as_array()[0].at("refundedCents") == 2500);
}

TEST_CASE("an admin sees the disputes of all tenants, writes in one and keeps the payment: parties, events, bells and both logs") {
  World w;
  const auto ada = w.book();
  CHECK(w.post("/v1/provider/bookings/" + ada.id + "/payments", R"({"amountCents":6000})").status() == 200);
  const auto id = w.as(ada, Method::post, "/disputes", R"({"reason":"The door was locked."})").text("id");
  CHECK(w.as(ada, Method::post, "/disputes/" + id + "/escalate").status() == 200);
  // Another tenant's, opened by its provider.
  const auto theirs = w.try_book(w.other_tenant, w.make_offering(w.other_tenant, "Attic"), "2026-05-04T14:00:00Z").value().id.str();
  CHECK(w.send(Method::post, "/v1/provider/bookings/" + theirs + "/approve", {}, w.other_key).status() == 200);
  const auto foreign = w.send(Method::post, "/v1/provider/bookings/" + theirs + "/disputes", R"({"reason":"x"})", w.other_key).text("id");
  REQUIRE(!foreign.empty());

  const auto listed = [&](const std::string& query) {
    const auto answer = w.as_operator(Method::get, all_disputes + query);
    REQUIRE(answer.status() == 200);
    std::string all;
    for (const auto& row : answer.data())
      all += std::string{row.at("tenantId").as_string()} + "/" + std::string{row.at("dispute").at("id").as_string()} + " ";
    return all;
  };
  const auto one = w.tenant.str() + "/" + id + " ", two = w.other_tenant.str() + "/" + foreign + " ";
  CHECK(listed("") == two + one);
  CHECK(w.as_operator(Method::get, all_disputes).raw.body.find("locked") == std::string::npos);
  CHECK(listed("?status=ESCALATED") == one);
  CHECK(listed("?status=OPEN") == two);
  CHECK(listed("?status=WITHDRAWN") == "");
  CHECK(listed("?limit=1") == two);
  CHECK(listed("?limit=1&cursor=" + w.as_operator(Method::get, all_disputes + "?limit=1").text("nextCursor")) == one);
  CHECK(w.as_operator(Method::get, all_disputes + "?status=open").code() == "invalid_parameter");
  CHECK(w.as_operator(Method::get, all_disputes + "?bookingId=" + ada.id).status() == 400);
  CHECK(w.as_operator(Method::get, "/v1/admin/actions?tenantId=" + w.tenant.str()).data().empty()); // a list is no entry

  const auto read = w.as_operator(Method::get, w.at(id));
  CHECK(read.status() == 200);
  CHECK(read.body.at("tenantId").as_string() == w.tenant.view());
  CHECK(read.body.at("dispute") == w.see(disputes + "/" + id).body);
  const std::string tag{read.raw.header("ETag")};
  CHECK(w.as_operator(Method::get, w.at(id), {}, {{"If-None-Match", tag}}).status() == 304);
  CHECK(w.as_operator(Method::get, all_disputes + "/" + w.tenant.str() + "/" + foreign).status() == 404);
  CHECK(w.as_operator(Method::get, all_disputes + "/" + w.other_tenant.str() + "/" + id).status() == 404);

  CHECK(w.as_operator(Method::post, w.at(id) + "/messages", R"({"authorRole":"CUSTOMER"})").faults() ==
        "/authorRole read_only_field; /text required");
  const auto sent = w.as_operator(Method::post, w.at(id) + "/messages", R"({"text":"Who had the key?"})");
  CHECK(sent.status() == 201);
  CHECK(sent.raw.header("Location") == w.at(id));
  CHECK(sent.text("authorRole") == "ADMIN");
  CHECK(sent.text("authorId").starts_with("adm_"));
  CHECK(w.as_operator(Method::get, w.at(id)).body.at("dispute").at("messages").at(0) == sent.body);

  CHECK(w.post(disputes + "/" + id + "/resolve", R"({"resolution":"KEEP_PAYMENT","note":"No."})").code() == "forbidden");
  CHECK(w.as_operator(Method::post, w.at(id) + "/resolve", "{}").faults() == "/note required; /resolution required");
  CHECK(w.as_operator(Method::post, w.at(id) + "/resolve", R"({"resolution":"KEEP_PAYMENT","note":"No.","refundCents":1})").faults() ==
        "/refundCents conflict");
  const auto kept = w.as_operator(Method::post, w.at(id) + "/resolve", R"({"resolution":"KEEP_PAYMENT","note":"It was another door."})");
  REQUIRE(kept.status() == 200);
  CHECK(kept.body.at("dispute").at("status") == "RESOLVED");
  CHECK(kept.body.at("dispute").at("resolvedBy") == "ADMIN");
  CHECK(kept.raw.header("ETag") == w.as_operator(Method::get, w.at(id)).raw.header("ETag"));
  for (const auto* resolution : {"KEEP_PAYMENT", "REFUND"}) {
    const auto again =
        w.as_operator(Method::post, w.at(id) + "/resolve", R"({"note":"x","resolution":")" + std::string{resolution} + "\"}");
    CHECK(again.status() == 409);
    CHECK(again.code() == "invalid_transition");
  }
  CHECK(w.as_operator(Method::post, w.at(id) + "/messages", R"({"text":"x"})").code() == "invalid_transition");
  CHECK(w.see("/v1/provider/bookings/" + ada.id).body.at("payments").at(0).at("refundedCents") == 0);
  CHECK(listed("?status=ESCALATED") == "");

  // The customer learns the party, and nobody's id.
  const auto told = w.as(ada, Method::get, "/disputes/" + id);
  CHECK(told.body.at("messages").at(0).at("authorRole") == "ADMIN");
  CHECK(told.text("note") == "It was another door.");
  CHECK(told.raw.body.find("adm_") == std::string::npos);

  std::string events;
  const auto feed = w.get("/v1/api/events");
  for (const auto& event : feed.data())
    if (const auto name = std::string{event.at("event").as_string()}; name.starts_with("dispute.")) events += name + " ";
  CHECK(events == "dispute.opened dispute.message dispute.resolved ");
  CHECK(feed.data().back().at("data").at("resolution") == "KEEP_PAYMENT");
  const auto bells = [&](std::optional<CustomerId> customer) {
    std::string all;
    const auto rows = w.store
                          .read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Notification>> {
                            return tx.notifications().list(w.tenant, customer, false, {200, {}});
                          })
                          .value();
    for (const auto& bell : rows)
      if (bell.subject == id) all = std::string{json::name_of(bell.kind)} + " " + all;
    return all;
  };
  CHECK(bells({}) == "DISPUTE_OPENED DISPUTE_MESSAGE GENERIC ");
  CHECK(bells(CustomerId::parse(w.see(disputes + "/" + id).text("customerId"))) == "DISPUTE_MESSAGE GENERIC ");

  // Each reading and each act is in both logs, what was refused in none.
  const auto read_it = "dispute.read " + id;
  const std::vector<std::string> expected{read_it, read_it, "dispute.message " + id, read_it, "dispute.resolve " + id, read_it};
  CHECK(w.as_operator(Method::get, "/v1/admin/actions?limit=200&tenantId=" + w.tenant.str()).actions() == expected);
  std::vector<std::string> audit;
  const auto lines = w.see("/v1/provider/audit?actor=ADMIN&limit=200");
  for (const auto& row : lines.data()) {
    audit.insert(audit.begin(), std::string{row.at("action").as_string()} + " " + std::string{row.at("subject").as_string()});
    CHECK(std::string{row.at("actorId").as_string()} == sent.text("authorId"));
  }
  CHECK(audit == expected);
  CHECK(w.send(Method::get, "/v1/provider/audit?actor=ADMIN", {}, w.other_key).data().empty());
}

TEST_CASE("an admin gives the money back, once: under an idempotency key, beside the provider, and of what is left") {
  World w;
  const auto disputed = [&](const char* name) {
    const auto visit = w.book(name, (std::string{name} + "@example.com").c_str());
    CHECK(w.post("/v1/provider/bookings/" + visit.id + "/payments", R"({"amountCents":6000})").status() == 200);
    return std::pair{visit, w.as(visit, Method::post, "/disputes", R"({"reason":"x"})").text("id")};
  };
  const auto refunded = [&](const World::Visit& visit) {
    return w.see("/v1/provider/bookings/" + visit.id).body.at("payments").at(0).at("refundedCents").to_number<int>();
  };
  const auto [ada, first] = disputed("Ada");
  CHECK(w.as_operator(Method::post, w.at(first) + "/resolve", R"({"resolution":"REFUND","note":"x","refundCents":6001})").faults() ==
        "/refundCents too_large");
  const std::string part = R"({"resolution":"REFUND","note":"Half.","refundCents":3000})";
  const Headers with_key{{"Idempotency-Key", "r"}};
  for (int i = 0; i < 2; ++i)
    CHECK(w.as_operator(Method::post, w.at(first) + "/resolve", part, with_key).body.at("dispute").at("refundCents") == 3000);
  CHECK(refunded(ada) == 3000);
  CHECK(w.as_operator(Method::get, "/v1/admin/actions?action=dispute.resolve").data().size() == 1);

  const auto [bob, second] = disputed("Bob"); // OPEN, and nobody asked: an admin may all the same
  const std::string all = R"({"resolution":"REFUND","note":"All."})";
  int by_admin = 0, by_provider = 0;
  std::thread one([&, id = second] { by_admin = w.as_operator(Method::post, w.at(id) + "/resolve", all).status(); });
  std::thread two([&, id = second] { by_provider = w.post(disputes + "/" + id + "/resolve", all).status(); });
  one.join();
  two.join();
  CHECK(std::min(by_admin, by_provider) == 200);
  CHECK(std::max(by_admin, by_provider) == 409);
  CHECK(refunded(bob) == 6000);
  CHECK(w.as(bob, Method::get, "").text("status") == "REFUNDED");
}
