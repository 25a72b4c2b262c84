#pragma once
#include <hdf5.h>

/* The library's names below are macros that call a function, which Swift cannot import. */
static inline hid_t flow_H5T_NATIVE_FLOAT(void) { return H5T_NATIVE_FLOAT; }
