// Passes over rows of consecutive numbers: sums, largest numbers, softmax.
//
// Sums run in sixteen lanes of double precision, added up in a fixed order: the same bits on every processor.
#include "Cores.h"
#include <string.h>

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float FlowSixteen __attribute__((vector_size(64), aligned(4)));
typedef double FlowWideSixteen __attribute__((vector_size(128), aligned(8)));

FLOW_INLINE double sum_of_wide_lanes(const FlowWideSixteen *lanes) {
  FlowWideSixteen x = *lanes;
  typedef double Eight __attribute__((vector_size(64)));
  typedef double Four __attribute__((vector_size(32)));
  Eight a = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  Four b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
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
      FlowSixteen last = {0}; \
      memcpy(&last, x + i, (size_t)(count - i) * sizeof(float)); \
      FlowWideSixteen a = __builtin_convertvector(last, FlowWideSixteen); \
      /* Lanes beyond the end stay zero, whatever the shift. */ \
      for (intptr_t lane = 0; lane < count - i; lane++) a[lane] -= shift; \
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

FLOW_CLONES float flow_largest_f32(const float *x, intptr_t count) {
  // A maximum has no rounding, so its order is free; NaN is looked for beside it.
  float largest[16];
  int has_nan = 0;
  for (int lane = 0; lane < 16; lane++) largest[lane] = -INFINITY;
  intptr_t i = 0;
  for (; i + 16 <= count; i += 16) {
    FLOW_VECTORIZED for (int lane = 0; lane < 16; lane++) {
      float a = x[i + lane];
      has_nan |= a != a;
      largest[lane] = a > largest[lane] ? a : largest[lane];
    }
  }
  for (; i < count; i++) {
    has_nan |= x[i] != x[i];
    largest[0] = x[i] > largest[0] ? x[i] : largest[0];
  }
  float result = largest[0];
  for (int lane = 1; lane < 16; lane++) result = largest[lane] > result ? largest[lane] : result;
  return has_nan ? NAN : result;
}

/// y = exp(x - shift).
FLOW_CLONES static void exponentials(const float *x, float shift, float *y, intptr_t count) {
  FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) y[i] = exp_core_f32(x[i] - shift);
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
