// Beast's HTTP grammar, of which no more is kept than was asked for. Included by http_client.cpp only.
#pragma once

#include "orkestr/ports/http_client.hpp"

#include "base/text.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>

namespace orkestr::inline v1::http_client {

class AnswerParser : public boost::beast::http::basic_parser<false> {
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

 public:
  static constexpr std::uint32_t max_header = 32 * 1024;

  /// What an answer's body is told to as it comes, if anything; must outlive the parser.
  using OnBody = const std::function<bool(std::string_view)>*;

  AnswerParser(std::size_t max_body, bool head, OnBody on_body) : max_body_(max_body), on_body_(on_body) {
    header_limit(max_header);
    body_limit(boost::none);
    eager(true);
    skip(head);
  }

  HttpResponse response;

  /// Whether where the answer ends is beyond doubt, so that another may follow on the connection.
  [[nodiscard]] bool delimited() const { return keep_alive() && !odd_; }

 private:
  void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int version, error_code&) override {
    response.status = status;
    old_ = version < 11;
  }
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value, error_code& ec) override {
    if (is_header_done()) return; // trailers are nobody's business here
    if (std::ranges::any_of(value, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f; }))
      ec = boost::beast::http::error::bad_value;
    // Beast takes other codings, and both kinds of framing at once in one order, for what they are not.
    if (field == boost::beast::http::field::transfer_encoding)
      odd_ = odd_ || old_ || coded_ || !boost::beast::iequals(value, "chunked"), coded_ = true;
    if (field == boost::beast::http::field::content_length) odd_ = odd_ || coded_;
    response.headers.emplace_back(name, value);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view text, error_code&) override {
    const std::size_t taken = std::min(text.size(), max_body_ - response.body.size());
    response.body.append(text.data(), taken);
    response.truncated = response.truncated || taken < text.size();
    if (on_body_ != nullptr && taken > 0 && !done_telling_ && !(*on_body_)({text.data(), taken})) response.truncated = done_telling_ = true;
    return text.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view text, error_code& ec) override { return on_body_impl(text, ec); }
  void on_finish_impl(error_code&) override {}

  const std::size_t max_body_;
  const OnBody on_body_;
  bool done_telling_ = false;
  bool old_ = false, coded_ = false, odd_ = false;
};

} // namespace orkestr::inline v1::http_client
