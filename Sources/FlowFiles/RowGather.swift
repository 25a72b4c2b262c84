/// How to fetch rows in any order by reading runs of neighbours: the runs, and where each row asked for lies in them.
struct RowGather: Hashable {
  struct Place: Hashable {
    var run: Int
    var offset: Int
  }

  /// Ascending, apart from each other.
  private(set) var runs: [Range<Int>] = []
  /// One for each row asked for, in that order.
  private(set) var places: [Place]

  init(_ rows: [Int]) {
    places = Array(repeating: Place(run: 0, offset: 0), count: rows.count)
    for position in rows.indices.sorted(by: { rows[$0] < rows[$1] }) {
      let row = rows[position]
      if let last = runs.last, row <= last.upperBound {
        runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, row + 1)
      } else {
        runs.append(row..<row + 1)
      }
      let run = runs.count - 1
      places[position] = Place(run: run, offset: row - runs[run].lowerBound)
    }
  }
}
