// Arithmetic, rounding, comparisons and tests.
#include "VectorLoops.h"
#include <string.h>

/// Defines the loops of a function of one operand whose body is the same in both precisions.
#define FLOW_UNARY_PAIR(name, R32, R64, body) \
  FLOW_UNARY(name##_f32, float, R32, body) \
  FLOW_UNARY(name##_f64, double, R64, body)
#define FLOW_BINARY_PAIR(name, R32, R64, body) \
  FLOW_BINARY(name##_f32, float, R32, body) \
  FLOW_BINARY(name##_f64, double, R64, body)

static void identity_f32(const void *x, void *y, intptr_t count) {
  if (x != y) memcpy(y, x, (size_t)count * sizeof(float));
}

static void identity_f64(const void *x, void *y, intptr_t count) {
  if (x != y) memcpy(y, x, (size_t)count * sizeof(double));
}

// A number that is large enough has no fraction; one of the other size is rounded by adding what has no room for one.
FLOW_INLINE float rounded_f32(float x) {
  float a = abs_f32(x);
  float r = (a + 0x1p23f) - 0x1p23f;
  return a < 0x1p23f ? with_sign_f32(r, x) : x;
}

FLOW_INLINE double rounded_f64(double x) {
  double a = abs_f64(x);
  double r = (a + 0x1p52) - 0x1p52;
  return a < 0x1p52 ? with_sign_f64(r, x) : x;
}

FLOW_INLINE float floor_core_f32(float x) {
  float r = rounded_f32(x);
  return r > x ? r - 1 : r;
}

FLOW_INLINE double floor_core_f64(double x) {
  double r = rounded_f64(x);
  return r > x ? r - 1 : r;
}

FLOW_INLINE float trunc_core_f32(float x) { return with_sign_f32(floor_core_f32(abs_f32(x)), x); }
FLOW_INLINE double trunc_core_f64(double x) { return with_sign_f64(floor_core_f64(abs_f64(x)), x); }

/// With the divisor's sign, or that of zero.
static float remainder_f32(float a, float b) {
  float rest = fmodf(a, b);
  if (rest == 0) return with_sign_f32(0, b);
  return (rest < 0) == (b < 0) ? rest : rest + b;
}

static double remainder_f64(double a, double b) {
  double rest = fmod(a, b);
  if (rest == 0) return with_sign_f64(0, b);
  return (rest < 0) == (b < 0) ? rest : rest + b;
}

/// Agrees with the remainder: a = q · b + r, up to rounding.
static float quotient_f32(float a, float b) {
  if (b == 0 || !(abs_f32(a) < INFINITY)) return a / b;
  return roundf((a - remainder_f32(a, b)) / b);
}

static double quotient_f64(double a, double b) {
  if (b == 0 || !(abs_f64(a) < INFINITY)) return a / b;
  return round((a - remainder_f64(a, b)) / b);
}

FLOW_UNARY_PAIR(neg, float, double, -a)
FLOW_UNARY(abs_loop_f32, float, float, abs_f32(a))
FLOW_UNARY(abs_loop_f64, double, double, abs_f64(a))
FLOW_UNARY_PAIR(sign, float, double, a > 0 ? 1 : a < 0 ? -1 : a == 0 ? 0 : a)
FLOW_UNARY_PAIR(reciprocal, float, double, 1 / a)
FLOW_UNARY_PAIR(relu, float, double, a <= 0 ? 0 : a)
FLOW_UNARY(sqrt_loop_f32, float, float, sqrt_f32(a))
FLOW_UNARY(sqrt_loop_f64, double, double, sqrt_f64(a))
FLOW_UNARY(rsqrt_f32, float, float, 1 / sqrt_f32(a))
FLOW_UNARY(rsqrt_f64, double, double, 1 / sqrt_f64(a))
FLOW_UNARY(floor_f32, float, float, with_sign_f32(floor_core_f32(a), a))
FLOW_UNARY(floor_f64, double, double, with_sign_f64(floor_core_f64(a), a))
FLOW_UNARY(ceil_f32, float, float, with_sign_f32(-floor_core_f32(-a), a))
FLOW_UNARY(ceil_f64, double, double, with_sign_f64(-floor_core_f64(-a), a))
FLOW_UNARY(round_f32, float, float, rounded_f32(a))
FLOW_UNARY(round_f64, double, double, rounded_f64(a))
FLOW_UNARY(trunc_f32, float, float, trunc_core_f32(a))
FLOW_UNARY(trunc_f64, double, double, trunc_core_f64(a))
FLOW_UNARY_PAIR(isNaN, uint8_t, uint8_t, a != a)
FLOW_UNARY(isInfinite_f32, float, uint8_t, abs_f32(a) == INFINITY)
FLOW_UNARY(isInfinite_f64, double, uint8_t, abs_f64(a) == INFINITY)
FLOW_UNARY(isFinite_f32, float, uint8_t, abs_f32(a) < INFINITY)
FLOW_UNARY(isFinite_f64, double, uint8_t, abs_f64(a) < INFINITY)

FLOW_BINARY_PAIR(add, float, double, a + b)
FLOW_BINARY_PAIR(sub, float, double, a - b)
FLOW_BINARY_PAIR(mul, float, double, a * b)
FLOW_BINARY_PAIR(div, float, double, a / b)
FLOW_BINARY_PAIR(maximum, float, double, a >= b || a != a ? a : b)
FLOW_BINARY_PAIR(minimum, float, double, a <= b || a != a ? a : b)
FLOW_SCALAR_BINARY(mod_f32, float, remainder_f32(a, b))
FLOW_SCALAR_BINARY(mod_f64, double, remainder_f64(a, b))
FLOW_SCALAR_BINARY(floorDiv_f32, float, quotient_f32(a, b))
FLOW_SCALAR_BINARY(floorDiv_f64, double, quotient_f64(a, b))
FLOW_BINARY_PAIR(equal, uint8_t, uint8_t, a == b)
FLOW_BINARY_PAIR(notEqual, uint8_t, uint8_t, a != b)
FLOW_BINARY_PAIR(less, uint8_t, uint8_t, a < b)
FLOW_BINARY_PAIR(lessEqual, uint8_t, uint8_t, a <= b)
FLOW_BINARY_PAIR(greater, uint8_t, uint8_t, a > b)
FLOW_BINARY_PAIR(greaterEqual, uint8_t, uint8_t, a >= b)

static const FlowLoops loops[] = {
  FLOW_UNARY_ENTRY(identity),
  FLOW_UNARY_ENTRY(neg),
  {"abs", abs_loop_f32, abs_loop_f64, 0, 0},
  FLOW_UNARY_ENTRY(sign),
  FLOW_UNARY_ENTRY(reciprocal),
  FLOW_UNARY_ENTRY(relu),
  {"sqrt", sqrt_loop_f32, sqrt_loop_f64, 0, 0},
  FLOW_UNARY_ENTRY(rsqrt),
  FLOW_UNARY_ENTRY(floor),
  FLOW_UNARY_ENTRY(ceil),
  FLOW_UNARY_ENTRY(round),
  FLOW_UNARY_ENTRY(trunc),
  FLOW_UNARY_ENTRY(isNaN),
  FLOW_UNARY_ENTRY(isInfinite),
  FLOW_UNARY_ENTRY(isFinite),
  FLOW_BINARY_ENTRY(add),
  FLOW_BINARY_ENTRY(sub),
  FLOW_BINARY_ENTRY(mul),
  FLOW_BINARY_ENTRY(div),
  FLOW_BINARY_ENTRY(maximum),
  FLOW_BINARY_ENTRY(minimum),
  FLOW_BINARY_ENTRY(mod),
  FLOW_BINARY_ENTRY(floorDiv),
  FLOW_BINARY_ENTRY(equal),
  FLOW_BINARY_ENTRY(notEqual),
  FLOW_BINARY_ENTRY(less),
  FLOW_BINARY_ENTRY(lessEqual),
  FLOW_BINARY_ENTRY(greater),
  FLOW_BINARY_ENTRY(greaterEqual),
};

const FlowFamily flow_arithmetic = {loops, sizeof loops / sizeof *loops};
