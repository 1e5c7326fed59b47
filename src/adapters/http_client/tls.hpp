// TLS without a socket: bytes of the network in and out, plain text on the other side.
#pragma once

#include "orkestr/engine/network_guard.hpp"

#include <memory>

struct ssl_st;
struct ssl_ctx_st;

namespace orkestr::inline v1::http_client {

/// What to trust, for all sessions.
class TlsContext {
 public:
  /// @param ca_file certificates to trust; empty for the system's
  [[nodiscard]] static Result<TlsContext> make(const std::string& ca_file);
  [[nodiscard]] ssl_ctx_st* handle() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// One connection's client side.
class TlsSession {
 public:
  /// Expects a certificate for the target's name or address.
  TlsSession(const TlsContext& context, const Target& target);

  enum class Step { more, done, failed };
  [[nodiscard]] Step handshake();
  void feed(const char* data, std::size_t size); ///< bytes that the network brought
  void encrypt(std::string_view text);           ///< what is to be sent, once the handshake is done
  /// Moves what is to be sent to the end of `out`. @returns whether there was anything
  bool take(std::string& out);

  enum class Read { some, nothing, closed, failed };
  /// @returns `some` and how many bytes of plain text
  [[nodiscard]] std::pair<Read, std::size_t> decrypt(char* out, std::size_t size);

  /// Why a step failed, for a person.
  [[nodiscard]] std::string error() const;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  std::unique_ptr<ssl_st, Free> ssl_;
  unsigned long error_ = 0;
};

} // namespace orkestr::inline v1::http_client
