// The header is all there is: see include/flow_plugin.h.
#include "flow_plugin.h"
