// DNS as a test wants it: names lead where they are told to, all others are not there.
#pragma once

#include "orkestr/ports/dns_resolver.hpp"

#include <map>
#include <mutex>

namespace orkestr::test {

class FakeDns final : public DnsResolver {
 public:
  void resolve(std::string, std::function<void(DnsAddresses)> done) override { done({DnsFailure::not_found, {}}); }
  void cname(std::string host, std::function<void(DnsAlias)> done) override {
    DnsAlias alias{DnsFailure::not_found, {}};
    {
      const std::lock_guard guard(mutex_);
      ++asked_;
      if (const auto found = names_.find(host); found != names_.end()) alias = found->second;
    }
    done(std::move(alias));
  }

  void point(const std::string& host, const std::string& target) { set(host, {DnsFailure::none, target}); }
  void fail(const std::string& host, DnsFailure failure) { set(host, {failure, {}}); }
  void forget(const std::string& host) {
    const std::lock_guard guard(mutex_);
    names_.erase(host);
  }
  [[nodiscard]] int asked() const {
    const std::lock_guard guard(mutex_);
    return asked_;
  }

 private:
  void set(const std::string& host, DnsAlias alias) {
    const std::lock_guard guard(mutex_);
    names_[host] = std::move(alias);
  }

  mutable std::mutex mutex_;
  std::map<std::string, DnsAlias> names_;
  int asked_ = 0;
};

} // namespace orkestr::test
