/** Strings, punctuation, and all that is between them, of a JSON text. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/**
 * The line, from 1, on which a JSON text has what a path such as `hops[1].from[0]` names; of a
 * path that leads further than the text, where its longest known part is. The short form of a
 * policy has its one rule at the top: `hops[0].from` finds `trust` there.
 */
export function lineOfPath(text: string, path: string): number {
  const lines = linesOf(text)
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

/** Where each member and element begins. A text that is no JSON gives what could be read of it. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  const open: Container[] = []
  let line = 1
  let at = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    line += text.slice(at, index).split('\n').length - 1
    at = index
    const inner = open.at(-1)
    if (token === '}' || token === ']') open.pop()
    else if (token === ',') inner?.next()
    else if (inner?.takesKey(token) === true) lines.set(inner.path, line)
    else if (token !== ':') {
      const path = inner?.path ?? ''
      if (!lines.has(path)) lines.set(path, line)
      if (token === '{' || token === '[') open.push(new Container(path, token))
    }
  }
  return lines
}

/** An object or a list that is being read. */
class Container {
  readonly #path: string
  readonly #isList: boolean
  #index = 0
  #key: string | undefined

  constructor(path: string, bracket: string) {
    this.#path = path
    this.#isList = bracket === '['
  }

  /** Of what is being read now. */
  get path(): string {
    if (this.#isList) return `${this.#path}[${this.#index}]`
    return this.#path === '' ? (this.#key ?? '') : `${this.#path}.${this.#key ?? ''}`
  }

  takesKey(token: string): boolean {
    if (this.#isList || this.#key !== undefined || !token.startsWith('"')) return false
    this.#key = nameIn(token)
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
