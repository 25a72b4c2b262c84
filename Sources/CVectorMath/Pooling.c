// Pooling of windows that lie side by side.
#include "VectorLoops.h"
FLOW_INLINE float larger(float a, float b) { return a >= b || a != a ? a : b; }

FLOW_CLONES void flow_max_pool_2x2(const float *x, intptr_t rows, intptr_t columns, intptr_t width, float *y) {
  for (intptr_t i = 0; i < rows; i++) {
    const float *p = x + 2 * i * width, *q = p + width;
    float *r = y + i * columns;
    FLOW_VECTORIZED for (intptr_t j = 0; j < columns; j++)
      r[j] = larger(larger(p[2 * j], p[2 * j + 1]), larger(q[2 * j], q[2 * j + 1]));
  }
}

FLOW_CLONES void flow_max_pool_positions_2x2(const float *x, intptr_t rows, intptr_t columns, intptr_t width, int32_t *y) {
  for (intptr_t i = 0; i < rows; i++) {
    const float *p = x + 2 * i * width, *q = p + width;
    int32_t *r = y + i * columns, start = (int32_t)(2 * i * width), below = (int32_t)width;
    FLOW_VECTORIZED for (intptr_t j = 0; j < columns; j++) {
      float best = p[2 * j];
      int32_t position = 0;
      float next = p[2 * j + 1];
      int beats = !(next <= best) & (best == best);
      best = beats ? next : best; position = beats ? 1 : position;
      next = q[2 * j]; beats = !(next <= best) & (best == best);
      best = beats ? next : best; position = beats ? below : position;
      next = q[2 * j + 1]; beats = !(next <= best) & (best == best);
      position = beats ? below + 1 : position;
      r[j] = start + 2 * (int32_t)j + position;
    }
  }
}

FLOW_CLONES void flow_max_pool_gradient_2x2(
  const float *x, const float *gradient, intptr_t rows, intptr_t columns, intptr_t width, float *y) {
  for (intptr_t i = 0; i < rows; i++) {
    const float *p = x + 2 * i * width, *q = p + width, *g = gradient + i * columns;
    float *r = y + 2 * i * width, *s = r + width;
    FLOW_VECTORIZED for (intptr_t j = 0; j < columns; j++) {
      float best = p[2 * j], next = p[2 * j + 1];
      int32_t second = !(next <= best) & (best == best);
      best = second ? next : best, next = q[2 * j];
      int32_t third = !(next <= best) & (best == best);
      best = third ? next : best, next = q[2 * j + 1];
      int32_t fourth = !(next <= best) & (best == best);
      // Added to zero, as where windows overlap.
      float share = 0 + g[j];
      r[2 * j] = (second | third | fourth) ? 0 : share;
      r[2 * j + 1] = (second & !third & !fourth) ? share : 0;
      s[2 * j] = (third & !fourth) ? share : 0;
      s[2 * j + 1] = fourth ? share : 0;
    }
  }
}
