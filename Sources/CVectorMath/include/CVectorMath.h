// Loops of element-wise functions over consecutive numbers, vectorized for the machine that runs them.
//
// Every processor gives the same bits: sums of products are fused where the code says so and nowhere else, and no loop
// depends on how wide the vectors are. Error bounds are in Documentation/Numerics.md.
#pragma once
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
