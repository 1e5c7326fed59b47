// Bodies as Stripe takes them: application/x-www-form-urlencoded, with brackets for what lies within something.
#pragma once

#include <string>
#include <string_view>

namespace orkestr::inline v1::stripe {

class Form {
 public:
  /// `name` is written as it is: `amount`, `automatic_payment_methods[enabled]`, `expand[]`.
  void add(std::string_view name, std::string_view value);
  /// `name[key]=value`; the key is encoded.
  void add(std::string_view name, std::string_view key, std::string_view value);
  /// Leaves an empty value out, which Stripe would take as a wish to clear it.
  void add_if(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

} // namespace orkestr::inline v1::stripe
