/// How work over a number of elements is cut into blocks: by the number alone, never by the machine.
package struct Blocks: Hashable, Sendable {
  package let count: Int
  private let elements: Int
  private let elementsPerBlock: Int

  /// - Precondition: `elementsPerBlock` is positive.
  package init(of elements: Int, each elementsPerBlock: Int = 32_768) {
    self.elements = elements
    self.elementsPerBlock = elementsPerBlock
    count = max(1, (elements + elementsPerBlock - 1) / elementsPerBlock)
  }

  package subscript(block: Int) -> Range<Int> {
    let start = min(block * elementsPerBlock, elements)
    return start..<min(start + elementsPerBlock, elements)
  }
}
