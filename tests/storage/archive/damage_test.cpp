// Truncated and flipped archives, every one refused before the target is touched.
#include "storage/archive/support.hpp"

#include <random>

namespace orkestr::archive_test {
namespace {

TEST_CASE("a damaged archive is refused, and the target is not touched") {
  const TempDir dir;
  const auto store = sqlite(dir.path() / "store.db"), target = sqlite(dir.path() / "target.db");
  const auto worlds = fill(store, {1, 2});
  REQUIRE(storage::backup(store, dir.path() / "whole.orkestr"));
  REQUIRE(storage::export_tenant(store, worlds[0].tenant.subdomain, dir.path() / "one.orkestr"));
  (void)open(target); // with a schema and no rows
  const auto untouched = read_file(target.sqlite);
  const StoreAddress nowhere{{}, "host=/nonexistent connect_timeout=1"}; // whoever asks it gets another error than the file's

  std::mt19937 dice{20'260'501};
  std::size_t truncations = 0, flips = 0, refused = 0;
  for (const auto* name : {"whole.orkestr", "one.orkestr"}) {
    const bool whole = std::string_view{name} == "whole.orkestr";
    const auto bytes = read_file(dir.path() / name);
    const auto damaged = dir.path() / "damaged";
    const auto try_it = [&](std::string_view content, const std::string& what) {
      write_file(damaged, content);
      for (const auto& to : {target, nowhere}) {
        const auto done = whole ? storage::restore(damaged, to) : storage::import_tenant(damaged, to);
        const bool good = !done && done.error().code == Code::archive_invalid && done.error().detail.find("damaged") != std::string::npos;
        CHECK_MESSAGE(good, name, " ", what, ": ", done ? "taken" : done.error().detail);
        refused += good ? 1 : 0;
      }
    };
    // The last lengths one by one, the others at random, and around pages.
    std::vector<std::size_t> lengths{0, 1, 15, 16, 100, 4095, 4096, 4097};
    for (std::size_t n = 1; n <= 130; ++n) lengths.push_back(bytes.size() - n);
    for (int i = 0; i < 120; ++i) lengths.push_back(dice() % bytes.size());
    for (const auto length : lengths) try_it(std::string_view{bytes}.substr(0, length), "cut to " + std::to_string(length)), ++truncations;
    for (const auto* more : {"x", "\n", "orkestr archive"}) try_it(bytes + more, "with more behind it");
    const auto flip = [&](std::size_t bit) {
      auto other = bytes;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
      try_it(other, "with bit " + std::to_string(bit) + " flipped");
      ++flips;
    };
    for (std::size_t bit = (bytes.size() - 100) * 8; bit < bytes.size() * 8; ++bit) flip(bit); // all of the trailer
    for (int i = 0; i < 500; ++i) flip(dice() % (bytes.size() * 8));
  }
  CHECK(refused == 2 * (truncations + flips + 6));
  CHECK(read_file(target.sqlite) == untouched);
  MESSAGE(truncations, " truncations and ", flips, " flips, each refused for both databases");
  CHECK(storage::restore(dir.path() / "whole.orkestr", target)); // as it stands, it is taken
}

} // namespace
} // namespace orkestr::archive_test
