// Chains of cheap functions: a few numbers at a time go through all of them in registers.
//
// Two accumulators, A and B, hold eight vectors each. What an instruction costs to be told apart from others is so spread
// over 128 numbers of single precision, and a value that only the next function reads is never in memory.
#include "VectorLoops.h"
#include <string.h>

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

// Without it, accumulators stay in memory.
#define EACH _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++)

/// An instruction whose operand's place is known, and with it whether it is one number that is repeated.
typedef struct {
  int code;
  char *x;
} Placed;

/// Instructions with a dense operand are even, the same with one number that is repeated are odd.
static void place(const FlowChainInstruction *code, intptr_t length, const FlowSlot *slots, Placed *placed) {
  for (intptr_t i = 0; i < length; i++) {
    FlowSlot slot = slots[code[i].slot];
    int repeats = code[i].code < FlowChainWithoutOperand && slot.step == 0;
    placed[i] = (Placed){(int)code[i].code + repeats, slot.address};
  }
  placed[length].code = FlowChainEnd;
}

typedef float Vector_f32 __attribute__((vector_size(64)));
typedef float Loose_f32 __attribute__((vector_size(64), aligned(4)));
typedef int32_t Mask_f32 __attribute__((vector_size(64)));
typedef double Vector_f64 __attribute__((vector_size(64)));
typedef double Loose_f64 __attribute__((vector_size(64), aligned(8)));
typedef int64_t Mask_f64 __attribute__((vector_size(64)));

/// `a` where a condition holds, else `b`.
#define CHOICE(T, condition, a, b) ((Vector_##T)(((condition) & (Mask_##T)(a)) | (~(condition) & (Mask_##T)(b))))
#define LARGER(T, a, b) CHOICE(T, (a >= b) | (a != a), a, b)
#define SMALLER(T, a, b) CHOICE(T, (a <= b) | (a != a), a, b)
#define SPREAD(T) (*(const T##_number *)at->x - (Vector_##T){})
typedef float f32_number;
typedef double f64_number;

/// The cases of a function of two operands, with the operand `x` (dense, repeated) or B on either side.
#define TWO(T, name, function) \
  case FlowChain##name: EACH { Vector_##T p = A[k], q = LOAD(T, k); A[k] = function; } break; \
  case FlowChain##name + 1: { Vector_##T q = SPREAD(T); EACH { Vector_##T p = A[k]; A[k] = function; } } break; \
  case FlowChain##name##From: EACH { Vector_##T p = LOAD(T, k), q = A[k]; A[k] = function; } break; \
  case FlowChain##name##From + 1: { Vector_##T p = SPREAD(T); EACH { Vector_##T q = A[k]; A[k] = function; } } break; \
  case FlowChain##name##B: EACH { Vector_##T p = A[k], q = B[k]; A[k] = function; } break; \
  case FlowChain##name##FromB: EACH { Vector_##T p = B[k], q = A[k]; A[k] = function; } break;

#define ONE(T, name, function) \
  case FlowChain##name: EACH { Vector_##T p = A[k]; A[k] = function; } break;

/// Defines the function that runs all instructions on the numbers from `offset` to `end`, in bytes, WIDTH vectors at a time.
#define DEFINE(T, name) \
  FLOW_CLONES static void name##_##T(const Placed *placed, intptr_t offset, intptr_t end) { \
    Vector_##T A[WIDTH] = {}, B[WIDTH] = {}; \
    for (; offset < end; offset += 64 * WIDTH) { \
      for (const Placed *at = placed; at->code != FlowChainEnd; at++) { \
        switch (at->code) { \
        case FlowChainLoad: EACH { A[k] = LOAD(T, k); } break; \
        case FlowChainLoad + 1: { Vector_##T x = SPREAD(T); EACH { A[k] = x; } } break; \
        case FlowChainPush: EACH { B[k] = A[k]; A[k] = LOAD(T, k); } break; \
        case FlowChainPush + 1: { Vector_##T x = SPREAD(T); EACH { B[k] = A[k]; A[k] = x; } } break; \
        case FlowChainStore: EACH { STORE(T, k) } break; \
        case FlowChainCopy: EACH { B[k] = A[k]; } break; \
        case FlowChainSwap: EACH { Vector_##T x = A[k]; A[k] = B[k]; B[k] = x; } break; \
        TWO(T, Add, p + q) \
        TWO(T, Subtract, p - q) \
        TWO(T, Multiply, p * q) \
        TWO(T, Divide, p / q) \
        TWO(T, Maximum, LARGER(T, p, q)) \
        TWO(T, Minimum, SMALLER(T, p, q)) \
        ONE(T, Negate, -p) \
        ONE(T, Absolute, CHOICE(T, (Mask_##T)(-(Vector_##T){}), (Vector_##T){}, p)) \
        ONE(T, Square, p *p) \
        ONE(T, Root, __builtin_elementwise_sqrt(p)) \
        ONE(T, Reciprocal, 1 / p) \
        ONE(T, ReciprocalRoot, 1 / __builtin_elementwise_sqrt(p)) \
        ONE(T, Positive, CHOICE(T, p <= 0, (Vector_##T){}, p)) \
        } \
      } \
    } \
  }

#define WIDTH 8
#define LOAD(T, k) (*(const Loose_##T *)(at->x + offset + 64 * k))
#define STORE(T, k) *(Loose_##T *)(at->x + offset + 64 * k) = A[k];
DEFINE(f32, wide)
DEFINE(f64, wide)
#undef WIDTH
#undef LOAD
#undef STORE

// A vector at a time, the last of which may be a part.
#define WIDTH 1
#define LOAD(T, k) ({ \
  Vector_##T loaded = {}; \
  if (end - offset >= 64) loaded = *(const Loose_##T *)(at->x + offset); \
  else memcpy(&loaded, at->x + offset, (size_t)(end - offset)); \
  loaded; \
})
#define STORE(T, k) \
  if (end - offset >= 64) *(Loose_##T *)(at->x + offset) = A[k]; \
  else memcpy(at->x + offset, &A[k], (size_t)(end - offset));
DEFINE(f32, narrow)
DEFINE(f64, narrow)

#define CHAIN(T, size) \
  void flow_chain_##T(const FlowChainInstruction *code, intptr_t length, const FlowSlot *slots, intptr_t count) { \
    Placed placed[FlowChainLongest + 1]; \
    place(code, length, slots, placed); \
    intptr_t bytes = count * size, whole = bytes / 512 * 512; \
    wide_##T(placed, 0, whole); \
    narrow_##T(placed, whole, bytes); \
  }
CHAIN(f32, 4)
CHAIN(f64, 8)
