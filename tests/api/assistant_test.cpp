// The assistant over the API: who may ask, what is answered, and what is none of theirs.
#include "support/api_world.hpp"

#include "orkestr/platform/assistant.hpp"

using namespace orkestr;
using namespace orkestr::test;

namespace {

struct AssistantWorld : ApiWorld {
  AssistantWorld() {
    for (int i = 0; i < 4; ++i) make(tenant, "Room " + std::to_string(i), "A room. It has a view.", 4000 + 1000 * i);
    loft = make(tenant, "Sunny Loft", "A bright loft with a sauna. Bring towels. The sauna of the loft is bright.", 9000);
    attic = make(tenant, "Attic", "An attic with a jacuzzi.", 9000, OfferingStatus::draft);
    foreign = make(other_tenant, "Canary Hall", "A hall with a canary.", 9000);
  }
  OfferingId make(TenantId of, std::string title, std::string description, Amount price,
                  OfferingStatus status = OfferingStatus::published) {
    Offering draft;
    draft.title = std::move(title);
    draft.description = std::move(description);
    draft.product_type_key = "space";
    draft.base_price_cents = price;
    draft.status = status;
    return platform.create_offering(of, draft).value().id;
  }
  Answer ask(const std::string& question, std::optional<OfferingId> about = {}, const std::string& more = {}) {
    return send(api::Method::post, "/v1/public/atlas/assistant", body(question, about, more));
  }
  static std::string body(const std::string& question, std::optional<OfferingId> about = {}, const std::string& more = {}) {
    std::string text;
    json::Writer w(text);
    w.begin_object();
    w.key("question");
    w.string(question);
    if (about) {
      w.key("offeringId");
      w.string(about->view());
    }
    w.end_object();
    return more.empty() ? text : text.substr(0, text.size() - 1) + "," + more + "}";
  }
  OfferingId loft, attic, foreign;
};

} // namespace

TEST_CASE("visitors ask, and are answered from what is published") {
  AssistantWorld w;
  const auto answer = w.ask("Is there a sauna?", w.loft);
  CHECK(answer.status() == 200);
  CHECK(answer.body.at("known").as_bool());
  CHECK(answer.text("by") == "extractive");
  CHECK(answer.text("answer").find("A bright loft with a sauna.") != std::string::npos);
  const auto& source = answer.body.at("sources").at(0);
  CHECK(source.at("offeringId").as_string() == w.loft.view());
  CHECK(source.at("slug").as_string() == "sunny-loft");
  CHECK(source.at("quote").as_string() == "A bright loft with a sauna.");
  CHECK(answer.raw.header("ETag").empty());
  const auto unknown = w.ask("Is there a helipad?", w.loft);
  CHECK(unknown.status() == 200);
  CHECK_FALSE(unknown.body.at("known").as_bool());
  CHECK(unknown.body.at("sources").as_array().empty());
  CHECK_FALSE(w.ask("Who has a jacuzzi?").body.at("known").as_bool());
  CHECK_FALSE(w.ask("Who has a canary?").body.at("known").as_bool());
  CHECK(w.ask("Is there a sauna?", w.attic).status() == 404);
  CHECK(w.ask("Is there a sauna?", w.foreign).status() == 404);
  CHECK(w.send(api::Method::post, "/v1/public/nobody/assistant", w.body("x")).status() == 404);
  CHECK(w.send(api::Method::get, "/v1/public/atlas/assistant").status() == 405);
}

TEST_CASE("what is no question is refused by name") {
  AssistantWorld w;
  CHECK(w.send(api::Method::post, "/v1/public/atlas/assistant", "{}").faults() == "/question required");
  CHECK(w.ask("").faults() == "/question too_short");
  CHECK(w.ask(std::string(501, 'x')).faults() == "/question too_long");
  CHECK(w.ask(" \n ").faults() == "/question invalid_format");
  CHECK(w.ask("x", {}, R"("offeringId":"off_1","locale":"!","tenantId":"x")").faults() ==
        "/locale too_short; /offeringId invalid_format; /tenantId unknown_field");
  CHECK(w.ask("Is there a sauna?", {}, R"("locale":"pt-BR")").status() == 200);
  CHECK(w.send(api::Method::post, "/v1/public/atlas/assistant", "no json").status() == 400);
}

TEST_CASE("visitors that ask too much are held off, as everywhere") {
  AssistantWorld w;
  api::ApiOptions options;
  options.visitor_limit = 3;
  api::Api strict(w.platform, options);
  int answered = 0, refused = 0;
  const auto body = AssistantWorld::body("Is there a sauna?");
  const std::vector<api::HeaderView> headers{{"Content-Type", "application/json"}};
  for (int i = 0; i < 6; ++i) {
    const auto status = strict.handle({api::Method::post, "/v1/public/atlas/assistant", headers, body, "192.0.2.9"}).status;
    answered += status == 200, refused += status == 429;
  }
  CHECK(answered == 3);
  CHECK(refused == 3);
}

TEST_CASE("the provider's people ask about drafts too, and see what it costs") {
  AssistantWorld w;
  const auto staff = w.seat(w.tenant, Role::staff, "staff@example.com"), client = w.seat(w.tenant, Role::client, "client@example.com");
  const auto answer = w.as(staff, api::Method::post, "/v1/provider/assistant", w.body("Who has a jacuzzi?"));
  CHECK(answer.status() == 200);
  CHECK(answer.body.at("sources").at(0).at("offeringId").as_string() == w.attic.view());
  CHECK(w.as(client, api::Method::post, "/v1/provider/assistant", w.body("x")).status() == 403);
  CHECK(w.send(api::Method::post, "/v1/provider/assistant", w.body("x"), w.key).status() == 403);
  CHECK(w.send(api::Method::post, "/v1/provider/assistant", w.body("x")).status() == 401);
  const auto status = w.as(staff, api::Method::get, "/v1/provider/assistant");
  CHECK(status.status() == 200);
  CHECK(json::Value(status.body) ==
        *json::parse(R"({"model":null,"day":"2026-05-01","requests":0,"promptTokens":0,"completionTokens":0,"dailyTokens":null})"));
}

TEST_CASE("summaries and prices are for those who run the place") {
  AssistantWorld w;
  const auto path = [](OfferingId id, const char* what) { return "/v1/provider/offerings/" + id.str() + "/" + what; };
  const auto summary = w.send(api::Method::get, path(w.loft, "summary"), {}, w.admin);
  CHECK(summary.status() == 200);
  CHECK(summary.text("summary").starts_with("A bright loft with a sauna."));
  CHECK(w.send(api::Method::get, path(w.attic, "summary"), {}, w.admin).text("summary") == "An attic with a jacuzzi.");
  const auto price = w.send(api::Method::get, path(w.loft, "price-suggestion"), {}, w.admin);
  CHECK(price.status() == 200);
  const auto& suggestion = price.body.at("suggestion");
  CHECK(suggestion.at("comparables").as_array().size() == 4);
  CHECK(suggestion.at("suggestedCents").as_int64() >= 4000);
  CHECK(suggestion.at("suggestedCents").as_int64() <= 7000);
  CHECK(suggestion.at("reasons").at(0).at("kind").as_string() == "COMPARABLES");
  CHECK(price.raw.body.find("Canary") == std::string::npos);
  CHECK(w.send(api::Method::get, path(w.foreign, "price-suggestion"), {}, w.other_key).body.at("suggestion").is_null());
  for (const auto* what : {"summary", "price-suggestion"}) {
    CHECK(w.send(api::Method::get, path(w.foreign, what), {}, w.admin).status() == 404);
    CHECK(w.send(api::Method::get, path(w.loft, what), {}, w.key).status() == 403);
    CHECK(w.send(api::Method::get, path(w.loft, what)).status() == 401);
  }
}
