#pragma once
/* Later versions of the library keep the functions of version 1.10 under this name. */
#define H5_USE_110_API 1
#include <hdf5.h>

/* The library's names below are macros that call a function or cast, which Swift cannot import. */
static inline hid_t flow_H5T_IEEE_F64LE(void) { return H5T_IEEE_F64LE; }
static inline hid_t flow_H5T_IEEE_F32LE(void) { return H5T_IEEE_F32LE; }
static inline hid_t flow_H5T_STD_I64LE(void) { return H5T_STD_I64LE; }
static inline hid_t flow_H5T_STD_I32LE(void) { return H5T_STD_I32LE; }
static inline hid_t flow_H5T_STD_I16LE(void) { return H5T_STD_I16LE; }
static inline hid_t flow_H5T_STD_I8LE(void) { return H5T_STD_I8LE; }
static inline hid_t flow_H5T_STD_U8LE(void) { return H5T_STD_U8LE; }
static inline hid_t flow_H5T_STD_U16LE(void) { return H5T_STD_U16LE; }
static inline hid_t flow_H5T_STD_U64LE(void) { return H5T_STD_U64LE; }
static inline hid_t flow_H5T_C_S1(void) { return H5T_C_S1; }
static inline size_t flow_H5T_VARIABLE(void) { return H5T_VARIABLE; }
static inline hid_t flow_H5P_FILE_CREATE(void) { return H5P_FILE_CREATE; }
static inline hid_t flow_H5P_FILE_ACCESS(void) { return H5P_FILE_ACCESS; }
static inline hid_t flow_H5P_GROUP_CREATE(void) { return H5P_GROUP_CREATE; }
static inline hid_t flow_H5P_DATASET_CREATE(void) { return H5P_DATASET_CREATE; }
static inline hid_t flow_H5P_DATASET_ACCESS(void) { return H5P_DATASET_ACCESS; }
static inline unsigned flow_H5F_ACC_RDONLY(void) { return H5F_ACC_RDONLY; }
static inline unsigned flow_H5F_ACC_TRUNC(void) { return H5F_ACC_TRUNC; }

/* These are functions in version 1.10 and macros later. */
static inline herr_t flow_H5Literate(
    hid_t group, H5_index_t index, H5_iter_order_t order, H5L_iterate_t each, void *data) {
  return H5Literate(group, index, order, NULL, each, data);
}
static inline herr_t flow_H5Aiterate(
    hid_t object, H5_index_t index, H5_iter_order_t order, H5A_operator2_t each, void *data) {
  return H5Aiterate2(object, index, order, NULL, each, data);
}
/* A number that is the same for two objects only if they are one; 0 where it cannot be told. */
static inline haddr_t flow_object_address(hid_t object) {
  H5O_info_t info;
  return H5Oget_info(object, &info) < 0 ? 0 : info.addr;
}
