// KYB ("know your business"): what a business hands in to be verified, and what becomes of it.
#pragma once

#include "orkestr/engine/prose.hpp"
#include "orkestr/engine/tenant.hpp"

#include <span>

namespace orkestr::inline v1 {

enum class KybDocumentKind { registration, identity, address, insurance, other };
/// The types of document that are taken. Names are media types.
enum class DocumentType { pdf, png, jpeg };

/// What a file is by its first bytes, whatever its name says; none of those that are taken.
/// @thread_safety pure
[[nodiscard]] std::optional<DocumentType> document_type(std::string_view bytes);

/// A document that was handed in; its bytes are kept elsewhere.
struct KybDocument {
  KybDocumentId id;
  KybDocumentKind kind = KybDocumentKind::other;
  std::string file_name;
  DocumentType content_type = DocumentType::pdf;
  std::int64_t size = 0;
  std::string sha256; ///< lower-case hex of the bytes
  Instant created_at;
};

inline constexpr std::int64_t largest_kyb_document = std::int64_t{10} * 1024 * 1024;
inline constexpr std::size_t most_kyb_documents = 10;

/// Judges a file that is handed in beside `others`: not empty, at most 10 MiB, one of the types that are taken and the one that it is
/// said to be, and no file that is there already; at most 10 files. Faults are at `file`, `contentType` and `fileName`.
/// @param declared  the media type that came with it; empty when none did. Parameters (`; name=…`) don't count
/// @param bytes     the whole file, or as much of it as shows that it is too large
/// @returns its type; none when there is a fault
/// @thread_safety pure
std::optional<DocumentType> check_document(std::string_view file_name, std::string_view declared, std::string_view bytes,
                                           std::string_view sha256, std::span<const KybDocument> others, json::Reader& reader);

/// A name without a path: one line, without slashes or backslashes, not `.` or `..`; 200 bytes at most.
[[nodiscard]] bool is_file_name(std::string_view text);

/// One attempt to be verified. It is decided as it was handed in; after a rejection comes another submission.
struct KybSubmission {
  KybId id;
  std::string legal_name, registration_number;
  std::string country;                                           ///< ISO 3166-1 alpha-2
  bool insurance = false, deposit_policy = false, terms = false; ///< attested
  std::vector<KybDocument> documents;
  KybStatus status = KybStatus::pending; ///< never NONE
  std::optional<std::string> reason;     ///< why it was rejected; the business reads it
  std::string submitted_by, decided_by;  ///< not on the wire: of the member, and of the admin
  Instant created_at;
  std::optional<Instant> decided_at;
};

/// What single fields can't say: everything is attested, and at least one document shows that the business is registered.
void validate(const KybSubmission& submission, json::Reader& reader);

/// `submit` is the provider's, the others are a platform admin's.
enum class KybAction { submit, verify, reject };

struct KybTransition {
  KybStatus from;
  KybAction action;
  KybStatus to;
  std::string_view by;
};
[[nodiscard]] std::span<const KybTransition> kyb_transitions();
/// The table as Markdown, for the docs.
[[nodiscard]] std::string kyb_transitions_markdown();

/// The tenant's state, and that of its last submission, after `action`. @errors `invalid_transition`, naming both states
/// @thread_safety pure
[[nodiscard]] Result<KybStatus> next_status(KybStatus from, KybAction action);

/// What an admin says of a submission.
struct KybDecision {
  KybStatus status = KybStatus::verified;
  std::optional<std::string> reason;
};
/// VERIFIED, which takes no reason, or REJECTED, which needs one.
void validate(const KybDecision& decision, json::Reader& reader);
/// @pre validate() found no fault. @errors `invalid_transition`
[[nodiscard]] Result<void> decide(KybSubmission& submission, KybDecision decision, std::string admin, Instant now);

/// `data` of `tenant.kyb_verified`. @pre it is VERIFIED
[[nodiscard]] std::string kyb_event_data(TenantId tenant, const KybSubmission& submission);

namespace json {
template <> struct EnumNames<KybDocumentKind> {
  static constexpr std::array<std::string_view, 5> names{"REGISTRATION", "IDENTITY", "ADDRESS", "INSURANCE", "OTHER"};
};
template <> struct EnumNames<DocumentType> {
  static constexpr std::array<std::string_view, 3> names{"application/pdf", "image/png", "image/jpeg"};
};
template <> struct EnumNames<KybAction> { static constexpr std::array<std::string_view, 3> names{"submit", "verify", "reject"}; };
/// An assigned ISO 3166-1 alpha-2 code, in upper case.
[[nodiscard]] bool is_country(std::string_view text);
template <> struct Schema<KybDocument> {
  using T = KybDocument;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("kind", &T::kind, out), field("fileName", &T::file_name, out),
                      field("contentType", &T::content_type, out), field("size", &T::size, out), field("sha256", &T::sha256, out),
                      field("createdAt", &T::created_at, out));
};
template <> struct Schema<KybSubmission> {
  using T = KybSubmission;
  static constexpr unsigned given = out | create | required;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("legalName", &T::legal_name, given, {1, 200, is_line, line_hint}),
                      field("registrationNumber", &T::registration_number, given, {1, 64, is_line, line_hint}),
                      field("country", &T::country, given, {2, 2, is_country, "Use a two-letter country code of ISO 3166-1, such as DE."}),
                      field("insurance", &T::insurance, given), field("depositPolicy", &T::deposit_policy, given),
                      field("terms", &T::terms, given), field("documents", &T::documents, out), field("status", &T::status, out),
                      field("reason", &T::reason, out), field("createdAt", &T::created_at, out), field("decidedAt", &T::decided_at, out));
};
template <> struct Schema<KybDecision> {
  static constexpr auto fields = std::make_tuple(field("status", &KybDecision::status, required_writable),
                                                 field("reason", &KybDecision::reason, writable, {1, 2000, is_prose, prose_hint}));
};
} // namespace json
} // namespace orkestr::inline v1
