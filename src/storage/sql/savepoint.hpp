// A part of a transaction that can be taken back alone.
#pragma once

#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1::storage::sql {

/// Runs `part` within a savepoint, and takes back what it wrote if it returns false or throws. PostgreSQL, where a failed statement ends the
/// transaction, has a way of its own.
template <class Connection> void run_in_savepoint(Connection& db, FunctionRef<bool()> part) {
  db.run("SAVEPOINT part");
  bool keep = false;
  try {
    keep = part();
  } catch (...) {
    db.run("ROLLBACK TO part; RELEASE part");
    throw;
  }
  db.run(keep ? "RELEASE part" : "ROLLBACK TO part; RELEASE part");
}

} // namespace orkestr::inline v1::storage::sql
