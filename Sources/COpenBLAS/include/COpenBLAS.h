// The routines of OpenBLAS that factorizations use, each on the calling thread alone.
//
// The library is opened when one of them is first called: linked, it would cost every process 4 ms, a thread that spins and 3 MB.
// Without it the process ends at that call with exit code 127 and a message, as the system's loader would end it at its start.
#pragma once

// Replaces x [n, m], row-major, by the solution of op(a) · y = x, where a is triangular.
void flow_strsm(int is_lower, int transpose, int has_ones, int n, int m, const float *a, float *x);
void flow_dtrsm(int is_lower, int transpose, int has_ones, int n, int m, const double *a, double *x);

// Replaces the lower triangle of a symmetric row-major matrix by its Cholesky factor; the order that fails, or 0.
int flow_spotrf(int n, float *a);
int flow_dpotrf(int n, double *a);

// Replaces a column-major matrix by its LU factors; the pivot that is zero, or 0.
int flow_sgetrf(int n, float *a, int *pivots);
int flow_dgetrf(int n, double *a, int *pivots);

// What the library says about itself: "OpenBLAS 0.3.21 ...", which stays valid; null where it is missing.
const char *flow_openblas_config(void);
