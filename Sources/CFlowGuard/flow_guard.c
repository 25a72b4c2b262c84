#include "flow_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
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
  const char *copy = strdup(program);
  if (copy) prefix = copy;
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

/* The worker's life: a byte is a request, the end of the stream the end. */
static void serve_all(int32_t (*serve)(void *), void *context, int requests, int answers) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) signal(numbers[i], SIG_DFL);
  /* These are for the process that started it. */
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  char request;
  while (read(requests, &request, 1) == 1) {
    int32_t answer = serve(context);
    if (write(answers, &answer, sizeof answer) != sizeof answer) break;
  }
  _exit(0);
}

int flow_guard_fork(int32_t (*serve)(void *), void *context, flow_guard_worker *worker) {
  int requests[2], answers[2];
  int error = flow_guard_pipe(requests);
  if (error) return error;
  error = flow_guard_pipe(answers);
  if (error) {
    close(requests[0]);
    close(requests[1]);
    return error;
  }
  signal(SIGPIPE, SIG_IGN);
  pid_t child = fork();
  if (child == 0) {
    close(requests[1]);
    close(answers[0]);
    serve_all(serve, context, requests[0], answers[1]);
  }
  error = child < 0 ? errno : 0;
  close(requests[0]);
  close(answers[1]);
  if (error) {
    close(requests[1]);
    close(answers[0]);
    return error;
  }
  *worker = (flow_guard_worker){.process = child, .requests = requests[1], .answers = answers[0]};
  return 0;
}

int flow_guard_ask(const flow_guard_worker *worker, int32_t milliseconds, int32_t *answer) {
  char request = 1;
  if (write(worker->requests, &request, 1) != 1) return FLOW_GUARD_ENDED;
  struct pollfd waiting = {.fd = worker->answers, .events = POLLIN};
  int count;
  do count = poll(&waiting, 1, milliseconds);
  while (count < 0 && errno == EINTR);
  if (count <= 0) return FLOW_GUARD_LATE;
  return read(worker->answers, answer, sizeof *answer) == sizeof *answer ? FLOW_GUARD_ANSWERED : FLOW_GUARD_ENDED;
}

int32_t flow_guard_end(const flow_guard_worker *worker) {
  int status = 0;
  close(worker->requests);
  close(worker->answers);
  pid_t done = waitpid(worker->process, &status, WNOHANG);
  /* One that traps is gone already, or about to be. */
  for (int i = 0; done == 0 && i < 50; i++) {
    usleep(1000);
    done = waitpid(worker->process, &status, WNOHANG);
  }
  if (done == 0) {
    kill(worker->process, SIGKILL);
    while (waitpid(worker->process, &status, 0) < 0 && errno == EINTR) {}
    return 0;
  }
  return done > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void *flow_guard_share(uint64_t bytes) {
  void *memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? 0 : memory;
}

void flow_guard_unshare(void *memory, uint64_t bytes) { munmap(memory, bytes); }
