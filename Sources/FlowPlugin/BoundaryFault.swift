/// What is wrong with something that came across the boundary.
package struct BoundaryFault: Error, Hashable, Sendable {
  package let message: String

  package init(_ message: String) { self.message = message }
}
