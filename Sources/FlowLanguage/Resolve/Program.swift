package import FlowDiagnostics
package import FlowGraph

/// A file, resolved: its graph and how to train it.
package struct Program: Sendable {
  package var graph: Graph
  package var training: TrainingSettings?
  /// Warnings and notes; a program has no errors.
  package var diagnostics: [Diagnostic]

  package var seed: Int64 { training?.seed ?? 0 }
}

/// What a `train` block says.
package struct TrainingSettings: Sendable {
  /// A value followed beside the loss.
  package struct Report: Sendable {
    package var name: String
    package var value: ValueID
    /// States that start anew for each epoch and each validation: indices into the graph's variables.
    package var states: [Int]
  }

  package enum Validation: Sendable {
    case data(DataRequest)
    /// The last part of the data after one shuffle by the seed.
    case fraction(Double)
  }

  /// A value to go by: `minimize`, a reported one, or either of `validation.`
  package struct Metric: Hashable, Sendable {
    package var name: String
    package var prefersHighest: Bool
  }

  /// Ends the training after epochs without a better value.
  package struct EarlyStop: Hashable, Sendable {
    package var on: Metric
    package var patience: Int
  }

  /// Where and when to save.
  package struct Saving: Hashable, Sendable {
    /// The file that is always the latest state.
    package var path: String
    /// In steps; every epoch where left out.
    package var every: Int?
    /// How many earlier states are kept beside it.
    package var keep: Int?
    /// By what the best epoch's state is kept beside it.
    package var best: Metric?

    package init(path: String, every: Int? = nil, keep: Int? = nil, best: Metric? = nil) {
      self.path = path
      self.every = every
      self.keep = keep
      self.best = best
    }
  }

  package var minimize: ValueID
  package var report: [Report] = []
  package var data: DataRequest?
  package var validation: Validation?
  /// Called once for each parameter with it and its gradient.
  package var optimizer: Definition
  /// The largest norm over all gradients, to which they are scaled before the optimizer sees them.
  package var clipNorm: Double?
  package var batch: Int?
  package var epochs: Int?
  package var steps: Int?
  /// How many batches make a step: their gradients are averaged.
  package var accumulate = 1
  package var shuffle = true
  package var seed: Int64 = 0
  package var stop: EarlyStop?
  package var saving: Saving?
  package var span: SourceSpan
}

/// A data set as a file names it: `hdf5("scans.h5", image: "train/image")`.
package struct DataRequest: Sendable {
  package struct Field: Sendable {
    package var input: String
    /// The tensor's name inside the file.
    package var source: String
    package var span: SourceSpan
  }

  package var format: String
  package var path: String
  package var fields: [Field]
  package var span: SourceSpan
}

extension DataRequest {
  /// A data set of literal strings only; nil for anything else.
  package init?(_ expression: Expression) {
    guard case .call(let call) = expression.kind, call.arguments.count == 1,
      case .string(let path) = call.arguments[0].kind
    else { return nil }
    var fields: [Field] = []
    for label in call.labels {
      guard case .string(let source) = label.value.kind else { return nil }
      fields.append(Field(input: label.name.text, source: source, span: label.name.span))
    }
    self.init(format: call.callee.text, path: path, fields: fields, span: call.callee.span)
  }
}

/// A tensor that a file reads while it is resolved.
package struct FileRequest: Hashable, Sendable {
  package var path: String
  package var name: String
  /// What the file is to be read as; empty for what it shows itself to be.
  package var format: String
  package var span: SourceSpan

  package static func == (a: FileRequest, b: FileRequest) -> Bool {
    a.path == b.path && a.name == b.name && a.format == b.format
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(name)
    hasher.combine(format)
  }
}
