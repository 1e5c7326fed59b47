#include "orkestr/base/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <unordered_set>

namespace orkestr::inline v1::json {
namespace {

enum class Refusal { none, duplicate_key, too_many_keys, number_too_large };

/// Feeds Boost.JSON's value stack and watches the keys, which the library's own parser folds silently.
class Handler {
 public:
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_string_size = -1;
  static constexpr std::size_t max_key_size = 1024;
  using error_code = boost::system::error_code;
  using string_view = boost::json::string_view;

  explicit Handler(std::size_t max_keys) : max_keys_(max_keys) {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, error_code&) {
    open_.pop_back();
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(string_view s, std::size_t, error_code&) {
    key_.append(s.data(), s.size());
    stack_.push_chars(s);
    return true;
  }
  bool on_key(string_view s, std::size_t, error_code& ec) {
    key_.append(s.data(), s.size());
    stack_.push_key(s);
    if (++keys_ > max_keys_) return refuse(Refusal::too_many_keys, ec);
    if (!open_.back().insert(key_).second) {
      refused_key = key_;
      return refuse(Refusal::duplicate_key, ec);
    }
    key_.clear();
    return true;
  }
  bool on_string_part(string_view s, std::size_t, error_code&) {
    stack_.push_chars(s);
    return true;
  }
  bool on_string(string_view s, std::size_t, error_code&) {
    stack_.push_string(s);
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t i, string_view, error_code&) {
    stack_.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, string_view, error_code&) {
    stack_.push_uint64(u);
    return true;
  }
  bool on_double(double d, string_view, error_code& ec) {
    if (!std::isfinite(d)) return refuse(Refusal::number_too_large, ec); // 1e400, which no JSON could give back
    stack_.push_double(d);
    return true;
  }
  bool on_bool(bool b, error_code&) {
    stack_.push_bool(b);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  void reset() { stack_.reset(); }
  Value release() { return stack_.release(); }

  Refusal refusal = Refusal::none;
  std::string refused_key;

 private:
  bool refuse(Refusal why, error_code& ec) {
    refusal = why;
    ec = boost::json::error::extra_data;
    return false;
  }

  boost::json::value_stack stack_;
  std::vector<std::unordered_set<std::string>> open_;
  std::string key_;
  std::size_t max_keys_, keys_ = 0;
};

} // namespace

Result<Value> parse(std::string_view text, const ParseLimits& limits) {
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  boost::json::basic_parser<Handler> parser(options, limits.max_keys);
  parser.handler().reset();
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  auto& handler = parser.handler();
  if (handler.refusal == Refusal::duplicate_key)
    return fail(Code::duplicate_key, "The key \"" + handler.refused_key + "\" stands twice in one object.");
  if (handler.refusal == Refusal::number_too_large) return fail(Code::malformed_json, "The document has a number that is too large.");
  if (handler.refusal == Refusal::too_many_keys) return fail(Code::malformed_json, "The document has too many keys.");
  if (!ec && used < text.size()) ec = boost::json::error::extra_data;
  if (ec == boost::json::error::illegal_leading_surrogate || ec == boost::json::error::illegal_trailing_surrogate)
    return fail(Code::malformed_json, "A \\u escape is half of a surrogate pair.");
  if (ec == boost::json::error::syntax || ec) {
    // The parser reports bad UTF-8 as a syntax error; look whether that is what it was.
    const auto bad_byte = used < text.size() && static_cast<unsigned char>(text[used]) >= 0x80;
    if (bad_byte && ec == boost::json::error::syntax) return fail(Code::invalid_utf8, "The body is not valid UTF-8.");
    return fail(Code::malformed_json, "The body is not valid JSON: " + ec.message() + " at byte " + std::to_string(used) + ".");
  }
  return handler.release();
}

void Writer::string(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  comma();
  comma_ = true;
  out_ += '"';
  std::size_t clean = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_.append(text.substr(clean, i - clean));
    clean = i + 1;
    switch (c) {
    case '"': out_ += "\\\""; break;
    case '\\': out_ += "\\\\"; break;
    case '\n': out_ += "\\n"; break;
    case '\r': out_ += "\\r"; break;
    case '\t': out_ += "\\t"; break;
    default: out_.append("\\u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
    }
  }
  out_.append(text.substr(clean)).append(1, '"');
}

void Writer::integer(std::int64_t number) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  raw({buffer, static_cast<std::size_t>(end - buffer)});
}

void Writer::number(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  raw({buffer, static_cast<std::size_t>(end - buffer)});
}

void Writer::value(const Value& value) { raw(boost::json::serialize(value)); }

} // namespace orkestr::inline v1::json
