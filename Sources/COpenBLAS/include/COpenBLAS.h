// The routines of OpenBLAS that products and factorizations use, each on the calling thread alone.
//
// The library is opened when one of them is first called: linked, it would cost every process 4 ms, a thread that spins and 3 MB.
// Without it the process ends at that call with exit code 127 and a message, as the system's loader would end it at its start.
#pragma once

// op(a) · op(b), where op transposes or not, added to beta · c. Matrices are row-major; strides lead from row to row.
void flow_sgemm(
  int transpose_a, int transpose_b, int rows, int columns, int depth, const float *a, int stride_a, const float *b, int stride_b,
  float beta, float *c, int stride_c);
void flow_dgemm(
  int transpose_a, int transpose_b, int rows, int columns, int depth, const double *a, int stride_a, const double *b,
  int stride_b, double beta, double *c, int stride_c);

// Replaces x [n, m], row-major, by the solution of op(a) · y = x, where a is triangular.
void flow_strsm(int is_lower, int transpose, int has_ones, int n, int m, const float *a, float *x);
void flow_dtrsm(int is_lower, int transpose, int has_ones, int n, int m, const double *a, double *x);

// Replaces the lower triangle of a symmetric row-major matrix by its Cholesky factor; the order that fails, or 0.
int flow_spotrf(int n, float *a);
int flow_dpotrf(int n, double *a);

// Replaces a column-major matrix by its LU factors; the pivot that is zero, or 0.
int flow_sgetrf(int n, float *a, int *pivots);
int flow_dgetrf(int n, double *a, int *pivots);

// What the library says about itself: "OpenBLAS 0.3.21 ...". It stays valid.
const char *flow_openblas_config(void);
