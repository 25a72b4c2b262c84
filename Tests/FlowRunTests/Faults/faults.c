/* Loaded before the C library: the n-th call of one function on a checkpoint's files fails.
 *
 * FLOW_FAULT is "write 3 5": the function, which call, and the number of the error; 0 makes a write a short one.
 * FLOW_FAULT_FIRED names a file that is made when the call came. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char is_watched[4096];
static int count;

/* Whether this call is the one to fail; sets errno. */
static int fires(const char *function) {
  const char *plan = getenv("FLOW_FAULT");
  char name[32];
  int wanted, number;
  if (!plan || sscanf(plan, "%31s %d %d", name, &wanted, &number) != 3) return 0;
  if (strcmp(name, function) || ++count != wanted) return 0;
  FILE *fired = fopen(getenv("FLOW_FAULT_FIRED"), "w");
  if (fired) fclose(fired);
  errno = number;
  return 1;
}

static int watches(const char *path) { return strstr(path, ".tmp-") || strstr(path, "/checkpoints") || !strcmp(path, "checkpoints"); }

static int opened(int file, const char *path) {
  if (file >= 0 && file < (int)sizeof is_watched) is_watched[file] = watches(path);
  return file;
}

#define OPEN(function)                                                            \
  int function(const char *path, int flags, ...) {                               \
    static int (*real)(const char *, int, ...);                                   \
    va_list list;                                                                 \
    va_start(list, flags);                                                        \
    mode_t mode = va_arg(list, mode_t);                                           \
    va_end(list);                                                                 \
    if (!real) real = dlsym(RTLD_NEXT, #function);                                \
    if (watches(path) && fires("open")) return -1;                                \
    return opened(real(path, flags, mode), path);                                 \
  }
OPEN(open)
OPEN(open64)

static int watched(int file) { return file >= 0 && file < (int)sizeof is_watched && is_watched[file]; }

ssize_t write(int file, const void *bytes, size_t size) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  if (watched(file) && fires("write")) {
    if (errno) return -1;
    return real(file, bytes, size / 2 + 1);
  }
  return real(file, bytes, size);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return watched(file) && fires("fsync") ? -1 : real(file);
}

int close(int file) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "close");
  int fails = watched(file) && fires("close"), number = errno;
  if (file >= 0 && file < (int)sizeof is_watched) is_watched[file] = 0;
  int result = real(file);
  errno = number;
  return fails ? -1 : result;
}

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (!real) real = dlsym(RTLD_NEXT, "rename");
  return watches(from) && fires("rename") ? -1 : real(from, to);
}
