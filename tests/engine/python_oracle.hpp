// Second opinions from Python: a script beside the tests reads a file and writes another.
#pragma once

#include <doctest/doctest.h>

#include <unistd.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace fixtures {

/// A file that lives as long as the test.
struct TempFile {
  explicit TempFile(const std::string& name)
      : path((std::filesystem::temp_directory_path() / ("orkestr-" + std::to_string(::getpid()) + "-" + name)).string()) {}
  ~TempFile() { std::filesystem::remove(path); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  std::string path;
};

/// Runs a script of this folder. Python is part of the test, so its absence is a failure and not a reason to skip.
inline void ask_python(const std::string& script, const std::string& mode, const std::string& input, const std::string& output) {
  const std::string path = ORKESTR_TEST_DIR "/engine/" + script;
  const std::string command = "python3 '" + path + "' " + mode + " < '" + input + "' > '" + output + "'";
  const int status = std::system(command.c_str());
  const int code = status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  REQUIRE_MESSAGE(code != 127, "python3 (3.9 or newer) must be on the PATH: what is computed here is proven against it");
  REQUIRE_MESSAGE(code == 0, "the oracle failed with status ", code, ": ", command);
}

} // namespace fixtures
