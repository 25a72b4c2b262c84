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

#endif
