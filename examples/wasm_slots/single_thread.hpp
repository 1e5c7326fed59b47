// A module has one thread, and libc++ for it no <mutex>; what the core's headers name of it does nothing here.
#pragma once
#include <mutex>

namespace std {
class mutex {
 public:
  void lock() {}
  void unlock() {}
  bool try_lock() { return true; }
};
} // namespace std
