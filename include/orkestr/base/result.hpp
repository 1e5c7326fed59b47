// Result<T>: a value or an Error. Functions of the library return it and do not throw.
#pragma once

#include "orkestr/base/error.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <utility>

namespace orkestr::inline v1 {

template <class T> using Result = boost::system::result<T, Error>;

/// Reached only by calling value() on an error, a broken precondition: throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& location);

[[nodiscard]] inline Error fail(Code code, std::string detail = {}) { return Error{code, std::move(detail), {}, {}}; }

} // namespace orkestr::inline v1

#define ORKESTR_JOIN_(a, b) a##b
#define ORKESTR_JOIN(a, b) ORKESTR_JOIN_(a, b)

/// `ORKESTR_TRY(auto offering, find(id));` declares the value or returns the error to the caller.
#define ORKESTR_TRY(declaration, ...)                                                                                                      \
  auto ORKESTR_JOIN(result_, __LINE__) = (__VA_ARGS__);                                                                                    \
  if (!ORKESTR_JOIN(result_, __LINE__)) return std::move(ORKESTR_JOIN(result_, __LINE__)).error();                                         \
  declaration = std::move(*ORKESTR_JOIN(result_, __LINE__))

/// `ORKESTR_CHECK(validate(x));` returns the error to the caller, if there is one.
#define ORKESTR_CHECK(...)                                                                                                                 \
  if (auto check_ = (__VA_ARGS__); !check_) return std::move(check_).error()
