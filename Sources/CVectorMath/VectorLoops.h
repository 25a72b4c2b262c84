// How the loops are written: a body of one number, wrapped into a function for each kind of processor.
#pragma once
#include "CVectorMath.h"
#include <float.h>
#include <math.h>

// Multiplications and additions are fused only where `fma` says so: whatever the processor, the same bits.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__) && defined(__linux__)
#define FLOW_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FLOW_CLONES
#endif

// Operands and results are equal or apart: there is nothing to check at run time.
#define FLOW_VECTORIZED _Pragma("clang loop vectorize(assume_safety)")

#define FLOW_INLINE static inline __attribute__((always_inline))

/// Defines the loop `name` of numbers of type T, of which `body` makes an R of `a`.
#define FLOW_UNARY(name, T, R, body) \
  FLOW_CLONES static void name(const void *vx, void *vy, intptr_t count) { \
    const T *x = vx; \
    R *y = vy; \
    FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
      T a = x[i]; \
      y[i] = (R)(body); \
    } \
  }

/// Defines the loop `name` of pairs of type T, of which `body` makes an R of `a` and `b`.
#define FLOW_BINARY(name, T, R, body) \
  FLOW_CLONES static void name( \
    const void *va, intptr_t step_a, const void *vb, intptr_t step_b, void *vy, intptr_t count) { \
    const T *p = va, *q = vb; \
    R *y = vy; \
    if (count <= 0) return; \
    if (step_a && step_b) { \
      FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
        T a = p[i], b = q[i]; \
        y[i] = (R)(body); \
      } \
    } else if (step_a) { \
      T b = q[0]; \
      FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
        T a = p[i]; \
        y[i] = (R)(body); \
      } \
    } else if (step_b) { \
      T a = p[0]; \
      FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
        T b = q[i]; \
        y[i] = (R)(body); \
      } \
    } else { \
      T a = p[0], b = q[0]; \
      R result = (R)(body); \
      for (intptr_t i = 0; i < count; i++) y[i] = result; \
    } \
  }

/// As FLOW_UNARY, for what only a scalar routine of the C library computes.
#define FLOW_SCALAR_UNARY(name, T, body) \
  static void name(const void *vx, void *vy, intptr_t count) { \
    const T *x = vx; \
    T *y = vy; \
    for (intptr_t i = 0; i < count; i++) { \
      T a = x[i]; \
      y[i] = (body); \
    } \
  }

/// As FLOW_BINARY, for what only a scalar routine of the C library computes.
#define FLOW_SCALAR_BINARY(name, T, body) \
  static void name(const void *va, intptr_t step_a, const void *vb, intptr_t step_b, void *vy, intptr_t count) { \
    const T *p = va, *q = vb; \
    T *y = vy; \
    for (intptr_t i = 0; i < count; i++) { \
      T a = p[i * step_a], b = q[i * step_b]; \
      y[i] = (body); \
    } \
  }

#define FLOW_UNARY_ENTRY(name) {#name, name##_f32, name##_f64, 0, 0}
#define FLOW_BINARY_ENTRY(name) {#name, 0, 0, name##_f32, name##_f64}

/// The functions of one file.
typedef struct {
  const FlowLoops *first;
  intptr_t count;
} FlowFamily;

extern const FlowFamily flow_arithmetic, flow_exponentials, flow_trigonometry, flow_normal;

// Numbers and their bits

FLOW_INLINE uint32_t bits_f32(float x) {
  union { float number; uint32_t bits; } u = {x};
  return u.bits;
}

FLOW_INLINE float from_bits_f32(uint32_t bits) {
  union { uint32_t bits; float number; } u = {bits};
  return u.number;
}

FLOW_INLINE uint64_t bits_f64(double x) {
  union { double number; uint64_t bits; } u = {x};
  return u.bits;
}

FLOW_INLINE double from_bits_f64(uint64_t bits) {
  union { uint64_t bits; double number; } u = {bits};
  return u.number;
}

FLOW_INLINE float abs_f32(float x) { return from_bits_f32(bits_f32(x) & 0x7fffffffu); }
FLOW_INLINE double abs_f64(double x) { return from_bits_f64(bits_f64(x) & 0x7fffffffffffffffull); }

FLOW_INLINE float with_sign_f32(float magnitude, float sign) {
  return from_bits_f32((bits_f32(magnitude) & 0x7fffffffu) | (bits_f32(sign) & 0x80000000u));
}

FLOW_INLINE double with_sign_f64(double magnitude, double sign) {
  return from_bits_f64((bits_f64(magnitude) & 0x7fffffffffffffffull) | (bits_f64(sign) & 0x8000000000000000ull));
}

#define fma_f32(a, b, c) __builtin_elementwise_fma((float)(a), (float)(b), (float)(c))
#define fma_f64(a, b, c) __builtin_elementwise_fma((double)(a), (double)(b), (double)(c))
#define sqrt_f32(a) __builtin_elementwise_sqrt((float)(a))
#define sqrt_f64(a) __builtin_elementwise_sqrt((double)(a))
