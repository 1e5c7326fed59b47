// Pages that are the same for everybody, kept for a second: a rush on one costs little more than sending bytes.
#pragma once

#include "orkestr/api/message.hpp"
#include "orkestr/base/ids.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace orkestr::server {

/// @thread_safety safe
class PageCache {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds lifetime{1000};
  static constexpr std::size_t most_bytes = 16 << 20;

  struct Entry {
    TenantId tenant;
    std::uint32_t commits = 0; ///< Platform::commits() before it was made
    Clock::time_point made;
    std::string headers;
    std::size_t bytes = 0;
    std::vector<std::string> parts; ///< of the body, between the places of what is each reader's own
  };

  /// @returns nothing for one that is not there, or too old
  [[nodiscard]] std::shared_ptr<const Entry> find(std::string_view key, Clock::time_point now) const;
  /// @param own  in the body of `response`, put anew for each reader by body_of()
  void put(std::string key, const api::Response& response, std::string_view own, TenantId tenant, std::uint32_t commits,
           Clock::time_point now);
  [[nodiscard]] static std::string body_of(const Entry& entry, std::string_view own);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Entry>, std::less<>> entries_;
  std::size_t bytes_ = 0;
};

} // namespace orkestr::server
