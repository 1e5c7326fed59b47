// What visitors' words find: the query as it was understood, what fits it, and what had to be let go for anything to fit.
#pragma once

#include "api/context.hpp"

#include "orkestr/engine/search_query.hpp"

namespace orkestr::inline v1::api {

/// A page of offerings for `?q=`; the parameters that were given beside it are in `filter` and `date`, and win.
/// @errors those of availability
[[nodiscard]] Result<Reply> search_offerings(const storage::ReadTransaction& tx, const Call& call, const std::string& text,
                                             const storage::OfferingFilter& filter, const storage::Page& page,
                                             std::optional<LocalDate> date);

/// Is there a slot to book on one of these dates (and weekdays: SearchQuery::weekdays), at these times, for so long? In the offering's own zone.
[[nodiscard]] Result<bool> is_free(const storage::ReadTransaction& tx, const Call& call, OfferingId offering, SearchDates dates,
                                   std::optional<SearchTimes> times, std::optional<int> minutes, unsigned weekdays = 0);

} // namespace orkestr::inline v1::api
