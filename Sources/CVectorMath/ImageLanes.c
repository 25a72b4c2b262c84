// Convolutions of small images, sixteen at a time: each lane of a vector is an image.
//
// Numbers lie as [position][16 images], so that a window's entries are whole vectors wherever the window lies, and no
// window is ever copied. Every sum runs in the same order whatever the processor.
#include "VectorLoops.h"
#include <string.h>

typedef float FlowLanes __attribute__((vector_size(64), aligned(4)));
typedef float FlowFour __attribute__((vector_size(16), aligned(4)));

#define LANES 16

// Without it, sums stay in memory.
#define UNROLLED _Pragma("clang loop unroll(full)")

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

FLOW_INLINE FlowLanes lanes_at(const float *x) { return *(const FlowLanes *)x; }
FLOW_INLINE FlowLanes spread(float x) { return x - (FlowLanes){}; }

/// In a fixed order: halves upon halves.
FLOW_INLINE float sum_of_lanes(FlowLanes x) {
  typedef float Eight __attribute__((vector_size(32)));
  typedef float Four __attribute__((vector_size(16)));
  Eight a = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  Four b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
}

// The tiles, each a function of constants: `O` filters, `P` windows, `K` entries of a window.

FLOW_INLINE void forward_tile(
  const int O, const int P, const FlowLaneProduct *c, intptr_t filter, const int32_t *windows, intptr_t window,
  const float *bias) {
  FlowLanes sum[6][4];
  const float *w[6], *x[4];
  UNROLLED for (int o = 0; o < O; o++) {
    w[o] = c->filters + (filter + o) * c->filter_stride;
    UNROLLED for (int p = 0; p < P; p++) sum[o][p] = spread(bias ? bias[filter + o] : 0);
  }
  UNROLLED for (int p = 0; p < P; p++) x[p] = c->x + windows[window + p];
  for (intptr_t k = 0; k < c->depth; k++) {
    FlowLanes entry[4];
    UNROLLED for (int p = 0; p < P; p++) entry[p] = lanes_at(x[p] + c->entries[k]);
    UNROLLED for (int o = 0; o < O; o++) {
      FlowLanes factor = spread(w[o][k]);
      UNROLLED for (int p = 0; p < P; p++) sum[o][p] = __builtin_elementwise_fma(factor, entry[p], sum[o][p]);
    }
  }
  UNROLLED for (int o = 0; o < O; o++)
    UNROLLED for (int p = 0; p < P; p++) *(FlowLanes *)(c->y + ((filter + o) * c->windows + window + p) * LANES) = sum[o][p];
}

FLOW_INLINE void input_tile(
  const int K, const int P, const FlowLaneProduct *c, intptr_t entry, const int32_t *windows, intptr_t window) {
  FlowLanes sum[6][4];
  UNROLLED for (int k = 0; k < K; k++)
    UNROLLED for (int p = 0; p < P; p++) sum[k][p] = spread(0);
  for (intptr_t o = 0; o < c->outputs; o++) {
    FlowLanes gradient[4];
    UNROLLED for (int p = 0; p < P; p++) gradient[p] = lanes_at(c->y + (o * c->windows + window + p) * LANES);
    const float *w = c->filters + o * c->filter_stride + entry;
    UNROLLED for (int k = 0; k < K; k++) {
      FlowLanes factor = spread(w[k]);
      UNROLLED for (int p = 0; p < P; p++) sum[k][p] = __builtin_elementwise_fma(factor, gradient[p], sum[k][p]);
    }
  }
  UNROLLED for (int k = 0; k < K; k++)
    UNROLLED for (int p = 0; p < P; p++) {
      FlowLanes *x = (FlowLanes *)(c->x + windows[window + p] + c->entries[entry + k]);
      *x += sum[k][p];
    }
}

FLOW_INLINE void filter_tile(
  const int O, const int K, const FlowLaneProduct *c, intptr_t filter, intptr_t entry, const int32_t *windows) {
  FlowLanes sum[4][6];
  UNROLLED for (int o = 0; o < O; o++)
    UNROLLED for (int k = 0; k < K; k++) sum[o][k] = spread(0);
  const float *y[4], *x[6];
  UNROLLED for (int o = 0; o < O; o++) y[o] = c->y + (filter + o) * c->windows * LANES;
  UNROLLED for (int k = 0; k < K; k++) x[k] = c->x + c->entries[entry + k];
  for (intptr_t p = 0; p < c->windows; p++) {
    FlowLanes numbers[6];
    UNROLLED for (int k = 0; k < K; k++) numbers[k] = lanes_at(x[k] + windows[p]);
    UNROLLED for (int o = 0; o < O; o++) {
      FlowLanes gradient = lanes_at(y[o] + p * LANES);
      UNROLLED for (int k = 0; k < K; k++) sum[o][k] = __builtin_elementwise_fma(gradient, numbers[k], sum[o][k]);
    }
  }
  UNROLLED for (int o = 0; o < O; o++)
    UNROLLED for (int k = 0; k < K; k++) c->filters[(filter + o) * c->filter_stride + entry + k] += sum_of_lanes(sum[o][k]);
}

// Tiles of constant size, for the registers that a processor has: whole ones, and what is left over one by one.

#define WHOLE_AND_REST(tile, index, count, body) \
  { \
    intptr_t index = 0; \
    for (; index + (tile) <= (count); index += (tile)) { enum { n_##index = (tile) }; body } \
    for (; index < (count); index++) { enum { n_##index = 1 }; body } \
  }

#define DEFINE(suffix, target, A, B) \
  target static void forward_##suffix(const FlowLaneProduct *c, const float *bias) { \
    WHOLE_AND_REST(A, o, c->outputs, WHOLE_AND_REST(B, p, c->windows, forward_tile(n_o, n_p, c, o, c->positions, p, bias);)) \
  } \
  target static void input_##suffix(const FlowLaneProduct *c) { \
    WHOLE_AND_REST(B, p, c->windows, WHOLE_AND_REST(A, k, c->depth, input_tile(n_k, n_p, c, k, c->positions, p);)) \
  } \
  target static void filter_##suffix(const FlowLaneProduct *c) { \
    WHOLE_AND_REST(B, o, c->outputs, WHOLE_AND_REST(A, k, c->depth, filter_tile(n_o, n_k, c, o, k, c->positions);)) \
  }

#if defined(__x86_64__)
DEFINE(wide, __attribute__((target("arch=x86-64-v4"))), 6, 4)
DEFINE(medium, __attribute__((target("arch=x86-64-v3"))), 3, 2)
#endif
DEFINE(plain, , 3, 2)

#if defined(__x86_64__)
#define DISPATCH(function, ...) \
  if (__builtin_cpu_supports("x86-64-v4")) function##_wide(__VA_ARGS__); \
  else if (__builtin_cpu_supports("x86-64-v3")) function##_medium(__VA_ARGS__); \
  else function##_plain(__VA_ARGS__)
#else
#define DISPATCH(function, ...) function##_plain(__VA_ARGS__)
#endif

void flow_lanes_forward(const FlowLaneProduct *product, const float *bias) { DISPATCH(forward, product, bias); }
void flow_lanes_input_gradient(const FlowLaneProduct *product) { DISPATCH(input, product); }
void flow_lanes_filter_gradient(const FlowLaneProduct *product) { DISPATCH(filter, product); }

/// Four numbers of each of four images, turned.
FLOW_INLINE void turn(const float *x, intptr_t stride_x, float *y, intptr_t stride_y) {
  FlowFour a = *(const FlowFour *)x, b = *(const FlowFour *)(x + stride_x);
  FlowFour c = *(const FlowFour *)(x + 2 * stride_x), d = *(const FlowFour *)(x + 3 * stride_x);
  FlowFour e = __builtin_shufflevector(a, b, 0, 4, 1, 5), f = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  FlowFour g = __builtin_shufflevector(a, b, 2, 6, 3, 7), h = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(FlowFour *)y = __builtin_shufflevector(e, f, 0, 1, 4, 5);
  *(FlowFour *)(y + stride_y) = __builtin_shufflevector(e, f, 2, 3, 6, 7);
  *(FlowFour *)(y + 2 * stride_y) = __builtin_shufflevector(g, h, 0, 1, 4, 5);
  *(FlowFour *)(y + 3 * stride_y) = __builtin_shufflevector(g, h, 2, 3, 6, 7);
}

void flow_lanes_gather(const float *x, intptr_t stride, intptr_t images, intptr_t count, float *y) {
  intptr_t whole = images == LANES ? count / 4 * 4 : 0;
  for (intptr_t i = 0; i < whole; i += 4)
    for (int n = 0; n < LANES; n += 4) turn(x + n * stride + i, stride, y + i * LANES + n, LANES);
  for (intptr_t i = whole; i < count; i++)
    for (intptr_t n = 0; n < LANES; n++) y[i * LANES + n] = n < images ? x[n * stride + i] : 0;
}

void flow_lanes_scatter(const float *y, intptr_t images, intptr_t count, float *x, intptr_t stride) {
  intptr_t whole = images == LANES ? count / 4 * 4 : 0;
  for (intptr_t i = 0; i < whole; i += 4)
    for (int n = 0; n < LANES; n += 4) turn(y + i * LANES + n, LANES, x + n * stride + i, stride);
  for (intptr_t i = whole; i < count; i++)
    for (intptr_t n = 0; n < images; n++) x[n * stride + i] = y[i * LANES + n];
}
