// The loops of a matrix product, for one type of number and one width of vectors.
//
// Included once for each, with these defined: NUMBER, its DEPTH at once, LANES of a vector, ROWS of a tile, NAME(x), TARGET.
//
// A tile is ROWS · 2 vectors of c, held in registers while its part of the depth goes by. Its numbers of `a` are read one by
// one, and those of `b` as whole vectors side by side: where they lie, unless that is another way, or bad for the cache.

typedef NUMBER NAME(Vector) __attribute__((vector_size(LANES * sizeof(NUMBER)), aligned(sizeof(NUMBER))));
typedef NUMBER NAME(Four) __attribute__((vector_size(4 * sizeof(NUMBER)), aligned(sizeof(NUMBER))));
#define Vector NAME(Vector)
#define Four NAME(Four)
#define WIDTH (2 * LANES)
#define ROW_VECTORS 8

/// Numbers of `a` for a tile: of row r at depth k, `start[r * row + k * step]`.
typedef struct {
  const NUMBER *start;
  intptr_t row, step;
} NAME(Left);

/// Vectors of `b` for a tile: at depth k, `start[k * step]` and on.
typedef struct {
  const NUMBER *start;
  intptr_t step;
} NAME(Right);

/// Where a tile's sums go, and what they are added to, if anything: of row r and column j, at `r * row + j * step`.
typedef struct {
  NUMBER *c;
  intptr_t row, step;
  const NUMBER *from;
  intptr_t from_row, from_step;
} NAME(Result);
#define Left NAME(Left)
#define Right NAME(Right)
#define Result NAME(Result)

/// A tile of `rows` · `vectors` whose columns are neighbours; `is_across`: its numbers of `a` follow each other along the depth,
/// else along the rows.
TARGET INLINE void NAME(tile)(
  const int rows, const int vectors, const int is_across, intptr_t depth, Left a, Right b, Result result) {
  Vector sum[ROWS][ROW_VECTORS];
  // A pointer for three rows: a processor adds one or two strides to it in the instruction that reads.
  const NUMBER *rows_of_a[(ROWS + 2) / 3];
  UNROLLED for (int r = 0; r < rows; r += 3) rows_of_a[r / 3] = a.start + r * a.row;
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      sum[r][v] = (Vector){};
      __builtin_prefetch(result.c + r * result.row + v * LANES, 1);
    }
  const NUMBER *x = a.start, *y = b.start;
  for (intptr_t k = 0; k < depth; k++) {
    Vector right[ROW_VECTORS];
    UNROLLED for (int v = 0; v < vectors; v++) {
      right[v] = *(const Vector *)(y + v * LANES);
      __builtin_prefetch(y + STEPS_AHEAD * b.step + v * LANES, 0, 2);
    }
    if (!is_across) __builtin_prefetch(x + STEPS_AHEAD * a.step, 0, 2);
    UNROLLED for (int r = 0; r < rows; r++) {
      NUMBER number = is_across ? rows_of_a[r / 3][r % 3 * a.row] : x[r];
      Vector left = number - (Vector){};
      UNROLLED for (int v = 0; v < vectors; v++) sum[r][v] = __builtin_elementwise_fma(left, right[v], sum[r][v]);
    }
    UNROLLED for (int r = 0; is_across && r < rows; r += 3) rows_of_a[r / 3]++;
    x += a.step;
    y += b.step;
  }
  UNROLLED for (int r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      if (result.from) sum[r][v] += *(const Vector *)(result.from + r * result.from_row + v * LANES);
      *(Vector *)(result.c + r * result.row + v * LANES) = sum[r][v];
    }
}

/// As `tile`, for sizes that are not constants.
TARGET static void NAME(any_tile)(int rows, int vectors, intptr_t depth, Left a, Right b, Result result) {
#define CASE(n) \
  case n: \
    if (a.step == 1 && vectors == 2) NAME(tile)(n, 2, 1, depth, a, b, result); \
    else if (a.step == 1) NAME(tile)(n, 1, 1, depth, a, b, result); \
    else if (vectors == 2) NAME(tile)(n, 2, 0, depth, a, b, result); \
    else NAME(tile)(n, 1, 0, depth, a, b, result); \
    break;
  switch (rows) {
    CASE(1) CASE(2)
#if ROWS > 2
    CASE(3) CASE(4) CASE(5) CASE(6)
#endif
#if ROWS > 6
    CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
  }
#undef CASE
}

/// As `any_tile`, of `columns` that vectors do not divide or that are no neighbours.
TARGET static void NAME(edge_tile)(int rows, intptr_t columns, intptr_t depth, Left a, Right b, Result result) {
  NUMBER sums[ROWS * WIDTH];
  NAME(any_tile)(rows, columns > LANES ? 2 : 1, depth, a, b, (Result){sums, WIDTH, 1, 0, 0, 0});
  for (intptr_t j = 0; j < columns; j++)
    for (int r = 0; r < rows; r++) {
      NUMBER sum = sums[r * WIDTH + j];
      if (result.from) sum += result.from[r * result.from_row + j * result.from_step];
      result.c[r * result.row + j * result.step] = sum;
    }
}

/// Four rows of four numbers as four columns.
TARGET INLINE void NAME(turn)(const NUMBER *x, intptr_t stride_x, NUMBER *y, intptr_t stride_y) {
  Four a = *(const Four *)x, b = *(const Four *)(x + stride_x);
  Four c = *(const Four *)(x + 2 * stride_x), d = *(const Four *)(x + 3 * stride_x);
  Four e = __builtin_shufflevector(a, b, 0, 4, 1, 5), f = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  Four g = __builtin_shufflevector(a, b, 2, 6, 3, 7), h = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(Four *)y = __builtin_shufflevector(e, f, 0, 1, 4, 5);
  *(Four *)(y + stride_y) = __builtin_shufflevector(e, f, 2, 3, 6, 7);
  *(Four *)(y + 2 * stride_y) = __builtin_shufflevector(g, h, 0, 1, 4, 5);
  *(Four *)(y + 3 * stride_y) = __builtin_shufflevector(g, h, 2, 3, 6, 7);
}

/// y[k, i] = x[i, k], rows of WIDTH numbers: `count` of them, then zeros.
TARGET static void NAME(copy_turned)(const NUMBER *x, intptr_t stride, intptr_t count, intptr_t depth, NUMBER *y) {
  intptr_t fours = count & ~(intptr_t)3, whole = depth & ~(intptr_t)3;
  // Few rows at a time: in so many the cache reads ahead.
  for (intptr_t i = 0; i < fours; i += 8)
    for (intptr_t k = 0; k < whole; k += 4)
      for (intptr_t q = i; q < MIN(i + 8, fours); q += 4)
        NAME(turn)(x + q * stride + k, stride, y + k * WIDTH + q, WIDTH);
  for (intptr_t k = 0; k < depth; k++)
    for (intptr_t i = k < whole ? fours : 0; i < WIDTH; i++) y[k * WIDTH + i] = i < count ? x[i * stride + k] : 0;
}

/// y[k, i] = x[k, i], rows of WIDTH numbers: `count` of them, then zeros.
TARGET static void NAME(copy_rows)(
  const NUMBER *x, intptr_t stride, intptr_t count, intptr_t depth, NUMBER *y) {
  for (intptr_t k = 0; k < depth; k++, x += stride, y += WIDTH) {
    if (count == WIDTH) {
      __builtin_memcpy(y, x, WIDTH * sizeof(NUMBER));
    } else {
      for (intptr_t i = 0; i < WIDTH; i++) y[i] = i < count ? x[i] : 0;
    }
  }
}

/// Whether numbers one below the other lie in the same few lines of the cache.
INLINE int NAME(clashes)(intptr_t stride) { return stride * sizeof(NUMBER) % BYTES_OF_CACHE_WAY == 0; }

/// The part of `b` from depth `k` and column `j` on that a tile multiplies with; copied to `copy` where that is better.
TARGET static Right NAME(right)(
  const Product *p, intptr_t k, intptr_t depth, intptr_t j, intptr_t columns, NUMBER *copy) {
  const NUMBER *b = p->b;
  if (p->transpose_b) {
    NAME(copy_turned)(b + j * p->stride_b + k, p->stride_b, columns, depth, copy);
  } else if (columns % LANES == 0 && p->rows <= ROWS_OF_FEW_TILES) {
    return (Right){b + k * p->stride_b + j, p->stride_b};
  } else {
    NAME(copy_rows)(b + k * p->stride_b + j, p->stride_b, columns, depth, copy);
  }
  return (Right){copy, WIDTH};
}

/// The part of `a` from row `i` and depth `k` on that a tile multiplies with.
TARGET static Left NAME(left)(const Product *p, intptr_t i, intptr_t k) {
  const NUMBER *a = p->a;
  return p->transpose_a ? (Left){a + k * p->stride_a + i, 1, p->stride_a} : (Left){a + i * p->stride_a + k, p->stride_a, 1};
}

/// Where the sums of a tile go whose part of the depth begins at `k`.
TARGET static Result NAME(result)(const Product *p, intptr_t i, intptr_t j, intptr_t k) {
  NUMBER *c = (NUMBER *)p->c + i * p->row_c + j * p->step_c;
  if (p->adds || k > 0) return (Result){c, p->row_c, p->step_c, c, p->row_c, p->step_c};
  const NUMBER *bias = p->bias ? (const NUMBER *)p->bias + (p->is_turned ? i : j) : 0;
  return (Result){c, p->row_c, p->step_c, bias, p->is_turned, !p->is_turned};
}

INLINE int NAME(lies_in_rows)(Result result) { return result.step == 1 && (!result.from || result.from_step == 1); }

/// A part of the depth of some columns: tiles one under the other, of rows as equal as they can be.
TARGET static void NAME(columns)(
  const Product *p, intptr_t k, intptr_t depth, intptr_t first, intptr_t columns) {
  NUMBER *copy = p->workspace;
  Right right[COLUMNS / WIDTH];
  for (intptr_t j = 0; j < columns; j += WIDTH, copy += WIDTH * depth)
    right[j / WIDTH] = NAME(right)(p, k, depth, first + j, MIN(WIDTH, columns - j), copy);
  // More rows of `a` that lie in the same lines would drive each other out.
  intptr_t most = !p->transpose_a && NAME(clashes)(p->stride_a) ? MIN(ROWS, CACHE_WAYS) : ROWS;
  intptr_t tiles = (p->rows + most - 1) / most;
  for (intptr_t tile = 0, i = 0, rows; tile < tiles; tile++, i += rows) {
    rows = (p->rows - i + tiles - tile - 1) / (tiles - tile);
    Left left = NAME(left)(p, i, k);
    for (intptr_t j = 0; j < columns; j += WIDTH) {
      intptr_t width = MIN(WIDTH, columns - j);
      Result result = NAME(result)(p, i, first + j, k);
      if (width % LANES == 0 && NAME(lies_in_rows)(result)) NAME(any_tile)(rows, width / LANES, depth, left, right[j / WIDTH], result);
      else NAME(edge_tile)(rows, width, depth, left, right[j / WIDTH], result);
    }
  }
}

/// ROW_VECTORS of a single row from column `j` on: so many that memory is read in order.
TARGET static void NAME(row)(const Product *p, intptr_t j) {
  for (intptr_t k = 0; k == 0 || k < p->depth; k += DEPTH) {
    Left left = {(const NUMBER *)p->a + k * (p->transpose_a ? p->stride_a : 1), 0, p->transpose_a ? p->stride_a : 1};
    Right right = {(const NUMBER *)p->b + k * p->stride_b + j, p->stride_b};
    NAME(tile)(1, ROW_VECTORS, 0, MIN(DEPTH, p->depth - k), left, right, NAME(result)(p, 0, j, k));
  }
}

/// Σ x · y in LANES_OF_SUM sums, which are then added by halves.
TARGET static NUMBER NAME(dot)(const NUMBER *x, const NUMBER *y, intptr_t count) {
  typedef NUMBER Lanes __attribute__((vector_size(LANES_OF_SUM * sizeof(NUMBER)), aligned(sizeof(NUMBER))));
  Lanes sum = {};
  intptr_t k = 0;
  for (; k + LANES_OF_SUM <= count; k += LANES_OF_SUM)
    sum = __builtin_elementwise_fma(*(const Lanes *)(x + k), *(const Lanes *)(y + k), sum);
  NUMBER sums[LANES_OF_SUM];
  *(Lanes *)sums = sum;
  for (intptr_t l = 0; k + l < count; l++) sums[l] = __builtin_elementwise_fma(x[k + l], y[k + l], sums[l]);
  for (int half = LANES_OF_SUM / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) sums[l] += sums[l + half];
  return sums[0];
}

/// A single row, each of whose numbers is a sum of products of neighbours.
TARGET static void NAME(dots)(const Product *p) {
  for (intptr_t j = 0; j < p->columns; j++) {
    Result result = NAME(result)(p, 0, j, 0);
    NUMBER sum = NAME(dot)(p->a, (const NUMBER *)p->b + j * p->stride_b, p->depth);
    *result.c = result.from ? sum + *result.from : sum;
  }
}

TARGET static void NAME(multiply)(const FlowMatrixProduct *product) {
  Product prepared = prepare(product), *p = &prepared;
  if (p->rows == 1 && p->transpose_b && !p->transpose_a) return NAME(dots)(p);
  intptr_t first = 0;
  if (p->rows == 1 && !p->transpose_b && NAME(lies_in_rows)(NAME(result)(p, 0, 0, 0)))
    for (; first + ROW_VECTORS * LANES <= p->columns; first += ROW_VECTORS * LANES) NAME(row)(p, first);
  for (; first < p->columns; first += COLUMNS)
    for (intptr_t k = 0; k == 0 || k < p->depth; k += DEPTH)
      NAME(columns)(p, k, MIN(DEPTH, p->depth - k), first, MIN(COLUMNS, p->columns - first));
}

#undef Vector
#undef Four
#undef WIDTH
#undef ROW_VECTORS
#undef Left
#undef Right
#undef Result
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
