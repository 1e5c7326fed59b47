#include "common.hpp"

#include "orkestr/base/mapping.hpp"

namespace orkestr::c {
namespace {

/// Made before it is needed, and freed by nobody.
orkestr_error& no_memory() {
  static orkestr_error error{"internal", 500, "There is no memory left.",
                             R"({"code":"internal","status":500,"detail":"There is no memory left."})"};
  return error;
}
[[maybe_unused]] const auto& made_early = no_memory();

std::string json_of(const Error& error, std::string_view detail) {
  std::string text;
  json::Writer w(text);
  w.begin_object();
  w.key("code");
  w.string(info(error.code).name);
  w.key("status");
  w.integer(info(error.code).status);
  w.key("detail");
  w.string(detail);
  if (!error.faults.empty()) {
    w.key("errors");
    json::write(w, error.faults);
  }
  w.end_object();
  return text;
}

} // namespace

orkestr_error* make_error(const Error& error) noexcept {
  try {
    const auto& code = info(error.code);
    const std::string detail{error.detail.empty() ? code.title : std::string_view{error.detail}};
    return new orkestr_error{code.name.data(), code.status, detail, json_of(error, detail)};
  } catch (...) {
    return &no_memory();
  }
}

} // namespace orkestr::c

using orkestr::c::borrowed;

uint32_t orkestr_abi(void) { return ORKESTR_ABI; }
const char* orkestr_version(void) { return ORKESTR_VERSION; }

const char* orkestr_error_code(const orkestr_error* error) { return error->code; }
int32_t orkestr_error_status(const orkestr_error* error) { return error->status; }
orkestr_text orkestr_error_detail(const orkestr_error* error) { return borrowed(error->detail); }
orkestr_text orkestr_error_json(const orkestr_error* error) { return borrowed(error->json); }
void orkestr_error_free(orkestr_error* error) {
  if (error != &orkestr::c::no_memory()) delete error;
}

orkestr_text orkestr_buffer_text(const orkestr_buffer* buffer) { return borrowed(buffer->text); }
void orkestr_buffer_free(orkestr_buffer* buffer) { delete buffer; }
