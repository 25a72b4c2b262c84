/// Numbers sequences of integers in the order in which they are first seen. Flat: no allocation for each sequence.
struct SequenceTable: Sendable {
  private var elements: [Int32] = []
  /// Where each sequence ends in `elements`.
  private var ends: [Int32] = []
  private var hashes: [UInt32] = []
  /// The number of a sequence or -1, open addressing; a power of two, at most half full.
  private var slots: [Int32]

  init(minimumCapacity: Int = 8) {
    var size = 16
    while size < minimumCapacity * 2 { size *= 2 }
    slots = Array(repeating: -1, count: size)
  }

  var count: Int { ends.count }

  /// The number of `sequence`, and whether it is seen for the first time.
  mutating func insert(_ sequence: [Int32]) -> (index: Int, isNew: Bool) {
    if (count + 1) * 2 > slots.count { grow() }
    let hash = Self.hash(sequence)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if hashes[index] == hash && equals(index, sequence) { return (index, false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(count)
    elements += sequence
    ends.append(Int32(elements.count))
    hashes.append(hash)
    return (count - 1, true)
  }

  private func equals(_ index: Int, _ sequence: [Int32]) -> Bool {
    let start = index == 0 ? 0 : Int(ends[index - 1])
    guard Int(ends[index]) - start == sequence.count else { return false }
    for offset in 0..<sequence.count where elements[start + offset] != sequence[offset] { return false }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for index in 0..<count {
      var slot = Int(hashes[index]) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(index)
    }
  }

  private static func hash(_ sequence: [Int32]) -> UInt32 {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for element in sequence {
      state = (state ^ UInt64(UInt32(bitPattern: element))) &* 0xFF51_AFD7_ED55_8CCD
      state ^= state >> 32
    }
    return UInt32(truncatingIfNeeded: state)
  }
}
