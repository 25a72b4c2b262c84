// Passes over rows of consecutive numbers: sums, largest numbers, softmax.
//
// Sums run in sixteen lanes of double precision, added up in a fixed order: the same bits on every processor.
#include "Cores.h"
#include <string.h>

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float FlowSixteen __attribute__((vector_size(64), aligned(4)));
typedef double FlowWideSixteen __attribute__((vector_size(128), aligned(8)));
typedef int64_t FlowWideMask __attribute__((vector_size(128), aligned(8)));

/// All bits of the first `count` lanes.
#define FIRST_LANES(count) ((FlowWideMask){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} < (int64_t)(count))

FLOW_INLINE double sum_of_wide_lanes(const FlowWideSixteen *lanes) {
  FlowWideSixteen x = *lanes;
  typedef double Eight __attribute__((vector_size(64)));
  typedef double Four __attribute__((vector_size(32)));
  Eight a = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  Four b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
}

/// Sixteen numbers, of which those from `count` on are `rest`. A loop, that processors which can read under a mask do so: the
/// numbers written one by one and read as a vector would wait for each other.
FLOW_INLINE void padded(const float *x, intptr_t count, float rest, float *y) {
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) unroll(disable)")
  for (int lane = 0; lane < 16; lane++) y[lane] = lane < count ? x[lane] : rest;
}

/// The sum of `body` of each `a` at x, in double precision.
#define SUM(name, body) \
  FLOW_CLONES double name(const float *x, double shift, intptr_t count) { \
    FlowWideSixteen sum = {0}; \
    intptr_t i = 0; \
    for (; i + 16 <= count; i += 16) { \
      FlowWideSixteen a = __builtin_convertvector(*(const FlowSixteen *)(x + i), FlowWideSixteen) - shift; \
      sum += (body); \
    } \
    if (i < count) { \
      float last[16]; \
      padded(x + i, count - i, 0, last); \
      FlowWideSixteen a = __builtin_convertvector(*(const FlowSixteen *)last, FlowWideSixteen) - shift; \
      /* Lanes beyond the end stay zero, whatever the shift. */ \
      a = (FlowWideSixteen)((FlowWideMask)a & FIRST_LANES(count - i)); \
      sum += (body); \
    } \
    return sum_of_wide_lanes(&sum); \
  }

SUM(flow_sum_f32, a)
SUM(flow_sum_of_squares_f32, a *a)

FLOW_CLONES double flow_dot_f32(const float *x, const float *y, intptr_t count) {
  FlowWideSixteen sum = {0};
  intptr_t i = 0;
  for (; i + 16 <= count; i += 16) {
    FlowWideSixteen a = __builtin_convertvector(*(const FlowSixteen *)(x + i), FlowWideSixteen);
    sum += a * __builtin_convertvector(*(const FlowSixteen *)(y + i), FlowWideSixteen);
  }
  if (i < count) {
    FlowSixteen a = {0}, b = {0};
    memcpy(&a, x + i, (size_t)(count - i) * sizeof(float));
    memcpy(&b, y + i, (size_t)(count - i) * sizeof(float));
    sum += __builtin_convertvector(a, FlowWideSixteen) * __builtin_convertvector(b, FlowWideSixteen);
  }
  return sum_of_wide_lanes(&sum);
}

FLOW_CLONES double flow_sum_in_eight_f32(const float *x, intptr_t count) {
  typedef float Eight __attribute__((vector_size(32), aligned(4)));
  typedef double WideEight __attribute__((vector_size(64), aligned(8)));
  WideEight sum = {0};
  intptr_t i = 0;
  for (; i + 8 <= count; i += 8) sum += __builtin_convertvector(*(const Eight *)(x + i), WideEight);
  for (; i < count; i++) sum[0] += x[i];
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

FLOW_CLONES void flow_add_rows_f32(const float *x, intptr_t stride, intptr_t rows, intptr_t columns, double *sums) {
  intptr_t row = 0;
  // Four rows at a time, for sums that wait in memory; the next four are asked for meanwhile.
  for (; row + 4 <= rows; row += 4, x += 4 * stride) {
    const float *a = x, *b = x + stride, *c = b + stride, *d = c + stride;
    if (stride > columns && row + 8 <= rows)
      for (int next = 4; next < 8; next++)
        for (intptr_t i = 0; i < columns; i += 16) __builtin_prefetch(x + next * stride + i);
    FLOW_VECTORIZED for (intptr_t i = 0; i < columns; i++) sums[i] = sums[i] + a[i] + b[i] + c[i] + d[i];
  }
  for (; row < rows; row++, x += stride) {
    FLOW_VECTORIZED for (intptr_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}

FLOW_CLONES float flow_largest_f32(const float *x, intptr_t count) {
  typedef int32_t Mask __attribute__((vector_size(64)));
  // A maximum has no rounding, so its order is free; NaN is looked for beside it.
  FlowSixteen largest = (FlowSixteen){} - INFINITY;
  Mask is_nan = {};
  for (intptr_t i = 0; i < count; i += 16) {
    float last[16];
    if (count - i < 16) padded(x + i, count - i, -INFINITY, last);
    FlowSixteen a = *(const FlowSixteen *)(count - i < 16 ? last : x + i);
    Mask is_larger = a > largest;
    is_nan |= a != a;
    largest = (FlowSixteen)(((Mask)a & is_larger) | ((Mask)largest & ~is_larger));
  }
  float result = largest[0];
  int has_nan = is_nan[0];
  for (int lane = 1; lane < 16; lane++) {
    result = largest[lane] > result ? largest[lane] : result;
    has_nan |= is_nan[lane];
  }
  return has_nan ? NAN : result;
}

/// y = exp(x - shift).
FLOW_CLONES static void exponentials(const float *x, float shift, float *y, intptr_t count) {
  intptr_t whole = count / 16 * 16;
  FLOW_VECTORIZED for (intptr_t i = 0; i < whole; i++) y[i] = exp_core_f32(x[i] - shift);
  if (whole < count) {
    float rest[16];
    padded(x + whole, count - whole, shift, rest);
    FLOW_VECTORIZED for (int lane = 0; lane < 16; lane++) rest[lane] = exp_core_f32(rest[lane] - shift);
    memcpy(y + whole, rest, (size_t)(count - whole) * sizeof(float));
  }
}

FLOW_CLONES void flow_scale_f32(const float *x, float factor, float *y, intptr_t count) {
  FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) y[i] = x[i] * factor;
}

double flow_exponentials_f32(const float *x, float shift, float *y, intptr_t count) {
  exponentials(x, shift, y, count);
  return flow_sum_f32(y, 0, count);
}

double flow_sum_of_exponentials_f32(const float *x, float shift, intptr_t count) {
  float part[512];
  double sum = 0;
  for (intptr_t i = 0; i < count; i += 512) {
    intptr_t length = count - i < 512 ? count - i : 512;
    sum += flow_exponentials_f32(x + i, shift, part, length);
  }
  return sum;
}

FLOW_CLONES void flow_scaled_difference_f32(
  const float *x, double shift, double factor, float *y, intptr_t count) {
  FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) y[i] = (float)((x[i] - shift) * factor);
}

FLOW_CLONES void flow_combination_f32(
  const float *x, double a, const float *y, double b, double c, float *z, intptr_t count) {
  FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) z[i] = (float)fma_f64(a, x[i], fma_f64(b, y[i], c));
}

FLOW_CLONES void flow_weighted_difference_f32(
  const float *weight, const float *x, float shift, float *y, intptr_t count) {
  FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) y[i] = weight[i] * (x[i] - shift);
}
