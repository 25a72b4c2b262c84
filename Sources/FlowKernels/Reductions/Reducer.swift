import FlowTensor
import RealModule

/// A way to make one number of many: each part of them is summed up in a partial result, and these are merged.
protocol Reducer {
  associatedtype Element: BitwiseCopyable
  associatedtype Partial: BitwiseCopyable
  associatedtype Result: BitwiseCopyable

  /// Of no element.
  static var empty: Partial { get }
  static func adding(_ element: Element, to partial: Partial) -> Partial
  static func merging(_ a: Partial, _ b: Partial) -> Partial
  static func result(of partial: Partial, count: Int) -> Result
  /// Whether partial results are sums in double precision.
  static var isSum: Bool { get }
}

extension Reducer {
  static var isSum: Bool { false }
}

/// Sums of floating numbers are carried in double precision.
enum FloatingSum<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var isSum: Bool { true }
  static var empty: Double { 0 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial + Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a + b }
  static func result(of partial: Double, count: Int) -> Number { Number(partial) }
}

enum FloatingMean<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var isSum: Bool { true }
  static var empty: Double { 0 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial + Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a + b }
  static func result(of partial: Double, count: Int) -> Number { Number(partial / Double(count)) }
}

enum FloatingProduct<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Double { 1 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial * Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a * b }
  static func result(of partial: Double, count: Int) -> Number { Number(partial) }
}

enum FloatingSumOfSquares<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Double { 0 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial + Double(element) * Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a + b }
  static func result(of partial: Double, count: Int) -> Number { Number(partial) }
}

/// The largest of floating numbers; NaN where there is one.
enum FloatingMaximum<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Number { -.infinity }
  static func adding(_ element: Number, to partial: Number) -> Number { merging(partial, element) }
  static func merging(_ a: Number, _ b: Number) -> Number { a >= b || a != a ? a : b }
  static func result(of partial: Number, count: Int) -> Number { partial }
}

enum FloatingMinimum<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  static var empty: Number { .infinity }
  static func adding(_ element: Number, to partial: Number) -> Number { merging(partial, element) }
  static func merging(_ a: Number, _ b: Number) -> Number { a <= b || a != a ? a : b }
  static func result(of partial: Number, count: Int) -> Number { partial }
}

/// The logarithm of a sum of exponentials, scaled by the largest so far.
enum LogSumExp<Number: BinaryFloatingPoint & BitwiseCopyable>: Reducer {
  struct Partial: BitwiseCopyable {
    var largest: Double
    /// In units of the exponential of `largest`.
    var sum: Double
  }

  static var empty: Partial { Partial(largest: -.infinity, sum: 0) }

  static func adding(_ element: Number, to partial: Partial) -> Partial {
    merging(partial, Partial(largest: Double(element), sum: 1))
  }

  static func merging(_ a: Partial, _ b: Partial) -> Partial {
    if a.largest == b.largest || b.sum == 0 { return Partial(largest: a.largest, sum: a.sum + b.sum) }
    if a.sum == 0 { return b }
    return a.largest > b.largest
      ? Partial(largest: a.largest, sum: a.sum + b.sum * Double.exp(b.largest - a.largest))
      : Partial(largest: b.largest, sum: b.sum + a.sum * Double.exp(a.largest - b.largest))
  }

  static func result(of partial: Partial, count: Int) -> Number {
    // The sum is NaN where an element was, whatever was larger.
    let isInfinite = partial.largest.isInfinite && !partial.sum.isNaN
    return Number(isInfinite ? partial.largest : partial.largest + Double.log(partial.sum))
  }
}

/// Sums of whole numbers and booleans are carried in 64 bits, and wrap.
enum WholeSum<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Int64 { 0 }
  static func adding(_ element: Number, to partial: Int64) -> Int64 { partial &+ Int64(truncatingIfNeeded: element) }
  static func merging(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
  static func result(of partial: Int64, count: Int) -> Int64 { partial }
}

enum WrappingSum<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Number { 0 }
  static func adding(_ element: Number, to partial: Number) -> Number { partial &+ element }
  static func merging(_ a: Number, _ b: Number) -> Number { a &+ b }
  static func result(of partial: Number, count: Int) -> Number { partial }
}

enum WholeMean<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Double { 0 }
  static func adding(_ element: Number, to partial: Double) -> Double { partial + Double(element) }
  static func merging(_ a: Double, _ b: Double) -> Double { a + b }
  static func result(of partial: Double, count: Int) -> Float { Float(partial / Double(count)) }
}

enum WholeProduct<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Int64 { 1 }
  static func adding(_ element: Number, to partial: Int64) -> Int64 { partial &* Int64(truncatingIfNeeded: element) }
  static func merging(_ a: Int64, _ b: Int64) -> Int64 { a &* b }
  static func result(of partial: Int64, count: Int) -> Int64 { partial }
}

enum WholeSumOfSquares<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Int64 { 0 }
  static func adding(_ element: Number, to partial: Int64) -> Int64 {
    let wide = Int64(truncatingIfNeeded: element)
    return partial &+ wide &* wide
  }
  static func merging(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
  static func result(of partial: Int64, count: Int) -> Int64 { partial }
}

enum WholeMaximum<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Number { .min }
  static func adding(_ element: Number, to partial: Number) -> Number { max(element, partial) }
  static func merging(_ a: Number, _ b: Number) -> Number { max(a, b) }
  static func result(of partial: Number, count: Int) -> Number { partial }
}

enum WholeMinimum<Number: FixedWidthInteger & BitwiseCopyable>: Reducer {
  static var empty: Number { .max }
  static func adding(_ element: Number, to partial: Number) -> Number { min(element, partial) }
  static func merging(_ a: Number, _ b: Number) -> Number { min(a, b) }
  static func result(of partial: Number, count: Int) -> Number { partial }
}

/// Booleans are bytes of 0 or 1.
enum AnyOf: Reducer {
  static var empty: UInt8 { 0 }
  static func adding(_ element: UInt8, to partial: UInt8) -> UInt8 { partial | element }
  static func merging(_ a: UInt8, _ b: UInt8) -> UInt8 { a | b }
  static func result(of partial: UInt8, count: Int) -> UInt8 { partial }
}

enum AllOf: Reducer {
  static var empty: UInt8 { 1 }
  static func adding(_ element: UInt8, to partial: UInt8) -> UInt8 { partial & element }
  static func merging(_ a: UInt8, _ b: UInt8) -> UInt8 { a & b }
  static func result(of partial: UInt8, count: Int) -> UInt8 { partial }
}
