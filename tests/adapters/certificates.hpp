// Authorities and certificates for tests, made when they are needed.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace orkestr::test {

struct Certificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;

  void save(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr || PEM_write_X509(file, x509.get()) != 1) throw std::runtime_error("can't write " + path);
    std::fclose(file);
  }
};

/// @param names       subjectAltName, such as "DNS:hook.example,IP:127.0.0.1"; an authority has none
/// @param issuer      null for one that signs itself
/// @param valid_until seconds from now
inline Certificate make_certificate(const std::string& names, const Certificate* issuer, long valid_until = 3600) {
  Certificate made{{EVP_EC_gen("P-256"), &EVP_PKEY_free}, {X509_new(), &X509_free}};
  X509* x509 = made.x509.get();
  static long serial = 1;
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(x509), valid_until);
  X509_set_pubkey(x509, made.key.get());
  const std::string subject = names.empty() ? "Test authority" : "Test server " + std::to_string(serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(subject.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(issuer != nullptr ? issuer->x509.get() : x509));
  const auto extend = [&](int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer != nullptr ? issuer->x509.get() : x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no such extension: " + value);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, names.empty() ? "critical,CA:TRUE" : "CA:FALSE");
  if (!names.empty()) extend(NID_subject_alt_name, names);
  if (X509_sign(x509, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0)
    throw std::runtime_error("can't sign a certificate");
  return made;
}

inline std::shared_ptr<SSL_CTX> server_context(const Certificate& certificate) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), certificate.x509.get());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key.get());
  return context;
}

} // namespace orkestr::test
