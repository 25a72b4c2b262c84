// Calls: functions of few numbers, made ready with the addresses and sizes that they are called with again and again.
#pragma once
#include <stdint.h>

/// One function with what it is given. Whoever makes one keeps the memory behind the addresses.
typedef struct FlowCall {
  void (*run)(const struct FlowCall *call);
  const void *a, *b, *c;
  void *y;
  int16_t counts[4];
  int32_t strides[4];
} FlowCall;

/// Runs calls one after another.
void flow_run_calls(const FlowCall *calls, intptr_t count);

// Where a call is made of sizes that it does not take, `run` is null.

/// y = loop(x).
FlowCall flow_call_unary(void (*loop)(const void *, void *, intptr_t), const void *x, void *y, intptr_t count);
/// y = loop(a, b); a step is 1, or 0 for one number that is repeated.
FlowCall flow_call_binary(
  void (*loop)(const void *, intptr_t, const void *, intptr_t, void *, intptr_t), const void *a, intptr_t step_a,
  const void *b, intptr_t step_b, void *y, intptr_t count);
/// y = condition ? a : b, of numbers of so many bytes; the condition is bytes of 0 or 1.
FlowCall flow_call_choice(
  const void *condition, intptr_t step, const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y,
  intptr_t count, intptr_t width);
/// Rows of y from x: their beginnings `row_step` apart, their numbers `step`.
FlowCall flow_call_repetition(
  const void *x, intptr_t row_step, intptr_t step, void *y, intptr_t rows, intptr_t columns, intptr_t width);
/// Bytes of 0 or 1 as numbers.
FlowCall flow_call_numbers_f32(const void *x, float *y, intptr_t count);
FlowCall flow_call_numbers_f64(const void *x, double *y, intptr_t count);

/// How the sums of `flow_call_sums` are found.
typedef struct {
  intptr_t results;
  /// From one result's numbers to the next's, and how many these are; from one to the next within them.
  intptr_t result_step, length, step;
  /// Whether each is divided by the length.
  int is_mean;
} FlowSums;

/// Sums in double precision: of neighbouring columns, each added in order, or, where the step is 1, of rows in eight lanes.
FlowCall flow_call_sums_f32(const float *x, float *y, FlowSums sums);
FlowCall flow_call_sums_f64(const double *x, double *y, FlowSums sums);

/// Sizes of a product of matrices that lie densely, a and b as they are or as their transposes.
typedef struct {
  intptr_t rows, columns, depth;
  int transpose_a, transpose_b;
} FlowSmallProduct;

/// Whether a product is one that calls compute.
int flow_is_small_product(FlowSmallProduct product);

/// y = a · b, and a row `bias` that is added to each, where there is one: each number is that of the bias or 0, to which the
/// products are added in the order of depth, each fused.
FlowCall flow_call_product_f32(const float *a, const float *b, const float *bias, float *y, FlowSmallProduct product);
FlowCall flow_call_product_f64(
  const double *a, const double *b, const double *bias, double *y, FlowSmallProduct product);
