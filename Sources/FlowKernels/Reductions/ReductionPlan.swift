/// Where a reduction finds what belongs to each of its results: neighbouring axes of a kind are joined.
struct ReductionPlan: Hashable, Sendable {
  struct Group: Hashable, Sendable {
    var size: Int
    /// In elements of the input.
    var stride: Int
  }

  /// The axes that stay, outermost first.
  let kept: [Group]
  /// The axes that are reduced, outermost first.
  let reduced: [Group]
  /// Neighbouring results whose elements are neighbours as well: 1 where the innermost axis is reduced.
  let columns: Int
  let resultCount: Int
  /// The number of elements that each result is made of.
  let reducedCount: Int

  /// - Precondition: `isReduced` has an entry for each of `sizes`.
  init(_ sizes: [Int], isReduced: [Bool]) {
    kept = Self.groups(sizes) { !isReduced[$0] }
    reduced = Self.groups(sizes) { isReduced[$0] }
    columns = kept.last.map { $0.stride == 1 ? $0.size : 1 } ?? 1
    resultCount = zip(sizes, isReduced).reduce(1) { $1.1 ? $0 : $0 * $1.0 }
    reducedCount = zip(sizes, isReduced).reduce(1) { $1.1 ? $0 * $1.0 : $0 }
  }

  private static func groups(_ sizes: [Int], _ belongs: (Int) -> Bool) -> [Group] {
    var groups: [Group] = []
    var stride = 1
    var continues = false
    for (axis, size) in sizes.enumerated().reversed() where size != 1 {
      if belongs(axis), continues {
        groups[groups.count - 1].size *= size
      } else if belongs(axis) {
        groups.append(Group(size: size, stride: stride))
      }
      continues = belongs(axis)
      stride *= size
    }
    return groups.reversed()
  }

  /// Where the elements of a result begin.
  func offset(ofResult index: Int) -> Int { Self.offset(index, kept[...]) }

  /// The run of a result's elements along the innermost reduced axes.
  var run: Group { reduced.last ?? Group(size: 1, stride: 1) }

  /// How many runs a result is made of.
  var runCount: Int { reduced.dropLast().reduce(1) { $0 * $1.size } }

  /// Where a run begins, from where its result's elements begin.
  func offset(ofRun index: Int) -> Int { Self.offset(index, reduced.dropLast()) }

  private static func offset(_ index: Int, _ groups: ArraySlice<Group>) -> Int {
    var rest = index
    var offset = 0
    var axis = groups.endIndex - 1
    while axis >= groups.startIndex {
      let (quotient, position) = rest.quotientAndRemainder(dividingBy: groups[axis].size)
      offset += position * groups[axis].stride
      rest = quotient
      axis -= 1
    }
    return offset
  }
}
