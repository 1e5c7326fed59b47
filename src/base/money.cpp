#include "orkestr/base/money.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace orkestr::inline v1 {
namespace {

__extension__ using Wide = __int128; // gcc and clang have it on every 64-bit target

// Active ISO 4217 alphabetic codes (list one), without funds, metals and testing codes.
constexpr std::string_view codes[] = {
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND", "BOB", "BRL",
    "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG",
    "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD",
    "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK",
    "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR",
    "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"};

constexpr std::string_view zero_decimals[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                              "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view three_decimals[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

Error overflow() { return fail(Code::amount_overflow, "The amount is too large to be represented."); }

Result<Amount> narrow(Wide value) {
  if (value > std::numeric_limits<Amount>::max() || value < std::numeric_limits<Amount>::min()) return overflow();
  return static_cast<Amount>(value);
}

} // namespace

std::optional<Currency> Currency::parse(std::string_view code) noexcept {
  if (!std::ranges::binary_search(codes, code)) return std::nullopt;
  Currency currency;
  std::copy(code.begin(), code.end(), currency.code_.begin());
  return currency;
}

int Currency::decimals() const noexcept {
  if (std::ranges::find(zero_decimals, code()) != std::end(zero_decimals)) return 0;
  if (std::ranges::find(three_decimals, code()) != std::end(three_decimals)) return 3;
  return 2;
}

std::span<const std::string_view> currency_codes() noexcept { return codes; }

Result<Amount> add(Amount a, Amount b) { return narrow(static_cast<Wide>(a) + b); }

Result<Amount> multiply(Amount a, std::int64_t b) { return narrow(static_cast<Wide>(a) * b); }

Result<Amount> multiply_divide(Amount a, std::int64_t b, std::int64_t c) {
  const Wide product = static_cast<Wide>(a) * b;
  const Wide magnitude = product < 0 ? -product : product;
  const Wide rest = magnitude % c;
  const Wide rounded = magnitude / c + (rest >= c - rest ? 1 : 0);
  return narrow(product < 0 ? -rounded : rounded);
}

std::vector<Amount> allocate(Amount total, std::span<const Amount> weights) {
  std::vector<Amount> parts(weights.size(), 0);
  if (weights.empty()) return parts;
  Wide sum = 0;
  for (Amount weight : weights) sum += weight;
  if (sum == 0) {
    parts[0] = total;
    return parts;
  }
  const int sign = total < 0 ? -1 : 1;
  const Wide magnitude = static_cast<Wide>(total) * sign;
  std::vector<Wide> remainders(weights.size());
  Wide given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = magnitude * weights[i];
    parts[i] = static_cast<Amount>(product / sum * sign);
    remainders[i] = product % sum;
    given += product / sum;
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; given < magnitude; ++i, ++given) parts[order[i]] += sign;
  return parts;
}

} // namespace orkestr::inline v1
