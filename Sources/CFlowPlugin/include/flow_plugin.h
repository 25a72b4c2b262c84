/* The boundary between flow and a plugin: plain C, no type of any other language crosses it.
 *
 * A plugin is a shared library with one exported function, `flow_plugin_query`, which says who it is and how to enter it. The
 * host then calls `enter`, in which the plugin registers its operations and readers. Nothing else is looked up by name.
 *
 * Rules that hold everywhere:
 *   - Every struct begins with `struct_size`, its size where it was compiled. Fields are only ever appended, so each side reads
 *     no further than the other wrote. Arrays hold pointers, so that an entry may be larger than the reader's.
 *   - Memory stays with whoever made it. What the host passes is valid until the function returns; what a plugin passes to the
 *     host is copied before the host's function returns. What a plugin registers lives as long as the process.
 *   - Texts are UTF-8 and end with a zero byte.
 *   - A function of a plugin returns FLOW_OK, or calls `fail` of the host and returns FLOW_FAILED. It neither exits, prints, throws
 *     nor changes the state of the process.
 *   - The functions of an operation or a reader may be called on several threads at once.
 *   - A plugin is never unloaded.
 */
#ifndef FLOW_PLUGIN_H
#define FLOW_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `magic` of `flow_plugin` is: "flowplug". */
#define FLOW_PLUGIN_MAGIC 0x67756c70776f6c66ULL
/* The version of this boundary. It changes only where an old plugin could no longer be understood. */
#define FLOW_PLUGIN_ABI 1
/* The largest number of axes of a tensor. */
#define FLOW_MAXIMUM_RANK 16

/* What a plugin's function returns. */
enum {
  FLOW_OK = 0,
  FLOW_FAILED = 1, /* `fail` was called before */
  FLOW_DERIVE = 2  /* from `jvp`: derive the tangents from `bprop` */
};

/* The types of elements: `dtype`. */
enum {
  FLOW_F64 = 1,
  FLOW_F32 = 2,
  FLOW_F16 = 3,  /* IEEE half precision, as uint16_t */
  FLOW_BF16 = 4, /* the upper half of f32, as uint16_t */
  FLOW_I64 = 5,
  FLOW_I32 = 6,
  FLOW_I16 = 7,
  FLOW_I8 = 8,
  FLOW_U8 = 9,
  FLOW_BOOL = 10 /* one byte, 0 or 1 */
};

/* Why something failed: the first argument of `fail` after the call. The user's mistakes end with exit code 65, the plugin's own
 * with 70. */
enum {
  FLOW_PLUGIN_FAILURE = 0,     /* the plugin itself cannot go on */
  FLOW_SHAPE_MISMATCH = 1,     /* shapes do not fit */
  FLOW_DTYPE_MISMATCH = 2,     /* an input has another dtype than the operation takes */
  FLOW_BAD_ATTRIBUTE = 3,      /* an attribute has a value that the operation does not take */
  FLOW_BAD_VALUE = 4,          /* a tensor holds a value that the operation does not take */
  FLOW_INDEX_OUT_OF_RANGE = 5, /* an index does not lie in its tensor */
  FLOW_SIZE_OVERFLOW = 6,      /* a size does not fit in 64 bits */
  FLOW_NO_GRADIENT = 7         /* the operation has no gradient */
};

/* The kinds of an attribute's value: `kind` is one of them, `kinds` a sum. */
enum {
  FLOW_NONE = 1, /* left out, where that is a value of its own */
  FLOW_BOOLEAN = 2,
  FLOW_WHOLE = 4,
  FLOW_REAL = 8,
  FLOW_DIMENSION = 16, /* a whole number that depends on sizes not known yet */
  FLOW_STRING = 32,
  FLOW_DTYPE = 64,
  FLOW_LIST = 128,
  FLOW_TENSOR = 256
};
/* In `kinds`, beside FLOW_LIST: what the list's items may be. */
#define FLOW_LIST_OF(kinds) (FLOW_LIST | ((uint32_t)(kinds) << 16))

/* Flags of an operation. */
enum {
  FLOW_GRADIENT_IS_NOT_DERIVATIVE = 1, /* by declaration: numeric checks list it and skip it */
  FLOW_CUTS_GRADIENT = 2               /* its results count as constants */
};

/* What is said of an input's gradient. */
enum {
  FLOW_GRADIENT_VALUE = 0,
  FLOW_GRADIENT_ZERO = 1,     /* zero by mathematics: nothing is built */
  FLOW_GRADIENT_UNDEFINED = 2 /* with the reason: an error only where something needs it */
};

/* One call of a plugin's function, known to the host alone. */
typedef struct flow_call flow_call;
/* What `enter` registers with, known to the host alone. */
typedef struct flow_registration flow_registration;
/* A value of the graph that is being built: a number that means something during one call. */
typedef int64_t flow_node;

/* One summand of a size: `coefficient` times the named sizes, a power as a repetition. */
typedef struct flow_term {
  uint64_t struct_size;
  int64_t coefficient;
  uint64_t factor_count;
  const char *const *factors;
} flow_term;

/* The size along one axis. */
typedef struct flow_dimension {
  uint64_t struct_size;
  int64_t size;        /* -1 where it is not known yet; then the terms below say what it depends on */
  uint64_t term_count; /* 0 where the size is known */
  const flow_term *const *terms;
} flow_dimension;

/* What is known of a tensor before it is computed. */
typedef struct flow_type {
  uint64_t struct_size;
  int32_t dtype;
  int32_t rank; /* the number of axes; a scalar has none */
  const flow_dimension *const *dimensions;
} flow_type;

/* A tensor: row-major, without gaps. Inputs are only read; outputs are only written, and wholly. */
typedef struct flow_tensor {
  uint64_t struct_size;
  int32_t dtype;
  int32_t rank;
  const int64_t *sizes;
  uint64_t count; /* of elements */
  void *data;
} flow_tensor;

/* An attribute's value. The host sets `real` for whole numbers too. */
typedef struct flow_value {
  uint64_t struct_size;
  int32_t kind;
  int32_t boolean;
  int64_t whole;
  double real;
  const char *string;
  int32_t dtype;
  int32_t reserved;
  const flow_dimension *dimension;
  uint64_t item_count;
  const struct flow_value *const *items;
  const flow_tensor *tensor;
} flow_value;

/* One labelled setting of an operation. */
typedef struct flow_attribute {
  uint64_t struct_size;
  const char *name;
  const char *help;           /* what the manual says of it */
  const char *expectation;    /* what is expected, for messages: "a number"; NULL: from `kinds` */
  uint32_t kinds;             /* which values it takes */
  int32_t is_required;        /* whether a call must give it */
  const flow_value *standard; /* its value where it is left out; NULL where it is required */
} flow_attribute;

/* An operation made ready for fixed types: what `prepare` fills in. */
typedef struct flow_kernel {
  uint64_t struct_size;
  void *data;               /* handed to `run` and `release` */
  int64_t blocks;           /* the parts of the work, which may depend on the types alone; at least 1 */
  int64_t workspace_bytes;  /* what one running block needs for itself */
  int32_t (*run)(void *data, flow_call *call, int64_t block, const flow_tensor *const *inputs, uint64_t input_count,
                 const flow_tensor *const *outputs, uint64_t output_count, void *workspace);
  void (*release)(void *data); /* NULL where there is nothing to release */
} flow_kernel;

/* An operation. `context` is handed to each of its functions; `attributes` always has a value for each attribute, in the order in
 * which they were declared. Functions that an operation does not have are NULL. */
typedef struct flow_operation {
  uint64_t struct_size;
  const char *name;      /* in graph files */
  const char *signature; /* "a, b -> c", "xs... -> y", "x, bias? -> low, high" */
  const char *summary;   /* one line for the manual */
  const char *shapes;    /* "x [...] → y [...]" */
  const char *gradient;  /* "x̄ = ȳ · y" */
  const char *source;    /* where the definition comes from; NULL where it has no name */
  const flow_attribute *const *attributes;
  uint64_t attribute_count;
  uint32_t flags;
  uint32_t reserved;
  void *context;

  /* The shape rule: calls `output` of the host once for each output, in order, or fails. Dimensions may be unknown. Needed. */
  int32_t (*infer)(void *context, flow_call *call, const flow_value *const *attributes, const flow_type *const *inputs,
                   uint64_t input_count);
  /* Computes the outputs. Needed where there is no `prepare`. */
  int32_t (*forward)(void *context, flow_call *call, const flow_value *const *attributes, const flow_tensor *const *inputs,
                     uint64_t input_count, const flow_tensor *const *outputs, uint64_t output_count);
  /* Decides once, when all sizes are known, how to run for these types. */
  int32_t (*prepare)(void *context, flow_call *call, const flow_value *const *attributes, const flow_type *const *inputs,
                     uint64_t input_count, flow_kernel *kernel);
  /* The gradient as graph, of any order: adds nodes with `add`, and calls `gradient` once for each input. */
  int32_t (*bprop)(void *context, flow_call *call, const flow_value *const *attributes, const flow_node *inputs,
                   uint64_t input_count, const flow_node *outputs, uint64_t output_count, const flow_node *gradients);
  /* The tangents of the outputs from those of the inputs, as graph: calls `gradient` once for each output; or FLOW_DERIVE. */
  int32_t (*jvp)(void *context, flow_call *call, const flow_value *const *attributes, const flow_node *inputs,
                 uint64_t input_count, const flow_node *outputs, uint64_t output_count, const flow_node *tangents);
  /* The gradient as numbers, first order only: used where there is no `bprop`. Writes a gradient of each input's type. */
  int32_t (*backward)(void *context, flow_call *call, const flow_value *const *attributes, const flow_tensor *const *inputs,
                      uint64_t input_count, const flow_tensor *const *outputs, uint64_t output_count,
                      const flow_tensor *const *gradients, const flow_tensor *const *input_gradients);
  /* The arithmetic operations of one evaluation; NULL: one for each element of the outputs. */
  int64_t (*flops)(void *context, const flow_value *const *attributes, const flow_type *const *inputs, uint64_t input_count,
                   const flow_type *const *outputs, uint64_t output_count);
} flow_operation;

/* A format of files, for `data:` and `load`: `data: my_format("file", x: "name/of/x")`. */
typedef struct flow_reader {
  uint64_t struct_size;
  const char *name;    /* in graph files */
  const char *summary; /* one line for the manual */
  void *context;
  /* Opens a file, calls `entry` of the host for each tensor in it, and leaves what the others are handed in `file`. */
  int32_t (*open)(void *context, flow_call *call, const char *path, void **file);
  /* Reads `target->sizes[0]` rows from `first_row` on, or a whole scalar, into the target. */
  int32_t (*read)(void *context, flow_call *call, void *file, const char *name, int64_t first_row, const flow_tensor *target);
  void (*close)(void *context, void *file);
} flow_reader;

/* What the host offers. A plugin keeps the pointer that `enter` received; it lives as long as the process. */
typedef struct flow_host {
  uint64_t struct_size;
  uint32_t abi; /* FLOW_PLUGIN_ABI of the host */
  uint32_t reserved;
  const char *version; /* the engine's: "0.2.0" */

  /* Within `enter`: makes an operation, or a reader, known. FLOW_FAILED where the host refuses it; then `enter` fails. */
  int32_t (*add_operation)(flow_registration *registration, const flow_operation *operation);
  int32_t (*add_reader)(flow_registration *registration, const flow_reader *reader);

  /* Says why a call fails; `help` says what to do, or is NULL. Without a message: as the host's function said that failed last.
   * Returns FLOW_FAILED. */
  int32_t (*fail)(flow_call *call, int32_t reason, const char *message, const char *help);

  /* Within `infer`: the type of the next output. */
  int32_t (*output)(flow_call *call, int32_t dtype, int32_t rank, const flow_dimension *const *dimensions);
  /* A known size; and the sum '+', difference '-', product '*' or exact quotient '/' of two: NULL where that overflows or leaves
   * a remainder. */
  const flow_dimension *(*dimension)(flow_call *call, int64_t size);
  const flow_dimension *(*combine)(flow_call *call, char sign, const flow_dimension *a, const flow_dimension *b);

  /* Within `bprop` and `jvp`: adds a node by its operation's name, and writes up to `capacity` results to `outputs`. Returns how
   * many results there are, or -1, having said why the call fails. */
  int64_t (*add)(flow_call *call, const char *name, const flow_node *inputs, uint64_t input_count,
                 const char *const *attribute_names, const flow_value *const *attributes, uint64_t attribute_count,
                 flow_node *outputs, uint64_t capacity);
  /* The type of a value of the graph; NULL where there is none. */
  const flow_type *(*type)(flow_call *call, flow_node value);
  /* What is said of the next input's gradient, or the next output's tangent. `value` counts for FLOW_GRADIENT_VALUE, `reason` for
   * FLOW_GRADIENT_UNDEFINED. */
  int32_t (*gradient)(flow_call *call, int32_t kind, flow_node value, const char *reason);

  /* Within `open` of a reader: one tensor of the file. */
  int32_t (*entry)(flow_call *call, const char *name, int32_t dtype, int32_t rank, const int64_t *sizes);
} flow_host;

/* What `flow_plugin_query` returns. */
typedef struct flow_plugin {
  uint64_t struct_size;
  uint64_t magic; /* FLOW_PLUGIN_MAGIC */
  uint32_t abi;   /* FLOW_PLUGIN_ABI of the plugin */
  uint32_t reserved;
  const char *name;     /* as a graph file asks for it; the library is lib<name>.so */
  const char *version;  /* "1.0.0" */
  const char *language; /* what it is written in: "Swift", "C" */
  void *context;        /* handed to `enter` */
  /* Registers what the plugin has. */
  int32_t (*enter)(void *context, const flow_host *host, flow_registration *registration);
} flow_plugin;

/* Marks the one function that a plugin exports, also where the compiler hides the others. */
#define FLOW_PLUGIN_EXPORT __attribute__((visibility("default")))

/* The one function that a plugin exports. It only returns a pointer to a struct that lives as long as the process. */
FLOW_PLUGIN_EXPORT const flow_plugin *flow_plugin_query(void);

#ifdef __cplusplus
}
#endif

#endif
