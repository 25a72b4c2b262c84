/* A data source in plain C: the text format of SVMlight and LIBSVM, a row a line.
 *
 *   1 1:0.5 3:2.25   # label, then index:value, indices from 1; what is left out is 0
 *
 * `svmlight("train.txt", x: "x", y: "y")` gives `x`, f64 of rows × the largest index, and `y`, the labels as f64. The file is
 * read once, when it is opened; rows are written from memory. Source: Joachims, SVMlight, 1999; Chang & Lin, LIBSVM, 2011. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_plugin.h"

static const flow_host *host;

enum { LARGEST_INDEX = 1 << 24 };

struct entry {
  int64_t index;
  double value;
};

/* The rows of a file: the entries of row r lie at starts[r]..<starts[r + 1]. */
struct table {
  double *labels;
  int64_t *starts;
  struct entry *entries;
  int64_t rows, row_capacity;
  int64_t count, capacity;
  int64_t columns;
};

static void release(struct table *table) {
  if (!table) return;
  free(table->labels);
  free(table->starts);
  free(table->entries);
  free(table);
}

/* Makes room for one more; false where there is no memory. */
static int grow(void **items, int64_t *capacity, int64_t count, size_t size) {
  if (count < *capacity) return 1;
  int64_t wanted = *capacity ? 2 * *capacity : 1024;
  void *moved = realloc(*items, (size_t)wanted * size);
  if (!moved) return 0;
  *items = moved;
  *capacity = wanted;
  return 1;
}

/* Adds the row of a line; gives what is wrong with it, or NULL. */
static const char *add_row(struct table *table, char *text) {
  char *end;
  int64_t before = table->row_capacity;
  if (!grow((void **)&table->labels, &table->row_capacity, table->rows, sizeof *table->labels)) return "no memory is left";
  if (before != table->row_capacity) {
    int64_t *starts = realloc(table->starts, (size_t)(table->row_capacity + 1) * sizeof *starts);
    if (!starts) return "no memory is left";
    table->starts = starts;
  }
  table->labels[table->rows] = strtod(text, &end);
  if (end == text) return "it does not begin with a label";
  table->starts[table->rows] = table->count;
  for (;;) {
    text = end + strspn(end, " \t\r\n");
    if (!*text) break;
    struct entry entry;
    errno = 0;
    entry.index = strtoll(text, &end, 10);
    if (end == text || *end != ':' || errno) return "an entry is not index:value";
    if (entry.index < 1 || entry.index > LARGEST_INDEX) return "an index is not in 1...16777216";
    text = end + 1;
    entry.value = strtod(text, &end);
    if (end == text) return "an entry is not index:value";
    if (!grow((void **)&table->entries, &table->capacity, table->count, sizeof entry)) return "no memory is left";
    table->entries[table->count++] = entry;
    if (entry.index > table->columns) table->columns = entry.index;
  }
  table->starts[++table->rows] = table->count;
  return NULL;
}

static int32_t refuse(flow_call *call, int64_t line, const char *what) {
  char message[160];
  if (line) snprintf(message, sizeof message, "line %lld: %s", (long long)line, what);
  return host->fail(call, FLOW_BAD_VALUE, line ? message : what, NULL);
}

static int32_t read_lines(struct table *table, FILE *stream, flow_call *call) {
  char *line = NULL;
  size_t capacity = 0;
  int64_t number = 0;
  const char *fault = NULL;
  while (!fault && getline(&line, &capacity, stream) >= 0) {
    number++;
    line[strcspn(line, "#")] = 0;
    if (line[strspn(line, " \t\r\n")]) fault = add_row(table, line);
  }
  if (!fault && ferror(stream)) fault = "reading fails";
  free(line);
  return fault ? refuse(call, number, fault) : FLOW_OK;
}

static int32_t open_file(void *context, flow_call *call, const char *path, void **file) {
  (void)context;
  FILE *stream = fopen(path, "r");
  if (!stream) return refuse(call, 0, strerror(errno));
  struct table *table = calloc(1, sizeof *table);
  int32_t status = table ? read_lines(table, stream, call) : refuse(call, 0, "no memory is left");
  fclose(stream);
  if (status != FLOW_OK) {
    release(table);
    return status;
  }
  const int64_t sizes[] = {table->rows, table->columns};
  *file = table;
  if (host->entry(call, "x", FLOW_F64, 2, sizes) || host->entry(call, "y", FLOW_F64, 1, sizes)) {
    release(table);
    return host->fail(call, FLOW_PLUGIN_FAILURE, NULL, NULL);
  }
  return FLOW_OK;
}

static int32_t read_rows(void *context, flow_call *call, void *file, const char *name, int64_t first,
                         const flow_tensor *target) {
  (void)context, (void)call;
  const struct table *table = file;
  double *numbers = target->data;
  if (!strcmp(name, "y")) {
    for (int64_t row = 0; row < target->sizes[0]; row++) numbers[row] = table->labels[first + row];
    return FLOW_OK;
  }
  memset(numbers, 0, target->count * sizeof *numbers);
  for (int64_t row = 0; row < target->sizes[0]; row++) {
    double *columns = numbers + row * table->columns;
    for (int64_t i = table->starts[first + row]; i < table->starts[first + row + 1]; i++)
      columns[table->entries[i].index - 1] = table->entries[i].value;
  }
  return FLOW_OK;
}

static void close_file(void *context, void *file) {
  (void)context;
  release(file);
}

static const flow_reader reader = {
    .struct_size = sizeof reader,
    .name = "svmlight",
    .summary = "The sparse text format of SVMlight and LIBSVM: x and y as f64.",
    .open = open_file,
    .read = read_rows,
    .close = close_file,
};

static int32_t enter(void *context, const flow_host *functions, flow_registration *registration) {
  (void)context;
  host = functions;
  return host->add_reader(registration, &reader);
}

static const flow_plugin plugin = {
    .struct_size = sizeof plugin,
    .magic = FLOW_PLUGIN_MAGIC,
    .abi = FLOW_PLUGIN_ABI,
    .name = "SVMLight",
    .version = "1.0.0",
    .language = "C",
    .enter = enter,
};

const flow_plugin *flow_plugin_query(void) { return &plugin; }
