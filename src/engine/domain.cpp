#include "orkestr/engine/domain.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// What is wrong with a host in lower case, or nothing.
std::string_view fault_of(std::string_view host, std::string_view base_domain) {
  if (std::ranges::any_of(host, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return "Use the domain's ASCII form, which begins with xn--.";
  if (host.find("://") != std::string_view::npos || host.find('/') != std::string_view::npos)
    return "Use the host alone, such as book.acme.com.";
  if (host.find('*') != std::string_view::npos) return "A domain with a wildcard can't be one; name the host itself.";
  if (IpAddress::parse(host) || (host.starts_with('[') && host.ends_with(']'))) return "An IP address can't be one; use a name.";
  if (host.find(':') != std::string_view::npos) return "Use the host without a port.";
  if (host.size() > 253) return "A domain has at most 253 characters.";
  std::size_t labels = 0;
  std::string_view rest = host, last;
  for (bool more = true; more; ++labels) {
    const auto dot = std::min(rest.find('.'), rest.size());
    more = dot < rest.size();
    last = rest.substr(0, dot);
    if (!is_label(last)) return "A domain has labels of letters, digits and hyphens, with dots between them, such as book.acme.com.";
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  if (labels < 2) return "A domain has at least two labels, such as acme.com.";
  if (last.front() >= '0' && last.front() <= '9') return "A domain's last label begins with a letter, such as com.";
  const bool below = host.ends_with(base_domain) && host.size() > base_domain.size() && host[host.size() - base_domain.size() - 1] == '.';
  if (host == base_domain || below) return "This is the platform's own domain; use one of yours.";
  return {};
}

bool repeats(const std::vector<std::string>& names) { return std::ranges::count(names, names.back()) > 1; }

} // namespace

Result<std::string> read_domain(std::string_view text, std::string_view base_domain) {
  auto host = ascii_lower(std::string{text});
  if (host.ends_with('.')) host.pop_back();
  if (const auto wrong = fault_of(host, base_domain); !wrong.empty()) {
    json::Reader reader;
    reader.fault_at("domain", "invalid_format", std::string{wrong});
    return reader.result().error();
  }
  return host;
}

bool look_further(const DomainLook& look, std::string_view target) {
  return look.failure == DnsFailure::none &&
         (look.names.empty() || (look.names.back() != target && look.names.size() < longest_alias_chain && !repeats(look.names)));
}

std::optional<DomainFailure> judge(const DomainLook& look, std::string_view target) {
  if (!look.names.empty() && look.names.back() == target) return std::nullopt;
  switch (look.failure) {
  case DnsFailure::not_found: return look.names.empty() ? DomainFailure::not_found : DomainFailure::other_target;
  case DnsFailure::timeout: return DomainFailure::timeout;
  case DnsFailure::failed:
  case DnsFailure::stopped: return DomainFailure::unreachable;
  case DnsFailure::none: break;
  }
  return DomainFailure::loop;
}

CustomDomain after_look(CustomDomain domain, const DomainLook& look, std::string_view target, bool taken, Instant now) {
  domain.failure = judge(look, target);
  domain.found.reset();
  domain.checked_at = now;
  domain.next_check_at = now + domain_check_interval;
  const bool no_answer = domain.failure == DomainFailure::timeout || domain.failure == DomainFailure::unreachable;
  domain.misses = no_answer ? domain.misses + 1 : 0;
  if (domain.failure && !no_answer && !look.names.empty()) domain.found = look.names.back();
  if (!domain.failure && taken) domain.failure = DomainFailure::taken;
  if (!domain.failure) {
    if (domain.status != DomainStatus::verified) domain.verified_at = now;
    domain.status = DomainStatus::verified;
  } else if (domain.status == DomainStatus::verified && (!no_answer || domain.misses >= most_domain_misses)) {
    domain.status = DomainStatus::failed;
  }
  return domain;
}

} // namespace orkestr::inline v1
