// Comments and blank lines, which the formatter keeps.

extension Parser {
  private func text(of comment: Comment) -> String { lexer.text(comment.start, comment.end) }

  /// The comments before the current token that nobody has taken. An empty string stands for a blank line, also for one
  /// between the last comment and the token.
  mutating func takeComments() -> (lines: [String], blankBefore: Bool) {
    let token = current
    var lines: [String] = []
    var blankBefore = token.afterBlank
    while nextComment < lexer.comments.count, lexer.comments[nextComment].next <= index {
      let comment = lexer.comments[nextComment]
      if lines.isEmpty { blankBefore = comment.afterBlank } else if comment.afterBlank { lines.append("") }
      lines.append(text(of: comment))
      nextComment += 1
    }
    if !lines.isEmpty, token.afterBlank, token.kind != .end, token.kind != .braceClose { lines.append("") }
    return (lines, blankBefore)
  }

  /// What stands above a statement that begins at the current token.
  mutating func leadingTrivia() -> Statement.Trivia {
    var trivia = Statement.Trivia()
    (trivia.leading, trivia.blankLineBefore) = takeComments()
    return trivia
  }

  /// The comments inside what was just read, which move above it: those before the token before the current.
  mutating func takeInnerComments(into trivia: inout Statement.Trivia) {
    while nextComment < lexer.comments.count, lexer.comments[nextComment].next < index {
      trivia.leading.append(text(of: lexer.comments[nextComment]))
      nextComment += 1
    }
  }

  /// The comment on the line of the token before the current, if there is one.
  mutating func takeTrailingComment() -> String? {
    guard nextComment < lexer.comments.count else { return nil }
    let comment = lexer.comments[nextComment]
    guard comment.next == index, !comment.startsLine else { return nil }
    nextComment += 1
    return text(of: comment)
  }

  /// The comments before a closing brace or the end of the text.
  mutating func closingComments(isEmpty: Bool) -> [String] {
    let (lines, blankBefore) = takeComments()
    return blankBefore && !isEmpty && !lines.isEmpty ? [""] + lines : lines
  }
}
