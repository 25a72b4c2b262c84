// The error function and what the normal distribution makes of it.
#include "Cores.h"

/// exp(t²) · erfc(t) for t >= 0: a polynomial in (t - k) / (t + k), over 1 + 2t.
FLOW_INLINE float scaled_erfc_f32(float t) {
  float u = (t - 2.5f) / (t + 2.5f);
  float p = fma_f32(0x1.783a081f099a1p-17f, u, 0x1.193dad5fc9b46p-17f);
  p = fma_f32(p, u, -0x1.9c8047d6243e8p-14f);
  p = fma_f32(p, u, -0x1.758e6a3ff6e70p-14f);
  p = fma_f32(p, u, 0x1.45bb7a3fc3b01p-11f);
  p = fma_f32(p, u, 0x1.01c0dca06a99bp-11f);
  p = fma_f32(p, u, -0x1.1ee7ad0cd1085p-8f);
  p = fma_f32(p, u, 0x1.e8af3d7465257p-11f);
  p = fma_f32(p, u, 0x1.0c5ebfe934d3ep-5f);
  p = fma_f32(p, u, -0x1.a5c0d498b00b5p-4f);
  p = fma_f32(p, u, 0x1.42d38430525aep-3f);
  p = fma_f32(p, u, -0x1.959ac09044febp-4f);
  p = fma_f32(p, u, -0x1.f52c5e0d44441p-4f);
  p = fma_f32(p, u, 0x1.43cc6f6c6e599p+0f);
  return p / fma_f32(2, t, 1);
}

FLOW_INLINE double scaled_erfc_f64(double t) {
  static const double coefficients[] = {
    0x1.3e0a99a0ee914p+0,   -0x1.1ebd220ea5946p-3,  -0x1.59e2c284b1971p-7,  0x1.8f702ec6b3bb9p-4,
    -0x1.d76830c35056ap-4,  0x1.686106045eed1p-4,   -0x1.8ff5ef77381b3p-5,  0x1.38ec667477473p-6,
    -0x1.143c4c891e642p-8,  -0x1.3cf36f98105c2p-12, 0x1.27e65fbfa9e67p-11,  -0x1.fda8a5777da87p-14,
    -0x1.66e11645605dcp-15, 0x1.97053306b92a0p-16,  0x1.385e7b901a919p-19,  -0x1.ffe8797b263b1p-19,
    -0x1.722921ed381bfp-25, 0x1.42eb1c09ddffbp-21,  -0x1.27e42f4266253p-27, -0x1.9e09637864324p-24,
    0x1.6db1173fda37fp-31,  0x1.d421ddb5eccabp-27,  0x1.09a8bf1ab7c28p-34,  -0x1.406aa617fb342p-30,
  };
  double u = (t - 3.5) / (t + 3.5);
  double p = coefficients[23];
#pragma clang loop unroll(full)
  for (int i = 22; i >= 0; i--) p = fma_f64(p, u, coefficients[i]);
  return p / fma_f64(2, t, 1);
}

/// exp(-t²), with what rounding t² loses given back.
FLOW_INLINE float bell_f32(float t) {
  float square = t * t;
  float lost = fma_f32(t, t, -square);
  float e = exp_core_f32(-square);
  return fma_f32(-lost, e, e);
}

FLOW_INLINE double bell_f64(double t) {
  double square = t * t;
  double lost = fma_f64(t, t, -square);
  double e = exp_core_f64(-square);
  return fma_f64(-lost, e, e);
}

FLOW_INLINE float erf_core_f32(float x) {
  float a = abs_f32(x);
  float z = x * x;
  float p = fma_f32(0x1.41be72p-14f, z, -0x1.a2861ep-11f);
  p = fma_f32(p, z, 0x1.53fadcp-8f);
  p = fma_f32(p, z, -0x1.b7fbb4p-6f);
  p = fma_f32(p, z, 0x1.ce2d48p-4f);
  p = fma_f32(p, z, -0x1.81274p-2f);
  p = fma_f32(p, z, 0x1.06eba8p-3f);
  float small = fma_f32(p, x, x);
  float t = a > 4 ? 4.0f : a;
  float large = with_sign_f32(1 - bell_f32(t) * scaled_erfc_f32(t), x);
  return a < 0.93f ? small : large;
}

FLOW_INLINE double erf_core_f64(double x) {
  double a = abs_f64(x);
  double z = x * x;
  double p = fma_f64(0x1.cde702524e404p-32, z, 0x1.364b7722006d1p-27);
  p = fma_f64(p, z, -0x1.4af75a0104b15p-23);
  p = fma_f64(p, z, 0x1.b7702c09e7de5p-20);
  p = fma_f64(p, z, -0x1.f4a2632d98f52p-17);
  p = fma_f64(p, z, 0x1.f9a0c5a9421e4p-14);
  p = fma_f64(p, z, -0x1.c02da0562b19cp-11);
  p = fma_f64(p, z, 0x1.565bcca839cc7p-8);
  p = fma_f64(p, z, -0x1.b82ce3101cde2p-6);
  p = fma_f64(p, z, 0x1.ce2f21a03b536p-4);
  p = fma_f64(p, z, -0x1.812746b037959p-2);
  p = fma_f64(p, z, 0x1.06eba8214db67p-3);
  double small = fma_f64(p, x, x);
  double t = a > 6 ? 6.0 : a;
  double large = with_sign_f64(1 - bell_f64(t) * scaled_erfc_f64(t), x);
  return a < 0.85 ? small : large;
}

/// x · Φ(x): the left tail by erfc, which keeps its digits.
FLOW_INLINE float gelu_core_f32(float x) {
  float t = abs_f32(x) * 0x1.6a09e6p-1f;
  // What the rounded factor leaves out of x² / 2, as a factor of the exponential.
  float lost = fma_f32(abs_f32(x), 0x1.6a09e6p-1f, -t) + abs_f32(x) * 0x1.9fcef4p-27f;
  float bounded = t > 12 ? 12.0f : t;
  float bell = bell_f32(bounded);
  bell = fma_f32(-2 * bounded * (t > 12 ? 0 : lost), bell, bell);
  float tail = 0.5f * scaled_erfc_f32(bounded) * bell;
  return x * (x < 0 ? tail : 1 - tail);
}

FLOW_INLINE double gelu_core_f64(double x) {
  double t = abs_f64(x) * 0x1.6a09e667f3bcdp-1;
  double lost = fma_f64(abs_f64(x), 0x1.6a09e667f3bcdp-1, -t) + abs_f64(x) * -0x1.bdd3413b26456p-55;
  double bounded = t > 28 ? 28.0 : t;
  double bell = bell_f64(bounded);
  bell = fma_f64(-2 * bounded * (t > 28 ? 0 : lost), bell, bell);
  double tail = 0.5 * scaled_erfc_f64(bounded) * bell;
  return x * (x < 0 ? tail : 1 - tail);
}

FLOW_UNARY(erf_f32, float, float, erf_core_f32(a))
FLOW_UNARY(erf_f64, double, double, erf_core_f64(a))
FLOW_UNARY(gelu_f32, float, float, gelu_core_f32(a))
FLOW_UNARY(gelu_f64, double, double, gelu_core_f64(a))

static const FlowLoops loops[] = {FLOW_UNARY_ENTRY(erf), FLOW_UNARY_ENTRY(gelu)};

const FlowFamily flow_normal = {loops, sizeof loops / sizeof *loops};
