// Verification of a business: what it hands in, and what an admin makes of it. Included by use_cases.hpp.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

/// A file as it comes in. Borrows the bytes.
struct KybFile {
  KybDocumentKind kind = KybDocumentKind::other;
  std::string file_name, media_type; ///< as they are said to be
  std::string_view bytes;
};

/// A file that is hashed and sealed but not stored yet: of 10 MiB that takes a while and belongs outside transactions.
struct PreparedKybFile {
  KybFile file;
  KybDocumentId id;
  std::string sha256;
  std::string sealed; ///< empty where the file won't be taken
};
/// @errors `not_implemented` where no key for secrets was configured
[[nodiscard]] Result<PreparedKybFile> prepare_kyb_file(TenantId tenant, KybFile file, const SecretBox& secrets, Random& random,
                                                       IdMinter& ids, Instant now);

/// Keeps a file as a draft. @errors `invalid_fields`, `invalid_transition` while nothing can be handed in
[[nodiscard]] Result<KybDocument> add_kyb_document(WriteContext& cx, const PreparedKybFile& prepared);
/// @errors `not_found`, `invalid_transition` once it was handed in
[[nodiscard]] Result<void> delete_kyb_document(WriteContext& cx, KybDocumentId id);
/// Hands in the draft with all documents that are drafts. @errors `invalid_fields`, `invalid_transition`
[[nodiscard]] Result<KybSubmission> submit_kyb(WriteContext& cx, KybSubmission draft, json::Reader& reader);

/// How the verification of a tenant stands.
struct KybOverview {
  KybStatus status = KybStatus::none;
  std::optional<KybSubmission> submission; ///< the latest
  std::vector<KybDocument> drafts;         ///< not handed in yet
};
[[nodiscard]] KybOverview kyb_overview(const storage::ReadTransaction& tx, TenantId tenant);

// By an admin, who is the context's actor; reading leaves a trace too.

/// @errors `not_found`
[[nodiscard]] Result<KybSubmission> review_kyb(WriteContext& cx, KybId id);
/// VERIFIED makes the badge and the event; REJECTED tells the business why.
/// @pre validate() found no fault. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<KybSubmission> decide_kyb(WriteContext& cx, KybId id, const KybDecision& decision);

struct OpenedKybDocument {
  KybDocument document;
  std::string bytes;
};
/// @errors `not_found`, `internal` when it does not open: it was changed, or its key is not configured
[[nodiscard]] Result<OpenedKybDocument> open_kyb_document(WriteContext& cx, KybId submission, KybDocumentId id, const SecretBox& secrets);

/// Seals a document under the key that encrypts now, where it can. @returns whether it was sealed anew
bool reseal_kyb_document(WriteContext& cx, KybDocumentId id, const SecretBox& secrets, Random& random);

namespace json {
template <> struct Schema<KybOverview> {
  static constexpr auto fields =
      std::make_tuple(field("status", &KybOverview::status, out), field("submission", &KybOverview::submission, out),
                      field("drafts", &KybOverview::drafts, out));
};
} // namespace json
} // namespace orkestr::inline v1
