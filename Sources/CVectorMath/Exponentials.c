// Exponentials, logarithms, and what is made of them.
#include "Cores.h"

/// exp(2a) = 2^n · exp(2r), where a is between 0 and 10, so that no step leaves the normal range.
FLOW_INLINE float exp_of_twice_f32(float a) {
  float t = fma_f32(a, 0x1.715476p+1f, FLOW_ROUNDER_F32);
  float r = fma_f32(t - FLOW_ROUNDER_F32, -0x1.62e43p-2f, a);
  float p = fma_f32(0x1.6a240ep-4f, r, 0x1.1239f6p-2f);
  p = fma_f32(p, r, 0x1.5558f2p-1f);
  p = fma_f32(p, r, 0x1.555492p+0f);
  p = fma_f32(p, r, 0x1.fffffcp+0f);
  p = fma_f32(p, r, 2);
  p = fma_f32(p, r, 1);
  return from_bits_f32(bits_f32(p) + (bits_f32(t) << 23));
}

FLOW_INLINE float tanh_core_f32(float x) {
  float a = abs_f32(x);
  float z = x * x;
  float p = fma_f32(0x1.0bcc22p-9f, z, -0x1.083b2p-7f);
  p = fma_f32(p, z, 0x1.62c06p-6f);
  p = fma_f32(p, z, -0x1.b9dac4p-5f);
  p = fma_f32(p, z, 0x1.110ff8p-3f);
  p = fma_f32(p, z, -0x1.555552p-2f);
  float small = fma_f32(p * z, a, a);
  float large = 1 - 2 / (exp_of_twice_f32(a < 10 ? a : 10) + 1);
  // A NaN is not at least 0.65, and the small one keeps it.
  return with_sign_f32(a >= 0.65f ? large : small, x);
}

FLOW_INLINE double tanh_core_f64(double x) {
  double a = abs_f64(x);
  double t = expm1_core_f64(2 * (a > 22 ? 22.0 : a));
  return with_sign_f64(t / (t + 2), x);
}

FLOW_INLINE double sinh_core_f64(double x) {
  double a = abs_f64(x);
  double t = expm1_core_f64(a);
  double half = exp_core_f64(0.5 * a);
  double result = a > 36 ? 0.5 * half * half : 0.5 * (t + t / (t + 1));
  return with_sign_f64(result, x);
}

FLOW_INLINE double cosh_core_f64(double x) {
  double a = abs_f64(x);
  double e = exp_core_f64(a);
  double half = exp_core_f64(0.5 * a);
  return a > 36 ? 0.5 * half * half : 0.5 * e + 0.5 / e;
}

FLOW_INLINE double asinh_core_f64(double x) {
  double a = abs_f64(x);
  double near = log1p_core_f64(a + a * a / (1 + sqrt_f64(fma_f64(a, a, 1))));
  double far = log_core_f64(a) + 0x1.62e42fefa39efp-1;
  return with_sign_f64(a > 0x1p28 ? far : near, x);
}

FLOW_INLINE double acosh_core_f64(double x) {
  double t = x - 1;
  double near = log1p_core_f64(t + sqrt_f64(fma_f64(t, t, 2 * t)));
  double far = log_core_f64(x) + 0x1.62e42fefa39efp-1;
  double result = x > 0x1p28 ? far : near;
  return x < 1 ? NAN : result;
}

FLOW_INLINE double atanh_core_f64(double x) {
  double a = abs_f64(x);
  double result = a > 1 ? NAN : 0.5 * log1p_core_f64(2 * a / (1 - a));
  return with_sign_f64(result, x);
}

/// log(1 + exp(x)), without overflow, and exact in the far tail.
FLOW_INLINE float softplus_core_f32(float x) { return (x < 0 ? 0 : x) + log1p_core_f32(exp_core_f32(-abs_f32(x))); }
FLOW_INLINE double softplus_core_f64(double x) {
  return (x < 0 ? 0 : x) + log1p_core_f64(exp_core_f64(-abs_f64(x)));
}

/// x · sigmoid(2u).
FLOW_INLINE float gelu_approximation_f32(float x) {
  float twice_u = 1.5957691216057308f * fma_f32(0.044715f * x * x, x, x);
  return x * sigmoid_core_f32(twice_u);
}

FLOW_INLINE double gelu_approximation_f64(double x) {
  double twice_u = 1.5957691216057308 * fma_f64(0.044715 * x * x, x, x);
  return x * sigmoid_core_f64(twice_u);
}

/// As C's `pow`: 2^(b · log2 |a|) in double precision, with the sign of odd powers.
FLOW_INLINE float pow_core_f32(float a, float b) {
  double magnitude = exp_core_f64((double)b * log_core_f64(abs_f32(a)));
  float large = abs_f32(b);
  // From 2^24 on every number is even, from 2^23 on whole.
  float rounded = (large + FLOW_ROUNDER_F32) - FLOW_ROUNDER_F32;
  int is_whole = large >= 0x1p23f || rounded == large;
  float half = large * 0.5f;
  float rounded_half = (half + FLOW_ROUNDER_F32) - FLOW_ROUNDER_F32;
  int is_odd = is_whole && large < 0x1p24f && rounded_half != half;
  float result = (float)magnitude;
  result = is_odd ? with_sign_f32(result, a) : result;
  result = a < 0 && a > -INFINITY && !is_whole ? NAN : result;
  result = abs_f32(a) == 1 && large == INFINITY ? 1 : result;
  return b == 0 || a == 1 ? 1 : result;
}

FLOW_UNARY(exp_f32, float, float, exp_core_f32(a))
FLOW_UNARY(exp_f64, double, double, exp_core_f64(a))
FLOW_UNARY(expm1_f32, float, float, expm1_core_f32(a))
FLOW_UNARY(expm1_f64, double, double, expm1_core_f64(a))
FLOW_UNARY(log_f32, float, float, log_core_f32(a))
FLOW_UNARY(log_f64, double, double, log_core_f64(a))
FLOW_UNARY(log1p_f32, float, float, log1p_core_f32(a))
FLOW_UNARY(log1p_f64, double, double, log1p_core_f64(a))
FLOW_UNARY(sinh_f32, float, float, sinh_core_f64(a))
FLOW_UNARY(sinh_f64, double, double, sinh_core_f64(a))
FLOW_UNARY(cosh_f32, float, float, cosh_core_f64(a))
FLOW_UNARY(cosh_f64, double, double, cosh_core_f64(a))
FLOW_UNARY(tanh_f32, float, float, tanh_core_f32(a))
FLOW_UNARY(tanh_f64, double, double, tanh_core_f64(a))
FLOW_UNARY(asinh_f32, float, float, asinh_core_f64(a))
FLOW_UNARY(asinh_f64, double, double, asinh_core_f64(a))
FLOW_UNARY(acosh_f32, float, float, acosh_core_f64(a))
FLOW_UNARY(acosh_f64, double, double, acosh_core_f64(a))
FLOW_UNARY(atanh_f32, float, float, atanh_core_f64(a))
FLOW_UNARY(atanh_f64, double, double, atanh_core_f64(a))
FLOW_UNARY(sigmoid_f32, float, float, sigmoid_core_f32(a))
FLOW_UNARY(sigmoid_f64, double, double, sigmoid_core_f64(a))
FLOW_UNARY(softplus_f32, float, float, softplus_core_f32(a))
FLOW_UNARY(softplus_f64, double, double, softplus_core_f64(a))
FLOW_UNARY(geluTanh_f32, float, float, gelu_approximation_f32(a))
FLOW_UNARY(geluTanh_f64, double, double, gelu_approximation_f64(a))
FLOW_BINARY(power_f32, float, float, pow_core_f32(a, b))
FLOW_SCALAR_BINARY(power_f64, double, pow(a, b))
FLOW_UNARY(square_f32, float, float, a * a)
FLOW_UNARY(square_f64, double, double, a * a)

static void pow_f32(const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y, intptr_t count) {
  if (count > 0 && step_a && !step_b && *(const float *)b == 2) {
    square_f32(a, y, count);
  } else {
    power_f32(a, step_a, b, step_b, y, count);
  }
}

static void pow_f64(const void *a, intptr_t step_a, const void *b, intptr_t step_b, void *y, intptr_t count) {
  if (count > 0 && step_a && !step_b && *(const double *)b == 2) {
    square_f64(a, y, count);
  } else {
    power_f64(a, step_a, b, step_b, y, count);
  }
}

static const FlowLoops loops[] = {
  FLOW_UNARY_ENTRY(exp),     FLOW_UNARY_ENTRY(expm1),    FLOW_UNARY_ENTRY(log),      FLOW_UNARY_ENTRY(log1p),
  FLOW_UNARY_ENTRY(sinh),    FLOW_UNARY_ENTRY(cosh),     FLOW_UNARY_ENTRY(tanh),     FLOW_UNARY_ENTRY(asinh),
  FLOW_UNARY_ENTRY(acosh),   FLOW_UNARY_ENTRY(atanh),    FLOW_UNARY_ENTRY(sigmoid),  FLOW_UNARY_ENTRY(softplus),
  FLOW_UNARY_ENTRY(square),  FLOW_UNARY_ENTRY(geluTanh), FLOW_BINARY_ENTRY(pow),
};

const FlowFamily flow_exponentials = {loops, sizeof loops / sizeof *loops};
