// What pages say, in the languages that we ship: catalogues of messages after ICU's MessageFormat (server/locales).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace orkestr::server {

/// The words of one language. What it lacks is said in English.
/// @thread_safety safe
class Words {
 public:
  using Value = std::variant<std::string_view, std::int64_t, double>;
  using Arguments = std::initializer_list<std::pair<std::string_view, Value>>;

  /// Of the catalogue nearest to a locale, by ICU's chain of parents: `es-MX` is served by `es`. English where there is none.
  [[nodiscard]] static const Words& of(std::string_view locale);
  /// The tags of all catalogues, in alphabetical order.
  [[nodiscard]] static std::span<const std::string> shipped();
  /// Reads a catalogue. @throws std::runtime_error for one that is damaged
  Words(std::string locale, std::string_view catalogue);
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words();

  [[nodiscard]] const std::string& locale() const { return locale_; }
  /// @returns the key itself for one that there is not, so that it is seen
  [[nodiscard]] std::string say(std::string_view key, Arguments arguments = {}) const;
  /// A message as the catalogue has it; empty for one that there is not.
  [[nodiscard]] std::string_view pattern(std::string_view key) const;
  /// Calls `take(key, pattern)` for all of them.
  template <class Take> void each(Take take) const {
    for (std::size_t i = 0; i < size(); ++i) take(key_at(i), pattern_at(i));
  }

 private:
  struct Message;
  struct Table;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::string_view key_at(std::size_t index) const;
  [[nodiscard]] std::string_view pattern_at(std::size_t index) const;
  [[nodiscard]] const Message* find(std::string_view key) const;

  std::string locale_;
  std::unique_ptr<Table> table_;
};

/// Which of a tenant's languages a reader gets.
/// @param available  canonical tags, the tenant's own first
/// @param wanted  of the address or a cookie, by RFC 4647; what fits nothing counts as nothing
/// @param accepts  as language_preferences() gives it
/// @thread_safety pure
[[nodiscard]] std::string negotiate(std::span<const std::string> available, std::string_view wanted, std::string_view accepts);

/// An `Accept-Language` header as the tags it names, the best liked first, without those that are refused and no more than six: readers
/// that want the same have the same.
/// @thread_safety pure
[[nodiscard]] std::string language_preferences(std::string_view header);

/// The locale in which money, numbers and times are written: with the digits 0 to 9, which scripts in browsers and servers agree on.
[[nodiscard]] std::string format_locale(std::string_view locale);

} // namespace orkestr::server
