// One description per resource (`Schema<T>`: name, member, use and limits of each field) from which JSON is
// read, written and validated, and against which the OpenAPI document is tested.
#pragma once

#include "orkestr/base/ids.hpp"
#include "orkestr/base/json.hpp"
#include "orkestr/base/money.hpp"
#include "orkestr/base/time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace orkestr::inline v1::json {

/// Where a field may stand. `required` counts on creation only.
enum Use : unsigned {
  out = 1,
  create = 2,
  patch = 4,
  required = 8,
  writable = out | create | patch,
  required_writable = writable | required
};

enum class Kind {
  string,
  integer,
  number,
  boolean,
  instant,
  local_date,
  local_time,
  local_date_time,
  enumeration,
  id,
  array,
  object,
  any_object,
  currency
};

/// Bounds of a value: an integer's value, a string's code points, an array's items. `form` is a further test of a text.
struct Limits {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool (*form)(std::string_view) = nullptr;
  std::string_view form_hint = {};
};

/// Text of each enumerator, in order. Specialise for each enum that goes over the wire or into storage.
template <class E> struct EnumNames;
template <class E>
concept NamedEnum = requires {
  EnumNames<E>::names;
};

template <NamedEnum E> [[nodiscard]] constexpr std::string_view name_of(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}
template <NamedEnum E> [[nodiscard]] constexpr std::optional<E> enum_named(std::string_view name) {
  for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i)
    if (EnumNames<E>::names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

template <class T> struct Schema; ///< specialise with `static constexpr auto fields = std::make_tuple(field(…), …);`
template <class T>
concept Described = requires {
  Schema<T>::fields;
};

template <class Owner, class T> struct Field {
  std::string_view name;
  T Owner::*member;
  unsigned use;
  Limits limits;
};
template <class Owner, class T>
[[nodiscard]] constexpr Field<Owner, T> field(std::string_view name, T Owner::*member, unsigned use, Limits limits = {}) {
  return {name, member, use, limits};
}

/// A field that Owner inherits.
template <class Owner, class Base, class T>
[[nodiscard]] constexpr Field<Owner, T> field_of(std::string_view name, T Base::*member, unsigned use, Limits limits = {}) {
  return {name, member, use, limits};
}

/// Collects every fault of an input and knows where it stands in it.
class Reader {
 public:
  std::vector<Fault> faults;

  /// Records a fault here, unless one is recorded here already: checks of the whole come after those of single fields.
  void fault(std::string_view code, std::string detail);
  void fault_at(std::string_view key, std::string_view code, std::string detail) {
    const Step step(*this, key);
    fault(code, std::move(detail));
  }
  /// Extends the pointer for the lifetime of the step.
  class Step {
   public:
    Step(Reader& reader, std::string_view key);
    Step(Reader& reader, std::size_t index) : Step(reader, std::to_string(index)) {}
    ~Step() { reader_.pointer_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
    std::size_t size_;
  };

  [[nodiscard]] bool ok() const { return faults.empty(); }
  /// @returns success, or `invalid_fields` with every fault
  [[nodiscard]] Result<void> result();

 private:
  std::string pointer_;
};

// ---- Codecs: kind, write, read (false: a fault was recorded and the target is unchanged) -------------------------

bool wrong_type(Reader& reader, std::string_view expected);
bool check_number(Reader& reader, std::int64_t value, const Limits& limits);
bool check_text(Reader& reader, std::string_view text, const Limits& limits);
bool check_count(Reader& reader, std::size_t count, const Limits& limits);
bool unknown_value(Reader& reader, std::string_view what);
bool invalid_format(Reader& reader, std::string_view hint);

template <class T> struct Codec;

template <> struct Codec<std::string> {
  static constexpr Kind kind = Kind::string;
  static void write(Writer& w, const std::string& v) { w.string(v); }
  static bool read(Reader& r, const Value& v, std::string& target, const Limits& limits);
};
/// Written only.
template <> struct Codec<std::string_view> {
  static constexpr Kind kind = Kind::string;
  static void write(Writer& w, std::string_view v) { w.string(v); }
};
template <> struct Codec<bool> {
  static constexpr Kind kind = Kind::boolean;
  static void write(Writer& w, bool v) { w.boolean(v); }
  static bool read(Reader& r, const Value& v, bool& target, const Limits&);
};
template <> struct Codec<std::int64_t> {
  static constexpr Kind kind = Kind::integer;
  static void write(Writer& w, std::int64_t v) { w.integer(v); }
  static bool read(Reader& r, const Value& v, std::int64_t& target, const Limits& limits);
};
template <> struct Codec<int> {
  static constexpr Kind kind = Kind::integer;
  static void write(Writer& w, int v) { w.integer(v); }
  static bool read(Reader& r, const Value& v, int& target, const Limits& limits) {
    std::int64_t wide = target;
    if (!Codec<std::int64_t>::read(r, v, wide, limits)) return false;
    target = static_cast<int>(wide);
    return true;
  }
};
template <> struct Codec<double> {
  static constexpr Kind kind = Kind::number;
  static void write(Writer& w, double v) { w.number(v); }
  static bool read(Reader& r, const Value& v, double& target, const Limits&);
};
template <> struct Codec<Object> {
  static constexpr Kind kind = Kind::any_object;
  static void write(Writer& w, const Object& v);
  static bool read(Reader& r, const Value& v, Object& target, const Limits& limits);
};
template <> struct Codec<Currency> {
  static constexpr Kind kind = Kind::currency;
  static void write(Writer& w, Currency v) { w.string(v.code()); }
  static bool read(Reader& r, const Value& v, Currency& target, const Limits&);
};

/// Texts with a parse() of their own: instants, dates, times, ids.
template <class T, Kind K> struct ParsedText {
  static constexpr Kind kind = K;
  static bool read_text(Reader& r, const Value& v, T& target, std::string_view hint) {
    const auto* text = v.if_string();
    if (text == nullptr) return wrong_type(r, "a string");
    const auto parsed = T::parse({text->data(), text->size()});
    if (!parsed) return invalid_format(r, hint);
    target = *parsed;
    return true;
  }
};
#define ORKESTR_TIME_CODEC(Type, kind_, hint)                                                                                              \
  template <> struct Codec<Type> : ParsedText<Type, Kind::kind_> {                                                                         \
    static void write(Writer& w, Type v) {                                                                                                 \
      w.plain_string([&](std::string& s) { append(s, v); });                                                                               \
    }                                                                                                                                      \
    static bool read(Reader& r, const Value& v, Type& target, const Limits&) { return read_text(r, v, target, hint); }                     \
  }
ORKESTR_TIME_CODEC(Instant, instant, "Use an RFC 3339 time with an offset, such as 2026-05-12T15:00:00Z.");
ORKESTR_TIME_CODEC(LocalDate, local_date, "Use a date such as 2026-05-12.");
ORKESTR_TIME_CODEC(LocalTime, local_time, "Use a time of day such as 09:30.");
ORKESTR_TIME_CODEC(LocalDateTime, local_date_time, "Use a local date and time such as 2026-05-12T09:30.");
#undef ORKESTR_TIME_CODEC

template <class Tag> struct Codec<Id<Tag>> : ParsedText<Id<Tag>, Kind::id> {
  static void write(Writer& w, const Id<Tag>& v) { w.string(v.view()); }
  static bool read(Reader& r, const Value& v, Id<Tag>& target, const Limits&) {
    return ParsedText<Id<Tag>, Kind::id>::read_text(r, v, target, "This is not an id of the right kind.");
  }
};

template <NamedEnum E> struct Codec<E> {
  static constexpr Kind kind = Kind::enumeration;
  static void write(Writer& w, E v) { w.string(name_of(v)); }
  static bool read(Reader& r, const Value& v, E& target, const Limits&) {
    const auto* text = v.if_string();
    if (text == nullptr) return wrong_type(r, "a string");
    const auto found = enum_named<E>({text->data(), text->size()});
    if (!found) {
      std::string all;
      for (auto name : EnumNames<E>::names) all.append(all.empty() ? "" : ", ").append(name);
      return unknown_value(r, all);
    }
    target = *found;
    return true;
  }
};

template <class T> struct Codec<std::optional<T>> {
  static constexpr Kind kind = Codec<T>::kind;
  static void write(Writer& w, const std::optional<T>& v) { v ? Codec<T>::write(w, *v) : w.null(); }
  static bool read(Reader& r, const Value& v, std::optional<T>& target, const Limits& limits) {
    if (v.is_null()) {
      target.reset();
      return true;
    }
    T value{};
    if (!Codec<T>::read(r, v, value, limits)) return false;
    target = std::move(value);
    return true;
  }
};

/// Bounds on the items of an array of texts; the field's own limits bound their number.
inline constexpr Limits item_text_limits{1, 60, nullptr, {}};

template <class T> struct Codec<std::vector<T>> {
  static constexpr Kind kind = Kind::array;
  static void write(Writer& w, const std::vector<T>& v) {
    w.begin_array();
    for (const auto& item : v) Codec<T>::write(w, item);
    w.end_array();
  }
  static bool read(Reader& r, const Value& v, std::vector<T>& target, const Limits& limits) {
    const auto* array = v.if_array();
    if (array == nullptr) return wrong_type(r, "an array");
    if (!check_count(r, array->size(), limits)) return false;
    std::vector<T> items(array->size());
    bool ok = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Reader::Step step(r, i);
      ok &= Codec<T>::read(r, (*array)[i], items[i], item_text_limits);
    }
    if (ok) target = std::move(items);
    return ok;
  }
};

// ---- Whole resources ---------------------------------------------------------------------------------------------

/// Calls f for each field of T whose use has any of `uses`.
template <Described T, class F> constexpr void for_each_field(F&& f) {
  std::apply([&](const auto&... fields) { (f(fields), ...); }, Schema<T>::fields);
}

template <Described T> void write_fields(Writer& w, const T& value) {
  for_each_field<T>([&](const auto& f) {
    if (!(f.use & out)) return;
    using Member = std::remove_cvref_t<decltype(value.*(f.member))>;
    w.key(f.name);
    Codec<Member>::write(w, value.*(f.member));
  });
}

/// Reads onto `target`: a fresh value for `create`, the present one for `patch`. Every unknown, unwritable, missing,
/// mistyped or out-of-bounds field becomes a fault; fields without faults are taken over.
template <Described T> void read_object(Reader& r, const Object& object, T& target, Use mode) {
  for (const auto& entry : object) {
    const std::string_view key{entry.key().data(), entry.key().size()};
    bool known = false, allowed = false;
    for_each_field<T>([&](const auto& f) {
      if (f.name == key) known = true, allowed = (f.use & mode) != 0;
    });
    if (!known)
      r.fault_at(key, "unknown_field", "There is no such field.");
    else if (!allowed)
      r.fault_at(key, "read_only_field", "This field can't be set.");
  }
  for_each_field<T>([&](const auto& f) {
    if (!(f.use & mode)) return;
    const auto* found = object.if_contains({f.name.data(), f.name.size()});
    if (found == nullptr) {
      if (mode == create && (f.use & required)) r.fault_at(f.name, "required", "This field is required.");
      return;
    }
    const Reader::Step step(r, f.name);
    using Member = std::remove_cvref_t<decltype(target.*(f.member))>;
    if (found->is_null() && !requires(Member m) { m.reset(); }) return r.fault("not_nullable", "This field can't be null.");
    (void)Codec<Member>::read(r, *found, target.*(f.member), f.limits);
  });
}

template <Described T> void read_body(Reader& r, const Value& body, T& target, Use mode) {
  const auto* object = body.if_object();
  if (object == nullptr)
    wrong_type(r, "an object");
  else
    read_object(r, *object, target, mode);
}

template <Described T> struct Codec<T> {
  static constexpr Kind kind = Kind::object;
  static void write(Writer& w, const T& value) {
    w.begin_object();
    write_fields(w, value);
    w.end_object();
  }
  static bool read(Reader& r, const Value& v, T& target, const Limits&) {
    // A part is replaced as a whole, so it starts afresh and not from what the target holds.
    const std::size_t before = r.faults.size();
    T fresh{};
    read_body(r, v, fresh, create);
    if (r.faults.size() != before) return false;
    target = std::move(fresh);
    return true;
  }
};

template <class T> void write(Writer& w, const T& value) { Codec<T>::write(w, value); }
template <class T> [[nodiscard]] std::string to_json(const T& value) {
  std::string text;
  Writer w(text);
  Codec<T>::write(w, value);
  return text;
}

template <> struct Schema<Fault> {
  static constexpr auto fields =
      std::make_tuple(field("pointer", &Fault::pointer, out), field("code", &Fault::code, out), field("detail", &Fault::detail, out));
};

/// What the OpenAPI document is compared with.
struct FieldInfo {
  std::string_view name;
  Kind kind;
  bool nullable;
  unsigned use;
  Limits limits;
};
template <Described T> [[nodiscard]] std::vector<FieldInfo> describe() {
  std::vector<FieldInfo> all;
  for_each_field<T>([&]<class O, class M>(const Field<O, M>& f) {
    all.push_back({f.name, Codec<M>::kind, requires(M m) { m.reset(); }, f.use, f.limits
});
});
return all;
}

} // namespace orkestr::inline v1::json
