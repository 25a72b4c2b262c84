// Exponential and logarithm of one number, which other functions are made of.
//
// The polynomials were fitted for this project (minimax, with coefficients of the format they are used in).
#pragma once
#include "VectorLoops.h"

// Adding this to a number of moderate size rounds it to a whole one, which then stands in the lowest bits.
#define FLOW_ROUNDER_F32 0x1.8p23f
#define FLOW_ROUNDER_F64 0x1.8p52

/// x · 2^n in two steps, so that neither a result below the normal range nor one near its end is lost.
FLOW_INLINE float scaled_f32(float x, int32_t n) {
  int32_t half = n >> 1;
  return x * from_bits_f32((uint32_t)(half + 127) << 23) * from_bits_f32((uint32_t)(n - half + 127) << 23);
}

FLOW_INLINE double scaled_f64(double x, int64_t n) {
  int64_t half = n >> 1;
  return x * from_bits_f64((uint64_t)(half + 1023) << 52) * from_bits_f64((uint64_t)(n - half + 1023) << 52);
}

/// exp(r) - 1, |r| <= log(2) / 2.
FLOW_INLINE float reduced_expm1_f32(float r) {
  float p = fma_f32(0x1.9e0c28p-13f, r, 0x1.6d4372p-10f);
  p = fma_f32(p, r, 0x1.111306p-7f);
  p = fma_f32(p, r, 0x1.5554fp-5f);
  p = fma_f32(p, r, 0x1.555554p-3f);
  p = fma_f32(p, r, 0x1p-1f);
  return fma_f32(p * r, r, r);
}

/// exp(x) = 2^n · exp(r).
FLOW_INLINE float exp_core_f32(float x) {
  x = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
  float t = fma_f32(x, 0x1.715476p+0f, FLOW_ROUNDER_F32);
  int32_t n = (int32_t)(bits_f32(t) - bits_f32(FLOW_ROUNDER_F32));
  float whole = t - FLOW_ROUNDER_F32;
  float r = fma_f32(whole, -0x1.62e43p-1f, x);
  r = fma_f32(whole, 0x1.05c61p-29f, r);
  return scaled_f32(1 + reduced_expm1_f32(r), n);
}

FLOW_INLINE double reduced_expm1_f64(double r) {
  double p = 0x1.7343d58472eap-33;
  p = fma_f64(p, r, 0x1.1f83e0dc82301p-29);
  p = fma_f64(p, r, 0x1.ae56f32332716p-26);
  p = fma_f64(p, r, 0x1.27e4d14515c7bp-22);
  p = fma_f64(p, r, 0x1.71de3e223feebp-19);
  p = fma_f64(p, r, 0x1.a01a01ab1356p-16);
  p = fma_f64(p, r, 0x1.a01a019f17a1ap-13);
  p = fma_f64(p, r, 0x1.6c16c16c1577ep-10);
  p = fma_f64(p, r, 0x1.1111111111306p-7);
  p = fma_f64(p, r, 0x1.5555555555557p-5);
  p = fma_f64(p, r, 0x1.5555555555555p-3);
  p = fma_f64(p, r, 0.5);
  return fma_f64(p * r, r, r);
}

FLOW_INLINE double exp_core_f64(double x) {
  x = x > 710.0 ? 710.0 : x < -746.0 ? -746.0 : x;
  double t = fma_f64(x, 0x1.71547652b82fep+0, FLOW_ROUNDER_F64);
  int64_t n = (int64_t)(bits_f64(t) - bits_f64(FLOW_ROUNDER_F64));
  double whole = t - FLOW_ROUNDER_F64;
  double high = fma_f64(whole, -0x1.62e42fefa39efp-1, x);
  double r = fma_f64(whole, -0x1.abc9e3b39803fp-56, high);
  return scaled_f64(1 + reduced_expm1_f64(r), n);
}

/// exp(x) - 1 = 2^n · (exp(r) - 1) + (2^n - 1), halved meanwhile, for 2^n may be beyond the range.
FLOW_INLINE float expm1_core_f32(float x) {
  float bounded = x > 89.0f ? 89.0f : x < -20.0f ? -20.0f : x;
  float t = fma_f32(bounded, 0x1.715476p+0f, FLOW_ROUNDER_F32);
  int32_t n = (int32_t)(bits_f32(t) - bits_f32(FLOW_ROUNDER_F32));
  float whole = t - FLOW_ROUNDER_F32;
  float r = fma_f32(whole, -0x1.62e43p-1f, bounded);
  r = fma_f32(whole, 0x1.05c61p-29f, r);
  float scale = from_bits_f32((uint32_t)(n + 126) << 23);
  float result = fma_f32(reduced_expm1_f32(r), scale, scale - 0.5f) * 2;
  return x == 0 ? x : result;
}

FLOW_INLINE double expm1_core_f64(double x) {
  double bounded = x > 710.0 ? 710.0 : x < -40.0 ? -40.0 : x;
  double t = fma_f64(bounded, 0x1.71547652b82fep+0, FLOW_ROUNDER_F64);
  int64_t n = (int64_t)(bits_f64(t) - bits_f64(FLOW_ROUNDER_F64));
  double whole = t - FLOW_ROUNDER_F64;
  double high = fma_f64(whole, -0x1.62e42fefa39efp-1, bounded);
  double r = fma_f64(whole, -0x1.abc9e3b39803fp-56, high);
  double scale = from_bits_f64((uint64_t)(n + 1022) << 52);
  double result = fma_f64(reduced_expm1_f64(r), scale, scale - 0.5) * 2;
  return x == 0 ? x : result;
}

/// log(x) = e · log(2) + log(1 + f), 1 + f between √½ and √2.
FLOW_INLINE float log_core_f32(float x) {
  int is_small = x < FLT_MIN;
  float normal = is_small ? x * 0x1p25f : x;
  int32_t bits = (int32_t)bits_f32(normal);
  int32_t e = (bits - 0x3f3504f3) >> 23;
  float f = from_bits_f32((uint32_t)bits - ((uint32_t)e << 23)) - 1;
  float exponent = (float)(is_small ? e - 25 : e);
  float p = fma_f32(0x1.2ca65cp-4f, f, -0x1.ddae94p-4f);
  p = fma_f32(p, f, 0x1.dc77fcp-4f);
  p = fma_f32(p, f, -0x1.fbbfbap-4f);
  p = fma_f32(p, f, 0x1.23de36p-3f);
  p = fma_f32(p, f, -0x1.556286p-3f);
  p = fma_f32(p, f, 0x1.999d2ap-3f);
  p = fma_f32(p, f, -0x1.ffffe6p-3f);
  p = fma_f32(p, f, 0x1.555554p-2f);
  float square = f * f;
  float low = fma_f32(exponent, -0x1.05c61p-29f, p * f * square);
  low = fma_f32(-0.5f, square, low);
  float result = fma_f32(exponent, 0x1.62e43p-1f, f + low);
  result = x == 0 ? -INFINITY : result;
  result = x < 0 ? NAN : result;
  return x < INFINITY ? result : x;
}

/// log(x + correction), where the correction is below the last bit of x.
FLOW_INLINE double log_corrected_f64(double x, double correction) {
  int is_small = x < DBL_MIN;
  double normal = is_small ? x * 0x1p54 : x;
  int64_t bits = (int64_t)bits_f64(normal);
  // The exponent by arithmetic that every vector unit has: 64-bit shifts that keep the sign are rare.
  uint64_t biased = ((uint64_t)bits - 0x3fe6a09e667f3bcdull + (1024ull << 52)) >> 52;
  int64_t e = (int64_t)biased - 1024;
  double f = from_bits_f64((uint64_t)bits - ((uint64_t)e << 52)) - 1;
  double exponent = (from_bits_f64(biased | 0x4330000000000000ull) - 0x1p52) - (is_small ? 1078 : 1024);
  double s = f / (2 + f);
  double z = s * s;
  double p = fma_f64(0x1.101e903bdfd93p-3, z, 0x1.0f4a9be5a1bebp-3);
  p = fma_f64(p, z, 0x1.3b2153d48defap-3);
  p = fma_f64(p, z, 0x1.745cdb9028218p-3);
  p = fma_f64(p, z, 0x1.c71c725c1a07p-3);
  p = fma_f64(p, z, 0x1.249249242f0a3p-2);
  p = fma_f64(p, z, 0x1.9999999999d58p-2);
  p = fma_f64(p, z, 0x1.5555555555555p-1) * z;
  double half = 0.5 * f * f;
  double low = fma_f64(exponent, 0x1.abc9e3b39803fp-56, correction);
  double tail = fma_f64(s, half + p, low);
  double result = fma_f64(exponent, 0x1.62e42fefa39efp-1, f - (half - tail));
  result = x == 0 ? -INFINITY : result;
  result = x < 0 ? NAN : result;
  return x < INFINITY ? result : x;
}

FLOW_INLINE double log_core_f64(double x) { return log_corrected_f64(x, 0); }

/// log(1 + x): what rounding 1 + x loses is given back.
FLOW_INLINE double log1p_core_f64(double x) {
  double u = 1 + x;
  double lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  lost = u > 0 && u < INFINITY ? lost / u : 0;
  double result = log_corrected_f64(u, lost);
  return x == 0 ? x : result;
}

/// In double precision, whose 1 + x keeps enough of all but the smallest.
FLOW_INLINE float log1p_core_f32(float x) {
  double wide = x;
  double small = wide - wide * wide * (0.5 - wide * (1 / 3.0));
  double result = log_core_f64(1 + wide);
  return x == 0 ? x : (float)(abs_f64(wide) < 0x1p-10 ? small : result);
}

/// 1 / (1 + exp(-x)), by an exponential that never overflows.
FLOW_INLINE float sigmoid_core_f32(float x) {
  float e = exp_core_f32(-abs_f32(x));
  return (x < 0 ? e : 1.0f) / (1 + e);
}

FLOW_INLINE double sigmoid_core_f64(double x) {
  double e = exp_core_f64(-abs_f64(x));
  return (x < 0 ? e : 1.0) / (1 + e);
}
