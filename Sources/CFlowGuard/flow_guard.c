#include "flow_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static _Thread_local const char *current;
static _Atomic int64_t step = -1;
static const char *prefix = "flow";

const char *flow_guard_enter(const char *what) {
  const char *before = current;
  current = what;
  return before;
}

void flow_guard_step(int64_t number) { atomic_store_explicit(&step, number, memory_order_relaxed); }

static const char *description(int number) {
  switch (number) {
    case SIGSEGV: return "a bad address (SIGSEGV)";
    case SIGBUS: return "a bad address (SIGBUS)";
    case SIGFPE: return "an arithmetic trap (SIGFPE)";
    case SIGILL: return "a trap (SIGILL)";
    case SIGTRAP: return "a trap (SIGTRAP)";
    case SIGABRT: return "an abort (SIGABRT)";
    default: return "a trap";
  }
}

/* Only what a signal handler may do: copying bytes and writing them. */
struct message {
  char bytes[1024];
  size_t length;
};

static void add(struct message *message, const char *text) {
  while (*text && message->length < sizeof message->bytes) message->bytes[message->length++] = *text++;
}

static void add_number(struct message *message, int64_t number) {
  char digits[24];
  size_t next = sizeof digits;
  digits[--next] = 0;
  do digits[--next] = (char)('0' + number % 10);
  while ((number /= 10) > 0 && next > 0);
  add(message, digits + next);
}

static void report(int number) {
  const char *what = current;
  signal(number, SIG_DFL);
  if (!what) {
    raise(number);
    return;
  }
  struct message message = {.length = 0};
  add(&message, prefix);
  add(&message, ": error: ");
  add(&message, what);
  add(&message, ": stopped by ");
  add(&message, description(number));
  int64_t running = atomic_load_explicit(&step, memory_order_relaxed);
  if (running >= 0) {
    add(&message, ", in step ");
    add_number(&message, running);
  }
  add(&message, " [plugin-failure]\n  = --isolate-plugins runs plugins in a process of their own\n");
  (void)!write(2, message.bytes, message.length);
  _exit(70);
}

void flow_guard_watch(const char *program) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  prefix = program;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = report;
  action.sa_flags = SA_NODEFER | SA_ONSTACK;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, 0);
}

int flow_guard_pipe(int *ends) {
  int low[2];
  if (pipe(low)) return errno;
  for (int i = 0; i < 2; i++) {
    /* Above the numbers that a child is given. */
    ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 16);
    close(low[i]);
  }
  return ends[0] < 0 || ends[1] < 0 ? errno : 0;
}

int flow_guard_spawn(const char *program, char *const *arguments, const int *descriptors, int32_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  pid_t child = 0;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  posix_spawnattr_init(&attributes);
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  /* A group of its own, so that what it starts ends with it, and the terminal's signals do not reach it. */
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (int i = 0; i < 3; i++) posix_spawn_file_actions_adddup2(&actions, descriptors[i], i + 1);
  error = posix_spawn(&child, program, &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  *process = child;
  return error;
}
