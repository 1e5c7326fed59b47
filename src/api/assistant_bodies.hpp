// What the routes of the assistant answer.
#pragma once

#include "orkestr/platform/assistant.hpp"

namespace orkestr::inline v1 {
namespace api {

struct OfferingPriceSuggestion {
  OfferingId offering_id;
  std::optional<PriceSuggestion> suggestion;
};

} // namespace api

namespace json {
template <> struct Schema<api::OfferingPriceSuggestion> {
  using T = api::OfferingPriceSuggestion;
  static constexpr auto fields = std::make_tuple(field("offeringId", &T::offering_id, out), field("suggestion", &T::suggestion, out));
};
} // namespace json
} // namespace orkestr::inline v1
