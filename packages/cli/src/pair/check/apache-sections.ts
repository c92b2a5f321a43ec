import { UsageError } from '../../program/usage-error.js'

/** A directive of an httpd.conf; a section has directives of its own. */
export interface ApacheNode {
  readonly line: number
  /** Lower case. */
  readonly name: string
  readonly args: readonly string[]
  readonly inside: readonly ApacheNode[] | undefined
}

/** What is wrong with the text, and where. */
const unreadable = (why: string): UsageError =>
  new UsageError(`the httpd.conf cannot be read: ${why}`)

/** Sections within one another, at most: Apache itself needs five or six. */
const MAX_DEPTH = 64

/**
 * The directives of an httpd.conf, as they are nested.
 *
 * @throws {UsageError} where sections do not fit.
 */
export function apacheSections(text: string): readonly ApacheNode[] {
  const stack: ApacheNode[][] = [[]]
  const opened: Omit<ApacheNode, 'inside'>[] = []
  for (const { line, text: directive } of linesOf(text)) {
    const [, slash, head = ''] = /^<(\/?)(.*?)>?$/.exec(directive) ?? [undefined, undefined, '']
    if (slash === undefined) {
      stack.at(-1)?.push({ ...directiveOf(line, directive), inside: undefined })
    } else if (slash === '') {
      if (stack.length > MAX_DEPTH) throw unreadable(`line ${line}: too many sections`)
      opened.push(directiveOf(line, head))
      stack.push([])
    } else {
      const section = opened.pop()
      if (section?.name !== head.trim().toLowerCase()) {
        throw unreadable(`line ${line}: ${directive} where that section is not open`)
      }
      const inside = stack.pop() ?? []
      stack.at(-1)?.push({ ...section, inside })
    }
  }
  const [top = []] = stack
  if (opened.length > 0) throw unreadable(`it ends within <${opened.at(-1)?.name}>`)
  return top
}

interface Line {
  readonly line: number
  readonly text: string
}

/** Lines that say something, those that end in a backslash with what follows; each by its first number. */
function* linesOf(text: string): Generator<Line> {
  let parts: string[] = []
  let first = 1
  for (const [index, line] of text.split('\n').entries()) {
    if (parts.length === 0) first = index + 1
    const whole = line.trimEnd()
    parts.push(whole.endsWith('\\') ? whole.slice(0, -1) : whole)
    if (whole.endsWith('\\')) continue
    const joined = parts.join('').trim()
    parts = []
    if (joined !== '' && !joined.startsWith('#')) yield { line: first, text: joined }
  }
  const rest = parts.join('').trim()
  if (rest !== '' && !rest.startsWith('#')) yield { line: first, text: rest }
}

/** A quoted word, which the end of the line ends too, or a bare one. */
const WORD = /"((?:\\.|[^"\\])*)"?|'((?:\\.|[^'\\])*)'?|\S+/g

function directiveOf(line: number, text: string): Omit<ApacheNode, 'inside'> {
  const words = Array.from(text.matchAll(WORD), ([whole, double, single]) =>
    (double ?? single ?? whole).replace(/\\(["'\\])/g, '$1'),
  )
  const [name = '', ...args] = words
  return { line, name: name.toLowerCase(), args }
}
