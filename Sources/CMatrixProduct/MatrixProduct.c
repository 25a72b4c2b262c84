#include "CMatrixProduct.h"

// Multiplications and additions are fused only where `fma` says so: whatever the processor, the same bits.
#pragma STDC FP_CONTRACT OFF
// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
// Without it, sums stay in memory.
#define UNROLLED _Pragma("clang loop unroll(full)")
#define MIN(a, b) ((a) < (b) ? (a) : (b))

// Parts of the depth, and the lanes in which neighbours are summed: what bits depend on.
#define DEPTH_F32 384
#define DEPTH_F64 256
#define LANES_OF_SUM 64

// Columns of b that are gone through at once: with the depth above, most of a second-level cache of 1 MB.
#define COLUMNS 512
// Up to so many rows, b is read where it lies: copied, 64 rows reach 102 GFLOP/s, read in place 115.
#define ROWS_OF_FEW_TILES 256
// Fewer columns are computed as rows.
#define FEW_COLUMNS 16
// Numbers so far apart lie in the same lines of a first-level cache of 32 KB, of which it has so many.
#define BYTES_OF_CACHE_WAY 4096
#define CACHE_WAYS 8
// How far ahead of its use a number is asked for: about as long as memory takes.
#define STEPS_AHEAD 16
// The widest tile.
#define MOST_COLUMNS 32
#define ALIGNMENT 64

/// What the loops compute: the product as it was asked for, or its transpose.
typedef struct {
  const void *a, *b;
  void *c;
  const void *bias;
  intptr_t rows, columns, depth, stride_a, stride_b;
  /// From one row of c to the next, and from one column.
  intptr_t row_c, step_c;
  int transpose_a, transpose_b, adds;
  /// Whether it is the transpose: then the bias is a column.
  int is_turned;
  /// Begins where a line of the cache does.
  void *workspace;
} Product;

static Product prepare(const FlowMatrixProduct *p) {
  void *workspace = (void *)(((uintptr_t)p->workspace + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
  // A row or a column whose numbers are neighbours may count as either.
  int transpose_a = p->transpose_a && !(p->rows == 1 && p->stride_a == 1);
  int transpose_b = p->transpose_b || (p->columns == 1 && p->stride_b == 1);
  if (p->columns >= FEW_COLUMNS || p->rows <= p->columns)
    return (Product){p->a, p->b, p->c, p->bias, p->rows, p->columns, p->depth, p->stride_a, p->stride_b, p->stride_c, 1,
                     transpose_a, transpose_b, p->adds, 0, workspace};
  return (Product){p->b, p->a, p->c, p->bias, p->columns, p->rows, p->depth, p->stride_b, p->stride_a, 1, p->stride_c,
                   !transpose_b, !transpose_a, p->adds, 1, workspace};
}

intptr_t flow_product_workspace(intptr_t rows, intptr_t columns, intptr_t depth, intptr_t bytes_of_number) {
  // One of fewer columns may be computed as rows.
  intptr_t most = MIN(rows > columns ? rows : columns, COLUMNS);
  intptr_t copied = (most + MOST_COLUMNS - 1) / MOST_COLUMNS * MOST_COLUMNS;
  return copied * MIN(depth, bytes_of_number == sizeof(float) ? DEPTH_F32 : DEPTH_F64) * bytes_of_number + ALIGNMENT;
}

#if defined(__x86_64__)

// Without the width, vectors are cut in two.
#define WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define MEDIUM __attribute__((target("arch=x86-64-v3"), min_vector_width(256)))

#define NUMBER float
#define DEPTH DEPTH_F32
#define NAME(x) x##_f32_wide
#define TARGET WIDE
#define LANES 16
#define ROWS 12
#include "Tiles.h"
#define NAME(x) x##_f32_medium
#define TARGET MEDIUM
#define LANES 8
#define ROWS 6
#include "Tiles.h"
#undef NUMBER
#undef DEPTH

#define NUMBER double
#define DEPTH DEPTH_F64
#define NAME(x) x##_f64_wide
#define TARGET WIDE
#define LANES 8
#define ROWS 12
#include "Tiles.h"
#define NAME(x) x##_f64_medium
#define TARGET MEDIUM
#define LANES 4
#define ROWS 6
#include "Tiles.h"
#undef NUMBER
#undef DEPTH

// Registers of a processor without fused multiply-add, which then computes it in software.
#define ROWS_OF_PLAIN 2
#else
#define ROWS_OF_PLAIN 12
#endif

#define NUMBER float
#define DEPTH DEPTH_F32
#define NAME(x) x##_f32_plain
#define TARGET
#define LANES 4
#define ROWS ROWS_OF_PLAIN
#include "Tiles.h"
#undef NUMBER
#undef DEPTH

#define NUMBER double
#define DEPTH DEPTH_F64
#define NAME(x) x##_f64_plain
#define TARGET
#define LANES 2
#define ROWS ROWS_OF_PLAIN
#include "Tiles.h"

typedef void (*Multiply)(const FlowMatrixProduct *);

#if defined(__x86_64__)
static int widest(void) { return __builtin_cpu_supports("x86-64-v4") ? 2 : __builtin_cpu_supports("x86-64-v3") ? 1 : 0; }
static const Multiply loops_f32[] = {multiply_f32_plain, multiply_f32_medium, multiply_f32_wide};
static const Multiply loops_f64[] = {multiply_f64_plain, multiply_f64_medium, multiply_f64_wide};
#else
static int widest(void) { return 0; }
static const Multiply loops_f32[] = {multiply_f32_plain};
static const Multiply loops_f64[] = {multiply_f64_plain};
#endif

void flow_multiply_f32(const FlowMatrixProduct *product) { loops_f32[widest()](product); }
void flow_multiply_f64(const FlowMatrixProduct *product) { loops_f64[widest()](product); }

int flow_multiply_by(int width, const FlowMatrixProduct *product, int is_double) {
  if (width > widest()) return 0;
  (is_double ? loops_f64 : loops_f32)[width](product);
  return 1;
}
