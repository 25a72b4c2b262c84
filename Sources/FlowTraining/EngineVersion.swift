/// The version of the engine, of the program and of the library.
package let engineVersion = "0.1.0"
