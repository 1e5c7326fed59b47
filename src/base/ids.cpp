#include "orkestr/base/ids.hpp"

#include "orkestr/ports/random.hpp"

namespace orkestr::inline v1 {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

std::uint64_t id_ms(Instant at) { return static_cast<std::uint64_t>(at.ms < 0 ? 0 : at.ms) & 0xffff'ffff'ffff; }

void put_time(std::array<char, id_body_size>& body, std::uint64_t ms) {
  for (int i = 9; i >= 0; --i, ms >>= 5) body[static_cast<std::size_t>(i)] = alphabet[ms & 31];
}

} // namespace

std::array<char, id_body_size> first_id_body_at(Instant at) {
  std::array<char, id_body_size> body{};
  body.fill(alphabet[0]);
  put_time(body, id_ms(at));
  return body;
}

std::array<char, id_body_size> IdMinter::next(Instant now) {
  std::uint64_t ms = 0;
  std::array<std::uint8_t, 10> bits{};
  {
    const std::lock_guard lock(mutex_);
    ms = id_ms(now);
    if (ms > last_ms_) {
      last_ms_ = ms;
      random_.fill(last_random_);
      last_random_[0] &= 0x7f; // room to count upwards within the millisecond
    } else {
      // Upwards by a step that nobody can guess, since who knows the id of a hold may let it go.
      ms = last_ms_;
      std::array<std::uint8_t, 6> step{};
      random_.fill(step);
      unsigned carry = 1;
      for (std::size_t i = last_random_.size(); i-- > 0; carry >>= 8) {
        carry += last_random_[i];
        if (i >= last_random_.size() - step.size()) carry += step[i - (last_random_.size() - step.size())];
        last_random_[i] = static_cast<std::uint8_t>(carry);
      }
    }
    bits = last_random_;
  }
  std::array<char, id_body_size> out{};
  put_time(out, ms);
  // 80 bits are sixteen groups of five; two runs of five bytes each make eight characters.
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 5; ++i) word = word << 8 | bits[half * 5 + i];
    for (std::size_t i = 8; i-- > 0; word >>= 5) out[10 + half * 8 + i] = alphabet[word & 31];
  }
  return out;
}

} // namespace orkestr::inline v1
