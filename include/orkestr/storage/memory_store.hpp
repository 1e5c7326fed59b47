// A store that keeps everything in this process: for tests, simulations, and hosts that need no durability.
#pragma once

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage {

/// One writer at a time, readers in parallel; an erroneous write is undone row by row.
/// @thread_safety safe
class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(WriteTransaction&)> f) override;

  struct State;
  std::unique_ptr<State> state_;
};

} // namespace orkestr::inline v1::storage
