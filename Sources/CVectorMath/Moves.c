// Numbers moved as they are: rows from where they lie, and transposed matrices.
#include "VectorLoops.h"
#include <string.h>

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

// Without it, the rows of a tile stay in memory.
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef uint32_t Row_32 __attribute__((vector_size(64), aligned(4)));
typedef uint64_t Row_64 __attribute__((vector_size(64), aligned(8)));

typedef unsigned char Line __attribute__((vector_size(64), aligned(1)));

FLOW_CLONES void flow_copy_rows(
  const void *from, intptr_t x_step, void *to, intptr_t y_step, intptr_t width, intptr_t rows) {
  const char *x = from;
  char *y = to;
  if (width % 64 == 0 && width <= 1024) {
    for (intptr_t row = 0; row < rows; row++, x += x_step, y += y_step)
      for (intptr_t i = 0; i < width; i += 64) *(Line *)(y + i) = *(const Line *)(x + i);
  } else {
    for (intptr_t row = 0; row < rows; row++, x += x_step, y += y_step) memcpy(y, x, (size_t)width);
  }
}

#define LOW_32(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH_32(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define LOW_64(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH_64(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)

/// Numbers of B bits, N of which are a vector of N = 2^stages: dealing rows out like cards, `stages` times, transposes a tile.
#define TRANSPOSE(B, N, stages) \
  FLOW_CLONES void flow_transpose_##B( \
    const uint##B##_t *x, intptr_t x_step, uint##B##_t *y, intptr_t y_step, intptr_t rows, intptr_t columns) { \
    intptr_t whole_rows = rows / N * N, whole_columns = columns / N * N; \
    for (intptr_t column = 0; column < whole_columns; column += N) \
      for (intptr_t row = 0; row < whole_rows; row += N) { \
        Row_##B a[N], b[N]; \
        UNROLLED for (int i = 0; i < N; i++) a[i] = *(const Row_##B *)(x + (row + i) * x_step + column); \
        UNROLLED for (int stage = 0; stage < stages; stage++) { \
          UNROLLED for (int i = 0; i < N / 2; i++) { \
            b[2 * i] = LOW_##B(a[i], a[i + N / 2]); \
            b[2 * i + 1] = HIGH_##B(a[i], a[i + N / 2]); \
          } \
          UNROLLED for (int i = 0; i < N; i++) a[i] = b[i]; \
        } \
        UNROLLED for (int i = 0; i < N; i++) *(Row_##B *)(y + (column + i) * y_step + row) = a[i]; \
      } \
    for (intptr_t row = 0; row < rows; row++) \
      for (intptr_t column = row < whole_rows ? whole_columns : 0; column < columns; column++) \
        y[column * y_step + row] = x[row * x_step + column]; \
  }

TRANSPOSE(32, 16, 4)
TRANSPOSE(64, 8, 3)
