#include "orkestr/base/result.hpp"

#include <array>
#include <stdexcept>

namespace orkestr::inline v1 {

static constexpr std::array code_table{
#define X(name, status, title) CodeInfo{#name, status, title},
    ORKESTR_ERROR_CODES(X)
#undef X
};

const CodeInfo& info(Code code) noexcept { return code_table[static_cast<std::size_t>(code)]; }

Code code_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < code_table.size(); ++i)
    if (code_table[i].name == name) return static_cast<Code>(i);
  return Code::internal;
}

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
  throw std::logic_error(std::string{info(error.code).name} + ": " + error.detail + " (value() at " + location.file_name() + ":" +
                         std::to_string(location.line()) + ")");
}

} // namespace orkestr::inline v1
