// The repositories over SQL: one implementation for every database that has a Connection.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::sql {

/// One of each, all on one connection; made once per connection and used by its transactions.
class SqlRepositories {
 public:
  explicit SqlRepositories(Connection& connection);
  ~SqlRepositories();
  [[nodiscard]] Repositories all() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::storage::sql
