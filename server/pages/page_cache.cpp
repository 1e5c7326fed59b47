#include "pages/page_cache.hpp"

namespace orkestr::server {

std::shared_ptr<const PageCache::Entry> PageCache::find(std::string_view key, Clock::time_point now) const {
  const std::lock_guard guard(mutex_);
  const auto found = entries_.find(key);
  return found != entries_.end() && now - found->second->made < lifetime ? found->second : nullptr;
}

void PageCache::put(std::string key, const api::Response& response, std::string_view own, TenantId tenant, std::uint32_t commits,
                    Clock::time_point now) {
  const std::size_t size = key.size() + response.body.size() + response.headers.size();
  if (size > most_bytes / 8) return;
  auto entry = std::make_shared<Entry>(Entry{tenant, commits, now, response.headers, size, {}});
  std::string_view rest = response.body;
  for (auto place = rest.find(own); place != std::string_view::npos; place = rest.find(own)) {
    entry->parts.emplace_back(rest.substr(0, place));
    rest.remove_prefix(place + own.size());
  }
  entry->parts.emplace_back(rest);
  const std::lock_guard guard(mutex_);
  if (bytes_ + size > most_bytes) { // nothing in it is worth much
    entries_.clear();
    bytes_ = 0;
  }
  auto& place = entries_[std::move(key)];
  bytes_ += size - (place == nullptr ? 0 : place->bytes);
  place = std::move(entry);
}

std::string PageCache::body_of(const Entry& entry, std::string_view own) {
  std::size_t size = own.size() * (entry.parts.size() - 1);
  for (const auto& part : entry.parts) size += part.size();
  std::string body;
  body.reserve(size);
  for (const auto& part : entry.parts) {
    if (&part != &entry.parts.front()) body.append(own);
    body.append(part);
  }
  return body;
}

} // namespace orkestr::server
