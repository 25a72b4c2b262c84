// Conversion between single precision and the two formats of 16 bits that numbers are stored in.
#include "VectorLoops.h"

/// Every NaN is the same one.
FLOW_INLINE float widened_f16(uint16_t h) {
  uint32_t magnitude = h & 0x7fffu;
  // The exponent's field in its new place; the product moves its bias, and takes numbers below the normal range along.
  uint32_t bits = bits_f32(from_bits_f32(magnitude << 13) * 0x1p112f);
  bits = magnitude >= 0x7c00u ? 0x7f800000u : bits;
  bits |= (uint32_t)(h & 0x8000u) << 16;
  return from_bits_f32(magnitude > 0x7c00u ? 0x7fc00000u : bits);
}

/// Rounded to the nearest, ties to even.
FLOW_INLINE uint16_t narrowed_f16(float x) {
  uint32_t bits = bits_f32(x), sign = bits >> 31 << 15;
  bits &= 0x7fffffffu;
  uint32_t normal = (bits - (112u << 23) + 0xfffu + (bits >> 13 & 1)) >> 13;
  // Where a unit of the last place is the smallest number of the format, adding 0.5 leaves the rest in the lowest bits.
  uint32_t small = bits_f32(from_bits_f32(bits) + 0.5f) - bits_f32(0.5f);
  uint32_t result = bits < 113u << 23 ? small : normal;
  result = bits >= 143u << 23 ? 0x7c00u : result;
  result = bits > 0x7f800000u ? 0x7e00u : result;
  return (uint16_t)(result | sign);
}

FLOW_INLINE uint16_t narrowed_bf16(float x) {
  uint32_t bits = bits_f32(x);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 31 << 15) | 0x7fc0u : rounded);
}

#define CONVERSION(name, From, To, body) \
  FLOW_CLONES void name(const From *x, To *y, intptr_t count) { \
    FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
      From a = x[i]; \
      y[i] = body; \
    } \
  }

CONVERSION(flow_widen_f16, uint16_t, float, widened_f16(a))
CONVERSION(flow_widen_bf16, uint16_t, float, from_bits_f32((uint32_t)a << 16))
CONVERSION(flow_narrow_f16, float, uint16_t, narrowed_f16(a))
CONVERSION(flow_narrow_bf16, float, uint16_t, narrowed_bf16(a))
