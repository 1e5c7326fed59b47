// Archive files: how they come into being whole or not at all, and how damage to them is noticed.
#pragma once

#include "orkestr/base/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace orkestr::inline v1::storage::archive {

enum class Kind { store, tenant };

/// A file beside the one that is to be, until it is sealed. Throws StoreFailure.
class NewFile {
 public:
  /// @errors `already_exists`
  explicit NewFile(std::filesystem::path target);
  /// Removes what was not sealed.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Adds the trailer, syncs, and gives the file its name. Nothing has it open any more. @returns its size
  std::uintmax_t seal(Kind kind);

 private:
  const std::filesystem::path target_;
  std::filesystem::path path_;
  bool sealed_ = false;
};

/// A folder for work, gone with its object.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Sealed {
  Kind kind = Kind::store;
  std::uintmax_t size = 0;     ///< of the whole file
  std::uintmax_t database = 0; ///< of the database in it, which comes first
};

/// Reads the whole file. Throws StoreFailure: `not_found`, `archive_invalid`, `schema_too_new`.
[[nodiscard]] Sealed verify(const std::filesystem::path& file);

/// Copies the database in an archive to a file of its own.
void unpack(const std::filesystem::path& file, const Sealed& sealed, const std::filesystem::path& to);

} // namespace orkestr::inline v1::storage::archive
