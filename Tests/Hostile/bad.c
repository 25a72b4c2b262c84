/* A plugin that is good unless a macro says otherwise: y = 2 x, whose gradient is 2. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow_plugin.h"

#ifndef MAGIC
#define MAGIC FLOW_PLUGIN_MAGIC
#endif
#ifndef ABI
#define ABI FLOW_PLUGIN_ABI
#endif
#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(flow_plugin)
#endif
#ifndef OPERATION_SIZE
#define OPERATION_SIZE sizeof(flow_operation)
#endif
#ifndef OPERATION
#define OPERATION "bad"
#endif
#ifndef SIGNATURE
#define SIGNATURE "x -> y"
#endif
#ifndef HELP
#define HELP "what it is"
#endif
#ifndef KINDS
#define KINDS FLOW_REAL
#endif
#ifndef OUTPUTS
#define OUTPUTS 1
#endif
#ifndef GRADIENTS
#define GRADIENTS 1
#endif
#ifndef FACTOR
#define FACTOR 2
#endif
#ifndef ADD
#define ADD "mul"
#endif

static const flow_host *host;

static void crash(void) { *(volatile int *)8 = 1; }

#ifdef UNDEFINED
void nobody_has_this(void);
void needs_it(void) { nobody_has_this(); }
#endif

#ifdef LOAD
__attribute__((constructor)) static void load(void) { LOAD; }
#endif

static int32_t infer(void *context, flow_call *call, const flow_value *const *attributes, const flow_type *const *inputs,
                     uint64_t count) {
  int32_t dtype = inputs[0]->dtype, rank = inputs[0]->rank;
  const flow_dimension *dimensions[32];
  if (dtype != FLOW_F64) return host->fail(call, FLOW_DTYPE_MISMATCH, "takes f64", 0);
  for (int i = 0; i < rank; i++) dimensions[i] = inputs[0]->dimensions[i];
#ifdef INFER_SIZE
  flow_dimension own = {sizeof own, INFER_SIZE, 0, 0};
  dimensions[0] = &own;
#endif
#ifdef DTYPE
  dtype = DTYPE;
#endif
#ifdef RANK
  for (int i = 0; i < RANK; i++) dimensions[i] = inputs[0]->dimensions[0];
  rank = RANK;
#endif
  for (int i = 0; i < OUTPUTS; i++)
    if (host->output(call, dtype, rank, dimensions)) return host->fail(call, 0, 0, 0);
  return FLOW_OK;
}

static int32_t forward(void *context, flow_call *call, const flow_value *const *attributes,
                       const flow_tensor *const *inputs, uint64_t input_count, const flow_tensor *const *outputs,
                       uint64_t output_count) {
  double *x = inputs[0]->data, *y = outputs[0]->data;
#ifdef FORWARD
  if (inputs[0]->count > 1) {
    FORWARD;
  }
#endif
#ifndef PLAIN
  for (uint64_t i = 0; i < inputs[0]->count; i++) y[i] = 2 * x[i];
#endif
#ifdef FORWARD
  if (inputs[0]->count > 1) {
    FORWARD;
  }
#endif
  return FLOW_OK;
}

static int32_t bprop(void *context, flow_call *call, const flow_value *const *attributes, const flow_node *inputs,
                     uint64_t input_count, const flow_node *outputs, uint64_t output_count, const flow_node *gradients) {
  flow_node two, result;
  const flow_type *type = host->type(call, inputs[0]);
  flow_value number = {sizeof number, FLOW_WHOLE}, dtype = {sizeof dtype, FLOW_DTYPE}, shape = {sizeof shape, FLOW_LIST};
  number.whole = FACTOR;
  dtype.dtype = type->dtype;
  const char *names[] = {"value", "dtype", "shape"};
  const flow_value *values[] = {&number, &dtype, &shape};
  if (host->add(call, "fill", 0, 0, names, values, 3, &two, 1) != 1) return host->fail(call, 0, 0, 0);
  flow_node operands[] = {two, gradients[0]};
  if (host->add(call, ADD, operands, 2, 0, 0, 0, &result, 1) != 1) return host->fail(call, 0, 0, 0);
#ifdef NODE
  result = NODE;
#endif
  for (int i = 0; i < GRADIENTS; i++)
    if (host->gradient(call, FLOW_GRADIENT_VALUE, result, 0)) return host->fail(call, 0, 0, 0);
  return FLOW_OK;
}

static const flow_value one = {.struct_size = sizeof one, .kind = FLOW_REAL, .real = 1};
static const flow_attribute scale = {
    .struct_size = sizeof scale, .name = "scale", .help = HELP, .kinds = KINDS, .standard = &one};
static const flow_attribute *const attributes[] = {&scale};

static const flow_operation operation = {
    .struct_size = OPERATION_SIZE,
    .name = OPERATION,
    .signature = SIGNATURE,
    .summary = "Twice.",
    .shapes = "x [...] -> y [...]",
    .gradient = "2",
    .attributes = attributes,
    .attribute_count = 1,
#ifndef NO_INFER
    .infer = infer,
#endif
#ifndef NO_FORWARD
    .forward = forward,
#endif
    .bprop = bprop,
};

static int32_t enter(void *context, const flow_host *functions, flow_registration *registration) {
  host = functions;
#ifdef ENTER
  ENTER;
#endif
#ifdef TWICE
  host->add_operation(registration, &operation);
#endif
  return host->add_operation(registration, &operation);
}

#ifndef NO_QUERY
const flow_plugin *flow_plugin_query(void) {
  static const flow_plugin plugin = {
      .struct_size = PLUGIN_SIZE,
      .magic = MAGIC,
      .abi = ABI,
      .name = NAME,
      .version = "1.0.0",
      .language = "C",
#ifndef NO_ENTER
      .enter = enter,
#endif
  };
#ifdef NULL_QUERY
  return 0;
#endif
  return &plugin;
}
#endif
