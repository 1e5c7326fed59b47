#include "adapters/translate/pipeline.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace orkestr::inline v1::translate {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Descriptor read, write;
};

bool open_pipe(Pipe& pipe) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return false;
  pipe = {Descriptor{fds[0]}, Descriptor{fds[1]}};
  return true;
}

/// A pipe that can be written to without SIGPIPE.
bool open_socket(Pipe& pipe) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return false;
  pipe = {Descriptor{fds[0]}, Descriptor{fds[1]}};
  return true;
}

/// How to start a program: what it reads and writes, and nothing else of ours.
class Spawn {
 public:
  Spawn(int in, int out) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, in, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, 1);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  /// @param group  that it joins; 0: one of its own, so that Ctrl-C is not for it
  int run(const std::vector<std::string>& program, pid_t group, pid_t& pid) {
    posix_spawnattr_setpgroup(&attributes_, group);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> arguments;
    arguments.reserve(program.size() + 1);
    for (const auto& argument : program) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    static char locale[] = "LC_ALL=C.UTF-8", path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char* environment[] = {locale, path, nullptr};
    return posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environment);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

void limit(pid_t pid, const ProcessLimits& limits) {
  const auto set = [&](__rlimit_resource resource, rlim_t value) {
    const rlimit both{value, value};
    (void)::prlimit(pid, resource, &both, nullptr);
  };
  set(RLIMIT_AS, limits.memory_bytes);
  set(RLIMIT_CPU, limits.cpu_seconds);
  set(RLIMIT_FSIZE, 0); // no file, whatever a text makes of them
  set(RLIMIT_CORE, 0);
}

} // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::unique_ptr<Pipeline>> Pipeline::start(const std::vector<std::vector<std::string>>& programs, const ProcessLimits& limits) {
  std::unique_ptr<Pipeline> made{new Pipeline};
  Pipe before;
  if (!open_socket(before)) return fail(Code::internal, std::string{"No pipe can be opened: "} + std::strerror(errno));
  made->in_ = std::move(before.write);
  for (const auto& program : programs) {
    Pipe after;
    if (!open_pipe(after)) return fail(Code::internal, std::string{"No pipe can be opened: "} + std::strerror(errno));
    Spawn spawn(before.read.get(), after.write.get());
    pid_t pid = 0;
    const int error = spawn.run(program, made->pids_.empty() ? 0 : made->pids_.front(), pid);
    if (error != 0) return fail(Code::internal, program.front() + " can't be started: " + std::strerror(error));
    made->pids_.push_back(pid);
    limit(pid, limits);
    before.read = std::move(after.read);
  }
  made->out_ = std::move(before.read);
  for (const int fd : {made->in_.get(), made->out_.get()}) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return made;
}

Pipeline::~Pipeline() {
  in_.reset();
  out_.reset();
  // Ours until they are waited for; and what they may have started is of their group.
  if (!pids_.empty()) ::kill(-pids_.front(), SIGKILL);
  for (const auto pid : pids_) ::kill(pid, SIGKILL);
  for (const auto pid : pids_)
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

PipelineFailure Pipeline::ask(std::string_view text, std::string& answer, std::chrono::steady_clock::time_point deadline,
                              const std::atomic<bool>& stopping) {
  std::string question{text};
  question += '\0';
  std::string_view left = question;
  const std::size_t most = 64 * 1024 + text.size() * 16;
  answer.clear();
  for (;;) {
    if (stopping) return PipelineFailure::stopped;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return PipelineFailure::timeout;
    pollfd waits[] = {{out_.get(), POLLIN, 0}, {in_.get(), POLLOUT, 0}};
    const auto slice = std::min<std::chrono::milliseconds>(std::chrono::ceil<std::chrono::milliseconds>(deadline - now), 100ms);
    if (::poll(waits, left.empty() ? 1 : 2, static_cast<int>(slice.count())) < 0 && errno != EINTR) return PipelineFailure::died;
    if (waits[0].revents != 0) {
      char bytes[16'384];
      const auto got = ::read(out_.get(), bytes, sizeof bytes);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return PipelineFailure::died;
      if (got > 0) answer.append(bytes, static_cast<std::size_t>(got));
      if (answer.size() > most) return PipelineFailure::too_long;
      if (answer.ends_with('\0')) {
        answer.pop_back();
        return left.empty() && answer.find('\0') == std::string::npos ? PipelineFailure::none : PipelineFailure::died;
      }
    }
    if (!left.empty() && waits[1].revents != 0) {
      const auto put = ::send(in_.get(), left.data(), left.size(), MSG_NOSIGNAL);
      if (put < 0 && errno != EAGAIN && errno != EINTR) return PipelineFailure::died;
      if (put > 0) left.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

} // namespace orkestr::inline v1::translate
