// The store that the configuration names, and what only that kind of store has to say.
#pragma once

#include "config.hpp"

#include "orkestr/adapters/archive.hpp"
#include "orkestr/storage/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace orkestr::server {

/// Where the store is that the configuration names.
[[nodiscard]] Result<storage::StoreAddress> store_address(const Config& config);

class OpenStore {
 public:
  /// Opens or makes it, and brings its schema up to date. `on_failure` hears what a database says when it fails, on any thread.
  [[nodiscard]] static Result<std::unique_ptr<OpenStore>> open(const Config& config, std::function<void(std::string_view)> on_failure);
  virtual ~OpenStore() = default;

  [[nodiscard]] virtual storage::Store& store() = 0;
  /// Without any password.
  [[nodiscard]] virtual std::string name() const = 0;
  /// Whether reading waits for another process.
  [[nodiscard]] virtual bool waits() const = 0;
  /// In the Prometheus format.
  [[nodiscard]] virtual std::string metrics() const = 0;
  /// Whether no other process is on it.
  [[nodiscard]] virtual bool sole() const { return !waits(); }
  /// Calls back soon after another process may have made events; an empty function ends it.
  virtual void on_events(const std::function<void()>& /*wake*/) {}
  /// What an operator should know at the start, or nothing.
  [[nodiscard]] virtual std::string note() const = 0;
};

/// Says on standard error what is wrong. @returns the exit code
int complain(const Error& error);

/// Appends one metric without labels.
void add_metric(std::string& text, std::string_view name, std::string_view type, std::string_view help, std::uint64_t value);

} // namespace orkestr::server
