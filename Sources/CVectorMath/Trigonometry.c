// Sine, cosine, tangent and their inverses.
#include "Cores.h"

// Beyond this the reduction by multiples of π / 2 would lose digits, and the C library's routine takes over.
#define FLOW_LARGEST_ANGLE 0x1p20

/// x - n · π / 2 as a sum of two numbers, and n.
typedef struct {
  double high, low;
  uint64_t quadrant;
} FlowAngle;

FLOW_INLINE FlowAngle reduced(double x) {
  double t = fma_f64(x, 0x1.45f306dc9c883p-1, FLOW_ROUNDER_F64);
  double n = t - FLOW_ROUNDER_F64;
  // Exact: both terms are multiples of the divisor's last bit, and the difference is below 1.
  double first = fma_f64(n, -0x1.921fb54442d18p+0, x);
  double product = n * 0x1.1a62633145c07p-54;
  double lost = fma_f64(n, 0x1.1a62633145c07p-54, -product);
  double high = first - product;
  double taken = first - high;
  double low = ((taken - product) + ((first - (high + taken)) )) - lost;
  low = fma_f64(n, 0x1.f1976b7ed8fbcp-110, low);
  return (FlowAngle){high, low, bits_f64(t) & 3};
}

FLOW_INLINE double sin_polynomial(double r, double low) {
  double z = r * r;
  double p = fma_f64(-0x1.a55de05fb9b22p-41, z, 0x1.6114a7f5e6a19p-33);
  p = fma_f64(p, z, -0x1.ae643d465f389p-26);
  p = fma_f64(p, z, 0x1.71de3a401ac6dp-19);
  p = fma_f64(p, z, -0x1.a01a01a006d92p-13);
  p = fma_f64(p, z, 0x1.111111111108bp-7);
  p = fma_f64(p, z, -0x1.5555555555555p-3);
  return r + fma_f64(p * z, r, low * fma_f64(-0.5, z, 1));
}

FLOW_INLINE double cos_polynomial(double r, double low) {
  double z = r * r;
  double p = fma_f64(-0x1.8fb13b550fc5cp-37, z, 0x1.1ee9f16cc7818p-29);
  p = fma_f64(p, z, -0x1.27e4f812e395ep-22);
  p = fma_f64(p, z, 0x1.a01a019cbfa2cp-16);
  p = fma_f64(p, z, -0x1.6c16c16c15221p-10);
  p = fma_f64(p, z, 0x1.555555555554cp-5);
  double half = 0.5 * z;
  double first = 1 - half;
  return first + (((1 - first) - half) + fma_f64(p * z, z, -(r * low)));
}

FLOW_INLINE double sin_near(double x) {
  FlowAngle angle = reduced(x);
  double s = sin_polynomial(angle.high, angle.low), c = cos_polynomial(angle.high, angle.low);
  double result = angle.quadrant & 1 ? c : s;
  result = angle.quadrant & 2 ? -result : result;
  return x == 0 ? x : result;
}

FLOW_INLINE double cos_near(double x) {
  FlowAngle angle = reduced(x);
  double s = sin_polynomial(angle.high, angle.low), c = cos_polynomial(angle.high, angle.low);
  double result = angle.quadrant & 1 ? s : c;
  return (angle.quadrant + 1) & 2 ? -result : result;
}

FLOW_INLINE double tan_near(double x) {
  FlowAngle angle = reduced(x);
  double s = sin_polynomial(angle.high, angle.low), c = cos_polynomial(angle.high, angle.low);
  double result = angle.quadrant & 1 ? -c / s : s / c;
  return x == 0 ? x : result;
}

/// Whether any of them is beyond what `reduced` takes; infinities and NaN are not: they give NaN anyhow.
#define FLOW_PERIODIC(name, T, near, far) \
  FLOW_UNARY(name##_near, T, T, near(abs_f64(a) <= FLOW_LARGEST_ANGLE ? (double)a : (double)NAN)) \
  FLOW_CLONES static int name##_is_near(const T *x, intptr_t count) { \
    int is_near = 1; \
    FLOW_VECTORIZED for (intptr_t i = 0; i < count; i++) { \
      is_near &= abs_f64(x[i]) <= FLOW_LARGEST_ANGLE; \
    } \
    return is_near; \
  } \
  static void name(const void *vx, void *vy, intptr_t count) { \
    const T *x = vx; \
    T *y = vy; \
    for (intptr_t start = 0; start < count; start += 256) { \
      intptr_t length = count - start < 256 ? count - start : 256; \
      if (name##_is_near(x + start, length)) { \
        name##_near(x + start, y + start, length); \
        continue; \
      } \
      for (intptr_t i = start; i < start + length; i++) { \
        T a = x[i]; \
        if (abs_f64(a) <= FLOW_LARGEST_ANGLE) name##_near(x + i, y + i, 1); \
        else y[i] = (T)far((double)a); \
      } \
    } \
  }

FLOW_PERIODIC(sin_f32, float, sin_near, sin)
FLOW_PERIODIC(sin_f64, double, sin_near, sin)
FLOW_PERIODIC(cos_f32, float, cos_near, cos)
FLOW_PERIODIC(cos_f64, double, cos_near, cos)
FLOW_PERIODIC(tan_f32, float, tan_near, tan)
FLOW_PERIODIC(tan_f64, double, tan_near, tan)

// Inverses, for results in single precision

/// atan(x), 0 <= x <= 1.
FLOW_INLINE double atan_polynomial(double x) {
  double z = x * x;
  double p = fma_f64(-0x1.25a6c4e270a6p-12, z, 0x1.271e25de223f8p-9);
  p = fma_f64(p, z, -0x1.16956d75b919bp-7);
  p = fma_f64(p, z, 0x1.4ded3a8dfeebp-6);
  p = fma_f64(p, z, -0x1.24ee9677340fp-5);
  p = fma_f64(p, z, 0x1.a057b674a70dfp-5);
  p = fma_f64(p, z, -0x1.0588843757e18p-4);
  p = fma_f64(p, z, 0x1.38283005344cap-4);
  p = fma_f64(p, z, -0x1.73da433400c1ep-4);
  p = fma_f64(p, z, 0x1.c70d7ea0e652cp-4);
  p = fma_f64(p, z, -0x1.2491c6b4615bfp-3);
  p = fma_f64(p, z, 0x1.99999515d1ac7p-3);
  p = fma_f64(p, z, -0x1.5555554e4cadap-2);
  return fma_f64(p * z, x, x);
}

FLOW_INLINE float atan2_core_f32(float y, float x) {
  double a = abs_f32(y), b = abs_f32(x);
  double smaller = a < b ? a : b, larger = a < b ? b : a;
  double quotient = larger == 0 ? 0 : smaller == larger ? 1 : smaller / larger;
  double angle = atan_polynomial(quotient);
  angle = a > b ? 0x1.921fb54442d18p+0 - angle : angle;
  angle = bits_f32(x) >> 31 ? 0x1.921fb54442d18p+1 - angle : angle;
  float result = with_sign_f32((float)angle, y);
  return x != x || y != y ? x + y : result;
}

/// asin(x) = x + x³ · p(x²) up to ½, and by the half angle beyond.
FLOW_INLINE double asin_polynomial(double z) {
  double p = fma_f64(0x1.e3baf5332cf24p-6, z, 0x1.582d337c54698p-8);
  p = fma_f64(p, z, 0x1.3d63a70edce6fp-6);
  p = fma_f64(p, z, 0x1.6a6f6a02238cap-6);
  p = fma_f64(p, z, 0x1.f20cff1060138p-6);
  p = fma_f64(p, z, 0x1.6db5ba110b4f2p-5);
  p = fma_f64(p, z, 0x1.333334f9c02a9p-4);
  return fma_f64(p, z, 0x1.55555554e0559p-3);
}

FLOW_INLINE float asin_core_f32(float x) {
  double a = abs_f32(x);
  int is_large = a > 0.5;
  double z = is_large ? 0.5 - 0.5 * a : a * a;
  double base = is_large ? sqrt_f64(z) : a;
  double angle = fma_f64(asin_polynomial(z) * z, base, base);
  double result = is_large ? 0x1.921fb54442d18p+0 - 2 * angle : angle;
  return with_sign_f32((float)result, x);
}

FLOW_INLINE float acos_core_f32(float x) {
  double a = abs_f32(x);
  int is_large = a > 0.5;
  double z = is_large ? 0.5 - 0.5 * a : a * a;
  double base = is_large ? sqrt_f64(z) : a;
  double angle = fma_f64(asin_polynomial(z) * z, base, base);
  double result = is_large ? 2 * angle : 0x1.921fb54442d18p+0 - angle;
  return (float)(x < 0 ? 0x1.921fb54442d18p+1 - result : result);
}

FLOW_UNARY(asin_f32, float, float, asin_core_f32(a))
FLOW_SCALAR_UNARY(asin_f64, double, asin(a))
FLOW_UNARY(acos_f32, float, float, acos_core_f32(a))
FLOW_SCALAR_UNARY(acos_f64, double, acos(a))
FLOW_UNARY(atan_f32, float, float, atan2_core_f32(a, 1))
FLOW_SCALAR_UNARY(atan_f64, double, atan(a))
FLOW_BINARY(atan2_f32, float, float, atan2_core_f32(a, b))
FLOW_SCALAR_BINARY(atan2_f64, double, atan2(a, b))

static const FlowLoops loops[] = {
  FLOW_UNARY_ENTRY(sin),  FLOW_UNARY_ENTRY(cos),  FLOW_UNARY_ENTRY(tan),    FLOW_UNARY_ENTRY(asin),
  FLOW_UNARY_ENTRY(acos), FLOW_UNARY_ENTRY(atan), FLOW_BINARY_ENTRY(atan2),
};

const FlowFamily flow_trigonometry = {loops, sizeof loops / sizeof *loops};
