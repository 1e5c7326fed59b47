// Where checks write down what they find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orkestr::campaign {

/// Collects what is wrong, and counts what was looked at.
class Findings {
 public:
  void check(bool holds, const auto& describe) {
    ++checks_;
    if (!holds) wrong_.push_back(describe());
  }
  void check(bool holds, const char* text) {
    check(holds, [&] { return std::string{text}; });
  }
  [[nodiscard]] std::uint64_t checks() const { return checks_; }
  [[nodiscard]] const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  std::uint64_t checks_ = 0;
  std::vector<std::string> wrong_;
};

} // namespace orkestr::campaign
