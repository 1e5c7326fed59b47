// Beast's HTTP grammar over the connection's own buffer: headers are kept as offsets into it, nothing is allocated per
// field, and shapes by which requests are smuggled past proxies are refused.
#pragma once

#include "orkestr/api/message.hpp"

#include "http/server.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace orkestr::server {

/// Why a request was refused while it was read; status 0 means it was not.
struct Refusal {
  int status = 0;
  std::string_view code, detail;
};

/// Whether a request line that Beast refused for its version names another one, rather than nothing sensible.
inline bool names_other_version(std::string_view text) {
  const auto line = text.substr(0, text.find("\r\n"));
  const auto version = line.substr(std::min(line.size(), line.rfind(' ') + 1));
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' && digit(version[7]) &&
         !version.starts_with("HTTP/1.1") && !version.starts_with("HTTP/1.0");
}

class RequestParser : public boost::beast::http::basic_parser<true> {
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using field = boost::beast::http::field;

 public:
  /// A place in the buffer.
  struct Part {
    std::uint32_t offset = 0, size = 0;
  };
  using Fields = std::vector<std::pair<Part, Part>>;

  /// `fields` is the connection's, so that its memory serves one request after the other.
  RequestParser(const Application& application, const HttpLimits& limits, std::string& buffer, Fields& fields)
      : max_body_bytes(limits.max_body_bytes), application_(application), limits_(limits), buffer_(buffer), fields_(fields) {
    fields_.clear();
    header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    body_limit(max_body_bytes);
    eager(true);
  }

  Refusal refusal;
  api::Method method = api::Method::other;
  std::string body;
  std::size_t max_body_bytes;  ///< of this request
  std::uint64_t announced = 0; ///< the body's length, if it was given
  bool expects_continue = false;
  int version = 11;

  [[nodiscard]] std::string_view target() const { return at(target_); }
  /// Valid until the buffer changes.
  void headers(std::vector<api::HeaderView>& views) const {
    views.clear();
    for (const auto& [name, value] : fields_) views.push_back({at(name), at(value)});
  }

  /// What Boost 1.81 lets through and we do not. Called once the header is complete.
  void check_framing() {
    int hosts = 0, lengths = 0, encodings = 0;
    const Part authority = take_authority();
    for (auto& [name, value] : fields_) {
      const auto is = [field = at(name)](std::string_view lower) { return same(field, lower); };
      if (is("host")) {
        ++hosts;
        if (authority.size > 0) value = authority;
      } else if (is("content-length")) {
        ++lengths;
        if (!std::ranges::all_of(at(value), [](char c) { return c >= '0' && c <= '9'; }))
          refuse(400, "malformed_request", "Content-Length is one number.");
      } else if (is("transfer-encoding")) {
        ++encodings;
        if (!same(at(value), "chunked")) refuse(400, "malformed_request", "The only Transfer-Encoding taken is chunked.");
      } else if (is("expect")) {
        expects_continue = version >= 11 && same(at(value), "100-continue");
      }
      for (char c : at(value))
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f)
          refuse(400, "malformed_request", "A header has control characters.");
    }
    if (encodings > 0 && lengths > 0) refuse(400, "malformed_request", "A request has Content-Length or Transfer-Encoding, not both.");
    if (encodings > 1 || lengths > 1) refuse(400, "malformed_request", "A framing header stands twice.");
    if (encodings > 0 && version < 11) refuse(400, "malformed_request", "HTTP/1.0 has no Transfer-Encoding.");
    if (hosts > 1 || (hosts == 0 && version >= 11)) refuse(400, "malformed_request", "A request needs exactly one Host header.");
    const auto path = target();
    if (!path.starts_with('/') && !(path == "*" && method == api::Method::options))
      refuse(400, "malformed_request", "The request target must be a path.");
    if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '#'; }))
      refuse(400, "malformed_request", "The request target has characters that need percent-encoding.");
  }

 private:
  /// RFC 9112, section 3.2.2: a server must accept the absolute form, and believe its authority rather than Host.
  /// @returns the authority, if there was one; the target is a path from then on
  Part take_authority() {
    const auto text = at(target_);
    const std::size_t scheme = same(text.substr(0, 7), "http://") ? 7 : same(text.substr(0, 8), "https://") ? 8 : 0;
    if (scheme == 0) return {};
    const auto end = std::min(text.find_first_of("/?#", scheme), text.size());
    const auto length = static_cast<std::uint32_t>(end - scheme);
    if (length == 0 || text.substr(scheme, length).find('@') != std::string_view::npos) return {}; // not a path, so refused
    Part authority{target_.offset + static_cast<std::uint32_t>(scheme), length};
    std::uint32_t path = authority.offset + length;
    if (end == text.size() || text[end] != '/') {
      // The path is empty: the authority moves up by one, which makes room for a slash behind it.
      char* const first = buffer_.data() + authority.offset;
      std::copy(first, first + length, first - 1);
      --authority.offset;
      buffer_[--path] = '/';
    }
    target_ = {path, target_.offset + target_.size - path};
    return authority;
  }
  /// The path in a target of either form.
  static std::string_view path_of(std::string_view target) {
    if (const auto authority = target.find("://"); !target.starts_with('/') && authority != std::string_view::npos)
      target.remove_prefix(std::min(target.find_first_of("/?#", authority + 3), target.size()));
    return target.substr(0, target.find('?'));
  }
  [[nodiscard]] std::string_view at(Part part) const { return {buffer_.data() + part.offset, part.size}; }
  /// Texts are kept as places in the buffer; one that is elsewhere was put together by Beast from folded lines.
  Part place(string_view text) {
    if (text.empty()) return {};
    const auto* begin = buffer_.data();
    if (std::less<>{}(text.data(), begin) || std::less<>{}(begin + buffer_.size(), text.data() + text.size())) {
      refuse(400, "malformed_request", "Folded header lines are not taken.");
      return {};
    }
    return {static_cast<std::uint32_t>(text.data() - begin), static_cast<std::uint32_t>(text.size())};
  }
  static bool same(std::string_view a, std::string_view lower) {
    return a.size() == lower.size() &&
           std::ranges::equal(a, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  }
  void refuse(int status, std::string_view code, std::string_view detail) {
    if (refusal.status == 0) refusal = {status, code, detail};
  }

  void on_request_impl(boost::beast::http::verb, string_view method_text, string_view target_text, int http_version, error_code&) override {
    version = http_version;
    method = api::parse_method({method_text.data(), method_text.size()});
    target_ = place(target_text);
    if (const auto wanted = application_.max_body_bytes(method, path_of({target_text.data(), target_text.size()})))
      body_limit(max_body_bytes = *wanted);
    if (target_text.size() > limits_.max_target_bytes) refuse(414, "target_too_long", "The request target is too long.");
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(field, string_view name, string_view value, error_code&) override {
    if (is_header_done()) return; // trailers are nobody's business here
    if (fields_.size() >= limits_.max_headers) return refuse(431, "headers_too_large", "There are too many headers.");
    fields_.emplace_back(place(name), place(value));
  }
  void on_header_impl(error_code&) override {
    // So much is taken from callers alone who say who they are.
    const auto says = [&](std::string_view name) {
      return std::ranges::any_of(fields_, [&](const auto& each) { return same(at(each.first), name); });
    };
    if (max_body_bytes > limits_.max_body_bytes && !says("authorization") && !says("cookie"))
      refuse(401, "unauthenticated", "Send a live API key as \"Authorization: Bearer ork_<prefix>.<secret>\", or sign in.");
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) announced = *length;
  }
  std::size_t on_body_impl(string_view text, error_code&) override {
    body.append(text.data(), text.size());
    return text.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view text, error_code& ec) override { return on_body_impl(text, ec); }
  void on_finish_impl(error_code&) override {}

  const Application& application_;
  const HttpLimits& limits_;
  std::string& buffer_;
  Part target_;
  Fields& fields_;
};

} // namespace orkestr::server
