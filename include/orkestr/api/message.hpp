// What goes into the REST API and what comes out, free of sockets: a server, a test or a binding
// makes a Request from whatever it has and sends the Response whichever way it likes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace orkestr::inline v1::api {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

[[nodiscard]] Method parse_method(std::string_view token) noexcept;

struct HeaderView {
  std::string_view name;  ///< any case
  std::string_view value; ///< without surrounding white space
};

/// One request. All views are borrowed and must outlive the call to `Api::handle`.
struct Request {
  Method method = Method::get;
  std::string_view target; ///< origin form: path and optional query, still percent-encoded
  std::span<const HeaderView> headers;
  std::string_view body;
  std::string_view peer; ///< textual address of the caller, used for throttling only

  /// First value of a header, compared without regard to case; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  /// The first cookie of that name (RFC 6265, section 5.4); empty when absent.
  [[nodiscard]] std::string_view cookie(std::string_view name) const noexcept;
  /// Whether the browser speaks TLS with the proxy in front.
  [[nodiscard]] bool secure() const noexcept { return header("X-Forwarded-Proto") == "https"; }
};

/// One answer. `headers` holds complete lines ("Name: value\r\n"), so that a server can send them as
/// they are. Framing headers (Content-Length, Connection, Date) belong to the transport.
struct Response {
  int status = 200;
  std::string headers;
  std::string body;

  void set(std::string_view name, std::string_view value) { headers.append(name).append(": ").append(value).append("\r\n"); }

  /// First value of a header, compared without regard to case; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

} // namespace orkestr::inline v1::api
