#include "orkestr/engine/kyb.hpp"
#include "orkestr/engine/notification.hpp"

#include "engine/fixtures.hpp"

#include <fstream>
#include <sstream>

using namespace fixtures;
using namespace std::string_view_literals;

namespace {

const Instant now = at("2026-05-12T12:00:00Z");
constexpr auto png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv, jpeg = "\xff\xd8\xff\xe0\0\x10JFIF"sv, pdf = "%PDF-1.7\n"sv;

std::string listed(const json::Reader& reader) {
  std::string text;
  for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
  return text;
}
template <class T> std::string faults(std::string_view body, json::Use mode = json::create) {
  json::Reader reader;
  T target;
  json::read_body(reader, json::parse(body).value(), target, mode);
  return listed(reader);
}
/// The type, or the faults.
std::string judged(std::string_view name, std::string_view declared, std::string_view bytes, std::string_view sha256 = "aa",
                   std::vector<KybDocument> others = {}) {
  json::Reader reader;
  const auto type = check_document(name, declared, bytes, sha256, others, reader);
  CHECK(type.has_value() == reader.ok());
  return type ? std::string{json::name_of(*type)} : listed(reader);
}

KybDocument document(KybDocumentKind kind = KybDocumentKind::registration) {
  KybDocument made;
  made.id = KybDocumentId::from_body("00000000000000000000000002");
  made.kind = kind;
  made.file_name = "register.pdf";
  made.size = 9;
  made.sha256 = "00ff";
  made.created_at = now;
  return made;
}
KybSubmission complete() {
  KybSubmission made;
  made.id = KybId::from_body("00000000000000000000000001");
  made.legal_name = "Acme Kayaks GmbH", made.registration_number = "HRB 1234", made.country = "DE";
  made.insurance = made.deposit_policy = made.terms = true;
  made.documents = {document()};
  made.submitted_by = "mbr_1";
  made.created_at = now;
  return made;
}

} // namespace

TEST_CASE("a document is what its first bytes say") {
  CHECK(document_type(pdf) == DocumentType::pdf);
  CHECK(document_type(png) == DocumentType::png);
  CHECK(document_type(jpeg) == DocumentType::jpeg);
  CHECK(document_type("\xff\xd8\xff\xdb") == DocumentType::jpeg);
  // Every shorter start is none, and so is every start with one bit turned.
  for (const auto& magic : {"%PDF-"sv, png.substr(0, 8), jpeg.substr(0, 3)}) {
    CHECK(document_type(magic).has_value());
    for (std::size_t size = 0; size < magic.size(); ++size) CHECK_FALSE(document_type(magic.substr(0, size)).has_value());
    for (std::size_t bit = 0; bit < magic.size() * 8; ++bit) {
      std::string turned{magic};
      turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
      CHECK_FALSE(document_type(turned).has_value());
    }
  }
  for (const auto& other :
       {" %PDF-1.7"sv, "GIF89a"sv, "<svg xmlns="sv, "<html>"sv, "PK\x03\x04"sv, "MZ"sv, "RIFF\0\0\0\0WEBP"sv, "II*\0"sv})
    CHECK_FALSE(document_type(other).has_value());
}

TEST_CASE("a file that is handed in") {
  CHECK(judged("register.pdf", "application/pdf", pdf) == "application/pdf");
  CHECK(judged("a scan.png", "", png) == "image/png");
  CHECK(judged("Łódź.jpg", " Image/JPEG ; name=x", jpeg) == "image/jpeg");
  CHECK(judged("register.pdf", "application/pdf", png) == "/contentType:conflict");
  CHECK(judged("register.pdf", "application/octet-stream", pdf) == "/contentType:conflict");
  CHECK(judged("page.html", "text/html", "<html>") == "/file:invalid_format");
  CHECK(judged("empty.pdf", "application/pdf", "") == "/file:too_short");
  std::string large{pdf};
  large.resize(largest_kyb_document);
  CHECK(judged("large.pdf", "", large) == "application/pdf");
  large += ' ';
  CHECK(judged("large.pdf", "", large) == "/file:too_large");
  CHECK(judged("../register.pdf", "image/png", pdf) == "/fileName:invalid_format /contentType:conflict");
  CHECK(judged("a.pdf", "", pdf, "00ff", {document()}) == "/file:conflict");
  CHECK(judged("a.pdf", "", pdf, "00fe", {document()}) == "application/pdf");
  CHECK(judged("a.pdf", "", pdf, "aa", std::vector<KybDocument>(9, document())) == "application/pdf");
  CHECK(judged("a.pdf", "", pdf, "aa", std::vector<KybDocument>(10, document())) == "/file:too_many_items");

  for (std::string_view good : {"a", "a b.pdf", ".hidden", "...", "Łódź"}) CHECK(is_file_name(good));
  for (std::string_view bad : {""sv, " "sv, "."sv, ".."sv, "a/b"sv, "a\\b"sv, "a\nb"sv, "a\0b"sv}) CHECK_FALSE(is_file_name(bad));
  CHECK(is_file_name(std::string(200, 'x')));
  CHECK_FALSE(is_file_name(std::string(201, 'x')));
}

TEST_CASE("a submission is checked as a whole") {
  const auto check = [](const KybSubmission& submission) {
    json::Reader reader;
    validate(submission, reader);
    return listed(reader);
  };
  CHECK(check(complete()).empty());
  KybSubmission bare = complete();
  bare.insurance = bare.deposit_policy = bare.terms = false;
  bare.documents = {document(KybDocumentKind::identity)};
  CHECK(check(bare) == "/insurance:unknown_value /depositPolicy:unknown_value /terms:unknown_value /documents:required");
  bare = complete();
  bare.terms = false;
  CHECK(check(bare) == "/terms:unknown_value");
}

TEST_CASE("what the bodies of KYB may say") {
  CHECK(faults<KybSubmission>(
            R"({"legalName":"Acme","registrationNumber":"HRB 1","country":"DE","insurance":true,"depositPolicy":true,"terms":false})")
            .empty());
  CHECK(faults<KybSubmission>("{}") == "/legalName:required /registrationNumber:required /country:required /insurance:required "
                                       "/depositPolicy:required /terms:required");
  CHECK(
      faults<KybSubmission>(
          R"({"legalName":" ","registrationNumber":"a\nb","country":"UK","insurance":1,"depositPolicy":true,"terms":true,"status":"VERIFIED"})") ==
      "/status:read_only_field /legalName:invalid_format /registrationNumber:invalid_format /country:invalid_format /insurance:wrong_type");
  std::size_t countries = 0;
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b) countries += json::is_country(std::string{a, b}) ? 1 : 0;
  CHECK(countries == 249);
  for (std::string_view good : {"AD", "DE", "GB", "US", "ZW"}) CHECK(json::is_country(good));
  for (std::string_view bad : {"", "D", "de", "DEU", "UK", "XX", "D ", " D", "EU", "ZZ"}) CHECK_FALSE(json::is_country(bad));
}

TEST_CASE("the whole matrix of KYB states and actions") {
  // Rows: NONE PENDING VERIFIED REJECTED. Columns: submit verify reject.
  static constexpr std::string_view matrix[4][3] = {{"PENDING", "", ""}, {"", "VERIFIED", "REJECTED"}, {"", "", ""}, {"PENDING", "", ""}};
  static constexpr std::string_view wanted[] = {"PENDING", "VERIFIED", "REJECTED"};
  std::size_t allowed = 0;
  for (std::size_t s = 0; s < json::EnumNames<KybStatus>::names.size(); ++s)
    for (std::size_t a = 0; a < json::EnumNames<KybAction>::names.size(); ++a) {
      const auto from = static_cast<KybStatus>(s);
      const auto to = next_status(from, static_cast<KybAction>(a));
      CAPTURE(json::name_of(from));
      CAPTURE(a);
      if (!matrix[s][a].empty()) {
        ++allowed;
        REQUIRE(to);
        CHECK(json::name_of(*to) == matrix[s][a]);
        continue;
      }
      CHECK(outcome(to) == "invalid_transition");
      CHECK(to.error().detail.find(json::name_of(from)) != std::string::npos);
      CHECK(to.error().detail.find(wanted[a]) != std::string::npos);
    }
  CHECK(kyb_transitions().size() == allowed);

  std::ifstream file(ORKESTR_DOCS "/trust.md");
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str().find("<!-- kyb begin -->\n" + kyb_transitions_markdown() + "<!-- kyb end -->") != std::string::npos);
}

TEST_CASE("an admin decides once") {
  const auto check = [](const KybDecision& decision) {
    json::Reader reader;
    validate(decision, reader);
    return listed(reader);
  };
  CHECK(check({KybStatus::verified, {}}).empty());
  CHECK(check({KybStatus::verified, "Fine"}) == "/reason:conflict");
  CHECK(check({KybStatus::rejected, "Illegible"}).empty());
  CHECK(check({KybStatus::rejected, {}}) == "/reason:required");
  CHECK(check({KybStatus::pending, {}}) == "/status:unknown_value");
  CHECK(check({KybStatus::none, "x"}) == "/status:unknown_value");

  KybSubmission rejected = complete();
  REQUIRE(decide(rejected, {KybStatus::rejected, "Illegible"}, "usr_1", now));
  CHECK(rejected.status == KybStatus::rejected);
  CHECK(rejected.reason == "Illegible");
  CHECK(rejected.decided_by == "usr_1");
  CHECK(rejected.decided_at == now);
  CHECK(outcome(decide(rejected, {KybStatus::verified, {}}, "usr_2", now + milliseconds{1})) == "invalid_transition");
  CHECK(rejected.status == KybStatus::rejected);
  CHECK(rejected.decided_by == "usr_1");
  CHECK(json::to_json(rejected) ==
        R"({"id":"kyb_00000000000000000000000001","legalName":"Acme Kayaks GmbH","registrationNumber":"HRB 1234","country":"DE",)"
        R"("insurance":true,"depositPolicy":true,"terms":true,"documents":[{"id":"kyd_00000000000000000000000002","kind":"REGISTRATION",)"
        R"("fileName":"register.pdf","contentType":"application/pdf","size":9,"sha256":"00ff","createdAt":"2026-05-12T12:00:00Z"}],)"
        R"("status":"REJECTED","reason":"Illegible","createdAt":"2026-05-12T12:00:00Z","decidedAt":"2026-05-12T12:00:00Z"})");
}

TEST_CASE("the event of a verified business has what the reference names, and what the bell tells") {
  KybSubmission submission = complete();
  REQUIRE(decide(submission, {KybStatus::verified, {}}, "usr_1", now));
  const auto data = kyb_event_data(TenantId::from_body("00000000000000000000000009"), submission);
  CHECK(
      data ==
      R"({"tenantId":"tnt_00000000000000000000000009","verifiedAt":"2026-05-12T12:00:00Z","submissionId":"kyb_00000000000000000000000001"})");
  const auto told = notifications_of(EventType::tenant_kyb_verified, "tnt_00000000000000000000000009", data);
  REQUIRE(told.size() == 1);
  CHECK(told[0].title == "Your business is verified");
  CHECK(told[0].link == "/provider/kyb");
}
