// Custom domains: asked for by a business, looked at in DNS again and again, and had by one business at a time.
#pragma once

#include "orkestr/platform/platform.hpp"
#include "orkestr/platform/work_loop.hpp"

namespace orkestr::inline v1 {

/// What a business is told of its domain.
struct DomainView {
  std::optional<std::string> domain;
  DomainStatus status = DomainStatus::none;
  std::string target; ///< what the domain must be an alias of
  std::optional<Instant> checked_at, verified_at;
  std::optional<DomainFailure> failure;
  std::optional<std::string> found;
};

[[nodiscard]] DomainView domain_view(const Tenant& tenant, const std::optional<CustomDomain>& domain, std::string_view base_domain);

/// Asks for a domain, in place of the present one; the same again changes nothing. @errors `invalid_fields`
[[nodiscard]] Result<CustomDomain> set_domain(WriteContext& cx, std::string_view domain, std::string_view base_domain);
/// @errors `not_found`
[[nodiscard]] Result<void> remove_domain(WriteContext& cx);

/// Looks now, unless that was done a moment ago. Waits for DNS, within no transaction.
/// @errors `not_found` without a domain, `not_implemented` without a resolver
[[nodiscard]] Result<CustomDomain> check_domain(Platform& platform, TenantId tenant, const Actor& actor);

/// Looks at the domains of all tenants, each every `domain_check_interval`. Any number of desks may share a store: a domain that one looks
/// at is left alone by the others for a while.
/// @thread_safety step() on one thread at a time
class DomainDesk {
 public:
  /// @pre the platform has a resolver
  explicit DomainDesk(Platform& platform) : platform_(platform) {}

  /// Looks at some that are due, side by side, and writes down what came of it.
  /// @returns whether there were any: there may be more
  [[nodiscard]] Result<bool> step(Instant now);

 private:
  Platform& platform_;
};

/// A thread that does so from its making to its end, on what Platform::on_domains tells, which it sets, and every second.
class DomainWorker {
 public:
  /// `on_trouble` hears of steps that failed, on the worker's thread; it may be empty.
  explicit DomainWorker(Platform& platform, std::function<void(const Error&)> on_trouble = {});
  /// Waits for the looks under way.
  ~DomainWorker();
  DomainWorker(const DomainWorker&) = delete;
  DomainWorker& operator=(const DomainWorker&) = delete;

 private:
  Platform& platform_;
  DomainDesk desk_;
  WorkLoop loop_;
};

namespace json {
template <> struct Schema<DomainView> {
  using T = DomainView;
  static constexpr auto fields =
      std::make_tuple(field("domain", &T::domain, out), field("status", &T::status, out), field("target", &T::target, out),
                      field("checkedAt", &T::checked_at, out), field("verifiedAt", &T::verified_at, out),
                      field("failure", &T::failure, out), field("found", &T::found, out));
};
} // namespace json
} // namespace orkestr::inline v1
