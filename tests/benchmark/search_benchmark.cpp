// What a search costs in a large catalogue: rare words by the index and by looking through every text, and the whole way
// of a query (understanding, index, availability, answer).
//   benchmark_search DATA_DIR|postgresql://… [OFFERINGS]     an empty folder or database; prints a table
#include "open.hpp"
#include "support/room.hpp"

#include "orkestr/api/api.hpp"
#include "orkestr/engine/search_index.hpp"
#include "orkestr/storage/search_repository.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace orkestr;

namespace {

constexpr const char* kinds[] = {"Meeting Room", "Photo Studio", "Loft", "Rehearsal Room", "Workshop", "Office"};
constexpr const char* places[] = {"Downtown", "Soho", "Harlem", "Chelsea", "Tribeca", "Midtown", "Red Hook", "Astoria"};
constexpr const char* things[] = {"wifi", "parking", "whiteboard", "projector", "coffee", "kitchen", "terrace", "piano"};
constexpr const char* words[] = {"bright", "corner", "brick",  "garden", "river", "maple",
                                 "harbor", "north",  "copper", "velvet", "ivory", "lantern"};

Offering numbered(std::size_t n, Instant now) {
  auto offering = support::room();
  offering.title = std::string{words[n % 12]} + " " + kinds[n % 6] + " " + std::to_string(n);
  offering.slug = "o-" + std::to_string(n);
  offering.description =
      std::string{"A "} + words[n / 12 % 12] + " place with a " + words[n / 144 % 12] + " view, for work and for feasts.";
  if (n % 20'000 == 7) offering.description += " There is a zeppelin.";
  offering.status = OfferingStatus::published;
  offering.base_price_cents = 1000 + static_cast<Amount>(n % 97) * 100;
  offering.attributes = {{"capacity", static_cast<int>(2 + n % 40)},
                         {"neighborhood", places[n % 8]},
                         {"noiseLevel", n % 3 == 0 ? "quiet" : "moderate"},
                         {"amenities", {things[n % 8], things[n / 8 % 8]}}};
  offering.created_at = offering.updated_at = now;
  return offering;
}

template <class F> void measure(const char* name, int times, F act) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto from = std::chrono::steady_clock::now();
    act();
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::ranges::sort(took);
  std::printf("| %s | %.2f | %.2f |\n", name, took[took.size() / 2], took[took.size() * 99 / 100]);
}

} // namespace

int main(int count, char** arguments) {
  const auto store = benchmark::open(arguments[1]);
  const std::size_t offerings = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 100'000;
  const ManualClock clock(*Instant::parse("2026-05-01T12:00:00Z"));
  SystemRandom random;
  Platform platform(*store, clock, random);
  Tenant draft;
  draft.name = "Benchmark";
  draft.subdomain = "benchmark";
  const auto tenant = platform.create_tenant(draft).value().id;
  for (std::size_t n = 0; n < offerings;)
    (void)platform
        .write(tenant,
               [&](WriteContext& cx) -> Result<bool> {
                 for (const auto end = std::min(n + 500, offerings); n < end; ++n) {
                   auto offering = numbered(n, cx.now);
                   offering.id = cx.make_id<OfferingId>();
                   cx.tx.offerings().insert(cx.tenant, offering);
                   index_offering(cx, offering);
                   for (int day = 0; day < 7; ++day) {
                     auto rule = support::all_day(1);
                     rule.id = cx.make_id<RuleId>();
                     rule.offering_id = offering.id;
                     rule.day_of_week = day;
                     rule.start_time = {9 * 60};
                     rule.end_time = {17 * 60};
                     cx.tx.availability().insert(cx.tenant, rule);
                   }
                 }
                 return true;
               })
        .value();
  std::printf("%zu offerings\n\n| | p50 ms | p99 ms |\n|---|---|---|\n", offerings);
  std::size_t found = 0;
  measure("rare word, every text looked through", 5, [&] {
    (void)store->read([&](const storage::ReadTransaction& tx) -> Result<bool> {
      storage::OfferingFilter filter;
      filter.status = OfferingStatus::published;
      filter.text = "zeppelin";
      storage::Page page;
      page.limit = 50;
      found = tx.offerings().list(tenant, filter, page).size();
      return true;
    });
  });
  std::size_t indexed = 0;
  measure("rare word, by the index", 500, [&] {
    (void)store->read([&](const storage::ReadTransaction& tx) -> Result<bool> {
      indexed = 0;
      for (const auto& posting : tx.search().postings(tenant, "zeppelin", "en", 50))
        indexed += tx.offerings().find(tenant, posting.offering) ? 1 : 0;
      return true;
    });
  });
  if (found != indexed || found == 0) return std::fprintf(stderr, "the two ways found %zu and %zu\n", found, indexed), 1;
  api::ApiOptions options;
  options.rate_limit = options.visitor_limit = 0;
  api::Api api(platform, options);
  for (const char* query :
       {"zeppelin", "quiet%20meeting%20room", "a%20quiet%20space%20for%204%20people%20downtown%20next%20Tuesday%20morning",
        "photo%20studio%20in%20Soho%20with%20wifi%20under%20%2440%20tomorrow%20for%202%20hours"}) {
    int status = 0;
    measure(query, 200, [&] {
      api::Request request;
      request.method = api::Method::get;
      const std::string target = std::string{"/v1/public/benchmark/offerings?limit=24&q="} + query;
      request.target = target;
      request.peer = "127.0.0.1";
      status = api.handle(request).status;
    });
    if (status != 200) return std::fprintf(stderr, "%s: %d\n", query, status), 1;
  }
}
