// What the C functions share: errors, buffers, and the wall that no exception passes.
#pragma once

#include "orkestr/base/json.hpp"
#include "orkestr/base/result.hpp"
#include "orkestr/orkestr.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

struct orkestr_error {
  const char* code;
  int status;
  std::string detail, json;
};
struct orkestr_buffer {
  std::string text;
};

namespace orkestr::c {

inline std::string_view view(orkestr_text text) { return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size}; }
inline orkestr_text borrowed(std::string_view text) { return {text.data(), text.size()}; }

/// @returns one that stands for all where there is no memory for another
[[nodiscard]] orkestr_error* make_error(const Error& error) noexcept;

/// Runs `f() -> Result<void>`. @returns NULL, or what it or an exception says
template <class F> [[nodiscard]] orkestr_error* guarded(F&& f) noexcept {
  try {
    const Result<void> done = f();
    return done ? nullptr : make_error(done.error());
  } catch (const std::bad_alloc&) {
    return make_error(Error{Code::internal, "There is no memory left.", {}, {}});
  } catch (const std::exception& trouble) {
    return make_error(fail(Code::internal, trouble.what()));
  } catch (...) {
    return make_error(fail(Code::internal));
  }
}

/// A struct of the caller's, which may be of an older header, and then ends sooner.
/// @param least  the size that it had first @errors `invalid_parameter`
template <class T> [[nodiscard]] Result<T> taken_in(const T* given, std::size_t least) {
  if (given == nullptr || given->struct_size < least)
    return fail(Code::invalid_parameter, "A struct is missing, or its struct_size is too small.");
  T whole{};
  std::memcpy(&whole, given, std::min(given->struct_size, sizeof whole));
  return whole;
}

[[nodiscard]] inline Result<void> present(const void* pointer, const char* what) {
  if (pointer == nullptr) return fail(Code::invalid_parameter, std::string{what} + " is NULL.");
  return {};
}

} // namespace orkestr::c
