// A business's own host for its storefront: what may be one, what DNS must say of it, and what follows from what it says.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/ports/dns_resolver.hpp"

namespace orkestr::inline v1 {

enum class DomainStatus { none, pending, verified, failed };

/// Why a domain is not verified, or was not at the last look.
enum class DomainFailure {
  not_found,    ///< the name does not exist, or has no CNAME record
  other_target, ///< it leads elsewhere
  loop,         ///< it leads in a circle, or over too many names
  timeout,      ///< DNS has not answered in time
  unreachable,  ///< DNS could not answer
  taken         ///< it leads here, and another business has it
};

struct CustomDomain {
  std::string domain; ///< lower case, A-labels, no final dot
  DomainStatus status = DomainStatus::pending;
  std::optional<DomainFailure> failure;
  std::optional<std::string> found; ///< where it leads in place of the target
  std::optional<Instant> checked_at, verified_at;
  int misses = 0; ///< looks in a row to which DNS had no answer
  Instant next_check_at;
  Instant created_at;
};

inline constexpr milliseconds domain_check_interval = std::chrono::minutes{10};
/// A look by hand comes no sooner after another.
inline constexpr milliseconds domain_check_pause = std::chrono::seconds{10};
/// So many looks in a row without an answer, and a domain that was verified is lost.
inline constexpr int most_domain_misses = 3;
/// Names in a row that may stand between a domain and its target.
inline constexpr int longest_alias_chain = 8;

/// The text as a host that may be a domain: lower case, without a final dot.
/// @param base_domain  whose subdomains are storefronts anyway
/// @errors `invalid_fields` at /domain
/// @thread_safety pure
[[nodiscard]] Result<std::string> read_domain(std::string_view text, std::string_view base_domain);

/// What a look found: the names in a row from the domain on, and how it ended.
struct DomainLook {
  std::vector<std::string> names;        ///< what each in turn is an alias of, lower case, no final dot
  DnsFailure failure = DnsFailure::none; ///< why there are no more
};

/// Whether the next name is to be asked for, after these.
[[nodiscard]] bool look_further(const DomainLook& look, std::string_view target);

/// What a look says: nothing is wrong, or this is.
[[nodiscard]] std::optional<DomainFailure> judge(const DomainLook& look, std::string_view target);

/// The domain after a look: PENDING → VERIFIED → FAILED → VERIFIED…. Where DNS has no answer, one that is VERIFIED stays so for
/// `most_domain_misses` looks; anything definite holds at once.
/// @param taken  by another business, which has it VERIFIED
/// @thread_safety pure
[[nodiscard]] CustomDomain after_look(CustomDomain domain, const DomainLook& look, std::string_view target, bool taken, Instant now);

namespace json {
template <> struct EnumNames<DomainStatus> {
  static constexpr std::array<std::string_view, 4> names{"NONE", "PENDING", "VERIFIED", "FAILED"};
};
template <> struct EnumNames<DomainFailure> {
  static constexpr std::array<std::string_view, 6> names{"NOT_FOUND", "OTHER_TARGET", "LOOP", "TIMEOUT", "UNREACHABLE", "TAKEN"};
};
} // namespace json
} // namespace orkestr::inline v1
