#include "adapters/archive/file.hpp"

#include "base/sha256.hpp"

#include "orkestr/storage/repositories.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace orkestr::inline v1::storage::archive {
namespace {

// The last bytes of an archive, as text that a person can read too: what it holds, and the hash of all before the hash.
constexpr std::string_view magic = "\norkestr archive ";
constexpr std::string_view version = "1";
constexpr std::string_view kinds[] = {" store  sha256:", " tenant sha256:"};
constexpr std::size_t hash_length = 64;
constexpr std::size_t head_length = magic.size() + version.size() + kinds[0].size();
constexpr std::size_t trailer_length = head_length + hash_length + 1;
static_assert(kinds[0].size() == kinds[1].size());

[[noreturn]] void raise(Code code, std::string detail) { throw StoreFailure{fail(code, std::move(detail))}; }
[[noreturn]] void raise_errno(const std::string& doing) {
  raise(Code::store_unavailable, doing + ": " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags) : name_(file.string()), fd_(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] bool open() const { return fd_ >= 0; }
  [[nodiscard]] std::uintmax_t size() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) raise_errno("reading " + name_);
    if (!S_ISREG(status.st_mode)) raise(Code::archive_invalid, name_ + " is no file.");
    return static_cast<std::uintmax_t>(status.st_size);
  }
  /// Fills the buffer from `at`, or up to the end of the file. @returns what was read
  std::string_view read(std::vector<char>& buffer, std::uintmax_t at, std::uintmax_t length) const {
    const auto wanted = static_cast<std::size_t>(std::min<std::uintmax_t>(length, buffer.size()));
    std::size_t have = 0;
    while (have < wanted) {
      const auto n = ::pread(fd_, buffer.data() + have, wanted - have, static_cast<off_t>(at + have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) raise_errno("reading " + name_);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    return {buffer.data(), have};
  }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) raise_errno("writing " + name_);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void sync() const {
    if (::fsync(fd_) != 0) raise_errno("writing " + name_);
  }
  void to_end() const {
    if (::lseek(fd_, 0, SEEK_END) < 0) raise_errno("writing " + name_);
  }
  /// Calls `take` with all of the first `length` bytes, in parts.
  template <class Take> void each_part(std::uintmax_t length, Take take) const {
    std::vector<char> buffer(1 << 20);
    for (std::uintmax_t at = 0; at < length;) {
      const auto part = read(buffer, at, length - at);
      if (part.empty()) raise(Code::archive_invalid, name_ + " became shorter while it was read.");
      take(part);
      at += part.size();
    }
  }

 private:
  const std::string name_;
  const int fd_;
};

std::string taken(const std::filesystem::path& file) { return "There is a file " + file.string() + " already; choose another name."; }

std::filesystem::path folder_of(const std::filesystem::path& file) { return file.has_parent_path() ? file.parent_path() : "."; }

} // namespace

NewFile::NewFile(std::filesystem::path target) : target_(std::move(target)) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(target_, ignored))) raise(Code::already_exists, taken(target_));
  std::string name = target_.string() + ".partial-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC); // for its owner's eyes: it holds the hashes of keys, and people's addresses
  if (fd < 0) raise_errno("making " + target_.string());
  ::close(fd);
  path_ = name;
}

NewFile::~NewFile() {
  if (!sealed_) ::unlink(path_.c_str());
}

std::uintmax_t NewFile::seal(Kind kind) {
  const std::string head = std::string{magic} + std::string{version} + std::string{kinds[static_cast<std::size_t>(kind)]};
  std::uintmax_t size = 0;
  {
    const Descriptor file(path_, O_RDWR);
    if (!file.open()) raise_errno("opening " + path_.string());
    Sha256Stream hash;
    size = file.size();
    file.each_part(size, [&](std::string_view part) { hash.add(part); });
    hash.add(head);
    file.to_end();
    file.write(head + hex(hash.finish()) + "\n");
    file.sync();
  }
  // Whoever else made the file meanwhile keeps it. File systems that can't promise that are asked once more, and trusted.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) raise(Code::already_exists, taken(target_));
    if (errno != EINVAL && errno != ENOSYS) raise_errno("naming " + target_.string());
    if (std::filesystem::exists(std::filesystem::symlink_status(target_))) raise(Code::already_exists, taken(target_));
    if (::rename(path_.c_str(), target_.c_str()) != 0) raise_errno("naming " + target_.string());
  }
  sealed_ = true;
  const Descriptor folder(folder_of(target_), O_RDONLY | O_DIRECTORY);
  if (folder.open()) folder.sync();
  return size + trailer_length;
}

WorkFolder::WorkFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "orkestr-archive-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) raise_errno("making a folder in " + std::filesystem::temp_directory_path().string());
  path_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Sealed verify(const std::filesystem::path& path) {
  const std::string name = path.string();
  const Descriptor file(path, O_RDONLY);
  if (!file.open() && errno == ENOENT) raise(Code::not_found, "There is no file " + name + ".");
  if (!file.open()) raise_errno("opening " + name);
  Sealed sealed;
  sealed.size = file.size();
  std::vector<char> buffer(trailer_length);
  const auto trailer = sealed.size < trailer_length ? std::string_view{} : file.read(buffer, sealed.size - trailer_length, trailer_length);
  if (trailer.size() != trailer_length || !trailer.starts_with(magic) || !trailer.ends_with("\n"))
    raise(Code::archive_invalid, name + " is cut off, damaged or no archive: it does not end as an archive does.");
  if (trailer.substr(magic.size(), version.size()) != version)
    raise(Code::archive_invalid, name + " is damaged, or an archive of another format than this program's; a newer Orkestr may read it.");
  const auto kind = trailer.substr(magic.size() + version.size(), kinds[0].size());
  if (kind != kinds[0] && kind != kinds[1]) raise(Code::archive_invalid, name + " is damaged: its trailer can't be read.");
  sealed.kind = kind == kinds[0] ? Kind::store : Kind::tenant;
  sealed.database = sealed.size - trailer_length;
  Sha256Stream hash;
  file.each_part(sealed.size - hash_length - 1, [&](std::string_view part) { hash.add(part); });
  if (trailer.substr(head_length, hash_length) != hex(hash.finish()))
    raise(Code::archive_invalid, name + " is damaged: what it holds is not what it was sealed with (its SHA-256 is another one).");
  return sealed;
}

void unpack(const std::filesystem::path& path, const Sealed& sealed, const std::filesystem::path& to) {
  const Descriptor file(path, O_RDONLY);
  if (!file.open()) raise_errno("opening " + path.string());
  const Descriptor copy(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!copy.open()) raise_errno("making " + to.string());
  file.each_part(sealed.database, [&](std::string_view part) { copy.write(part); });
}

} // namespace orkestr::inline v1::storage::archive
