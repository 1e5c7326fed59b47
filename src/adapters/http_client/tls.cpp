#include "adapters/http_client/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <new>

namespace orkestr::inline v1::http_client {

Result<TlsContext> TlsContext::make(const std::string& ca_file) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char http11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), http11, sizeof http11 - 1); // an HTTP/2 server would choose its own otherwise
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  if (loaded != 1) {
    ERR_clear_error();
    return fail(Code::internal, "can't read certificates from " + (ca_file.empty() ? "the system's store" : ca_file));
  }
  return TlsContext{context};
}

void TlsSession::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(const TlsContext& context, const Target& target) : ssl_(SSL_new(context.handle())) {
  BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
  if (!ssl_ || in == nullptr || out == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_connect_state(ssl_.get());
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = target.address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), target.host.c_str()) == 1
                                  : SSL_set1_host(ssl_.get(), target.host.c_str()) == 1 &&
                                        SSL_set_tlsext_host_name(ssl_.get(), target.host.c_str()) == 1;
  if (!set) throw std::bad_alloc(); // the host was checked; a session that expects no name must not go on
}

TlsSession::Step TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return Step::done;
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Step::more;
  error_ = ERR_get_error();
  ERR_clear_error();
  return Step::failed;
}

void TlsSession::feed(const char* data, std::size_t size) { BIO_write(SSL_get_rbio(ssl_.get()), data, static_cast<int>(size)); }

void TlsSession::encrypt(std::string_view text) {
  // Into memory, so it is taken whole; what fails here is found by the next read.
  ERR_clear_error();
  std::size_t written = 0;
  SSL_write_ex(ssl_.get(), text.data(), text.size(), &written);
}

bool TlsSession::take(std::string& out) {
  BIO* bio = SSL_get_wbio(ssl_.get());
  const std::size_t pending = BIO_ctrl_pending(bio), before = out.size();
  if (pending == 0) return false;
  out.resize(before + pending);
  BIO_read(bio, out.data() + before, static_cast<int>(pending));
  return true;
}

std::pair<TlsSession::Read, std::size_t> TlsSession::decrypt(char* out, std::size_t size) {
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_.get(), out, size, &got);
  if (result == 1) return {Read::some, got};
  switch (SSL_get_error(ssl_.get(), result)) {
  case SSL_ERROR_WANT_READ: return {Read::nothing, 0};
  case SSL_ERROR_ZERO_RETURN: return {Read::closed, 0};
  default:
    error_ = ERR_get_error();
    ERR_clear_error();
    return {Read::failed, 0};
  }
}

std::string TlsSession::error() const {
  if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK)
    return std::string{"certificate: "} + X509_verify_cert_error_string(verified);
  const char* reason = ERR_reason_error_string(error_);
  return reason != nullptr ? reason : "the handshake failed";
}

} // namespace orkestr::inline v1::http_client
