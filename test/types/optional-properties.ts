import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** An optional property, as its declaration has it. */
export interface OptionalProperty {
  readonly file: string
  readonly name: string
  readonly type: string
}

/** The declarations that entry points are made of: these files and what they import of their package. */
export function declarationsFrom(entries: readonly string[]): string[] {
  const found = new Set<string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.js['"]/g)) {
      const next = join(dirname(file), `${target}.d.ts`)
      if (existsSync(next)) waiting.push(next)
    }
  }
  return [...found].sort()
}

/** The optional properties of a declaration file; optional parameters are not among them. */
export function optionalProperties(
  file: string,
  text = readFileSync(file, 'utf8'),
): OptionalProperty[] {
  const code = text.replace(/\/\*.*?\*\/|\/\/.*$/gms, '')
  return [...code.matchAll(/([\w$]+)\?: /g)].flatMap((match) => {
    const start = match.index + match[0].length
    if (enclosing(code, match.index) !== '{') return []
    return [{ file, name: match[1] ?? '', type: typeAt(code, start) }]
  })
}

const CLOSES: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' }
const OPENS = Object.values(CLOSES)

/** The bracket that a place is in. */
function enclosing(code: string, at: number): string | undefined {
  const open: string[] = []
  for (const c of code.slice(0, at)) {
    if (OPENS.includes(c)) open.push(c)
    else if (c in CLOSES) open.pop()
  }
  return open.at(-1)
}

/** The type that starts at a place, up to the semicolon that ends the property. */
function typeAt(code: string, start: number): string {
  let depth = 0
  for (let at = start; at < code.length; at++) {
    const c = code.charAt(at)
    if (OPENS.includes(c)) depth++
    else if (c in CLOSES) depth--
    if (depth < 0 || (depth === 0 && c === ';')) return code.slice(start, at).trim()
  }
  return code.slice(start).trim()
}
