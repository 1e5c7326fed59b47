// Programs in a row, each reading what the one before it writes.
#pragma once

#include "orkestr/base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace orkestr::inline v1::translate {

struct ProcessLimits {
  std::uint64_t memory_bytes = 0, cpu_seconds = 0;
};

/// A descriptor that is closed when it goes.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

enum class PipelineFailure { none, timeout, died, too_long, stopped };

/// They are killed, by their ids, and waited for when it goes.
/// @thread_safety none
class Pipeline {
 public:
  /// Started without a shell, with an environment of its own, in a process group of its own. @errors `internal`
  [[nodiscard]] static Result<std::unique_ptr<Pipeline>> start(const std::vector<std::vector<std::string>>& programs,
                                                               const ProcessLimits& limits);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Writes a text and a NUL, and reads up to the NUL that comes back. After a failure it is of no more use.
  [[nodiscard]] PipelineFailure ask(std::string_view text, std::string& answer, std::chrono::steady_clock::time_point deadline,
                                    const std::atomic<bool>& stopping);
  [[nodiscard]] const std::vector<pid_t>& processes() const { return pids_; }

 private:
  Pipeline() = default;

  Descriptor in_, out_;
  std::vector<pid_t> pids_;
};

} // namespace orkestr::inline v1::translate
