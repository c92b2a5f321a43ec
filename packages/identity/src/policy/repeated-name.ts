/** An object or a list of a JSON text that is being read. */
interface Open {
  /** Undefined for a list. */
  readonly names: Set<string> | undefined
  /** The name or number of the member that is being read. */
  at: string | number
  expectsName: boolean
}

/**
 * The path of the first name that an object in a JSON text has twice, such as `hops[1].from`;
 * undefined where there is none. `JSON.parse` takes the last one and says nothing (RFC 8259 section
 * 4 leaves that open), so that what its author reads first is not what is in force.
 *
 * The text must be JSON already.
 */
export function repeatedName(text: string): string | undefined {
  const open: Open[] = []
  for (let at = 0; at < text.length; at++) {
    const inner = open.at(-1)
    const character = text[at]
    if (character === '"') {
      const end = stringEnd(text, at)
      if (inner?.names !== undefined && inner.expectsName) {
        inner.at = nameOf(text.slice(at, end))
        if (inner.names.has(inner.at)) return pathOf(open)
        inner.names.add(inner.at)
        inner.expectsName = false
      }
      at = end - 1
    } else if (character === '{') {
      open.push({ names: new Set(), at: '', expectsName: true })
    } else if (character === '[') {
      open.push({ names: undefined, at: 0, expectsName: false })
    } else if (character === '}' || character === ']') {
      open.pop()
    } else if (character === ',' && inner !== undefined) {
      if (typeof inner.at === 'number') inner.at++
      else inner.expectsName = true
    }
  }
  return undefined
}

/** Behind the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** `"\u0066rom"` is `from`. */
function nameOf(literal: string): string {
  return String(JSON.parse(literal))
}

function pathOf(open: readonly Open[]): string {
  return open
    .map(({ at }) => (typeof at === 'number' ? `[${at}]` : `.${at}`))
    .join('')
    .replace(/^\./, '')
}
