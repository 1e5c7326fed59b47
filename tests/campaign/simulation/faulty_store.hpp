// A store around another, which fails when it is told to and keeps what the contract of stores promises about failing.
#pragma once

#include "campaign/simulation/faults.hpp"

#include <memory>

namespace orkestr::campaign {

class FaultyStore final : public storage::Store {
 public:
  explicit FaultyStore(std::unique_ptr<storage::Store> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] Control& control() { return control_; }
  /// The store itself, for looking at rows as they are.
  [[nodiscard]] storage::Store& raw() { return *inner_; }
  /// Puts another store in the place of this one: nullptr lets go of its file first.
  void replace(std::unique_ptr<storage::Store> next) { inner_ = std::move(next); }

 private:
  [[nodiscard]] Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override;
  [[nodiscard]] Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override;

  std::unique_ptr<storage::Store> inner_;
  Control control_;
};

} // namespace orkestr::campaign
