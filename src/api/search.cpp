#include "api/search.hpp"

#include "api/translated.hpp"

#include "orkestr/engine/search_index.hpp"
#include "orkestr/storage/search_repository.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <unordered_map>

namespace orkestr::inline v1::api {
namespace {

constexpr std::size_t most_examined = 200; ///< offerings whose slots are looked at, or which are loaded, for one answer
constexpr std::size_t most_postings = 2000;
constexpr int most_days = 31;     ///< of a range of dates that are looked at
constexpr int days_of_a_time = 7; ///< that are looked at for a time without a date

/// What of a query the tenant's catalogue has.
struct Vocabulary {
  std::vector<std::string> places, amenities, categories, words;
};

std::vector<std::string> known(const storage::ReadTransaction& tx, TenantId tenant, std::span<const std::string> terms) {
  constexpr std::size_t at_once = 64;
  std::vector<std::string> found;
  for (std::size_t at = 0; at < terms.size(); at += at_once)
    for (auto& term : tx.search().known(tenant, terms.subspan(at, std::min(at_once, terms.size() - at)))) found.push_back(std::move(term));
  return found;
}

Vocabulary vocabulary_of(const storage::ReadTransaction& tx, TenantId tenant, std::string_view text) {
  const auto guesses = search_guesses(text);
  std::vector<std::string> terms;
  const auto stem_of = [](const SearchGuess& guess) {
    const auto stems = search_stems(guess.folded);
    return stems.size() == 1 ? stems[0] : std::string{};
  };
  for (const auto& guess : guesses) {
    for (const auto kind : {SearchKind::place, SearchKind::amenity, SearchKind::category}) terms.push_back(search_key(kind, guess.folded));
    if (auto stem = stem_of(guess); !stem.empty()) terms.push_back(std::move(stem));
  }
  std::ranges::sort(terms);
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  const auto found = known(tx, tenant, terms);
  const std::set<std::string, std::less<>> have(found.begin(), found.end());
  Vocabulary vocabulary;
  for (const auto& guess : guesses) {
    if (have.contains(search_key(SearchKind::place, guess.folded))) vocabulary.places.push_back(guess.typed);
    if (have.contains(search_key(SearchKind::amenity, guess.folded))) vocabulary.amenities.push_back(guess.folded);
    if (have.contains(search_key(SearchKind::category, guess.folded))) vocabulary.categories.push_back(guess.folded);
    if (const auto stem = stem_of(guess); have.contains(stem)) vocabulary.words.push_back(guess.folded);
  }
  return vocabulary;
}

/// Offerings that have one thing, of which at most so many are known.
struct Found {
  std::string term;
  std::unordered_map<OfferingId, int> weights;
  bool all = true;  ///< whether there are no others
  double worth = 1; ///< what few have says more
};

class Search {
 public:
  Search(const storage::ReadTransaction& tx, const Call& call, const SearchQuery& query, const storage::OfferingFilter& filter,
         std::optional<LocalDate> date, WantedLocale wanted)
      : tx_(tx), call_(call), query_(query), filter_(filter), wanted_(std::move(wanted)) {
    indexed_ = !tx.search().has_pending(call.tenant.id);
    if (date) {
      dates_ = SearchDates{*date, *date};
    } else {
      dates_ = query.dates;
    }
    for (const auto& amenity : query.amenities) amenities_.push_back(find(search_key(SearchKind::amenity, amenity)));
    for (const auto& category : query.categories) categories_.push_back(find(search_key(SearchKind::category, category)));
    for (const auto& place : query.places) {
      auto found = find(search_key(SearchKind::place, place));
      if (found.weights.empty()) // nobody calls a place so: what its words find may lie there
        for (auto& word : words(place)) found.weights.insert(word.weights.begin(), word.weights.end());
      places_.push_back(std::move(found));
    }
    words_ = words(query.text);
    for (const auto& exclusion : query.exclusions) exclude(exclusion);
  }

  Result<Reply> answer(const storage::Page& page) {
    std::vector<Offering> rows;
    std::optional<std::string> next;
    const auto whole = std::tuple{amenities_, places_, categories_};
    std::vector<unsigned> tried;
    for (const auto level : levels) {
      std::tie(amenities_, places_, categories_) = whole;
      if (!std::exchange(times_wanted_, true)) free_.clear();
      dropped_.clear();
      unsigned dropped = 0; // of what was asked for at all
      for (unsigned i = 0; i < relaxations.size(); ++i)
        if ((level >> i & 1) != 0 && drop(relaxations[i])) dropped |= 1U << i;
      if (std::ranges::find(tried, dropped) != tried.end()) continue;
      tried.push_back(dropped);
      ORKESTR_CHECK(fill(page, rows, next));
      if (!rows.empty() || next || examined_ >= most_examined || shown_before_) break;
    }
    if (rows.empty() && !next && !shown_before_) dropped_.clear(); // all that was let go was let go in vain
    Reply reply;
    reply.tagged = false;
    json::Writer w(reply.body);
    w.begin_object();
    w.key("data");
    if (wanted_.asked)
      json::write(w, translated(tx_, call_, wanted_, std::move(rows)));
    else
      json::write(w, rows);
    w.key("hasMore");
    w.boolean(next.has_value());
    w.key("nextCursor");
    if (next)
      w.string(make_cursor(*next));
    else
      w.null();
    w.key("understood");
    write_understood(w);
    w.end_object();
    return reply;
  }

 private:
  /// What is let go when nothing fits, in this order. Dates, people, prices and what must not be are never.
  static constexpr std::array<SearchKind, 4> relaxations{SearchKind::amenity, SearchKind::place, SearchKind::time, SearchKind::category};
  /// Nothing, each by itself, then more and more of them; a bit for each.
  static constexpr std::array levels{0b0000U, 0b0001U, 0b0010U, 0b0100U, 0b1000U, 0b0011U, 0b0111U, 0b1111U};

  Found find(std::string_view term) const {
    const auto postings = tx_.search().postings(call_.tenant.id, term, wanted_.served.value_or(""), most_postings);
    Found found;
    found.term = term;
    found.all = postings.size() < most_postings;
    found.worth = 1 / std::log2(2.0 + static_cast<double>(postings.size()));
    for (const auto& [offering, weight] : postings) {
      auto& best = found.weights[offering];
      best = std::max(best, weight);
    }
    return found;
  }

  /// Each word's; of one that nobody has, what is a letter away or begins so.
  std::vector<Found> words(std::string_view text) const {
    std::vector<Found> all;
    for (const auto& stem : search_stems(text)) {
      if (all.size() == 12) break;
      auto found = find(stem);
      if (found.weights.empty()) {
        auto near = known(tx_, call_.tenant.id, search_near(stem));
        if (stem.size() >= 3)
          for (auto& term : tx_.search().starting(call_.tenant.id, stem, 8)) near.push_back(std::move(term));
        for (const auto& term : near) {
          const auto others = find(term);
          found.weights.insert(others.weights.begin(), others.weights.end());
        }
      }
      all.push_back(std::move(found));
    }
    return all;
  }

  void exclude(const SearchExclusion& exclusion) {
    switch (exclusion.kind) {
    case SearchKind::amenity:
    case SearchKind::place:
    case SearchKind::category:
      return note_excluded(find(search_key(exclusion.kind, exclusion.value)), search_key(exclusion.kind, exclusion.value));
    case SearchKind::text:
      for (const auto& stem : search_stems(exclusion.value)) note_excluded(find(stem), stem);
      return;
    default: return;
    }
  }
  void note_excluded(const Found& found, const std::string& term) {
    for (const auto& [id, weight] : found.weights) excluded_.insert(id);
    if (!found.all || !indexed_) excluded_terms_.push_back(term);
  }

  bool drop(SearchKind kind) {
    const auto is_dropped = [&](bool any) {
      if (any) dropped_.push_back(kind);
      return any;
    };
    switch (kind) {
    case SearchKind::amenity: return is_dropped(!std::exchange(amenities_, {}).empty());
    case SearchKind::place: return is_dropped(!std::exchange(places_, {}).empty());
    case SearchKind::category: return is_dropped(!std::exchange(categories_, {}).empty());
    case SearchKind::time: {
      const bool any = times_wanted_ && query_.times.has_value();
      times_wanted_ = false;
      free_.clear();
      return is_dropped(any);
    }
    default: return false;
    }
  }

  /// Of what is asked for, all; of the words left over, one at least, if any is known.
  std::vector<OfferingId> candidates() {
    std::vector<const Found*> all;
    for (const auto* list : {&amenities_, &places_, &categories_})
      for (const auto& found : *list) all.push_back(&found);
    Found any_word;
    for (const auto& word : words_)
      for (const auto& [id, weight] : word.weights) any_word.weights[id] = 1;
    if (!any_word.weights.empty()) all.push_back(&any_word);
    if (all.empty()) return {};
    const auto* first = *std::ranges::min_element(all, {}, [](const Found* found) {
      return std::pair{!found->all, found->weights.size()};
    });
    std::vector<std::pair<double, OfferingId>> ranked;
    for (const auto& candidate : first->weights) {
      const auto& id = candidate.first;
      const bool in_all = std::ranges::all_of(all, [&](const Found* found) { return !found->all || found->weights.contains(id); });
      if (!in_all || excluded_.contains(id)) continue;
      double score = 0;
      const auto add = [&](const std::vector<Found>& list, double factor) {
        for (const auto& found : list)
          if (const auto at = found.weights.find(id); at != found.weights.end()) score += at->second * found.worth * factor;
      };
      add(words_, 2);
      add(categories_, 1);
      add(amenities_, 1);
      add(places_, 1);
      ranked.emplace_back(score, id);
    }
    std::ranges::sort(
        ranked, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second.view() > b.second.view(); });
    std::vector<OfferingId> ids;
    ids.reserve(ranked.size());
    for (const auto& [score, id] : ranked) ids.push_back(id);
    return ids;
  }
  [[nodiscard]] bool has_terms() const {
    return !amenities_.empty() || !places_.empty() || !categories_.empty() ||
           std::ranges::any_of(words_, [](const Found& word) { return !word.weights.empty(); });
  }

  /// The offerings in the order of the answer, without a look at their slots.
  std::vector<Offering> ordered() {
    std::vector<Offering> rows;
    if (has_terms() && indexed_) {
      for (const auto& id : candidates()) {
        if (rows.size() == most_examined) break;
        auto offering = tx_.offerings().find(call_.tenant.id, id);
        if (offering && fits(*offering)) rows.push_back(std::move(*offering));
      }
    } else if (indexed_ && only_words()) {
      return rows; // that nobody has, and nothing else to go by
    } else {
      storage::Page newest;
      newest.limit = most_examined;
      for (auto& offering : tx_.offerings().list(call_.tenant.id, filter_, newest))
        if (!excluded_.contains(offering.id) && fits(offering) && (indexed_ || says(offering))) rows.push_back(std::move(offering));
    }
    sort(rows);
    return rows;
  }
  [[nodiscard]] bool only_words() const {
    return !query_.text.empty() && std::ranges::all_of(query_.chips, [](const SearchChip& chip) {
      return chip.kind == SearchKind::text || chip.kind == SearchKind::exclusion;
    });
  }

  /// What the index would say of an offering that may not be in it yet.
  [[nodiscard]] bool says(const Offering& offering) const {
    const auto terms = search_terms(offering);
    const auto has = [&](const Found& wanted) { return std::ranges::find(terms, wanted.term, &SearchTerm::term) != terms.end(); };
    return std::ranges::all_of(amenities_, has) && std::ranges::all_of(places_, has) && std::ranges::all_of(categories_, has) &&
           (words_.empty() || std::ranges::any_of(words_, has));
  }

  void sort(std::vector<Offering>& rows) const {
    auto by = query_.sort;
    if (const auto* asked = call_.query.find("sort"))
      by = *asked == "price" ? SearchSort::price_rising : *asked == "-price" ? SearchSort::price_falling : SearchSort::newest;
    const auto newer = [](const Offering& a, const Offering& b) { return a.id.view() > b.id.view(); };
    switch (by) {
    case SearchSort::none: return;
    case SearchSort::newest: std::ranges::sort(rows, newer); return;
    case SearchSort::price_rising: std::ranges::stable_sort(rows, {}, &Offering::base_price_cents); return;
    case SearchSort::price_falling: std::ranges::stable_sort(rows, std::ranges::greater{}, &Offering::base_price_cents); return;
    case SearchSort::rating:
      std::ranges::stable_sort(rows, std::ranges::greater{}, [](const Offering& o) { return o.rating_average.value_or(0); });
    }
  }

  [[nodiscard]] bool fits(const Offering& offering) const {
    if (offering.status != OfferingStatus::published) return false;
    if (filter_.category && std::ranges::find(offering.categories, *filter_.category) == offering.categories.end()) return false;
    if (filter_.product_type_key && offering.product_type_key != *filter_.product_type_key) return false;
    if (filter_.attribute && !has_attribute(offering.attributes, *filter_.attribute)) return false;
    if (query_.currency && (query_.min_price || query_.max_price) && offering.currency != *query_.currency) return false;
    const auto least = filter_.min_price ? filter_.min_price : query_.min_price;
    const auto most = filter_.max_price ? filter_.max_price : query_.max_price;
    if ((least && offering.base_price_cents < *least) || (most && offering.base_price_cents > *most)) return false;
    if (query_.party)
      if (const auto people = people_taken(offering); people && *people < *query_.party) return false;
    if (excluded_terms_.empty()) return true;
    // What so many have that the index was not read to the end: its own terms say.
    const auto terms = search_terms(offering);
    return std::ranges::none_of(excluded_terms_,
                                [&](const std::string& term) { return std::ranges::find(terms, term, &SearchTerm::term) != terms.end(); });
  }

  Result<bool> free(const Offering& offering) {
    const auto times = times_wanted_ ? query_.times : std::nullopt;
    const unsigned weekdays = weekdays_wanted();
    std::vector<SearchDates> dates;
    if (dates_) {
      dates.push_back(*dates_);
    } else if (times || weekdays != 0) {
      dates.push_back({today_in(offering.time_zone), today_in(offering.time_zone) + days_of_a_time});
    } else {
      return true;
    }
    const auto known = free_.find(offering.id);
    if (known != free_.end()) return known->second;
    // A day that must not be parts what is before it from what is after.
    for (const auto& exclusion : query_.exclusions) {
      if (!exclusion.dates) continue;
      std::vector<SearchDates> rest;
      for (const auto& range : dates) {
        if (exclusion.dates->first > range.first) rest.push_back({range.first, std::min(range.last, exclusion.dates->first + -1)});
        if (exclusion.dates->last < range.last) rest.push_back({std::max(range.first, exclusion.dates->last + 1), range.last});
      }
      dates = std::move(rest);
    }
    bool any = false;
    ++examined_;
    for (const auto& range : dates) {
      ORKESTR_TRY(const bool is, is_free(tx_, call_, offering.id, range, times, query_.duration_minutes, weekdays));
      any = any || is;
      if (any) break;
    }
    free_[offering.id] = any;
    return any;
  }
  /// Those that are asked for without those that must not be; a day that a parameter says is that day.
  [[nodiscard]] unsigned weekdays_wanted() const {
    unsigned weekdays = dates_ == query_.dates ? query_.weekdays : 0, excluded = 0;
    for (const auto& exclusion : query_.exclusions)
      if (!exclusion.dates) excluded |= exclusion.weekdays;
    constexpr unsigned any_day = 0x7F;
    return excluded == 0 ? weekdays : (weekdays == 0 ? any_day : weekdays) & ~excluded;
  }
  [[nodiscard]] LocalDate today_in(std::string_view name) const {
    const auto zone = Zone::find(name);
    return zone ? ZoneClock(*zone).to_local(call_.now).date() : LocalDate{static_cast<std::int32_t>(call_.now.ms / 86'400'000)};
  }

  Result<void> fill(const storage::Page& page, std::vector<Offering>& rows, std::optional<std::string>& next) {
    auto all = ordered();
    auto from = all.begin();
    if (!page.before.empty()) {
      from = std::ranges::find(all, std::string_view{page.before}, [](const Offering& offering) { return offering.id.view(); });
      if (from == all.end()) return {};
      // What was let go for the page before is let go for this one.
      for (auto it = all.begin(); it <= from && !shown_before_ && examined_ < most_examined; ++it) {
        ORKESTR_TRY(const bool was, free(*it));
        shown_before_ = shown_before_ || was;
      }
      if (!shown_before_) return {};
      ++from;
    }
    std::optional<std::string> last;
    for (; from != all.end(); ++from) {
      if (rows.size() == page.limit || examined_ >= most_examined) {
        next = last;
        return {};
      }
      last = from->id.str();
      ORKESTR_TRY(const bool fits, free(*from));
      if (fits) rows.push_back(std::move(*from));
    }
    return {};
  }

  void write_understood(json::Writer& w) const {
    w.begin_object();
    w.key("text");
    w.string(query_.text);
    w.key("language");
    w.string(query_.language);
    w.key("chips");
    w.begin_array();
    for (const auto& chip : query_.chips) {
      w.begin_object();
      w.key("kind");
      w.string(name_of(chip.kind));
      w.key("label");
      w.string(chip.label);
      w.key("value");
      w.value(chip.value);
      w.key("start");
      w.integer(static_cast<std::int64_t>(chip.start));
      w.key("end");
      w.integer(static_cast<std::int64_t>(chip.end));
      w.key("without");
      w.string(chip.without);
      w.end_object();
    }
    w.end_array();
    w.key("corrections");
    w.begin_array();
    for (const auto& correction : query_.corrections) {
      w.begin_object();
      w.key("typed");
      w.string(correction.typed);
      w.key("read");
      w.string(correction.read);
      w.end_object();
    }
    w.end_array();
    w.key("relaxed");
    w.begin_array();
    for (const auto kind : dropped_) w.string(name_of(kind));
    w.end_array();
    w.end_object();
  }

  const storage::ReadTransaction& tx_;
  const Call& call_;
  const SearchQuery& query_;
  const storage::OfferingFilter& filter_;
  WantedLocale wanted_;
  std::optional<SearchDates> dates_;
  std::vector<Found> amenities_, places_, categories_, words_;
  std::set<OfferingId> excluded_;
  std::vector<std::string> excluded_terms_;
  std::vector<SearchKind> dropped_;
  std::unordered_map<OfferingId, bool> free_;
  bool times_wanted_ = true, shown_before_ = false, indexed_ = true;
  std::size_t examined_ = 0;
};

bool long_enough(std::span<const Slot> slots, std::size_t first, int minutes) {
  auto end = slots[first].interval.end;
  const auto wanted = slots[first].interval.start + std::chrono::minutes{minutes};
  for (auto i = first + 1; i < slots.size() && end < wanted; ++i)
    if (slots[i].interval.start == end) end = slots[i].interval.end;
  return end >= wanted;
}

} // namespace

Result<bool> is_free(const storage::ReadTransaction& tx, const Call& call, OfferingId offering, SearchDates dates,
                     std::optional<SearchTimes> times, std::optional<int> minutes, unsigned weekdays) {
  ORKESTR_TRY(auto view, load_availability(tx, call.tenant.id, offering));
  ORKESTR_TRY(const Schedule schedule, view.schedule());
  ZoneClock clock(schedule.zone);
  const auto last = std::min(dates.last, dates.first + (most_days - 1));
  const Interval range{clock.to_instant(LocalDateTime::of(dates.first, {0})), clock.to_instant(LocalDateTime::of(last + 1, {0}))};
  if (range.end <= range.start || range.end <= call.now) return false;
  ORKESTR_CHECK(fill_availability(tx, call.tenant.id, view, range, true, Audience::customer, call.now));
  for (std::size_t i = 0; i < view.slots.size(); ++i) {
    const auto& slot = view.slots[i].interval;
    const auto local = clock.to_local(slot.start);
    const int start = local.second_of_day() / 60;
    if (weekdays != 0 && (weekdays >> local.date().day_of_week() & 1U) == 0) continue;
    if (times && times->from == times->to) { // that very time lies within the slot
      if (start > times->from || start + std::chrono::duration_cast<std::chrono::minutes>(slot.length()).count() <= times->from) continue;
    } else if (times && (start < times->from || start >= times->to)) {
      continue;
    }
    if (!minutes || *minutes >= 1440 || long_enough(view.slots, i, *minutes)) return true; // days and nights are what the calendar shows
  }
  return false;
}

Result<Reply> search_offerings(const storage::ReadTransaction& tx, const Call& call, const std::string& text,
                               const storage::OfferingFilter& filter, const storage::Page& page, std::optional<LocalDate> date) {
  ORKESTR_TRY(auto wanted, wanted_locale(tx, call));
  const auto vocabulary = vocabulary_of(tx, call.tenant.id, text);
  SearchContext context;
  context.locale = wanted.asked ? *call.query.find("locale") : call.tenant.locale;
  context.currency = call.tenant.display_currency;
  context.places = vocabulary.places;
  context.amenities = vocabulary.amenities;
  context.categories = vocabulary.categories;
  context.words = vocabulary.words;
  const auto zone = Zone::find(call.tenant.time_zone);
  context.today = zone ? ZoneClock(*zone).to_local(call.now).date() : LocalDate{static_cast<std::int32_t>(call.now.ms / 86'400'000)};
  const auto query = understand(text, context);
  return Search(tx, call, query, filter, date, std::move(wanted)).answer(page);
}

} // namespace orkestr::inline v1::api
