// Calls of element-wise loops, repetitions, choices and sums.
#include "FlowCalls.h"
#include "VectorLoops.h"
#include <string.h>

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

void flow_run_calls(const FlowCall *calls, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) calls[i].run(calls + i);
}

// MARK: Element-wise

static void unary(const FlowCall *call) { ((FlowUnaryLoop)call->c)(call->a, call->y, call->strides[0]); }

FlowCall flow_call_unary(FlowUnaryLoop loop, const void *x, void *y, intptr_t count) {
  return (FlowCall){.run = unary, .a = x, .c = (const void *)loop, .y = y, .strides = {(int32_t)count}};
}

static void binary(const FlowCall *call) {
  ((FlowBinaryLoop)call->c)(call->a, call->counts[0], call->b, call->counts[1], call->y, call->strides[0]);
}

FlowCall flow_call_binary(
  FlowBinaryLoop loop, const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y, intptr_t count) {
  return (FlowCall){
    .run = binary, .a = a, .b = b, .c = (const void *)loop, .y = y,
    .counts = {(int16_t)step_a, (int16_t)step_b}, .strides = {(int32_t)count}};
}

#define CHOICE(T) \
  static void choice_##T(const FlowCall *call) { \
    const uint8_t *condition = call->c; \
    const T *a = call->a, *b = call->b; \
    T *y = call->y; \
    intptr_t step = call->counts[0], step_a = call->counts[1], step_b = call->counts[2]; \
    for (intptr_t i = 0; i < call->strides[0]; i++) y[i] = condition[i * step] ? a[i * step_a] : b[i * step_b]; \
  }

#define REPETITION(T) \
  static void repetition_##T(const FlowCall *call) { \
    const T *x = call->a; \
    T *y = call->y; \
    intptr_t columns = call->strides[1], row_step = call->strides[2], step = call->strides[3]; \
    for (intptr_t row = 0; row < call->strides[0]; row++) \
      for (intptr_t i = 0; i < columns; i++) y[row * columns + i] = x[row * row_step + i * step]; \
  }

#define EACH_WIDTH(X) X(uint8_t) X(uint16_t) X(uint32_t) X(uint64_t)
EACH_WIDTH(CHOICE)
EACH_WIDTH(REPETITION)
#define OF_WIDTH(name, width) \
  ((width) == 8 ? name##_uint64_t : (width) == 4 ? name##_uint32_t : (width) == 2 ? name##_uint16_t : name##_uint8_t)

FlowCall flow_call_choice(
  const void *condition, intptr_t step, const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y,
  intptr_t count, intptr_t width) {
  return (FlowCall){
    .run = OF_WIDTH(choice, width), .a = a, .b = b, .c = condition, .y = y,
    .counts = {(int16_t)step, (int16_t)step_a, (int16_t)step_b}, .strides = {(int32_t)count}};
}

FlowCall flow_call_repetition(
  const void *x, intptr_t row_step, intptr_t step, void *y, intptr_t rows, intptr_t columns, intptr_t width) {
  return (FlowCall){
    .run = OF_WIDTH(repetition, width), .a = x, .y = y,
    .strides = {(int32_t)rows, (int32_t)columns, (int32_t)row_step, (int32_t)step}};
}

#define NUMBERS(T, suffix) \
  static void numbers_##suffix(const FlowCall *call) { \
    const uint8_t *x = call->a; \
    T *y = call->y; \
    for (intptr_t i = 0; i < call->strides[0]; i++) y[i] = x[i]; \
  } \
  FlowCall flow_call_numbers_##suffix(const void *x, T *y, intptr_t count) { \
    return (FlowCall){.run = numbers_##suffix, .a = x, .y = y, .strides = {(int32_t)count}}; \
  }

NUMBERS(float, f32)
NUMBERS(double, f64)

// MARK: Sums

enum { MOST_COLUMNS = 64, MOST_ROWS = 256, LONGEST_ROW = 2048 };

typedef double FlowEight __attribute__((vector_size(64), aligned(8)));

FLOW_INLINE double sum_of_eight(const FlowEight *lanes) {
  const double *s = (const double *)lanes;
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

#define SUMS(T, suffix) \
  FLOW_CLONES static void rows_##suffix(const FlowCall *call) { \
    typedef T Lanes __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T)))); \
    intptr_t length = call->strides[2]; \
    T *y = call->y; \
    for (intptr_t index = 0; index < call->strides[0]; index++) { \
      const T *x = (const T *)call->a + index * call->strides[1]; \
      FlowEight sums = {0}; \
      intptr_t i = 0; \
      for (; i + 8 <= length; i += 8) sums += __builtin_convertvector(*(const Lanes *)(x + i), FlowEight); \
      double first = sums[0]; \
      for (; i < length; i++) first += x[i]; \
      sums[0] = first; \
      double sum = sum_of_eight(&sums); \
      y[index] = (T)(call->counts[0] ? sum / (double)length : sum); \
    } \
  } \
  FLOW_CLONES static void columns_##suffix(const FlowCall *call) { \
    double sums[MOST_COLUMNS]; \
    intptr_t columns = call->strides[0], rows = call->strides[2], step = call->strides[3]; \
    const T *x = call->a; \
    T *y = call->y; \
    for (intptr_t i = 0; i < columns; i++) sums[i] = 0; \
    for (intptr_t row = 0; row < rows; row++) \
      FLOW_VECTORIZED for (intptr_t i = 0; i < columns; i++) sums[i] += x[row * step + i]; \
    double divisor = call->counts[0] ? (double)rows : 1; \
    FLOW_VECTORIZED for (intptr_t i = 0; i < columns; i++) y[i] = (T)(sums[i] / divisor); \
  } \
  FlowCall flow_call_sums_##suffix(const T *x, T *y, FlowSums sums) { \
    FlowCall call = { \
      .a = x, .y = y, .counts = {sums.is_mean != 0}, \
      .strides = {(int32_t)sums.results, (int32_t)sums.result_step, (int32_t)sums.length, (int32_t)sums.step}}; \
    int fits = sums.length > 0 && sums.results <= MOST_COLUMNS; \
    if (fits && sums.step == 1 && sums.length <= LONGEST_ROW) call.run = rows_##suffix; \
    else if (fits && sums.result_step == 1 && sums.length <= MOST_ROWS) call.run = columns_##suffix; \
    return call; \
  }

SUMS(float, f32)
SUMS(double, f64)
