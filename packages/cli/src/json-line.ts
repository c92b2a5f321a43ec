/** Strings, punctuation, and all that is between them, of a JSON text. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/**
 * The line, from 1, on which a JSON text has what a path such as `hops[1].from[0]` names; of a
 * path that leads further than the text, where its longest known part is. The short form of a
 * policy has its one rule at the top: `hops[0].from` finds `trust` there.
 */
export function lineOfPath(text: string, path: string): number {
  const { lines } = readMembers(text)
  for (let known = shortForm(lines, path); known !== ''; known = parent(known)) {
    const line = lines.get(known)
    if (line !== undefined) return line
  }
  return 1
}

function shortForm(lines: ReadonlyMap<string, number>, path: string): string {
  if (lines.has('hops')) return path
  return path
    .replace(/^hops\[0\]\.?/, '')
    .replace(/^from\b/, 'trust')
    .replace(/^asserts\b/, 'header')
}

/** Always shorter, whatever characters a name is made of. */
const parent = (path: string): string =>
  path.slice(0, Math.max(0, path.lastIndexOf('.'), path.lastIndexOf('[')))

/** A name that an object has more than once: the last one counts, the others are read by nobody. */
export interface Repeated {
  readonly path: string
  /** Of the last one, from 1. */
  readonly line: number
}

/** The repeated names of a JSON text (RFC 8259 section 4), in their order. */
export function repeatedNames(text: string): readonly Repeated[] {
  return readMembers(text).repeated
}

interface Members {
  /** Where each member and element begins. */
  readonly lines: ReadonlyMap<string, number>
  readonly repeated: readonly Repeated[]
}

/** A text that is no JSON gives what could be read of it. */
function readMembers(text: string): Members {
  const lines = new Map<string, number>()
  const repeated: Repeated[] = []
  const open: Container[] = []
  let line = 1
  let at = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    line += text.slice(at, index).split('\n').length - 1
    at = index
    const inner = open.at(-1)
    if (token === '}' || token === ']') open.pop()
    else if (token === ',') inner?.next()
    else if (inner?.takesKey(token) === true) {
      lines.set(inner.path, line)
      if (inner.isRepeated) repeated.push({ path: inner.path, line })
    } else if (token !== ':') {
      const path = inner?.path ?? ''
      if (!lines.has(path)) lines.set(path, line)
      if (token === '{' || token === '[') open.push(new Container(path, token))
    }
  }
  return { lines, repeated }
}

/** An object or a list that is being read. */
class Container {
  readonly #path: string
  readonly #isList: boolean
  #index = 0
  #key: string | undefined
  readonly #known = new Set<string>()
  #isRepeated = false

  constructor(path: string, bracket: string) {
    this.#path = path
    this.#isList = bracket === '['
  }

  /** Of what is being read now. */
  get path(): string {
    if (this.#isList) return `${this.#path}[${this.#index}]`
    return this.#path === '' ? (this.#key ?? '') : `${this.#path}.${this.#key ?? ''}`
  }

  /** Whether the name that was taken last had been taken before. */
  get isRepeated(): boolean {
    return this.#isRepeated
  }

  takesKey(token: string): boolean {
    if (this.#isList || this.#key !== undefined || !token.startsWith('"')) return false
    const key = nameIn(token)
    this.#key = key
    this.#isRepeated = this.#known.has(key)
    this.#known.add(key)
    return true
  }

  next(): void {
    this.#index++
    this.#key = undefined
  }
}

/** The name that a token says: `"\u0066rom"` is `from`. */
function nameIn(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.slice(1, -1)
  }
}
