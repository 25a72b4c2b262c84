// What an operation is written with: the same rooms that the built-in ones import, and the functions of mathematics.
@_exported public import FlowGraph
@_exported public import FlowTensor

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Darwin)
  @_exported public import Darwin
#endif
