import CHDF5

/// The version of the HDF5 library: "1.10.8".
///
/// SAFETY: the library writes the three numbers that it is given the addresses of.
package var hdf5Version: String {
  var (major, minor, release) = (UInt32(0), UInt32(0), UInt32(0))
  HDF5Library.locked { _ = H5get_libversion(&major, &minor, &release) }
  return "\(major).\(minor).\(release)"
}
