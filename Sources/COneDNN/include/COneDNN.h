// The one routine of oneDNN that products use.
//
// The library is opened when a product first asks for it: linked, it would cost every process 3 ms and 4 MB.
#pragma once
#include <stdint.h>

typedef struct {
  int transpose_a, transpose_b;
  int64_t rows, columns, depth;
  const float *a, *b;
  float *c;
  // From one row to the next, as the matrices lie in memory.
  int64_t stride_a, stride_b, stride_c;
  /// Whether c is added to.
  int adds;
} FlowSinglePrecisionProduct;

/// c = a · b or c += a · b, on the calling thread alone; 0 where the library is missing or refuses, and nothing is done.
int flow_onednn_multiply(const FlowSinglePrecisionProduct *product);

/// Writes major, minor and patch; 0 where the library is missing.
int flow_onednn_version(int version[3]);
