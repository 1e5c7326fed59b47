#include "hosts.hpp"

namespace orkestr::server {

CustomHosts::CustomHosts(storage::Store& store) : store_(store) {
  refresh();
  thread_ = std::thread([this] { run(); });
}

CustomHosts::~CustomHosts() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string CustomHosts::subdomain_of(const std::string& host) const {
  std::shared_ptr<const Map> map;
  {
    const std::lock_guard guard(map_mutex_);
    map = map_;
  }
  const auto found = map->find(host);
  return found == map->end() ? std::string{} : found->second;
}

void CustomHosts::refresh() {
  const auto rows = store_.read(
      [](const storage::ReadTransaction& tx) -> Result<std::vector<storage::VerifiedDomain>> { return tx.domains().verified(); });
  if (!rows) return; // what was known holds until the store is back
  auto map = std::make_shared<Map>();
  for (const auto& row : *rows) map->emplace(row.domain, row.subdomain);
  const std::lock_guard guard(map_mutex_);
  map_ = std::move(map);
}

void CustomHosts::run() {
  std::unique_lock guard(mutex_);
  while (!wake_.wait_for(guard, std::chrono::seconds{1}, [&] { return stopping_; })) {
    guard.unlock();
    refresh();
    guard.lock();
  }
}

} // namespace orkestr::server
