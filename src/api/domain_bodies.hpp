// What the routes of domains take.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {
namespace api {

struct DomainDraft {
  std::string domain;
};

} // namespace api

namespace json {
template <> struct Schema<api::DomainDraft> {
  static constexpr auto fields = std::make_tuple(field("domain", &api::DomainDraft::domain, create | required, {1, 253}));
};
} // namespace json
} // namespace orkestr::inline v1
