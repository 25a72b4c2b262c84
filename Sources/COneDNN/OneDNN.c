#include "COneDNN.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// As in oneapi/dnnl/dnnl.h and dnnl_types.h, equal in versions 2 and 3.
typedef int (*Multiply)(
  char transpose_a, char transpose_b, int64_t rows, int64_t columns, int64_t depth, float alpha, const float *a,
  int64_t stride_a, const float *b, int64_t stride_b, float beta, float *c, int64_t stride_c);
typedef struct {
  int major, minor, patch;
} Version;

static Multiply multiply;
static const Version *(*version_of_library)(void);
static void (*set_threads)(int);

static void open_library(void) {
  static const char *const names[] = {"libdnnl.so.2", "libdnnl.so.3", "libdnnl.2.dylib", "libdnnl.3.dylib"};
  void *library = NULL;
  for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++) library = dlopen(names[i], RTLD_NOW);
  if (!library) return;
  version_of_library = (const Version *(*)(void))dlsym(library, "dnnl_version");
  set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
  multiply = (Multiply)dlsym(library, "dnnl_sgemm");
}

static int is_there(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
  return multiply != NULL;
}

int flow_onednn_multiply(const FlowSinglePrecisionProduct *p) {
  // The setting is each thread's own, and the environment is read too early to be of use.
  static _Thread_local int is_alone;
  if (!is_there()) return 0;
  if (!is_alone && set_threads) set_threads(1);
  is_alone = 1;
  return multiply(
           p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N', p->rows, p->columns, p->depth, 1, p->a, p->stride_a,
           p->b, p->stride_b, p->adds ? 1 : 0, p->c, p->stride_c) == 0;
}

int flow_onednn_version(int version[3]) {
  if (!is_there() || !version_of_library) return 0;
  const Version *found = version_of_library();
  version[0] = found->major;
  version[1] = found->minor;
  version[2] = found->patch;
  return 1;
}
