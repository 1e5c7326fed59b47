#include "orkestr/engine/member.hpp"
#include "orkestr/platform/key_verifier.hpp"
#include "orkestr/platform/use_cases.hpp"

#include "base/sha256.hpp"

#include <openssl/crypto.h>

namespace orkestr::inline v1 {

IssuedApiKey prepare_api_key(Random& random) {
  const NewToken token = make_token(random);
  IssuedApiKey issued;
  issued.key.prefix = token.prefix;
  issued.key.secret_hash = bcrypt_hash(token.secret, random);
  issued.token = token.text();
  return issued;
}

Result<IssuedApiKey> create_api_key(WriteContext& cx, const ApiKey& draft, IssuedApiKey prepared) {
  auto& key = prepared.key;
  key.id = cx.make_id<ApiKeyId>();
  key.name = draft.name;
  key.expires_at = draft.expires_at;
  key.created_by = draft.created_by;
  key.created_at = cx.now;
  key.scopes.clear();
  for (Scope scope : {Scope::read, Scope::write, Scope::admin})
    if (std::find(draft.scopes.begin(), draft.scopes.end(), scope) != draft.scopes.end()) key.scopes.push_back(scope);
  cx.tx.api_keys().insert(cx.tenant, key);
  cx.audit("key.create", key.id);
  return prepared;
}

Result<ApiKey> revoke_api_key(WriteContext& cx, ApiKeyId id) {
  auto key = cx.tx.api_keys().find(cx.tenant, id);
  if (!key || key->revoked_at) return fail(Code::not_found, "There is no such API key.");
  key->revoked_at = cx.now;
  cx.tx.api_keys().update(cx.tenant, *key);
  cx.audit("key.revoke", id);
  return std::move(*key);
}

bool KeyVerifier::known(const ApiToken& token, std::string_view hash) const {
  const Digest secret = sha256(token.secret);
  const std::shared_lock guard(proofs_mutex_);
  const auto proof = proofs_.find(std::string{token.prefix});
  return proof != proofs_.end() && proof->second.hash == hash &&
         CRYPTO_memcmp(proof->second.secret.data(), secret.data(), secret.size()) == 0;
}

bool KeyVerifier::seen(const ApiToken& token) const {
  const Digest secret = sha256(token.secret);
  const std::shared_lock guard(proofs_mutex_);
  const auto proof = proofs_.find(std::string{token.prefix});
  return proof != proofs_.end() && CRYPTO_memcmp(proof->second.secret.data(), secret.data(), secret.size()) == 0;
}

KeyVerifier::Verdict KeyVerifier::prove(const ApiToken& token, const std::string* hash) {
  const auto verdict = compute(std::string{token.prefix} + std::string{token.secret} + (hash != nullptr ? *hash : ""), token.secret, hash);
  if (verdict == Verdict::match) {
    const std::unique_lock guard(proofs_mutex_);
    if (proofs_.size() >= max_remembered) proofs_.erase(proofs_.begin());
    proofs_.insert_or_assign(std::string{token.prefix}, Proof{sha256(token.secret), *hash});
  }
  return verdict;
}

KeyVerifier::Verdict KeyVerifier::prove_password(std::string_view whose, std::string_view password, const std::string* hash) {
  const auto secret = password_secret(password);
  return compute("password " + std::string{whose} + " " + secret, secret, hash);
}

KeyVerifier::Verdict KeyVerifier::compute(const std::string& name, std::string_view secret, const std::string* hash) {
  // bcrypt at cost 10 of nothing in particular.
  static const std::string decoy = "$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK";
  std::unique_lock guard(bcrypt_mutex_);
  if (const auto found = computations_.find(name); found != computations_.end()) {
    const auto shared = found->second;
    bcrypt_changed_.wait(guard, [&] { return shared->done; });
    return shared->matches ? Verdict::match : Verdict::mismatch;
  }
  if (computations_.size() > max_waiting) return Verdict::busy;
  const auto mine = computations_.emplace(name, std::make_shared<Computation>()).first->second;
  bcrypt_changed_.wait(guard, [&] { return !bcrypt_running_; });
  bcrypt_running_ = true;
  guard.unlock();

  mine->matches = bcrypt_verify(secret, hash != nullptr ? *hash : decoy) && hash != nullptr;
  guard.lock();
  bcrypt_running_ = false;
  mine->done = true;
  computations_.erase(name);
  bcrypt_changed_.notify_all();
  return mine->matches ? Verdict::match : Verdict::mismatch;
}

} // namespace orkestr::inline v1
