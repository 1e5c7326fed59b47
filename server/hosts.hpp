// Which storefront a host of somebody's own is: the verified domains, in memory.
#pragma once

#include "orkestr/storage/store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace orkestr::server {

/// Read anew every second, so that what changes in one server is seen by all; looking up asks nobody.
/// @thread_safety safe
class CustomHosts {
 public:
  /// Reads once before it returns. @param store must outlive it
  explicit CustomHosts(storage::Store& store);
  ~CustomHosts();
  CustomHosts(const CustomHosts&) = delete;
  CustomHosts& operator=(const CustomHosts&) = delete;

  /// @param host  in lower case, without port and final dot
  /// @returns the subdomain of the tenant that has it; empty where none has
  [[nodiscard]] std::string subdomain_of(const std::string& host) const;

 private:
  using Map = std::unordered_map<std::string, std::string>;
  void refresh();
  void run();

  storage::Store& store_;
  mutable std::mutex map_mutex_; ///< held for a copy of the pointer
  std::shared_ptr<const Map> map_ = std::make_shared<const Map>();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace orkestr::server
