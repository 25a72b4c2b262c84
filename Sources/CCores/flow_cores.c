#define _GNU_SOURCE
#include "flow_cores.h"

#if defined(__linux__)
#include <sched.h>

int flow_current_core(void) { return sched_getcpu(); }

void flow_settle(int number, int taken) {
  cpu_set_t allowed, others;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  others = allowed;
  if (taken >= 0 && taken < CPU_SETSIZE) CPU_CLR(taken, &others);
  int count = CPU_COUNT(&others);
  if (count == 0 || number < 0) return;
  int left = number % count;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &others) || left-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0) sched_setaffinity(0, sizeof allowed, &allowed);
    return;
  }
}
#else
int flow_current_core(void) { return -1; }
void flow_settle(int number, int taken) {
  (void)number;
  (void)taken;
}
#endif
