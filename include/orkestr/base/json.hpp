// JSON in and out. Reading is strict (RFC 8259, no duplicate keys, valid UTF-8, bounded depth and keys)
// and yields a Boost.JSON value; writing appends text straight to a string, which is what hot lists need.
#pragma once

#include "orkestr/base/result.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace orkestr::inline v1::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct ParseLimits {
  std::size_t max_depth = 16;
  std::size_t max_keys = 4096; ///< over the whole document
};

/// @errors `malformed_json`, `duplicate_key`, `invalid_utf8`
/// @thread_safety pure
[[nodiscard]] Result<Value> parse(std::string_view text, const ParseLimits& limits = {});

/// Appends JSON to a string the caller owns; places commas itself. The caller balances begin and end.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  /// `name` is written as it is and must need no escaping.
  void key(std::string_view name) {
    comma();
    out_.append(1, '"').append(name).append("\":");
    comma_ = false;
  }
  void string(std::string_view text);
  void integer(std::int64_t number);
  void number(double number);
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  void value(const Value& value);
  /// One complete JSON value, as text.
  void raw(std::string_view text) {
    comma();
    out_.append(text);
    comma_ = true;
  }
  /// An array whose items `append(std::string&, item)` writes, each as one complete JSON value.
  template <class Items, class Append> void array(const Items& items, Append&& append) {
    comma();
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      append(out_, item);
    }
    out_ += ']';
    comma_ = true;
  }
  /// A string that needs no escaping, appended by `append(std::string&)`.
  template <class Append> void plain_string(Append&& append) {
    comma();
    out_ += '"';
    append(out_);
    out_ += '"';
    comma_ = true;
  }

 private:
  void comma() {
    if (comma_) out_ += ',';
  }
  void open(char bracket) {
    comma();
    out_ += bracket;
    comma_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

} // namespace orkestr::inline v1::json
