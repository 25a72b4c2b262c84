// Loops of element-wise functions over consecutive numbers, vectorized for the machine that runs them.
//
// Every processor gives the same bits: sums of products are fused where the code says so and nowhere else, and no loop
// depends on how wide the vectors are. Error bounds are in Documentation/Numerics.md.
#pragma once
#include "FlowCalls.h"
#include "FlowChains.h"
#include <stdint.h>

/// y = f(x). The result lies where the operand does, or apart from it.
typedef void (*FlowUnaryLoop)(const void *x, void *y, intptr_t count);

/// y = f(a, b). A step is 1, or 0 for one number that is repeated. The result lies where an operand does, or apart.
typedef void (*FlowBinaryLoop)(
  const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y, intptr_t count);

/// One function in single and double precision; of the two kinds of loops only one is there. Tests write bytes of 0 or 1.
typedef struct {
  const char *opcode;
  FlowUnaryLoop unary_f32, unary_f64;
  FlowBinaryLoop binary_f32, binary_f64;
} FlowLoops;

/// The loops of a function, by the name of its opcode; none where nobody has written them.
FlowLoops flow_find_loops(const char *opcode);

// Numbers of 16 bits to single precision, and back with one rounding.

void flow_widen_f16(const uint16_t *x, float *y, intptr_t count);
void flow_widen_bf16(const uint16_t *x, float *y, intptr_t count);
void flow_narrow_f16(const float *x, uint16_t *y, intptr_t count);
void flow_narrow_bf16(const float *x, uint16_t *y, intptr_t count);

/// Products of filters and windows of sixteen images at once: every position holds one number of each image.
typedef struct {
  float *x;                  // [positions][16]
  float *y;                  // [outputs][windows][16]
  float *filters;            // [outputs][depth], rows `filter_stride` apart
  intptr_t filter_stride;
  const int32_t *entries;    // for each entry of a window, in numbers of x
  const int32_t *positions;  // for each window
  intptr_t outputs, depth, windows;
} FlowLaneProduct;

/// y = filters · windows of x, and a bias for each output where there is one.
void flow_lanes_forward(const FlowLaneProduct *product, const float *bias);
/// x += transposed filters · y, each number where its window lay.
void flow_lanes_input_gradient(const FlowLaneProduct *product);
/// filters += y · windows of x, summed over windows and images.
void flow_lanes_filter_gradient(const FlowLaneProduct *product);

/// `count` numbers of each of at most sixteen images, `stride` apart, to [count][16], with zeros for those that lack.
void flow_lanes_gather(const float *x, intptr_t stride, intptr_t images, intptr_t count, float *y);
/// The way back.
void flow_lanes_scatter(const float *y, intptr_t images, intptr_t count, float *x, intptr_t stride);

/// Copies rows of `width` bytes, which begin `step` bytes apart.
void flow_copy_rows(const void *x, intptr_t x_step, void *y, intptr_t y_step, intptr_t width, intptr_t rows);
/// Writes a matrix of numbers of 32 bits, whose rows begin `x_step` numbers apart, as one of columns.
void flow_transpose_32(
  const uint32_t *x, intptr_t x_step, uint32_t *y, intptr_t y_step, intptr_t rows, intptr_t columns);
/// The same of numbers of 64 bits.
void flow_transpose_64(
  const uint64_t *x, intptr_t x_step, uint64_t *y, intptr_t y_step, intptr_t rows, intptr_t columns);

// Windows of 2 · 2 side by side: `rows` · `columns` of them over a channel whose rows have `width` numbers.

/// The largest number of each window; NaN where there is one.
void flow_max_pool_2x2(const float *x, intptr_t rows, intptr_t columns, intptr_t width, float *y);
/// Where in its channel the first largest number of each window lies; the first NaN where there is one.
void flow_max_pool_positions_2x2(const float *x, intptr_t rows, intptr_t columns, intptr_t width, int32_t *y);
/// The gradient of each window at its first largest number, or first NaN, and zeros beside it; what no window reaches stays.
void flow_max_pool_gradient_2x2(
  const float *x, const float *gradient, intptr_t rows, intptr_t columns, intptr_t width, float *y);

// Passes over a row of numbers. Sums run in sixteen lanes of double precision, where nothing else is said, and in the same order
// on every processor.

/// Σ (x - shift), and of its squares.
double flow_sum_f32(const float *x, double shift, intptr_t count);
double flow_sum_of_squares_f32(const float *x, double shift, intptr_t count);
/// Σ x · y.
double flow_dot_f32(const float *x, const float *y, intptr_t count);
/// Σ x, in eight sums side by side; what does not fill all of them is added to the first.
double flow_sum_in_eight_f32(const float *x, intptr_t count);
/// Adds rows, which begin `stride` numbers apart, to `sums`, one after another.
void flow_add_rows_f32(const float *x, intptr_t stride, intptr_t rows, intptr_t columns, double *sums);
/// The largest; NaN where there is one; minus infinity of nothing.
float flow_largest_f32(const float *x, intptr_t count);
/// y = exp(x - shift). and the sum of these.
double flow_exponentials_f32(const float *x, float shift, float *y, intptr_t count);
double flow_sum_of_exponentials_f32(const float *x, float shift, intptr_t count);
/// y = x · factor.
void flow_scale_f32(const float *x, float factor, float *y, intptr_t count);
/// y = (x - shift) · factor, rounded once.
void flow_scaled_difference_f32(const float *x, double shift, double factor, float *y, intptr_t count);
/// z = a · x + b · y + c, rounded once.
void flow_combination_f32(
  const float *x, double a, const float *y, double b, double c, float *z, intptr_t count);
/// y = weight · (x - shift).
void flow_weighted_difference_f32(const float *weight, const float *x, float shift, float *y, intptr_t count);
