#include "orkestr/engine/tenant.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace orkestr;

TEST_CASE("subdomains are DNS labels, and some are the platform's own") {
  for (const auto* good : {"atlas", "a", "a-b", "x1"}) CHECK(is_subdomain(good));
  for (const auto* wrong : {"", "-a", "a-", "A", "a.b", "api", "www", "admin"}) CHECK_FALSE(is_subdomain(wrong));
  CHECK(is_subdomain(std::string(63, 'a')));
  CHECK_FALSE(is_subdomain(std::string(64, 'a')));
}
