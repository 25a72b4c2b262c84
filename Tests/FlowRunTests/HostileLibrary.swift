import Foundation
import Testing

/// A library that is no good plugin: what makes it so, what is done with it, and what has to be said.
struct HostileLibrary: Sendable, CustomTestStringConvertible {
  enum Making: Sendable {
    /// The template's C source with these macros.
    case compiled([String])
    /// The library of the template, then changed.
    case changed(@Sendable (Data) -> Data)
    /// A line for `sh` in the folder, where `libGood.so` lies.
    case shell(String)
  }

  let testDescription: String
  let making: Making
  /// The lines of the graph after `plugin "Bad"`.
  var graph = "input x: f64[2] = [1, 2]\noutput y = bad(x)"
  var arguments: [String] = []
  let code: Int32
  let id: String
  let message: String
}

extension HostileLibrary {
  private static func compiled(
    _ title: String, _ macros: String..., graph: String = "input x: f64[2] = [1, 2]\noutput y = bad(x)",
    arguments: [String] = [], code: Int32, _ id: String, _ message: String
  ) -> HostileLibrary {
    HostileLibrary(
      testDescription: title, making: .compiled(macros), graph: graph, arguments: arguments, code: code, id: id,
      message: message)
  }

  private static func made(_ title: String, _ making: Making, _ id: String, _ message: String) -> HostileLibrary {
    HostileLibrary(testDescription: title, making: making, code: 69, id: id, message: message)
  }

  private static let gradient = "input x: f64[2] = [1, 2]\ny = bad(x)\noutput g = grad(sum(y), x)"

  /// What is refused before anything of it runs.
  static let files: [HostileLibrary] = [
    made("a text", .shell("echo hello > libBad.so"), "not-a-library", "it is no shared library"),
    made("an empty file", .shell(": > libBad.so"), "not-a-library", "it is no shared library"),
    made("a folder", .shell("mkdir libBad.so"), "not-a-library", "it is not a file"),
    made("a library cut off", .changed { $0.prefix($0.count / 2) }, "truncated-plugin", "the library is cut off"),
    made(
      "a header cut off", .changed { $0.prefix(40) }, "truncated-plugin", "the library is cut off"),
    made(
      "one of another machine", .changed { data in data.replacing(byte: 18, by: 243) }, "wrong-architecture",
      "the library is for riscv"),
    made("a program", .changed { data in data.replacing(byte: 16, by: 2) }, "not-a-library", "it is a program"),
    made(
      "a library that anybody may write", .shell("cp libGood.so libBad.so; chmod 777 libBad.so"), "writable-plugin",
      "anybody may write it"),
    made(
      "a folder that anybody may write", .shell("cp libGood.so libBad.so; chmod 777 ."), "writable-plugin",
      "anybody may write into the folder"),
    made(
      "a link out of the folder", .shell("ln -s \"$FLOWRUN\" libBad.so"),
      "plugin-elsewhere", "out of the folder"),
    made("a link to nothing", .shell("ln -s none.so libBad.so"), "missing-plugin", "No such file"),
  ]

  /// What goes wrong while it is loaded, asked and entered.
  static let loads: [HostileLibrary] = [
    compiled("without a query", "NO_QUERY", code: 69, "not-a-plugin", "it has no 'flow_plugin_query'"),
    compiled("whose query gives nothing", "NULL_QUERY", code: 69, "not-a-plugin", "returns nothing"),
    compiled("with another magic", "MAGIC=7", code: 69, "not-a-plugin", "not of this program's making"),
    compiled("of a newer boundary", "ABI=2", code: 69, "wrong-version", "version 2 of the boundary"),
    compiled(
      "with a short struct", "PLUGIN_SIZE=24", code: 69, "bad-plugin", "a 'flow_plugin' says that it has 24 bytes"),
    compiled("without a name", "NAME=0", code: 69, "bad-plugin", "its name is missing"),
    compiled("with another name", "NAME=\"Other\"", code: 69, "bad-plugin", "the plugin in it is called 'Other'"),
    compiled("without a way in", "NO_ENTER", code: 69, "bad-plugin", "its 'enter' is missing"),
    compiled(
      "with an undefined symbol", "UNDEFINED", code: 69, "unloadable-plugin", "undefined symbol: nobody_has_this"),
    compiled("that crashes when loaded", "LOAD=crash()", code: 70, "plugin-crashes", "a bad address (SIGSEGV)"),
    compiled("that traps when loaded", "LOAD=__builtin_trap()", code: 70, "plugin-crashes", "a trap"),
    compiled("that aborts when loaded", "LOAD=abort()", code: 70, "plugin-crashes", "an abort (SIGABRT)"),
    compiled("that kills itself when loaded", "LOAD=kill(getpid(),9)", code: 70, "plugin-crashes", "Killed"),
    compiled("that exits when loaded", "LOAD=exit(0)", code: 70, "plugin-exits", "it ends the program"),
    compiled("that prints when loaded", "LOAD=puts(\"hi\")", code: 69, "plugin-prints", "prints to standard output"),
    compiled(
      "that hangs when loaded", "LOAD=for(;;)pause()", arguments: ["--plugin-timeout", "0.3"], code: 70, "plugin-hangs",
      "it does not finish loading within 0.3 s"),
    compiled("that fails when entered", "ENTER=return(1)", code: 70, "plugin-failure", "'enter' returned 1"),
    compiled(
      "with nothing to register", "ENTER=return(0)", code: 69, "bad-plugin", "neither an operation nor a reader"),
    compiled(
      "with a short operation", "OPERATION_SIZE=16", code: 69, "bad-plugin", "a 'flow_operation' says that it has 16"),
    compiled("with a bad signature", "SIGNATURE=\"x, y\"", code: 69, "bad-plugin", "its signature 'x, y' is not"),
    compiled(
      "with a name for no operation", "OPERATION=\"a b\"", code: 69, "bad-plugin", "'a b' cannot be an operation's name"
    ),
    compiled("without a shape rule", "NO_INFER", code: 69, "bad-plugin", "operation 'bad': it has no 'infer'"),
    compiled("without a kernel", "NO_FORWARD", code: 69, "bad-plugin", "neither 'forward' nor 'prepare'"),
    compiled("without a help for an attribute", "HELP=0", code: 69, "bad-plugin", "the help of 'scale' is missing"),
    compiled("with a default of another kind", "KINDS=FLOW_STRING", code: 69, "bad-plugin", "is not one that it takes"),
    compiled("that registers twice", "TWICE", code: 69, "bad-plugin", "it registers operation 'bad' twice"),
    compiled(
      "with a built-in's name", "OPERATION=\"relu\"", code: 69, "duplicate-operation", "from the program itself"),
    compiled("with a layer's name", "OPERATION=\"dense\"", code: 69, "duplicate-operation", "from the prelude"),
    compiled(
      "with another plugin's name", "OPERATION=\"good\"", arguments: ["--plugin", "Good"], code: 69,
      "duplicate-operation",
      "from plugin Good 1.0.0, "),
  ]

  /// What goes wrong while its operation is typed, differentiated and run.
  static let calls: [HostileLibrary] = [
    compiled("that infers too many outputs", "OUTPUTS=2", code: 70, "plugin-failure", "its shape rule gives 2 outputs"),
    compiled("that infers no output", "OUTPUTS=0", code: 70, "plugin-failure", "its shape rule gives 0 outputs"),
    compiled("that infers no dtype", "DTYPE=77", code: 70, "plugin-failure", "77 is no dtype"),
    compiled(
      "that infers too many axes", "RANK=17", code: 70, "plugin-failure", "17 axes of a tensor: the limit is 16"),
    compiled("that infers a negative size", "INFER_SIZE=-3", code: 70, "plugin-failure", "a size is -3"),
    compiled("that fails without a reason", "FORWARD=return(1)", code: 70, "plugin-failure", "without saying why"),
    compiled("that returns nonsense", "FORWARD=return(9)", code: 70, "plugin-failure", "returned 9"),
    compiled(
      "that says it cannot go on", "FORWARD=return host->fail(call,0,\"out of paper\",0)", code: 70, "plugin-failure",
      "operation 'bad' of plugin Bad 1.0.0: out of paper"),
    compiled(
      "that does not like a value", "FORWARD=return host->fail(call,FLOW_BAD_VALUE,\"no twos\",\"use ones\")", code: 65,
      "bad-value", "no twos"),
    compiled(
      "that changes its output's type", "FORWARD=((flow_tensor*)outputs[0])->dtype=FLOW_F32", code: 70,
      "plugin-failure",
      "it changed the type or the place of its output 0"),
    compiled(
      "that traps", "FORWARD=__builtin_trap()", code: 70, "plugin-failure",
      "flowrun: error: operation 'bad' of plugin Bad 1.0.0: stopped by"),
    compiled("that crashes", "FORWARD=crash()", code: 70, "plugin-failure", "a bad address (SIGSEGV)"),
    compiled(
      "that gives NaN", "FORWARD=y[0]=0.0/0.0", arguments: ["--check-numerics"], code: 65, "not-finite",
      "'y' is bad of plugin Bad 1.0.0(f64[2])"),
    compiled(
      "that writes past the end", "FORWARD=y[inputs[0]->count]=5", arguments: ["--check-plugins"], code: 70,
      "plugin-failure",
      "outside of its output"),
    compiled(
      "that leaves an element", "FORWARD=return(0)", arguments: ["--check-plugins"], code: 70, "plugin-failure",
      "leaves part of its output unwritten"),
    compiled(
      "that writes its input", "FORWARD=x[0]=5,y[0]=1,y[1]=2", "PLAIN", arguments: ["--check-plugins"], code: 70,
      "plugin-failure", "it changed its input 0"),
    compiled(
      "with a wrong gradient", "FACTOR=3", arguments: ["--check-plugins"], code: 70, "plugin-failure",
      "the gradient of order 1 is"),
    compiled(
      "without gradients", "GRADIENTS=0", graph: gradient, code: 70, "plugin-failure",
      "gives 0 gradients for its inputs"),
    compiled(
      "with a gradient too many", "GRADIENTS=2", graph: gradient, code: 70, "plugin-failure", "gives 2 gradients"),
    compiled(
      "with a gradient of nowhere", "NODE=123456", graph: gradient, code: 70, "plugin-failure",
      "123456 is no value of the graph"),
    compiled(
      "that adds what is not there", "ADD=\"mull\"", graph: gradient, code: 70, "plugin-failure",
      "no operation named 'mull'"),
    compiled(
      "that traps in a process of its own", "FORWARD=__builtin_trap()", arguments: ["--isolate-plugins"], code: 70,
      "plugin-failure", "operation 'bad' of plugin Bad 1.0.0: its process was stopped"),
    compiled(
      "that exits in a process of its own", "FORWARD=exit(0)", arguments: ["--isolate-plugins"], code: 70,
      "plugin-failure", "it ended its process"),
    compiled(
      "that never returns", "FORWARD=for(;;)pause()", arguments: ["--isolate-plugins", "--plugin-timeout", "4"],
      code: 70,
      "plugin-failure", "it does not return within 4 s"),
    compiled(
      "that fails in a process of its own", "FORWARD=return host->fail(call,FLOW_BAD_VALUE,\"no twos\",\"use ones\")",
      arguments: ["--isolate-plugins"], code: 65, "bad-value", "no twos"),
  ]
}

extension Data {
  fileprivate func replacing(byte index: Int, by value: UInt8) -> Data {
    var data = self
    data[startIndex + index] = value
    return data
  }
}
