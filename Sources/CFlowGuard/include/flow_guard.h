/* What the program says when foreign code brings it down. */
#ifndef FLOW_GUARD_H
#define FLOW_GUARD_H

#include <stdint.h>

/* The code that this thread is about to run, for the message: "operation 'swish' of plugin Swish 1.0.0". NULL: our own. The text is
 * kept by whoever passes it. Returns what was set before. */
const char *flow_guard_enter(const char *what);

/* The training step that is running; -1 outside of training. */
void flow_guard_step(int64_t step);

/* From now on a trap inside foreign code ends the program with a message and exit code 70. A trap of our own keeps its meaning. */
void flow_guard_watch(const char *program);

/* Starts a program with descriptors 1, 2 and 3 as given, and everything else but the environment closed; 0 is empty. Returns an
 * errno, 0 for success. */
int flow_guard_spawn(const char *program, char *const *arguments, const int *descriptors, int32_t *process);

/* Two ends of a pipe that no child inherits: the one to read from, the one to write to. Returns an errno. */
int flow_guard_pipe(int *ends);

/* A process beside this one, a copy of it, that serves requests until this one ends. */
typedef struct flow_guard_worker {
  int32_t process;
  int32_t requests; /* to write to */
  int32_t answers;  /* to read from */
} flow_guard_worker;

/* How a request came out. */
enum { FLOW_GUARD_ANSWERED = 0, FLOW_GUARD_ENDED = 1, FLOW_GUARD_LATE = 2 };

/* Starts a worker, which calls `serve` for each request. Returns an errno. */
int flow_guard_fork(int32_t (*serve)(void *context), void *context, flow_guard_worker *worker);

/* Has a worker serve a request, and waits for its answer as long as is said. */
int flow_guard_ask(const flow_guard_worker *worker, int32_t milliseconds, int32_t *answer);

/* Ends a worker; returns the signal that had ended it before, or 0. */
int32_t flow_guard_end(const flow_guard_worker *worker);

/* Memory that a worker shares; NULL where there is none. */
void *flow_guard_share(uint64_t bytes);
void flow_guard_unshare(void *memory, uint64_t bytes);

#endif
