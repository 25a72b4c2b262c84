/// Free and used pieces of one growing stretch of memory: two-level segregated fit, each call in constant time.
///
/// A piece that is freed carries a token, which says when it may be written again; joined pieces join their tokens.
///
/// - Source: Masmano, Ripoll, Crespo & Real, TLSF: a new dynamic memory allocator for real-time systems, 2004.
struct FreeList: Sendable {
  /// Nothing need be waited for.
  static let noToken: Int32 = -1

  /// One piece; lists are doubly linked by index, -1 at their ends.
  private struct Piece: Sendable {
    var offset: Int
    var size: Int
    var token: Int32
    var isFree = false
    var before: Int32
    var after: Int32
    var previous: Int32 = -1
    var next: Int32 = -1
  }

  /// Sizes are in units, so that every offset is aligned.
  static let unit = 64
  /// Each doubling of the size has this many lists, as a power of two.
  private static let subdivision = 4
  /// How many pieces of a list are tried before a larger list is.
  private static let probes = 4

  /// The bytes needed so far.
  private(set) var byteCount = 0

  private var pieces: [Piece] = []
  private var spare: [Int32] = []
  private var last: Int32 = -1
  private var heads = [Int32](repeating: -1, count: 64 << subdivision)
  /// Which lists are not empty, one bit each.
  private var occupied = [UInt64](repeating: 0, count: 1 << subdivision)

  /// A used piece of at least `byteCount` bytes: its handle, and what to wait for before it is written; nil where the memory
  /// could not be addressed.
  mutating func allocate(_ byteCount: Int) -> (handle: Int32, offset: Int, token: Int32)? {
    guard byteCount <= Int.max / 4, self.byteCount <= Int.max / 4 else { return nil }
    let size = max((byteCount + Self.unit - 1) / Self.unit, 1) * Self.unit
    let handle = find(size) ?? extend(size)
    split(handle, size)
    let piece = pieces[Int(handle)]
    return (handle, piece.offset, piece.token)
  }

  /// Gives a piece back.
  ///
  /// - Parameter join: makes one token that stands for two.
  mutating func free(_ handle: Int32, token: Int32, join: (Int32, Int32) -> Int32) {
    var handle = handle
    pieces[Int(handle)].token = token
    let before = pieces[Int(handle)].before
    if before >= 0, pieces[Int(before)].isFree {
      unlink(before)
      handle = merge(before, handle, join)
    }
    let after = pieces[Int(handle)].after
    if after >= 0, pieces[Int(after)].isFree {
      unlink(after)
      handle = merge(handle, after, join)
    }
    link(handle)
  }

  private mutating func merge(_ first: Int32, _ second: Int32, _ join: (Int32, Int32) -> Int32) -> Int32 {
    let absorbed = pieces[Int(second)]
    let token = pieces[Int(first)].token
    pieces[Int(first)].token =
      token == Self.noToken || token == absorbed.token
      ? absorbed.token : absorbed.token == Self.noToken ? token : join(token, absorbed.token)
    pieces[Int(first)].size += absorbed.size
    pieces[Int(first)].after = absorbed.after
    if absorbed.after >= 0 { pieces[Int(absorbed.after)].before = first } else { last = first }
    spare.append(second)
    return first
  }

  /// Cuts off what a piece has beyond `size`.
  private mutating func split(_ handle: Int32, _ size: Int) {
    let piece = pieces[Int(handle)]
    guard piece.size > size else { return }
    let rest = add(
      Piece(
        offset: piece.offset + size, size: piece.size - size, token: piece.token, before: handle, after: piece.after))
    if piece.after >= 0 { pieces[Int(piece.after)].before = rest } else { last = rest }
    pieces[Int(handle)].size = size
    pieces[Int(handle)].after = rest
    link(rest)
  }

  /// A piece at the end, which takes in a free one that is there.
  private mutating func extend(_ size: Int) -> Int32 {
    if last >= 0, pieces[Int(last)].isFree {
      unlink(last)
      byteCount += size - pieces[Int(last)].size
      pieces[Int(last)].size = size
      return last
    }
    let handle = add(Piece(offset: byteCount, size: size, token: Self.noToken, before: last, after: -1))
    if last >= 0 { pieces[Int(last)].after = handle }
    last = handle
    byteCount += size
    return handle
  }

  private mutating func add(_ piece: Piece) -> Int32 {
    if let index = spare.popLast() {
      pieces[Int(index)] = piece
      return index
    }
    pieces.append(piece)
    return Int32(pieces.count - 1)
  }
}

// MARK: The lists

extension FreeList {
  /// Takes a free piece of at least `size` bytes off its list.
  private mutating func find(_ size: Int) -> Int32? {
    let list = Self.list(size)
    var candidate = heads[list]
    var probes = Self.probes
    while candidate >= 0, probes > 0 {
      if pieces[Int(candidate)].size >= size {
        unlink(candidate)
        return candidate
      }
      candidate = pieces[Int(candidate)].next
      probes -= 1
    }
    guard let larger = firstOccupied(after: list) else { return nil }
    let handle = heads[larger]
    unlink(handle)
    return handle
  }

  private func firstOccupied(after list: Int) -> Int? {
    let start = list + 1
    guard start < heads.count else { return nil }
    var word = start / 64
    var bits = occupied[word] & (~0 << UInt64(start % 64))
    while bits == 0 {
      word += 1
      guard word < occupied.count else { return nil }
      bits = occupied[word]
    }
    return word * 64 + bits.trailingZeroBitCount
  }

  private mutating func link(_ handle: Int32) {
    let list = Self.list(pieces[Int(handle)].size)
    let head = heads[list]
    pieces[Int(handle)].isFree = true
    pieces[Int(handle)].previous = -1
    pieces[Int(handle)].next = head
    if head >= 0 { pieces[Int(head)].previous = handle }
    heads[list] = handle
    occupied[list / 64] |= 1 << UInt64(list % 64)
  }

  private mutating func unlink(_ handle: Int32) {
    let piece = pieces[Int(handle)]
    let list = Self.list(piece.size)
    pieces[Int(handle)].isFree = false
    if piece.next >= 0 { pieces[Int(piece.next)].previous = piece.previous }
    if piece.previous >= 0 {
      pieces[Int(piece.previous)].next = piece.next
    } else {
      heads[list] = piece.next
      if piece.next < 0 { occupied[list / 64] &= ~(1 << UInt64(list % 64)) }
    }
  }

  /// The list of a size: all sizes below `2^subdivision` units have their own, then each doubling that many.
  private static func list(_ size: Int) -> Int {
    let units = size / unit
    guard units >= 1 << subdivision else { return units }
    let exponent = Int.bitWidth - 1 - units.leadingZeroBitCount
    let fraction = (units >> (exponent - subdivision)) & ((1 << subdivision) - 1)
    return (exponent - subdivision + 1) << subdivision + fraction
  }
}
