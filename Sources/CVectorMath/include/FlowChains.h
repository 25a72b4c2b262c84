// Chains of cheap functions, and their instructions.
#pragma once
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Where the numbers of a tile lie; the step is 1, or 0 for one number that is repeated.
typedef struct {
  void *address;
  intptr_t step;
} FlowSlot;

/// What an instruction of a chain does to the accumulators A and B; x is its operand, a slot.
typedef enum : int32_t {
  // With x. Odd codes are kept for an x that is repeated.
  FlowChainLoad = 0,  // A = x
  FlowChainPush = 2,  // B = A, then A = x
  FlowChainAdd = 4,   // A = A + x, and so on
  FlowChainSubtract = 6,
  FlowChainMultiply = 8,
  FlowChainDivide = 10,
  FlowChainMaximum = 12,
  FlowChainMinimum = 14,
  FlowChainAddFrom = 16,  // A = x + A, and so on
  FlowChainSubtractFrom = 18,
  FlowChainMultiplyFrom = 20,
  FlowChainDivideFrom = 22,
  FlowChainMaximumFrom = 24,
  FlowChainMinimumFrom = 26,
  FlowChainWithoutOperand = 28,
  FlowChainStore,  // x = A; x is no operand
  FlowChainCopy,   // B = A
  FlowChainSwap,
  FlowChainAddB,  // A = A + B, and so on
  FlowChainSubtractB,
  FlowChainMultiplyB,
  FlowChainDivideB,
  FlowChainMaximumB,
  FlowChainMinimumB,
  FlowChainAddFromB,  // A = B + A, and so on
  FlowChainSubtractFromB,
  FlowChainMultiplyFromB,
  FlowChainDivideFromB,
  FlowChainMaximumFromB,
  FlowChainMinimumFromB,
  FlowChainNegate,  // A = -A, and so on
  FlowChainAbsolute,
  FlowChainSquare,
  FlowChainRoot,
  FlowChainReciprocal,
  FlowChainReciprocalRoot,
  FlowChainPositive,
  FlowChainEnd,
} FlowChainCode;

typedef struct {
  FlowChainCode code;
  int32_t slot;
} FlowChainInstruction;

enum { FlowChainLongest = 192 };

/// Runs at most FlowChainLongest instructions on each of `count` numbers, a few at a time: of slots in the same place, what is
/// stored earlier is what is read later. Each function gives the bits of its loop.
void flow_chain_f32(
  const FlowChainInstruction *code, intptr_t length, const FlowSlot *slots, intptr_t count);
void flow_chain_f64(
  const FlowChainInstruction *code, intptr_t length, const FlowSlot *slots, intptr_t count);

#pragma clang assume_nonnull end
