// Products of matrices, for the vectors and the caches of the machine that runs them.
//
// Every processor gives the same bits, however a product is cut into blocks of rows and columns: each number is a sum over
// parts of the depth of fixed length, in order, and each part a chain of fused multiply-adds from zero, in order. Only where the
// result is a single row or column of sums of neighbours, each is summed in lanes of fixed number.
#pragma once
#include <stdint.h>

/// c = a · b, c = bias + a · b, or c += a · b.
typedef struct {
  const void *a, *b;
  void *c;
  /// A row, which every row of c begins with; null where there is none.
  const void *bias;
  /// Rows and columns of c, and the length of the inner products.
  intptr_t rows, columns, depth;
  /// From one row to the next, as the matrices lie in memory, in numbers.
  intptr_t stride_a, stride_b, stride_c;
  /// Whether a and b lie in memory as their transposes.
  int transpose_a, transpose_b;
  /// Whether c is added to; then there is no bias.
  int adds;
  /// Of the bytes that `flow_product_workspace` says; what it holds before and after means nothing.
  void *workspace;
} FlowMatrixProduct;

/// The bytes that a product of at most these sizes wants for itself.
intptr_t flow_product_workspace(intptr_t rows, intptr_t columns, intptr_t depth, intptr_t bytes_of_number);

void flow_multiply_f32(const FlowMatrixProduct *product);
void flow_multiply_f64(const FlowMatrixProduct *product);

/// For tests: by vectors of width 0, the narrowest, and up; 0 where this machine has none so wide, and nothing is done.
int flow_multiply_by(int width, const FlowMatrixProduct *product, int is_double);
