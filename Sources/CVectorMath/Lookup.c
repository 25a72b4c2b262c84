#include "VectorLoops.h"
#include <string.h>

FlowLoops flow_find_loops(const char *opcode) {
  const FlowFamily families[] = {flow_arithmetic, flow_exponentials, flow_trigonometry, flow_normal};
  for (size_t family = 0; family < sizeof families / sizeof *families; family++) {
    for (intptr_t i = 0; i < families[family].count; i++) {
      if (strcmp(families[family].first[i].opcode, opcode) == 0) return families[family].first[i];
    }
  }
  return (FlowLoops){0};
}
