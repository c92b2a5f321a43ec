import { UsageError } from '../../program/usage-error.js'

/** A directive of an nginx.conf; a block has directives of its own. */
export interface Directive {
  readonly line: number
  readonly words: readonly string[]
  readonly block: readonly Directive[] | undefined
}

/** What is wrong with the text, and where. */
const unreadable = (why: string): UsageError =>
  new UsageError(`the nginx.conf cannot be read: ${why}`)

interface Token {
  readonly line: number
  readonly text: string
  readonly quoted: boolean
}

/** Blocks within one another, at most: nginx itself needs five or six. */
const MAX_DEPTH = 64

/**
 * The directives of an nginx.conf, as they are nested.
 *
 * @throws {UsageError} where braces or semicolons do not fit.
 */
export function nginxBlocks(text: string): readonly Directive[] {
  const stack: Directive[][] = [[]]
  const opened: { line: number; words: readonly string[] }[] = []
  let words: Token[] = []
  for (const token of tokensOf(text)) {
    const mark = token.quoted ? '' : token.text
    if (mark === ';') {
      add(stack, words, undefined)
      words = []
    } else if (mark === '{') {
      if (stack.length > MAX_DEPTH) throw unreadable(`line ${token.line}: too many blocks`)
      opened.push({ line: words[0]?.line ?? token.line, words: words.map((word) => word.text) })
      words = []
      stack.push([])
    } else if (mark === '}') {
      const [block, head] = [stack.pop(), opened.pop()]
      if (words.length > 0 || block === undefined || head === undefined) {
        throw unreadable(`line ${token.line}: } where a directive has not ended`)
      }
      stack.at(-1)?.push({ ...head, block })
    } else {
      words.push(token)
    }
  }
  const [top = []] = stack
  if (stack.length !== 1 || words.length > 0) throw unreadable('it ends within a block')
  return top
}

function add(stack: Directive[][], words: readonly Token[], block: undefined): void {
  const [first] = words
  if (first === undefined) return
  stack.at(-1)?.push({ line: first.line, words: words.map(({ text }) => text), block })
}

/** A comment, a mark, a quoted text, or a word: `${name}` has braces that end none. */
const TOKEN =
  /#[^\n]*|[;{}]|"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'|(?:\\[\s\S]|\$\{\w+\}|[^\s;{}"'\\])(?:\\[\s\S]|\$\{\w+\}|[^\s;{}\\])*/g

function* tokensOf(text: string): Generator<Token> {
  let line = 1
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    for (; at < match.index; at++) if (text.charCodeAt(at) === 10) line++
    const [whole, double, single] = match
    if (whole.startsWith('#')) continue
    const quoted = double ?? single
    yield { line, text: (quoted ?? whole).replace(/\\(["'])/g, '$1'), quoted: quoted !== undefined }
  }
}
