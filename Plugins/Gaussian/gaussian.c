/* A plugin in plain C: exp(-x² / (2 sigma²)) of each element, with a gradient of any order and tangents of its own. */
#include <math.h>

#include "flow_plugin.h"

static const flow_host *host;

static double sigma(const flow_value *const *attributes) { return attributes[0]->real; }

/* x [...] of f32 or f64 → y of the same type. */
static int32_t infer(void *context, flow_call *call, const flow_value *const *attributes, const flow_type *const *inputs,
                     uint64_t input_count) {
  (void)context, (void)input_count;
  if (inputs[0]->dtype != FLOW_F64 && inputs[0]->dtype != FLOW_F32)
    return host->fail(call, FLOW_DTYPE_MISMATCH, "gaussian: takes f32 or f64", "cast it");
  if (!(sigma(attributes) > 0)) return host->fail(call, FLOW_BAD_ATTRIBUTE, "gaussian: sigma is above 0", NULL);
  return host->output(call, inputs[0]->dtype, inputs[0]->rank, inputs[0]->dimensions);
}

static int32_t forward(void *context, flow_call *call, const flow_value *const *attributes,
                       const flow_tensor *const *inputs, uint64_t input_count, const flow_tensor *const *outputs,
                       uint64_t output_count) {
  (void)context, (void)call, (void)input_count, (void)output_count;
  double scale = -0.5 / (sigma(attributes) * sigma(attributes));
  if (inputs[0]->dtype == FLOW_F64) {
    const double *x = inputs[0]->data;
    double *y = outputs[0]->data;
    for (uint64_t i = 0; i < inputs[0]->count; i++) y[i] = exp(scale * x[i] * x[i]);
  } else {
    const float *x = inputs[0]->data;
    float *y = outputs[0]->data;
    for (uint64_t i = 0; i < inputs[0]->count; i++) y[i] = expf((float)scale * x[i] * x[i]);
  }
  return FLOW_OK;
}

/* Adds the product of two values. */
static int multiply(flow_call *call, flow_node a, flow_node b, flow_node *result) {
  const flow_node inputs[] = {a, b};
  return host->add(call, "mul", inputs, 2, NULL, NULL, 0, result, 1) == 1;
}

/* Adds the number -1 / sigma², of the dtype of a value. */
static int slope(flow_call *call, double sigma, flow_node like, flow_node *result) {
  const flow_type *type = host->type(call, like);
  const flow_value number = {.struct_size = sizeof number, .kind = FLOW_REAL, .real = -1 / (sigma * sigma)};
  const flow_value dtype = {.struct_size = sizeof dtype, .kind = FLOW_DTYPE, .dtype = type ? type->dtype : 0};
  const flow_value shape = {.struct_size = sizeof shape, .kind = FLOW_LIST};
  const char *const names[] = {"value", "dtype", "shape"};
  const flow_value *const values[] = {&number, &dtype, &shape};
  return host->add(call, "fill", NULL, 0, names, values, 3, result, 1) == 1;
}

/* dy/dx = -x · y / sigma²: the gradient is ȳ times that, the tangent ẋ times that. */
static int32_t derivative(void *context, flow_call *call, const flow_value *const *attributes, const flow_node *inputs,
                          uint64_t input_count, const flow_node *outputs, uint64_t output_count,
                          const flow_node *directions) {
  (void)context, (void)input_count, (void)output_count;
  flow_node factor, product, scaled, result;
  if (!slope(call, sigma(attributes), inputs[0], &factor) || !multiply(call, inputs[0], outputs[0], &product) ||
      !multiply(call, factor, product, &scaled) || !multiply(call, scaled, directions[0], &result))
    return host->fail(call, FLOW_PLUGIN_FAILURE, NULL, NULL);
  return host->gradient(call, FLOW_GRADIENT_VALUE, result, NULL);
}

static const flow_value one = {.struct_size = sizeof one, .kind = FLOW_REAL, .real = 1};

static const flow_attribute width = {
    .struct_size = sizeof width,
    .name = "sigma",
    .help = "the distance at which the bell has fallen to 0.61; above 0",
    .kinds = FLOW_REAL,
    .standard = &one,
};

static const flow_attribute *const attributes[] = {&width};

static const flow_operation operation = {
    .struct_size = sizeof operation,
    .name = "gaussian",
    .signature = "x -> y",
    .summary = "exp(-x² / (2 sigma²)): a bell of height 1.",
    .shapes = "x [...] → y [...]",
    .gradient = "x̄ = -ȳ · x · y / sigma²",
    .attributes = attributes,
    .attribute_count = 1,
    .infer = infer,
    .forward = forward,
    .bprop = derivative,
    .jvp = derivative,
};

static int32_t enter(void *context, const flow_host *functions, flow_registration *registration) {
  (void)context;
  host = functions;
  return host->add_operation(registration, &operation);
}

static const flow_plugin plugin = {
    .struct_size = sizeof plugin,
    .magic = FLOW_PLUGIN_MAGIC,
    .abi = FLOW_PLUGIN_ABI,
    .name = "Gaussian",
    .version = "1.0.0",
    .language = "C",
    .enter = enter,
};

const flow_plugin *flow_plugin_query(void) { return &plugin; }
