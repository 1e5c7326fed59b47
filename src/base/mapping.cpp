#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1::json {
namespace {

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

} // namespace

Reader::Step::Step(Reader& reader, std::string_view key) : reader_(reader), size_(reader.pointer_.size()) {
  reader_.pointer_ += '/';
  for (char c : key) { // RFC 6901, section 3
    if (c == '~')
      reader_.pointer_ += "~0";
    else if (c == '/')
      reader_.pointer_ += "~1";
    else
      reader_.pointer_ += c;
  }
}

void Reader::fault(std::string_view code, std::string detail) {
  for (const auto& present : faults)
    if (present.pointer == pointer_) return;
  faults.push_back({pointer_, code, std::move(detail)});
}

Result<void> Reader::result() {
  if (faults.empty()) return {};
  const std::string count = faults.size() == 1 ? "1 field is" : std::to_string(faults.size()) + " fields are";
  return Error{Code::invalid_fields, count + " invalid; see errors.", std::move(faults), {}};
}

bool wrong_type(Reader& reader, std::string_view expected) {
  reader.fault("wrong_type", "This must be " + std::string{expected} + ".");
  return false;
}
bool unknown_value(Reader& reader, std::string_view what) {
  reader.fault("unknown_value", "This must be one of: " + std::string{what} + ".");
  return false;
}
bool invalid_format(Reader& reader, std::string_view hint) {
  reader.fault("invalid_format", std::string{hint});
  return false;
}

bool check_number(Reader& reader, std::int64_t value, const Limits& limits) {
  if (value < limits.min) return reader.fault("too_small", "The smallest allowed value is " + std::to_string(limits.min) + "."), false;
  if (value > limits.max) return reader.fault("too_large", "The largest allowed value is " + std::to_string(limits.max) + "."), false;
  return true;
}

bool check_text(Reader& reader, std::string_view text, const Limits& limits) {
  const auto size = static_cast<std::int64_t>(code_points(text));
  if (text.find('\0') != std::string_view::npos) return invalid_format(reader, "A text can't contain NUL characters.");
  if (size < limits.min) {
    reader.fault("too_short", size == 0 ? "This can't be empty." : "The shortest allowed length is " + std::to_string(limits.min) + ".");
    return false;
  }
  if (size > limits.max) return reader.fault("too_long", "The longest allowed length is " + std::to_string(limits.max) + "."), false;
  if (limits.form != nullptr && !limits.form(text)) return invalid_format(reader, limits.form_hint);
  return true;
}

bool check_count(Reader& reader, std::size_t count, const Limits& limits) {
  const auto size = static_cast<std::int64_t>(count);
  if (size > limits.max) return reader.fault("too_many_items", "At most " + std::to_string(limits.max) + " items are allowed."), false;
  if (size < limits.min) return reader.fault("too_few_items", "At least " + std::to_string(limits.min) + " items are needed."), false;
  return true;
}

bool Codec<std::string>::read(Reader& r, const Value& v, std::string& target, const Limits& limits) {
  const auto* text = v.if_string();
  if (text == nullptr) return wrong_type(r, "a string");
  if (!check_text(r, {text->data(), text->size()}, limits)) return false;
  target.assign(text->data(), text->size());
  return true;
}

bool Codec<bool>::read(Reader& r, const Value& v, bool& target, const Limits&) {
  if (!v.is_bool()) return wrong_type(r, "true or false");
  target = v.get_bool();
  return true;
}

bool Codec<std::int64_t>::read(Reader& r, const Value& v, std::int64_t& target, const Limits& limits) {
  std::int64_t number = 0;
  if (v.is_int64()) {
    number = v.get_int64();
  } else if (v.is_uint64()) {
    number = std::numeric_limits<std::int64_t>::max(); // beyond it; the field's own limit says so
  } else if (v.is_double()) {
    // JSON Schema counts 1.0 as an integer, and so do we.
    const double wide = v.get_double();
    constexpr double exact = 9'007'199'254'740'992.0;
    if (wide != wide || wide > 1e300 || wide < -1e300) return wrong_type(r, "an integer");
    if (wide >= -exact && wide <= exact && static_cast<double>(static_cast<std::int64_t>(wide)) != wide) return wrong_type(r, "an integer");
    if (wide > exact)
      number = std::numeric_limits<std::int64_t>::max();
    else if (wide < -exact)
      number = std::numeric_limits<std::int64_t>::min();
    else
      number = static_cast<std::int64_t>(wide);
  } else {
    return wrong_type(r, "an integer");
  }
  if (!check_number(r, number, limits)) return false;
  target = number;
  return true;
}

bool Codec<double>::read(Reader& r, const Value& v, double& target, const Limits&) {
  if (!v.is_number()) return wrong_type(r, "a number");
  target = v.is_double() ? v.get_double() : v.is_int64() ? static_cast<double>(v.get_int64()) : static_cast<double>(v.get_uint64());
  return true;
}

void Codec<Object>::write(Writer& w, const Object& v) { w.value(v); }

bool Codec<Object>::read(Reader& r, const Value& v, Object& target, const Limits& limits) {
  const auto* object = v.if_object();
  if (object == nullptr) return wrong_type(r, "an object");
  if (!check_count(r, object->size(), limits)) return false;
  target = *object;
  return true;
}

bool Codec<Currency>::read(Reader& r, const Value& v, Currency& target, const Limits&) {
  const auto* text = v.if_string();
  if (text == nullptr) return wrong_type(r, "a string");
  const auto found = Currency::parse({text->data(), text->size()});
  if (!found) return invalid_format(r, "Use an active ISO 4217 code in capitals, such as USD.");
  target = *found;
  return true;
}

} // namespace orkestr::inline v1::json
