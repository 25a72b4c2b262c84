import CHDF5
import FlowTensor

/// How the elements of a data set become those of a tensor.
struct HDF5Type: Hashable {
  /// What else there is to do than the library's own conversion.
  enum Step: Hashable {
    case none
    /// Any byte but 0 is true.
    case toBool
    /// Unsigned 64-bit numbers, which must be below 2⁶³.
    case checkSign
  }

  /// The type to read elements in: one that the library converts to.
  enum Memory: Hashable {
    case dtype(DType)
    case unsigned64
    case bits16
    /// As stored: one byte each.
    case stored
  }

  var dtype: DType
  var memory: Memory
  var step = Step.none
  /// Whether the bytes in the file are those of the tensor, so that a checksum covers both.
  var isVerbatim = false

  private init(_ dtype: DType, memory: Memory, _ step: Step = .none) {
    self.dtype = dtype
    self.memory = memory
    self.step = step
  }

  /// - Parameter note: the attribute `dtype` of the data set.
  init(of type: borrowing HDF5Handle, note: String?) throws(HDF5Failure) {
    switch H5Tget_class(type.id) {
    case H5T_INTEGER: self = try Self.integer(type, note: note)
    case H5T_FLOAT: self = try Self.floating(type)
    case H5T_ENUM: self = try Self.enumeration(type)
    case let other: throw HDF5Failure(Self.refusal(of: other))
    }
    isVerbatim = try storedAsWritten(type)
  }

  private static func integer(_ type: borrowing HDF5Handle, note: String?) throws(HDF5Failure) -> HDF5Type {
    let size = H5Tget_size(type.id)
    let isSigned = H5Tget_sign(type.id) != H5T_SGN_NONE
    switch (size, isSigned, note) {
    case (1, _, "bool"?): return HDF5Type(.bool, memory: .dtype(isSigned ? .i8 : .u8), .toBool)
    case (2, _, "bf16"?): return HDF5Type(.bf16, memory: .bits16)
    case (1, true, _): return HDF5Type(.i8, memory: .dtype(.i8))
    case (1, false, _): return HDF5Type(.u8, memory: .dtype(.u8))
    case (2, true, _): return HDF5Type(.i16, memory: .dtype(.i16))
    case (2, false, _), (3...4, true, _): return HDF5Type(.i32, memory: .dtype(.i32))
    case (3...4, false, _), (5...8, true, _): return HDF5Type(.i64, memory: .dtype(.i64))
    case (5...8, false, _): return HDF5Type(.i64, memory: .unsigned64, .checkSign)
    default: throw HDF5Failure("whole numbers of \(size) bytes have no dtype")
    }
  }

  private static func floating(_ type: borrowing HDF5Handle) throws(HDF5Failure) -> HDF5Type {
    let size = H5Tget_size(type.id)
    switch (size, try HDF5FloatLayout(of: type)) {
    case (2, .half): return HDF5Type(.f16, memory: .dtype(.f16))
    case (2, .bfloat16): return HDF5Type(.bf16, memory: .dtype(.bf16))
    case (1...4, _): return HDF5Type(.f32, memory: .dtype(.f32))
    case (5...8, _): return HDF5Type(.f64, memory: .dtype(.f64))
    default: throw HDF5Failure("floating-point numbers of \(size) bytes have no dtype")
    }
  }

  /// As h5py writes booleans: two names for the numbers 0 and 1.
  private static func enumeration(_ type: borrowing HDF5Handle) throws(HDF5Failure) -> HDF5Type {
    guard H5Tget_nmembers(type.id) == 2, H5Tget_size(type.id) == 1, H5Tget_member_index(type.id, "FALSE") >= 0,
      H5Tget_member_index(type.id, "TRUE") >= 0
    else { throw HDF5Failure("an enumeration has no dtype") }
    return HDF5Type(.bool, memory: .stored, .toBool)
  }

  private func storedAsWritten(_ type: borrowing HDF5Handle) throws(HDF5Failure) -> Bool {
    switch memory {
    case .stored: return true
    case .unsigned64, .bits16: return false
    case .dtype(let dtype):
      let own = try dtype.makeHDF5Type()
      return try checked(H5Tequal(own.id, type.id)) > 0
    }
  }

  private static func refusal(of kind: H5T_class_t) -> String {
    switch kind {
    case H5T_STRING: "text has no dtype"
    case H5T_COMPOUND: "a compound of several numbers has no dtype"
    case H5T_VLEN: "rows of different lengths have no shape"
    case H5T_ARRAY: "an array in each element has no dtype"
    case H5T_REFERENCE: "a reference has no dtype"
    case H5T_OPAQUE, H5T_BITFIELD: "bits without a meaning have no dtype"
    default: "its type is not known"
    }
  }
}

extension HDF5Type.Memory {
  func makeType(stored: borrowing HDF5Handle) throws(HDF5Failure) -> HDF5Handle {
    switch self {
    case .dtype(let dtype): try dtype.makeHDF5Type()
    case .unsigned64: try HDF5Handle(H5Tcopy(flow_H5T_STD_U64LE()))
    case .bits16: try HDF5Handle(H5Tcopy(flow_H5T_STD_U16LE()))
    case .stored: try HDF5Handle(H5Tcopy(stored.id))
    }
  }
}

extension DType {
  /// The type that elements have in files, and in memory: this program runs on little-endian machines.
  func makeHDF5Type() throws(HDF5Failure) -> HDF5Handle {
    switch self {
    case .f64: try HDF5Handle(H5Tcopy(flow_H5T_IEEE_F64LE()))
    case .f32: try HDF5Handle(H5Tcopy(flow_H5T_IEEE_F32LE()))
    case .f16: try HDF5FloatLayout.half.makeType()
    case .bf16: try HDF5FloatLayout.bfloat16.makeType()
    case .i64: try HDF5Handle(H5Tcopy(flow_H5T_STD_I64LE()))
    case .i32: try HDF5Handle(H5Tcopy(flow_H5T_STD_I32LE()))
    case .i16: try HDF5Handle(H5Tcopy(flow_H5T_STD_I16LE()))
    case .i8: try HDF5Handle(H5Tcopy(flow_H5T_STD_I8LE()))
    case .u8: try HDF5Handle(H5Tcopy(flow_H5T_STD_U8LE()))
    case .bool: try Self.makeBoolean()
    }
  }

  private static func makeBoolean() throws(HDF5Failure) -> HDF5Handle {
    let type = try HDF5Handle(H5Tenum_create(flow_H5T_STD_I8LE()))
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] {
      var value = Int8(value)
      try checked(H5Tenum_insert(type.id, name, &value))
    }
    return type
  }
}

/// Where sign, exponent and fraction of a floating-point number of two bytes lie.
struct HDF5FloatLayout: Hashable {
  var exponentPosition: Int
  var exponentBits: Int
  var bias: Int

  static let half = HDF5FloatLayout(exponentPosition: 10, exponentBits: 5, bias: 15)
  static let bfloat16 = HDF5FloatLayout(exponentPosition: 7, exponentBits: 8, bias: 127)

  init(exponentPosition: Int, exponentBits: Int, bias: Int) {
    self.exponentPosition = exponentPosition
    self.exponentBits = exponentBits
    self.bias = bias
  }

  init(of type: borrowing HDF5Handle) throws(HDF5Failure) {
    var (sign, exponentPosition, exponentBits, fraction, fractionBits) = (0, 0, 0, 0, 0)
    try checked(H5Tget_fields(type.id, &sign, &exponentPosition, &exponentBits, &fraction, &fractionBits))
    self.init(exponentPosition: exponentPosition, exponentBits: exponentBits, bias: H5Tget_ebias(type.id))
  }

  func makeType() throws(HDF5Failure) -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(flow_H5T_IEEE_F32LE()))
    try checked(H5Tset_fields(type.id, 15, exponentPosition, exponentBits, 0, exponentPosition))
    try checked(H5Tset_size(type.id, 2))
    try checked(H5Tset_ebias(type.id, bias))
    return type
  }
}
