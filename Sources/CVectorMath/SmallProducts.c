// Products of matrices of few numbers.
#include "FlowCalls.h"
#include "VectorLoops.h"

// Vectors are passed only to functions that are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

/// A tile is R rows of W columns, whose numbers stay in registers while the products are added.
#define TILE(T, R, W) \
  FLOW_INLINE void tile_##T##_##R##_##W( \
    const FlowCall *call, const T *a, const T *b, const T *bias, T *y) { \
    typedef T Lanes __attribute__((vector_size(W * sizeof(T)), aligned(sizeof(T)))); \
    intptr_t row = call->strides[0], step = call->strides[1], next = call->strides[2]; \
    Lanes sums[R]; \
    for (int r = 0; r < R; r++) sums[r] = bias ? *(const Lanes *)bias : (Lanes){0}; \
    for (intptr_t k = 0; k < call->counts[2]; k++) { \
      Lanes right = *(const Lanes *)(b + k * next); \
      for (int r = 0; r < R; r++) \
        sums[r] = __builtin_elementwise_fma((Lanes){0} + a[r * row + k * step], right, sums[r]); \
    } \
    for (int r = 0; r < R; r++) *(Lanes *)(y + r * call->strides[3]) = sums[r]; \
  }

#define ROWS(T, R, W) \
  for (; row + R <= rows; row += R) \
    tile_##T##_##R##_##W(call, a + row * call->strides[0], b, bias, y + row * call->strides[3]);

// The last tile overlaps the one before where tiles do not divide the columns: both write the same numbers.
#define PRODUCT(T, W) \
  TILE(T, 1, W) TILE(T, 2, W) TILE(T, 4, W) TILE(T, 8, W) \
  FLOW_CLONES static void product_##T##_##W(const FlowCall *call) { \
    intptr_t rows = call->counts[0], last = call->counts[1] - W; \
    for (intptr_t column = 0;;) { \
      const T *a = call->a, *b = (const T *)call->b + column, *bias = call->c ? (const T *)call->c + column : 0; \
      T *y = (T *)call->y + column; \
      intptr_t row = 0; \
      ROWS(T, 8, W) ROWS(T, 4, W) ROWS(T, 2, W) ROWS(T, 1, W) \
      if (column == last) break; \
      column = column + W < last ? column + W : last; \
    } \
  }

PRODUCT(float, 16)
PRODUCT(float, 8)
PRODUCT(float, 4)
PRODUCT(float, 2)
PRODUCT(float, 1)
PRODUCT(double, 8)
PRODUCT(double, 4)
PRODUCT(double, 2)
PRODUCT(double, 1)

enum { MOST_PRODUCTS = 4096, MOST_SCALAR_PRODUCTS = 512 };

/// Whether the result is computed as the transposed product of the transposes: its rows lie next to one another where it has
/// one column, and so do its columns where it has one row.
static int is_swapped(FlowSmallProduct p) {
  return (p.columns == 1 && p.transpose_a) || (p.rows == 1 && p.transpose_b && p.columns > 1);
}

int flow_is_small_product(FlowSmallProduct p) {
  if (p.rows < 1 || p.columns < 1 || p.depth < 1) return 0;
  if (p.rows > MOST_PRODUCTS || p.columns > MOST_PRODUCTS || p.depth > MOST_PRODUCTS) return 0;
  intptr_t products = p.rows * p.columns * p.depth, width = is_swapped(p) ? p.rows : p.columns;
  return products <= (width < 4 ? MOST_SCALAR_PRODUCTS : MOST_PRODUCTS);
}

#define OF_COLUMNS(T, columns) \
  ((columns) >= 8 ? product_##T##_8 : (columns) >= 4 ? product_##T##_4 : (columns) >= 2 ? product_##T##_2 : product_##T##_1)
#define OF_COLUMNS_float(columns) ((columns) >= 16 ? product_float_16 : OF_COLUMNS(float, columns))
#define OF_COLUMNS_double(columns) OF_COLUMNS(double, columns)

#define CALL(T, suffix) \
  /* Where the right operand lies as its transpose, which is copied first. */ \
  static void transposing_##suffix(const FlowCall *call) { \
    T copy[MOST_PRODUCTS]; \
    intptr_t columns = call->counts[1], depth = call->counts[2]; \
    const T *b = call->b; \
    for (intptr_t column = 0; column < columns; column++) \
      for (intptr_t k = 0; k < depth; k++) copy[k * columns + column] = b[column * depth + k]; \
    FlowCall product = *call; \
    product.b = copy; \
    OF_COLUMNS_##T(columns)(&product); \
  } \
  FlowCall flow_call_product_##suffix(const T *a, const T *b, const T *bias, T *y, FlowSmallProduct p) { \
    FlowCall call = {.a = a, .b = b, .c = bias, .y = y}; \
    if (!flow_is_small_product(p)) return call; \
    /* A bias is a row: it goes along with columns only. */ \
    if (!bias && is_swapped(p)) { \
      FlowSmallProduct swapped = {p.columns, p.rows, p.depth, !p.transpose_b, !p.transpose_a}; \
      p = swapped; \
      call.a = b; \
      call.b = a; \
    } \
    call.counts[0] = (int16_t)p.rows; \
    call.counts[1] = (int16_t)p.columns; \
    call.counts[2] = (int16_t)p.depth; \
    call.strides[0] = (int32_t)(p.transpose_a ? 1 : p.depth); \
    call.strides[1] = (int32_t)(p.transpose_a ? p.rows : 1); \
    call.strides[2] = call.strides[3] = (int32_t)p.columns; \
    call.run = p.transpose_b && p.columns > 1 && p.depth > 1 ? transposing_##suffix : OF_COLUMNS_##T(p.columns); \
    return call; \
  }

CALL(float, f32)
CALL(double, f64)
