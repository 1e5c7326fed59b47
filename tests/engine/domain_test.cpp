#include "orkestr/engine/domain.hpp"

#include <doctest/doctest.h>

using namespace orkestr;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view target = "acme.orkestr.example";
const Instant now = *Instant::parse("2026-05-12T15:00:00Z");

std::string read(std::string_view text) {
  const auto domain = read_domain(text, "orkestr.example");
  if (domain) return *domain;
  REQUIRE(domain.error().faults.size() == 1);
  CHECK(domain.error().faults.front().pointer == "/domain");
  return "!";
}

DomainLook leads_to(std::vector<std::string> names) { return {std::move(names), DnsFailure::none}; }
DomainLook ends(std::vector<std::string> names, DnsFailure failure) { return {std::move(names), failure}; }

std::string verdict(const DomainLook& look) {
  const auto failure = judge(look, target);
  return failure ? std::string{json::name_of(*failure)} : "ok";
}

} // namespace

TEST_CASE("what may be a custom domain") {
  for (const std::string_view good : {"acme.com", "book.acme.co.uk", "xn--bcher-kva.example", "a.b", "1st.acme.com", "orkestr.example.org",
                                      "myorkestr.example", "sorkestr.example", "a--b.com", "ab--cd.com", "acme.x1"})
    CHECK_MESSAGE(read(good) == good, good);
  CHECK(read("Book.ACME.com.") == "book.acme.com");
  CHECK(read(std::string(63, 'a') + ".com").size() == 67);
  for (const std::string_view bad : {"",
                                     ".",
                                     "acme",
                                     "localhost",
                                     "192.0.2.1",
                                     "192.0.2.1.",
                                     "[2001:db8::1]",
                                     "2001:db8::1",
                                     "::1",
                                     "1.2.3",
                                     "0x7f.1",
                                     "acme.com:8080",
                                     "https://acme.com",
                                     "acme.com/",
                                     "*.acme.com",
                                     "a*.acme.com",
                                     "orkestr.example",
                                     "ORKESTR.example.",
                                     "acme.orkestr.example",
                                     "a.b.orkestr.example",
                                     "-a.com",
                                     "a-.com",
                                     "a..com",
                                     ".a.com",
                                     "a.com..",
                                     "a_b.com",
                                     "a b.com",
                                     "b\xc3\xbc"
                                     "cher.example",
                                     "xn--.com",
                                     "acme.1x",
                                     "user@acme.com",
                                     "acme.com?x",
                                     "a\n.com"})
    CHECK_MESSAGE(read(bad) == "!", bad);
  CHECK(read(std::string(64, 'a') + ".com") == "!");
  std::string longest;
  while (longest.size() < 250) longest += "a.";
  CHECK(read(longest + "com") == longest + "com"); // 253
  CHECK(read(longest + "info") == "!");
}

TEST_CASE("what a look at a domain says") {
  CHECK(verdict(leads_to({"acme.orkestr.example"})) == "ok");
  CHECK(verdict(leads_to({"cdn.example", "acme.orkestr.example"})) == "ok");
  CHECK(verdict(ends({}, DnsFailure::not_found)) == "NOT_FOUND"); // A records alone are none, too
  CHECK(verdict(ends({"other.example"}, DnsFailure::not_found)) == "OTHER_TARGET");
  // Look-alikes: another tenant, the target as a part of the name, one letter more.
  for (const std::string name : {"borealis.orkestr.example", "acme.orkestr.example.evil.example", "evil-acme.orkestr.example",
                                 "cme.orkestr.example", "orkestr.example", "acme.orkestr.example2"})
    CHECK_MESSAGE(verdict(ends({name}, DnsFailure::not_found)) == "OTHER_TARGET", name);
  CHECK(verdict(leads_to({"a.example", "b.example", "a.example"})) == "LOOP");
  CHECK(verdict(ends({}, DnsFailure::timeout)) == "TIMEOUT");
  CHECK(verdict(ends({"a.example"}, DnsFailure::timeout)) == "TIMEOUT");
  CHECK(verdict(ends({}, DnsFailure::failed)) == "UNREACHABLE");
  CHECK(verdict(ends({}, DnsFailure::stopped)) == "UNREACHABLE");
}

TEST_CASE("a chain is followed to the target, an end, a circle or eight names") {
  CHECK(look_further({}, target));
  CHECK(look_further(leads_to({"a.example"}), target));
  CHECK_FALSE(look_further(leads_to({"acme.orkestr.example"}), target));
  CHECK_FALSE(look_further(ends({"a.example"}, DnsFailure::not_found), target));
  CHECK_FALSE(look_further(leads_to({"a.example", "b.example", "a.example"}), target));
  std::vector<std::string> names;
  for (int i = 0; i < longest_alias_chain; ++i) {
    CHECK(look_further(leads_to(names), target));
    names.push_back(std::to_string(i) + ".example");
  }
  CHECK_FALSE(look_further(leads_to(names), target));
  CHECK(verdict(leads_to(names)) == "LOOP");
}

TEST_CASE("a domain is verified, kept over trouble, and lost") {
  CustomDomain domain;
  domain.domain = "book.acme.com";
  const auto good = leads_to({"acme.orkestr.example"}), none = ends({}, DnsFailure::not_found), silent = ends({}, DnsFailure::timeout),
             broken = ends({}, DnsFailure::failed);
  const auto look = [&](const DomainLook& found, Instant at, bool taken = false) { domain = after_look(domain, found, target, taken, at); };
  look(none, now);
  CHECK(domain.status == DomainStatus::pending);
  CHECK(domain.failure == DomainFailure::not_found);
  CHECK(domain.checked_at == now);
  CHECK(domain.next_check_at == now + 10min);
  CHECK_FALSE(domain.verified_at);
  look(ends({"evil.example"}, DnsFailure::not_found), now);
  CHECK(domain.found == "evil.example");
  for (int i = 0; i < 9; ++i) look(silent, now);
  CHECK(domain.status == DomainStatus::pending);
  look(good, now + 1min);
  CHECK(domain.status == DomainStatus::verified);
  CHECK(domain.verified_at == now + 1min);
  CHECK_FALSE(domain.failure);
  CHECK_FALSE(domain.found);
  look(good, now + 2min);
  CHECK(domain.verified_at == now + 1min);
  // Two looks without an answer are forgiven, and forgotten once there is one.
  for (int round = 0; round < 3; ++round) {
    look(silent, now + 3min);
    CHECK(domain.failure == DomainFailure::timeout);
    look(broken, now + 4min);
    CHECK(domain.status == DomainStatus::verified);
    look(good, now + 5min);
  }
  for (int i = 1; i <= most_domain_misses; ++i) {
    look(silent, now + 6min);
    CHECK((domain.status == DomainStatus::verified) == (i < most_domain_misses));
  }
  CHECK(domain.status == DomainStatus::failed);
  look(good, now + 7min);
  CHECK(domain.status == DomainStatus::verified);
  CHECK(domain.verified_at == now + 7min);
  // A definite other answer holds at once.
  for (const auto& other : {none, ends({"evil.example"}, DnsFailure::not_found), leads_to({"a.example", "a.example"})}) {
    look(other, now + 8min);
    CHECK(domain.status == DomainStatus::failed);
    look(good, now + 9min);
    CHECK(domain.status == DomainStatus::verified);
  }
}

TEST_CASE("what another business has verified is not had before it is lost") {
  CustomDomain domain;
  domain = after_look(domain, leads_to({"acme.orkestr.example"}), target, true, now);
  CHECK(domain.status == DomainStatus::pending);
  CHECK(domain.failure == DomainFailure::taken);
  domain = after_look(domain, ends({}, DnsFailure::not_found), target, true, now);
  CHECK(domain.failure == DomainFailure::not_found);
  domain = after_look(domain, leads_to({"acme.orkestr.example"}), target, false, now);
  CHECK(domain.status == DomainStatus::verified);
}
