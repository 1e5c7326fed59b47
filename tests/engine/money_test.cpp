#include "orkestr/base/money.hpp"

#include "engine/fixtures.hpp"

#include <algorithm>
#include <numeric>

using namespace fixtures;

namespace {

constexpr Amount most = std::numeric_limits<Amount>::max(), least = std::numeric_limits<Amount>::min();

/// The value as text, or the error's code.
std::string text(const Result<Amount>& result) { return result ? std::to_string(*result) : outcome(result); }

__extension__ using Wide = __int128;

/// Another way to round: the whole quotient, then a look at twice the remainder.
Wide rounded(Wide numerator, Wide denominator) {
  const Wide whole = numerator / denominator, rest = numerator % denominator;
  if ((rest < 0 ? -rest : rest) * 2 < denominator) return whole;
  return whole + (numerator < 0 ? -1 : 1);
}

} // namespace

TEST_CASE("add and multiply refuse to wrap") {
  struct Row {
    Amount a, b;
    std::string_view sum, product;
  };
  static constexpr Row table[] = {
      {2, 3, "5", "6"},
      {-2, 3, "1", "-6"},
      {most, 0, "9223372036854775807", "0"},
      {most, 1, "amount_overflow", "9223372036854775807"},
      {least, -1, "amount_overflow", "amount_overflow"},
      {least, 1, "-9223372036854775807", "-9223372036854775808"},
      {most, least, "-1", "amount_overflow"},
      {least, least, "amount_overflow", "amount_overflow"},
      {4'294'967'296, 2'147'483'648, "6442450944", "amount_overflow"}, // 2^63, one too many
      {4'294'967'296, -2'147'483'648, "2147483648", "-9223372036854775808"},
  };
  for (const auto& row : table) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CHECK(text(add(row.a, row.b)) == row.sum);
    CHECK(text(multiply(row.a, row.b)) == row.product);
  }
}

TEST_CASE("multiply_divide rounds once, half away from zero") {
  struct Row {
    Amount a;
    std::int64_t b, c;
    std::string_view expected;
  };
  static constexpr Row table[] = {
      {101, 50, 100, "51"},
      {-101, 50, 100, "-51"},
      {101, -50, 100, "-51"},
      {-101, -50, 100, "51"},
      {100, 1, 3, "33"},
      {200, 1, 3, "67"},
      {-100, 1, 3, "-33"},
      {-200, 1, 3, "-67"},
      {1, 1, 2, "1"},
      {-1, 1, 2, "-1"},
      {49, 1, 100, "0"},
      {-49, 1, 100, "0"},
      {0, 5, 7, "0"},
      {most, most, most, "9223372036854775807"}, // exact in between
      {most, 2, 2, "9223372036854775807"},
      {most, 2, 1, "amount_overflow"},
      {least, 1, 1, "-9223372036854775808"},
      {least, -1, 1, "amount_overflow"},
      {least, least, most, "amount_overflow"},
      {least, least, 1, "amount_overflow"},
      {most, 10'000, 9'999, "amount_overflow"},
      {1, 1, most, "0"},
      {most / 2 + 1, 1, most, "1"},
      {most / 2, 1, most, "0"},
  };
  for (const auto& row : table) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CAPTURE(row.c);
    CHECK(text(multiply_divide(row.a, row.b, row.c)) == row.expected);
  }

  Dice dice(seed());
  for (int i = 0; i < 200'000; ++i) {
    const int size = dice.roll(1, 62);
    const Amount a = dice.between(-(Amount{1} << size), Amount{1} << size);
    const std::int64_t b = dice.between(-20'000, 20'000), c = dice.chance(50) ? dice.between(1, 100) : dice.between(1, 1'000'000);
    const Wide exact = rounded(static_cast<Wide>(a) * b, c);
    const auto got = multiply_divide(a, b, c);
    const bool fits = exact <= most && exact >= least;
    if (got.has_value() != fits || (fits && *got != exact)) FAIL("seed ", seed(), ": ", a, " * ", b, " / ", c, " = ", text(got));
  }
}

TEST_CASE("allocate by largest remainder") {
  const auto split = [](Amount total, std::vector<Amount> weights) {
    std::string text;
    for (auto part : allocate(total, weights)) text.append(text.empty() ? "" : " ").append(std::to_string(part));
    return text;
  };
  CHECK(split(100, {1, 1, 1}) == "34 33 33"); // ties go to the earlier line
  CHECK(split(101, {1, 1, 1}) == "34 34 33");
  CHECK(split(-100, {1, 1, 1}) == "-34 -33 -33");
  CHECK(split(10, {1, 2, 4}) == "1 3 6"); // 1.43 2.86 5.71
  CHECK(split(5, {0, 1, 0}) == "0 5 0");
  CHECK(split(7, {0, 0}) == "7 0");
  CHECK(split(0, {3, 4}) == "0 0");
  CHECK(split(5, {}).empty());
  CHECK(split(most, {most, most}) == "4611686018427387904 4611686018427387903");
  CHECK(split(least, {1}) == "-9223372036854775808");
}

TEST_CASE("allocate sums exactly, each part within one unit of its share") {
  Dice dice(seed() + 1);
  for (int i = 0; i < 50'000; ++i) {
    std::vector<Amount> weights(static_cast<std::size_t>(dice.roll(1, 9)));
    const int size = dice.roll(1, 60);
    for (auto& weight : weights) weight = dice.chance(15) ? 0 : dice.between(0, Amount{1} << dice.roll(0, size));
    const Amount total = dice.between(-(Amount{1} << size), Amount{1} << size);
    const auto parts = allocate(total, weights);
    REQUIRE(parts.size() == weights.size());
    Wide sum = 0, given = 0;
    for (auto weight : weights) sum += weight;
    for (auto part : parts) given += part;
    bool right = given == total;
    for (std::size_t k = 0; k < parts.size() && sum > 0; ++k) {
      const Wide apart = parts[k] * sum - static_cast<Wide>(total) * weights[k];
      right &= apart < sum && apart > -sum;
      right &= weights[k] != 0 || parts[k] == 0;
      // Who has the larger remainder is served first, so of two lines the heavier never gets less.
      for (std::size_t j = 0; j < k; ++j) right &= (weights[j] < weights[k]) || (total < 0 ? parts[j] <= parts[k] : parts[j] >= parts[k]);
    }
    if (!right) FAIL("seed ", seed() + 1, ", round ", i, ": total ", total, " over ", weights.size(), " weights");
  }
}

TEST_CASE("currencies are active ISO 4217 codes with their decimals") {
  struct Row {
    std::string_view code;
    int decimals;
  };
  static constexpr Row table[] = {{"USD", 2}, {"EUR", 2}, {"JPY", 0}, {"KRW", 0}, {"CLP", 0}, {"ISK", 0},
                                  {"XOF", 0}, {"VND", 0}, {"KWD", 3}, {"BHD", 3}, {"TND", 3}, {"OMR", 3},
                                  {"CHF", 2}, {"ZWG", 2}, {"AED", 2}, {"HUF", 2}, {"ZMW", 2}, {"INR", 2}};
  for (const auto& row : table) {
    CAPTURE(row.code);
    const auto currency = Currency::parse(row.code);
    REQUIRE(currency);
    CHECK(currency->code() == row.code);
    CHECK(currency->decimals() == row.decimals);
  }
  for (std::string_view none : {"", "US", "USDX", "usd", " USD", "XXX", "XAU", "XTS", "DEM", "ABC", "ZZZ"}) {
    CAPTURE(none);
    CHECK_FALSE(Currency::parse(none));
  }
  CHECK(Currency{}.code() == "USD");
  // Searching by halves needs them sorted.
  const auto codes = currency_codes();
  CHECK(std::ranges::is_sorted(codes));
  CHECK(std::ranges::adjacent_find(codes) == codes.end());
  CHECK(std::ranges::all_of(codes, [](auto code) { return Currency::parse(code).has_value(); }));
}
