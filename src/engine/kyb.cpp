#include "orkestr/engine/kyb.hpp"

#include "base/text.hpp"
#include "orkestr/engine/coupon.hpp"

#include <algorithm>

namespace orkestr::inline v1 {

std::optional<DocumentType> document_type(std::string_view bytes) {
  if (bytes.starts_with("%PDF-")) return DocumentType::pdf;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return DocumentType::png;
  if (bytes.starts_with("\xff\xd8\xff")) return DocumentType::jpeg;
  return std::nullopt;
}

bool is_file_name(std::string_view text) {
  return text.size() <= 200 && json::is_line(text) && text.find_first_of("/\\") == std::string_view::npos && text != "." && text != "..";
}

std::optional<DocumentType> check_document(std::string_view file_name, std::string_view declared, std::string_view bytes,
                                           std::string_view sha256, std::span<const KybDocument> others, json::Reader& reader) {
  const auto before = reader.faults.size();
  if (!is_file_name(file_name)) reader.fault_at("fileName", "invalid_format", "Use a file name without a path, of at most 200 bytes.");
  const auto type = document_type(bytes);
  if (bytes.empty())
    reader.fault_at("file", "too_short", "The file is empty.");
  else if (bytes.size() > static_cast<std::size_t>(largest_kyb_document))
    reader.fault_at("file", "too_large", "A file has at most 10 MiB.");
  else if (!type)
    reader.fault_at("file", "invalid_format", "Use a PDF, PNG or JPEG file.");
  else if (others.size() >= most_kyb_documents)
    reader.fault_at("file", "too_many_items", "At most 10 files are handed in.");
  else if (std::ranges::find(others, sha256, &KybDocument::sha256) != others.end())
    reader.fault_at("file", "conflict", "The same file has been handed in already.");
  const auto media = trim(declared.substr(0, declared.find(';')));
  if (type && !media.empty() && ascii_lower(std::string{media}) != json::name_of(*type))
    reader.fault_at("contentType", "conflict", "The file is " + std::string{json::name_of(*type)} + ", not what it is said to be.");
  return reader.faults.size() == before ? type : std::nullopt;
}

void validate(const KybSubmission& submission, json::Reader& reader) {
  for (const auto& [attested, name] : {std::pair{submission.insurance, "insurance"}, std::pair{submission.deposit_policy, "depositPolicy"},
                                       std::pair{submission.terms, "terms"}})
    if (!attested) reader.fault_at(name, "unknown_value", "This has to be attested, so it must be true.");
  if (std::ranges::find(submission.documents, KybDocumentKind::registration, &KybDocument::kind) == submission.documents.end())
    reader.fault_at("documents", "required", "Hand in a document of kind REGISTRATION at least.");
}

std::span<const KybTransition> kyb_transitions() {
  using enum KybStatus;
  using enum KybAction;
  static constexpr KybTransition table[] = {
      {none, submit, pending, "the provider"},
      {rejected, submit, pending, "the provider, with a new submission"},
      {pending, verify, verified, "a platform admin"},
      {pending, reject, rejected, "a platform admin, with a reason"},
  };
  return table;
}

std::string kyb_transitions_markdown() {
  std::string text = "| from | action | to | by |\n|---|---|---|---|\n";
  for (const auto& row : kyb_transitions())
    for (std::string_view part :
         {std::string_view{"| "}, json::name_of(row.from), std::string_view{" | "}, json::name_of(row.action), std::string_view{" | "},
          json::name_of(row.to), std::string_view{" | "}, row.by, std::string_view{" |\n"}})
      text += part;
  return text;
}

Result<KybStatus> next_status(KybStatus from, KybAction action) {
  KybStatus other = from; // where the action leads from elsewhere
  for (const auto& row : kyb_transitions()) {
    if (row.action != action) continue;
    if (row.from == from) return row.to;
    other = row.to;
  }
  return fail(Code::invalid_transition,
              "A verification that is " + std::string{json::name_of(from)} + " can't be made " + std::string{json::name_of(other)} + ".");
}

void validate(const KybDecision& decision, json::Reader& reader) {
  if (decision.status == KybStatus::verified) {
    if (decision.reason) reader.fault_at("reason", "conflict", "Only a rejection has a reason.");
  } else if (decision.status != KybStatus::rejected) {
    reader.fault_at("status", "unknown_value", "Use VERIFIED or REJECTED.");
  } else if (!decision.reason) {
    reader.fault_at("reason", "required", "A rejection needs a reason.");
  }
}

Result<void> decide(KybSubmission& submission, KybDecision decision, std::string admin, Instant now) {
  const auto action = decision.status == KybStatus::verified ? KybAction::verify : KybAction::reject;
  ORKESTR_TRY(submission.status, next_status(submission.status, action));
  submission.reason = std::move(decision.reason);
  submission.decided_by = std::move(admin);
  submission.decided_at = now;
  return {};
}

std::string kyb_event_data(TenantId tenant, const KybSubmission& submission) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.key("tenantId");
  json::write(w, tenant);
  w.key("verifiedAt");
  json::write(w, submission.decided_at);
  w.key("submissionId");
  json::write(w, submission.id);
  w.end_object();
  return data;
}

bool json::is_country(std::string_view text) {
  static constexpr std::string_view codes =
      "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH "
      "CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN "
      "GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI "
      "LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM "
      "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD "
      "TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
  return text.size() == 2 && text.find(' ') == std::string_view::npos && codes.find(text) != std::string_view::npos;
}

} // namespace orkestr::inline v1
