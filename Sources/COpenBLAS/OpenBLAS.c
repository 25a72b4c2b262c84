#include "COpenBLAS.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

// The values of cblas.h.
enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112, UPPER = 121, LOWER = 122, NO_ONES = 131, ONES = 132, LEFT = 141 };

// As in cblas.h, and LAPACK's own symbols.
typedef void SolveS(int, int, int, int, int, int, int, float, const float *, int, float *, int);
typedef void SolveD(int, int, int, int, int, int, int, double, const double *, int, double *, int);
typedef void CholeskyS(const char *, const int *, float *, const int *, int *);
typedef void CholeskyD(const char *, const int *, double *, const int *, int *);
typedef void FactorizeS(const int *, const int *, float *, const int *, int *, int *);
typedef void FactorizeD(const int *, const int *, double *, const int *, int *, int *);

static struct {
  SolveS *strsm;
  SolveD *dtrsm;
  CholeskyS *spotrf;
  CholeskyD *dpotrf;
  FactorizeS *sgetrf;
  FactorizeD *dgetrf;
  const char *(*config)(void);
} blas;

#ifdef __APPLE__
static const char *const names[] = {
  "/opt/homebrew/opt/openblas/lib/libopenblas.0.dylib", "/usr/local/opt/openblas/lib/libopenblas.0.dylib"};
#else
static const char *const names[] = {"libopenblas.so.0", "libopenblas.so"};
#endif

static void end(void) {
  const char *reason = dlerror();
  fprintf(stderr, "error: OpenBLAS cannot be used: %s\n", reason ? reason : "no reason given");
  fflush(stderr);
  _exit(127);
}

static void *symbol(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found) end();
  return found;
}

static void *open_any(void) {
  void *library = NULL;
  for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++) library = dlopen(names[i], RTLD_NOW);
  // Where there is none, the first is the one to name.
  return library ? library : dlopen(names[0], RTLD_NOW);
}

static void open_library(void) {
  void *library = open_any();
  if (!library) end();
  blas.strsm = (SolveS *)symbol(library, "cblas_strsm");
  blas.dtrsm = (SolveD *)symbol(library, "cblas_dtrsm");
  blas.spotrf = (CholeskyS *)symbol(library, "spotrf_");
  blas.dpotrf = (CholeskyD *)symbol(library, "dpotrf_");
  blas.sgetrf = (FactorizeS *)symbol(library, "sgetrf_");
  blas.dgetrf = (FactorizeD *)symbol(library, "dgetrf_");
  blas.config = (const char *(*)(void))symbol(library, "openblas_get_config");
  // Its own threads change bits with their number; ours are fixed blocks.
  ((void (*)(int))symbol(library, "openblas_set_num_threads"))(1);
}

static void open_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
}

static int form(int is_transposed) { return is_transposed ? TRANSPOSED : PLAIN; }

void flow_strsm(int is_lower, int transpose, int has_ones, int n, int m, const float *a, float *x) {
  open_once();
  blas.strsm(
    ROW_MAJOR, LEFT, is_lower ? LOWER : UPPER, form(transpose), has_ones ? ONES : NO_ONES, n, m, 1, a, n, x, m);
}

void flow_dtrsm(int is_lower, int transpose, int has_ones, int n, int m, const double *a, double *x) {
  open_once();
  blas.dtrsm(
    ROW_MAJOR, LEFT, is_lower ? LOWER : UPPER, form(transpose), has_ones ? ONES : NO_ONES, n, m, 1, a, n, x, m);
}

// LAPACK's matrices are column-major: our lower triangle is its upper one.
int flow_spotrf(int n, float *a) {
  int info = 0;
  open_once();
  blas.spotrf("U", &n, a, &n, &info);
  return info;
}

int flow_dpotrf(int n, double *a) {
  int info = 0;
  open_once();
  blas.dpotrf("U", &n, a, &n, &info);
  return info;
}

int flow_sgetrf(int n, float *a, int *pivots) {
  int info = 0;
  open_once();
  blas.sgetrf(&n, &n, a, &n, pivots, &info);
  return info;
}

int flow_dgetrf(int n, double *a, int *pivots) {
  int info = 0;
  open_once();
  blas.dgetrf(&n, &n, a, &n, pivots, &info);
  return info;
}

const char *flow_openblas_config(void) {
  if (!open_any()) return NULL;
  open_once();
  return blas.config();
}
