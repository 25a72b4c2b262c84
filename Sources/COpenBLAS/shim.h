#pragma once
#include <cblas.h>

// LAPACK's symbols, which OpenBLAS brings without a header; sizes are of 32 bits, as in cblas.h. Matrices are column-major.

void spotrf_(const char *uplo, const int *n, float *a, const int *lda, int *info);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void sgetrf_(const int *m, const int *n, float *a, const int *lda, int *pivots, int *info);
void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivots, int *info);
