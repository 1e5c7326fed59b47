#include "support/api_world.hpp"

#include "orkestr/adapters/csv.hpp"
#include "orkestr/platform/imports.hpp"

using namespace orkestr;
using namespace orkestr::test;

namespace {

struct ImportWorld : ApiWorld {
  ImportDesk desk{platform, read_csv};

  Answer upload(const std::string& file, const std::string& query = "", Headers extra = {}) {
    extra.emplace_back("Content-Type", "text/csv; charset=utf-8");
    return post("/v1/provider/imports" + query, file, std::move(extra));
  }
  bool step() {
    return desk.step(clock.now(), [] { return true; }).value();
  }
  Answer import(const std::string& id) { return send(api::Method::get, "/v1/provider/imports/" + id, {}, admin); }
  /// Uploads and works until nothing is left to do.
  Answer done(const std::string& file) {
    const auto taken = upload(file);
    REQUIRE(taken.status() == 202);
    while (step()) {
    }
    return import(taken.text("id"));
  }
  std::vector<Offering> offerings(TenantId of) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Offering>> {
          return tx.offerings().list(of, {}, {1000, {}});
        })
        .value();
  }
  std::string file_of(const std::string& id) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::string> { return tx.imports().file(tenant, *ImportId::parse(id)); })
        .value();
  }
};

const std::string header = "title,slug,productTypeKey,basePrice,currency,availability\r\n";
const std::string good = header + "Studio,,space,120.50,USD,Mon-Fri 09:00-17:00 60min\r\nStudio,hall,space,80,USD,\r\n";

/// `row column code` of each fault.
std::string faults(const Answer& answer) {
  std::string all;
  for (const auto& fault : answer.body.at("faults").as_array())
    all += (all.empty() ? "" : "; ") + std::to_string(fault.at("row").as_int64()) + " " + std::string{fault.at("column").as_string()} +
           " " + std::string{fault.at("code").as_string()};
  return all;
}

} // namespace

TEST_CASE("a file becomes drafts with their hours") {
  ImportWorld w;
  const auto taken = w.upload(good, "?fileName=catalogue.csv");
  CHECK(taken.status() == 202);
  CHECK(taken.text("status") == "CHECKING");
  CHECK(taken.text("fileName") == "catalogue.csv");
  CHECK(taken.raw.header("Location") == "/v1/provider/imports/" + taken.text("id"));
  CHECK(w.offerings(w.tenant).empty());
  CHECK(w.file_of(taken.text("id")) == good);
  CHECK(w.step());
  CHECK_FALSE(w.step());
  const auto done = w.import(taken.text("id"));
  CHECK(done.text("status") == "DONE");
  CHECK(done.number("rows") == 2);
  CHECK(done.number("rowsDone") == 2);
  CHECK(done.number("offerings") == 2);
  CHECK(done.number("availabilityRules") == 5);
  CHECK(done.number("faultCount") == 0);
  CHECK(w.file_of(taken.text("id")).empty());
  const auto made = w.offerings(w.tenant);
  REQUIRE(made.size() == 2);
  CHECK(made[0].slug == "hall");
  CHECK(made[1].slug == "studio");
  for (const auto& offering : made) {
    CHECK(offering.status == OfferingStatus::draft);
    CHECK(offering.time_zone == "America/New_York");
    CHECK(offering.created_at == w.clock.now());
  }
  CHECK(made[1].base_price_cents == 12050);
  const auto rules = w.send(api::Method::get, "/v1/provider/offerings/" + made[1].id.str() + "/availability/rules", {}, w.admin);
  CHECK(rules.data().size() == 5);
  // It can be listed, and is nobody else's.
  CHECK(w.send(api::Method::get, "/v1/provider/imports", {}, w.admin).data().size() == 1);
  CHECK(w.send(api::Method::get, "/v1/provider/imports", {}, w.other_key).data().empty());
  CHECK(w.send(api::Method::get, "/v1/provider/imports/" + taken.text("id"), {}, w.other_key).status() == 404);
  CHECK(w.import("imp_" + std::string(26, '0')).status() == 404);
  CHECK(w.offerings(w.other_tenant).empty());
}

TEST_CASE("a faulty cell anywhere, and nothing comes in") {
  ImportWorld w;
  for (int bad = 0; bad < 3; ++bad) {
    std::string file = header;
    for (int row = 0; row < 3; ++row) file += row == bad ? "Studio,,space,12.345,USD,\r\n" : "Studio,,space,12,USD,\r\n";
    const auto done = w.done(file);
    CHECK(done.text("status") == "FAILED");
    CHECK(faults(done) == std::to_string(bad + 2) + " basePrice invalid_format");
    CHECK(done.body.at("faults").at(0).at("value") == "12.345");
    CHECK(done.number("faultCount") == 1);
    CHECK(done.number("offerings") == 0);
    CHECK(w.file_of(done.text("id")).empty());
  }
  CHECK(w.offerings(w.tenant).empty());
  CHECK(faults(w.send(api::Method::get, "/v1/provider/imports", {}, w.admin).data().size() == 3 ? w.done("\"") : Answer{}) ==
        "1  unterminated_quote");
}

TEST_CASE("slugs that are taken are faults, and those that are made are not") {
  ImportWorld w;
  w.make_offering(w.tenant, "Studio");
  w.make_offering(w.tenant, "Hall");
  w.make_offering(w.other_tenant, "Loft");
  CHECK(faults(w.done(good)) == "3 slug slug_taken");
  CHECK(faults(w.done(header + "A,hall,space,1,USD,\nB,loft,space,1,USD,\nC,loft,space,1,USD,\nD,,space,x,USD,\n")) ==
        "4 slug slug_taken; 5 basePrice invalid_format");
  CHECK(w.done(header + "Studio,,space,1,USD,\nStudio,,space,1,USD,\nStudio,studio-2,space,1,USD,\n").text("status") == "DONE");
  std::vector<std::string> slugs;
  for (const auto& offering : w.offerings(w.tenant)) slugs.push_back(offering.slug);
  std::ranges::sort(slugs);
  CHECK(slugs == std::vector<std::string>{"hall", "studio", "studio-2", "studio-3", "studio-4"});
}

TEST_CASE("a dry run tells all and keeps nothing") {
  ImportWorld w;
  w.make_offering(w.tenant, "Hall");
  const auto audit = w.send(api::Method::get, "/v1/provider/audit", {}, w.admin).raw.body;
  const auto dry = w.upload(header + "A,hall,space,1,USD,\nB,,space,x,USD,\nC,,space,1,USD,Mon 09:00-10:00 30min\n", "?dryRun=true");
  CHECK(dry.status() == 200);
  CHECK(dry.text("status") == "FAILED");
  CHECK(dry.body.at("dryRun") == true);
  CHECK(faults(dry) == "2 slug slug_taken; 3 basePrice invalid_format");
  const auto fine = w.upload(header + "C,,space,1,USD,Mon 09:00-10:00 30min\n", "?dryRun=true");
  CHECK(fine.text("status") == "DONE");
  CHECK(fine.number("offerings") == 1);
  CHECK(fine.number("availabilityRules") == 1);
  CHECK(w.import(fine.text("id")).status() == 404);
  CHECK_FALSE(w.step());
  CHECK(w.offerings(w.tenant).size() == 1);
  CHECK(w.send(api::Method::get, "/v1/provider/imports", {}, w.admin).data().empty());
  CHECK(w.send(api::Method::get, "/v1/provider/audit", {}, w.admin).raw.body == audit);
}

TEST_CASE("what is no upload is refused") {
  ImportWorld w;
  const auto send = [&](const std::string& query, const std::string& type, const std::string& token) {
    return w.send(api::Method::post, "/v1/provider/imports" + query, good, token, {{"Content-Type", type}}).code();
  };
  CHECK(send("", "application/json", w.admin) == "unsupported_media_type");
  CHECK(send("", "text/csvx", w.admin) == "unsupported_media_type");
  CHECK(send("?dryRun=maybe", "text/csv", w.admin) == "invalid_parameter");
  CHECK(send("?fileName=", "text/csv", w.admin) == "invalid_parameter");
  CHECK(send("?rows=1", "text/csv", w.admin) == "unknown_parameter");
  CHECK(send("", "text/csv", w.key) == "insufficient_scope");
  CHECK(send("", "text/csv", "") == "unauthenticated");
  CHECK(w.upload(std::string(largest_import + 1, 'a')).status() == 413);
  CHECK(w.api.max_body_bytes(api::Method::post, "/v1/provider/imports") == largest_import);
  // Three at a time.
  for (int i = 0; i < 3; ++i) CHECK(w.upload(good).status() == 202);
  CHECK(w.upload(good).code() == "resource_in_use");
  CHECK(w.upload(good, "?dryRun=true").status() == 200);
  CHECK(w.step());
  CHECK(w.upload(good).status() == 202);
}

TEST_CASE("an upload is done once under its key") {
  ImportWorld w;
  const Headers key{{"Idempotency-Key", "one"}};
  const auto first = w.upload(good, "", key), again = w.upload(good, "", key);
  CHECK(first.text("id") == again.text("id"));
  CHECK(again.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.upload(good + "x", "", key).code() == "idempotency_mismatch");
  while (w.step()) {
  }
  CHECK(w.offerings(w.tenant).size() == 2);
}

TEST_CASE("whoever takes over what another began does it once") {
  ImportWorld w;
  const auto taken = w.upload(good);
  // Stopped while it reads: the next step begins anew.
  CHECK_FALSE(w.desk.step(w.clock.now(), [] { return false; }).value());
  CHECK(w.import(taken.text("id")).text("status") == "CHECKING");
  CHECK(w.offerings(w.tenant).empty());
  // Taken over while it works: what the first one finds is not written.
  ImportDesk other(w.platform, read_csv);
  bool asked = false;
  CHECK(w.desk
            .step(w.clock.now(),
                  [&] {
                    if (!std::exchange(asked, true)) {
                      w.clock.advance(std::chrono::minutes{1});
                      CHECK(other.step(w.clock.now(), [] { return true; }).value());
                    }
                    return true;
                  })
            .value());
  CHECK(asked);
  CHECK(w.offerings(w.tenant).size() == 2);
  CHECK(w.import(taken.text("id")).text("status") == "DONE");
  CHECK_FALSE(w.step());
}

TEST_CASE("what a file stops each time is given up") {
  ImportWorld w;
  const auto taken = w.upload(good);
  // Desks that take it and are never heard of again.
  for (int i = 0; i < 5; ++i) {
    struct Death {};
    CHECK_THROWS_AS((void)w.desk.step(w.clock.now(), []() -> bool { throw Death{}; }), Death);
    CHECK_FALSE(w.step()); // it is still theirs
    w.clock.advance(std::chrono::minutes{1});
  }
  CHECK(w.step());
  CHECK(faults(w.import(taken.text("id"))) == "0  interrupted");
  CHECK(w.offerings(w.tenant).empty());
}

TEST_CASE("somebody who takes a slug between check and write makes it fail as a whole") {
  ImportWorld w;
  const auto taken = w.upload(good);
  bool asked = false;
  CHECK(w.desk
            .step(w.clock.now(),
                  [&] {
                    if (!std::exchange(asked, true)) w.make_offering(w.tenant, "Hall");
                    return true;
                  })
            .value());
  CHECK(faults(w.import(taken.text("id"))) == "3 slug slug_taken");
  CHECK(w.offerings(w.tenant).size() == 1);
}

TEST_CASE("the template is for anybody, at both of its addresses") {
  ImportWorld w;
  for (const auto* path : {"/v1/provider/import/template.csv", "/provider/import/template.csv"}) {
    const auto answer = w.send(api::Method::get, path);
    CHECK(answer.status() == 200);
    CHECK(answer.raw.header("Content-Type") == "text/csv; charset=utf-8");
    CHECK(answer.raw.body == import_template());
    CHECK(w.send(api::Method::get, path, {}, {}, {{"If-None-Match", std::string{answer.raw.header("ETag")}}}).status() == 304);
  }
  CHECK(w.done(import_template()).text("status") == "DONE");
}

TEST_CASE("finished imports are forgotten after thirty days, and the audit log tells of them") {
  ImportWorld w;
  const auto done = w.done(good);
  w.clock.advance(keep_imports);
  REQUIRE(w.platform.run_due(w.clock.now()));
  CHECK(w.import(done.text("id")).status() == 200);
  w.clock.advance(milliseconds{1});
  REQUIRE(w.platform.run_due(w.clock.now()));
  CHECK(w.import(done.text("id")).status() == 404);
  const auto log = w.send(api::Method::get, "/v1/provider/audit", {}, w.admin);
  CHECK(log.data().at(0).at("action") == "import.finish");
  CHECK(log.data().at(0).at("detail") == "2 offerings, 0 faults");
  CHECK(log.data().at(1).at("action") == "import.create");
}
